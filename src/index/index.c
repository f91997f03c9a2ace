#include "index/index.h"

#include <math.h>

#include "core/memory.h"
#include "index/kind.h"

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
