#include "data/rows.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/dataset_impl.h"

/* ------------------------------------------------------------ products */

static const char *text_or_null(sqlite3_stmt *statement, int column) {
    return (const char *)sqlite3_column_text(statement, column);
}

static lb_status pass_product(sqlite3_stmt *s, product_row_sink sink, void *context) {
    sqlite3_int64 row = sqlite3_column_int64(s, 0);
    if (row < 0 || row >= UINT32_MAX) return LB_OK;
    product_row p = {
        .row = (uint32_t)row,
        .id = sql_text(s, 1),
        .title = text_or_null(s, 2),
        .brand = text_or_null(s, 3),
        .category = text_or_null(s, 4),
        .photo = text_or_null(s, 5),
        .price = sqlite3_column_type(s, 6) == SQLITE_NULL ? -1 : sqlite3_column_double(s, 6),
        .available = sqlite3_column_int(s, 7) != 0,
    };
    return sink(context, &p);
}

static lb_status pass_products(const sql *db, sqlite3_stmt *s, product_row_sink sink,
                               void *context) {
    for (bool more = true;;) {
        LB_TRY(sql_step(db, s, &more));
        if (!more) return LB_OK;
        LB_TRY(pass_product(s, sink, context));
    }
}

lb_status rows_products(const sql *db, int64_t row, product_row_sink sink, void *context) {
    bool has = false;
    char text[512];
    sqlite3_stmt *statement;
    LB_TRY(sql_has_table(db, "unavailable", &has));
    snprintf(text, sizeof text,
             "SELECT p.row, p.id, p.title, p.brand, p.category, i.path, p.price, %s"
             " FROM products p LEFT JOIN images i ON i.row = p.row %s ORDER BY p.row",
             has ? "p.row NOT IN (SELECT row FROM unavailable)" : "1",
             row == ALL_ROWS ? "" : "WHERE p.row = ?1");
    LB_TRY(sql_prepare(db, text, &statement));
    if (row != ALL_ROWS) sqlite3_bind_int64(statement, 1, row);
    lb_status status = pass_products(db, statement, sink, context);
    sqlite3_finalize(statement);
    return status;
}

static lb_status copy_text(sqlite3_stmt *s, int column, char **out) {
    const char *text = text_or_null(s, column);
    return !text || (*out = memory_string(text)) ? LB_OK : LB_E_NOMEM;
}

static lb_status copy_info(sqlite3_stmt *s, product_info *info) {
    LB_TRY(copy_text(s, 0, &info->title));
    LB_TRY(copy_text(s, 1, &info->brand));
    LB_TRY(copy_text(s, 2, &info->category));
    return copy_text(s, 3, &info->description);
}

lb_status rows_info(const sql *db, uint32_t row, product_info *out) {
    sqlite3_stmt *statement;
    product_info info = {.price = -1};
    bool found = false;
    LB_TRY(sql_prepare(db, "SELECT title, brand, category, description FROM products WHERE row = ?",
                       &statement));
    sqlite3_bind_int64(statement, 1, row);
    lb_status status = sql_step(db, statement, &found);
    if (status == LB_OK)
        status = found ? copy_info(statement, &info)
                       : status_fail(LB_E_NOT_FOUND, "%s has no product row %u", db->path, row);
    sqlite3_finalize(statement);
    if (status == LB_OK)
        *out = info;
    else
        product_info_free(&info);
    return status;
}

/* ------------------------------------------------------------ users */

static lb_status pass_events(const sql *db, sqlite3_stmt *s, user_event_sink sink, void *context) {
    for (bool more = true;;) {
        LB_TRY(sql_step(db, s, &more));
        if (!more) return LB_OK;
        sqlite3_int64 user = sqlite3_column_int64(s, 0), product = sqlite3_column_int64(s, 1);
        if (user < 0 || user >= UINT32_MAX || product < 0 || product >= UINT32_MAX) continue;
        user_event e = {(uint32_t)user, (uint32_t)product, sqlite3_column_int64(s, 2),
                        (lb_feedback_kind)sqlite3_column_int(s, 3)};
        LB_TRY(sink(context, &e));
    }
}

