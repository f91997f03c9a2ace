#include "graph/walk.h"

#include "core/memory.h"
#include "core/random.h"

lb_status walk_plan_new(const bipartite *graph, uint32_t per_node, uint32_t length, int users_only,
                        uint64_t seed, walk_plan *out) {
    size_t n_nodes = users_only ? graph->n_users : bipartite_nodes(graph);
    walk_plan plan = {graph, length, seed, 0, NULL};
    if (length < 2)
        return status_fail(LB_E_ARGUMENT, "walk length is %u: must be 2 or more", length);
    for (size_t node = 0; node < n_nodes; node++) plan.n_walks += bipartite_degree(graph, node) > 0;
    if (plan.n_walks == 0 || per_node == 0)
        return status_fail(LB_E_EMPTY, "no walks: the network has no interaction to walk along");
    plan.n_walks *= per_node;
    LB_TRY(NEW_ARRAY(plan.start, plan.n_walks));
    size_t n = 0;
    for (uint32_t repeat = 0; repeat < per_node; repeat++)
        for (size_t node = 0; node < n_nodes; node++)
            if (bipartite_degree(graph, node) > 0) plan.start[n++] = (uint32_t)node;
    random_stream order = random_open(seed, "walk order", 0);
    random_shuffle(&order, plan.start, n);
    *out = plan;
    return LB_OK;
}

void walk_plan_free(walk_plan *plan) {
    free(plan->start);
    plan->start = NULL;
}

/* The first position in the node's running sums that exceeds `target`. */
static size_t pick_weighted(const float *cumulative, size_t n, float target) {
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cumulative[middle] > target)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint32_t step(const bipartite *g, uint32_t node, random_stream *r) {
    size_t begin = g->start[node], n = g->start[node + 1] - begin;
    if (!g->cumulative) return g->neighbour[begin + random_below(r, n)];
    const float *sums = g->cumulative + begin;
    return g->neighbour[begin + pick_weighted(sums, n, random_unit_f32(r) * sums[n - 1])];
}

void walk_plan_run(const walk_plan *plan, size_t begin, size_t end, uint32_t *nodes) {
    for (size_t i = begin; i < end; i++) {
        random_stream r = random_open(plan->seed, "walk", i);
        uint32_t node = plan->start[i];
        for (uint32_t t = 0; t < plan->length; t++) {
            *nodes++ = node;
            node = step(plan->graph, node, &r);
        }
    }
}
