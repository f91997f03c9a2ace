/* The bounds that a coded index rests on, one by one, against the rows and queries themselves. */
#include "support.h"

#include <math.h>
#include <stdbool.h>

#include "core/memory.h"
#include "core/random.h"
#include "index/codes.h"
#include "math/vector.h"

enum { N = 333, DIM = 45, M = 20 };

typedef struct fixture {
    float *vectors, *queries; // (N, DIM), (M, DIM)
    codes c;
} fixture;

/* Rows of many lengths, the variances of their columns far apart; one has no coordinates. */
static void set_up(fixture *f, bool told) {
    random_stream r = random_open(1, "codes", 0);
    assert_ok(NEW_ARRAY(f->vectors, N * DIM));
    assert_ok(NEW_ARRAY(f->queries, M * DIM));
    for (size_t i = 0; i < N * DIM; i++)
        f->vectors[i] = (float)(random_normal(&r) * (double)expf(-0.1f * (float)(i % DIM)) *
                                (1 + (double)(i / DIM % 7)));
    for (size_t i = 0; i < N; i++) f->vectors[i * DIM + 3] += 10;
    for (size_t i = 0; i < M * DIM; i++) f->queries[i] = (float)random_normal(&r);
    f->vectors[77 * DIM + 5] = NAN;
    const index_sample sample = {f->queries, M};
    assert_ok(codes_new(NULL, f->vectors, N, DIM, told ? &sample : NULL, &f->c));
    assert_int_equal(f->c.head % BYTES_QUAD, 0);
    assert_int_equal(f->c.map.head + f->c.tail, DIM);
    assert_true(f->c.map.head > 0 && f->c.tail > 0);
}

static void tear_down(fixture *f) {
    free(f->vectors);
    free(f->queries);
    codes_free(&f->c);
    codes_free(&f->c); // once more does no harm
}

static void to_coordinates(const codes *c, const float *v, double *w) {
    for (size_t i = 0; i < DIM; i++) {
        w[i] = 0;
        for (size_t d = 0; d < DIM; d++)
            w[i] += c->map.rows[i * DIM + d] * ((double)v[d] - (double)c->map.centre[d]);
    }
}

