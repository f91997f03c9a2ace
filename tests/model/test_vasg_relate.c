/* Which products vasg says are bought together: a case worked out by hand, levels against naive
 * sums, files and threads. */
#include "model/feature_shop.h"

#include "model/vasg_shop.h"

static const feature_plan one[] = {{"look", 12, TELLS, 6, 5, 0}};
static const feature_plan two[] = {{"look", 12, TELLS, 6, 5, 0}, {"text", 7, TELLS, 8, 3, 1}};

static model *fit_features(const feature_shop *s, unsigned threads) {
    fit_input input = {.split = s->s.s, .features = s->f, .n_features = s->n, .seed = 3};
    return fit_threads(&input, NULL, threads);
}

/* mu = (1, 1): the products stand off it by (1, 0), (2, 1), (-1, 1); the last has no place and is
 * where mu is. */
static void a_pair_is_two_levels_and_a_product(void **state) {
    (void)state;
    float embedding[4][2] = {{2, 1}, {3, 2}, {0, 2}, {0, 0}}, mean[] = {1, 1, 7};
    float level[] = {-1, 0.5f, 0.25f, -4}, score[6];
    const vasg_model m = {.dim = 2,
                          .buyer_scale = 0.5,
                          .embedding = &embedding[0][0],
                          .level = level,
                          .mean_warm = mean};
    static const relation pairs[] = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};
    static const float expected[] = {0.5f, -1.25f, 0.25f, -5, -3.5f, -3.75f}; // half the products
    assert_ok(vasg_relate(&m, NULL, pairs, 6, score));
    for (int i = 0; i < 6; i++) assert_true(fabsf(score[i] - expected[i]) < 1e-6f);
}

/* ---------------------------------------------------------------- levels */

/* The mean score of a product over people with purchases, without the spectral part. */
static double warm_level(const vasg_model *v, const split *s, uint32_t p) {
    double sum = 0, n = 0;
    for (uint32_t u = 0; u < v->n_users; u++) {
        if (s->user_start[u] == s->user_start[u + 1]) continue;
        for (uint32_t d = 0; d < v->dim; d++)
            sum += (double)v->x[u * v->dim + d] * (double)v->x[(v->n_users + p) * v->dim + d];
        n++;
    }
    return sum / n + (double)v->bias[p];
}

/* Buyers stand off the mean user as their products off the mean product, times this, with the
 * least squares: any other factor is worse. */
static double buyer_error(const vasg_model *v, const split *s, double scale) {
    double sum = 0, n = 0, mean[64] = {0};
    for (uint32_t u = 0; u < v->n_users; u++) {
        if (s->user_start[u] == s->user_start[u + 1]) continue;
        n++;
        for (uint32_t d = 0; d < v->dim; d++) mean[d] += (double)v->x[u * v->dim + d];
    }
    for (uint32_t u = 0; u < v->n_users; u++)
        for (size_t k = s->user_start[u]; k < s->user_start[u + 1]; k++)
            for (uint32_t d = 0; d < v->dim; d++) {
                float product = v->x[(v->n_users + s->product[k]) * v->dim + d];
                double off = (double)v->x[u * v->dim + d] - mean[d] / n;
                sum += pow(off - scale * (double)(product - v->mean_warm[d]), 2);
            }
    return sum;
}

/* What the ridge of the view of the features that a product has says. */
static double predicted_level(const vasg_model *v, const feature_shop *f, uint32_t p) {
    const look_space *space = &v->cold.space;
    float row[32] = {0}, out[64]; // taste, then the level
    uint32_t view = 0, n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (feature_row(&f->f[i], p, row + space->start[i])) {
            view = i + 1;
            n++;
        } else {
            row[space->start[i]] = NAN;
        }
    }
    if (!n) return 0;
    look_normalise_rows(space, row, 1);
    if (n == f->n) view = 0;
    assert_ok(kernel_ridge_predict(NULL, &v->cold.view[view],
                                   row + (view ? space->start[view - 1] : 0), 1, out));
    return (double)out[v->dim];
}

