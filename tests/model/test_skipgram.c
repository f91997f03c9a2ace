/* The Skip-Gram part: an epoch against a naive one in double, whose step is checked to be the
 * gradient of the loss; the same bytes on any number of threads; blocks; odd networks. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "graph/alias.h"
#include "graph/walk.h"
#include "model/skipgram.h"

static job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

static void sigmoid_is_accurate(void **state) {
    (void)state;
    for (double z = -25; z <= 25; z += 1.0 / 512) {
        double exact = 1 / (1 + exp(-z)), got = (double)skipgram_sigmoid((float)z);
        if (!(fabs(got - exact) < 1e-6)) fail_msg("sigmoid(%g) = %.9f, not %.9f", z, got, exact);
    }
    assert_true(skipgram_sigmoid(0) == 0.5f && isnan(skipgram_sigmoid(NAN)));
    assert_true(skipgram_sigmoid(INFINITY) == 1 && skipgram_sigmoid(-INFINITY) == 0);
}

/* ---------------------------------------------------------------- networks */

/* Users of a group take products of their group with probability 0.7. */
static bipartite *group_network(uint32_t n_users, uint32_t n_products, uint32_t n_groups,
                                unsigned per_user) {
    uint32_t *start = calloc(n_users + 1, sizeof *start);
    uint32_t *product = calloc((size_t)n_users * per_user, sizeof *product), n = 0;
    uint8_t *taken = calloc(n_products, 1);
    random_stream r = random_open(8, "test", 0);
    for (uint32_t u = 0; u < n_users; u++) {
        memset(taken, 0, n_products);
        for (unsigned k = 0; k < per_user; k++) {
            uint32_t p = (uint32_t)random_below(&r, n_products);
            if (random_unit(&r) < 0.7) p = p / n_groups * n_groups + u % n_groups;
            if (p < n_products) taken[p] = 1;
        }
        for (uint32_t p = 0; p < n_products; p++)
            if (taken[p]) product[n++] = p;
        start[u + 1] = n;
    }
    bipartite *g;
    assert_ok(bipartite_new(n_users, n_products, start, product, NULL, &g));
    free(start);
    free(product);
    free(taken);
    return g;
}

static skipgram_options settings(uint32_t dim) {
    return (skipgram_options){.dim = dim,
                              .epochs = 4,
                              .walks = 5,
                              .walk_length = 20,
                              .negatives = 5,
                              .blocks = 1,
                              .rate = 0.1,
                              .last_rate = 0.001,
                              .far = 0.3,
                              .lambda = 0.05,
                              .negative_power = 0.25};
}

/* ---------------------------------------------------------------- a naive epoch */

/* As skipgram_table, in double. */
typedef struct naive_table {
    double *x, *bias, *prior;
} naive_table;

static naive_table naive_copy(const bipartite *g, const skipgram_table *t, uint32_t dim) {
    size_t n = bipartite_nodes(g);
    naive_table out = {calloc(n * dim, sizeof(double)), calloc(g->n_products, sizeof(double)),
                       calloc(g->n_products * (size_t)dim, sizeof(double))};
    for (size_t i = 0; i < g->n_products; i++) out.bias[i] = (double)t->bias[i];
    for (size_t d = 0; d < dim; d++) {
        for (size_t v = 0; v < n; v++) out.x[v * dim + d] = (double)t->x[v * t->stride + d];
        for (size_t p = 0; p < g->n_products; p++)
            out.prior[p * dim + d] = (double)t->prior[p * t->stride + d];
    }
    return out;
}

static void naive_free(naive_table *t) {
    free(t->x);
    free(t->bias);
    free(t->prior);
}

/* The recipe's step for a centre v on contexts q[0] (positive) and q[1..n] (negative). */
static void naive_step(const naive_table *t, uint32_t n_users, uint32_t dim, uint32_t v,
                       const uint32_t *q, uint32_t n, double rate, double lambda) {
    double g[64] = {0}, *xv = t->x + (size_t)v * dim;
    for (uint32_t k = 0; k <= n; k++) {
        double *xq = t->x + (size_t)q[k] * dim, z = 0;
        const double *prior = q[k] >= n_users ? t->prior + (size_t)(q[k] - n_users) * dim : NULL;
        for (uint32_t d = 0; d < dim; d++) z += xv[d] * xq[d];
        if (q[k] >= n_users) z += t->bias[q[k] - n_users];
        double e = rate * ((k == 0) - 1 / (1 + exp(-z)));
        for (uint32_t d = 0; d < dim; d++) {
            g[d] += e * xq[d];
            xq[d] += e * xv[d] - rate * lambda * (xq[d] - (prior ? prior[d] : 0));
        }
        if (q[k] >= n_users) t->bias[q[k] - n_users] += e;
    }
    const double *prior = v >= n_users ? t->prior + (size_t)(v - n_users) * dim : NULL;
    for (uint32_t d = 0; d < dim; d++)
        xv[d] += g[d] - rate * lambda * (xv[d] - (prior ? prior[d] : 0));
}

