#include "model/vasg.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "graph/bipartite.h"
#include "model/autoencoder.h"
#include "model/checkpoint.h"
#include "model/density.h"
#include "model/evaluation.h"
#include "model/look_prior.h"
#include "model/tensors.h"

#define FIELD(member) offsetof(vasg_options, member)

/* Buyers that two products share on average below which item-to-item counts are noise. */
static const double ENOUGH_SHARED = 0.25;

static const option_field fields[] = {
    {"dim", OPTION_INT, FIELD(dim), 64, 2, 1024, NULL, "dimensions of the space of taste"},
    {"epochs", OPTION_INT, FIELD(epochs), 8, 1, 1000, NULL, "passes over fresh walks"},
    {"walks", OPTION_INT, FIELD(walks), 5, 1, 1000, NULL, "walks per node and epoch"},
    {"walk-length", OPTION_INT, FIELD(walk_length), 20, 2, 1000, NULL, "nodes in a walk"},
    {"negatives", OPTION_INT, FIELD(negatives), 5, 1, 100, NULL, "negative samples per pair"},
    {"blocks", OPTION_INT, FIELD(blocks), 0, 0, 32, NULL,
     "blocks of users and of products that are trained side by side; 0 = by size"},
    {"rate", OPTION_REAL, FIELD(rate), 0.1, 1e-6, 10, NULL, "learning rate at the start"},
    {"last-rate", OPTION_REAL, FIELD(last_rate), 0.001, 0, 10, NULL, "learning rate at the end"},
    {"far", OPTION_REAL, FIELD(far), 0.3, 0, 1, NULL,
     "probability of keeping a pair at distance 3"},
    {"l2", OPTION_REAL, FIELD(l2), 0.35, 0, 100, NULL,
     "strength of the pull; divided by (interactions per user x per product) to the power 0.35"},
    {"negative-power", OPTION_REAL, FIELD(negative_power), 0.25, -2, 2, NULL,
     "negatives are drawn in proportion to degree to this power"},
    {"prior-components", OPTION_INT, FIELD(prior_components), 128, 1, 4096, NULL,
     "principal components of the feature that the prior is regressed on"},
    {"prior-strength", OPTION_REAL, FIELD(prior_strength), 0, 0, 1e6, NULL,
     "ridge of that regression, as a multiple of the sum of the product weights; 0 = chosen by "
     "leave-one-out after the first epoch"},
    {"rank", OPTION_INT, FIELD(rank), 128, 0, 2048, NULL,
     "directions of the spectral part; 0 = none"},
    {"spectral-weight", OPTION_REAL, FIELD(spectral_weight), 0.4, 0, 100, NULL,
     "spread of the spectral part as a share of the Skip-Gram part's, times the square root of the "
     "share of the products' variance that looks do not explain"},
    {"item-rank", OPTION_INT, FIELD(item_rank), 128, 0, 2048, NULL,
     "item-to-item directions where products share enough buyers; 0 = none"},
    {"item-weight", OPTION_REAL, FIELD(item_weight), 0.4, 0, 100, NULL,
     "the same share for the item-to-item part, times 1 - 1/4 / (buyers that two products share)"},
    {"look-dim", OPTION_INT, FIELD(look_dim), 128, 1, 4096, NULL,
     "components of the feature kept for search"},
    {"landmarks", OPTION_INT, FIELD(landmarks), 4096, 16, 16384, NULL,
     "products that the prediction for cold products is spanned by, at most"},
    {"cold-offset", OPTION_REAL, FIELD(cold_offset), -1, -1, 100, NULL,
     "lift of cold products in mixed lists; -1 = chosen on validation pairs, 0.25 without any"},
    {"decoder-epochs", OPTION_INT, FIELD(decoder_epochs), -1, -1, 100000, NULL,
     "passes of the decoder and of the encoder over the products; 0 = neither, -1 = 10, or fewer "
     "where there are more than 10,000"},
    {"decoder-rate", OPTION_REAL, FIELD(decoder_rate), 0.001, 1e-8, 1, NULL, "their learning rate"},
    {"noise", OPTION_REAL, FIELD(noise), 0.05, 0, 100, NULL,
     "Gaussian noise on the encoder's input"},
};

