/*
 * Comparison: every model trained on the same training part, `runs` times, and tested on the same
 * pairs.
 *
 *   compare.c            trains, has it measured, keeps
 *   compare_json.c       the result for programs, what is common to all tasks
 *   compare_table.c      the same for people
 *   compare_recommend.c  the task "recommend": who buys what
 *   compare_relations.c  the task "relations": what is bought together
 *   compare_requests.c   the task "requests": what is asked for in words (compare_requests_show.c
 *                        presents it)
 */
#ifndef LB_RUN_COMPARE_H
#define LB_RUN_COMPARE_H

#include <stdbool.h>

#include "core/job.h"
#include "core/text.h"
#include "data/relations.h"
#include "data/statistics.h"
#include "eval/relations.h"
#include "run/compare_spec.h"
#include "run/source.h"

struct lb_comparison {
    char *json, *table;
};

/* lb_compare with checked options. A model that cannot work on the dataset stands in the result
 * with the reason; memory, input and output, and the caller's wish to stop end the comparison. */
lb_status run_compare(job *j, const char *directory, const lb_compare_options *options,
                      lb_comparison **out);
void run_comparison_free(lb_comparison *c); // accepts NULL

/* ---------------------------------------------------------------- between the files */

typedef struct compare_whole compare_whole;
typedef struct compare_row compare_row;
typedef struct compare_requests compare_requests;

/* What a model is measured by, and how that is shown. */
typedef struct compare_task {
    const char *name, *file;   // of the task; of the JSON beside the models that are kept
    const char *const *models; // (n_models) compared when none are named
    size_t n_models;
    compare_find find; // what a model's name stands for; NULL = a class
    /* Takes the tests of a run's split; NULL = they are in the split. */
    lb_status (*prepare)(compare_whole *c, const run_source *source, const split *s, uint32_t run);
    /* Trains what a row needs; the model, NULL for none, is the task's. NULL = trial_fit. */
    lb_status (*fit)(job *j, compare_whole *c, const compare_row *r, const run_source *source,
                     const split *s, uint32_t run, double *seconds, model **out);
    /* Measures a model, into the row's place for this run. */
    lb_status (*measure)(job *j, const compare_whole *c, model *m, const split *s, compare_row *r,
                         uint32_t run);
    /* What follows from all runs together. */
    lb_status (*finish)(job *j, compare_whole *c);
    void (*release)(compare_whole *c); // what prepare and fit keep; NULL = nothing
    /* JSON: members of the whole, each with a comma behind it, and members of a model's object,
     * each with one before it. */
    void (*json_head)(text *t, const compare_whole *c); // NULL = none
    lb_status (*json_row)(text *t, const compare_whole *c, const compare_row *r);
    /* The table: what was tested, in half a line; the columns' names; a row's cells; what is to be
     * said below. */
    void (*table_tests)(text *t, const compare_whole *c);
    void (*table_head)(text *t, const compare_whole *c, int width);
    lb_status (*table_cells)(text *t, const compare_whole *c, const compare_row *r);
    void (*table_foot)(text *t, const compare_whole *c);
} compare_task;

extern const compare_task compare_recommend, compare_relations, compare_requests_task;

/* One model's relations in one run: of all pairs, of warm products, of a warm and a cold one. */
enum { RELATIONS_ALL, RELATIONS_WARM, RELATIONS_COLD, RELATIONS_KINDS };
typedef struct relations_result {
    eval_relations *kind[RELATIONS_KINDS];
    double valid_accuracy; // at the threshold, on the pairs that it was chosen on; NaN without
} relations_result;
void relations_result_free(relations_result *r); // accepts NULL

/* One model of the comparison. */
struct compare_row {
    compare_spec spec;
    char *why;       // why it has no results, or NULL
    uint32_t n_runs; // measured so far
    double *seconds; // (n_runs) of training
    double *weight;  // (n_runs) of the person in late fusion, NaN for others; of requests
    // (n_runs) of the task; the same one several times where the seed has no effect
    eval_result **result;
    relations_result **relations;
    bool against_pop;                            // whether `over_pop` holds
    eval_summary over_pop;                       // warm own AUC minus POP's, over users
    eval_summary accuracy, auc[RELATIONS_KINDS]; // of relations
};

/* What the split holds. */
typedef struct compare_counts {
    size_t users, warm_products, cold_products; // users with training pairs; of the catalogue
    size_t train, valid, test, dropped, users_dropped, users_untrained;
    size_t relations, valid_relations;  // pairs of products that are related, and as many others
    size_t of_kind[RELATIONS_KINDS][2]; // those of the tests, and the others
} compare_counts;

struct compare_whole {
    const lb_compare_options *options;
    const compare_task *task;
    char dataset[256];                   // the last component of the directory
    char feature[DATASET_FEATURES_TEXT]; // names, "" if none
    uint32_t n_products;                 // of the dataset
    compare_counts counts;               // of the first run's split
    dataset_statistics statistics;       // of the same
    relations relations;                 // of the run at hand
    compare_requests *requests;          // the same, of that task; NULL for others
    compare_row *row;                    // (n_rows)
    size_t n_rows;
};

/* The first row that was measured; NULL if none was. */
const compare_row *compare_first_measured(const compare_whole *c);

/* Whether a model's warm own AUC is not above POP's beyond chance. */
static inline bool compare_row_below_pop(const compare_row *r) {
    return r->against_pop && !(r->over_pop.lo > 0);
}

/* Mean and deviation over a row's runs of one number of each, as a JSON metric with a comma before
 * it. */
typedef double (*compare_number)(const compare_row *r, uint32_t run);
lb_status compare_json_numbers(text *t, const compare_row *r, const char *key,
                               compare_number number);

/* Allocated texts in *out. */
lb_status compare_json(const compare_whole *c, char **out);
lb_status compare_table(const compare_whole *c, char **out);

#endif
