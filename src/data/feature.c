/* Features of a dataset: reading rows, and writing a whole one. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/dataset.h"
#include "data/feature.h"
#include "data/shop.h"
#include "data/tombstone.h"

typedef struct feature_impl {
    feature_file file;
    uint8_t *present; // (n_products)
    uint32_t n_live, *live_row;
    float *live_vector; // (n_live, dim) of these rows, ascending, instead of the file's
} feature_impl;

bool dataset_feature_name_valid(const char *name) {
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length >= 1 && length < FEATURE_NAME_SIZE && name[length] == '\0';
}

char *feature_path(const char *directory, const char *file) {
    char name[FEATURE_FILE_NAME_SIZE + 16];
    snprintf(name, sizeof name, "features/%s", file);
    return file_path(directory, name);
}

void feature_record_free(feature_record *r) {
    free(r->bits);
    *r = (feature_record){0};
}

static lb_status check_record(const sql *db, const feature_record *r, bool type_known,
                              sqlite3_int64 dim, sqlite3_int64 n_rows, size_t n_bits) {
    if (type_known && dim >= 1 && dim <= UINT32_MAX && n_rows >= 0 && n_rows <= UINT32_MAX &&
        n_bits == ((size_t)n_rows + 7) / 8 && feature_file_generation(r->file, r->name))
        return LB_OK;
    return status_fail(LB_E_FORMAT,
                       "%s: damaged: the entry of feature \"%s\" makes no sense; restore a copy, "
                       "or import into a new directory",
                       db->path, r->name);
}

lb_status feature_record_load(const sql *db, const char *name, feature_record *out, bool *found) {
    feature_record r = {0};
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(
        db, "SELECT dim, n_rows, encoder, file, present, dtype FROM features WHERE name = ?",
        &statement));
    sql_bind_text(statement, 1, name);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(sql_step(db, statement, found));
    if (!*found) goto cleanup;
    snprintf(r.name, sizeof r.name, "%s", name);
    snprintf(r.encoder, sizeof r.encoder, "%s", sql_text(statement, 2));
    snprintf(r.file, sizeof r.file, "%s", sql_text(statement, 3));
    const void *bits = sqlite3_column_blob(statement, 4);
    size_t n_bits = (size_t)sqlite3_column_bytes(statement, 4);
    sqlite3_int64 dim = sqlite3_column_int64(statement, 0);
    sqlite3_int64 n_rows = sqlite3_column_int64(statement, 1);
    bool known = feature_type_of_name(sql_text(statement, 5), &r.type);
    LB_TRY_CLEANUP(check_record(db, &r, known, dim, n_rows, n_bits));
    r.dim = (uint32_t)dim;
    r.n_rows = (uint32_t)n_rows;
    LB_TRY_CLEANUP(NEW_ARRAY(r.bits, n_bits));
    if (n_bits) memcpy(r.bits, bits, n_bits);
    *out = r;
    r.bits = NULL;
cleanup:
    free(r.bits);
    sqlite3_finalize(statement);
    return status;
}

lb_status feature_record_save(const sql *db, const feature_record *r) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(
        db,
        "INSERT INTO features(name, encoder, dim, dtype, file, n_rows, present, position)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position) + 1, 0) FROM features))"
        " ON CONFLICT DO UPDATE SET encoder = excluded.encoder, dim = excluded.dim,"
        " dtype = excluded.dtype, file = excluded.file, n_rows = excluded.n_rows,"
        " present = excluded.present",
        &statement));
    sql_bind_text(statement, 1, r->name);
    sql_bind_text(statement, 2, r->encoder);
    sqlite3_bind_int64(statement, 3, r->dim);
    sql_bind_text(statement, 4, feature_type_name(r->type));
    sql_bind_text(statement, 5, r->file);
    sqlite3_bind_int64(statement, 6, r->n_rows);
    sqlite3_bind_blob64(statement, 7, r->bits, ((size_t)r->n_rows + 7) / 8, SQLITE_STATIC);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status;
}

/* ------------------------------------------------------------ reading */

static lb_status no_feature(const dataset *d, const char *name) {
    if (!d->n_features)
        return status_fail(LB_E_NOT_FOUND,
                           "%s has no features; import some with --features, or make them from "
                           "the pictures with `lookbook encode`",
                           d->directory);
    char names[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < d->n_features && used < sizeof names - 80; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 d->feature_name[i]);
    return status_fail(LB_E_NOT_FOUND, "%s has no feature \"%s\"; it has: %s", d->directory, name,
                       names);
}

