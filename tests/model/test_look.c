/* Features made ready for learning, one and several side by side: means, lengths, shares, and what
 * products lack. */
#include "model/feature_shop.h"

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

static double length(const float *x, size_t n) {
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += (double)x[i] * (double)x[i];
    return sqrt(squares);
}

/* ---------------------------------------------------------------- one feature */

static void looks_are_centred_on_warm_products(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    look_table l;
    assert_ok(look_new(work, &s.f, 1, s.s, &l));
    float *vector = all_looks(&l, true);
    assert_int_equal(l.n, s.f.n_present);
    assert_int_equal(l.dim, FEATURE);
    double mean[FEATURE] = {0};
    float row[FEATURE];
    size_t n_warm = 0;
    for (size_t i = 0; i < l.n; i++) {
        uint32_t p = l.product[i], degree = s.s->degree[p];
        assert_true(s.f.present[p] && (i == 0 || p > l.product[i - 1]));
        assert_true(fabs((double)l.weight[i] - degree / (degree + 5.0)) < 1e-6);
        assert_true(feature_row(&s.f, p, row));
        assert_memory_equal(row, vector + i * FEATURE, sizeof row);
        n_warm += degree > 0;
        for (int d = 0; d < FEATURE && degree; d++) mean[d] += (double)row[d];
    }
    assert_int_equal(l.n_warm, n_warm);
    for (int d = 0; d < FEATURE; d++)
        assert_true(fabs((double)l.space.mean[d] - mean[d] / (double)n_warm) < 1e-5);
    look_normalise_rows(&l.space, vector, l.n);
    for (size_t i = 0; i < l.n; i++)
        assert_true(fabs(length(vector + i * FEATURE, FEATURE) - 1) < 1e-5);
    float same[FEATURE];
    memcpy(same, l.space.mean, sizeof same);
    look_normalise_rows(&l.space, same, 1); // a feature equal to the mean becomes zero
    for (int d = 0; d < FEATURE; d++) assert_true(same[d] == 0);
    free(vector);
    look_free(&l);
    shop_close(&s);
}

/* A vector is the same in any order of rows, and what it is in memory when all are made ready
 * there. */
static void vectors_need_not_be_in_memory(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    look_table l;
    float row[FEATURE];
    assert_ok(look_new(work, &s.f, 1, s.s, &l));
    float *vector = all_looks(&l, true);
    for (int normalised = 0; normalised < 2; normalised++) {
        look_view all = {&l, NULL, !normalised, 0}, warm = {&l, l.warm, !normalised, 0};
        row_source from_all = look_rows(&all, l.n), from_warm = look_rows(&warm, l.n_warm);
        if (normalised) look_normalise_rows(&l.space, vector, l.n);
        for (size_t i = 0; i < l.n; i++) {
            from_all.fetch(from_all.context, i, row);
            assert_memory_equal(row, vector + i * FEATURE, sizeof row);
        }
        for (size_t i = 0; i < l.n_warm; i++) {
            from_warm.fetch(from_warm.context, i, row);
            assert_true(l.weight[l.warm[i]] > 0);
            assert_memory_equal(row, vector + l.warm[i] * FEATURE, sizeof row);
        }
    }
    free(vector);
    look_free(&l);
    shop_close(&s);
}

static void only_cold_looks_are_refused(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD);
    look_table l;
    assert_error(look_new(work, &s.f, 1, s.s, &l), LB_E_EMPTY, "feature look: no product");
    shop_close(&s);
}

/* ---------------------------------------------------------------- several features */

static const feature_plan three[] = {
    {"look", 12, TELLS, 6, 5, 0}, {"text", 7, TELLS, 8, 3, 1}, {"sound", 4, 0, 9, 2, 0}};

/* Sets shares that are not equal, as look_weigh would. */
static void set_shares(look_table *l) {
    static const float share[] = {0.5f, 0.3f, 0.2f};
    memcpy(l->space.share, share, sizeof share);
}

