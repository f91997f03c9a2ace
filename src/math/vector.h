/*
 * Vector kernels. All take any length, zero included, and any alignment of float; neither the
 * alignment nor the number of threads changes a bit of a result. Where `restrict` stands, arrays
 * must not overlap.
 */
#ifndef LB_MATH_VECTOR_H
#define LB_MATH_VECTOR_H

#include <math.h>

#include "math/cpu.h"

/* a . b, summed in float. */
static inline float vec_dot(const float *a, const float *b, size_t n) {
    return math_table()->dot(a, b, n);
}

/* a . b, multiplied and summed in double. */
static inline double vec_dot_wide(const float *a, const float *b, size_t n) {
    return math_table()->dot_wide(a, b, n);
}

/* a . b of doubles. */
static inline double vec_dot_f64(const double *a, const double *b, size_t n) {
    return math_table()->dot_f64(a, b, n);
}

/* |a - b|^2, summed in float. */
static inline float vec_squared_distance(const float *a, const float *b, size_t n) {
    return math_table()->squared_distance(a, b, n);
}

/* The sum of a, in double. */
static inline double vec_sum(const float *a, size_t n) {
    return math_table()->sum(a, n);
}

/* |a|; squares summed in float. */
static inline float vec_norm(const float *a, size_t n) {
    return sqrtf(vec_dot(a, a, n));
}

/* y += a x */
static inline void vec_axpy(float *y, float a, const float *x, size_t n) {
    math_table()->axpy(y, a, x, n);
}
static inline void vec_axpy_f64(double *y, double a, const double *x, size_t n) {
    math_table()->axpy_f64(y, a, x, n);
}

/* A plane rotation: (x, y) becomes (c x - s y, s x + c y). */
static inline void vec_rotate_f64(double *x, double *y, double c, double s, size_t n) {
    math_table()->rotate_f64(x, y, c, s, n);
}

/* y *= a */
static inline void vec_scale(float *y, float a, size_t n) {
    math_table()->scale(y, a, n);
}

/* y += x */
static inline void vec_add(float *y, const float *x, size_t n) {
    math_table()->add(y, x, n);
}

/* Scales a to length one; a zero vector stays as it is. Returns the old length. */
static inline float vec_normalise(float *a, size_t n) {
    float norm = vec_norm(a, n);
    if (norm > 0) vec_scale(a, 1.0f / norm, n);
    return norm;
}

/* One step of Skip-Gram with negative samples on a context q of a centre v, e = eta (y - sigma(z)):
 * g += e xq, then xq += e xv - decay (xq - rq). rq NULL stands for zeros. */
static inline void vec_sgns_update(float *restrict xq, float *restrict g, const float *restrict xv,
                                   const float *restrict rq, float e, float decay, size_t n) {
    math_table()->sgns_update(xq, g, xv, rq, e, decay, n);
}

/* The steps of a centre v on n contexts, one after the other: rows[0] is the positive (y = 1), the
 * others are negatives; z = v . xq + its bias, which moves by e as well. v stays. */
static inline void vec_sgns_contexts(const math_sgns *c, const float *restrict xv,
                                     float *restrict g, const uint32_t *rows, size_t n) {
    math_table()->sgns_contexts(c, xv, g, rows, n);
}

/* Half and bfloat16 numbers as their 16 bits. To 16 bits rounds to nearest, ties to even; too large
 * becomes infinite, a NaN stays a NaN. */
static inline void vec_f16_to_f32(float *out, const uint16_t *in, size_t n) {
    math_table()->f16_to_f32(out, in, n);
}
static inline void vec_f32_to_f16(uint16_t *out, const float *in, size_t n) {
    math_table()->f32_to_f16(out, in, n);
}
static inline void vec_bf16_to_f32(float *out, const uint16_t *in, size_t n) {
    math_table()->bf16_to_f32(out, in, n);
}
static inline void vec_f32_to_bf16(uint16_t *out, const float *in, size_t n) {
    math_table()->f32_to_bf16(out, in, n);
}

#endif