/* ---- vectors that a service has added since */

static lb_status put_live(const dataset *d, sqlite3_stmt *statement, feature_impl *impl,
                          feature_set *f) {
    uint32_t row = (uint32_t)sqlite3_column_int64(statement, 0);
    size_t bytes = (size_t)sqlite3_column_bytes(statement, 1);
    f->n_present -= impl->present[row];
    impl->present[row] = bytes > 0;
    f->n_present += impl->present[row];
    if (!bytes) return LB_OK;
    if (bytes != f->dim * sizeof(float))
        return status_fail(LB_E_FORMAT,
                           "%s: damaged: the vector of product row %u is not of the %u columns of "
                           "its feature; restore a copy",
                           d->db.path, row, f->dim);
    impl->live_row[impl->n_live] = row;
    memcpy(impl->live_vector + (size_t)impl->n_live++ * f->dim, sqlite3_column_blob(statement, 1),
           bytes);
    return LB_OK;
}

static lb_status load_live(const dataset *d, const char *name, feature_impl *impl, feature_set *f) {
    bool has = false, more = true;
    sqlite3_stmt *statement;
    size_t capacity = 0;
    LB_TRY(sql_has_table(&d->db, "live_features", &has));
    if (!has) return LB_OK;
    LB_TRY(sql_prepare(&d->db,
                       "SELECT row, vector FROM live_features WHERE feature = ? ORDER BY row",
                       &statement));
    sql_bind_text(statement, 1, name);
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(&d->db, statement, &more));
        if (!more) break;
        sqlite3_int64 row = sqlite3_column_int64(statement, 0);
        if (row < 0 || row >= f->n_products) continue; // newer than this handle
        if (impl->n_live == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            void *rows = memory_resize(impl->live_row, capacity, sizeof *impl->live_row);
            LB_TRY_CLEANUP(rows ? LB_OK : LB_E_NOMEM);
            impl->live_row = rows;
            void *vectors = memory_resize(impl->live_vector, capacity, f->dim * sizeof(float));
            LB_TRY_CLEANUP(vectors ? LB_OK : LB_E_NOMEM);
            impl->live_vector = vectors;
        }
        LB_TRY_CLEANUP(put_live(d, statement, impl, f));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

/* The vector that a service has added, or NULL. */
static const float *live_vector(const feature_impl *impl, uint32_t product, uint32_t dim) {
    uint32_t low = 0, high = impl->n_live;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (impl->live_row[middle] < product)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == impl->n_live || impl->live_row[low] != product) return NULL;
    return impl->live_vector + (size_t)low * dim;
}

static lb_status open_record(const dataset *d, const feature_record *r, feature_set *out) {
    feature_impl *impl;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(impl, 1));
    feature_set f = {.n_products = d->products.n, .dim = r->dim, .impl = impl};
    char *path = feature_path(d->directory, r->file);
    LB_TRY_CLEANUP(path ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(feature_file_open(path, r->n_rows, r->dim, r->type, &impl->file));
    LB_TRY_CLEANUP(NEW_ARRAY(impl->present, f.n_products));
    for (uint32_t p = 0; p < f.n_products && p < r->n_rows; p++) {
        impl->present[p] = feature_record_has(r, p) && !id_is_tombstone(dataset_product_id(d, p));
        f.n_present += impl->present[p];
    }
    LB_TRY_CLEANUP(load_live(d, r->name, impl, &f));
    snprintf(f.name, sizeof f.name, "%s", r->name);
    snprintf(f.encoder, sizeof f.encoder, "%s", r->encoder);
    f.present = impl->present;
    *out = f;
    free(path);
    return LB_OK;
cleanup:
    free(path);
    feature_set_close(&f);
    return status;
}

lb_status dataset_feature_open(const dataset *d, const char *name, feature_set *out) {
    if (!name) {
        if (!d->n_features) return no_feature(d, "");
        name = d->feature_name[0];
    }
    /* Between reading the entry and opening its file an import may have replaced both. */
    lb_status status = LB_OK;
    for (int attempt = 0; attempt < 3; attempt++) {
        feature_record r = {0};
        bool found = false;
        LB_TRY(feature_record_load(&d->db, name, &r, &found));
        if (!found) return no_feature(d, name);
        status = open_record(d, &r, out);
        feature_record_free(&r);
        if (status != LB_E_NOT_FOUND) return status;
    }
    return status_prefix(LB_E_FORMAT, "%s: the file of feature \"%s\" is gone; import it again",
                         d->directory, name);
}

