/* The public calls that compare models. */
#include "run/compare.h"

#include <string.h>

#include "api/check.h"

enum { MAX_RUNS = 100, MAX_LIST = 10000 };

void lb_compare_options_init(lb_compare_options *options) {
    memset(options, 0, sizeof *options);
    options->task = "recommend";
    lb_split_options_init(&options->split);
    options->runs = 1;
    options->seed = 1;
    options->list = 20;
}

static lb_status check_options(const lb_compare_options *o) {
    if (!o) return status_fail(LB_E_ARGUMENT, "no options of the comparison are given");
    LB_TRY(api_check_texts("model", o->models, o->n_models));
    LB_TRY(api_check_range("runs", o->runs, 1, MAX_RUNS));
    LB_TRY(api_check_range("list", o->list, 1, MAX_LIST));
    if (o->keep && !*o->keep)
        return status_fail(LB_E_ARGUMENT, "the folder to keep models in has no name");
    LB_TRY(api_check_feature(o->feature));
    if ((o->level || o->control) && (!o->task || strcmp(o->task, "requests") != 0))
        return status_fail(LB_E_ARGUMENT, "levels and controls belong to the task requests");
    LB_TRY(api_check_split(&o->split, 0));
    return api_check_switch("vary_split", o->vary_split);
}

lb_status lb_compare(const char *directory, const lb_compare_options *options,
                     const lb_runtime *runtime, lb_comparison **out) {
    job *j;
    LB_TRY(api_check_directory(directory));
    LB_TRY(check_options(options));
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the comparison");
    LB_TRY(job_new(runtime, &j));
    lb_status status = run_compare(j, directory, options, out);
    job_free(j);
    return status;
}

const char *lb_comparison_json(const lb_comparison *comparison) {
    return comparison ? comparison->json : "";
}

const char *lb_comparison_table(const lb_comparison *comparison) {
    return comparison ? comparison->table : "";
}

void lb_comparison_free(lb_comparison *comparison) {
    run_comparison_free(comparison);
}
