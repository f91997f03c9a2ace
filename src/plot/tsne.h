/*
 * Exact t-SNE in two dimensions (van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR
 * 2008), for up to TSNE_MAX_POINTS points; time and memory are quadratic. The same seed gives the
 * same bytes on any number of threads.
 */
#ifndef LB_PLOT_TSNE_H
#define LB_PLOT_TSNE_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

enum { TSNE_MAX_POINTS = 10000 };

typedef struct tsne_options {
    double perplexity;   // effective number of neighbours, 1 < perplexity <= (n - 1) / 3; 30
    unsigned iterations; // 1,000
    unsigned early;      // iterations with P exaggerated; 250
    double exaggeration; // 12, as in the reference implementation (the paper has 4)
    double rate;         // learning rate; 0 = max(n / exaggeration, 50) (Belkina et al., Nature
                         // Communications 2019)
    uint64_t seed;
} tsne_options;

void tsne_options_init(tsne_options *options);

/*
 * Places the rows of x (n, dim) in the plane: out (n, 2), centred at 0. Distances are Euclidean:
 * for cosine, normalise the rows first. Momentum 0.5, then 0.8 after the early phase, with the
 * gains of the paper; the start is N(0, 1e-4^2). `divergence` (NULL: not wanted) is set to the
 * KL divergence reached. `options` NULL: defaults. j may be NULL.
 *
 * LB_E_ARGUMENT: n < 5 or above TSNE_MAX_POINTS, dim 0, a perplexity that n does not allow (the
 * text says what is the largest), options out of range. LB_E_NUMERIC: x holds a NaN or an infinity.
 * LB_E_INTERRUPTED through the job's progress.
 */
lb_status tsne_fit(job *j, const float *x, size_t n, size_t dim, const tsne_options *options,
                   float *out, double *divergence);

/* `wanted`, or the largest perplexity that n points allow; 0 for n < 5, which have no map. */
double tsne_perplexity_for(size_t n, double wanted);

/* The parts, for tests. p (n, n): conditional affinities p(j|i) (equation 1) of rows whose
 * perplexity is as wanted, then made symmetric with sum 1. `reached` (n) or NULL: each row's
 * perplexity. */
lb_status tsne_affinities(job *j, const float *x, size_t n, size_t dim, double perplexity,
                          double *p, double *reached);

/* KL(P || Q) of the layout y (n, 2) for P scaled by `exaggeration` (equations 2, 4 and 5; the
 * divergence itself is of P unscaled), and gradient (n, 2), or NULL. */
lb_status tsne_gradient(job *j, const double *p, const double *y, size_t n, double exaggeration,
                        double *gradient, double *divergence);

#endif
