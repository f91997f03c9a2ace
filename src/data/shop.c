#include "data/shop.h"

#include "core/file.h"
#include "core/memory.h"

enum { APPLICATION_ID = 0x4c6f6f6b }; // "Look"

static const char *const SCHEMA =
    "CREATE TABLE products(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT,"
    " brand TEXT, category TEXT, description TEXT, price REAL, image TEXT,"
    " deleted INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE users(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);"
    "CREATE TABLE interactions(user INTEGER NOT NULL, product INTEGER NOT NULL,"
    " time INTEGER NOT NULL, rating REAL NOT NULL, PRIMARY KEY(user, product, time))"
    " WITHOUT ROWID;"
    "CREATE TABLE images(row INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 BLOB);"
    "CREATE TABLE features(name TEXT PRIMARY KEY, encoder TEXT NOT NULL, dim INTEGER NOT NULL,"
    " dtype TEXT NOT NULL, file TEXT NOT NULL, n_rows INTEGER NOT NULL, present BLOB NOT NULL,"
    " position INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE splits(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, method TEXT NOT NULL,"
    " seed INTEGER NOT NULL, min_user INTEGER NOT NULL, cold TEXT NOT NULL,"
    " fingerprint INTEGER NOT NULL);"
    "CREATE TABLE split_pairs(split INTEGER NOT NULL, user INTEGER NOT NULL,"
    " product INTEGER NOT NULL, part INTEGER NOT NULL, PRIMARY KEY(split, user, product))"
    " WITHOUT ROWID;"
    "CREATE TABLE split_products(split INTEGER NOT NULL, product INTEGER NOT NULL,"
    " part INTEGER NOT NULL, PRIMARY KEY(split, product)) WITHOUT ROWID;"
    "CREATE TABLE provenance(kind TEXT NOT NULL, file TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY(kind, file, bytes)) WITHOUT ROWID;";

static const char *const EXTENSION =
    "CREATE TABLE IF NOT EXISTS unavailable(row INTEGER PRIMARY KEY);"
    "CREATE TABLE IF NOT EXISTS feedback(user INTEGER NOT NULL, product INTEGER NOT NULL,"
    " liked INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(user, product)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS live_features(feature TEXT NOT NULL, row INTEGER NOT NULL,"
    " vector BLOB NOT NULL, PRIMARY KEY(feature, row));"
    "CREATE TABLE IF NOT EXISTS feedback_keys(key TEXT PRIMARY KEY, batch BLOB NOT NULL,"
    " time INTEGER NOT NULL);";

typedef enum shop_state { SHOP_EMPTY, SHOP_CURRENT } shop_state;

static lb_status check_version(const sql *db, shop_state *state) {
    int64_t application, version, tables;
    LB_TRY(sql_number(db, "PRAGMA application_id", &application));
    LB_TRY(sql_number(db, "PRAGMA user_version", &version));
    LB_TRY(sql_number(db, "SELECT count(*) FROM sqlite_schema", &tables));
    if (application == 0 && version == 0 && tables == 0) {
        *state = SHOP_EMPTY;
        return LB_OK;
    }
    if (application != APPLICATION_ID)
        return status_fail(LB_E_FORMAT,
                           "%s: a database of another program; choose another directory", db->path);
    if (version != SHOP_VERSION)
        return status_fail(LB_E_FORMAT,
                           "%s: written by another version of Lookbook (layout %lld, this program "
                           "reads %d); use that version, or import into a new directory",
                           db->path, (long long)version, SHOP_VERSION);
    *state = SHOP_CURRENT;
    return LB_OK;
}

static lb_status no_dataset(const char *directory) {
    return status_fail(LB_E_NOT_FOUND,
                       "%s: there is no dataset here; make one with `lookbook import -d %s`",
                       directory, directory);
}

static lb_status open_database(const char *directory, sql_mode mode, sql *out) {
    char *path = file_path(directory, "shop.db");
    if (!path) return LB_E_NOMEM;
    lb_status status = mode != SQL_CREATE && !file_exists(path) ? no_dataset(directory)
                                                                : sql_open(path, mode, out);
    free(path);
    return status;
}

lb_status shop_open(const char *directory, sql *out) {
    sql db = {NULL, NULL};
    LB_TRY(open_database(directory, SQL_READ, &db));
    shop_state state = SHOP_EMPTY;
    lb_status status = check_version(&db, &state);
    if (status == LB_OK && state == SHOP_EMPTY) status = no_dataset(directory);
    if (status == LB_OK)
        *out = db;
    else
        sql_close(&db);
    return status;
}

lb_status shop_open_writer(const char *directory, sql *out) {
    sql db = {NULL, NULL};
    lb_status status = LB_OK;
    shop_state state = SHOP_EMPTY;
    LB_TRY(open_database(directory, SQL_WRITE, &db));
    LB_TRY_CLEANUP(check_version(&db, &state));
    if (state == SHOP_EMPTY) LB_TRY_CLEANUP(no_dataset(directory));
    LB_TRY_CLEANUP(sql_run(&db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                "PRAGMA secure_delete=ON")); // of erased users nothing stays
    *out = db;
    return LB_OK;
cleanup:
    sql_close(&db);
    return status;
}

lb_status shop_extend(const sql *db) {
    return sql_run(db, EXTENSION);
}

lb_status shop_begin(const char *directory, bool create, sql *out) {
    sql db = {NULL, NULL};
    lb_status status = LB_OK;
    shop_state state = SHOP_EMPTY;
    LB_TRY(open_database(directory, create ? SQL_CREATE : SQL_WRITE, &db));
    LB_TRY_CLEANUP(check_version(&db, &state));
    LB_TRY_CLEANUP(sql_run(&db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                "PRAGMA cache_size=-65536; BEGIN IMMEDIATE"));
    LB_TRY_CLEANUP(check_version(&db, &state)); // again: now nobody else can change it
    if (state == SHOP_EMPTY && !create) LB_TRY_CLEANUP(no_dataset(directory));
    if (state == SHOP_EMPTY) {
        LB_TRY_CLEANUP(sql_run(&db, SCHEMA));
        LB_TRY_CLEANUP(sql_runf(&db, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                                APPLICATION_ID, SHOP_VERSION));
    }
    *out = db;
    return LB_OK;
cleanup:
    sql_close(&db);
    return status;
}
