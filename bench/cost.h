/* What stages need at least: operations of their products of matrices, bytes of memory. */
#ifndef LB_BENCH_COST_H
#define LB_BENCH_COST_H

#include "bench/bench.h"
#include "index/index.h"
#include "model/model.h"

typedef struct cost_input {
    const model *model; // trained
    size_t feature_dim;
    double evaluated; // users
    const index_effort *searched;
} cost_input;

/* Sets the row's limit and work, where they are known. */
void cost_of_stage(const cost_input *in, bench_row *row);

/* bench_result.precision */
const char *cost_precision(const model *m);

#endif
