/* EASE: the closed form against a naive one, what it is optimal for, files, threads, limits. */
#include "model/model_shop.h"

#include <stdlib.h>
#include <string.h>

#include "model/ease.h"

/* Users 0..4 and products 0..4; product 3 is cold, user 3 bought nothing. */
enum { SMALL_USERS = 5, SMALL_PRODUCTS = 5, WARM = 4 };
static uint32_t starts[] = {0, 3, 5, 7, 7, 9}, bought[] = {0, 1, 2, 1, 2, 0, 4, 2, 4},
                degrees[] = {2, 2, 3, 0, 2};
static const uint32_t warm[WARM] = {0, 1, 2, 4};
static float ratings[] = {1, 3, 2, 5, 1, 1, 1, 4, 2};
static uint8_t catalogue[] = {1, 1, 1, 1, 1};

static split small_split(void) {
    return (split){.n_users = SMALL_USERS,
                   .n_products = SMALL_PRODUCTS,
                   .n_train = 9,
                   .user_start = starts,
                   .product = bought,
                   .rating = ratings,
                   .in_catalogue = catalogue,
                   .degree = degrees};
}

static model *fit_on(const split *s, const char *setting, unsigned threads) {
    job *j = new_job(threads);
    model *m;
    fit_input input = {.split = s, .seed = 1};
    assert_ok(model_fit(j, &ease_class, setting ? &setting : NULL, setting != NULL, &input, &m));
    job_free(j);
    return m;
}

/* X^T X of the small shop, warm products only. */
static void naive_gram(double g[WARM][WARM]) {
    for (int a = 0; a < WARM; a++)
        for (int b = 0; b < WARM; b++) {
            g[a][b] = 0;
            for (int u = 0; u < SMALL_USERS; u++) {
                int has_a = 0, has_b = 0;
                for (uint32_t k = starts[u]; k < starts[u + 1]; k++) {
                    has_a |= bought[k] == warm[a];
                    has_b |= bought[k] == warm[b];
                }
                g[a][b] += has_a && has_b;
            }
        }
}

/* In place, by Gauss-Jordan. */
static void naive_inverse(double g[WARM][WARM]) {
    for (int k = 0; k < WARM; k++) {
        double pivot = g[k][k];
        g[k][k] = 1;
        for (int c = 0; c < WARM; c++) g[k][c] /= pivot;
        for (int r = 0; r < WARM; r++) {
            if (r == k) continue;
            double factor = g[r][k];
            g[r][k] = 0;
            for (int c = 0; c < WARM; c++) g[r][c] -= factor * g[k][c];
        }
    }
}

static void weights_are_the_closed_form(void **state) {
    (void)state;
    split s = small_split();
    model *m = fit_on(&s, "l2=0.5", 1);
    const ease_model *e = m->state;
    double p[WARM][WARM];
    naive_gram(p);
    for (int a = 0; a < WARM; a++) p[a][a] += 0.5;
    naive_inverse(p);
    assert_int_equal(e->n, WARM);
    for (int i = 0; i < WARM; i++)
        for (int k = 0; k < WARM; k++) {
            double expected = i == k ? 0 : -p[i][k] / p[k][k];
            assert_true(fabs((double)e->weight[k * WARM + i] - expected) < 1e-6);
        }
    model_free(m);
}

/* The gradient of |X - X B|^2 + l2 |B|^2 is zero off the diagonal: G B + l2 B = G there. */
static void weights_are_optimal(void **state) {
    (void)state;
    split s = small_split();
    model *m = fit_on(&s, "l2=2", 1);
    const ease_model *e = m->state;
    double g[WARM][WARM];
    naive_gram(g);
    for (int i = 0; i < WARM; i++)
        for (int k = 0; k < WARM; k++) {
            if (i == k) continue;
            double gradient = -g[i][k] + 2 * (double)e->weight[k * WARM + i];
            for (int t = 0; t < WARM; t++) gradient += g[i][t] * (double)e->weight[k * WARM + t];
            assert_true(fabs(gradient) < 1e-5);
        }
    model_free(m);
}

static void scores_are_sums_of_weights(void **state) {
    (void)state;
    split s = small_split();
    model *m = fit_on(&s, "l2=0.5", 1);
    const ease_model *e = m->state;
    float *scores = all_scores(m);
    for (uint32_t u = 0; u < SMALL_USERS; u++) {
        const float *row = scores + (size_t)u * SMALL_PRODUCTS;
        assert_true(row[3] == -INFINITY); // cold
        for (size_t k = 0; k < WARM; k++) {
            double sum = 0;
            for (uint32_t i = starts[u]; i < starts[u + 1]; i++)
                sum += (double)e->weight[k * WARM + (size_t)e->row_of[bought[i]]];
            assert_true(fabs((double)row[warm[k]] - sum) < 1e-6);
            if (u == 3) assert_true(row[warm[k]] == 0);
        }
    }
    free(scores);
    model_free(m);
}

