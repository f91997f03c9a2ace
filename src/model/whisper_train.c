/* Training of whisper's net on requests, one fold of products a batch. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/whisper.h"

enum { GRAIN = 16, TRIES = 20 };

/* Gains are few and must move far. */
static const double GAIN_PACE = 400;

/* What can be drawn of a fold. */
typedef struct fold {
    size_t n_requests, n_products;
    uint32_t *request, *product; // (n_requests), (n_products) trained ones
} fold;

typedef struct trainer {
    const fit_input *in;
    const model_common *common;
    const whisper_lexicon *lexicon;
    whisper_model *m;
    fold folds[WHISPER_FOLDS];
    float *log_share; // (n_products) of requests within the fold
    uint32_t *at;     // (n_products) row among the warm vectors
    size_t batch, negatives, warm_width, cold_width;
    // the batch, as whisper_batch has it
    float *r, *x, *history, *personal, *personal_negative, *share;
    uint8_t *present, *masked;
    uint32_t *n_history, *user, *item; // (batch), (batch), (items)
    float *query, *other, *vector;     // (batch, warm_width), (batch, cold_width), (items, warm)
    size_t which;                      // fold of the batch that is being built
    bool gains_alone;
    float *start; // (passes.n_parameters) where they were
    whisper_passes passes;
} trainer;

/* ---- folds */

static lb_status sort_into_folds(trainer *t) {
    const split *s = t->in->split;
    const request_set *q = t->in->requests;
    for (int f = 0; f < WHISPER_FOLDS; f++) {
        LB_TRY(NEW_ARRAY(t->folds[f].request, q->n));
        LB_TRY(NEW_ARRAY(t->folds[f].product, s->n_products));
    }
    for (size_t i = 0; i < q->n; i++) {
        fold *f = &t->folds[whisper_fold_of(q->request[i].product)];
        if (!s->degree[q->request[i].product]) continue;
        // of very many texts a network has read some
        if (t->m->reader.dim && !whisper_heard_find(&t->lexicon->heard, q->request[i].text))
            continue;
        f->request[f->n_requests++] = (uint32_t)i;
        t->log_share[q->request[i].product]++;
    }
    for (uint32_t p = 0; p < s->n_products; p++) {
        fold *f = &t->folds[whisper_fold_of(p)];
        if (s->degree[p]) f->product[f->n_products++] = p;
        if (t->log_share[p] > 0) t->log_share[p] = logf(t->log_share[p] / (float)f->n_requests);
    }
    for (uint32_t i = 0; i < t->m->taste->n_warm; i++) t->at[t->m->taste->warm[i]] = i;
    return LB_OK;
}

/* ---- a batch */

