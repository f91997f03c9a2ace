#include <math.h>
#include <string.h>

#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { BLOCK = 128, ROW_GRAIN = 64 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* L of the (width, width) block at a, row by row. */
static lb_status factor_block(double *a, size_t n, size_t width, size_t first_row) {
    for (size_t i = 0; i < width; i++) {
        double *row = a + i * n;
        for (size_t k = 0; k < i; k++)
            row[k] = (row[k] - vec_dot_f64(row, a + k * n, k)) / a[k * n + k];
        double pivot = row[i] - vec_dot_f64(row, row, i);
        if (!(pivot > 0) || !isfinite(pivot))
            return status_fail(LB_E_NUMERIC,
                               "Cholesky: the matrix is not positive definite (row %zu); a larger "
                               "ridge on its diagonal helps",
                               first_row + i);
        row[i] = sqrt(pivot);
    }
    return LB_OK;
}

typedef struct panel {
    const double *block; // L (width, width), leading n
    double *rows;        // what stands below it
    size_t n, width;
} panel;

/* Each row below becomes its part of L by forward substitution. */
static lb_status solve_panel(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const panel *p = context;
    for (size_t i = begin; i < end; i++) {
        double *row = p->rows + i * p->n;
        for (size_t k = 0; k < p->width; k++) {
            const double *l = p->block + k * p->n;
            row[k] = (row[k] - vec_dot_f64(row, l, k)) / l[k];
        }
    }
    return LB_OK;
}

lb_status cholesky_factor(job *j, double *a, size_t n) {
    for (size_t k = 0; k < n; k += BLOCK) {
        size_t width = smaller(BLOCK, n - k), below = n - k - width;
        double *block = a + k * n + k, *under = block + width * n;
        LB_TRY(factor_block(block, n, width, k));
        panel p = {block, under, n, width};
        LB_TRY(math_run_range(j, below, ROW_GRAIN, solve_panel, &p));
        LB_TRY(matrix_gram_f64(j, 0, below, width, -1.0, under, n, 1.0, under + width, n));
    }
    return LB_OK;
}

/* X = L^-1 X for the diagonal block, a row of X at a time. */
static void solve_block(const double *l, size_t n, size_t width, double *x, size_t n_columns) {
    for (size_t i = 0; i < width; i++) {
        double *row = x + i * n_columns;
        for (size_t k = 0; k < i; k++)
            vec_axpy_f64(row, -l[i * n + k], x + k * n_columns, n_columns);
        for (size_t c = 0; c < n_columns; c++) row[c] /= l[i * n + i];
    }
}

/* X = L^-T X for the diagonal block. */
static void solve_block_transposed(const double *l, size_t n, size_t width, double *x,
                                   size_t n_columns) {
    for (size_t i = width; i-- > 0;) {
        double *row = x + i * n_columns;
        for (size_t k = i + 1; k < width; k++)
            vec_axpy_f64(row, -l[k * n + i], x + k * n_columns, n_columns);
        for (size_t c = 0; c < n_columns; c++) row[c] /= l[i * n + i];
    }
}

/* X = L^-1 X. */
lb_status cholesky_solve_lower(job *j, const double *l, size_t n, double *x, size_t n_columns) {
    if (!n_columns) return LB_OK;
    for (size_t k = 0; k < n; k += BLOCK) {
        size_t width = smaller(BLOCK, n - k), below = n - k - width;
        const double *block = l + k * n + k;
        double *part = x + k * n_columns;
        solve_block(block, n, width, part, n_columns);
        LB_TRY(matrix_multiply_f64(j, 0, 0, below, n_columns, width, -1.0, block + width * n, n,
                                   part, n_columns, 1.0, part + width * n_columns, n_columns));
    }
    return LB_OK;
}

static lb_status solve_upper(job *j, const double *l, size_t n, double *x, size_t n_columns) {
    for (size_t end = n; end > 0;) {
        size_t k = (end - 1) / BLOCK * BLOCK, width = end - k;
        double *part = x + k * n_columns;
        solve_block_transposed(l + k * n + k, n, width, part, n_columns);
        LB_TRY(matrix_multiply_f64(j, 1, 0, k, n_columns, width, -1.0, l + k * n, n, part,
                                   n_columns, 1.0, x, n_columns));
        end = k;
    }
    return LB_OK;
}

lb_status cholesky_solve(job *j, const double *l, size_t n, double *x, size_t n_columns) {
    if (!n_columns) return LB_OK;
    LB_TRY(cholesky_solve_lower(j, l, n, x, n_columns));
    return solve_upper(j, l, n, x, n_columns);
}
