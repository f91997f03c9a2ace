/*
 * EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019): the linear model
 * that reproduces each user's row of the interaction matrix from itself, with a zero diagonal so
 * that no product explains itself. Closed form (equation 8): with G = X^T X + l2 I over the warm
 * products, X binary, and P = G^-1,
 *
 *     B_ij = -P_ij / P_jj for i != j, B_jj = 0;   score(u, j) = sum over the user's products i of
 *     B_ij.
 *
 * For n warm products it takes time of order n^3 and, while training, 16 n^2 bytes. Completely cold
 * products have no column in B: they are in no partition and are not recommended. A reference.
 */
#ifndef LB_MODEL_EASE_H
#define LB_MODEL_EASE_H

#include "model/model.h"

typedef struct ease_options {
    double l2;        // -1 = chosen on validation pairs
    int max_products; // warm ones; more are refused
} ease_options;

typedef struct ease_model {
    uint32_t n;
    uint32_t *product; // (n) warm products, ascending
    int32_t *row_of;   // (n_products) position in product[], or -1
    float *weight;     // (n, n) row j is column j of B: weight[j, i] = B_ij
    double l2;         // as used
} ease_model;

/* LB_E_UNSUPPORTED for more warm products than `max-products`, LB_E_EMPTY without interactions. */
extern const model_class ease_class;

#endif
