#include "model/kernel_ridge.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"

enum { ROWS_PER_BLOCK = 2048, ROWS_PER_PIECE = 64 };

static const char fitting[] = "cold products: landmarks"; // the stage

static const double JITTER = 1e-8; // of the landmarks' kernel: two equal pictures make it singular

void kernel_ridge_free(kernel_ridge *k) {
    free(k->landmark);
    free(k->coefficient);
    *k = (kernel_ridge){0};
}

typedef struct exp_context {
    const float *dot;
    double *out;
    size_t width;
} exp_context;

/* |f - f'|^2 = 2 - 2 f . f' for unit rows. */
static lb_status exponentiate(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const exp_context *c = context;
    for (size_t i = begin * c->width; i < end * c->width; i++) {
        double distance = 2 - 2 * (double)c->dot[i];
        c->out[i] = exp(distance < 0 ? 0 : -distance); // NaN stays NaN
    }
    return LB_OK;
}

/* out (n, m) = kernel of rows of which `dot` (n, m) are the inner products. */
static lb_status kernel_of_products(job *j, const float *dot, size_t n, size_t m, double *out) {
    exp_context c = {dot, out, m};
    return math_run_range(j, n, ROWS_PER_PIECE, exponentiate, &c);
}

/* out (n, m) = inner products of rows a (n, dim) and rows b (m, dim). */
static lb_status row_products(job *j, const float *a, size_t n, const float *b, size_t m,
                              size_t dim, float *out) {
    return matrix_multiply_parallel(j, 0, 1, n, m, dim, 1, a, dim, b, dim, 0, out, m);
}

/* ---- what both ways of fitting share */

typedef struct ridge_fit {
    job *j;
    const row_source *f;
    const double *w;
    const ridge_targets *targets;
    size_t n, m, t; // rows, landmarks, targets
    kernel_ridge *k;
    float *products; // (m, m) of the landmarks
    double *system;  // (m, m) of one strength, then its factor
    double *right;   // (m, t) or, in a strength, (m, its targets); then the coefficients
} ridge_fit;

/* Neighbouring targets of one strength. */
typedef struct target_range {
    size_t begin, n;
    double strength;
} target_range;

static target_range next_range(const ridge_targets *t, size_t begin) {
    size_t end = begin + 1;
    while (end < t->n_targets && t->strength[end] == t->strength[begin]) end++;
    return (target_range){begin, end - begin, t->strength[begin]};
}

/* Columns of a range of (rows, n_targets) doubles, side by side. */
static void take_columns(const double *from, size_t rows, size_t t, target_range r, double *out) {
    for (size_t i = 0; i < rows; i++)
        memcpy(out + i * r.n, from + i * t + r.begin, r.n * sizeof *out);
}

static void keep_coefficients(ridge_fit *s, target_range r, const double *solution) {
    for (size_t i = 0; i < s->m; i++)
        for (size_t c = 0; c < r.n; c++)
            s->k->coefficient[i * s->t + r.begin + c] = (float)solution[i * r.n + c];
}

/* ---- every row a landmark: coefficients (K + strength / w)^-1 y */

static lb_status solve_exact(ridge_fit *s, target_range r) {
    size_t n = s->n;
    LB_TRY(kernel_of_products(s->j, s->products, n, n, s->system));
    for (size_t i = 0; i < n; i++) s->system[i * n + i] += r.strength / s->w[i];
    take_columns(s->targets->y, n, s->t, r, s->right);
    LB_TRY(cholesky_factor(s->j, s->system, n));
    LB_TRY(cholesky_solve(s->j, s->system, n, s->right, r.n));
    keep_coefficients(s, r, s->right);
    return LB_OK;
}

static lb_status fit_exact(ridge_fit *s) {
    size_t n = s->n;
    LB_TRY(NEW_ARRAY(s->right, n * s->t));
    LB_TRY(rows_fetch(s->j, s->f, 0, n, s->k->landmark));
    LB_TRY(row_products(s->j, s->k->landmark, n, s->k->landmark, n, s->k->dim, s->products));
    for (target_range r = {0}; r.begin + r.n < s->t;) {
        r = next_range(s->targets, r.begin + r.n);
        LB_TRY(solve_exact(s, r));
    }
    return LB_OK;
}

