#include "model/ibr.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/tensors.h"

#define FIELD(member) offsetof(ibr_options, member)

static const option_field fields[] = {
    {"rank", OPTION_INT, FIELD(rank), 100, 1, 1024, NULL, "rank of the distance"},
    {"pairs", OPTION_INT, FIELD(pairs), 2000000, 2, 100000000, NULL,
     "pairs bought together to learn from, at most"},
    {"epochs", OPTION_INT, FIELD(epochs), 100, 1, 100000, NULL, "passes over the pairs, at most"},
    {"patience", OPTION_INT, FIELD(patience), 5, 1, 100000, NULL,
     "epochs without a better validation AUC before training ends"},
    {"batch", OPTION_INT, FIELD(batch), 65536, 2, 16777216, NULL,
     "pairs of a step, at most; at least 16 steps make an epoch"},
    {"rate", OPTION_REAL, FIELD(rate), 0.003, 1e-7, 10, NULL, "learning rate of Adam"},
};

static const option_table ibr_option_table = {fields, sizeof fields / sizeof *fields,
                                              sizeof(ibr_options)};

typedef struct ibr_model {
    uint32_t n, dim, rank,
        n_products; // products with the feature, its length, rank of the distance
    float *map;     // (dim, rank) from centred features to style
    float *mean;    // (dim) what they are centred on
    float c;
    uint32_t *product; // (n) rows, ascending
    uint8_t *placed;   // (n_products) 1 = has the feature
    float *style;      // (n_products, rank) zero without the feature
    float *vector;     // (n, rank + 2) [s; |s|^2; 1]
} ibr_model;

static void ibr_free(void *state) {
    ibr_model *m = state;
    if (!m) return;
    free(m->map);
    free(m->mean);
    free(m->product);
    free(m->placed);
    free(m->style);
    free(m->vector);
    free(m);
}

/* ---- vectors. sum over h of w_h (c - |s_h - s_p|^2) is the inner product of the query
 *      sum over h of w_h [2 s_h; -1; c - |s_h|^2] with [s_p; |s_p|^2; 1]. */

static size_t width_of(const ibr_model *m) {
    return (size_t)m->rank + 2;
}

static void write_vector(const ibr_model *m, const float *style, float *out) {
    memcpy(out, style, m->rank * sizeof *out);
    out[m->rank] = vec_dot(style, style, m->rank);
    out[m->rank + 1] = 1;
}

/* Everything that follows from style and product. */
static lb_status place_products(ibr_model *m) {
    LB_TRY(NEW_ARRAY(m->placed, m->n_products));
    LB_TRY(NEW_ARRAY(m->vector, m->n * width_of(m)));
    for (size_t i = 0; i < m->n; i++) {
        m->placed[m->product[i]] = 1;
        write_vector(m, m->style + (size_t)m->product[i] * m->rank, m->vector + i * width_of(m));
    }
    return LB_OK;
}

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const ibr_model *m = state;
    part[0] = (model_part){m->n, m->rank + 2, m->product, m->vector};
    return 1;
}

/* Adds products to a query, one weight for all of them together. */
static void add_products(const ibr_model *m, const uint32_t *products, size_t n, float weight,
                         float *query) {
    size_t placed = 0;
    for (size_t i = 0; i < n; i++) placed += m->placed[products[i]];
    float each = placed ? weight / (float)placed : 0;
    for (size_t i = 0; i < n; i++) {
        if (!m->placed[products[i]]) continue;
        const float *style = m->style + (size_t)products[i] * m->rank;
        vec_axpy(query, 2 * each, style, m->rank);
        query[m->rank] -= each;
        query[m->rank + 1] += each * (m->c - vec_dot(style, style, m->rank));
    }
}

static lb_status query_user(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    const ibr_model *m = state;
    uint32_t begin = common->user_start[user], end = common->user_start[user + 1];
    memset(query[0], 0, width_of(m) * sizeof **query);
    add_products(m, common->product + begin, end - begin, 1, query[0]);
    return LB_OK;
}