const option_table vasg_option_table = {fields, sizeof fields / sizeof *fields,
                                        sizeof(vasg_options)};

/* ---- Skip-Gram part with checkpoints; the prior follows from what they hold */

typedef struct training {
    skipgram_table table;
    look_prior prior; // all zero without looks
    int epoch;        // done
} training;

static void training_free(training *t) {
    skipgram_table_free(&t->table);
    look_prior_free(&t->prior);
}

static lb_status write_checkpoint(const fit_input *in, const model_common *common,
                                  const vasg_model *m, const training *t) {
    st_writer *w = NULL;
    const skipgram_table *table = &t->table;
    size_t nodes = (size_t)m->n_users + m->n_products, stride = table->stride;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(checkpoint_new("vasg", in, common, &w));
    LB_TRY_CLEANUP(tensor_write_number(w, "epoch", t->epoch));
    LB_TRY_CLEANUP(tensor_write_number(w, "prior_strength", t->prior.strength));
    LB_TRY_CLEANUP(tensor_write_f32(w, "x", nodes, stride, table->x));
    LB_TRY_CLEANUP(tensor_write_f32(w, "bias", m->n_products, 1, table->bias));
    LB_TRY_CLEANUP(checkpoint_save(w, in));
cleanup:
    st_writer_free(w);
    return status;
}

static lb_status read_training(const st_reader *r, const vasg_model *m, training *t) {
    size_t nodes = (size_t)m->n_users + m->n_products, stride = t->table.stride;
    double epoch, strength;
    float *x = NULL, *bias = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(tensor_read_number(r, "epoch", &epoch));
    LB_TRY_CLEANUP(tensor_read_number(r, "prior_strength", &strength));
    LB_TRY_CLEANUP(tensor_read_f32(r, "x", nodes, stride, &x, NULL, NULL));
    LB_TRY_CLEANUP(tensor_read_f32(r, "bias", m->n_products, 1, &bias, NULL, NULL));
    free(t->table.x);
    free(t->table.bias);
    t->table.x = x;
    t->table.bias = bias;
    t->prior.strength = fmax(strength, 0);
    t->epoch = (int)fmin(fmax(epoch, 0), m->options.epochs);
    return LB_OK;
cleanup:
    free(x);
    free(bias);
    return status;
}

/* Goes on from the checkpoint, if there is one. */
static lb_status read_checkpoint(job *j, const fit_input *in, const model_common *common,
                                 const vasg_model *m, training *t) {
    st_reader *r;
    LB_TRY(checkpoint_open(j, "vasg", in, common, &r));
    if (!r) return LB_OK;
    lb_status status = read_training(r, m, t);
    if (status == LB_OK) status = curve_read(r, in->curve);
    if (status == LB_OK) job_note(j, "vasg", "going on after epoch %d", t->epoch);
    st_reader_close(r);
    return status;
}

/* L2 of one pair. A vector meets as many pairs as it has interactions, so its whole pull would grow
 * with them. Only the product of both sides' pulls matters: x_u . x_p is the same for longer users
 * and shorter products. */
static double pull(const vasg_options *o, const split *s) {
    density d = density_of(s);
    return o->l2 * pow(d.n_train / d.n_users * (d.n_train / d.n_products), -0.35);
}

static skipgram_options skipgram_settings(const vasg_options *o, double lambda) {
    return (skipgram_options){
        .dim = (uint32_t)o->dim,
        .epochs = (uint32_t)o->epochs,
        .walks = (uint32_t)o->walks,
        .walk_length = (uint32_t)o->walk_length,
        .negatives = (uint32_t)o->negatives,
        .blocks = (uint32_t)o->blocks,
        .rate = o->rate,
        .last_rate = o->last_rate,
        .far = o->far,
        .lambda = lambda,
        .negative_power = o->negative_power,
    };
}