static double length(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

static uint8_t head_byte(const codes *c, size_t place, size_t d) {
    const uint8_t *group = c->heads + place / BYTES_GROUP * BYTES_GROUP * c->head;
    return group[d / BYTES_QUAD * BYTES_QUAD * BYTES_GROUP + place % BYTES_GROUP * BYTES_QUAD +
                 d % BYTES_QUAD];
}

/* A bound holds, and is no more than a little above what it bounds. */
static void bounds(float bound, double value) {
    assert_true((double)bound >= value);
    assert_true((double)bound <= value * (1 + 1e-5) + 1e-9);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* The largest of each that a group has. */
typedef struct group_bounds {
    double head_error, head_norm, reach;
} group_bounds;

static void check_row(const fixture *f, size_t place, group_bounds *most) {
    const codes *c = &f->c;
    double w[DIM], head_left[DIM] = {0}, tail_left[DIM] = {0}, centre[DIM], v[DIM];
    size_t head = c->map.head;
    to_coordinates(c, f->vectors + c->row[place] * DIM, w);
    for (size_t d = 0; d < head; d++)
        head_left[d] = w[d] - (double)c->head_scale[place] * (head_byte(c, place, d) - BYTES_BIAS);
    for (size_t d = head; d < c->head; d++) assert_int_equal(head_byte(c, place, d), BYTES_BIAS);
    for (size_t d = 0; d < c->tail; d++)
        tail_left[d] = w[head + d] -
                       (double)c->tail_scale[place] * (c->tails[place * c->tail + d] - BYTES_BIAS);
    // A step is a 127th of the largest coordinate, and none is off by more than half of it.
    for (size_t d = 0; d < head; d++)
        assert_true(fabs(head_left[d]) <= 0.501 * (double)c->head_scale[place]);
    bounds(c->rest[place], length(w + head, c->tail));
    bounds(c->tail_error[place], length(tail_left, c->tail));
    for (size_t d = 0; d < DIM; d++) {
        centre[d] = (double)c->map.centre[d];
        v[d] = (double)f->vectors[c->row[place] * DIM + d];
    }
    most->head_error = larger(most->head_error, length(head_left, head));
    most->head_norm = larger(most->head_norm, length(w, head) + length(head_left, head));
    most->reach = larger(most->reach, length(v, DIM) + length(centre, DIM));
    assert_true((double)c->norm_from[place / BYTES_GROUP] >= length(w, DIM));
}

static void check_rows(bool told) {
    fixture f;
    set_up(&f, told);
    const codes *c = &f.c;
    bool seen[N] = {false};
    assert_int_equal(c->row[0], 77); // the longest, as it were
    assert_true(isinf(c->rest[0]));
    for (size_t g = 0; g < c->n_groups; g++) {
        group_bounds most = {0};
        for (size_t p = g * BYTES_GROUP; p < (g + 1) * BYTES_GROUP && p < N; p++) {
            assert_false(seen[c->row[p]]);
            seen[c->row[p]] = true;
            if (p) check_row(&f, p, &most);
        }
        bounds(c->head_error[g], most.head_error);
        bounds(c->head_norm[g], most.head_norm);
        bounds(c->reach[g], most.reach);
        assert_true(c->reach_from[g] >= c->reach[g]);
        if (g) assert_true(c->reach_from[g - 1] >= c->reach_from[g]);
        if (g) assert_true(c->norm_from[g - 1] >= c->norm_from[g]);
    }
    for (size_t i = 0; i < N; i++) assert_true(seen[i]);
    tear_down(&f);
}

static void rows_are_within_their_bounds(void **state) {
    (void)state;
    check_rows(false);
    check_rows(true);
}

static void queries_are_within_their_bounds(void **state) {
    (void)state;
    fixture f;
    set_up(&f, true);
    const codes *c = &f.c;
    size_t head = c->map.head;
    int8_t h[DIM + BYTES_QUAD], t[DIM];
    double scratch[DIM], q[DIM], w[DIM];
    for (size_t m = 0; m < M; m++) {
        const float *query = f.queries + m * DIM;
        coded_query code;
        assert_true(codes_of_query(c, query, &code, h, t, scratch));
        for (size_t i = 0; i < DIM; i++) {
            q[i] = 0;
            for (size_t d = 0; d < DIM; d++)
                q[i] += (double)c->map.queries[i * DIM + d] * (double)query[d];
        }
        assert_true(code.head_norm >= length(q, head));
        assert_true(code.tail_norm >= length(q + head, c->tail));
        // Coordinates keep products.
        for (size_t i = 0; i < N; i++) {
            if (i == 77) continue;
            to_coordinates(c, f.vectors + i * DIM, w);
            double product = code.centre;
            for (size_t d = 0; d < DIM; d++) product += q[d] * w[d];
            double direct = vec_dot_wide(query, f.vectors + i * DIM, DIM);
            assert_true(fabs(product - direct) < 1e-9 * (1 + fabs(direct)));
        }
        for (size_t d = 0; d < head; d++) q[d] -= code.by_head * h[d];
        for (size_t d = 0; d < c->tail; d++) q[head + d] -= code.by_tail * t[d];
        assert_true(code.head_error >= length(q, head));
        assert_true(code.tail_error >= length(q + head, c->tail));
        assert_true(code.head_error < 0.02 * code.head_norm);
    }
    f.queries[4] = INFINITY;
    coded_query code;
    assert_false(codes_of_query(c, f.queries, &code, h, t, scratch));
    tear_down(&f);
}

static int falling(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* Searches for as many rows as are no worse than the one at `place`, by a query q' in coordinates.
 * Were its bound too low by the least, another would be found in its stead. */
static void find_among_best(const fixture *f, const vector_index *ix, size_t place,
                            const double *w) {
    float query[DIM], scores[N], best[N];
    uint32_t rows[N];
    size_t k = 0;
    for (size_t d = 0; d < DIM; d++) {
        double sum = 0; // q = rows^T q'
        for (size_t i = 0; i < DIM; i++) sum += f->c.map.rows[i * DIM + d] * w[i];
        query[d] = (float)sum;
    }
    for (size_t i = 0; i < N; i++) {
        scores[i] = vec_dot(query, f->vectors + i * DIM, DIM);
        if (i == 77) scores[i] = -INFINITY;
    }
    for (size_t i = 0; i < N; i++) k += scores[i] >= scores[f->c.row[place]];
    qsort(scores, N, sizeof *scores, falling);
    assert_ok(index_search(ix, query, 1, k, NULL, rows, best, NULL, NULL));
    assert_memory_equal(scores, best, k * sizeof *best);
}

/* The queries that coding serves worst: along what it has lost of a row, in whole steps. */
static void what_coding_lost_is_in_the_bounds(void **state) {
    (void)state;
    fixture f;
    vector_index *ix;
    set_up(&f, true);
    const codes *c = &f.c;
    const index_sample sample = {f.queries, M};
    assert_ok(index_coded_new(NULL, f.vectors, N, DIM, &sample, &ix));
    for (size_t place = 1; place < N; place++) {
        double w[DIM], head[DIM] = {0}, tail[DIM] = {0};
        to_coordinates(c, f.vectors + c->row[place] * DIM, w);
        for (size_t d = 0; d < c->map.head; d++)
            head[d] = copysign(1, w[d] - (double)c->head_scale[place] *
                                             (head_byte(c, place, d) - BYTES_BIAS));
        for (size_t d = 0; d < c->tail; d++)
            tail[c->map.head + d] = copysign(
                1, w[c->map.head + d] -
                       (double)c->tail_scale[place] * (c->tails[place * c->tail + d] - BYTES_BIAS));
        find_among_best(&f, ix, place, head);
        find_among_best(&f, ix, place, tail);
    }
    index_free(ix);
    tear_down(&f);
}

/* A column that says the same of all rows is in the centre, and in no code. */
static void constants_cost_nothing(void **state) {
    (void)state;
    fixture f;
    set_up(&f, true);
    codes with;
    double longest = 0;
    for (size_t i = 0; i < N; i++) f.vectors[i * DIM + 3] += 1000;
    const index_sample sample = {f.queries, M};
    assert_ok(codes_new(NULL, f.vectors, N, DIM, &sample, &with));
    for (size_t g = 1; g < with.n_groups; g++) {
        longest = larger(longest, (double)with.head_norm[g]);
        assert_true((double)with.head_norm[g] < 1.01 * (double)f.c.head_norm[g]);
    }
    assert_true(longest > 0 && longest < 1000);
    codes_free(&with);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_within_their_bounds),
        cmocka_unit_test(queries_are_within_their_bounds),
        cmocka_unit_test(what_coding_lost_is_in_the_bounds),
        cmocka_unit_test(constants_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