/* -log sigma(z_0) - sum log sigma(-z_k) + lambda / 2 (|x_v - R_v|^2 + sum over q |x_q - R_q|^2) */
static double naive_loss(const naive_table *t, uint32_t n_users, uint32_t dim, uint32_t v,
                         const uint32_t *q, uint32_t n, double lambda) {
    double loss = 0;
    for (uint32_t k = 0; k <= n + 1; k++) {
        uint32_t node = k <= n ? q[k] : v;
        double z = node >= n_users ? t->bias[node - n_users] : 0;
        for (uint32_t d = 0; d < dim; d++) {
            double x = t->x[(size_t)node * dim + d];
            double pull = node >= n_users ? t->prior[(size_t)(node - n_users) * dim + d] : 0;
            loss += lambda / 2 * (x - pull) * (x - pull);
            z += x * t->x[(size_t)v * dim + d];
        }
        if (k <= n) loss += log1p(exp(k ? z : -z));
    }
    return loss;
}

static double numeric_slope(const naive_table *t, uint32_t n_users, uint32_t dim, uint32_t v,
                            const uint32_t *q, double lambda, double *parameter) {
    const double h = 1e-5, before = *parameter;
    *parameter = before + h;
    double above = naive_loss(t, n_users, dim, v, q, 3, lambda);
    *parameter = before - h;
    double below = naive_loss(t, n_users, dim, v, q, 3, lambda);
    *parameter = before;
    return (above - below) / (2 * h);
}

/* Both directions: a user with products as contexts, a product with users. */
static void the_step_is_the_gradient(void **state) {
    (void)state;
    enum { U = 5, P = 5, DIM = 3, SIZE = (U + P) * DIM };
    static const uint32_t centre[] = {2, 7}, contexts[2][4] = {{5, 6, 8, 9}, {0, 1, 3, 4}};
    const double lambda = 0.3, rate = 1e-3;
    random_stream r = random_open(1, "test", 0);
    double x[SIZE], bias[P], prior[P * DIM], x_after[SIZE], bias_after[P];
    for (int i = 0; i < SIZE; i++) x[i] = random_normal(&r);
    for (int i = 0; i < P; i++) bias[i] = random_normal(&r);
    for (int i = 0; i < P * DIM; i++) prior[i] = random_normal(&r);
    for (int way = 0; way < 2; way++) {
        naive_table t = {x, bias, prior}, after = {x_after, bias_after, prior};
        memcpy(x_after, x, sizeof x);
        memcpy(bias_after, bias, sizeof bias);
        naive_step(&after, U, DIM, centre[way], contexts[way], 3, rate, lambda);
        for (int i = 0; i < SIZE + P; i++) {
            double *at = i < SIZE ? &x[i] : &bias[i - SIZE];
            double moved = (i < SIZE ? x_after[i] : bias_after[i - SIZE]) - *at;
            double slope = numeric_slope(&t, U, DIM, centre[way], contexts[way], lambda, at);
            if (way == 1 && i >= SIZE) slope = 0;   // a product as the centre: no bias
            if (way == 1 && i / DIM == 7) continue; // its loss here has the bias in no z
            if (!(fabs(moved + rate * slope) < 1e-7))
                fail_msg("way %d, parameter %d: moved %g, slope %g", way, i, moved, slope);
        }
    }
}

/* Negatives of one direction, which some pairs share. */
typedef struct naive_draw {
    uint32_t negative[16], left;
} naive_draw;

static uint32_t naive_member(const alias_table *negatives, const uint32_t *member,
                             random_stream *r) {
    return member[alias_draw(negatives, r)];
}

