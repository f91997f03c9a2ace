/* The Skip-Gram part's prior and the head for completely cold products, against naive sums. */
#include "model/model_shop.h"

#include "core/memory.h"
#include "model/cold.h"
#include "model/look_prior.h"

enum { DIM = 5, LOOK_DIM = 6 };

static job *work;

static int open_job(void **state) {
    (void)state;
    work = new_job(2);
    return 0;
}

static int close_job(void **state) {
    (void)state;
    job_free(work);
    return 0;
}

/* ---------------------------------------------------------------- the prior */

static float *random_table(size_t n, uint64_t seed) {
    float *x = calloc(n, sizeof *x);
    random_stream r = random_open(seed, "test", 0);
    for (size_t i = 0; i < n; i++) x[i] = (float)random_normal(&r);
    return x;
}

enum { K = 4 }; // components

/* What the weighted ridge with intercept predicts for row i from the rows but `without` (l.n: from
 * all), by elimination of its K + 1 normal equations. */
static void naive_prediction(const look_prior *p, const look_table *l, const float *x, size_t i,
                             size_t without, double out[DIM]) {
    double weights = 0, a[K + 1][K + 1] = {{0}}, b[K + 1][DIM] = {{0}};
    for (size_t r = 0; r < l->n; r++) {
        double row[K + 1], w = r == without ? 0 : (double)l->weight[r];
        for (int c = 0; c < K; c++) row[c] = (double)p->component[r * K + (size_t)c];
        row[K] = 1;
        weights += (double)l->weight[r];
        for (int c = 0; c <= K; c++) {
            for (int e = 0; e <= K; e++) a[c][e] += w * row[c] * row[e];
            for (size_t d = 0; d < DIM; d++)
                b[c][d] += w * row[c] * (double)x[l->product[r] * DIM + d];
        }
    }
    for (int c = 0; c < K; c++) a[c][c] += p->strength * weights;
    for (int k = 0; k <= K; k++) // diagonally dominant enough to need no pivots
        for (int r = 0; r <= K; r++) {
            if (r == k) continue;
            double f = a[r][k] / a[k][k];
            for (int c = 0; c <= K; c++) a[r][c] -= f * a[k][c];
            for (int d = 0; d < DIM; d++) b[r][d] -= f * b[k][d];
        }
    for (size_t d = 0; d < DIM; d++) {
        out[d] = b[K][d] / a[K][K];
        for (int c = 0; c < K; c++)
            out[d] += b[c][d] / a[c][c] * (double)p->component[i * K + (size_t)c];
    }
}

typedef struct prior_fixture {
    shop s;
    look_table l;
    float *x, *prior; // (n_products, DIM)
} prior_fixture;

static void prior_open(prior_fixture *f) {
    f->s = shop_open(LOOKS_SOME);
    size_t n = (size_t)f->s.s->n_products * DIM;
    f->x = random_table(n, 3);
    f->prior = calloc(n, sizeof *f->prior);
    assert_ok(look_new(work, &f->s.f, 1, f->s.s, &f->l));
}

static void prior_close(prior_fixture *f) {
    free(f->x);
    free(f->prior);
    look_free(&f->l);
    shop_close(&f->s);
}

static void prior_predicts_a_product_from_all_others(void **state) {
    (void)state;
    prior_fixture f;
    look_prior p;
    prior_open(&f);
    const look_table *l = &f.l;
    assert_ok(look_prior_new(work, l, K, 0.5, 1, &p));
    assert_int_equal(p.n_components, K);
    assert_ok(look_prior_refit(work, &p, l, f.x, DIM, f.prior));
    assert_true(p.strength == 0.5);
    double squares = 0, error = 0, scatter = 0, mean[DIM] = {0};
    for (size_t i = 0; i < l->n; i++)
        for (size_t d = 0; d < DIM; d++)
            mean[d] += (double)l->weight[i] * (double)f.x[l->product[i] * DIM + d] / p.weights;
    for (size_t i = 0; i < l->n; i++) {
        double expected[DIM];
        naive_prediction(&p, l, f.x, i, i, expected);
        for (size_t d = 0; d < DIM; d++) {
            double x = (double)f.x[l->product[i] * DIM + d];
            assert_true(fabs((double)f.prior[l->product[i] * DIM + d] - expected[d]) < 2e-3);
            error += (double)l->weight[i] * pow(x - expected[d], 2);
            scatter += (double)l->weight[i] * pow(x - mean[d], 2);
        }
        for (int c = 0; c < K && l->weight[i] > 0; c++)
            squares += pow((double)p.component[i * K + (size_t)c], 2);
    }
    assert_true(fabs(squares / (double)(l->n_warm * K) - 1) < 1e-4); // one common scale
    assert_true(fabs(p.explained - fmax(0, 1 - error / scatter)) < 1e-4);
    for (uint32_t q = 0; q < f.s.s->n_products; q++)
        for (size_t d = 0; d < DIM && !f.s.f.present[q]; d++)
            assert_true(f.prior[q * DIM + d] == 0);
    look_prior_free(&p);
    prior_close(&f);
}

