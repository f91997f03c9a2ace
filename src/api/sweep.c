/* The public call that sweeps over options of a model. */
#include "run/sweep.h"

#include <string.h>

#include "api/check.h"

enum { MAX_RUNS = 100, MAX_LIST = 10000, MAX_JOBS = 64 };

void lb_sweep_options_init(lb_sweep_options *options) {
    memset(options, 0, sizeof *options);
    lb_split_options_init(&options->split);
    options->model = "vasg";
    options->runs = 1;
    options->seed = 1;
    options->list = 20;
    options->jobs = 1;
    options->select = "own-auc";
}

static lb_status check_options(const lb_sweep_options *o) {
    if (!o) return status_fail(LB_E_ARGUMENT, "no options of the sweep are given");
    if (!o->model) return status_fail(LB_E_ARGUMENT, "no model is given");
    if (!o->select) return status_fail(LB_E_ARGUMENT, "nothing is given to select by");
    LB_TRY(api_check_texts("grid", o->grid, o->n_grid));
    LB_TRY(api_check_texts("setting", o->settings, o->n_settings));
    if (!o->n_grid) return status_fail(LB_E_ARGUMENT, "the grid has no option");
    LB_TRY(api_check_range("runs", o->runs, 1, MAX_RUNS));
    LB_TRY(api_check_range("list", o->list, 1, MAX_LIST));
    LB_TRY(api_check_range("jobs", o->jobs, 1, MAX_JOBS));
    if (o->output && !*o->output)
        return status_fail(LB_E_ARGUMENT, "the file of finished trainings has no name");
    LB_TRY(api_check_feature(o->feature));
    LB_TRY(api_check_split(&o->split, 0));
    return api_check_switch("no_validation", o->split.no_validation);
}

lb_status lb_sweep(const char *directory, const lb_sweep_options *options,
                   const lb_runtime *runtime, lb_comparison **out) {
    job *j;
    LB_TRY(api_check_directory(directory));
    LB_TRY(check_options(options));
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the result");
    LB_TRY(job_new(runtime, &j));
    lb_status status = run_sweep(j, directory, options, out);
    job_free(j);
    return status;
}
