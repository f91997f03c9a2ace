#include "index/balance.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/bytes.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

/* A sample of rows tells their covariance. Rows of more than a few times the median length count as
 * if they had that length: a few of them must not decide for all. */
enum { SAMPLE_ROWS = 4096, SAMPLE_QUERIES = 1024 };
static const double LONGEST_OF_MEDIAN = 4;

static const double RIDGE = 1e-6;     // of the mean variance, added to every axis
static const double SMALLEST = 1e-12; // variance of the largest, below which axes count as equal
/* Of what rows and queries vary together, in the head. Where there are many dimensions a tail is
 * long, and so dear that fewer rows should need theirs. */
static const double HEAD_SHARE = 0.9, BROAD_HEAD_SHARE = 0.98;
enum { BROAD_DIM = 384, HEAD_STEP = 16, NEWTON_STEPS = 2 };

typedef struct workspace {
    job *j;
    size_t dim;
    double *sample;                 // (SAMPLE_ROWS, dim)
    double *row_cov, *query_cov;    // (dim, dim)
    double *root, *inverse, *mixed; // (dim, dim): row_cov = root root^T, its inverse, scratch
    double *axes, *values;          // (dim, dim), (dim)
    double *mixing;                 // (dim, dim)
} workspace;

static void free_workspace(workspace *w) {
    double *const all[] = {w->sample, w->row_cov, w->query_cov, w->root,  w->inverse,
                           w->mixed,  w->axes,    w->values,    w->mixing};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static lb_status new_workspace(job *j, size_t dim, workspace *w) {
    *w = (workspace){.j = j, .dim = dim};
    LB_TRY(NEW_ARRAY(w->sample, SAMPLE_ROWS * dim));
    double **const square[] = {&w->row_cov, &w->query_cov, &w->root,  &w->inverse,
                               &w->mixed,   &w->axes,      &w->mixing};
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        LB_TRY(NEW_ARRAY(*square[i], dim * dim));
    return NEW_ARRAY(w->values, dim);
}

static lb_status multiply(const workspace *w, int transpose_a, int transpose_b, const double *a,
                          const double *b, double *c) {
    size_t d = w->dim;
    return matrix_multiply_f64(w->j, transpose_a, transpose_b, d, d, d, 1, a, d, b, d, 0, c, d);
}

/* ---- samples */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Gathers up to `most` of x (n, dim), evenly, without those that are no numbers or too long, and
 * shortens the long ones. Returns how many there are. */
static lb_status gather(workspace *w, const float *x, size_t n, size_t most, size_t *gathered) {
    size_t d = w->dim, taken = n < most ? n : most, kept = 0;
    double *length, *sorted = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(length, taken));
    LB_TRY_CLEANUP(NEW_ARRAY(sorted, taken));
    for (size_t i = 0; i < taken; i++) {
        const float *row = x + i * n / taken * d;
        double norm = sqrt(vec_dot_wide(row, row, d));
        if (!(norm <= BALANCE_LONGEST)) continue;
        for (size_t c = 0; c < d; c++) w->sample[kept * d + c] = (double)row[c];
        length[kept] = sorted[kept] = norm;
        kept++;
    }
    qsort(sorted, kept, sizeof *sorted, by_value);
    double longest = kept ? LONGEST_OF_MEDIAN * sorted[kept / 2] : 0;
    for (size_t i = 0; i < kept; i++)
        for (size_t c = 0; longest > 0 && length[i] > longest && c < d; c++)
            w->sample[i * d + c] *= longest / length[i];
    *gathered = kept;
cleanup:
    free(length);
    free(sorted);
    return status;
}

/* cov = the sample's second moments, with a ridge; a multiple of I if the sample is zero. */
static lb_status second_moments(const workspace *w, size_t n, double *cov) {
    size_t d = w->dim;
    double trace = 0;
    memset(cov, 0, d * d * sizeof *cov);
    if (n)
        LB_TRY(matrix_multiply_f64(w->j, 1, 0, d, d, n, 1 / (double)n, w->sample, d, w->sample, d,
                                   0, cov, d));
    for (size_t i = 0; i < d; i++) trace += cov[i * d + i];
    double ridge = trace > 0 ? RIDGE * trace / (double)d : 1;
    for (size_t i = 0; i < d; i++) cov[i * d + i] += ridge;
    return LB_OK;
}

static lb_status row_moments(workspace *w, const float *vectors, size_t n, float *centre) {
    size_t d = w->dim, kept;
    LB_TRY(gather(w, vectors, n, SAMPLE_ROWS, &kept));
    for (size_t c = 0; c < d; c++) {
        double sum = 0;
        for (size_t i = 0; i < kept; i++) sum += w->sample[i * d + c];
        centre[c] = kept ? (float)(sum / (double)kept) : 0;
        for (size_t i = 0; i < kept; i++) w->sample[i * d + c] -= (double)centre[c];
    }
    return second_moments(w, kept, w->row_cov);
}

static lb_status query_moments(workspace *w, const index_sample *queries) {
    size_t kept = 0;
    if (queries) LB_TRY(gather(w, queries->queries, queries->n, SAMPLE_QUERIES, &kept));
    return second_moments(w, kept, w->query_cov);
}

/* ---- the map */

