/* Random walks on the user-product network (VASG paper, section 3.1; DeepWalk, KDD 2014). */
#ifndef LB_GRAPH_WALK_H
#define LB_GRAPH_WALK_H

#include "core/job.h"
#include "graph/bipartite.h"

/* Where walks of one pass start, in the order in which they are to be used. */
typedef struct walk_plan {
    const bipartite *graph;
    uint32_t length; // nodes in a walk, at least 2
    uint64_t seed;   // of this pass
    size_t n_walks;
    uint32_t *start; // (n_walks) start nodes, in random order
} walk_plan;

/* `per_node` walks from every node that has a neighbour (from users only, if `users_only`), in an
 * order shuffled by `seed`; another pass takes another seed. LB_E_EMPTY when no node has a
 * neighbour. */
lb_status walk_plan_new(const bipartite *graph, uint32_t per_node, uint32_t length, int users_only,
                        uint64_t seed, walk_plan *out);
void walk_plan_free(walk_plan *plan);

/* Writes walks begin..end-1 to nodes, (end - begin, length). Walk i depends on the plan's seed and
 * i alone. */
void walk_plan_run(const walk_plan *plan, size_t begin, size_t end, uint32_t *nodes);

#endif
