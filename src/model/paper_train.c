#include "model/paper_train.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "graph/walk.h"
#include "math/vector.h"

enum { WALKS_PER_CHUNK = 64, REDRAWS = 8 };

#define NOWHERE UINT32_MAX

/* ---------------------------------------------------------------- the trainer */

autoencoder_options paper_autoencoder(const paper_options *o, bool decoder_relu, uint64_t seed) {
    static const dense_precision precisions[] = {DENSE_AUTO, DENSE_F32, DENSE_BF16};
    autoencoder_options a;
    autoencoder_options_init(&a);
    a.width = (uint32_t)o->width;
    a.batch = (uint32_t)o->encoder_batch;
    a.epochs = (uint32_t)o->encoder_epochs;
    a.rate = o->encoder_rate;
    a.dropout = (float)o->dropout;
    a.noise = o->noise;
    a.target_weight = o->encoder_target;
    a.decoder_relu = decoder_relu;
    a.encoder_relu = o->encoder_output == PAPER_ENCODER_RELU;
    a.precision = precisions[o->precision];
    a.seed = seed;
    return a;
}

/* Xavier's uniform start, of a table read as a layer from rows to dimensions; contexts of their own
 * start at zero. */
static void draw_start(paper_trainer *t) {
    double bound = sqrt(6.0 / ((double)t->n_nodes + (double)t->dim));
    for (size_t node = 0; node < t->n_nodes; node++) {
        random_stream r = random_open(t->seed, "paper start", node);
        for (size_t d = 0; d < t->dim; d++)
            t->x[node * t->dim + d] = (float)(bound * (2 * random_unit(&r) - 1));
    }
}

static lb_status new_negatives(const bipartite *g, size_t first, uint32_t n, alias_table *out) {
    double *weight;
    LB_TRY(NEW_ARRAY(weight, n));
    for (uint32_t i = 0; i < n; i++) weight[i] = pow((double)bipartite_degree(g, first + i), 0.75);
    lb_status status = alias_table_new(weight, n, out);
    free(weight);
    return status;
}

static lb_status new_decoder(paper_trainer *t) {
    const paper_options *o = t->options;
    size_t batch = (size_t)o->batch, feature_dim = t->features->dim;
    t->decoder_relu = o->output == PAPER_OUTPUT_RELU ||
                      (o->output == PAPER_OUTPUT_AUTO && t->features->non_negative);
    autoencoder_options a = paper_autoencoder(o, t->decoder_relu, t->seed);
    LB_TRY(autoencoder_new_decoder(&a, t->dim, feature_dim, &t->decoder));
    LB_TRY(NEW_ARRAY(t->rebuilt, batch));
    LB_TRY(NEW_ARRAY(t->share, batch));
    LB_TRY(NEW_ARRAY(t->rebuilt_at, t->graph->n_products));
    memset(t->rebuilt_at, 0xff, t->graph->n_products * sizeof *t->rebuilt_at);
    LB_TRY(NEW_ARRAY(t->input, batch * t->dim));
    LB_TRY(NEW_ARRAY(t->dx, batch * t->dim));
    LB_TRY(NEW_ARRAY(t->target, batch * feature_dim));
    return NEW_ARRAY(t->dy, batch * feature_dim);
}

static lb_status build(paper_trainer *t) {
    size_t batch = (size_t)t->options->batch, negatives = (size_t)t->options->negatives;
    size_t touched = batch * (2 + negatives); // at most
    LB_TRY(NEW_ARRAY(t->x, t->n_rows * t->dim));
    LB_TRY(NEW_ARRAY(t->m, t->n_rows * t->dim));
    LB_TRY(NEW_ARRAY(t->v, t->n_rows * t->dim));
    LB_TRY(NEW_ARRAY(t->slot, t->n_rows));
    memset(t->slot, 0xff, t->n_rows * sizeof *t->slot);
    LB_TRY(NEW_ARRAY(t->row, touched));
    LB_TRY(NEW_ARRAY(t->gradient, touched * t->dim));
    draw_start(t);
    if (negatives) {
        LB_TRY(new_negatives(t->graph, 0, t->graph->n_users, &t->users));
        LB_TRY(new_negatives(t->graph, t->graph->n_users, t->graph->n_products, &t->products));
    }
    return t->features->n ? new_decoder(t) : LB_OK;
}

lb_status paper_trainer_new(const paper_options *options, const bipartite *graph,
                            const paper_features *features, uint64_t seed, paper_trainer *out) {
    paper_trainer t = {.options = options, .graph = graph, .features = features, .seed = seed};
    t.n_nodes = bipartite_nodes(graph);
    t.n_rows = t.n_nodes * (options->tables == PAPER_TABLES_TWO ? 2 : 1);
    t.dim = (size_t)options->dim;
    lb_status status = build(&t);
    if (status != LB_OK)
        paper_trainer_free(&t);
    else
        *out = t;
    return status;
}

