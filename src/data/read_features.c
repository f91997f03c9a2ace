/* Feature vectors: Amazon 2014's image_features_*.b and NumPy's .npy with a file of ids. */
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "data/read_field.h"
#include "data/read_npy.h"
#include "data/reader.h"
#include "data/stream.h"

enum { B_ID = 10, B_DIM = 4096, B_RECORD = B_ID + 4 * B_DIM };

static const char stage[] = "reading features";

static lb_status progress(job *j, uint64_t done, uint64_t total) {
    if (!j) return LB_OK;
    return job_progress(j, stage, "bytes", done, total < done ? done : total);
}

/* ---------------------------------------------------------------- .b */

typedef struct b_record {
    unsigned char bytes[B_RECORD];
    char id[B_ID + 1];
    float values[B_DIM];
} b_record;

static lb_status b_parse(b_record *r, const char **id) {
    size_t length = B_ID;
    memcpy(r->id, r->bytes, B_ID);
    while (length && (r->id[length - 1] == '\0' || r->id[length - 1] == ' ')) length--;
    if (utf8_valid_length(r->id, length) != length)
        return status_fail(LB_E_FORMAT, "the id is not text: the file is damaged or no .b file");
    LB_TRY(field_id("product", r->id, length, id));
    size_t finite = npy_values(NPY_F32, r->bytes + B_ID, B_DIM, r->values);
    if (finite < B_DIM)
        return status_fail(LB_E_FORMAT, "value %zu of %s is not finite: the file is damaged",
                           finite + 1, *id);
    return LB_OK;
}

static lb_status read_b_records(job *j, const char *path, stream *s, feature_sink sink,
                                void *context, read_report *report, b_record *r) {
    for (;;) {
        const char *id;
        size_t got;
        LB_TRY(stream_read(s, r->bytes, B_RECORD, &got));
        LB_TRY(progress(j, stream_position(s), stream_size(s)));
        if (got < B_RECORD) {
            report->truncated_bytes = got;
            return LB_OK;
        }
        lb_status status = b_parse(r, &id);
        if (status != LB_OK)
            return status_prefix(status, "%s: record %llu (byte %llu)", path,
                                 (unsigned long long)report->records + 1,
                                 (unsigned long long)report->records * B_RECORD);
        LB_TRY(sink(context, id, r->values, B_DIM));
        report->records++;
    }
}

static lb_status read_b(job *j, const char *path, feature_sink sink, void *context,
                        read_report *report) {
    stream *s = NULL;
    b_record *r = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(stream_open(path, &s));
    LB_TRY_CLEANUP(NEW_ARRAY(r, 1));
    LB_TRY_CLEANUP(read_b_records(j, path, s, sink, context, report, r));
    if (!report->records && report->truncated_bytes)
        status = status_fail(LB_E_FORMAT,
                             "%s: the file has %llu bytes, but one record of a .b file has %d: is "
                             "it a feature file?",
                             path, (unsigned long long)report->truncated_bytes, B_RECORD);
    else if (!report->records)
        status = status_fail(LB_E_EMPTY, "%s: the file is empty", path);
cleanup:
    free(r);
    stream_close(s);
    return status;
}

/* ---------------------------------------------------------------- .npy */

/* The id in the next line. Unlike in files of records a blank line counts: lines go with rows. */
static lb_status next_id(stream *ids, const char *ids_path, size_t row, size_t rows,
                         const char **id) {
    char *line;
    size_t length;
    LB_TRY(stream_line(ids, &line, &length));
    if (!line)
        return status_fail(LB_E_FORMAT,
                           "%s: line %zu: %zu ids found, but the features have %zu rows: one id a "
                           "line is expected",
                           ids_path, row + 1, row, rows);
    lb_status status = field_id("product", line, length, id);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s: line %zu", ids_path, row + 1);
}

/* Behind the last id only blank lines may follow. */
static lb_status check_ids_end(stream *ids, const char *ids_path, size_t rows) {
    char *line;
    size_t length;
    for (;;) {
        LB_TRY(stream_line(ids, &line, &length));
        if (!line) return LB_OK;
        field_trim(&line, &length);
        if (length)
            return status_fail(LB_E_FORMAT,
                               "%s: line %llu: more ids than the %zu rows of the features",
                               ids_path, (unsigned long long)stream_line_number(ids), rows);
    }
}

typedef struct npy_reading {
    file_map map;
    npy_header header;
    stream *ids;
    float *values; // (dim)
} npy_reading;

static lb_status read_rows(job *j, const char *path, const char *ids_path, npy_reading *r,
                           feature_sink sink, void *context, read_report *report) {
    const npy_header *h = &r->header;
    const unsigned char *row = r->map.bytes + h->offset;
    size_t row_size = h->dim * h->value_size;
    for (size_t i = 0; i < h->rows; i++, row += row_size) {
        const char *id;
        LB_TRY(next_id(r->ids, ids_path, i, h->rows, &id));
        size_t finite = npy_values(h->type, row, h->dim, r->values);
        if (finite < h->dim)
            return status_fail(LB_E_FORMAT,
                               "%s: row %zu (product %s): value %zu is not a finite float32", path,
                               i + 1, id, finite + 1);
        LB_TRY(sink(context, id, r->values, h->dim));
        report->records++;
        if (i % 256 == 0)
            LB_TRY(progress(j, (uint64_t)(row + row_size - r->map.bytes), r->map.size));
    }
    LB_TRY(check_ids_end(r->ids, ids_path, h->rows));
    return progress(j, r->map.size, r->map.size);
}

static lb_status read_npy(job *j, const char *path, const char *ids_path, npy_reading *r,
                          feature_sink sink, void *context, read_report *report) {
    LB_TRY(npy_parse(path, r->map.bytes, r->map.size, &r->header));
    LB_TRY(NEW_ARRAY(r->values, r->header.dim));
    LB_TRY(stream_open(ids_path, &r->ids));
    return read_rows(j, path, ids_path, r, sink, context, report);
}

/* ---------------------------------------------------------------- */

lb_status read_features(job *j, const char *path, const char *ids_path, feature_sink sink,
                        void *context, read_report *report) {
    npy_reading r = {{NULL, 0}, {0}, NULL, NULL};
    read_report unused;
    lb_status status = LB_OK;
    if (!report) report = &unused;
    memset(report, 0, sizeof *report);
    LB_TRY(file_map_open(path, &r.map));
    bool npy = npy_magic(r.map.bytes, r.map.size);
    if (npy && !ids_path)
        status = status_fail(LB_E_ARGUMENT,
                             "%s: a .npy needs a file that names its rows, one id a line", path);
    else if (!npy && ids_path)
        status = status_fail(
            LB_E_FORMAT,
            "%s: this is no .npy file (unpack it if it is packed; a .b file has its own ids)",
            path);
    else if (npy)
        status = read_npy(j, path, ids_path, &r, sink, context, report);
    file_map_close(&r.map);
    if (!npy && status == LB_OK) status = read_b(j, path, sink, context, report);
    stream_close(r.ids);
    free(r.values);
    return status;
}
