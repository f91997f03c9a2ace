#include "support.h"

#include <math.h>

#include "core/memory.h"
#include "core/random.h"
#include "eval/eval.h"
#include "eval/rank.h"
#include "reference.h"

/* Scores that lie in a table (n_users, n_products). */
typedef struct table {
    const float *scores;
    size_t n_products;
} table;

static lb_status score_table(void *context, const uint32_t *users, size_t n, float *scores,
                             unsigned worker) {
    (void)worker;
    const table *t = context;
    for (size_t i = 0; i < n; i++)
        memcpy(scores + i * t->n_products, t->scores + users[i] * t->n_products,
               t->n_products * sizeof *scores);
    return LB_OK;
}

static job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

static eval_result *run(const eval_input *in, const float *scores, unsigned k, unsigned threads) {
    table t = {scores, in->n_products};
    job *j = new_job(threads);
    eval_result *r;
    assert_ok(eval_run(j, in, score_table, &t, k, &r));
    job_free(j);
    return r;
}

static void assert_near(double x, double expected) {
    if (!(fabs(x - expected) < 1e-9)) fail_msg("%.12g is not %.12g", x, expected);
}

/* Two users, six products: 0..3 warm, 4 and 5 cold. User 0 had 0 and is tested on 1 (warm); user 1
 * had 1, 2 and 3, knows 0, and is tested on 4 (cold): no warm candidate is left. */
enum { SMALL_USERS = 2, SMALL_PRODUCTS = 6 };
static const uint32_t small_start[] = {0, 1, 4}, small_product[] = {0, 1, 2, 3};
static const uint8_t small_catalogue[] = {1, 1, 1, 1, 1, 1};
static const uint32_t small_degree[] = {1, 1, 1, 1, 0, 0};
static const pair small_tests[] = {{0, 1}, {1, 4}}, small_known[] = {{1, 0}};
static const eval_input small = {
    SMALL_USERS,  SMALL_PRODUCTS, small_start, small_product, small_catalogue,
    small_degree, small_tests,    2,           small_known,   1};

static void hand_computed_values(void **state) {
    (void)state;
    /* User 0: candidates 2 (higher), 3 (tied), 4 (lower), 5 (higher). */
    const float scores[] = {9, 5, 7, 5, 1, 6, /* user 1: 5 is above 4 */ 0, 0, 0, 0, 2, 3};
    eval_result *r = run(&small, scores, 3, 1);
    assert_int_equal(r->n_users, 2);
    assert_int_equal(r->n_tests[EVAL_WARM], 1);
    assert_int_equal(r->n_catalogue[EVAL_COLD], 2);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_AUC), (1 + 0.5) / 4);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_OWN, EVAL_AUC), 0.5 / 2);
    /* In the list over all it is at rank 3 or 4, in its own at 2 or 3. */
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_RECALL), 0.5);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_NDCG), 0.5 / log2(4));
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_MRR), (1.0 / 3 + 1.0 / 4) / 2);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_OWN, EVAL_RECALL), 1);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_OWN, EVAL_NDCG), (1 / log2(3) + 1 / log2(4)) / 2);
    assert_true(isnan(eval_value(r, 0, EVAL_COLD, EVAL_ALL, EVAL_AUC)));
    assert_true(isnan(eval_value(r, 0, EVAL_COLD, EVAL_ALL, EVAL_RECALL)));
    assert_near(eval_value(r, 1, EVAL_COLD, EVAL_OWN, EVAL_AUC), 0);
    assert_near(eval_value(r, 1, EVAL_COLD, EVAL_OWN, EVAL_MRR), 0.5);
    assert_int_equal(r->ties[EVAL_WARM][EVAL_ALL], 1);
    assert_int_equal(r->pairs[EVAL_WARM][EVAL_ALL], 4);
    assert_int_equal(r->ties[EVAL_COLD][EVAL_OWN], 0);
    /* Lists: user 0 has 2, 5, 1 (before 3, its equal); user 1 has 5, 4. Counts 0 1 1 0 1 2. */
    assert_near(r->coverage, 4.0 / 6);
    uint32_t counts[] = {0, 1, 1, 0, 1, 2};
    assert_near(r->gini, eval_gini(counts, 6));
    assert_near(r->gini, (-1.0 * 1 + 1 * 1 + 3 * 1 + 5 * 2) / (6 * 5));
    eval_result_free(r);
}

