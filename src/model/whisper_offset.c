/* How far cold products are lifted in a list with warm ones where a person asks for something. What
 * is asked for weighs less than what a person buys, and the places of cold products are guessed: in
 * one list they would come late. The offset is t Delta, Delta being how much the best warm product
 * is above the best cold one on average over validation requests; t is that with the best mean
 * reciprocal rank in the whole list, the mean of warm and cold requests, that leaves warm ones nine
 * tenths of theirs: held-out pairs have more cold products than people ask for. */
#include <math.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/whisper.h"

static const double lifts[] = {0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1, 1.25, 1.5}; // t

static const double LEFT = 0.9;

enum { N_LIFTS = sizeof lifts / sizeof *lifts, GRAIN = 4, MOST = 2000, ENOUGH = 30 };

typedef struct offset_context {
    const fit_input *in;
    const model_common *common;
    const whisper_model *m;
    model_part part[MODEL_MAX_PARTS];
    size_t step;
    double gap;               // Delta, once it is known
    double *above;            // (n) best warm minus best cold score
    double (*found)[N_LIFTS]; // (n) reciprocal ranks in the whole list
    uint8_t *which;           // (n) partition of the product that was meant
} offset_context;

/* Takes what the user has, but for the one that is meant, out of the warm products' list; both
 * ascend. */
static void drop_history(const offset_context *c, const request *q, float *scores) {
    const split *s = c->in->split;
    size_t at = 0;
    for (uint32_t k = s->user_start[q->user]; k < s->user_start[q->user + 1]; k++) {
        while (at < c->part[0].n && c->part[0].product[at] < s->product[k]) at++;
        bool there = at < c->part[0].n && c->part[0].product[at] == s->product[k];
        if (there && s->product[k] != q->product) scores[at] = -INFINITY;
    }
}

/* Scores of both partitions; what cannot stand in the list is -INFINITY. */
static lb_status score(const offset_context *c, const request *q, float *const scores[]) {
    float *query[MODEL_MAX_PARTS] = {NULL};
    lb_status status = LB_OK;
    for (int p = 0; p < MODEL_MAX_PARTS; p++) LB_TRY_CLEANUP(NEW_ARRAY(query[p], c->part[p].dim));
    LB_TRY_CLEANUP(whisper_query_request(c->m, c->common, q->user, q->text, query));
    for (int p = 0; p < MODEL_MAX_PARTS; p++)
        for (size_t k = 0; k < c->part[p].n; k++) {
            const model_part *part = &c->part[p];
            scores[p][k] = c->in->split->in_catalogue[part->product[k]]
                               ? vec_dot(query[p], part->vector + k * part->dim, part->dim)
                               : -INFINITY;
        }
    drop_history(c, q, scores[0]);
cleanup:
    for (int p = 0; p < MODEL_MAX_PARTS; p++) free(query[p]);
    return status;
}

static double best_of(const float *scores, size_t n) {
    double best = -INFINITY;
    for (size_t k = 0; k < n; k++) best = fmax(best, (double)scores[k]);
    return best;
}

/* Scores above `mark`, ties half. */
static double count_above(const float *scores, size_t n, double mark) {
    double above = 0;
    for (size_t k = 0; k < n; k++)
        above += (double)scores[k] > mark ? 1 : (double)scores[k] < mark ? 0 : 0.5;
    return above;
}

static void rank(const offset_context *c, size_t i, uint32_t product, float *const scores[]) {
    int which = c->in->split->degree[product] ? 0 : 1, other = 1 - which;
    const model_part *part = &c->part[which];
    size_t at = 0;
    while (at < part->n && part->product[at] != product) at++;
    if (at == part->n) return;
    double mark = (double)scores[which][at];
    double better = count_above(scores[which], part->n, mark) - 0.5; // it is not above itself
    c->which[i] = (uint8_t)which;
    for (int t = 0; t < N_LIFTS; t++) {
        double lift = which ? lifts[t] * c->gap : -lifts[t] * c->gap;
        c->found[i][t] = 1 /
                         (1 + better + count_above(scores[other], c->part[other].n, mark + lift));
    }
}

