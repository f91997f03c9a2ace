/* The public call that makes features from pictures. */
#include "run/encode.h"
#include "data/dataset.h"

#include <string.h>

#include "api/check.h"

void lb_encode_options_init(lb_encode_options *options) {
    memset(options, 0, sizeof *options);
    options->encoder = "builtin";
}

lb_status lb_encode(const char *directory, const lb_encode_options *options,
                    const lb_runtime *runtime, lb_encode_report *report) {
    job *j;
    LB_TRY(api_check_directory(directory));
    if (!options) return status_fail(LB_E_ARGUMENT, "no options of the encoding are given");
    if (!options->encoder) return status_fail(LB_E_ARGUMENT, "no encoder is given");
    if (options->name && !*options->name)
        return status_fail(LB_E_ARGUMENT, "the feature to write has no name");
    if (options->name && !dataset_feature_name_valid(options->name))
        return status_fail(LB_E_ARGUMENT, "feature name \"%s\": must be 1 to 64 of a-z 0-9 _ -",
                           options->name);
    for (size_t i = 0; i < options->n_settings; i++)
        if (!options->settings || !options->settings[i])
            return status_fail(LB_E_ARGUMENT, "setting %zu of the network is NULL", i);
    LB_TRY(job_new(runtime, &j));
    lb_status status = run_encode(j, directory, options, report);
    job_free(j);
    return status;
}
