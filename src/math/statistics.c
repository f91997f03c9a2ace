#include "math/statistics.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

double statistics_mean(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return n ? sum / (double)n : 0;
}

double statistics_deviation(const double *values, size_t n) {
    if (n < 2) return 0;
    double mean = statistics_mean(values, n), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

lb_status statistics_quantile(const double *values, size_t n, double q, double *out) {
    if (!n) return status_fail(LB_E_EMPTY, "quantile: there are no values");
    if (!(q >= 0 && q <= 1)) return status_fail(LB_E_ARGUMENT, "quantile: %g is not in [0, 1]", q);
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i])) return status_fail(LB_E_NUMERIC, "quantile: value %zu is a NaN", i);
    double *sorted;
    LB_TRY(NEW_ARRAY(sorted, n));
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    double place = q * (double)(n - 1);
    size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
    double part = place - (double)below;
    *out = part > 0 ? sorted[below] + part * (sorted[above] - sorted[below]) : sorted[below];
    free(sorted);
    return LB_OK;
}
