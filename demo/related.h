/* The products that a shop's page links to from a product. */
#ifndef LB_DEMO_RELATED_H
#define LB_DEMO_RELATED_H

#include "demo/shoppers.h"

enum { N_RELATED = 8 };

typedef struct related_list {
    size_t n;
    uint32_t rows[N_RELATED]; // of products, best first
    double scores[N_RELATED];
} related_list;

/* Links of one product: those of its kind that look most like it, those that the same shoppers
 * bought (at least two of them), and those of other kinds that go with it as an outfit. A product
 * that nobody has bought has no `bought`. */
typedef struct related {
    related_list viewed, bought, together;
} related;

/* Who bought what, for looking up both ways. */
typedef struct purchases purchases;

lb_status purchases_new(const order *orders, size_t n_orders, size_t n_shoppers, size_t n_products,
                        purchases **out);
void purchases_free(purchases *p); // accepts NULL

/* Fills `out` for one product. `counts` is scratch: (n_products), all zero before and after. */
void related_find(const demo_product *products, size_t n_products, const purchases *bought,
                  size_t row, uint32_t *counts, related *out);

#endif
