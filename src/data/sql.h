/* SQLite with this library's status codes: every failure names the database file and says what to
 * do. */
#ifndef LB_DATA_SQL_H
#define LB_DATA_SQL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/status.h"

/* An open database. All zero = none. */
typedef struct sql {
    sqlite3 *handle;
    char *path; // for messages
} sql;

typedef enum sql_mode {
    SQL_READ,  /* the file must exist; works in a folder that cannot be written */
    SQL_WRITE, /* the file must exist */
    SQL_CREATE /* made if it is not there */
} sql_mode;

/* Opens `path`. LB_E_NOT_FOUND if it must exist and does not. On failure *out is untouched. */
lb_status sql_open(const char *path, sql_mode mode, sql *out);
void sql_close(sql *db); // accepts all zero

/* The status and error text of an SQLite result code: a locked database, a full disk, a folder that
 * cannot be written and a damaged file each say what to do. */
lb_status sql_fail(const sql *db, int code);

/* Runs statements without results. */
lb_status sql_run(const sql *db, const char *text);

/* Runs a statement made with SQLite's printf formats (%Q, %d, %lld) without results. */
lb_status sql_runf(const sql *db, const char *format, ...);

lb_status sql_prepare(const sql *db, const char *text, sqlite3_stmt **out);

/* One step: *row tells whether there is a row to read. */
lb_status sql_step(const sql *db, sqlite3_stmt *statement, bool *row);

/* Steps a statement without results to its end and makes it ready to be bound again. */
lb_status sql_step_done(const sql *db, sqlite3_stmt *statement);

/* The first column of the first row of a query as a number; 0 if there is no row. */
lb_status sql_number(const sql *db, const char *text, int64_t *out);

/* Whether the database has a table of this name. */
lb_status sql_has_table(const sql *db, const char *name, bool *out);

/* Binds text, or NULL for a NULL pointer; the text must live until the statement is stepped. */
void sql_bind_text(sqlite3_stmt *statement, int parameter, const char *text);

/* A column's text; "" where it is NULL. Valid until the next step. */
const char *sql_text(sqlite3_stmt *statement, int column);

#endif
