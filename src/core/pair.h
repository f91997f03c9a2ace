/* A user and a product by their rows: who bought, or might buy, what. */
#ifndef LB_CORE_PAIR_H
#define LB_CORE_PAIR_H

#include <stdint.h>

typedef struct pair {
    uint32_t user, product;
} pair;

#endif