void paper_trainer_free(paper_trainer *t) {
    free(t->x);
    free(t->m);
    free(t->v);
    mlp_free(t->decoder);
    alias_table_free(&t->users);
    alias_table_free(&t->products);
    free(t->slot);
    free(t->row);
    free(t->gradient);
    free(t->rebuilt);
    free(t->share);
    free(t->rebuilt_at);
    free(t->input);
    free(t->target);
    free(t->dx);
    free(t->dy);
}

/* ---------------------------------------------------------------- a batch: Skip-Gram */

/* Where the gradient of a row is summed in this batch. */
static float *gradient_of(paper_trainer *t, size_t row) {
    if (t->slot[row] == NOWHERE) {
        t->slot[row] = (uint32_t)t->n_touched;
        t->row[t->n_touched] = (uint32_t)row;
        memset(t->gradient + t->n_touched * t->dim, 0, t->dim * sizeof *t->gradient);
        t->n_touched++;
    }
    return t->gradient + t->slot[row] * t->dim;
}

/* Forgets the last batch's gradients. */
static void forget(paper_trainer *t) {
    for (size_t i = 0; i < t->n_touched; i++) t->slot[t->row[i]] = NOWHERE;
    for (size_t i = 0; i < t->n_rebuilt; i++)
        t->rebuilt_at[t->rebuilt[i] - t->graph->n_users] = NOWHERE;
    t->n_touched = t->n_rebuilt = 0;
    t->loss = (paper_loss){0};
    t->weight[0].gradient = t->weight[1].gradient = 0;
}

/* Returns -log sigma(z) for a context and -log sigma(-z) for a negative, z = x_v . x_q, and adds
 * `scale` times its gradient. */
static double add_term(paper_trainer *t, size_t v, size_t q, bool positive, double scale) {
    const float *xv = t->x + v * t->dim, *xq = t->x + q * t->dim;
    double z = (double)vec_dot(xv, xq, t->dim), margin = positive ? z : -z;
    double loss = margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
    double slope = (positive ? -1 : 1) / (1 + exp(margin));
    vec_axpy(gradient_of(t, v), (float)(scale * slope), xq, t->dim);
    vec_axpy(gradient_of(t, q), (float)(scale * slope), xv, t->dim);
    return loss;
}

/* A node of the same kind as `context` that is neither of the pair, in proportion to degree^0.75;
 * NOWHERE if there hardly is one. */
static uint32_t draw_negative(const paper_trainer *t, const paper_pair *p, random_stream *r) {
    uint32_t n_users = t->graph->n_users;
    for (int i = 0; i < REDRAWS; i++) {
        uint32_t node = p->context < n_users ? alias_draw(&t->users, r)
                                             : n_users + alias_draw(&t->products, r);
        if (node != p->centre && node != p->context) return node;
    }
    return NOWHERE;
}

static double add_pair(paper_trainer *t, const paper_pair *p, double scale, random_stream *r) {
    size_t contexts = t->n_rows - t->n_nodes; // where the table of contexts begins: 0 if there is
                                              // one table for both
    double loss = add_term(t, p->centre, contexts + p->context, true, scale);
    for (int k = 0; k < t->options->negatives; k++) {
        uint32_t node = draw_negative(t, p, r);
        if (node != NOWHERE) loss += add_term(t, p->centre, contexts + node, false, scale);
    }
    return loss;
}

/* ---------------------------------------------------------------- a batch: reconstruction */

/* Position of a node's feature, or NOWHERE for users and for products without one. */
static uint32_t feature_of(const paper_trainer *t, uint32_t node) {
    if (!t->decoder || node < t->graph->n_users) return NOWHERE;
    return t->features->index[node - t->graph->n_users];
}

static void note_rebuilt(paper_trainer *t, uint32_t node) {
    uint32_t *at = &t->rebuilt_at[node - t->graph->n_users];
    if (*at == NOWHERE) {
        *at = (uint32_t)t->n_rebuilt;
        t->rebuilt[t->n_rebuilt] = node;
        t->share[t->n_rebuilt++] = 0;
    }
    t->share[*at]++;
}

/* The reconstruction of the batch's distinct centres, each weighted by the number of pairs that it
 * stands for: in expectation over dropout the same as rebuilding it once for every pair, at a
 * fraction of the cost. `scale` is w2 / n. */
