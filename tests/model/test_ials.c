/* iALS against naive normal equations and its loss; content regression against naive ridge. */
#include "model/feature_shop.h"

#include <stdlib.h>
#include <string.h>

#include "model/content.h"
#include "model/ials.h"

enum { DIM = 4, MAX_WIDTH = 32 };
static const char *const quick[] = {"dim=4", "alpha=0.4", "l2=0.01", NULL};

static model *fit_class(const model_class *class, const shop *s, const char *more,
                        unsigned threads) {
    job *j = new_job(threads);
    model *m;
    const char *const second[] = {more, NULL};
    fit_input input = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    assert_ok(fit_settings(j, class, quick, second, &input, &m));
    job_free(j);
    return m;
}

/* Solves a x = b (n) by Gauss-Jordan with pivots; x in b. */
static void naive_solve(double a[][MAX_WIDTH], double *b, size_t n) {
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t r = k + 1; r < n; r++)
            if (fabs(a[r][k]) > fabs(a[pivot][k])) pivot = r;
        for (size_t c = 0; c < n; c++) {
            double swap = a[k][c];
            a[k][c] = a[pivot][c];
            a[pivot][c] = swap;
        }
        double swap = b[k];
        b[k] = b[pivot];
        b[pivot] = swap;
        for (size_t r = 0; r < n; r++) {
            if (r == k) continue;
            double factor = a[r][k] / a[k][k];
            for (size_t c = 0; c < n; c++) a[r][c] -= factor * a[k][c];
            b[r] -= factor * b[k];
        }
    }
    for (size_t k = 0; k < n; k++) b[k] /= a[k][k];
}

static int did_buy(const split *s, uint32_t user, uint32_t product) {
    for (uint32_t k = s->user_start[user]; k < s->user_start[user + 1]; k++)
        if (s->product[k] == product) return 1;
    return 0;
}

static size_t user_degree(const split *s, uint32_t user) {
    return s->user_start[user + 1] - s->user_start[user];
}

static size_t count_users(const split *s) {
    size_t n = 0;
    for (uint32_t u = 0; u < s->n_users; u++) n += user_degree(s, u) > 0;
    return n;
}

/* The loss of the header, pair by pair. */
static double naive_loss(const ials_model *m, const split *s) {
    double loss = 0;
    size_t n_users = count_users(s);
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t p = 0; p < s->n_products; p++) {
            double z = 0;
            for (size_t d = 0; d < DIM; d++)
                z += (double)m->user[u * DIM + d] * (double)m->product[p * DIM + d];
            loss += m->alpha * z * z + (did_buy(s, u, p) ? (z - 1) * (z - 1) : 0);
        }
    for (uint32_t u = 0; u < s->n_users; u++)
        for (size_t d = 0; d < DIM; d++)
            loss += m->l2 * pow((double)user_degree(s, u) + m->alpha * m->n_warm, m->power) *
                    pow((double)m->user[u * DIM + d], 2);
    for (uint32_t p = 0; p < s->n_products; p++)
        for (size_t d = 0; d < DIM; d++)
            loss += m->l2 * pow(s->degree[p] + m->alpha * (double)n_users, m->power) *
                    pow((double)m->product[p * DIM + d], 2);
    return loss;
}

/* What a row (a user, or a product) is when the other side is `other` (n_other, DIM). */
static void naive_row(const ials_model *m, const split *s, int is_user, uint32_t row, double *w) {
    const float *other = is_user ? m->product : m->user;
    uint32_t n_other = is_user ? s->n_products : s->n_users;
    double a[DIM][MAX_WIDTH] = {{0}};
    size_t degree = is_user ? user_degree(s, row) : s->degree[row];
    double pairs = (double)degree + m->alpha * (double)(is_user ? m->n_warm : count_users(s));
    memset(w, 0, DIM * sizeof *w);
    for (uint32_t o = 0; o < n_other; o++) {
        int observed = is_user ? did_buy(s, row, o) : did_buy(s, o, row);
        for (size_t i = 0; i < DIM; i++) {
            for (size_t k = 0; k < DIM; k++)
                a[i][k] += (m->alpha + observed) * (double)other[o * DIM + i] *
                           (double)other[o * DIM + k];
            if (observed) w[i] += (double)other[o * DIM + i];
        }
    }
    for (size_t i = 0; i < DIM; i++) a[i][i] += m->l2 * pow(pairs, m->power);
    naive_solve(a, w, DIM);
}

