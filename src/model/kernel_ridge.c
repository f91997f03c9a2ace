#include "model/kernel_ridge.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"

enum { ROWS_PER_BLOCK = 2048, ROWS_PER_PIECE = 64 };

static const double SHARPNESS = 2.0;
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
        c->out[i] = exp(-SHARPNESS * (distance < 0 ? 0 : distance)); // NaN stays NaN
    }
    return LB_OK;
}

/* out (n, m) = kernel of rows a (n, dim) against rows b (m, dim). */
static lb_status kernel_matrix(job *j, const float *a, size_t n, const float *b, size_t m,
                               size_t dim, double *out) {
    float *dot;
    LB_TRY(NEW_ARRAY(dot, n * m));
    lb_status status = matrix_multiply_parallel(j, 0, 1, n, m, dim, 1, a, dim, b, dim, 0, dot, m);
    exp_context c = {dot, out, m};
    if (status == LB_OK) status = math_run_range(j, n, ROWS_PER_PIECE, exponentiate, &c);
    free(dot);
    return status;
}

/* ---- every row a landmark: coefficients (K + strength / w)^-1 y, left out y_i - c_i /
 * (inverse)_ii */

static lb_status fit_exact(job *j, const row_source *f, const double *w, const double *y,
                           double strength, kernel_ridge *k, float *left_out) {
    size_t t = k->n_targets, n = f->n;
    double *system = NULL, *coefficient = NULL, *diagonal = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(system, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(coefficient, n * t));
    LB_TRY_CLEANUP(NEW_ARRAY(diagonal, n));
    LB_TRY_CLEANUP(rows_fetch(j, f, 0, n, k->landmark));
    LB_TRY_CLEANUP(kernel_matrix(j, k->landmark, n, k->landmark, n, k->dim, system));
    for (size_t i = 0; i < n; i++) system[i * n + i] += strength / w[i];
    memcpy(coefficient, y, n * t * sizeof *y);
    LB_TRY_CLEANUP(cholesky_factor(j, system, n));
    LB_TRY_CLEANUP(cholesky_solve(j, system, n, coefficient, t));
    LB_TRY_CLEANUP(cholesky_inverse_diagonal(j, system, n, diagonal));
    for (size_t i = 0; i < n * t; i++) {
        k->coefficient[i] = (float)coefficient[i];
        left_out[i] = (float)(y[i] - coefficient[i] / diagonal[i / t]);
    }
cleanup:
    free(system);
    free(coefficient);
    free(diagonal);
    return status;
}

/* ---- landmarks: with C (n, m) the kernel to them, A = C' W C + strength K, coefficients A^-1 C' W
 * y */

typedef struct nystrom {
    job *j;
    const row_source *f;
    const double *w, *y;
    size_t n, m, t;
    double strength;
    kernel_ridge *k;
    double *system;   // (m, m) A, then its factor
    double *right;    // (m, t) C' W y, then the coefficients
    float *rows;      // (ROWS_PER_BLOCK, dim)
    double *block;    // (ROWS_PER_BLOCK, m)
    double *weighted; // (ROWS_PER_BLOCK, t)
    double *solved;   // (m, ROWS_PER_BLOCK)
} nystrom;

