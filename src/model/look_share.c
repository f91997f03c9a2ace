/* How much each of several features counts in a row (look_weigh). */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"
#include "model/look.h"
#include "model/model.h"

enum { SAMPLES = 10000, HISTORY = 10, OTHERS = 4, SAMPLES_PER_PIECE = 64 };

typedef struct weighing {
    const look_table *l;
    const split *s;
    const uint32_t *row_of; // (n_products) 1 + the row of a product; 0 = none
    uint64_t seed;
    double (*won)[LOOK_MAX_FEATURES];  // (SAMPLES) comparisons won, ties one half
    double (*made)[LOOK_MAX_FEATURES]; // (SAMPLES) comparisons made
} weighing;

static uint32_t user_of_pair(const split *s, size_t index) {
    uint32_t low = 0, high = s->n_users;
    while (high - low > 1) { // user_start[low] <= index < user_start[high]
        uint32_t middle = low + (high - low) / 2;
        if (s->user_start[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* One feature of a product, of length one; false if the product lacks it. */
static bool see(const weighing *w, uint32_t feature, uint32_t product, float *out) {
    uint32_t row = w->row_of[product];
    if (!row || !w->l->feature[feature].present[product]) return false;
    row--;
    look_view view = {w->l, &row, false, feature + 1};
    row_source rows = look_rows(&view, 1);
    rows.fetch(&view, 0, out);
    return true;
}

/* The sum over some of a user's products but one; false if none has the feature. */
static bool sum_history(const weighing *w, uint32_t feature, uint32_t user, uint32_t but,
                        float *scratch, float *sum) {
    const split *s = w->s;
    uint32_t begin = s->user_start[user], n = s->user_start[user + 1] - begin;
    random_stream r = random_open(w->seed, "history", user);
    bool any = false;
    memset(sum, 0, look_width(&w->l->space, feature) * sizeof *sum);
    for (uint32_t i = 0; i < (n < HISTORY ? n : HISTORY); i++) {
        uint32_t k = n <= HISTORY ? i : (uint32_t)random_below(&r, n);
        uint32_t product = s->product[begin + k];
        if (product == but || !see(w, feature, product, scratch)) continue;
        vec_add(sum, scratch, look_width(&w->l->space, feature));
        any = true;
    }
    return any;
}

/* Compares a product that a user bought with products of other pairs. */
static void weigh_pair(const weighing *w, size_t sample, uint32_t feature, float *scratch,
                       float *sum) {
    const split *s = w->s;
    uint32_t width = look_width(&w->l->space, feature);
    random_stream r = random_open(w->seed, "bought", sample);
    size_t index = random_below(&r, s->n_train);
    uint32_t user = user_of_pair(s, index), product = s->product[index];
    if (!sum_history(w, feature, user, product, scratch, sum)) return;
    if (!see(w, feature, product, scratch)) return;
    float own = vec_dot(sum, scratch, width);
    for (int i = 0; i < OTHERS; i++) {
        uint32_t other = s->product[random_below(&r, s->n_train)];
        const uint32_t *bought = s->product + s->user_start[user];
        if (rows_hold(bought, s->user_start[user + 1] - s->user_start[user], other)) continue;
        if (!see(w, feature, other, scratch)) continue;
        float theirs = vec_dot(sum, scratch, width);
        w->won[sample][feature] += own > theirs ? 1 : own == theirs ? 0.5 : 0;
        w->made[sample][feature]++;
    }
}

static lb_status weigh_pairs(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const weighing *w = context;
    float *scratch;
    LB_TRY(NEW_ARRAY(scratch, 2 * (size_t)w->l->dim));
    for (size_t i = begin; i < end; i++)
        for (uint32_t f = 0; f < w->l->space.n_features; f++)
            weigh_pair(w, i, f, scratch, scratch + w->l->dim);
    free(scratch);
    return LB_OK;
}

/* Squares of the distance from chance: what independent cues of one kind add up by. */
static void set_shares(job *j, look_table *l, const double *auc) {
    double sum = 0;
    for (uint32_t f = 0; f < l->space.n_features; f++) sum += pow(fmax(0, auc[f] - 0.5), 2);
    for (uint32_t f = 0; f < l->space.n_features; f++) {
        if (sum > 0) l->space.share[f] = (float)(pow(fmax(0, auc[f] - 0.5), 2) / sum);
        job_note(j, "features",
                 "%s tells what a person buys from what others buy: AUC %.3f; "
                 "share %.2f",
                 l->feature[f].name, auc[f], (double)l->space.share[f]);
    }
}

lb_status look_weigh(job *j, look_table *l, const split *s, uint64_t seed) {
    double auc[LOOK_MAX_FEATURES];
    uint32_t *row_of = NULL;
    weighing w = {.l = l, .s = s, .seed = seed};
    lb_status status = LB_OK;
    if (l->space.n_features == 1) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(row_of, s->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(w.won, SAMPLES));
    LB_TRY_CLEANUP(NEW_ARRAY(w.made, SAMPLES));
    for (uint32_t i = 0; i < l->n; i++) row_of[l->product[i]] = i + 1;
    w.row_of = row_of;
    LB_TRY_CLEANUP(job_run_range(j, SAMPLES, SAMPLES_PER_PIECE, weigh_pairs, &w));
    for (uint32_t f = 0; f < l->space.n_features; f++) {
        double won = 0, made = 0;
        for (size_t i = 0; i < SAMPLES; i++) {
            won += w.won[i][f];
            made += w.made[i][f];
        }
        auc[f] = made > 0 ? won / made : 0.5;
    }
    set_shares(j, l, auc);
cleanup:
    free(row_of);
    free(w.won);
    free(w.made);
    return status;
}
