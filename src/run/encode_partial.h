/*
 * What an encoding has done so far: DIR/cache/NAME.encoding, from which a later one goes on. It is
 * removed when the feature is written.
 *
 *   8 bytes   "lbenc-1\n"
 *   4, 4      numbers a vector (dim), bytes of the encoder's identity; then the identity
 *   records   SHA-256 of a picture's file (32), its vector (dim float32), and the first 8 bytes of
 *             the SHA-256 of both; a record that a kill cut short is dropped, with all behind it
 */
#ifndef LB_RUN_ENCODE_PARTIAL_H
#define LB_RUN_ENCODE_PARTIAL_H

#include <stdbool.h>

#include "core/sha256.h"
#include "core/status.h"

typedef struct encode_partial encode_partial;

/* Opens or makes the file for a feature. What it holds of another encoder is dropped. LB_E_BUSY
 * while another encoding of that feature writes to it; LB_E_IO. */
lb_status encode_partial_open(const char *directory, const char *feature, const char *identity,
                              size_t dim, encode_partial **out);

/* Pictures in it. */
size_t encode_partial_count(const encode_partial *p);

/* The vector of a content that was in the file when it was opened. Thread-safe. */
bool encode_partial_find(const encode_partial *p, const uint8_t content[SHA256_SIZE], float *out);

/* Adds n vectors (n, dim) of contents (n); `skip` (n) marks those to leave out. */
lb_status encode_partial_add(encode_partial *p, const uint8_t (*contents)[SHA256_SIZE],
                             const float *vectors, const bool *skip, size_t n);

/* Removes the file: what it held is in the feature. */
void encode_partial_remove(encode_partial *p);
void encode_partial_close(encode_partial *p); // accepts NULL; the file stays

#endif
