/* Kernel ridge regression against a dense solution by Gauss elimination, and its left-out
 * predictions against fits that literally leave one row out. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "model/kernel_ridge.h"

enum { N = 40, DIM = 6, TARGETS = 3 };

typedef struct problem {
    float f[N * DIM];
    double w[N], y[N * TARGETS];
} problem;

static job *work;

static int open_job(void **state) {
    (void)state;
    lb_runtime runtime = {.threads = 2};
    return job_new(&runtime, &work) != LB_OK;
}

static int close_job(void **state) {
    (void)state;
    job_free(work);
    return 0;
}

static void unit_row(random_stream *r, float *f) {
    double norm = 0;
    for (int d = 0; d < DIM; d++) {
        f[d] = (float)random_normal(r);
        norm += (double)f[d] * (double)f[d];
    }
    for (int d = 0; d < DIM; d++) f[d] = (float)((double)f[d] / sqrt(norm));
}

static problem draw_problem(uint64_t seed) {
    problem p;
    random_stream r = random_open(seed, "test", 0);
    for (int i = 0; i < N; i++) {
        unit_row(&r, p.f + i * DIM);
        p.w[i] = 0.1 + random_unit(&r);
        for (int t = 0; t < TARGETS; t++)
            p.y[i * TARGETS + t] = (double)p.f[i * DIM + t] * 2 + 0.3 * random_normal(&r);
    }
    return p;
}

static double kernel(const float *a, const float *b) {
    double squares = 0;
    for (int d = 0; d < DIM; d++) squares += pow((double)a[d] - (double)b[d], 2);
    return exp(-2 * squares);
}

/* Solves a x = b (n, columns) by elimination with partial pivoting; x in place of b. */
static void eliminate(double *a, double *b, size_t n, size_t columns) {
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
        for (size_t c = 0; c < n && best != k; c++) {
            double swap = a[k * n + c];
            a[k * n + c] = a[best * n + c];
            a[best * n + c] = swap;
        }
        for (size_t c = 0; c < columns && best != k; c++) {
            double swap = b[k * columns + c];
            b[k * columns + c] = b[best * columns + c];
            b[best * columns + c] = swap;
        }
        for (size_t i = 0; i < n; i++) {
            if (i == k) continue;
            double f = a[i * n + k] / a[k * n + k];
            for (size_t c = k; c < n; c++) a[i * n + c] -= f * a[k * n + c];
            for (size_t c = 0; c < columns; c++) b[i * columns + c] -= f * b[k * columns + c];
        }
    }
    for (size_t k = 0; k < n; k++)
        for (size_t c = 0; c < columns; c++) b[k * columns + c] /= a[k * n + k];
}

/* The prediction at `at` of a fit on all rows but `skip`, with m landmarks: minimises
 * sum w_i (y_i - k_i c)^2 + strength c' K c. */
static void predict_naively(const problem *p, int skip, const float *landmark, size_t m,
                            double strength, const float *at, double out[TARGETS]) {
    double *a = calloc(m * m, sizeof *a), *b = calloc(m * TARGETS, sizeof *b);
    for (size_t x = 0; x < m; x++)
        for (size_t y = 0; y < m; y++)
            a[x * m + y] = strength * kernel(landmark + x * DIM, landmark + y * DIM);
    for (int i = 0; i < N; i++)
        for (size_t x = 0; x < m && i != skip; x++) {
            double k = p->w[i] * kernel(p->f + i * DIM, landmark + x * DIM);
            for (size_t y = 0; y < m; y++)
                a[x * m + y] += k * kernel(p->f + i * DIM, landmark + y * DIM);
            for (size_t t = 0; t < TARGETS; t++)
                b[x * TARGETS + t] += k * p->y[(size_t)i * TARGETS + t];
        }
    eliminate(a, b, m, TARGETS);
    memset(out, 0, TARGETS * sizeof *out);
    for (size_t x = 0; x < m; x++)
        for (size_t t = 0; t < TARGETS; t++)
            out[t] += kernel(at, landmark + x * DIM) * b[x * TARGETS + t];
    free(a);
    free(b);
}

