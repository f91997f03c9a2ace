#include "model/content.h"

#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "model/tensors.h"

enum { BATCH = 512 };

/* ---- the regression */

/* Sums over warm products, of looks f and factors h. */
typedef struct moments {
    double *looks, *cross; // (F, F) sum of f f^T, lower triangle; (F, dim) sum of f h^T
    double *look, *factor; // (F), (dim) means
} moments;

static void moments_free(moments *s) {
    free(s->looks);
    free(s->cross);
    free(s->look);
    free(s->factor);
}

static lb_status add_batch(job *j, size_t n, size_t width, size_t dim, const double *f,
                           const double *h, moments *s) {
    LB_TRY(matrix_gram_f64(j, 1, width, n, 1, f, width, 1, s->looks, width));
    return matrix_multiply_f64(j, 1, 0, width, dim, n, 1, f, width, h, dim, 1, s->cross, dim);
}

/* Looks of `n` products in a row, and their factors, in double. */
static void widen(const look_table *l, const float *looks, const float *factors, size_t first,
                  size_t n, size_t dim, double *f, double *h) {
    for (size_t i = 0; i < n * l->dim; i++) f[i] = (double)looks[i];
    for (size_t i = 0; i < n; i++) {
        const float *from = factors + l->product[l->warm[first + i]] * dim;
        for (size_t d = 0; d < dim; d++) h[i * dim + d] = (double)from[d];
    }
}

/* In batches of products, so that neither all features nor a copy of them in double is in memory.
 */
static lb_status accumulate(job *j, const look_table *l, const float *factors, size_t dim,
                            moments *s) {
    size_t width = l->dim;
    look_view view = {l, l->warm, false, 0};
    row_source warm = look_rows(&view, l->n_warm);
    float *looks = NULL;
    double *f = NULL, *h = NULL, share = 1 / (double)l->n_warm;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(looks, BATCH * width));
    LB_TRY_CLEANUP(NEW_ARRAY(f, BATCH * width));
    LB_TRY_CLEANUP(NEW_ARRAY(h, BATCH * dim));
    for (size_t first = 0; first < l->n_warm; first += BATCH) {
        size_t n = l->n_warm - first < BATCH ? l->n_warm - first : BATCH;
        LB_TRY_CLEANUP(rows_fetch(j, &warm, first, n, looks));
        widen(l, looks, factors, first, n, dim, f, h);
        for (size_t i = 0; i < n; i++) {
            vec_axpy_f64(s->look, share, f + i * width, width);
            vec_axpy_f64(s->factor, share, h + i * dim, dim);
        }
        LB_TRY_CLEANUP(add_batch(j, n, width, dim, f, h, s));
    }
cleanup:
    free(looks);
    free(f);
    free(h);
    return status;
}

/* Takes the means out of the sums, which is what an intercept does, and adds the ridge. */
static void centre(const look_table *l, size_t dim, double ridge, moments *s) {
    size_t width = l->dim;
    double n = (double)l->n_warm;
    for (size_t a = 0; a < width; a++) {
        vec_axpy_f64(s->looks + a * width, -n * s->look[a], s->look, a + 1);
        vec_axpy_f64(s->cross + a * dim, -n * s->look[a], s->factor, dim);
        s->looks[a * width + a] += ridge;
    }
}

