#include "eval/relations.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"

enum { RESAMPLES = 1000 };

typedef struct scored {
    float score;
    uint8_t related;
} scored;

static int compare_scored(const void *x, const void *y) {
    float a = ((const scored *)x)->score, b = ((const scored *)y)->score;
    return (a > b) - (a < b);
}

static int compare_floats(const void *x, const void *y) {
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

/* ---- the threshold */

/* A cut above everything up to `low`; `high` is the next score. */
static double cut_between(double low, double high) {
    return isinf(low) ? (double)nextafterf((float)high, -INFINITY) : low + (high - low) / 2;
}

/* Walks over the sorted scores; everything up to a cut is said not to be related. */
static void best_cut(const scored *s, size_t n, size_t n_related, double *threshold, size_t *most) {
    size_t right = n_related;
    *most = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i) right = s[i - 1].related ? right - 1 : right + 1;
        bool inside = i && i < n && !(s[i].score > s[i - 1].score);
        bool unplaced = i < n && s[i].score == -INFINITY; // no threshold says that it is related
        if (inside || unplaced || (i && right <= *most)) continue;
        *most = right;
        *threshold = i == n
                         ? (double)s[n - 1].score
                         : cut_between(i ? (double)s[i - 1].score : -INFINITY, (double)s[i].score);
    }
}

static lb_status check_scores(const relation *pairs, const float *scores, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isnan(scores[i]))
            return pairs ? status_fail(LB_E_NUMERIC,
                                       "the score of products %u and %u is not a number",
                                       pairs[i].a, pairs[i].b)
                         : status_fail(LB_E_NUMERIC, "the score of pair %zu is not a number", i);
    return LB_OK;
}

lb_status eval_relations_threshold(const float *scores, const size_t n[2], double *threshold,
                                   double *accuracy) {
    size_t total = n[0] + n[1], right;
    scored *s;
    *threshold = *accuracy = NAN;
    if (!total) return LB_OK;
    LB_TRY(check_scores(NULL, scores, total));
    LB_TRY(NEW_ARRAY(s, total));
    for (size_t i = 0; i < total; i++) s[i] = (scored){scores[i], i < n[0]};
    qsort(s, total, sizeof *s, compare_scored);
    best_cut(s, total, n[0], threshold, &right);
    *accuracy = (double)right / (double)total;
    free(s);
    return LB_OK;
}

/* ---- measuring */

