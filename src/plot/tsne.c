#include "plot/tsne.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"

/* Rows a piece of work: fixed, so that nothing depends on the threads. */
enum { GRAIN = 16, BISECTIONS = 200 };

static const double LEAST_GAIN = 0.01;

void tsne_options_init(tsne_options *options) {
    *options = (tsne_options){
        .perplexity = 30, .iterations = 1000, .early = 250, .exaggeration = 12, .seed = 1};
}

double tsne_perplexity_for(size_t n, double wanted) {
    double most = n < 5 ? 0 : ((double)n - 1) / 3;
    return wanted < most ? wanted : most;
}

static lb_status run_rows(job *j, size_t n, job_range_work work, void *context) {
    if (j) return job_run_range(j, n, GRAIN, work, context);
    return n ? work(context, 0, n, 0) : LB_OK;
}

/* ---------------------------------------------------------------- affinities */

typedef struct affinity_work {
    const float *x; // (n, dim)
    size_t n, dim;
    double entropy; // wanted, log of the perplexity
    double *p;      // (n, n) out: p(j|i) in row i
    double *reached;
} affinity_work;

/* Row i of p from squared distances to p(j|i) at precision beta; returns the row's entropy. The
 * least distance is taken off, which changes nothing but keeps exp in range. */
static double row_at(const double *squared, size_t n, size_t i, double least, double beta,
                     double *row) {
    double sum = 0, moment = 0;
    for (size_t k = 0; k < n; k++) {
        row[k] = k == i ? 0 : exp(-beta * (squared[k] - least));
        sum += row[k];
        moment += row[k] * (squared[k] - least);
    }
    for (size_t k = 0; k < n; k++) row[k] /= sum;
    return log(fmax(sum, DBL_MIN)) + beta * moment / sum;
}

/* Bisection on the precision of row i's Gaussian (section 2). Where many points coincide the
 * entropy cannot fall to what is wanted, and the search ends at its limit. */
static double search_row(const affinity_work *a, size_t i, const double *squared, double *row) {
    double least = INFINITY, mean = 0, low = 0, high = INFINITY, entropy = 0;
    for (size_t k = 0; k < a->n; k++) {
        if (k == i) continue;
        if (squared[k] < least) least = squared[k];
        mean += squared[k] / (double)(a->n - 1);
    }
    double beta = mean > least ? 1 / (mean - least) : 1;
    for (int step = 0; step < BISECTIONS; step++) {
        entropy = row_at(squared, a->n, i, least, beta, row);
        double off = entropy - a->entropy;
        if (fabs(off) < 1e-7) break;
        if (off > 0)
            low = beta;
        else
            high = beta;
        double next = isinf(high) ? beta * 2 : (low + high) / 2;
        if (!isfinite(next * (mean - least)) || next * (mean - least) > 1e30) break;
        beta = next;
    }
    return exp(entropy);
}

static lb_status affinity_rows(void *context, size_t begin, size_t end, unsigned worker) {
    affinity_work *a = context;
    double *squared;
    (void)worker;
    LB_TRY(NEW_ARRAY(squared, a->n));
    for (size_t i = begin; i < end; i++) {
        const float *xi = a->x + i * a->dim;
        for (size_t k = 0; k < a->n; k++)
            squared[k] = (double)vec_squared_distance(xi, a->x + k * a->dim, a->dim);
        double reached = search_row(a, i, squared, a->p + i * a->n);
        if (a->reached) a->reached[i] = reached;
    }
    free(squared);
    return LB_OK;
}

/* p_ij = (p(j|i) + p(i|j)) / 2n (section 3.1). */
static void make_symmetric(double *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            p[i * n + k] = p[k * n + i] = (p[i * n + k] + p[k * n + i]) / (2 * (double)n);
}

static lb_status check_input(const float *x, size_t n, size_t dim, double perplexity) {
    if (n < 5 || n > TSNE_MAX_POINTS)
        return status_fail(LB_E_ARGUMENT, "t-SNE takes 5 to %d points, not %zu", TSNE_MAX_POINTS,
                           n);
    if (!dim) return status_fail(LB_E_ARGUMENT, "t-SNE: points of 0 dimensions");
    if (!(perplexity > 1) || perplexity > tsne_perplexity_for(n, INFINITY))
        return status_fail(LB_E_ARGUMENT,
                           "t-SNE: a perplexity of %g does not go with %zu points; it must be "
                           "above 1 and at most %g, a third of the other points",
                           perplexity, n, tsne_perplexity_for(n, INFINITY));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dim; k++)
            if (!isfinite(x[i * dim + k]))
                return status_fail(LB_E_NUMERIC, "t-SNE: point %zu holds a NaN or an infinity", i);
    return LB_OK;
}

