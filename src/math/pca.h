/* Principal components. */
#ifndef LB_MATH_PCA_H
#define LB_MATH_PCA_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "math/rows.h"

/*
 * The k principal components of the rows of x (n, dim), a row i counting weights[i] >= 0 times
 * (NULL: each once; 0 leaves a row out, and then it may hold anything). k is 1..dim.
 *
 *   mean        (dim)     weighted mean of the rows
 *   components  (k, dim)  orthonormal rows, by falling variance, each with its entry of largest
 *                         magnitude positive; beyond the rank of x arbitrary
 *   variances   (k)       of the rows along each component, divided by the sum of the weights
 *
 * Exact of fewer rows than dimensions, up to 1,500 rows, from their products with each other, and
 * of up to 1,500 dimensions, from the covariance. Of more dimensions and more than 512 rows by
 * subspace iteration from a seeded start (Halko, Martinsson and Tropp, "Finding structure with
 * randomness", SIAM Review 2011, algorithm 4.4), whose last components are approximate; where there
 * are many rows, the first iterations take a sample of them. The last two stop at a covariance of
 * 1e-6 of the largest, as x is multiplied in float. j may be NULL. LB_E_ARGUMENT for k out of
 * range, LB_E_EMPTY if no weight is above 0, LB_E_NUMERIC if a row that counts holds a NaN or an
 * infinity, LB_E_INTERRUPTED through the job's progress.
 */
lb_status pca_fit(job *j, const float *x, size_t n, size_t dim, const float *weights, size_t k,
                  uint64_t seed, float *mean, float *components, double *variances);

/* The same of rows that are fetched in blocks, several times over: memory of 8,192 bytes a
 * dimension beside the results' own. */
lb_status pca_fit_rows(job *j, const row_source *x, const float *weights, size_t k, uint64_t seed,
                       float *mean, float *components, double *variances);

/* out (n, k) = (x - mean) components^T, for x (n, dim). */
lb_status pca_transform(job *j, const float *x, size_t n, size_t dim, const float *mean,
                        const float *components, size_t k, float *out);
lb_status pca_transform_rows(job *j, const row_source *x, const float *mean,
                             const float *components, size_t k, float *out);

#endif
