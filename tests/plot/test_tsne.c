#include "support.h"

#include <math.h>

#include "core/job.h"
#include "core/random.h"
#include "plot/tsne.h"

enum { N = 120, DIM = 8, CLUSTERS = 3 };

/* Row i belongs to Gaussian i % CLUSTERS, `far` apart along axes of their own. */
static void draw(float *x, size_t n, float far) {
    for (size_t i = 0; i < n; i++) {
        random_stream r = random_open(5, "points", i);
        for (size_t k = 0; k < DIM; k++)
            x[i * DIM + k] = (float)random_normal(&r) + (k == i % CLUSTERS ? far : 0);
    }
}

static void rows_have_the_perplexity_wanted(void **state) {
    (void)state;
    static float x[N * DIM];
    static double p[N * N], reached[N];
    static const double wanted[] = {1.5, 5, 30, 39};
    draw(x, N, 10);
    for (size_t w = 0; w < 4; w++) {
        double sum = 0;
        assert_ok(tsne_affinities(NULL, x, N, DIM, wanted[w], p, reached));
        for (size_t i = 0; i < N; i++) {
            assert_true(fabs(reached[i] - wanted[w]) < 1e-4 * wanted[w]);
            assert_true(p[i * N + i] == 0);
            for (size_t k = 0; k < N; k++) {
                assert_true(p[i * N + k] >= 0 && p[i * N + k] == p[k * N + i]);
                sum += p[i * N + k];
            }
        }
        assert_true(fabs(sum - 1) < 1e-9);
    }
}

static void gradient_agrees_with_finite_differences(void **state) {
    (void)state;
    enum { FEW = 20 };
    static float x[FEW * DIM];
    static double p[FEW * FEW], y[FEW * 2], gradient[FEW * 2];
    random_stream r = random_open(9, "layout", 0);
    draw(x, FEW, 2);
    assert_ok(tsne_affinities(NULL, x, FEW, DIM, 5, p, NULL));
    for (size_t i = 0; i < FEW * 2; i++) y[i] = random_normal(&r);
    assert_ok(tsne_gradient(NULL, p, y, FEW, 1, gradient, NULL));
    for (size_t i = 0; i < FEW * 2; i++) {
        const double h = 1e-5;
        double kept = y[i], above, below;
        y[i] = kept + h;
        assert_ok(tsne_gradient(NULL, p, y, FEW, 1, NULL, &above));
        y[i] = kept - h;
        assert_ok(tsne_gradient(NULL, p, y, FEW, 1, NULL, &below));
        y[i] = kept;
        assert_true(fabs((above - below) / (2 * h) - gradient[i]) < 1e-7);
    }
}

static double distance(const float *y, size_t a, size_t b) {
    return hypot((double)y[2 * a] - (double)y[2 * b], (double)y[2 * a + 1] - (double)y[2 * b + 1]);
}

/* Every point's nearest neighbour on the map is of its own Gaussian. */
static void separated_clusters_stay_separated(void **state) {
    (void)state;
    static float x[N * DIM], y[N * 2];
    double few, many;
    tsne_options o;
    tsne_options_init(&o);
    o.perplexity = 15;
    draw(x, N, 12);
    o.iterations = 20;
    assert_ok(tsne_fit(NULL, x, N, DIM, &o, y, &few));
    o.iterations = 600;
    assert_ok(tsne_fit(NULL, x, N, DIM, &o, y, &many));
    assert_true(many < 0.5 * few);
    assert_true(many > 0);
    for (size_t i = 0; i < N; i++) {
        size_t nearest = i ? 0 : 1;
        for (size_t k = 0; k < N; k++)
            if (k != i && distance(y, i, k) < distance(y, i, nearest)) nearest = k;
        assert_int_equal(nearest % CLUSTERS, i % CLUSTERS);
    }
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    static float x[N * DIM], first[N * 2], y[N * 2];
    double divergence[2];
    tsne_options o;
    tsne_options_init(&o);
    o.iterations = 60;
    o.early = 30;
    draw(x, N, 3);
    assert_ok(tsne_fit(NULL, x, N, DIM, &o, first, &divergence[0]));
    for (unsigned threads = 1; threads <= 3; threads++) {
        lb_runtime runtime = {0};
        job *j;
        lb_runtime_init(&runtime);
        runtime.threads = threads;
        assert_ok(job_new(&runtime, &j));
        assert_ok(tsne_fit(j, x, N, DIM, &o, y, &divergence[1]));
        assert_memory_equal(first, y, sizeof y);
        assert_memory_equal(&divergence[0], &divergence[1], sizeof(double));
        job_free(j);
    }
    o.seed = 2;
    assert_ok(tsne_fit(NULL, x, N, DIM, &o, y, NULL));
    assert_memory_not_equal(first, y, sizeof y);
}

static void equal_points_are_no_trouble(void **state) {
    (void)state;
    static float x[40 * DIM], y[40 * 2];
    tsne_options o;
    tsne_options_init(&o);
    o.perplexity = 5;
    o.iterations = 50;
    for (size_t i = 0; i < 40 * DIM; i++) x[i] = i < 30 * DIM ? 1.0f : (float)i;
    assert_ok(tsne_fit(NULL, x, 40, DIM, &o, y, NULL));
    for (size_t i = 0; i < 80; i++) assert_true(isfinite(y[i]));
}

static void bad_arguments_are_named(void **state) {
    (void)state;
    static float x[N * DIM], y[N * 2];
    tsne_options o;
    tsne_options_init(&o);
    draw(x, N, 1);
    assert_error(tsne_fit(NULL, x, 60, DIM, &o, y, NULL), LB_E_ARGUMENT, "at most 19.6667");
    assert_error(tsne_fit(NULL, x, 4, DIM, &o, y, NULL), LB_E_ARGUMENT, "5 to 10000 points");
    assert_error(tsne_fit(NULL, x, N, 0, &o, y, NULL), LB_E_ARGUMENT, "0 dimensions");
    o.perplexity = NAN;
    assert_error(tsne_fit(NULL, x, N, DIM, &o, y, NULL), LB_E_ARGUMENT, "perplexity");
    o.perplexity = 10;
    o.iterations = 0;
    assert_error(tsne_fit(NULL, x, N, DIM, &o, y, NULL), LB_E_ARGUMENT, "iterations");
    x[3 * DIM + 1] = NAN;
    assert_error(tsne_fit(NULL, x, N, DIM, NULL, y, NULL), LB_E_NUMERIC, "point 3");
    assert_true(tsne_perplexity_for(1000, 30) == 30 && tsne_perplexity_for(31, 30) == 10);
    assert_true(tsne_perplexity_for(4, 30) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_the_perplexity_wanted),
        cmocka_unit_test(gradient_agrees_with_finite_differences),
        cmocka_unit_test(separated_clusters_stay_separated),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(equal_points_are_no_trouble),
        cmocka_unit_test(bad_arguments_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
