#include "run/encode.h"

#include <string.h>

#include "run/encode_parts.h"
#include "run/output.h"

static lb_status check_words(const lb_encode_options *o) {
    if (o->images)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"words\" reads no pictures; leave out the folder of "
                           "images, or take \"builtin\"");
    if (o->preset || o->n_settings || o->onnx_library || o->report || o->anew)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"words\" reads no pictures; leave out preset, settings, "
                           "library, report and anew, which are of pictures");
    return LB_OK;
}

static lb_status check_pictures(const lb_encode_options *o) {
    if (o->fields)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"%s\" reads pictures; fields are read by \"words\"",
                           o->encoder);
    return o->report ? run_output_check(o->report) : LB_OK;
}

lb_status run_encode(job *j, const char *directory, const lb_encode_options *options,
                     lb_encode_report *report) {
    lb_encode_report unread;
    if (!report) report = &unread;
    if (strcmp(options->encoder, "words") == 0) {
        LB_TRY(check_words(options));
        return encode_words(j, directory, options, report);
    }
    LB_TRY(check_pictures(options));
    return encode_pictures(j, directory, options, report);
}