static void users_solve_their_normal_equations(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_class(&ials_class, &s, "power=0.7", 2);
    const ials_model *i = m->state;
    for (uint32_t u = 0; u < s.s->n_users; u++) {
        double w[DIM];
        naive_row(i, s.s, 1, u, w);
        for (size_t d = 0; d < DIM; d++)
            assert_true(fabs((double)i->user[u * DIM + d] - w[d]) < 1e-5);
    }
    model_free(m);
    shop_close(&s);
}

/* Where nothing moves any more, the products solve theirs too. */
static void products_solve_their_normal_equations(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_class(&ials_class, &s, "iterations=300", 2);
    const ials_model *i = m->state;
    for (uint32_t p = 0; p < s.s->n_products; p++) {
        double h[DIM];
        naive_row(i, s.s, 0, p, h);
        for (size_t d = 0; d < DIM; d++)
            assert_true(fabs((double)i->product[p * DIM + d] - h[d]) < 1e-3);
    }
    model_free(m);
    shop_close(&s);
}

static void the_loss_decreases(void **state) {
    (void)state;
    static const char *const iterations[] = {"iterations=1", "iterations=2", "iterations=4",
                                             "iterations=8", "iterations=16"};
    shop s = shop_open(LOOKS_ALL);
    double last = INFINITY;
    for (size_t k = 0; k < sizeof iterations / sizeof *iterations; k++) {
        model *m = fit_class(&ials_class, &s, iterations[k], 1);
        double loss = naive_loss(m->state, s.s);
        assert_true(loss < last);
        last = loss;
        model_free(m);
    }
    shop_close(&s);
}

static void a_history_folds_in_to_its_user(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_class(&ials_class, &s, NULL, 1);
    float a[DIM], b[DIM], *const qa[] = {a}, *const qb[] = {b};
    for (uint32_t u = 0; u < s.s->n_users; u++) {
        taste stranger = {-1,  s.s->product + s.s->user_start[u], NULL, user_degree(s.s, u), 0,
                          NULL};
        taste known = {u, NULL, NULL, 0, 0, NULL};
        assert_ok(ials_class.query_user(m->state, &m->common, u, qa));
        assert_ok(ials_class.fold_in(m->state, &m->common, &stranger, qb));
        for (size_t d = 0; d < DIM; d++) assert_true(fabsf(a[d] - b[d]) < 1e-6f);
        assert_ok(ials_class.fold_in(m->state, &m->common, &known, qb));
        for (size_t d = 0; d < DIM; d++) assert_true(fabsf(a[d] - b[d]) < 1e-6f);
    }
    model_free(m);
    shop_close(&s);
}

static void a_dislike_lowers_the_score(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_class(&ials_class, &s, NULL, 1);
    const ials_model *i = m->state;
    float a[DIM], b[DIM], *const qa[] = {a}, *const qb[] = {b};
    uint32_t product = s.s->product[0];
    assert_ok(ials_class.fold_in(i, &m->common, &(taste){1, NULL, NULL, 0, 0, NULL}, qa));
    assert_ok(ials_class.fold_in(i, &m->common, &(taste){1, NULL, &product, 0, 1, NULL}, qb));
    double before = 0, after = 0;
    for (size_t d = 0; d < DIM; d++) {
        before += (double)a[d] * (double)i->product[product * DIM + d];
        after += (double)b[d] * (double)i->product[product * DIM + d];
    }
    assert_true(after < before);
    model_free(m);
    shop_close(&s);
}

static void cold_products_are_left_out(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_class(&ials_class, &s, NULL, 1);
    float *scores = all_scores(m);
    uint32_t n_cold = 0;
    for (uint32_t p = 0; p < s.s->n_products; p++) {
        n_cold += s.s->degree[p] == 0;
        for (uint32_t u = 0; u < s.s->n_users; u++) {
            float score = scores[u * s.s->n_products + p];
            assert_true(s.s->degree[p] ? isfinite(score) : score == -INFINITY);
            if (user_degree(s.s, u) == 0 && s.s->degree[p]) assert_true(score == 0);
        }
    }
    assert_true(n_cold > 0);
    free(scores);
    model_free(m);
    shop_close(&s);
}

