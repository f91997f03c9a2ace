#include "model/spectral.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"
#include "model/singular.h"

enum { LEAST_NODES = 32 }; // users and products, for directions to mean something

static const double ROUNDING = 1e-10;  // of the first: a lambda below is zero but for rounding
static const double LEAST_REST = 1e-3; // of what the kept directions leave of a product

/* N of the header; sets the offsets of s. Its scales are the caller's. */
static lb_status normalise(const bipartite *g, spectral_part *s, singular_matrix *out) {
    singular_matrix n = {.graph = g};
    double squares = 0;
    size_t n_active = 0;
    LB_TRY(NEW_ARRAY(n.scale, bipartite_nodes(g)));
    for (uint32_t u = 0; u < g->n_users; u++) {
        double d = (double)bipartite_degree(g, u);
        squares += d * d;
    }
    for (uint32_t p = 0; p < g->n_products; p++)
        n_active += bipartite_degree(g, g->n_users + p) > 0;
    s->user_offset = squares / (double)g->n_edges;
    s->product_offset = (double)g->n_edges / (double)n_active;
    for (size_t v = 0; v < bipartite_nodes(g); v++) {
        double offset = v < g->n_users ? s->user_offset : s->product_offset;
        n.scale[v] = 1 / sqrt((double)bipartite_degree(g, v) + offset);
    }
    *out = n;
    return LB_OK;
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
    singular_matrix m = {0};
    spectral_part offsets;
    double values[WIDTH], *vectors = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(permuted_network(g, seed, &permuted));
    LB_TRY_CLEANUP(normalise(permuted, &offsets, &m));
    LB_TRY_CLEANUP(singular_leading(j, &m, WIDTH, seed, values, &vectors));
    *edge = values[1];
cleanup:
    free(vectors);
    free(m.scale);
    bipartite_free(permuted);
    return status;
}

/* ---- the part itself */

static double squared_norm(const singular_matrix *m) {
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

static lb_status fill(spectral_part *s, const singular_matrix *m, const double *vectors,
                      size_t width, const double *factor) {
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

/* Some more than are wanted, if there are so many. */
static size_t spectral_width(uint32_t rank, uint32_t most) {
    return rank + SINGULAR_OVERSAMPLING < most ? rank + SINGULAR_OVERSAMPLING : most;
}

lb_status spectral_fit(job *j, const bipartite *g, uint32_t rank, uint64_t seed,
                       spectral_part *out) {
    spectral_part s = {0};
    singular_matrix m = {0};
    double *values = NULL, *vectors = NULL, *factor = NULL;
    uint32_t smaller = g->n_users < g->n_products ? g->n_users : g->n_products;
    size_t width = spectral_width(rank, smaller);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(normalise(g, &s, &m));
    if (smaller >= LEAST_NODES) {
        LB_TRY_CLEANUP(NEW_ARRAY(values, width));
        LB_TRY_CLEANUP(NEW_ARRAY(factor, width));
        LB_TRY_CLEANUP(singular_leading(j, &m, width, seed, values, &vectors));
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

/* ---- item to item */

double spectral_shared_users(const bipartite *g) {
    double squares = 0, n_active = 0;
    for (uint32_t u = 0; u < g->n_users; u++) {
        double d = (double)bipartite_degree(g, u);
        squares += d * d;
    }
    for (uint32_t p = 0; p < g->n_products; p++)
        n_active += bipartite_degree(g, g->n_users + p) > 0;
    return n_active > 0 ? squares / (n_active * n_active) : 0;
}

/* The leading right singular vectors of the interaction matrix itself. */
static lb_status leading_items(job *j, const bipartite *g, size_t width, uint64_t seed,
                               double *values, double **vectors) {
    singular_matrix m = {.graph = g};
    LB_TRY(NEW_ARRAY(m.scale, bipartite_nodes(g)));
    for (size_t v = 0; v < bipartite_nodes(g); v++) m.scale[v] = 1;
    lb_status status = singular_leading(j, &m, width, seed, values, vectors);
    free(m.scale);
    return status;
}

/* A table (n, rank) as (n, rank + more), the new columns zero. */
static lb_status widen(float **table, size_t n, size_t rank, size_t more) {
    float *wide;
    LB_TRY(NEW_ARRAY(wide, n * (rank + more)));
    for (size_t i = 0; i < n && rank; i++)
        memcpy(wide + i * (rank + more), *table + i * rank, rank * sizeof *wide);
    free(*table);
    *table = wide;
    return LB_OK;
}

/* The new columns of a product: v as the source, v f / P as the vector. */
static void fill_item(spectral_part *s, size_t product, const double *v, const double *filter) {
    size_t first = s->rank - s->n_items;
    float *source = s->source + product * s->rank + first;
    float *vector = s->product + product * s->rank + first;
    double rest = 1;
    for (size_t k = 0; k < s->n_items; k++) rest -= v[k] * v[k] * filter[k];
    for (size_t k = 0; k < s->n_items; k++) {
        source[k] = (float)v[k];
        vector[k] = (float)(v[k] * filter[k] / fmax(rest, LEAST_REST));
    }
}

lb_status spectral_add_items(job *j, const bipartite *g, uint32_t rank, uint64_t seed,
                             spectral_part *s) {
    uint32_t smaller = g->n_users < g->n_products ? g->n_users : g->n_products;
    size_t width = spectral_width(rank, smaller), more = rank < width ? rank : width;
    double ridge = 2 * s->product_offset, *values = NULL, *vectors = NULL;
    lb_status status = LB_OK;
    if (smaller < LEAST_NODES) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(values, width));
    LB_TRY_CLEANUP(leading_items(j, g, width, seed, values, &vectors));
    LB_TRY_CLEANUP(widen(&s->source, g->n_products, s->rank, more));
    LB_TRY_CLEANUP(widen(&s->product, g->n_products, s->rank, more));
    LB_TRY_CLEANUP(widen(&s->user, g->n_users, s->rank, more));
    s->rank += (uint32_t)more;
    s->n_items = (uint32_t)more;
    for (size_t k = 0; k < more; k++) values[k] = values[k] / (values[k] + ridge);
    for (size_t p = 0; p < g->n_products; p++) fill_item(s, p, vectors + p * width, values);
    for (uint32_t u = 0; u < g->n_users; u++) {
        float *q = s->user + (size_t)u * s->rank + s->rank - more;
        for (size_t k = g->start[u]; k < g->start[u + 1]; k++)
            vec_add(q,
                    s->source + (size_t)(g->neighbour[k] - g->n_users) * s->rank + s->rank - more,
                    more);
        vec_scale(q, (float)(1 / sqrt((double)bipartite_degree(g, u) + s->user_offset)), more);
    }
cleanup:
    free(values);
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
