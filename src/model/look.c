#include "model/look.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/pca.h"
#include "math/vector.h"

enum { BLOCK = 2048, DIM_PER_PIECE = 64 };

static const double HALF_TRUST = 5; // interactions at which a product's vector has weight 1/2
static const double INTERCEPT_RIDGE = 1e-3;

double look_trust(uint32_t degree) {
    return degree / (degree + HALF_TRUST);
}

/* ---- vectors */

static void fetch(const void *context, size_t i, float *out) {
    const look_view *v = context;
    const look_table *l = v->table;
    size_t row = v->row ? v->row[i] : i;
    if (l->vector)
        memcpy(out, l->vector + row * l->dim, l->dim * sizeof *out);
    else
        feature_row(l->feature, l->product[row], out);
    if (!v->raw && !l->normalised) look_normalise_rows(l->mean, l->dim, out, 1);
}

row_source look_rows(const look_view *v, size_t n) {
    return (row_source){n, v->table->dim, fetch, v};
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

static lb_status average_warm(job *j, look_table *l) {
    look_view view = {l, l->warm, true};
    row_source rows = look_rows(&view, l->n_warm);
    mean_work c = {.dim = l->dim, .sum = l->mean};
    float *block;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(block, (l->n_warm < BLOCK ? l->n_warm : BLOCK) * l->dim));
    c.block = block;
    for (size_t first = 0; first < l->n_warm; first += BLOCK) {
        c.n = l->n_warm - first < BLOCK ? l->n_warm - first : BLOCK;
        LB_TRY_CLEANUP(job_progress(j, "features", "products", first, l->n_warm));
        LB_TRY_CLEANUP(rows_fetch(j, &rows, first, c.n, block));
        LB_TRY_CLEANUP(math_run_range(j, l->dim, DIM_PER_PIECE, add_columns, &c));
    }
    vec_scale(l->mean, 1.0f / (float)l->n_warm, l->dim);
cleanup:
    free(block);
    return status;
}

lb_status look_new(job *j, const feature_set *f, const split *s, look_table *out) {
    look_table l = {.dim = f->dim, .feature = f};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(l.product, f->n_present));
    LB_TRY_CLEANUP(NEW_ARRAY(l.weight, f->n_present));
    LB_TRY_CLEANUP(NEW_ARRAY(l.warm, f->n_present));
    for (uint32_t p = 0; p < s->n_products; p++) {
        if (!f->present[p]) continue;
        l.product[l.n] = p;
        l.weight[l.n] = (float)look_trust(s->degree[p]);
        if (s->degree[p]) l.warm[l.n_warm++] = l.n;
        l.n++;
    }
    if (l.n_warm == 0) {
        status = status_fail(LB_E_EMPTY, "feature %s: no product that was bought has it", f->name);
        goto cleanup;
    }
    LB_TRY_CLEANUP(NEW_ARRAY(l.mean, l.dim));
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
    free(l->mean);
    free(l->vector);
    *l = (look_table){0};
}

lb_status look_load(job *j, look_table *l) {
    look_view view = {l, NULL, true};
    row_source rows = look_rows(&view, l->n);
    float *vector;
    LB_TRY(NEW_ARRAY(vector, (size_t)l->n * l->dim));
    lb_status status = rows_fetch(j, &rows, 0, l->n, vector);
    if (status == LB_OK)
        l->vector = vector;
    else
        free(vector);
    return status;
}

void look_normalise_rows(const float *mean, uint32_t dim, float *vectors, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float *v = vectors + i * dim;
        vec_axpy(v, -1, mean, dim);
        vec_normalise(v, dim);
    }
}

void look_normalise(look_table *l) {
    look_normalise_rows(l->mean, l->dim, l->vector, l->n);
    l->normalised = true;
}

/* One common scale, so that the mean square over warm products and components is one. */
static void scale_components(look_prior *p, const look_table *l) {
    double squares = 0;
    size_t k = p->n_components;
    for (size_t i = 0; i < p->n; i++)
        if (l->weight[i] > 0)
            squares += vec_dot_wide(p->component + i * k, p->component + i * k, k);
    double mean_square = squares / (double)(l->n_warm * k);
    vec_scale(p->component, mean_square > 0 ? (float)(1 / sqrt(mean_square)) : 0, p->n * k);
}

