/* The prior of the Skip-Gram part: what a product's look says of its vector, by ridge regression
 * with intercept from principal components of the looks to x_p over all other products (design:
 * "The recipe", R_p). Of a product without a look nothing is said but the intercept: the mean. */
#ifndef LB_MODEL_LOOK_PRIOR_H
#define LB_MODEL_LOOK_PRIOR_H

#include "model/look.h"

typedef struct look_prior {
    uint32_t n, n_components;
    float *component; // (n, n_components) of the raw features, uncorrelated over warm products by
                      // their weights, scaled to unit mean square
    double *spread;   // (n_components) weighted sums of their squares over warm products
    double weights;   // sum over warm products
    double strength;  // of the ridge, in multiples of `weights`; 0 = the next refit chooses it
    double explained; // 0..1, by the last refit: the share of the weighted variance of x over warm
                      // products that the predictions have
} look_prior;

/* Of the vectors as imported. */
lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out);
void look_prior_free(look_prior *p); // accepts all zero

/* Writes the mean of x (n_products, stride) over warm products, by their weights, to every row of
 * prior (n_products, stride). */
lb_status look_prior_mean(const split *s, const float *x, uint32_t stride, float *prior);

/* Regresses x (n_products, stride) on the components over warm products and writes the prediction
 * for every product with a feature to prior (n_products, stride). A warm product is predicted from
 * the others alone, or its own noise would come back as knowledge. A strength that is not set
 * becomes the one of 1/1000 to 1000 whose predictions are closest to x; the first refit should
 * choose it, before x has been pulled to predictions. */
lb_status look_prior_refit(job *j, look_prior *p, const look_table *l, const float *x,
                           uint32_t stride, float *prior);

#endif