/* How many of the sorted scores are below `score`, and how many not above it. */
static size_t count_below(const float *sorted, size_t n, float score, bool or_equal) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (or_equal ? sorted[middle] <= score : sorted[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Places the pairs of one kind within the sorted scores of the other. */
static void place_kind(const float *scores, size_t n, const float *sorted, size_t n_sorted,
                       bool related, float *place, uint64_t *ties) {
    *ties = 0;
    for (size_t i = 0; i < n; i++) {
        size_t below = count_below(sorted, n_sorted, scores[i], false);
        size_t equal = count_below(sorted, n_sorted, scores[i], true) - below;
        size_t beaten = related ? below : n_sorted - below - equal;
        *ties += equal;
        place[i] = (float)(((double)beaten + 0.5 * (double)equal) / (double)n_sorted);
    }
}

static double mean_of(const float *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)values[i];
    return sum / (double)n;
}

static lb_status measure_auc(const float *scores, eval_relations *r) {
    if (!r->n[0] || !r->n[1]) return LB_OK;
    float *sorted;
    size_t total = r->n[0] + r->n[1];
    LB_TRY(NEW_ARRAY(sorted, total));
    memcpy(sorted, scores, total * sizeof *sorted);
    qsort(sorted, r->n[0], sizeof *sorted, compare_floats);
    qsort(sorted + r->n[0], r->n[1], sizeof *sorted, compare_floats);
    place_kind(scores + r->n[0], r->n[1], sorted, r->n[0], false, r->place + r->n[0], &r->ties);
    place_kind(scores, r->n[0], sorted + r->n[0], r->n[1], true, r->place, &r->ties);
    r->auc = mean_of(r->place, r->n[0]);
    free(sorted);
    return LB_OK;
}

static void measure_accuracy(const float *scores, eval_relations *r) {
    size_t right = 0, total = r->n[0] + r->n[1];
    for (size_t i = 0; i < total; i++) {
        bool said = (double)scores[i] > r->threshold;
        right += r->right[i] = said == (i < r->n[0]);
    }
    if (!isnan(r->threshold) && total) r->accuracy = (double)right / (double)total;
}

lb_status eval_relations_run(const relation *pairs, const float *scores, const size_t n[2],
                             double threshold, eval_relations **out) {
    size_t total = n[0] + n[1];
    eval_relations *r;
    lb_status status;
    LB_TRY(check_scores(pairs, scores, total));
    LB_TRY(NEW_ARRAY(r, 1));
    *r = (eval_relations){.n = {n[0], n[1]}, .auc = NAN, .accuracy = NAN, .threshold = threshold};
    LB_TRY_CLEANUP(NEW_ARRAY(r->pair, total));
    LB_TRY_CLEANUP(NEW_ARRAY(r->place, total));
    LB_TRY_CLEANUP(NEW_ARRAY(r->right, total));
    if (total) memcpy(r->pair, pairs, total * sizeof *pairs);
    for (size_t i = 0; i < total; i++) r->unplaced += scores[i] == -INFINITY;
    measure_accuracy(scores, r);
    LB_TRY_CLEANUP(measure_auc(scores, r));
    *out = r;
    r = NULL;
cleanup:
    eval_relations_free(r);
    return status;
}

void eval_relations_free(eval_relations *r) {
    if (!r) return;
    free(r->pair);
    free(r->place);
    free(r->right);
    free(r);
}

/* ---- over runs */

typedef struct resampling {
    const eval_relations *const *runs;
    size_t n_runs;
    uint32_t n_products;
    eval_relations_metric metric;
    uint64_t seed;
    double *mean; // (RESAMPLES)
} resampling;

static double value_of(const eval_relations *r, eval_relations_metric metric) {
    return metric == EVAL_RELATIONS_AUC ? r->auc : r->accuracy;
}

/* The weighted mean of the metric over one kind of pairs; NaN when none has a weight. */
static double weighted_mean(const eval_relations *r, int kind, eval_relations_metric metric,
                            const uint16_t *count) {
    size_t begin = kind ? r->n[0] : 0, end = begin + r->n[kind];
    double sum = 0, weights = 0;
    for (size_t i = begin; i < end; i++) {
        double weight = (double)count[r->pair[i].a] * (double)count[r->pair[i].b];
        weights += weight;
        sum += weight * (metric == EVAL_RELATIONS_AUC ? (double)r->place[i] : (double)r->right[i]);
    }
    return sum / weights;
}

/* Accuracy is the mean over both kinds in their own numbers. AUC moves by what either kind's places
 * move. */
static double resampled(const eval_relations *r, eval_relations_metric metric,
                        const uint16_t *count) {
    double related = weighted_mean(r, 0, metric, count), other = weighted_mean(r, 1, metric, count);
    if (metric == EVAL_RELATIONS_AUC) return related + other - r->auc;
    double n = (double)r->n[0], m = (double)r->n[1];
    return (n * related + m * other) / (n + m);
}

static lb_status resample(void *context, size_t item, unsigned worker) {
    (void)worker;
    const resampling *c = context;
    uint16_t *count;
    double sum = 0;
    LB_TRY(NEW_ARRAY(count, c->n_products));
    random_stream r = random_open(c->seed, "bootstrap products", item);
    for (uint32_t p = 0; p < c->n_products; p++) count[random_below(&r, c->n_products)]++;
    for (size_t i = 0; i < c->n_runs; i++) sum += resampled(c->runs[i], c->metric, count);
    c->mean[item] = sum / (double)c->n_runs;
    free(count);
    return LB_OK;
}

/* Puts the numbers in front and returns how many there are. */
static size_t drop_nan(double *values, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) values[kept++] = values[i];
    return kept;
}

static lb_status interval(job *j, resampling *c, eval_summary *out) {
    LB_TRY(NEW_ARRAY(c->mean, RESAMPLES));
    lb_status status = job_run(j, RESAMPLES, resample, c);
    size_t n = drop_nan(c->mean, RESAMPLES);
    if (status == LB_OK && n) eval_interval(c->mean, n, &out->lo, &out->hi);
    free(c->mean);
    return status;
}

lb_status eval_relations_summarise(job *j, const eval_relations *const *runs, size_t n_runs,
                                   uint32_t n_products, eval_relations_metric metric, uint64_t seed,
                                   eval_summary *out) {
    const eval_relations **with;
    double *values = NULL;
    eval_summary s;
    size_t n = 0, n_distinct = 0;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(with, n_runs));
    LB_TRY_CLEANUP(NEW_ARRAY(values, n_runs));
    for (size_t i = 0; i < n_runs; i++) {
        if (isnan(value_of(runs[i], metric))) continue;
        values[n++] = value_of(runs[i], metric);
        with[n_distinct] = runs[i]; // a run that stands for several is resampled once
        n_distinct += !n_distinct || with[n_distinct - 1] != runs[i];
    }
    eval_summarise_runs(values, n, &s);
    resampling c = {with, n_distinct, n_products, metric, seed, NULL};
    if (n) LB_TRY_CLEANUP(interval(j, &c, &s));
    *out = s;
cleanup:
    free(with);
    free(values);
    return status;
}
