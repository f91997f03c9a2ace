/* How long requests took: a histogram that any number of threads fill without locks. Buckets grow
 * by an eighth of a power of two, so that a quantile is within 7 % of the truth. */
#ifndef LOOKBOOK_SERVER_HISTOGRAM_H
#define LOOKBOOK_SERVER_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_FINE = 8, HISTOGRAM_BUCKETS = 40 * HISTOGRAM_FINE };

typedef struct histogram {
    _Atomic uint64_t bucket[HISTOGRAM_BUCKETS];
    _Atomic uint64_t n, microseconds; // number and sum
} histogram;

void histogram_add(histogram *h, uint64_t microseconds);

/* The least time, in seconds, that a part of the requests (0..1) took no longer than; 0 when there
 * were none. */
double histogram_quantile(const histogram *h, double part);

/* The number of requests that took no longer than this, to the precision of a bucket. */
uint64_t histogram_below(const histogram *h, double seconds);

#endif
