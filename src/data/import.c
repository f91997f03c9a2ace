#include "data/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/import_impl.h"
#include "data/shop.h"
#include "data/tombstone.h"

static lb_status add_row(const sql *db, sqlite3_stmt *statement, uint32_t row, const char *id) {
    sqlite3_bind_int64(statement, 1, row);
    sql_bind_text(statement, 2, id);
    return sql_step_done(db, statement);
}

lb_status import_product(import *m, const char *id, uint32_t *row) {
    bool added;
    LB_TRY(idmap_add(&m->products, id, row, &added));
    return added ? add_row(&m->db, m->add_product, *row, id) : LB_OK;
}

lb_status import_user(import *m, const char *id, uint32_t *row) {
    bool added;
    LB_TRY(idmap_add(&m->users, id, row, &added));
    return added ? add_row(&m->db, m->add_user, *row, id) : LB_OK;
}

lb_status import_provenance(import *m, const char *kind, const char *path) {
    struct stat info;
    long long bytes = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : 0;
    return sql_runf(&m->db,
                    "INSERT OR IGNORE INTO provenance(kind, file, bytes) VALUES(%Q,%Q,%lld)", kind,
                    file_name(path), bytes);
}

/* Feature files that the database does not name were left by an import that was killed. Only names
 * that this library gives are touched. Called with the write lock held. */
static lb_status is_orphan(const sql *db, const char *file, bool *orphan) {
    char name[FEATURE_FILE_NAME_SIZE + 8];
    size_t length = strlen(file);
    *orphan = false;
    if (length >= sizeof name) return LB_OK;
    memcpy(name, file, length + 1);
    bool temporary = length > 4 && strcmp(name + length - 4, ".tmp") == 0;
    if (temporary) name[length - 4] = '\0';
    char feature[sizeof name];
    memcpy(feature, name, sizeof name);
    char *dot = strchr(feature, '.');
    if (!dot) return LB_OK;
    *dot = '\0';
    if (!dataset_feature_name_valid(feature) || !feature_file_generation(name, feature))
        return LB_OK;
    if (temporary) {
        *orphan = true;
        return LB_OK;
    }
    sqlite3_stmt *statement;
    bool named = false;
    LB_TRY(sql_prepare(db, "SELECT 1 FROM features WHERE file = ?", &statement));
    sql_bind_text(statement, 1, file);
    lb_status status = sql_step(db, statement, &named);
    sqlite3_finalize(statement);
    *orphan = !named;
    return status;
}

static lb_status remove_orphans(import *m) {
    char *folder = file_path(m->directory, "features");
    if (!folder) return LB_E_NOMEM;
    DIR *entries = opendir(folder);
    lb_status status = LB_OK;
    for (struct dirent *e; entries && (e = readdir(entries));) {
        bool orphan;
        LB_TRY_CLEANUP(is_orphan(&m->db, e->d_name, &orphan));
        if (!orphan) continue;
        char *path = file_path(folder, e->d_name);
        LB_TRY_CLEANUP(path ? LB_OK : LB_E_NOMEM);
        unlink(path);
        free(path);
    }
cleanup:
    if (entries) closedir(entries);
    free(folder);
    return status;
}

static lb_status load(import *m) {
    LB_TRY(dataset_load_ids(&m->db, "SELECT row, id FROM products ORDER BY row", &m->products));
    LB_TRY(dataset_load_ids(&m->db, "SELECT row, id FROM users ORDER BY row", &m->users));
    m->n_products_before = m->products.n;
    m->n_users_before = m->users.n;
    LB_TRY(sql_prepare(&m->db, "INSERT INTO products(row, id) VALUES(?, ?)", &m->add_product));
    LB_TRY(sql_prepare(&m->db, "INSERT INTO users(row, id) VALUES(?, ?)", &m->add_user));
    if (m->options->format) LB_TRY(read_format_parse(m->options->format, &m->format));
    return LB_OK;
}

