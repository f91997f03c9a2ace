/* The spectral part against a dense eigendecomposition, and what it keeps of structure and noise.
 */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "math/linalg.h"
#include "model/spectral.h"

static job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* Entries with probability `high` where user and product are of one of `n_groups` groups, else
 * `low`. The last product has no interaction. */
static bipartite *draw_network(uint32_t n_users, uint32_t n_products, uint32_t n_groups,
                               double high, double low, uint64_t seed) {
    uint32_t *start = calloc(n_users + 1, sizeof *start), n = 0;
    uint32_t *product = calloc((size_t)n_users * n_products, sizeof *product);
    random_stream r = random_open(seed, "test", 0);
    for (uint32_t u = 0; u < n_users; u++) {
        for (uint32_t p = 0; p + 1 < n_products; p++)
            if (random_unit(&r) < (u % n_groups == p % n_groups ? high : low)) product[n++] = p;
        start[u + 1] = n;
    }
    bipartite *g;
    assert_ok(bipartite_new(n_users, n_products, start, product, NULL, &g));
    free(start);
    free(product);
    return g;
}

/* ---------------------------------------------------------------- a dense reference */

typedef struct dense {
    double c_user, c_product;
    double *n;       // (n_users, n_products)
    double *values;  // (n_products) squared singular values
    double *vectors; // (n_products, n_products) right singular vectors, a row each
} dense;

static double degree(const bipartite *g, size_t node) {
    return (double)bipartite_degree(g, node);
}

static dense dense_new(const bipartite *g) {
    size_t rows = g->n_users, columns = g->n_products, n_active = 0;
    dense out = {0};
    double squares = 0, sum = 0, *gram = calloc(columns * columns, sizeof *gram);
    out.n = calloc(rows * columns, sizeof(double));
    out.values = calloc(columns, sizeof(double));
    out.vectors = calloc(columns * columns, sizeof(double));
    for (size_t u = 0; u < rows; u++) {
        squares += degree(g, u) * degree(g, u);
        sum += degree(g, u);
    }
    for (size_t p = 0; p < columns; p++) n_active += degree(g, rows + p) > 0;
    out.c_user = squares / sum;
    out.c_product = sum / (double)n_active;
    for (size_t u = 0; u < rows; u++)
        for (size_t k = g->start[u]; k < g->start[u + 1]; k++)
            out.n[u * columns + (g->neighbour[k] - rows)] =
                1 /
                sqrt((degree(g, u) + out.c_user) * (degree(g, g->neighbour[k]) + out.c_product));
    for (size_t a = 0; a < columns; a++)
        for (size_t b = 0; b < columns; b++)
            for (size_t u = 0; u < rows; u++)
                gram[a * columns + b] += out.n[u * columns + a] * out.n[u * columns + b];
    assert_ok(symmetric_eigen(NULL, gram, columns, out.values, out.vectors));
    free(gram);
    return out;
}

static void dense_free(dense *d) {
    free(d->n);
    free(d->values);
    free(d->vectors);
}

/* q_u . g_p from the dense decomposition with `rank` directions. */
static double dense_score(const dense *d, const bipartite *g, const spectral_part *s, size_t u,
                          size_t p) {
    size_t columns = g->n_products;
    double score = 0;
    for (size_t k = 0; k < s->rank; k++) {
        const double *v = d->vectors + k * columns;
        double q = 0, f = sqrt(fmax(0, 1 - s->tau * s->edge / d->values[k]));
        for (size_t other = 0; other < columns; other++) q += d->n[u * columns + other] * v[other];
        score += q * f * v[p] * sqrt(degree(g, g->n_users + p) + d->c_product);
    }
    return score;
}

static double part_score(const spectral_part *s, size_t u, size_t p) {
    double sum = 0;
    for (size_t k = 0; k < s->rank; k++)
        sum += (double)s->user[u * s->rank + k] * (double)s->product[p * s->rank + k];
    return sum;
}

