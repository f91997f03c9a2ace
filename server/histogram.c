#include "server/histogram.h"

#include <math.h>
#include <stddef.h>

/* 0..7 have a bucket each; from there on each power of two has eight. */
static size_t bucket_of(uint64_t x) {
    unsigned power = 0;
    while (x >> power >= 2 * HISTOGRAM_FINE) power++;
    size_t bucket = (size_t)power * HISTOGRAM_FINE + (size_t)(x >> power);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest number of microseconds that falls into a bucket. */
static double bucket_end(size_t bucket) {
    if (bucket < 2 * HISTOGRAM_FINE) return (double)bucket;
    size_t power = bucket / HISTOGRAM_FINE - 1, step = bucket % HISTOGRAM_FINE + HISTOGRAM_FINE;
    return ldexp((double)step + 1, (int)power) - 1;
}

void histogram_add(histogram *h, uint64_t microseconds) {
    atomic_fetch_add_explicit(&h->bucket[bucket_of(microseconds)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->n, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->microseconds, microseconds, memory_order_relaxed);
}

static uint64_t count(const histogram *h, size_t bucket) {
    return atomic_load_explicit(&h->bucket[bucket], memory_order_relaxed);
}

double histogram_quantile(const histogram *h, double part) {
    uint64_t total = 0, seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) total += count(h, i);
    if (!total) return 0;
    double wanted = ceil(part * (double)total);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += count(h, i);
        if ((double)seen >= wanted) return bucket_end(i) * 1e-6;
    }
    return bucket_end(HISTOGRAM_BUCKETS - 1) * 1e-6;
}

uint64_t histogram_below(const histogram *h, double seconds) {
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && bucket_end(i) <= seconds * 1e6; i++)
        seen += count(h, i);
    return seen;
}
