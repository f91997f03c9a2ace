#include "math/pca.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum {
    EXACT_DIM = 1500,
    EXACT_ROWS = 512,  // of more dimensions than these
    BLOCK_ROWS = 2048, // rows centred at a time
    ROW_GRAIN = 64,
    DIM_GRAIN = 64,
    OVERSAMPLE = 16,
    ITERATIONS = 6,
    FULL_ITERATIONS = 3,      // the last ones: those before may do with a sample
    ROWS_PER_DIRECTION = 128, // of the sample
};

typedef struct pca {
    job *j;
    const row_source *x;
    const float *weights; // (n) or NULL
    size_t n, dim;        // n: rows that count
    uint32_t *row;        // (n) which ones: those of a weight
    float *mean;          // (dim)
    double total_weight;
    size_t stride;        // 1 = all of them are gone through; k = every k-th
    size_t first, n_rows; // of row that the block holds: first, first + stride, ..
    bool centred;         // the mean is known
    float *block;         // (BLOCK_ROWS, dim) rows centred and times the root of their weight
    double *sums;         // (dim)
} pca;

static double weight_of(const pca *p, size_t row) {
    return p->weights ? (double)p->weights[row] : 1.0;
}

static lb_status list_rows(pca *p) {
    LB_TRY(NEW_ARRAY(p->row, p->x->n));
    for (size_t i = 0; i < p->x->n; i++) {
        double w = weight_of(p, i);
        if (!(w >= 0) || !isfinite(w))
            return status_fail(LB_E_ARGUMENT, "principal components: the weight of row %zu is %g",
                               i, w);
        if (w > 0) p->row[p->n++] = (uint32_t)i;
        p->total_weight += w;
    }
    if (p->total_weight > 0) return LB_OK;
    return status_fail(LB_E_EMPTY, "principal components: no row to fit them to");
}

/* The i-th row of the block. */
static size_t row_at(const pca *p, size_t i) {
    return p->row[p->first + i * p->stride];
}

/* Each piece of columns is summed over the block's rows, in order. */
static lb_status sum_columns(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    pca *p = context;
    for (size_t i = 0; i < p->n_rows; i++) {
        double w = weight_of(p, row_at(p, i));
        const float *row = p->block + i * p->dim;
        for (size_t c = begin; c < end; c++) p->sums[c] += w * (double)row[c];
    }
    return LB_OK;
}

/* Fetches rows, for the mean; with the mean known, centres and weighs them. */
static lb_status fill_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    pca *p = context;
    for (size_t i = begin; i < end; i++) {
        float *out = p->block + i * p->dim;
        float root = (float)sqrt(weight_of(p, row_at(p, i)));
        p->x->fetch(p->x->context, row_at(p, i), out);
        for (size_t c = 0; p->centred && c < p->dim; c++) out[c] = root * (out[c] - p->mean[c]);
    }
    return LB_OK;
}

/* Fills the block from row `first` on. */
static lb_status next_block(pca *p, size_t first) {
    size_t left = (p->n - first + p->stride - 1) / p->stride;
    p->n_rows = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    p->first = first;
    return math_run_range(p->j, p->n_rows, ROW_GRAIN, fill_rows, p);
}

static lb_status find_mean(pca *p) {
    for (size_t first = 0; first < p->n; first += BLOCK_ROWS * p->stride) {
        LB_TRY(next_block(p, first));
        LB_TRY(math_run_range(p->j, p->dim, DIM_GRAIN, sum_columns, p));
    }
    for (size_t c = 0; c < p->dim; c++) {
        p->mean[c] = (float)(p->sums[c] / p->total_weight);
        if (!isfinite(p->mean[c]))
            return status_fail(LB_E_NUMERIC,
                               "principal components: column %zu holds a NaN or an infinity", c);
    }
    p->centred = true;
    return LB_OK;
}

typedef struct accumulation {
    double *sum;
    const float *part;
} accumulation;

