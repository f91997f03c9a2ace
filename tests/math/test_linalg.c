/* Products and factorisations against naive loops, and bytes that do not depend on the threads. */
#include "support.h"

#include <math.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/pca.h"
#include "math/vector.h"

static double *normals(uint64_t seed, size_t n) {
    double *x;
    assert_ok(NEW_ARRAY(x, n));
    random_stream r = random_open(seed, "test", n);
    for (size_t i = 0; i < n; i++) x[i] = random_normal(&r);
    return x;
}

static float *normals_f32(uint64_t seed, size_t n) {
    double *wide = normals(seed, n);
    float *x;
    assert_ok(NEW_ARRAY(x, n));
    for (size_t i = 0; i < n; i++) x[i] = (float)wide[i];
    free(wide);
    return x;
}

static job *threads(unsigned n) {
    lb_runtime runtime;
    lb_runtime_init(&runtime);
    runtime.threads = n;
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* ---------------------------------------------------------------- products */

typedef struct shape {
    size_t m, n, k;
} shape;

static const shape shapes[] = {{0, 3, 2},   {3, 0, 2},    {3, 2, 0},       {1, 1, 1},
                               {1, 7, 5},   {7, 1, 5},    {5, 7, 1},       {6, 16, 8},
                               {17, 33, 9}, {64, 64, 64}, {193, 257, 195}, {300, 1100, 67}};

static double element(int transposed, const double *x, size_t leading, size_t i, size_t k) {
    return transposed ? x[k * leading + i] : x[i * leading + k];
}

static void check_product_f64(job *j, shape s, int ta, int tb) {
    size_t lda = (ta ? s.m : s.k) + 3, ldb = (tb ? s.k : s.n) + 1, ldc = s.n + 2;
    double *a = normals(1, (ta ? s.k : s.m) * lda), *b = normals(2, (tb ? s.n : s.k) * ldb);
    double *c = normals(3, s.m * ldc), *before = normals(3, s.m * ldc);
    assert_ok(matrix_multiply_f64(j, ta, tb, s.m, s.n, s.k, 0.5, a, lda, b, ldb, -2, c, ldc));
    for (size_t i = 0; i < s.m; i++)
        for (size_t n = 0; n < ldc; n++) {
            double expected = before[i * ldc + n];
            if (n < s.n) {
                expected *= -2;
                for (size_t k = 0; k < s.k; k++)
                    expected += 0.5 * element(ta, a, lda, i, k) * element(tb, b, ldb, k, n);
            }
            assert_true(fabs(c[i * ldc + n] - expected) < 1e-11);
        }
    free(a);
    free(b);
    free(c);
    free(before);
}

static void check_product_f32(job *j, int parallel, shape s, int ta, int tb) {
    size_t lda = (ta ? s.m : s.k) + 3, ldb = (tb ? s.k : s.n) + 1, ldc = s.n + 2;
    float *a = normals_f32(1, (ta ? s.k : s.m) * lda), *b = normals_f32(2, (tb ? s.n : s.k) * ldb);
    float *c = normals_f32(3, s.m * ldc), *before = normals_f32(3, s.m * ldc);
    if (parallel)
        assert_ok(
            matrix_multiply_parallel(j, ta, tb, s.m, s.n, s.k, 0.5f, a, lda, b, ldb, -2, c, ldc));
    else
        assert_ok(matrix_multiply(ta, tb, s.m, s.n, s.k, 0.5f, a, lda, b, ldb, -2, c, ldc));
    for (size_t i = 0; i < s.m; i++)
        for (size_t n = 0; n < ldc; n++) {
            double expected = (double)before[i * ldc + n];
            if (n < s.n) {
                expected *= -2;
                for (size_t k = 0; k < s.k; k++)
                    expected += 0.5 * (double)(ta ? a[k * lda + i] : a[i * lda + k]) *
                                (double)(tb ? b[n * ldb + k] : b[k * ldb + n]);
            }
            assert_true(fabs((double)c[i * ldc + n] - expected) < 1e-4);
        }
    free(a);
    free(b);
    free(c);
    free(before);
}

static void products_match_naive_loops(void **state) {
    (void)state;
    job *j = threads(3);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int transposes = 0; transposes < 4; transposes++) {
            int ta = transposes & 1, tb = transposes >> 1;
            check_product_f64(j, shapes[i], ta, tb);
            check_product_f32(j, 0, shapes[i], ta, tb);
            check_product_f32(j, 1, shapes[i], ta, tb);
        }
    job_free(j);
}

