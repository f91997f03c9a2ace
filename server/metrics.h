/* What the server counts. All of it may be added to by any thread. */
#ifndef LOOKBOOK_SERVER_METRICS_H
#define LOOKBOOK_SERVER_METRICS_H

#include "server/buffer.h"
#include "server/histogram.h"

enum { METRICS_ROUTES = 48, METRICS_STATUSES = 24, METRICS_SECONDS = 64 };

typedef struct metrics {
    int64_t began;     // nanoseconds of the monotonic clock
    histogram latency; // from the last byte of the request to the reply
    _Atomic uint64_t requests[METRICS_ROUTES][METRICS_STATUSES];
    _Atomic uint64_t second[METRICS_SECONDS]; // number of the second << 24 | requests in it
    _Atomic uint64_t feedback, reloads, reload_failures, log_failures;
} metrics;

int64_t metrics_clock(void); // nanoseconds of the monotonic clock

void metrics_open(metrics *m);

/* A request was answered. `route` is below METRICS_ROUTES. */
void metrics_add(metrics *m, size_t route, unsigned status, int64_t nanoseconds);

/* {"total":n,"errors":n,"p50_ms":x,"p95_ms":x,"p99_ms":x,"per_second":x}; errors are those with a
 * status of 500 or more, per_second is over the last ten seconds. */
void metrics_json(const metrics *m, buffer *out);

/* Requests by route and status, and the histogram, in Prometheus's text format. `name` gives each
 * route's method and path. */
void metrics_print(const metrics *m, size_t n_routes,
                   void (*name)(size_t route, const char **method, const char **path), buffer *out);

/* Bytes of memory that the process holds at present; 0 where the system does not say. */
uint64_t metrics_memory(void);

#endif
