/*
 * bench_evaluate --model FILE [--tests N] [--threads T] [--isa PATH] [--seed S] [--auc]:
 * how long it takes to measure a trained model on all of its users, N tests each (2), drawn from
 * what they did not have. --auc: AUC alone, as while training.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "core/random.h"
#include "eval/eval.h"
#include "math/cpu.h"
#include "model/evaluation.h"
#include "model/model.h"

enum { LIST = 20 };

typedef struct arguments {
    const char *model;
    size_t tests;
    unsigned threads;
    uint64_t seed;
    bool auc;
} arguments;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_pair(const void *a, const void *b) {
    const pair *x = a, *y = b;
    if (x->user != y->user) return (x->user > y->user) - (x->user < y->user);
    return (x->product > y->product) - (x->product < y->product);
}

static bool has(const model_common *c, uint32_t user, uint32_t product) {
    for (uint32_t i = c->user_start[user]; i < c->user_start[user + 1]; i++)
        if (c->product[i] == product) return true;
    return false;
}

static lb_status draw_tests(const arguments *a, const model *m, pair **tests, size_t *n_tests) {
    const model_common *c = &m->common;
    random_stream r = random_open(a->seed, "bench evaluate", 0);
    pair *drawn;
    size_t n = 0;
    LB_TRY(NEW_ARRAY(drawn, c->n_users * a->tests));
    for (uint32_t u = 0; u < c->n_users; u++)
        for (size_t i = 0; i < a->tests; i++) {
            uint32_t product = (uint32_t)random_below(&r, c->n_products);
            if (!has(c, u, product)) drawn[n++] = (pair){u, product};
        }
    qsort(drawn, n, sizeof *drawn, by_pair);
    for (size_t i = 0; i < n; i++)
        if (!*n_tests || by_pair(&drawn[*n_tests - 1], &drawn[i]) != 0)
            drawn[(*n_tests)++] = drawn[i];
    *tests = drawn;
    return LB_OK;
}

static lb_status measure(const arguments *a, job *j, model *m, const eval_input *in) {
    double auc[EVAL_KINDS][EVAL_SETS] = {{NAN}}, start = now();
    eval_result *r = NULL;
    if (a->auc) {
        LB_TRY(eval_auc_quick(j, in, evaluation_score, m, auc));
    } else {
        LB_TRY(eval_run(j, in, evaluation_score, m, LIST, &r));
        for (size_t kind = 0; kind < EVAL_KINDS; kind++)
            for (size_t set = 0; set < EVAL_SETS; set++) {
                double sum = 0;
                size_t n = 0;
                for (size_t i = 0; i < r->n_users; i++) {
                    double x = eval_value(r, i, (eval_kind)kind, (eval_set)set, EVAL_AUC);
                    if (isnan(x)) continue;
                    sum += x;
                    n++;
                }
                auc[kind][set] = sum / (double)n;
            }
    }
    double seconds = now() - start;
    printf(
        "%u users x %u products, %zu tests, %s, %u threads: %.2f s, %.0f million scores a second; "
        "AUC warm %.9f %.9f, cold %.9f %.9f\n",
        in->n_users, in->n_products, in->n_tests, a->auc ? "AUC alone" : "all metrics", a->threads,
        seconds, 1e-6 * (double)in->n_users * (double)in->n_products / seconds,
        auc[EVAL_WARM][EVAL_ALL], auc[EVAL_WARM][EVAL_OWN], auc[EVAL_COLD][EVAL_ALL],
        auc[EVAL_COLD][EVAL_OWN]);
    eval_result_free(r);
    return LB_OK;
}

static lb_status run(const arguments *a) {
    model *m = NULL;
    job *j = NULL;
    pair *tests = NULL;
    uint8_t *catalogue = NULL;
    lb_runtime runtime = {.threads = a->threads};
    size_t n_tests = 0;
    lb_status status;
    LB_TRY_CLEANUP(job_new(&runtime, &j));
    LB_TRY_CLEANUP(model_load(a->model, &m));
    LB_TRY_CLEANUP(draw_tests(a, m, &tests, &n_tests));
    LB_TRY_CLEANUP(NEW_ARRAY(catalogue, m->common.n_products));
    memset(catalogue, 1, m->common.n_products);
    const eval_input in = {.n_users = m->common.n_users,
                           .n_products = m->common.n_products,
                           .user_start = m->common.user_start,
                           .product = m->common.product,
                           .in_catalogue = catalogue,
                           .degree = m->common.degree,
                           .tests = tests,
                           .n_tests = n_tests};
    LB_TRY_CLEANUP(measure(a, j, m, &in));
cleanup:
    free(catalogue);
    free(tests);
    model_free(m);
    job_free(j);
    return status;
}

static lb_status whole(const char *option, const char *value, uint64_t most, uint64_t *out) {
    char *end = NULL;
    unsigned long long x = value ? strtoull(value, &end, 10) : 0;
    if (!value || end == value || *end || x < 1 || x > most)
        return status_fail(LB_E_ARGUMENT, "%s: a number from 1 to %llu", option,
                           (unsigned long long)most);
    *out = x;
    return LB_OK;
}

static lb_status parse(int n, char **argument, arguments *a) {
    uint64_t x = 0;
    *a = (arguments){.tests = 2, .threads = 2, .seed = 1};
    for (int i = 1; i < n; i++) {
        const char *option = argument[i], *value = i + 1 < n ? argument[i + 1] : NULL;
        if (strcmp(option, "--auc") == 0) {
            a->auc = true;
            continue;
        }
        i++;
        if (strcmp(option, "--model") == 0)
            a->model = value;
        else if (strcmp(option, "--isa") == 0)
            LB_TRY(lb_isa_select(value));
        else if (strcmp(option, "--seed") == 0)
            LB_TRY(whole(option, value, UINT32_MAX, &a->seed));
        else if (strcmp(option, "--tests") == 0) {
            LB_TRY(whole(option, value, 1000, &x));
            a->tests = x;
        } else if (strcmp(option, "--threads") == 0) {
            LB_TRY(whole(option, value, 256, &x));
            a->threads = (unsigned)x;
        } else
            return status_fail(LB_E_ARGUMENT, "%s: no such option", option);
    }
    return a->model ? LB_OK : status_fail(LB_E_ARGUMENT, "--model: a file");
}

int main(int n, char **argument) {
    arguments a;
    lb_status status = parse(n, argument, &a);
    if (status == LB_OK) status = run(&a);
    if (status == LB_OK) return 0;
    fprintf(stderr, "bench_evaluate: %s\n", lb_last_error());
    return status == LB_E_ARGUMENT ? 2 : 1;
}