static void products_check_their_leading_dimensions(void **state) {
    (void)state;
    float x[4] = {0};
    double y[4] = {0};
    assert_error(matrix_multiply(0, 0, 2, 2, 2, 1, x, 1, x, 2, 0, x, 2), LB_E_ARGUMENT, "leading");
    assert_error(matrix_multiply_f64(NULL, 0, 0, 2, 2, 2, 1, y, 2, y, 1, 0, y, 2), LB_E_ARGUMENT,
                 "leading");
}

/* beta = 0 must overwrite a NaN, and one in A must reach C. */
static void nans_are_neither_kept_nor_lost(void **state) {
    (void)state;
    float a[4] = {1, 2, 3, 4}, c[4] = {NAN, NAN, NAN, NAN};
    assert_ok(matrix_multiply(0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2));
    assert_true(c[0] == 7 && c[3] == 22);
    assert_ok(matrix_multiply(0, 0, 2, 2, 0, 1, a, 2, a, 2, 0, c, 2));
    assert_true(c[0] == 0 && c[3] == 0);
    a[0] = NAN;
    assert_ok(matrix_multiply(0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2));
    assert_true(isnan(c[0]) && isnan(c[1]));
    double d[4] = {NAN, 1, 0, 1}, e[4] = {NAN, NAN, NAN, NAN};
    assert_ok(matrix_multiply_f64(NULL, 0, 0, 2, 2, 2, 1, d, 2, d, 2, 0, e, 2));
    assert_true(isnan(e[0]) && e[3] == 1);
}

/* The same numbers at other addresses must give the same bits: models are compared by bytes. */
static void addresses_do_not_change_products(void **state) {
    (void)state;
    static const shape some[] = {{1, 64, 100}, {37, 19, 64}, {128, 100, 33}, {130, 257, 70}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        size_t m = some[i].m, n = some[i].n, k = some[i].k;
        for (int transposes = 0; transposes < 4; transposes++) {
            int ta = transposes & 1, tb = transposes >> 1;
            size_t lda = ta ? m : k, ldb = tb ? k : n;
            float *a = normals_f32(1, m * k + 16), *b = normals_f32(2, k * n + 16);
            float *c = normals_f32(3, m * n + 16), *first = normals_f32(3, m * n);
            assert_ok(matrix_multiply(ta, tb, m, n, k, 1, a, lda, b, ldb, 0, first, n));
            for (size_t shift = 1; shift < 16; shift += 3) {
                memmove(a + shift, a + (shift == 1 ? 0 : shift - 3), m * k * sizeof *a);
                memmove(b + shift, b + (shift == 1 ? 0 : shift - 3), k * n * sizeof *b);
                float *at = c + 15 - shift;
                assert_ok(
                    matrix_multiply(ta, tb, m, n, k, 1, a + shift, lda, b + shift, ldb, 0, at, n));
                assert_memory_equal(first, at, m * n * sizeof *at);
            }
            free(a);
            free(b);
            free(c);
            free(first);
        }
    }
}

/* ---------------------------------------------------------------- Cholesky */

/* B B^T + n / 10, symmetric positive definite. */
static double *positive(size_t n) {
    double *b = normals(4, n * n), *a;
    assert_ok(NEW_ARRAY(a, n * n));
    assert_ok(matrix_multiply_f64(NULL, 0, 1, n, n, n, 1, b, n, b, n, 0, a, n));
    for (size_t i = 0; i < n; i++) a[i * n + i] += 0.1 * (double)n;
    free(b);
    return a;
}

static void check_cholesky(job *j, size_t n, size_t n_columns) {
    double *a = positive(n), *l = positive(n), *x = normals(5, n * n_columns);
    double *b = normals(5, n * n_columns);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) l[i * n + k] = NAN; // never read
    assert_ok(cholesky_factor(j, l, n));
    assert_ok(cholesky_solve(j, l, n, x, n_columns));
    // A X must be B again.
    assert_ok(
        matrix_multiply_f64(NULL, 0, 0, n, n_columns, n, -1, a, n, x, n_columns, 1, b, n_columns));
    for (size_t i = 0; i < n * n_columns; i++) assert_true(fabs(b[i]) < 1e-8);
    free(a);
    free(l);
    free(x);
    free(b);
}

