#include "support.h"

#include <math.h>

#include "core/best.h"
#include "core/memory.h"
#include "core/random.h"
#include "index/index.h"
#include "math/vector.h"

typedef struct hit {
    float score;
    uint32_t row;
} hit;

static int by_rank(const void *a, const void *b) {
    const hit *x = a, *y = b;
    if (x->score != y->score) return (x->score < y->score) - (x->score > y->score);
    return (x->row > y->row) - (x->row < y->row);
}

static bool excluded(const index_filter *f, size_t query, uint32_t row) {
    if (f && f->excluded && (f->excluded[row / 64] >> (row % 64) & 1)) return true;
    return f && f->excludes && f->excludes(f->context, query, row);
}

/* Searches an index of these vectors and compares with sorting all rows. */
static void check_index(const vector_index *ix, const float *vectors, size_t n, size_t dim,
                        const float *queries, size_t m, size_t k, const index_filter *filter,
                        job *j) {
    uint32_t *rows;
    float *scores;
    size_t *found;
    hit *all;
    assert_ok(NEW_ARRAY(rows, m * k));
    assert_ok(NEW_ARRAY(scores, m * k));
    assert_ok(NEW_ARRAY(found, m));
    assert_ok(NEW_ARRAY(all, n));
    assert_ok(index_search(ix, queries, m, k, filter, rows, scores, found, j));
    for (size_t q = 0; q < m; q++) {
        size_t n_all = 0;
        for (size_t i = 0; i < n; i++) {
            float score = vec_dot(queries + q * dim, vectors + i * dim, dim);
            if (!isnan(score) && !excluded(filter, q, (uint32_t)i))
                all[n_all++] = (hit){score, (uint32_t)i};
        }
        qsort(all, n_all, sizeof *all, by_rank);
        assert_int_equal(found[q], n_all < k ? n_all : k);
        for (size_t i = 0; i < k; i++) {
            assert_int_equal(rows[q * k + i], i < n_all ? all[i].row : INDEX_NONE);
            assert_true(scores[q * k + i] == (i < n_all ? all[i].score : -INFINITY));
        }
    }
    free(all);
    free(found);
    free(scores);
    free(rows);
}

/* The same of every exact kind: a scan, and codes that were told what queries look like, were told
 * nothing, or were misled. */
static void check_search(const float *vectors, size_t n, size_t dim, const float *queries, size_t m,
                         size_t k, const index_filter *filter, job *j) {
    vector_index *ix;
    float *unlike;
    assert_ok(NEW_ARRAY(unlike, dim));
    for (size_t d = 0; d < dim; d += 9) unlike[d] = 1;
    const index_sample told = {queries, m}, misled = {unlike, 1};
    const index_sample *const samples[] = {&told, NULL, &misled};
    assert_ok(index_scan_new(vectors, n, dim, &ix));
    check_index(ix, vectors, n, dim, queries, m, k, filter, j);
    index_free(ix);
    for (size_t i = 0; i < 3; i++) {
        assert_ok(index_coded_new(j, vectors, n, dim, samples[i], &ix));
        check_index(ix, vectors, n, dim, queries, m, k, filter, j);
        index_free(ix);
    }
    free(unlike);
}

/* Random vectors; with `levels` their elements take few values, so that many scores tie. */
static float *random_vectors(size_t n, size_t dim, unsigned levels, uint64_t item) {
    float *v;
    random_stream r = random_open(1, "vectors", item);
    assert_ok(NEW_ARRAY(v, n * dim));
    for (size_t i = 0; i < n * dim; i++)
        v[i] = levels ? (float)random_below(&r, levels) : (float)random_normal(&r);
    return v;
}

static bool every_third(void *context, size_t query, uint32_t row) {
    return (row + query) % *(const uint32_t *)context == 0;
}

static void results_equal_sorting(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 64, 500}, dims[] = {1, 3, 16, 64},
                        ks[] = {0, 1, 10, 600};
    for (size_t a = 0; a < 5; a++) {
        for (size_t b = 0; b < 4; b++) {
            float *plain = random_vectors(sizes[a], dims[b], 0, a);
            float *tied = random_vectors(sizes[a], dims[b], 2, a);
            float *queries = random_vectors(11, dims[b], 2, 99);
            for (size_t c = 0; c < 4; c++) {
                check_search(plain, sizes[a], dims[b], queries, 11, ks[c], NULL, NULL);
                check_search(tied, sizes[a], dims[b], queries, 11, ks[c], NULL, NULL);
            }
            free(plain);
            free(tied);
            free(queries);
        }
    }
}

