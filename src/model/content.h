/*
 * Content regression: the plain reference for completely cold products. The factors of `ials`, and
 * a ridge regression with intercept from the products' features (centred on the training products
 * and of length one) to their factors; a completely cold product with a feature gets the factor
 * predicted for it, and so does one that comes after training. (The map of Gantner et al.,
 * "Learning attribute-to-feature mappings for cold-start recommendations", ICDM 2010, in its linear
 * form.)
 */
#ifndef LB_MODEL_CONTENT_H
#define LB_MODEL_CONTENT_H

#include "model/ials.h"
#include "model/look.h"

enum { CONTENT_MAX_FEATURE = 16384 };

/* Regresses the factors of the warm products of `l` on their looks, which are fetched in blocks:
 * *map (l->dim + 1, dim), the intercept last, allocated. factors are (n_products, dim). Minimises
 * sum |map^T f + intercept - h|^2 + ridge |map|^2. LB_E_UNSUPPORTED for longer features than
 * CONTENT_MAX_FEATURE. O(n_warm F^2 + F^3). */
lb_status content_regress(job *j, const look_table *l, const float *factors, uint32_t dim,
                          double ridge, double **map);

typedef struct content_model {
    ials_model *factors; // with the cold products
    // of what comes after training:
    look_space space; // of the rows that the map takes
    float *map;       // (space.dim + 1, dim) from a row to a factor, the intercept last
    float *look;      // (n_products, dim) the same without intercept; zeros without a feature
} content_model;

/* LB_E_EMPTY without a feature. */
extern const model_class content_class;

#endif
