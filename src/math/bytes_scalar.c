/* The byte kernels as plain loops: what the others are compared with. */
#include "math/bytes.h"

static void dot_rows(const int8_t *q, const uint8_t *rows, size_t n, size_t dim, int32_t *out) {
    for (size_t i = 0; i < n; i++, rows += dim) {
        int32_t sum = 0;
        for (size_t d = 0; d < dim; d++) sum += q[d] * (rows[d] - BYTES_BIAS);
        out[i] = sum;
    }
}

static void dot_groups(const int8_t *q, size_t m, const uint8_t *groups, size_t n_groups,
                       size_t dim, int32_t *out) {
    for (; m-- > 0; q += dim) {
        const uint8_t *group = groups;
        for (size_t g = 0; g < n_groups; g++, group += dim * BYTES_GROUP, out += BYTES_GROUP) {
            int32_t sum[BYTES_GROUP] = {0};
            for (size_t d = 0; d < dim; d++) {
                const uint8_t *quad = group + d / BYTES_QUAD * BYTES_QUAD * BYTES_GROUP;
                for (size_t i = 0; i < BYTES_GROUP; i++)
                    sum[i] += q[d] * (quad[i * BYTES_QUAD + d % BYTES_QUAD] - BYTES_BIAS);
            }
            for (size_t i = 0; i < BYTES_GROUP; i++) out[i] = sum[i];
        }
    }
}

static void reach(const int32_t *dot, size_t n_groups, const byte_bound *b, uint16_t *mask) {
    for (size_t g = 0; g < n_groups; g++) {
        unsigned bits = 0;
        for (size_t i = 0; i < BYTES_GROUP; i++) {
            size_t row = g * BYTES_GROUP + i;
            float x = b->by_dot * b->scale[row] * (float)dot[row] + b->by_rest * b->rest[row];
            bits |= (unsigned)!(x < b->limit[g]) << i;
        }
        mask[g] = (uint16_t)bits;
    }
}

extern const byte_kernels byte_kernels_scalar;
const byte_kernels byte_kernels_scalar = {"scalar", dot_rows, dot_groups, reach};