static void scores_match_a_dense_decomposition(void **state) {
    (void)state;
    bipartite *g = draw_network(90, 50, 4, 0.5, 0.08, 1);
    job *j = new_job(2);
    dense d = dense_new(g);
    spectral_part s;
    assert_ok(spectral_fit(j, g, 20, 1, &s));
    assert_true(fabs(s.user_offset - d.c_user) < 1e-9);
    assert_true(fabs(s.product_offset - d.c_product) < 1e-9);
    assert_true(s.edge > 0 && s.edge < d.values[0]);
    double norm = 0, above = 0;
    for (size_t k = 0; k < g->n_products; k++) norm += d.values[k];
    for (size_t k = 1; k < 20; k++) above += d.values[k] > s.edge ? d.values[k] : 0;
    assert_true(fabs(s.share - above / (norm - d.values[0])) < 1e-6);
    assert_true(fabs(s.tau - (1 - s.share) * (1 - s.share)) < 1e-12);
    assert_true(s.rank >= 4 && s.rank <= 20);
    for (size_t k = 0; k < 20; k++) assert_int_equal(k<s.rank, d.values[k]> s.tau * s.edge);
    for (size_t u = 0; u < g->n_users; u++)
        for (size_t p = 0; p < g->n_products; p++) {
            double expected = dense_score(&d, g, &s, u, p), got = part_score(&s, u, p);
            if (!(fabs(got - expected) < 1e-4))
                fail_msg("user %zu, product %zu: %f, not %f", u, p, got, expected);
        }
    for (size_t k = 0; k < s.rank; k++) { // the product without interactions
        assert_true(s.product[(g->n_products - 1) * s.rank + k] == 0);
        assert_true(s.source[(g->n_products - 1) * s.rank + k] == 0);
    }
    spectral_free(&s);
    dense_free(&d);
    bipartite_free(g);
    job_free(j);
}

static void fold_in_of_a_trained_user_is_exact(void **state) {
    (void)state;
    bipartite *g = draw_network(80, 60, 3, 0.4, 0.1, 2);
    job *j = new_job(2);
    spectral_part s;
    assert_ok(spectral_fit(j, g, 12, 1, &s));
    assert_true(s.rank > 0);
    float *q = calloc(s.rank, sizeof *q);
    uint32_t products[64];
    for (uint32_t u = 0; u < g->n_users; u++) {
        size_t n = 0;
        for (size_t k = g->start[u]; k < g->start[u + 1]; k++)
            products[n++] = g->neighbour[k] - g->n_users;
        spectral_fold_in(&s, products, n, q);
        assert_memory_equal(q, s.user + u * s.rank, s.rank * sizeof *q);
    }
    spectral_fold_in(&s, NULL, 0, q);
    for (size_t k = 0; k < s.rank; k++) assert_true(q[k] == 0);
    free(q);
    spectral_free(&s);
    bipartite_free(g);
    job_free(j);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    bipartite *g = draw_network(300, 150, 5, 0.2, 0.03, 3);
    spectral_part one, s;
    job *j = new_job(1);
    assert_ok(spectral_fit(j, g, 16, 7, &one));
    job_free(j);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        j = new_job(threads);
        assert_ok(spectral_fit(j, g, 16, 7, &s));
        job_free(j);
        assert_int_equal(s.rank, one.rank);
        assert_memory_equal(s.user, one.user, g->n_users * s.rank * sizeof *s.user);
        assert_memory_equal(s.product, one.product, g->n_products * s.rank * sizeof *s.user);
        assert_memory_equal(s.source, one.source, g->n_products * s.rank * sizeof *s.user);
        assert_true(s.edge == one.edge && s.share == one.share);
        spectral_free(&s);
    }
    spectral_free(&one);
    bipartite_free(g);
}

/* Without taste there is next to nothing above the noise edge; with taste there is. */
/* EASE in closed form off the diagonal: -P_pq / P_qq with P = (T'T + ridge)^-1; (n, n). */
static double *ease_weights(const bipartite *g, double ridge) {
    size_t n = g->n_products;
    double *gram = calloc(n * n, sizeof *gram), *inverse = calloc(n * n, sizeof *inverse);
    for (uint32_t u = 0; u < g->n_users; u++)
        for (size_t a = g->start[u]; a < g->start[u + 1]; a++)
            for (size_t b = g->start[u]; b < g->start[u + 1]; b++)
                gram[(g->neighbour[a] - g->n_users) * n + g->neighbour[b] - g->n_users]++;
    for (size_t p = 0; p < n; p++) {
        gram[p * n + p] += ridge;
        inverse[p * n + p] = 1;
    }
    job *j = new_job(1);
    assert_ok(cholesky_factor(j, gram, n));
    assert_ok(cholesky_solve(j, gram, n, inverse, n));
    job_free(j);
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < n; q++) gram[p * n + q] = -inverse[p * n + q] / inverse[q * n + q];
    free(inverse);
    return gram;
}

