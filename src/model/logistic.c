#include "model/logistic.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { STEPS = 20 };

static const double CONVERGED = 1e-5; // length of a step, relative to x
static const double LEAST_PULL = 1e-3;

lb_status logistic_new(size_t most, size_t dim, logistic_terms *out) {
    logistic_terms t = {.dim = dim};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(t.vector, most));
    LB_TRY_CLEANUP(NEW_ARRAY(t.offset, most));
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
    free(t->positive);
    free(t->pull);
    *t = (logistic_terms){0};
}

/* Gradient (dim) and Hessian (dim, dim; lower triangle) of the loss at x. */
static void derivatives(const logistic_terms *t, const float *x, const float *x0, double *gradient,
                        double *hessian) {
    size_t dim = t->dim;
    memset(hessian, 0, dim * dim * sizeof *hessian);
    for (size_t d = 0; d < dim; d++) {
        double pull = fmax(t->pull[d], LEAST_PULL);
        gradient[d] = pull * (double)(x[d] - x0[d]);
        hessian[d * dim + d] = pull;
    }
    for (size_t i = 0; i < t->n; i++) {
        const float *v = t->vector[i];
        double s = 1 / (1 + exp(-(vec_dot_wide(x, v, dim) + t->offset[i])));
        double slope = s - t->positive[i], curve = s * (1 - s);
        for (size_t a = 0; a < dim; a++) {
            gradient[a] += slope * (double)v[a];
            for (size_t b = 0; b <= a; b++)
                hessian[a * dim + b] += curve * (double)v[a] * (double)v[b];
        }
    }
}

lb_status logistic_minimise(const logistic_terms *t, const float *x0, float *x) {
    size_t dim = t->dim;
    double *gradient = NULL, *hessian = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(gradient, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(hessian, dim * dim));
    for (int step = 0; step < STEPS; step++) {
        derivatives(t, x, x0, gradient, hessian);
        LB_TRY_CLEANUP(cholesky_factor(NULL, hessian, dim));
        LB_TRY_CLEANUP(cholesky_solve(NULL, hessian, dim, gradient, 1));
        double moved = 0, length = 0;
        for (size_t d = 0; d < dim; d++) {
            x[d] -= (float)gradient[d];
            moved += gradient[d] * gradient[d];
            length += (double)x[d] * (double)x[d];
        }
        if (moved <= CONVERGED * CONVERGED * (length + 1e-12)) break;
    }
cleanup:
    free(gradient);
    free(hessian);
    return status;
}
