#include "support.h"

#include <math.h>

#include "graph/alias.h"
#include "graph/bipartite.h"
#include "graph/walk.h"

/* Users 0..3 and products 0..4: user 3 has nothing, product 4 is bought by nobody, two components.
 */
static const uint32_t user_start[] = {0, 2, 4, 5, 5};
static const uint32_t product[] = {0, 1, 1, 2, 3};
static const float rating[] = {1, 3, 1, 1, 5};

static bipartite *small_graph(const float *ratings) {
    bipartite *g;
    assert_ok(bipartite_new(4, 5, user_start, product, ratings, &g));
    return g;
}

static void adjacency_holds_every_edge_in_both_directions(void **state) {
    (void)state;
    bipartite *g = small_graph(NULL);
    static const size_t degrees[] = {2, 2, 1, 0, 1, 2, 1, 1, 0};
    for (size_t node = 0; node < 9; node++)
        assert_int_equal(bipartite_degree(g, node), degrees[node]);
    assert_int_equal(g->neighbour[g->start[0]], 4);
    assert_int_equal(g->neighbour[g->start[0] + 1], 5);
    assert_int_equal(g->neighbour[g->start[5]], 0);
    assert_int_equal(g->neighbour[g->start[5] + 1], 1);
    bipartite_free(g);
    bipartite_free(NULL);
}

static void ratings_must_be_positive(void **state) {
    (void)state;
    float bad[] = {1, 3, NAN, 1, 5};
    bipartite *g;
    assert_error(bipartite_new(4, 5, user_start, product, bad, &g), LB_E_ARGUMENT, "rating 2");
}

static int adjacent(const bipartite *g, uint32_t a, uint32_t b) {
    for (size_t k = g->start[a]; k < g->start[a + 1]; k++)
        if (g->neighbour[k] == b) return 1;
    return 0;
}

static void walks_alternate_along_edges(void **state) {
    (void)state;
    bipartite *g = small_graph(NULL);
    walk_plan plan;
    assert_ok(walk_plan_new(g, 3, 7, 0, 11, &plan));
    assert_int_equal(plan.n_walks, 3 * 7); // nodes 3 and 8 are isolated
    uint32_t nodes[21 * 7], part[21 * 7];
    walk_plan_run(&plan, 0, 21, nodes);
    for (size_t i = 0; i < 21; i++)
        for (size_t t = 1; t < 7; t++)
            assert_true(adjacent(g, nodes[i * 7 + t - 1], nodes[i * 7 + t]));
    for (size_t i = 21; i-- > 0;) walk_plan_run(&plan, i, i + 1, part + i * 7);
    assert_memory_equal(nodes, part, sizeof nodes); // any piece, in any order: the same walks
    walk_plan_free(&plan);
    assert_ok(walk_plan_new(g, 1, 4, 1, 11, &plan));
    assert_int_equal(plan.n_walks, 3);
    walk_plan_free(&plan);
    assert_error(walk_plan_new(g, 1, 1, 0, 1, &plan), LB_E_ARGUMENT, "walk length is 1");
    bipartite_free(g);
}

static void an_empty_network_cannot_be_walked(void **state) {
    (void)state;
    static const uint32_t nobody[] = {0, 0};
    bipartite *g;
    walk_plan plan;
    assert_ok(bipartite_new(1, 2, nobody, NULL, NULL, &g));
    assert_error(walk_plan_new(g, 5, 20, 0, 1, &plan), LB_E_EMPTY, "no interaction");
    bipartite_free(g);
}

static void weighted_steps_follow_the_ratings(void **state) {
    (void)state;
    bipartite *g = small_graph(rating);
    walk_plan plan;
    enum { N = 40000 };
    assert_ok(walk_plan_new(g, N, 2, 1, 3, &plan));
    size_t from_user_0 = 0, to_product_1 = 0;
    for (size_t i = 0; i < plan.n_walks; i++) {
        uint32_t nodes[2];
        walk_plan_run(&plan, i, i + 1, nodes);
        if (nodes[0] != 0) continue;
        from_user_0++;
        to_product_1 += nodes[1] == 5;
    }
    assert_int_equal(from_user_0, N);
    assert_true(fabs((double)to_product_1 / N - 0.75) < 0.01);
    walk_plan_free(&plan);
    bipartite_free(g);
}

/* Pinned: a change of the generator, of the order of draws or of the adjacency shows here. */
static void a_seeded_walk_is_pinned(void **state) {
    (void)state;
    bipartite *g = small_graph(NULL);
    walk_plan plan;
    assert_ok(walk_plan_new(g, 1, 8, 0, 2026, &plan));
    uint32_t nodes[8];
    walk_plan_run(&plan, 0, 1, nodes);
    static const uint32_t golden[8] = {1, 6, 1, 5, 1, 6, 1, 6};
    assert_memory_equal(nodes, golden, sizeof golden);
    walk_plan_free(&plan);
    bipartite_free(g);
}

static void alias_draws_match_the_weights(void **state) {
    (void)state;
    static const double weights[] = {1, 0, 3, 0.5, 5.5};
    alias_table t;
    assert_ok(alias_table_new(weights, 5, &t));
    random_stream r = random_open(5, "test", 0);
    size_t counts[5] = {0};
    enum { N = 200000 };
    for (int i = 0; i < N; i++) counts[alias_draw(&t, &r)]++;
    for (int i = 0; i < 5; i++) assert_true(fabs((double)counts[i] / N - weights[i] / 10) < 0.005);
    assert_int_equal(counts[1], 0);
    alias_table_free(&t);
    double bad[] = {0, 0};
    assert_error(alias_table_new(bad, 2, &t), LB_E_ARGUMENT, "no positive sum");
    bad[1] = NAN;
    assert_error(alias_table_new(bad, 2, &t), LB_E_ARGUMENT, "weight 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjacency_holds_every_edge_in_both_directions),
        cmocka_unit_test(ratings_must_be_positive),
        cmocka_unit_test(walks_alternate_along_edges),
        cmocka_unit_test(an_empty_network_cannot_be_walked),
        cmocka_unit_test(weighted_steps_follow_the_ratings),
        cmocka_unit_test(a_seeded_walk_is_pinned),
        cmocka_unit_test(alias_draws_match_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