static lb_status accumulate(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    accumulation *a = context;
    for (size_t i = begin; i < end; i++) a->sum[i] += (double)a->part[i];
    return LB_OK;
}

enum { ACCUMULATE_GRAIN = 1 << 16 };

/* sum (dim, width) += over all rows: block^T (block q), or block^T block where q is NULL. */
static lb_status covariance_times(pca *p, const float *q, size_t width, double *sum) {
    lb_status status;
    float *part = NULL, *projected = NULL; // (dim, width), (BLOCK_ROWS, width)
    LB_TRY_CLEANUP(NEW_ARRAY(part, p->dim * width));
    LB_TRY_CLEANUP(NEW_ARRAY(projected, q ? BLOCK_ROWS * width : 0));
    memset(sum, 0, p->dim * width * sizeof *sum);
    for (size_t first = 0; first < p->n; first += BLOCK_ROWS * p->stride) {
        if (p->j) LB_TRY_CLEANUP(job_progress(p->j, "components", "rows", first, p->n));
        LB_TRY_CLEANUP(next_block(p, first));
        size_t rows = p->n_rows;
        if (q)
            LB_TRY_CLEANUP(matrix_multiply_parallel(p->j, 0, 0, rows, width, p->dim, 1.0f, p->block,
                                                    p->dim, q, width, 0.0f, projected, width));
        LB_TRY_CLEANUP(matrix_multiply_parallel(p->j, 1, 0, p->dim, width, rows, 1.0f, p->block,
                                                p->dim, q ? projected : p->block, width, 0.0f, part,
                                                width));
        accumulation a = {sum, part};
        LB_TRY_CLEANUP(math_run_range(p->j, p->dim * width, ACCUMULATE_GRAIN, accumulate, &a));
    }
    status = LB_OK;
cleanup:
    free(part);
    free(projected);
    return status;
}

static void store_component(const pca *p, const double *direction, double value, size_t i,
                            float *components, double *variances) {
    size_t largest = 0;
    for (size_t c = 1; c < p->dim; c++)
        if (fabs(direction[c]) > fabs(direction[largest])) largest = c;
    double sign = direction[largest] < 0 ? -1 : 1;
    for (size_t c = 0; c < p->dim; c++) components[i * p->dim + c] = (float)(sign * direction[c]);
    variances[i] = fmax(0, value) / p->total_weight;
}

