/* Products in double: packed panels and a register tile, after Goto and van de Geijn, "Anatomy of
 * high-performance matrix multiplication" (TOMS 2008). */
#include <string.h>

#include "core/memory.h"
#include "math/cpu.h"
#include "math/gemm.h"

/* A shard of C, and the depth of one packed block. Multiples of every path's tile. */
enum { SHARD_ROWS = 192, SHARD_COLUMNS = 256, DEPTH = 192 };

/* op(A) element (i, p) is at a[i * row + p * column]; op(B)^T element (j, p) likewise. */
typedef struct operand {
    const double *values;
    size_t row, column;
} operand;

typedef struct product {
    operand a, b;
    size_t m, n, k;
    double alpha, beta;
    double *c;
    size_t ldc;
    int lower_only;
    size_t shards_across;
    double *scratch; // (threads, SCRATCH)
} product;

enum { SCRATCH = (SHARD_ROWS + SHARD_COLUMNS) * DEPTH };

/* Packs rows begin..begin+rows-1, depths p0..p0+depth-1 in panels of `panel` rows, the last padded
 * with zeros: out[panel number][depth][row in panel]. */
static void pack(double *out, const operand *x, size_t begin, size_t rows, size_t p0, size_t depth,
                 size_t panel) {
    for (size_t r0 = 0; r0 < rows; r0 += panel, out += panel * depth) {
        size_t width = rows - r0 < panel ? rows - r0 : panel;
        const double *from = x->values + (begin + r0) * x->row + p0 * x->column;
        if (width < panel) memset(out, 0, panel * depth * sizeof *out);
        if (x->row == 1) {
            for (size_t p = 0; p < depth; p++)
                memcpy(out + p * panel, from + p * x->column, width * sizeof *out);
            continue;
        }
        for (size_t r = 0; r < width; r++)
            for (size_t p = 0; p < depth; p++)
                out[p * panel + r] = from[r * x->row + p * x->column];
    }
}

/* A tile at the edge of C is computed whole beside it. */
static void edge_tile(const math_kernels *t, size_t depth, const double *a, const double *b,
                      double alpha, double *c, size_t ldc, size_t rows, size_t columns) {
    double whole[MATH_TILE_ROWS_MAX * MATH_TILE_COLUMNS_MAX] = {0};
    t->gemm_tile(depth, a, b, alpha, whole, t->tile_columns);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) c[i * ldc + j] += whole[i * t->tile_columns + j];
}

static void multiply_packed(const math_kernels *t, size_t m, size_t n, size_t depth, double alpha,
                            const double *a, const double *b, double *c, size_t ldc) {
    for (size_t j = 0; j < n; j += t->tile_columns) {
        size_t columns = n - j < t->tile_columns ? n - j : t->tile_columns;
        for (size_t i = 0; i < m; i += t->tile_rows) {
            size_t rows = m - i < t->tile_rows ? m - i : t->tile_rows;
            const double *panel_a = a + i * depth, *panel_b = b + j * depth;
            double *corner = c + i * ldc + j;
            if (rows == t->tile_rows && columns == t->tile_columns)
                t->gemm_tile(depth, panel_a, panel_b, alpha, corner, ldc);
            else
                edge_tile(t, depth, panel_a, panel_b, alpha, corner, ldc, rows, columns);
        }
    }
}

static void scale_shard(double *c, size_t ldc, size_t m, size_t n, double beta) {
    for (size_t i = 0; i < m; i++) {
        double *row = c + i * ldc;
        if (beta == 0)
            memset(row, 0, n * sizeof *row);
        else if (beta != 1)
            for (size_t j = 0; j < n; j++) row[j] *= beta;
    }
}

static lb_status multiply_shard(void *context, size_t begin, size_t end, unsigned worker) {
    (void)end; // one shard at a time
    const product *p = context;
    const math_kernels *t = math_table();
    size_t row = begin / p->shards_across * SHARD_ROWS;
    size_t column = begin % p->shards_across * SHARD_COLUMNS;
    size_t m = p->m - row < SHARD_ROWS ? p->m - row : SHARD_ROWS;
    size_t n = p->n - column < SHARD_COLUMNS ? p->n - column : SHARD_COLUMNS;
    if (p->lower_only && column > row + m - 1) return LB_OK;
    double *a = p->scratch + worker * (size_t)SCRATCH, *b = a + SHARD_ROWS * DEPTH;
    double *c = p->c + row * p->ldc + column;
    scale_shard(c, p->ldc, m, n, p->beta);
    for (size_t p0 = 0; p0 < p->k; p0 += DEPTH) {
        size_t depth = p->k - p0 < DEPTH ? p->k - p0 : DEPTH;
        pack(a, &p->a, row, m, p0, depth, t->tile_rows);
        pack(b, &p->b, column, n, p0, depth, t->tile_columns);
        multiply_packed(t, m, n, depth, p->alpha, a, b, c, p->ldc);
    }
    return LB_OK;
}

static lb_status run_product(job *j, product *p) {
    if (!p->m || !p->n) return LB_OK;
    p->shards_across = (p->n + SHARD_COLUMNS - 1) / SHARD_COLUMNS;
    size_t shards_down = (p->m + SHARD_ROWS - 1) / SHARD_ROWS;
    LB_TRY(NEW_ARRAY(p->scratch, (j ? job_threads(j) : 1) * (size_t)SCRATCH));
    lb_status status = math_run_range(j, shards_down * p->shards_across, 1, multiply_shard, p);
    free(p->scratch);
    return status;
}

lb_status matrix_multiply_f64(job *j, int transpose_a, int transpose_b, size_t m, size_t n,
                              size_t k, double alpha, const double *a, size_t lda, const double *b,
                              size_t ldb, double beta, double *c, size_t ldc) {
    if (lda < (transpose_a ? m : k) || ldb < (transpose_b ? k : n) || ldc < n)
        return status_fail(LB_E_ARGUMENT, "matrix product: a leading dimension is too small");
    product p = {
        .a = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1},
        .b = {b, transpose_b ? ldb : 1, transpose_b ? 1 : ldb},
        .m = m,
        .n = n,
        .k = k,
        .alpha = alpha,
        .beta = beta,
        .c = c,
        .ldc = ldc,
    };
    return run_product(j, &p);
}

lb_status matrix_gram_f64(job *j, int transpose_a, size_t n, size_t k, double alpha,
                          const double *a, size_t lda, double beta, double *c, size_t ldc) {
    if (lda < (transpose_a ? n : k) || ldc < n)
        return status_fail(LB_E_ARGUMENT, "Gram matrix: a leading dimension is too small");
    operand x = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1};
    product p = {.a = x,
                 .b = x,
                 .m = n,
                 .n = n,
                 .k = k,
                 .alpha = alpha,
                 .beta = beta,
                 .c = c,
                 .ldc = ldc,
                 .lower_only = 1};
    return run_product(j, &p);
}
