#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "eval/relations.h"
#include "math/adam.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/curve.h"
#include "model/ibr.h"

enum {
    LEAST_STEPS = 16,
    LEAST_BATCH = 128,
    PAIRS_PER_PIECE = 1024,
    ROWS_PER_PIECE = 64,
    BLOCK_BYTES = 1 << 27, // of features in memory
    BLOCK_STEP = 256,      // rows; gemm.c's shards
};

/* ---- features in blocks */

size_t ibr_block_rows(size_t dim) {
    size_t rows = BLOCK_BYTES / (dim * sizeof(float)) / BLOCK_STEP * BLOCK_STEP;
    return rows ? rows : BLOCK_STEP;
}

/* Rows from `first` on are in w->feature, `*n` of them. */
static lb_status hold(job *j, const ibr_problem *p, size_t first, ibr_work *w, size_t *n) {
    *n = p->features.n - first < p->block ? p->features.n - first : p->block;
    if (w->n_held == *n && w->held_first == first) return LB_OK;
    w->n_held = 0;
    LB_TRY(rows_fetch(j, &p->features, first, *n, w->feature));
    w->held_first = first;
    w->n_held = *n;
    return LB_OK;
}

lb_status ibr_project(job *j, const ibr_problem *p, const float *map, ibr_work *w) {
    size_t dim = p->features.dim, rank = p->rank, n;
    for (size_t first = 0; first < p->features.n; first += n) {
        LB_TRY(hold(j, p, first, w, &n));
        LB_TRY(matrix_multiply_parallel(j, 0, 0, n, rank, dim, 1, w->feature, dim, map, rank, 0,
                                        w->style + first * rank, rank));
    }
    return LB_OK;
}

/* dL/dY (dim, rank) from w->pull. */
static lb_status gather(job *j, const ibr_problem *p, ibr_work *w, float *gradient) {
    size_t dim = p->features.dim, rank = p->rank, n;
    for (size_t first = 0; first < p->features.n; first += n) {
        LB_TRY(hold(j, p, first, w, &n));
        LB_TRY(matrix_multiply_parallel(j, 1, 0, dim, rank, n, 1, w->feature, dim,
                                        w->pull + first * rank, rank, first ? 1 : 0, gradient,
                                        rank));
    }
    return LB_OK;
}

/* ---- the loss */

void ibr_work_free(ibr_work *w) {
    free(w->style);
    free(w->pull);
    free(w->feature);
    free(w->error);
    free(w->loss);
    free(w->start);
    free(w->at);
    *w = (ibr_work){0};
}

