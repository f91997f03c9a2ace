/*
 * Sweeps: every combination of a grid over a model's options, trained on the training part of one
 * split, `runs` times. The validation pairs choose a combination; the test pairs are measured and
 * shown beside, and have no say.
 *
 *   sweep.c         trains and measures, several combinations side by side
 *   sweep_grid.c    the combinations
 *   sweep_file.c    the file of finished trials
 *   sweep_result.c  means over runs, and the choice
 *   sweep_show.c    the result for programs and for people
 *
 * For a figure of what a file holds: sweep_file_read, then sweep_result_of_file; each row has the
 * values of the axes (sweep_row_value) and summaries of all metrics.
 */
#ifndef LB_RUN_SWEEP_H
#define LB_RUN_SWEEP_H

#include "core/job.h"
#include "core/text.h"
#include "model/model.h"
#include "run/metric.h"

struct lb_comparison;

/* lb_sweep with checked numbers and texts. */
lb_status run_sweep(job *j, const char *directory, const lb_sweep_options *options,
                    struct lb_comparison **out);

/* The same; what the files of other sweeps (n_others, those that are there) hold of the same
 * trainings is taken over instead of being trained again. */
lb_status run_sweep_beside(job *j, const char *directory, const lb_sweep_options *options,
                           const char *const *others, size_t n_others, struct lb_comparison **out);

/* ---------------------------------------------------------------- trials and their file */

/* Means over users; NaN where there is nothing to measure. */
typedef struct sweep_metrics {
    size_t n_tests[EVAL_KINDS];
    double value[EVAL_KINDS][EVAL_SETS][EVAL_METRICS];
} sweep_metrics;

/* One combination, trained once. */
typedef struct sweep_trial {
    char *settings; // all options of the model, "name=value" lines as options_print writes them
    uint32_t run;   // from 0; trained with seed + run
    char *why;      // why it failed, and then nothing below holds; or NULL
    double seconds; // of training
    sweep_metrics validation, test;
} sweep_trial;

/* What a file is of: line 1. Trials of anything else do not belong into it. */
typedef struct sweep_head {
    const model_class *class;
    char dataset[256];    // what results call the dataset
    char fingerprint[17]; // of the pairs of all parts and of the feature, 16 hex digits
    char feature[DATASET_FEATURES_TEXT]; // names, "" if none
    char split[128];                     // run_split_describe
    uint64_t seed;                       // of run 0
    uint32_t list;                       // k of Recall and NDCG
} sweep_head;

typedef struct sweep_file {
    sweep_head head;
    sweep_trial *trial; // (n_trials) in the order they were finished
    size_t n_trials, capacity;
    size_t n_bytes; // of the complete lines; what follows was cut by a kill
} sweep_file;

/* Reads a file. A last line that is cut or damaged is left out; any other damage, or a file of
 * something else, is LB_E_FORMAT with the line; LB_E_NOT_FOUND. Options that a line does not name
 * are at their defaults. Free with sweep_file_free. */
lb_status sweep_file_read(const char *path, sweep_file *out);
void sweep_file_free(sweep_file *f); // accepts all zero
void sweep_trial_free(sweep_trial *t);

/* Whether trials of the one may stand among trials of the other. */
bool sweep_head_same(const sweep_head *a, const sweep_head *b);

/* A file open for appending. One sweep at a time may have it: LB_E_BUSY for the second. */
typedef struct sweep_log sweep_log;

/* Makes the file, or opens it to go on: `found` is what it holds, and a cut last line is removed
 * from it. LB_E_MISMATCH if it is of another dataset, feature, model, split, seed or list;
 * LB_E_FORMAT if it is none of ours, and then it stays as it was. `fixed` (n_fixed) are settings
 * outside the grid, for line 1 of a new file: they are for people, trials say all their options. */
lb_status sweep_log_open(const char *path, const sweep_head *head, const char *const *fixed,
                         size_t n_fixed, sweep_log **out, sweep_file *found);

