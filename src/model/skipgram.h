/*
 * The Skip-Gram part of the `vasg` recipe: one table of user and product vectors trained on
 * user-product pairs of random walks with typed negative samples, a product bias and an L2 pull
 * towards a prior (design: "The recipe").
 *
 * It runs in parallel and gives the same bytes on any number of threads: users and products are
 * dealt into blocks that are redrawn each epoch, a round trains the pairs of disjoint (user block,
 * product block) cells side by side, and negatives come from the cell's own blocks. Some pairs
 * share their negatives: rows that are in the cache cost less than rows drawn for each.
 */
#ifndef LB_MODEL_SKIPGRAM_H
#define LB_MODEL_SKIPGRAM_H

#include "core/job.h"
#include "graph/bipartite.h"

enum { SKIPGRAM_PAIRS_PER_DRAW = 8 }; // pairs of one direction that share their negatives

typedef struct skipgram_options {
    uint32_t dim;
    uint32_t epochs;
    uint32_t walks;         // per node and epoch
    uint32_t walk_length;   // nodes
    uint32_t negatives;     // per pair
    uint32_t blocks;        // 0 = chosen from the size of the network
    double rate, last_rate; // learning rate, falling linearly
    double far;    // probability of keeping a pair at distance 3; pairs at distance 1 are all kept
    double lambda; // L2 towards the prior
    double negative_power; // negatives are drawn in proportion to degree to this power
} skipgram_options;

/* Rows begin at whole cache lines: `stride` floats apart, of which those behind `dim` stay zero. */
typedef struct skipgram_table {
    uint32_t stride;
    float *x;     // (n_users + n_products, stride)
    float *bias;  // (n_products)
    float *prior; // (n_products, stride) where the L2 pulls products to; users are pulled to zero
} skipgram_table;

/* The stride of a table of `dim` dimensions. */
uint32_t skipgram_stride(uint32_t dim);

/* Allocates a table with x drawn from N(0, 0.1^2), bias and prior zero. */
lb_status skipgram_table_new(const bipartite *g, uint32_t dim, uint64_t seed, skipgram_table *out);
void skipgram_table_free(skipgram_table *t);

/* Closes the gaps between the rows: x becomes (n_rows, dim), and the stride dim. */
void skipgram_table_pack(skipgram_table *t, size_t n_rows, uint32_t dim);

/* Trains epoch `epoch` (of options->epochs) on fresh walks. Bytes depend on the table, options,
 * seed and epoch. */
lb_status skipgram_epoch(job *j, const bipartite *g, const skipgram_options *options,
                         uint32_t epoch, uint64_t seed, skipgram_table *t);

/* 1 / (1 + exp(-z)), the same bits on every CPU; absolute error below 1e-6. */
float skipgram_sigmoid(float z);

#endif
