#include "support.h"

#include <math.h>

#include "core/random.h"
#include "eval/eval.h"

static void assert_near(double x, double expected) {
    if (!(fabs(x - expected) < 1e-9)) fail_msg("%.12g is not %.12g", x, expected);
}

/* A result of n users whose warm AUC over all candidates is given; everything else is 0. */
enum { SLOTS = EVAL_KINDS * EVAL_SETS * EVAL_METRICS, MAX_USERS = 4 };

typedef struct made_up {
    eval_result result;
    uint32_t user[MAX_USERS];
    double values[MAX_USERS * SLOTS];
} made_up;

static const eval_result *make(made_up *m, size_t n, const uint32_t *users, const double *auc) {
    memset(m, 0, sizeof *m);
    m->result.n_users = n;
    m->result.n_metrics = EVAL_METRICS;
    m->result.n_tests[EVAL_WARM] = n;
    m->result.user = m->user;
    m->result.values = m->values;
    m->result.n_cutoffs = 1;
    m->result.cutoffs[0] = 20;
    for (size_t i = 0; i < n; i++) {
        m->user[i] = users[i];
        m->values[i * SLOTS] = auc[i];
    }
    return &m->result;
}

static void the_bootstrap_covers_the_standard_error(void **state) {
    (void)state;
    enum { N = 2000 };
    double values[N], lo, hi, again_lo, again_hi;
    random_stream r = random_open(3, "test", 0);
    double mean = 0;
    for (int i = 0; i < N; i++) mean += (values[i] = random_normal(&r)) / N;
    assert_ok(eval_bootstrap(values, N, 1, &lo, &hi));
    assert_true(fabs(lo - (mean - 1.96 / sqrt(N))) < 0.006);
    assert_true(fabs(hi - (mean + 1.96 / sqrt(N))) < 0.006);
    assert_ok(eval_bootstrap(values, N, 1, &again_lo, &again_hi));
    assert_true(lo == again_lo && hi == again_hi);
    assert_ok(eval_bootstrap(values, N, 2, &again_lo, &again_hi));
    assert_true(lo != again_lo);
    assert_ok(eval_bootstrap(values, 1, 1, &lo, &hi));
    assert_true(lo == values[0] && hi == values[0]);
    assert_ok(eval_bootstrap(values, 0, 1, &lo, &hi));
    assert_true(isnan(lo) && isnan(hi));
}

static void runs_are_averaged(void **state) {
    (void)state;
    made_up a, b;
    const eval_result *runs[] = {
        make(&a, 3, (const uint32_t[]){1, 4, 7}, (const double[]){0.2, 0.4, 0.9}),
        make(&b, 3, (const uint32_t[]){1, 4, 9}, (const double[]){0.4, 0.8, NAN})};
    eval_summary s;
    assert_ok(eval_summarise(runs, 2, EVAL_WARM, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_near(s.mean, (0.5 + 0.6) / 2);
    assert_near(s.sd, 0.1 / sqrt(2));
    assert_int_equal(s.n_users, 3); // 9 has no value
    assert_null(s.why);
    assert_true(s.lo >= 0.3 && s.hi <= 0.9 && s.lo < s.hi);
    assert_ok(eval_summarise(runs, 1, EVAL_WARM, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_true(isnan(s.sd));
    assert_error(eval_summarise(runs, 2, EVAL_WARM, EVAL_ALL, 9, 1, &s), LB_E_ARGUMENT, "metric 9");
    assert_error(eval_summarise(runs, 0, EVAL_WARM, EVAL_ALL, 0, 1, &s), LB_E_ARGUMENT, "no runs");
    b.result.cutoffs[0] = 10;
    assert_error(eval_summarise(runs, 2, EVAL_WARM, EVAL_ALL, 0, 1, &s), LB_E_ARGUMENT, "cut-offs");
}

static void differences_are_paired_by_user(void **state) {
    (void)state;
    made_up a, b;
    const eval_result *first = make(&a, 3, (const uint32_t[]){1, 4, 7},
                                    (const double[]){0.5, 0.6, 0.1});
    const eval_result *second = make(&b, 3, (const uint32_t[]){1, 4, 8},
                                     (const double[]){0.4, 0.4, 0.9});
    eval_summary s;
    assert_ok(eval_compare(&first, 1, &second, 1, EVAL_WARM, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_int_equal(s.n_users, 2);
    assert_near(s.mean, 0.15);
    assert_true(s.lo > 0.09 && s.hi < 0.21);
    second = make(&b, 1, (const uint32_t[]){8}, (const double[]){0.9});
    assert_ok(eval_compare(&first, 1, &second, 1, EVAL_WARM, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_true(isnan(s.mean));
    assert_string_equal(s.why, "no user has a value in both");
}

static void numbers_of_runs_are_averaged(void **state) {
    (void)state;
    eval_summary s;
    eval_summarise_runs((const double[]){1, NAN, 3}, 3, &s);
    assert_near(s.mean, 2);
    assert_near(s.sd, sqrt(2));
    assert_true(isnan(s.lo));
    eval_summarise_runs((const double[]){NAN}, 1, &s);
    assert_true(isnan(s.mean) && isnan(s.sd));
    assert_string_equal(s.why, "no run has a value");
}

static void gini_of_known_distributions(void **state) {
    (void)state;
    uint32_t even[] = {3, 3, 3, 3}, one[] = {0, 8, 0, 0}, none[] = {0, 0}, steps[] = {3, 1, 2};
    assert_near(eval_gini(even, 4), 0);
    assert_near(eval_gini(one, 4), 0.75);
    assert_true(isnan(eval_gini(none, 2)) && isnan(eval_gini(none, 0)));
    assert_near(eval_gini(steps, 3), 2.0 / 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bootstrap_covers_the_standard_error),
        cmocka_unit_test(runs_are_averaged),
        cmocka_unit_test(differences_are_paired_by_user),
        cmocka_unit_test(numbers_of_runs_are_averaged),
        cmocka_unit_test(gini_of_known_distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
