/* Every kind of byte kernels against the plain loops, on lengths 0 to 67 and above. */
#include "support.h"

#include <math.h>
#include <stdbool.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/bytes.h"
#include "math/cpu.h"

enum { MAX_LENGTH = 67, N_QUERIES = 7, N_GROUPS = 5, N_ROWS = N_GROUPS * BYTES_GROUP };

/* Signed bytes of queries: random, or all of the largest magnitude. */
static int8_t *new_queries(size_t n, random_stream *r, bool extreme) {
    int8_t *q;
    assert_ok(NEW_ARRAY(q, n + 1));
    for (size_t i = 0; i < n; i++)
        q[i] = (int8_t)(extreme ? (random_below(r, 2) ? BYTES_LARGEST : -BYTES_LARGEST)
                                : (int)random_below(r, 255) - BYTES_LARGEST);
    return q;
}

static uint8_t *new_rows(size_t n, random_stream *r, bool extreme) {
    uint8_t *rows;
    assert_ok(NEW_ARRAY(rows, n + 1));
    for (size_t i = 0; i < n; i++)
        rows[i] = (uint8_t)(extreme ? (random_below(r, 2) ? 255 : 1) : random_below(r, 256));
    return rows;
}

static void check_rows(const byte_kernels *t, size_t dim, bool extreme) {
    random_stream r = random_open(1, "rows", dim);
    int8_t *q = new_queries(dim, &r, extreme);
    uint8_t *rows = new_rows(N_ROWS * dim + 1, &r, extreme);
    int32_t got[N_ROWS + 1], expected[N_ROWS];
    got[N_ROWS] = 77;
    for (size_t shift = 0; shift < 2; shift++) { // whatever the alignment
        t->dot_rows(q, rows + shift, N_ROWS, dim, got);
        bytes_path(0)->dot_rows(q, rows + shift, N_ROWS, dim, expected);
        assert_memory_equal(got, expected, sizeof expected);
    }
    assert_int_equal(got[N_ROWS], 77); // what lies behind is untouched
    free(q);
    free(rows);
}

static void check_groups(const byte_kernels *t, size_t dim, bool extreme) {
    random_stream r = random_open(2, "groups", dim);
    int8_t *q = new_queries(N_QUERIES * dim, &r, extreme);
    uint8_t *groups = new_rows(N_ROWS * dim, &r, extreme);
    int32_t *got, *expected;
    assert_ok(NEW_ARRAY(got, N_QUERIES * N_ROWS + 1));
    assert_ok(NEW_ARRAY(expected, N_QUERIES * N_ROWS));
    for (size_t m = 0; m <= N_QUERIES; m++) {
        got[m * N_ROWS] = 77;
        t->dot_groups(q, m, groups, N_GROUPS, dim, got);
        bytes_path(0)->dot_groups(q, m, groups, N_GROUPS, dim, expected);
        assert_memory_equal(got, expected, m * N_ROWS * sizeof *got);
        assert_int_equal(got[m * N_ROWS], 77);
    }
    free(q);
    free(groups);
    free(got);
    free(expected);
}

static void products_equal_plain_loops(void **state) {
    (void)state;
    static const size_t longer[] = {128, 200, 255, 1000, BYTES_MAX_DIM};
    for (size_t p = 0; bytes_path(p); p++) {
        for (size_t dim = 0; dim <= MAX_LENGTH; dim++) {
            check_rows(bytes_path(p), dim, false);
            check_rows(bytes_path(p), dim, true);
        }
        for (size_t dim = 0; dim <= MAX_LENGTH + 1; dim += BYTES_QUAD) {
            check_groups(bytes_path(p), dim, false);
            check_groups(bytes_path(p), dim, true);
        }
        for (size_t i = 0; i < 5; i++) check_rows(bytes_path(p), longer[i], true);
    }
}

/* The plain loops themselves: rows as groups, and by hand. */
static void plain_loops_are_right(void **state) {
    (void)state;
    enum { DIM = 8 };
    random_stream r = random_open(3, "plain", 0);
    int8_t *q = new_queries(DIM, &r, false);
    uint8_t *rows = new_rows(BYTES_GROUP * DIM, &r, false), group[BYTES_GROUP * DIM];
    int32_t by_rows[BYTES_GROUP], by_groups[BYTES_GROUP];
    for (size_t i = 0; i < BYTES_GROUP; i++)
        for (size_t d = 0; d < DIM; d++) group[d / 4 * 64 + i * 4 + d % 4] = rows[i * DIM + d];
    bytes_path(0)->dot_rows(q, rows, BYTES_GROUP, DIM, by_rows);
    bytes_path(0)->dot_groups(q, 1, group, 1, DIM, by_groups);
    assert_memory_equal(by_rows, by_groups, sizeof by_rows);
    int32_t first = 0;
    for (size_t d = 0; d < DIM; d++) first += q[d] * (rows[d] - 128);
    assert_int_equal(by_rows[0], first);
    free(q);
    free(rows);
}

static void bounds_are_compared_alike(void **state) {
    (void)state;
    random_stream r = random_open(4, "bounds", 0);
    int32_t dot[N_ROWS];
    float scale[N_ROWS], rest[N_ROWS], limit[N_GROUPS] = {-INFINITY, 0, 3, INFINITY, NAN};
    for (size_t i = 0; i < N_ROWS; i++) {
        dot[i] = (int32_t)random_below(&r, 9) - 4; // small whole numbers: exact, with ties
        scale[i] = (float)random_below(&r, 4);
        rest[i] = i % 13 == 0 ? INFINITY : i % 17 == 0 ? NAN : (float)random_below(&r, 4);
    }
    const byte_bound bound = {scale, rest, limit, 2, 3};
    for (size_t p = 0; bytes_path(p); p++) {
        uint16_t mask[N_GROUPS + 1] = {0};
        mask[N_GROUPS] = 77;
        bytes_path(p)->reach(dot, N_GROUPS, &bound, mask);
        for (size_t i = 0; i < N_ROWS; i++) {
            size_t g = i / BYTES_GROUP;
            bool below = 2 * scale[i] * (float)dot[i] + 3 * rest[i] < limit[g];
            assert_int_equal(mask[g] >> (i % BYTES_GROUP) & 1, !below);
        }
        assert_int_equal(mask[N_GROUPS], 77);
    }
}

static void the_path_in_use_limits_the_kind(void **state) {
    (void)state;
    size_t n = 0;
    while (bytes_path(n)) n++;
    assert_ptr_equal(bytes_table(), bytes_path(n - 1));
    assert_ok(lb_isa_select("scalar"));
    if (math_path(1)) assert_ptr_not_equal(bytes_table(), bytes_path(n - 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_loops_are_right),
        cmocka_unit_test(products_equal_plain_loops),
        cmocka_unit_test(bounds_are_compared_alike),
        cmocka_unit_test(the_path_in_use_limits_the_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
