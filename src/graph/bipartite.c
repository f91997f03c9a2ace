#include "graph/bipartite.h"

#include <math.h>

#include "core/memory.h"

static void fill_edges(bipartite *g, const uint32_t *user_start, const uint32_t *product,
                       const float *rating) {
    size_t *cursor = g->start + 1; // shifted counting sort: leaves g->start in place
    for (uint32_t u = 0; u < g->n_users; u++) {
        for (size_t k = user_start[u]; k < user_start[u + 1]; k++) {
            size_t node = (size_t)g->n_users + product[k];
            size_t a = cursor[u]++, b = cursor[node]++;
            g->neighbour[a] = g->n_users + product[k];
            g->neighbour[b] = u;
            if (rating) g->cumulative[a] = g->cumulative[b] = rating[k];
        }
    }
}

static void accumulate_ratings(bipartite *g) {
    for (size_t node = 0; node < bipartite_nodes(g); node++)
        for (size_t k = g->start[node] + 1; k < g->start[node + 1]; k++)
            g->cumulative[k] += g->cumulative[k - 1];
}

lb_status bipartite_new(uint32_t n_users, uint32_t n_products, const uint32_t *user_start,
                        const uint32_t *product, const float *rating, bipartite **out) {
    bipartite *g;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(g, 1));
    g->n_users = n_users;
    g->n_products = n_products;
    g->n_edges = user_start[n_users];
    size_t n_nodes = bipartite_nodes(g);
    LB_TRY_CLEANUP(NEW_ARRAY(g->start, n_nodes + 2));
    LB_TRY_CLEANUP(NEW_ARRAY(g->neighbour, 2 * g->n_edges));
    if (rating) LB_TRY_CLEANUP(NEW_ARRAY(g->cumulative, 2 * g->n_edges));
    for (size_t k = 0; rating && k < g->n_edges; k++) {
        if (isfinite(rating[k]) && rating[k] > 0) continue;
        status = status_fail(LB_E_ARGUMENT,
                             "rating %zu is %g: weighted walks need positive ratings", k,
                             (double)rating[k]);
        goto cleanup;
    }
    for (uint32_t u = 0; u < n_users; u++) {
        g->start[u + 2] += user_start[u + 1] - user_start[u];
        for (size_t k = user_start[u]; k < user_start[u + 1]; k++)
            g->start[n_users + product[k] + 2]++;
    }
    for (size_t node = 0; node < n_nodes; node++) g->start[node + 2] += g->start[node + 1];
    fill_edges(g, user_start, product, rating);
    if (rating) accumulate_ratings(g);
    *out = g;
    return LB_OK;
cleanup:
    bipartite_free(g);
    return status;
}

void bipartite_free(bipartite *g) {
    if (!g) return;
    free(g->start);
    free(g->neighbour);
    free(g->cumulative);
    free(g);
}
