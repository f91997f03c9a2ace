#include "data/split.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/dataset_impl.h"
#include "data/shop.h"
#include "data/split_impl.h"

void split_free(split *s) {
    if (!s) return;
    free(s->user_start);
    free(s->product);
    free(s->rating);
    free(s->valid);
    free(s->test);
    free(s->in_catalogue);
    free(s->degree);
    free(s);
}

/* ------------------------------------------------------------ from parts to a split */

/* Users without training pairs are not tested. Repeats nothing when called again. */
static void settle_user(size_t begin, size_t end, uint8_t *part, split *s) {
    size_t n_train = 0, n_few = 0, n_outside = 0;
    for (size_t k = begin; k < end; k++) {
        n_train += part[k] == PART_TRAIN;
        n_few += part[k] == PART_FEW;
        n_outside += part[k] == PART_OUTSIDE;
    }
    s->n_users_dropped += n_few > 0;
    if (n_train || n_few || n_outside == end - begin) return;
    s->n_users_untrained++;
    for (size_t k = begin; k < end; k++)
        if (part[k] == PART_VALID || part[k] == PART_TEST) part[k] = PART_UNTESTED;
}

static void settle_users(const interactions *all, uint8_t *part, split *s) {
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        for (end = begin; end < all->n && all->user[end] == all->user[begin];) end++;
        settle_user(begin, end, part, s);
    }
}

static void fill(const interactions *all, const uint8_t *part, split *s) {
    size_t n_train = 0, n_valid = 0, n_test = 0;
    for (size_t k = 0; k < all->n; k++) {
        uint32_t user = all->user[k], product = all->product[k];
        pair both = {user, product};
        if (part[k] == PART_TRAIN) {
            s->product[n_train] = product;
            s->rating[n_train++] = all->rating[k];
            s->degree[product]++;
            s->user_start[user + 1]++;
        }
        if (part[k] == PART_VALID) s->valid[n_valid++] = both;
        if (part[k] == PART_TEST) s->test[n_test++] = both;
        s->n_dropped += part[k] == PART_EMPTIED;
        if (part[k] != PART_FEW && part[k] != PART_OUTSIDE) s->in_catalogue[product] = 1;
    }
    for (uint32_t u = 0; u < s->n_users; u++) s->user_start[u + 1] += s->user_start[u];
}