static lb_status fit_exact(pca *p, size_t k, float *components, double *variances) {
    lb_status status;
    size_t dim = p->dim;
    double *covariance = NULL, *values = NULL, *vectors = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(covariance, dim * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(values, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(vectors, dim * dim));
    LB_TRY_CLEANUP(covariance_times(p, NULL, dim, covariance));
    LB_TRY_CLEANUP(symmetric_eigen(p->j, covariance, dim, values, vectors));
    for (size_t i = 0; i < k; i++)
        store_component(p, vectors + i * dim, values[i], i, components, variances);
cleanup:
    free(covariance);
    free(values);
    free(vectors);
    return status;
}

static bool has_few_rows(const pca *p) {
    return p->n < p->dim && p->n <= (p->dim <= EXACT_DIM ? EXACT_DIM : EXACT_ROWS);
}

/* Makes k directions (k, dim) orthonormal, each by taking off what those before it hold, twice
 * (Giraud, Langou and Rozloznik, "The loss of orthogonality in the Gram-Schmidt orthogonalization
 * process", 2005). Those from `rank` on may be anything, and are random ones. */
static void complete(double *directions, size_t k, size_t rank, size_t dim, uint64_t seed) {
    random_stream r = random_open(seed, "pca", 1);
    for (size_t i = 0; i < k; i++) {
        double *x = directions + i * dim;
        for (size_t c = 0; c < dim && i >= rank; c++) x[c] = random_normal(&r);
        for (int pass = 0; pass < 2; pass++) {
            for (size_t e = 0; e < i; e++) {
                const double *before = directions + e * dim;
                vec_axpy_f64(x, -vec_dot_f64(x, before, dim), before, dim);
            }
            double scale = 1 / sqrt(vec_dot_f64(x, x, dim));
            for (size_t c = 0; c < dim; c++) x[c] *= scale;
        }
    }
}

/* Of fewer rows than dimensions: X X^T = U S U^T, and the components are those of U^T X. */
static lb_status fit_by_rows(pca *p, size_t k, uint64_t seed, float *components,
                             double *variances) {
    static const double SMALLEST = 1e-12; // of the largest value: less is rounding
    lb_status status;
    size_t n = p->n, dim = p->dim, most = k < n ? k : n, rank = 0;
    double *rows = NULL, *gram = NULL, *values = NULL, *vectors = NULL, *directions = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(gram, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(values, n));
    LB_TRY_CLEANUP(NEW_ARRAY(vectors, n * n));
    LB_TRY_CLEANUP(NEW_ARRAY(directions, k * dim));
    if (p->j) LB_TRY_CLEANUP(job_progress(p->j, "components", "rows", 0, n));
    LB_TRY_CLEANUP(next_block(p, 0));
    for (size_t i = 0; i < n * dim; i++) rows[i] = (double)p->block[i];
    LB_TRY_CLEANUP(matrix_gram_f64(p->j, 0, n, dim, 1.0, rows, dim, 0.0, gram, n));
    LB_TRY_CLEANUP(symmetric_eigen(p->j, gram, n, values, vectors));
    while (rank < most && values[rank] > SMALLEST * values[0]) rank++;
    LB_TRY_CLEANUP(matrix_multiply_f64(p->j, 0, 0, rank, dim, n, 1.0, vectors, n, rows, dim, 0.0,
                                       directions, dim));
    complete(directions, k, rank, dim, seed);
    for (size_t i = 0; i < k; i++)
        store_component(p, directions + i * dim, i < rank ? values[i] : 0, i, components,
                        variances);
cleanup:
    free(rows);
    free(gram);
    free(values);
    free(vectors);
    free(directions);
    return status;
}

/* The subspace and what one multiplication by the covariance makes of it. */
typedef struct subspace {
    size_t width;
    double *q, *image;      // (dim, width)
    float *q_f32;           // (dim, width)
    double *small, *values; // (width, width) in two parts, (width)
} subspace;

/* Where there are many rows, a sample of them leads near the subspace, and all of them from there.
 */
static size_t stride_of_round(const pca *p, size_t width, int round) {
    size_t stride = p->n / (width * ROWS_PER_DIRECTION);
    return round > ITERATIONS - FULL_ITERATIONS || stride < 1 ? 1 : stride;
}

static lb_status iterate(pca *p, subspace *s, uint64_t seed) {
    size_t size = p->dim * s->width;
    random_stream r = random_open(seed, "pca", 0);
    for (size_t i = 0; i < size; i++) s->image[i] = random_normal(&r);
    for (int round = 0; round <= ITERATIONS; round++) {
        memcpy(s->q, s->image, size * sizeof *s->q);
        LB_TRY(orthonormalise(p->j, s->q, p->dim, s->width));
        for (size_t i = 0; i < size; i++) s->q_f32[i] = (float)s->q[i];
        p->stride = stride_of_round(p, s->width, round);
        LB_TRY(covariance_times(p, s->q_f32, s->width, s->image));
    }
    return LB_OK;
}

/* Rayleigh and Ritz: the eigenvectors of the covariance as far as the subspace holds them. */
static lb_status extract(pca *p, subspace *s, size_t k, float *components, double *variances) {
    size_t w = s->width;
    double *vectors = s->small + w * w;
    LB_TRY(
        matrix_multiply_f64(p->j, 1, 0, w, w, p->dim, 1.0, s->q, w, s->image, w, 0.0, s->small, w));
    LB_TRY(symmetric_eigen(p->j, s->small, w, s->values, vectors));
    // Row i of vectors q^T is component i; image is not needed any more.
    LB_TRY(matrix_multiply_f64(p->j, 0, 1, w, p->dim, w, 1.0, vectors, w, s->q, w, 0.0, s->image,
                               p->dim));
    for (size_t i = 0; i < k; i++)
        store_component(p, s->image + i * p->dim, s->values[i], i, components, variances);
    return LB_OK;
}

static lb_status fit_subspace(pca *p, size_t k, uint64_t seed, float *components,
                              double *variances) {
    lb_status status;
    subspace s = {.width = k + OVERSAMPLE < p->dim ? k + OVERSAMPLE : p->dim};
    LB_TRY_CLEANUP(NEW_ARRAY(s.q, p->dim * s.width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.image, p->dim * s.width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.q_f32, p->dim * s.width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.small, 2 * s.width * s.width));
    LB_TRY_CLEANUP(NEW_ARRAY(s.values, s.width));
    LB_TRY_CLEANUP(iterate(p, &s, seed));
    LB_TRY_CLEANUP(extract(p, &s, k, components, variances));
cleanup:
    free(s.q);
    free(s.image);
    free(s.q_f32);
    free(s.small);
    free(s.values);
    return status;
}

lb_status pca_fit(job *j, const float *x, size_t n, size_t dim, const float *weights, size_t k,
                  uint64_t seed, float *mean, float *components, double *variances) {
    row_matrix matrix = {x, dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return pca_fit_rows(j, &rows, weights, k, seed, mean, components, variances);
}

lb_status pca_fit_rows(job *j, const row_source *x, const float *weights, size_t k, uint64_t seed,
                       float *mean, float *components, double *variances) {
    size_t dim = x->dim;
    if (k < 1 || k > dim)
        return status_fail(LB_E_ARGUMENT, "principal components: %zu of %zu dimensions asked for",
                           k, dim);
    lb_status status;
    pca p = {.j = j, .x = x, .weights = weights, .dim = dim, .mean = mean, .stride = 1};
    LB_TRY_CLEANUP(NEW_ARRAY(p.block, BLOCK_ROWS * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(p.sums, dim));
    LB_TRY_CLEANUP(list_rows(&p));
    LB_TRY_CLEANUP(find_mean(&p));
    if (has_few_rows(&p))
        status = fit_by_rows(&p, k, seed, components, variances);
    else if (dim <= EXACT_DIM)
        status = fit_exact(&p, k, components, variances);
    else
        status = fit_subspace(&p, k, seed, components, variances);
cleanup:
    free(p.row);
    free(p.block);
    free(p.sums);
    return status;
}

typedef struct transform {
    const row_source *x;
    const float *components; // (k, dim)
    size_t k;
    float *offset, *out; // (k), (n, k)
} transform;

static lb_status transform_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const transform *t = context;
    size_t dim = t->x->dim, n = end - begin;
    float *out = t->out + begin * t->k, *rows;
    LB_TRY(NEW_ARRAY(rows, n * dim));
    lb_status status = rows_fetch(NULL, t->x, begin, n, rows);
    if (status == LB_OK)
        status = matrix_multiply(0, 1, n, t->k, dim, 1.0f, rows, dim, t->components, dim, 0.0f, out,
                                 t->k);
    for (size_t i = 0; i < n; i++) vec_axpy(out + i * t->k, -1.0f, t->offset, t->k);
    free(rows);
    return status;
}

lb_status pca_transform_rows(job *j, const row_source *x, const float *mean,
                             const float *components, size_t k, float *out) {
    transform t = {x, components, k, NULL, out};
    LB_TRY(NEW_ARRAY(t.offset, k));
    for (size_t i = 0; i < k; i++)
        t.offset[i] = (float)vec_dot_wide(mean, components + i * x->dim, x->dim);
    lb_status status = math_run_range(j, x->n, 512, transform_rows, &t);
    free(t.offset);
    return status;
}

lb_status pca_transform(job *j, const float *x, size_t n, size_t dim, const float *mean,
                        const float *components, size_t k, float *out) {
    row_matrix matrix = {x, dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return pca_transform_rows(j, &rows, mean, components, k, out);
}