lb_status rows_bought(const sql *db, uint32_t user, user_event_sink sink, void *context) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db,
                       "SELECT user, product, time, 0 FROM interactions WHERE user = ?"
                       " ORDER BY product, time",
                       &statement));
    sqlite3_bind_int64(statement, 1, user);
    lb_status status = pass_events(db, statement, sink, context);
    sqlite3_finalize(statement);
    return status;
}

lb_status rows_feedback(const sql *db, int64_t user, user_event_sink sink, void *context) {
    bool has = false;
    sqlite3_stmt *statement;
    LB_TRY(sql_has_table(db, "feedback", &has));
    if (!has) return LB_OK;
    LB_TRY(sql_prepare(db,
                       user == ALL_ROWS
                           ? "SELECT user, product, time, CASE liked WHEN 1 THEN 1 ELSE 2 END"
                             " FROM feedback ORDER BY user, product"
                           : "SELECT user, product, time, CASE liked WHEN 1 THEN 1 ELSE 2 END"
                             " FROM feedback WHERE user = ?1 ORDER BY product",
                       &statement));
    if (user != ALL_ROWS) sqlite3_bind_int64(statement, 1, user);
    lb_status status = pass_events(db, statement, sink, context);
    sqlite3_finalize(statement);
    return status;
}

lb_status rows_user_id(const sql *db, uint32_t user, char **out) {
    sqlite3_stmt *statement;
    bool found = false;
    char *id = NULL;
    LB_TRY(sql_prepare(db, "SELECT id FROM users WHERE row = ?", &statement));
    sqlite3_bind_int64(statement, 1, user);
    lb_status status = sql_step(db, statement, &found);
    if (status == LB_OK && found && !(id = memory_string(sql_text(statement, 0))))
        status = LB_E_NOMEM;
    sqlite3_finalize(statement);
    if (status == LB_OK) *out = id;
    return status;
}

lb_status rows_count(const sql *db, uint32_t *n_products, uint32_t *n_users) {
    int64_t products = 0, users = 0;
    LB_TRY(sql_number(db, "SELECT coalesce(max(row) + 1, 0) FROM products", &products));
    LB_TRY(sql_number(db, "SELECT coalesce(max(row) + 1, 0) FROM users", &users));
    *n_products = (uint32_t)products;
    *n_users = (uint32_t)users;
    return LB_OK;
}

/* ------------------------------------------------------------ features */

lb_status rows_feature(const sql *db, const char *feature, uint32_t row, uint32_t dim, float *out,
                       bool *found, bool *present) {
    sqlite3_stmt *statement;
    size_t bytes = 0;
    bool has = false;
    *found = *present = false;
    LB_TRY(sql_has_table(db, "live_features", &has));
    if (!has) return LB_OK;
    LB_TRY(sql_prepare(db, "SELECT vector FROM live_features WHERE feature = ? AND row = ?",
                       &statement));
    sql_bind_text(statement, 1, feature);
    sqlite3_bind_int64(statement, 2, row);
    lb_status status = sql_step(db, statement, found);
    if (status == LB_OK && *found) {
        const void *vector = sqlite3_column_blob(statement, 0);
        bytes = (size_t)sqlite3_column_bytes(statement, 0);
        *present = bytes > 0;
        if (bytes == dim * sizeof *out) memcpy(out, vector, bytes);
    }
    sqlite3_finalize(statement);
    if (status != LB_OK || !*found || !bytes || bytes == dim * sizeof *out) return status;
    return status_fail(LB_E_MISMATCH,
                       "%s: feature \"%s\" has changed while it was served: product row %u has %zu "
                       "columns of %u; train again and reload",
                       db->path, feature, row, bytes / sizeof *out, dim);
}

const sql *dataset_rows(const dataset *d) {
    return &d->db;
}
