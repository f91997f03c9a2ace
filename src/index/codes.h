/* The 8-bit codes of a coded index: how rows and queries are coded, and where the codes stand. */
#ifndef LB_INDEX_CODES_H
#define LB_INDEX_CODES_H

#include "index/balance.h"
#include "math/bytes.h"

/*
 * Rows in balanced coordinates (balance.h), the longest first, in groups of BYTES_GROUP. The head
 * of a row, w_h, is a h + e_h with bytes h, its rest, w_t, is b t + e_t with bytes t. "Place" is a
 * row's number in that order; what is beyond n in the last group is zero. Bounds are rounded up. A
 * row too long to have coordinates has an infinite `rest`, so that it reaches any limit.
 */
typedef struct codes {
    balance map;
    size_t n, n_groups;
    size_t head, tail; // bytes: of the head, a multiple of BYTES_QUAD; of the rest
    uint8_t *heads;    // (n_groups, head / BYTES_QUAD, BYTES_GROUP, BYTES_QUAD)
    uint8_t *tails;    // (n, tail)
    uint32_t *row;     // (n) by place
    float *head_scale; // (n_groups, BYTES_GROUP) a
    float *rest;       // (n_groups, BYTES_GROUP) |w_t|
    float *tail_scale; // (n) b
    float *tail_error; // (n) |e_t|
    float *head_error; // (n_groups) the largest |e_h|
    float *head_norm;  // (n_groups) the largest |w_h| + |e_h|
    float *reach;      // (n_groups) the largest |v| + |centre|
    float *norm_from;  // (n_groups) the largest |w'| from this group on
    float *reach_from; // (n_groups) the largest reach from this group on
} codes;

lb_status codes_new(job *j, const float *vectors, size_t n, size_t dim, const index_sample *queries,
                    codes *out);
void codes_free(codes *c); // accepts all zero

/* A query in the same coordinates: its head is by_head h + f_h, its rest by_tail t + f_t. */
typedef struct coded_query {
    double by_head, by_tail;
    double norm, head_norm, tail_norm; // |q|, and in balanced coordinates |q_h|, |q_t|
    double head_error, tail_error;     // |f_h|, |f_t|, with what rounding adds to sums with them
    double centre;                     // q . centre
    double slack; // times a row's reach: what rounding may add to its score in float
} coded_query;

/* head (codes.head), tail (codes.tail); scratch (dim). Returns false, with nothing else done, if
 * the query is too long to have coordinates. */
bool codes_of_query(const codes *c, const float *q, coded_query *out, int8_t *head, int8_t *tail,
                    double *scratch);

#endif
