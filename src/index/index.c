#include "index/index.h"

#include <math.h>

#include "core/memory.h"
#include "index/kind.h"

/* Below these a scan is as fast, or fast enough. The balancing map takes time that grows with the
 * third power of the dimensions: many of them need many rows to be worth it, and above the last it
 * never is. */
enum {
    CODED_MIN_FLOATS = 1 << 18,
    CODED_MIN_ROWS = 2048,
    CODED_MIN_DIM = 24,
    CODED_WIDE_DIM = 640, // beyond, so many floats
    CODED_WIDE_FLOATS = 1 << 23,
    CODED_MAX_DIM = 1024
};

static bool codes_pay(size_t n, size_t dim) {
    size_t floats = dim > CODED_WIDE_DIM ? CODED_WIDE_FLOATS : CODED_MIN_FLOATS;
    return n >= CODED_MIN_ROWS && dim >= CODED_MIN_DIM && dim <= CODED_MAX_DIM && n * dim >= floats;
}

lb_status index_check_rows(size_t n) {
    if (n < INDEX_NONE) return LB_OK;
    return status_fail(LB_E_ARGUMENT, "%zu rows: an index holds at most 2^32 - 2", n);
}

lb_status index_exact_new(job *j, const float *vectors, size_t n, size_t dim,
                          const index_sample *queries, vector_index **out) {
    LB_TRY(index_check_rows(n));
    if (!codes_pay(n, dim)) return index_scan_new(vectors, n, dim, out);
    return index_coded_new(j, vectors, n, dim, queries, out);
}

void index_free(vector_index *ix) {
    if (ix) ix->kind->free(ix);
}

size_t index_count(const vector_index *ix) {
    return ix->n;
}

size_t index_dim(const vector_index *ix) {
    return ix->dim;
}

/* One query's list into its k places of the results. */
static void deliver(best_list *list, size_t k, uint32_t *rows, float *scores) {
    best_sort(list);
    for (size_t i = 0; i < k; i++) {
        rows[i] = i < list->n ? list->entries[i].row : INDEX_NONE;
        scores[i] = i < list->n ? list->entries[i].score : -INFINITY;
    }
}

lb_status index_search(const vector_index *ix, const float *queries, size_t m, size_t k,
                       const index_filter *filter, uint32_t *rows, float *scores, size_t *found,
                       job *j) {
    static const index_filter everything = {NULL, NULL, NULL};
    lb_status status;
    size_t room = k < ix->n ? k : ix->n;
    best_list *lists = NULL;
    best_entry *entries = NULL;
    index_query query = {queries, m, room, filter ? filter : &everything, j};
    LB_TRY_CLEANUP(NEW_ARRAY(lists, m));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, m * room));
    for (size_t q = 0; q < m; q++) lists[q] = (best_list){entries + q * room, room, 0};
    if (room > 0 && m > 0) LB_TRY_CLEANUP(ix->kind->search(ix, &query, lists));
    for (size_t q = 0; q < m; q++) {
        if (found) found[q] = lists[q].n;
        deliver(&lists[q], k, rows + q * k, scores + q * k);
    }
cleanup:
    free(entries);
    free(lists);
    return status;
}
