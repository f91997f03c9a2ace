/* The distribution of numbers: histogram and kernel density. */
#ifndef LB_PLOT_DENSITY_H
#define LB_PLOT_DENSITY_H

#include <stddef.h>

#include "core/status.h"

/* Counts of the bins [low + i h, low + (i + 1) h), h = (high - low) / n_bins; the last takes `high`
 * in. Numbers outside and NaNs are not counted. `counts` (n_bins) is set. Returns how many were
 * counted. LB_E_ARGUMENT goes with n_bins = 0 or low >= high or ends that are not finite. */
lb_status density_histogram(const float *x, size_t n, double low, double high, size_t n_bins,
                            size_t *counts, size_t *n_counted);

/* Silverman's bandwidth for a Gaussian kernel, 0.9 min(s, IQR / 1.34) n^(-1/5) ("Density estimation
 * for statistics and data analysis", 1986, equation 3.31), of the finite numbers; where the
 * quartiles coincide s alone counts. Sets 0 when all are equal. LB_E_EMPTY without two finite
 * numbers; LB_E_NOMEM. */
lb_status density_bandwidth(const float *x, size_t n, double *bandwidth);

/* The Gaussian kernel density of the finite numbers among x (n) at `n_grid` >= 2 evenly spaced
 * points: grid (n_grid) and values (n_grid), whose integral over the whole line is 1. `bandwidth`
 * 0: Silverman's. low < high are the grid's ends; both 0: three bandwidths beyond the data. The
 * numbers are first shared out to 4,096 fine bins (Fan and Marron, "Fast implementations of
 * nonparametric curve estimators", 1994), so that a million of them cost little. LB_E_EMPTY as
 * above or when all are equal and no bandwidth is given; LB_E_ARGUMENT for a bad grid. */
lb_status density_estimate(const float *x, size_t n, double low, double high, double bandwidth,
                           size_t n_grid, double *grid, double *values);

#endif
