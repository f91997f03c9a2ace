/* Features of an import: vectors go straight into the new file, which starts as a copy of the old
 * one. */
#include <string.h>

#include "core/memory.h"
#include "data/import_impl.h"

typedef struct feature_import {
    import *import;
    size_t capacity; // bytes of the bitmap
    uint32_t n_rows; // 1 + the highest row written
    uint64_t replaced;
} feature_import;

static lb_status has_room(feature_import *f, uint32_t row) {
    feature_record *r = &f->import->feature;
    size_t needed = (size_t)row / 8 + 1;
    if (needed <= f->capacity) return LB_OK;
    size_t larger = needed < 1024 ? 1024 : needed * 2;
    uint8_t *bits = memory_resize(r->bits, larger, 1);
    if (!bits) return LB_E_NOMEM;
    memset(bits + f->capacity, 0, larger - f->capacity);
    r->bits = bits;
    f->capacity = larger;
    return LB_OK;
}

/* The vectors that are there already. A file that is lost or damaged is not copied: the vectors
 * that are imported now take its place. */
static lb_status copy_old(feature_import *f) {
    import *m = f->import;
    const feature_record *old = &m->old;
    char *path = feature_path(m->directory, old->file);
    if (!path) return LB_E_NOMEM;
    feature_file file;
    lb_status status = feature_file_open(path, old->n_rows, old->dim, old->type, &file);
    free(path);
    if (status == LB_E_FORMAT || status == LB_E_NOT_FOUND) {
        job_note(m->job, "features", "%s; its other vectors are lost", lb_last_error());
        return LB_OK;
    }
    if (status != LB_OK) return status;
    if (old->n_rows) LB_TRY_CLEANUP(has_room(f, old->n_rows - 1));
    memcpy(m->feature.bits, old->bits, ((size_t)old->n_rows + 7) / 8);
    LB_TRY_CLEANUP(feature_copy_rows(&file, old, m->writer));
    f->n_rows = old->n_rows;
cleanup:
    feature_file_close(&file);
    return status;
}

static lb_status begin(feature_import *f, size_t dim) {
    import *m = f->import;
    if (m->had_feature && m->old.encoder[0])
        return status_fail(LB_E_EXISTS,
                           "%s: feature \"%s\" was made by the encoder %.80s; choose another name",
                           m->directory, m->old.name, m->old.encoder);
    if (m->had_feature && m->old.dim != dim)
        return status_fail(LB_E_MISMATCH,
                           "%s: feature \"%s\" has %u columns and the file has %zu; choose another "
                           "name",
                           m->options->features, m->old.name, m->old.dim, dim);
    m->feature.dim = (uint32_t)dim;
    m->feature.type = m->options->float16 ? FEATURE_F16 : m->old.type;
    LB_TRY(feature_writer_begin(m->directory, m->had_feature ? &m->old : NULL, &m->feature,
                                &m->writer));
    return m->had_feature ? copy_old(f) : LB_OK;
}

static lb_status take_vector(void *context, const char *id, const float *values, size_t dim) {
    feature_import *f = context;
    import *m = f->import;
    if (!import_takes(m, id)) return LB_OK;
    if (!m->writer) LB_TRY(begin(f, dim));
    if (dim != m->feature.dim)
        return status_fail(LB_E_MISMATCH, "%s: a vector of %zu columns among vectors of %u",
                           m->options->features, dim, m->feature.dim);
    uint32_t row;
    LB_TRY(import_product(m, id, &row));
    LB_TRY(has_room(f, row));
    lb_status status = feature_writer_row(m->writer, row, values);
    if (status == LB_E_FORMAT)
        return status_prefix(status, "%s: product %s", m->options->features, id);
    LB_TRY(status);
    uint8_t one = (uint8_t)(1u << row % 8), *bits = &m->feature.bits[row / 8];
    f->replaced += (*bits & one) != 0;
    *bits |= one;
    if (row >= f->n_rows) f->n_rows = row + 1;
    m->report.features++;
    return LB_OK;
}

lb_status import_features(import *m) {
    feature_import f = {.import = m};
    read_report report = {0};
    const char *name = m->options->feature_name ? m->options->feature_name : "image";
    snprintf(m->feature.name, sizeof m->feature.name, "%s", name);
    LB_TRY(feature_record_load(&m->db, name, &m->old, &m->had_feature));
    LB_TRY(read_features(m->job, m->options->features, m->options->feature_ids, take_vector, &f,
                         &report));
    m->report.feature_bytes_cut = report.truncated_bytes;
    if (!m->writer)
        return status_fail(LB_E_EMPTY, "%s: there is no feature in it of a product that is kept",
                           m->options->features);
    if (report.truncated_bytes)
        job_note(m->job, "features", "%s: the last record is cut off (%llu bytes) and left out",
                 m->options->features, (unsigned long long)report.truncated_bytes);
    m->feature.n_rows = f.n_rows;
    LB_TRY(feature_writer_finish(m->writer, f.n_rows));
    return import_provenance(m, "features", m->options->features);
}

/* Products whose features a service has added. */
static lb_status add_live(const import *m, uint8_t *mask) {
    bool has = false, more = true;
    sqlite3_stmt *statement;
    LB_TRY(sql_has_table(&m->db, "live_features", &has));
    if (!has) return LB_OK;
    LB_TRY(
        sql_prepare(&m->db, "SELECT row FROM live_features WHERE length(vector) > 0", &statement));
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(&m->db, statement, &more));
        if (!more) break;
        sqlite3_int64 row = sqlite3_column_int64(statement, 0);
        if (row >= 0 && row < m->products.n) mask[row] = 1;
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

lb_status import_any_feature(import *m, uint8_t **has) {
    uint8_t *mask = NULL;
    sqlite3_stmt *statement = NULL;
    size_t n_features = m->writer ? 1 : 0;
    bool more = true;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mask, m->products.n));
    for (uint32_t p = 0; m->writer && p < m->feature.n_rows; p++)
        mask[p] = feature_record_has(&m->feature, p);
    LB_TRY_CLEANUP(sql_prepare(&m->db, "SELECT n_rows, present FROM features", &statement));
    for (;; n_features++) {
        LB_TRY_CLEANUP(sql_step(&m->db, statement, &more));
        if (!more) break;
        const uint8_t *bits = sqlite3_column_blob(statement, 1);
        size_t n = (size_t)sqlite3_column_bytes(statement, 1) * 8;
        for (uint32_t p = 0; p < m->products.n && p < n; p++)
            if (bits[p / 8] >> (p % 8) & 1) mask[p] = 1;
    }
    LB_TRY_CLEANUP(add_live(m, mask));
    if (!n_features)
        LB_TRY_CLEANUP(status_fail(LB_E_NOT_FOUND,
                                   "%s: features are required, and there are none; import them "
                                   "with --features, now or before",
                                   m->directory));
    *has = mask;
    mask = NULL;
cleanup:
    sqlite3_finalize(statement);
    free(mask);
    return status;
}
