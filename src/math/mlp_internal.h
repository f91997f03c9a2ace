/* What mlp.c, mlp_train.c and the products behind them share. */
#ifndef LB_MATH_MLP_INTERNAL_H
#define LB_MATH_MLP_INTERNAL_H

#include "math/dense.h"
#include "math/dense_products.h"

struct mlp {
    size_t n_layers, widest;
    size_t sizes[MLP_MAX_LAYERS + 1];
    mlp_layer layers[MLP_MAX_LAYERS];
    int output_relu;
    float dropout;
    uint64_t seed, steps;
    dense_precision precision;
    /* The last forward pass. */
    const float *x; // (n, sizes[0]), the caller's
    size_t n, capacity;
    float *outputs[MLP_MAX_LAYERS]; // (capacity, out), after ReLU and dropout
    float *deltas[MLP_MAX_LAYERS];  // (capacity, out), dL/d(before ReLU)
    dense_products *products;       // DENSE_BF16 only
};

/* z += b, then ReLU if asked for; z (rows, out). */
void mlp_activate(float *z, size_t rows, size_t out, const float *b, int relu);

#endif