/* ---- landmarks: with C (n, m) the kernel to them, A = C' W C + strength K, coefficients A^-1 C' W
 * y */

typedef struct nystrom {
    ridge_fit *fit;
    double *gram;     // (m, m) C' W C
    double *solution; // (m, t) of a strength
    float *rows;      // (ROWS_PER_BLOCK, dim)
    float *dot;       // (ROWS_PER_BLOCK, m)
    double *block;    // (ROWS_PER_BLOCK, m)
    double *weighted; // (ROWS_PER_BLOCK, t)
} nystrom;

static lb_status choose_landmarks(ridge_fit *s, uint64_t seed) {
    uint32_t *order;
    LB_TRY(NEW_ARRAY(order, s->n));
    random_stream r = random_open(seed, "landmarks", 0);
    random_permutation(&r, order, s->n);
    for (size_t i = 0; i < s->m; i++)
        s->f->fetch(s->f->context, order[i], s->k->landmark + i * s->k->dim);
    free(order);
    return LB_OK;
}

/* The kernel of a block of rows to the landmarks. */
static lb_status kernel_block(nystrom *s, const row_source *f, size_t begin, size_t rows) {
    const ridge_fit *fit = s->fit;
    LB_TRY(rows_fetch(fit->j, f, begin, rows, s->rows));
    LB_TRY(row_products(fit->j, s->rows, rows, fit->k->landmark, fit->m, fit->k->dim, s->dot));
    return kernel_of_products(fit->j, s->dot, rows, fit->m, s->block);
}

static lb_status accumulate_block(nystrom *s, size_t begin, size_t rows) {
    ridge_fit *fit = s->fit;
    size_t m = fit->m, t = fit->t;
    LB_TRY(kernel_block(s, fit->f, begin, rows));
    for (size_t i = 0; i < rows; i++) {
        double root = sqrt(fit->w[begin + i]);
        for (size_t c = 0; c < m; c++) s->block[i * m + c] *= root;
        for (size_t c = 0; c < t; c++)
            s->weighted[i * t + c] = root * fit->targets->y[(begin + i) * t + c];
    }
    LB_TRY(matrix_gram_f64(fit->j, 1, m, rows, 1, s->block, m, 1, s->gram, m));
    return matrix_multiply_f64(fit->j, 1, 0, m, t, rows, 1, s->block, m, s->weighted, t, 1,
                               fit->right, t);
}

static lb_status accumulate(nystrom *s) {
    size_t n = s->fit->n;
    for (size_t begin = 0; begin < n; begin += ROWS_PER_BLOCK) {
        size_t rows = n - begin < ROWS_PER_BLOCK ? n - begin : ROWS_PER_BLOCK;
        LB_TRY(accumulate_block(s, begin, rows));
        LB_TRY(job_progress(s->fit->j, fitting, "products", begin + rows, n));
    }
    return LB_OK;
}

static lb_status solve_landmarks(nystrom *s, target_range r) {
    ridge_fit *fit = s->fit;
    size_t m = fit->m;
    LB_TRY(kernel_of_products(fit->j, fit->products, m, m, fit->system));
    for (size_t i = 0; i < m * m; i++) fit->system[i] = s->gram[i] + r.strength * fit->system[i];
    for (size_t i = 0; i < m; i++) fit->system[i * m + i] += JITTER * (double)fit->n;
    take_columns(fit->right, m, fit->t, r, s->solution);
    LB_TRY(cholesky_factor(fit->j, fit->system, m));
    LB_TRY(cholesky_solve(fit->j, fit->system, m, s->solution, r.n));
    keep_coefficients(fit, r, s->solution);
    return LB_OK;
}

