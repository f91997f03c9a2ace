#include "model/bpr.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/tensors.h"

#define FIELD(member) offsetof(pairwise_options, member)

static const option_field fields[] = {
    {"dim", OPTION_INT, FIELD(dim), 64, 1, 1024, NULL, "factors"},
    {"epochs", OPTION_INT, FIELD(epochs), 100, 1, 100000, NULL,
     "passes over the interactions, at most"},
    {"patience", OPTION_INT, FIELD(patience), 20, 1, 100000, NULL,
     "epochs without a better validation AUC before training ends"},
    {"blocks", OPTION_INT, FIELD(blocks), 0, 0, 32, NULL,
     "blocks of users and of products that are trained side by side; 0 = by size"},
    {"rate", OPTION_REAL, FIELD(rate), 0, 0, 10, NULL,
     "learning rate at the start; 0 = 3 / interactions per user, within 0.05 to 0.4"},
    {"last-rate", OPTION_REAL, FIELD(last_rate), -1, -1, 10, NULL,
     "learning rate at the end; -1 = a twentieth of the first"},
    {"l2", OPTION_REAL, FIELD(l2), -1, -1, 100, NULL,
     "L2 of the factors, per triple; -1 = in proportion to what chance gives in data so sparse"},
    {"l2-bias", OPTION_REAL, FIELD(l2_bias), 0.001, 0, 100, NULL, "L2 of the product biases"},
};

static const option_table bpr_option_table = {fields, sizeof fields / sizeof *fields,
                                              sizeof(pairwise_options)};

static size_t width_of(const bpr_model *m) {
    return (size_t)m->dim + m->visual_dim;
}

/* ---- partitions */

static lb_status gather(const bpr_model *m, const uint32_t *rows, uint32_t n, float **out) {
    size_t width = width_of(m);
    LB_TRY(NEW_ARRAY(*out, n * (width + 1)));
    for (size_t i = 0; i < n; i++) {
        float *to = *out + i * (width + 1);
        memcpy(to, m->product + rows[i] * width, width * sizeof *to);
        to[width] = m->bias[rows[i]];
    }
    return LB_OK;
}

static lb_status list_warm(bpr_model *m, const uint32_t *degree) {
    LB_TRY(NEW_ARRAY(m->warm, m->n_products));
    for (uint32_t p = 0; p < m->n_products; p++)
        if (degree[p]) m->warm[m->n_warm++] = p;
    return LB_OK;
}

static lb_status build_parts(bpr_model *m) {
    LB_TRY(gather(m, m->warm, m->n_warm, &m->vector[0]));
    return gather(m, m->unseen, m->n_cold, &m->vector[1]);
}

size_t bpr_parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const bpr_model *m = state;
    uint32_t width = m->dim + m->visual_dim + 1;
    part[0] = (model_part){m->n_warm, width, m->warm, m->vector[0]};
    part[1] = (model_part){m->n_cold, width, m->unseen, m->vector[1]};
    return 2;
}

lb_status bpr_query(const void *state, const model_common *common, uint32_t user,
                    float *const query[MODEL_MAX_PARTS]) {
    (void)common;
    const bpr_model *m = state;
    size_t width = width_of(m);
    for (int i = 0; i < 2; i++) {
        memcpy(query[i], m->user + user * width, width * sizeof(float));
        query[i][width] = 1;
    }
    return LB_OK;
}

const float *bpr_embedding(const void *state, uint32_t *dim) {
    const bpr_model *m = state;
    *dim = m->dim + m->visual_dim;
    return m->product;
}

const float *bpr_user_embedding(const void *state, uint32_t *dim) {
    const bpr_model *m = state;
    *dim = m->dim + m->visual_dim;
    return m->user;
}

/* ---- training */

static double mean_warm_bias(const bpr_model *m, const pairwise_table *t) {
    double sum = 0;
    for (uint32_t i = 0; i < m->n_warm; i++) sum += (double)t->bias[m->warm[i]];
    return m->n_warm ? sum / m->n_warm : 0;
}

/* Takes the table's vectors. Cold products have neither g_p nor b_p. */
static lb_status take_table(bpr_model *m, const split *s, pairwise_table *t,
                            const uint8_t *placeable) {
    size_t width = width_of(m);
    LB_TRY(list_warm(m, s->degree));
    LB_TRY(NEW_ARRAY(m->unseen, m->n_products));
    m->level = mean_warm_bias(m, t);
    float mean = (float)m->level;
    for (uint32_t p = 0; p < m->n_products; p++) {
        int is_cold = s->degree[p] == 0, is_placed = placeable && placeable[p] && m->visual_dim;
        t->bias[p] = (is_cold ? is_placed ? mean : 0 : t->bias[p]) + t->look_bias[p];
        if (is_placed && is_cold) m->unseen[m->n_cold++] = p;
    }
    for (uint32_t u = 0; u < m->n_users; u++)
        if (s->user_start[u] == s->user_start[u + 1])
            memset(t->user + u * width, 0, width * sizeof(float));
    m->user = t->user;
    m->product = t->product;
    m->bias = t->bias;
    t->user = t->product = t->bias = NULL;
    return build_parts(m);
}