static void check_levels(const feature_plan *plan, size_t n) {
    feature_shop f = features_open(plan, n);
    model *m = fit_features(&f, 2);
    const vasg_model *v = m->state;
    double mean = 0;
    assert_true(v->n_warm > 0 && v->n_cold > 0);
    for (uint32_t i = 0; i < v->n_warm; i++) {
        double level = warm_level(v, f.s.s, v->warm[i]);
        assert_true(fabs((double)v->level[v->warm[i]] - level) < 1e-4);
        mean += level / v->n_warm;
    }
    for (uint32_t i = 0; i < v->n_cold; i++) {
        double expected = mean + (n ? predicted_level(v, &f, v->unseen[i]) : 0);
        assert_true(fabs((double)v->level[v->unseen[i]] - expected) < 1e-4);
    }
    double least = buyer_error(v, f.s.s, v->buyer_scale);
    assert_true(v->buyer_scale > 0);
    assert_true(least < buyer_error(v, f.s.s, 0.99 * v->buyer_scale));
    assert_true(least < buyer_error(v, f.s.s, 1.01 * v->buyer_scale));
    model_free(m);
    features_close(&f);
}

static void levels_are_the_mean_users(void **state) {
    (void)state;
    check_levels(NULL, 0);
    check_levels(one, 1);
    check_levels(two, 2);
}

/* ---------------------------------------------------------------- the model */

/* All pairs of products, (*n) scores. */
static float *all_pairs(const model *m, size_t *n) {
    uint32_t n_products = m->common.n_products;
    relation *pairs = calloc((size_t)n_products * n_products, sizeof *pairs);
    float *scores = calloc((size_t)n_products * n_products, sizeof *scores);
    *n = 0;
    for (uint32_t a = 0; a < n_products; a++)
        for (uint32_t b = a + 1; b < n_products; b++) pairs[(*n)++] = (relation){a, b};
    assert_ok(model_relate(m, pairs, *n, scores));
    free(pairs);
    return scores;
}

static void threads_and_files_do_not_matter(void **state) {
    (void)state;
    feature_shop f = features_open(two, 2);
    model *m = fit_features(&f, 1), *other = fit_features(&f, 4), *loaded;
    size_t n;
    assert_ok(model_load(save(m, &f.s, "vasg"), &loaded));
    float *a = all_pairs(m, &n), *b = all_pairs(other, &n), *c = all_pairs(loaded, &n);
    assert_memory_equal(a, b, n * sizeof *a);
    assert_memory_equal(a, c, n * sizeof *a);
    for (size_t i = 0; i < n; i++) assert_true(isfinite(a[i])); // cold ones without a feature too
    free(a);
    free(b);
    free(c);
    model_free(m);
    model_free(other);
    model_free(loaded);
    features_close(&f);
}

/* Products of a group are bought by the same people: they go together more than others do. */
static void groups_go_together(void **state) {
    (void)state;
    feature_shop f = features_open(one, 1);
    model *m = fit_features(&f, 2);
    uint32_t n_products = m->common.n_products;
    double sum[2] = {0}, n[2] = {0};
    for (uint32_t a = 0; a < n_products; a++)
        for (uint32_t b = a + 1; b < n_products; b++) {
            relation r = {a, b};
            float score;
            unsigned long first = strtoul(dataset_product_id(f.s.d, a) + 1, NULL, 10),
                          second = strtoul(dataset_product_id(f.s.d, b) + 1, NULL, 10);
            bool same = first % GROUPS == second % GROUPS;
            assert_ok(model_relate(m, &r, 1, &score));
            sum[same] += (double)score;
            n[same]++;
        }
    assert_true(sum[1] / n[1] > sum[0] / n[0]);
    model_free(m);
    features_close(&f);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_two_levels_and_a_product),
        cmocka_unit_test(levels_are_the_mean_users),
        cmocka_unit_test(threads_and_files_do_not_matter),
        cmocka_unit_test(groups_go_together),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
