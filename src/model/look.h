/* The products' features made ready for learning: which products have one, and the vectors centred
 * on the training products and scaled to length one. */
#ifndef LB_MODEL_LOOK_H
#define LB_MODEL_LOOK_H

#include "core/job.h"
#include "data/split.h"

typedef struct look_table {
    uint32_t n, dim;   // products with a feature, its length
    uint32_t *product; // (n) rows, ascending
    float *weight;     // (n) look_trust; 0 = cold
    size_t n_warm;     // rows with weight > 0
    float *mean;       // (dim) over warm products
    float *vector;     // (n, dim) raw at first; after look_normalise centred and of length one
} look_table;

/* d / (d + 5) for d training interactions: how far a product's vector can be trusted; 0 for none.
 */
double look_trust(uint32_t degree);

/* Reads the features of all products of the split. LB_E_EMPTY if no trained product has one. */
lb_status look_new(job *j, const feature_set *f, const split *s, look_table *out);
void look_free(look_table *l); // accepts all zero

/* Centres on the mean and scales to length one, in place. A feature equal to the mean becomes zero.
 */
void look_normalise(look_table *l);

/* The same for other vectors (n, dim), such as a new product's. */
void look_normalise_rows(const float *mean, uint32_t dim, float *vectors, size_t n);

/* The prior of the Skip-Gram part: ridge regression with intercept from principal components to
 * x_p. */
typedef struct look_prior {
    uint32_t n, n_components;
    float *component; // (n, n_components) of the raw features, scaled to unit mean square over warm
                      // products
    double *factor;   // (n_components + 1, same) Cholesky factor of the weighted normal equations
} look_prior;

/* For look vectors not yet normalised. The strength of the ridge is `strength` times the sum of the
 * weights. */
lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out);
void look_prior_free(look_prior *p); // accepts all zero

/* Regresses x (n_products, dim) on the components over warm products and writes half of the
 * prediction for every product with a feature to prior (n_products, dim). */
lb_status look_prior_refit(job *j, const look_prior *p, const look_table *l, const float *x,
                           uint32_t dim, float *prior);

#endif