lb_status ibr_work_new(const ibr_problem *p, size_t most, ibr_work *out) {
    ibr_work w = {0};
    lb_status status;
    size_t n = p->features.n;
    LB_TRY_CLEANUP(NEW_ARRAY(w.style, n * p->rank));
    LB_TRY_CLEANUP(NEW_ARRAY(w.pull, n * p->rank));
    LB_TRY_CLEANUP(NEW_ARRAY(w.feature, (n < p->block ? n : p->block) * p->features.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(w.error, 2 * most));
    LB_TRY_CLEANUP(NEW_ARRAY(w.loss, 2 * most));
    LB_TRY_CLEANUP(NEW_ARRAY(w.start, n + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(w.at, 4 * most));
    *out = w;
    w = (ibr_work){0};
cleanup:
    ibr_work_free(&w);
    return status;
}

typedef struct batch {
    const ibr_problem *problem;
    ibr_work *work;
    const relation *pairs; // (2 n)
    size_t n;
    double c;
} batch;

static const float *style_of(const batch *b, uint32_t row) {
    return b->work->style + (size_t)row * b->problem->rank;
}

static lb_status judge_pairs(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const batch *b = context;
    for (size_t i = begin; i < end; i++) {
        relation r = b->pairs[i];
        bool related = i < b->n;
        double distance = (double)vec_squared_distance(style_of(b, r.a), style_of(b, r.b),
                                                       b->problem->rank);
        double z = b->c - distance, away = related ? -z : z; // L = log(1 + exp(away))
        double likelihood = away > 0 ? away + log1p(exp(-away)) : log1p(exp(away));
        double wrong = 1 / (1 + exp(-away));
        b->work->loss[i] = (float)likelihood;
        b->work->error[i] = (float)((related ? -wrong : wrong) / (double)(2 * b->n));
    }
    return LB_OK;
}

/* Lists the pairs of each row, in the order of pairs. */
static void index_pairs(const batch *b) {
    uint32_t *start = b->work->start, *at = b->work->at;
    size_t n = b->problem->features.n;
    memset(start, 0, (n + 1) * sizeof *start);
    for (size_t i = 0; i < 2 * b->n; i++) {
        start[b->pairs[i].a]++;
        start[b->pairs[i].b]++;
    }
    for (size_t r = 0; r < n; r++) start[r + 1] += start[r];
    for (size_t i = 2 * b->n; i--;) { // counts become beginnings
        at[--start[b->pairs[i].a]] = (uint32_t)i;
        at[--start[b->pairs[i].b]] = (uint32_t)i;
    }
}

/* dL/ds of each row: over its pairs, the sum of -2 e (s - the other's s). */
static lb_status pull_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const batch *b = context;
    const ibr_work *w = b->work;
    size_t rank = b->problem->rank;
    for (size_t row = begin; row < end; row++) {
        float *pull = w->pull + row * rank, sum = 0;
        memset(pull, 0, rank * sizeof *pull);
        for (uint32_t k = w->start[row]; k < w->start[row + 1]; k++) {
            relation r = b->pairs[w->at[k]];
            float e = -2 * w->error[w->at[k]];
            sum += e;
            vec_axpy(pull, -e, style_of(b, r.a == row ? r.b : r.a), rank);
        }
        vec_axpy(pull, sum, style_of(b, (uint32_t)row), rank);
    }
    return LB_OK;
}

lb_status ibr_loss(job *j, const ibr_problem *p, const float *parameters, const relation *pairs,
                   size_t n, ibr_work *w, double *loss, float *gradient) {
    size_t size = p->features.dim * p->rank;
    batch b = {p, w, pairs, n, (double)parameters[size]};
    LB_TRY(ibr_project(j, p, parameters, w));
    LB_TRY(job_run_range(j, 2 * n, PAIRS_PER_PIECE, judge_pairs, &b));
    *loss = vec_sum(w->loss, 2 * n) / (double)(2 * n);
    if (!gradient) return LB_OK;
    gradient[size] = (float)vec_sum(w->error, 2 * n);
    index_pairs(&b);
    LB_TRY(job_run_range(j, p->features.n, ROWS_PER_PIECE, pull_rows, &b));
    return gather(j, p, w, gradient);
}

/* ---- the pairs */

/* Pairs of products become pairs of rows of the looks; those without a feature are left out, and as
 * many of the other kind, at random places of a sorted list. */
static lb_status use_rows(const look_table *l, uint32_t n_products, uint64_t seed,
                          relation_set *set) {
    uint32_t *row;
    size_t kept[2] = {0, 0};
    LB_TRY(NEW_ARRAY(row, n_products));
    for (uint32_t i = 0; i < l->n; i++) row[l->product[i]] = i + 1;
    for (int kind = 0; kind < 2; kind++) {
        relation *half = set->pair + (kind ? set->n : 0);
        random_stream r = random_open(seed, "ibr pairs", (uint64_t)kind);
        for (size_t i = 0; i < set->n; i++) {
            uint32_t a = row[half[i].a], b = row[half[i].b];
            if (!a || !b) continue;
            // what is kept is in random order, so that either list may be cut short
            size_t to = (size_t)random_below(&r, ++kept[kind]);
            half[kept[kind] - 1] = half[to];
            half[to] = (relation){a - 1, b - 1};
        }
    }
    size_t n = kept[0] < kept[1] ? kept[0] : kept[1];
    memmove(set->pair + n, set->pair + set->n, n * sizeof *set->pair);
    set->n = n;
    free(row);
    return LB_OK;
}

/* ---- training */

typedef struct trainer {
    const ibr_options *options;
    ibr_problem problem;
    ibr_work work;
    relation_set train, valid;            // of rows
    relation *batch;                      // (2 half)
    size_t half, size;                    // pairs of each kind in a batch; parameters
    float *now, *best, *gradient, *m, *v; // (size)
    uint32_t *order[2];                   // (train.n) of each kind, drawn anew in each epoch
    uint64_t seed, steps;
} trainer;

static void trainer_free(trainer *t) {
    ibr_work_free(&t->work);
    relation_set_free(&t->train);
    relation_set_free(&t->valid);
    free(t->batch);
    free(t->now);
    free(t->best);
    free(t->gradient);
    free(t->m);
    free(t->v);
    free(t->order[0]);
    free(t->order[1]);
}

/* A random projection keeps distances; c is the mean one. */
static void start_at(trainer *t) {
    random_stream r = random_open(t->seed, "ibr start", 0);
    double sd = 1 / sqrt((double)t->problem.rank);
    for (size_t i = 0; i + 1 < t->size; i++) t->now[i] = (float)(sd * random_normal(&r));
    t->now[t->size - 1] = 1;
    memcpy(t->best, t->now, t->size * sizeof *t->best);
}

static lb_status trainer_new(const ibr_problem *p, const ibr_options *o, uint64_t seed,
                             relation_set train, relation_set valid, trainer *out) {
    trainer t = {.options = o, .problem = *p, .train = train, .valid = valid, .seed = seed};
    lb_status status;
    size_t half = train.n / LEAST_STEPS > LEAST_BATCH ? train.n / LEAST_STEPS : LEAST_BATCH;
    t.half = half < (size_t)o->batch / 2 ? half : (size_t)o->batch / 2;
    if (t.half > train.n) t.half = train.n;
    t.size = p->features.dim * p->rank + 1;
    LB_TRY_CLEANUP(ibr_work_new(p, t.half, &t.work));
    LB_TRY_CLEANUP(NEW_ARRAY(t.batch, 2 * t.half));
    LB_TRY_CLEANUP(NEW_ARRAY(t.now, t.size));
    LB_TRY_CLEANUP(NEW_ARRAY(t.best, t.size));
    LB_TRY_CLEANUP(NEW_ARRAY(t.gradient, t.size));
    LB_TRY_CLEANUP(NEW_ARRAY(t.m, t.size));
    LB_TRY_CLEANUP(NEW_ARRAY(t.v, t.size));
    for (int kind = 0; kind < 2; kind++) LB_TRY_CLEANUP(NEW_ARRAY(t.order[kind], train.n));
    start_at(&t);
cleanup:
    *out = t;
    return status;
}

static lb_status take_step(job *j, trainer *t, size_t begin, size_t n, double *loss) {
    adam_options adam;
    adam_options_init(&adam);
    adam.rate = t->options->rate;
    for (size_t i = 0; i < n; i++) {
        t->batch[i] = t->train.pair[t->order[0][begin + i]];
        t->batch[n + i] = t->train.pair[t->train.n + t->order[1][begin + i]];
    }
    LB_TRY(ibr_loss(j, &t->problem, t->now, t->batch, n, &t->work, loss, t->gradient));
    return adam_step(j, &adam, ++t->steps, t->now, t->gradient, t->m, t->v, t->size);
}

static lb_status run_epoch(job *j, trainer *t, int epoch, double *loss) {
    double sum = 0, one;
    for (int kind = 0; kind < 2; kind++) {
        random_stream r = random_open(t->seed, "ibr epoch", 2 * (uint64_t)epoch + (uint64_t)kind);
        random_permutation(&r, t->order[kind], t->train.n);
    }
    for (size_t begin = 0; begin < t->train.n; begin += t->half) {
        size_t n = t->train.n - begin < t->half ? t->train.n - begin : t->half;
        LB_TRY(job_progress(j, "ibr", "epochs", (uint64_t)epoch, (uint64_t)t->options->epochs));
        LB_TRY(take_step(j, t, begin, n, &one));
        sum += one * (double)n;
    }
    *loss = sum / (double)t->train.n;
    return LB_OK;
}

/* AUC of the validation pairs; NaN where there are none. */
static lb_status validate(job *j, trainer *t, double *auc) {
    size_t n = t->valid.n, halves[2] = {n, n};
    eval_relations *measured = NULL;
    float *score;
    *auc = NAN;
    if (!n) return LB_OK;
    LB_TRY(ibr_project(j, &t->problem, t->now, &t->work));
    LB_TRY(NEW_ARRAY(score, 2 * n));
    batch b = {&t->problem, &t->work, t->valid.pair, n, 0};
    for (size_t i = 0; i < 2 * n; i++)
        score[i] = -vec_squared_distance(style_of(&b, b.pairs[i].a), style_of(&b, b.pairs[i].b),
                                         t->problem.rank);
    lb_status status = eval_relations_run(t->valid.pair, score, halves, NAN, &measured);
    if (status == LB_OK) *auc = measured->auc;
    eval_relations_free(measured);
    free(score);
    return status;
}

static lb_status record(curve *c, int epoch, double loss, double auc) {
    const curve_value values[] = {{CURVE_LOSS, loss}, {CURVE_AUC_RELATIONS, auc}};
    return curve_add(c, epoch, values, 2);
}

/* Until the validation AUC has not risen for `patience` epochs. */
static lb_status run_epochs(job *j, trainer *t, curve *c) {
    double best, auc, loss;
    int best_epoch = 0, epoch = 0;
    LB_TRY(validate(j, t, &best));
    LB_TRY(record(c, 0, NAN, best));
    while (epoch < t->options->epochs && epoch - best_epoch < t->options->patience) {
        LB_TRY(run_epoch(j, t, epoch++, &loss));
        LB_TRY(validate(j, t, &auc));
        LB_TRY(record(c, epoch, loss, auc));
        job_note(j, "ibr", "epoch %d: loss %.4f, validation AUC %.4f", epoch, loss, auc);
        if (auc <= best) continue; // without validation pairs every epoch is the best so far
        best = auc;
        best_epoch = epoch;
        memcpy(t->best, t->now, t->size * sizeof *t->best);
    }
    return job_progress(j, "ibr", "epochs", (uint64_t)t->options->epochs,
                        (uint64_t)t->options->epochs);
}

static lb_status draw_pairs(const fit_input *in, const ibr_options *o, const look_table *l,
                            relation_set *train, relation_set *valid) {
    const split *s = in->split;
    LB_TRY(relations_train(s, (size_t)o->pairs, in->seed, train));
    LB_TRY(use_rows(l, s->n_products, in->seed, train));
    LB_TRY(relations_valid(s, in->seed, valid));
    LB_TRY(use_rows(l, s->n_products, in->seed, valid));
    if (train->n) return LB_OK;
    return status_fail(LB_E_EMPTY, "ibr: no two products bought together have the feature");
}

lb_status ibr_train(job *j, const fit_input *in, const ibr_options *o, const look_table *l,
                    const ibr_problem *p, float **parameters) {
    relation_set train = {0}, valid = {0};
    trainer t = {0};
    lb_status status;
    LB_TRY_CLEANUP(draw_pairs(in, o, l, &train, &valid));
    status = trainer_new(p, o, in->seed, train, valid, &t);
    train = valid = (relation_set){0}; // the trainer's
    if (status == LB_OK) status = run_epochs(j, &t, in->curve);
    if (status != LB_OK) goto cleanup;
    *parameters = t.best;
    t.best = NULL;
cleanup:
    relation_set_free(&train);
    relation_set_free(&valid);
    trainer_free(&t);
    return status;
}