static void a_user_without_candidates_has_no_auc(void **state) {
    (void)state;
    static const uint32_t start[] = {0, 2}, product[] = {0, 2}, degree[] = {1, 1, 1};
    static const uint8_t catalogue[] = {1, 1, 1};
    static const pair tests[] = {{0, 1}};
    const eval_input in = {1, 3, start, product, catalogue, degree, tests, 1, NULL, 0};
    const float scores[] = {1, 2, 3};
    eval_result *r = run(&in, scores, 20, 1);
    assert_true(isnan(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_AUC)));
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_RECALL), 1);
    const eval_result *runs[] = {r};
    eval_summary s;
    assert_ok(eval_summarise(runs, 1, EVAL_WARM, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_true(isnan(s.mean) && isnan(s.lo));
    assert_string_equal(s.why, "no test user has a candidate to compare with");
    assert_ok(eval_summarise(runs, 1, EVAL_COLD, EVAL_ALL, EVAL_AUC, 1, &s));
    assert_true(isnan(s.mean));
    assert_string_equal(s.why, "the split has no cold tests");
    eval_result_free(r);
}

static void unrecommendable_products_are_never_hits(void **state) {
    (void)state;
    const float scores[] = {9, -INFINITY, 7, -INFINITY, 1, 6, 0, 0, 0, 0, -INFINITY, -INFINITY};
    eval_result *r = run(&small, scores, 6, 1);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_RECALL), 0);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_NDCG), 0);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_MRR), 0);
    assert_near(eval_value(r, 0, EVAL_WARM, EVAL_ALL, EVAL_AUC), 0.5 / 4);
    assert_near(eval_value(r, 1, EVAL_COLD, EVAL_OWN, EVAL_AUC), 0.5);
    assert_near(r->coverage, 3.0 / 6);
    eval_result_free(r);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    float scores[SMALL_USERS * SMALL_PRODUCTS] = {0};
    scores[6 + 3] = NAN;
    table t = {scores, SMALL_PRODUCTS};
    job *j = new_job(1);
    eval_result *r;
    assert_error(eval_run(j, &small, score_table, &t, 20, &r), LB_E_NUMERIC,
                 "user row 1: the model's score of product row 3");
    assert_error(eval_run(j, &small, score_table, &t, 0, &r), LB_E_ARGUMENT, "cut-off 0");
    eval_input in = small;
    static const pair twice[] = {{0, 1}, {0, 1}}, beyond[] = {{0, 1}, {2, 1}};
    in.tests = twice;
    assert_error(eval_run(j, &in, score_table, &t, 20, &r), LB_E_ARGUMENT, "test pair 1");
    in.tests = beyond;
    assert_error(eval_run(j, &in, score_table, &t, 20, &r), LB_E_ARGUMENT, "user row 2 of 2");
    in = small;
    static const uint8_t half[] = {1, 0, 1, 1, 1, 1};
    in.in_catalogue = half;
    assert_error(eval_run(j, &in, score_table, &t, 20, &r), LB_E_ARGUMENT, "not in the catalogue");
    job_free(j);
}

/* ---------------------------------------------------------------- random data */

/* A made-up split: `n_tests` tests and up to two known pairs a user. */
typedef struct world {
    eval_input in;
    uint32_t *start, *product, *degree;
    uint8_t *catalogue;
    pair *tests, *known;
    float *scores;
} world;

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void world_open(world *w, uint32_t n_users, uint32_t n_products, uint32_t tests_each,
                       uint32_t levels) {
    random_stream r = random_open(5, "world", n_users);
    uint32_t n_cold = n_products / 4, history = 5, *order;
    assert_ok(NEW_ARRAY(w->start, n_users + 1));
    assert_ok(NEW_ARRAY(w->product, n_users * history));
    assert_ok(NEW_ARRAY(w->degree, n_products));
    assert_ok(NEW_ARRAY(w->catalogue, n_products));
    assert_ok(NEW_ARRAY(w->tests, n_users * tests_each));
    assert_ok(NEW_ARRAY(w->known, n_users * 2));
    assert_ok(NEW_ARRAY(w->scores, n_users * n_products));
    assert_ok(NEW_ARRAY(order, n_products));
    size_t n_tests = 0, n_known = 0, n_train = 0;
    for (uint32_t u = 0; u < n_users; u++) {
        random_permutation(&r, order, n_products);
        uint32_t wanted = tests_each ? 1 + (uint32_t)random_below(&r, tests_each) : 0;
        qsort(order, wanted, sizeof *order, ascending);
        for (uint32_t i = 0; i < wanted; i++) w->tests[n_tests++] = (pair){u, order[i]};
        uint32_t first = (uint32_t)n_train;
        for (uint32_t i = wanted; i < n_products && n_train - first < history; i++)
            if (order[i] >= n_cold) w->product[n_train++] = order[i];
        qsort(w->product + first, n_train - first, sizeof *order, ascending);
        w->known[n_known++] = (pair){u, order[n_products - 1]};
        w->known[n_known++] = (pair){u, w->product[first]}; // seen twice over
        w->start[u + 1] = (uint32_t)n_train;
    }
    for (size_t i = 0; i < n_train; i++) w->degree[w->product[i]]++;
    for (uint32_t p = 0; p < n_products; p++) w->catalogue[p] = random_below(&r, 8) > 0;
    for (size_t i = 0; i < n_tests; i++) w->catalogue[w->tests[i].product] = 1;
    for (size_t i = 0; i < (size_t)n_users * n_products; i++) {
        w->scores[i] = levels ? (float)random_below(&r, levels) : random_unit_f32(&r);
        if (levels && random_below(&r, 50) == 0) w->scores[i] = -INFINITY;
    }
    free(order);
    w->in = (eval_input){n_users,   n_products, w->start, w->product, w->catalogue,
                         w->degree, w->tests,   n_tests,  w->known,   n_known};
}

