/*
 * Leading singular values and right singular vectors of an interaction matrix whose rows and
 * columns are scaled, by randomised subspace iteration (Halko, Martinsson and Tropp, SIAM Review
 * 2011).
 */
#ifndef LB_MODEL_SINGULAR_H
#define LB_MODEL_SINGULAR_H

#include "core/job.h"
#include "graph/bipartite.h"

/* More directions than are wanted make those exact. */
enum { SINGULAR_OVERSAMPLING = 32 };

/* The matrix (n_users, n_products): scale_u scale_p where u interacted with p, else 0. */
typedef struct singular_matrix {
    const bipartite *graph;
    double *scale; // (n_nodes)
} singular_matrix;

/* values (width) = squared singular values, descending; *vectors (n_products, width), orthonormal
 * columns, owned by the caller. width is at most the smaller number of nodes. The same seed gives
 * the same bytes on any number of threads. O(width * edges) an iteration. */
lb_status singular_leading(job *j, const singular_matrix *m, size_t width, uint64_t seed,
                           double *values, double **vectors);

#endif
