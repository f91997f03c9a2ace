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
     * enough or may be, from several threads at once; must always answer the same. */
    bool (*excludes)(void *context, size_t query, uint32_t row);
    void *context;
} index_filter;

/* The row of an unused place in the results. */
#define INDEX_NONE UINT32_MAX

/* What queries will look like. Results do not depend on it, but the more it is like them, the fewer
 * rows have to be looked at. NULL where an argument: as the rows' own axes. */
typedef struct index_sample {
    const float *queries; // (n, dim); some hundreds are enough
    size_t n;
} index_sample;

/*
 * Exact indices: always right. `vectors` (n, dim) is referenced, not copied: it must stay unchanged
 * until the index is freed; `queries` need not outlive the call. LB_E_ARGUMENT above 2^32 - 2 rows.
 *
 * All give the same bytes. A scan multiplies the query with every row in float. A coded index adds
 * n (dim + 20) bytes: it bounds every row's score by its 8-bit code and multiplies those in float
 * whose bound reaches the k-th best so far (coded.c). index_exact_new codes where that pays. Coding
 * is O(n dim^2 + dim^3), on the job's threads (NULL: the calling one).
 */
lb_status index_exact_new(job *j, const float *vectors, size_t n, size_t dim,
                          const index_sample *queries, vector_index **out);
lb_status index_scan_new(const float *vectors, size_t n, size_t dim, vector_index **out);
lb_status index_coded_new(job *j, const float *vectors, size_t n, size_t dim,
                          const index_sample *queries, vector_index **out);
void index_free(vector_index *ix); // accepts NULL

size_t index_count(const vector_index *ix); // rows
size_t index_dim(const vector_index *ix);

/* Finds the best k rows for each of m queries (m, dim). rows (m, k) and scores (m, k) receive them,
 * the best first, equal scores in order of rows; a row whose score is NaN is never found. Where
 * fewer than k are left the rest is INDEX_NONE and -INFINITY. `found` (m), or NULL, receives how
 * many there are. k may be 0 or above n.
 * Thread-safe. `j` NULL works on the calling thread. An exact index gives the same bytes for a
 * query on any number of threads and in any company of other queries; scores are those of vec_dot,
 * which paths (lb_isa_select) round differently. LB_E_NOMEM. Exact: O(m n dim) time at most,
 * O(m min(k, n)) memory, a few times that for few queries on many threads. */
lb_status index_search(const vector_index *ix, const float *queries, size_t m, size_t k,
                       const index_filter *filter, uint32_t *rows, float *scores, size_t *found,
                       job *j);

/* What the searches of a coded index have looked at since it was made: for measuring. */
typedef struct index_effort {
    uint64_t queries;
    uint64_t rows;     // whose first bytes were multiplied
    uint64_t tails;    // whose other bytes were multiplied
    uint64_t rescored; // whose floats were multiplied
    uint64_t bytes;    // read for these, though queries of a batch share those of the first
} index_effort;

/* Zeros for other kinds. */
void index_effort_read(const vector_index *ix, index_effort *out);

#endif
