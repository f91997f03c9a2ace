/* The loss of whisper_net.h. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/whisper_net.h"

static const double MOST_SCALE = 100; // Radford et al., ICML 2021, section 2.5

typedef struct loss_context {
    const whisper_batch *batch;
    const float *number, *s, *z;
    size_t dim;
    float *ds, *dz;
    double gradient[WHISPER_NUMBERS], loss;
} loss_context;

static double softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* One term of the cross-entropy: request i and item `item`. */
static void add_pair(loss_context *c, size_t i, size_t item, double personal, bool meant,
                     double weight) {
    const float *s = c->s + i * c->dim, *z = c->z + item * c->dim;
    double product = (double)vec_dot(s, z, c->dim);
    double a = (double)c->number[WHISPER_FACTOR];
    double y = a * product + (double)c->number[WHISPER_SHIFT] +
               (double)c->number[WHISPER_TRUST] * personal;
    c->loss += weight * softplus(meant ? -y : y);
    double dy = weight * (1 / (1 + exp(-y)) - meant);
    vec_axpy(c->ds + i * c->dim, (float)(dy * a), z, c->dim);
    vec_axpy(c->dz + item * c->dim, (float)(dy * a), s, c->dim);
    c->gradient[WHISPER_FACTOR] += dy * product;
    c->gradient[WHISPER_SHIFT] += dy;
    c->gradient[WHISPER_TRUST] += dy * personal;
}

static void add_binary(loss_context *c) {
    const whisper_batch *b = c->batch;
    size_t n = b->n, k = b->negatives;
    double weight = b->lambda / (double)(n * (1 + k));
    for (size_t i = 0; i < n; i++) {
        add_pair(c, i, i, (double)b->personal[i * n + i], true, weight);
        for (size_t t = 0; t < k; t++)
            add_pair(c, i, n + i * k + t, (double)b->personal_negative[i * k + t], false, weight);
    }
}

/* Adds weight times the cross-entropy of one row or column: n logits `step` apart, the one meant at
 * `meant`; g receives softmax minus one-hot. */
static void add_softmax(loss_context *c, const double *logit, const uint8_t *masked, size_t step,
                        size_t meant, double weight, double *g) {
    size_t n = c->batch->n;
    double most = -INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++)
        if (!masked[k * step]) most = fmax(most, logit[k * step]);
    for (size_t k = 0; k < n; k++)
        if (!masked[k * step]) sum += exp(logit[k * step] - most);
    c->loss += weight * (most + log(sum) - logit[meant * step]);
    for (size_t k = 0; k < n; k++)
        if (!masked[k * step]) g[k * step] += weight * exp(logit[k * step] - most) / sum;
    g[meant * step] -= weight;
}

/* Gradients from those of the logits, g (n, n), with the products in `product`. */
static lb_status spread(loss_context *c, const double *g, const float *product, float *scaled) {
    const whisper_batch *b = c->batch;
    size_t n = b->n;
    double l = (double)c->number[WHISPER_LOG_SCALE], scale = fmin(exp(l), MOST_SCALE);
    for (size_t i = 0; i < n * n; i++) {
        if (exp(l) < MOST_SCALE)
            c->gradient[WHISPER_LOG_SCALE] += g[i] * scale * (double)product[i];
        c->gradient[WHISPER_TRUST] += g[i] * (double)b->personal[i];
        scaled[i] = (float)(g[i] * scale);
    }
    LB_TRY(matrix_multiply(0, 0, n, c->dim, n, 1, scaled, n, c->z, c->dim, 1, c->ds, c->dim));
    return matrix_multiply(1, 0, n, c->dim, n, 1, scaled, n, c->s, c->dim, 1, c->dz, c->dim);
}

static lb_status add_contrast(loss_context *c) {
    const whisper_batch *b = c->batch;
    size_t n = b->n;
    double weight = (1 - b->lambda) / (2 * (double)n), *logit = NULL, *g = NULL;
    double scale = fmin(exp((double)c->number[WHISPER_LOG_SCALE]), MOST_SCALE);
    float *product = NULL, *scaled = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(product, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(scaled, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(logit, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(g, n * n));
    LB_TRY_CLEANUP(
        matrix_multiply(0, 1, n, n, c->dim, 1, c->s, c->dim, c->z, c->dim, 0, product, n));
    for (size_t i = 0; i < n * n; i++)
        logit[i] = scale * (double)product[i] +
                   (double)c->number[WHISPER_TRUST] * (double)b->personal[i] -
                   (double)b->log_share[i % n];
    for (size_t i = 0; i < n; i++) {
        add_softmax(c, logit + i * n, b->masked + i * n, 1, i, weight, g + i * n);
        add_softmax(c, logit + i, b->masked + i, n, i, weight, g + i);
    }
    LB_TRY_CLEANUP(spread(c, g, product, scaled));
cleanup:
    free(product);
    free(scaled);
    free(logit);
    free(g);
    return status;
}

lb_status whisper_loss(const whisper_batch *batch, const float number[WHISPER_NUMBERS],
                       const float *s, const float *z, size_t dim, float *ds, float *dz,
                       float number_gradient[WHISPER_NUMBERS], double *loss) {
    size_t n_items = batch->n * (1 + batch->negatives);
    loss_context c = {
        .batch = batch, .number = number, .s = s, .z = z, .dim = dim, .ds = ds, .dz = dz};
    memset(ds, 0, batch->n * dim * sizeof *ds);
    memset(dz, 0, n_items * dim * sizeof *dz);
    if (batch->lambda > 0) add_binary(&c);
    if (batch->lambda < 1) LB_TRY(add_contrast(&c));
    for (int k = 0; k < WHISPER_NUMBERS; k++) number_gradient[k] = (float)c.gradient[k];
    *loss = c.loss;
    return LB_OK;
}
