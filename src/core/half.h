/* IEEE 754 half precision (binary16) to single precision and back, one value at a time. */
#ifndef LB_CORE_HALF_H
#define LB_CORE_HALF_H

#include <stdint.h>
#include <string.h>

/* The float32 equal to the binary16 with these bits; exact, also for subnormals, infinities and
 * NaN. */
static inline float half_to_f32(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = (half >> 10) & 31u,
             fraction = half & 0x3ffu, bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000u | fraction << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else {
        // A subnormal is fraction * 2^-24, which float32 holds exactly.
        float magnitude = (float)fraction * 0x1p-24f;
        memcpy(&bits, &magnitude, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The bits of the binary16 nearest to `value`, ties to even. Beyond 65519.99 it is infinity, NaN
 * stays NaN. */
static inline uint16_t half_from_f32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);
    uint32_t result, rest, unit; // `rest` of `unit` is what rounding drops
    if (magnitude >= 0x38800000u) {
        result = (magnitude - 0x38000000u) >> 13;
        unit = 1u << 13;
        rest = magnitude & (unit - 1);
    } else if (magnitude >= 0x33000000u) {
        uint32_t shift = 126 - (magnitude >> 23), fraction = (magnitude & 0x7fffffu) | 0x800000u;
        result = fraction >> shift;
        unit = 1u << shift;
        rest = fraction & (unit - 1);
    } else {
        return (uint16_t)sign;
    }
    if (rest > unit / 2 || (rest == unit / 2 && (result & 1))) result++;
    return (uint16_t)(sign | result);
}

/* The same of n values, none of which is infinite or NaN, in a loop without a branch. */
static inline void half_to_f32_finite(float *restrict out, const void *in, size_t n) {
    const unsigned char *bytes = in;
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        // The exponent's bias is 15 here and 127 there; the product also makes subnormals normal.
        uint32_t sign = (uint32_t)(half & 0x8000u) << 16, magnitude = half & 0x7fffu;
        float value;
        magnitude <<= 13;
        memcpy(&value, &magnitude, sizeof value);
        value *= 0x1p112f;
        memcpy(&magnitude, &value, sizeof value);
        magnitude |= sign;
        memcpy(&out[i], &magnitude, sizeof value);
    }
}

#endif