/* Draws as skipgram_epoch does with one block. */
static void naive_epoch(const bipartite *g, const skipgram_options *o, uint32_t number,
                        uint64_t seed, const naive_table *t) {
    random_stream s = random_open(seed, "skipgram epoch", number);
    const uint64_t epoch_seed = random_u64(&s);
    uint32_t first[2] = {0, g->n_users}, size[2] = {g->n_users, g->n_products}, n_members[2];
    uint32_t *member[2], walk[64];
    alias_table negatives[2];
    walk_plan plan;
    for (int type = 0; type < 2; type++) {
        uint32_t *order = calloc(size[type], sizeof *order), n = 0;
        double *weight = calloc(size[type], sizeof *weight);
        random_stream r = random_open(epoch_seed, "blocks", first[type]);
        random_permutation(&r, order, size[type]);
        for (uint32_t i = 0; i < size[type]; i++) {
            double degree = (double)bipartite_degree(g, first[type] + order[i]);
            if (degree == 0) continue;
            weight[n] = pow(degree, o->negative_power);
            order[n++] = first[type] + order[i];
        }
        assert_ok(alias_table_new(weight, n, &negatives[type]));
        member[type] = order;
        n_members[type] = n;
        free(weight);
    }
    assert_true(n_members[0] > 1 && n_members[1] > 1);
    assert_ok(walk_plan_new(g, o->walks, o->walk_length, 0, epoch_seed, &plan));
    size_t per_chunk = (size_t)(2048 / (o->walk_length * (2 + 2 * o->far))) + 1;
    random_stream r = {{0}};
    naive_draw shared[2] = {0};
    double rate = 0;
    for (size_t w = 0; w < plan.n_walks; w++) {
        if (w % per_chunk == 0) { // the rate falls and negatives are seeded by the chunk
            r = random_open(epoch_seed, "negatives", w / per_chunk * 32 * 32);
            shared[0].left = shared[1].left = 0;
            double done = (number + (double)w / (double)plan.n_walks) / o->epochs;
            rate = o->rate + (o->last_rate - o->rate) * done;
        }
        random_stream keep = random_open(epoch_seed, "pairs", w);
        walk_plan_run(&plan, w, w + 1, walk);
        for (int at = 0; at < (int)o->walk_length; at++) {
            static const int distances[] = {-3, -1, 1, 3};
            for (int i = 0; i < 4; i++) {
                int other = at + distances[i];
                if (other < 0 || other >= (int)o->walk_length) continue;
                if (i % 3 == 0 && !(random_unit_f32(&keep) < (float)o->far)) continue;
                uint32_t q[16] = {walk[other]};
                int type = q[0] >= g->n_users;
                naive_draw *draw = &shared[type];
                for (uint32_t k = 0; !draw->left && k < o->negatives; k++)
                    draw->negative[k] = naive_member(&negatives[type], member[type], &r);
                draw->left = draw->left ? draw->left - 1 : SKIPGRAM_PAIRS_PER_DRAW - 1;
                for (uint32_t k = 0; k < o->negatives; k++) {
                    q[k + 1] = draw->negative[k];
                    while (q[k + 1] == q[0])
                        q[k + 1] = naive_member(&negatives[type], member[type], &r);
                }
                naive_step(t, g->n_users, o->dim, walk[at], q, o->negatives, rate, o->lambda);
            }
        }
    }
    walk_plan_free(&plan);
    for (int type = 0; type < 2; type++) {
        alias_table_free(&negatives[type]);
        free(member[type]);
    }
}