static lb_status check_converged(const vasg_model *m, const skipgram_table *t) {
    size_t n = ((size_t)m->n_users + m->n_products) * t->stride;
    int finite = 1;
    for (size_t i = 0; i < n && finite; i++) finite = isfinite(t->x[i]);
    for (size_t p = 0; p < m->n_products && finite; p++) finite = isfinite(t->bias[p]);
    if (finite) return LB_OK;
    return status_fail(LB_E_NUMERIC, "the training diverged: lower rate or l2 and train again");
}

/* Records how the Skip-Gram part does by now. */
static lb_status watch(job *j, const fit_input *in, const split *sampled, const vasg_model *m,
                       const training *t) {
    const skipgram_table *table = &t->table;
    curve_space space = {
        .user = table->x,
        .product = table->x + (size_t)m->n_users * table->stride,
        .bias = table->bias,
        .n_products = m->n_products,
        .dim = table->stride,
    };
    double auc[EVAL_KINDS] = {[EVAL_WARM] = NAN};
    if (curve_has_warm_validation(sampled)) LB_TRY(curve_auc(j, sampled, curve_score, &space, auc));
    const curve_value values[] = {
        {CURVE_AUC_WARM, auc[EVAL_WARM]},
        {CURVE_USER_COSINE, curve_user_cosine(in->split, table->x, m->dim, table->stride)},
    };
    return curve_add(in->curve, t->epoch, values, sizeof values / sizeof *values);
}

static lb_status say_epoch(job *j, const char *stage, const training *t, const vasg_options *o) {
    return job_progress(j, stage, "epochs", (uint64_t)t->epoch, (uint64_t)o->epochs);
}

/* The prior that follows from the vectors as they are. */
static lb_status refit_prior(job *j, const split *s, const look_table *l, const vasg_model *m,
                             training *t) {
    const skipgram_table *table = &t->table;
    const float *x = table->x + (size_t)m->n_users * table->stride;
    bool chosen = t->prior.strength > 0;
    LB_TRY(look_prior_mean(s, x, table->stride, table->prior));
    if (!l) return LB_OK;
    LB_TRY(say_epoch(j, "visual prior", t, &m->options));
    LB_TRY(look_prior_refit(j, &t->prior, l, x, table->stride, table->prior));
    if (!chosen) job_note(j, "vasg", "ridge of the visual prior: %.3g", t->prior.strength);
    return LB_OK;
}

/* The share of the variance of warm products' vectors that looks do not explain, 0..1. Products
 * without a look are not explained. */
static double unexplained(const look_prior *p, const split *s) {
    double weights = 0;
    for (uint32_t i = 0; i < s->n_products; i++) weights += look_trust(s->degree[i]);
    return 1 - p->explained * p->weights / weights;
}

/* `left` receives the share of the products' variance that looks do not explain. */
static lb_status train_skipgram(job *j, const fit_input *in, const model_common *common,
                                const bipartite *g, const look_table *l, vasg_model *m,
                                double *left) {
    const vasg_options *o = &m->options;
    skipgram_options settings = skipgram_settings(o, m->lambda);
    training t = {0};
    skipgram_table *table = &t.table;
    split sampled;
    pair *room = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(evaluation_sample(in->split, VASG_VALIDATION, &sampled, &room));
    if (l)
        LB_TRY_CLEANUP(look_prior_new(j, l, (uint32_t)o->prior_components, o->prior_strength,
                                      in->seed, &t.prior));
    LB_TRY_CLEANUP(skipgram_table_new(g, m->dim, in->seed, table));
    if (in->checkpoint && in->resume) LB_TRY_CLEANUP(read_checkpoint(j, in, common, m, &t));
    while (t.epoch < o->epochs) {
        if (t.epoch) LB_TRY_CLEANUP(refit_prior(j, in->split, l, m, &t));
        LB_TRY_CLEANUP(skipgram_epoch(j, g, &settings, (uint32_t)t.epoch, in->seed, table));
        t.epoch++;
        LB_TRY_CLEANUP(say_epoch(j, "validation", &t, o));
        LB_TRY_CLEANUP(watch(j, in, &sampled, m, &t));
        if (in->checkpoint) LB_TRY_CLEANUP(write_checkpoint(in, common, m, &t));
    }
    LB_TRY_CLEANUP(check_converged(m, table));
    if (l) LB_TRY_CLEANUP(refit_prior(j, in->split, l, m, &t));
    *left = l ? unexplained(&t.prior, in->split) : 1;
    skipgram_table_pack(table, (size_t)m->n_users + m->n_products, m->dim);
    // nothing is known of users without interactions: they are at the origin, where popularity
    // decides
    for (size_t u = 0; u < m->n_users; u++)
        if (!bipartite_degree(g, u)) memset(table->x + u * m->dim, 0, m->dim * sizeof *table->x);
    m->x = table->x;
    m->bias = table->bias;
    table->x = table->bias = NULL;
cleanup:
    free(room);
    training_free(&t);
    return status;
}

