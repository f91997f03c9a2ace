/*
 * The kernels of one path. Compiled once per path: the including file defines KERNELS_TABLE,
 * KERNELS_NAME and VECTOR_BYTES, and its compile flags decide the instructions.
 *
 * Element-wise kernels are plain loops that the compiler vectorises. Sums keep their partial sums
 * in explicit lanes (GCC's vector types): so their order is written here and not left to the
 * compiler, which might peel a loop by the alignment of its arrays.
 */
#include <string.h>

#include "core/half.h"
#include "math/cpu.h"
#include "math/sigmoid.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

enum {
    LANES = VECTOR_BYTES / sizeof(float),
    LANES_F64 = VECTOR_BYTES / sizeof(double),
    SHORT_LANES = 4
};

typedef float vf __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef float vf_short __attribute__((vector_size(16), aligned(4), may_alias));
typedef float vf_half __attribute__((vector_size(VECTOR_BYTES / 2), aligned(4), may_alias));
typedef double vd __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

static inline vf load(const float *p) {
    return *(const vf *)p;
}

static inline vf_short load_short(const float *p) {
    return *(const vf_short *)p;
}

static inline vd load_wide(const float *p) {
    return __builtin_convertvector(*(const vf_half *)p, vd);
}

static inline vd load_f64(const double *p) {
    return *(const vd *)p;
}

/* Folds the upper half of the lanes onto the lower until four are left. */
static inline vf_short fold(vf v) {
    float lane[LANES];
    memcpy(lane, &v, sizeof v);
    for (size_t width = LANES / 2; width >= SHORT_LANES; width /= 2)
        for (size_t i = 0; i < width; i++) lane[i] += lane[i + width];
    return load_short(lane);
}

static inline float sum_short(vf_short v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}

static inline double sum_f64(vd v) {
    double sum = 0;
    for (size_t i = 0; i < LANES_F64; i++) sum += v[i];
    return sum;
}

static float dot(const float *a, const float *b, size_t n) {
    vf s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        s0 += load(a + i) * load(b + i);
        s1 += load(a + i + LANES) * load(b + i + LANES);
        s2 += load(a + i + 2 * LANES) * load(b + i + 2 * LANES);
        s3 += load(a + i + 3 * LANES) * load(b + i + 3 * LANES);
    }
    for (; i + LANES <= n; i += LANES) s0 += load(a + i) * load(b + i);
    vf_short s = fold((s0 + s1) + (s2 + s3));
    for (; i + SHORT_LANES <= n; i += SHORT_LANES) s += load_short(a + i) * load_short(b + i);
    float sum = sum_short(s);
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static float squared_distance(const float *a, const float *b, size_t n) {
    vf s0 = {0}, s1 = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        vf d0 = load(a + i) - load(b + i), d1 = load(a + i + LANES) - load(b + i + LANES);
        s0 += d0 * d0;
        s1 += d1 * d1;
    }
    vf_short s = fold(s0 + s1);
    for (; i + SHORT_LANES <= n; i += SHORT_LANES) {
        vf_short d = load_short(a + i) - load_short(b + i);
        s += d * d;
    }
    float sum = sum_short(s);
    for (; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static double dot_wide(const float *a, const float *b, size_t n) {
    vd s0 = {0}, s1 = {0};
    size_t i = 0;
    for (; i + 2 * LANES_F64 <= n; i += 2 * LANES_F64) {
        s0 += load_wide(a + i) * load_wide(b + i);
        s1 += load_wide(a + i + LANES_F64) * load_wide(b + i + LANES_F64);
    }
    double sum = sum_f64(s0 + s1);
    for (; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static double dot_f64(const double *a, const double *b, size_t n) {
    vd s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t i = 0;
    for (; i + 4 * LANES_F64 <= n; i += 4 * LANES_F64) {
        s0 += load_f64(a + i) * load_f64(b + i);
        s1 += load_f64(a + i + LANES_F64) * load_f64(b + i + LANES_F64);
        s2 += load_f64(a + i + 2 * LANES_F64) * load_f64(b + i + 2 * LANES_F64);
        s3 += load_f64(a + i + 3 * LANES_F64) * load_f64(b + i + 3 * LANES_F64);
    }
    for (; i + LANES_F64 <= n; i += LANES_F64) s0 += load_f64(a + i) * load_f64(b + i);
    double sum = sum_f64((s0 + s1) + (s2 + s3));
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static double sum(const float *a, size_t n) {
    vd s0 = {0}, s1 = {0};
    size_t i = 0;
    for (; i + 2 * LANES_F64 <= n; i += 2 * LANES_F64) {
        s0 += load_wide(a + i);
        s1 += load_wide(a + i + LANES_F64);
    }
    double total = sum_f64(s0 + s1);
    for (; i < n; i++) total += (double)a[i];
    return total;
}

static void axpy(float *y, float a, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

static void axpy_f64(double *y, double a, const double *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

static void rotate_f64(double *x, double *y, double c, double s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double old_x = x[i], old_y = y[i];
        x[i] = c * old_x - s * old_y;
        y[i] = s * old_x + c * old_y;
    }
}

static void scale(float *y, float a, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] *= a;
}

static void add(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

static void sgns_update(float *restrict xq, float *restrict g, const float *restrict xv,
                        const float *restrict rq, float e, float decay, size_t n) {
    if (!rq) {
        float keep = 1.0f - decay;
        for (size_t i = 0; i < n; i++) {
            float old = xq[i];
            g[i] += e * old;
            xq[i] = keep * old + e * xv[i];
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float old = xq[i], pull = decay * (rq[i] - old);
        g[i] += e * old;
        xq[i] = (old + pull) + e * xv[i];
    }
}

static void sgns_contexts(const math_sgns *c, const float *restrict xv, float *restrict g,
                          const uint32_t *rows, size_t n) {
    size_t dim = c->dim;
    for (size_t k = 0; k < n; k++) {
        size_t row = rows[k], own = row - c->first;
        float *xq = c->x + row * dim;
        float z = dot(xv, xq, dim) + (c->bias ? c->bias[own] : 0);
        float e = c->rate * ((k == 0 ? 1.0f : 0.0f) - sigmoid(z));
        sgns_update(xq, g, xv, c->prior ? c->prior + own * dim : NULL, e, c->decay, dim);
        if (c->bias) c->bias[own] += e;
    }
}

/* What a weight without gradients has of moments shrinks for ever, and a step with subnormal
 * numbers takes a hundred times as long: below these, which move no weight, they are nothing. */
static const float LEAST_GRADIENT = 1e-16f, LEAST_FIRST = 1e-30f, LEAST_SECOND = 1e-36f;

static inline float or_nothing(float x, float least) {
    return x < least && x > -least ? 0 : x;
}

static void adam(float *restrict w, const float *restrict gradient, float *restrict m,
                 float *restrict v, size_t n, const math_adam *step) {
    const float b1 = step->beta1, r1 = 1.0f - b1, b2 = step->beta2, r2 = 1.0f - b2;
    const float rate = step->rate, correction = step->correction, eps = step->epsilon;
    for (size_t i = 0; i < n; i++) {
        float g = or_nothing(gradient[i], LEAST_GRADIENT);
        float first = or_nothing(b1 * m[i] + r1 * g, LEAST_FIRST);
        float second = or_nothing(b2 * v[i] + r2 * (g * g), LEAST_SECOND);
        m[i] = first;
        v[i] = second;
        w[i] -= rate * first / (__builtin_sqrtf(second) * correction + eps);
    }
}

static inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void f16_to_f32(float *out, const uint16_t *in, size_t n) {
    size_t i = 0;
#if defined(__F16C__)
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)(in + i))));
#endif
    for (; i < n; i++) out[i] = half_to_f32(in[i]);
}

static void f32_to_f16(uint16_t *out, const float *in, size_t n) {
    size_t i = 0;
#if defined(__F16C__)
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i_u *)(out + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT));
#endif
    for (; i < n; i++) out[i] = half_from_f32(in[i]);
}

