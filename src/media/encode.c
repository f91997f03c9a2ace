#include "media/encode.h"

#include <string.h>

#include "core/file.h"
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
    const encode_memory *memory; // NULL = none
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

static bool recall(const encoding *e, size_t item, float *row) {
    const encode_memory *m = e->memory;
    e->report->recalled[item] = m && m->recall(m->context, e->report->contents[item], row);
    return e->report->recalled[item];
}

static lb_status encode_file(const encoding *e, size_t item, const file_map *map, float *row) {
    const char *path = e->items[item].path;
    size_t dim = e->encoder->dim;
    image picture;
    sha256_of(map->bytes, map->size, e->report->contents[item]);
    if (recall(e, item, row)) return LB_OK;
    lb_status status = image_decode(map->bytes, map->size, e->encoder->wanted, e->max_pixels,
                                    &picture);
    if (status != LB_OK) return file_failure(e, item, status_prefix(status, "%s", path));
    bool blank = false;
    status = e->encoder->encode(e->encoder, &picture, row, &blank);
    image_free(&picture);
    if (status != LB_OK) return status_prefix(status, "%s", path);
    if (!blank) return LB_OK;
    e->report->outcomes[item] = ENCODE_BLANK;
    memset(row, 0, dim * sizeof *row);
    return LB_OK;
}

static lb_status encode_one(void *context, size_t offset, unsigned worker) {
    (void)worker;
    const encoding *e = context;
    size_t item = e->first + offset, dim = e->encoder->dim;
    float *row = e->out + item * dim;
    file_map map;
    memset(row, 0, dim * sizeof *row);
    e->report->outcomes[item] = ENCODE_OK;
    lb_status status = file_map_open(e->items[item].path, &map); // its errors name the path
    if (status != LB_OK) return file_failure(e, item, status);
    status = encode_file(e, item, &map, row);
    file_map_close(&map);
    return status;
}

/* Progress may be reported from this thread only, hence between pieces; they are as small as keeps
 * the threads busy. */
static lb_status encode_pieces(job *j, encoding *e, size_t n) {
    size_t piece = 16 * (size_t)job_threads(j);
    const encode_memory *m = e->memory;
    for (size_t done = 0; done < n;) {
        LB_TRY(job_progress(j, "encode", "photos", done, n));
        size_t count = n - done < piece ? n - done : piece;
        e->first = done;
        LB_TRY(job_run(j, count, encode_one, e));
        if (m) LB_TRY(m->remember(m->context, e->report, e->out, done, done + count));
        done += count;
    }
    return job_progress(j, "encode", "photos", n, n);
}

lb_status encode_images(job *j, const image_encoder *encoder, const encode_item *items, size_t n,
                        size_t max_pixels, const encode_memory *memory, float *out,
                        encode_report *report) {
    lb_status status = LB_OK;
    encode_report made = {.n = n};
    encoding e = {encoder, items, 0, max_pixels, memory, out, &made};
    LB_TRY_CLEANUP(NEW_ARRAY(made.outcomes, n));
    LB_TRY_CLEANUP(NEW_ARRAY(made.reasons, n));
    LB_TRY_CLEANUP(NEW_ARRAY(made.contents, n));
    LB_TRY_CLEANUP(NEW_ARRAY(made.recalled, n));
    LB_TRY_CLEANUP(encode_pieces(j, &e, n));
    for (size_t i = 0; i < n; i++) {
        made.counts[made.outcomes[i]]++;
        made.n_recalled += made.recalled[i];
    }
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
    free(report->contents);
    free(report->recalled);
    memset(report, 0, sizeof *report);
}