/* Rows sqrt(w_i) [components, 1] of warm products, (n_warm, k + 1), in double. */
static void weighted_rows(const look_prior *p, const look_table *l, double *out) {
    size_t k = p->n_components;
    for (size_t i = 0; i < p->n; i++) {
        if (l->weight[i] <= 0) continue;
        double root = sqrt((double)l->weight[i]);
        for (size_t c = 0; c < k; c++) *out++ = root * (double)p->component[i * k + c];
        *out++ = root;
    }
}

lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out) {
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    look_prior p = {.n = l->n, .n_components = n_components < most ? n_components : most};
    size_t k = p.n_components, width = k + 1;
    float *mean = NULL, *axes = NULL;
    double *variance = NULL, *rows = NULL, sum = 0;
    look_view view = {l, NULL, true};
    row_source raw = look_rows(&view, l->n);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(p.component, l->n * k));
    LB_TRY_CLEANUP(NEW_ARRAY(p.factor, width * width));
    LB_TRY_CLEANUP(NEW_ARRAY(mean, l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(axes, k * l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(variance, k));
    LB_TRY_CLEANUP(NEW_ARRAY(rows, l->n_warm * width));
    // every warm product counts once here: the weights are about x_p, not about the pictures
    float *once;
    LB_TRY_CLEANUP(NEW_ARRAY(once, l->n));
    for (size_t i = 0; i < l->n; i++) once[i] = l->weight[i] > 0;
    status = pca_fit_rows(j, &raw, once, k, seed, mean, axes, variance);
    free(once);
    LB_TRY_CLEANUP(status);
    LB_TRY_CLEANUP(pca_transform_rows(j, &raw, mean, axes, k, p.component));
    scale_components(&p, l);
    weighted_rows(&p, l, rows);
    LB_TRY_CLEANUP(matrix_gram_f64(j, 1, width, l->n_warm, 1, rows, width, 0, p.factor, width));
    for (size_t i = 0; i < l->n; i++) sum += (double)l->weight[i];
    for (size_t c = 0; c < width; c++)
        p.factor[c * width + c] += c < k ? strength * sum : INTERCEPT_RIDGE;
    LB_TRY_CLEANUP(cholesky_factor(j, p.factor, width));
    *out = p;
cleanup:
    if (status != LB_OK) look_prior_free(&p);
    free(mean);
    free(axes);
    free(variance);
    free(rows);
    return status;
}

void look_prior_free(look_prior *p) {
    free(p->component);
    free(p->factor);
    *p = (look_prior){0};
}

lb_status look_prior_refit(job *j, const look_prior *p, const look_table *l, const float *x,
                           uint32_t dim, float *prior) {
    size_t k = p->n_components, width = k + 1;
    double *right = NULL;
    float *map = NULL, *predicted = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(right, width * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(map, width * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(predicted, (size_t)p->n * dim));
    for (size_t i = 0; i < p->n; i++) {
        if (l->weight[i] <= 0) continue;
        const float *row = x + (size_t)l->product[i] * dim, *component = p->component + i * k;
        for (size_t c = 0; c < width; c++) {
            double f = (double)l->weight[i] * (c < k ? (double)component[c] : 1);
            for (size_t d = 0; d < dim; d++) right[c * dim + d] += f * (double)row[d];
        }
    }
    LB_TRY_CLEANUP(cholesky_solve(j, p->factor, width, right, dim));
    for (size_t c = 0; c < width * dim; c++) map[c] = (float)right[c];
    LB_TRY_CLEANUP(matrix_multiply_parallel(j, 0, 0, p->n, dim, k, 0.5f, p->component, k, map, dim,
                                            0, predicted, dim));
    for (size_t i = 0; i < p->n; i++) {
        float *out = prior + (size_t)l->product[i] * dim;
        memcpy(out, predicted + i * dim, dim * sizeof *out);
        vec_axpy(out, 0.5f, map + k * dim, dim);
    }
cleanup:
    free(right);
    free(map);
    free(predicted);
    return status;
}
