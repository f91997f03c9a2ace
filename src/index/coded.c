/*
 * Exact search over 8-bit codes. For each row there is an upper bound of its score, from the bytes
 * of its head, the length of its rest and what coding has lost (Cauchy-Schwarz); rows whose bound
 * is below the k-th best score so far are done with. For the others the bytes of the rest are
 * multiplied too, and where that bound reaches as well, the row itself in float. The longest rows
 * come first, so that good scores are found early and the last rows often need no look.
 */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "core/memory.h"
#include "index/codes.h"
#include "index/kind.h"
#include "math/gemm.h"
#include "math/vector.h"

enum {
    BLOCK_QUERIES = 8, // that pass over the codes together
    CHUNK_GROUPS = 64, // groups that one query looks at at a time
    CHUNK_ROWS = CHUNK_GROUPS * BYTES_GROUP,
    MOST_SEEDS = CHUNK_ROWS / 2,
    LINE_FLOATS = 16, // of a cache line
    AHEAD_LINES = 4   // of a row's floats asked for ahead; the rest the processor foresees
};

static const double TINY = 1e-34; // more than what underflow takes away, per dimension

typedef struct coded_index {
    vector_index head;
    codes c;
    atomic_uint_fast64_t queries, rows, tails, rescored;
} coded_index;

/* One search under way. */
typedef struct coded_search {
    coded_index *ix;
    const byte_kernels *kernels;
    const index_query *query;
    best_list *lists; // (m)
    size_t block;     // queries of a work item
} coded_search;

/* One query under way. */
typedef struct probe {
    size_t number;
    best_list *list;
    coded_query q;
    const int8_t *tail;    // (c->tail)
    double limit;          // a bound below it needs no look: the k-th best score less q . centre
    size_t asked, refused; // calls of the filter's function
    size_t rows, tails, rescored;
} probe;

/* A row that may be good enough. */
typedef struct candidate {
    uint32_t place, row;
    double bound;
} candidate;

/* What a work item needs. */
typedef struct scratch {
    probe probe[BLOCK_QUERIES];
    int8_t *heads, *tails; // (BLOCK_QUERIES, c->head), (BLOCK_QUERIES, c->tail)
    double *wide;          // (dim)
    int32_t dot[BLOCK_QUERIES * CHUNK_ROWS];
    float limit[CHUNK_GROUPS];
    uint16_t mask[CHUNK_GROUPS];
    candidate candidate[CHUNK_ROWS];
    best_entry seed[MOST_SEEDS];
} scratch;

/* Some groups, of which a query has the products. */
typedef struct chunk {
    size_t first, n_groups;
    const int32_t *dot; // (n_groups, BYTES_GROUP)
} chunk;

static void set_limit(probe *p) {
    const best_list *list = p->list;
    if (list->n < list->capacity) return;
    double worst = (double)list->entries[0].score;
    p->limit = worst - p->q.centre - 1e-15 * (fabs(worst) + fabs(p->q.centre));
}

/* What a score may be above its bound by the codes alone, for all rows of a group. */
static double slack_of(const codes *c, const coded_query *q, size_t group) {
    return q->head_norm * (double)c->head_error[group] +
           q->head_error * (double)c->head_norm[group] + q->slack * (double)c->reach[group] +
           TINY * (double)c->map.dim;
}

static double head_score(const codes *c, const coded_query *q, size_t place, int32_t dot) {
    return q->by_head * (double)c->head_scale[place] * dot;
}

/* No score from this group on can reach the limit. */
static bool ends_before(const codes *c, const probe *p, size_t group) {
    double norm = hypot(p->q.head_norm, p->q.tail_norm) * (1 + 1e-6);
    return norm * (double)c->norm_from[group] + p->q.slack * (double)c->reach_from[group] +
               TINY * (double)c->map.dim <
           p->limit;
}

