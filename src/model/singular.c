#include "model/singular.h"

#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum { ITERATIONS = 12, NODES_PER_PIECE = 64 };

/* ---- products with the matrix and its transpose */

typedef struct product_context {
    const singular_matrix *matrix;
    const double *in; // (columns of the matrix or of its transpose, width)
    double *out;      // (rows, width)
    size_t width;
    size_t first; // first node of the rows
    size_t other; // first node of the columns
} product_context;

static lb_status multiply_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const product_context *c = context;
    const bipartite *g = c->matrix->graph;
    const math_kernels *math = math_table();
    for (size_t row = begin; row < end; row++) {
        size_t node = c->first + row;
        double *out = c->out + row * c->width;
        memset(out, 0, c->width * sizeof *out);
        for (size_t k = g->start[node]; k < g->start[node + 1]; k++) {
            size_t from = g->neighbour[k];
            double weight = c->matrix->scale[node] * c->matrix->scale[from];
            math->axpy_f64(out, weight, c->in + (from - c->other) * c->width, c->width);
        }
    }
    return LB_OK;
}

/* users (n_users, width) = matrix times products (n_products, width), or the transpose's product
 * the other way. */
static lb_status multiply(job *j, const singular_matrix *m, int to_users, const double *in,
                          double *out, size_t width) {
    size_t n_users = m->graph->n_users, n_products = m->graph->n_products;
    product_context c = {m, in, out, width, to_users ? 0 : n_users, to_users ? n_users : 0};
    return job_run_range(j, to_users ? n_users : n_products, NODES_PER_PIECE, multiply_rows, &c);
}

/* ---- leading singular values and right vectors */

static void random_start(const bipartite *g, size_t width, uint64_t seed, double *v) {
    for (size_t p = 0; p < g->n_products; p++) {
        random_stream r = random_open(seed, "subspace", p);
        for (size_t k = 0; k < width; k++)
            v[p * width + k] = bipartite_degree(g, g->n_users + p) ? random_normal(&r) : 0;
    }
}

/* Rayleigh-Ritz: rotates the orthonormal columns of v (n_products, width) to singular vectors, in
 * `rotated`. */
static lb_status rotate(job *j, const singular_matrix *m, size_t width, const double *v,
                        double *users, double *values, double *rotated) {
    lb_status status = LB_OK;
    double *gram = NULL, *vectors = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(gram, width * width));
    LB_TRY_CLEANUP(NEW_ARRAY(vectors, width * width));
    LB_TRY_CLEANUP(multiply(j, m, 1, v, users, width));
    LB_TRY_CLEANUP(
        matrix_gram_f64(j, 1, width, m->graph->n_users, 1, users, width, 0, gram, width));
    LB_TRY_CLEANUP(symmetric_eigen(j, gram, width, values, vectors));
    LB_TRY_CLEANUP(matrix_multiply_f64(j, 0, 1, m->graph->n_products, width, width, 1, v, width,
                                       vectors, width, 0, rotated, width));
cleanup:
    free(gram);
    free(vectors);
    return status;
}

lb_status singular_leading(job *j, const singular_matrix *m, size_t width, uint64_t seed,
                           double *values, double **vectors) {
    const bipartite *g = m->graph;
    lb_status status = LB_OK;
    double *v = NULL, *users = NULL, *rotated = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(v, g->n_products * width));
    LB_TRY_CLEANUP(NEW_ARRAY(users, g->n_users * width));
    LB_TRY_CLEANUP(NEW_ARRAY(rotated, g->n_products * width));
    random_start(g, width, seed, v);
    LB_TRY_CLEANUP(orthonormalise(j, v, g->n_products, width));
    for (uint64_t i = 0; i < ITERATIONS; i++) {
        LB_TRY_CLEANUP(job_progress(j, "spectral part", "iterations", i, ITERATIONS));
        LB_TRY_CLEANUP(multiply(j, m, 1, v, users, width));
        LB_TRY_CLEANUP(multiply(j, m, 0, users, v, width));
        LB_TRY_CLEANUP(orthonormalise(j, v, g->n_products, width));
    }
    LB_TRY_CLEANUP(job_progress(j, "spectral part", "iterations", ITERATIONS, ITERATIONS));
    LB_TRY_CLEANUP(rotate(j, m, width, v, users, values, rotated));
    *vectors = rotated;
    rotated = NULL;
cleanup:
    free(v);
    free(users);
    free(rotated);
    return status;
}
