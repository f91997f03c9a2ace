/* The stored form of a split's pairs of products: one row a part, pairs as little-endian uint32. */
#include <string.h>

#include "core/memory.h"
#include "data/dataset_impl.h"
#include "data/relations_impl.h"
#include "data/shop.h"
#include "data/split_impl.h"

enum { LAYOUT = 1 }; // of the stored pairs and of how they are drawn

static const char *const table =
    "CREATE TABLE IF NOT EXISTS split_relations(split INTEGER NOT NULL, part INTEGER NOT NULL,"
    " fingerprint INTEGER NOT NULL, pairs BLOB NOT NULL, PRIMARY KEY(split, part))";

/* Of everything that the pairs are drawn from. */
static int64_t fingerprint_of(const interactions *all, const split *s) {
    uint64_t h = split_mix((uint64_t)split_fingerprint(all, s->n_users), LAYOUT);
    for (uint32_t u = 0; u <= s->n_users; u++) h = split_mix(h, s->user_start[u]);
    for (size_t k = 0; k < s->n_train; k++) h = split_mix(h, s->product[k]);
    for (size_t k = 0; k < s->n_valid; k++)
        h = split_mix(h, (uint64_t)s->valid[k].user << 32 | s->valid[k].product);
    for (size_t k = 0; k < s->n_test; k++)
        h = split_mix(h, (uint64_t)s->test[k].user << 32 | s->test[k].product);
    return (int64_t)h;
}

static void put_u32(unsigned char *to, uint32_t value) {
    for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get_u32(const unsigned char *from) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value |= (uint32_t)from[i] << 8 * i;
    return value;
}

/* Takes what a row holds; *ok = false where it is not a list of pairs of products. */
static lb_status take_pairs(const unsigned char *bytes, size_t size, uint32_t n_products,
                            relation_set *out, bool *ok) {
    relation_set set = {.n = size / 16};
    LB_TRY(NEW_ARRAY(set.pair, 2 * set.n));
    *ok = size % 16 == 0;
    for (size_t i = 0; i < 2 * set.n && *ok; i++) {
        set.pair[i] = (relation){get_u32(bytes + 8 * i), get_u32(bytes + 8 * i + 4)};
        *ok = set.pair[i].a < set.pair[i].b && set.pair[i].b < n_products;
    }
    if (*ok)
        *out = set;
    else
        relation_set_free(&set);
    return LB_OK;
}

static lb_status load_part(const sql *db, int64_t id, int part, int64_t fingerprint,
                           uint32_t n_products, relation_set *out, bool *found) {
    sqlite3_stmt *statement;
    bool row = false;
    *found = false;
    LB_TRY(sql_prepare(db,
                       "SELECT pairs FROM split_relations WHERE split = ? AND part = ? AND"
                       " fingerprint = ?",
                       &statement));
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int(statement, 2, part);
    sqlite3_bind_int64(statement, 3, fingerprint);
    lb_status status = sql_step(db, statement, &row);
    if (status == LB_OK && row) {
        const unsigned char *bytes = sqlite3_column_blob(statement, 0);
        status = take_pairs(bytes, (size_t)sqlite3_column_bytes(statement, 0), n_products, out,
                            found);
    }
    sqlite3_finalize(statement);
    return status;
}

static lb_status load_stored(const sql *db, int64_t id, int64_t fingerprint, uint32_t n_products,
                             relations *out, bool *found) {
    int64_t n = 0;
    *found = false;
    // datasets of earlier versions have no such table
    LB_TRY(sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'split_relations'", &n));
    if (!n || !id) return LB_OK;
    LB_TRY(load_part(db, id, PART_VALID, fingerprint, n_products, &out->valid, found));
    if (*found) LB_TRY(load_part(db, id, PART_TEST, fingerprint, n_products, &out->test, found));
    if (!*found) relations_free(out);
    return LB_OK;
}

static lb_status store_part(const sql *db, int64_t id, int part, int64_t fingerprint,
                            const relation_set *set) {
    sqlite3_stmt *insert = NULL;
    unsigned char *bytes = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(bytes, 16 * set->n + 1));
    for (size_t i = 0; i < 2 * set->n; i++) {
        put_u32(bytes + 8 * i, set->pair[i].a);
        put_u32(bytes + 8 * i + 4, set->pair[i].b);
    }
    LB_TRY_CLEANUP(
        sql_prepare(db, "INSERT OR REPLACE INTO split_relations VALUES(?, ?, ?, ?)", &insert));
    sqlite3_bind_int64(insert, 1, id);
    sqlite3_bind_int(insert, 2, part);
    sqlite3_bind_int64(insert, 3, fingerprint);
    sqlite3_bind_blob(insert, 4, bytes, (int)(16 * set->n), SQLITE_STATIC);
    status = sql_step_done(db, insert);
cleanup:
    sqlite3_finalize(insert);
    free(bytes);
    return status;
}

/* As for splits, a dataset that cannot be written is no reason to fail. */
static void store(const char *directory, int64_t id, int64_t fingerprint, const relations *r) {
    sql db;
    if (shop_begin(directory, false, &db) != LB_OK) return;
    lb_status status = sql_run(&db, table);
    if (status == LB_OK) status = store_part(&db, id, PART_VALID, fingerprint, &r->valid);
    if (status == LB_OK) status = store_part(&db, id, PART_TEST, fingerprint, &r->test);
    if (status == LB_OK) (void)sql_run(&db, "COMMIT");
    sql_close(&db);
}

/* ---- loading */

lb_status relations_load(const dataset *d, const split_options *options, const split *s,
                         relations *out) {
    bool given = strcmp(options->method, "given") == 0, found = false;
    char name[SPLIT_NAME_SIZE];
    interactions all = {0};
    relations r = {0};
    int64_t id = 0;
    lb_status status;
    split_name(options, name);
    LB_TRY_CLEANUP(dataset_interactions(d, &all));
    int64_t print = fingerprint_of(&all, s);
    LB_TRY_CLEANUP(split_find(&d->db, name, given ? 0 : split_fingerprint(&all, s->n_users), &id));
    LB_TRY_CLEANUP(load_stored(&d->db, id, print, s->n_products, &r, &found));
    if (!found) {
        LB_TRY_CLEANUP(relations_draw(&all, s, given ? 0 : options->seed, &r));
        if (id) store(dataset_directory(d), id, print, &r);
    }
    *out = r;
    r = (relations){0};
cleanup:
    relations_free(&r);
    interactions_free(&all);
    return status;
}

void relations_free(relations *r) {
    relation_set_free(&r->valid);
    relation_set_free(&r->test);
}