void feature_set_close(feature_set *f) {
    feature_impl *impl = f->impl;
    if (!impl) return;
    feature_file_close(&impl->file);
    free(impl->present);
    free(impl->live_row);
    free(impl->live_vector);
    free(impl);
    *f = (feature_set){0};
}

/* Its rows are those that are found beside a file, of which there is none. */
lb_status feature_set_of_rows(const char *name, const float *rows, const uint8_t *present,
                              uint32_t n_products, uint32_t dim, feature_set *out) {
    feature_impl *impl;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(impl, 1));
    feature_set f = {.n_products = n_products, .dim = dim, .impl = impl};
    snprintf(f.name, sizeof f.name, "%s", name);
    for (uint32_t p = 0; p < n_products; p++) f.n_present += present[p] != 0;
    LB_TRY_CLEANUP(NEW_ARRAY(impl->present, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(impl->live_row, f.n_present));
    LB_TRY_CLEANUP(NEW_ARRAY(impl->live_vector, (size_t)f.n_present * dim));
    for (uint32_t p = 0; p < n_products; p++) {
        if (!present[p]) continue;
        impl->present[p] = 1;
        memcpy(impl->live_vector + (size_t)impl->n_live * dim, rows + (size_t)p * dim,
               dim * sizeof *rows);
        impl->live_row[impl->n_live++] = p;
    }
    f.present = impl->present;
    *out = f;
    return LB_OK;
cleanup:
    feature_set_close(&f);
    return status;
}

bool feature_row(const feature_set *f, uint32_t product, float *out) {
    size_t bytes = (size_t)f->dim * sizeof *out;
    if (!f->present[product]) {
        memset(out, 0, bytes);
        return false;
    }
    const feature_impl *impl = f->impl;
    const float *live = impl->n_live ? live_vector(impl, product, f->dim) : NULL;
    if (live)
        memcpy(out, live, bytes);
    else
        feature_file_row(&impl->file, product, out);
    return true;
}

void feature_ahead(const feature_set *f, uint32_t product) {
    const feature_impl *impl = f->impl;
    if (product < impl->file.n_rows) feature_file_ahead(&impl->file, product);
}

/* ------------------------------------------------------------ writing */

static lb_status check_write(const feature_rows *f) {
    if (!dataset_feature_name_valid(f->name))
        return status_fail(LB_E_ARGUMENT, "feature name \"%s\": must be 1 to 64 of a-z 0-9 _ -",
                           f->name);
    if (strlen(f->encoder) >= FEATURE_ENCODER_SIZE)
        return status_fail(LB_E_ARGUMENT, "the encoder's name is longer than %d bytes",
                           FEATURE_ENCODER_SIZE - 1);
    if (!f->dim) return status_fail(LB_E_ARGUMENT, "feature \"%s\" has no columns", f->name);
    for (uint32_t p = 0; p < f->n_products; p++) {
        const float *row = f->rows + (size_t)p * f->dim;
        for (uint32_t k = 0; f->present[p] && k < f->dim; k++)
            if (!isfinite(row[k]))
                return status_fail(LB_E_ARGUMENT, "feature \"%s\": row %u, column %u is not finite",
                                   f->name, p, k);
    }
    return LB_OK;
}

static lb_status fill_writer(feature_writer *w, const feature_rows *f) {
    for (uint32_t p = 0; p < f->n_products; p++) {
        if (!f->present[p]) continue;
        lb_status status = feature_writer_row(w, p, f->rows + (size_t)p * f->dim);
        if (status == LB_E_FORMAT)
            return status_prefix(status, "feature \"%s\", product row %u", f->name, p);
        LB_TRY(status);
    }
    return feature_writer_finish(w, f->n_products);
}

lb_status feature_copy_rows(const feature_file *from, const feature_record *kept,
                            feature_writer *w) {
    float *values; // (dim)
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(values, from->dim));
    for (uint32_t row = 0; row < from->n_rows && status == LB_OK; row++) {
        if (!feature_record_has(kept, row)) continue;
        feature_file_row(from, row, values);
        status = feature_writer_row(w, row, values);
        if (status == LB_E_FORMAT)
            status = status_prefix(status, "feature \"%s\", product row %u", kept->name, row);
    }
    free(values);
    return status;
}

