/* What is written of a product for the product side of requests: its title, its kinds and its
 * brand. Descriptions, plots and reviews never are: requests are made of them (requests.h), and a
 * product that knew them would know its tests. */
#ifndef LB_DATA_PRODUCT_TEXT_H
#define LB_DATA_PRODUCT_TEXT_H

#include "data/dataset.h"

typedef struct product_texts {
    uint32_t n;                              // products
    const char **title, **category, **brand; // (n) as the catalogue has them; NULL = unknown
    const char **text;                       // (n) all of it with spaces between; "" = nothing
    void *impl;                              // the strings
} product_texts;

/* O(products). Free with product_texts_free. */
lb_status product_texts_load(const dataset *d, product_texts *out);
void product_texts_free(product_texts *t); // accepts all zero

#endif