static bool masked(const coded_search *s, uint32_t row) {
    const uint64_t *excluded = s->query->filter->excluded;
    return excluded && excluded[row / 64] >> row % 64 & 1;
}

static bool refuses(const coded_search *s, probe *p, uint32_t row) {
    const index_filter *f = s->query->filter;
    if (!f->excludes) return false;
    bool refused = f->excludes(f->context, p->number, row);
    p->asked++;
    p->refused += refused;
    return refused;
}

static void rescore(const coded_search *s, probe *p, uint32_t row) {
    const vector_index *ix = &s->ix->head;
    float score = vec_dot(s->query->queries + p->number * ix->dim, ix->vectors + row * ix->dim,
                          ix->dim);
    p->rescored++;
    if (!best_admits(p->list, score, row)) return;
    best_add(p->list, score, row);
    set_limit(p);
}

/* The bound by all bytes, and not only by those of the head. */
static double tail_bound(const coded_search *s, probe *p, uint32_t place, double head) {
    const codes *c = &s->ix->c;
    const coded_query *q = &p->q;
    double lost = (double)c->tail_error[place];
    int32_t dot;
    s->kernels->dot_rows(p->tail, c->tails + place * c->tail, 1, c->tail, &dot);
    p->tails++;
    return head + q->by_tail * (double)c->tail_scale[place] * dot + q->tail_norm * lost +
           q->tail_error * ((double)c->rest[place] + lost);
}

static void fetch_ahead(const vector_index *ix, uint32_t row) {
    const float *v = ix->vectors + (size_t)row * ix->dim;
    for (size_t i = 0; i < AHEAD_LINES && i * LINE_FLOATS < ix->dim; i++)
        __builtin_prefetch(v + i * LINE_FLOATS);
}

/* Looks at those of the chunk's rows whose bit is set. */
static void look_closer(const coded_search *s, probe *p, const chunk *k, scratch *w) {
    const codes *c = &s->ix->c;
    size_t n = 0, kept = 0;
    for (size_t g = 0; g < k->n_groups; g++)
        for (unsigned bits = w->mask[g]; bits; bits &= bits - 1) {
            size_t at = g * BYTES_GROUP + (size_t)__builtin_ctz(bits);
            uint32_t place = (uint32_t)(k->first * BYTES_GROUP + at), row = c->row[place];
            if (masked(s, row)) continue;
            double head = head_score(c, &p->q, place, k->dot[at]);
            w->candidate[n++] = (candidate){place, row, head};
            __builtin_prefetch(c->tails + place * c->tail);
        }
    // A filter that refuses most rows is asked before anything is multiplied.
    bool ask_first = 2 * p->refused >= p->asked;
    for (size_t i = 0; i < n; i++) {
        candidate *x = &w->candidate[i];
        if (ask_first && refuses(s, p, x->row)) continue;
        if (p->limit > -INFINITY) {
            x->bound = tail_bound(s, p, x->place, x->bound) +
                       slack_of(c, &p->q, x->place / BYTES_GROUP);
            if (x->bound < p->limit) continue;
        } else
            x->bound = INFINITY;
        if (!ask_first && refuses(s, p, x->row)) continue;
        fetch_ahead(&s->ix->head, x->row);
        w->candidate[kept++] = *x;
    }
    for (size_t i = 0; i < kept; i++)
        if (!(w->candidate[i].bound < p->limit)) rescore(s, p, w->candidate[i].row);
}

/* The bits of rows that there are. */
static uint16_t real_rows(const codes *c, size_t group) {
    size_t n = c->n - group * BYTES_GROUP;
    return (uint16_t)(n < BYTES_GROUP ? (1u << n) - 1 : 0xffffu);
}

