/*
 * The byte kernels of one kind. Compiled once per kind: the including file defines BYTES_TABLE and
 * BYTES_NAME, and its compile flags decide the instructions. Each has a vector `vi` of LANES
 * integers, and `dot4`, which adds to every lane the product of four bytes. `BIASED` says that dot4
 * takes a row's bytes with their bias.
 */
#include <string.h>

#include "math/bytes.h"

#if defined(__AVX512VNNI__)

#include <immintrin.h>
enum { LANES = 16, BIASED = 1 };
typedef __m512i vi;

static inline vi load(const void *p) {
    return _mm512_loadu_si512(p);
}

static inline vi load_part(const void *p, size_t n_bytes) {
    return _mm512_maskz_loadu_epi8((1ull << n_bytes) - 1, p);
}

static inline vi every(int32_t x) {
    return _mm512_set1_epi32(x);
}

static inline vi dot4(vi sum, vi rows, vi q) {
    return _mm512_dpbusd_epi32(sum, rows, q);
}

static inline unsigned reaches(vi dot, const float *scale, const float *rest, float by_dot,
                               float by_rest, float limit) {
    __m512 x = _mm512_mul_ps(_mm512_set1_ps(by_rest), _mm512_loadu_ps(rest));
    __m512 s = _mm512_mul_ps(_mm512_set1_ps(by_dot), _mm512_loadu_ps(scale));
    x = _mm512_fmadd_ps(s, _mm512_cvtepi32_ps(dot), x);
    return _mm512_cmp_ps_mask(x, _mm512_set1_ps(limit), _CMP_NLT_UQ);
}

#elif defined(__AVX2__)

#include <immintrin.h>
enum { LANES = 8, BIASED = 1 };
typedef __m256i vi;

static inline vi load(const void *p) {
    return _mm256_loadu_si256(p);
}

static inline vi every(int32_t x) {
    return _mm256_set1_epi32(x);
}

static inline vi dot4(vi sum, vi rows, vi q) {
#if defined(__AVXVNNI__)
    return _mm256_dpbusd_avx_epi32(sum, rows, q);
#else
    // By halves: vpmaddubsw would saturate.
    vi even = _mm256_madd_epi16(_mm256_and_si256(rows, _mm256_set1_epi16(0xff)),
                                _mm256_srai_epi16(_mm256_slli_epi16(q, 8), 8));
    vi odd = _mm256_madd_epi16(_mm256_srli_epi16(rows, 8), _mm256_srai_epi16(q, 8));
    return _mm256_add_epi32(sum, _mm256_add_epi32(even, odd));
#endif
}

static inline unsigned reaches(vi dot, const float *scale, const float *rest, float by_dot,
                               float by_rest, float limit) {
    __m256 x = _mm256_mul_ps(_mm256_set1_ps(by_rest), _mm256_loadu_ps(rest));
    __m256 s = _mm256_mul_ps(_mm256_set1_ps(by_dot), _mm256_loadu_ps(scale));
    x = _mm256_fmadd_ps(s, _mm256_cvtepi32_ps(dot), x);
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(x, _mm256_set1_ps(limit), _CMP_NLT_UQ));
}

#elif defined(__SSE4_1__)

#include <smmintrin.h>
enum { LANES = 4, BIASED = 1 };
typedef __m128i vi;

static inline vi load(const void *p) {
    return _mm_loadu_si128(p);
}

static inline vi every(int32_t x) {
    return _mm_set1_epi32(x);
}

static inline vi dot4(vi sum, vi rows, vi q) {
    vi even = _mm_madd_epi16(_mm_and_si128(rows, _mm_set1_epi16(0xff)),
                             _mm_srai_epi16(_mm_slli_epi16(q, 8), 8));
    vi odd = _mm_madd_epi16(_mm_srli_epi16(rows, 8), _mm_srai_epi16(q, 8));
    return _mm_add_epi32(sum, _mm_add_epi32(even, odd));
}

static inline unsigned reaches(vi dot, const float *scale, const float *rest, float by_dot,
                               float by_rest, float limit) {
    __m128 x = _mm_mul_ps(_mm_set1_ps(by_rest), _mm_loadu_ps(rest));
    __m128 s = _mm_mul_ps(_mm_set1_ps(by_dot), _mm_loadu_ps(scale));
    x = _mm_add_ps(_mm_mul_ps(s, _mm_cvtepi32_ps(dot)), x);
    return (unsigned)_mm_movemask_ps(_mm_cmpnlt_ps(x, _mm_set1_ps(limit)));
}

#elif defined(__aarch64__)

#include <arm_neon.h>
enum { LANES = 4, BIASED = 0 };
typedef int32x4_t vi;

static inline vi load(const void *p) {
    return vreinterpretq_s32_u8(vld1q_u8(p));
}

static inline vi every(int32_t x) {
    return vdupq_n_s32(x);
}

static inline vi dot4(vi sum, vi rows, vi q) {
    int8x16_t a = vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_s32(rows), vdupq_n_u8(BYTES_BIAS)));
    int8x16_t b = vreinterpretq_s8_s32(q);
#if defined(__ARM_FEATURE_DOTPROD)
    return vdotq_s32(sum, a, b);
