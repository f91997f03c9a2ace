/* The logistic function in float, for kernels and for what is near them. */
#ifndef LB_MATH_SIGMOID_H
#define LB_MATH_SIGMOID_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* 1 / (1 + exp(-z)) within 1e-6; NaN stays NaN. */
static inline float sigmoid(float z) {
    if (z > 20) return 1;
    if (!(z >= -20)) return z < -20 ? 0 : z;
    // exp(-z) = 2^whole 2^f, |f| <= 1/2; p is the Taylor series of 2^f
    float t = z * -1.44269504f, whole = floorf(t + 0.5f), f = t - whole;
    float p = 0.00133335581f + f * 0.000154035304f;
    p = 0.0555041087f + f * (0.00961812911f + f * p);
    p = 1.0f + f * (0.693147181f + f * (0.240226507f + f * p));
    uint32_t bits = (uint32_t)((int32_t)whole + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return 1.0f / (1.0f + p * scale);
}

#endif