/* A user without training interactions: emptied by hand, in a shop of three users. */
static void somebody_unknown_scores_zero(void **state) {
    (void)state;
    uint32_t start[] = {0, 2, 2, 4}, bought[] = {0, 1, 1, 2}, degree[] = {1, 2, 1, 0};
    float rating[] = {1, 1, 1, 1};
    uint8_t catalogue[] = {1, 1, 1, 1};
    split s = {.n_users = 3,
               .n_products = 4,
               .n_train = 4,
               .user_start = start,
               .product = bought,
               .rating = rating,
               .in_catalogue = catalogue,
               .degree = degree};
    job *j = new_job(1);
    model *m;
    fit_input input = {.split = &s, .seed = 3};
    assert_ok(fit_settings(j, &ials_class, quick, NULL, &input, &m));
    float *scores = all_scores(m);
    for (int p = 0; p < 3; p++) assert_true(scores[4 + p] == 0);
    assert_true(scores[4 + 3] == -INFINITY);
    assert_true(scores[0] > scores[2]);
    free(scores);
    model_free(m);
    assert_error(fit_settings(j, &content_class, quick, NULL, &input, &m), LB_E_EMPTY,
                 "needs a feature");
    uint32_t none[4] = {0};
    s.n_train = 0;
    s.user_start = none;
    assert_error(fit_settings(j, &ials_class, quick, NULL, &input, &m), LB_E_EMPTY,
                 "no interactions");
    job_free(j);
}

/* ---- content */

static void content_is_ridge_regression(void **state) {
    (void)state;
    enum { WIDTH = FEATURE + 1 }; // the intercept last, as a column of ones without ridge
    shop s = shop_open(LOOKS_SOME);
    model *m = fit_class(&content_class, &s, "ridge=0.7", 2);
    const ials_model *i = ((const content_model *)m->state)->factors;
    look_table l;
    job *j = new_job(1);
    assert_ok(look_new(j, &s.f, 1, s.s, &l));
    float *look = all_looks(&l, false);
    assert_true(i->n_cold > 0 && i->n_cold == l.n - l.n_warm);
    for (size_t d = 0; d < DIM; d++) {
        double a[WIDTH][MAX_WIDTH] = {{0}}, b[WIDTH] = {0}, f[WIDTH];
        for (size_t r = 0; r < l.n; r++) {
            if (l.weight[r] <= 0) continue;
            for (size_t k = 0; k < WIDTH; k++)
                f[k] = k < FEATURE ? (double)look[r * FEATURE + k] : 1;
            for (size_t k = 0; k < WIDTH; k++) {
                for (size_t c = 0; c < WIDTH; c++) a[k][c] += f[k] * f[c];
                b[k] += f[k] * (double)i->product[l.product[r] * DIM + d];
            }
        }
        for (size_t k = 0; k < FEATURE; k++) a[k][k] += 0.7;
        naive_solve(a, b, WIDTH);
        for (size_t r = 0; r < l.n; r++) {
            if (l.weight[r] > 0) continue;
            double expected = b[FEATURE];
            for (size_t k = 0; k < FEATURE; k++) expected += b[k] * (double)look[r * FEATURE + k];
            assert_true(fabs((double)i->product[l.product[r] * DIM + d] - expected) < 1e-5);
        }
    }
    free(look);
    look_free(&l);
    job_free(j);
    model_free(m);
    shop_close(&s);
}

/* Warm products score as in ials; cold ones only with a feature. */
static void content_adds_cold_products_to_ials(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *a = fit_class(&ials_class, &s, NULL, 1), *b = fit_class(&content_class, &s, NULL, 1);
    float *x = all_scores(a), *y = all_scores(b);
    for (uint32_t u = 0; u < s.s->n_users; u++)
        for (uint32_t p = 0; p < s.s->n_products; p++) {
            size_t at = (size_t)u * s.s->n_products + p;
            if (s.s->degree[p])
                assert_true(x[at] == y[at]);
            else
                assert_true(s.f.present[p] ? isfinite(y[at]) : y[at] == -INFINITY);
        }
    free(x);
    free(y);
    model_free(a);
    model_free(b);
    shop_close(&s);
}

