/*
 * Logistic regression with a Gaussian prior, for folding a person in with products fixed: minimises
 * over x sum over terms of w_i [softplus(z_i) - y_i z_i] + 1/2 sum over d of pull_d (x_d - x0_d)^2,
 * z_i = x . v_i + b_i, by Newton steps, each as long as the loss falls. A pull below 0.001 counts
 * as 0.001, which keeps the loss strictly convex.
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
    double *pull;         // (dim)
} logistic_terms;

/* Room for up to `most` terms, n = 0, pull zero. Free with logistic_free. */
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

/* x (dim) holds the start and receives the minimum. LB_E_NUMERIC if a value is not finite. O(n
 * dim^2) a step. */
lb_status logistic_minimise(const logistic_terms *t, const float *x0, float *x);

#endif