#else
    int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(a), vget_high_s8(b)));
    return vaddq_s32(sum, vpaddq_s32(low, high));
#endif
}

static inline unsigned reaches(vi dot, const float *scale, const float *rest, float by_dot,
                               float by_rest, float limit) {
    static const uint32_t bits[4] = {1, 2, 4, 8};
    float32x4_t x = vmulq_n_f32(vld1q_f32(rest), by_rest);
    x = vfmaq_f32(x, vmulq_n_f32(vld1q_f32(scale), by_dot), vcvtq_f32_s32(dot));
    uint32x4_t below = vcltq_f32(x, vdupq_n_f32(limit));
    return vaddvq_u32(vbicq_u32(vld1q_u32(bits), below));
}

#endif

enum {
    VECTOR_BYTES = LANES * BYTES_QUAD,
    PARTS = BYTES_GROUP / LANES, // vectors of a group
    QUERIES = 4                  // that share what is loaded of a group
};

#if !defined(__AVX512VNNI__)
static inline vi load_part(const void *p, size_t n_bytes) {
    uint8_t bytes[VECTOR_BYTES] = {0};
    memcpy(bytes, p, n_bytes);
    return load(bytes);
}
#endif

static inline int32_t sum_lanes(vi v) {
    int32_t lane[LANES], sum = 0;
    memcpy(lane, &v, sizeof v);
    for (size_t i = 0; i < LANES; i++) sum += lane[i];
    return sum;
}

/* What the bias of rows adds to their products with q. */
static int32_t bias_of(const int8_t *q, size_t dim) {
    int32_t sum = 0;
    for (size_t d = 0; BIASED && d < dim; d++) sum += q[d];
    return BYTES_BIAS * sum;
}

static void dot_rows(const int8_t *q, const uint8_t *rows, size_t n, size_t dim, int32_t *out) {
    int32_t bias = bias_of(q, dim);
    size_t whole = dim / VECTOR_BYTES * VECTOR_BYTES;
    for (size_t i = 0; i < n; i++, rows += dim) {
        vi sum = every(0);
        for (size_t d = 0; d < whole; d += VECTOR_BYTES)
            sum = dot4(sum, load(rows + d), load(q + d));
        if (whole < dim)
            sum = dot4(sum, load_part(rows + whole, dim - whole),
                       load_part(q + whole, dim - whole));
        out[i] = sum_lanes(sum) - bias;
    }
}

static inline vi quad_of(const int8_t *q) {
    int32_t quad;
    memcpy(&quad, q, sizeof quad);
    return every(quad);
}

/* The products of `m` <= QUERIES queries with one group; out (m) stands `stride` apart. */
static inline void dot_group(const int8_t *q, size_t m, const uint8_t *group, size_t dim,
                             const int32_t *bias, int32_t *out, size_t stride) {
    vi sum[QUERIES][PARTS];
    for (size_t k = 0; k < m; k++)
        for (size_t p = 0; p < PARTS; p++) sum[k][p] = every(-bias[k]);
    for (size_t d = 0; d < dim; d += BYTES_QUAD, group += BYTES_QUAD * BYTES_GROUP)
        for (size_t p = 0; p < PARTS; p++) {
            vi rows = load(group + p * VECTOR_BYTES);
            for (size_t k = 0; k < m; k++)
                sum[k][p] = dot4(sum[k][p], rows, quad_of(q + k * dim + d));
        }
    for (size_t k = 0; k < m; k++) memcpy(out + k * stride, sum[k], sizeof sum[k]);
}

static void dot_groups(const int8_t *q, size_t m, const uint8_t *groups, size_t n_groups,
                       size_t dim, int32_t *out) {
    size_t bytes = dim * BYTES_GROUP, stride = n_groups * BYTES_GROUP;
    for (size_t first = 0; first < m;
         first += QUERIES, q += QUERIES * dim, out += QUERIES * stride) {
        size_t n = m - first < QUERIES ? m - first : QUERIES;
        int32_t bias[QUERIES];
        for (size_t k = 0; k < n; k++) bias[k] = bias_of(q + k * dim, dim);
        for (size_t g = 0; g < n_groups; g++) {
            int32_t *at = out + g * BYTES_GROUP;
            // With the number written out the sums stay in registers.
            if (n == QUERIES)
                dot_group(q, QUERIES, groups + g * bytes, dim, bias, at, stride);
            else
                for (size_t k = 0; k < n; k++)
                    dot_group(q + k * dim, 1, groups + g * bytes, dim, bias + k, at + k * stride,
                              stride);
        }
    }
}

static void reach(const int32_t *dot, size_t n_groups, const byte_bound *b, uint16_t *mask) {
    for (size_t g = 0; g < n_groups; g++) {
        unsigned bits = 0;
        for (size_t p = 0; p < PARTS; p++) {
            size_t row = g * BYTES_GROUP + p * LANES;
            bits |= reaches(load(dot + row), b->scale + row, b->rest + row, b->by_dot, b->by_rest,
                            b->limit[g])
                    << (p * LANES);
        }
        mask[g] = (uint16_t)bits;
    }
}

extern const byte_kernels BYTES_TABLE;
const byte_kernels BYTES_TABLE = {BYTES_NAME, dot_rows, dot_groups, reach};
