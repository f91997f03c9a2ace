/*
 * Weighted kernel ridge regression from unit-length features to targets, with the Gaussian kernel
 * k(f, f') = exp(-|f - f'|^2) and Nystrom landmarks (subset of regressors; Williams and Seeger,
 * NIPS 2000) where the rows are many.
 */
#ifndef LB_MODEL_KERNEL_RIDGE_H
#define LB_MODEL_KERNEL_RIDGE_H

#include "core/job.h"
#include "math/rows.h"

typedef struct kernel_ridge {
    size_t n_landmarks, dim, n_targets;
    float *landmark;    // (n_landmarks, dim) unit rows
    float *coefficient; // (n_landmarks, n_targets)
} kernel_ridge;

/* The targets of a fit at n rows. */
typedef struct ridge_targets {
    size_t n_targets;
    const double *y;        // (n, n_targets)
    const double *strength; // (n_targets) > 0; equal ones side by side share a factorisation
} ridge_targets;

/* Fits targets at features f (n, dim), rows of length 1, weights w (n) > 0: for each target
 * minimises sum_i w_i |y_i - h(f_i)|^2 + strength |h|^2, h = sum over landmarks of k(., landmark)
 * coefficient. All n rows are landmarks if n <= max_landmarks; else that many, drawn with `seed`.
 * For m landmarks O(n m (m + dim)), and m^3 for each strength; memory 20 m^2 bytes and blocks.
 * LB_E_NUMERIC for NaN. */
lb_status kernel_ridge_fit(job *j, const float *f, const double *w, size_t n, size_t dim,
                           const ridge_targets *targets, size_t max_landmarks, uint64_t seed,
                           kernel_ridge *out);

/* The same of rows that are fetched in blocks. */
lb_status kernel_ridge_fit_rows(job *j, const row_source *f, const double *w,
                                const ridge_targets *targets, size_t max_landmarks, uint64_t seed,
                                kernel_ridge *out);
void kernel_ridge_free(kernel_ridge *k); // accepts all zero

/* out (n, n_targets) = predictions at f (n, dim), rows of length 1. `j` NULL: on the calling
 * thread. */
lb_status kernel_ridge_predict(job *j, const kernel_ridge *k, const float *f, size_t n, float *out);
lb_status kernel_ridge_predict_rows(job *j, const kernel_ridge *k, const row_source *f, float *out);

#endif
