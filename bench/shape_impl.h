/* What the layouts of a shape share. */
#ifndef LB_BENCH_SHAPE_IMPL_H
#define LB_BENCH_SHAPE_IMPL_H

#include <stdbool.h>

#include "bench/planted.h"
#include "bench/shape.h"
#include "core/random.h"
#include "core/text.h"

enum { SHAPE_BODY = 512, SHAPE_NAME = 64, SHAPE_KIND = 16 };

/* What somebody writes of a product: beside words of any review, some that go with its style and
 * with what its kind is for. */
typedef struct shape_review {
    uint32_t user, product;
    char body[SHAPE_BODY];
    const char *summary;
    int stars;
    int64_t time; // seconds since 1970
} shape_review;

/* shape_review.c: review i of those planted. */
void shape_draw_review(const planted *p, uint64_t seed, size_t i, shape_review *out);

typedef struct shape_product {
    uint32_t number;
    bool inside; // the shape, and not around it
    char kind[SHAPE_KIND];
    const char *category; // of the shape
} shape_product;

/* How reviews and products are written down. */
typedef struct shape_layout {
    const char *name, *reviews, *products; // files' names
    const char *features;                  // NULL = the layout has none
    lb_status (*add_review)(text *t, const shape_review *r);
    void (*add_product)(text *t, const shape_product *p);
} shape_layout;

extern const shape_layout shape_amazon, shape_yelp;

/* shape_amazon.c: a product's id, also in the feature file. */
void shape_amazon_id(uint32_t product, char *out);

#endif