static lb_status choose_landmarks(nystrom *s, uint64_t seed) {
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
static lb_status kernel_block(nystrom *s, size_t begin, size_t rows) {
    LB_TRY(rows_fetch(s->j, s->f, begin, rows, s->rows));
    return kernel_matrix(s->j, s->rows, rows, s->k->landmark, s->m, s->k->dim, s->block);
}

static lb_status accumulate_block(nystrom *s, size_t begin, size_t rows) {
    LB_TRY(kernel_block(s, begin, rows));
    for (size_t i = 0; i < rows; i++) {
        double root = sqrt(s->w[begin + i]);
        for (size_t c = 0; c < s->m; c++) s->block[i * s->m + c] *= root;
        for (size_t c = 0; c < s->t; c++)
            s->weighted[i * s->t + c] = root * s->y[(begin + i) * s->t + c];
    }
    LB_TRY(matrix_gram_f64(s->j, 1, s->m, rows, 1, s->block, s->m, 1, s->system, s->m));
    return matrix_multiply_f64(s->j, 1, 0, s->m, s->t, rows, 1, s->block, s->m, s->weighted, s->t,
                               1, s->right, s->t);
}

/* Left out: y - (y - prediction) / (1 - h), h_i = w_i c_i' A^-1 c_i, the row's leverage. */
static lb_status leave_out_block(nystrom *s, size_t begin, size_t rows, float *left_out) {
    LB_TRY(kernel_block(s, begin, rows));
    for (size_t c = 0; c < s->m; c++)
        for (size_t i = 0; i < rows; i++) s->solved[c * rows + i] = s->block[i * s->m + c];
    LB_TRY(cholesky_solve(s->j, s->system, s->m, s->solved, rows));
    LB_TRY(matrix_multiply_f64(s->j, 0, 0, rows, s->t, s->m, 1, s->block, s->m, s->right, s->t, 0,
                               s->weighted, s->t));
    for (size_t i = 0; i < rows; i++) {
        double leverage = 0;
        for (size_t c = 0; c < s->m; c++)
            leverage += s->block[i * s->m + c] * s->solved[c * rows + i];
        leverage *= s->w[begin + i];
        for (size_t c = 0; c < s->t; c++) {
            double y = s->y[(begin + i) * s->t + c], error = y - s->weighted[i * s->t + c];
            left_out[(begin + i) * s->t + c] = (float)(y - error / fmax(1 - leverage, 1e-6));
        }
    }
    return LB_OK;
}

typedef lb_status (*block_work)(nystrom *s, size_t begin, size_t rows, float *left_out);

static lb_status accumulate(nystrom *s, size_t begin, size_t rows, float *left_out) {
    (void)left_out;
    return accumulate_block(s, begin, rows);
}

static lb_status for_blocks(nystrom *s, block_work work, const char *stage, float *left_out) {
    for (size_t begin = 0; begin < s->n; begin += ROWS_PER_BLOCK) {
        size_t rows = s->n - begin < ROWS_PER_BLOCK ? s->n - begin : ROWS_PER_BLOCK;
        LB_TRY(work(s, begin, rows, left_out));
        LB_TRY(job_progress(s->j, stage, "products", begin + rows, s->n));
    }
    return LB_OK;
}

static lb_status solve_landmarks(nystrom *s, float *left_out) {
    size_t m = s->m;
    double *kernel;
    LB_TRY(for_blocks(s, accumulate, "cold products: landmarks", NULL));
    LB_TRY(NEW_ARRAY(kernel, m * m));
    lb_status status = kernel_matrix(s->j, s->k->landmark, m, s->k->landmark, m, s->k->dim, kernel);
    for (size_t i = 0; status == LB_OK && i < m * m; i++) s->system[i] += s->strength * kernel[i];
    for (size_t i = 0; i < m; i++) s->system[i * m + i] += JITTER * (double)s->n;
    free(kernel);
    LB_TRY(status);
    LB_TRY(cholesky_factor(s->j, s->system, m));
    LB_TRY(cholesky_solve(s->j, s->system, m, s->right, s->t));
    for (size_t i = 0; i < m * s->t; i++) s->k->coefficient[i] = (float)s->right[i];
    return for_blocks(s, leave_out_block, "cold products: left out", left_out);
}

static lb_status fit_landmarks(job *j, const row_source *f, const double *w, const double *y,
                               double strength, uint64_t seed, kernel_ridge *k, float *left_out) {
    nystrom s = {.j = j,
                 .f = f,
                 .w = w,
                 .y = y,
                 .n = f->n,
                 .m = k->n_landmarks,
                 .t = k->n_targets,
                 .strength = strength,
                 .k = k};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(s.system, s.m * s.m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.right, s.m * s.t));
    LB_TRY_CLEANUP(NEW_ARRAY(s.rows, ROWS_PER_BLOCK * k->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(s.block, ROWS_PER_BLOCK * s.m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.solved, ROWS_PER_BLOCK * s.m));
    LB_TRY_CLEANUP(NEW_ARRAY(s.weighted, ROWS_PER_BLOCK * s.t));
    LB_TRY_CLEANUP(choose_landmarks(&s, seed));
    LB_TRY_CLEANUP(solve_landmarks(&s, left_out));
cleanup:
    free(s.system);
    free(s.right);
    free(s.rows);
    free(s.block);
    free(s.solved);
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

lb_status kernel_ridge_fit(job *j, const float *f, const double *w, const double *y, size_t n,
                           size_t dim, size_t n_targets, double strength, size_t max_landmarks,
                           uint64_t seed, kernel_ridge *out, float *left_out) {
    row_matrix matrix = {f, dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return kernel_ridge_fit_rows(j, &rows, w, y, n_targets, strength, max_landmarks, seed, out,
                                 left_out);
}

lb_status kernel_ridge_fit_rows(job *j, const row_source *f, const double *w, const double *y,
                                size_t n_targets, double strength, size_t max_landmarks,
                                uint64_t seed, kernel_ridge *out, float *left_out) {
    size_t n = f->n, dim = f->dim;
    kernel_ridge k = {
        .n_landmarks = n < max_landmarks ? n : max_landmarks, .dim = dim, .n_targets = n_targets};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(k.landmark, k.n_landmarks * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(k.coefficient, k.n_landmarks * n_targets));
    if (n <= max_landmarks)
        LB_TRY_CLEANUP(fit_exact(j, f, w, y, strength, &k, left_out));
    else
        LB_TRY_CLEANUP(fit_landmarks(j, f, w, y, strength, seed, &k, left_out));
    LB_TRY_CLEANUP(check_finite(&k));
    *out = k;
    return LB_OK;
cleanup:
    kernel_ridge_free(&k);
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
    float *fetched = NULL, *narrow = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(kernel, block * m));
    LB_TRY_CLEANUP(NEW_ARRAY(narrow, block * m));
    LB_TRY_CLEANUP(NEW_ARRAY(fetched, block * k->dim));
    for (size_t begin = 0; begin < n; begin += block) {
        size_t rows = n - begin < block ? n - begin : block;
        LB_TRY_CLEANUP(rows_fetch(j, f, begin, rows, fetched));
        LB_TRY_CLEANUP(kernel_matrix(j, fetched, rows, k->landmark, m, k->dim, kernel));
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
