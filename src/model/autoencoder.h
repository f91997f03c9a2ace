/*
 * The decoder M^-1, embedding -> image feature, and the encoder M, image feature -> embedding, of
 * the VASG paper (section 3.2): five dense layers each, [w, 2w, 4w, 8w, feature] with w = 256, and
 * mirrored, ReLU and dropout after hidden layers, Adam. The encoder learns through the frozen
 * decoder: it minimises |f - M^-1(M(f + noise))|^2, and the decoder's weights stay as they are.
 *
 * Bytes depend on the arguments and the instruction-set path, not on the number of threads.
 */
#ifndef LB_MODEL_AUTOENCODER_H
#define LB_MODEL_AUTOENCODER_H

#include <stdbool.h>

#include "core/job.h"
#include "math/dense.h"
#include "math/rows.h"
#include "store/safetensors.h"

typedef struct autoencoder_options {
    uint32_t width;            // w, of the smallest hidden layer: 256
    uint32_t batch;            // products in a batch: 128
    uint32_t epochs;           // passes over the products: 10
    double rate;               // of Adam: 1e-3
    float dropout;             // after hidden layers: 0.5; the frozen decoder drops nothing
    double noise;              // standard deviation of the noise on the encoder's input: 0.05
    double target_weight;      // of |M(f) - x|^2 beside the mean squared error of the feature: 0
    bool decoder_relu;         // ReLU on the decoder's output (features are not negative): true
    bool encoder_relu;         // and on the encoder's: false
    dense_precision precision; // DENSE_AUTO
    uint64_t seed;             // 0
} autoencoder_options;

/* The values above. */
void autoencoder_options_init(autoencoder_options *options);

/* How many passes a network makes over n products where nothing is asked for: `most`, or fewer of
 * more than 10,000 products, so that about most * 10,000 are seen; at least one. */
uint32_t autoencoder_passes(uint32_t most, size_t n);

/* Scales each of n features (n, feature_dim) to [0, 1] by its smallest and largest value, in place;
 * a constant feature becomes zero. */
void autoencoder_scale(float *f, size_t n, size_t feature_dim);

/* Fresh networks dim -> feature_dim and feature_dim -> dim. Free with mlp_free. */
lb_status autoencoder_new_decoder(const autoencoder_options *options, size_t dim,
                                  size_t feature_dim, mlp **out);
lb_status autoencoder_new_encoder(const autoencoder_options *options, size_t dim,
                                  size_t feature_dim, mlp **out);

/* Trains an encoder through a decoder that stays as it is, on n products with embeddings x (n, dim)
 * (used where target_weight is not 0) and scaled features f (n, feature_dim), which are fetched in
 * batches. `loss`, may be NULL, receives the mean squared error per feature value over the last
 * epoch. LB_E_INTERRUPTED; LB_E_NUMERIC if the loss is not finite. */
lb_status autoencoder_train_encoder(job *j, const autoencoder_options *options, const mlp *decoder,
                                    const float *x, size_t dim, const row_source *f, mlp **encoder,
                                    double *loss);

/* Trains a decoder from x to f (nothing flows back into x), then an encoder through it, `epochs`
 * passes each. n >= 1. Nothing is returned on failure. */
lb_status autoencoder_train(job *j, const autoencoder_options *options, const float *x, size_t dim,
                            const row_source *f, mlp **decoder, mlp **encoder);

/* Adds the tensors PREFIX.0.weight (out, in), PREFIX.0.bias (out), ..., and PREFIX.relu, one byte:
 * whether the output has a ReLU; and the metadata PREFIX.precision. m must outlive the writer. The
 * second adds Adam's moments, as PREFIX.0.weight.m, PREFIX.0.weight.v and so on. */
lb_status autoencoder_save(st_writer *w, const char *prefix, const mlp *m, bool output_relu);
lb_status autoencoder_save_moments(st_writer *w, const char *prefix, const mlp *m);

/* Reads a network for prediction. LB_E_NOT_FOUND if there is none of that prefix; LB_E_FORMAT if
 * it is not one from `in` to `out` values (ST_ANY: any). `output_relu` may be NULL. */
lb_status autoencoder_load(const st_reader *r, const char *prefix, size_t in, size_t out, mlp **m,
                           bool *output_relu);

/* Reads weights, or moments, into a network of the same shape; `steps` updates were done. */
lb_status autoencoder_read(const st_reader *r, const char *prefix, mlp *m);
lb_status autoencoder_read_moments(const st_reader *r, const char *prefix, mlp *m, uint64_t steps);

#endif
