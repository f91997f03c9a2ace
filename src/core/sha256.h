/* SHA-256 (FIPS 180-4): names a content, so that the same bytes are recognised wherever they lie.
 */
#ifndef LB_CORE_SHA256_H
#define LB_CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_TEXT_SIZE = 65 };

typedef struct sha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    uint8_t block[64];
} sha256;

void sha256_begin(sha256 *s);
void sha256_add(sha256 *s, const void *bytes, size_t size);
void sha256_end(sha256 *s, uint8_t digest[SHA256_SIZE]);

/* All three at once. */
void sha256_of(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE]);

/* 64 small hexadecimal digits and a NUL. Returns `text`. */
char *sha256_text(const uint8_t digest[SHA256_SIZE], char text[SHA256_TEXT_SIZE]);

#endif
