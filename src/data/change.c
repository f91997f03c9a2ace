#include "data/change.h"

#include <math.h>

#include "data/tombstone.h"

/* ------------------------------------------------------------ rows */

static lb_status find(const sql *db, const char *query, const char *id, uint32_t *row,
                      bool *found) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, query, &statement));
    sql_bind_text(statement, 1, id);
    lb_status status = sql_step(db, statement, found);
    if (status == LB_OK && *found) *row = (uint32_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

lb_status change_find_product(const sql *db, const char *id, uint32_t *row, bool *found) {
    return find(db, "SELECT row FROM products WHERE id = ?", id, row, found);
}

lb_status change_find_user(const sql *db, const char *id, uint32_t *row, bool *found) {
    return find(db, "SELECT row FROM users WHERE id = ?", id, row, found);
}

static lb_status add(const sql *db, const char *insert, const char *id, uint32_t *row) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, insert, &statement));
    sql_bind_text(statement, 1, id);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    sqlite3_int64 made = sqlite3_last_insert_rowid(db->handle);
    if (status == LB_OK && (made < 0 || made >= UINT32_MAX - 1))
        return status_fail(LB_E_UNSUPPORTED, "%s: there is no row left for \"%s\"", db->path, id);
    if (status == LB_OK) *row = (uint32_t)made;
    return status;
}

lb_status change_add_product(const sql *db, const char *id, uint32_t *row) {
    return add(db,
               "INSERT INTO products(row, id)"
               " VALUES((SELECT coalesce(max(row) + 1, 0) FROM products), ?)",
               id, row);
}

lb_status change_add_user(const sql *db, const char *id, uint32_t *row) {
    return add(db,
               "INSERT INTO users(row, id)"
               " VALUES((SELECT coalesce(max(row) + 1, 0) FROM users), ?)",
               id, row);
}

/* ------------------------------------------------------------ products */

static lb_status set_available(const sql *db, uint32_t row, int available) {
    if (available < 0) return LB_OK;
    if (available) return sql_runf(db, "DELETE FROM unavailable WHERE row = %u", row);
    return sql_runf(db, "INSERT OR IGNORE INTO unavailable(row) VALUES(%u)", row);
}

lb_status change_product(const sql *db, uint32_t row, const product_fields *texts) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db,
                       "UPDATE products SET title = nullif(coalesce(?2, title), ''),"
                       " brand = nullif(coalesce(?3, brand), ''),"
                       " category = nullif(coalesce(?4, category), ''),"
                       " description = nullif(coalesce(?5, description), ''),"
                       " price = coalesce(?6, price) WHERE row = ?1",
                       &statement));
    sqlite3_bind_int64(statement, 1, row);
    sql_bind_text(statement, 2, texts->title);
    sql_bind_text(statement, 3, texts->brand);
    sql_bind_text(statement, 4, texts->category);
    sql_bind_text(statement, 5, texts->description);
    if (isnan(texts->price))
        sqlite3_bind_null(statement, 6);
    else
        sqlite3_bind_double(statement, 6, texts->price);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status == LB_OK ? set_available(db, row, texts->available) : status;
}

lb_status change_photo(const sql *db, uint32_t row, const char *path,
                       const unsigned char sum[SHA256_SIZE]) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db,
                       "INSERT INTO images(row, path, sha256) VALUES(?, ?, ?) ON CONFLICT DO UPDATE"
                       " SET path = excluded.path, sha256 = excluded.sha256",
                       &statement));
    sqlite3_bind_int64(statement, 1, row);
    sql_bind_text(statement, 2, path);
    sqlite3_bind_blob(statement, 3, sum, SHA256_SIZE, SQLITE_STATIC);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status;
}

lb_status change_feature(const sql *db, const char *feature, uint32_t row, const float *vector,
                         uint32_t dim) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db,
                       "INSERT INTO live_features(feature, row, vector) VALUES(?, ?, ?)"
                       " ON CONFLICT DO UPDATE SET vector = excluded.vector",
                       &statement));
    sql_bind_text(statement, 1, feature);
    sqlite3_bind_int64(statement, 2, row);
    if (vector)
        sqlite3_bind_blob64(statement, 3, vector, (size_t)dim * sizeof *vector, SQLITE_STATIC);
    else
        sqlite3_bind_zeroblob(statement, 3, 0);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status;
}