/* ---- the paper's decoder and encoder, beside */

/* A product's first feature scaled to [0, 1]; the context is a look_view. */
static void fetch_scaled(const void *context, size_t i, float *out) {
    const look_view *v = context;
    row_source rows = look_rows(v, v->table->n);
    rows.fetch(v, i, out);
    autoencoder_scale(out, 1, rows.dim);
}

/* Between x_p and the first feature of the warm products that have it. */
static lb_status train_autoencoder(job *j, const fit_input *in, const look_table *l,
                                   vasg_model *m) {
    const vasg_options *o = &m->options;
    autoencoder_options settings;
    uint32_t *row = NULL;
    float *x = NULL;
    lb_status status = LB_OK;
    if (o->decoder_epochs == 0) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(row, l->n_warm));
    size_t n = look_warm_with(l, 0, row);
    if (!n) goto cleanup;
    look_view view = {l, row, true, 1};
    row_source f = look_rows(&view, n);
    f.fetch = fetch_scaled;
    autoencoder_options_init(&settings);
    settings.epochs = o->decoder_epochs > 0 ? (uint32_t)o->decoder_epochs
                                            : autoencoder_passes(settings.epochs, n);
    settings.rate = o->decoder_rate;
    settings.noise = o->noise;
    settings.seed = in->seed;
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * m->dim));
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * m->dim, m->x + ((size_t)m->n_users + l->product[row[i]]) * m->dim,
               m->dim * sizeof *x);
    LB_TRY_CLEANUP(autoencoder_train(j, &settings, x, m->dim, &f, &m->decoder, &m->encoder));
cleanup:
    free(row);
    free(x);
    return status;
}

/* ---- the whole */

static lb_status fit_cold(job *j, const fit_input *in, const look_table *l, vasg_model *m) {
    LB_TRY(train_autoencoder(j, in, l, m));
    cold_input input = {
        .split = in->split,
        .look = l,
        .x = m->x,
        .bias = m->bias,
        .dim = m->dim,
        .look_dim = (uint32_t)m->options.look_dim,
        .max_landmarks = (uint32_t)m->options.landmarks,
        .seed = in->seed,
    };
    LB_TRY(cold_fit(j, &input, &m->cold));
    m->has_look = 1;
    return LB_OK;
}

/* The spectral part, as far as looks leave something to say (`left`, 0..1), and item-to-item
 * directions, as far as products share buyers. */
