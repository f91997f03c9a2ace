/* Requests: by hand, against eval_run where each user asks once, and means over users. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "eval/requests.h"

enum { USERS = 3, PRODUCTS = 6 };

/* User 0 had 0, user 1 had 1, 2 and 3 and knows 0; products 0 to 3 are warm, 4 and 5 cold. */
static const uint32_t start[] = {0, 1, 4, 5}, had[] = {0, 1, 2, 3, 0};
static const uint8_t catalogue[] = {1, 1, 1, 1, 1, 1};
static const uint32_t degree[] = {1, 1, 1, 1, 0, 0};
static const pair known[] = {{1, 0}};

static lb_status score_table(void *context, const uint32_t *tests, size_t n, float *scores,
                             unsigned worker) {
    (void)worker;
    const float *table = context;
    for (size_t i = 0; i < n; i++)
        memcpy(scores + i * PRODUCTS, table + tests[i] * PRODUCTS, PRODUCTS * sizeof *scores);
    return LB_OK;
}

static eval_input input(const pair *tests, size_t n) {
    return (eval_input){USERS, PRODUCTS, start, had, catalogue, degree, tests, n, known, 1};
}

static lb_status measure(const eval_input *in, const float *table, eval_result **out) {
    static const unsigned cutoffs[] = {1, 2};
    job *j;
    assert_ok(job_new(NULL, &j));
    lb_status status = eval_requests(j, in, score_table, (void *)(uintptr_t)table, cutoffs, 2, 3,
                                     out);
    job_free(j);
    return status;
}

static double value(const eval_result *r, size_t user, eval_kind kind, eval_set set, size_t m) {
    return eval_value(r, user, kind, set, m);
}

static void by_hand(void **state) {
    (void)state;
    // user 0 asks twice for warm products, once for a cold one; the same one twice by user 1
    static const pair tests[] = {{0, 1}, {0, 2}, {0, 4}, {1, 5}, {1, 5}};
    static const float table[] = {
        9, 5, 4, 3, 6, 0, // all but 0: 4 above, so rank 2 of all, 1 of own
        9, 5, 4, 3, 0, 0, // rank 2: product 1 is no test of this request
        0, 1, 1, 1, 1, 1, // tied with all
        9, 9, 9, 9, 1, 2, // only 4 and 5 are left: rank 1
        9, 9, 9, 9, 2, 1, // rank 2
    };
    eval_input in = input(tests, 5);
    eval_result *r;
    assert_ok(measure(&in, table, &r));
    assert_int_equal(r->n_users, 2);
    assert_int_equal(r->user[0], 0);
    assert_int_equal(r->user[1], 1);
    assert_int_equal(r->n_tests[EVAL_WARM], 2);
    assert_int_equal(r->n_tests[EVAL_COLD], 3);
    const size_t recall_1 = EVAL_RECALL, recall_2 = EVAL_RECALL + 2;
    assert_float_equal(value(r, 0, EVAL_WARM, EVAL_ALL, recall_1), 0, 1e-9);
    assert_float_equal(value(r, 0, EVAL_WARM, EVAL_OWN, recall_1), 0.5, 1e-9);
    assert_float_equal(value(r, 0, EVAL_WARM, EVAL_ALL, recall_2), 1, 1e-9);
    assert_float_equal(value(r, 0, EVAL_WARM, EVAL_OWN, EVAL_MRR), 0.75, 1e-9);
    assert_float_equal(value(r, 0, EVAL_COLD, EVAL_ALL, recall_1), 0.2, 1e-9);
    assert_float_equal(value(r, 0, EVAL_COLD, EVAL_OWN, recall_1), 0.5, 1e-9);
    assert_float_equal(value(r, 1, EVAL_COLD, EVAL_ALL, recall_1), 0.5, 1e-9);
    assert_float_equal(value(r, 1, EVAL_COLD, EVAL_OWN, EVAL_MRR), 0.75, 1e-9);
    assert_true(isnan(value(r, 1, EVAL_WARM, EVAL_ALL, EVAL_MRR)));
    eval_result_free(r);
}

/* Where every user asks once, it is eval_run's answer. */
static void one_request_a_user(void **state) {
    (void)state;
    static const pair tests[] = {{0, 4}, {1, 5}, {2, 1}};
    static const unsigned cutoffs[] = {1, 2};
    float table[USERS * PRODUCTS];
    eval_input in = input(tests, 3);
    random_stream stream = random_open(1, "test", 0);
    for (int round = 0; round < 50; round++) {
        eval_result *a, *b;
        job *j;
        for (size_t i = 0; i < USERS * PRODUCTS; i++) table[i] = (float)random_below(&stream, 4);
        assert_ok(measure(&in, table, &a));
        assert_ok(job_new(NULL, &j));
        assert_ok(eval_run_cutoffs(j, &in, score_table, table, cutoffs, 2, 3, &b));
        job_free(j);
        assert_int_equal(a->n_users, b->n_users);
        size_t n = a->n_users * EVAL_KINDS * EVAL_SETS * a->n_metrics;
        assert_int_equal(memcmp(a->values, b->values, n * sizeof *a->values), 0);
        assert_float_equal(a->coverage, b->coverage, 0);
        eval_result_free(a);
        eval_result_free(b);
    }
}

static void wrong_input_is_refused(void **state) {
    (void)state;
    static const pair unsorted[] = {{1, 4}, {0, 4}}, outside[] = {{USERS, 4}}, far[] = {{0, 99}};
    static const float table[2 * PRODUCTS] = {0};
    eval_result *r;
    eval_input in = input(unsorted, 2);
    assert_error(measure(&in, table, &r), LB_E_ARGUMENT, "not sorted by user");
    in = input(outside, 1);
    assert_error(measure(&in, table, &r), LB_E_ARGUMENT, "out of range");
    in = input(far, 1);
    assert_error(measure(&in, table, &r), LB_E_ARGUMENT, "out of range");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(one_request_a_user),
        cmocka_unit_test(wrong_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
