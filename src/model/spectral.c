#include "model/spectral.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"

enum {
    OVERSAMPLING = 32,
    ITERATIONS = 12,
    NODES_PER_PIECE = 64,
};

static const double ROUNDING = 1e-10; // of the first: a lambda below is zero but for rounding

/* N of the header, as the network and a weight for each node: N_up = scale_u scale_p. */
typedef struct normalised {
    const bipartite *graph;
    double user_offset, product_offset;
    double *scale; // (n_nodes)
} normalised;

static lb_status normalise(const bipartite *g, normalised *out) {
    normalised n = {.graph = g};
    double squares = 0;
    size_t n_active = 0;
    LB_TRY(NEW_ARRAY(n.scale, bipartite_nodes(g)));
    for (uint32_t u = 0; u < g->n_users; u++) {
        double d = (double)bipartite_degree(g, u);
        squares += d * d;
    }
    for (uint32_t p = 0; p < g->n_products; p++)
        n_active += bipartite_degree(g, g->n_users + p) > 0;
    n.user_offset = squares / (double)g->n_edges;
    n.product_offset = (double)g->n_edges / (double)n_active;
    for (size_t v = 0; v < bipartite_nodes(g); v++) {
        double offset = v < g->n_users ? n.user_offset : n.product_offset;
        n.scale[v] = 1 / sqrt((double)bipartite_degree(g, v) + offset);
    }
    *out = n;
    return LB_OK;
}

/* ---- products with N and its transpose */