static void an_epoch_matches_a_naive_one(void **state) {
    (void)state;
    static const uint32_t dims[] = {7, 16};
    for (int i = 0; i < 2; i++) {
        uint32_t dim = dims[i];
        bipartite *g = group_network(20, 15, 3, 5);
        skipgram_options o = settings(dim);
        o.walks = 2;
        skipgram_table t;
        assert_ok(skipgram_table_new(g, dim, 5, &t));
        random_stream r = random_open(9, "test", 0);
        for (size_t p = 0; p < g->n_products; p++)
            for (uint32_t d = 0; d < dim; d++)
                t.prior[p * t.stride + d] = 0.5f * random_unit_f32(&r);
        naive_table naive = naive_copy(g, &t, dim);
        job *j = new_job(1);
        for (uint32_t epoch = 0; epoch < 2; epoch++) {
            assert_ok(skipgram_epoch(j, g, &o, epoch, 5, &t));
            naive_epoch(g, &o, epoch, 5, &naive);
        }
        for (size_t v = 0; v < bipartite_nodes(g); v++)
            for (uint32_t d = 0; d < t.stride; d++)
                assert_true(fabs((double)t.x[v * t.stride + d] -
                                 (d < dim ? naive.x[v * dim + d] : 0)) < 1e-4);
        skipgram_table_pack(&t, bipartite_nodes(g), dim);
        for (size_t k = 0; k < bipartite_nodes(g) * dim; k++)
            assert_true(fabs((double)t.x[k] - naive.x[k]) < 1e-4);
        for (size_t k = 0; k < g->n_products; k++)
            assert_true(fabs((double)t.bias[k] - naive.bias[k]) < 1e-4);
        naive_free(&naive);
        skipgram_table_free(&t);
        bipartite_free(g);
        job_free(j);
    }
}

/* ---------------------------------------------------------------- bytes, blocks */

static skipgram_table train(const bipartite *g, const skipgram_options *o, unsigned threads,
                            uint64_t seed) {
    skipgram_table t;
    job *j = new_job(threads);
    assert_ok(skipgram_table_new(g, o->dim, seed, &t));
    for (uint32_t e = 0; e < o->epochs; e++) assert_ok(skipgram_epoch(j, g, o, e, seed, &t));
    job_free(j);
    return t;
}

static void threads_do_not_matter(void **state) {
    (void)state;
    static const uint32_t blocks[] = {0, 1, 5, 32};
    bipartite *g = group_network(150, 70, 4, 6);
    for (int b = 0; b < 4; b++) {
        skipgram_options o = settings(10);
        o.blocks = blocks[b];
        o.epochs = 2;
        skipgram_table one = train(g, &o, 1, 3);
        for (unsigned threads = 2; threads <= 4; threads += 2) {
            skipgram_table more = train(g, &o, threads, 3);
            assert_memory_equal(one.x, more.x, bipartite_nodes(g) * one.stride * sizeof *one.x);
            assert_memory_equal(one.bias, more.bias, g->n_products * sizeof *one.bias);
            skipgram_table_free(&more);
        }
        skipgram_table other = train(g, &o, 2, 4);
        assert_memory_not_equal(one.x, other.x, bipartite_nodes(g) * one.stride * sizeof *one.x);
        skipgram_table_free(&other);
        skipgram_table_free(&one);
    }
    bipartite_free(g);
}

static int is_edge(const bipartite *g, uint32_t user, uint32_t node) {
    for (size_t k = g->start[user]; k < g->start[user + 1]; k++)
        if (g->neighbour[k] == node) return 1;
    return 0;
}

/* The share of pairs (product of the user's group, other product), neither bought, that the scores
 * order rightly. */
static double group_auc(const bipartite *g, const skipgram_table *t, uint32_t dim,
                        uint32_t n_groups) {
    double right = 0, n = 0;
    double *score = calloc(g->n_products, sizeof *score);
    for (uint32_t u = 0; u < g->n_users; u++) {
        for (uint32_t p = 0; p < g->n_products; p++) {
            score[p] = (double)t->bias[p];
            for (uint32_t d = 0; d < dim; d++)
                score[p] += (double)t->x[u * t->stride + d] *
                            (double)t->x[((size_t)g->n_users + p) * t->stride + d];
        }
        for (uint32_t a = 0; a < g->n_products; a++) {
            if (a % n_groups != u % n_groups || is_edge(g, u, g->n_users + a)) continue;
            for (uint32_t b = 0; b < g->n_products; b++) {
                if (b % n_groups == u % n_groups || is_edge(g, u, g->n_users + b)) continue;
                right += score[a] > score[b];
                n++;
            }
        }
    }
    free(score);
    return right / n;
}

static void blocks_are_as_good_as_global_negatives(void **state) {
    (void)state;
    static const uint32_t blocks[] = {2, 4};
    bipartite *g = group_network(240, 120, 4, 8);
    skipgram_options o = settings(16);
    skipgram_table one = train(g, &o, 2, 1);
    double global = group_auc(g, &one, o.dim, 4);
    assert_true(global > 0.8);
    skipgram_table_free(&one);
    for (int i = 0; i < 2; i++) {
        o.blocks = blocks[i];
        skipgram_table t = train(g, &o, 2, 1);
        double auc = group_auc(g, &t, o.dim, 4);
        if (!(fabs(auc - global) < 0.03)) fail_msg("%u blocks: %f, not %f", o.blocks, auc, global);
        skipgram_table_free(&t);
    }
    bipartite_free(g);
}

