/* The prior of the Skip-Gram part: ridge regression with intercept from principal components of the
 * looks to x_p (design: "The recipe", R_p). */
#ifndef LB_MODEL_LOOK_PRIOR_H
#define LB_MODEL_LOOK_PRIOR_H

#include "model/look.h"

typedef struct look_prior {
    uint32_t n, n_components;
    float *component; // (n, n_components) of the raw features, scaled to unit mean square over warm
                      // products
    double *factor;   // (n_components + 1, same) Cholesky factor of the weighted normal equations
} look_prior;

/* Of the vectors as imported. The strength of the ridge is `strength` times the sum of the
 * weights. */
lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out);
void look_prior_free(look_prior *p); // accepts all zero

/* Regresses x (n_products, dim) on the components over warm products and writes half of the
 * prediction for every product with a feature to prior (n_products, dim). */
lb_status look_prior_refit(job *j, const look_prior *p, const look_table *l, const float *x,
                           uint32_t dim, float *prior);

#endif