static void world_close(world *w) {
    free(w->start);
    free(w->product);
    free(w->degree);
    free(w->catalogue);
    free(w->tests);
    free(w->known);
    free(w->scores);
}

static void compare_with_reference(uint32_t n_users, uint32_t n_products, uint32_t tests_each,
                                   uint32_t levels, unsigned k) {
    world w;
    world_open(&w, n_users, n_products, tests_each, levels);
    eval_result *r = run(&w.in, w.scores, k, 2);
    for (size_t i = 0; i < r->n_users; i++) {
        for (int kind = 0; kind < EVAL_KINDS; kind++) {
            for (int set = 0; set < EVAL_SETS; set++) {
                double expected[EVAL_METRICS];
                reference_measure(&w.in, w.scores + (size_t)r->user[i] * n_products, r->user[i],
                                  (eval_kind)kind, (eval_set)set, k, expected);
                for (size_t m = 0; m < EVAL_METRICS; m++) {
                    double x = eval_value(r, i, (eval_kind)kind, (eval_set)set, m);
                    if (isnan(expected[m]) ? !isnan(x) : !(fabs(x - expected[m]) < 1e-9))
                        fail_msg("user %zu kind %d set %d metric %zu: %g is not %g", i, kind, set,
                                 m, x, expected[m]);
                }
            }
        }
    }
    eval_result_free(r);
    world_close(&w);
}

static void random_data_matches_the_reference(void **state) {
    (void)state;
    compare_with_reference(150, 60, 1, 0, 5);
    compare_with_reference(150, 60, 1, 4, 5);
    compare_with_reference(150, 60, 6, 5, 7);
    compare_with_reference(150, 60, 6, 1, 20);
    compare_with_reference(40, 120, 50, 9, 10); // more tests than are counted one by one
    compare_with_reference(40, 120, 50, 0, 200);
}

static double mean_of(const eval_result *r, eval_kind kind, eval_set set, size_t metric) {
    eval_summary s;
    assert_ok(eval_summarise(&(const eval_result *){r}, 1, kind, set, metric, 1, &s));
    return s.mean;
}

static void oracles_chance_and_constants(void **state) {
    (void)state;
    world w;
    world_open(&w, 2000, 200, 1, 0);
    eval_result *r = run(&w.in, w.scores, 20, 2);
    assert_true(fabs(mean_of(r, EVAL_WARM, EVAL_ALL, EVAL_AUC) - 0.5) < 0.03);
    assert_true(fabs(mean_of(r, EVAL_COLD, EVAL_OWN, EVAL_AUC) - 0.5) < 0.05);
    eval_result_free(r);

    for (size_t i = 0; i < 2000 * 200; i++) w.scores[i] = 3;
    r = run(&w.in, w.scores, 20, 2);
    for (size_t i = 0; i < r->n_users; i++) {
        eval_kind kind = w.degree[w.tests[i].product] ? EVAL_WARM : EVAL_COLD;
        assert_near(eval_value(r, i, kind, EVAL_OWN, EVAL_AUC), 0.5);
        size_t n = 1; // the test and the candidates it competes with
        for (uint32_t p = 0; p < 200; p++) {
            int out = p == w.tests[i].product || p == w.known[2 * i].product || !w.catalogue[p];
            for (uint32_t q = w.start[i]; q < w.start[i + 1]; q++) out |= p == w.product[q];
            n += !out && (w.degree[p] > 0) == (kind == EVAL_WARM);
        }
        assert_near(eval_value(r, i, kind, EVAL_OWN, EVAL_RECALL), n > 20 ? 20.0 / (double)n : 1);
    }
    assert_true(r->ties[EVAL_WARM][EVAL_ALL] == r->pairs[EVAL_WARM][EVAL_ALL]);
    eval_result_free(r);

    for (size_t i = 0; i < w.in.n_tests; i++)
        w.scores[(size_t)w.tests[i].user * 200 + w.tests[i].product] = 4;
    r = run(&w.in, w.scores, 20, 2);
    for (size_t m = 0; m < EVAL_METRICS; m++) {
        assert_near(mean_of(r, EVAL_WARM, EVAL_ALL, m), 1);
        assert_near(mean_of(r, EVAL_COLD, EVAL_OWN, m), 1);
    }
    eval_result_free(r);
    world_close(&w);
}

