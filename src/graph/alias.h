/* Draws from a fixed discrete distribution in constant time: Vose, "A linear algorithm for
 * generating random numbers with a given distribution", 1991. For negative samples. */
#ifndef LB_GRAPH_ALIAS_H
#define LB_GRAPH_ALIAS_H

#include "core/random.h"
#include "core/status.h"

typedef struct alias_table {
    uint32_t n;
    uint32_t *alias;  // (n)
    float *threshold; // (n)
} alias_table;

/* Weights are (n), finite, not negative, with a positive sum; n >= 1. LB_E_ARGUMENT otherwise. */
lb_status alias_table_new(const double *weight, uint32_t n, alias_table *out);
void alias_table_free(alias_table *table); // accepts all zero

static inline uint32_t alias_draw(const alias_table *table, random_stream *r) {
    uint64_t bits = random_u64(r);
    uint32_t i = (uint32_t)(((bits >> 32) * table->n) >> 32);
    float u = (float)(bits & 0xffffff) * 0x1p-24f;
    return u < table->threshold[i] ? i : table->alias[i];
}

#endif
