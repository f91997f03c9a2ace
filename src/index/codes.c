#include "index/codes.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/best.h"
#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"

enum { PIECE_ROWS = 256, PIECE_GROUPS = 64 };

static const double SMALLEST_STEP = 1e-30; // below it coordinates count as error alone
static const double ROUNDING = 4e-7;       // a few roundings of float, relative

/* A row as it is coded, before rows are put in order. */
typedef struct row_code {
    float norm, head_scale, head_error, head_norm, rest, tail_scale, tail_error, reach;
} row_code;

static float rounded_up(double x) {
    return nextafterf((float)x, INFINITY);
}

static double norm_of(const double *x, size_t n) {
    return sqrt(vec_dot_f64(x, x, n));
}

/* code (n) = x / step to the nearest, as whole numbers up to BYTES_LARGEST, plus `bias`. Returns
 * the step, which is a float, and in *error the length of what is left. */
static double code_vector(const double *x, size_t n, int bias, uint8_t *code, double *error) {
    double largest = 0, left = 0;
    for (size_t i = 0; i < n; i++) largest = fabs(x[i]) > largest ? fabs(x[i]) : largest;
    double step = (double)rounded_up(largest / BYTES_LARGEST);
    if (!(step > SMALLEST_STEP)) {
        memset(code, bias, n);
        *error = norm_of(x, n);
        return 0;
    }
    double inverse = 1 / step;
    for (size_t i = 0; i < n; i++) {
        int whole = (int)(x[i] * inverse + (BYTES_BIAS + 0.5)) - BYTES_BIAS; // positive, so floor
        double rest = x[i] - step * whole;
        code[i] = (uint8_t)(whole + bias);
        left += rest * rest;
    }
    *error = sqrt(left);
    return step;
}

/* ---- rows */

typedef struct building {
    codes *c;
    const float *vectors;
    uint8_t *bytes; // (n, head + tail)
    row_code *code; // (n)
    best_entry *order;
    double centre_norm;
} building;

/* The bytes of one row and their bounds; w (dim) in balanced coordinates. */
static void code_row(const building *b, size_t row, double norm, const double *w) {
    const codes *c = b->c;
    const balance *map = &c->map;
    uint8_t *head = b->bytes + row * (c->head + c->tail), *tail = head + c->head;
    row_code *out = &b->code[row];
    // What the map itself has rounded away.
    double rounding = 4e-16 * (double)map->dim * map->row_size * (norm + b->centre_norm);
    double head_error, tail_error;
    double head_norm = norm_of(w, map->head), tail_norm = norm_of(w + map->head, c->tail);
    memset(head + map->head, BYTES_BIAS, c->head - map->head);
    out->head_scale = (float)code_vector(w, map->head, BYTES_BIAS, head, &head_error);
    out->tail_scale = (float)code_vector(w + map->head, c->tail, BYTES_BIAS, tail, &tail_error);
    double everything = head_norm + tail_norm + head_error + tail_error + rounding;
    if (!(norm <= BALANCE_LONGEST) || !isfinite(everything)) {
        memset(head, BYTES_BIAS, c->head + c->tail);
        *out = (row_code){.norm = INFINITY, .rest = INFINITY};
        return;
    }
    out->head_error = rounded_up(head_error * (1 + ROUNDING) + rounding);
    out->tail_error = rounded_up(tail_error * (1 + ROUNDING) + rounding);
    out->head_norm = rounded_up((head_norm + head_error) * (1 + ROUNDING) + rounding);
    out->rest = rounded_up(tail_norm * (1 + ROUNDING) + rounding);
    out->norm = rounded_up(hypot(head_norm, tail_norm) * (1 + ROUNDING) + rounding);
    out->reach = rounded_up(norm + b->centre_norm);
}

