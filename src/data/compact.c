#include "data/compact.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/dataset_impl.h"
#include "data/feature.h"
#include "data/shop.h"

/* One feature as it was and as it will be. */
typedef struct merge {
    feature_record old, new;
    feature_writer *writer;
} merge;

static void merge_free(merge *m) {
    feature_writer_free(m->writer);
    feature_record_free(&m->old);
    feature_record_free(&m->new);
}

static void put_bit(feature_record *r, uint32_t row, bool on) {
    uint8_t one = (uint8_t)(1u << row % 8);
    r->bits[row / 8] = on ? (uint8_t)(r->bits[row / 8] | one) : (uint8_t)(r->bits[row / 8] & ~one);
}

/* Rows that are replaced are written twice, the later one counts. */
static lb_status copy_old(const char *directory, merge *m) {
    char *path = feature_path(directory, m->old.file);
    feature_file file;
    if (!path) return LB_E_NOMEM;
    lb_status status = feature_file_open(path, m->old.n_rows, m->old.dim, m->old.type, &file);
    free(path);
    LB_TRY(status);
    status = feature_copy_rows(&file, &m->new, m->writer);
    feature_file_close(&file);
    return status;
}

/* Marks which rows there will be (`write` false), or writes those that were added. */
static lb_status take_live(const sql *db, merge *m, bool write, uint64_t *n) {
    sqlite3_stmt *statement;
    bool more = true;
    size_t bytes = (size_t)m->new.dim * sizeof(float);
    LB_TRY(sql_prepare(db, "SELECT row, vector FROM live_features WHERE feature = ?", &statement));
    sql_bind_text(statement, 1, m->new.name);
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        sqlite3_int64 row = sqlite3_column_int64(statement, 0);
        size_t size = (size_t)sqlite3_column_bytes(statement, 1);
        if (row < 0 || row >= m->new.n_rows || (size && size != bytes))
            LB_TRY_CLEANUP(status_fail(LB_E_FORMAT,
                                       "%s: damaged: the vector of product row %lld does not fit "
                                       "its feature \"%s\"; restore a copy",
                                       db->path, (long long)row, m->new.name));
        if (!write) put_bit(&m->new, (uint32_t)row, size > 0);
        if (!write || !size) continue;
        LB_TRY_CLEANUP(
            feature_writer_row(m->writer, (uint32_t)row, sqlite3_column_blob(statement, 1)));
        ++*n;
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

static lb_status merge_feature(const char *directory, const sql *db, uint32_t n_products,
                               const char *name, merge *m, uint64_t *n) {
    bool found = false;
    LB_TRY(feature_record_load(db, name, &m->old, &found));
    if (!found) return feature_drop_live(db, name, UINT32_MAX); // its feature is gone
    m->new = m->old;
    m->new.bits = NULL;
    m->new.n_rows = n_products > m->old.n_rows ? n_products : m->old.n_rows;
    LB_TRY(NEW_ARRAY(m->new.bits, (size_t)m->new.n_rows / 8 + 1));
    memcpy(m->new.bits, m->old.bits, ((size_t)m->old.n_rows + 7) / 8);
    LB_TRY(feature_writer_begin(directory, &m->old, &m->new, &m->writer));
    LB_TRY(take_live(db, m, false, n));
    LB_TRY(copy_old(directory, m));
    LB_TRY(take_live(db, m, true, n));
    LB_TRY(feature_writer_finish(m->writer, m->new.n_rows));
    LB_TRY(feature_commit(directory, db, &m->new, &m->old, m->writer));
    return feature_drop_live(db, name, UINT32_MAX);
}

/* The features that something was added to. */
static lb_status list_features(const sql *db, idmap *names) {
    bool has = false, more = true;
    sqlite3_stmt *statement;
    uint32_t row;
    LB_TRY(sql_has_table(db, "live_features", &has));
    if (!has) return LB_OK;
    LB_TRY(sql_prepare(db, "SELECT DISTINCT feature FROM live_features", &statement));
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        LB_TRY_CLEANUP(idmap_add(names, sql_text(statement, 0), &row, NULL));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

static lb_status merge_all(job *j, const char *directory, const sql *db, uint64_t *merged) {
    idmap names = {0};
    merge *m = NULL;
    int64_t n_products = 0;
    uint64_t n = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(list_features(db, &names));
    LB_TRY_CLEANUP(sql_number(db, "SELECT coalesce(max(row) + 1, 0) FROM products", &n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(m, names.n));
    for (uint32_t i = 0; i < names.n; i++) {
        LB_TRY_CLEANUP(job_progress(j, "compact", "features", i, names.n));
        LB_TRY_CLEANUP(merge_feature(directory, db, (uint32_t)n_products, names.id[i], &m[i], &n));
    }
    LB_TRY_CLEANUP(job_progress(j, "compact", "features", names.n, names.n));
    LB_TRY_CLEANUP(sql_run(db, "COMMIT"));
    for (uint32_t i = 0; i < names.n; i++) feature_remove_old(directory, &m[i].old, &m[i].new);
    *merged = n;
cleanup:
    for (uint32_t i = 0; m && i < names.n; i++) merge_free(&m[i]);
    free(m);
    idmap_free(&names);
    return status;
}

/* ------------------------------------------------------------ uploaded photos */

/* Only names that the library gives: 64 hexadecimal digits, an ending, and that of a file that was
 * being written. */
static bool is_upload(const char *name) {
    return strspn(name, "0123456789abcdef") == 64 && name[64] == '.';
}

static lb_status is_used(const sql *db, const char *name, bool *used) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, "SELECT 1 FROM images WHERE path = 'images/' || ?", &statement));
    sql_bind_text(statement, 1, name);
    lb_status status = sql_step(db, statement, used);
    sqlite3_finalize(statement);
    return status;
}

static lb_status remove_unused(const char *directory, const sql *db) {
    char *folder = file_path(directory, "images");
    if (!folder) return LB_E_NOMEM;
    DIR *entries = opendir(folder);
    lb_status status = LB_OK;
    for (struct dirent *e; status == LB_OK && entries && (e = readdir(entries));) {
        bool used = true;
        if (is_upload(e->d_name)) status = is_used(db, e->d_name, &used);
        if (used || status != LB_OK) continue;
        char *path = file_path(folder, e->d_name);
        if (!path)
            status = LB_E_NOMEM;
        else
            unlink(path);
        free(path);
    }
    if (entries) closedir(entries);
    free(folder);
    return status;
}

lb_status dataset_compact(job *j, const char *directory, uint64_t *merged) {
    sql db = {NULL, NULL};
    LB_TRY(shop_begin(directory, false, &db));
    lb_status status = merge_all(j, directory, &db, merged);
    if (status == LB_OK) status = remove_unused(directory, &db);
    sql_close(&db);
    return status;
}
