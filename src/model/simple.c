#include "model/simple.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/scratch.h"
#include "math/vector.h"
#include "model/look.h"
#include "model/tensors.h"

static const option_table no_options = {NULL, 0, 1};

/* ---- RAND */

typedef struct nothing {
    char unused;
} nothing;

static lb_status fit_nothing(job *j, const fit_input *in, const model_common *common,
                             const void *options, void **state) {
    (void)j, (void)in, (void)common, (void)options;
    nothing *n;
    LB_TRY(NEW_ARRAY(n, 1));
    *state = n;
    return LB_OK;
}

static lb_status save_nothing(const void *state, st_writer *w) {
    (void)state, (void)w;
    return LB_OK;
}

static lb_status load_nothing(const st_reader *r, const model_common *common, void **state) {
    (void)r;
    return fit_nothing(NULL, NULL, common, NULL, state);
}

static lb_status score_random(const void *state, const model_common *common, const uint32_t *users,
                              size_t n, float *out) {
    (void)state;
    for (size_t i = 0; i < n; i++) {
        random_stream r = random_open(common->seed, "random scores", users[i]);
        for (uint32_t p = 0; p < common->n_products; p++) *out++ = random_unit_f32(&r);
    }
    return LB_OK;
}

const model_class rand_class = {
    .name = "rand",
    .summary = "random scores (a reference)",
    .options = &no_options,
    .fit = fit_nothing,
    .free = free,
    .save = save_nothing,
    .load = load_nothing,
    .score = score_random,
};

/* ---- POP and WBOI: one partition of all products they can place */

typedef struct simple_model {
    uint32_t n, dim;
    uint32_t *product; // (n)
    float *vector;     // (n, dim) degrees, or centred features of length one: `room`
    scratch room;      // features may be larger than memory
    int32_t *row_of;   // (n_products) position in product[], or -1
} simple_model;

static void simple_free(void *state) {
    simple_model *m = state;
    if (!m) return;
    free(m->product);
    scratch_close(&m->room);
    free(m->row_of);
    free(m);
}

static lb_status simple_new(uint32_t n_products, uint32_t n, uint32_t dim, simple_model **out) {
    simple_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    m->n = n;
    m->dim = dim;
    lb_status status = NEW_ARRAY(m->product, n);
    if (status == LB_OK)
        status = scratch_open((size_t)n * dim * sizeof(float), SCRATCH_LARGE, &m->room);
    m->vector = m->room.bytes;
    if (status == LB_OK) status = NEW_ARRAY(m->row_of, n_products);
    if (status != LB_OK) {
        simple_free(m);
        return status;
    }
    *out = m;
    return LB_OK;
}

static void index_products(simple_model *m, uint32_t n_products) {
    for (uint32_t p = 0; p < n_products; p++) m->row_of[p] = -1;
    for (uint32_t i = 0; i < m->n; i++) m->row_of[m->product[i]] = (int32_t)i;
}

static size_t simple_parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const simple_model *m = state;
    part[0] = (model_part){m->n, m->dim, m->product, m->vector};
    return 1;
}

static lb_status load_pop(const st_reader *r, const model_common *common, void **state) {
    (void)r;
    simple_model *m;
    LB_TRY(simple_new(common->n_products, common->n_products, 1, &m));
    for (uint32_t p = 0; p < common->n_products; p++) {
        m->product[p] = p;
        m->vector[p] = (float)common->degree[p];
    }
    index_products(m, common->n_products);
    *state = m;
    return LB_OK;
}

static lb_status fit_pop(job *j, const fit_input *in, const model_common *common,
                         const void *options, void **state) {
    (void)j, (void)in, (void)options;
    return load_pop(NULL, common, state); // degrees are all there is to it
}

static lb_status query_one(const void *state, const model_common *common, uint32_t user,
                           float *const query[MODEL_MAX_PARTS]) {
    (void)state, (void)common, (void)user;
    query[0][0] = 1;
    return LB_OK;
}

static lb_status fold_one(const void *state, const model_common *common, const taste *who,
                          float *const query[MODEL_MAX_PARTS]) {
    (void)who;
    return query_one(state, common, 0, query);
}

/* The logarithm of the number of pairs of a buyer of each. */
static lb_status relate_popular(const void *state, const model_common *common,
                                const relation *pairs, size_t n, float *scores) {
    (void)state;
    for (size_t i = 0; i < n; i++)
        scores[i] = log1pf((float)common->degree[pairs[i].a]) +
                    log1pf((float)common->degree[pairs[i].b]);
    return LB_OK;
}

const model_class pop_class = {
    .name = "pop",
    .seedless = true,
    .summary = "what is bought most (a reference)",
    .options = &no_options,
    .fit = fit_pop,
    .free = simple_free,
    .save = save_nothing,
    .load = load_pop,
    .parts = simple_parts,
    .query_user = query_one,
    .fold_in = fold_one,
    .relate = relate_popular,
};