/* Before there is a limit, the rows that look best by their heads are scored, so that there is. */
static void seed(const coded_search *s, probe *p, const chunk *k, scratch *w) {
    const codes *c = &s->ix->c;
    best_list seeds = {w->seed, p->list->capacity, 0};
    size_t first = k->first * BYTES_GROUP;
    for (size_t i = 0; i < k->n_groups * BYTES_GROUP && first + i < c->n; i++) {
        float score = (float)head_score(c, &p->q, first + i, k->dot[i]);
        if (!best_admits(&seeds, score, (uint32_t)i)) continue;
        uint32_t row = c->row[first + i];
        if (!masked(s, row) && !refuses(s, p, row)) best_add(&seeds, score, (uint32_t)i);
    }
    for (size_t i = 0; i < seeds.n; i++) fetch_ahead(&s->ix->head, c->row[first + w->seed[i].row]);
    for (size_t i = 0; i < seeds.n; i++) {
        uint32_t at = w->seed[i].row;
        rescore(s, p, c->row[first + at]);
        w->mask[at / BYTES_GROUP] &= (uint16_t) ~(1u << at % BYTES_GROUP);
    }
}

static void visit(const coded_search *s, probe *p, const chunk *k, scratch *w) {
    const codes *c = &s->ix->c;
    uint16_t wanted[CHUNK_GROUPS];
    for (size_t g = 0; g < k->n_groups; g++) w->mask[g] = real_rows(c, k->first + g);
    if (k->first == 0 && p->list->capacity <= MOST_SEEDS) seed(s, p, k, w);
    memcpy(wanted, w->mask, k->n_groups * sizeof *wanted);
    for (size_t g = 0; g < k->n_groups; g++) {
        double limit = p->limit - slack_of(c, &p->q, k->first + g);
        w->limit[g] = (float)(limit - fabs(limit) * 2e-7);
    }
    size_t first = k->first * BYTES_GROUP;
    byte_bound bound = {c->head_scale + first, c->rest + first, w->limit, (float)p->q.by_head,
                        (float)(p->q.tail_norm * (1 + 1e-6))};
    s->kernels->reach(k->dot, k->n_groups, &bound, w->mask);
    for (size_t g = 0; g < k->n_groups; g++) w->mask[g] &= wanted[g];
    p->rows += k->n_groups * BYTES_GROUP;
    look_closer(s, p, k, w);
}

static void count(coded_index *ix, const probe *p) {
    atomic_fetch_add_explicit(&ix->queries, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&ix->rows, p->rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&ix->tails, p->tails, memory_order_relaxed);
    atomic_fetch_add_explicit(&ix->rescored, p->rescored, memory_order_relaxed);
}

/* Drops those of n probes that end before the group; returns how many are left, in front. */
static size_t drop_done(const coded_search *s, scratch *w, size_t n, size_t group) {
    const codes *c = &s->ix->c;
    for (size_t i = 0; i < n;) {
        if (!ends_before(c, &w->probe[i], group)) {
            i++;
            continue;
        }
        count(s->ix, &w->probe[i]);
        w->probe[i] = w->probe[--n];
        memcpy(w->heads + i * c->head, w->heads + n * c->head, c->head);
    }
    return n;
}

/* Codes a query as the n-th probe; one that has no coordinates is answered by a scan. */
static bool open_probe(const coded_search *s, size_t number, scratch *w, size_t n) {
    const vector_index *ix = &s->ix->head;
    const codes *c = &s->ix->c;
    int8_t *tail = w->tails + n * c->tail;
    probe *p = &w->probe[n];
    *p = (probe){.number = number, .list = &s->lists[number], .tail = tail, .limit = -INFINITY};
    if (codes_of_query(c, s->query->queries + number * ix->dim, &p->q, w->heads + n * c->head, tail,
                       w->wide))
        return true;
    index_scan_rows(ix, s->query, number, 0, ix->n, p->list);
    p->rescored = ix->n;
    count(s->ix, p);
    return false;
}