static void item_to_item_is_ease(void **state) {
    (void)state;
    bipartite *g = draw_network(60, 41, 4, 0.4, 0.1, 9); // the last product has no interaction
    job *j = new_job(2);
    spectral_part s = {0};
    assert_ok(spectral_fit(j, g, 8, 1, &s));
    size_t first = s.rank;
    assert_ok(spectral_add_items(j, g, 41, 1, &s)); // all directions: nothing is cut off
    assert_int_equal(s.n_items, 41);
    assert_int_equal(s.rank, first + 41);
    double *weight = ease_weights(g, 2 * s.product_offset);
    for (uint32_t p = 0; p < g->n_products; p++)
        for (uint32_t q = 0; q < g->n_products; q++) {
            if (p == q || !degree(g, g->n_users + p) || !degree(g, g->n_users + q)) continue;
            double got = 0;
            for (size_t k = first; k < s.rank; k++)
                got += (double)s.source[p * s.rank + k] * (double)s.product[q * s.rank + k];
            assert_true(fabs(got - weight[p * g->n_products + q]) < 1e-6);
        }
    float folded[64];
    uint32_t bought[64];
    size_t n = 0;
    for (size_t k = g->start[0]; k < g->start[1]; k++) bought[n++] = g->neighbour[k] - g->n_users;
    spectral_fold_in(&s, bought, n, folded);
    for (size_t k = 0; k < s.rank; k++) assert_true(fabsf(folded[k] - s.user[k]) < 1e-5f);
    double squares = spectral_shared_users(g) * 40 * 40; // sum d_u^2, in two ways
    assert_true(fabs(squares - s.user_offset * (double)g->n_edges) < 1e-6);
    free(weight);
    spectral_free(&s);
    bipartite_free(g);
    job_free(j);
}

static void noise_has_no_share(void **state) {
    (void)state;
    job *j = new_job(2);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        bipartite *noise = draw_network(400, 200, 1, 0.05, 0, seed);
        bipartite *taste = draw_network(400, 200, 5, 0.2, 0.02, seed);
        spectral_part s;
        assert_ok(spectral_fit(j, noise, 64, seed, &s));
        assert_true(s.share < 0.05 && s.tau > 0.9 && s.rank <= 12);
        spectral_free(&s);
        assert_ok(spectral_fit(j, taste, 64, seed, &s));
        assert_true(s.share > 0.1 && s.rank >= 5);
        spectral_free(&s);
        bipartite_free(noise);
        bipartite_free(taste);
    }
    job_free(j);
}

/* Everybody has all of the group's products: all there is are as many directions as groups. */
static void pure_structure_has_its_own_rank(void **state) {
    (void)state;
    bipartite *g = draw_network(120, 61, 4, 1, 0, 1);
    job *j = new_job(2);
    spectral_part s;
    assert_ok(spectral_fit(j, g, 32, 1, &s));
    assert_true(s.share > 0.999);
    assert_int_equal(s.rank, 4);
    for (size_t i = 0; i < g->n_users * s.rank; i++) assert_true(isfinite(s.user[i]));
    assert_true(part_score(&s, 0, 4) > 10 * fabs(part_score(&s, 0, 5)));
    spectral_free(&s);
    bipartite_free(g);
    job_free(j);
}

static void small_or_unwanted_is_rank_0(void **state) {
    (void)state;
    job *j = new_job(1);
    bipartite *small = draw_network(20, 15, 2, 0.5, 0.1, 1),
              *g = draw_network(80, 60, 3, 0.4, 0, 1);
    spectral_part s;
    float none = 7;
    assert_ok(spectral_fit(j, small, 8, 1, &s));
    assert_int_equal(s.rank, 0);
    spectral_fold_in(&s, (uint32_t[]){1, 2}, 2, &none);
    assert_true(none == 7);
    spectral_free(&s);
    assert_ok(spectral_fit(j, g, 0, 1, &s));
    assert_int_equal(s.rank, 0);
    spectral_free(&s);
    bipartite_free(small);
    bipartite_free(g);
    job_free(j);
}

/* Few interactions in a large network: more directions are asked for than there are. */
static void few_interactions_are_no_trouble(void **state) {
    (void)state;
    uint32_t start[101] = {0};
    static const uint32_t product[] = {3, 5, 3, 7, 60};
    for (uint32_t u = 0; u <= 100; u++) start[u] = u < 2 ? 0 : u < 50 ? 2 : u < 90 ? 4 : 5;
    job *j = new_job(2);
    bipartite *g;
    spectral_part s;
    assert_ok(bipartite_new(100, 90, start, product, NULL, &g));
    assert_ok(spectral_fit(j, g, 64, 1, &s));
    assert_true(s.rank <= 3);
    for (size_t i = 0; i < g->n_products * s.rank; i++)
        assert_true(isfinite(s.product[i]) && isfinite(s.source[i]));
    spectral_free(&s);
    bipartite_free(g);
    job_free(j);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_match_a_dense_decomposition),
        cmocka_unit_test(fold_in_of_a_trained_user_is_exact),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(item_to_item_is_ease),
        cmocka_unit_test(noise_has_no_share),
        cmocka_unit_test(pure_structure_has_its_own_rank),
        cmocka_unit_test(small_or_unwanted_is_rank_0),
        cmocka_unit_test(few_interactions_are_no_trouble),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
