#include "data/dataset.h"

#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/dataset_impl.h"
#include "data/shop.h"
#include "data/tombstone.h"

lb_status dataset_load_ids(const sql *db, const char *query, idmap *out) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, query, &statement));
    lb_status status = LB_OK;
    bool more = true;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(db, statement, &more));
        if (!more) break;
        uint32_t row;
        bool added = false;
        sqlite3_int64 expected = out->n;
        LB_TRY_CLEANUP(idmap_add(out, sql_text(statement, 1), &row, &added));
        if (!added || sqlite3_column_int64(statement, 0) != expected)
            LB_TRY_CLEANUP(status_fail(LB_E_FORMAT,
                                       "%s: damaged: row %lld of the ids is missing or comes "
                                       "twice; restore a copy, or import into a new directory",
                                       db->path, (long long)expected));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

/* Paths of uploaded pictures are stored relative to the dataset. */
static lb_status keep_image(dataset *d, uint32_t product, const char *path) {
    uint32_t row;
    char *joined = NULL;
    if (path[0] != '/') {
        if (!(joined = file_path(d->directory, path))) return LB_E_NOMEM;
        path = joined;
    }
    lb_status status = idmap_add(&d->image_paths, path, &row, NULL);
    if (status == LB_OK) d->image[product] = d->image_paths.id[row];
    free(joined);
    return status;
}

static lb_status load_images(dataset *d) {
    LB_TRY(NEW_ARRAY(d->image, d->products.n));
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(&d->db, "SELECT row, path FROM images ORDER BY row", &statement));
    lb_status status = LB_OK;
    bool more = true;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(&d->db, statement, &more));
        if (!more) break;
        sqlite3_int64 row = sqlite3_column_int64(statement, 0);
        if (row < 0 || row >= d->products.n) continue; // came after the products were read
        LB_TRY_CLEANUP(keep_image(d, (uint32_t)row, sql_text(statement, 1)));
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

static lb_status load_feature_names(dataset *d) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(&d->db, "SELECT name FROM features ORDER BY position", &statement));
    lb_status status = LB_OK;
    bool more = true;
    size_t capacity = 0;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(&d->db, statement, &more));
        if (!more) break;
        const char *name = sql_text(statement, 0);
        if (!dataset_feature_name_valid(name))
            LB_TRY_CLEANUP(status_fail(LB_E_FORMAT,
                                       "%s: damaged: \"%s\" is no name of a feature; restore a "
                                       "copy, or import into a new directory",
                                       d->db.path, name));
        LB_TRY_CLEANUP(GROW_ARRAY(d->feature_name, d->n_features, capacity));
        snprintf(d->feature_name[d->n_features++], FEATURE_NAME_SIZE, "%s", name);
    }
cleanup:
    sqlite3_finalize(statement);
    return status;
}

lb_status dataset_open(const char *directory, dataset **out) {
    dataset *d;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(d, 1));
    LB_TRY_CLEANUP((d->directory = memory_string(directory)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(shop_open(directory, &d->db));
    LB_TRY_CLEANUP(sql_run(&d->db, "BEGIN")); // one state of the database for all that follows
    LB_TRY_CLEANUP(
        dataset_load_ids(&d->db, "SELECT row, id FROM products ORDER BY row", &d->products));
    LB_TRY_CLEANUP(dataset_load_ids(&d->db, "SELECT row, id FROM users ORDER BY row", &d->users));
    LB_TRY_CLEANUP(load_images(d));
    LB_TRY_CLEANUP(load_feature_names(d));
    LB_TRY_CLEANUP(sql_run(&d->db, "COMMIT"));
    *out = d;
    return LB_OK;
cleanup:
    dataset_close(d);
    return status;
}

void dataset_close(dataset *d) {
    if (!d) return;
    sql_close(&d->db);
    idmap_free(&d->users);
    idmap_free(&d->products);
    idmap_free(&d->image_paths);
    free(d->image);
    free(d->feature_name);
    free(d->directory);
    free(d);
}

const char *dataset_directory(const dataset *d) {
    return d->directory;
}

uint32_t dataset_n_users(const dataset *d) {
    return d->users.n;
}

uint32_t dataset_n_products(const dataset *d) {
    return d->products.n;
}

const char *dataset_user_id(const dataset *d, uint32_t user) {
    return d->users.id[user];
}

const char *dataset_product_id(const dataset *d, uint32_t product) {
    return d->products.id[product];
}

lb_status dataset_find_user(const dataset *d, const char *id, uint32_t *out) {
    if (idmap_find(&d->users, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "%s has no user \"%s\"", d->directory, id);
}

lb_status dataset_find_product(const dataset *d, const char *id, uint32_t *out) {
    if (idmap_find(&d->products, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "%s has no product \"%s\"", d->directory, id);
}

const char *dataset_image_path(const dataset *d, uint32_t product) {
    return d->image[product];
}

size_t dataset_n_features(const dataset *d) {
    return d->n_features;
}

const char *dataset_feature_name(const dataset *d, size_t index) {
    return d->feature_name[index];
}

/* ------------------------------------------------------------ interactions */

static lb_status resize(interactions *i, size_t capacity) {
    void *block;
    if (!(block = memory_resize(i->user, capacity, sizeof *i->user))) return LB_E_NOMEM;
    i->user = block;
    if (!(block = memory_resize(i->product, capacity, sizeof *i->product))) return LB_E_NOMEM;
    i->product = block;
    if (!(block = memory_resize(i->rating, capacity, sizeof *i->rating))) return LB_E_NOMEM;
    i->rating = block;
    if (!(block = memory_resize(i->time, capacity, sizeof *i->time))) return LB_E_NOMEM;
    i->time = block;
    return LB_OK;
}

/* Rows come by user, product and time: a repeat follows its pair at once, the latest last. */
static lb_status collect(const dataset *d, sqlite3_stmt *statement, interactions *i) {
    size_t capacity = 0;
    for (bool more = true;;) {
        LB_TRY(sql_step(&d->db, statement, &more));
        if (!more) return LB_OK;
        sqlite3_int64 user = sqlite3_column_int64(statement, 0);
        sqlite3_int64 product = sqlite3_column_int64(statement, 1);
        if (user < 0 || product < 0)
            return status_fail(LB_E_FORMAT,
                               "%s: damaged: an interaction of user row %lld and product row %lld; "
                               "restore a copy, or import into a new directory",
                               d->db.path, (long long)user, (long long)product);
        if (user >= d->users.n || product >= d->products.n) continue; // newer than this handle
        if (id_is_tombstone(d->products.id[product])) continue;
        if (i->n == capacity) LB_TRY(resize(i, capacity = capacity ? capacity * 2 : 1024));
        size_t k = i->n;
        if (k && i->user[k - 1] == user && i->product[k - 1] == product)
            k--;
        else
            i->n++;
        i->user[k] = (uint32_t)user;
        i->product[k] = (uint32_t)product;
        i->rating[k] = (float)sqlite3_column_double(statement, 3);
        i->time[k] = sqlite3_column_int64(statement, 2);
    }
}

lb_status dataset_interactions(const dataset *d, interactions *out) {
    interactions i = {0};
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(&d->db,
                       "SELECT user, product, time, rating FROM interactions"
                       " ORDER BY user, product, time",
                       &statement));
    lb_status status = collect(d, statement, &i);
    sqlite3_finalize(statement);
    if (status == LB_OK)
        *out = i;
    else
        interactions_free(&i);
    return status;
}

void interactions_free(interactions *i) {
    free(i->user);
    free(i->product);
    free(i->rating);
    free(i->time);
    *i = (interactions){0};
}
