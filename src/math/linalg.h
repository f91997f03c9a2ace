/*
 * Factorisations in double. Matrices are row-major and dense; `a` is (n, n) unless said otherwise.
 * Work is shared over the job's threads (j NULL: the calling thread alone, then they may be called
 * from inside a job's work); the bytes do not depend on how many there are.
 */
#ifndef LB_MATH_LINALG_H
#define LB_MATH_LINALG_H

#include <stddef.h>

#include "core/job.h"

/* A = L L^T by blocks, in place: reads the lower triangle of a, leaves L there. What stands above
 * the diagonal is neither read nor kept. n^3 / 3 operations. LB_E_NUMERIC if A is not positive
 * definite (or holds a NaN); a is spoilt then. */
lb_status cholesky_factor(job *j, double *a, size_t n);

/* Solves A X = B in place of x (n, n_columns), with the L that cholesky_factor left in l.
 * 2 n^2 n_columns operations. */
lb_status cholesky_solve(job *j, const double *l, size_t n, double *x, size_t n_columns);

/* Solves L X = B in place of x (n, n_columns): half of cholesky_solve, and enough for b' A^-1 b =
 * |L^-1 b|^2. n^2 n_columns operations. */
lb_status cholesky_solve_lower(job *j, const double *l, size_t n, double *x, size_t n_columns);

/* All eigenpairs of a symmetric a (lower triangle read, a spoilt): values (n) descending, row i of
 * vectors (n, n) the unit eigenvector of values[i], with its entry of largest magnitude positive.
 * Householder tridiagonalisation and implicit QL (Golub and Van Loan, "Matrix Computations", 8.3).
 * LB_E_NUMERIC if a holds a NaN or QL does not converge. */
lb_status symmetric_eigen(job *j, double *a, size_t n, double *values, double *vectors);

/* Replaces the columns of a (n, k), k <= n, by orthonormal ones that span the same space (not QR:
 * each is a mixture of all). Directions that depend on others within rounding come out as arbitrary
 * unit vectors; for columns of zeros there are columns of zeros at the end. Meant for k of hundreds
 * and n of up to millions. Stathopoulos and Wu, "A block orthogonalization procedure with constant
 * synchronization requirements" (SISC 2002). LB_E_NUMERIC if a holds a NaN. */
lb_status orthonormalise(job *j, double *a, size_t n, size_t k);

#endif