static void products_without_a_look_are_pulled_to_the_mean(void **state) {
    (void)state;
    prior_fixture f;
    prior_open(&f);
    const split *s = f.s.s;
    double mean[DIM] = {0}, weights = 0;
    for (uint32_t p = 0; p < s->n_products; p++) {
        double w = look_trust(s->degree[p]);
        weights += w;
        for (size_t d = 0; d < DIM; d++) mean[d] += w * (double)f.x[p * DIM + d];
    }
    assert_ok(look_prior_mean(s, f.x, DIM, f.prior));
    for (uint32_t p = 0; p < s->n_products; p++)
        for (size_t d = 0; d < DIM; d++)
            assert_true(fabs((double)f.prior[p * DIM + d] - mean[d] / weights) < 1e-6);
    prior_close(&f);
}

/* The weighted squared error of x by the prior with one ridge. */
static double error_of(prior_fixture *f, double strength) {
    look_prior p;
    double sum = 0;
    assert_ok(look_prior_new(work, &f->l, K, strength, 1, &p));
    assert_ok(look_prior_refit(work, &p, &f->l, f->x, DIM, f->prior));
    for (size_t i = 0; i < f->l.n; i++)
        for (size_t d = 0; d < DIM; d++) {
            size_t at = f->l.product[i] * DIM + d;
            sum += (double)f->l.weight[i] * pow((double)(f->prior[at] - f->x[at]), 2);
        }
    look_prior_free(&p);
    return sum;
}

static double chosen_ridge(prior_fixture *f, double *explained) {
    look_prior p;
    assert_ok(look_prior_new(work, &f->l, K, 0, 1, &p));
    assert_ok(look_prior_refit(work, &p, &f->l, f->x, DIM, f->prior));
    double strength = p.strength;
    *explained = p.explained;
    random_stream r = random_open(9, "test", 0);
    for (size_t i = 0; i < (size_t)f->s.s->n_products * DIM; i++)
        f->x[i] += (float)random_normal(&r);
    assert_ok(look_prior_refit(work, &p, &f->l, f->x, DIM, f->prior));
    assert_true(p.strength == strength); // once
    look_prior_free(&p);
    return strength;
}

/* Vectors that looks tell nothing of, something, and everything. */
static void ridge_is_chosen_by_what_looks_tell(void **state) {
    (void)state;
    const double told[] = {0, 2, 30};
    double chosen[3], explained[3];
    for (int k = 0; k < 3; k++) {
        prior_fixture f;
        look_prior p;
        prior_open(&f);
        assert_ok(look_prior_new(work, &f.l, K, 1, 1, &p));
        for (size_t i = 0; i < f.l.n; i++)
            for (size_t d = 0; d < DIM; d++)
                f.x[f.l.product[i] * DIM + d] += (float)told[k] * p.component[i * K + d % K];
        look_prior_free(&p);
        double least = INFINITY, best = 0;
        for (int i = -6; i <= 6; i++) {
            double strength = pow(10, 0.5 * i), error = error_of(&f, strength);
            if (error < least) best = strength;
            least = fmin(error, least);
        }
        chosen[k] = chosen_ridge(&f, &explained[k]);
        assert_true(fabs(log(chosen[k] / best)) < 1e-9);
        prior_close(&f);
    }
    assert_true(chosen[0] > chosen[1] && chosen[1] > chosen[2]);
    assert_true(explained[0] < 0.1 && explained[1] > 0.5 && explained[2] > 0.95);
}

/* All products that have a look have the same, and the mean is exactly that. */
static void constant_looks(shop *s, look_table *l) {
    uint32_t n = s->s->n_products;
    float *rows = calloc((size_t)n * FEATURE, sizeof *rows);
    feature_set same;
    for (size_t i = 0; i < (size_t)n * FEATURE; i++) rows[i] = 0.5f;
    assert_ok(feature_set_of_rows("look", rows, s->f.present, n, FEATURE, &same));
    feature_set_close(&s->f);
    s->f = same;
    free(rows);
    assert_ok(look_new(work, &s->f, 1, s->s, l));
    for (size_t d = 0; d < l->dim; d++) l->space.mean[d] = 0.5f;
}