/* A person's own products and the liked ones have half of the weight each where there are both. */
static lb_status fold_in(const void *state, const model_common *common, const taste *who,
                         float *const query[MODEL_MAX_PARTS]) {
    const ibr_model *m = state;
    memset(query[0], 0, width_of(m) * sizeof **query);
    if (who->user >= 0) LB_TRY(query_user(state, common, (uint32_t)who->user, query));
    if (who->user >= 0 && who->n_liked) vec_scale(query[0], 0.5f, width_of(m));
    add_products(m, who->liked, who->n_liked, who->user >= 0 ? 0.5f : 1, query[0]);
    add_products(m, who->disliked, who->n_disliked, -1, query[0]);
    return LB_OK;
}

static lb_status relate(const void *state, const model_common *common, const relation *pairs,
                        size_t n, float *scores) {
    (void)common;
    const ibr_model *m = state;
    for (size_t i = 0; i < n; i++) {
        relation r = pairs[i];
        scores[i] = -INFINITY;
        if (m->placed[r.a] && m->placed[r.b])
            scores[i] = m->c - vec_squared_distance(m->style + (size_t)r.a * m->rank,
                                                    m->style + (size_t)r.b * m->rank, m->rank);
    }
    return LB_OK;
}

static const float *style_of(const void *state, uint32_t *dim) {
    const ibr_model *m = state;
    *dim = m->rank;
    return m->style;
}

static lb_status place(const void *state, float *feature, size_t n, size_t feature_dim,
                       const words_product *said, float *vectors, float *embedding, float *look) {
    const ibr_model *m = state;
    (void)said;
    LB_TRY(look_check_dim(feature_dim, m->dim));
    for (size_t i = 0; i < n; i++) vec_axpy(feature + i * m->dim, -1, m->mean, m->dim);
    LB_TRY(matrix_multiply_parallel(NULL, 0, 0, n, m->rank, m->dim, 1, feature, m->dim, m->map,
                                    m->rank, 0, embedding, m->rank));
    memcpy(look, embedding, n * m->rank * sizeof *look);
    for (size_t i = 0; i < n; i++)
        write_vector(m, embedding + i * m->rank, vectors + i * width_of(m));
    return LB_OK;
}

/* ---- training */

/* A table's features centred and multiplied by a number. */
typedef struct scaled_looks {
    row_source raw;
    const float *mean;
    float scale;
} scaled_looks;

static void fetch_scaled(const void *context, size_t row, float *out) {
    const scaled_looks *s = context;
    s->raw.fetch(s->raw.context, row, out);
    vec_axpy(out, -1, s->mean, s->raw.dim);
    vec_scale(out, s->scale, s->raw.dim);
}

/* The scale that gives two random trained products a mean squared distance of one. */
static lb_status find_scale(job *j, const look_table *l, row_source raw, float *scale) {
    size_t block = ibr_block_rows(l->dim), n;
    double squares = 0;
    float *rows;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(rows, (raw.n < block ? raw.n : block) * l->dim));
    for (size_t first = 0; first < raw.n; first += n) {
        n = raw.n - first < block ? raw.n - first : block;
        LB_TRY_CLEANUP(job_progress(j, "ibr", "products", first, raw.n));
        LB_TRY_CLEANUP(rows_fetch(j, &raw, first, n, rows));
        for (size_t i = 0; i < n; i++) {
            float *row = rows + i * l->dim;
            if (l->weight[first + i] <= 0) continue;
            vec_axpy(row, -1, l->space.mean, l->dim);
            squares += vec_dot_wide(row, row, l->dim);
        }
    }
    double mean = 2 * squares / (double)l->n_warm;
    *scale = mean > 0 ? (float)(1 / sqrt(mean)) : 0;
cleanup:
    free(rows);
    return status;
}