static lb_status measure(const offset_context *c, size_t i) {
    const request *q = &c->in->valid_requests->request[i * c->step];
    float *scores[MODEL_MAX_PARTS] = {NULL};
    lb_status status = LB_OK;
    for (int p = 0; p < MODEL_MAX_PARTS; p++) LB_TRY_CLEANUP(NEW_ARRAY(scores[p], c->part[p].n));
    LB_TRY_CLEANUP(score(c, q, scores));
    c->which[i] = MODEL_MAX_PARTS;
    c->above[i] = best_of(scores[0], c->part[0].n) - best_of(scores[1], c->part[1].n);
    rank(c, i, q->product, scores);
cleanup:
    for (int p = 0; p < MODEL_MAX_PARTS; p++) free(scores[p]);
    return status;
}

static lb_status measure_range(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    for (size_t i = begin; i < end; i++) LB_TRY(measure(context, i));
    return LB_OK;
}

static double mean_gap(const offset_context *c, size_t n) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(c->above[i])) continue;
        sum += c->above[i];
        count++;
    }
    return count > 0 ? sum / count : 0;
}

/* The mean reciprocal rank of each kind at one lift; false with too few requests. */
static bool mean_ranks(const offset_context *c, size_t n, int lift, double mrr[MODEL_MAX_PARTS]) {
    double count[MODEL_MAX_PARTS] = {0};
    for (int p = 0; p < MODEL_MAX_PARTS; p++) mrr[p] = 0;
    for (size_t i = 0; i < n; i++) {
        if (c->which[i] == MODEL_MAX_PARTS) continue;
        mrr[c->which[i]] += c->found[i][lift];
        count[c->which[i]]++;
    }
    for (int p = 0; p < MODEL_MAX_PARTS; p++) {
        if (count[p] < ENOUGH) return false;
        mrr[p] /= count[p];
    }
    return true;
}

static void choose(job *j, const offset_context *c, size_t n, whisper_model *m) {
    double best = -1, t = m->options.cold_offset, mrr[MODEL_MAX_PARTS], warm = 0;
    for (int k = 0; k < N_LIFTS; k++) {
        if (!mean_ranks(c, n, k, mrr)) return;
        job_note(j, "whisper", "cold offset %.3f: validation MRR warm all %.4f, cold all %.4f",
                 lifts[k], mrr[0], mrr[1]);
        if (k == 0) warm = mrr[0];
        if (mrr[0] + mrr[1] <= best || mrr[0] < LEFT * warm) continue;
        best = mrr[0] + mrr[1];
        if (m->options.cold_offset < 0) t = lifts[k];
    }
    m->offset = t * c->gap;
}

lb_status whisper_choose_offset(job *j, const fit_input *in, const model_common *common,
                                whisper_model *m) {
    offset_context c = {.in = in, .common = common, .m = m, .step = 1};
    size_t all = in->valid_requests ? in->valid_requests->n : 0;
    lb_status status = LB_OK;
    if (whisper_class.parts(m, c.part) < MODEL_MAX_PARTS || !c.part[0].n || !c.part[1].n)
        return LB_OK;
    while (all / c.step > MOST) c.step++;
    size_t n = (all + c.step - 1) / c.step;
    if (!n) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(c.above, n));
    LB_TRY_CLEANUP(NEW_ARRAY(c.found, n));
    LB_TRY_CLEANUP(NEW_ARRAY(c.which, n));
    LB_TRY_CLEANUP(job_run_range(j, n, GRAIN, measure_range, &c));
    c.gap = mean_gap(&c, n);
    LB_TRY_CLEANUP(job_run_range(j, n, GRAIN, measure_range, &c));
    choose(j, &c, n, m);
    whisper_lift(m);
cleanup:
    free(c.above);
    free(c.found);
    free(c.which);
    return status;
}