/* Search goes through the partition: the same scores by inner products. */
static void the_partition_agrees(void **state) {
    (void)state;
    split s = small_split();
    model *m = fit_on(&s, NULL, 1);
    model_part part[MODEL_MAX_PARTS];
    float query[WARM], *const q[] = {query}, *scores = all_scores(m);
    assert_int_equal(ease_class.parts(m->state, part), 1);
    assert_int_equal(part[0].dim, WARM);
    for (uint32_t u = 0; u < SMALL_USERS; u++) {
        assert_ok(ease_class.query_user(m->state, &m->common, u, q));
        for (size_t k = 0; k < WARM; k++) {
            double sum = 0;
            for (size_t i = 0; i < WARM; i++)
                sum += (double)query[i] * (double)part[0].vector[k * WARM + i];
            assert_true(fabs((double)scores[u * SMALL_PRODUCTS + part[0].product[k]] - sum) < 1e-6);
        }
    }
    free(scores);
    model_free(m);
}

static void strangers_fold_in(void **state) {
    (void)state;
    split s = small_split();
    model *m = fit_on(&s, NULL, 1);
    float a[WARM], b[WARM], *const qa[] = {a}, *const qb[] = {b};
    assert_ok(ease_class.query_user(m->state, &m->common, 1, qa));
    assert_ok(
        ease_class.fold_in(m->state, &m->common, &(taste){-1, bought + 3, NULL, 2, 0, NULL}, qb));
    assert_memory_equal(a, b, sizeof a);
    const uint32_t cold = 3, disliked = 4;
    assert_ok(
        ease_class.fold_in(m->state, &m->common, &(taste){1, &cold, &disliked, 1, 1, NULL}, qb));
    const float expected[WARM] = {0, 1, 1, -1};
    assert_memory_equal(b, expected, sizeof b);
    model_free(m);
}

static void limits_are_errors(void **state) {
    (void)state;
    static const char *const few[] = {"max-products=3", NULL};
    split s = small_split();
    job *j = new_job(1);
    fit_input input = {.split = &s, .seed = 1};
    model *m;
    assert_error(fit_settings(j, &ease_class, few, NULL, &input, &m), LB_E_UNSUPPORTED,
                 "4 products are more than max-products = 3");
    uint32_t none[SMALL_USERS + 1] = {0}, zeros[SMALL_PRODUCTS] = {0};
    s.n_train = 0;
    s.user_start = none;
    s.degree = zeros;
    assert_error(fit_settings(j, &ease_class, NULL, NULL, &input, &m), LB_E_EMPTY,
                 "no interactions");
    job_free(j);
}

static void l2_is_chosen_where_validation_can_tell(void **state) {
    (void)state;
    split small = small_split();
    model *m = fit_on(&small, NULL, 1);
    assert_true(((const ease_model *)m->state)->l2 == 250);
    model_free(m);
    shop s = shop_open(LOOKS_ALL);
    m = fit_on(s.s, NULL, 1);
    double l2 = ((const ease_model *)m->state)->l2;
    assert_true(l2 == 30 || l2 == 100 || l2 == 300 || l2 == 1000 || l2 == 3000);
    model_free(m);
    m = fit_on(s.s, "l2=77", 1);
    assert_true(((const ease_model *)m->state)->l2 == 77);
    model_free(m);
    shop_close(&s);
}

static void threads_change_nothing(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *one = fit_on(s.s, NULL, 1);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        model *more = fit_on(s.s, NULL, threads);
        assert_same_scores(one, more);
        model_free(more);
    }
    model_free(one);
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_on(s.s, NULL, 2), *loaded;
    const char *path = in(test_folder(), "model");
    assert_ok(model_save(m, s.d, path));
    assert_ok(model_load(path, &loaded));
    assert_same_scores(m, loaded);
    assert_true(((const ease_model *)loaded->state)->l2 == ((const ease_model *)m->state)->l2);
    model_free(loaded);
    m->common.degree[m->common.product[0]] = 0; // what a damaged file could say
    assert_ok(model_save(m, s.d, path));
    assert_error(model_load(path, &loaded), LB_E_FORMAT, "degree is 0");
    model_free(m);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_closed_form),
        cmocka_unit_test(weights_are_optimal),
        cmocka_unit_test(scores_are_sums_of_weights),
        cmocka_unit_test(the_partition_agrees),
        cmocka_unit_test(strangers_fold_in),
        cmocka_unit_test(limits_are_errors),
        cmocka_unit_test(l2_is_chosen_where_validation_can_tell),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(files_hold_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
