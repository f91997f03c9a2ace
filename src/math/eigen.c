#include <float.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum {
    ROW_GRAIN = 64,
    STRIP = 64,        // columns that take a batch of rotations together
    VECTOR_GRAIN = 16, // eigenvectors that take the reflections together
    BATCH = 1 << 16,   // rotations kept before they are applied
    MAX_SWEEPS = 60    // QL steps for one eigenvalue
};

/* ---------------------------------------------------------------- to tridiagonal form */

typedef struct reduction {
    double *a; // (n, n), both triangles; row k keeps reflector k from column k + 1 on
    size_t n, k;
    double *v, *p; // reflector and A v, both from k + 1 on
    double beta;
} reduction;

static lb_status times_reflector(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    reduction *r = context;
    size_t first = r->k + 1, m = r->n - first;
    for (size_t i = begin; i < end; i++)
        r->p[i] = vec_dot_f64(r->a + (first + i) * r->n + first, r->v, m);
    return LB_OK;
}

/* A -= v w^T + w v^T, with w in p. */
static lb_status reflect_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    reduction *r = context;
    size_t first = r->k + 1, m = r->n - first;
    for (size_t i = begin; i < end; i++) {
        double *row = r->a + (first + i) * r->n + first;
        vec_axpy_f64(row, -r->v[i], r->p, m);
        vec_axpy_f64(row, -r->p[i], r->v, m);
    }
    return LB_OK;
}

/* Makes v of row k so that (I - beta v v^T) maps the row onto its first entry; returns that entry.
 * beta = 0 where there is nothing to do. */
static double make_reflector(double *x, size_t m, double *beta) {
    double largest = 0;
    for (size_t i = 1; i < m; i++) largest = fmax(largest, fabs(x[i]));
    *beta = 0;
    if (largest == 0) return x[0];
    largest = fmax(largest, fabs(x[0]));
    for (size_t i = 0; i < m; i++) x[i] /= largest;
    double alpha = -copysign(sqrt(vec_dot_f64(x, x, m)), x[0]);
    x[0] -= alpha;
    *beta = 2 / vec_dot_f64(x, x, m);
    return alpha * largest;
}

/* Leaves diagonal d (n), off-diagonal e (n, e[k] between k and k + 1), and the reflectors in a with
 * their beta. */
static lb_status reduce(job *j, double *a, size_t n, double *d, double *e, double *betas,
                        double *scratch) {
    for (size_t k = 0; k + 1 < n; k++) {
        size_t m = n - k - 1;
        double *v = a + k * n + k + 1;
        d[k] = a[k * n + k];
        e[k] = make_reflector(v, m, &betas[k]);
        if (betas[k] == 0) continue;
        reduction r = {a, n, k, v, scratch, betas[k]};
        LB_TRY(math_run_range(j, m, ROW_GRAIN, times_reflector, &r));
        double half = 0.5 * betas[k] * betas[k] * vec_dot_f64(v, r.p, m);
        for (size_t i = 0; i < m; i++) r.p[i] = betas[k] * r.p[i] - half * v[i];
        LB_TRY(math_run_range(j, m, ROW_GRAIN, reflect_rows, &r));
    }
    if (n) {
        d[n - 1] = a[n * n - 1];
        e[n - 1] = 0;
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- QL on the tridiagonal form */

typedef struct rotation {
    double c, s;
    size_t row; // of `row` and `row` + 1
} rotation;

typedef struct rotations {
    double *vectors; // (n, n), a row per eigenvector
    size_t n, count;
    rotation *list; // (BATCH)
} rotations;

static lb_status rotate_strip(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const rotations *r = context;
    const math_kernels *t = math_table();
    for (size_t i = 0; i < r->count; i++) {
        double *lower = r->vectors + r->list[i].row * r->n + begin;
        t->rotate_f64(lower, lower + r->n, r->list[i].c, r->list[i].s, end - begin);
    }
    return LB_OK;
}

static lb_status apply_rotations(job *j, rotations *r) {
    LB_TRY(math_run_range(j, r->n, STRIP, rotate_strip, r));
    r->count = 0;
    return LB_OK;
}

/* The end of the unreduced block that begins at `begin`. Couplings below `negligible` end it too:
 * where the rank is low, the rest is rounding noise, within which QL may not converge. */
static size_t block_end(const double *d, const double *e, size_t begin, size_t n,
                        double negligible) {
    size_t m = begin;
    for (; m + 1 < n; m++)
        if (fabs(e[m]) <= DBL_EPSILON * (fabs(d[m]) + fabs(d[m + 1])) + negligible) break;
    return m;
}

/* One implicit QL step with Wilkinson's shift on rows begin..end. */
static lb_status ql_step(job *j, double *d, double *e, size_t begin, size_t end, rotations *r) {
    double g = (d[begin + 1] - d[begin]) / (2 * e[begin]);
    double shift = d[begin] - e[begin] / (g + copysign(hypot(g, 1), g));
    double s = 1, c = 1, p = 0;
    g = d[end] - shift;
    for (size_t i = end; i-- > begin;) {
        double f = s * e[i], b = c * e[i], length = hypot(f, g);
        e[i + 1] = length;
        if (length == 0) { // the block has split
            d[i + 1] -= p;
            e[end] = 0;
            return LB_OK;
        }
        s = f / length;
        c = g / length;
        g = d[i + 1] - p;
        double q = (d[i] - g) * s + 2 * c * b;
        p = s * q;
        d[i + 1] = g + p;
        g = c * q - b;
        r->list[r->count++] = (rotation){c, s, i};
        if (r->count == BATCH) LB_TRY(apply_rotations(j, r));
    }
    d[begin] -= p;
    e[begin] = g;
    e[end] = 0;
    return LB_OK;
}

static lb_status diagonalise(job *j, double *d, double *e, size_t n, rotations *r) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fmax(fabs(d[i]), fabs(e[i])));
    const double negligible = DBL_EPSILON * largest; // what the reduction has lost anyway
    for (size_t i = 0; i < n; i++) {
        size_t end;
        for (int sweep = 0; (end = block_end(d, e, i, n, negligible)) != i; sweep++) {
            if (sweep == MAX_SWEEPS || !isfinite(e[i]) || !isfinite(d[i]))
                return status_fail(LB_E_NUMERIC,
                                   "eigenvalues: no convergence; the matrix holds a NaN or an "
                                   "infinity");
            LB_TRY(ql_step(j, d, e, i, end, r));
        }
        if (!isfinite(d[i])) return status_fail(LB_E_NUMERIC, "eigenvalues: not finite");
    }
    return apply_rotations(j, r);
}

