/*
 * What is known of somebody before anything is known of him or her: x_u ~ N(mean, S), after the
 * trained users (empirical Bayes). Directions in which people differ much are believed soon, others
 * only after many purchases.
 *
 *     S = 4 (n C + dim v I) / (n + dim)
 *
 * with C the covariance of the n trained vectors, which counts as that of dim vectors more of
 * variance v, so that few users still leave room in every direction. Trained vectors are shrunk
 * towards zero and vary less than people do: hence 4, found on validation pairs.
 */
#ifndef LB_MODEL_USER_PRIOR_H
#define LB_MODEL_USER_PRIOR_H

#include "core/job.h"
#include "data/split.h"

typedef struct user_prior {
    uint32_t dim;
    float *mean;      // (dim)
    float *precision; // (dim, dim) the inverse of S
} user_prior;

/* From x (n_users, dim) of the users who have training products, v = `variance` > 0. Free with
 * user_prior_free. */
lb_status user_prior_fit(job *j, const split *s, const float *x, uint32_t dim, double variance,
                         user_prior *out);
void user_prior_free(user_prior *p); // accepts all zero

#endif
