/* Analogies and similarities against answers computed by hand. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "eval/analogy.h"
#include "eval/similarity.h"

static void assert_near(double x, double expected) {
    if (!(fabs(x - expected) < 1e-6)) fail_msg("%.12g is not %.12g", x, expected);
}

static job *threads(unsigned n) {
    lb_runtime runtime;
    job *j;
    lb_runtime_init(&runtime);
    runtime.threads = n;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* ---- analogies */

/* Two users, seven products around a quarter of a circle, at 0, 15, .. 90 degrees. User 0 lies at
 * 0 degrees and bought product 0; user 1 lies at 90 degrees and bought 5 and 6; 4 is held out. */
enum { USERS = 2, PRODUCTS = 7 };
static const uint32_t start[] = {0, 1, 3}, bought[] = {0, 5, 6};
static const pair test[] = {{1, 4}};
static const uint32_t label[] = {0, 0, 1, 1, 1, 0, ANALOGY_NO_LABEL};

static analogy_input circle(float user[USERS][2], float product[PRODUCTS][2]) {
    user[0][0] = 1, user[0][1] = 0, user[1][0] = 0, user[1][1] = 1;
    for (int p = 0; p < PRODUCTS; p++) {
        double angle = p * 3.14159265358979 / 12;
        product[p][0] = (float)cos(angle), product[p][1] = (float)sin(angle);
    }
    return (analogy_input){
        .n_users = USERS,
        .n_products = PRODUCTS,
        .dim = 2,
        .user = user[0],
        .product = product[0],
        .user_start = start,
        .bought = bought,
        .test = test,
        .n_test = 1,
        .label = label,
        .samples = 400,
        .seed = 1,
    };
}

/* Samples with u1 = 0: the query is x_0 - (1, 0) + (0, 1) = (0, 1), at 90 degrees. p1 = 0 is left
 * out; nearest are 6, 5, 4, 3, 2, of which u2 = 1 has 6 and 5: 2 of 5. Unseen: 4, 3, 2, 1, a hit.
 * Of p1's label (0) is product 5 alone: 1 of 5.
 * Samples with u1 = 1: p1 is 5 or 6, the query x_p1 - (0, 1) + (1, 0); u2 = 0 has product 0, which
 * is among the five nearest: 1 of 5; u2 has no test. */
static void an_analogy_by_hand(void **state) {
    (void)state;
    float user[USERS][2], product[PRODUCTS][2];
    analogy_input in = circle(user, product);
    analogy_result r;
    job *j = threads(2);
    assert_ok(analogy_measure(j, &in, &r));
    size_t first = 0, labelled = 0;
    for (size_t i = 0; i < in.samples; i++) {
        const analogy_case *c = &r.cases[i];
        static const uint32_t expected[] = {6, 5, 4, 3, 2};
        assert_int_equal(c->u2, 1 - c->u1);
        assert_int_equal(c->n, 5);
        if (c->u1 == 0) {
            first++;
            assert_int_equal(c->p1, 0);
            assert_memory_equal(c->nearest, expected, sizeof expected);
            assert_near((double)c->cosine[0], 1);
        } else {
            assert_true(c->p1 == 5 || c->p1 == 6);
        }
        labelled += c->p1 != 6;
    }
    assert_true(first > 150 && first < 250);
    double share = (double)first / (double)in.samples;
    assert_int_equal(r.n_tested, first);
    assert_int_equal(r.n_labelled, labelled);
    assert_near(r.score[ANALOGY_SUM].train, share * 2 / 5 + (1 - share) / 5);
    assert_near(r.ceiling, r.score[ANALOGY_SUM].train);
    assert_near(r.score[ANALOGY_SUM].held_out, 1);
    // At random: 2 of 6 for u2 = 1, 1 of 6 for u2 = 0; one of the four unseen is the test.
    assert_near(r.score[ANALOGY_RANDOM].train, share * 2 / 6 + (1 - share) / 6);
    assert_near(r.score[ANALOGY_RANDOM].held_out, 1);
    free(r.cases);
    job_free(j);
}

/* Twenty more products far away: five of the 24 that u2 lacks, 4 not among them, is 19/24. */
static void random_lists_in_expectation(void **state) {
    (void)state;
    enum { MORE = 27 };
    float user[USERS][2], product[PRODUCTS][2], many[MORE][2];
    uint32_t labels[MORE];
    analogy_input in = circle(user, product);
    analogy_result r;
    job *j = threads(1);
    for (int p = 0; p < MORE; p++) {
        many[p][0] = p < PRODUCTS ? product[p][0] : -1;
        many[p][1] = p < PRODUCTS ? product[p][1] : -1;
        labels[p] = p < PRODUCTS ? label[p] : 7;
    }
    in.product = many[0];
    in.label = labels;
    in.n_products = MORE;
    assert_ok(analogy_measure(j, &in, &r));
    assert_near(r.score[ANALOGY_RANDOM].held_out, 5.0 / 24);
    assert_near(r.score[ANALOGY_SUM].held_out, 1);
    assert_near(r.score[ANALOGY_USER].held_out, 1);
    // By degree, then row: 0, 5, 6, 1, 2, 3, 4, 7; without p1 = 0 and what u2 = 1 has, 4 is fourth.
    assert_near(r.score[ANALOGY_POPULAR].held_out, 1);
    free(r.cases);
    job_free(j);
}