static bool has(const split *s, uint32_t user, uint32_t product) {
    size_t low = s->user_start[user], high = s->user_start[user + 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->product[middle] == product) return true;
        if (s->product[middle] < product)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void put_item(trainer *t, random_stream *r, size_t row, uint32_t product) {
    const whisper_items *items = &t->m->items;
    float *x = t->x + row * items->width;
    t->item[row] = product;
    memcpy(x, items->x + (size_t)product * items->width, items->width * sizeof *x);
    t->present[row] = items->present[product];
    if (random_unit(r) < t->m->options.drop)
        t->present[row] = (uint8_t)(t->present[row] & ~(1 << WHISPER_PLACE));
    memcpy(t->vector + row * t->warm_width,
           t->m->taste->warm_vector + t->at[product] * t->warm_width,
           t->warm_width * sizeof *t->vector);
}

static void put_negatives(trainer *t, random_stream *r, size_t i) {
    const fold *f = &t->folds[t->which];
    for (size_t k = 0; k < t->negatives; k++) {
        uint32_t product = 0;
        for (int tries = 0; tries < TRIES; tries++) {
            product = f->product[random_below(r, f->n_products)];
            if (!has(t->in->split, t->user[i], product)) break;
        }
        put_item(t, r, t->batch + i * t->negatives + k, product);
    }
}

/* Some of what the user has besides the product that is meant. */
static void put_history(trainer *t, random_stream *r, size_t i) {
    const split *s = t->in->split;
    uint32_t first = s->user_start[t->user[i]], n = s->user_start[t->user[i] + 1] - first;
    size_t most = (size_t)t->m->options.history, dim = t->m->net.dim, put = 0;
    float *to = t->history + i * most * dim;
    for (size_t k = 0; k < (n < most ? n : most); k++) {
        uint32_t product = s->product[first + (n <= most ? k : random_below(r, n))];
        if (product == t->item[i]) continue;
        memcpy(to + put++ * dim, t->m->z + (size_t)product * dim, dim * sizeof *to);
    }
    t->n_history[i] = (uint32_t)put;
    memset(to + put * dim, 0, (most - put) * dim * sizeof *to);
}

static lb_status put_request(trainer *t, size_t i, subwords *scratch) {
    const fold *f = &t->folds[t->which];
    random_stream r = random_open(t->in->seed, "whisper batch",
                                  (uint64_t)t->passes.step * t->batch + i);
    const request *q = &t->in->requests->request[f->request[random_below(&r, f->n_requests)]];
    float *own = t->r + i * t->m->net.request_width;
    bool said;
    t->user[i] = q->user;
    put_item(t, &r, i, q->product);
    put_negatives(t, &r, i);
    put_history(t, &r, i);
    t->share[i] = t->log_share[q->product];
    memset(own, 0, t->m->net.request_width * sizeof *own);
    if (!t->m->options.request)
        LB_TRY(whisper_hear(t->m, t->in->reader, t->lexicon, &t->lexicon->fold[t->which], q->text,
                            scratch, own, &said));
    float *const query[MODEL_MAX_PARTS] = {t->query + i * t->warm_width,
                                           t->other + i * t->cold_width};
    return vasg_class.query_user(t->m->taste, t->common, q->user, query);
}

static lb_status put_requests(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    subwords scratch = {0};
    lb_status status = LB_OK;
    for (size_t i = begin; i < end && status == LB_OK; i++)
        status = put_request(context, i, &scratch);
    subwords_free(&scratch);
    return status;
}

/* What vasg says, and which pairs are left out. */
static lb_status put_pairs(trainer *t) {
    size_t n = t->batch, width = t->warm_width;
    if (!t->m->options.user) {
        LB_TRY(matrix_multiply(0, 1, n, n, width, 1, t->query, width, t->vector, width, 0,
                               t->personal, n));
        for (size_t i = 0; i < n * t->negatives; i++)
            t->personal_negative[i] = vec_dot(t->query + i / t->negatives * width,
                                              t->vector + (n + i) * width, width);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            t->masked[i * n + k] = i != k && (t->item[i] == t->item[k] ||
                                              has(t->in->split, t->user[i], t->item[k]));
    return LB_OK;
}

/* A fold in proportion to its requests. */
static size_t draw_fold(const trainer *t) {
    random_stream r = random_open(t->in->seed, "whisper fold", t->passes.step);
    uint64_t total = 0, at;
    size_t f = 0;
    for (size_t k = 0; k < WHISPER_FOLDS; k++) total += t->folds[k].n_requests;
    for (at = random_below(&r, total); at >= t->folds[f].n_requests; f++)
        at -= t->folds[f].n_requests;
    return f;
}

static lb_status learn(job *j, trainer *t, double *loss) {
    whisper_model *m = t->m;
    whisper_batch b = {
        .n = t->batch,
        .negatives = t->negatives,
        .r = t->r,
        .x = t->x,
        .present = t->present,
        .most_history = (size_t)m->options.history,
        .history = t->history,
        .n_history = t->n_history,
        .personal = t->personal,
        .personal_negative = t->personal_negative,
        .masked = t->masked,
        .log_share = t->share,
        .lambda = m->options.lambda,
    };
    adam_options adam;
    adam_options_init(&adam);
    adam.rate = m->options.rate;
    t->which = draw_fold(t);
    LB_TRY(job_run_range(j, t->batch, GRAIN, put_requests, t));
    LB_TRY(put_pairs(t));
    // the last layer of the fusion is zero as long as no layer learns: attention would change
    // nothing
    m->net.impersonal = m->options.user || t->gains_alone;
    lb_status status = whisper_net_learn(&m->net, j, &b, loss);
    m->net.impersonal = m->options.user != 0;
    LB_TRY(status);
    t->passes.step++;
    if (t->gains_alone) adam.rate *= GAIN_PACE;
    return whisper_net_update(&m->net, j, &adam, t->gains_alone);
}

/* ---- parameters */

/* Copies all parameters to `flat`, or from it. */
static void copy_parameters(whisper_net *net, float *flat, bool back) {
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n = whisper_net_arrays(net, a);
    for (size_t i = 0; i < n; flat += a[i++].n)
        memcpy(back ? a[i].w : flat, back ? flat : a[i].w, a[i].n * sizeof *flat);
    if (back) whisper_net_changed(net);
}

/* Pulls all but the last arrays, gains and numbers, back to where they started. */
static void pull_back(trainer *t) {
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n = whisper_net_arrays(&t->m->net, a);
    float pull = (float)(t->m->options.rate * t->m->options.decay);
    const float *start = t->start;
    for (size_t i = 0; i + 3 < n; start += a[i++].n)
        for (size_t k = 0; k < a[i].n; k++) a[i].w[k] += pull * (start[k] - a[i].w[k]);
    whisper_net_changed(&t->m->net);
}

static lb_status trainer_new(trainer *t) {
    whisper_model *m = t->m;
    size_t n = t->batch, items = n * (1 + t->negatives), dim = m->net.dim;
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n_arrays = whisper_net_arrays(&m->net, a), n_parameters = 0;
    for (size_t i = 0; i < n_arrays; i++) n_parameters += a[i].n;
    LB_TRY(NEW_ARRAY(t->log_share, m->n_products));
    LB_TRY(NEW_ARRAY(t->at, m->n_products));
    LB_TRY(NEW_ARRAY(t->r, n * m->net.request_width));
    LB_TRY(NEW_ARRAY(t->x, items * m->items.width));
    LB_TRY(NEW_ARRAY(t->present, items));
    LB_TRY(NEW_ARRAY(t->history, n * (size_t)m->options.history * dim));
    LB_TRY(NEW_ARRAY(t->n_history, n));
    LB_TRY(NEW_ARRAY(t->personal, n * n));
    LB_TRY(NEW_ARRAY(t->personal_negative, n * t->negatives));
    LB_TRY(NEW_ARRAY(t->masked, n * n));
    LB_TRY(NEW_ARRAY(t->share, n));
    LB_TRY(NEW_ARRAY(t->user, n));
    LB_TRY(NEW_ARRAY(t->item, items));
    LB_TRY(NEW_ARRAY(t->query, n * t->warm_width));
    LB_TRY(NEW_ARRAY(t->other, n * t->cold_width));
    LB_TRY(NEW_ARRAY(t->vector, items * t->warm_width));
    LB_TRY(NEW_ARRAY(t->start, n_parameters));
    LB_TRY(NEW_ARRAY(t->passes.parameters, n_parameters));
    t->passes.n_parameters = n_parameters;
    return sort_into_folds(t);
}

static void trainer_free(trainer *t) {
    void *const rooms[] = {t->log_share,
                           t->at,
                           t->r,
                           t->x,
                           t->present,
                           t->history,
                           t->n_history,
                           t->personal,
                           t->masked,
                           t->share,
                           t->user,
                           t->item,
                           t->query,
                           t->other,
                           t->vector,
                           t->start,
                           t->passes.parameters,
                           t->personal_negative};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) free(rooms[i]);
    for (int f = 0; f < WHISPER_FOLDS; f++) {
        free(t->folds[f].request);
        free(t->folds[f].product);
    }
}

/* ---- passes */

static lb_status train_pass(job *j, trainer *t, int pass) {
    size_t steps = ((size_t)t->m->options.requests + t->batch - 1) / t->batch;
    double sum = 0, loss;
    for (size_t i = 0; i < steps; i++) {
        LB_TRY(job_progress(j, "whisper", "batches", t->passes.step,
                            steps * (size_t)t->m->options.epochs));
        LB_TRY(learn(j, t, &loss));
        if (!isfinite(loss))
            return status_fail(LB_E_NUMERIC, "the training on requests diverged: lower rate and "
                                             "train again");
        if (!t->gains_alone) pull_back(t);
        sum += loss;
    }
    const whisper_net *net = &t->m->net;
    const float *item = net->item_gain, *asked = net->request_gain;
    job_note(j, "whisper",
             "pass %d: loss %.4f, scale %.2f, trust in taste %.3f; gains of look, place, title, "
             "kind: %.2f %.2f %.2f %.2f, of requests %.2f %.2f %.2f %.2f, of their own words %.2f "
             "%.2f",
             pass, sum / (double)steps, exp((double)net->number[WHISPER_LOG_SCALE]),
             (double)net->number[WHISPER_TRUST], (double)item[0], (double)item[1], (double)item[2],
             (double)item[3], (double)asked[0], (double)asked[1], (double)asked[2],
             (double)asked[3], (double)asked[4], (double)asked[5]);
    return LB_OK;
}

/* z of all products, by the net as it is. */
static lb_status make_items(job *j, whisper_model *m) {
    return whisper_net_items(&m->net, j, m->items.x, m->items.present, m->n_products, m->z);
}

static lb_status look(job *j, const trainer *t, int pass, whisper_score *score) {
    LB_TRY(make_items(j, t->m));
    LB_TRY(whisper_validate(j, t->in, t->common, t->m, t->lexicon, score));
    if (score->n[0] + score->n[1])
        job_note(j, "whisper",
                 "pass %d: validation MRR warm %.4f (%.4f without requests), weight %.2f; cold "
                 "%.4f (%.4f), weight %.2f",
                 pass, score->mrr[0], score->alone[0], score->weight[0], score->mrr[1],
                 score->alone[1], score->weight[1]);
    return LB_OK;
}

/* The state after a pass, if it is the best so far. */
static void keep_best(trainer *t, const whisper_score *score) {
    whisper_model *m = t->m;
    whisper_passes *p = &t->passes;
    double merit = whisper_merit(score);
    if (p->done && p->watched && merit <= p->best) return;
    p->since = 0;
    p->best = merit;
    memcpy(m->weight, score->weight, sizeof m->weight);
    copy_parameters(&m->net, p->parameters, false);
}

static lb_status begin(job *j, trainer *t) {
    whisper_score score;
    LB_TRY(look(j, t, 0, &score));
    t->passes.watched = score.n[0] + score.n[1] > 0;
    keep_best(t, &score);
    return LB_OK;
}

static lb_status go_on(job *j, const st_reader *checkpoint, trainer *t) {
    LB_TRY(whisper_checkpoint_read(checkpoint, t->m, &t->passes));
    job_note(j, "whisper", "going on after pass %d", t->passes.done);
    return make_items(j, t->m);
}

static lb_status run_passes(job *j, const st_reader *checkpoint, trainer *t) {
    whisper_model *m = t->m;
    whisper_passes *p = &t->passes;
    whisper_score score;
    copy_parameters(&m->net, t->start, false);
    LB_TRY(checkpoint ? go_on(j, checkpoint, t) : begin(j, t));
    while (p->done < m->options.epochs && p->since < m->options.patience) {
        if (t->in->checkpoint) LB_TRY(whisper_checkpoint_write(t->in, t->common, m, p));
        t->gains_alone = p->done < m->options.gain_epochs;
        LB_TRY(train_pass(j, t, p->done + 1));
        LB_TRY(look(j, t, p->done + 1, &score));
        p->done++;
        p->since++;
        keep_best(t, &score);
    }
    copy_parameters(&m->net, p->parameters, true);
    return make_items(j, m);
}

lb_status whisper_train(job *j, const fit_input *in, const model_common *common,
                        const whisper_lexicon *l, const st_reader *checkpoint, whisper_model *m) {
    trainer t = {
        .in = in,
        .common = common,
        .lexicon = l,
        .m = m,
        .batch = (size_t)m->options.batch,
        .negatives = (size_t)m->options.negatives,
        .warm_width = vasg_warm_width(m->taste),
        .cold_width = vasg_cold_width(m->taste),
    };
    lb_status status = trainer_new(&t);
    if (status == LB_OK) status = run_passes(j, checkpoint, &t);
    trainer_free(&t);
    return status;
}
