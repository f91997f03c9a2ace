#include "data/request_rows.h"

#include <stdlib.h>

#include "core/memory.h"

lb_status request_rows_make(const sql *db) {
    return sql_run(db, "CREATE TABLE IF NOT EXISTS requests(user INTEGER NOT NULL,"
                       " product INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,"
                       " source TEXT NOT NULL, PRIMARY KEY(level, user, product)) WITHOUT ROWID");
}

lb_status request_rows_writer(const sql *db, sqlite3_stmt **out) {
    return sql_prepare(db,
                       "INSERT INTO requests(user, product, level, text, source)"
                       " VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text,"
                       " source = excluded.source WHERE text IS NOT excluded.text",
                       out);
}

lb_status request_rows_put(const sql *db, sqlite3_stmt *writer, int64_t user, uint32_t product,
                           const char *level, const char *text, const char *source) {
    sqlite3_bind_int64(writer, 1, user);
    sqlite3_bind_int64(writer, 2, product);
    sql_bind_text(writer, 3, level);
    sql_bind_text(writer, 4, text);
    sql_bind_text(writer, 5, source);
    return sql_step_done(db, writer);
}

static lb_status add_row(request_rows *r, size_t *capacity, int64_t user, int64_t product,
                         const char *text) {
    uint32_t row;
    LB_TRY(GROW_ARRAY(r->row, r->n, *capacity));
    LB_TRY(idmap_add(&r->texts, text, &row, NULL));
    r->row[r->n++] = (request_row){(uint32_t)user, (uint32_t)product, r->texts.id[row]};
    return LB_OK;
}

static lb_status load(const sql *db, const char *level, bool users, uint32_t n_users,
                      uint32_t n_products, request_rows *r) {
    sqlite3_stmt *statement;
    size_t capacity = 0;
    LB_TRY(sql_prepare(db,
                       users ? "SELECT user, product, text FROM requests WHERE level = ? AND"
                               " user >= 0 ORDER BY user, product"
                             : "SELECT 0, product, text FROM requests WHERE level = ? AND"
                               " user < 0 ORDER BY product",
                       &statement));
    sql_bind_text(statement, 1, level);
    lb_status status = LB_OK;
    for (bool more = true;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        sqlite3_int64 user = sqlite3_column_int64(statement, 0);
        sqlite3_int64 product = sqlite3_column_int64(statement, 1);
        if ((users && user >= n_users) || product < 0 || product >= n_products) continue;
        LB_TRY_CLEANUP(add_row(r, &capacity, user, product, sql_text(statement, 2)));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

lb_status request_rows_load(const sql *db, const char *level, bool users, uint32_t n_users,
                            uint32_t n_products, request_rows *out) {
    request_rows r = {0};
    int64_t n = 0;
    LB_TRY(sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'requests'", &n));
    lb_status status = n ? load(db, level, users, n_users, n_products, &r) : LB_OK;
    if (status == LB_OK)
        *out = r;
    else
        request_rows_free(&r);
    return status;
}

void request_rows_free(request_rows *r) {
    free(r->row);
    idmap_free(&r->texts);
    *r = (request_rows){0};
}
