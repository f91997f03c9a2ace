/* Ratings with a structure that a model can find: products have a style, users a taste for some
 * styles, few products are bought by many. For datasets of a stated size. */
#ifndef LB_BENCH_PLANTED_H
#define LB_BENCH_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* Style: the part of a product's look that people choose by, and all that can be seen. */
enum { PLANTED_STYLE = 16, PLANTED_LOOK = 64, PLANTED_KINDS = 48 };

typedef struct planted_options {
    uint32_t n_users, n_products;
    size_t n_ratings; // at least `least` a user, and 5/3 a product
    uint32_t least;   // products of the smallest user
    double around;    // as much again, in this part, that a preparation leaves out: products of
                      // another category, and users of less than `least` products
    uint64_t seed;
} planted_options;

typedef struct planted_rating {
    uint32_t user, product;
} planted_rating;

typedef struct planted {
    uint32_t n_users, n_products;     // of the shape
    uint32_t all_users, all_products; // with those around it, which come behind
    planted_rating *rating;           // (n) by product
    size_t n;
    uint16_t *kind; // (all_products) 0..PLANTED_KINDS-1
    float *look;    // (all_products, PLANTED_LOOK), the style in front
} planted;

/* A third of the products have one rating. No pair of a user and a product of the shape stands
 * twice unless a product cannot be placed otherwise. LB_E_ARGUMENT for numbers that do not go
 * together. The same options give the same ratings. */
lb_status planted_new(const planted_options *options, planted *out);
void planted_free(planted *p); // accepts all zero

#endif