static lb_status fit_wboi(job *j, const fit_input *in, const model_common *common,
                          const void *options, void **state) {
    (void)options;
    look_table looks = {0};
    simple_model *m = NULL;
    lb_status status = LB_OK;
    if (!in->n_features)
        return status_fail(LB_E_EMPTY,
                           "comparing looks needs a feature: import one, or make one with encode");
    LB_TRY_CLEANUP(look_new(j, in->features, 1, in->split, &looks));
    look_view view = {&looks, NULL, false, 0};
    row_source rows = look_rows(&view, looks.n);
    LB_TRY_CLEANUP(simple_new(common->n_products, looks.n, looks.dim, &m));
    memcpy(m->product, looks.product, looks.n * sizeof *m->product);
    LB_TRY_CLEANUP(rows_fetch(j, &rows, 0, looks.n, m->vector));
    index_products(m, common->n_products);
    *state = m;
    m = NULL;
cleanup:
    look_free(&looks);
    simple_free(m);
    return status;
}

static lb_status save_wboi(const void *state, st_writer *w) {
    const simple_model *m = state;
    size_t rows[1] = {m->n}, shape[2] = {m->n, m->dim};
    LB_TRY(st_writer_tensor(w, "wboi.product", ST_U32, rows, 1, m->product));
    return st_writer_tensor(w, "wboi.vector", ST_F32, shape, 2, m->vector);
}

static lb_status read_products(const st_reader *r, uint32_t n_products, simple_model *m) {
    size_t shape[1] = {m->n};
    const void *product;
    LB_TRY(st_reader_find(r, "wboi.product", ST_U32, 1, shape, &product));
    const uint32_t *rows = product;
    for (size_t i = 0; i < m->n; i++)
        if (rows[i] >= n_products)
            return status_fail(LB_E_FORMAT, "tensor wboi.product: row %u of %u products", rows[i],
                               n_products);
    if (m->n) memcpy(m->product, rows, m->n * sizeof *rows);
    return LB_OK;
}

static lb_status load_wboi(const st_reader *r, const model_common *common, void **state) {
    size_t n, dim;
    const float *vector;
    simple_model *m = NULL;
    lb_status status = LB_OK;
    LB_TRY(tensor_find_f32(r, "wboi.vector", ST_ANY, ST_ANY, &vector, &n, &dim));
    if (n > common->n_products || dim > UINT32_MAX)
        return status_fail(LB_E_FORMAT, "tensor wboi.vector: %zu products of %u, %zu numbers each",
                           n, common->n_products, dim);
    LB_TRY_CLEANUP(simple_new(common->n_products, (uint32_t)n, (uint32_t)dim, &m));
    LB_TRY_CLEANUP(read_products(r, common->n_products, m));
    if (n && dim) memcpy(m->vector, vector, n * dim * sizeof *vector);
    index_products(m, common->n_products);
    *state = m;
    m = NULL;
cleanup:
    simple_free(m);
    return status;
}

static void add_look(const simple_model *m, uint32_t product, float weight, float *query) {
    if (m->row_of[product] >= 0)
        vec_axpy(query, weight, m->vector + (size_t)m->row_of[product] * m->dim, m->dim);
}

static lb_status query_wboi(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    const simple_model *m = state;
    memset(query[0], 0, m->dim * sizeof **query);
    for (uint32_t k = common->user_start[user]; k < common->user_start[user + 1]; k++)
        add_look(m, common->product[k], common->rating[k], query[0]);
    vec_normalise(query[0], m->dim);
    return LB_OK;
}

static lb_status fold_wboi(const void *state, const model_common *common, const taste *who,
                           float *const query[MODEL_MAX_PARTS]) {
    const simple_model *m = state;
    memset(query[0], 0, m->dim * sizeof **query);
    if (who->user >= 0) LB_TRY(query_wboi(state, common, (uint32_t)who->user, query));
    for (size_t i = 0; i < who->n_liked; i++) add_look(m, who->liked[i], 1, query[0]);
    for (size_t i = 0; i < who->n_disliked; i++) add_look(m, who->disliked[i], -1, query[0]);
    vec_normalise(query[0], m->dim);
    return LB_OK;
}

const model_class wboi_class = {
    .name = "wboi",
    .seedless = true,
    .summary = "weighted bag of images: products that look like what was bought (a reference)",
    .options = &no_options,
    .fit = fit_wboi,
    .free = simple_free,
    .save = save_wboi,
    .load = load_wboi,
    .parts = simple_parts,
    .query_user = query_wboi,
    .fold_in = fold_wboi,
};

/* ---- INN: the same vectors, as a question about two products */

static lb_status relate_looks(const void *state, const model_common *common, const relation *pairs,
                              size_t n, float *scores) {
    (void)common;
    const simple_model *m = state;
    for (size_t i = 0; i < n; i++) {
        int32_t a = m->row_of[pairs[i].a], b = m->row_of[pairs[i].b];
        scores[i] = -INFINITY;
        if (a >= 0 && b >= 0)
            scores[i] = vec_dot(m->vector + (size_t)a * m->dim, m->vector + (size_t)b * m->dim,
                                m->dim);
    }
    return LB_OK;
}

const model_class inn_class = {
    .name = "inn",
    .seedless = true,
    .summary = "image nearest neighbours: which products look alike (a reference)",
    .options = &no_options,
    .fit = fit_wboi,
    .free = simple_free,
    .save = save_wboi,
    .load = load_wboi,
    .parts = simple_parts,
    .query_user = query_wboi,
    .fold_in = fold_wboi,
    .relate = relate_looks,
};
