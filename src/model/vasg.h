/*
 * `vasg`, the default model (design: "The recipe"): Skip-Gram with a popularity term and a visual
 * prior, a spectral part, a head for completely cold products, and the paper's decoder and encoder
 * trained beside them.
 *
 * Scores are inner products in two partitions:
 *   warm products  [x_u; sqrt(alpha) q_u; 1] . [x_p; sqrt(alpha) g_p; b_p]
 *   cold products  [the cold head's query; s_u] . [its vector, t Delta added to the constant; 1],
 *                  s_u = the user's score of the mean warm product, so that both stand in one list.
 */
#ifndef LB_MODEL_VASG_H
#define LB_MODEL_VASG_H

#include "math/dense.h"
#include "model/cold.h"
#include "model/model.h"
#include "model/skipgram.h"
#include "model/spectral.h"
#include "model/user_prior.h"

typedef struct vasg_options {
    int dim, epochs, walks, walk_length, negatives, blocks;
    double rate, last_rate, far, l2, negative_power;
    int prior_components;
    double prior_strength;
    int rank;
    double spectral_weight;
    int item_rank;
    double item_weight;
    int look_dim, landmarks;
    double cold_offset;
    int decoder_epochs;
    double decoder_rate, noise;
} vasg_options;

/* Validation pairs that the training looks at, at most. */
enum { VASG_VALIDATION = 5000 };

extern const option_table vasg_option_table;
extern const model_class vasg_class;

typedef struct vasg_model {
    vasg_options options;
    uint32_t n_users, n_products, dim;
    float *x;         // (n_users + n_products, dim)
    float *bias;      // (n_products)
    double lambda;    // the L2 that was used
    double negatives; // samples of a pair in training
    user_prior people;
    double buyer_scale; // how far the buyers of a product stand off the mean user, in units of how
                        // far it stands off the mean product
    spectral_part spectral;
    double alpha;        // what q_u . g_p is multiplied by
    int has_look;        // whether there was a feature
    cold_head cold;      // if has_look
    float *product_look; // (n_products, look_dim) components of the feature; zero without
    float *embedding;    // (n_products, dim) x_p, for cold products what their feature predicts
    float *level; // (n_products) xbar . x_p + b_p, for cold products what their feature predicts
    uint32_t n_warm, n_cold;
    uint32_t *warm, *unseen;          // product rows of the partitions
    float *warm_vector, *cold_vector; // (n_warm, warm_width), (n_cold, cold_width + 1)
    float *mean_warm;                 // (warm_width)
    double offset, gap;               // t Delta and Delta
    mlp *decoder, *encoder;           // NULL without a feature or with decoder_epochs 0
} vasg_model;

static inline size_t vasg_warm_width(const vasg_model *m) {
    return (size_t)m->dim + m->spectral.rank + 1;
}

static inline size_t vasg_cold_width(const vasg_model *m) {
    return (m->has_look ? cold_width(&m->cold) : 1) + 1;
}

void vasg_free(void *state);

/* vasg_heads.c: everything that follows from x, bias, the spectral part and the cold head. */
lb_status vasg_spectral_scale(job *j, vasg_model *m, const split *s, double spectral_weight,
                              double item_weight, uint64_t seed);
lb_status vasg_divide_products(vasg_model *m, const split *s); // before all others
lb_status vasg_build_parts(job *j, vasg_model *m, const split *s, const look_table *l);
lb_status vasg_choose_offset(job *j, vasg_model *m, const split *s);

/* Queries of somebody at x (dim) and q (spectral rank, before alpha). */
void vasg_query(const vasg_model *m, const float *x, const float *q,
                float *const query[MODEL_MAX_PARTS]);

/* vasg_place.c: products that came after training (model.h). */
const float *vasg_look(const void *state, uint32_t *dim);
lb_status vasg_place(const void *state, float *feature, size_t n, size_t feature_dim,
                     const words_product *said, float *vectors, float *embedding, float *look);

/* vasg_relate.c: pairs of products (model.h), and their levels: of the warm ones, and for cold
 * ones, whose `level` is what their feature predicts over the mean, the mean added. */
lb_status vasg_build_levels(vasg_model *m, const split *s);
lb_status vasg_relate(const void *state, const model_common *common, const relation *pairs,
                      size_t n, float *scores);

/* vasg_fold.c. The first fits the prior of people and moves trained users halfway to where it and
 * their purchases put them. */
lb_status vasg_settle_users(job *j, vasg_model *m, const model_common *common, const split *s);
lb_status vasg_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]);

/* vasg_file.c */
lb_status vasg_save(const void *state, st_writer *w);
lb_status vasg_load(const st_reader *r, const model_common *common, void **state);

#endif
