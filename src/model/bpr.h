/*
 * `bpr`, matrix factorisation by Bayesian personalised ranking (pairwise.h): what taste alone
 * gives. `vbpr` (vbpr.h) is the same model with a visual part.
 *
 * Scores are inner products in two partitions with one query, [g_u; th_u; 1]:
 *   warm products  [g_p; E f_p; b_p + b' . f_p]
 *   cold products  [0;   E f_p; mean b of warm products + b' . f_p]; vbpr's with a feature only.
 * Other products are not scored. Products that come after training are placed as cold ones. Users
 * without interactions are at the origin, where the biases decide.
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
    // of what comes after training; NULL and 0 in bpr, and in vbpr where all looks are the same
    uint32_t feature_dim;
    float *feature_mean; // (feature_dim)
    float *map;          // (visual_dim + 1, feature_dim) of centred features; the last row is b'
    float *look;         // (n_products, visual_dim) E f_p
    double level;        // mean b_p of warm products
} bpr_model;

/* What vbpr knows of products' looks. */
typedef struct bpr_features {
    uint32_t n, dim;    // components; length of the feature
    float *value;       // (n_products, n) axes (f_p - mean); NULL if all features are the same
    float *axes, *mean; // (n, dim), (dim)
    uint8_t *placeable; // (n_products) has a feature
} bpr_features;

/* What `vbpr` shares. `features` is NULL for bpr. */
lb_status bpr_fit(job *j, const char *name, const fit_input *in, const model_common *common,
                  const pairwise_options *options, const bpr_features *features, void **state);
void bpr_free(void *state);
lb_status bpr_save(const void *state, st_writer *w);
lb_status bpr_load(const st_reader *r, const model_common *common, void **state);
size_t bpr_parts(const void *state, model_part part[MODEL_MAX_PARTS]);
lb_status bpr_query(const void *state, const model_common *common, uint32_t user,
                    float *const query[MODEL_MAX_PARTS]);
const float *bpr_embedding(const void *state, uint32_t *dim);
const float *bpr_user_embedding(const void *state, uint32_t *dim);

/* bpr_place.c: E and b' of a trained table on the features themselves; nothing is read or written
 * of a model that has none. */
lb_status bpr_take_map(job *j, const pairwise_table *t, const bpr_features *f, bpr_model *m);
lb_status bpr_save_map(const bpr_model *m, st_writer *w);
lb_status bpr_read_map(const st_reader *r, bpr_model *m);
const float *bpr_look(const void *state, uint32_t *dim);
lb_status bpr_place(const void *state, float *feature, size_t n, size_t feature_dim,
                    const words_product *said, float *vectors, float *embedding, float *look);

/* bpr_fold.c: minimises the training loss over the person's vector with the products fixed. */
lb_status bpr_fold_in(const void *state, const model_common *common, const taste *who,
                      float *const query[MODEL_MAX_PARTS]);

#endif
