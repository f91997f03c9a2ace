/*
 * bench_search [--model FILE] [--rows N] [--dim D] [--queries M] [--threads T] [--isa PATH]
 *              [--decay X] [--spread X] [--latent R] [--seed S] [--blind] [--json]:
 * how fast the exact indices answer, and what they look at. Searches the largest partition of a
 * trained model with the queries of its users, or generated vectors of a like shape: lengths and
 * variances that fall steeply, a column of biases. Scan and codes take turns; a figure is the
 * median over rounds. Each pair is compared: the program fails unless they give the same bytes.
 * --blind: the codes are not told what queries look like. Of generated vectors, the first column
 * varies e^decay times as much as the last (3), and the logarithm of lengths has the deviation
 * spread (0.5); with 0 and 0 there is nothing that codes could make use of. With --latent they are
 * made of R numbers each, as learned vectors nearly are, and a twentieth of noise.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "core/random.h"
#include "index/index.h"
#include "math/bytes.h"
#include "math/vector.h"
#include "model/model.h"

enum { ROUNDS = 7, SAMPLE = 512, STREAM_BYTES = 256 << 20, MOST_QUERIES = 4096 };

typedef struct arguments {
    const char *model;
    size_t rows, dim, queries, latent;
    unsigned threads;
    double decay, spread;
    uint64_t seed;
    bool blind, json;
} arguments;

/* What is searched, and with what. */
typedef struct data {
    model *m; // or NULL
    float *own;
    const float *vectors; // (n, dim)
    size_t n, dim;
    float *queries; // (n_queries, dim), behind those of the sample
    float *sample;  // (SAMPLE, dim)
    size_t n_queries;
} data;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---------------------------------------------------------------- data */

/* What vectors of few numbers are multiplied with, so that they have many. */
typedef struct latent {
    size_t n, dim;
    float *mix;   // (n, dim)
    float *small; // (n)
} latent;

static lb_status new_latent(const arguments *a, random_stream *r, latent *out) {
    *out = (latent){.n = a->latent, .dim = a->dim};
    LB_TRY(NEW_ARRAY(out->mix, out->n * out->dim));
    LB_TRY(NEW_ARRAY(out->small, out->n));
    for (size_t i = 0; i < out->n * out->dim; i++)
        out->mix[i] = (float)(random_normal(r) / sqrt((double)out->n));
    return LB_OK;
}

/* v (dim), of which the leading numbers vary most. */
static void draw(const arguments *a, const latent *l, random_stream *r, double decay, float *v) {
    size_t n = l->n ? l->n : a->dim;
    float *x = l->n ? l->small : v;
    for (size_t k = 0; k < n; k++)
        x[k] = (float)(exp(-decay * (double)k / (double)n) * random_normal(r));
    if (!l->n) return;
    for (size_t d = 0; d < a->dim; d++) v[d] = (float)(0.05 * random_normal(r));
    for (size_t k = 0; k < n; k++) vec_axpy(v, x[k], l->mix + k * a->dim, a->dim);
}