static lb_status code_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const building *b = context;
    const balance *map = &b->c->map;
    size_t d = map->dim, n = end - begin;
    double *centred, *norm = NULL, *w = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(centred, n * d));
    LB_TRY_CLEANUP(NEW_ARRAY(w, n * d));
    LB_TRY_CLEANUP(NEW_ARRAY(norm, n));
    for (size_t i = 0; i < n; i++) {
        const float *v = b->vectors + (begin + i) * d;
        norm[i] = sqrt(vec_dot_wide(v, v, d)) * (1 + ROUNDING);
        if (!(norm[i] <= BALANCE_LONGEST)) continue;
        for (size_t k = 0; k < d; k++) centred[i * d + k] = (double)v[k] - (double)map->centre[k];
    }
    LB_TRY_CLEANUP(matrix_multiply_f64(NULL, 0, 1, n, d, d, 1, centred, d, map->rows, d, 0, w, d));
    for (size_t i = 0; i < n; i++) code_row(b, begin + i, norm[i], w + i * d);
cleanup:
    free(centred);
    free(w);
    free(norm);
    return status;
}

static int by_norm(const void *a, const void *b) {
    const best_entry *x = a, *y = b;
    if (x->score != y->score) return (x->score < y->score) - (x->score > y->score);
    return (x->row > y->row) - (x->row < y->row);
}

static void raise(float *largest, float x) {
    if (x > *largest) *largest = x;
}

/* Puts the row that belongs at `place` there. */
static void place_row(const building *b, size_t place) {
    codes *c = b->c;
    size_t g = place / BYTES_GROUP, at = place % BYTES_GROUP, row = b->order[place].row;
    const row_code *code = &b->code[row];
    const uint8_t *head = b->bytes + row * (c->head + c->tail);
    uint8_t *group = c->heads + g * c->head * BYTES_GROUP + at * BYTES_QUAD;
    for (size_t d = 0; d < c->head; d += BYTES_QUAD)
        memcpy(group + d * BYTES_GROUP, head + d, BYTES_QUAD);
    memcpy(c->tails + place * c->tail, head + c->head, c->tail);
    c->row[place] = (uint32_t)row;
    c->head_scale[place] = code->head_scale;
    c->rest[place] = code->rest;
    c->tail_scale[place] = code->tail_scale;
    c->tail_error[place] = code->tail_error;
    raise(&c->head_error[g], code->head_error);
    raise(&c->head_norm[g], code->head_norm);
    raise(&c->reach[g], code->reach);
}

static lb_status place_groups(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const building *b = context;
    for (size_t g = begin; g < end; g++)
        for (size_t i = g * BYTES_GROUP; i < (g + 1) * BYTES_GROUP && i < b->c->n; i++)
            place_row(b, i);
    return LB_OK;
}

static void bound_what_follows(const building *b) {
    codes *c = b->c;
    float reach = 0;
    for (size_t g = c->n_groups; g-- > 0;) {
        raise(&reach, c->reach[g]);
        c->reach_from[g] = reach;
        c->norm_from[g] = b->order[g * BYTES_GROUP].score;
    }
}

static lb_status new_arrays(codes *c) {
    size_t places = c->n_groups * BYTES_GROUP;
    LB_TRY(NEW_ARRAY(c->heads, places * c->head));
    LB_TRY(NEW_ARRAY(c->tails, c->n * c->tail));
    LB_TRY(NEW_ARRAY(c->row, c->n));
    LB_TRY(NEW_ARRAY(c->tail_scale, c->n));
    LB_TRY(NEW_ARRAY(c->tail_error, c->n));
    LB_TRY(NEW_ARRAY(c->head_scale, places));
    LB_TRY(NEW_ARRAY(c->rest, places));
    float **const by_group[] = {&c->head_error, &c->head_norm, &c->reach, &c->norm_from,
                                &c->reach_from};
    for (size_t i = 0; i < sizeof by_group / sizeof *by_group; i++)
        LB_TRY(NEW_ARRAY(*by_group[i], c->n_groups));
    return LB_OK;
}