/* ---------------------------------------------------------------- back to the matrix's axes */

typedef struct back {
    const double *a, *betas;
    double *vectors;
    size_t n;
} back;

static lb_status reflect_vectors(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const back *b = context;
    for (size_t k = b->n - 1; k-- > 0;) {
        if (b->betas[k] == 0) continue;
        size_t m = b->n - k - 1;
        const double *v = b->a + k * b->n + k + 1;
        for (size_t i = begin; i < end; i++) {
            double *x = b->vectors + i * b->n + k + 1;
            vec_axpy_f64(x, -b->betas[k] * vec_dot_f64(v, x, m), v, m);
        }
    }
    return LB_OK;
}

static void fix_sign(double *x, size_t n) {
    size_t largest = 0;
    for (size_t i = 1; i < n; i++)
        if (fabs(x[i]) > fabs(x[largest])) largest = i;
    if (x[largest] < 0)
        for (size_t i = 0; i < n; i++) x[i] = -x[i];
}

/* Selection sort: n swaps of rows at most. */
static void sort_descending(double *values, double *vectors, size_t n, double *scratch) {
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < n; k++)
            if (values[k] > values[best]) best = k;
        fix_sign(vectors + best * n, n);
        if (best == i) continue;
        double value = values[i];
        values[i] = values[best];
        values[best] = value;
        memcpy(scratch, vectors + i * n, n * sizeof *scratch);
        memcpy(vectors + i * n, vectors + best * n, n * sizeof *scratch);
        memcpy(vectors + best * n, scratch, n * sizeof *scratch);
    }
}

lb_status symmetric_eigen(job *j, double *a, size_t n, double *values, double *vectors) {
    if (!n) return LB_OK;
    lb_status status;
    double *scratch = NULL; // off-diagonal, betas, one vector
    rotations r = {vectors, n, 0, NULL};
    LB_TRY_CLEANUP(NEW_ARRAY(scratch, 3 * n));
    LB_TRY_CLEANUP(NEW_ARRAY(r.list, BATCH));
    double *e = scratch, *betas = e + n, *spare = betas + n;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) a[i * n + k] = a[k * n + i];
    LB_TRY_CLEANUP(reduce(j, a, n, values, e, betas, spare));
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++) vectors[i * n + i] = 1;
    LB_TRY_CLEANUP(diagonalise(j, values, e, n, &r));
    back b = {a, betas, vectors, n};
    LB_TRY_CLEANUP(math_run_range(j, n, VECTOR_GRAIN, reflect_vectors, &b));
    sort_descending(values, vectors, n, spare);
cleanup:
    free(scratch);
    free(r.list);
    return status;
}