lb_status content_regress(job *j, const look_table *l, const float *factors, uint32_t dim,
                          double ridge, double **map) {
    size_t width = l->dim;
    moments s = {0};
    double *out = NULL;
    lb_status status = LB_OK;
    if (width > CONTENT_MAX_FEATURE)
        return status_fail(LB_E_UNSUPPORTED,
                           "content: a feature of %zu values is more than %d; import a shorter one",
                           width, CONTENT_MAX_FEATURE);
    LB_TRY_CLEANUP(NEW_ARRAY(s.looks, width * width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.cross, width * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(s.look, width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.factor, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(out, (width + 1) * dim));
    LB_TRY_CLEANUP(accumulate(j, l, factors, dim, &s));
    centre(l, dim, ridge, &s);
    LB_TRY_CLEANUP(cholesky_factor(j, s.looks, width));
    LB_TRY_CLEANUP(cholesky_solve(j, s.looks, width, s.cross, dim));
    double *intercept = out + width * dim;
    memcpy(out, s.cross, width * dim * sizeof *out);
    memcpy(intercept, s.factor, dim * sizeof *out);
    for (size_t a = 0; a < width; a++) vec_axpy_f64(intercept, -s.look[a], out + a * dim, dim);
    *map = out;
    out = NULL;
cleanup:
    moments_free(&s);
    free(out);
    return status;
}

/* ---- what looks predict */

typedef struct predict_context {
    const look_table *look;
    const row_source *rows; // of the table, as the regression knows them
    const double *map;      // (F + 1, dim)
    size_t dim;
    float *factors, *looks; // (n_products, dim) of cold products; of all with a feature
} predict_context;

static lb_status predict_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const predict_context *c = context;
    const look_table *l = c->look;
    const double *intercept = c->map + l->dim * c->dim;
    double *sum = NULL;
    float *row = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(sum, c->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(row, l->dim));
    for (size_t i = begin; i < end; i++) {
        float *factor = c->factors + l->product[i] * c->dim;
        float *look = c->looks + l->product[i] * c->dim;
        c->rows->fetch(c->rows->context, i, row);
        memcpy(sum, intercept, c->dim * sizeof *sum);
        for (size_t k = 0; k < l->dim; k++)
            vec_axpy_f64(sum, (double)row[k], c->map + k * c->dim, c->dim);
        for (size_t d = 0; d < c->dim; d++) {
            look[d] = (float)(sum[d] - intercept[d]);
            if (l->weight[i] <= 0) factor[d] = (float)sum[d];
        }
    }
cleanup:
    free(sum);
    free(row);
    return status;
}

static lb_status place_cold(const look_table *l, ials_model *m) {
    uint32_t *cold, n = 0;
    LB_TRY(NEW_ARRAY(cold, l->n));
    for (size_t i = 0; i < l->n; i++)
        if (l->weight[i] <= 0) cold[n++] = l->product[i];
    return ials_place_cold(m, cold, n);
}

/* Takes the table's space over. */
static lb_status take_map(look_table *l, const double *map, content_model *m) {
    size_t n = ((size_t)l->dim + 1) * m->factors->dim;
    LB_TRY(NEW_ARRAY(m->map, n));
    for (size_t i = 0; i < n; i++) m->map[i] = (float)map[i];
    m->space = l->space;
    l->space.mean = NULL;
    return LB_OK;
}

static void content_free(void *state) {
    content_model *m = state;
    if (!m) return;
    ials_free(m->factors);
    free(m->space.mean);
    free(m->map);
    free(m->look);
    free(m);
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const ials_options *o = options;
    look_table looks = {0};
    content_model *m = NULL;
    double *map = NULL;
    lb_status status = LB_OK;
    if (!in->n_features)
        return status_fail(LB_E_EMPTY,
                           "content needs a feature: import one, or make one with encode");
    LB_TRY_CLEANUP(look_new(j, in->features, in->n_features, in->split, &looks));
    LB_TRY_CLEANUP(look_weigh(j, &looks, in->split, in->seed));
    LB_TRY_CLEANUP(NEW_ARRAY(m, 1));
    LB_TRY_CLEANUP(ials_train(j, in, o, &m->factors));
    size_t dim = m->factors->dim;
    LB_TRY_CLEANUP(content_regress(j, &looks, m->factors->product, (uint32_t)dim, o->ridge, &map));
    LB_TRY_CLEANUP(NEW_ARRAY(m->look, common->n_products * dim));
    look_view all = {&looks, NULL, false, 0};
    row_source rows = look_rows(&all, looks.n);
    predict_context c = {&looks, &rows, map, dim, m->factors->product, m->look};
    LB_TRY_CLEANUP(job_run_range(j, looks.n, 64, predict_rows, &c));
    LB_TRY_CLEANUP(place_cold(&looks, m->factors));
    LB_TRY_CLEANUP(take_map(&looks, map, m));
    *state = m;
    m = NULL;
cleanup:
    look_free(&looks);
    free(map);
    content_free(m);
    return status;
}

static const float *look_of(const void *state, uint32_t *dim) {
    const content_model *m = state;
    *dim = m->factors->dim;
    return m->look;
}

static lb_status place(const void *state, float *feature, size_t n, size_t feature_dim,
                       const words_product *said, float *vectors, float *embedding, float *look) {
    const content_model *m = state;
    (void)said;
    size_t dim = m->factors->dim, width = m->space.dim;
    LB_TRY(look_check_dim(feature_dim, width));
    look_normalise_rows(&m->space, feature, n);
    LB_TRY(matrix_multiply(0, 0, n, dim, width, 1, feature, width, m->map, dim, 0, look, dim));
    memcpy(vectors, look, n * dim * sizeof *vectors);
    for (size_t i = 0; i < n; i++) vec_add(vectors + i * dim, m->map + width * dim, dim);
    memcpy(embedding, vectors, n * dim * sizeof *embedding);
    return LB_OK;
}

/* ---- files */

static lb_status save(const void *state, st_writer *w) {
    const content_model *m = state;
    const ials_model *f = m->factors;
    LB_TRY(ials_save(f, w));
    LB_TRY(tensor_write_rows(w, "content.cold", f->n_cold, f->cold));
    LB_TRY(look_space_write(&m->space, "content", w));
    LB_TRY(tensor_write_f32(w, "content.map", (size_t)m->space.dim + 1, f->dim, m->map));
    return tensor_write_f32(w, "content.look", f->n_products, f->dim, m->look);
}

static lb_status check_cold(const uint32_t *cold, size_t n, const model_common *common) {
    for (size_t i = 0; i < n; i++)
        if (common->degree[cold[i]] || (i && cold[i] <= cold[i - 1]))
            return status_fail(LB_E_FORMAT,
                               "tensor content.cold: row %u is not a cold product, or not in order",
                               cold[i]);
    return LB_OK;
}

static lb_status load_factors(const st_reader *r, const model_common *common, content_model *m) {
    uint32_t *cold;
    size_t n;
    LB_TRY(ials_read(r, common, &m->factors));
    LB_TRY(tensor_read_rows(r, "content.cold", ST_ANY, common->n_products, &cold, &n));
    lb_status status = check_cold(cold, n, common);
    if (status == LB_OK) return ials_place_cold(m->factors, cold, (uint32_t)n); // takes cold over
    free(cold);
    return status;
}

static lb_status load_map(const st_reader *r, content_model *m) {
    const ials_model *f = m->factors;
    LB_TRY(look_space_read(r, "content", &m->space));
    LB_TRY(
        tensor_read_f32(r, "content.map", (size_t)m->space.dim + 1, f->dim, &m->map, NULL, NULL));
    return tensor_read_f32(r, "content.look", f->n_products, f->dim, &m->look, NULL, NULL);
}

static lb_status load(const st_reader *r, const model_common *common, void **state) {
    content_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    lb_status status = load_factors(r, common, m);
    if (status == LB_OK) status = load_map(r, m);
    if (status == LB_OK)
        *state = m;
    else
        content_free(m);
    return status;
}

/* ---- the class */

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const ials_model *m = ((const content_model *)state)->factors;
    part[0] = (model_part){m->n_warm, m->dim, m->warm, m->warm_vector};
    part[1] = (model_part){m->n_cold, m->dim, m->cold, m->cold_vector};
    return 2;
}

static lb_status query_user(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    return ials_query_user(((const content_model *)state)->factors, common, user, query);
}

static lb_status fold_in(const void *state, const model_common *common, const taste *who,
                         float *const query[MODEL_MAX_PARTS]) {
    return ials_fold_in(((const content_model *)state)->factors, common, who, query);
}

static const float *embedding(const void *state, uint32_t *dim) {
    return ials_embedding(((const content_model *)state)->factors, dim);
}

static const float *user_embedding(const void *state, uint32_t *dim) {
    return ials_user_embedding(((const content_model *)state)->factors, dim);
}

const model_class content_class = {
    .name = "content",
    .summary = "ials, with cold products by a ridge regression of its factors on the feature (a "
               "reference)",
    .options = &content_option_table,
    .many_features = true,
    .fit = fit,
    .free = content_free,
    .save = save,
    .load = load,
    .parts = parts,
    .query_user = query_user,
    .fold_in = fold_in,
    .embedding = embedding,
    .user_embedding = user_embedding,
    .look = look_of,
    .place = place,
};
