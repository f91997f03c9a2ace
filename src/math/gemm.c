#include "math/gemm.h"

#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#include "math/cpu.h"
#include "math/onednn.h"

/* The shards of C. Wide ones, because each packs its part of op(B) again. */
enum { SHARD_ROWS = 256, SHARD_COLUMNS = 1024 };

typedef struct product {
    int transpose_a, transpose_b;
    size_t m, n, k;
    float alpha, beta;
    const float *a, *b;
    float *c;
    size_t lda, ldb, ldc;
    size_t shards_across;
} product;

lb_status math_run_range(job *j, size_t n, size_t grain, job_range_work work, void *context) {
    if (j) return job_run_range(j, n, grain, work, context);
    for (size_t begin = 0; begin < n; begin += grain)
        LB_TRY(work(context, begin, begin + grain < n ? begin + grain : n, 0));
    return LB_OK;
}

static lb_status check_leading(const char *name, size_t leading, size_t columns) {
    if (leading < columns)
        return status_fail(LB_E_ARGUMENT, "matrix product: %s has %zu columns but leading %zu",
                           name, columns, leading);
    return LB_OK;
}

static lb_status check_product(const product *p) {
    LB_TRY(check_leading("A", p->lda, p->transpose_a ? p->m : p->k));
    LB_TRY(check_leading("B", p->ldb, p->transpose_b ? p->k : p->n));
    return check_leading("C", p->ldc, p->n);
}

static void scale_rows(const product *p) {
    for (size_t i = 0; i < p->m; i++) {
        float *row = p->c + i * p->ldc;
        if (p->beta == 0)
            memset(row, 0, p->n * sizeof *row);
        else
            math_table()->scale(row, p->beta, p->n);
    }
}

static lb_status multiply(const product *p) {
    if (!p->m || !p->n) return LB_OK;
    if (!p->k) {
        scale_rows(p);
        return LB_OK;
    }
    int saved = onednn_enter();
    dnnl_status_t result = dnnl_sgemm(p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N',
                                      (dnnl_dim_t)p->m, (dnnl_dim_t)p->n, (dnnl_dim_t)p->k,
                                      p->alpha, p->a, (dnnl_dim_t)p->lda, p->b, (dnnl_dim_t)p->ldb,
                                      p->beta, p->c, (dnnl_dim_t)p->ldc);
    onednn_leave(saved);
    return onednn_check(result, "matrix product");
}

lb_status matrix_multiply(int transpose_a, int transpose_b, size_t m, size_t n, size_t k,
                          float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                          float beta, float *c, size_t ldc) {
    product p = {transpose_a, transpose_b, m, n, k, alpha, beta, a, b, c, lda, ldb, ldc, 1};
    LB_TRY(check_product(&p));
    return multiply(&p);
}

static lb_status multiply_shards(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const product *whole = context;
    for (size_t shard = begin; shard < end; shard++) {
        size_t row = shard / whole->shards_across * SHARD_ROWS;
        size_t column = shard % whole->shards_across * SHARD_COLUMNS;
        product p = *whole;
        p.m = whole->m - row < SHARD_ROWS ? whole->m - row : SHARD_ROWS;
        p.n = whole->n - column < SHARD_COLUMNS ? whole->n - column : SHARD_COLUMNS;
        p.a += p.transpose_a ? row : row * p.lda;
        p.b += p.transpose_b ? column * p.ldb : column;
        p.c += row * p.ldc + column;
        LB_TRY(multiply(&p));
    }
    return LB_OK;
}

lb_status matrix_multiply_parallel(job *j, int transpose_a, int transpose_b, size_t m, size_t n,
                                   size_t k, float alpha, const float *a, size_t lda,
                                   const float *b, size_t ldb, float beta, float *c, size_t ldc) {
    product p = {transpose_a, transpose_b, m, n, k, alpha, beta, a, b, c, lda, ldb, ldc, 1};
    LB_TRY(check_product(&p));
    p.shards_across = (n + SHARD_COLUMNS - 1) / SHARD_COLUMNS;
    size_t shards_down = (m + SHARD_ROWS - 1) / SHARD_ROWS;
    return math_run_range(j, shards_down * p.shards_across, 1, multiply_shards, &p);
}
