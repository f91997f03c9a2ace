/* A copy of a dataset in use, in backups/NAME of its folder. The database is copied as of one
 * moment (VACUUM INTO); feature files and uploaded photos are never written again once they are
 * named, so links to them stand for copies where the file system has links. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/shop.h"
#include "live/served.h"

enum { NAME_SIZE = 64, TRIES = 3 };

#define UNFINISHED ".tmp"

typedef struct backup {
    char name[NAME_SIZE];
    char *folder, *beside, *final; // backups, backups/NAME.tmp, backups/NAME
    uint64_t bytes;
} backup;

static void backup_free(backup *b) {
    free(b->folder);
    free(b->beside);
    free(b->final);
    *b = (backup){0};
}

/* ------------------------------------------------------------ files */

static lb_status add_file(backup *b, const char *from, const char *name, bool may_link) {
    struct stat info;
    char *to = file_path(b->beside, name);
    if (!to) return LB_E_NOMEM;
    lb_status status = LB_OK;
    if (stat(from, &info) != 0)
        status = status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO, "cannot back up %s",
                                   from);
    else if (!may_link || link(from, to) != 0)
        status = file_copy(from, to);
    if (status == LB_OK) b->bytes += (uint64_t)info.st_size;
    free(to);
    return status;
}

static lb_status make_folder(const backup *b, const char *name) {
    char *path = file_path(b->beside, name);
    if (!path) return LB_E_NOMEM;
    lb_status status = file_make_directory(path);
    free(path);
    return status;
}

/* Removes one of our own folders: files, and folders of files. */
static void remove_folder(const char *path, int depth) {
    DIR *entries = opendir(path);
    for (struct dirent *e; entries && (e = readdir(entries));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        char *entry = file_path(path, e->d_name);
        if (entry && unlink(entry) != 0 && depth > 0) remove_folder(entry, depth - 1);
        free(entry);
    }
    if (entries) closedir(entries);
    rmdir(path);
}

lb_status served_backup_tidy(const lb_service *s) {
    char *folder = file_path(s->directory, "backups");
    if (!folder) return LB_E_NOMEM;
    DIR *entries = opendir(folder);
    for (struct dirent *e; entries && (e = readdir(entries));) {
        size_t n = strlen(e->d_name);
        if (n <= strlen(UNFINISHED) || strcmp(e->d_name + n - strlen(UNFINISHED), UNFINISHED) != 0)
            continue;
        char *path = file_path(folder, e->d_name);
        if (path) remove_folder(path, 1);
        free(path);
    }
    if (entries) closedir(entries);
    free(folder);
    return LB_OK;
}

/* ------------------------------------------------------------ parts */

static lb_status copy_database(const lb_service *s, backup *b) {
    struct stat info;
    sql db = {NULL, NULL};
    char *to = file_path(b->beside, "shop.db");
    if (!to) return LB_E_NOMEM;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(shop_open(s->directory, &db));
    LB_TRY_CLEANUP(sql_runf(&db, "VACUUM INTO %Q", to));
    if (stat(to, &info) == 0) b->bytes += (uint64_t)info.st_size;
cleanup:
    sql_close(&db);
    free(to);
    return status;
}

