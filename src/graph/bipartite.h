/*
 * The user-product network as two compressed adjacency lists. Nodes are numbered through: users are
 * 0..n_users-1, product p is node n_users + p (VASG paper, section 3.1).
 */
#ifndef LB_GRAPH_BIPARTITE_H
#define LB_GRAPH_BIPARTITE_H

#include "core/status.h"

typedef struct bipartite {
    uint32_t n_users, n_products;
    size_t n_edges;
    size_t *start;       // (n_users + n_products + 1) offsets into neighbour[]
    uint32_t *neighbour; // (2 n_edges) node numbers, ascending within a node
    float *cumulative;   // (2 n_edges) running sums of the ratings within a node; NULL when uniform
} bipartite;

/* Builds the network from a CSR of users: product rows ascending in
 * product[user_start[u]..user_start[u + 1]). `rating` (n_edges; positive) makes weighted steps
 * possible; NULL = uniform. LB_E_ARGUMENT for a rating that is not a positive number. O(nodes +
 * edges). */
lb_status bipartite_new(uint32_t n_users, uint32_t n_products, const uint32_t *user_start,
                        const uint32_t *product, const float *rating, bipartite **out);
void bipartite_free(bipartite *g);

static inline size_t bipartite_nodes(const bipartite *g) {
    return (size_t)g->n_users + g->n_products;
}

static inline size_t bipartite_degree(const bipartite *g, size_t node) {
    return g->start[node + 1] - g->start[node];
}

#endif