/* Every dimension up to 67, and some numbers of rows: groups and vectors with every tail. */
static void any_shape_will_do(void **state) {
    (void)state;
    for (size_t dim = 0; dim <= 67; dim++) {
        size_t n = 3 * dim + dim % 7;
        float *vectors = random_vectors(n, dim, dim % 3 == 0 ? 3 : 0, dim);
        float *queries = random_vectors(3, dim, 0, 1000 + dim);
        check_search(vectors, n, dim, queries, 3, 5, NULL, NULL);
        free(vectors);
        free(queries);
    }
}

/* ---- data that bounds are bad at */

enum { HARD_ROWS = 3000, HARD_DIM = 40, HARD_QUERIES = 9 };

typedef void (*hardening)(float *vectors, float *queries);

static void as_clusters(float *vectors, float *queries) {
    (void)queries;
    for (size_t i = HARD_DIM * 12; i < HARD_ROWS * HARD_DIM; i++) // 12 centres and little beside
        vectors[i] = vectors[i % (HARD_DIM * 12)] + 1e-3f * vectors[i];
}

static void as_few_rows(float *vectors, float *queries) {
    (void)queries;
    for (size_t i = HARD_DIM * 5; i < HARD_ROWS * HARD_DIM; i++)
        vectors[i] = vectors[i % (HARD_DIM * 5)]; // of each, hundreds of equal ones
}

static void as_one_large_column(float *vectors, float *queries) {
    for (size_t i = 0; i < HARD_ROWS; i++) vectors[i * HARD_DIM + 7] = 1e6f;
    for (size_t i = 0; i < HARD_ROWS; i += 2) vectors[i * HARD_DIM + 9] *= 1e5f;
    for (size_t q = 0; q < HARD_QUERIES; q += 2) queries[q * HARD_DIM + 9] = 1;
}

static void as_constants(float *vectors, float *queries) {
    (void)queries;
    for (size_t i = 0; i < HARD_ROWS; i++)
        for (size_t d = 4; d < HARD_DIM; d++) vectors[i * HARD_DIM + d] = (float)d;
}

static void as_zeros(float *vectors, float *queries) {
    memset(vectors, 0, HARD_ROWS * HARD_DIM * sizeof *vectors);
    memset(queries, 0, HARD_DIM * sizeof *queries);
    vectors[77 * HARD_DIM + 3] = 1;
}

static void as_any_length(float *vectors, float *queries) {
    for (size_t i = 0; i < HARD_ROWS * HARD_DIM; i++)
        vectors[i] *= powf(10, (float)(i / HARD_DIM % 60) - 36);
    for (size_t i = 0; i < HARD_QUERIES * HARD_DIM; i++)
        queries[i] *= powf(10, 8 * (float)(i / HARD_DIM) - 38);
}

static void as_too_long(float *vectors, float *queries) {
    for (size_t i = 0; i < 50; i++) vectors[i * 61 * HARD_DIM] = i % 2 ? 3e38f : -3e38f;
    queries[HARD_DIM] = 3e38f; // infinite scores, and NaN
    for (size_t d = 0; d < HARD_DIM; d++) queries[2 * HARD_DIM + d] = 1e30f;
}

static void as_all_too_long(float *vectors, float *queries) {
    (void)queries;
    for (size_t i = 0; i < HARD_ROWS * HARD_DIM; i++) vectors[i] *= 1e30f;
}

static void as_not_finite(float *vectors, float *queries) {
    for (size_t i = 0; i < 300; i++)
        vectors[i * 9 * HARD_DIM + i % HARD_DIM] = i % 3 == 0   ? NAN
                                                   : i % 3 == 1 ? INFINITY
                                                                : -INFINITY;
    queries[0] = NAN;
    queries[HARD_DIM + 1] = INFINITY;
    queries[2 * HARD_DIM + 1] = 0;
}

static void as_nothing_finite(float *vectors, float *queries) {
    (void)queries;
    for (size_t i = 0; i < HARD_ROWS; i++) vectors[i * HARD_DIM + i % 3] = i % 2 ? NAN : INFINITY;
}

