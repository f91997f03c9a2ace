/* The products' features made ready for learning: which products have one, and the vectors centred
 * on the training products and scaled to length one. The vectors stay in the feature's mapped file
 * and are fetched in blocks; a model that must have them all in memory says so (look_load). */
#ifndef LB_MODEL_LOOK_H
#define LB_MODEL_LOOK_H

#include "core/job.h"
#include "data/split.h"
#include "math/rows.h"

typedef struct look_table {
    uint32_t n, dim;            // products with a feature, its length
    uint32_t *product;          // (n) rows, ascending
    float *weight;              // (n) look_trust; 0 = cold
    size_t n_warm;              // rows with weight > 0
    uint32_t *warm;             // (n_warm) those rows, ascending
    float *mean;                // (dim) over warm products
    const feature_set *feature; // must outlive the table
    float *vector; // (n, dim) after look_load: raw, after look_normalise centred and of length one
    bool normalised; // `vector` is
} look_table;

/* Some rows of a table as a source of vectors. */
typedef struct look_view {
    const look_table *table;
    const uint32_t *row; // (n) of the table; NULL = all
    bool raw;            // as imported, instead of centred and of length one
} look_view;

/* The first n rows of a view, which must outlive the source. */
row_source look_rows(const look_view *v, size_t n);

/* d / (d + 5) for d training interactions: how far a product's vector can be trusted; 0 for none.
 */
double look_trust(uint32_t degree);

/* Finds the products that have the feature, and its mean. LB_E_EMPTY if no trained product has one.
 */
lb_status look_new(job *j, const feature_set *f, const split *s, look_table *out);
void look_free(look_table *l); // accepts all zero

/* Reads all vectors into memory. */
lb_status look_load(job *j, look_table *l);

/* Centres the loaded vectors on the mean and scales them to length one, in place. A feature equal
 * to the mean becomes zero. */
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
