#include "model/pairwise.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/adam.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/density.h"
#include "model/evaluation.h"
#include "model/skipgram.h"

enum {
    MAX_BLOCKS = 32,
    NODES_PER_BLOCK = 400, // about; j is drawn from one block
    REDRAWS = 16,          // of a j that the user bought, before the triple is left out
    EPOCHS_PER_LOOK = 2,   // at the validation pairs
    EPOCHS_PER_CHECKPOINT = 10,
};

/* Deals nodes into blocks: which one each is in, and the members of each. */
typedef struct dealing {
    uint8_t *block_of; // (n) of the nodes that were dealt
    uint32_t *member;  // block after block, from start[block] on
    uint32_t start[MAX_BLOCKS + 1];
} dealing;

typedef struct trainer {
    const split *split;
    const pairwise_options *options;
    pairwise_table *table;
    uint64_t seed; // of this epoch
    uint32_t n_blocks, round;
    float rate;
    dealing users, products;
    uint32_t *user_of;  // (n_train)
    uint32_t *positive; // (n_train) positions in the training part, by cell
    size_t cell_start[MAX_BLOCKS * MAX_BLOCKS + 1];
    size_t n_triples[MAX_BLOCKS]; // of the round, by user block
    pairwise_reach reach;
    float *gradient; // (visual_dim + 1, n_components) of E and, the last row, b'
    pairwise_progress progress;
} trainer;

/* ---- options */

pairwise_options pairwise_settle(const pairwise_options *options, const split *s, int is_visual) {
    const double slowest = 0.05, fastest = is_visual ? 0.1 : 0.4;
    pairwise_options o = *options;
    density d = density_of(s);
    if (o.rate <= 0) o.rate = fmin(fmax(3 * d.n_users / fmax(d.n_train, 1), slowest), fastest);
    if (o.last_rate < 0) o.last_rate = 0.05 * o.rate;
    if (o.l2 < 0) o.l2 = 0.07 * d.normalised_edge;
    if (o.l2_visual < 0) o.l2_visual = 0.5 * o.l2;
    return o;
}

/* ---- the table */

static void start_rows(float *rows, size_t n, size_t width, size_t first, size_t length,
                       const char *purpose, uint64_t seed) {
    for (size_t i = 0; i < n; i++) {
        random_stream r = random_open(seed, purpose, i);
        for (size_t d = 0; d < length; d++)
            rows[i * width + first + d] = (float)(0.1 * random_normal(&r));
    }
}