static lb_status add_reconstruction(job *j, paper_trainer *t, double scale, double *loss) {
    size_t dim = t->dim, feature_dim = t->features->dim, n = t->n_rebuilt;
    const row_source *f = &t->features->rows;
    const float *y;
    for (size_t i = 0; i < n; i++) {
        memcpy(t->input + i * dim, t->x + t->rebuilt[i] * dim, dim * sizeof *t->x);
        f->fetch(f->context, feature_of(t, t->rebuilt[i]), t->target + i * feature_dim);
    }
    if (t->options->mse == PAPER_MSE_MEAN) scale /= (double)feature_dim;
    LB_TRY(mlp_forward(t->decoder, j, t->input, n, t->step, &y));
    LB_TRY(mse_loss(j, y, t->target, n, feature_dim, t->share, scale, t->dy, loss));
    LB_TRY(mlp_backward(t->decoder, j, t->dy, t->dx));
    for (size_t i = 0; i < n; i++) vec_add(gradient_of(t, t->rebuilt[i]), t->dx + i * dim, dim);
    return LB_OK;
}

/* k in w2 = k exp(-s2), penalty = k (s1 + s2). */
static double penalty_factor(const paper_options *o) {
    return o->weights == PAPER_WEIGHTS_PRINCIPLED ? 0.5 : 1;
}

lb_status paper_batch_gradient(job *j, paper_trainer *t, const paper_pair *pairs, size_t n) {
    double k = penalty_factor(t->options), w1 = exp(-t->weight[0].s), w2 = k * exp(-t->weight[1].s);
    double each = 1 / (double)n, plain = 0, weighted = 0, rebuilt = 0;
    size_t m = 0; // pairs whose centre has a feature
    random_stream r = random_open(t->seed, "paper negatives", t->step);
    forget(t);
    for (size_t i = 0; i < n; i++) {
        bool has_feature = feature_of(t, pairs[i].centre) != NOWHERE;
        double term = add_pair(t, &pairs[i], has_feature ? w1 * each : each, &r);
        if (has_feature) {
            note_rebuilt(t, pairs[i].centre);
            weighted += term;
            m++;
        } else {
            plain += term;
        }
    }
    if (m) {
        double share = (double)m * each;
        LB_TRY(add_reconstruction(j, t, w2 * each, &rebuilt)); // = w2 * sum of errors / n
        t->weight[0].gradient = k * share - w1 * weighted * each;
        t->weight[1].gradient = k * share - rebuilt;
        t->loss.mse = rebuilt / (w2 * share);
        t->loss.total = k * share * (t->weight[0].s + t->weight[1].s) + rebuilt;
    }
    t->loss.total += (plain + w1 * weighted) * each;
    t->loss.skipgram = (plain + weighted) * each;
    t->loss.n = n;
    t->loss.n_rebuilt = m;
    if (!isfinite(t->loss.total))
        return status_fail(LB_E_NUMERIC,
                           "batch %llu: the loss is not finite; lower the learning rate",
                           (unsigned long long)t->step);
    return LB_OK;
}

/* ---------------------------------------------------------------- a batch: the step */

static void update_weight(paper_weight *w, const adam_options *a, uint64_t step, double clamp) {
    double n = (double)step;
    w->m = a->beta1 * w->m + (1 - a->beta1) * w->gradient;
    w->v = a->beta2 * w->v + (1 - a->beta2) * w->gradient * w->gradient;
    double m = w->m / (1 - pow(a->beta1, n)), v = w->v / (1 - pow(a->beta2, n));
    w->s -= a->rate * m / (sqrt(v) + a->epsilon);
    w->s = w->s > clamp ? clamp : w->s < -clamp ? -clamp : w->s;
}

lb_status paper_batch_update(job *j, paper_trainer *t) {
    adam_options adam;
    adam_options_init(&adam);
    adam.rate = t->options->rate;
    LB_TRY(adam_rows(j, &adam, t->step + 1, t->x, t->m, t->v, t->dim, t->row, t->gradient,
                     t->n_touched));
    if (t->n_rebuilt) {
        LB_TRY(mlp_update(t->decoder, j, &adam));
        for (int i = 0; i < 2; i++)
            update_weight(&t->weight[i], &adam, mlp_steps(t->decoder), t->options->clamp);
    }
    t->step++;
    return LB_OK;
}

/* ---------------------------------------------------------------- the corpus */

/* Pairs waiting until there is a batch of their kind of centre. */
typedef struct pair_queue {
    paper_pair *pair; // (batch)
    size_t n;
} pair_queue;

typedef struct corpus {
    paper_trainer *trainer;
    paper_watch *watch;
    const fit_input *input;
    const char *settings;
    pair_queue queue[2]; // centres that are users, products
    uint64_t batches;    // of the corpus so far; those below the trainer's step are done already
    uint64_t walks, n_walks; // so far, in all
    bool full;               // max-batches is reached
} corpus;

