#include "plot/density.h"

#include <math.h>
#include <stdbool.h>

#include "core/memory.h"

enum { BINS = 4096 };

lb_status density_histogram(const float *x, size_t n, double low, double high, size_t n_bins,
                            size_t *counts, size_t *n_counted) {
    if (!n_bins || !isfinite(low) || !isfinite(high) || low >= high)
        return status_fail(LB_E_ARGUMENT, "a histogram needs bins and an interval");
    size_t counted = 0;
    for (size_t b = 0; b < n_bins; b++) counts[b] = 0;
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i];
        if (!(v >= low && v <= high)) continue;
        size_t b = (size_t)((v - low) / (high - low) * (double)n_bins);
        counts[b < n_bins ? b : n_bins - 1]++;
        counted++;
    }
    if (n_counted) *n_counted = counted;
    return LB_OK;
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The finite numbers of x, ascending. LB_E_EMPTY below two. */
static lb_status sorted_copy(const float *x, size_t n, float **out, size_t *n_out) {
    float *copy;
    size_t k = 0;
    LB_TRY(NEW_ARRAY(copy, n));
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) copy[k++] = x[i];
    if (k < 2) {
        free(copy);
        return status_fail(LB_E_EMPTY, "a density needs at least two finite numbers, not %zu", k);
    }
    qsort(copy, k, sizeof *copy, compare);
    *out = copy;
    *n_out = k;
    return LB_OK;
}

static double quantile(const float *sorted, size_t n, double share) {
    double at = share * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n) return (double)sorted[n - 1];
    return (double)sorted[i] + (at - (double)i) * ((double)sorted[i + 1] - (double)sorted[i]);
}

static double bandwidth_of(const float *sorted, size_t n) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) mean += (double)sorted[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (double)sorted[i] - mean;
        squares += d * d;
    }
    if (!(sorted[n - 1] > sorted[0])) return 0;
    double s = sqrt(squares / (double)(n - 1));
    double range = (quantile(sorted, n, 0.75) - quantile(sorted, n, 0.25)) / 1.34;
    return 0.9 * (range > 0 && range < s ? range : s) * pow((double)n, -0.2);
}

lb_status density_bandwidth(const float *x, size_t n, double *bandwidth) {
    float *sorted;
    size_t k;
    LB_TRY(sorted_copy(x, n, &sorted, &k));
    *bandwidth = bandwidth_of(sorted, k);
    free(sorted);
    return LB_OK;
}

/* Each number is shared out to the two fine points beside it, which keeps the mean. */
static void bin_linearly(const float *sorted, size_t n, double step, double *weight) {
    double first = (double)sorted[0];
    for (size_t i = 0; i < n; i++) {
        double at = step > 0 ? ((double)sorted[i] - first) / step : 0;
        size_t b = (size_t)at < BINS - 1 ? (size_t)at : BINS - 2;
        double right = at - (double)b;
        weight[b] += 1 - right;
        weight[b + 1] += right;
    }
}

static double sum_at(double x, double first, double step, const double *weight, double h) {
    double sum = 0;
    for (size_t b = 0; b < BINS; b++) {
        if (!(weight[b] > 0)) continue;
        double z = (x - first - (double)b * step) / h;
        if (fabs(z) < 9) sum += weight[b] * exp(-0.5 * z * z);
    }
    return sum;
}

lb_status density_estimate(const float *x, size_t n, double low, double high, double bandwidth,
                           size_t n_grid, double *grid, double *values) {
    lb_status status;
    float *sorted = NULL;
    double *weight = NULL;
    size_t k;
    bool from_data = low == 0 && high == 0;
    if (n_grid < 2 || !isfinite(low) || !isfinite(high) || !(bandwidth >= 0) ||
        !isfinite(bandwidth) || (!from_data && low >= high))
        return status_fail(LB_E_ARGUMENT, "a density needs a grid from low to high and a width");
    LB_TRY(sorted_copy(x, n, &sorted, &k));
    double h = bandwidth > 0 ? bandwidth : bandwidth_of(sorted, k);
    if (!(h > 0)) {
        status = status_fail(LB_E_EMPTY, "all %zu numbers are equal: they have no density", k);
        goto cleanup;
    }
    double first = (double)sorted[0], step = ((double)sorted[k - 1] - first) / (BINS - 1);
    if (from_data) {
        low = first - 3 * h;
        high = (double)sorted[k - 1] + 3 * h;
    }
    LB_TRY_CLEANUP(NEW_ARRAY(weight, BINS));
    bin_linearly(sorted, k, step, weight);
    for (size_t g = 0; g < n_grid; g++) {
        grid[g] = low + (high - low) * (double)g / (double)(n_grid - 1);
        values[g] = sum_at(grid[g], first, step, weight, h) /
                    ((double)k * h * 2.50662827463100050242); // sqrt(2 pi)
    }
    status = LB_OK;
cleanup:
    free(sorted);
    free(weight);
    return status;
}