static void features_lie_side_by_side(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    assert_int_equal(l.space.n_features, 3);
    assert_int_equal(l.dim, 12 + 7 + 4);
    for (uint32_t f = 0, start = 0; f <= 3; start += f < 3 ? three[f].dim : 0, f++)
        assert_int_equal(l.space.start[f], start);
    for (uint32_t f = 0; f < 3; f++) {
        assert_int_equal(look_width(&l.space, f), three[f].dim);
        assert_true(fabs((double)l.space.share[f] - 1.0 / 3) < 1e-6);
    }
    size_t i = 0;
    for (uint32_t p = 0; p < s.s.s->n_products; p++)
        if (s.f[0].present[p] || s.f[1].present[p] || s.f[2].present[p])
            assert_int_equal(l.product[i++], p);
    assert_int_equal(l.n, i);
    assert_true(l.n < s.s.s->n_products); // some have none of them
    look_free(&l);
    features_close(&s);
}

static void means_are_over_those_that_have_it(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    uint32_t *rows = calloc(l.n_warm, sizeof *rows);
    for (uint32_t f = 0; f < 3; f++) {
        double mean[12] = {0};
        float row[12];
        size_t n = 0;
        for (uint32_t p = 0; p < s.s.s->n_products; p++) {
            if (!s.s.s->degree[p] || !feature_row(&s.f[f], p, row)) continue;
            for (uint32_t d = 0; d < three[f].dim; d++) mean[d] += (double)row[d];
            n++;
        }
        for (uint32_t d = 0; d < three[f].dim; d++)
            assert_true(fabs((double)l.space.mean[l.space.start[f] + d] - mean[d] / (double)n) <
                        1e-5);
        assert_int_equal(look_warm_with(&l, f, rows), n);
        for (size_t i = 0; i < n; i++) {
            assert_true(l.weight[rows[i]] > 0 && s.f[f].present[l.product[rows[i]]]);
            assert_true(i == 0 || rows[i - 1] < rows[i]);
        }
    }
    free(rows);
    look_free(&l);
    features_close(&s);
}

/* A row is of length one; each feature that the product has is centred and has its share of the
 * squared length, or what of it the others leave. */
static void check_row(const feature_shop *s, const look_table *l, uint32_t product,
                      const float *row) {
    double shares = 0;
    float raw[12];
    for (uint32_t f = 0; f < 3; f++)
        if (s->f[f].present[product]) shares += (double)l->space.share[f];
    for (uint32_t f = 0; f < 3; f++) {
        const float *block = row + l->space.start[f];
        uint32_t dim = three[f].dim;
        if (!feature_row(&s->f[f], product, raw)) {
            for (uint32_t d = 0; d < dim; d++) assert_true(block[d] == 0);
            continue;
        }
        for (uint32_t d = 0; d < dim; d++) raw[d] -= l->space.mean[l->space.start[f] + d];
        double size = sqrt((double)l->space.share[f] / shares), norm = length(raw, dim);
        assert_true(fabs(length(block, dim) - size) < 1e-5);
        for (uint32_t d = 0; d < dim; d++)
            assert_true(fabs((double)block[d] - (double)raw[d] / norm * size) < 1e-5);
    }
    assert_true(fabs(length(row, l->dim) - 1) < 1e-5);
}

static void rows_have_length_one_and_shares(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    set_shares(&l);
    float *row = all_looks(&l, false), *same = all_looks(&l, true);
    look_normalise_rows(&l.space, same, l.n);
    assert_memory_equal(row, same, (size_t)l.n * l.dim * sizeof *row);
    for (uint32_t i = 0; i < l.n; i++) check_row(&s, &l, l.product[i], row + (size_t)i * l.dim);
    free(row);
    free(same);
    look_free(&l);
    features_close(&s);
}

