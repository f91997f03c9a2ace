#include "model/look_prior.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/pca.h"
#include "math/vector.h"

enum { BLOCK = 4096 }; // products whose rows are in double at a time

static const double INTERCEPT_RIDGE = 1e-3;

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

/* Of the warm products among begin..end-1: rows sqrt(w) [components, 1], (n, k + 1), and, unless x
 * is NULL, sqrt(w) x, (n, dim). Returns n. */
static size_t weighted_rows(const look_prior *p, const look_table *l, size_t begin, size_t end,
                            const float *x, uint32_t dim, double *left, double *right) {
    size_t k = p->n_components, n = 0;
    for (size_t i = begin; i < end; i++) {
        if (l->weight[i] <= 0) continue;
        double root = sqrt((double)l->weight[i]);
        for (size_t c = 0; c < k; c++) *left++ = root * (double)p->component[i * k + c];
        *left++ = root;
        n++;
        if (!x) continue;
        const float *row = x + (size_t)l->product[i] * dim;
        for (size_t d = 0; d < dim; d++) *right++ = root * (double)row[d];
    }
    return n;
}

/* The sum of w [components, 1]^T [components, 1], and the ridge; lower triangle of (k + 1, k + 1).
 */
static lb_status normal_matrix(job *j, const look_prior *p, const look_table *l, double strength) {
    size_t k = p->n_components, width = k + 1;
    double *rows, sum = 0;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(rows, BLOCK * width));
    for (size_t begin = 0; begin < p->n && status == LB_OK; begin += BLOCK) {
        size_t end = p->n - begin < BLOCK ? p->n : begin + BLOCK;
        size_t n = weighted_rows(p, l, begin, end, NULL, 0, rows, NULL);
        status = matrix_gram_f64(j, 1, width, n, 1, rows, width, 1, p->factor, width);
    }
    free(rows);
    for (size_t i = 0; i < p->n; i++) sum += (double)l->weight[i];
    for (size_t c = 0; c < width; c++)
        p->factor[c * width + c] += c < k ? strength * sum : INTERCEPT_RIDGE;
    return status;
}

lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out) {
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    look_prior p = {.n = l->n, .n_components = n_components < most ? n_components : most};
    size_t k = p.n_components, width = k + 1;
    float *mean = NULL, *axes = NULL;
    double *variance = NULL;
    // one feature is regressed on as it was imported, several as they stand side by side
    look_view view = {l, NULL, l->space.n_features == 1, 0};
    row_source looks = look_rows(&view, l->n);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(p.component, l->n * k));
    LB_TRY_CLEANUP(NEW_ARRAY(p.factor, width * width));
    LB_TRY_CLEANUP(NEW_ARRAY(mean, l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(axes, k * l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(variance, k));
    // every warm product counts once here: the weights are about x_p, not about the pictures
    float *once;
    LB_TRY_CLEANUP(NEW_ARRAY(once, l->n));
    for (size_t i = 0; i < l->n; i++) once[i] = l->weight[i] > 0;
    status = pca_fit_rows(j, &looks, once, k, seed, mean, axes, variance);
    free(once);
    LB_TRY_CLEANUP(status);
    LB_TRY_CLEANUP(pca_transform_rows(j, &looks, mean, axes, k, p.component));
    scale_components(&p, l);
    LB_TRY_CLEANUP(normal_matrix(j, &p, l, strength));
    LB_TRY_CLEANUP(cholesky_factor(j, p.factor, width));
    *out = p;
cleanup:
    if (status != LB_OK) look_prior_free(&p);
    free(mean);
    free(axes);
    free(variance);
    return status;
}

void look_prior_free(look_prior *p) {
    free(p->component);
    free(p->factor);
    *p = (look_prior){0};
}

/* The sum of w [components, 1]^T x, (k + 1, dim). */
static lb_status normal_right(job *j, const look_prior *p, const look_table *l, const float *x,
                              uint32_t dim, double *out) {
    size_t width = p->n_components + 1;
    double *left = NULL, *right = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(left, BLOCK * width));
    LB_TRY_CLEANUP(NEW_ARRAY(right, (size_t)BLOCK * dim));
    memset(out, 0, width * dim * sizeof *out);
    for (size_t begin = 0; begin < p->n; begin += BLOCK) {
        size_t end = p->n - begin < BLOCK ? p->n : begin + BLOCK;
        size_t n = weighted_rows(p, l, begin, end, x, dim, left, right);
        LB_TRY_CLEANUP(
            matrix_multiply_f64(j, 1, 0, width, dim, n, 1, left, width, right, dim, 1, out, dim));
    }
cleanup:
    free(left);
    free(right);
    return status;
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
    LB_TRY_CLEANUP(normal_right(j, p, l, x, dim, right));
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