/* Whether L x is b again. */
static void check_cholesky_lower(job *j, size_t n, size_t n_columns) {
    double *l = positive(n), *x = normals(6, n * n_columns), *b = normals(6, n * n_columns);
    assert_ok(cholesky_factor(j, l, n));
    assert_ok(cholesky_solve_lower(j, l, n, x, n_columns));
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < n_columns; c++) {
            double sum = 0;
            for (size_t k = 0; k <= i; k++) sum += l[i * n + k] * x[k * n_columns + c];
            assert_true(fabs(sum - b[i * n_columns + c]) < 1e-9);
        }
    free(l);
    free(x);
    free(b);
}

static void cholesky_solves_and_inverts(void **state) {
    (void)state;
    job *j = threads(3);
    static const size_t sizes[] = {0, 1, 2, 7, 127, 128, 129, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_cholesky(j, sizes[i], 1);
        check_cholesky(j, sizes[i], 37);
        check_cholesky_lower(j, sizes[i], 5);
    }
    job_free(j);
}

static void cholesky_refuses_what_is_not_positive(void **state) {
    (void)state;
    double a[4] = {1, 2, 2, 1}, b[1] = {NAN};
    assert_error(cholesky_factor(NULL, a, 2), LB_E_NUMERIC, "row 1");
    assert_error(cholesky_factor(NULL, b, 1), LB_E_NUMERIC, "row 0");
}

/* ---------------------------------------------------------------- eigenvalues */

static void check_eigen(job *j, size_t n, double *a) {
    double *copy, *values, *vectors;
    assert_ok(NEW_ARRAY(copy, n * n));
    assert_ok(NEW_ARRAY(values, n));
    assert_ok(NEW_ARRAY(vectors, n * n));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) copy[i * n + k] = k <= i ? a[i * n + k] : NAN;
    assert_ok(symmetric_eigen(j, copy, n, values, vectors));
    for (size_t v = 0; v < n; v++) {
        const double *x = vectors + v * n;
        if (v) assert_true(values[v] <= values[v - 1]);
        for (size_t i = 0; i < n; i++) {
            double image = 0;
            for (size_t k = 0; k < n; k++) image += a[i * n + k] * x[k];
            assert_true(fabs(image - values[v] * x[i]) < 1e-11 * (1 + fabs(values[0])) * (double)n);
        }
        for (size_t w = 0; w <= v; w++)
            assert_true(fabs(vec_dot_f64(x, vectors + w * n, n) - (v == w)) < 1e-12 * (double)n);
    }
    free(copy);
    free(values);
    free(vectors);
}

static void eigenpairs_are_eigenpairs(void **state) {
    (void)state;
    job *j = threads(3);
    static const size_t sizes[] = {1, 2, 3, 10, 65, 150};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        double *a = normals(6, n * n);
        for (size_t r = 0; r < n; r++)
            for (size_t c = r; c < n; c++) a[r * n + c] = a[c * n + r];
        check_eigen(j, n, a);
        // Repeated eigenvalues: ones and a block of rank one; then zeros.
        for (size_t k = 0; k < n * n; k++) a[k] = 1.0 + (k % (n + 1) == 0);
        check_eigen(j, n, a);
        memset(a, 0, n * n * sizeof *a);
        check_eigen(j, n, a);
        free(a);
    }
    double nan = NAN, value, vector;
    assert_error(symmetric_eigen(j, &nan, 1, &value, &vector), LB_E_NUMERIC, "finite");
    double more[9] = {1, 0, 0, NAN, 1, 0, 2, 3, 1}, values[3], vectors[9];
    assert_error(symmetric_eigen(j, more, 3, values, vectors), LB_E_NUMERIC, "eigenvalues");
    job_free(j);
}

/* ---------------------------------------------------------------- orthonormal columns */

static void check_orthonormal(const double *a, size_t n, size_t k, size_t rank) {
    for (size_t i = 0; i < k; i++)
        for (size_t c = 0; c <= i; c++) {
            double product = 0;
            for (size_t r = 0; r < n; r++) product += a[r * k + i] * a[r * k + c];
            assert_true(fabs(product - (i == c && i < rank)) < 1e-11);
        }
}

static void columns_become_orthonormal(void **state) {
    (void)state;
    job *j = threads(2);
    enum { N = 9000, K = 12 };
    double *a = normals(7, N * K), *b = normals(7, N * K);
    assert_ok(orthonormalise(j, a, N, K));
    check_orthonormal(a, N, K, K);
    // The span is the same: B minus its projection onto A is nothing.
    double c[K * K];
    assert_ok(matrix_multiply_f64(j, 1, 0, K, K, N, 1, a, K, b, K, 0, c, K));
    assert_ok(matrix_multiply_f64(j, 0, 0, N, K, K, -1, a, K, c, K, 1, b, K));
    for (size_t i = 0; i < N * K; i++) assert_true(fabs(b[i]) < 1e-9);
    // Nearly dependent columns of very different lengths, and one of zeros.
    free(a);
    a = normals(8, N * K);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 1; k < K; k++) a[i * K + k] = a[i * K] + 1e-9 * a[i * K + k];
        a[i * K + 3] *= 1e-100;
        a[i * K + 5] = 0;
    }
    assert_ok(orthonormalise(j, a, N, K));
    check_orthonormal(a, N, K, K - 1);
    a[5] = NAN;
    assert_error(orthonormalise(j, a, N, K), LB_E_NUMERIC, "NaN");
    free(a);
    free(b);
    job_free(j);
}

