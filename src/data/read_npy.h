/*
 * The header of a NumPy file (NEP 1; versions 1, 2 and 3): "\x93NUMPY", two version bytes, the
 * header's length (2 bytes little-endian in version 1, 4 in the later ones), then a Python dict
 * with 'descr', 'fortran_order' and 'shape' in any order; behind it the values.
 */
#ifndef LB_DATA_READ_NPY_H
#define LB_DATA_READ_NPY_H

#include <stdbool.h>

#include "core/status.h"

typedef enum npy_type { NPY_F16, NPY_F32, NPY_F64 } npy_type;

enum { NPY_MAX_DIM = 1 << 20 };

typedef struct npy_header {
    npy_type type;
    size_t value_size; // bytes: 2, 4 or 8
    size_t rows, dim;  // at least 1
    size_t offset;     // of the first value; rows * dim * value_size bytes follow, exactly
} npy_header;

bool npy_magic(const unsigned char *bytes, size_t size);

/* Parses and checks a whole file in memory. LB_E_FORMAT (with `path`) for anything but
 * little-endian floats in C order and of shape (rows, dim) that fill the file exactly; LB_E_EMPTY
 * without rows. */
lb_status npy_parse(const char *path, const unsigned char *bytes, size_t size, npy_header *out);

/* Converts `n` values to float32. Returns `n`, or the index of the first that is not finite or
 * beyond float32. */
size_t npy_values(npy_type type, const unsigned char *bytes, size_t n, float *out);

#endif