/* The eigenvectors (axes) and eigenvalues of root^T query_cov root. */
static lb_status find_axes(workspace *w) {
    size_t d = w->dim;
    memcpy(w->root, w->row_cov, d * d * sizeof *w->root);
    LB_TRY(cholesky_factor(w->j, w->root, d));
    for (size_t i = 0; i < d; i++) {
        memset(w->root + i * d + i + 1, 0, (d - i - 1) * sizeof *w->root);
        w->inverse[i * d + i] = 1;
    }
    LB_TRY(cholesky_solve_lower(w->j, w->root, d, w->inverse, d));
    LB_TRY(multiply(w, 0, 0, w->query_cov, w->root, w->mixed));
    LB_TRY(multiply(w, 1, 0, w->root, w->mixed, w->query_cov));
    LB_TRY(symmetric_eigen(w->j, w->query_cov, d, w->values, w->axes));
    double floor = w->values[0] > 0 ? SMALLEST * w->values[0] : 1;
    for (size_t i = 0; i < d; i++)
        if (!(w->values[i] > floor)) w->values[i] = floor;
    return LB_OK;
}

/* As many axes as hold the head's share of the variation, in steps. */
static size_t choose_head(const workspace *w) {
    double total = 0, sum = 0, share = w->dim > BROAD_DIM ? BROAD_HEAD_SHARE : HEAD_SHARE;
    size_t head = 0;
    for (size_t i = 0; i < w->dim; i++) total += sqrt(w->values[i]);
    while (head < w->dim && sum < share * total) sum += sqrt(w->values[head++]);
    head = (head + HEAD_STEP - 1) / HEAD_STEP * HEAD_STEP;
    return head < w->dim ? head : w->dim;
}

/* Orthonormal matrices for the head and for the rest, in one with zeros elsewhere. */
static lb_status make_mixing(workspace *w, size_t head) {
    random_stream r = random_open(1, "index mixing", 0);
    for (size_t first = 0, n; first < w->dim; first += n) {
        n = first < head ? head : w->dim - head;
        for (size_t i = 0; i < n * n; i++) w->mixed[i] = random_normal(&r);
        LB_TRY(orthonormalise(w->j, w->mixed, n, n));
        for (size_t i = 0; i < n; i++)
            memcpy(w->mixing + (first + i) * w->dim + first, w->mixed + i * n, n * sizeof(double));
    }
    return LB_OK;
}

static double size_of(const double *a, size_t n) {
    return sqrt(vec_dot_f64(a, a, n));
}

/* With queries^T rows = I - E, rows (I + E) comes as much closer to the inverse as E is small.
 * Leaves the size of the last E in b->defect, with what its own rounding may hide. */
static lb_status refine(workspace *w, balance *b) {
    size_t d = w->dim;
    double *queries = w->row_cov, *error = w->mixed, *step = w->query_cov;
    for (size_t i = 0; i < d * d; i++) queries[i] = (double)b->queries[i];
    b->query_size = size_of(queries, d * d);
    for (size_t s = 0;; s++) {
        LB_TRY(multiply(w, 1, 0, queries, b->rows, error));
        for (size_t i = 0; i < d * d; i++) error[i] = (double)(i % (d + 1) == 0) - error[i];
        if (s == NEWTON_STEPS) break;
        LB_TRY(multiply(w, 0, 0, b->rows, error, step));
        vec_axpy_f64(b->rows, 1, step, d * d);
    }
    b->row_size = size_of(b->rows, d * d);
    b->defect = size_of(error, d * d) + 4e-16 * (double)d * b->row_size * b->query_size;
    return LB_OK;
}

/* rows = mixing values^(1/4) axes root^-1 and queries = mixing values^(-1/4) axes root^T. */
static lb_status make_map(workspace *w, balance *b) {
    size_t d = w->dim;
    LB_TRY(multiply(w, 0, 0, w->axes, w->inverse, w->row_cov));
    LB_TRY(multiply(w, 0, 1, w->axes, w->root, w->query_cov));
    for (size_t i = 0; i < d; i++) {
        double factor = pow(w->values[i], 0.25);
        for (size_t c = 0; c < d; c++) {
            w->row_cov[i * d + c] *= factor;
            w->query_cov[i * d + c] /= factor;
        }
    }
    LB_TRY(multiply(w, 0, 0, w->mixing, w->row_cov, b->rows));
    LB_TRY(multiply(w, 0, 0, w->mixing, w->query_cov, w->root));
    for (size_t i = 0; i < d * d; i++) b->queries[i] = (float)w->root[i];
    return refine(w, b);
}

lb_status balance_fit(job *j, const float *vectors, size_t n, size_t dim,
                      const index_sample *queries, balance *out) {
    workspace w;
    lb_status status;
    *out = (balance){.dim = dim};
    LB_TRY_CLEANUP(new_workspace(j, dim, &w));
    LB_TRY_CLEANUP(NEW_ARRAY(out->centre, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(out->rows, dim * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(out->queries, dim * dim));
    if (dim == 0) goto cleanup;
    LB_TRY_CLEANUP(row_moments(&w, vectors, n, out->centre));
    LB_TRY_CLEANUP(query_moments(&w, queries));
    LB_TRY_CLEANUP(find_axes(&w));
    out->head = choose_head(&w);
    LB_TRY_CLEANUP(make_mixing(&w, out->head));
    LB_TRY_CLEANUP(make_map(&w, out));
cleanup:
    free_workspace(&w);
    if (status != LB_OK) balance_free(out);
    return status;
}

void balance_free(balance *b) {
    free(b->centre);
    free(b->rows);
    free(b->queries);
    *b = (balance){0};
}
