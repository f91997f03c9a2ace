#include "data/validate.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/shop.h"
#include "data/tombstone.h"
#include "data/validate_impl.h"

enum { DETAIL_SIZE = 1200 };

lb_status validation_add(lb_validation *v, const char *name, bool passed, uint64_t count,
                         const char *format, ...) {
    char detail[DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    LB_TRY(GROW_ARRAY(v->checks, v->n, v->capacity));
    lb_check c = {memory_string(name), passed, count, memory_string(detail)};
    if (!c.name || !c.detail) {
        free((void *)(uintptr_t)c.name);
        free((void *)(uintptr_t)c.detail);
        return LB_E_NOMEM;
    }
    v->checks[v->n++] = c;
    return LB_OK;
}

void dataset_validation_free(lb_validation *v) {
    if (!v) return;
    for (size_t i = 0; i < v->n; i++) {
        free((void *)(uintptr_t)v->checks[i].name);
        free((void *)(uintptr_t)v->checks[i].detail);
    }
    free(v->checks);
    free(v);
}

static lb_status check_database(const sql *db, lb_validation *v) {
    sqlite3_stmt *statement;
    LB_TRY(sql_prepare(db, "PRAGMA quick_check(5)", &statement));
    char first[400] = "";
    uint64_t n_faults = 0;
    bool more = true;
    lb_status status;
    while ((status = sql_step(db, statement, &more)) == LB_OK && more) {
        const char *text = sql_text(statement, 0);
        if (n_faults == 0 && sqlite3_stricmp(text, "ok") == 0) continue;
        if (!n_faults++) snprintf(first, sizeof first, "%s", text);
    }
    sqlite3_finalize(statement);
    if (status != LB_OK) return status;
    if (!n_faults) return validation_add(v, "database is whole", true, 0, "no faults found");
    return validation_add(v, "database is whole", false, n_faults,
                          "%s: %s; restore a copy, or import into a new directory", db->path,
                          first);
}

static lb_status check_references(const dataset *d, lb_validation *v) {
    int64_t n = 0, m = 0;
    LB_TRY(sql_number(&d->db,
                      "SELECT count(*) FROM interactions WHERE user NOT IN (SELECT row FROM users)"
                      " OR product NOT IN (SELECT row FROM products)",
                      &n));
    LB_TRY(sql_number(
        &d->db, "SELECT count(*) FROM images WHERE row NOT IN (SELECT row FROM products)", &m));
    return validation_add(v, "interactions and pictures name known rows", n + m == 0,
                          (uint64_t)(n + m),
                          n + m ? "%lld interactions and %lld pictures of users or products that "
                                  "are not there; restore a copy"
                                : "%lld interactions and %lld pictures do not",
                          (long long)n, (long long)m);
}

static lb_status check_images(const dataset *d, lb_validation *v) {
    uint64_t n_none = 0, n_missing = 0;
    const char *first = NULL;
    uint32_t n_rows = dataset_n_products(d), n = 0;
    for (uint32_t p = 0; p < n_rows; p++) {
        const char *path = dataset_image_path(d, p);
        if (id_is_tombstone(dataset_product_id(d, p))) continue;
        n++;
        if (!path) {
            n_none++;
        } else if (!file_exists(path)) {
            if (!n_missing++) first = path;
        }
    }
    LB_TRY(validation_add(v, "products without a picture", true, n_none, "of %u products", n));
    if (!n_missing)
        return validation_add(v, "registered pictures are there", true, 0,
                              "all %llu files were found", (unsigned long long)(n - n_none));
    return validation_add(v, "registered pictures are there", false, n_missing,
                          "missing files, the first is %s; put them back, or import the folder "
                          "again",
                          first);
}

static lb_status check_all(job *j, const char *directory, lb_validation *v) {
    dataset *d = NULL;
    sql db = {NULL, NULL};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(shop_open(directory, &db));
    LB_TRY_CLEANUP(check_database(&db, v));
    LB_TRY_CLEANUP(dataset_open(directory, &d));
    LB_TRY_CLEANUP(check_references(d, v));
    LB_TRY_CLEANUP(validate_network(d, v));
    LB_TRY_CLEANUP(check_images(d, v));
    for (size_t i = 0; i < dataset_n_features(d); i++)
        LB_TRY_CLEANUP(validate_feature(j, d, dataset_feature_name(d, i), v));
cleanup:
    sql_close(&db);
    dataset_close(d);
    return status;
}

lb_status dataset_validate(job *j, const char *directory, lb_validation **out) {
    lb_validation *v;
    LB_TRY(NEW_ARRAY(v, 1));
    lb_status status = check_all(j, directory, v);
    if (status == LB_E_FORMAT)
        status = validation_add(v, "dataset can be read", false, 1, "%s", lb_last_error());
    if (status == LB_OK)
        *out = v;
    else
        dataset_validation_free(v);
    return status;
}