lb_status change_remove_product(const sql *db, uint32_t row) {
    return sql_runf(db,
                    "UPDATE products SET id = char(%d) || row, title = NULL, brand = NULL,"
                    " category = NULL, description = NULL, price = NULL, image = NULL, deleted = 1"
                    " WHERE row = %u; DELETE FROM images WHERE row = %u;"
                    "DELETE FROM unavailable WHERE row = %u;"
                    "DELETE FROM live_features WHERE row = %u",
                    TOMBSTONE, row, row, row, row);
}

/* ------------------------------------------------------------ feedback */

lb_status change_bought(const sql *db, uint32_t user, uint32_t product, int64_t time) {
    return sql_runf(db,
                    "INSERT OR IGNORE INTO interactions(user, product, time, rating)"
                    " VALUES(%u, %u, %lld, 1)",
                    user, product, (long long)time);
}

lb_status change_liked(const sql *db, uint32_t user, uint32_t product, bool liked, int64_t time) {
    return sql_runf(db,
                    "INSERT INTO feedback(user, product, liked, time) VALUES(%u, %u, %d, %lld)"
                    " ON CONFLICT DO UPDATE SET liked = excluded.liked, time = excluded.time",
                    user, product, liked, (long long)time);
}

lb_status change_withdraw(const sql *db, uint32_t user, uint32_t product) {
    return sql_runf(db, "DELETE FROM feedback WHERE user = %u AND product = %u", user, product);
}

enum { KEPT_SECONDS = 7 * 24 * 3600, KEPT_KEYS = 100000, FORGOTTEN_AT_ONCE = 100 };

/* Rowids rise with time, so only the first ones need be looked at. */
static lb_status forget_keys(const sql *db, int64_t now) {
    return sql_runf(db,
                    "DELETE FROM feedback_keys WHERE rowid IN (SELECT rowid FROM feedback_keys"
                    " ORDER BY rowid LIMIT %d) AND (time < %lld OR"
                    " rowid <= (SELECT max(rowid) FROM feedback_keys) - %d)",
                    FORGOTTEN_AT_ONCE, (long long)(now - KEPT_SECONDS), KEPT_KEYS);
}

static lb_status find_key(const sql *db, const char *key, const unsigned char batch[SHA256_SIZE],
                          bool *repeated) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, "SELECT batch = ?2 FROM feedback_keys WHERE key = ?1", &statement));
    sql_bind_text(statement, 1, key);
    sqlite3_bind_blob(statement, 2, batch, SHA256_SIZE, SQLITE_STATIC);
    lb_status status = sql_step(db, statement, repeated);
    if (status == LB_OK && *repeated && !sqlite3_column_int(statement, 0))
        status = status_fail(LB_E_MISMATCH,
                             "the key \"%s\" came with another batch of feedback before; give each "
                             "batch its own",
                             key);
    sqlite3_finalize(statement);
    return status;
}

lb_status change_remember_key(const sql *db, const char *key,
                              const unsigned char batch[SHA256_SIZE], int64_t now, bool *repeated) {
    sqlite3_stmt *statement;
    LB_TRY(forget_keys(db, now));
    LB_TRY(find_key(db, key, batch, repeated));
    if (*repeated) return LB_OK;
    LB_TRY(
        sql_prepare(db, "INSERT INTO feedback_keys(key, batch, time) VALUES(?, ?, ?)", &statement));
    sql_bind_text(statement, 1, key);
    sqlite3_bind_blob(statement, 2, batch, SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, now);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status;
}

lb_status change_erase_user(const sql *db, uint32_t row) {
    bool has_texts = false;
    LB_TRY(sql_has_table(db, "requests", &has_texts));
    if (has_texts) LB_TRY(sql_runf(db, "DELETE FROM requests WHERE user = %u", row));
    LB_TRY(sql_has_table(db, "study", &has_texts));
    if (has_texts) LB_TRY(sql_runf(db, "DELETE FROM study WHERE user = %u", row));
    return sql_runf(
        db,
        "DELETE FROM interactions WHERE user = %u; DELETE FROM feedback WHERE user = %u;"
        "DELETE FROM split_pairs WHERE split IN (SELECT id FROM splits) AND user = %u;"
        "UPDATE users SET id = char(%d) || row WHERE row = %u",
        row, row, row, TOMBSTONE, row);
}
