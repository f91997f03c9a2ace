#include "core/memory.h"
#include "index/kind.h"
#include "math/gemm.h"
#include "math/vector.h"

/* Queries that pass over the rows together, rows that stay in the first cache while they do, and
 * rows that one thread takes when there are too few queries to go round. */
enum { BLOCK_QUERIES = 8, TILE_FLOATS = 4096, SHARD_ROWS = 16384 };

/* One search under way. Work items are (block of queries, shard of rows). */
typedef struct scan {
    const vector_index *ix;
    const index_query *query;
    best_list *lists; // (m, n_shards)
    size_t n_shards, shard_rows;
} scan;

void index_scan_rows(const vector_index *ix, const index_query *query, size_t number, size_t begin,
                     size_t end, best_list *list) {
    const float *q = query->queries + number * ix->dim;
    for (size_t row = begin; row < end; row++) {
        float score = vec_dot(q, ix->vectors + row * ix->dim, ix->dim);
        if (!best_admits(list, score, (uint32_t)row)) continue;
        if (index_excludes(query->filter, number, (uint32_t)row)) continue;
        best_add(list, score, (uint32_t)row);
    }
}

static lb_status scan_item(void *context, size_t item, size_t item_end, unsigned worker) {
    (void)item_end;
    (void)worker;
    const scan *s = context;
    size_t shard = item % s->n_shards, first = item / s->n_shards * BLOCK_QUERIES;
    size_t last = first + BLOCK_QUERIES < s->query->m ? first + BLOCK_QUERIES : s->query->m;
    size_t begin = shard * s->shard_rows, end = begin + s->shard_rows;
    if (end > s->ix->n) end = s->ix->n;
    size_t tile = 1 + TILE_FLOATS / (s->ix->dim + 1);
    for (; begin < end; begin += tile) {
        size_t tile_end = end - begin < tile ? end : begin + tile;
        for (size_t q = first; q < last; q++)
            index_scan_rows(s->ix, s->query, q, begin, tile_end,
                            &s->lists[q * s->n_shards + shard]);
    }
    return LB_OK;
}

static lb_status run_scan(scan *s) {
    size_t n_blocks = (s->query->m + BLOCK_QUERIES - 1) / BLOCK_QUERIES;
    return math_run_range(s->query->j, n_blocks * s->n_shards, 1, scan_item, s);
}

static lb_status scan_shards(scan *s, best_list *lists) {
    lb_status status;
    size_t n_lists = s->query->m * s->n_shards, k = s->query->k;
    size_t room = k < s->shard_rows ? k : s->shard_rows;
    best_entry *entries = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(s->lists, n_lists));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, n_lists * room));
    for (size_t i = 0; i < n_lists; i++) s->lists[i] = (best_list){entries + i * room, room, 0};
    LB_TRY_CLEANUP(run_scan(s));
    for (size_t i = 0; i < n_lists; i++) {
        best_list *list = &lists[i / s->n_shards];
        for (size_t e = 0; e < s->lists[i].n; e++) {
            best_entry entry = s->lists[i].entries[e];
            if (best_admits(list, entry.score, entry.row)) best_add(list, entry.score, entry.row);
        }
    }
cleanup:
    free(entries);
    free(s->lists);
    return status;
}

/* How rows are shared out changes no result: the order of rows is total. */
static lb_status search_scan(const vector_index *ix, const index_query *query, best_list *lists) {
    size_t n_blocks = (query->m + BLOCK_QUERIES - 1) / BLOCK_QUERIES;
    scan s = {ix, query, lists, 1, ix->n};
    bool few_queries = query->j && n_blocks < 2 * (size_t)job_threads(query->j);
    if (!few_queries || ix->n <= SHARD_ROWS) return run_scan(&s);
    s.shard_rows = SHARD_ROWS;
    s.n_shards = (ix->n + SHARD_ROWS - 1) / SHARD_ROWS;
    return scan_shards(&s, lists);
}

static void free_scan(vector_index *ix) {
    free(ix);
}

lb_status index_scan_new(const float *vectors, size_t n, size_t dim, vector_index **out) {
    static const index_kind kind = {search_scan, free_scan};
    LB_TRY(index_check_rows(n));
    vector_index *ix;
    LB_TRY(NEW_ARRAY(ix, 1));
    *ix = (vector_index){&kind, vectors, n, dim};
    *out = ix;
    return LB_OK;
}
