/*
 * Multi-layer perceptrons: dense layers y = W x + b with ReLU (and dropout) after hidden layers.
 *
 * A batch is cut into shards of MLP_SHARD_ROWS rows and the weight gradients into tiles; both are
 * worked on by one thread each, so bytes do not depend on the number of threads. Weights, moments
 * and sums are float throughout; with DENSE_BF16 the factors of products are rounded to bfloat16.
 *
 * A training step is
 *     mlp_forward(m, j, x, n, step, &y);
 *     mse_loss(j, y, targets, n, dim, NULL, scale, dy, &loss);  // or a loss of your own
 *     mlp_backward(m, j, dy, dx);
 *     mlp_update(m, j, &adam);
 */
#ifndef LB_MATH_DENSE_H
#define LB_MATH_DENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "math/adam.h"

enum { MLP_SHARD_ROWS = 64, MLP_MAX_LAYERS = 32 };

typedef enum dense_precision {
    DENSE_F32,
    DENSE_BF16, /* needs a CPU with bfloat16 products (AVX512-BF16 or AMX) */
    DENSE_AUTO  /* DENSE_BF16 where it is faster (AMX), DENSE_F32 elsewhere */
} dense_precision;

typedef enum mlp_start {
    MLP_XAVIER, /* uniform within sqrt(6 / (in + out)): Glorot and Bengio, AISTATS 2010 */
    MLP_HE      /* normal with variance 2 / in: He et al., ICCV 2015 */
} mlp_start;

typedef struct mlp_options {
    size_t n_layers;           // weight layers, 1..MLP_MAX_LAYERS
    const size_t *sizes;       // (n_layers + 1) widths, input first; copied
    int output_relu;           // 0: the output is linear
    float dropout;             // probability that a hidden unit is dropped while training, [0, 1)
    mlp_start start;           // of the weights; biases start at 0
    dense_precision precision; // of training; prediction is in float
    uint64_t seed;             // of the weights and of dropout
} mlp_options;

/* One layer's arrays, to be saved, loaded or looked at. After writing to w call mlp_changed. */
typedef struct mlp_layer {
    size_t in, out;
    float *w, *b;             // (out, in), (out)
    float *gw, *gb;           // the last mlp_backward's gradients, same shapes
    float *mw, *vw, *mb, *vb; // Adam's moments, same shapes
} mlp_layer;

typedef struct mlp mlp;

/* "f32", "bf16", "auto". */
const char *dense_precision_name(dense_precision precision);
/* The reverse: false if it is none of these. */
bool dense_precision_find(const char *name, dense_precision *out);

/* Whether this CPU, on the chosen path, multiplies bfloat16 natively. */
int dense_has_bf16(void);

/* Whether that is faster than float: with AMX. AVX512-BF16 alone does half as many products as
 * float's fused multiply-add on the CPUs measured. */
int dense_prefers_bf16(void);

/* Linear output, no dropout, MLP_XAVIER, DENSE_F32, seed 0; n_layers and sizes are yours to set. */
void mlp_options_init(mlp_options *options);

/* A network with fresh weights. LB_E_ARGUMENT for options out of range, LB_E_UNSUPPORTED for
 * DENSE_BF16 where there is none. Free with mlp_free. */
lb_status mlp_new(const mlp_options *options, mlp **out);
void mlp_free(mlp *m);

size_t mlp_n_layers(const mlp *m);
mlp_layer mlp_layer_at(const mlp *m, size_t layer);

/* Updates done so far; to go on from saved weights and moments set it again. */
uint64_t mlp_steps(const mlp *m);
void mlp_set_steps(mlp *m, uint64_t steps);

/* Says that weights were written from outside. */
void mlp_changed(mlp *m);

/* The precision that m trains in, DENSE_AUTO resolved: DENSE_F32 or DENSE_BF16. Of a network that
 * was read from a file: the one it was trained in, as set, DENSE_AUTO = not known. Setting it says
 * so and changes no computation. */
dense_precision mlp_precision(const mlp *m);
void mlp_set_precision(mlp *m, dense_precision trained_in);

/* The weights and biases as they are saved: w (out, in), b (out). */
void mlp_export(const mlp *m, size_t layer, float *w, float *b);
void mlp_import(mlp *m, size_t layer, const float *w, const float *b);

/* Outputs for x (n, sizes[0]), keeping what mlp_backward needs; with dropout drawn from (seed,
 * step, layer, shard). *y (n, sizes[n_layers]) belongs to m and is valid until the next call with
 * m. x must stay as it is until mlp_backward. j may be NULL. */
lb_status mlp_forward(mlp *m, job *j, const float *x, size_t n, uint64_t step, const float **y);

/* From dy = dL/dy of the last mlp_forward: the gradients of all weights (replacing the last ones)
 * and, where dx is not NULL, dx (n, sizes[0]) = dL/dx. */
lb_status mlp_backward(mlp *m, job *j, const float *dy, float *dx);

/* dx alone: for a network that stays as it is. */
lb_status mlp_backward_inputs(mlp *m, job *j, const float *dy, float *dx);

/* One Adam step on all weights with the last gradients. */
lb_status mlp_update(mlp *m, job *j, const adam_options *options);

/* y (n, sizes[n_layers]) for x (n, sizes[0]), without dropout, in float. Several threads may call
 * it on one network at once, each with a j of its own or NULL. */
lb_status mlp_predict(const mlp *m, job *j, const float *x, size_t n, float *y);

/* loss = scale * sum over rows of weights[row] * |y - target|^2, and dy, unless NULL, its gradient
 * by y. Arrays are (n, dim), weights (n) or NULL for ones. scale = 1 gives the sum, 1 / (n dim) the
 * mean. Summed in double, rows in order. j may be NULL. */
lb_status mse_loss(job *j, const float *y, const float *target, size_t n, size_t dim,
                   const float *weights, double scale, float *dy, double *loss);

#endif
