/* The coordinates that a coded index works in. */
#ifndef LB_INDEX_BALANCE_H
#define LB_INDEX_BALANCE_H

#include "index/index.h"

/*
 * A linear map of rows, w' = rows (v - centre), and its counterpart for queries, q' = queries q, so
 * that q . (v - centre) = q' . w'. In these coordinates rows and queries vary equally along each
 * axis (the balanced coordinates of Moore, "Principal component analysis in linear systems", IEEE
 * TAC 1981), the `head` axes most; |q'| |w'| bounds their product much closer than |q| |w|, and a
 * part of the axes closer still. Within the head and within the rest the axes are mixed, so that
 * one step serves all of a row's coordinates there.
 */
typedef struct balance {
    size_t dim, head;
    float *centre;   // (dim)
    double *rows;    // (dim, dim)
    float *queries;  // (dim, dim)
    double defect;   // |q . w - q' . w'| <= defect |q| |w|, if both were computed without error
    double row_size; // Frobenius norms of the two
    double query_size;
} balance;

/* Rows longer than that, or not finite, have no coordinates. */
#define BALANCE_LONGEST 1e15

lb_status balance_fit(job *j, const float *vectors, size_t n, size_t dim,
                      const index_sample *queries, balance *out);
void balance_free(balance *b); // accepts all zero

#endif