static void constant_features_tell_nothing(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    look_table l;
    look_prior p;
    constant_looks(&s, &l);
    assert_ok(look_prior_new(work, &l, 8, 0.5, 1, &p));
    float *x = random_table((size_t)s.s->n_products * DIM, 3);
    float *prior = calloc((size_t)s.s->n_products * DIM, sizeof *prior);
    assert_ok(look_prior_refit(work, &p, &l, x, DIM, prior));
    for (size_t d = 0; d < DIM; d++) { // the weighted mean of all others, for every product
        double sum = 0, weights = 0;
        for (size_t i = 0; i < l.n; i++) {
            sum += (double)l.weight[i] * (double)x[l.product[i] * DIM + d];
            weights += (double)l.weight[i];
        }
        for (size_t i = 0; i < l.n; i++) {
            double w = (double)l.weight[i], own = (double)x[l.product[i] * DIM + d];
            double others = (sum - w * own) / (weights - w);
            assert_true(fabs((double)prior[l.product[i] * DIM + d] - others) < 1e-3);
        }
    }
    free(x);
    free(prior);
    look_prior_free(&p);
    look_free(&l);
    shop_close(&s);
}

/* ---------------------------------------------------------------- the cold head */

typedef struct fixture {
    shop s;
    look_table l;
    float *look; // (l.n, FEATURE)
    float *x, *bias;
    cold_head h;
} fixture;

/* Vectors that follow the groups, so that looks predict something. */
static lb_status fixture_open(fixture *f, int constant) {
    f->s = shop_open(LOOKS_SOME);
    const split *s = f->s.s;
    if (constant)
        constant_looks(&f->s, &f->l);
    else
        assert_ok(look_new(work, &f->s.f, 1, s, &f->l));
    f->look = all_looks(&f->l, false);
    f->x = random_table(((size_t)s->n_users + s->n_products) * DIM, 4);
    f->bias = random_table(s->n_products, 5);
    for (size_t i = 0; i < f->l.n; i++)
        for (size_t d = 0; d < DIM; d++)
            f->x[(s->n_users + f->l.product[i]) * DIM + d] += f->look[i * FEATURE + d] * 3;
    cold_input in = {s, &f->l, f->x, f->bias, DIM, LOOK_DIM, 4096, 1};
    return cold_fit(work, &in, &f->h);
}

static void fixture_close(fixture *f) {
    cold_free(&f->h);
    look_free(&f->l);
    free(f->look);
    free(f->x);
    free(f->bias);
    shop_close(&f->s);
}

static double dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* What a ridge on the warm rows says of targets y (n_warm, columns), at all rows. */
static void naive_ridge(const fixture *f, const double *y, size_t columns, double strength,
                        float *out) {
    static float rows[PRODUCTS * FEATURE];
    static double weight[PRODUCTS];
    double strengths[DIM];
    size_t n = 0;
    ridge_targets targets = {columns, y, strengths};
    kernel_ridge k;
    for (size_t t = 0; t < columns; t++) strengths[t] = strength;
    for (size_t i = 0; i < f->l.n; i++) {
        if (f->l.weight[i] <= 0) continue;
        memcpy(rows + n * FEATURE, f->look + i * FEATURE, FEATURE * sizeof *rows);
        weight[n++] = (double)f->l.weight[i];
    }
    assert_ok(kernel_ridge_fit(work, rows, weight, n, FEATURE, &targets, 4096, 1, &k));
    assert_ok(kernel_ridge_predict(work, &k, f->look, f->l.n, out));
    kernel_ridge_free(&k);
}

/* zeta (l.n, DIM) and the level (l.n) of all rows, each from a ridge of its own. */
static void naive_places(const fixture *f, float *zeta, float *level) {
    static double place[PRODUCTS * DIM], height[PRODUCTS];
    double sum = 0, weights = 0;
    size_t n = 0;
    for (size_t i = 0; i < f->l.n; i++) {
        double w = (double)f->l.weight[i];
        if (w <= 0) continue;
        size_t p = f->l.product[i];
        const float *x = f->x + (f->s.s->n_users + p) * DIM;
        height[n] = dot(f->h.user_mean, x, DIM) + (double)f->bias[p];
        sum += w * height[n];
        weights += w;
        for (size_t d = 0; d < DIM; d++)
            place[n * DIM + d] = (double)x[d] - (double)f->h.product_mean[d];
        n++;
    }
    for (size_t i = 0; i < n; i++) height[i] -= sum / weights;
    naive_ridge(f, place, DIM, 0.1, zeta);
    naive_ridge(f, height, 1, 3, level);
}

