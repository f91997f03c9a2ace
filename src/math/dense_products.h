/*
 * The three products of dense layers with factors rounded to bfloat16 and sums in float, by
 * oneDNN's inner product (2.x and 3.x). Weights are rounded and laid out as oneDNN likes them once
 * after each change.
 */
#ifndef LB_MATH_DENSE_PRODUCTS_H
#define LB_MATH_DENSE_PRODUCTS_H

#include "math/dense.h"

/* Rows of a weight gradient that one thread computes at a time. */
enum { DENSE_TILE_ROWS = 256 };

typedef struct dense_products dense_products;

/* For layers sizes[i] -> sizes[i + 1]. LB_E_UNSUPPORTED if oneDNN has no kernel for them. */
lb_status dense_products_new(size_t n_layers, const size_t *sizes, dense_products **out);
void dense_products_free(dense_products *d);

/* The weights have changed. */
void dense_products_changed(dense_products *d);

/* Makes ready for a batch of n rows in shards of MLP_SHARD_ROWS: before the calls below, which may
 * then run on several threads. */
lb_status dense_products_prepare(dense_products *d, job *j, const mlp_layer *layers, size_t n);

/* z (rows, out) = x (rows, in) W^T for the rows of the batch from `begin` on; rounds x and keeps it
 * for the gradient. */
lb_status dense_products_forward(dense_products *d, size_t layer, size_t begin, size_t rows,
                                 const float *x, float *z);

/* dx (rows, in) = dz (rows, out) W */
lb_status dense_products_backward(dense_products *d, size_t layer, size_t rows, const float *dz,
                                  float *dx);

/* gw (tile, in) = `tile` columns of dz (n, out) from `first` on, transposed, times the layer's
 * inputs of the last forward pass. `first` is a multiple of DENSE_TILE_ROWS. */
lb_status dense_products_gradient(dense_products *d, size_t layer, size_t n, size_t first,
                                  size_t tile, const float *dz, float *gw);

#endif
