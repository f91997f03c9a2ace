#include "model/logistic.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { STEPS = 50, HALVINGS = 30, BLOCK = 256 };

static const double CONVERGED = 1e-4;  // length of a step, relative to x
static const double SHRINKS = 0.25;    // steps that become so much shorter need no new Hessian
static const double SUFFICIENT = 1e-4; // share of what the slope promises (Armijo)

lb_status logistic_new(size_t most, size_t dim, logistic_terms *out) {
    logistic_terms t = {.dim = dim};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(t.vector, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.offset, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.weight, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.positive, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.precision, dim * dim));
    *out = t;
    return LB_OK;
cleanup:
    logistic_free(&t);
    return status;
}

void logistic_free(logistic_terms *t) {
    free(t->vector);
    free(t->offset);
    free(t->weight);
    free(t->positive);
    free(t->precision);
    *t = (logistic_terms){0};
}

/* gradient (dim) receives P (x - x0); returns half of (x - x0) . P (x - x0). */
static double prior_loss(const logistic_terms *t, const float *x, const float *x0,
                         double *gradient) {
    double sum = 0;
    for (size_t d = 0; d < t->dim; d++) {
        const double *row = t->precision + d * t->dim;
        gradient[d] = 0;
        for (size_t k = 0; k < t->dim; k++) gradient[d] += row[k] * (double)(x[k] - x0[k]);
        sum += 0.5 * gradient[d] * (double)(x[d] - x0[d]);
    }
    return sum;
}

/* What is minimised, at x - share * step; `at` and `scratch` are (dim). */
static double loss(const logistic_terms *t, const float *x, const float *x0, const double *step,
                   double share, float *at, double *scratch) {
    for (size_t d = 0; d < t->dim; d++) at[d] = (float)((double)x[d] - share * step[d]);
    double sum = prior_loss(t, at, x0, scratch);
    for (size_t i = 0; i < t->n; i++) {
        double z = vec_dot_wide(at, t->vector[i], t->dim) + t->offset[i];
        double against = t->positive[i] ? -z : z; // softplus(z) - y z
        sum += t->weight[i] * (fmax(against, 0) + log1p(exp(-fabs(against))));
    }
    return sum;
}

/* Adds the terms' gradient (dim) and Hessian (dim, dim; lower triangle) at x; NULL = not wanted.
 * `rows` is scratch (BLOCK, dim). */
static lb_status add_derivatives(const logistic_terms *t, const float *x, double *gradient,
                                 double *hessian, double *rows) {
    size_t dim = t->dim;
    for (size_t begin = 0; begin < t->n; begin += BLOCK) {
        size_t n = t->n - begin < BLOCK ? t->n - begin : BLOCK;
        for (size_t i = begin; i < begin + n; i++) {
            const float *v = t->vector[i];
            double *row = rows + (i - begin) * dim;
            double s = 1 / (1 + exp(-(vec_dot_wide(x, v, dim) + t->offset[i])));
            double slope = t->weight[i] * (s - t->positive[i]);
            double root = sqrt(t->weight[i] * s * (1 - s));
            for (size_t d = 0; hessian && d < dim; d++) row[d] = root * (double)v[d];
            for (size_t d = 0; gradient && d < dim; d++) gradient[d] += slope * (double)v[d];
        }
        if (hessian) LB_TRY(matrix_gram_f64(NULL, 1, dim, n, 1, rows, dim, 1, hessian, dim));
    }
    return LB_OK;
}

lb_status logistic_add_information(const logistic_terms *t, const float *x, double *precision) {
    double *rows;
    LB_TRY(NEW_ARRAY(rows, BLOCK * t->dim));
    lb_status status = add_derivatives(t, x, NULL, precision, rows);
    for (size_t d = 0; d < t->dim; d++)
        for (size_t k = 0; k < d; k++) precision[k * t->dim + d] = precision[d * t->dim + k];
    free(rows);
    return status;
}

/* Moves x against a Newton step as far as the loss falls: the whole of it far from the minimum may
 * end further away. `here` is the loss at x, before and after. Returns the squared length of the
 * move. */
static double descend(const logistic_terms *t, const float *x0, const double *step, double slope,
                      float *x, double *here, float *at, double *scratch) {
    double share = 1, moved = 0, there = 0;
    for (int k = 0; k < HALVINGS; k++, share /= 2) {
        there = loss(t, x, x0, step, share, at, scratch);
        if (there <= *here - SUFFICIENT * share * slope) break;
    }
    for (size_t d = 0; d < t->dim; d++) {
        double by = (double)(at[d] - x[d]);
        moved += by * by;
        x[d] = at[d];
    }
    *here = there;
    return moved;
}

/* The factor of the loss's Hessian at x into `hessian`, its gradient into `gradient`. */
static lb_status factor_at(const logistic_terms *t, const float *x, double *gradient,
                           double *hessian, double *rows) {
    memcpy(hessian, t->precision, t->dim * t->dim * sizeof *hessian);
    LB_TRY(add_derivatives(t, x, gradient, hessian, rows));
    return cholesky_factor(NULL, hessian, t->dim);
}

lb_status logistic_minimise(const logistic_terms *t, const float *x0, float *x) {
    size_t dim = t->dim;
    double *gradient = NULL, *newton = NULL, *hessian = NULL, *rows = NULL;
    double last = 0;   // squared length of the move before
    bool keep = false; // the factor of the step before
    float *at = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(gradient, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(newton, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(hessian, dim * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(rows, BLOCK * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(at, dim));
    double here = loss(t, x, x0, newton, 0, at, gradient);
    for (int step = 0; step < STEPS; step++) {
        prior_loss(t, x, x0, gradient);
        if (keep)
            LB_TRY_CLEANUP(add_derivatives(t, x, gradient, NULL, rows));
        else
            LB_TRY_CLEANUP(factor_at(t, x, gradient, hessian, rows));
        memcpy(newton, gradient, dim * sizeof *newton);
        LB_TRY_CLEANUP(cholesky_solve(NULL, hessian, dim, newton, 1));
        double slope = 0;
        for (size_t d = 0; d < dim; d++) slope += gradient[d] * newton[d];
        double moved = descend(t, x0, newton, slope, x, &here, at, gradient);
        if (moved <= CONVERGED * CONVERGED * (vec_dot_wide(x, x, dim) + 1e-12)) break;
        keep = !step || moved <= SHRINKS * SHRINKS * last;
        last = moved;
    }
cleanup:
    free(gradient);
    free(newton);
    free(hessian);
    free(rows);
    free(at);
    return status;
}
