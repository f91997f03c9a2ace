#include "model/paper.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/paper_train.h"

/* ---------------------------------------------------------------- options */

#define FIELD(member) offsetof(paper_options, member)

static const option_field fields[] = {
    {"preset", OPTION_CHOICE, FIELD(preset), PAPER_PRESET_PAPER, 0, 1, "paper|early-code",
     "early-code sets what the authors' early code does, for every option left at its default"},
    {"dim", OPTION_INT, FIELD(dim), 100, 2, 1024, NULL, "dimensions of the embedding space"},
    {"tables", OPTION_CHOICE, FIELD(tables), PAPER_TABLES_ONE, 0, 1, "one|two",
     "two: contexts have vectors of their own, starting at zero"},
    {"walks", OPTION_INT, FIELD(walks), 1, 1, 10000, NULL, "walks per node and epoch"},
    {"walk-length", OPTION_INT, FIELD(walk_length), 30, 2, 10000, NULL, "nodes in a walk"},
    {"walks-from", OPTION_CHOICE, FIELD(walks_from), PAPER_FROM_ALL, 0, 1, "all|users",
     "nodes that walks start from"},
    {"steps", OPTION_CHOICE, FIELD(steps), PAPER_STEPS_UNIFORM, 0, 1, "uniform|rating",
     "how a walk goes on: to any neighbour alike, or in proportion to the rating"},
    {"window", OPTION_INT, FIELD(window), 7, 3, 1001, NULL,
     "positions in the context window, the centre included"},
    {"hop", OPTION_INT, FIELD(hop), 1, 1, 1000, NULL, "every so many-th position is a centre"},
    {"epochs", OPTION_INT, FIELD(epochs), 1, 1, 10000, NULL, "passes over fresh walks"},
    {"max-batches", OPTION_INT, FIELD(max_batches), 10000, 0, 1000000000, NULL,
     "end after so many batches; 0 = never"},
    {"batch", OPTION_INT, FIELD(batch), 512, 1, 65536, NULL, "pairs in a batch"},
    {"negatives", OPTION_INT, FIELD(negatives), 0, 0, 100, NULL,
     "negative samples per pair; the paper has none"},
    {"rate", OPTION_REAL, FIELD(rate), 0.001, 1e-8, 1, NULL, "learning rate of Adam"},
    {"weights", OPTION_CHOICE, FIELD(weights), PAPER_WEIGHTS_PRINCIPLED, 0, 1,
     "principled|early-code", "form of the learned task weights"},
    {"clamp", OPTION_REAL, FIELD(clamp), 5, 0, 50, NULL,
     "the weights' log variances stay within this"},
    {"mse", OPTION_CHOICE, FIELD(mse), PAPER_MSE_MEAN, 0, 1, "mean|sum",
     "the feature's squared error: mean over its values, or their sum"},
    {"scaling", OPTION_CHOICE, FIELD(scaling), PAPER_SCALING_MINMAX, 0, 2, "minmax|none|constant",
     "of features: each to [0, 1], none, or divided by feature-scale"},
    {"feature-scale", OPTION_REAL, FIELD(feature_scale), 58.388599, 1e-9, 1e9, NULL,
     "divisor with scaling=constant"},
    {"output", OPTION_CHOICE, FIELD(output), PAPER_OUTPUT_AUTO, 0, 2, "auto|relu|linear",
     "the decoder's; auto: relu where no scaled feature is negative"},
    {"width", OPTION_INT, FIELD(width), 256, 1, 4096, NULL,
     "of the decoder's first hidden layer; the next three are 2, 4 and 8 times as wide"},
    {"dropout", OPTION_REAL, FIELD(dropout), 0.5, 0, 0.99, NULL, "after hidden layers"},
    {"encoder-output", OPTION_CHOICE, FIELD(encoder_output), PAPER_ENCODER_LINEAR, 0, 1,
     "linear|relu", "the encoder's"},
    {"encoder-epochs", OPTION_INT, FIELD(encoder_epochs), 0, 0, 100000, NULL,
     "the encoder's passes over the products; 0 = 20, or fewer where there are more than 10,000"},
    {"encoder-batch", OPTION_INT, FIELD(encoder_batch), 256, 1, 65536, NULL,
     "products in a batch of the encoder"},
    {"encoder-rate", OPTION_REAL, FIELD(encoder_rate), 0.001, 1e-8, 1, NULL,
     "learning rate of the encoder"},
    {"noise", OPTION_REAL, FIELD(noise), 0.05, 0, 100, NULL,
     "standard deviation of the noise on the encoder's input"},
    {"encoder-target", OPTION_REAL, FIELD(encoder_target), 0, 0, 1e6, NULL,
     "weight of |M(f) - X|^2 in the encoder's loss; the paper has none"},
    {"stop", OPTION_CHOICE, FIELD(stop), PAPER_STOP_VALIDATION, 0, 1, "validation|end",
     "the state that is used: the best on validation pairs, if there are any, or the last"},
    {"checkpoint-batches", OPTION_INT, FIELD(checkpoint_batches), 1000, 1, 1000000000, NULL,
     "batches between checkpoints"},
    {"precision", OPTION_CHOICE, FIELD(precision), PAPER_PRECISION_AUTO, 0, 2, "auto|f32|bf16",
     "of the networks' products while training"},
};

