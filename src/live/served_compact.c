/* `lookbook compact`: what a service has added is merged, and copies of encoders that nothing needs
 * any more are removed. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "data/compact.h"
#include "data/shop.h"
#include "live/served.h"
#include "store/safetensors.h"

bool served_is_encoder(const char *name) {
    return strspn(name, "0123456789abcdef") == SHA256_TEXT_SIZE - 1 &&
           name[SHA256_TEXT_SIZE - 1] == '.' && strlen(name) <= SERVED_ENCODER_NAME;
}

static lb_status note_features(const sql *db, text *m) {
    sqlite3_stmt *statement;
    bool more = true;
    LB_TRY(sql_prepare(db, "SELECT encoder FROM features", &statement));
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        text_add(m, "%s\n", sql_text(statement, 0));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

/* A file that is no model names nothing. */
static lb_status note_model(const char *path, text *m) {
    st_reader *r;
    lb_status status = st_reader_open(path, &r);
    if (status == LB_E_FORMAT || status == LB_E_NOT_FOUND) return LB_OK;
    LB_TRY(status);
    for (size_t i = 0; i < st_reader_metadata_count(r); i++) {
        const char *value;
        st_reader_metadata_at(r, i, &value);
        text_add(m, "%s\n", value);
    }
    st_reader_close(r);
    return LB_OK;
}

/* MODEL.safetensors, and what a service keeps beside it. */
static lb_status note_models(const char *folder, text *m) {
    DIR *entries = opendir(folder);
    lb_status status = LB_OK;
    for (struct dirent *e; status == LB_OK && entries && (e = readdir(entries));) {
        if (!strstr(e->d_name, ".safetensors")) continue;
        char *path = file_path(folder, e->d_name);
        status = path ? note_model(path, m) : LB_E_NOMEM;
        free(path);
    }
    if (entries) closedir(entries);
    return status;
}

static lb_status note_all(const char *directory, text *m) {
    sql db = {NULL, NULL};
    char *models = file_path(directory, "models");
    lb_status status = models ? shop_open(directory, &db) : LB_E_NOMEM;
    if (status == LB_OK) status = note_features(&db, m);
    if (status == LB_OK) status = note_models(directory, m);
    if (status == LB_OK) status = note_models(models, m);
    if (status == LB_OK) status = m->status;
    sql_close(&db);
    free(models);
    return status;
}

/* A copy is needed while its digest is named. */
static bool is_mentioned(const text *m, const char *name) {
    char digest[SHA256_TEXT_SIZE] = "";
    memcpy(digest, name, SHA256_TEXT_SIZE - 1);
    return m->bytes && strstr(m->bytes, digest);
}

static lb_status remove_copies(const char *directory, const text *m) {
    char *folder = file_path(directory, "encoders");
    if (!folder) return LB_E_NOMEM;
    DIR *entries = opendir(folder);
    lb_status status = LB_OK;
    for (struct dirent *e; status == LB_OK && entries && (e = readdir(entries));) {
        if (!served_is_encoder(e->d_name) || is_mentioned(m, e->d_name)) continue;
        char *path = file_path(folder, e->d_name);
        if (!path)
            status = LB_E_NOMEM;
        else if (unlink(path) != 0)
            status = status_fail_errno(LB_E_IO, "cannot remove %s", path);
        free(path);
    }
    if (entries) closedir(entries);
    free(folder);
    return status;
}

lb_status served_compact(job *j, const char *directory, uint64_t *merged) {
    int lock;
    sql db = {NULL, NULL};
    text m = {0};                      // what features and models say of themselves
    LB_TRY(shop_open(directory, &db)); // says what is wrong with it
    sql_close(&db);
    LB_TRY(served_lock_directory(directory, &lock));
    lb_status status = dataset_compact(j, directory, merged);
    if (status == LB_OK) status = note_all(directory, &m);
    if (status == LB_OK) status = remove_copies(directory, &m);
    free(m.bytes);
    close(lock);
    return status;
}
