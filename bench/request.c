/*
 * bench_request MODEL DIR <LINES: how long requests in words take, on one thread, by a model that
 * takes text. A line is a user's id, a tab, and what that user asks for. Each is asked for ten
 * products with reasons, with the words and without. Prints the median, the 95th and the 99th
 * percentile of the processor time of an answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookbook.h"

enum { MOST = 100000 };

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void report(const char *what, double *ms, size_t n) {
    qsort(ms, n, sizeof *ms, by_size);
    printf("%-14s %8.2f ms median %8.2f ms p95 %8.2f ms p99\n", what, ms[n / 2], ms[n * 95 / 100],
           ms[n * 99 / 100]);
}

static int ask(lb_recommender *r, const char *user, const char *text, double *ms) {
    lb_recommend_options o;
    lb_items *items;
    lb_recommend_options_init(&o);
    o.user = user;
    o.text = text;
    double began = now_ms();
    if (lb_recommend(r, &o, &items) != LB_OK) {
        fprintf(stderr, "bench_request: %s\n", lb_last_error());
        return -1;
    }
    *ms = now_ms() - began;
    lb_items_free(items);
    return 0;
}

static int ask_all(lb_recommender *r, double *with, double *without, size_t *n) {
    char line[1024];
    for (; *n < MOST && fgets(line, sizeof line, stdin); ++*n) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        if (!tab) return -1;
        *tab = '\0';
        if (ask(r, line, NULL, &without[*n]) || ask(r, line, tab + 1, &with[*n])) return -1;
    }
    return *n ? 0 : -1;
}

int main(int argc, char **argv) {
    lb_recommender *r = NULL;
    size_t n = 0;
    int failed = 1;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_request MODEL DIR <LINES\n");
        return 2;
    }
    double *with = malloc(MOST * sizeof *with), *without = malloc(MOST * sizeof *without);
    if (!with || !without) goto cleanup;
    if (lb_recommender_open(argv[1], argv[2], NULL, &r) != LB_OK)
        fprintf(stderr, "bench_request: %s\n", lb_last_error());
    else
        failed = ask_all(r, with, without, &n) != 0;
    if (failed) goto cleanup;
    printf("%zu requests\n", n);
    report("without words", without, n);
    report("with words", with, n);
cleanup:
    lb_recommender_close(r);
    free(with);
    free(without);
    return failed;
}
