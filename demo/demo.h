/*
 * The demo shop: a fictitious fashion shop, drawn and written by this program, so that it may be
 * shipped and shown. Pictures, shoppers, orders and reviews all follow from one seed.
 *
 * What a shopper buys depends mainly on what one can see in the pictures (colour, pattern, kind,
 * cut, material), so that a visual feature says something about products that nobody has bought.
 */
#ifndef LB_DEMO_DEMO_H
#define LB_DEMO_DEMO_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

typedef struct demo_options {
    size_t n_products; // 20..20000
    size_t n_shoppers; // 1..100000
    size_t n_orders;   // n_shoppers..1000000; about that many are written
    int image_size;    // pixels on a side, 32..1024
    uint64_t seed;
} demo_options;

/* 2,000 products, 1,500 shoppers, 25,000 orders, pictures of 256 x 256, seed 1. */
void demo_options_init(demo_options *options);

/* Writes the shop into an existing directory, in the layout of the Amazon review data of 2014:
 *
 *   reviews_Demo.json.gz   one order with its review a line, strict JSON, oldest first
 *   requests_Demo.json.gz  what was asked for in words before half of the orders, one a line
 *   meta_Demo.json.gz      one product a line, as a Python literal, in the order of the ids
 *   images/ID.jpg          one square picture per product
 *
 * About one product in eight has no order at all. `options` NULL = defaults. The same options give
 * the same bytes on any number of threads. LB_E_ARGUMENT for an option out of range,
 * LB_E_NOT_FOUND if the directory is missing, LB_E_IO if it cannot be written, LB_E_INTERRUPTED if
 * the progress callback says so; files already written then stay. */
lb_status demo_write_shop(const char *directory, const demo_options *options, job *j);

#endif