static lb_status generate(const arguments *a, data *d) {
    random_stream r = random_open(a->seed, "bench search", 0);
    latent l = {0};
    lb_status status;
    d->n = a->rows;
    d->dim = a->dim;
    d->n_queries = a->queries;
    LB_TRY_CLEANUP(NEW_ARRAY(d->own, d->n * d->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(d->sample, (SAMPLE + d->n_queries) * d->dim));
    if (a->latent) LB_TRY_CLEANUP(new_latent(a, &r, &l));
    for (size_t i = 0; i < d->n; i++) {
        float *v = d->own + i * d->dim;
        float length = (float)exp(a->spread * random_normal(&r));
        draw(a, &l, &r, a->decay, v);
        vec_scale(v, length, d->dim);
        v[d->dim - 1] = (float)(-2 + 0.5 * random_normal(&r));
    }
    for (size_t i = 0; i < SAMPLE + d->n_queries; i++) {
        float *q = d->sample + i * d->dim;
        draw(a, &l, &r, 0, q);
        q[d->dim - 1] = 1;
    }
    d->vectors = d->own;
    d->queries = d->sample + SAMPLE * d->dim;
cleanup:
    free(l.mix);
    free(l.small);
    return status;
}

static lb_status read_queries(const arguments *a, data *d, const model_part *part, size_t n_parts,
                              size_t largest) {
    const model *m = d->m;
    random_stream r = random_open(a->seed, "bench search", 0);
    float *query[MODEL_MAX_PARTS] = {0};
    lb_status status = LB_OK;
    for (size_t p = 0; p < n_parts; p++) LB_TRY_CLEANUP(NEW_ARRAY(query[p], part[p].dim));
    for (size_t i = 0; i < SAMPLE + d->n_queries; i++) {
        uint32_t user = (uint32_t)random_below(&r, m->common.n_users);
        LB_TRY_CLEANUP(m->class->query_user(m->state, &m->common, user, query));
        memcpy(d->sample + i * d->dim, query[largest], d->dim * sizeof(float));
    }
cleanup:
    for (size_t p = 0; p < n_parts; p++) free(query[p]);
    return status;
}

static lb_status read_model(const arguments *a, data *d) {
    model_part part[MODEL_MAX_PARTS];
    size_t largest = 0;
    LB_TRY(model_load(a->model, &d->m));
    if (!d->m->class->parts)
        return status_fail(LB_E_UNSUPPORTED, "%s: a %s model has no vectors", a->model,
                           d->m->class->name);
    size_t n_parts = d->m->class->parts(d->m->state, part);
    for (size_t p = 1; p < n_parts; p++)
        if (part[p].n > part[largest].n) largest = p;
    d->vectors = part[largest].vector;
    d->n = part[largest].n;
    d->dim = part[largest].dim;
    d->n_queries = a->queries;
    LB_TRY(NEW_ARRAY(d->sample, (SAMPLE + d->n_queries) * d->dim));
    d->queries = d->sample + SAMPLE * d->dim;
    return read_queries(a, d, part, n_parts, largest);
}

static void close_data(data *d) {
    model_free(d->m);
    free(d->own);
    free(d->sample);
}

/* ---------------------------------------------------------------- measuring */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, size_t n) {
    qsort(x, n, sizeof *x, by_value);
    return x[n / 2];
}

/* Bytes per second that one thread reads of a large array, from memory or from a larger cache. */
static lb_status measure_reading(double *rate) {
    float *x;
    double seconds[ROUNDS];
    volatile double sum = 0; // so that the reading is not left out
    size_t n = STREAM_BYTES / sizeof *x;
    LB_TRY(NEW_ARRAY(x, n));
    for (size_t i = 0; i < n; i++) x[i] = 1;
    for (size_t r = 0; r < ROUNDS; r++) {
        double start = now();
        for (size_t i = 0; i < n; i += 4096) sum = sum + (double)vec_dot(x + i, x + i, 4096);
        seconds[r] = now() - start;
    }
    free(x);
    *rate = STREAM_BYTES / median(seconds, ROUNDS);
    return LB_OK;
}

/* A way to search: how many at a time, for how many, with which filter. */
typedef struct setting {
    const char *filter; // "none"; "mask" or "call" of one row in ten; "most", a call of 49 in 50
    size_t k, batch, n_queries;
    unsigned threads;
} setting;

typedef struct answers {
    uint32_t *rows; // (n_queries, k)
    float *scores;
    double seconds[ROUNDS];
    double latency[ROUNDS * MOST_QUERIES]; // of each call
    size_t n_calls;
} answers;

static bool one_in_ten(void *context, size_t query, uint32_t row) {
    (void)context;
    (void)query;
    return row % 10 == 3;
}

static bool most(void *context, size_t query, uint32_t row) {
    (void)context;
    (void)query;
    return row % 50 != 3;
}

