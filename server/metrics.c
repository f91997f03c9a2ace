#include "server/metrics.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Every status that is counted by itself; the last stands for any other. */
static const unsigned statuses[METRICS_STATUSES] = {200, 201, 304, 400, 401, 403, 404, 405,
                                                    408, 409, 413, 415, 500, 503, 507, 0};
enum { OTHER = 15, RATE_SECONDS = 10, COUNT_BITS = 24 };

static const double bounds[] = {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10};

int64_t metrics_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void metrics_open(metrics *m) {
    memset(m, 0, sizeof *m);
    m->began = metrics_clock();
}

static uint64_t seconds_since(const metrics *m) {
    return (uint64_t)((metrics_clock() - m->began) / 1000000000);
}

static void count_second(metrics *m) {
    uint64_t second = seconds_since(m);
    _Atomic uint64_t *slot = &m->second[second % METRICS_SECONDS];
    uint64_t before = atomic_load_explicit(slot, memory_order_relaxed), after;
    do after = before >> COUNT_BITS == second ? before + 1 : second << COUNT_BITS | 1;
    while (!atomic_compare_exchange_weak_explicit(slot, &before, after, memory_order_relaxed,
                                                  memory_order_relaxed));
}

void metrics_add(metrics *m, size_t route, unsigned status, int64_t nanoseconds) {
    size_t slot = 0;
    while (slot < OTHER && statuses[slot] != status) slot++;
    atomic_fetch_add_explicit(&m->requests[route][slot], 1, memory_order_relaxed);
    histogram_add(&m->latency, (uint64_t)(nanoseconds / 1000));
    count_second(m);
}

/* Requests a second over the last whole ones, or over as many as there were. */
static double rate(const metrics *m) {
    uint64_t second = seconds_since(m), n = 0, seconds = 0;
    for (; seconds < RATE_SECONDS && seconds < second; seconds++) {
        uint64_t wanted = second - 1 - seconds;
        uint64_t slot = atomic_load_explicit(&m->second[wanted % METRICS_SECONDS],
                                             memory_order_relaxed);
        if (slot >> COUNT_BITS == wanted) n += slot & ((1u << COUNT_BITS) - 1);
    }
    return seconds ? (double)n / (double)seconds : 0;
}

static uint64_t count(const metrics *m, size_t route, size_t slot) {
    return atomic_load_explicit(&m->requests[route][slot], memory_order_relaxed);
}

void metrics_json(const metrics *m, buffer *out) {
    uint64_t total = 0, errors = 0;
    for (size_t r = 0; r < METRICS_ROUTES; r++)
        for (size_t s = 0; s <= OTHER; s++) {
            total += count(m, r, s);
            errors += statuses[s] >= 500 ? count(m, r, s) : 0;
        }
    buffer_print(out,
                 "{\"total\":%llu,\"errors\":%llu,\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,"
                 "\"per_second\":%.2f}",
                 (unsigned long long)total, (unsigned long long)errors,
                 1e3 * histogram_quantile(&m->latency, .5),
                 1e3 * histogram_quantile(&m->latency, .95),
                 1e3 * histogram_quantile(&m->latency, .99), rate(m));
}

void metrics_print(const metrics *m, size_t n_routes,
                   void (*name)(size_t route, const char **method, const char **path),
                   buffer *out) {
    const char *method, *path;
    buffer_text(out, "# HELP lookbook_requests_total Requests answered.\n"
                     "# TYPE lookbook_requests_total counter\n");
    for (size_t r = 0; r < n_routes; r++)
        for (size_t s = 0; s <= OTHER; s++) {
            uint64_t n = count(m, r, s);
            if (!n) continue;
            name(r, &method, &path);
            buffer_print(out,
                         "lookbook_requests_total{method=\"%s\",route=\"%s\",status=\"%u\"} %llu\n",
                         method, path, statuses[s], (unsigned long long)n);
        }
    buffer_text(out, "# HELP lookbook_request_seconds From the last byte of a request to its "
                     "reply.\n# TYPE lookbook_request_seconds histogram\n");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        buffer_print(out, "lookbook_request_seconds_bucket{le=\"%g\"} %llu\n", bounds[i],
                     (unsigned long long)histogram_below(&m->latency, bounds[i]));
    unsigned long long n = atomic_load_explicit(&m->latency.n, memory_order_relaxed);
    double sum = 1e-6 *
                 (double)atomic_load_explicit(&m->latency.microseconds, memory_order_relaxed);
    buffer_print(out,
                 "lookbook_request_seconds_bucket{le=\"+Inf\"} %llu\nlookbook_request_seconds_sum "
                 "%.6f\nlookbook_request_seconds_count %llu\n",
                 n, sum, n);
}

uint64_t metrics_memory(void) {
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    if (n <= 0) return 0;
    text[n] = '\0';
    const char *blank = strchr(text, ' ');
    uint64_t pages = blank ? strtoull(blank + 1, NULL, 10) : 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
