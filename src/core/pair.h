/* Two rows: a user and a product, who bought, or might buy, what; or two products, bought together
 * or not. */
#ifndef LB_CORE_PAIR_H
#define LB_CORE_PAIR_H

#include <stdint.h>

typedef struct pair {
    uint32_t user, product;
} pair;

typedef struct relation {
    uint32_t a, b; // product rows, a < b
} relation;

#endif