/* Without those of what was taken out. */
static uint64_t count_ids(const idmap *ids) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < ids->n; i++) n += !id_is_tombstone(ids->id[i]);
    return n;
}

static lb_status finish(import *m) {
    int64_t n = 0;
    LB_TRY(sql_number(&m->db, "SELECT count(*) FROM interactions", &n));
    m->report.interactions = (uint64_t)n;
    m->report.users = count_ids(&m->users);
    m->report.products = count_ids(&m->products);
    m->report.users_added = m->users.n - m->n_users_before;
    m->report.products_added = m->products.n - m->n_products_before;
    if (m->writer)
        LB_TRY(feature_commit(m->directory, &m->db, &m->feature, m->had_feature ? &m->old : NULL,
                              m->writer));
    LB_TRY(sql_run(&m->db, "COMMIT"));
    if (m->had_feature) feature_remove_old(m->directory, &m->old, &m->feature);
    return LB_OK;
}

static lb_status run(import *m) {
    LB_TRY(shop_begin(m->directory, true, &m->db));
    LB_TRY(remove_orphans(m));
    LB_TRY(load(m));
    const lb_import_options *o = m->options;
    if (o->category) LB_TRY(import_category(m));
    // What small users need alone is not to get a row, so they are found before the features are
    // read; unless features decide who is small.
    bool early = o->features && (o->require_feature || !o->min_user);
    if (early) LB_TRY(import_features(m));
    if (o->interactions) LB_TRY(import_interactions(m));
    m->known_only = o->min_user > 0;
    if (o->features && !early) LB_TRY(import_features(m));
    if (o->products) LB_TRY(import_products(m));
    if (o->images) LB_TRY(import_images(m));
    if (o->reviews) LB_TRY(import_reviews(m));
    if (o->requests) LB_TRY(import_requests(m));
    return finish(m);
}

/* After a failed first import: what it made, if nothing else is there. */
static void remove_new_database(const char *directory) {
    static const char *const files[] = {"shop.db", "shop.db-wal", "shop.db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_path(directory, files[i]);
        if (path) unlink(path);
        free(path);
    }
    char *features = file_path(directory, "features");
    if (features) rmdir(features);
    free(features);
}

static void import_free(import *m) {
    feature_writer_free(m->writer);
    feature_record_free(&m->old);
    feature_record_free(&m->feature);
    sqlite3_finalize(m->add_product);
    sqlite3_finalize(m->add_user);
    sql_close(&m->db);
    idmap_free(&m->users);
    idmap_free(&m->products);
    idmap_free(&m->wanted);
}

/* Keeps other imports out of the directory while this one runs, so that what a failed first import
 * removes is its own. The lock is given up when the descriptor is closed; where the file system has
 * no locks, SQLite's own must do. */
static lb_status lock_directory(const char *directory, int *fd) {
    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) return status_fail_errno(LB_E_IO, "cannot open the directory %s", directory);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return LB_OK;
    close(*fd);
    return status_fail(LB_E_BUSY,
                       "%s: another import into this dataset is running; try again when it is done",
                       directory);
}

static lb_status run_alone(import *m) {
    int lock;
    LB_TRY(lock_directory(m->directory, &lock));
    char *database = file_path(m->directory, "shop.db");
    lb_status status = LB_E_NOMEM;
    if (database) {
        bool is_new = !file_exists(database);
        status = run(m);
        import_free(m);
        if (status != LB_OK && is_new) remove_new_database(m->directory);
    }
    free(database);
    close(lock);
    return status;
}

lb_status dataset_import(job *j, const char *directory, const lb_import_options *options,
                         lb_import_report *report) {
    lb_import_options o = *options;
import m = {.job = j, .directory = directory, .options = & o };
    bool new_directory = !file_exists(directory);
    LB_TRY(import_review_options(&o));
    LB_TRY(file_make_directory(directory));
    lb_status status = run_alone(&m);
    if (status != LB_OK && new_directory) rmdir(directory); // stays if anything is in it
    if (status == LB_OK && report) *report = m.report;
    return status;
}