/* ---------------------------------------------------------------- principal components */

/* Rows with variance (RANK - i)^2 along the i-th of some orthonormal directions, plus a mean. */
enum { RANK = 5 };

static float *planted(size_t n, size_t dim, double *directions) {
    double *z = normals(9, n * RANK), *d = normals(10, dim * RANK);
    assert_ok(orthonormalise(NULL, d, dim, RANK));
    float *x = normals_f32(11, n * dim);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < dim; c++) {
            double value = 3 + 0.01 * (double)x[i * dim + c];
            for (size_t k = 0; k < RANK; k++)
                value += (double)(RANK - k) * z[i * RANK + k] * d[c * RANK + k];
            x[i * dim + c] = (float)value;
        }
    memcpy(directions, d, dim * RANK * sizeof *d);
    free(z);
    free(d);
    return x;
}

static void check_pca(job *j, size_t n, size_t dim) {
    double *directions = normals(0, dim * RANK), variances[RANK];
    float *x = planted(n, dim, directions), *mean, *components, *weights, *out;
    assert_ok(NEW_ARRAY(mean, dim));
    assert_ok(NEW_ARRAY(components, RANK * dim));
    assert_ok(NEW_ARRAY(weights, n));
    assert_ok(NEW_ARRAY(out, n * RANK));
    for (size_t i = 0; i < n; i++) weights[i] = 1;
    weights[3] = 0; // a row without a feature
    for (size_t c = 0; c < dim; c++) x[3 * dim + c] = NAN;
    assert_ok(pca_fit(j, x, n, dim, weights, RANK, 1, mean, components, variances));
    for (size_t k = 0; k < RANK; k++) {
        double cosine = 0, expected = (double)((RANK - k) * (RANK - k));
        for (size_t c = 0; c < dim; c++)
            cosine += directions[c * RANK + k] * (double)components[k * dim + c];
        assert_true(fabs(cosine) > 0.97);
        assert_true(fabs(variances[k] / expected - 1) < 0.2);
    }
    memcpy(x + 3 * dim, mean, dim * sizeof *x);
    assert_ok(pca_transform(j, x, n, dim, mean, components, RANK, out));
    double energy[RANK] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < RANK; k++)
            energy[k] += pow((double)out[i * RANK + k], 2) / (double)(n - 1);
    for (size_t k = 0; k < RANK; k++) {
        assert_true(fabs(out[3 * RANK + k]) < 1e-3f);
        assert_true(fabs(energy[k] / variances[k] - 1) < 1e-3);
    }
    free(directions);
    free(x);
    free(mean);
    free(components);
    free(weights);
    free(out);
}

static void components_are_found(void **state) {
    (void)state;
    job *j = threads(3);
    check_pca(j, 2500, 40);
    check_pca(j, 700, 900);   // by products of the rows
    check_pca(j, 500, 1600);  // the same
    check_pca(j, 700, 1600);  // by subspace iteration
    check_pca(j, 5600, 1501); // which begins with every other row
    float x[4] = {1, 2, 3, NAN}, none[2] = {0, 0}, mean[2], components[4];
    double variances[2];
    assert_error(pca_fit(j, x, 2, 2, NULL, 3, 1, mean, components, variances), LB_E_ARGUMENT, "3");
    assert_error(pca_fit(j, x, 2, 2, none, 1, 1, mean, components, variances), LB_E_EMPTY, "row");
    assert_error(pca_fit(j, x, 2, 2, NULL, 1, 1, mean, components, variances), LB_E_NUMERIC,
                 "column 1");
    job_free(j);
}