/* Appends a line and waits until the disk has it. From one thread at a time. */
lb_status sweep_log_add(sweep_log *log, const sweep_trial *t);
void sweep_log_close(sweep_log *log); // accepts NULL

/* ---------------------------------------------------------------- the grid */

typedef struct sweep_axis {
    char *name;   // the option
    char **value; // (n_values) as options_print writes them
    size_t n_values;
} sweep_axis;

/* All combinations, the last axis changing fastest. */
typedef struct sweep_grid {
    sweep_axis *axis; // (n_axes)
    size_t n_axes;
    char **settings; // (n_combinations) all options of the model, "name=value" lines
    size_t n_combinations;
} sweep_grid;

enum { SWEEP_MAX_COMBINATIONS = 100000 };

/* `grid` (n_grid) are texts "option=a,b,c", `fixed` (n_fixed) "option=a" for all combinations.
 * LB_E_ARGUMENT for an option or a value that the model does not have, an option given twice, a
 * value given twice. Free with sweep_grid_free. */
lb_status sweep_grid_new(const model_class *class, const char *const *grid, size_t n_grid,
                         const char *const *fixed, size_t n_fixed, sweep_grid *out);
void sweep_grid_free(sweep_grid *g); // accepts all zero

/* The value of an option in "name=value" lines, allocated; NULL if there is none, or no memory. */
char *sweep_setting(const char *settings, const char *name);

/* ---------------------------------------------------------------- the result */

/* What the choice goes by: one metric on validation pairs, or the mean of the warm and the cold
 * own AUC (of those that there are tests for). */
typedef struct sweep_criterion {
    char name[24];
    bool mean_own_auc;
    metric_choice metric;
} sweep_criterion;

/* "own-auc", or "KIND-SET-METRIC" of warm|cold, own|all, auc|recall|ndcg|mrr. LB_E_ARGUMENT. */
lb_status sweep_criterion_parse(const char *name, sweep_criterion *out);

/* One combination. Summaries are over runs; what cannot be computed is NaN. */
typedef struct sweep_row {
    char *settings;
    uint32_t n_runs;               // finished without failure
    char *why;                     // why a run failed, and then the row cannot be chosen; or NULL
    size_t n_tests[2][EVAL_KINDS]; // validation, test
    eval_summary metric[2][EVAL_KINDS][EVAL_SETS][EVAL_METRICS]; // validation, test
    eval_summary seconds, criterion;
} sweep_row;

typedef struct sweep_result {
    sweep_criterion criterion;
    char **axis; // (n_axes) names of the options that the grid is over
    size_t n_axes;
    sweep_row *row; // (n_rows)
    size_t n_rows;
    size_t best; // the row that validation chooses, SIZE_MAX if no row can be chosen
} sweep_result;

/* Of a grid: every combination in its order, with its trials among `trials` of a run below `runs`.
 * Only a combination with all `runs` can be chosen. Free with sweep_result_free. */
lb_status sweep_result_of_grid(const sweep_grid *g, const sweep_trial *trials, size_t n_trials,
                               uint32_t runs, const sweep_criterion *criterion, sweep_result *out);

/* Of all that a file holds: axes are the options that differ between trials; rows are ordered by
 * the values of the axes, numbers as numbers. */
lb_status sweep_result_of_file(const sweep_file *f, const sweep_criterion *criterion,
                               sweep_result *out);
void sweep_result_free(sweep_result *r); // accepts all zero

/* The value of an axis in a row, allocated; NULL with the error text set when memory runs out. */
char *sweep_row_value(const sweep_result *r, size_t row, size_t axis);

/* Allocated texts in *out. */
lb_status sweep_json(const sweep_head *head, const sweep_result *r, uint32_t runs, char **out);
lb_status sweep_table(const sweep_head *head, const sweep_result *r, uint32_t runs, char **out);

#endif