static lb_status run_once(const data *d, const vector_index *ix, const setting *s,
                          const index_filter *filter, job *j, answers *out, size_t round) {
    double start = now();
    for (size_t q = 0; q < s->n_queries; q += s->batch) {
        size_t m = s->n_queries - q < s->batch ? s->n_queries - q : s->batch;
        double began = now();
        LB_TRY(index_search(ix, d->queries + q * d->dim, m, s->k, filter, out->rows + q * s->k,
                            out->scores + q * s->k, NULL, j));
        out->latency[out->n_calls++] = now() - began;
    }
    out->seconds[round] = now() - start;
    return LB_OK;
}

typedef struct result {
    double scan, coded;         // seconds a query
    double scan_p99, coded_p99; // seconds a call
    double rows, tails, rescored;
    double bytes; // that the codes read for a query
} result;

static double p99(answers *a) {
    qsort(a->latency, a->n_calls, sizeof *a->latency, by_value);
    return a->latency[a->n_calls * 99 / 100];
}

static lb_status new_answers(const setting *s, answers **out) {
    LB_TRY(NEW_ARRAY(*out, 1));
    LB_TRY(NEW_ARRAY((*out)->rows, s->n_queries * s->k));
    return NEW_ARRAY((*out)->scores, s->n_queries * s->k);
}

static void free_answers(answers *a) {
    if (!a) return;
    free(a->rows);
    free(a->scores);
    free(a);
}

static lb_status compare(const data *d, vector_index *const ix[2], const setting *s, job *j,
                         result *out) {
    answers *a[2] = {NULL, NULL};
    uint64_t *mask = NULL;
    index_effort before, after;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mask, (d->n + 63) / 64));
    for (size_t i = 3; i < d->n; i += 10) mask[i / 64] |= 1ull << i % 64;
    index_filter filter = {0};
    if (strcmp(s->filter, "mask") == 0) filter.excluded = mask;
    if (strcmp(s->filter, "call") == 0) filter.excludes = one_in_ten;
    if (strcmp(s->filter, "most") == 0) filter.excludes = most;
    for (size_t i = 0; i < 2; i++) LB_TRY_CLEANUP(new_answers(s, &a[i]));
    index_effort_read(ix[1], &before);
    for (size_t r = 0; r < ROUNDS; r++)
        for (size_t i = 0; i < 2; i++) LB_TRY_CLEANUP(run_once(d, ix[i], s, &filter, j, a[i], r));
    index_effort_read(ix[1], &after);
    if (memcmp(a[0]->rows, a[1]->rows, s->n_queries * s->k * sizeof *a[0]->rows) != 0 ||
        memcmp(a[0]->scores, a[1]->scores, s->n_queries * s->k * sizeof *a[0]->scores) != 0) {
        status = status_fail(LB_E_NUMERIC, "the codes' results differ from the scan's");
        goto cleanup;
    }
    double n = (double)s->n_queries, all = (double)(after.queries - before.queries);
    *out = (result){.scan = median(a[0]->seconds, ROUNDS) / n,
                    .coded = median(a[1]->seconds, ROUNDS) / n,
                    .scan_p99 = p99(a[0]),
                    .coded_p99 = p99(a[1]),
                    .rows = (double)(after.rows - before.rows) / all,
                    .tails = (double)(after.tails - before.tails) / all,
                    .rescored = (double)(after.rescored - before.rescored) / all,
                    .bytes = (double)(after.bytes - before.bytes) / all};
cleanup:
    for (size_t i = 0; i < 2; i++) free_answers(a[i]);
    free(mask);
    return status;
}

/* ---------------------------------------------------------------- output */