lb_status bpr_fit(job *j, const char *name, const fit_input *in, const model_common *common,
                  const pairwise_options *options, const bpr_features *features, void **state) {
    const split *s = in->split;
    const bpr_features none = {0}, *f = features ? features : &none;
    const pairwise_options chosen = pairwise_settle(options, s, f->value != NULL);
    pairwise_table t = {0};
    bpr_model *m = NULL;
    lb_status status = LB_OK;
    job_note(j, name, "rate %.3g falling to %.3g, l2 %.3g", chosen.rate, chosen.last_rate,
             chosen.l2);
    LB_TRY_CLEANUP(pairwise_table_new(s, &chosen, f->value, f->n, in->seed, &t));
    t.curve = in->curve;
    LB_TRY_CLEANUP(pairwise_train(j, name, in, common, &chosen, &t));
    LB_TRY_CLEANUP(NEW_ARRAY(m, 1));
    m->n_users = t.n_users;
    m->n_products = t.n_products;
    m->dim = t.dim;
    m->visual_dim = t.visual_dim;
    m->l2 = chosen.l2;
    m->l2_visual = chosen.l2_visual;
    LB_TRY_CLEANUP(take_table(m, s, &t, f->placeable));
    if (m->visual_dim) LB_TRY_CLEANUP(bpr_take_map(j, &t, f, m));
    *state = m;
    m = NULL;
cleanup:
    pairwise_table_free(&t);
    bpr_free(m);
    return status;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    return bpr_fit(j, "bpr", in, common, options, NULL, state);
}

void bpr_free(void *state) {
    bpr_model *m = state;
    if (!m) return;
    free(m->user);
    free(m->product);
    free(m->bias);
    free(m->warm);
    free(m->unseen);
    free(m->vector[0]);
    free(m->vector[1]);
    free(m->feature_mean);
    free(m->map);
    free(m->look);
    free(m);
}

/* ---- files: the vectors; E f is in them, E is for products that come later */

lb_status bpr_save(const void *state, st_writer *w) {
    const bpr_model *m = state;
    size_t width = width_of(m);
    LB_TRY(tensor_write_number(w, "bpr.dim", m->dim));
    LB_TRY(tensor_write_number(w, "bpr.l2", m->l2));
    LB_TRY(tensor_write_number(w, "bpr.l2_visual", m->l2_visual));
    LB_TRY(tensor_write_f32(w, "bpr.user", m->n_users, width, m->user));
    LB_TRY(tensor_write_f32(w, "bpr.product", m->n_products, width, m->product));
    LB_TRY(tensor_write_f32(w, "bpr.bias", m->n_products, 1, m->bias));
    LB_TRY(tensor_write_rows(w, "bpr.cold", m->n_cold, m->unseen));
    return bpr_save_map(m, w);
}

static lb_status read_model(const st_reader *r, const model_common *common, bpr_model *m) {
    double dim;
    size_t width, n_cold;
    m->n_users = common->n_users;
    m->n_products = common->n_products;
    LB_TRY(tensor_read_number(r, "bpr.dim", &dim));
    LB_TRY(tensor_read_number(r, "bpr.l2", &m->l2));
    LB_TRY(tensor_read_number(r, "bpr.l2_visual", &m->l2_visual));
    LB_TRY(tensor_read_f32(r, "bpr.user", m->n_users, ST_ANY, &m->user, NULL, &width));
    if (!(dim >= 0 && dim <= (double)width && width < UINT32_MAX))
        return status_fail(LB_E_FORMAT, "bpr.dim: %g of vectors of %zu numbers", dim, width);
    m->dim = (uint32_t)dim;
    m->visual_dim = (uint32_t)width - m->dim;
    LB_TRY(tensor_read_f32(r, "bpr.product", m->n_products, width, &m->product, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "bpr.bias", m->n_products, 1, &m->bias, NULL, NULL));
    LB_TRY(tensor_read_rows(r, "bpr.cold", ST_ANY, m->n_products, &m->unseen, &n_cold));
    for (size_t i = 0; i < n_cold; i++)
        if (common->degree[m->unseen[i]] || (i && m->unseen[i] <= m->unseen[i - 1]))
            return status_fail(LB_E_FORMAT, "tensor bpr.cold: not cold products in order, at %zu",
                               i);
    m->n_cold = (uint32_t)n_cold;
    LB_TRY(list_warm(m, common->degree));
    LB_TRY(build_parts(m));
    return bpr_read_map(r, m);
}

lb_status bpr_load(const st_reader *r, const model_common *common, void **state) {
    bpr_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    lb_status status = read_model(r, common, m);
    if (status == LB_OK)
        *state = m;
    else
        bpr_free(m);
    return status;
}

const model_class bpr_class = {
    .name = "bpr",
    .summary = "matrix factorisation by Bayesian personalised ranking (a reference)",
    .options = &bpr_option_table,
    .fit = fit,
    .free = bpr_free,
    .save = bpr_save,
    .load = bpr_load,
    .parts = bpr_parts,
    .query_user = bpr_query,
    .fold_in = bpr_fold_in,
    .embedding = bpr_embedding,
    .user_embedding = bpr_user_embedding,
};
