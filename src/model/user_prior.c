#include "model/user_prior.h"

#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "model/cold.h"

enum { BLOCK = 2048 };

/* How much more people vary than their trained vectors do. */
static const double SPREAD = 4;

/* The lower triangle of the sum of (x_u - mean) (x_u - mean)^T over users with training products;
 * n receives how many they are. */
static lb_status sum_squares(job *j, const split *s, const float *x, const user_prior *p,
                             double *out, size_t *n) {
    size_t dim = p->dim, filled = 0;
    double *rows;
    lb_status status = LB_OK;
    *n = 0;
    LB_TRY(NEW_ARRAY(rows, BLOCK * dim));
    for (size_t u = 0; u < s->n_users; u++) {
        if (s->user_start[u] < s->user_start[u + 1]) {
            double *row = rows + filled++ * dim;
            for (size_t d = 0; d < dim; d++) row[d] = (double)(x[u * dim + d] - p->mean[d]);
            ++*n;
        }
        if (filled < BLOCK && u + 1 < s->n_users) continue;
        LB_TRY_CLEANUP(matrix_gram_f64(j, 1, dim, filled, 1, rows, dim, 1, out, dim));
        filled = 0;
    }
cleanup:
    free(rows);
    return status;
}

/* out (n, n) receives the inverse of a, whose lower triangle is read and spoilt. */
static lb_status invert(job *j, double *a, size_t n, double *out) {
    memset(out, 0, n * n * sizeof *out);
    for (size_t d = 0; d < n; d++) out[d * n + d] = 1;
    LB_TRY(cholesky_factor(j, a, n));
    return cholesky_solve(j, a, n, out, n);
}

lb_status user_prior_fit(job *j, const split *s, const float *x, uint32_t dim, double variance,
                         user_prior *out) {
    user_prior p = {.dim = dim};
    size_t size = (size_t)dim * dim, n;
    double *covariance = NULL, *inverse = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(p.mean, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(p.precision, size));
    LB_TRY_CLEANUP(NEW_ARRAY(covariance, size));
    LB_TRY_CLEANUP(NEW_ARRAY(inverse, size));
    cold_mean_user(s, x, dim, p.mean);
    LB_TRY_CLEANUP(sum_squares(j, s, x, &p, covariance, &n));
    for (size_t d = 0; d < dim; d++) covariance[d * dim + d] += dim * variance;
    for (size_t i = 0; i < size; i++) covariance[i] *= SPREAD / (double)(n + dim);
    LB_TRY_CLEANUP(invert(j, covariance, dim, inverse));
    for (size_t i = 0; i < size; i++) p.precision[i] = (float)inverse[i];
    *out = p;
cleanup:
    free(covariance);
    free(inverse);
    if (status != LB_OK) user_prior_free(&p);
    return status;
}

void user_prior_free(user_prior *p) {
    free(p->mean);
    free(p->precision);
    *p = (user_prior){0};
}
