/*
 * Matrix products. Matrices are row-major with a leading dimension (elements from one row to the
 * next, at least the number of columns). op(A) is A, or its transpose where transpose_a is not 0;
 * A is stored (m, k), or (k, m) when transposed, B likewise. beta = 0 overwrites C, whatever it
 * held. C must overlap neither A nor B. Any dimension may be 0.
 */
#ifndef LB_MATH_GEMM_H
#define LB_MATH_GEMM_H

#include <stddef.h>

#include "core/job.h"

/* C(m, n) = alpha op(A)(m, k) op(B)(k, n) + beta C, in float, on the calling thread (so it may be
 * called from inside a job's work). LB_E_NOMEM, or LB_E_ARGUMENT for a leading dimension that is
 * too small. */
lb_status matrix_multiply(int transpose_a, int transpose_b, size_t m, size_t n, size_t k,
                          float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                          float beta, float *c, size_t ldc);

/* The same on the job's threads (j NULL: on the calling thread), in shards of C that do not depend
 * on their number, so neither do the bytes. They may differ from matrix_multiply's. */
lb_status matrix_multiply_parallel(job *j, int transpose_a, int transpose_b, size_t m, size_t n,
                                   size_t k, float alpha, const float *a, size_t lda,
                                   const float *b, size_t ldb, float beta, float *c, size_t ldc);

/* The same in double, by our own kernels; the same bytes with or without a job. */
lb_status matrix_multiply_f64(job *j, int transpose_a, int transpose_b, size_t m, size_t n,
                              size_t k, double alpha, const double *a, size_t lda, const double *b,
                              size_t ldb, double beta, double *c, size_t ldc);

/* The lower triangle of C(n, n) = alpha op(A) op(A)^T + beta C, op(A) being (n, k). What stands
 * above the diagonal afterwards is undefined. */
lb_status matrix_gram_f64(job *j, int transpose_a, size_t n, size_t k, double alpha,
                          const double *a, size_t lda, double beta, double *c, size_t ldc);

/* job_run_range, or the same pieces on the calling thread when j is NULL. */
lb_status math_run_range(job *j, size_t n, size_t grain, job_range_work work, void *context);

#endif