static void analogies_do_not_depend_on_threads(void **state) {
    (void)state;
    float user[USERS][2], product[PRODUCTS][2];
    analogy_input in = circle(user, product);
    analogy_result one, three;
    job *a = threads(1), *b = threads(3);
    assert_ok(analogy_measure(a, &in, &one));
    assert_ok(analogy_measure(b, &in, &three));
    assert_memory_equal(one.score, three.score, sizeof one.score);
    assert_memory_equal(one.cases, three.cases, in.samples * sizeof *one.cases);
    free(one.cases);
    free(three.cases);
    job_free(a);
    job_free(b);
}

static void too_little_for_analogies(void **state) {
    (void)state;
    float user[USERS][2], product[PRODUCTS][2];
    uint8_t few[PRODUCTS] = {1, 1, 1};
    static const uint32_t lonely[] = {0, 3, 3};
    analogy_input in = circle(user, product), other = in;
    analogy_result r;
    job *j = threads(1);
    in.candidate = few;
    assert_error(analogy_measure(j, &in, &r), LB_E_EMPTY, "too few for lists of 5");
    other.user_start = lonely;
    assert_error(analogy_measure(j, &other, &r), LB_E_EMPTY, "analogies take two");
    other.samples = 0;
    assert_error(analogy_measure(j, &other, &r), LB_E_ARGUMENT, "no analogies");
    job_free(j);
}

/* ---- similarities */

static void moments_by_hand(void **state) {
    (void)state;
    // 1, 2, 3, 4, 10: mean 4, m2 = 10, m4 = (81 + 16 + 1 + 0 + 1296) / 5 = 278.8.
    static const float values[] = {1, 2, 3, 4, 10}, same[] = {2, 2, 2};
    double mean, sd, kurtosis;
    similarity_moments(values, 5, &mean, &sd, &kurtosis);
    assert_near(mean, 4);
    assert_near(sd, sqrt(10));
    assert_near(kurtosis, 278.8 / 100 - 3);
    similarity_moments(same, 3, &mean, &sd, &kurtosis);
    assert_near(sd, 0);
    assert_true(isnan(kurtosis));
}

static void a_normal_distribution_has_no_excess(void **state) {
    (void)state;
    enum { N = 200000 };
    static float values[N];
    random_stream r = random_open(5, "test", 0);
    double mean, sd, kurtosis;
    for (size_t i = 0; i < N; i++) values[i] = (float)random_normal(&r);
    similarity_moments(values, N, &mean, &sd, &kurtosis);
    assert_true(fabs(mean) < 0.01 && fabs(sd - 1) < 0.01 && fabs(kurtosis) < 0.05);
}

/* Rows along the axes, two of each, and rows of zeros: cosines are 0 or 1, the latter for one in
 * 2 dim - 1 pairs. */
static void axes_have_full_rank(void **state) {
    (void)state;
    enum { DIM = 8, N = 2 * DIM + 3 };
    float x[N][DIM] = {{0}};
    similarity s, again, centred;
    for (size_t i = 0; i < 2 * DIM; i++) x[i][i % DIM] = 1 + (float)i;
    job *one = threads(1), *three = threads(3);
    assert_ok(similarity_measure(one, x[0], N, DIM, false, 60000, 1, &s));
    assert_ok(similarity_measure(three, x[0], N, DIM, false, 60000, 1, &again));
    assert_memory_equal(s.cosine, again.cosine, s.n_pairs * sizeof *s.cosine);
    assert_true(s.rank == again.rank && s.kurtosis == again.kurtosis);
    assert_int_equal(s.n_rows, 2 * DIM);
    assert_true(fabs(s.mean - 1.0 / (2 * DIM - 1)) < 0.005);
    assert_near(s.rank, DIM);
    assert_near(s.first, 1.0 / DIM);
    assert_ok(similarity_measure(one, x[0], N, DIM, true, 60000, 1, &centred));
    assert_true(centred.mean < s.mean);
    free(s.cosine);
    free(again.cosine);
    free(centred.cosine);
    job_free(one);
    job_free(three);
}

static void a_collapse_shows(void **state) {
    (void)state;
    enum { DIM = 6, N = 40 };
    float x[N][DIM];
    similarity s;
    for (size_t i = 0; i < N; i++)
        for (size_t d = 0; d < DIM; d++) x[i][d] = (float)(i + 1) * (float)(d + 1);
    job *j = threads(2);
    assert_ok(similarity_measure(j, x[0], N, DIM, false, 1000, 1, &s));
    assert_near(s.mean, 1);
    assert_true(s.rank < 1.01);
    assert_near(s.first, 1);
    assert_true(isnan(s.kurtosis));
    free(s.cosine);
    assert_error(similarity_measure(j, x[0], 1, DIM, false, 1000, 1, &s), LB_E_EMPTY, "take two");
    job_free(j);
}

/* More columns than rows: by rows the rank is the same. */
static void wide_matrices(void **state) {
    (void)state;
    enum { DIM = 700, N = 12 };
    static float x[N][DIM];
    similarity s;
    for (size_t i = 0; i < N; i++) x[i][i * 3 % 9] = 1;
    job *j = threads(1);
    assert_ok(similarity_measure(j, x[0], N, DIM, false, 100, 1, &s));
    assert_int_equal(s.rank_rows, N);
    assert_near(s.rank, 3);
    free(s.cosine);
    job_free(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_analogy_by_hand),
        cmocka_unit_test(random_lists_in_expectation),
        cmocka_unit_test(analogies_do_not_depend_on_threads),
        cmocka_unit_test(too_little_for_analogies),
        cmocka_unit_test(moments_by_hand),
        cmocka_unit_test(a_normal_distribution_has_no_excess),
        cmocka_unit_test(axes_have_full_rank),
        cmocka_unit_test(a_collapse_shows),
        cmocka_unit_test(wide_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