lb_status pairwise_table_new(const split *s, const pairwise_options *options, const float *feature,
                             uint32_t n_components, uint64_t seed, pairwise_table *out) {
    pairwise_table t = {
        .n_users = s->n_users,
        .n_products = s->n_products,
        .dim = (uint32_t)options->dim,
        .visual_dim = feature ? (uint32_t)options->visual_dim : 0,
        .n_components = feature ? n_components : 0,
        .feature = feature,
    };
    size_t width = pairwise_width(&t);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(t.user, t.n_users * width));
    LB_TRY_CLEANUP(NEW_ARRAY(t.product, t.n_products * width));
    LB_TRY_CLEANUP(NEW_ARRAY(t.bias, t.n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(t.look_bias, t.n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(t.map, (size_t)t.visual_dim * t.n_components));
    LB_TRY_CLEANUP(NEW_ARRAY(t.map_bias, t.n_components));
    start_rows(t.user, t.n_users, width, 0, t.dim, "pairwise users", seed);
    start_rows(t.product, t.n_products, width, 0, t.dim, "pairwise products", seed);
    start_rows(t.user, t.n_users, width, t.dim, t.visual_dim, "pairwise visual users", seed);
    start_rows(t.map, t.visual_dim, t.n_components, 0, t.n_components, "pairwise map", seed);
    LB_TRY_CLEANUP(pairwise_place(NULL, &t));
    *out = t;
    return LB_OK;
cleanup:
    pairwise_table_free(&t);
    return status;
}

void pairwise_table_free(pairwise_table *t) {
    free(t->user);
    free(t->product);
    free(t->bias);
    free(t->look_bias);
    free(t->map);
    free(t->map_bias);
    *t = (pairwise_table){0};
}

lb_status pairwise_place(job *j, pairwise_table *t) {
    if (!t->visual_dim) return LB_OK;
    LB_TRY(matrix_multiply_parallel(j, 0, 1, t->n_products, t->visual_dim, t->n_components, 1,
                                    t->feature, t->n_components, t->map, t->n_components, 0,
                                    t->product + t->dim, pairwise_width(t)));
    return matrix_multiply_parallel(j, 0, 0, t->n_products, 1, t->n_components, 1, t->feature,
                                    t->n_components, t->map_bias, 1, 0, t->look_bias, 1);
}

/* ---- gradients */

void pairwise_step(pairwise_table *t, const pairwise_options *options, float rate, uint32_t user,
                   uint32_t better, uint32_t worse, pairwise_reach *reach, float *scratch) {
    const math_kernels *math = math_table();
    size_t width = pairwise_width(t), dim = t->dim, visual = t->visual_dim;
    float *u = t->user + user * width, *i = t->product + better * width,
          *j = t->product + worse * width, *towards = scratch, *unused = scratch + width;
    // the two parts apart, so that a visual part of zeros changes no bit
    float z = t->bias[better] - t->bias[worse] + (math->dot(u, i, dim) - math->dot(u, j, dim)) +
              (t->look_bias[better] - t->look_bias[worse]) +
              (visual ? math->dot(u + dim, i + dim, visual) - math->dot(u + dim, j + dim, visual)
                      : 0);
    float slope = skipgram_sigmoid(-z), step = rate * slope, decay = rate * (float)options->l2,
          bias_decay = rate * (float)options->l2_bias;
    t->bias[better] += step - bias_decay * t->bias[better];
    t->bias[worse] += -step - bias_decay * t->bias[worse];
    memset(scratch, 0, 2 * width * sizeof *scratch);
    math->sgns_update(i, towards, u, NULL, step, decay, dim);
    math->sgns_update(j, towards, u, NULL, -step, decay, dim);
    math->sgns_update(u, unused, towards, NULL, 1, decay, dim);
    if (!visual) return;
    reach->bias[better] += slope;
    reach->bias[worse] -= slope;
    math->axpy(reach->vector + better * visual, slope, u + dim, visual);
    math->axpy(reach->vector + worse * visual, -slope, u + dim, visual);
    math->axpy(towards + dim, step, i + dim, visual);
    math->axpy(towards + dim, -step, j + dim, visual);
    math->sgns_update(u + dim, unused + dim, towards + dim, NULL, 1,
                      rate * (float)options->l2_visual, visual);
}

lb_status pairwise_map_gradient(job *j, const pairwise_table *t, const pairwise_options *options,
                                const pairwise_reach *reach, size_t n_triples, float *map,
                                float *map_bias) {
    size_t n = t->n_components;
    float mean = 1.0f / (float)n_triples, decay = -(float)options->l2_map;
    LB_TRY(matrix_multiply_parallel(j, 1, 0, t->visual_dim, n, t->n_products, mean, reach->vector,
                                    t->visual_dim, t->feature, n, 0, map, n));
    LB_TRY(matrix_multiply_parallel(j, 1, 0, 1, n, t->n_products, mean, reach->bias, 1, t->feature,
                                    n, 0, map_bias, n));
    vec_axpy(map, decay, t->map, t->visual_dim * n);
    vec_axpy(map_bias, decay, t->map_bias, n);
    return LB_OK;
}

/* The round's step on E and b'. */
static lb_status step_map(job *j, trainer *e) {
    pairwise_table *t = e->table;
    size_t n = t->n_components, n_map = t->visual_dim * n, n_triples = 0;
    float *bias_gradient = e->gradient + n_map;
    adam_options adam;
    for (uint32_t b = 0; b < e->n_blocks; b++) n_triples += e->n_triples[b];
    if (!t->visual_dim || !n_triples) return LB_OK;
    LB_TRY(
        pairwise_map_gradient(j, t, e->options, &e->reach, n_triples, e->gradient, bias_gradient));
    memset(e->reach.vector, 0, (size_t)t->n_products * t->visual_dim * sizeof(float));
    memset(e->reach.bias, 0, t->n_products * sizeof(float));
    vec_scale(e->gradient, -1, n_map + n); // Adam descends
    adam_options_init(&adam);
    adam.rate = e->options->visual_rate * (double)e->rate / e->options->rate;
    e->progress.map_step++;
    LB_TRY(adam_step(j, &adam, e->progress.map_step, t->map, e->gradient, e->progress.moments[0],
                     e->progress.moments[1], n_map));
    LB_TRY(adam_step(j, &adam, e->progress.map_step, t->map_bias, bias_gradient,
                     e->progress.moments[0] + n_map, e->progress.moments[1] + n_map, n));
    return pairwise_place(j, t);
}

/* ---- an epoch */

static uint32_t choose_blocks(const split *s, const pairwise_options *options) {
    uint32_t smaller = s->n_users < s->n_products ? s->n_users : s->n_products;
    uint32_t n = options->blocks ? (uint32_t)options->blocks : smaller / NODES_PER_BLOCK;
    return n < 1 ? 1 : n > MAX_BLOCKS ? MAX_BLOCKS : n;
}

/* Deals the nodes with a degree in random order, one to each block in turn. */
static lb_status deal(dealing *d, uint32_t n, const uint32_t *degree, uint32_t n_blocks,
                      random_stream r) {
    uint32_t *order, next[MAX_BLOCKS], turn = 0;
    LB_TRY(NEW_ARRAY(order, n));
    random_permutation(&r, order, n);
    memset(d->start, 0, sizeof d->start);
    for (uint32_t i = 0; i < n; i++) {
        if (!degree[order[i]]) continue;
        d->block_of[order[i]] = (uint8_t)turn;
        d->start[turn + 1]++;
        turn = (turn + 1) % n_blocks;
    }
    for (uint32_t b = 0; b < n_blocks; b++) d->start[b + 1] += d->start[b];
    memcpy(next, d->start, sizeof next);
    for (uint32_t i = 0; i < n; i++)
        if (degree[order[i]]) d->member[next[d->block_of[order[i]]]++] = order[i];
    free(order);
    return LB_OK;
}

static size_t cell_of(const trainer *e, size_t k) {
    return (size_t)e->users.block_of[e->user_of[k]] * e->n_blocks +
           e->products.block_of[e->split->product[k]];
}

static lb_status sort_positives(trainer *e) {
    size_t n = e->split->n_train, n_cells = (size_t)e->n_blocks * e->n_blocks, *next;
    LB_TRY(NEW_ARRAY(next, n_cells));
    memset(e->cell_start, 0, sizeof e->cell_start);
    for (size_t k = 0; k < n; k++) e->cell_start[cell_of(e, k) + 1]++;
    for (size_t c = 0; c < n_cells; c++) e->cell_start[c + 1] += e->cell_start[c];
    memcpy(next, e->cell_start, n_cells * sizeof *next);
    for (size_t k = 0; k < n; k++) e->positive[next[cell_of(e, k)]++] = (uint32_t)k;
    free(next);
    return LB_OK;
}

static int has_bought(const split *s, uint32_t user, uint32_t product) {
    uint32_t low = s->user_start[user], high = s->user_start[user + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->product[middle] < product)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->user_start[user + 1] && s->product[low] == product;
}

static lb_status train_cell(void *context, size_t item, unsigned worker) {
    (void)worker;
    trainer *e = context;
    uint32_t users = (uint32_t)item, products = (users + e->round) % e->n_blocks;
    size_t cell = (size_t)users * e->n_blocks + products, begin = e->cell_start[cell];
    size_t n = e->cell_start[cell + 1] - begin, n_triples = 0;
    const uint32_t *member = e->products.member + e->products.start[products];
    uint32_t n_members = e->products.start[products + 1] - e->products.start[products];
    random_stream r = random_open(e->seed, "pairwise cell", cell);
    float *scratch;
    LB_TRY(NEW_ARRAY(scratch, 2 * (size_t)pairwise_width(e->table)));
    random_shuffle(&r, e->positive + begin, n);
    for (size_t k = begin; k < begin + n; k++) {
        uint32_t better = e->split->product[e->positive[k]], user = e->user_of[e->positive[k]];
        for (int tries = 0; tries < REDRAWS; tries++) {
            uint32_t worse = member[random_below(&r, n_members)];
            if (has_bought(e->split, user, worse)) continue;
            pairwise_step(e->table, e->options, e->rate, user, better, worse, &e->reach, scratch);
            n_triples++;
            break;
        }
    }
    e->n_triples[users] = n_triples;
    free(scratch);
    return LB_OK;
}

static lb_status train_epoch(job *j, trainer *e, const uint32_t *user_degree, int number,
                             uint64_t seed) {
    const pairwise_options *o = e->options;
    random_stream r = random_open(seed, "pairwise epoch", (uint64_t)number);
    double done = (double)number / o->epochs;
    e->seed = random_u64(&r);
    e->rate = (float)(o->rate + (o->last_rate - o->rate) * done);
    LB_TRY(deal(&e->users, e->split->n_users, user_degree, e->n_blocks,
                random_open(e->seed, "pairwise user blocks", 0)));
    LB_TRY(deal(&e->products, e->split->n_products, e->split->degree, e->n_blocks,
                random_open(e->seed, "pairwise product blocks", 0)));
    LB_TRY(sort_positives(e));
    for (e->round = 0; e->round < e->n_blocks; e->round++) {
        LB_TRY(job_run(j, e->n_blocks, train_cell, e));
        LB_TRY(step_map(j, e));
    }
    return LB_OK;
}

/* ---- the best state */

static lb_status best_new(const pairwise_table *t, pairwise_progress *p) {
    LB_TRY(NEW_ARRAY(p->user, (size_t)t->n_users * pairwise_width(t)));
    LB_TRY(NEW_ARRAY(p->product, (size_t)t->n_products * pairwise_width(t)));
    LB_TRY(NEW_ARRAY(p->bias, t->n_products));
    LB_TRY(NEW_ARRAY(p->look_bias, t->n_products));
    LB_TRY(NEW_ARRAY(p->map, (size_t)t->visual_dim * t->n_components));
    return NEW_ARRAY(p->map_bias, t->n_components);
}

static void progress_free(pairwise_progress *p) {
    free(p->moments[0]);
    free(p->moments[1]);
    free(p->user);
    free(p->product);
    free(p->bias);
    free(p->look_bias);
    free(p->map);
    free(p->map_bias);
}

static void swap_floats(float **a, float **b) {
    float *other = *a;
    *a = *b;
    *b = other;
}

static void keep(pairwise_progress *p, const pairwise_table *t, double auc) {
    size_t width = pairwise_width(t);
    p->best_auc = auc;
    p->best_epoch = p->epoch;
    memcpy(p->user, t->user, t->n_users * width * sizeof(float));
    memcpy(p->product, t->product, t->n_products * width * sizeof(float));
    memcpy(p->bias, t->bias, t->n_products * sizeof(float));
    memcpy(p->look_bias, t->look_bias, t->n_products * sizeof(float));
    if (!t->visual_dim) return;
    memcpy(p->map, t->map, (size_t)t->visual_dim * t->n_components * sizeof(float));
    memcpy(p->map_bias, t->map_bias, t->n_components * sizeof(float));
}

/* An eval_score; cold products by their looks alone. */
static lb_status score_users(void *context, const uint32_t *users, size_t n, float *scores,
                             unsigned worker) {
    (void)worker;
    const trainer *e = context;
    const pairwise_table *t = e->table;
    size_t width = pairwise_width(t);
    float *rows;
    LB_TRY(NEW_ARRAY(rows, n * width));
    for (size_t i = 0; i < n; i++)
        memcpy(rows + i * width, t->user + users[i] * width, width * sizeof *rows);
    lb_status status = matrix_multiply(0, 1, n, t->n_products, width, 1, rows, width, t->product,
                                       width, 0, scores, t->n_products);
    for (size_t i = 0; i < n && status == LB_OK; i++)
        for (size_t p = 0; p < t->n_products; p++)
            scores[i * t->n_products + p] += t->bias[p] + t->look_bias[p];
    free(rows);
    return status;
}

static lb_status check_finite(const pairwise_table *t) {
    size_t n = (size_t)t->n_products * pairwise_width(t);
    int finite = 1;
    for (size_t i = 0; i < n && finite; i++) finite = isfinite(t->product[i]);
    for (size_t p = 0; p < t->n_products && finite; p++)
        finite = isfinite(t->bias[p] + t->look_bias[p]);
    for (size_t i = 0; i < (size_t)t->n_users * pairwise_width(t) && finite; i++)
        finite = isfinite(t->user[i]);
    if (finite) return LB_OK;
    return status_fail(LB_E_NUMERIC, "the training diverged: lower rate or l2 and train again");
}

static lb_status record(const trainer *e, int epoch, double auc[EVAL_KINDS][EVAL_SETS]) {
    const pairwise_table *t = e->table;
    size_t width = pairwise_width(t);
    const curve_value values[] = {
        {CURVE_AUC_WARM, auc[EVAL_WARM][EVAL_OWN]},
        {CURVE_AUC_COLD, t->visual_dim ? auc[EVAL_COLD][EVAL_OWN] : NAN},
        {CURVE_USER_COSINE, curve_user_cosine(e->split, t->user, width, width)},
    };
    return curve_add(t->curve, epoch, values, sizeof values / sizeof *values);
}

static lb_status look_at_validation(job *j, const char *name, trainer *e) {
    pairwise_progress *p = &e->progress;
    eval_input in = evaluation_input(e->split, e->split->valid, e->split->n_valid, NULL, 0);
    double auc[EVAL_KINDS][EVAL_SETS];
    LB_TRY(check_finite(e->table));
    LB_TRY(eval_auc_quick(j, &in, score_users, e, auc));
    double own = auc[EVAL_WARM][EVAL_OWN];
    if (e->table->visual_dim && !isnan(auc[EVAL_COLD][EVAL_OWN]))
        job_note(j, name, "epoch %d: validation AUC warm %.4f, cold %.4f", p->epoch, own,
                 auc[EVAL_COLD][EVAL_OWN]);
    else
        job_note(j, name, "epoch %d: validation AUC %.4f", p->epoch, own);
    if (!p->best_epoch || own > p->best_auc) keep(p, e->table, own);
    return record(e, p->epoch, auc);
}

/* Puts the best state into the table. */
static void take_best(job *j, const char *name, trainer *e) {
    pairwise_progress *p = &e->progress;
    job_note(j, name, "kept the state after epoch %d: validation AUC %.4f", p->best_epoch,
             p->best_auc);
    swap_floats(&e->table->user, &p->user);
    swap_floats(&e->table->product, &p->product);
    swap_floats(&e->table->bias, &p->bias);
    swap_floats(&e->table->look_bias, &p->look_bias);
    swap_floats(&e->table->map, &p->map);
    swap_floats(&e->table->map_bias, &p->map_bias);
}

static lb_status train_epochs(job *j, const char *name, const fit_input *in,
                              const model_common *common, trainer *e, const uint32_t *user_degree) {
    const pairwise_options *o = e->options;
    pairwise_progress *p = &e->progress;
    const bool watched = curve_has_warm_validation(e->split);
    if (watched) LB_TRY(best_new(e->table, p));
    if (in->checkpoint && in->resume)
        LB_TRY(pairwise_checkpoint_read(j, name, in, common, e->table, p));
    while (p->epoch < o->epochs && (!watched || p->epoch - p->best_epoch < o->patience)) {
        LB_TRY(train_epoch(j, e, user_degree, p->epoch, in->seed));
        p->epoch++;
        if (watched && (p->epoch % EPOCHS_PER_LOOK == 0 || p->epoch == o->epochs))
            LB_TRY(look_at_validation(j, name, e));
        if (in->checkpoint && p->epoch % EPOCHS_PER_CHECKPOINT == 0)
            LB_TRY(pairwise_checkpoint_write(name, in, common, e->table, p));
        LB_TRY(job_progress(j, name, "epochs", (uint64_t)p->epoch, (uint64_t)o->epochs));
    }
    LB_TRY(check_finite(e->table));
    if (watched) take_best(j, name, e);
    return LB_OK;
}

static lb_status trainer_new(trainer *e, uint32_t *user_degree) {
    const split *s = e->split;
    const pairwise_table *t = e->table;
    size_t n_map = ((size_t)t->visual_dim + 1) * t->n_components;
    for (uint32_t u = 0; u < s->n_users; u++)
        user_degree[u] = s->user_start[u + 1] - s->user_start[u];
    LB_TRY(NEW_ARRAY(e->users.block_of, s->n_users));
    LB_TRY(NEW_ARRAY(e->users.member, s->n_users));
    LB_TRY(NEW_ARRAY(e->products.block_of, s->n_products));
    LB_TRY(NEW_ARRAY(e->products.member, s->n_products));
    LB_TRY(NEW_ARRAY(e->user_of, s->n_train));
    LB_TRY(NEW_ARRAY(e->positive, s->n_train));
    LB_TRY(NEW_ARRAY(e->reach.vector, (size_t)t->n_products * t->visual_dim));
    LB_TRY(NEW_ARRAY(e->reach.bias, t->n_products));
    LB_TRY(NEW_ARRAY(e->gradient, n_map));
    LB_TRY(NEW_ARRAY(e->progress.moments[0], n_map));
    LB_TRY(NEW_ARRAY(e->progress.moments[1], n_map));
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++) e->user_of[k] = u;
    for (uint32_t p = 0; p < s->n_products; p++) // nothing is learnt of their g_p
        if (!s->degree[p])
            memset(t->product + (size_t)p * pairwise_width(t), 0, t->dim * sizeof(float));
    return LB_OK;
}

static void trainer_free(trainer *e) {
    free(e->users.block_of);
    free(e->users.member);
    free(e->products.block_of);
    free(e->products.member);
    free(e->user_of);
    free(e->positive);
    free(e->reach.vector);
    free(e->reach.bias);
    free(e->gradient);
    progress_free(&e->progress);
    free(e);
}

lb_status pairwise_train(job *j, const char *name, const fit_input *in, const model_common *common,
                         const pairwise_options *options, pairwise_table *t) {
    const split *s = in->split;
    trainer *e = NULL;
    uint32_t *user_degree = NULL;
    lb_status status = LB_OK;
    if (!s->n_train) return status_fail(LB_E_EMPTY, "no interactions to learn from");
    LB_TRY_CLEANUP(NEW_ARRAY(e, 1));
    *e = (trainer){.split = s, .options = options, .table = t};
    e->n_blocks = choose_blocks(s, options);
    LB_TRY_CLEANUP(NEW_ARRAY(user_degree, s->n_users));
    LB_TRY_CLEANUP(trainer_new(e, user_degree));
    LB_TRY_CLEANUP(train_epochs(j, name, in, common, e, user_degree));
cleanup:
    free(user_degree);
    if (e) trainer_free(e);
    return status;
}
