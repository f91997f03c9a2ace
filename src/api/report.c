/* The public calls that write reports. */
#include "run/report.h"

#include <string.h>

#include "api/check.h"

enum { MAX_SAMPLES = 1000000, MAX_RUNS = 100 };

void lb_report_options_init(lb_report_options *options) {
    memset(options, 0, sizeof *options);
    options->seed = 1;
    options->samples = 10000;
    options->runs = 5;
    lb_split_options_init(&options->split);
}

static lb_status check_options(const lb_report_options *o) {
    if (!o) return status_fail(LB_E_ARGUMENT, "no options of the report are given");
    if (!o->output || !*o->output)
        return status_fail(LB_E_ARGUMENT, "no file to write the report to is given");
    if (!o->model && !o->from && !o->comparison)
        return status_fail(LB_E_ARGUMENT,
                           "there is nothing to report: give a model or a folder of results");
    if (o->model && (o->from || o->comparison))
        return status_fail(LB_E_ARGUMENT, "give a model or results, not both");
    if (o->samples < 1 || o->samples > MAX_SAMPLES)
        return status_fail(LB_E_ARGUMENT, "samples is %u: must be 1 to %d", o->samples,
                           MAX_SAMPLES);
    if (o->run && !o->from)
        return status_fail(LB_E_ARGUMENT, "give the folder that the experiments' results go to");
    if (o->runs < 1 || o->runs > MAX_RUNS)
        return status_fail(LB_E_ARGUMENT, "runs is %u: must be 1 to %d", o->runs, MAX_RUNS);
    LB_TRY(api_check_feature(o->feature));
    LB_TRY(api_check_split(&o->split, 0));
    LB_TRY(api_check_switch("quick", o->quick));
    return api_check_switch("run", o->run);
}

lb_status lb_report_write(const char *directory, const lb_report_options *options,
                          const lb_runtime *runtime, lb_report **out) {
    job *j;
    LB_TRY(api_check_directory(directory));
    LB_TRY(check_options(options));
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the report");
    LB_TRY(job_new(runtime, &j));
    lb_status status = run_report(j, directory, options, out);
    job_free(j);
    return status;
}

const char *lb_report_json(const lb_report *report) {
    return report ? report->json : "";
}

void lb_report_free(lb_report *report) {
    run_report_free(report);
}
