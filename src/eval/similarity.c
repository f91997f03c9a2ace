#include "eval/similarity.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { GRAIN = 4096, MAX_SIDE = 512 };

void similarity_moments(const float *values, size_t n, double *mean, double *sd, double *kurtosis) {
    double sum = 0, m2 = 0, m4 = 0;
    for (size_t i = 0; i < n; i++) sum += (double)values[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double square = ((double)values[i] - *mean) * ((double)values[i] - *mean);
        m2 += square;
        m4 += square * square;
    }
    m2 /= (double)n;
    m4 /= (double)n;
    *sd = sqrt(m2);
    *kurtosis = *sd > 1e-6 ? m4 / (m2 * m2) - 3 : NAN; // below, float's rounding
}

/* ---- rows of length one */

static bool is_zero(const float *row, size_t dim) {
    for (size_t d = 0; d < dim; d++)
        if (row[d] < 0 || row[d] > 0) return false;
    return true;
}

/* Copies the rows that are not zero; returns how many. */
static size_t copy_rows(const float *x, size_t n, size_t dim, float *out) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_zero(x + i * dim, dim)) memcpy(out + kept++ * dim, x + i * dim, dim * sizeof *out);
    return kept;
}

static lb_status subtract_mean(float *x, size_t n, size_t dim) {
    float *mean;
    LB_TRY(NEW_ARRAY(mean, dim));
    for (size_t i = 0; i < n; i++) vec_axpy(mean, 1.0f / (float)n, x + i * dim, dim);
    for (size_t i = 0; i < n; i++) vec_axpy(x + i * dim, -1, mean, dim);
    free(mean);
    return LB_OK;
}

/* ---- cosines */

typedef struct drawing {
    const float *unit; // (n, dim)
    size_t n, dim;
    uint64_t seed;
    float *cosine; // (n_pairs)
} drawing;

static lb_status draw_pairs(void *context, size_t begin, size_t end, unsigned worker) {
    const drawing *d = context;
    random_stream r = random_open(d->seed, "similarity", begin / GRAIN);
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        size_t a = random_below(&r, d->n), b = random_below(&r, d->n - 1);
        b += b >= a;
        d->cosine[i] = vec_dot(d->unit + a * d->dim, d->unit + b * d->dim, d->dim);
    }
    return LB_OK;
}

static lb_status measure_pairs(job *j, drawing *d, similarity *out) {
    LB_TRY(NEW_ARRAY(d->cosine, out->n_pairs));
    LB_TRY(job_run_range(j, out->n_pairs, GRAIN, draw_pairs, d));
    similarity_moments(d->cosine, out->n_pairs, &out->mean, &out->sd, &out->kurtosis);
    return LB_OK;
}

/* ---- effective rank */

/* exp of the entropy of the shares of the square roots of the eigenvalues. */
static double entropy_rank(const double *values, size_t n) {
    double sum = 0, entropy = 0;
    for (size_t i = 0; i < n; i++) sum += sqrt(fmax(values[i], 0));
    for (size_t i = 0; i < n && sum > 0; i++) {
        double share = sqrt(fmax(values[i], 0)) / sum;
        if (share > 0) entropy -= share * log(share);
    }
    return exp(entropy);
}

static lb_status measure_rank(job *j, const drawing *d, similarity *out) {
    bool by_columns = d->dim <= MAX_SIDE && d->dim <= d->n;
    size_t rows = by_columns || d->n <= MAX_SIDE ? d->n : MAX_SIDE;
    size_t side = by_columns ? d->dim : rows;
    double *x = NULL, *gram = NULL, *values = NULL, *vectors = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(x, rows * d->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(gram, side * side));
    LB_TRY_CLEANUP(NEW_ARRAY(values, side));
    LB_TRY_CLEANUP(NEW_ARRAY(vectors, side * side));
    for (size_t i = 0; i < rows * d->dim; i++) x[i] = (double)d->unit[i];
    LB_TRY_CLEANUP(matrix_gram_f64(j, by_columns, side, by_columns ? rows : d->dim, 1, x, d->dim, 0,
                                   gram, side));
    LB_TRY_CLEANUP(symmetric_eigen(j, gram, side, values, vectors));
    out->rank = entropy_rank(values, side);
    double sum = 0;
    for (size_t i = 0; i < side; i++) sum += fmax(values[i], 0);
    out->first = fmax(values[0], 0) / sum; // the rows are not zero
    out->rank_rows = rows;
cleanup:
    free(x);
    free(gram);
    free(values);
    free(vectors);
    return status;
}

/* ---- the whole */

lb_status similarity_measure(job *j, const float *x, size_t n, size_t dim, bool centre,
                             size_t n_pairs, uint64_t seed, similarity *out) {
    drawing d = {.dim = dim, .seed = seed};
    similarity result = {.n_pairs = n_pairs};
    float *rows = NULL;
    lb_status status;
    if (!n_pairs) return status_fail(LB_E_ARGUMENT, "no pairs are asked for");
    LB_TRY_CLEANUP(NEW_ARRAY(rows, n * dim));
    d.n = result.n_rows = copy_rows(x, n, dim, rows);
    if (d.n < 2) {
        status = status_fail(LB_E_EMPTY, "%zu rows are not zero: pairs take two", d.n);
        goto cleanup;
    }
    if (centre) LB_TRY_CLEANUP(subtract_mean(rows, d.n, dim));
    for (size_t i = 0; i < d.n; i++) vec_normalise(rows + i * dim, dim);
    d.unit = rows;
    LB_TRY_CLEANUP(measure_pairs(j, &d, &result));
    LB_TRY_CLEANUP(measure_rank(j, &d, &result));
    result.cosine = d.cosine;
    d.cosine = NULL;
    *out = result;
cleanup:
    free(rows);
    free(d.cosine);
    return status;
}