static void as_subnormal(float *vectors, float *queries) {
    for (size_t i = 0; i < HARD_ROWS * HARD_DIM; i++) vectors[i] *= 1e-41f;
    for (size_t i = 0; i < HARD_DIM; i++) queries[i] *= 1e-20f;
}

/* Rows along the first query, each a rounding longer than the one before. */
static void as_nearly_ties(float *vectors, float *queries) {
    for (size_t i = 0; i < HARD_ROWS; i++)
        for (size_t d = 0; d < HARD_DIM; d++)
            vectors[i * HARD_DIM + d] = queries[d] * (1 + (float)i * 1.2e-7f);
}

/* Rows that hardly differ along the first query, and much beside it. */
static void as_crowded(float *vectors, float *queries) {
    float square = vec_dot(queries, queries, HARD_DIM);
    for (size_t i = 0; i < HARD_ROWS; i++) {
        float *v = vectors + i * HARD_DIM, along = 1e-3f * v[0];
        vec_axpy(v, along - vec_dot(v, queries, HARD_DIM) / square, queries, HARD_DIM);
    }
}

/* Coordinates that no float holds. */
static void as_far_apart(float *vectors, float *queries) {
    for (size_t i = 0; i < HARD_ROWS * HARD_DIM; i++)
        vectors[i] *= i / HARD_DIM % 100 == 7 ? 1e14f : 1e-38f;
    for (size_t i = 0; i < HARD_QUERIES * HARD_DIM; i++) queries[i] *= 1e14f;
}

static void hard_data_is_searched_exactly(void **state) {
    (void)state;
    static const hardening all[] = {
        as_clusters,   as_few_rows,    as_one_large_column, as_constants,  as_zeros,
        as_any_length, as_too_long,    as_all_too_long,     as_not_finite, as_nothing_finite,
        as_subnormal,  as_nearly_ties, as_crowded,          as_far_apart};
    uint32_t third = 3;
    const index_filter filter = {NULL, every_third, &third};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        float *vectors = random_vectors(HARD_ROWS, HARD_DIM, 0, i);
        float *queries = random_vectors(HARD_QUERIES, HARD_DIM, 0, 100 + i);
        all[i](vectors, queries);
        for (size_t k = 1; k <= HARD_ROWS; k *= 15) {
            check_search(vectors, HARD_ROWS, HARD_DIM, queries, HARD_QUERIES, k, NULL, NULL);
            check_search(vectors, HARD_ROWS, HARD_DIM, queries, HARD_QUERIES, k, &filter, NULL);
        }
        free(vectors);
        free(queries);
    }
}

/* With lengths and directions as models have them, few rows are looked at closely. */
static void few_rows_are_rescored(void **state) {
    (void)state;
    enum { N = 20000, DIM = 48, M = 20 };
    float *vectors = random_vectors(N, DIM, 0, 1), *queries = random_vectors(M, DIM, 0, 2);
    for (size_t i = 0; i < N * DIM; i++) vectors[i] *= expf(-0.1f * (float)(i % DIM));
    for (size_t i = 0; i < N; i++) vectors[i * DIM] = 5; // the same for all: says nothing
    vector_index *ix;
    index_effort effort;
    uint32_t rows[M * 10];
    float scores[M * 10];
    assert_ok(index_exact_new(NULL, vectors, N, DIM, NULL, &ix)); // large enough for codes
    check_index(ix, vectors, N, DIM, queries, M, 10, NULL, NULL);
    assert_ok(index_search(ix, queries, M, 10, NULL, rows, scores, NULL, NULL));
    index_effort_read(ix, &effort);
    assert_int_equal(effort.queries, 2 * M);
    assert_true(effort.rescored < effort.queries * N / 50);
    assert_true(effort.rescored >= effort.queries * 10);
    assert_true(effort.tails >= effort.rescored / 2 && effort.rows <= effort.queries * (N + 16));
    index_free(ix);
    assert_ok(index_scan_new(vectors, N, DIM, &ix));
    index_effort_read(ix, &effort);
    assert_int_equal(effort.queries, 0);
    index_free(ix);
    free(vectors);
    free(queries);
}