static lb_status build(const dataset *d, const interactions *all, uint8_t *part, split **out) {
    split *s;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(s, 1));
    s->n_users = dataset_n_users(d);
    s->n_products = dataset_n_products(d);
    settle_users(all, part, s);
    for (size_t k = 0; k < all->n; k++) {
        s->n_train += part[k] == PART_TRAIN;
        s->n_valid += part[k] == PART_VALID;
        s->n_test += part[k] == PART_TEST;
    }
    if (!s->n_train)
        LB_TRY_CLEANUP(status_fail(LB_E_EMPTY,
                                   "%s: no user is left to train on; import more interactions, or "
                                   "lower --min-user",
                                   dataset_directory(d)));
    LB_TRY_CLEANUP(NEW_ARRAY(s->user_start, (size_t)s->n_users + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(s->product, s->n_train));
    LB_TRY_CLEANUP(NEW_ARRAY(s->rating, s->n_train));
    LB_TRY_CLEANUP(NEW_ARRAY(s->valid, s->n_valid));
    LB_TRY_CLEANUP(NEW_ARRAY(s->test, s->n_test));
    LB_TRY_CLEANUP(NEW_ARRAY(s->in_catalogue, s->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(s->degree, s->n_products));
    fill(all, part, s);
    *out = s;
    return LB_OK;
cleanup:
    split_free(s);
    return status;
}

/* ------------------------------------------------------------ the stored form */

int64_t split_fingerprint(const interactions *all, uint32_t n_users) {
    uint64_t h = split_mix(split_mix(0x243f6a8885a308d3u, n_users), all->n);
    for (size_t k = 0; k < all->n; k++)
        h = split_mix(h, (uint64_t)all->user[k] << 32 | all->product[k]);
    return (int64_t)h;
}

static const char *cold_name(cold_kind cold) {
    return cold == COLD_BALANCED ? "balanced" : "natural";
}

void split_name(const split_options *o, char name[SPLIT_NAME_SIZE]) {
    if (strcmp(o->method, "given") == 0)
        snprintf(name, SPLIT_NAME_SIZE, "given");
    else
        snprintf(name, SPLIT_NAME_SIZE, "%s-%s-min%u-seed%llu%s", o->method, cold_name(o->cold),
                 o->min_user ? o->min_user : 1, (unsigned long long)o->seed,
                 o->no_validation ? "-no-validation" : "");
}

lb_status split_find(const sql *db, const char *name, int64_t fingerprint, int64_t *id) {
    sqlite3_stmt *statement;
    bool row = false;
    LB_TRY(sql_prepare(db, "SELECT id, fingerprint FROM splits WHERE name = ?", &statement));
    sql_bind_text(statement, 1, name);
    lb_status status = sql_step(db, statement, &row);
    *id = 0;
    if (status == LB_OK && row && sqlite3_column_int64(statement, 1) == fingerprint)
        *id = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

/* Sets the part of every interaction that the stored split lists; both are sorted alike. */
static lb_status load_pairs(const sql *db, int64_t id, const interactions *all, uint8_t *part) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db,
                       "SELECT user, product, part FROM split_pairs WHERE split = ?"
                       " ORDER BY user, product",
                       &statement));
    sqlite3_bind_int64(statement, 1, id);
    lb_status status = LB_OK;
    size_t k = 0;
    for (bool more = true;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        sqlite3_int64 user = sqlite3_column_int64(statement, 0);
        sqlite3_int64 product = sqlite3_column_int64(statement, 1);
        sqlite3_int64 value = sqlite3_column_int64(statement, 2);
        while (k < all->n &&
               (all->user[k] < user || (all->user[k] == user && all->product[k] < product)))
            k++;
        if (k < all->n && all->user[k] == user && all->product[k] == product && value >= 0 &&
            value <= PART_TEST)
            part[k] = (uint8_t)value;
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

static lb_status insert_pairs(const sql *db, int64_t id, const interactions *all,
                              const uint8_t *part) {
    sqlite3_stmt *insert;
    LB_TRY(sql_prepare(db, "INSERT INTO split_pairs(split, user, product, part) VALUES(?, ?, ?, ?)",
                       &insert));
    lb_status status = LB_OK;
    for (size_t k = 0; k < all->n; k++) {
        if (part[k] != PART_VALID && part[k] != PART_TEST) continue;
        sqlite3_bind_int64(insert, 1, id);
        sqlite3_bind_int64(insert, 2, all->user[k]);
        sqlite3_bind_int64(insert, 3, all->product[k]);
        sqlite3_bind_int64(insert, 4, part[k]);
        LB_TRY_CLEANUP(sql_step_done(db, insert));
    }
cleanup:
    sqlite3_finalize(insert);
    return status;
}

static lb_status insert_emptied(const sql *db, int64_t id, const uint8_t *emptied,
                                uint32_t n_products) {
    sqlite3_stmt *insert;
    LB_TRY(sql_prepare(db, "INSERT INTO split_products(split, product, part) VALUES(?, ?, ?)",
                       &insert));
    lb_status status = LB_OK;
    for (uint32_t p = 0; p < n_products; p++) {
        if (!emptied[p]) continue;
        sqlite3_bind_int64(insert, 1, id);
        sqlite3_bind_int64(insert, 2, p);
        sqlite3_bind_int64(insert, 3, emptied[p]);
        LB_TRY_CLEANUP(sql_step_done(db, insert));
    }
cleanup:
    sqlite3_finalize(insert);
    return status;
}

static lb_status load_emptied(const sql *db, int64_t id, uint8_t *emptied, uint32_t n_products) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, "SELECT product, part FROM split_products WHERE split = ?", &statement));
    sqlite3_bind_int64(statement, 1, id);
    lb_status status = LB_OK;
    for (bool more = true;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        sqlite3_int64 product = sqlite3_column_int64(statement, 0);
        if (product >= 0 && product < n_products)
            emptied[product] = (uint8_t)sqlite3_column_int(statement, 1);
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

/* A drawn split: what it is called, what it is made of, and where its parts are. */
typedef struct drawn {
    char name[SPLIT_NAME_SIZE];
    int64_t fingerprint;
    const split_options *options;
    const interactions *all;
    uint32_t n_products;
    uint8_t *part;    // (all->n)
    uint8_t *emptied; // (n_products)
} drawn;

static lb_status replace_stored(const sql *db, const drawn *s) {
    LB_TRY(sql_runf(db,
                    "DELETE FROM split_pairs WHERE split = (SELECT id FROM splits WHERE name = %Q);"
                    "DELETE FROM split_products WHERE split = (SELECT id FROM splits WHERE"
                    " name = %Q); DELETE FROM splits WHERE name = %Q",
                    s->name, s->name, s->name));
    LB_TRY(sql_runf(db,
                    "INSERT INTO splits(name, method, seed, min_user, cold, fingerprint)"
                    " VALUES(%Q, %Q, %lld, %u, %Q, %lld)",
                    s->name, s->options->method, (long long)s->options->seed, s->options->min_user,
                    cold_name(s->options->cold), (long long)s->fingerprint));
    int64_t id = sqlite3_last_insert_rowid(db->handle);
    LB_TRY(insert_pairs(db, id, s->all, s->part));
    LB_TRY(insert_emptied(db, id, s->emptied, s->n_products));
    return sql_run(db, "COMMIT");
}

/* A dataset that cannot be written, or is being written, is no reason to fail: the same split can
 * be drawn again at any time. */
static void store(const char *directory, const drawn *s) {
    sql db;
    if (shop_begin(directory, false, &db) != LB_OK) return;
    (void)replace_stored(&db, s);
    sql_close(&db);
}

/* ------------------------------------------------------------ loading */

static lb_status given_parts(const dataset *d, const interactions *all, uint8_t *part) {
    int64_t id = 0;
    LB_TRY(split_find(&d->db, "given", 0, &id));
    if (!id)
        return status_fail(LB_E_NOT_FOUND,
                           "%s has no given split; import one with --interactions TRAIN --valid "
                           "FILE --test FILE, or use leave-one-out",
                           dataset_directory(d));
    memset(part, PART_OUTSIDE, all->n);
    return load_pairs(&d->db, id, all, part);
}

static lb_status drawn_parts(const dataset *d, const split_options *options,
                             const interactions *all, uint8_t *part) {
    drawn s = {.options = options, .all = all, .part = part};
    int64_t id = 0;
    lb_status status = LB_OK;
    s.fingerprint = split_fingerprint(all, dataset_n_users(d));
    s.n_products = dataset_n_products(d);
    split_name(options, s.name);
    LB_TRY(NEW_ARRAY(s.emptied, s.n_products));
    LB_TRY_CLEANUP(split_find(&d->db, s.name, s.fingerprint, &id));
    if (id) {
        LB_TRY_CLEANUP(load_emptied(&d->db, id, s.emptied, s.n_products));
        split_imply(all, options->min_user, s.emptied, part);
        status = load_pairs(&d->db, id, all, part);
    } else {
        LB_TRY_CLEANUP(split_draw(all, s.n_products, options, part, s.emptied));
        store(dataset_directory(d), &s);
    }
cleanup:
    free(s.emptied);
    return status;
}

lb_status split_load(const dataset *d, const split_options *options, split **out) {
    bool given = strcmp(options->method, "given") == 0;
    if (!given && strcmp(options->method, "leave-one-out") != 0)
        return status_fail(LB_E_ARGUMENT, "split method \"%s\": must be leave-one-out or given",
                           options->method);
    interactions all = {0};
    uint8_t *part = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(dataset_interactions(d, &all));
    LB_TRY_CLEANUP(NEW_ARRAY(part, all.n));
    LB_TRY_CLEANUP(given ? given_parts(d, &all, part) : drawn_parts(d, options, &all, part));
    status = build(d, &all, part, out);
cleanup:
    free(part);
    interactions_free(&all);
    return status;
}

lb_status split_all(const dataset *d, split **out) {
    interactions all = {0};
    uint8_t *part = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(dataset_interactions(d, &all));
    LB_TRY_CLEANUP(NEW_ARRAY(part, all.n)); // zero is PART_TRAIN
    status = build(d, &all, part, out);
cleanup:
    free(part);
    interactions_free(&all);
    return status;
}