lb_status feature_commit(const char *directory, const sql *db, feature_record *r,
                         const feature_record *old, feature_writer *w) {
    if (old) {
        bool same = false;
        char *path = feature_path(directory, old->file);
        if (!path) return LB_E_NOMEM;
        lb_status status = file_exists(path) ? feature_writer_equals(w, path, &same) : LB_OK;
        free(path);
        if (status != LB_OK) return status;
        if (same) {
            snprintf(r->file, sizeof r->file, "%s", old->file);
            return feature_record_save(db, r);
        }
    }
    LB_TRY(feature_writer_place(w));
    return feature_record_save(db, r);
}

/* Removes the file that a committed transaction has replaced. */
void feature_remove_old(const char *directory, const feature_record *old,
                        const feature_record *new) {
    if (!old->file[0] || strcmp(old->file, new->file) == 0) return;
    char *path = feature_path(directory, old->file);
    if (path) unlink(path);
    free(path);
}

lb_status feature_writer_begin(const char *directory, const feature_record *old, feature_record *r,
                               feature_writer **out) {
    uint64_t generation = old ? feature_file_generation(old->file, old->name) : 0;
    feature_file_name(r->file, r->name, generation + 1);
    char *folder = file_path(directory, "features"), *path = feature_path(directory, r->file);
    lb_status status = folder && path ? file_make_directory(folder) : LB_E_NOMEM;
    if (status == LB_OK) status = feature_writer_open(path, r->dim, r->type, out);
    free(folder);
    free(path);
    return status;
}

lb_status feature_drop_live(const sql *db, const char *name, uint32_t n_rows) {
    bool has = false;
    LB_TRY(sql_has_table(db, "live_features", &has));
    if (!has) return LB_OK;
    return sql_runf(db, "DELETE FROM live_features WHERE feature = %Q AND row < %lld", name,
                    (long long)n_rows);
}

lb_status dataset_feature_write(const char *directory, const feature_rows *f) {
    LB_TRY(check_write(f));
    sql db = {NULL, NULL};
    feature_record r = {.dim = f->dim, .n_rows = f->n_products}, old = {0};
    feature_writer *w = NULL;
    bool found = false;
    int64_t stored = 0;
    lb_status status = LB_OK;
    snprintf(r.name, sizeof r.name, "%s", f->name);
    snprintf(r.encoder, sizeof r.encoder, "%s", f->encoder);
    LB_TRY_CLEANUP(shop_begin(directory, false, &db));
    LB_TRY_CLEANUP(sql_number(&db, "SELECT count(*) FROM products", &stored));
    if (stored < f->n_products)
        LB_TRY_CLEANUP(status_fail(LB_E_MISMATCH,
                                   "%s has %lld products, not the %u of feature "
                                   "\"%s\"",
                                   directory, (long long)stored, f->n_products, f->name));
    LB_TRY_CLEANUP(feature_record_load(&db, f->name, &old, &found));
    r.type = f->float16 ? FEATURE_F16 : old.type;
    LB_TRY_CLEANUP(NEW_ARRAY(r.bits, (size_t)f->n_products / 8 + 1));
    for (uint32_t p = 0; p < f->n_products; p++)
        if (f->present[p]) r.bits[p / 8] |= (uint8_t)(1u << (p % 8));
    LB_TRY_CLEANUP(feature_writer_begin(directory, found ? &old : NULL, &r, &w));
    LB_TRY_CLEANUP(fill_writer(w, f));
    LB_TRY_CLEANUP(feature_commit(directory, &db, &r, found ? &old : NULL, w));
    // what another encoder made of products that came since cannot stay beside the new one's
    bool other = found && strcmp(old.encoder, f->encoder) != 0;
    LB_TRY_CLEANUP(feature_drop_live(&db, f->name, other ? UINT32_MAX : f->n_products));
    LB_TRY_CLEANUP(sql_run(&db, "COMMIT"));
    feature_remove_old(directory, &old, &r);
cleanup:
    feature_writer_free(w);
    sql_close(&db);
    feature_record_free(&r);
    feature_record_free(&old);
    return status;
}
