#include "model/logistic.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { STEPS = 50, HALVINGS = 30, BLOCK = 256 };

static const double CONVERGED = 1e-5;  // length of a step, relative to x
static const double SUFFICIENT = 1e-4; // share of what the slope promises (Armijo)
static const double LEAST_PULL = 1e-3;

lb_status logistic_new(size_t most, size_t dim, logistic_terms *out) {
    logistic_terms t = {.dim = dim};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(t.vector, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.offset, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.weight, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.positive, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.pull, dim));
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
    free(t->pull);
    *t = (logistic_terms){0};
}

/* What is minimised, at x - share * step. */
static double loss(const logistic_terms *t, const float *x, const float *x0, const double *step,
                   double share, float *at) {
    double sum = 0;
    for (size_t d = 0; d < t->dim; d++) {
        at[d] = (float)((double)x[d] - share * step[d]);
        double off = (double)(at[d] - x0[d]);
        sum += 0.5 * fmax(t->pull[d], LEAST_PULL) * off * off;
    }
    for (size_t i = 0; i < t->n; i++) {
        double z = vec_dot_wide(at, t->vector[i], t->dim) + t->offset[i];
        double against = t->positive[i] ? -z : z; // softplus(z) - y z
        sum += t->weight[i] * (fmax(against, 0) + log1p(exp(-fabs(against))));
    }
    return sum;
}

/* Gradient (dim) and Hessian (dim, dim; lower triangle) of the loss at x; `rows` is scratch (BLOCK,
 * dim). */
static lb_status derivatives(const logistic_terms *t, const float *x, const float *x0,
                             double *gradient, double *hessian, double *rows) {
    size_t dim = t->dim;
    memset(hessian, 0, dim * dim * sizeof *hessian);
    for (size_t d = 0; d < dim; d++) {
        double pull = fmax(t->pull[d], LEAST_PULL);
        gradient[d] = pull * (double)(x[d] - x0[d]);
        hessian[d * dim + d] = pull;
    }
    for (size_t begin = 0; begin < t->n; begin += BLOCK) {
        size_t n = t->n - begin < BLOCK ? t->n - begin : BLOCK;
        for (size_t i = begin; i < begin + n; i++) {
            const float *v = t->vector[i];
            double *row = rows + (i - begin) * dim;
            double s = 1 / (1 + exp(-(vec_dot_wide(x, v, dim) + t->offset[i])));
            double slope = t->weight[i] * (s - t->positive[i]);
            double root = sqrt(t->weight[i] * s * (1 - s));
            for (size_t d = 0; d < dim; d++) {
                gradient[d] += slope * (double)v[d];
                row[d] = root * (double)v[d];
            }
        }
        LB_TRY(matrix_gram_f64(NULL, 1, dim, n, 1, rows, dim, 1, hessian, dim));
    }
    return LB_OK;
}

/* Moves x against a Newton step as far as the loss falls: the whole of it far from the minimum may
 * end further away. Returns the squared length of the move. */
static double descend(const logistic_terms *t, const float *x0, const double *step, double slope,
                      float *x, float *at) {
    double before = loss(t, x, x0, step, 0, at), share = 1, moved = 0;
    for (int k = 0; k < HALVINGS; k++, share /= 2)
        if (loss(t, x, x0, step, share, at) <= before - SUFFICIENT * share * slope) break;
    for (size_t d = 0; d < t->dim; d++) {
        double by = (double)(at[d] - x[d]);
        moved += by * by;
        x[d] = at[d];
    }
    return moved;
}

lb_status logistic_minimise(const logistic_terms *t, const float *x0, float *x) {
    size_t dim = t->dim;
    double *gradient = NULL, *newton = NULL, *hessian = NULL, *rows = NULL;
    float *at = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(gradient, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(newton, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(hessian, dim * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(rows, BLOCK * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(at, dim));
    for (int step = 0; step < STEPS; step++) {
        LB_TRY_CLEANUP(derivatives(t, x, x0, gradient, hessian, rows));
        memcpy(newton, gradient, dim * sizeof *newton);
        LB_TRY_CLEANUP(cholesky_factor(NULL, hessian, dim));
        LB_TRY_CLEANUP(cholesky_solve(NULL, hessian, dim, newton, 1));
        double slope = 0;
        for (size_t d = 0; d < dim; d++) slope += gradient[d] * newton[d];
        double moved = descend(t, x0, newton, slope, x, at);
        if (moved <= CONVERGED * CONVERGED * (vec_dot_wide(x, x, dim) + 1e-12)) break;
    }
cleanup:
    free(gradient);
    free(newton);
    free(hessian);
    free(rows);
    free(at);
    return status;
}