static lb_status train_batch(job *j, corpus *c, pair_queue *q) {
    paper_trainer *t = c->trainer;
    const paper_options *o = t->options;
    size_t n = q->n;
    q->n = 0;
    if (c->full || c->batches++ < t->step) return LB_OK;
    LB_TRY(job_progress(j, "skip-gram", "walks", c->walks, c->n_walks));
    LB_TRY(paper_batch_gradient(j, t, q->pair, n));
    LB_TRY(paper_batch_update(j, t));
    c->full = o->max_batches && t->step >= (uint64_t)o->max_batches;
    c->watch->epoch = (double)c->walks * o->epochs / (double)c->n_walks;
    LB_TRY(paper_watch_step(j, c->watch, t, false));
    if (c->input->checkpoint && t->step % (uint64_t)o->checkpoint_batches == 0)
        return paper_checkpoint_write(t, c->watch, c->settings, c->input);
    return LB_OK;
}

/* Every hop-th position is a centre; its contexts stand at most (window - 1) / 2 away in the same
 * walk. */
static lb_status add_walk(job *j, corpus *c, const uint32_t *walk) {
    const paper_trainer *t = c->trainer;
    size_t length = (size_t)t->options->walk_length, hop = (size_t)t->options->hop;
    size_t reach = (size_t)(t->options->window - 1) / 2;
    for (size_t i = 0; i < length; i += hop) {
        pair_queue *q = &c->queue[walk[i] >= t->graph->n_users];
        size_t begin = i > reach ? i - reach : 0;
        size_t end = i + reach < length ? i + reach + 1 : length;
        for (size_t k = begin; k < end; k++) {
            if (walk[k] == walk[i]) continue; // the position itself, or the same node again
            q->pair[q->n++] = (paper_pair){walk[i], walk[k]};
            if (q->n == (size_t)t->options->batch) LB_TRY(train_batch(j, c, q));
        }
    }
    return LB_OK;
}

static lb_status run_epoch(job *j, corpus *c, const walk_plan *plan) {
    uint32_t *nodes;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(nodes, (size_t)WALKS_PER_CHUNK * plan->length));
    for (size_t begin = 0; begin < plan->n_walks && !c->full; begin += WALKS_PER_CHUNK) {
        size_t rest = plan->n_walks - begin, n = rest < WALKS_PER_CHUNK ? rest : WALKS_PER_CHUNK;
        walk_plan_run(plan, begin, begin + n, nodes);
        for (size_t i = 0; i < n; i++) {
            LB_TRY_CLEANUP(add_walk(j, c, nodes + i * plan->length));
            c->walks++;
        }
    }
    for (int kind = 0; kind < 2; kind++)
        if (c->queue[kind].n) LB_TRY_CLEANUP(train_batch(j, c, &c->queue[kind]));
cleanup:
    free(nodes);
    return status;
}

static lb_status run_corpus(job *j, corpus *c) {
    const paper_trainer *t = c->trainer;
    const paper_options *o = t->options;
    for (int epoch = 0; epoch < o->epochs && !c->full; epoch++) {
        walk_plan plan;
        random_stream r = random_open(t->seed, "paper epoch", (uint64_t)epoch);
        LB_TRY(walk_plan_new(t->graph, (uint32_t)o->walks, (uint32_t)o->walk_length,
                             o->walks_from == PAPER_FROM_USERS, random_u64(&r), &plan));
        c->n_walks = plan.n_walks * (uint64_t)o->epochs;
        lb_status status = run_epoch(j, c, &plan);
        walk_plan_free(&plan);
        LB_TRY(status);
    }
    return job_progress(j, "skip-gram", "walks", c->n_walks, c->n_walks);
}

lb_status paper_train(job *j, paper_trainer *t, paper_watch *w, const fit_input *input,
                      const char *settings) {
    corpus c = {.trainer = t, .watch = w, .input = input, .settings = settings};
    lb_status status;
    c.full = t->options->max_batches && t->step >= (uint64_t)t->options->max_batches;
    for (int kind = 0; kind < 2; kind++)
        LB_TRY_CLEANUP(NEW_ARRAY(c.queue[kind].pair, (size_t)t->options->batch));
    if (t->step == 0) LB_TRY_CLEANUP(paper_watch_step(j, w, t, false));
    LB_TRY_CLEANUP(run_corpus(j, &c));
    LB_TRY_CLEANUP(paper_watch_step(j, w, t, true));
cleanup:
    for (int kind = 0; kind < 2; kind++) free(c.queue[kind].pair);
    return status;
}
