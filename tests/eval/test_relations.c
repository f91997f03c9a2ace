/* Telling related pairs from others: cases worked out by hand, a perfect judge, and chance. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "eval/relations.h"

static void assert_near(double x, double expected) {
    if (!(fabs(x - expected) < 1e-6)) fail_msg("%.12g is not %.12g", x, expected);
}

static job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* related .9 .5 .5 .1, others .7 .5 .0 .0: of 16 combinations 4 + 3 ones and the ties count half */
static const relation eight[] = {{0, 1}, {0, 2}, {1, 2}, {3, 4}, {0, 3}, {0, 4}, {1, 3}, {2, 4}};
static const float scores[] = {0.9f, 0.5f, 0.5f, 0.1f, 0.7f, 0.5f, 0.0f, 0.0f};
static const size_t four[2] = {4, 4};

static void by_hand(void **state) {
    (void)state;
    eval_relations *r;
    double threshold, accuracy;
    assert_ok(eval_relations_threshold(scores, four, &threshold, &accuracy));
    // right at a cut above 0: 4 + 2; above .1: 3 + 2; above .5: 1 + 3; above .7: 1 + 4
    assert_near(threshold, 0.05);
    assert_near(accuracy, 6.0 / 8);
    assert_ok(eval_relations_run(eight, scores, four, threshold, &r));
    assert_near(r->accuracy, 6.0 / 8);
    assert_near(r->auc, (4 + 2.5 + 2.5 + 2) / 16.0);
    assert_int_equal(r->ties, 2);
    assert_int_equal(r->unplaced, 0);
    static const float places[] = {1, 0.625f, 0.625f, 0.5f, 0.25f, 0.5f, 1, 1};
    static const uint8_t right[] = {1, 1, 1, 1, 0, 0, 1, 1};
    for (int i = 0; i < 8; i++) assert_near((double)r->place[i], (double)places[i]);
    assert_memory_equal(r->right, right, 8);
    assert_memory_equal(r->pair, eight, sizeof eight);
    eval_relations_free(r);
    assert_ok(eval_relations_run(eight, scores, four, 0.6, &r));
    assert_near(r->accuracy, 4.0 / 8);
    assert_near(r->threshold, 0.6);
    eval_relations_free(r);
}

static void the_threshold_at_the_edges(void **state) {
    (void)state;
    double t, accuracy;
    static const float up[] = {1, 2}, down[] = {2, 1}, same[] = {3, 3};
    static const size_t one[2] = {1, 1}, all_related[2] = {2, 0}, none_related[2] = {0, 2};
    assert_ok(eval_relations_threshold(down, one, &t, &accuracy));
    assert_near(t, 1.5);
    assert_near(accuracy, 1);
    assert_ok(eval_relations_threshold(up, one, &t, &accuracy));
    assert_near(accuracy, 0.5);
    assert_true(t < 1); // the lowest of equally good ones: all related
    assert_ok(eval_relations_threshold(same, one, &t, &accuracy));
    assert_near(accuracy, 0.5);
    assert_ok(eval_relations_threshold(up, all_related, &t, &accuracy));
    assert_near(accuracy, 1);
    assert_true(t < 1 && t > 0.99);
    assert_ok(eval_relations_threshold(up, none_related, &t, &accuracy));
    assert_near(accuracy, 1);
    assert_true(t == 2);
    assert_ok(eval_relations_threshold(up, (const size_t[2]){0, 0}, &t, &accuracy));
    assert_true(isnan(t) && isnan(accuracy));
}

static void what_cannot_be_placed_is_not_related(void **state) {
    (void)state;
    static const float s[] = {1, -INFINITY, 0, -INFINITY};
    static const relation pairs[] = {{0, 1}, {0, 2}, {1, 2}, {1, 3}};
    static const size_t two[2] = {2, 2};
    double t, accuracy;
    eval_relations *r;
    assert_ok(eval_relations_threshold(s, two, &t, &accuracy));
    assert_near(t, 0.5);
    assert_near(accuracy, 0.75);
    assert_ok(eval_relations_run(pairs, s, two, t, &r));
    assert_int_equal(r->unplaced, 2);
    assert_int_equal(r->ties, 1);
    assert_near(r->accuracy, 0.75);
    assert_near(r->auc, (1 + 1 + 0 + 0.5) / 4);
    eval_relations_free(r);
    static const float lost[] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    assert_ok(eval_relations_threshold(lost, two, &t, &accuracy));
    assert_near(accuracy, 0.5);
    assert_ok(eval_relations_run(pairs, lost, two, t, &r));
    assert_near(r->accuracy, 0.5);
    assert_near(r->auc, 0.5);
    eval_relations_free(r);
}

static void no_threshold_no_accuracy(void **state) {
    (void)state;
    eval_relations *r;
    eval_summary s;
    job *j = new_job(1);
    assert_ok(eval_relations_run(eight, scores, four, NAN, &r));
    assert_true(isnan(r->accuracy) && !isnan(r->auc));
    const eval_relations *runs[] = {r};
    assert_ok(eval_relations_summarise(j, runs, 1, 5, EVAL_RELATIONS_ACCURACY, 1, &s));
    assert_true(isnan(s.mean) && isnan(s.lo) && s.why);
    eval_relations_free(r);
    assert_ok(eval_relations_run(eight, scores, (const size_t[2]){0, 4}, 0, &r));
    assert_true(isnan(r->auc));
    eval_relations_free(r);
    job_free(j);
}