static lb_status build(job *j, building *b) {
    codes *c = b->c;
    LB_TRY(math_run_range(j, c->n, PIECE_ROWS, code_rows, b));
    for (size_t i = 0; i < c->n; i++) b->order[i] = (best_entry){b->code[i].norm, (uint32_t)i};
    qsort(b->order, c->n, sizeof *b->order, by_norm);
    LB_TRY(math_run_range(j, c->n_groups, PIECE_GROUPS, place_groups, b));
    bound_what_follows(b);
    return LB_OK;
}

lb_status codes_new(job *j, const float *vectors, size_t n, size_t dim, const index_sample *queries,
                    codes *out) {
    building b = {.c = out, .vectors = vectors};
    lb_status status;
    *out = (codes){.n = n, .n_groups = (n + BYTES_GROUP - 1) / BYTES_GROUP};
    LB_TRY_CLEANUP(balance_fit(j, vectors, n, dim, queries, &out->map));
    out->head = (out->map.head + BYTES_QUAD - 1) / BYTES_QUAD * BYTES_QUAD;
    out->tail = dim - out->map.head;
    b.centre_norm = sqrt(vec_dot_wide(out->map.centre, out->map.centre, dim));
    LB_TRY_CLEANUP(new_arrays(out));
    LB_TRY_CLEANUP(NEW_ARRAY(b.bytes, n * (out->head + out->tail)));
    LB_TRY_CLEANUP(NEW_ARRAY(b.code, n));
    LB_TRY_CLEANUP(NEW_ARRAY(b.order, n));
    LB_TRY_CLEANUP(build(j, &b));
cleanup:
    free(b.bytes);
    free(b.code);
    free(b.order);
    if (status != LB_OK) codes_free(out);
    return status;
}

void codes_free(codes *c) {
    balance_free(&c->map);
    void *const all[] = {c->heads,     c->tails,      c->row,        c->head_scale,
                         c->rest,      c->tail_scale, c->tail_error, c->head_error,
                         c->head_norm, c->reach,      c->norm_from,  c->reach_from};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    *c = (codes){0};
}

/* ---- queries */

/* As code_vector, signed. *error is widened by what rounding the sum with it in float may add. */
static double code_part(const double *x, size_t n, double rounding, int8_t *code, double *error) {
    double step = code_vector(x, n, 0, (uint8_t *)code, error);
    *error = (*error + rounding) + ROUNDING * (norm_of(x, n) + *error);
    return step;
}

bool codes_of_query(const codes *c, const float *q, coded_query *out, int8_t *head, int8_t *tail,
                    double *scratch) {
    const balance *map = &c->map;
    size_t d = map->dim;
    double norm = sqrt(vec_dot_wide(q, q, d)) * (1 + ROUNDING);
    if (!(norm <= BALANCE_LONGEST)) return false;
    for (size_t i = 0; i < d; i++) scratch[i] = vec_dot_wide(map->queries + i * d, q, d);
    // What the map and the sums in double have rounded away.
    double rounding = 4e-16 * (double)d * map->query_size * norm;
    // A sum of d products in float, in any order, and a sum in double (Higham, "Accuracy and
    // stability of numerical algorithms", 3.1): twice as much as the first may be off.
    double in_float = (double)d * (double)FLT_EPSILON;
    memset(head, 0, c->head);
    *out = (coded_query){.norm = norm, .slack = norm * (in_float + map->defect) * (1 + ROUNDING)};
    out->by_head = code_part(scratch, map->head, rounding, head, &out->head_error);
    out->by_tail = code_part(scratch + map->head, c->tail, rounding, tail, &out->tail_error);
    out->head_norm = norm_of(scratch, map->head) * (1 + ROUNDING) + rounding;
    out->tail_norm = norm_of(scratch + map->head, c->tail) * (1 + ROUNDING) + rounding;
    out->centre = vec_dot_wide(q, map->centre, d);
    return true;
}