static void pass_over(const coded_search *s, size_t first, size_t last, scratch *w) {
    const codes *c = &s->ix->c;
    size_t n = 0;
    for (size_t q = first; q < last; q++) n += open_probe(s, q, w, n);
    for (size_t g = 0; g < c->n_groups && (n = drop_done(s, w, n, g)) > 0; g += CHUNK_GROUPS) {
        size_t n_groups = c->n_groups - g < CHUNK_GROUPS ? c->n_groups - g : CHUNK_GROUPS;
        s->kernels->dot_groups(w->heads, n, c->heads + g * c->head * BYTES_GROUP, n_groups, c->head,
                               w->dot);
        for (size_t i = 0; i < n; i++) {
            chunk k = {g, n_groups, w->dot + i * n_groups * BYTES_GROUP};
            visit(s, &w->probe[i], &k, w);
        }
    }
    for (size_t i = 0; i < n; i++) count(s->ix, &w->probe[i]);
}

static lb_status search_block(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const coded_search *s = context;
    const codes *c = &s->ix->c;
    scratch *w;
    lb_status status;
    LB_TRY(NEW_ARRAY(w, 1));
    LB_TRY_CLEANUP(NEW_ARRAY(w->heads, BLOCK_QUERIES * c->head));
    LB_TRY_CLEANUP(NEW_ARRAY(w->tails, BLOCK_QUERIES * c->tail));
    LB_TRY_CLEANUP(NEW_ARRAY(w->wide, c->map.dim));
    for (; begin < end; begin += BLOCK_QUERIES) {
        size_t last = end - begin < BLOCK_QUERIES ? end : begin + BLOCK_QUERIES;
        pass_over(s, begin, last, w);
    }
cleanup:
    free(w->heads);
    free(w->tails);
    free(w->wide);
    free(w);
    return status;
}

/* Queries are shared out, rows are not: one query takes no longer than a thread needs to start. */
static lb_status search_coded(const vector_index *ix, const index_query *query, best_list *lists) {
    // Counting is all that a search changes.
    coded_search s = {(coded_index *)(uintptr_t)ix, bytes_table(), query, lists, 0};
    size_t threads = query->j ? job_threads(query->j) : 1;
    size_t grain = (query->m + threads - 1) / threads;
    if (grain > 4 * BLOCK_QUERIES) grain = 4 * BLOCK_QUERIES;
    return math_run_range(query->j, query->m, grain, search_block, &s);
}

static void free_coded(vector_index *ix) {
    coded_index *own = (coded_index *)ix;
    codes_free(&own->c);
    free(own);
}

static const index_kind coded_kind = {search_coded, free_coded};

lb_status index_coded_new(job *j, const float *vectors, size_t n, size_t dim,
                          const index_sample *queries, vector_index **out) {
    coded_index *ix;
    LB_TRY(index_check_rows(n));
    if (dim > BYTES_MAX_DIM)
        return status_fail(LB_E_ARGUMENT, "%zu dimensions: codes have at most %d", dim,
                           BYTES_MAX_DIM);
    LB_TRY(NEW_ARRAY(ix, 1));
    ix->head = (vector_index){&coded_kind, vectors, n, dim};
    lb_status status = codes_new(j, vectors, n, dim, queries, &ix->c);
    if (status != LB_OK) {
        free(ix);
        return status;
    }
    *out = &ix->head;
    return LB_OK;
}

void index_effort_read(const vector_index *ix, index_effort *out) {
    *out = (index_effort){0};
    if (ix->kind != &coded_kind) return;
    const coded_index *own = (const coded_index *)ix;
    out->queries = atomic_load_explicit(&own->queries, memory_order_relaxed);
    out->rows = atomic_load_explicit(&own->rows, memory_order_relaxed);
    out->tails = atomic_load_explicit(&own->tails, memory_order_relaxed);
    out->rescored = atomic_load_explicit(&own->rescored, memory_order_relaxed);
    size_t bounds = 2 * sizeof(float);
    out->bytes = out->rows * (own->c.head + bounds) + out->tails * (own->c.tail + bounds) +
                 out->rescored * ix->dim * sizeof(float);
}
