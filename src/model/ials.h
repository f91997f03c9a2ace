/*
 * Alternating least squares on implicit feedback (Hu, Koren and Volinsky, "Collaborative filtering
 * for implicit feedback datasets", ICDM 2008), with the regularisation by frequency of Rendle,
 * Krichene, Zhang and Koren ("Revisiting the performance of iALS on item recommendation
 * benchmarks", RecSys 2022, equations 1 to 5). Over users u and products p with training
 * interactions (U and P of them, d interactions each) it minimises
 *
 *     sum over interactions (w_u . h_p - 1)^2 + alpha sum over all pairs (w_u . h_p)^2
 *       + l2 [ sum (d_u + alpha P)^power |w_u|^2 + sum (d_p + alpha U)^power |h_p|^2 ]
 *
 * by solving for all w with h fixed and the other way round. A reference.
 */
#ifndef LB_MODEL_IALS_H
#define LB_MODEL_IALS_H

#include "model/model.h"

typedef struct ials_options {
    int dim, iterations;
    double alpha, l2, power;
    double ridge; // of `content` alone
} ials_options;

typedef struct ials_model {
    uint32_t n_users, n_products, dim;
    double alpha, l2, power;
    float *user;    // (n_users, dim) zero without training interactions
    float *product; // (n_products, dim) h; completely cold: predicted, or zero
    double *gram;   // (dim, dim) sum of h h^T over warm products, lower triangle
    uint32_t n_warm, n_cold;
    uint32_t *warm, *cold;            // rows; cold: those that can be placed
    float *warm_vector, *cold_vector; // (n_warm, dim), (n_cold, dim): rows of `product`
} ials_model;

/* The fields of both models; those of `ials` first. */
extern const option_table ials_option_table, content_option_table;

/* The options with alpha 0 and l2 0 filled in from the data.
 *
 * alpha: all pairs together weigh ten times what the interactions do (at most 0.4 a pair).
 * l2: a direction of the interaction matrix gets factors where its singular value is above
 * l2 sqrt((d_u + alpha P) (d_p + alpha U)), so l2 puts that at a share of the edge of noise
 * (density.h); the share is 0.8 m^-0.15, m = interactions per user. */
ials_options ials_settle(const ials_options *options, const split *s);

/* Trains the factors; the model has no cold products yet. Free with ials_free.
 * LB_E_EMPTY without interactions. O(iterations (edges dim^2 + nodes dim^3)). */
lb_status ials_train(job *j, const fit_input *in, const ials_options *options, ials_model **out);
void ials_free(void *state);

/* Makes these rows (n, ascending) the cold partition; takes over `cold`. */
lb_status ials_place_cold(ials_model *m, uint32_t *cold, uint32_t n);

/* What both model classes share (model.h). Tensors: ials.user, ials.product; numbers ials.*. */
lb_status ials_save(const void *state, st_writer *w);
lb_status ials_read(const st_reader *r, const model_common *common, ials_model **out);
lb_status ials_query_user(const void *state, const model_common *common, uint32_t user,
                          float *const query[MODEL_MAX_PARTS]);
/* Exact: one more row of the half-step. Disliked products are pairs observed with 0 instead of
 * 1. */
lb_status ials_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]);
const float *ials_embedding(const void *state, uint32_t *dim);
const float *ials_user_embedding(const void *state, uint32_t *dim);

extern const model_class ials_class;

#endif