/* Every row but `skip` is a landmark. */
static void predict_without(const problem *p, int skip, double strength, const float *at,
                            double out[TARGETS]) {
    float rows[N * DIM];
    size_t m = 0;
    for (int i = 0; i < N; i++)
        if (i != skip) memcpy(rows + DIM * m++, p->f + i * DIM, DIM * sizeof *rows);
    predict_naively(p, skip, rows, m, strength, at, out);
}

static void assert_near(const float *x, const double *y, size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)x[i] - y[i]) <= tolerance))
            fail_msg("value %zu: %.7f, expected %.7f", i, (double)x[i], y[i]);
}

/* All targets at one strength; left_out (n, TARGETS). */
static lb_status fit_seeded(const problem *p, size_t n, double strength, size_t landmarks,
                            uint64_t seed, kernel_ridge *k, float *left_out) {
    const double strengths[TARGETS] = {strength, strength, strength};
    ridge_targets targets = {TARGETS, p->y, strengths};
    ridge_left_out left;
    LB_TRY(kernel_ridge_fit(work, p->f, p->w, n, DIM, &targets, landmarks, seed, k, &left));
    assert_int_equal(left.n, n);
    for (size_t i = 0; i < n; i++) assert_int_equal(left.row[i], i);
    memcpy(left_out, left.value, n * TARGETS * sizeof *left_out);
    ridge_left_out_free(&left);
    return LB_OK;
}

static lb_status fit(const problem *p, size_t n, double strength, size_t landmarks, kernel_ridge *k,
                     float *left_out) {
    return fit_seeded(p, n, strength, landmarks, 1, k, left_out);
}

static void predictions_match_a_dense_solve(void **state) {
    (void)state;
    problem p = draw_problem(1);
    float left_out[N * TARGETS], at[N * DIM], got[N * TARGETS], alone[N * TARGETS];
    random_stream r = random_open(2, "test", 0);
    for (int i = 0; i < N; i++) unit_row(&r, at + i * DIM);
    memcpy(at, p.f, 5 * DIM * sizeof *at); // and at rows of the training
    for (double strength = 0.1; strength < 10; strength *= 5) {
        kernel_ridge k;
        assert_ok(fit(&p, N, strength, N, &k, left_out));
        assert_int_equal(k.n_landmarks, N);
        assert_ok(kernel_ridge_predict(work, &k, at, N, got));
        assert_ok(kernel_ridge_predict(NULL, &k, at, N, alone));
        assert_memory_equal(got, alone, sizeof got);
        assert_ok(kernel_ridge_predict(NULL, &k, at, 0, alone));
        for (int i = 0; i < N; i++) {
            double expected[TARGETS];
            predict_without(&p, -1, strength, at + i * DIM, expected);
            assert_near(got + i * TARGETS, expected, TARGETS, 2e-5);
        }
        kernel_ridge_free(&k);
    }
}

static void left_out_is_leaving_out(void **state) {
    (void)state;
    problem p = draw_problem(3);
    float left_out[N * TARGETS];
    kernel_ridge k;
    assert_ok(fit(&p, N, 1, N, &k, left_out));
    for (int i = 0; i < N; i++) {
        double expected[TARGETS];
        predict_without(&p, i, 1, p.f + i * DIM, expected);
        assert_near(left_out + i * TARGETS, expected, TARGETS, 2e-5);
    }
    kernel_ridge_free(&k);
}

/* The same with fixed landmarks, which stay when their own row is left out. */
static void left_out_of_landmarks_is_leaving_out(void **state) {
    (void)state;
    problem p = draw_problem(4);
    float left_out[N * TARGETS], got[N * TARGETS];
    kernel_ridge k;
    assert_ok(fit(&p, N, 1, 12, &k, left_out));
    assert_int_equal(k.n_landmarks, 12);
    assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
    for (int i = 0; i < N; i++) {
        double expected[TARGETS];
        predict_naively(&p, i, k.landmark, 12, 1, p.f + i * DIM, expected);
        assert_near(left_out + i * TARGETS, expected, TARGETS, 2e-5);
        predict_naively(&p, -1, k.landmark, 12, 1, p.f + i * DIM, expected);
        assert_near(got + i * TARGETS, expected, TARGETS, 2e-5);
    }
    kernel_ridge_free(&k);
}