static void scores_must_be_numbers(void **state) {
    (void)state;
    static const float bad[] = {1, NAN};
    static const size_t one[2] = {1, 1};
    double t, a;
    eval_relations *r;
    assert_error(eval_relations_threshold(bad, one, &t, &a), LB_E_NUMERIC, "pair 1");
    assert_error(eval_relations_run(eight, bad, one, 0, &r), LB_E_NUMERIC, "products 0 and 2");
}

/* ---- many pairs */

enum { PRODUCTS = 300, PAIRS = 3000 };

typedef struct drawn {
    relation pair[2 * PAIRS];
    float score[2 * PAIRS];
} drawn;

static const size_t many[2] = {PAIRS, PAIRS};

/* Related pairs score `gap` higher, in standard deviations. */
static void draw(drawn *d, uint64_t seed, double gap) {
    random_stream r = random_open(seed, "test", 0);
    for (int i = 0; i < 2 * PAIRS; i++) {
        uint32_t a = (uint32_t)random_below(&r, PRODUCTS - 1);
        d->pair[i] = (relation){a, a + 1 + (uint32_t)random_below(&r, PRODUCTS - a - 1)};
        d->score[i] = (float)(random_normal(&r) + (i < PAIRS ? gap : 0));
    }
}

static void measure(const drawn *d, eval_relations **out) {
    double t, accuracy;
    assert_ok(eval_relations_threshold(d->score, many, &t, &accuracy));
    assert_ok(eval_relations_run(d->pair, d->score, many, t, out));
    assert_near((*out)->accuracy, accuracy);
}

static void a_perfect_judge_and_chance(void **state) {
    (void)state;
    static drawn d;
    job *j = new_job(2);
    eval_summary s;
    for (int perfect = 0; perfect < 2; perfect++) {
        eval_relations *r;
        draw(&d, 1, perfect ? 100 : 0);
        measure(&d, &r);
        const eval_relations *runs[] = {r};
        assert_true(fabs(r->auc - (perfect ? 1 : 0.5)) < 0.02);
        assert_true(fabs(r->accuracy - (perfect ? 1 : 0.5)) < 0.03);
        assert_ok(eval_relations_summarise(j, runs, 1, PRODUCTS, EVAL_RELATIONS_AUC, 1, &s));
        assert_near(s.mean, r->auc);
        assert_true(isnan(s.sd));
        if (perfect)
            assert_true(s.lo > 0.999999 && s.hi < 1.000001);
        else
            assert_true(s.lo < 0.5 && s.hi > 0.5 && s.hi - s.lo < 0.1);
        eval_relations_free(r);
    }
    job_free(j);
}

/* Where pairs are independent but for their products, the interval is not narrower than that of
 * pairs, 2 * 1.96 * sqrt(.5 * .5 / 6000) at an accuracy of one half. */
static void intervals_and_runs(void **state) {
    (void)state;
    static drawn d[2];
    job *one = new_job(1), *two = new_job(2);
    eval_relations *r[2];
    eval_summary s, again, single;
    for (int i = 0; i < 2; i++) {
        draw(&d[i], 5 + (uint64_t)i, 1);
        measure(&d[i], &r[i]);
    }
    const eval_relations *runs[] = {r[0], r[1]}, *same[] = {r[0], r[0]};
    for (eval_relations_metric m = EVAL_RELATIONS_ACCURACY; m <= EVAL_RELATIONS_AUC; m++) {
        double a = m == EVAL_RELATIONS_AUC ? r[0]->auc : r[0]->accuracy;
        double b = m == EVAL_RELATIONS_AUC ? r[1]->auc : r[1]->accuracy;
        assert_ok(eval_relations_summarise(one, runs, 2, PRODUCTS, m, 1, &s));
        assert_ok(eval_relations_summarise(two, runs, 2, PRODUCTS, m, 1, &again));
        assert_memory_equal(&s.lo, &again.lo, sizeof s.lo);
        assert_memory_equal(&s.hi, &again.hi, sizeof s.hi);
        assert_near(s.mean, (a + b) / 2);
        assert_near(s.sd, fabs(a - b) / sqrt(2));
        assert_true(s.lo < s.mean && s.mean < s.hi);
        assert_ok(eval_relations_summarise(one, runs, 1, PRODUCTS, m, 1, &single));
        assert_true(single.hi - single.lo > 2 * 1.96 * sqrt(a * (1 - a) / (2 * PAIRS)) * 0.9);
        assert_true(single.hi - single.lo < 0.1);
        assert_ok(eval_relations_summarise(one, same, 2, PRODUCTS, m, 1, &again));
        assert_near(again.lo, single.lo);
        assert_near(again.sd, 0);
    }
    for (int i = 0; i < 2; i++) eval_relations_free(r[i]);
    job_free(one);
    job_free(two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_threshold_at_the_edges),
        cmocka_unit_test(what_cannot_be_placed_is_not_related),
        cmocka_unit_test(no_threshold_no_accuracy),
        cmocka_unit_test(scores_must_be_numbers),
        cmocka_unit_test(a_perfect_judge_and_chance),
        cmocka_unit_test(intervals_and_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
