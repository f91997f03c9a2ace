/*
 * Nearest neighbours by inner product: the k rows of a matrix with the largest q . v, for some
 * queries q. Cosine is the same on vectors of length one. One interface, so that an approximate
 * index can stand where the exact one does.
 */
#ifndef LB_INDEX_INDEX_H
#define LB_INDEX_INDEX_H

#include <stdbool.h>

#include "core/job.h"

typedef struct vector_index vector_index;

/* What must not be found. NULL, or all NULL inside, finds everything. */
typedef struct index_filter {
    const uint64_t *excluded; // ((n + 63) / 64) bit i % 64 of word i / 64 = row i; or NULL
    /* Whether `query` (0..m-1) must not get `row`; or NULL. Called only for rows that are good
     * enough, from several threads at once; must always answer the same. */
    bool (*excludes)(void *context, size_t query, uint32_t row);
    void *context;
} index_filter;

/* The row of an unused place in the results. */
#define INDEX_NONE UINT32_MAX

/* An index that compares with every row; always right. `vectors` (n, dim) is referenced, not
 * copied: it must stay unchanged until the index is freed. LB_E_ARGUMENT above 2^32 - 2 rows. */
lb_status index_exact_new(const float *vectors, size_t n, size_t dim, vector_index **out);
void index_free(vector_index *ix); // accepts NULL

size_t index_count(const vector_index *ix); // rows
size_t index_dim(const vector_index *ix);

/* Finds the best k rows for each of m queries (m, dim). rows (m, k) and scores (m, k) receive them,
 * the best first, equal scores in order of rows; a row whose score is NaN is never found. Where
 * fewer than k are left the rest is INDEX_NONE and -INFINITY. `found` (m), or NULL, receives how
 * many there are. k may be 0 or above n.
 * Thread-safe. `j` NULL works on the calling thread. An exact index gives the same bytes for a
 * query on any number of threads and in any company of other queries. LB_E_NOMEM. Exact: O(m n dim)
 * time, O(m min(k, n)) memory, a few times that for few queries on many threads. */
lb_status index_search(const vector_index *ix, const float *queries, size_t m, size_t k,
                       const index_filter *filter, uint32_t *rows, float *scores, size_t *found,
                       job *j);

#endif
