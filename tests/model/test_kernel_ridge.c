/* Kernel ridge regression against a dense solution by Gauss elimination. */
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
    return exp(-squares);
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

/* The prediction at `at` of a fit with m landmarks: minimises
 * sum w_i (y_i - k_i c)^2 + strength c' K c. */
static void predict_naively(const problem *p, const float *landmark, size_t m, double strength,
                            const float *at, double out[TARGETS]) {
    double *a = calloc(m * m, sizeof *a), *b = calloc(m * TARGETS, sizeof *b);
    for (size_t x = 0; x < m; x++)
        for (size_t y = 0; y < m; y++)
            a[x * m + y] = strength * kernel(landmark + x * DIM, landmark + y * DIM);
    for (int i = 0; i < N; i++)
        for (size_t x = 0; x < m; x++) {
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

static void assert_near(const float *x, const double *y, size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)x[i] - y[i]) <= tolerance))
            fail_msg("value %zu: %.7f, expected %.7f", i, (double)x[i], y[i]);
}

/* All targets at one strength. */
static lb_status fit_seeded(const problem *p, size_t n, double strength, size_t landmarks,
                            uint64_t seed, kernel_ridge *k) {
    const double strengths[TARGETS] = {strength, strength, strength};
    ridge_targets targets = {TARGETS, p->y, strengths};
    return kernel_ridge_fit(work, p->f, p->w, n, DIM, &targets, landmarks, seed, k);
}

static lb_status fit(const problem *p, size_t n, double strength, size_t landmarks,
                     kernel_ridge *k) {
    return fit_seeded(p, n, strength, landmarks, 1, k);
}

static void predictions_match_a_dense_solve(void **state) {
    (void)state;
    problem p = draw_problem(1);
    float at[N * DIM], got[N * TARGETS], alone[N * TARGETS];
    random_stream r = random_open(2, "test", 0);
    for (int i = 0; i < N; i++) unit_row(&r, at + i * DIM);
    memcpy(at, p.f, 5 * DIM * sizeof *at); // and at rows of the training
    for (double strength = 0.1; strength < 10; strength *= 5) {
        kernel_ridge k;
        assert_ok(fit(&p, N, strength, N, &k));
        assert_int_equal(k.n_landmarks, N);
        assert_ok(kernel_ridge_predict(work, &k, at, N, got));
        assert_ok(kernel_ridge_predict(NULL, &k, at, N, alone));
        assert_memory_equal(got, alone, sizeof got);
        assert_ok(kernel_ridge_predict(NULL, &k, at, 0, alone));
        for (int i = 0; i < N; i++) {
            double expected[TARGETS];
            predict_naively(&p, p.f, N, strength, at + i * DIM, expected);
            assert_near(got + i * TARGETS, expected, TARGETS, 2e-5);
        }
        kernel_ridge_free(&k);
    }
}

static void predictions_by_landmarks_match_a_dense_solve(void **state) {
    (void)state;
    problem p = draw_problem(4);
    float got[N * TARGETS];
    kernel_ridge k;
    assert_ok(fit(&p, N, 1, 12, &k));
    assert_int_equal(k.n_landmarks, 12);
    assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
    for (int i = 0; i < N; i++) {
        double expected[TARGETS];
        predict_naively(&p, k.landmark, 12, 1, p.f + i * DIM, expected);
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
        float got[N * TARGETS], expected[N * TARGETS];
        assert_ok(kernel_ridge_fit(work, p.f, p.w, N, DIM, &targets, landmarks[t], 1, &k));
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
        for (int c = 0; c < TARGETS; c++) {
            assert_ok(fit(&p, N, strength[c], landmarks[t], &alone));
            assert_memory_equal(k.landmark, alone.landmark, k.n_landmarks * DIM * sizeof(float));
            assert_ok(kernel_ridge_predict(work, &alone, p.f, N, expected));
            for (int i = 0; i < N; i++) {
                int at = i * TARGETS + c;
                assert_true(fabsf(got[at] - expected[at]) < 1e-6f);
            }
            kernel_ridge_free(&alone);
        }
        kernel_ridge_free(&k);
    }
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
    float exact[N * TARGETS], got[N * TARGETS];
    kernel_ridge k;
    for (int twice = 0; twice <= 1; twice++) {
        for (int i = 1; i < N && twice; i += 2)
            memcpy(p.f + i * DIM, p.f + (i - 1) * DIM, DIM * sizeof *p.f);
        assert_ok(fit(&p, N, 1, N, &k));
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, exact));
        kernel_ridge_free(&k);
        assert_ok(fit(&p, N, 1, N - 1, &k));
        assert_int_equal(k.n_landmarks, N - 1);
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, got));
        kernel_ridge_free(&k);
        assert_true(mean_difference(exact, got) < (twice ? 1e-5 : 0.02));
    }
}

static void landmarks_follow_the_seed(void **state) {
    (void)state;
    problem p = draw_problem(6);
    float got[3][N * TARGETS];
    for (uint64_t i = 0; i < 3; i++) {
        kernel_ridge k;
        assert_ok(fit_seeded(&p, N, 1, 10, i / 2, &k));
        assert_ok(kernel_ridge_predict(work, &k, p.f, N, got[i]));
        kernel_ridge_free(&k);
    }
    assert_memory_equal(got[0], got[1], sizeof got[0]);
    assert_memory_not_equal(got[0], got[2], sizeof got[0]);
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
        float got[TARGETS];
        kernel_ridge k;
        assert_ok(fit(&p, N, 1, landmarks[t], &k));
        assert_ok(kernel_ridge_predict(work, &k, p.f, 1, got));
        assert_true(fabs((double)got[0] - sum / weights) < 1e-4);
        kernel_ridge_free(&k);
    }
}

static void one_row_is_enough(void **state) {
    (void)state;
    problem p = draw_problem(8);
    float got[TARGETS];
    kernel_ridge k;
    assert_ok(fit(&p, 1, 1, N, &k));
    assert_ok(kernel_ridge_predict(work, &k, p.f, 1, got));
    for (int t = 0; t < TARGETS; t++)
        assert_true(fabs((double)got[t] - p.y[t] * p.w[0] / (p.w[0] + 1)) < 1e-6);
    kernel_ridge_free(&k);
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const size_t landmarks[] = {N, 9};
    kernel_ridge k;
    for (int t = 0; t < 2; t++) {
        problem p = draw_problem(9);
        p.f[20 * DIM + 1] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k), LB_E_NUMERIC, "");
        p = draw_problem(9);
        p.y[7] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k), LB_E_NUMERIC, "");
        p = draw_problem(9);
        p.w[3] = NAN;
        assert_error(fit(&p, N, 1, landmarks[t], &k), LB_E_NUMERIC, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_match_a_dense_solve),
        cmocka_unit_test(predictions_by_landmarks_match_a_dense_solve),
        cmocka_unit_test(strengths_are_of_their_targets),
        cmocka_unit_test(many_landmarks_are_as_good_as_all),
        cmocka_unit_test(landmarks_follow_the_seed),
        cmocka_unit_test(equal_features_are_no_trouble),
        cmocka_unit_test(one_row_is_enough),
        cmocka_unit_test(what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, open_job, close_job);
}
