/* Means, spreads and quantiles of small samples. */
#ifndef LB_MATH_STATISTICS_H
#define LB_MATH_STATISTICS_H

#include <stddef.h>

#include "core/status.h"

/* The mean of n values; 0 for none. */
double statistics_mean(const double *values, size_t n);

/* The standard deviation of a sample (divided by n - 1); 0 for fewer than two values. */
double statistics_deviation(const double *values, size_t n);

/* The q-quantile, 0 <= q <= 1, interpolated between order statistics as R's type 7. Does not change
 * `values`. LB_E_EMPTY for none, LB_E_NUMERIC for a NaN among them, LB_E_NOMEM. */
lb_status statistics_quantile(const double *values, size_t n, double q, double *out);

#endif