/* Links the files that a query on the copied database names, relative to the dataset's folder. */
static lb_status add_named(const lb_service *s, backup *b, const sql *db, const char *query) {
    sqlite3_stmt *statement;
    bool more = true;
    LB_TRY(sql_prepare(db, query, &statement));
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        const char *name = sql_text(statement, 0);
        char *from = file_path(s->directory, name);
        status = from ? add_file(b, from, name, true) : LB_E_NOMEM;
        free(from);
        if (status != LB_OK) goto cleanup;
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

/* The copies of networks that features and models were made with. */
static lb_status add_encoders(const lb_service *s, backup *b) {
    char *folder = file_path(s->directory, "encoders");
    if (!folder) return LB_E_NOMEM;
    DIR *entries = opendir(folder);
    lb_status status = entries ? make_folder(b, "encoders") : LB_OK;
    for (struct dirent *e; status == LB_OK && entries && (e = readdir(entries));) {
        char name[SERVED_ENCODER_NAME + 16];
        if (!served_is_encoder(e->d_name)) continue;
        char *from = file_path(folder, e->d_name);
        snprintf(name, sizeof name, "encoders/%.*s", SERVED_ENCODER_NAME, e->d_name);
        status = from ? add_file(b, from, name, true) : LB_E_NOMEM;
        free(from);
    }
    if (entries) closedir(entries);
    free(folder);
    return status;
}

static lb_status add_files(const lb_service *s, backup *b) {
    sql db = {NULL, NULL};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(shop_open(b->beside, &db));
    LB_TRY_CLEANUP(make_folder(b, "features"));
    LB_TRY_CLEANUP(make_folder(b, "images"));
    LB_TRY_CLEANUP(make_folder(b, "models"));
    LB_TRY_CLEANUP(add_named(s, b, &db, "SELECT 'features/' || file FROM features"));
    LB_TRY_CLEANUP(add_encoders(s, b));
    LB_TRY_CLEANUP(
        add_named(s, b, &db, "SELECT DISTINCT path FROM images WHERE path GLOB 'images/*'"));
    status = add_file(b, model_versions_serving(s->versions), "models/serving.safetensors", true);
cleanup:
    sql_close(&db);
    return status;
}

static lb_status begin(const lb_service *s, backup *b) {
    char beside[NAME_SIZE + 8];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t n = strftime(b->name, sizeof b->name, "%Y%m%dT%H%M%S", &parts);
    snprintf(b->name + n, sizeof b->name - n, "-%09ldZ", now.tv_nsec);
    snprintf(beside, sizeof beside, "%s" UNFINISHED, b->name);
    LB_TRY((b->folder = file_path(s->directory, "backups")) ? LB_OK : LB_E_NOMEM);
    LB_TRY((b->beside = file_path(b->folder, beside)) ? LB_OK : LB_E_NOMEM);
    LB_TRY((b->final = file_path(b->folder, b->name)) ? LB_OK : LB_E_NOMEM);
    LB_TRY(file_make_directory(b->folder));
    return file_make_directory(b->beside);
}

static lb_status sync_path(const char *folder, const char *name) {
    char *path = file_path(folder, name);
    if (!path) return LB_E_NOMEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    lb_status status = LB_OK;
    if (fd < 0 || fsync(fd) != 0) status = status_fail_errno(LB_E_IO, "cannot sync %s", path);
    if (fd >= 0) close(fd);
    free(path);
    return status;
}

/* Copied files are synced; the database and the folders are not yet. */
static lb_status sync_all(const backup *b) {
    static const char *const names[] = {"shop.db", "features", "images", "models", "."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        LB_TRY(sync_path(b->beside, names[i]));
    return LB_OK;
}

/* LB_E_NOT_FOUND: an import replaced a feature file in the meantime. */
static lb_status try_backup(const lb_service *s, backup *b) {
    lb_status status = begin(s, b);
    if (status == LB_OK) status = copy_database(s, b);
    if (status == LB_OK) status = add_files(s, b);
    if (status == LB_OK) status = sync_all(b);
    if (status == LB_OK && rename(b->beside, b->final) != 0)
        status = status_fail_errno(LB_E_IO, "cannot rename %s", b->beside);
    if (status == LB_OK) status = sync_path(b->folder, ".");
    if (status != LB_OK && b->beside) remove_folder(b->beside, 1);
    return status;
}

lb_status served_backup(lb_service *s, text *t) {
    backup b = {0};
    lb_status status = LB_E_NOT_FOUND;
    for (int i = 0; i < TRIES && status == LB_E_NOT_FOUND; i++) {
        backup_free(&b);
        status = try_backup(s, &b);
    }
    if (status == LB_OK)
        text_add(t, "{\"backup\":\"%s\",\"bytes\":%llu}", b.name, (unsigned long long)b.bytes);
    backup_free(&b);
    return status;
}
