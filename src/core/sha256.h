/* SHA-256 (FIPS 180-4), which names uploaded photos and tells batches of feedback apart. */
#ifndef LB_CORE_SHA256_H
#define LB_CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_TEXT = 2 * SHA256_SIZE + 1 };

typedef struct sha256 {
    uint32_t state[8];
    uint64_t n; // bytes so far
    unsigned char block[64];
} sha256;

void sha256_begin(sha256 *s);
void sha256_add(sha256 *s, const void *bytes, size_t size);
void sha256_end(sha256 *s, unsigned char out[SHA256_SIZE]);

/* The sum of some bytes at once. */
void sha256_bytes(const void *bytes, size_t size, unsigned char out[SHA256_SIZE]);

/* As lower-case hexadecimal digits and a NUL. Returns the buffer. */
char *sha256_text(const unsigned char sum[SHA256_SIZE], char out[SHA256_TEXT]);

#endif