static void raw_rows_say_what_is_lacking(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    float row[32], own[12];
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    look_view view = {&l, NULL, true, 0};
    row_source rows = look_rows(&view, l.n);
    for (uint32_t i = 0; i < l.n; i++) {
        rows.fetch(rows.context, i, row);
        for (uint32_t f = 0; f < 3; f++) {
            const float *block = row + l.space.start[f];
            if (feature_row(&s.f[f], l.product[i], own))
                assert_memory_equal(block, own, three[f].dim * sizeof *own);
            else
                assert_true(isnan(block[0]));
        }
    }
    look_free(&l);
    features_close(&s);
}

/* A view of one feature is the table of that feature alone, whatever its share. */
static void a_view_of_one_is_that_feature(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    float row[12], same[12];
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    set_shares(&l);
    uint32_t *with = calloc(l.n_warm, sizeof *with);
    for (uint32_t f = 0; f < 3; f++) {
        look_table alone;
        assert_ok(look_new(work, &s.f[f], 1, s.s.s, &alone));
        size_t n = look_warm_with(&l, f, with);
        assert_int_equal(n, alone.n_warm);
        look_view view = {&l, with, false, f + 1}, own = {&alone, alone.warm, false, 0};
        row_source rows = look_rows(&view, n), expected = look_rows(&own, n);
        assert_int_equal(rows.dim, three[f].dim);
        for (size_t i = 0; i < n; i++) {
            rows.fetch(rows.context, i, row);
            expected.fetch(expected.context, i, same);
            assert_memory_equal(row, same, rows.dim * sizeof *row);
        }
        look_free(&alone);
    }
    free(with);
    look_free(&l);
    features_close(&s);
}

static void lacking_all_is_zero(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    look_table l;
    assert_ok(look_new(work, s.f, 3, s.s.s, &l));
    float rows[2 * (12 + 7 + 4)];
    for (size_t d = 0; d < 2 * l.dim; d++) rows[d] = NAN; // all of a lacking block, or its first
    for (size_t d = 1; d < l.dim; d++) rows[d] = 1e30f;
    rows[l.space.start[1]] = rows[l.space.start[2]] = NAN;
    look_normalise_rows(&l.space, rows, 2);
    for (size_t d = 0; d < 2 * l.dim; d++) assert_true(rows[d] == 0);
    look_free(&l);
    features_close(&s);
}

static void too_many_are_refused(void **state) {
    (void)state;
    feature_shop s = features_open(three, 1);
    feature_set many[LOOK_MAX_FEATURES + 1];
    look_table l;
    for (size_t i = 0; i <= LOOK_MAX_FEATURES; i++) many[i] = s.f[0];
    assert_error(look_new(work, many, LOOK_MAX_FEATURES + 1, s.s.s, &l), LB_E_ARGUMENT,
                 "9 features: a model takes 1 to 8");
    assert_error(look_new(work, many, 0, s.s.s, &l), LB_E_ARGUMENT, "0 features");
    assert_ok(look_new(work, many, LOOK_MAX_FEATURES, s.s.s, &l));
    look_free(&l);
    features_close(&s);
}

/* Where none that was bought has one of two features, the other goes on alone. */
static void a_feature_of_cold_products_only(void **state) {
    (void)state;
    static const feature_plan two[] = {{"look", 12, TELLS, 6, 0, 0},
                                       {"text", 7, TELLS | COLD_ONLY, 8, 0, 0}};
    feature_shop s = features_open(two, 2);
    look_table l;
    assert_ok(look_new(work, s.f, 2, s.s.s, &l));
    uint32_t *rows = calloc(l.n_warm, sizeof *rows);
    assert_int_equal(look_warm_with(&l, 1, rows), 0);
    for (size_t d = 12; d < 19; d++) assert_true(l.space.mean[d] == 0);
    assert_ok(look_weigh(work, &l, s.s.s, 1));
    assert_true(l.space.share[0] == 1 && l.space.share[1] == 0);
    free(rows);
    look_free(&l);
    assert_error(look_new(work, &s.f[1], 1, s.s.s, &l), LB_E_EMPTY, "feature text: no product");
    features_close(&s);
}

