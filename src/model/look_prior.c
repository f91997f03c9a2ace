#include "model/look_prior.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/pca.h"
#include "math/vector.h"

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
    // one feature is regressed on as it was imported, several as they stand side by side
    look_view view = {l, NULL, l->space.n_features == 1, 0};
    row_source looks = look_rows(&view, l->n);
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
    status = pca_fit_rows(j, &looks, once, k, seed, mean, axes, variance);
    free(once);
    LB_TRY_CLEANUP(status);
    LB_TRY_CLEANUP(pca_transform_rows(j, &looks, mean, axes, k, p.component));
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
