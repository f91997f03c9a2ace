/*
 * Completely cold products in `vasg`: what nobody has bought yet is placed by its feature alone.
 * With xbar the mean user, mu the weighted mean of x_p and f~ the normalised feature, zeta = kernel
 * ridge of x_p - mu and the level l = kernel ridge of xbar . x_p + b_p, the log-odds of the mean
 * user, both at f~: what x_u . x_p + b_p is expected to be, over its mean, is
 *     score = (x_u - xbar) . zeta + l.
 * As one inner product: user [x_u - xbar; 1] . product [zeta; l].
 *
 * Of several features side by side there is one view of all and one of each alone: a product that
 * has only one of them (a photo without words, say) is placed by what that one says.
 */
#ifndef LB_MODEL_COLD_H
#define LB_MODEL_COLD_H

#include "core/job.h"
#include "model/kernel_ridge.h"
#include "model/look.h"

typedef struct cold_head {
    uint32_t dim;        // D of the space of taste
    uint32_t look_dim;   // components of f~ that are kept
    look_space space;    // how raw features become f~
    float *user_mean;    // (dim) xbar
    float *product_mean; // (dim) mu
    float *axis;         // (look_dim, space.dim): f~ -> its kept components
    uint32_t n_views;    // 1, or 1 + space.n_features
    // -> zeta and, in the last column, l; 0: of all features, f + 1: of feature f alone
    kernel_ridge view[1 + LOOK_MAX_FEATURES];
} cold_head;

/* The length of the rows of a view. */
static inline uint32_t cold_view_dim(const cold_head *h, uint32_t view) {
    return view ? look_width(&h->space, view - 1) : h->space.dim;
}

typedef struct cold_input {
    const split *split;
    const look_table *look;
    const float *x;    // (n_users + n_products, dim)
    const float *bias; // (n_products)
    uint32_t dim, look_dim;
    uint32_t max_landmarks;
    uint64_t seed;
} cold_input;

/* xbar, out (dim): the mean of those of x (n_users, dim) who have training products. */
void cold_mean_user(const split *s, const float *x, uint32_t dim, float *out);

lb_status cold_fit(job *j, const cold_input *input, cold_head *out);
void cold_free(cold_head *h); // accepts all zero

/* Width of a cold product's vector and of a user's query. */
static inline size_t cold_width(const cold_head *h) {
    return (size_t)h->dim + 1;
}

/* Places products by normalised features f (n, space.dim): `vectors` rows of cold_width, zeta and
 * then the level over the mean of what it was learnt from, at a stride of `stride` floats;
 * `embedding` (n, dim), may be NULL, receives mu + zeta. j NULL: on the calling thread. */
lb_status cold_place(job *j, const cold_head *h, const float *f, size_t n, float *vectors,
                     size_t stride, float *embedding);

/* out (n, look_dim): the components of normalised features (n, space.dim) that looks are compared
 * by. j NULL: on the calling thread. */
lb_status cold_look(job *j, const cold_head *h, const row_source *f, float *out);

/* The query (cold_width) of somebody at x (dim). */
void cold_query(const cold_head *h, const float *x, float *out);

#endif