static void bf16_to_f32(float *out, const uint16_t *in, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = float_of((uint32_t)in[i] << 16);
}

static void f32_to_bf16(uint16_t *out, const float *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(in[i]);
        uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
        uint32_t quiet = bits >> 16 | 0x40u;
        out[i] = (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
    }
}

enum { TILE_ROWS = 6, TILE_COLUMNS = 2 * LANES_F64 };

static void gemm_tile(size_t k, const double *a, const double *b, double alpha, double *c,
                      size_t ldc) {
    vd s[TILE_ROWS][2] = {0};
    for (size_t p = 0; p < k; p++, a += TILE_ROWS, b += TILE_COLUMNS) {
        vd b0 = load_f64(b), b1 = load_f64(b + LANES_F64);
#pragma GCC unroll 6
        for (size_t i = 0; i < TILE_ROWS; i++) {
            s[i][0] += a[i] * b0;
            s[i][1] += a[i] * b1;
        }
    }
    for (size_t i = 0; i < TILE_ROWS; i++, c += ldc) {
        *(vd *)c += alpha * s[i][0];
        *(vd *)(c + LANES_F64) += alpha * s[i][1];
    }
}

extern const math_kernels KERNELS_TABLE;
const math_kernels KERNELS_TABLE = {
    .name = KERNELS_NAME,
    .dot = dot,
    .dot_wide = dot_wide,
    .dot_f64 = dot_f64,
    .squared_distance = squared_distance,
    .sum = sum,
    .axpy = axpy,
    .axpy_f64 = axpy_f64,
    .rotate_f64 = rotate_f64,
    .scale = scale,
    .add = add,
    .sgns_update = sgns_update,
    .sgns_contexts = sgns_contexts,
    .adam = adam,
    .f16_to_f32 = f16_to_f32,
    .f32_to_f16 = f32_to_f16,
    .bf16_to_f32 = bf16_to_f32,
    .f32_to_bf16 = f32_to_bf16,
    .gemm_tile = gemm_tile,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
};