static void filters_leave_rows_out(void **state) {
    (void)state;
    enum { N = 300, DIM = 8, M = 5 };
    float *vectors = random_vectors(N, DIM, 3, 1), *queries = random_vectors(M, DIM, 3, 2);
    uint64_t mask[(N + 63) / 64] = {0xf0f0f0f0f0f0f0f0u, 0, UINT64_MAX, 5, 1};
    uint64_t everything[(N + 63) / 64];
    memset(everything, 0xff, sizeof everything);
    uint32_t third = 3;
    const index_filter by_mask = {mask, NULL, NULL}, by_call = {NULL, every_third, &third},
                       both = {mask, every_third, &third}, all = {everything, NULL, NULL};
    check_search(vectors, N, DIM, queries, M, 20, &by_mask, NULL);
    check_search(vectors, N, DIM, queries, M, 20, &by_call, NULL);
    check_search(vectors, N, DIM, queries, M, 400, &both, NULL);
    check_search(vectors, N, DIM, queries, M, 20, &all, NULL);
    free(vectors);
    free(queries);
}

static void nan_is_never_found(void **state) {
    (void)state;
    float *vectors = random_vectors(50, 4, 0, 1), *queries = random_vectors(2, 4, 0, 2);
    vectors[12] = NAN;     // row 3
    vectors[4] = INFINITY; // row 1: inf, or NaN by inf - inf
    vectors[5] = -INFINITY;
    queries[4] = NAN; // nothing for query 1
    check_search(vectors, 50, 4, queries, 2, 50, NULL, NULL);
    free(vectors);
    free(queries);
}

static void threads_and_shards_change_nothing(void **state) {
    (void)state;
    enum { N = 40000, DIM = 4, M = 3, K = 100 };
    float *vectors = random_vectors(N, DIM, 4, 1), *queries = random_vectors(40, DIM, 4, 2);
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        lb_runtime runtime = {.threads = threads};
        job *j;
        assert_ok(job_new(&runtime, &j));
        check_search(vectors, N, DIM, queries, 1, K, NULL, j);
        check_search(vectors, N, DIM, queries, M, 20000, NULL, j);
        check_search(vectors, N, DIM, queries, 40, 5, NULL, j);
        job_free(j);
    }
    free(vectors);
    free(queries);
}

static void the_index_knows_its_shape(void **state) {
    (void)state;
    const float vectors[6] = {0};
    vector_index *ix;
    assert_ok(index_exact_new(NULL, vectors, 2, 3, NULL, &ix));
    assert_int_equal(index_count(ix), 2);
    assert_int_equal(index_dim(ix), 3);
    assert_ok(index_search(ix, NULL, 0, 5, NULL, NULL, NULL, NULL, NULL));
    index_free(ix);
    index_free(NULL);
    assert_error(index_exact_new(NULL, vectors, UINT32_MAX, 3, NULL, &ix), LB_E_ARGUMENT, "rows");
    assert_error(index_coded_new(NULL, vectors, UINT32_MAX, 3, NULL, &ix), LB_E_ARGUMENT, "rows");
    assert_error(index_coded_new(NULL, vectors, 0, 1 << 17, NULL, &ix), LB_E_ARGUMENT,
                 "dimensions");
}

static void lists_keep_the_best_in_order(void **state) {
    (void)state;
    best_entry entries[3];
    best_list b = {entries, 3, 0};
    assert_false(best_admits(&b, NAN, 0));
    static const float scores[] = {1, 5, 5, -INFINITY, 5, 2};
    for (uint32_t i = 6; i-- > 0;)
        if (best_admits(&b, scores[i], i)) best_add(&b, scores[i], i);
    best_sort(&b);
    assert_int_equal(b.n, 3);
    static const uint32_t expected[] = {1, 2, 4};
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(entries[i].row, expected[i]);
    b = (best_list){entries, 0, 0};
    assert_false(best_admits(&b, 1, 0));
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_equal_sorting),
        cmocka_unit_test(any_shape_will_do),
        cmocka_unit_test(hard_data_is_searched_exactly),
        cmocka_unit_test(few_rows_are_rescored),
        cmocka_unit_test(filters_leave_rows_out),
        cmocka_unit_test(nan_is_never_found),
        cmocka_unit_test(threads_and_shards_change_nothing),
        cmocka_unit_test(the_index_knows_its_shape),
        cmocka_unit_test(lists_keep_the_best_in_order),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
