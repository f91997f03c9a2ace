/* vasg on data that lack something: features, users, products, interactions; and a training that
 * diverges. */
#include "model/vasg_shop.h"

#include <math.h>

#include "core/memory.h"

static void check_finite(const model *m) {
    float *scores = all_scores(m);
    for (size_t i = 0; i < (size_t)m->common.n_users * m->common.n_products; i++)
        if (!isfinite(scores[i])) fail_msg("score %zu is %f", i, (double)scores[i]);
    free(scores);
}

/* No feature at all and one that no warm product has are the same. */
static void features_may_be_missing(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD);
    fit_input input = input_of(&s);
    model *with = fit_threads(&input, NULL, 2), *without;
    input.n_features = 0;
    without = fit_threads(&input, NULL, 2);
    assert_same_scores(with, without);
    check_finite(without);
    const vasg_model *v = without->state;
    uint32_t dim;
    assert_true(!v->has_look && !v->decoder && v->n_cold > 0);
    assert_null(vasg_look(v, &dim));
    float none[4] = {0};
    assert_error(vasg_place(v, none, 1, 4, NULL, none, none, none), LB_E_UNSUPPORTED, "no feature");
    model_free(with);
    model_free(without);
    shop_close(&s);
}

/* A split of the shop where users keep only what `keep` says. */
static void thin_out(split *s, int (*keep)(uint32_t user, uint32_t product)) {
    uint32_t n = 0, begin = 0;
    memset(s->degree, 0, s->n_products * sizeof *s->degree);
    for (uint32_t u = 0; u < s->n_users; u++) {
        uint32_t end = s->user_start[u + 1];
        s->user_start[u] = n;
        for (uint32_t k = begin; k < end; k++) {
            if (!keep(u, s->product[k])) continue;
            s->degree[s->product[k]]++;
            s->rating[n] = s->rating[k];
            s->product[n++] = s->product[k];
        }
        begin = end;
    }
    s->user_start[s->n_users] = n;
    s->n_train = n;
}

static int few_users(uint32_t user, uint32_t product) {
    (void)product;
    return user % 3 == 1;
}

static int one_user(uint32_t user, uint32_t product) {
    (void)product;
    return user == 7;
}

static int one_product(uint32_t user, uint32_t product) {
    (void)user;
    return product == 1;
}

static int nothing(uint32_t user, uint32_t product) {
    (void)user, (void)product;
    return 0;
}

static void little_data_is_no_trouble(void **state) {
    (void)state;
    static int (*const keeps[])(uint32_t, uint32_t) = {few_users, one_user, one_product};
    for (int i = 0; i < 3; i++) {
        shop s = shop_open(LOOKS_ALL);
        thin_out(s.s, keeps[i]);
        s.s->n_valid = 0;
        assert_true(s.s->n_train > 0);
        model *m = fit_shop(&s, NULL), *loaded;
        check_finite(m);
        assert_ok(model_load(save(m, &s, "vasg"), &loaded));
        assert_same_scores(m, loaded);
        model_free(loaded);
        model_free(m);
        shop_close(&s);
    }
}

static void no_interactions_are_said(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    thin_out(s.s, nothing);
    fit_input input = input_of(&s);
    job *j = new_job(1);
    model *m;
    assert_error(fit_with(j, &input, NULL, &m), LB_E_EMPTY, "no interactions");
    job_free(j);
    shop_close(&s);
}

/* Everything is bought: one partition is empty. */
static void all_products_may_be_warm(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    split *all;
    assert_ok(split_all(s.d, &all));
    fit_input input = input_of(&s);
    input.split = all;
    model *m = fit_threads(&input, NULL, 2), *loaded;
    const vasg_model *v = m->state;
    assert_int_equal(v->n_cold, 0);
    assert_int_equal(v->n_warm, all->n_products);
    check_finite(m);
    assert_ok(model_load(save(m, &s, "vasg"), &loaded));
    assert_same_scores(m, loaded);
    model_free(loaded);
    model_free(m);
    split_free(all);
    shop_close(&s);
}

static void a_diverged_training_is_said(void **state) {
    (void)state;
    static const char *const wild[] = {"rate=10", "l2=100", NULL};
    shop s = shop_open(LOOKS_ALL);
    fit_input input = input_of(&s);
    job *j = new_job(2);
    model *m;
    s.s->n_valid = 0;
    for (size_t n = 0; n < 2; n++) {
        input.n_features = n;
        assert_error(fit_with(j, &input, wild, &m), LB_E_NUMERIC, "lower rate or l2");
    }
    job_free(j);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_may_be_missing),     cmocka_unit_test(little_data_is_no_trouble),
        cmocka_unit_test(no_interactions_are_said),    cmocka_unit_test(all_products_may_be_warm),
        cmocka_unit_test(a_diverged_training_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
