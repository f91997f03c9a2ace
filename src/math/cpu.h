/*
 * The instruction-set path: one table of kernels, chosen once for the process. The table pointer is
 * the only mutable state the library has. A path's kernels add in an order that depends on nothing
 * but the lengths, so that a path always gives the same bytes.
 */
#ifndef LB_MATH_CPU_H
#define LB_MATH_CPU_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* One Adam step's constants: rate = lr / (1 - beta1^t), correction = 1 / sqrt(1 - beta2^t). */
typedef struct math_adam {
    float beta1, beta2, rate, correction, epsilon;
} math_adam;

/* What Skip-Gram trains a centre against: rows of x, whose biases and priors begin at row `first`.
 */
typedef struct math_sgns {
    float *x; // (.., dim)
    size_t first;
    float *bias;        // (..) or NULL for none
    const float *prior; // (.., dim) or NULL for zeros
    float rate, decay;
    size_t dim;
} math_sgns;

/* What every path implements; vector.h and gemm.h say what each one computes. */
typedef struct math_kernels {
    const char *name; // as lb_isa_select takes it
    float (*dot)(const float *a, const float *b, size_t n);
    double (*dot_wide)(const float *a, const float *b, size_t n);
    double (*dot_f64)(const double *a, const double *b, size_t n);
    float (*squared_distance)(const float *a, const float *b, size_t n);
    double (*sum)(const float *a, size_t n);
    void (*axpy)(float *y, float a, const float *x, size_t n);
    void (*axpy_f64)(double *y, double a, const double *x, size_t n);
    void (*rotate_f64)(double *x, double *y, double c, double s, size_t n);
    void (*scale)(float *y, float a, size_t n);
    void (*add)(float *y, const float *x, size_t n);
    void (*sgns_update)(float *restrict xq, float *restrict g, const float *restrict xv,
                        const float *restrict rq, float e, float decay, size_t n);
    void (*sgns_contexts)(const math_sgns *c, const float *restrict xv, float *restrict g,
                          const uint32_t *rows, size_t n);
    void (*adam)(float *restrict w, const float *restrict gradient, float *restrict m,
                 float *restrict v, size_t n, const math_adam *step);
    void (*f16_to_f32)(float *out, const uint16_t *in, size_t n);
    void (*f32_to_f16)(uint16_t *out, const float *in, size_t n);
    void (*bf16_to_f32)(float *out, const uint16_t *in, size_t n);
    void (*f32_to_bf16)(uint16_t *out, const float *in, size_t n);
    /* c(tile_rows, tile_columns) += alpha * sum over p of a[p, :] outer b[p, :], for packed panels
     * a (k, tile_rows) and b (k, tile_columns). */
    void (*gemm_tile)(size_t k, const double *a, const double *b, double alpha, double *c,
                      size_t ldc);
    size_t tile_rows, tile_columns;
} math_kernels;

enum { MATH_TILE_ROWS_MAX = 8, MATH_TILE_COLUMNS_MAX = 16 };

/* The table in use; NULL until the first kernel call or lb_isa_select. Use math_table(). */
extern _Atomic(const math_kernels *) math_active;

/* Settles on the best path this CPU has, unless one is chosen already. Any thread may call it. */
const math_kernels *math_choose(void);

/* The table in use. Keep the pointer across a hot loop. */
static inline const math_kernels *math_table(void) {
    const math_kernels *table = atomic_load_explicit(&math_active, memory_order_acquire);
    return table ? table : math_choose();
}

/* The table of the path with that name ("scalar", "avx2", ...; "auto" is the best); NULL if this
 * build or CPU has none. Does not change the path in use: this is for comparing paths. */
const math_kernels *math_find(const char *name);

/* The i-th path this CPU can run, slowest first; NULL past the last. */
const math_kernels *math_path(size_t i);

#endif
