#include "model/look.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"

enum { BLOCK = 2048, DIM_PER_PIECE = 64 };

static const double HALF_TRUST = 5; // interactions at which a product's vector has weight 1/2

double look_trust(uint32_t degree) {
    return degree / (degree + HALF_TRUST);
}

/* ---- vectors */

/* A block of a row brought to its share: centred, and the squared length `share`; NaN becomes zero.
 * Returns whether the product has the feature. */
static bool normalise_block(const look_space *s, uint32_t f, double share, float *block) {
    uint32_t width = look_width(s, f);
    if (isnan(block[0])) {
        memset(block, 0, width * sizeof *block);
        return false;
    }
    vec_axpy(block, -1, s->mean + s->start[f], width);
    vec_normalise(block, width);
    if (share < 1) vec_scale(block, (float)sqrt(share), width);
    return true;
}

static void normalise_row(const look_space *s, float *row) {
    uint32_t n_present = 0;
    for (uint32_t f = 0; f < s->n_features; f++)
        n_present += normalise_block(s, f, (double)s->share[f], row + s->start[f]);
    if (n_present < s->n_features) vec_normalise(row, s->dim);
}

void look_normalise_rows(const look_space *s, float *vectors, size_t n) {
    for (size_t i = 0; i < n; i++) normalise_row(s, vectors + i * s->dim);
}

lb_status look_check_dim(size_t given, size_t trained) {
    if (given == trained) return LB_OK;
    return status_fail(LB_E_MISMATCH,
                       "the feature has %zu values, the model was trained on %zu; train again",
                       given, trained);
}

static void fetch_block(const look_table *l, size_t row, uint32_t f, float *out) {
    if (!feature_row(&l->feature[f], l->product[row], out)) out[0] = NAN;
}

static void fetch(const void *context, size_t i, float *out) {
    const look_view *v = context;
    const look_table *l = v->table;
    size_t row = v->row ? v->row[i] : i;
    if (v->only) {
        fetch_block(l, row, v->only - 1, out);
        if (!v->raw) normalise_block(&l->space, v->only - 1, 1, out);
        return;
    }
    for (uint32_t f = 0; f < l->space.n_features; f++)
        fetch_block(l, row, f, out + l->space.start[f]);
    if (!v->raw) normalise_row(&l->space, out);
}

static void ahead(const void *context, size_t i) {
    const look_view *v = context;
    const look_table *l = v->table;
    uint32_t product = l->product[v->row ? v->row[i] : i];
    for (uint32_t f = 0; f < l->space.n_features; f++)
        if (!v->only || v->only == f + 1) feature_ahead(&l->feature[f], product);
}

row_source look_rows(const look_view *v, size_t n) {
    const look_space *s = &v->table->space;
    return (row_source){n, v->only ? look_width(s, v->only - 1) : s->dim, fetch, v, ahead};
}

size_t look_warm_with(const look_table *l, uint32_t feature, uint32_t *rows) {
    size_t n = 0;
    for (size_t i = 0; i < l->n_warm; i++)
        if (l->feature[feature].present[l->product[l->warm[i]]]) rows[n++] = l->warm[i];
    return n;
}

typedef struct mean_work {
    const float *block; // (n, dim)
    size_t n, dim;
    float *sum; // (dim)
} mean_work;

static lb_status add_columns(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const mean_work *c = context;
    for (size_t i = 0; i < c->n; i++)
        vec_add(c->sum + begin, c->block + i * c->dim + begin, end - begin);
    return LB_OK;
}

/* The mean of a feature over the warm products that have it, rows (n) of the table. */
static lb_status average(job *j, const look_table *l, uint32_t f, const uint32_t *rows, size_t n) {
    look_view view = {l, rows, true, f + 1};
    row_source source = look_rows(&view, n);
    mean_work c = {.dim = source.dim, .sum = l->space.mean + l->space.start[f]};
    float *block;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(block, (n < BLOCK ? n : BLOCK) * source.dim));
    c.block = block;
    for (size_t first = 0; first < n; first += BLOCK) {
        c.n = n - first < BLOCK ? n - first : BLOCK;
        LB_TRY_CLEANUP(job_progress(j, "features", "products", first, n));
        LB_TRY_CLEANUP(rows_fetch(j, &source, first, c.n, block));
        LB_TRY_CLEANUP(math_run_range(j, source.dim, DIM_PER_PIECE, add_columns, &c));
    }
    if (n) vec_scale(c.sum, 1.0f / (float)n, source.dim);
cleanup:
    free(block);
    return status;
}

static lb_status average_warm(job *j, const look_table *l) {
    uint32_t *rows;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(rows, l->n_warm));
    for (uint32_t f = 0; f < l->space.n_features && status == LB_OK; f++)
        status = average(j, l, f, rows, look_warm_with(l, f, rows));
    free(rows);
    return status;
}

static bool has_any(const look_table *l, uint32_t product) {
    for (uint32_t f = 0; f < l->space.n_features; f++)
        if (l->feature[f].present[product]) return true;
    return false;
}

/* The places of the features in a row, with equal shares. */
static lb_status lay_out(const feature_set *features, size_t n, look_space *s) {
    if (n == 0 || n > LOOK_MAX_FEATURES)
        return status_fail(LB_E_ARGUMENT, "%zu features: a model takes 1 to %d", n,
                           LOOK_MAX_FEATURES);
    s->n_features = (uint32_t)n;
    for (size_t f = 0; f < n; f++) {
        s->start[f + 1] = s->start[f] + features[f].dim;
        s->share[f] = 1.0f / (float)n;
    }
    s->dim = s->start[n];
    return NEW_ARRAY(s->mean, s->dim);
}

lb_status look_new(job *j, const feature_set *features, size_t n_features, const split *s,
                   look_table *out) {
    look_table l = {.feature = features};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(lay_out(features, n_features, &l.space));
    l.dim = l.space.dim;
    LB_TRY_CLEANUP(NEW_ARRAY(l.product, s->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(l.weight, s->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(l.warm, s->n_products));
    for (uint32_t p = 0; p < s->n_products; p++) {
        if (!has_any(&l, p)) continue;
        l.product[l.n] = p;
        l.weight[l.n] = (float)look_trust(s->degree[p]);
        if (s->degree[p]) l.warm[l.n_warm++] = l.n;
        l.n++;
    }
    if (l.n_warm == 0) {
        status = status_fail(LB_E_EMPTY, "feature %s: no product that was bought has it",
                             features[0].name);
        goto cleanup;
    }
    LB_TRY_CLEANUP(average_warm(j, &l));
    *out = l;
    return LB_OK;
cleanup:
    look_free(&l);
    return status;
}

void look_free(look_table *l) {
    free(l->product);
    free(l->weight);
    free(l->warm);
    free(l->space.mean);
    *l = (look_table){0};
}