static lb_status fit_landmarks(ridge_fit *fit, uint64_t seed) {
    nystrom s = {.fit = fit};
    size_t m = fit->m, t = fit->t, dim = fit->k->dim;
    const float *landmark = fit->k->landmark;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(s.gram, m * m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.solution, m * t));
    LB_TRY_CLEANUP(NEW_ARRAY(s.rows, ROWS_PER_BLOCK * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(s.dot, ROWS_PER_BLOCK * m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.block, ROWS_PER_BLOCK * m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.weighted, ROWS_PER_BLOCK * t));
    LB_TRY_CLEANUP(NEW_ARRAY(fit->right, m * t));
    LB_TRY_CLEANUP(choose_landmarks(fit, seed));
    LB_TRY_CLEANUP(row_products(fit->j, landmark, m, landmark, m, dim, fit->products));
    LB_TRY_CLEANUP(accumulate(&s));
    for (target_range r = {0}; r.begin + r.n < t;) {
        r = next_range(fit->targets, r.begin + r.n);
        LB_TRY_CLEANUP(solve_landmarks(&s, r));
    }
cleanup:
    free(s.gram);
    free(s.solution);
    free(s.rows);
    free(s.dot);
    free(s.block);
    free(s.weighted);
    return status;
}

/* NaN in features or weights shows in the factorisation, in targets only here. */
static lb_status check_finite(const kernel_ridge *k) {
    for (size_t i = 0; i < k->n_landmarks * k->n_targets; i++)
        if (!isfinite(k->coefficient[i]))
            return status_fail(LB_E_NUMERIC, "kernel ridge: a target or weight is not a number");
    return LB_OK;
}

lb_status kernel_ridge_fit(job *j, const float *f, const double *w, size_t n, size_t dim,
                           const ridge_targets *targets, size_t max_landmarks, uint64_t seed,
                           kernel_ridge *out) {
    row_matrix matrix = {f, dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return kernel_ridge_fit_rows(j, &rows, w, targets, max_landmarks, seed, out);
}

lb_status kernel_ridge_fit_rows(job *j, const row_source *f, const double *w,
                                const ridge_targets *targets, size_t max_landmarks, uint64_t seed,
                                kernel_ridge *out) {
    bool exact = f->n <= max_landmarks;
    size_t n = f->n, m = exact ? n : max_landmarks, t = targets->n_targets;
    kernel_ridge k = {.n_landmarks = m, .dim = f->dim, .n_targets = t};
    ridge_fit s = {.j = j, .f = f, .w = w, .targets = targets, .n = n, .m = m, .t = t, .k = &k};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(job_progress(j, fitting, "products", 0, n));
    LB_TRY_CLEANUP(NEW_ARRAY(k.landmark, m * k.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(k.coefficient, m * t));
    LB_TRY_CLEANUP(NEW_ARRAY(s.products, m * m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.system, m * m));
    LB_TRY_CLEANUP(exact ? fit_exact(&s) : fit_landmarks(&s, seed));
    LB_TRY_CLEANUP(check_finite(&k));
    *out = k;
cleanup:
    free(s.products);
    free(s.system);
    free(s.right);
    if (status != LB_OK) kernel_ridge_free(&k);
    return status;
}

lb_status kernel_ridge_predict(job *j, const kernel_ridge *k, const float *f, size_t n,
                               float *out) {
    row_matrix matrix = {f, k->dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return kernel_ridge_predict_rows(j, k, &rows, out);
}

lb_status kernel_ridge_predict_rows(job *j, const kernel_ridge *k, const row_source *f,
                                    float *out) {
    size_t n = f->n, m = k->n_landmarks, t = k->n_targets;
    size_t block = n < ROWS_PER_BLOCK ? n : ROWS_PER_BLOCK;
    double *kernel = NULL;
    float *fetched = NULL, *narrow = NULL; // inner products, then kernels
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(kernel, block * m));
    LB_TRY_CLEANUP(NEW_ARRAY(narrow, block * m));
    LB_TRY_CLEANUP(NEW_ARRAY(fetched, block * k->dim));
    for (size_t begin = 0; begin < n; begin += block) {
        size_t rows = n - begin < block ? n - begin : block;
        LB_TRY_CLEANUP(rows_fetch(j, f, begin, rows, fetched));
        LB_TRY_CLEANUP(row_products(j, fetched, rows, k->landmark, m, k->dim, narrow));
        LB_TRY_CLEANUP(kernel_of_products(j, narrow, rows, m, kernel));
        for (size_t i = 0; i < rows * m; i++) narrow[i] = (float)kernel[i];
        LB_TRY_CLEANUP(matrix_multiply_parallel(j, 0, 0, rows, t, m, 1, narrow, m, k->coefficient,
                                                t, 0, out + begin * t, t));
    }
cleanup:
    free(kernel);
    free(fetched);
    free(narrow);
    return status;
}
