#include "support.h"

#include <math.h>

#include "core/random.h"
#include "plot/density.h"

static void histograms_count_each_number_once(void **state) {
    (void)state;
    static const float x[] = {0, 0.5f, 1, 1.5f, 2, -1, 3, NAN, INFINITY};
    size_t counts[2], n;
    assert_ok(density_histogram(x, 9, 0, 2, 2, counts, &n));
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 3); // 2 itself is taken in
    assert_int_equal(n, 5);
    assert_error(density_histogram(x, 9, 0, 2, 0, counts, NULL), LB_E_ARGUMENT, "bins");
    assert_error(density_histogram(x, 9, 2, 2, 2, counts, NULL), LB_E_ARGUMENT, "interval");
}

/* By hand: 1..9 has s = sqrt(7.5), quartiles 3 and 7, 4 / 1.34 = 2.98507 > s. */
static void bandwidth_is_silvermans(void **state) {
    (void)state;
    static const float x[] = {9, 8, 7, 6, 5, NAN, 4, 3, 2, 1};
    static const float wide[] = {0, 0, 0, 0, 0, 0, 0, 0, 100};
    static const float equal[] = {2, 2, 2};
    double h;
    assert_ok(density_bandwidth(x, 10, &h));
    assert_true(fabs(h - 0.9 * sqrt(7.5) * pow(9, -0.2)) < 1e-9);
    assert_ok(density_bandwidth(wide, 9, &h)); // the quartiles coincide
    assert_true(fabs(h - 0.9 * (100.0 / 3) * pow(9, -0.2)) < 1e-6);
    assert_ok(density_bandwidth(equal, 3, &h));
    assert_true(h >= 0 && h <= 0);
    assert_error(density_bandwidth(x, 1, &h), LB_E_EMPTY, "two finite");
}

static double direct(const float *x, size_t n, double h, double at) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double z = (at - (double)x[i]) / h;
        sum += exp(-0.5 * z * z) / (sqrt(2 * 3.14159265358979323846) * h * (double)n);
    }
    return sum;
}

static void density_agrees_with_the_sum_of_kernels(void **state) {
    (void)state;
    enum { N = 3000, GRID = 200 };
    static float x[N];
    static double grid[GRID], values[GRID];
    double h, integral = 0;
    for (size_t i = 0; i < N; i++) {
        random_stream r = random_open(1, "numbers", i);
        x[i] = (float)(random_normal(&r) + (i % 3 ? 0 : 4));
    }
    assert_ok(density_bandwidth(x, N, &h));
    assert_ok(density_estimate(x, N, 0, 0, 0, GRID, grid, values));
    for (size_t g = 0; g < GRID; g++) {
        assert_true(fabs(values[g] - direct(x, N, h, grid[g])) < 1e-5);
        integral += values[g] * (grid[1] - grid[0]);
    }
    assert_true(fabs(integral - 1) < 0.01);
    assert_ok(density_estimate(x, N, -1, 1, 0.3, 3, grid, values));
    assert_true(grid[0] >= -1 && grid[0] <= -1 && grid[2] >= 1 && grid[2] <= 1);
    assert_true(fabs(values[1] - direct(x, N, 0.3, 0)) < 1e-5);
}

static void densities_need_numbers_that_differ(void **state) {
    (void)state;
    static const float equal[] = {2, 2, 2, NAN};
    double grid[3], values[3];
    assert_error(density_estimate(equal, 4, 0, 0, 0, 3, grid, values), LB_E_EMPTY, "equal");
    assert_error(density_estimate(equal, 1, 0, 0, 0, 3, grid, values), LB_E_EMPTY, "two finite");
    assert_error(density_estimate(equal, 4, 1, 0, 0, 3, grid, values), LB_E_ARGUMENT, "grid");
    assert_error(density_estimate(equal, 4, 0, 0, 0, 1, grid, values), LB_E_ARGUMENT, "grid");
    assert_ok(density_estimate(equal, 4, 1, 3, 0.5, 3, grid, values));
    assert_true(fabs(values[1] - 0.79788456) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histograms_count_each_number_once),
        cmocka_unit_test(bandwidth_is_silvermans),
        cmocka_unit_test(density_agrees_with_the_sum_of_kernels),
        cmocka_unit_test(densities_need_numbers_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
