#include "media/encode.h"

#include <string.h>

#include "core/memory.h"

const char *encode_outcome_name(encode_outcome outcome) {
    static const char *const names[ENCODE_N_OUTCOMES] = {"ok", "blank", "missing", "broken"};
    return (size_t)outcome < ENCODE_N_OUTCOMES ? names[outcome] : "unknown";
}

typedef struct encoding {
    const image_encoder *encoder;
    const encode_item *items;
    size_t first; // of the piece being worked on
    size_t max_pixels;
    float *out;
    encode_report *report;
} encoding;

/* Files the error text of a photo that could not be had. Running out of memory is no fault of the
 * photo: that is passed on. */
static lb_status file_failure(const encoding *e, size_t item, lb_status status) {
    if (status == LB_E_NOMEM) return status;
    e->report->outcomes[item] = status == LB_E_NOT_FOUND ? ENCODE_MISSING : ENCODE_BROKEN;
    e->report->reasons[item] = memory_string(lb_last_error());
    return e->report->reasons[item] ? LB_OK : LB_E_NOMEM;
}

static lb_status encode_one(void *context, size_t offset, unsigned worker) {
    (void)worker;
    const encoding *e = context;
    size_t item = e->first + offset, dim = e->encoder->dim;
    float *row = e->out + item * dim;
    image picture;
    memset(row, 0, dim * sizeof *row);
    lb_status status = image_read(e->items[item].path, e->encoder->wanted, e->max_pixels, &picture);
    if (status != LB_OK) return file_failure(e, item, status);
    bool blank = false;
    status = e->encoder->encode(e->encoder, &picture, row, &blank);
    image_free(&picture);
    if (status != LB_OK) return status_prefix(status, "%s", e->items[item].path);
    e->report->outcomes[item] = blank ? ENCODE_BLANK : ENCODE_OK;
    if (blank) memset(row, 0, dim * sizeof *row);
    return LB_OK;
}

/* Progress may be reported from this thread only, hence between pieces; they are as small as keeps
 * the threads busy. */
static lb_status encode_pieces(job *j, encoding *e, size_t n) {
    size_t piece = 16 * (size_t)job_threads(j);
    for (size_t done = 0; done < n;) {
        LB_TRY(job_progress(j, "encode", "photos", done, n));
        size_t count = n - done < piece ? n - done : piece;
        e->first = done;
        LB_TRY(job_run(j, count, encode_one, e));
        done += count;
    }
    return job_progress(j, "encode", "photos", n, n);
}

lb_status encode_images(job *j, const image_encoder *encoder, const encode_item *items, size_t n,
                        size_t max_pixels, float *out, encode_report *report) {
    lb_status status = LB_OK;
    encode_report made = {.n = n};
    encoding e = {encoder, items, 0, max_pixels, out, &made};
    LB_TRY_CLEANUP(NEW_ARRAY(made.outcomes, n));
    LB_TRY_CLEANUP(NEW_ARRAY(made.reasons, n));
    LB_TRY_CLEANUP(encode_pieces(j, &e, n));
    for (size_t i = 0; i < n; i++) made.counts[made.outcomes[i]]++;
    *report = made;
    return LB_OK;
cleanup:
    encode_report_free(&made);
    return status;
}

void encode_report_free(encode_report *report) {
    for (size_t i = 0; report->reasons && i < report->n; i++) free(report->reasons[i]);
    free(report->reasons);
    free(report->outcomes);
    memset(report, 0, sizeof *report);
}