const option_table paper_option_table = {fields, sizeof fields / sizeof *fields,
                                         sizeof(paper_options)};

static const char *const early_code[] = {"tables=two",
                                         "walks=20",
                                         "walk-length=21",
                                         "walks-from=users",
                                         "steps=rating",
                                         "window=5",
                                         "hop=3",
                                         "rate=0.01",
                                         "weights=early-code",
                                         "encoder-output=relu",
                                         "encoder-rate=0.0001",
                                         "output=relu"};

/* Gives every field that stands at its default the value of the early code. */
static lb_status apply_preset(paper_options *o) {
    paper_options defaults, early;
    if (o->preset != PAPER_PRESET_EARLY_CODE) return LB_OK;
    options_init(&paper_option_table, &defaults);
    early = defaults;
    for (size_t i = 0; i < sizeof early_code / sizeof *early_code; i++)
        LB_TRY(options_set(&paper_option_table, &early, early_code[i]));
    for (size_t i = 0; i < paper_option_table.n_fields; i++) {
        const option_field *f = &fields[i];
        size_t size = f->type == OPTION_REAL ? sizeof(double) : sizeof(int);
        char *at = (char *)o + f->offset;
        if (f->offset != FIELD(preset) && memcmp(at, (char *)&defaults + f->offset, size) == 0)
            memcpy(at, (char *)&early + f->offset, size);
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- features */

static void scale_features(const paper_options *o, float *f, size_t n, size_t dim) {
    if (o->scaling == PAPER_SCALING_MINMAX) autoencoder_scale(f, n, dim);
    if (o->scaling == PAPER_SCALING_CONSTANT)
        for (size_t i = 0; i < n * dim; i++) f[i] /= (float)o->feature_scale;
}

static void features_free(paper_features *f) {
    free(f->index);
    free(f->product);
}

/* What a row of the features is made of. */
typedef struct feature_view {
    const paper_options *options;
    const feature_set *set;
    const paper_features *features;
} feature_view;

static void fetch_feature(const void *context, size_t i, float *out) {
    const feature_view *v = context;
    feature_row(v->set, v->features->product[i], out);
    scale_features(v->options, out, 1, v->set->dim);
}

static void ahead(const void *context, size_t i) {
    const feature_view *v = context;
    feature_ahead(v->set, v->features->product[i]);
}

static lb_status find_sign(paper_features *f) {
    float *row;
    LB_TRY(NEW_ARRAY(row, f->dim));
    for (size_t i = 0; i < f->n && f->non_negative; i++) {
        f->rows.fetch(f->rows.context, i, row);
        for (size_t d = 0; d < f->dim; d++) f->non_negative &= row[d] >= 0;
    }
    free(row);
    return LB_OK;
}

/* Finds the trained products with a feature. `view` and `out` must outlive the rows. */
static lb_status features_new(feature_view *view, const split *s, paper_features *out) {
    const feature_set *set = view->set;
    paper_features f = {.dim = set->dim, .non_negative = true};
    uint32_t n = 0;
    lb_status status = LB_OK;
    for (uint32_t p = 0; p < s->n_products; p++) n += s->degree[p] > 0 && set->present[p];
    LB_TRY_CLEANUP(NEW_ARRAY(f.index, s->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(f.product, n));
    for (uint32_t p = 0; p < s->n_products; p++) {
        f.index[p] = UINT32_MAX;
        if (s->degree[p] == 0 || !set->present[p]) continue;
        f.index[p] = f.n;
        f.product[f.n++] = p;
    }
    *out = f;
    view->features = out;
    out->rows = (row_source){f.n, f.dim, fetch_feature, view, ahead};
    return find_sign(out);
cleanup:
    features_free(&f);
    return status;
}

/* ---------------------------------------------------------------- fit */

static paper_model *model_new(const split *s, const paper_options *o) {
    paper_model *m = memory_new(1, sizeof *m);
    if (!m) return NULL;
    m->options = *o;
    m->n_users = s->n_users;
    m->n_products = s->n_products;
    m->dim = (uint32_t)o->dim;
    m->user = memory_new((size_t)m->n_users * m->dim, sizeof *m->user);
    m->product = memory_new((size_t)m->n_products * m->dim, sizeof *m->product);
    m->kind = memory_new(m->n_products, 1);
    if (m->user && m->product && m->kind) return m;
    paper_free(m);
    return NULL;
}

/* Takes the trained vectors and the decoder out of the trainer. */
static void take_trained(paper_model *m, const split *s, paper_trainer *t) {
    size_t row = m->dim * sizeof *m->user;
    for (size_t u = 0; u < m->n_users; u++)
        if (s->user_start[u] < s->user_start[u + 1])
            memcpy(m->user + u * m->dim, t->x + u * m->dim, row);
    for (size_t p = 0; p < m->n_products; p++) {
        if (s->degree[p] == 0) continue;
        memcpy(m->product + p * m->dim, t->x + (m->n_users + p) * m->dim, row);
        m->kind[p] = PAPER_WARM;
    }
    for (int i = 0; i < 2; i++) m->weights[i] = t->weight[i].s;
    m->decoder = t->decoder;
    m->decoder_relu = t->decoder_relu;
    t->decoder = NULL;
}

enum { ENCODER_PASSES = 20 };

static lb_status train_encoder(job *j, paper_model *m, const paper_features *f, uint64_t seed) {
    autoencoder_options a = paper_autoencoder(&m->options, m->decoder_relu, seed);
    if (!a.epochs) a.epochs = autoencoder_passes(ENCODER_PASSES, f->n);
    float *x;
    double loss = 0;
    LB_TRY(NEW_ARRAY(x, (size_t)f->n * m->dim));
    for (size_t i = 0; i < f->n; i++)
        memcpy(x + i * m->dim, m->product + (size_t)f->product[i] * m->dim, m->dim * sizeof *x);
    lb_status status = autoencoder_train_encoder(j, &a, m->decoder, x, m->dim, &f->rows,
                                                 &m->encoder, &loss);
    free(x);
    LB_TRY(status);
    job_note(j, "encoder", "squared error of a feature value, through the decoder: %.5f", loss);
    return LB_OK;
}

/* Places the products without interactions by their features: M(f), in blocks. */
static lb_status place_cold(job *j, paper_model *m, const feature_set *set) {
    enum { BLOCK = 1024 };
    uint32_t product[BLOCK];
    float *f = NULL, *y = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(f, (size_t)BLOCK * set->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(y, (size_t)BLOCK * m->dim));
    for (uint32_t p = 0; p < m->n_products;) {
        size_t n = 0;
        for (; p < m->n_products && n < BLOCK; p++)
            if (m->kind[p] == PAPER_UNKNOWN && feature_row(set, p, f + n * set->dim))
                product[n++] = p;
        scale_features(&m->options, f, n, set->dim);
        LB_TRY_CLEANUP(mlp_predict(m->encoder, j, f, n, y));
        for (size_t i = 0; i < n; i++) {
            memcpy(m->product + (size_t)product[i] * m->dim, y + i * m->dim, m->dim * sizeof *y);
            m->kind[product[i]] = PAPER_COLD;
        }
    }
cleanup:
    free(f);
    free(y);
    return status;
}

/* What a checkpoint is valid for: the options and everything the training read. */
static lb_status print_settings(const fit_input *in, const model_common *c, const bipartite *g,
                                const paper_features *f, char **out) {
    const char *settings = c->settings ? c->settings : "";
    size_t room = strlen(settings) + 256;
    uint64_t hash = 14695981039346656037u; // FNV-1a over the edges
    for (size_t i = 0; i < 2 * g->n_edges; i++) hash = (hash ^ g->neighbour[i]) * 1099511628211u;
    LB_TRY(NEW_ARRAY(*out, room));
    snprintf(*out, room,
             "%sseed=%llu\nisa=%s\nusers=%u\nproducts=%u\nedges=%zu %016llx\n"
             "feature=%s %u x %u\n",
             settings, (unsigned long long)in->seed, c->isa, g->n_users, g->n_products, g->n_edges,
             (unsigned long long)hash, c->feature, f->n, f->dim);
    return LB_OK;
}

static lb_status train(job *j, const fit_input *in, const model_common *common, const bipartite *g,
                       const paper_features *f, paper_model *m) {
    paper_trainer t = {0};
    paper_watch w = {0};
    char *settings = NULL;
    lb_status status;
    LB_TRY_CLEANUP(print_settings(in, common, g, f, &settings));
    LB_TRY_CLEANUP(paper_trainer_new(&m->options, g, f, in->seed, &t));
    LB_TRY_CLEANUP(paper_watch_new(&t, in->split, &w));
    w.curve = in->curve;
    if (in->checkpoint && in->resume)
        LB_TRY_CLEANUP(paper_checkpoint_read(&t, &w, settings, in->checkpoint));
    if (t.step) job_note(j, "skip-gram", "going on after batch %llu", (unsigned long long)t.step);
    LB_TRY_CLEANUP(paper_train(j, &t, &w, in, settings));
    LB_TRY_CLEANUP(paper_watch_finish(j, &w, &t));
    take_trained(m, in->split, &t);
cleanup:
    free(settings);
    paper_trainer_free(&t);
    paper_watch_free(&w);
    return status;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const split *s = in->split;
    paper_options o = *(const paper_options *)options;
    paper_features f = {0};
    feature_view view = {.options = &o, .set = in->features};
    bipartite *g = NULL;
    paper_model *m = NULL;
    lb_status status;
    if (s->n_train == 0) return status_fail(LB_E_EMPTY, "no interactions to learn from");
    LB_TRY(apply_preset(&o));
    const float *rating = o.steps == PAPER_STEPS_RATING ? s->rating : NULL;
    LB_TRY_CLEANUP((m = model_new(s, &o)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(bipartite_new(s->n_users, s->n_products, s->user_start, s->product, rating, &g));
    if (in->n_features) LB_TRY_CLEANUP(features_new(&view, s, &f));
    if (f.n == 0)
        job_note(j, "vasg-paper",
                 "no trained product has a feature: the Skip-Gram alone, and no "
                 "place for cold products");
    LB_TRY_CLEANUP(train(j, in, common, g, &f, m));
    if (m->decoder) {
        LB_TRY_CLEANUP(train_encoder(j, m, &f, in->seed));
        LB_TRY_CLEANUP(place_cold(j, m, &in->features[0]));
    }
    LB_TRY_CLEANUP(paper_build_parts(m));
    *state = m;
    m = NULL;
cleanup:
    features_free(&f);
    bipartite_free(g);
    paper_free(m);
    return status;
}

void paper_free(void *state) {
    paper_model *m = state;
    if (!m) return;
    free(m->user);
    free(m->product);
    free(m->kind);
    mlp_free(m->decoder);
    mlp_free(m->encoder);
    free(m->warm);
    free(m->cold);
    free(m->warm_vector);
    free(m->cold_vector);
    free(m);
}

/* ---------------------------------------------------------------- scoring */

static lb_status build_part(const paper_model *m, uint8_t kind, uint32_t *n, uint32_t **rows,
                            float **vectors) {
    for (uint32_t p = 0; p < m->n_products; p++) *n += m->kind[p] == kind;
    LB_TRY(NEW_ARRAY(*rows, *n));
    LB_TRY(NEW_ARRAY(*vectors, (size_t)*n * m->dim));
    uint32_t i = 0;
    for (uint32_t p = 0; p < m->n_products; p++) {
        if (m->kind[p] != kind) continue;
        float *v = *vectors + (size_t)i * m->dim;
        (*rows)[i++] = p;
        memcpy(v, m->product + (size_t)p * m->dim, m->dim * sizeof *v);
        vec_normalise(v, m->dim);
    }
    return LB_OK;
}

lb_status paper_build_parts(paper_model *m) {
    LB_TRY(build_part(m, PAPER_WARM, &m->n_warm, &m->warm, &m->warm_vector));
    return build_part(m, PAPER_COLD, &m->n_cold, &m->cold, &m->cold_vector);
}

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const paper_model *m = state;
    part[0] = (model_part){m->n_warm, m->dim, m->warm, m->warm_vector};
    part[1] = (model_part){m->n_cold, m->dim, m->cold, m->cold_vector};
    return 2;
}

/* Scores are cosines in one space: both partitions take the same query. */
static lb_status query_user(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    const paper_model *m = state;
    (void)common;
    memcpy(query[0], m->user + (size_t)user * m->dim, m->dim * sizeof *m->user);
    vec_normalise(query[0], m->dim);
    memcpy(query[1], query[0], m->dim * sizeof *m->user);
    return LB_OK;
}

/* out += weight times the mean of the products' unit vectors. */
static lb_status add_mean(const paper_model *m, const uint32_t *products, size_t n, float weight,
                          float *out) {
    for (size_t i = 0; i < n; i++) {
        if (products[i] >= m->n_products)
            return status_fail(LB_E_ARGUMENT, "product row %u of %u", products[i], m->n_products);
        const float *v = m->product + (size_t)products[i] * m->dim;
        float norm = vec_norm(v, m->dim);
        if (norm > 0) vec_axpy(out, weight / (norm * (float)n), v, m->dim);
    }
    return LB_OK;
}

/* The mean direction of what is liked, less half that of what is disliked, onto the trained user's
 * own direction where there is one. Nothing known gives zeros: all products tie. */
static lb_status fold_in(const void *state, const model_common *common, const taste *who,
                         float *const query[MODEL_MAX_PARTS]) {
    const paper_model *m = state;
    if (who->user >= (int64_t)m->n_users)
        return status_fail(LB_E_ARGUMENT, "user row %lld of %u", (long long)who->user, m->n_users);
    if (who->user >= 0)
        LB_TRY(query_user(state, common, (uint32_t)who->user, query));
    else
        memset(query[0], 0, m->dim * sizeof *query[0]);
    LB_TRY(add_mean(m, who->liked, who->n_liked, 1, query[0]));
    LB_TRY(add_mean(m, who->disliked, who->n_disliked, -0.5f, query[0]));
    vec_normalise(query[0], m->dim);
    memcpy(query[1], query[0], m->dim * sizeof *query[1]);
    return LB_OK;
}

static const float *embedding(const void *state, uint32_t *dim) {
    const paper_model *m = state;
    *dim = m->dim;
    return m->product;
}

static const float *user_embedding(const void *state, uint32_t *dim) {
    const paper_model *m = state;
    *dim = m->dim;
    return m->user;
}

const model_class paper_class = {
    .name = "vasg-paper",
    .summary = "VASG as the paper writes it: Skip-Gram without negative samples, decoder, encoder",
    .options = &paper_option_table,
    .fit = fit,
    .free = paper_free,
    .save = paper_save,
    .load = paper_load,
    .parts = parts,
    .query_user = query_user,
    .fold_in = fold_in,
    .embedding = embedding,
    .user_embedding = user_embedding,
};
