#include "math/rows.h"

#include "math/gemm.h"

enum { ROWS_PER_PIECE = 64 };

typedef struct fetching {
    const row_source *source;
    size_t first;
    float *out;
} fetching;

static lb_status fetch_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const fetching *c = context;
    const row_source *s = c->source;
    for (size_t i = begin; i < end; i++) s->fetch(s->context, c->first + i, c->out + i * s->dim);
    return LB_OK;
}

lb_status rows_fetch(job *j, const row_source *s, size_t first, size_t n, float *out) {
    fetching c = {s, first, out};
    return math_run_range(j, n, ROWS_PER_PIECE, fetch_rows, &c);
}
