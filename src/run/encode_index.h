/*
 * Which pictures a feature was encoded from: DIR/cache/NAME.encoded, so that only new and changed
 * ones are encoded the next time. It is trusted as far as it fits the feature: each record holds a
 * check of its product's vector, as exact as a feature in 16 bits can be.
 *
 *   8 bytes   "lbidx-2\n"
 *   records   SHA-256 of the picture's file (32), product row (4, little-endian), first 8 bytes of
 *             the SHA-256 of the vector in float16
 *   32 bytes  SHA-256 of all before
 *
 * The file may be lost: everything is then encoded again.
 */
#ifndef LB_RUN_ENCODE_INDEX_H
#define LB_RUN_ENCODE_INDEX_H

#include <stdbool.h>

#include "core/sha256.h"
#include "data/dataset.h"

typedef struct encode_index encode_index;

/* Opens what is known of the feature `name` of the dataset, if it was made by the encoder
 * `identity`; *out is NULL where nothing is. */
lb_status encode_index_open(const dataset *d, const char *name, const char *identity, size_t dim,
                            encode_index **out);
void encode_index_close(encode_index *x); // accepts NULL

/* The vector of a content, if a product has it. Thread-safe; accepts NULL. */
bool encode_index_find(const encode_index *x, const uint8_t content[SHA256_SIZE], float *out);

/* What is written: content i is that of the picture of product[i], encoded to vectors + i * dim;
 * those with skip[i] are left out. */
typedef struct encode_index_rows {
    const uint8_t (*contents)[SHA256_SIZE]; // (n)
    const uint32_t *product;                // (n)
    const bool *skip;                       // (n)
    const float *vectors;                   // (n, dim)
    size_t n, dim;
} encode_index_rows;

/* A file of such rows in memory, and putting it in its place, all or nothing. */
lb_status encode_index_make(const encode_index_rows *rows, unsigned char **bytes, size_t *size);
lb_status encode_index_save(const char *directory, const char *name, const unsigned char *bytes,
                            size_t size);

#endif