static void print_head(const arguments *a, const data *d, double reading, const double build[2]) {
    if (a->json) {
        printf("{\"model\":%s%s%s,\"n\":%zu,\"dim\":%zu,\"isa\":\"%s\",\"bytes\":\"%s\","
               "\"read_gb_per_s\":%.3f,\"build_seconds\":{\"1\":%.4f,\"%u\":%.4f},\"search\":[",
               a->model ? "\"" : "", a->model ? a->model : "null", a->model ? "\"" : "", d->n,
               d->dim, lb_isa_name(), bytes_table()->name, reading * 1e-9, build[0], a->threads,
               build[1]);
        return;
    }
    printf("%s: %zu rows of %zu; %s, bytes %s; one thread reads %.1f GB/s; coding takes %.3f s on "
           "one thread, %.3f s on %u\n\n",
           a->model ? a->model : "generated", d->n, d->dim, lb_isa_name(), bytes_table()->name,
           reading * 1e-9, build[0], build[1], a->threads);
    printf("%4s %7s %6s %7s | %8s %8s %6s %8s %8s | %7s %7s %8s | %6s %6s\n", "k", "threads",
           "batch", "filter", "scan ms", "coded ms", "ratio", "queries/s", "p99 ms", "heads %",
           "tails %", "floats %", "scan", "coded");
}

static void print_result(const arguments *a, const data *d, const setting *s, const result *r,
                         double reading, bool first) {
    double n = (double)d->n, scan_rate = n * (double)d->dim * sizeof(float) / r->scan / reading;
    double coded_rate = r->bytes / r->coded / reading;
    if (!a->json) {
        printf(
            "%4zu %7u %6zu %7s | %8.3f %8.3f %6.1f %9.0f %8.3f | %7.2f %7.3f %8.4f | %6.2f %6.2f\n",
            s->k, s->threads, s->batch, s->filter, r->scan * 1e3, r->coded * 1e3,
            r->scan / r->coded, 1 / r->coded, r->coded_p99 * 1e3, 100 * r->rows / n,
            100 * r->tails / n, 100 * r->rescored / n, scan_rate, coded_rate);
        return;
    }
    printf("%s\n{\"k\":%zu,\"threads\":%u,\"batch\":%zu,\"filter\":\"%s\",\"scan_ms\":%.4f,"
           "\"coded_ms\":%.4f,\"scan_p99_ms\":%.4f,\"coded_p99_ms\":%.4f,\"ratio\":%.3f,"
           "\"heads\":%.6f,\"tails\":%.6f,\"rescored\":%.6f,\"scan_of_reading\":%.3f,"
           "\"coded_of_reading\":%.3f}",
           first ? "" : ",", s->k, s->threads, s->batch, s->filter, r->scan * 1e3, r->coded * 1e3,
           r->scan_p99 * 1e3, r->coded_p99 * 1e3, r->scan / r->coded, r->rows / n, r->tails / n,
           r->rescored / n, scan_rate, coded_rate);
}

/* ---------------------------------------------------------------- the program */

static lb_status build_coded(const arguments *a, const data *d, job *j, double *seconds,
                             vector_index **out) {
    const index_sample sample = {d->sample, SAMPLE};
    double start = now();
    LB_TRY(index_coded_new(j, d->vectors, d->n, d->dim, a->blind ? NULL : &sample, out));
    *seconds = now() - start;
    return LB_OK;
}

static lb_status run_all(const arguments *a, const data *d, job *j) {
    const size_t few = d->n_queries < 100 ? d->n_queries : 100, all = d->n_queries;
    const setting settings[] = {
        {"none", 10, 1, few, 1},  {"none", 100, 1, few, 1},  {"none", 200, 1, few, 1},
        {"mask", 10, 1, few, 1},  {"call", 10, 1, few, 1},   {"most", 10, 1, few, 1},
        {"none", 10, 64, all, 1}, {"none", 100, 64, all, 1}, {"none", 10, all, all, a->threads}};
    vector_index *ix[2] = {NULL, NULL}, *again = NULL;
    double reading, build[2];
    lb_status status;
    LB_TRY_CLEANUP(measure_reading(&reading));
    LB_TRY_CLEANUP(index_scan_new(d->vectors, d->n, d->dim, &ix[0]));
    LB_TRY_CLEANUP(build_coded(a, d, NULL, &build[0], &ix[1]));
    LB_TRY_CLEANUP(build_coded(a, d, j, &build[1], &again));
    print_head(a, d, reading, build);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        result r = {0};
        LB_TRY_CLEANUP(compare(d, ix, &settings[i], settings[i].threads > 1 ? j : NULL, &r));
        print_result(a, d, &settings[i], &r, reading, i == 0);
        fflush(stdout);
    }
    if (a->json) printf("]}\n");
