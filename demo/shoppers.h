/* The shoppers of the demo shop, their tastes, and what they order. */
#ifndef LB_DEMO_SHOPPERS_H
#define LB_DEMO_SHOPPERS_H

#include "core/job.h"
#include "core/random.h"
#include "demo/product.h"

/* What a shopper likes, as log-odds of buying: 0 is indifferent. */
typedef struct shopper {
    section section;
    int favourite; // a colour of the palette
    colour_family family;
    double colours[32]; // by colour of the palette
    double patterns[N_PATTERNS];
    double kinds[N_KINDS];
    double cuts[N_KINDS][N_CUTS]; // some cuts are liked more than others of their kind
    double materials[N_MATERIALS];
    double level;    // the style level that suits the purse, 0..4
    double kindness; // in rating
    size_t n_orders; // how many orders
} shopper;

/* How well a product matches, part by part; the sum is the log-odds of buying it. */
typedef struct match {
    double hue, pattern, kind, cut, material, price, section;
} match;

/* One order with its rating. */
typedef struct order {
    uint32_t shopper, product; // rows
    uint32_t day;              // 0..ORDER_DAYS-1
    int stars;                 // 1..5
} order;

enum { ORDER_DAYS = 730 };

/* Invents `n` shoppers who share `n_orders` orders unequally. `*out` is allocated: (n). */
lb_status shoppers_new(size_t n, size_t n_orders, uint64_t seed, shopper **out);

match shopper_match(const shopper *s, const demo_product *p);
double match_total(const match *m);

/* Lets everybody shop. Nobody orders a product twice, nobody a product of popularity 0. `*out` is
 * allocated: (*n_orders), by day, then shopper, then product. */
lb_status orders_new(const shopper *shoppers, size_t n_shoppers, const demo_product *products,
                     size_t n_products, uint64_t seed, job *j, order **out, size_t *n_orders);

/* Writes the summary and the text of a review that says what was liked or not. */
void review_write(const shopper *s, const demo_product *p, int stars, random_stream *r,
                  char *summary, size_t summary_size, char *text, size_t text_size);

/* Writes what somebody asked for in words before buying a product (requests.c). */
void request_write(const demo_product *p, random_stream *r, char *text, size_t size);

#endif
