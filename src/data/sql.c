#include "data/sql.h"

#include <stdarg.h>
#include <sys/stat.h>

#include "core/memory.h"

enum { BUSY_MILLISECONDS = 5000 };

static lb_status fail_text(const char *path, int code, const char *said) {
    switch (code & 0xff) {
    case SQLITE_NOMEM: return status_fail(LB_E_NOMEM, "%s: out of memory", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return status_fail(LB_E_BUSY,
                           "%s: another program is writing to this dataset; try again when it is "
                           "done",
                           path);
    case SQLITE_FULL:
        return status_fail(LB_E_FULL, "%s: the disk is full; free some space and try again", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return status_fail(LB_E_IO,
                           "%s: the dataset cannot be written (%s); check the permissions of the "
                           "file and its folder",
                           path, said);
    case SQLITE_CANTOPEN:
        return status_fail(LB_E_IO,
                           "%s: cannot be opened; check that the folder is there and may be "
                           "written",
                           path);
    case SQLITE_NOTADB:
        return status_fail(LB_E_FORMAT,
                           "%s: this file is not a Lookbook dataset, or its first page is damaged; "
                           "choose another directory or restore a copy",
                           path);
    case SQLITE_CORRUPT:
        return status_fail(LB_E_FORMAT,
                           "%s: the database is damaged (%s); restore a copy, or import into a new "
                           "directory",
                           path, said);
    default:
        return status_fail(LB_E_FORMAT,
                           "%s: not a dataset that this version of Lookbook can use (%s); restore "
                           "a copy, or import into a new directory",
                           path, said);
    }
}

/* The errno of the last call that failed on a file of the database, 0 if none did. Other calls may
 * have come since, so that errno itself, and sqlite3_system_errno, say nothing. */
static int last_errno(sqlite3 *handle, int which) {
    sqlite3_file *file = NULL;
    int cause = 0;
    if (sqlite3_file_control(handle, "main", which, &file) != SQLITE_OK || !file || !file->pMethods)
        return 0;
    return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause) == SQLITE_OK ? cause
                                                                                            : 0;
}

static lb_status fail_io(const char *path, sqlite3 *handle, const char *said) {
    lb_status status = status_of_errno(LB_E_IO, last_errno(handle, SQLITE_FCNTL_JOURNAL_POINTER));
    if (status == LB_E_IO)
        status = status_of_errno(LB_E_IO, last_errno(handle, SQLITE_FCNTL_FILE_POINTER));
    if (status == LB_E_FULL)
        return status_fail(status,
                           "%s: the disk, a quota or a limit on the size of files is full; free "
                           "some space and try again",
                           path);
    return status_fail(status,
                       "%s: reading or writing failed (%s); check the disk and its free space",
                       path, said);
}

lb_status sql_fail(const sql *db, int code) {
    const char *said = db->handle ? sqlite3_errmsg(db->handle) : "";
    if (db->handle && (code & 0xff) == SQLITE_IOERR) return fail_io(db->path, db->handle, said);
    return fail_text(db->path, code, said);
}

/* A database in WAL mode can be read in a folder that cannot be written only when SQLite is told
 * that nobody changes it. */
static int open_immutable(const char *path, sqlite3 **out) {
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(text, "file:");
    for (const char *c = path; *c; c++) {
        if (*c == '%' || *c == '?' || *c == '#')
            sqlite3_str_appendf(text, "%%%02x", (unsigned)(unsigned char)*c);
        else
            sqlite3_str_appendchar(text, 1, *c);
    }
    sqlite3_str_appendall(text, "?immutable=1");
    char *uri = sqlite3_str_finish(text);
    if (!uri) return SQLITE_NOMEM;
    int code = sqlite3_open_v2(uri, out, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    sqlite3_free(uri);
    return code;
}

static int probe(sqlite3 *handle) {
    sqlite3_busy_timeout(handle, BUSY_MILLISECONDS);
    return sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static int open_for_reading(const char *path, sqlite3 **out) {
    int code = sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) code = probe(*out);
    int kind = code & 0xff;
    if (kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY && kind != SQLITE_PERM) return code;
    sqlite3_close(*out);
    *out = NULL;
    code = open_immutable(path, out);
    return code == SQLITE_OK ? probe(*out) : code;
}

lb_status sql_open(const char *path, sql_mode mode, sql *out) {
    struct stat info;
    if (mode != SQL_CREATE && stat(path, &info) != 0)
        return status_fail_errno(LB_E_NOT_FOUND, "cannot open %s", path);
    sql db = {NULL, memory_string(path)};
    if (!db.path) return LB_E_NOMEM;
    int code;
    if (mode == SQL_READ) {
        code = open_for_reading(path, &db.handle);
    } else {
        int flags = SQLITE_OPEN_READWRITE | (mode == SQL_CREATE ? SQLITE_OPEN_CREATE : 0);
        code = sqlite3_open_v2(path, &db.handle, flags, NULL);
        if (code == SQLITE_OK) code = probe(db.handle);
    }
    if (code != SQLITE_OK) {
        lb_status status = sql_fail(&db, code);
        sql_close(&db);
        return status;
    }
    *out = db;
    return LB_OK;
}

void sql_close(sql *db) {
    sqlite3_close_v2(db->handle);
    free(db->path);
    *db = (sql){NULL, NULL};
}

lb_status sql_run(const sql *db, const char *text) {
    int code = sqlite3_exec(db->handle, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? LB_OK : sql_fail(db, code);
}

lb_status sql_runf(const sql *db, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (!text) return status_fail(LB_E_NOMEM, "%s: out of memory", db->path);
    lb_status status = sql_run(db, text);
    sqlite3_free(text);
    return status;
}

lb_status sql_prepare(const sql *db, const char *text, sqlite3_stmt **out) {
    int code = sqlite3_prepare_v2(db->handle, text, -1, out, NULL);
    return code == SQLITE_OK ? LB_OK : sql_fail(db, code);
}

lb_status sql_step(const sql *db, sqlite3_stmt *statement, bool *row) {
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return sql_fail(db, code);
    *row = code == SQLITE_ROW;
    return LB_OK;
}

lb_status sql_step_done(const sql *db, sqlite3_stmt *statement) {
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    if (code != SQLITE_DONE) {
        lb_status status = sql_fail(db, code);
        sqlite3_reset(statement);
        return status;
    }
    sqlite3_reset(statement);
    return LB_OK;
}

lb_status sql_number(const sql *db, const char *text, int64_t *out) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, text, &statement));
    bool row = false;
    lb_status status = sql_step(db, statement, &row);
    if (status == LB_OK) *out = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return status;
}

lb_status sql_has_table(const sql *db, const char *name, bool *out) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
                       &statement));
    sql_bind_text(statement, 1, name);
    lb_status status = sql_step(db, statement, out);
    sqlite3_finalize(statement);
    return status;
}

void sql_bind_text(sqlite3_stmt *statement, int parameter, const char *text) {
    if (text)
        sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, parameter);
}

const char *sql_text(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}