cleanup:
    index_free(ix[0]);
    index_free(ix[1]);
    index_free(again);
    return status;
}

static lb_status whole(const char *option, const char *value, size_t least, size_t most,
                       size_t *out) {
    char *end = NULL;
    unsigned long long x = value ? strtoull(value, &end, 10) : 0;
    if (!value || end == value || *end || x < least || x > most)
        return status_fail(LB_E_ARGUMENT, "%s: a number from %zu to %zu", option, least, most);
    *out = (size_t)x;
    return LB_OK;
}

static lb_status number(const char *option, const char *value, double *out) {
    char *end = NULL;
    double x = value ? strtod(value, &end) : 0;
    if (!value || end == value || *end || !(x >= 0 && x <= 20))
        return status_fail(LB_E_ARGUMENT, "%s: a number from 0 to 20", option);
    *out = x;
    return LB_OK;
}

static lb_status parse_option(arguments *a, const char *option, const char *value) {
    size_t x;
    if (strcmp(option, "--model") == 0) {
        a->model = value;
        return value ? LB_OK : status_fail(LB_E_ARGUMENT, "--model: a file");
    }
    if (strcmp(option, "--isa") == 0) return lb_isa_select(value);
    if (strcmp(option, "--rows") == 0) return whole(option, value, 1, 100000000, &a->rows);
    if (strcmp(option, "--dim") == 0) return whole(option, value, 1, 4096, &a->dim);
    if (strcmp(option, "--queries") == 0) return whole(option, value, 1, MOST_QUERIES, &a->queries);
    if (strcmp(option, "--threads") == 0) {
        LB_TRY(whole(option, value, 1, 256, &x));
        a->threads = (unsigned)x;
        return LB_OK;
    }
    if (strcmp(option, "--decay") == 0) return number(option, value, &a->decay);
    if (strcmp(option, "--spread") == 0) return number(option, value, &a->spread);
    if (strcmp(option, "--latent") == 0) return whole(option, value, 0, 4096, &a->latent);
    if (strcmp(option, "--seed") == 0) {
        LB_TRY(whole(option, value, 0, 1000000000, &x));
        a->seed = x;
        return LB_OK;
    }
    return status_fail(LB_E_ARGUMENT, "%s: no such option", option);
}

static lb_status parse(int n, char **argument, arguments *a) {
    *a = (arguments){.rows = 120000,
                     .dim = 229,
                     .queries = 1024,
                     .threads = 2,
                     .decay = 3,
                     .spread = 0.5,
                     .seed = 1};
    for (int i = 1; i < n; i++) {
        if (strcmp(argument[i], "--json") == 0) {
            a->json = true;
        } else if (strcmp(argument[i], "--blind") == 0) {
            a->blind = true;
        } else {
            LB_TRY(parse_option(a, argument[i], i + 1 < n ? argument[i + 1] : NULL));
            i++;
        }
    }
    return LB_OK;
}

int main(int n, char **argument) {
    arguments a;
    data d = {0};
    job *j = NULL;
    lb_status status;
    LB_TRY_CLEANUP(parse(n, argument, &a));
    lb_runtime runtime = {.threads = a.threads};
    LB_TRY_CLEANUP(job_new(&runtime, &j));
    LB_TRY_CLEANUP(a.model ? read_model(&a, &d) : generate(&a, &d));
    LB_TRY_CLEANUP(run_all(&a, &d, j));
cleanup:
    close_data(&d);
    job_free(j);
    if (status == LB_OK) return 0;
    fprintf(stderr, "bench_search: %s\n", lb_last_error());
    return status == LB_E_ARGUMENT ? 2 : 1;
}
