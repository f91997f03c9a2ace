/* The public calls that make and check datasets. */
#include <string.h>

#include "api/check.h"
#include "core/job.h"
#include "data/dataset.h"
#include "data/import.h"
#include "data/reader.h"
#include "data/validate.h"

void lb_import_options_init(lb_import_options *options) {
    memset(options, 0, sizeof *options);
    options->seed = 1;
}

static lb_status check_options(const lb_import_options *o) {
    read_format format;
    if (!o) return status_fail(LB_E_ARGUMENT, "no import options are given");
    if (!o->interactions && !o->products && !o->features && !o->images && !o->reviews &&
        !o->requests)
        return status_fail(LB_E_ARGUMENT, "there is nothing to import: give interactions, "
                                          "products, features, images, reviews or requests");
    if ((o->valid || o->test) && !o->interactions)
        return status_fail(LB_E_ARGUMENT,
                           "a given split needs its training part as the interactions");
    if (o->category && !o->products)
        return status_fail(LB_E_ARGUMENT,
                           "a category needs the file of products that says what is in it");
    if (o->min_user && !o->interactions && !o->reviews)
        return status_fail(LB_E_ARGUMENT, "users can be left out where interactions are imported");
    if (o->feature_ids && !o->features)
        return status_fail(LB_E_ARGUMENT, "feature ids are given without features");
    if (o->feature_name && !dataset_feature_name_valid(o->feature_name))
        return status_fail(LB_E_ARGUMENT, "feature name \"%s\": must be 1 to 64 of a-z 0-9 _ -",
                           o->feature_name);
    LB_TRY(api_check_switch("require_feature", o->require_feature));
    LB_TRY(api_check_switch("float16", o->float16));
    return o->format ? read_format_parse(o->format, &format) : LB_OK;
}

lb_status lb_import(const char *directory, const lb_import_options *options,
                    const lb_runtime *runtime, lb_import_report *report) {
    job *j;
    LB_TRY(api_check_directory(directory));
    LB_TRY(check_options(options));
    LB_TRY(job_new(runtime, &j));
    lb_status status = dataset_import(j, directory, options, report);
    job_free(j);
    return status;
}

lb_status lb_validate(const char *directory, const lb_runtime *runtime, lb_validation **out) {
    job *j;
    LB_TRY(api_check_directory(directory));
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the findings");
    LB_TRY(job_new(runtime, &j));
    lb_status status = dataset_validate(j, directory, out);
    job_free(j);
    return status;
}

size_t lb_validation_count(const lb_validation *validation) {
    return validation ? validation->n : 0;
}

const lb_check *lb_validation_get(const lb_validation *validation, size_t index) {
    return validation && index < validation->n ? &validation->checks[index] : NULL;
}

void lb_validation_free(lb_validation *validation) {
    dataset_validation_free(validation);
}