/* The lists that coverage is about, once more by looking at every product for every place. */
static double coverage_by_hand(const world *w, const float *scores, uint32_t n_products,
                               const eval_result *r, unsigned k) {
    uint8_t *shown, *out;
    size_t n_shown = 0, n_catalogue = 0;
    assert_ok(NEW_ARRAY(shown, n_products));
    assert_ok(NEW_ARRAY(out, n_products));
    for (size_t i = 0; i < r->n_users; i++) {
        uint32_t u = r->user[i];
        for (uint32_t p = 0; p < n_products; p++) out[p] = !w->in.in_catalogue[p];
        for (uint32_t q = w->in.user_start[u]; q < w->in.user_start[u + 1]; q++)
            out[w->in.product[q]] = 1;
        for (size_t q = 0; q < w->in.n_known; q++)
            if (w->in.known[q].user == u) out[w->in.known[q].product] = 1;
        for (unsigned place = 0; place < k; place++) {
            int64_t best = -1; // of equal ones the first
            const float *own = scores + (size_t)u * n_products;
            for (uint32_t p = 0; p < n_products; p++)
                if (!out[p] && own[p] > -INFINITY && (best < 0 || own[p] > own[best])) best = p;
            if (best < 0) break;
            out[best] = shown[best] = 1;
        }
    }
    for (uint32_t p = 0; p < n_products; p++) {
        n_shown += shown[p];
        n_catalogue += w->in.in_catalogue[p] != 0;
    }
    free(shown);
    free(out);
    return (double)n_shown / (double)n_catalogue;
}

static void lists_are_the_first_of_a_long_catalogue(void **state) {
    (void)state;
    static const unsigned levels[] = {0, 4, 40};
    for (size_t i = 0; i < 3; i++) {
        world w;
        world_open(&w, 30, 500, 2, levels[i]);
        eval_result *r = run(&w.in, w.scores, 3, 1);
        assert_near(r->coverage, coverage_by_hand(&w, w.scores, 500, r, 3));
        eval_result_free(r);
        world_close(&w);
    }
}

static void threads_do_not_change_the_result(void **state) {
    (void)state;
    world w;
    world_open(&w, 1000, 300, 3, 30);
    eval_result *first = run(&w.in, w.scores, 20, 1);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        eval_result *r = run(&w.in, w.scores, 20, threads);
        assert_int_equal(r->n_users, first->n_users);
        assert_memory_equal(r->values, first->values,
                            r->n_users * EVAL_KINDS * EVAL_SETS * r->n_metrics * sizeof(double));
        assert_memory_equal(r->ties, first->ties, sizeof r->ties);
        assert_true(r->gini == first->gini && r->coverage == first->coverage);
        eval_result_free(r);
    }
    eval_result_free(first);
    world_close(&w);
}

static void the_quick_auc_is_the_same_auc(void **state) {
    (void)state;
    world w;
    world_open(&w, 300, 80, 2, 10);
    table t = {w.scores, 80};
    job *j = new_job(2);
    double auc[EVAL_KINDS][EVAL_SETS];
    assert_ok(eval_auc_quick(j, &w.in, score_table, &t, auc));
    eval_result *r;
    assert_ok(eval_run(j, &w.in, score_table, &t, 20, &r));
    for (int kind = 0; kind < EVAL_KINDS; kind++)
        for (int set = 0; set < EVAL_SETS; set++)
            assert_near(auc[kind][set], mean_of(r, (eval_kind)kind, (eval_set)set, EVAL_AUC));
    eval_result_free(r);
    w.in.n_tests = 0;
    assert_ok(eval_auc_quick(j, &w.in, score_table, &t, auc));
    assert_true(isnan(auc[EVAL_WARM][EVAL_OWN]) && isnan(auc[EVAL_COLD][EVAL_ALL]));
    assert_ok(eval_run(j, &w.in, score_table, &t, 20, &r));
    assert_int_equal(r->n_users, 0);
    assert_true(isnan(r->coverage) && isnan(r->gini));
    eval_result_free(r);
    job_free(j);
    world_close(&w);
}