/* More components than the rows span: the rows lie in the first, and all are orthonormal. */
static void few_rows_have_components_too(void **state) {
    (void)state;
    enum { FEW = 7, DIM = 40, K = 12 };
    float *x = normals_f32(12, FEW * DIM), mean[DIM], components[K * DIM], out[FEW * K];
    double variances[K];
    memcpy(x + 5 * DIM, x + 2 * DIM, DIM * sizeof *x); // twice the same: the rank is 5
    assert_ok(pca_fit(NULL, x, FEW, DIM, NULL, K, 1, mean, components, variances));
    for (size_t i = 0; i < K; i++) {
        for (size_t e = 0; e <= i; e++) {
            double product = 0;
            for (size_t c = 0; c < DIM; c++)
                product += (double)components[i * DIM + c] * (double)components[e * DIM + c];
            assert_true(fabs(product - (i == e)) < 1e-6);
        }
        assert_true(i < 5 ? variances[i] > 0.1 : variances[i] == 0);
        assert_true(i == 0 || variances[i] <= variances[i - 1]);
    }
    assert_ok(pca_transform(NULL, x, FEW, DIM, mean, components, K, out));
    for (size_t r = 0; r < FEW; r++)
        for (size_t c = 0; c < DIM; c++) {
            double value = (double)mean[c];
            for (size_t i = 0; i < 5; i++)
                value += (double)out[r * K + i] * (double)components[i * DIM + c];
            assert_true(fabs(value - (double)x[r * DIM + c]) < 1e-5);
        }
    free(x);
}

/* ---------------------------------------------------------------- threads */

typedef struct everything {
    double *l, *x, *values, *vectors, *columns;
    float *c, *components;
} everything;

enum { SIZE = 290, COLUMNS = 33, TALL = 9000, NARROW = 9, WIDE = 1501, ROWS = 520 };

static everything compute(job *j) {
    everything e = {positive(SIZE),          normals(1, SIZE * COLUMNS), normals(3, SIZE),
                    normals(4, SIZE * SIZE), normals(5, TALL * NARROW),  normals_f32(6, 520 * 520),
                    normals_f32(7, 3 * WIDE)};
    double *symmetric = positive(SIZE), variances[3];
    float *a = normals_f32(8, 520 * 520), *rows = normals_f32(9, ROWS * WIDE), mean[WIDE];
    assert_ok(cholesky_factor(j, e.l, SIZE));
    assert_ok(cholesky_solve(j, e.l, SIZE, e.x, COLUMNS));
    assert_ok(symmetric_eigen(j, symmetric, SIZE, e.values, e.vectors));
    assert_ok(orthonormalise(j, e.columns, TALL, NARROW));
    assert_ok(matrix_multiply_parallel(j, 0, 1, 520, 520, 520, 1, a, 520, a, 520, 0, e.c, 520));
    assert_ok(pca_fit(j, rows, ROWS, WIDE, NULL, 3, 7, mean, e.components, variances));
    for (size_t i = 0; i < SIZE; i++)
        for (size_t k = i + 1; k < SIZE; k++) e.l[i * SIZE + k] = 0;
    free(symmetric);
    free(a);
    free(rows);
    return e;
}

static void release(everything *e) {
    free(e->l);
    free(e->x);
    free(e->values);
    free(e->vectors);
    free(e->columns);
    free(e->c);
    free(e->components);
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    everything one = compute(NULL);
    for (unsigned n = 1; n <= 5; n += 2) {
        job *j = threads(n);
        everything e = compute(j);
        assert_memory_equal(one.l, e.l, SIZE * SIZE * sizeof(double));
        assert_memory_equal(one.x, e.x, SIZE * COLUMNS * sizeof(double));
        assert_memory_equal(one.values, e.values, SIZE * sizeof(double));
        assert_memory_equal(one.vectors, e.vectors, SIZE * SIZE * sizeof(double));
        assert_memory_equal(one.columns, e.columns, TALL * NARROW * sizeof(double));
        assert_memory_equal(one.c, e.c, 520 * 520 * sizeof(float));
        assert_memory_equal(one.components, e.components, 3 * WIDE * sizeof(float));
        release(&e);
        job_free(j);
    }
    release(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_match_naive_loops),
        cmocka_unit_test(products_check_their_leading_dimensions),
        cmocka_unit_test(nans_are_neither_kept_nor_lost),
        cmocka_unit_test(addresses_do_not_change_products),
        cmocka_unit_test(cholesky_solves_and_inverts),
        cmocka_unit_test(cholesky_refuses_what_is_not_positive),
        cmocka_unit_test(eigenpairs_are_eigenpairs),
        cmocka_unit_test(columns_become_orthonormal),
        cmocka_unit_test(components_are_found),
        cmocka_unit_test(few_rows_have_components_too),
        cmocka_unit_test(threads_do_not_change_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