static lb_status fit_spectral(job *j, const fit_input *in, const bipartite *g, double left,
                              vasg_model *m) {
    const vasg_options *o = &m->options;
    spectral_part *s = &m->spectral;
    double shared = spectral_shared_users(g);
    double weight = o->spectral_weight * sqrt(left);
    double item_weight = o->item_weight * fmax(0, 1 - ENOUGH_SHARED / shared);
    LB_TRY(job_progress(j, "spectral part", "iterations", 0, 0));
    LB_TRY(spectral_fit(j, g, weight > 0 ? (uint32_t)o->rank : 0, in->seed, s));
    uint32_t most = g->n_products / 4, items = (uint32_t)o->item_rank;
    if (items > most) items = most; // beyond, directions are single products
    if (item_weight > 0 && items) LB_TRY(spectral_add_items(j, g, items, in->seed, s));
    LB_TRY(vasg_spectral_scale(j, m, in->split, weight, item_weight, in->seed));
    job_note(j, "vasg",
             "lambda %.4f; looks explain %.0f %%; spectral part: %u directions, share %.3f, tau "
             "%.3f, edge %.4f, weight %.2f; two products share %.2f buyers: %u item-to-item "
             "directions, weight %.2f",
             m->lambda, 100 * (1 - left), s->rank - s->n_items, s->share, s->tau, s->edge, weight,
             shared, s->n_items, item_weight);
    return LB_OK;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const split *s = in->split;
    vasg_model *m;
    bipartite *g = NULL;
    look_table looks = {0};
    double left; // to say for other parts than looks
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(m, 1));
    m->options = *(const vasg_options *)options;
    m->n_users = s->n_users;
    m->n_products = s->n_products;
    m->dim = (uint32_t)m->options.dim;
    if (!s->n_train) {
        status = status_fail(LB_E_EMPTY, "no interactions to learn from");
        goto cleanup;
    }
    m->lambda = pull(&m->options, s);
    m->negatives = m->options.negatives;
    LB_TRY_CLEANUP(bipartite_new(s->n_users, s->n_products, s->user_start, s->product, NULL, &g));
    if (in->n_features) {
        status = look_new(j, in->features, in->n_features, s, &looks);
        if (status == LB_E_EMPTY)
            job_note(j, "vasg", "%s: training without it", lb_last_error());
        else
            LB_TRY_CLEANUP(status);
        if (status == LB_OK) LB_TRY_CLEANUP(look_weigh(j, &looks, s, in->seed));
    }
    const look_table *l = looks.n_warm ? &looks : NULL;
    LB_TRY_CLEANUP(train_skipgram(j, in, common, g, l, m, &left));
    LB_TRY_CLEANUP(vasg_divide_products(m, s));
    LB_TRY_CLEANUP(vasg_settle_users(j, m, common, s));
    LB_TRY_CLEANUP(fit_spectral(j, in, g, left, m));
    if (l) LB_TRY_CLEANUP(fit_cold(j, in, l, m));
    LB_TRY_CLEANUP(vasg_build_parts(j, m, s, l));
    LB_TRY_CLEANUP(vasg_choose_offset(j, m, s));
    *state = m;
    m = NULL;
cleanup:
    bipartite_free(g);
    look_free(&looks);
    vasg_free(m);
    return status;
}

void vasg_free(void *state) {
    vasg_model *m = state;
    if (!m) return;
    free(m->x);
    free(m->bias);
    user_prior_free(&m->people);
    spectral_free(&m->spectral);
    cold_free(&m->cold);
    free(m->product_look);
    free(m->embedding);
    free(m->level);
    free(m->warm);
    free(m->unseen);
    free(m->warm_vector);
    free(m->cold_vector);
    free(m->mean_warm);
    mlp_free(m->decoder);
    mlp_free(m->encoder);
    free(m);
}

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const vasg_model *m = state;
    part[0] = (model_part){m->n_warm, (uint32_t)vasg_warm_width(m), m->warm, m->warm_vector};
    part[1] = (model_part){m->n_cold, (uint32_t)vasg_cold_width(m), m->unseen, m->cold_vector};
    return 2;
}

static lb_status query_user(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    (void)common;
    const vasg_model *m = state;
    vasg_query(m, m->x + (size_t)user * m->dim, m->spectral.user + (size_t)user * m->spectral.rank,
               query);
    return LB_OK;
}

static const float *embedding(const void *state, uint32_t *dim) {
    const vasg_model *m = state;
    *dim = m->dim;
    return m->embedding;
}

static const float *user_embedding(const void *state, uint32_t *dim) {
    const vasg_model *m = state;
    *dim = m->dim;
    return m->x;
}

const model_class vasg_class = {
    .name = "vasg",
    .summary =
        "Skip-Gram with a visual prior, a spectral part and a head for cold products (the default)",
    .options = &vasg_option_table,
    .many_features = true,
    .fit = fit,
    .free = vasg_free,
    .save = vasg_save,
    .load = vasg_load,
    .parts = parts,
    .query_user = query_user,
    .fold_in = vasg_fold_in,
    .embedding = embedding,
    .relate = vasg_relate,
    .user_embedding = user_embedding,
    .look = vasg_look,
    .place = vasg_place,
};
