/* The public call that trains a model. */
#include "run/train.h"

#include <string.h>

#include "api/check.h"
#include "data/requests.h"

void lb_split_options_init(lb_split_options *options) {
    *options = (lb_split_options){
        .method = "leave-one-out", .seed = 1, .min_user = 5, .cold = "balanced"};
}

void lb_train_options_init(lb_train_options *options) {
    memset(options, 0, sizeof *options);
    options->model = "vasg";
    options->seed = 1;
    options->level = "title";
    lb_split_options_init(&options->split);
    options->split.method = NULL;
}

static lb_status check_level(const char *level) {
    request_level parsed;
    return level ? request_level_parse(level, &parsed) : LB_OK;
}

static lb_status check_options(const lb_train_options *o) {
    if (!o) return status_fail(LB_E_ARGUMENT, "no training options are given");
    if (!o->model) return status_fail(LB_E_ARGUMENT, "no model is given");
    if (!o->output || !*o->output)
        return status_fail(LB_E_ARGUMENT, "no file to write the model to is given");
    LB_TRY(api_check_texts("setting", o->settings, o->n_settings));
    LB_TRY(api_check_feature(o->feature));
    LB_TRY(api_check_split(&o->split, 1));
    LB_TRY(check_level(o->level));
    return api_check_switch("resume", o->resume);
}

lb_status lb_train(const char *directory, const lb_train_options *options,
                   const lb_runtime *runtime) {
    job *j;
    LB_TRY(api_check_directory(directory));
    LB_TRY(check_options(options));
    LB_TRY(job_new(runtime, &j));
    lb_status status = run_train(j, directory, options);
    job_free(j);
    return status;
}