static lb_status take_parameters(job *j, const look_table *l, const ibr_problem *p, float scale,
                                 const float *parameters, ibr_model *m) {
    ibr_work w;
    size_t size = (size_t)l->dim * m->rank;
    m->c = parameters[size];
    LB_TRY(NEW_ARRAY(m->product, l->n));
    LB_TRY(NEW_ARRAY(m->mean, l->dim));
    LB_TRY(NEW_ARRAY(m->map, size));
    LB_TRY(NEW_ARRAY(m->style, (size_t)m->n_products * m->rank));
    memcpy(m->product, l->product, l->n * sizeof *m->product);
    memcpy(m->mean, l->space.mean, l->dim * sizeof *m->mean);
    vec_axpy(m->map, scale, parameters, size);
    LB_TRY(ibr_work_new(p, 0, &w));
    lb_status status = ibr_project(j, p, parameters, &w);
    for (size_t i = 0; i < l->n && status == LB_OK; i++)
        memcpy(m->style + (size_t)l->product[i] * m->rank, w.style + i * m->rank,
               m->rank * sizeof *w.style);
    ibr_work_free(&w);
    return status;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const ibr_options *o = options;
    look_table l = {0};
    float *parameters = NULL;
    ibr_model *m = NULL;
    lb_status status;
    if (!in->n_features)
        return status_fail(LB_E_EMPTY, "ibr needs a feature: import one, or make one with encode");
    LB_TRY_CLEANUP(look_new(j, in->features, 1, in->split, &l));
    look_view raw = {&l, NULL, true, 0};
    scaled_looks looks = {look_rows(&raw, l.n), l.space.mean, 0};
    LB_TRY_CLEANUP(find_scale(j, &l, looks.raw, &looks.scale));
    ibr_problem p = {
        {l.n, l.dim, fetch_scaled, &looks, NULL}, (uint32_t)o->rank, ibr_block_rows(l.dim)};
    LB_TRY_CLEANUP(ibr_train(j, in, o, &l, &p, &parameters));
    LB_TRY_CLEANUP(NEW_ARRAY(m, 1));
    *m = (ibr_model){
        .n = l.n, .dim = l.dim, .rank = (uint32_t)o->rank, .n_products = common->n_products};
    LB_TRY_CLEANUP(take_parameters(j, &l, &p, looks.scale, parameters, m));
    LB_TRY_CLEANUP(place_products(m));
    *state = m;
    m = NULL;
cleanup:
    look_free(&l);
    free(parameters);
    ibr_free(m);
    return status;
}

/* ---- files */

static lb_status save(const void *state, st_writer *w) {
    const ibr_model *m = state;
    LB_TRY(tensor_write_number(w, "ibr.c", (double)m->c));
    LB_TRY(tensor_write_f32(w, "ibr.map", m->dim, m->rank, m->map));
    LB_TRY(tensor_write_f32(w, "ibr.mean", m->dim, 1, m->mean));
    LB_TRY(tensor_write_f32(w, "ibr.style", m->n_products, m->rank, m->style));
    return tensor_write_rows(w, "ibr.product", m->n, m->product);
}

static lb_status read_model(const st_reader *r, const model_common *common, ibr_model *m) {
    size_t dim, rank, n;
    double c;
    m->n_products = common->n_products;
    LB_TRY(tensor_read_number(r, "ibr.c", &c));
    LB_TRY(tensor_read_f32(r, "ibr.map", ST_ANY, ST_ANY, &m->map, &dim, &rank));
    LB_TRY(tensor_read_f32(r, "ibr.mean", dim, 1, &m->mean, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "ibr.style", m->n_products, rank, &m->style, NULL, NULL));
    LB_TRY(tensor_read_rows(r, "ibr.product", ST_ANY, m->n_products, &m->product, &n));
    if (rank < 1 || rank > 1024 || dim > UINT32_MAX || n > m->n_products)
        return status_fail(LB_E_FORMAT, "ibr: %zu products, a feature of %zu numbers, rank %zu", n,
                           dim, rank);
    for (size_t i = 1; i < n; i++)
        if (m->product[i] <= m->product[i - 1])
            return status_fail(LB_E_FORMAT, "tensor ibr.product: row %u is not in order",
                               m->product[i]);
    m->n = (uint32_t)n;
    m->dim = (uint32_t)dim;
    m->rank = (uint32_t)rank;
    m->c = (float)c;
    return place_products(m);
}

static lb_status load(const st_reader *r, const model_common *common, void **state) {
    ibr_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    lb_status status = read_model(r, common, m);
    if (status == LB_OK)
        *state = m;
    else
        ibr_free(m);
    return status;
}

const model_class ibr_class = {
    .name = "ibr",
    .summary = "image-based recommendation: a learned distance between looks (a reference)",
    .options = &ibr_option_table,
    .fit = fit,
    .free = ibr_free,
    .save = save,
    .load = load,
    .parts = parts,
    .query_user = query_user,
    .fold_in = fold_in,
    .embedding = style_of,
    .look = style_of,
    .place = place,
    .relate = relate,
};