/* Each target as if it were fitted alone. */
static void strengths_are_of_their_targets(void **state) {
    (void)state;
    static const size_t landmarks[] = {N, 12};
    static const double strength[TARGETS] = {0.5, 0.5, 4};
    problem p = draw_problem(10);
    ridge_targets targets = {TARGETS, p.y, strength};
    for (int t = 0; t < 2; t++) {
        kernel_ridge k, alone;
        ridge_left_out left;
        float left_alone[N * TARGETS], got[N * TARGETS], expected[N * TARGETS];
        assert_ok(kernel_ridge_fit(work, p.f, p.w, N, DIM, &targets, landmarks[t], 1, &k, &left));
        assert_int_equal(left.n, N);
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
        for (int c = 0; c < TARGETS; c++) {
            assert_ok(fit(&p, N, strength[c], landmarks[t], &alone, left_alone));
            assert_memory_equal(k.landmark, alone.landmark, k.n_landmarks * DIM * sizeof(float));
            assert_ok(kernel_ridge_predict(work, &alone, p.f, N, expected));
            for (int i = 0; i < N; i++) {
                int at = i * TARGETS + c;
                assert_true(fabsf(got[at] - expected[at]) < 1e-6f);
                assert_true(fabsf(left.value[at] - left_alone[at]) < 1e-6f);
            }
            kernel_ridge_free(&alone);
        }
        ridge_left_out_free(&left);
        kernel_ridge_free(&k);
    }
}

/* Of more rows than are left out, a sample: rows in order, each predicted as by a fit without it,
 * which for rows that are there in great number is nearly the prediction itself. */
static void a_sample_is_left_out_of_many_rows(void **state) {
    (void)state;
    enum { MANY = KERNEL_RIDGE_LEFT + 500 };
    static float f[MANY * DIM], got[MANY];
    static double w[MANY], y[MANY];
    static const double strength[1] = {1};
    ridge_targets targets = {1, y, strength};
    random_stream r = random_open(11, "test", 0);
    for (size_t i = 0; i < MANY; i++) {
        unit_row(&r, f + i * DIM);
        w[i] = 1;
        y[i] = (double)f[i * DIM];
    }
    kernel_ridge k;
    ridge_left_out left;
    assert_ok(kernel_ridge_fit(work, f, w, MANY, DIM, &targets, 20, 1, &k, &left));
    assert_int_equal(left.n, KERNEL_RIDGE_LEFT);
    assert_ok(kernel_ridge_predict(work, &k, f, MANY, got));
    for (size_t i = 0; i < left.n; i++) {
        assert_true(left.row[i] < MANY && (!i || left.row[i - 1] < left.row[i]));
        assert_true(fabsf(left.value[i] - got[left.row[i]]) < 0.02f);
    }
    assert_true(left.row[left.n - 1] > KERNEL_RIDGE_LEFT); // not the first ones
    ridge_left_out_free(&left);
    kernel_ridge_free(&k);
}

static double mean_difference(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < N * TARGETS; i++) sum += fabs((double)a[i] - (double)b[i]);
    return sum / (N * TARGETS);
}

/* One row beyond the limit: landmarks are all rows but one. When every feature is there twice, that
 * spans the same functions as all rows do. */