static void inner_products_are_the_formula(void **state) {
    (void)state;
    fixture f;
    assert_ok(fixture_open(&f, 0));
    cold_head *h = &f.h;
    size_t width = cold_width(h), n = f.l.n, stride = width + 2;
    assert_int_equal(h->dim, DIM);
    assert_int_equal(h->look_dim, LOOK_DIM);
    assert_int_equal(width, DIM + 1);
    float *vector = calloc(n * stride, sizeof *vector), *place = calloc(n * DIM, sizeof *place);
    float *zeta = calloc(n * DIM, sizeof *zeta), *level = calloc(n, sizeof *level), query[DIM + 1];
    assert_ok(cold_place(work, h, f.look, n, vector, stride, place));
    naive_places(&f, zeta, level);
    for (uint32_t u = 0; u < 20; u++) {
        const float *x = f.x + u * DIM;
        cold_query(h, x, query);
        for (size_t i = 0; i < n; i++) {
            double expected = (double)level[i], got = dot(query, vector + i * stride, width);
            for (size_t d = 0; d < DIM; d++)
                expected += ((double)x[d] - (double)h->user_mean[d]) * (double)zeta[i * DIM + d];
            if (!(fabs(got - expected) < 1e-4 * (1 + fabs(expected))))
                fail_msg("user %u, product %zu: %f, not %f", u, i, got, expected);
        }
    }
    for (size_t i = 0; i < n * DIM; i++)
        assert_true(fabsf(place[i] - h->product_mean[i % DIM] - zeta[i]) < 1e-4f);
    for (size_t i = 0; i < n; i++) // the stride's rest is not touched
        assert_true(vector[i * stride + width] == 0 && vector[i * stride + width + 1] == 0);
    free(vector);
    free(place);
    free(zeta);
    free(level);
    fixture_close(&f);
}

static void means_are_the_designs(void **state) {
    (void)state;
    fixture f;
    assert_ok(fixture_open(&f, 0));
    const split *s = f.s.s;
    for (size_t d = 0; d < DIM; d++) {
        double users = 0, n = 0, products = 0, weights = 0;
        for (uint32_t u = 0; u < s->n_users; u++) {
            if (s->user_start[u] == s->user_start[u + 1]) continue;
            users += (double)f.x[u * DIM + d];
            n++;
        }
        for (size_t i = 0; i < f.l.n; i++) {
            products += (double)f.l.weight[i] *
                        (double)f.x[(s->n_users + f.l.product[i]) * DIM + d];
            weights += (double)f.l.weight[i];
        }
        assert_true(fabs((double)f.h.user_mean[d] - users / n) < 1e-4);
        assert_true(fabs((double)f.h.product_mean[d] - products / weights) < 1e-4);
    }
    fixture_close(&f);
}

/* Of somebody at the mean only the level counts. */
static void the_mean_user_sees_levels(void **state) {
    (void)state;
    fixture f;
    assert_ok(fixture_open(&f, 0));
    float query[DIM + 1];
    cold_query(&f.h, f.h.user_mean, query);
    for (int i = 0; i < DIM; i++) assert_true(query[i] == 0);
    assert_true(query[DIM] == 1);
    fixture_close(&f);
}

static void constant_looks_place_everything_alike(void **state) {
    (void)state;
    fixture f;
    assert_ok(fixture_open(&f, 1));
    size_t width = cold_width(&f.h);
    float *vector = calloc(f.l.n * width, sizeof *vector);
    assert_ok(cold_place(work, &f.h, f.look, f.l.n, vector, width, NULL));
    for (size_t i = 0; i < f.l.n * width; i++)
        assert_true(isfinite(vector[i]) && fabsf(vector[i] - vector[i % width]) < 1e-5f);
    free(vector);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prior_predicts_a_product_from_all_others),
        cmocka_unit_test(products_without_a_look_are_pulled_to_the_mean),
        cmocka_unit_test(ridge_is_chosen_by_what_looks_tell),
        cmocka_unit_test(constant_features_tell_nothing),
        cmocka_unit_test(inner_products_are_the_formula),
        cmocka_unit_test(means_are_the_designs),
        cmocka_unit_test(the_mean_user_sees_levels),
        cmocka_unit_test(constant_looks_place_everything_alike),
    };
    return cmocka_run_group_tests(tests, open_job, close_job);
}
