/*
 * bench_import [--reviews FILE] [--interactions FILE] [--products FILE] [--features FILE [--ids
 * FILE]]
 *              [--rounds N]:
 * how fast files are read, without what an import does with the records: bytes of the file, or what
 * it unpacks to, a second of one core. The best of N rounds (3), so that the file is in the cache.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "data/reader.h"
#include "data/stream.h"

typedef struct tally {
    size_t records, bytes;
} tally;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static lb_status count_interaction(void *context, const interaction_record *r) {
    tally *t = context;
    t->records++;
    t->bytes += strlen(r->user) + strlen(r->product);
    return LB_OK;
}

static lb_status count_review(void *context, const review_record *r) {
    tally *t = context;
    t->records++;
    t->bytes += strlen(r->text);
    return LB_OK;
}

static lb_status count_product(void *context, const product_record *r) {
    tally *t = context;
    t->records++;
    t->bytes += strlen(r->id);
    return LB_OK;
}

static lb_status count_feature(void *context, const char *id, const float *values, size_t dim) {
    tally *t = context;
    t->records++;
    t->bytes += strlen(id) + (values[dim - 1] > 0);
    return LB_OK;
}

static lb_status read_once(const char *option, const char *path, const char *ids, tally *t) {
    if (strcmp(option, "--reviews") == 0) return read_reviews(NULL, path, count_review, t, NULL);
    if (strcmp(option, "--interactions") == 0)
        return read_interactions(NULL, path, NULL, count_interaction, t, NULL);
    if (strcmp(option, "--products") == 0)
        return read_products(NULL, path, NULL, count_product, t, NULL);
    if (strcmp(option, "--features") == 0)
        return read_features(NULL, path, ids, count_feature, t, NULL);
    return status_fail(LB_E_ARGUMENT, "%s: no such option", option);
}

/* Bytes of what a file holds, unpacked, and the time to unpack it. */
static lb_status measure_size(const char *path, double *size, double *seconds) {
    static char buffer[1 << 16];
    stream *s;
    size_t got = sizeof buffer;
    lb_status status = LB_OK;
    double start = cpu_seconds();
    *size = 0;
    LB_TRY(stream_open(path, &s));
    while (status == LB_OK && got == sizeof buffer) {
        status = stream_read(s, buffer, sizeof buffer, &got);
        *size += (double)got;
    }
    stream_close(s);
    *seconds = cpu_seconds() - start;
    return status;
}

static lb_status measure(const char *option, const char *path, const char *ids, size_t rounds) {
    double best = 1e9, size, unpacking;
    tally t = {0, 0};
    LB_TRY(measure_size(path, &size, &unpacking));
    for (size_t i = 0; i < rounds; i++) {
        t = (tally){0, 0};
        double start = cpu_seconds();
        LB_TRY(read_once(option, path, ids, &t));
        double took = cpu_seconds() - start;
        if (took < best) best = took;
    }
    printf("%-14s %9zu records, %8.1f MB: %7.3f s, %7.1f MB/s (reading alone: %.3f s)\n",
           option + 2, t.records, size * 1e-6, best, size * 1e-6 / best, unpacking);
    return LB_OK;
}

int main(int n, char **argument) {
    const char *ids = NULL;
    size_t rounds = 3;
    lb_status status = n > 1 && n % 2 ? LB_OK
                                      : status_fail(LB_E_ARGUMENT, "options, each with a value");
    for (int i = 1; status == LB_OK && i < n; i += 2) {
        if (strcmp(argument[i], "--ids") == 0) ids = argument[i + 1];
        if (strcmp(argument[i], "--rounds") == 0) rounds = strtoull(argument[i + 1], NULL, 10);
    }
    for (int i = 1; status == LB_OK && i < n; i += 2)
        if (strcmp(argument[i], "--ids") != 0 && strcmp(argument[i], "--rounds") != 0)
            status = measure(argument[i], argument[i + 1], ids, rounds);
    if (status == LB_OK) return 0;
    fprintf(stderr, "bench_import: %s\n", lb_last_error());
    return status == LB_E_ARGUMENT ? 2 : 1;
}