/* ---------------------------------------------------------------- shares */

static void weigh(const feature_shop *s, unsigned threads, uint64_t seed, float *share) {
    job *j = new_job(threads);
    look_table l;
    assert_ok(look_new(j, s->f, s->n, s->s.s, &l));
    assert_ok(look_weigh(j, &l, s->s.s, seed));
    memcpy(share, l.space.share, s->n * sizeof *share);
    double sum = 0;
    for (size_t f = 0; f < s->n; f++) {
        assert_true(share[f] >= 0);
        sum += (double)share[f];
    }
    assert_true(fabs(sum - 1) < 1e-5);
    look_free(&l);
    job_free(j);
}

static void noise_gets_next_to_nothing(void **state) {
    (void)state;
    static const feature_plan plan[] = {{"noise", 9, 0, 9, 0, 0}, {"look", 12, TELLS, 6, 4, 1}};
    feature_shop s = features_open(plan, 2);
    float share[2];
    weigh(&s, 2, 1, share);
    if (share[1] < 0.95f) fail_msg("share %f", (double)share[1]);
    features_close(&s);
}

static void copies_get_equal_shares(void **state) {
    (void)state;
    static const feature_plan plan[] = {
        {"one", 12, TELLS, 6, 5, 0}, {"two", 12, TELLS, 6, 5, 0}, {"three", 12, TELLS, 6, 5, 0}};
    feature_shop s = features_open(plan, 3);
    float share[3];
    weigh(&s, 2, 1, share);
    assert_true(share[0] == share[1] && share[1] == share[2]);
    features_close(&s);
}

static void shares_do_not_depend_on_threads(void **state) {
    (void)state;
    feature_shop s = features_open(three, 3);
    float first[3], share[3];
    weigh(&s, 1, 5, first);
    for (unsigned threads = 2; threads <= 4; threads *= 2) {
        weigh(&s, threads, 5, share);
        assert_memory_equal(first, share, sizeof first);
    }
    weigh(&s, 2, 6, share);
    assert_memory_not_equal(first, share, sizeof first);
    for (int f = 0; f < 3; f++) assert_true(fabsf(first[f] - share[f]) < 0.1f); // but nearly
    features_close(&s);
}

/* Two features of nothing but noise keep shares that sum to one, one feature its own. */
static void shares_always_sum_to_one(void **state) {
    (void)state;
    static const feature_plan plan[] = {{"one", 1, 0, 3, 2, 0}, {"two", 1, 0, 4, 2, 1}};
    for (uint64_t seed = 0; seed < 4; seed++) {
        feature_shop s = features_open(plan, 2);
        float share[2];
        weigh(&s, 2, seed, share);
        s.n = 1;
        weigh(&s, 2, seed, share);
        assert_true(share[0] == 1);
        s.n = 2;
        features_close(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_are_centred_on_warm_products),
        cmocka_unit_test(vectors_need_not_be_in_memory),
        cmocka_unit_test(only_cold_looks_are_refused),
        cmocka_unit_test(features_lie_side_by_side),
        cmocka_unit_test(means_are_over_those_that_have_it),
        cmocka_unit_test(rows_have_length_one_and_shares),
        cmocka_unit_test(raw_rows_say_what_is_lacking),
        cmocka_unit_test(a_view_of_one_is_that_feature),
        cmocka_unit_test(lacking_all_is_zero),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(a_feature_of_cold_products_only),
        cmocka_unit_test(noise_gets_next_to_nothing),
        cmocka_unit_test(copies_get_equal_shares),
        cmocka_unit_test(shares_do_not_depend_on_threads),
        cmocka_unit_test(shares_always_sum_to_one),
    };
    return cmocka_run_group_tests(tests, open_job, close_job);
}
