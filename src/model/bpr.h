/*
 * `bpr`, matrix factorisation by Bayesian personalised ranking (pairwise.h): what taste alone
 * gives. `vbpr` (vbpr.h) is the same model with a visual part.
 *
 * Scores are inner products in two partitions with one query, [g_u; th_u; 1]:
 *   warm products  [g_p; E f_p; b_p + b' . f_p]
 *   cold products  [0;   E f_p; mean b of warm products + b' . f_p]; vbpr's with a feature only.
 * Other products are not scored. Users without interactions are at the origin, where the biases
 * decide.
 */
#ifndef LB_MODEL_BPR_H
#define LB_MODEL_BPR_H

#include "model/model.h"
#include "model/pairwise.h"

extern const model_class bpr_class;

typedef struct bpr_model {
    uint32_t n_users, n_products, dim, visual_dim;
    double l2, l2_visual; // of training, for fold-in
    float *user;          // (n_users, dim + visual_dim)
    float *product;       // (n_products, dim + visual_dim); zeros for what is in no partition
    float *bias;          // (n_products) b_p + b' . f_p
    uint32_t n_warm, n_cold;
    uint32_t *warm, *unseen; // product rows of the partitions
    float *vector[2];        // of each, with the bias at the end
} bpr_model;

/* What `vbpr` shares. bpr_fit trains with features (n_products, n_components) of the products where
 * placeable[p] is set; all NULL and 0 for bpr. */
lb_status bpr_fit(job *j, const char *name, const fit_input *in, const model_common *common,
                  const pairwise_options *options, const float *feature, uint32_t n_components,
                  const uint8_t *placeable, void **state);
void bpr_free(void *state);
lb_status bpr_save(const void *state, st_writer *w);
lb_status bpr_load(const st_reader *r, const model_common *common, void **state);
size_t bpr_parts(const void *state, model_part part[MODEL_MAX_PARTS]);
lb_status bpr_query(const void *state, const model_common *common, uint32_t user,
                    float *const query[MODEL_MAX_PARTS]);
const float *bpr_embedding(const void *state, uint32_t *dim);
const float *bpr_user_embedding(const void *state, uint32_t *dim);

/* bpr_fold.c: minimises the training loss over the person's vector with the products fixed. */
lb_status bpr_fold_in(const void *state, const model_common *common, const taste *who,
                      float *const query[MODEL_MAX_PARTS]);

#endif