/* Also by two features, of which some products lack one, and after a file. */
static void new_products_are_placed_as_cold_ones(void **state) {
    (void)state;
    static const feature_plan plan[] = {{"look", 12, TELLS, 6, 5, 0}, {"text", 7, TELLS, 8, 3, 1}};
    feature_shop s = features_open(plan, 2);
    job *j = new_job(2);
    for (size_t n = 1; n <= 2; n++) {
        const char *path = in(test_folder(), "model");
        fit_input input = {.split = s.s.s, .features = s.f, .n_features = n, .seed = 3};
        model *m, *loaded;
        assert_ok(fit_settings(j, &content_class, quick, NULL, &input, &m));
        assert_true(assert_placed_as_cold(m, s.f, n, 1e-4f) > 0);
        assert_ok(model_save(m, s.s.d, path));
        assert_ok(model_load(path, &loaded));
        assert_true(assert_placed_as_cold(loaded, s.f, n, 1e-4f) > 0);
        model_free(m);
        model_free(loaded);
    }
    job_free(j);
    features_close(&s);
}

static void content_needs_features_of_warm_products(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD);
    job *j = new_job(1);
    model *m;
    fit_input input = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    assert_error(fit_settings(j, &content_class, quick, NULL, &input, &m), LB_E_EMPTY,
                 "no product that was bought has it");
    job_free(j);
    shop_close(&s);
}

/* ---- both */

static void threads_change_nothing(void **state) {
    (void)state;
    static const model_class *const both[] = {&ials_class, &content_class};
    shop s = shop_open(LOOKS_SOME);
    for (int k = 0; k < 2; k++) {
        model *one = fit_class(both[k], &s, NULL, 1);
        for (unsigned threads = 2; threads <= 4; threads += 2) {
            model *more = fit_class(both[k], &s, NULL, threads);
            assert_same_scores(one, more);
            model_free(more);
        }
        model_free(one);
    }
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    static const model_class *const both[] = {&ials_class, &content_class};
    shop s = shop_open(LOOKS_SOME);
    const char *path = in(test_folder(), "model");
    float a[2][DIM], b[2][DIM], *const qa[] = {a[0], a[1]}, *const qb[] = {b[0], b[1]};
    taste who = {1, s.s->product, NULL, 2, 0, NULL};
    for (int k = 0; k < 2; k++) {
        model *m = fit_class(both[k], &s, "power=0.5", 1), *loaded;
        assert_ok(model_save(m, s.d, path));
        assert_ok(model_load(path, &loaded));
        assert_same_scores(m, loaded);
        assert_ok(both[k]->fold_in(m->state, &m->common, &who, qa));
        assert_ok(both[k]->fold_in(loaded->state, &loaded->common, &who, qb));
        assert_memory_equal(a[0], b[0], sizeof a[0]);
        model_free(m);
        model_free(loaded);
    }
    model *m = fit_class(&content_class, &s, NULL, 1), *loaded;
    ((content_model *)m->state)->factors->cold[0] =
        s.s->product[0]; // what a damaged file could say
    assert_ok(model_save(m, s.d, path));
    assert_error(model_load(path, &loaded), LB_E_FORMAT, "not a cold product");
    model_free(m);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_solve_their_normal_equations),
        cmocka_unit_test(products_solve_their_normal_equations),
        cmocka_unit_test(the_loss_decreases),
        cmocka_unit_test(a_history_folds_in_to_its_user),
        cmocka_unit_test(a_dislike_lowers_the_score),
        cmocka_unit_test(cold_products_are_left_out),
        cmocka_unit_test(somebody_unknown_scores_zero),
        cmocka_unit_test(content_is_ridge_regression),
        cmocka_unit_test(content_adds_cold_products_to_ials),
        cmocka_unit_test(new_products_are_placed_as_cold_ones),
        cmocka_unit_test(content_needs_features_of_warm_products),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(files_hold_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
