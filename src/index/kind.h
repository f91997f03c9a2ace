/* What a kind of index provides; index.c dispatches. */
#ifndef LB_INDEX_KIND_H
#define LB_INDEX_KIND_H

#include "core/best.h"
#include "index/index.h"

/* A checked search. */
typedef struct index_query {
    const float *queries; // (m, dim)
    size_t m, k;          // k is 1..n here
    const index_filter *filter;
    job *j; // or NULL
} index_query;

typedef struct index_kind {
    /* Fills lists (m), each with room for k, in any order. */
    lb_status (*search)(const vector_index *ix, const index_query *query, best_list *lists);
    void (*free)(vector_index *ix);
} index_kind;

/* The head of every index. */
struct vector_index {
    const index_kind *kind;
    const float *vectors; // (n, dim)
    size_t n, dim;
};

/* LB_E_ARGUMENT if there are too many rows for an index. */
lb_status index_check_rows(size_t n);

/* Scores rows begin..end-1 for one of the queries and keeps the best: scan.c. */
void index_scan_rows(const vector_index *ix, const index_query *query, size_t number, size_t begin,
                     size_t end, best_list *list);

static inline bool index_excludes(const index_filter *f, size_t query, uint32_t row) {
    if (f->excluded && f->excluded[row / 64] >> row % 64 & 1) return true;
    return f->excludes && f->excludes(f->context, query, row);
}

#endif