/* ---------------------------------------------------------------- odd networks */

static bipartite *network(uint32_t n_users, uint32_t n_products, const uint32_t *start,
                          const uint32_t *product) {
    bipartite *g;
    assert_ok(bipartite_new(n_users, n_products, start, product, NULL, &g));
    return g;
}

/* Trains and checks that values are finite and that isolated nodes keep their start. */
static void check_network(bipartite *g, uint32_t blocks) {
    skipgram_options o = settings(6);
    o.blocks = blocks;
    skipgram_table start, t = train(g, &o, 2, 2);
    assert_ok(skipgram_table_new(g, o.dim, 2, &start));
    for (size_t v = 0; v < bipartite_nodes(g); v++) {
        const float *x = t.x + v * t.stride;
        for (uint32_t d = 0; d < o.dim; d++) assert_true(isfinite(x[d]) && fabsf(x[d]) < 20);
        if (bipartite_degree(g, v)) continue;
        assert_memory_equal(x, start.x + v * t.stride, o.dim * sizeof *x);
        if (v >= g->n_users) assert_true(t.bias[v - g->n_users] == 0);
    }
    for (uint32_t p = 0; p < g->n_products; p++) assert_true(isfinite(t.bias[p]));
    skipgram_table_free(&start);
    skipgram_table_free(&t);
}

static void odd_networks_are_no_trouble(void **state) {
    (void)state;
    static const uint32_t blocks[] = {0, 1, 3, 32};
    for (int b = 0; b < 4; b++) {
        // isolated first, middle and last nodes, several components
        static const uint32_t start[] = {0, 0, 2, 4, 4, 5, 5}, product[] = {1, 2, 1, 2, 4};
        bipartite *g = network(6, 6, start, product);
        check_network(g, blocks[b]);
        bipartite_free(g);
        // one user, many products; many users, one product
        static const uint32_t wide[] = {0, 4}, all[] = {0, 1, 2, 3};
        g = network(1, 4, wide, all);
        check_network(g, blocks[b]);
        bipartite_free(g);
        static const uint32_t narrow[] = {0, 1, 2, 3, 4}, same[] = {0, 0, 0, 0};
        g = network(4, 1, narrow, same);
        check_network(g, blocks[b]);
        bipartite_free(g);
        g = group_network(64, 40, 4, 3);
        check_network(g, blocks[b]);
        bipartite_free(g);
    }
}

/* A type of one node has no negatives: without them its pairs teach nothing, in no direction. */
static void pairs_without_negatives_teach_nothing(void **state) {
    (void)state;
    static const uint32_t start[] = {0, 1}, product[] = {0};
    bipartite *g = network(1, 1, start, product);
    skipgram_options o = settings(6);
    skipgram_table before, t = train(g, &o, 1, 2);
    assert_ok(skipgram_table_new(g, o.dim, 2, &before));
    assert_memory_equal(t.x, before.x, 2 * t.stride * sizeof *t.x);
    assert_true(t.bias[0] == 0);
    skipgram_table_free(&before);
    skipgram_table_free(&t);
    bipartite_free(g);
}

static void nothing_to_walk_along_is_said(void **state) {
    (void)state;
    static const uint32_t start[] = {0, 0, 0}, product[] = {0};
    bipartite *g = network(2, 2, start, product);
    skipgram_options o = settings(4);
    skipgram_table t;
    job *j = new_job(1);
    assert_ok(skipgram_table_new(g, 4, 1, &t));
    assert_error(skipgram_epoch(j, g, &o, 0, 1, &t), LB_E_EMPTY, "no interaction");
    skipgram_table_free(&t);
    bipartite_free(g);
    job_free(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sigmoid_is_accurate),
        cmocka_unit_test(the_step_is_the_gradient),
        cmocka_unit_test(an_epoch_matches_a_naive_one),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(blocks_are_as_good_as_global_negatives),
        cmocka_unit_test(odd_networks_are_no_trouble),
        cmocka_unit_test(pairs_without_negatives_teach_nothing),
        cmocka_unit_test(nothing_to_walk_along_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