static void many_landmarks_are_as_good_as_all(void **state) {
    (void)state;
    problem p = draw_problem(5);
    float exact_left[N * TARGETS], left[N * TARGETS], exact[N * TARGETS], got[N * TARGETS];
    kernel_ridge k;
    for (int twice = 0; twice <= 1; twice++) {
        for (int i = 1; i < N && twice; i += 2)
            memcpy(p.f + i * DIM, p.f + (i - 1) * DIM, DIM * sizeof *p.f);
        assert_ok(fit(&p, N, 1, N, &k, exact_left));
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, exact));
        kernel_ridge_free(&k);
        assert_ok(fit(&p, N, 1, N - 1, &k, left));
        assert_int_equal(k.n_landmarks, N - 1);
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
        kernel_ridge_free(&k);
        assert_true(mean_difference(exact, got) < (twice ? 1e-5 : 0.02));
        assert_true(mean_difference(exact_left, left) < (twice ? 1e-5 : 0.02));
    }
}

static void landmarks_follow_the_seed(void **state) {
    (void)state;
    problem p = draw_problem(6);
    float left[3][N * TARGETS];
    for (uint64_t i = 0; i < 3; i++) {
        kernel_ridge k;
        assert_ok(fit_seeded(&p, N, 1, 10, i / 2, &k, left[i]));
        kernel_ridge_free(&k);
    }
    assert_memory_equal(left[0], left[1], sizeof left[0]);
    assert_memory_not_equal(left[0], left[2], sizeof left[0]);
}

static void equal_features_are_no_trouble(void **state) {
    (void)state;
    problem p = draw_problem(7);
    for (int i = 1; i < N; i++) memcpy(p.f + i * DIM, p.f, DIM * sizeof *p.f);
    double sum = 0, weights = 1; // strength 1: all that is known is the weighted mean, shrunk
    for (int i = 0; i < N; i++) {
        sum += p.w[i] * p.y[i * TARGETS];
        weights += p.w[i];
    }
    static const size_t landmarks[] = {N, 5};
    for (int t = 0; t < 2; t++) {
        float left_out[N * TARGETS], got[TARGETS];
        kernel_ridge k;
        assert_ok(fit(&p, N, 1, landmarks[t], &k, left_out));
        assert_ok(kernel_ridge_predict(work, &k, p.f, 1, got));
        assert_true(fabs((double)got[0] - sum / weights) < 1e-4);
        for (int i = 0; i < N * TARGETS; i++) assert_true(isfinite(left_out[i]));
        kernel_ridge_free(&k);
    }
}

static void one_row_is_enough(void **state) {
    (void)state;
    problem p = draw_problem(8);
    float left_out[TARGETS], got[TARGETS];
    kernel_ridge k;
    assert_ok(fit(&p, 1, 1, N, &k, left_out));
    assert_ok(kernel_ridge_predict(work, &k, p.f, 1, got));
    for (int t = 0; t < TARGETS; t++) {
        assert_true(fabs((double)got[t] - p.y[t] * p.w[0] / (p.w[0] + 1)) < 1e-6);
        assert_true(fabsf(left_out[t]) < 1e-6f);
    }
    kernel_ridge_free(&k);
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const size_t landmarks[] = {N, 9};
    float left_out[N * TARGETS];
    kernel_ridge k;
    for (int t = 0; t < 2; t++) {
        problem p = draw_problem(9);
        p.f[20 * DIM + 1] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k, left_out), LB_E_NUMERIC, "");
        p = draw_problem(9);
        p.y[7] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k, left_out), LB_E_NUMERIC, "");
        p = draw_problem(9);
        p.w[3] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k, left_out), LB_E_NUMERIC, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_match_a_dense_solve),
        cmocka_unit_test(left_out_is_leaving_out),
        cmocka_unit_test(left_out_of_landmarks_is_leaving_out),
        cmocka_unit_test(strengths_are_of_their_targets),
        cmocka_unit_test(a_sample_is_left_out_of_many_rows),
        cmocka_unit_test(many_landmarks_are_as_good_as_all),
        cmocka_unit_test(landmarks_follow_the_seed),
        cmocka_unit_test(equal_features_are_no_trouble),
        cmocka_unit_test(one_row_is_enough),
        cmocka_unit_test(what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, open_job, close_job);
}
