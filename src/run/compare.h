/*
 * Comparison: every model trained on the same training part, `runs` times, and tested on the same
 * pairs.
 *
 *   compare.c        trains and measures
 *   compare_json.c   the result for programs
 *   compare_table.c  the result for people
 */
#ifndef LB_RUN_COMPARE_H
#define LB_RUN_COMPARE_H

#include <stdbool.h>

#include "core/job.h"
#include "data/statistics.h"
#include "eval/eval.h"
#include "run/compare_spec.h"

struct lb_comparison {
    char *json, *table;
};

/* lb_compare with checked options. A model that cannot work on the dataset stands in the result
 * with the reason; memory, input and output, and the caller's wish to stop end the comparison. */
lb_status run_compare(job *j, const char *directory, const lb_compare_options *options,
                      lb_comparison **out);
void run_comparison_free(lb_comparison *c); // accepts NULL

/* ---------------------------------------------------------------- between the files */

/* One model of the comparison. */
typedef struct compare_row {
    compare_spec spec;
    char *why;             // why it has no results, or NULL
    uint32_t n_runs;       // measured so far
    eval_result **result;  // (n_runs) the same one several times where the seed has no effect
    double *seconds;       // (n_runs) of training
    bool against_pop;      // whether `over_pop` holds
    eval_summary over_pop; // warm own AUC minus POP's, over users
} compare_row;

/* What the split holds. */
typedef struct compare_counts {
    size_t users, warm_products, cold_products; // users with training pairs; of the catalogue
    size_t train, valid, test, dropped, users_dropped, users_untrained;
} compare_counts;

typedef struct compare_whole {
    const lb_compare_options *options;
    char dataset[256];             // the last component of the directory
    char feature[65];              // "" if none
    compare_counts counts;         // of the first run's split
    dataset_statistics statistics; // of the same
    compare_row *row;              // (n_rows)
    size_t n_rows;
} compare_whole;

/* Whether a model's warm own AUC is not above POP's beyond chance. */
static inline bool compare_row_below_pop(const compare_row *r) {
    return r->against_pop && !(r->over_pop.lo > 0);
}

/* Allocated texts in *out. */
lb_status compare_json(const compare_whole *c, char **out);
lb_status compare_table(const compare_whole *c, char **out);

#endif
