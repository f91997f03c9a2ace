/*
 * Logistic regression with a Gaussian prior, for folding a person in with products fixed: minimises
 * over x sum over terms of w_i [softplus(z_i) - y_i z_i] + 1/2 (x - x0) . P (x - x0),
 * z_i = x . v_i + b_i, by Newton steps, each as long as the loss falls.
 */
#ifndef LB_MODEL_LOGISTIC_H
#define LB_MODEL_LOGISTIC_H

#include "core/status.h"

typedef struct logistic_terms {
    size_t n, dim;
    const float **vector; // (n) v_i: rows of dim values, not owned
    double *offset;       // (n) b_i
    double *weight;       // (n) w_i >= 0
    uint8_t *positive;    // (n) y_i
    double *precision;    // (dim, dim) P: symmetric, positive definite
} logistic_terms;

/* Room for up to `most` terms, n = 0, P zero: to be set. Free with logistic_free. */
lb_status logistic_new(size_t most, size_t dim, logistic_terms *out);
void logistic_free(logistic_terms *t); // accepts all zero

/* Appends a term; there must be room. */
static inline void logistic_add(logistic_terms *t, const float *vector, double offset,
                                double weight, int positive) {
    t->vector[t->n] = vector;
    t->offset[t->n] = offset;
    t->weight[t->n] = weight;
    t->positive[t->n++] = (uint8_t)positive;
}

/* What a weaker pull counts as, so that the loss is strictly convex. */
#define LOGISTIC_LEAST_PULL 1e-3

/* Gives a coordinate a pull of its own, and P nothing beside. */
static inline void logistic_pull(logistic_terms *t, size_t coordinate, double pull) {
    double *p = t->precision + coordinate * t->dim + coordinate;
    *p = pull > LOGISTIC_LEAST_PULL ? pull : LOGISTIC_LEAST_PULL;
}

/* x (dim) holds the start and receives the minimum. LB_E_NUMERIC if a value is not finite or P not
 * positive definite. O(n dim^2) a step. */
lb_status logistic_minimise(const logistic_terms *t, const float *x0, float *x);

/* Adds to `precision` (dim, dim) what the terms tell of an x that they have brought to its place
 * (the observed information, without the prior). */
lb_status logistic_add_information(const logistic_terms *t, const float *x, double *precision);

#endif
