/*
 * Inner products of bytes, for search over coded vectors (src/index). A query holds signed bytes,
 * -127..127; rows hold bytes biased by 128, so that byte b stands for b - 128: that is what VNNI
 * multiplies. Sums are integers, so that all kernels give equal results. No length above
 * BYTES_MAX_DIM, where sums would overflow.
 */
#ifndef LB_MATH_BYTES_H
#define LB_MATH_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum {
    BYTES_BIAS = 128,
    BYTES_LARGEST = 127, // of a query's bytes; of a row's without their bias
    BYTES_GROUP = 16,    // rows that stand interleaved
    BYTES_QUAD = 4,      // dimensions of one row that stand together
    BYTES_MAX_DIM = 65536
};

/* What bounds the scores of groups of rows: see `reach`. */
typedef struct byte_bound {
    const float *scale; // (n_groups, BYTES_GROUP)
    const float *rest;  // (n_groups, BYTES_GROUP)
    const float *limit; // (n_groups)
    float by_dot, by_rest;
} byte_bound;

typedef struct byte_kernels {
    const char *name;
    /* out[i] = q . row i, for n rows of dim bytes one behind the other. */
    void (*dot_rows)(const int8_t *q, const uint8_t *rows, size_t n, size_t dim, int32_t *out);
    /* out (m, n_groups, BYTES_GROUP) = the products of m queries q (m, dim) with rows that stand in
     * groups (n_groups, dim / BYTES_QUAD, BYTES_GROUP, BYTES_QUAD); dim is a multiple of
     * BYTES_QUAD. Each group is read once for several queries. */
    void (*dot_groups)(const int8_t *q, size_t m, const uint8_t *groups, size_t n_groups,
                       size_t dim, int32_t *out);
    /* Bit i of mask[g]: whether by_dot * scale * dot + by_rest * rest of row i in group g is not
     * below the group's limit (so that a NaN reaches it). dot (n_groups, BYTES_GROUP). */
    void (*reach)(const int32_t *dot, size_t n_groups, const byte_bound *bound, uint16_t *mask);
} byte_kernels;

/* The fastest kernels of this CPU that the path in use (cpu.h) allows. */
const byte_kernels *bytes_table(void);

/* The i-th kernels that this CPU can run, whatever the path; NULL past the last. The first are
 * plain loops. */
const byte_kernels *bytes_path(size_t i);

#endif
