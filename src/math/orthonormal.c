#include <float.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"

enum { ROUNDS = 5, ROWS = 8192, MIX_ROWS = 192 };

/* The state of one round: the Gram matrix in parts, and the mixture that makes columns unit. */
typedef struct round_state {
    double *a; // (n, k)
    size_t n, k;
    double *parts;   // (n_parts, k, k)
    double *mixture; // (k, k)
} round_state;

static lb_status gram_part(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const round_state *r = context;
    double *part = r->parts + begin / ROWS * r->k * r->k;
    return matrix_gram_f64(NULL, 1, r->k, end - begin, 1.0, r->a + begin * r->k, r->k, 0.0, part,
                           r->k);
}

/* The Gram matrix's lower triangle, parts added in order: left in the first part. */
static lb_status gram(job *j, round_state *r) {
    LB_TRY(math_run_range(j, r->n, ROWS, gram_part, r));
    for (size_t begin = ROWS; begin < r->n; begin += ROWS) {
        const double *part = r->parts + begin / ROWS * r->k * r->k;
        for (size_t i = 0; i < r->k * r->k; i++) r->parts[i] += part[i];
    }
    return LB_OK;
}

static lb_status mix_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const round_state *r = context;
    double *rows, *target = r->a + begin * r->k;
    LB_TRY(NEW_ARRAY(rows, (end - begin) * r->k));
    lb_status status = matrix_multiply_f64(NULL, 0, 0, end - begin, r->k, r->k, 1.0, target, r->k,
                                           r->mixture, r->k, 0.0, rows, r->k);
    if (status == LB_OK) memcpy(target, rows, (end - begin) * r->k * sizeof *rows);
    free(rows);
    return status;
}

/* Largest deviation of the Gram matrix from the identity; columns of zeros do not count. */
static double deviation(const double *g, size_t k) {
    double worst = 0;
    for (size_t i = 0; i < k; i++) {
        for (size_t c = 0; c < i; c++) worst = fmax(worst, fabs(g[i * k + c]));
        if (g[i * k + i] != 0) worst = fmax(worst, fabs(g[i * k + i] - 1));
        if (isnan(g[i * k + i])) return NAN;
    }
    return worst;
}

/* The mixture D^-1/2 U Lambda^-1/2 of the Gram matrix G, with D^-1/2 G D^-1/2 = U Lambda U^T. */
static lb_status make_mixture(job *j, double *g, size_t k, double *mixture, double *scratch) {
    double *lengths = scratch, *values = lengths + k, *vectors = values + k; // (k), (k), (k, k)
    for (size_t i = 0; i < k; i++) {
        lengths[i] = g[i * k + i] > 0 ? 1 / sqrt(g[i * k + i]) : 0;
        // A column of zeros gets an eigenvalue of its own, far from the small ones.
        if (lengths[i] == 0) g[i * k + i] = -1;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t c = 0; c <= i; c++)
            if (lengths[i] > 0 || c < i) g[i * k + c] *= lengths[i] * lengths[c];
    LB_TRY(symmetric_eigen(j, g, k, values, vectors));
    double floor = values[0] * DBL_EPSILON * (double)k;
    for (size_t c = 0; c < k; c++) {
        double length = values[c] < -0.5 ? 0 : 1 / sqrt(fmax(values[c], floor));
        for (size_t i = 0; i < k; i++)
            mixture[i * k + c] = lengths[i] * vectors[c * k + i] * length;
    }
    return LB_OK;
}

lb_status orthonormalise(job *j, double *a, size_t n, size_t k) {
    if (!n || !k) return LB_OK;
    lb_status status;
    round_state r = {a, n, k, NULL, NULL};
    double *scratch = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(r.parts, (n + ROWS - 1) / ROWS * k * k));
    LB_TRY_CLEANUP(NEW_ARRAY(r.mixture, k * k));
    LB_TRY_CLEANUP(NEW_ARRAY(scratch, k * k + 2 * k));
    for (int round = 0;; round++) {
        LB_TRY_CLEANUP(gram(j, &r));
        double error = deviation(r.parts, k);
        if (!isfinite(error)) {
            status = status_fail(LB_E_NUMERIC, "orthonormalise: the columns hold a NaN");
            break;
        }
        if (error < 1e-13 * (double)k || round == ROUNDS) break;
        LB_TRY_CLEANUP(make_mixture(j, r.parts, k, r.mixture, scratch));
        LB_TRY_CLEANUP(math_run_range(j, n, MIX_ROWS, mix_rows, &r));
    }
cleanup:
    free(r.parts);
    free(r.mixture);
    free(scratch);
    return status;
}