/* Lifting cold products in the counts is lifting their scores. */
static void lifts_are_those_of_cold_scores(void **state) {
    (void)state;
    enum { USERS = 300, PRODUCTS = 80, LIFTS = 4 };
    static const double lifts[LIFTS] = {0, 0.5, -0.25, 3};
    world w;
    world_open(&w, USERS, PRODUCTS, 2, 10);
    float *lifted = calloc(USERS * PRODUCTS, sizeof *lifted);
    table t = {w.scores, PRODUCTS}, raised = {lifted, PRODUCTS};
    job *j = new_job(2);
    eval_aucs found[LIFTS];
    double auc[EVAL_KINDS][EVAL_SETS];
    assert_ok(eval_auc_lifts(j, &w.in, score_table, &t, lifts, LIFTS, found));
    for (size_t l = 0; l < LIFTS; l++) {
        for (size_t i = 0; i < USERS * PRODUCTS; i++)
            lifted[i] = w.scores[i] + (w.in.degree[i % PRODUCTS] ? 0 : (float)lifts[l]);
        assert_ok(eval_auc_quick(j, &w.in, score_table, &raised, auc));
        for (int kind = 0; kind < EVAL_KINDS; kind++)
            for (int set = 0; set < EVAL_SETS; set++)
                assert_near(found[l].auc[kind][set], auc[kind][set]);
    }
    assert_true(found[3].auc[EVAL_COLD][EVAL_ALL] > found[0].auc[EVAL_COLD][EVAL_ALL]);
    assert_true(found[3].auc[EVAL_COLD][EVAL_OWN] == found[0].auc[EVAL_COLD][EVAL_OWN]);
    free(lifted);
    job_free(j);
    world_close(&w);
}

static void several_cutoffs_agree_with_single_ones(void **state) {
    (void)state;
    world w;
    world_open(&w, 100, 90, 4, 12);
    table t = {w.scores, 90};
    job *j = new_job(1);
    const unsigned cutoffs[] = {1, 5, 20};
    eval_result *all, *one;
    assert_ok(eval_run_cutoffs(j, &w.in, score_table, &t, cutoffs, 3, 20, &all));
    assert_int_equal(all->n_metrics, 8);
    for (size_t c = 0; c < 3; c++) {
        assert_ok(eval_run(j, &w.in, score_table, &t, cutoffs[c], &one));
        for (size_t m = EVAL_RECALL; m <= EVAL_NDCG; m++)
            assert_near(mean_of(all, EVAL_WARM, EVAL_ALL, m + 2 * c),
                        mean_of(one, EVAL_WARM, EVAL_ALL, m));
        eval_result_free(one);
    }
    eval_result_free(all);
    job_free(j);
    world_close(&w);
}

static void ties_of_several_tests_by_hand(void **state) {
    (void)state;
    const double harmonic[] = {0, 1, 1.5, 1.5 + 1.0 / 3, 1.5 + 1.0 / 3 + 0.25};
    assert_near(rank_expected_reciprocal(harmonic, 0, 3, 2), 2.0 / 3 + 1.0 / 3 / 2);
    assert_near(rank_expected_reciprocal(harmonic, 0, 3, 1), (1 + 0.5 + 1.0 / 3) / 3);
    assert_near(rank_expected_reciprocal(harmonic, 1, 3, 3), 0.5);
    assert_near(rank_expected_reciprocal(harmonic, 3, 1, 1), 0.25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_computed_values),
        cmocka_unit_test(a_user_without_candidates_has_no_auc),
        cmocka_unit_test(unrecommendable_products_are_never_hits),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(random_data_matches_the_reference),
        cmocka_unit_test(oracles_chance_and_constants),
        cmocka_unit_test(lists_are_the_first_of_a_long_catalogue),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(the_quick_auc_is_the_same_auc),
        cmocka_unit_test(lifts_are_those_of_cold_scores),
        cmocka_unit_test(several_cutoffs_agree_with_single_ones),
        cmocka_unit_test(ties_of_several_tests_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
