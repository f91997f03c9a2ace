/*
 * `vasg-paper`: VASG as the paper writes it (Tiwari, Jain, Mundra, Harding and Tiwari, "Visually
 * Aware Skip-Gram for Image Based Recommendations"; sections 3.1 and 3.2, equations 1 to 3).
 *
 * Random walks over users and products; a Skip-Gram without negative samples over them; a decoder
 * that rebuilds a product's feature from its embedding, trained together with the Skip-Gram under
 * learned task weights; then an encoder, trained through the frozen decoder, that places completely
 * cold products by their feature. Products are ranked by cosine with the user.
 *
 * For a pair of centre v and context c, with t_vc = -log sigma(x_c . x_v):
 *     user centre, or product without a feature:  L = t_vc
 *     product centre with feature f:              L = w1 t_vc + w2 |f - M^-1(x_v)|^2 + penalty
 * w1 and w2 are learned as log variances s1 and s2, clamped (Kendall, Gal and Cipolla, CVPR 2018):
 *     principled:  w1 = exp(-s1), w2 = exp(-s2) / 2, penalty = (s1 + s2) / 2
 *     early-code:  w1 = exp(-s1), w2 = exp(-s2),     penalty =  s1 + s2
 *
 * Without negative samples this objective only attracts: it has no optimum but one direction for
 * all. While training, the mean cosine between users and the validation AUC are logged, the best
 * state is kept (`stop`), and what became of it later is said.
 */
#ifndef LB_MODEL_PAPER_H
#define LB_MODEL_PAPER_H

#include "math/dense.h"
#include "model/autoencoder.h"
#include "model/model.h"

enum { PAPER_PRESET_PAPER, PAPER_PRESET_EARLY_CODE };
enum { PAPER_TABLES_ONE, PAPER_TABLES_TWO };
enum { PAPER_FROM_ALL, PAPER_FROM_USERS };
enum { PAPER_STEPS_UNIFORM, PAPER_STEPS_RATING };
enum { PAPER_WEIGHTS_PRINCIPLED, PAPER_WEIGHTS_EARLY_CODE };
enum { PAPER_MSE_MEAN, PAPER_MSE_SUM };
enum { PAPER_SCALING_MINMAX, PAPER_SCALING_NONE, PAPER_SCALING_CONSTANT };
enum { PAPER_OUTPUT_AUTO, PAPER_OUTPUT_RELU, PAPER_OUTPUT_LINEAR };
enum { PAPER_ENCODER_LINEAR, PAPER_ENCODER_RELU };
enum { PAPER_STOP_VALIDATION, PAPER_STOP_END };
enum { PAPER_PRECISION_AUTO, PAPER_PRECISION_F32, PAPER_PRECISION_BF16 };

typedef struct paper_options {
    int preset, dim, tables;
    int walks, walk_length, walks_from, steps, window, hop, epochs, max_batches;
    int batch, negatives;
    double rate;
    int weights;
    double clamp;
    int mse, scaling;
    double feature_scale;
    int output, width;
    double dropout;
    int encoder_output, encoder_epochs, encoder_batch;
    double encoder_rate, noise, encoder_target;
    int stop, checkpoint_batches, precision;
} paper_options;

extern const option_table paper_option_table;
extern const model_class paper_class;

/* What a product is to the model. */
enum { PAPER_UNKNOWN, PAPER_WARM, PAPER_COLD };

typedef struct paper_model {
    paper_options options;
    uint32_t n_users, n_products, dim;
    float *user;            // (n_users, dim); zero for users without training interactions
    float *product;         // (n_products, dim): X_p if warm, M(f_p) if cold, else zero
    uint8_t *kind;          // (n_products) PAPER_WARM, PAPER_COLD (with a feature), PAPER_UNKNOWN
    double weights[2];      // s1, s2
    mlp *decoder, *encoder; // NULL if no warm product had a feature
    bool decoder_relu;
    uint32_t n_warm, n_cold;
    uint32_t *warm, *cold;            // product rows of the partitions
    float *warm_vector, *cold_vector; // (n_warm, dim), (n_cold, dim), of length one
} paper_model;

void paper_free(void *state);

/* Fills the partitions from product and kind. */
lb_status paper_build_parts(paper_model *m);

/* paper_file.c */
lb_status paper_save(const void *state, st_writer *w);
lb_status paper_load(const st_reader *r, const model_common *common, void **state);

#endif