lb_status tsne_affinities(job *j, const float *x, size_t n, size_t dim, double perplexity,
                          double *p, double *reached) {
    LB_TRY(check_input(x, n, dim, perplexity));
    affinity_work a = {x, n, dim, log(perplexity), p, reached};
    LB_TRY(run_rows(j, n, affinity_rows, &a));
    make_symmetric(p, n);
    return LB_OK;
}

/* ---------------------------------------------------------------- gradient */

typedef struct gradient_work {
    const double *p, *y; // (n, n) and (n, 2)
    size_t n;
    double exaggeration;
    bool with_divergence;
    double *sum;        // (n) sums of the Student kernel over a row
    double *attraction; // (n, 2) sum of p w (y_i - y_k)
    double *repulsion;  // (n, 2) sum of w^2 (y_i - y_k), to be divided by Z
    double *cross;      // (n) sum of p log(p / w)
} gradient_work;

static void gradient_row(const gradient_work *g, size_t i) {
    const double *p = g->p + i * g->n, *y = g->y;
    double yi0 = y[2 * i], yi1 = y[2 * i + 1], sum = 0;
    double a0 = 0, a1 = 0, r0 = 0, r1 = 0;
    for (size_t k = 0; k < g->n; k++) {
        double d0 = yi0 - y[2 * k], d1 = yi1 - y[2 * k + 1];
        double w = 1 / (1 + d0 * d0 + d1 * d1);
        sum += w;
        a0 += p[k] * w * d0;
        a1 += p[k] * w * d1;
        r0 += w * w * d0;
        r1 += w * w * d1;
    }
    g->sum[i] = sum - 1; // without the point itself, whose w is 1
    g->attraction[2 * i] = a0;
    g->attraction[2 * i + 1] = a1;
    g->repulsion[2 * i] = r0;
    g->repulsion[2 * i + 1] = r1;
}

static double cross_row(const gradient_work *g, size_t i) {
    const double *p = g->p + i * g->n, *y = g->y;
    double cross = 0;
    for (size_t k = 0; k < g->n; k++) {
        double d0 = y[2 * i] - y[2 * k], d1 = y[2 * i + 1] - y[2 * k + 1];
        if (p[k] > 0) cross += p[k] * log(p[k] * (1 + d0 * d0 + d1 * d1));
    }
    return cross;
}

static lb_status gradient_rows(void *context, size_t begin, size_t end, unsigned worker) {
    const gradient_work *g = context;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        gradient_row(g, i);
        if (g->with_divergence) g->cross[i] = cross_row(g, i);
    }
    return LB_OK;
}

static double sum_of(const double *a, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i];
    return sum;
}

/* Fills gradient and *divergence where wanted from scratch space of 6n numbers. */
static lb_status evaluate(job *j, const double *p, const double *y, size_t n, double exaggeration,
                          double *scratch, double *gradient, double *divergence) {
    gradient_work g = {p,
                       y,
                       n,
                       exaggeration,
                       divergence != NULL,
                       scratch,
                       scratch + n,
                       scratch + 3 * n,
                       scratch + 5 * n};
    LB_TRY(run_rows(j, n, gradient_rows, &g));
    double z = sum_of(g.sum, n);
    for (size_t i = 0; gradient && i < 2 * n; i++)
        gradient[i] = 4 * (exaggeration * g.attraction[i] - g.repulsion[i] / z);
    if (divergence) *divergence = sum_of(g.cross, n) + log(z); // the p sum to 1
    return LB_OK;
}

lb_status tsne_gradient(job *j, const double *p, const double *y, size_t n, double exaggeration,
                        double *gradient, double *divergence) {
    double *scratch;
    LB_TRY(NEW_ARRAY(scratch, 6 * n));
    lb_status status = evaluate(j, p, y, n, exaggeration, scratch, gradient, divergence);
    free(scratch);
    return status;
}

