#include "run/encode.h"

#include <string.h>
#include <strings.h>

#include "run/encode_parts.h"
#include "run/output.h"

static lb_status check_words(const lb_encode_options *o) {
    if (o->images)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"words\" reads no pictures; leave out the folder of "
                           "images, or take \"builtin\"");
    if (o->vocabulary || o->beside)
        return status_fail(LB_E_ARGUMENT,
                           "vocabulary and beside are of networks that read texts, not of the "
                           "encoder \"words\"");
    if (o->preset || o->n_settings || o->onnx_library || o->report || o->anew)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"words\" reads no pictures; leave out preset, settings, "
                           "library, report and anew, which are of pictures");
    return LB_OK;
}

static lb_status check_texts(const lb_encode_options *o) {
    size_t length = strlen(o->encoder);
    bool same = strcmp(o->encoder, "same") == 0;
    if (!same && (length <= 5 || strcasecmp(o->encoder + length - 5, ".onnx") != 0))
        return status_fail(LB_E_ARGUMENT,
                           "a vocabulary is of a network that reads texts: name it as encoder, "
                           "FILE.onnx, not \"%s\"",
                           o->encoder);
    if (same && (o->vocabulary || o->fields || o->n_settings))
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"same\" has its vocabulary, fields and output; leave them "
                           "out");
    if (o->images || o->preset || o->report || o->anew)
        return status_fail(LB_E_ARGUMENT,
                           "a network that reads texts sees no pictures; leave out images, preset, "
                           "report and anew, which are of pictures");
    return LB_OK;
}

static lb_status check_pictures(const lb_encode_options *o) {
    if (o->fields)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"%s\" reads pictures; fields are read by \"words\"",
                           o->encoder);
    if (o->beside)
        return status_fail(
            LB_E_ARGUMENT,
            "a network that stands beside a feature of pictures reads texts: give its "
            "vocabulary too");
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
    if (encode_reads_texts(directory, options)) {
        LB_TRY(check_texts(options));
        return encode_texts(j, directory, options, report);
    }
    LB_TRY(check_pictures(options));
    return encode_pictures(j, directory, options, report);
}
