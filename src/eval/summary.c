#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "eval/eval.h"

enum { RESAMPLES = 1000 };

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_counts(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). */
static double quantile(const double *sorted, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t low = (size_t)at;
    if (low + 1 >= n) return sorted[n - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

void eval_interval(double *values, size_t n, double *lo, double *hi) {
    qsort(values, n, sizeof *values, compare_doubles);
    *lo = quantile(values, n, 0.025);
    *hi = quantile(values, n, 0.975);
}

lb_status eval_bootstrap(const double *values, size_t n, uint64_t seed, double *lo, double *hi) {
    if (n == 0) {
        *lo = *hi = NAN;
        return LB_OK;
    }
    double *means;
    LB_TRY(NEW_ARRAY(means, RESAMPLES));
    for (size_t b = 0; b < RESAMPLES; b++) {
        random_stream r = random_open(seed, "bootstrap", b);
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += values[random_below(&r, n)];
        means[b] = sum / (double)n;
    }
    eval_interval(means, RESAMPLES, lo, hi);
    free(means);
    return LB_OK;
}

static void mean_and_sd(const double *values, size_t n, double *mean, double *sd) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    *mean = n > 0 ? sum / (double)n : NAN;
    for (size_t i = 0; i < n; i++) squares += (values[i] - *mean) * (values[i] - *mean);
    *sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

/* Which numbers of a result are meant. */
typedef struct choice {
    eval_kind kind;
    eval_set set;
    size_t metric;
} choice;

/* The users of several runs with their values averaged over the runs that have one. */
typedef struct user_values {
    uint32_t *user; // (n) ascending
    double *value;  // (n)
    size_t n;
} user_values;

static lb_status check_runs(const eval_result *const *runs, size_t n_runs, const choice *c) {
    if (n_runs == 0) return status_fail(LB_E_ARGUMENT, "no runs to summarise");
    for (size_t r = 0; r < n_runs; r++)
        if (runs[r]->n_cutoffs != runs[0]->n_cutoffs ||
            memcmp(runs[r]->cutoffs, runs[0]->cutoffs, sizeof runs[0]->cutoffs) != 0)
            return status_fail(LB_E_ARGUMENT, "run %zu was measured at other cut-offs than run 0",
                               r);
    if (c->metric >= runs[0]->n_metrics)
        return status_fail(LB_E_ARGUMENT, "metric %zu of %zu", c->metric, runs[0]->n_metrics);
    return LB_OK;
}

static lb_status average_users(const eval_result *const *runs, size_t n_runs, const choice *c,
                               user_values *out) {
    lb_status status;
    uint32_t n_rows = 0, *count = NULL;
    double *sum = NULL;
    *out = (user_values){NULL, NULL, 0};
    for (size_t r = 0; r < n_runs; r++)
        if (runs[r]->n_users > 0 && runs[r]->user[runs[r]->n_users - 1] >= n_rows)
            n_rows = runs[r]->user[runs[r]->n_users - 1] + 1;
    LB_TRY_CLEANUP(NEW_ARRAY(count, n_rows));
    LB_TRY_CLEANUP(NEW_ARRAY(sum, n_rows));
    for (size_t r = 0; r < n_runs; r++) {
        for (size_t i = 0; i < runs[r]->n_users; i++) {
            double v = eval_value(runs[r], i, c->kind, c->set, c->metric);
            if (isnan(v)) continue;
            sum[runs[r]->user[i]] += v;
            out->n += count[runs[r]->user[i]]++ == 0;
        }
    }
    LB_TRY_CLEANUP(NEW_ARRAY(out->user, out->n));
    LB_TRY_CLEANUP(NEW_ARRAY(out->value, out->n));
    size_t n = 0;
    for (uint32_t u = 0; u < n_rows; u++) {
        if (count[u] == 0) continue;
        out->user[n] = u;
        out->value[n++] = sum[u] / count[u];
    }
cleanup:
    free(count);
    free(sum);
    return status;
}

static void user_values_free(user_values *v) {
    free(v->user);
    free(v->value);
}

static const char *why_not(const eval_result *const *runs, size_t n_runs, const choice *c) {
    size_t n_tests = 0;
    for (size_t r = 0; r < n_runs; r++) n_tests += runs[r]->n_tests[c->kind];
    if (n_tests > 0) return "no test user has a candidate to compare with";
    return c->kind == EVAL_WARM ? "the split has no warm tests" : "the split has no cold tests";
}

/* One mean over users for each run that has any; returns how many have. */
static size_t run_means(const eval_result *const *runs, size_t n_runs, const choice *c,
                        double *means) {
    size_t n = 0;
    for (size_t r = 0; r < n_runs; r++) {
        double sum = 0;
        size_t n_users = 0;
        for (size_t i = 0; i < runs[r]->n_users; i++) {
            double v = eval_value(runs[r], i, c->kind, c->set, c->metric);
            if (isnan(v)) continue;
            sum += v;
            n_users++;
        }
        if (n_users > 0) means[n++] = sum / (double)n_users;
    }
    return n;
}

lb_status eval_summarise(const eval_result *const *runs, size_t n_runs, eval_kind kind,
                         eval_set set, size_t metric, uint64_t seed, eval_summary *out) {
    choice c = {kind, set, metric};
    LB_TRY(check_runs(runs, n_runs, &c));
    lb_status status;
    eval_summary s = {.why = NULL};
    user_values users = {NULL, NULL, 0};
    double *means = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(means, n_runs));
    mean_and_sd(means, run_means(runs, n_runs, &c, means), &s.mean, &s.sd);
    LB_TRY_CLEANUP(average_users(runs, n_runs, &c, &users));
    s.n_users = users.n;
    if (users.n == 0) s.why = why_not(runs, n_runs, &c);
    LB_TRY_CLEANUP(eval_bootstrap(users.value, users.n, seed, &s.lo, &s.hi));
    *out = s;
cleanup:
    user_values_free(&users);
    free(means);
    return status;
}

/* Differences of the users that both have, into a's values. */
static void subtract_users(user_values *a, const user_values *b) {
    size_t n = 0, j = 0;
    for (size_t i = 0; i < a->n; i++) {
        while (j < b->n && b->user[j] < a->user[i]) j++;
        if (j == b->n || b->user[j] != a->user[i]) continue;
        a->user[n] = a->user[i];
        a->value[n++] = a->value[i] - b->value[j];
    }
    a->n = n;
}

lb_status eval_compare(const eval_result *const *a, size_t n_a, const eval_result *const *b,
                       size_t n_b, eval_kind kind, eval_set set, size_t metric, uint64_t seed,
                       eval_summary *out) {
    choice c = {kind, set, metric};
    LB_TRY(check_runs(a, n_a, &c));
    LB_TRY(check_runs(b, n_b, &c));
    lb_status status;
    eval_summary s = {.why = NULL};
    user_values first = {NULL, NULL, 0}, second = {NULL, NULL, 0};
    LB_TRY_CLEANUP(average_users(a, n_a, &c, &first));
    LB_TRY_CLEANUP(average_users(b, n_b, &c, &second));
    subtract_users(&first, &second);
    mean_and_sd(first.value, first.n, &s.mean, &s.sd);
    s.n_users = first.n;
    if (first.n == 0) s.why = "no user has a value in both";
    LB_TRY_CLEANUP(eval_bootstrap(first.value, first.n, seed, &s.lo, &s.hi));
    *out = s;
cleanup:
    user_values_free(&first);
    user_values_free(&second);
    return status;
}

void eval_summarise_runs(const double *values, size_t n_runs, eval_summary *out) {
    *out = (eval_summary){.lo = NAN, .hi = NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n_runs; i++) {
        if (isnan(values[i])) continue;
        sum += values[i];
        out->n_users++;
    }
    double n = (double)out->n_users;
    out->mean = out->n_users > 0 ? sum / n : NAN;
    for (size_t i = 0; i < n_runs; i++)
        if (!isnan(values[i])) squares += (values[i] - out->mean) * (values[i] - out->mean);
    out->sd = out->n_users > 1 ? sqrt(squares / (n - 1)) : NAN;
    out->n_users = 0; // these numbers are not about users
    if (isnan(out->mean)) out->why = "no run has a value";
}

double eval_gini(uint32_t *counts, size_t n) {
    qsort(counts, n, sizeof *counts, compare_counts);
    double weighted = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        weighted += (2 * (double)(i + 1) - (double)n - 1) * counts[i];
        sum += counts[i];
    }
    return sum > 0 ? weighted / ((double)n * sum) : NAN;
}
