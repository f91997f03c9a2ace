/* Rows of a matrix that need not be in memory as a whole: they are fetched, and made ready, one by
 * one, so that an algorithm that works in blocks needs no more memory than a block. */
#ifndef LB_MATH_ROWS_H
#define LB_MATH_ROWS_H

#include <string.h>

#include "core/job.h"

typedef struct row_source {
    size_t n, dim;
    /* Writes one row (dim). Called by several threads at once; the same row is always the same. */
    void (*fetch)(const void *context, size_t row, float *out);
    const void *context; // must outlive the source
    /* Asks for a row that is fetched soon, without waiting; NULL where rows are in memory. */
    void (*ahead)(const void *context, size_t row);
} row_source;

/* out (n, dim) = rows first .. first + n - 1, on the job's threads (j NULL: on the calling one). */
lb_status rows_fetch(job *j, const row_source *s, size_t first, size_t n, float *out);

/* A matrix in memory as a source; it must outlive the source. */
typedef struct row_matrix {
    const float *x; // (n, dim)
    size_t dim;
} row_matrix;

static inline void rows_fetch_matrix(const void *context, size_t row, float *out) {
    const row_matrix *m = context;
    memcpy(out, m->x + row * m->dim, m->dim * sizeof *out);
}

static inline row_source rows_of_matrix(const row_matrix *m, size_t n) {
    return (row_source){n, m->dim, rows_fetch_matrix, m, NULL};
}

#endif
