/*
 * Seeded random streams. A stream is named by a seed, a purpose and an item number, so that the
 * same work item draws the same numbers whatever thread runs it. The generator is xoshiro256++
 * (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded through
 * SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
 */
#ifndef LB_CORE_RANDOM_H
#define LB_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct random_stream {
    uint64_t s[4];
} random_stream;

/* One SplitMix64 step: advances *state and returns the next output. */
uint64_t random_splitmix(uint64_t *state);

/* The stream of (seed, purpose, item). Purposes are short strings such as "walks": two parts of a
 * program that use different purposes never share numbers. */
random_stream random_open(uint64_t seed, const char *purpose, uint64_t item);

/* A child stream, independent of its parent and of children with other keys; the parent does not
 * advance. */
random_stream random_split(const random_stream *parent, uint64_t key);

static inline uint64_t random_rotate(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

/* Uniform on all 64-bit numbers. */
static inline uint64_t random_u64(random_stream *r) {
    uint64_t *s = r->s, result = random_rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = random_rotate(s[3], 45);
    return result;
}

/* Uniform on 0..n-1, n >= 1, without bias that matters (multiply-shift on 64 bits: below n / 2^64).
 */
static inline uint64_t random_below(random_stream *r, uint64_t n) {
    __extension__ typedef unsigned __int128 u128;
    return (uint64_t)(((u128)random_u64(r) * n) >> 64);
}

/* Uniform on [0, 1), multiples of 2^-53 and of 2^-24. */
static inline double random_unit(random_stream *r) {
    return (double)(random_u64(r) >> 11) * 0x1p-53;
}
static inline float random_unit_f32(random_stream *r) {
    return (float)(random_u64(r) >> 40) * 0x1p-24f;
}

/* Standard normal, by Box and Muller; two uniforms a draw, nothing is kept between calls. */
double random_normal(random_stream *r);

/* Fisher-Yates shuffle of n row numbers. */
void random_shuffle(random_stream *r, uint32_t *items, size_t n);

/* A random permutation of 0..n-1. */
void random_permutation(random_stream *r, uint32_t *out, size_t n);

#endif