typedef struct product_context {
    const normalised *matrix;
    const double *in; // (columns of N or of its transpose, width)
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

/* users (n_users, width) = N products (n_products, width), or the transpose's product the other
 * way. */
static lb_status multiply(job *j, const normalised *m, int to_users, const double *in, double *out,
                          size_t width) {
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
static lb_status rotate(job *j, const normalised *m, size_t width, const double *v, double *users,
                        double *values, double *rotated) {
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

/* values (width) = squared singular values, descending; *vectors (n_products, width), owned by the
 * caller. */
static lb_status subspace(job *j, const normalised *m, size_t width, uint64_t seed, double *values,
                          double **vectors) {
    const bipartite *g = m->graph;
    lb_status status = LB_OK;
    double *v = NULL, *users = NULL, *rotated = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(v, g->n_products * width));
    LB_TRY_CLEANUP(NEW_ARRAY(users, g->n_users * width));
    LB_TRY_CLEANUP(NEW_ARRAY(rotated, g->n_products * width));
    random_start(g, width, seed, v);
    LB_TRY_CLEANUP(orthonormalise(j, v, g->n_products, width));
    for (uint64_t i = 0; i < ITERATIONS; i++) {
        LB_TRY_CLEANUP(multiply(j, m, 1, v, users, width));
        LB_TRY_CLEANUP(multiply(j, m, 0, users, v, width));
        LB_TRY_CLEANUP(orthonormalise(j, v, g->n_products, width));
        LB_TRY_CLEANUP(job_progress(j, "spectral part", "iterations", i + 1, ITERATIONS));
    }
    LB_TRY_CLEANUP(rotate(j, m, width, v, users, values, rotated));
    *vectors = rotated;
    rotated = NULL;
cleanup:
    free(v);
    free(users);
    free(rotated);
    return status;
}

/* ---- the noise edge */

static int compare_rows(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The network with the product ends of all interactions permuted: same degrees but for merged
 * repeats, no taste. */
static lb_status permuted_network(const bipartite *g, uint64_t seed, bipartite **out) {
    uint32_t *product = NULL, *start = NULL;
    size_t n = 0, kept = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(product, g->n_edges));
    LB_TRY_CLEANUP(NEW_ARRAY(start, (size_t)g->n_users + 1));
    for (; n < g->n_edges; n++) product[n] = g->neighbour[n] - g->n_users; // users come first
    random_stream r = random_open(seed, "noise edge", 0);
    random_shuffle(&r, product, n);
    for (uint32_t u = 0; u < g->n_users; u++) {
        size_t begin = g->start[u], end = g->start[u + 1];
        qsort(product + begin, end - begin, sizeof *product, compare_rows);
        for (size_t k = begin; k < end; k++)
            if (k == begin || product[k] != product[k - 1]) product[kept++] = product[k];
        start[u + 1] = (uint32_t)kept;
    }
    status = bipartite_new(g->n_users, g->n_products, start, product, NULL, out);
cleanup:
    free(product);
    free(start);
    return status;
}

static lb_status noise_edge(job *j, const bipartite *g, uint64_t seed, double *edge) {
    enum { WIDTH = 16 };
    bipartite *permuted = NULL;
    normalised m = {0};
    double values[WIDTH], *vectors = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(permuted_network(g, seed, &permuted));
    LB_TRY_CLEANUP(normalise(permuted, &m));
    LB_TRY_CLEANUP(subspace(j, &m, WIDTH, seed, values, &vectors));
    *edge = values[1];
cleanup:
    free(vectors);
    free(m.scale);
    bipartite_free(permuted);
    return status;
}

/* ---- the part itself */

static double squared_norm(const normalised *m) {
    const bipartite *g = m->graph;
    double sum = 0;
    for (uint32_t u = 0; u < g->n_users; u++)
        for (size_t k = g->start[u]; k < g->start[u + 1]; k++) {
            double weight = m->scale[u] * m->scale[g->neighbour[k]];
            sum += weight * weight;
        }
    return sum;
}

/* Fills share, tau and rank of s, and the shrinkage f_k of the directions kept. */
static void shrink(spectral_part *s, const double *values, size_t n, double norm, double *factor) {
    double above = 0;
    for (size_t k = 1; k < n; k++)
        if (values[k] > s->edge) above += values[k];
    s->share = fmin(1, above / fmax(norm - values[0], 1e-12));
    s->tau = (1 - s->share) * (1 - s->share);
    s->rank = 0;
    const double least = fmax(s->tau * s->edge, ROUNDING * values[0]);
    for (size_t k = 0; k < n && values[k] > least; k++)
        factor[s->rank++] = sqrt(1 - s->tau * s->edge / values[k]);
}

static lb_status fill(spectral_part *s, const normalised *m, const double *vectors, size_t width,
                      const double *factor) {
    const bipartite *g = m->graph;
    size_t rank = s->rank;
    LB_TRY(NEW_ARRAY(s->source, g->n_products * rank));
    LB_TRY(NEW_ARRAY(s->product, g->n_products * rank));
    LB_TRY(NEW_ARRAY(s->user, g->n_users * rank));
    for (size_t p = 0; p < g->n_products; p++) {
        double scale = m->scale[g->n_users + p];
        for (size_t k = 0; k < rank; k++) {
            s->source[p * rank + k] = (float)(vectors[p * width + k] * scale);
            s->product[p * rank + k] = (float)(vectors[p * width + k] / scale * factor[k]);
        }
    }
    for (uint32_t u = 0; u < g->n_users; u++) {
        float *q = s->user + u * rank;
        for (size_t k = g->start[u]; k < g->start[u + 1]; k++)
            vec_add(q, s->source + (g->neighbour[k] - g->n_users) * rank, rank);
        vec_scale(q, (float)m->scale[u], rank);
    }
    return LB_OK;
}

lb_status spectral_fit(job *j, const bipartite *g, uint32_t rank, uint64_t seed,
                       spectral_part *out) {
    spectral_part s = {0};
    normalised m = {0};
    double *values = NULL, *vectors = NULL, *factor = NULL;
    uint32_t smaller = g->n_users < g->n_products ? g->n_users : g->n_products;
    size_t width = (size_t)rank + OVERSAMPLING < smaller ? (size_t)rank + OVERSAMPLING : smaller;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(normalise(g, &m));
    s.user_offset = m.user_offset;
    s.product_offset = m.product_offset;
    if (smaller >= 32) {
        LB_TRY_CLEANUP(NEW_ARRAY(values, width));
        LB_TRY_CLEANUP(NEW_ARRAY(factor, width));
        LB_TRY_CLEANUP(subspace(j, &m, width, seed, values, &vectors));
        LB_TRY_CLEANUP(noise_edge(j, g, seed, &s.edge));
        shrink(&s, values, rank < width ? rank : width, squared_norm(&m), factor);
    }
    LB_TRY_CLEANUP(fill(&s, &m, vectors, width, factor));
    *out = s;
cleanup:
    if (status != LB_OK) spectral_free(&s);
    free(m.scale);
    free(values);
    free(factor);
    free(vectors);
    return status;
}

void spectral_free(spectral_part *s) {
    free(s->source);
    free(s->user);
    free(s->product);
    *s = (spectral_part){0};
}

void spectral_fold_in(const spectral_part *s, const uint32_t *products, size_t n, float *out) {
    memset(out, 0, s->rank * sizeof *out);
    for (size_t k = 0; k < n; k++) vec_add(out, s->source + (size_t)products[k] * s->rank, s->rank);
    vec_scale(out, (float)(1 / sqrt((double)n + s->user_offset)), s->rank);
}
