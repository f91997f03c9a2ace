/*
 * How dense the training part is, and how strong chance alone would be in it: what the defaults of
 * the references follow from.
 *
 * Who buys much and what is bought much is met often, so degrees are averaged over interactions:
 * per_user = sum over users of d_u^2 / n, per_product alike. A random 0/1 matrix with such rows and
 * columns has singular values up to about sqrt(per_user) + sqrt(per_product), and with its rows and
 * columns divided by the roots of their degrees up to 1 / sqrt(per_user) + 1 / sqrt(per_product)
 * (the edge of the Marchenko-Pastur law): directions below are noise, and a regularisation in
 * proportion to that edge keeps them out.
 */
#ifndef LB_MODEL_DENSITY_H
#define LB_MODEL_DENSITY_H

#include "data/split.h"

typedef struct density {
    double n_users, n_products;   // with training interactions
    double n_train;               // interactions
    double per_user, per_product; // degrees as an interaction meets them
    double edge;                  // sqrt(per_user) + sqrt(per_product)
    double normalised_edge;       // 1 / sqrt(per_user) + 1 / sqrt(per_product)
} density;

/* All zero without interactions. */
density density_of(const split *s);

#endif