/* ---------------------------------------------------------------- descent */

typedef struct descent {
    const tsne_options *options;
    size_t n;
    double rate;
    double *p;                                    // (n, n)
    double *y, *gradient, *step, *gain, *scratch; // (n, 2) each; scratch (n, 6)
} descent;

static void start(descent *d) {
    for (size_t i = 0; i < d->n; i++) {
        random_stream r = random_open(d->options->seed, "t-sne", i);
        d->y[2 * i] = 1e-4 * random_normal(&r);
        d->y[2 * i + 1] = 1e-4 * random_normal(&r);
    }
    for (size_t i = 0; i < 2 * d->n; i++) d->gain[i] = 1;
}

/* One step with momentum and gains (Jacobs 1988, as in section 3.4), then centring. */
static void move(descent *d, double momentum) {
    for (size_t i = 0; i < 2 * d->n; i++) {
        bool same = (d->gradient[i] > 0) == (d->step[i] > 0);
        d->gain[i] = same ? d->gain[i] * 0.8 : d->gain[i] + 0.2;
        if (d->gain[i] < LEAST_GAIN) d->gain[i] = LEAST_GAIN;
        d->step[i] = momentum * d->step[i] - d->rate * d->gain[i] * d->gradient[i];
        d->y[i] += d->step[i];
    }
    for (size_t c = 0; c < 2; c++) {
        double mean = 0;
        for (size_t i = 0; i < d->n; i++) mean += d->y[2 * i + c] / (double)d->n;
        for (size_t i = 0; i < d->n; i++) d->y[2 * i + c] -= mean;
    }
}

static lb_status descend(job *j, descent *d) {
    const tsne_options *o = d->options;
    start(d);
    for (unsigned i = 0; i < o->iterations; i++) {
        bool early = i < o->early;
        LB_TRY(evaluate(j, d->p, d->y, d->n, early ? o->exaggeration : 1, d->scratch, d->gradient,
                        NULL));
        move(d, early ? 0.5 : 0.8);
        if (j) LB_TRY(job_progress(j, "t-SNE", "iterations", i + 1, o->iterations));
    }
    return LB_OK;
}

static lb_status check_options(const tsne_options *o) {
    if (!o->iterations || !(o->exaggeration >= 1) || o->exaggeration > 1000 || !(o->rate >= 0) ||
        !isfinite(o->rate))
        return status_fail(LB_E_ARGUMENT, "t-SNE: iterations must be at least 1, the exaggeration "
                                          "1 to 1,000 and the learning rate not negative");
    return LB_OK;
}

static lb_status new_descent(descent *d) {
    LB_TRY(NEW_ARRAY(d->p, d->n * d->n));
    LB_TRY(NEW_ARRAY(d->y, 2 * d->n));
    LB_TRY(NEW_ARRAY(d->gradient, 2 * d->n));
    LB_TRY(NEW_ARRAY(d->step, 2 * d->n));
    LB_TRY(NEW_ARRAY(d->gain, 2 * d->n));
    return NEW_ARRAY(d->scratch, 6 * d->n);
}

static void free_descent(descent *d) {
    free(d->p);
    free(d->y);
    free(d->gradient);
    free(d->step);
    free(d->gain);
    free(d->scratch);
}

lb_status tsne_fit(job *j, const float *x, size_t n, size_t dim, const tsne_options *options,
                   float *out, double *divergence) {
    lb_status status;
    tsne_options defaults;
    tsne_options_init(&defaults);
    if (!options) options = &defaults;
    LB_TRY(check_input(x, n, dim, options->perplexity));
    LB_TRY(check_options(options));
    descent d = {.options = options, .n = n, .rate = options->rate};
    if (!(d.rate > 0)) d.rate = fmax((double)n / options->exaggeration, 50);
    LB_TRY_CLEANUP(new_descent(&d));
    LB_TRY_CLEANUP(tsne_affinities(j, x, n, dim, options->perplexity, d.p, NULL));
    LB_TRY_CLEANUP(descend(j, &d));
    for (size_t i = 0; i < 2 * n; i++) out[i] = (float)d.y[i];
    if (divergence) LB_TRY_CLEANUP(evaluate(j, d.p, d.y, n, 1, d.scratch, NULL, divergence));
cleanup:
    free_descent(&d);
    return status;
}
