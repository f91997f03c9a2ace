/* What a dataset knows of its products beside features: texts, prices, categories. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "data/dataset_impl.h"

static lb_status copy_text(sqlite3_stmt *statement, int column, char **out) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    if (!text) return LB_OK;
    *out = memory_string((const char *)text);
    return *out ? LB_OK : LB_E_NOMEM;
}

static lb_status read_info(sqlite3_stmt *statement, product_info *info) {
    LB_TRY(copy_text(statement, 0, &info->title));
    LB_TRY(copy_text(statement, 1, &info->brand));
    LB_TRY(copy_text(statement, 2, &info->category));
    LB_TRY(copy_text(statement, 3, &info->description));
    LB_TRY(copy_text(statement, 4, &info->image));
    if (sqlite3_column_type(statement, 5) != SQLITE_NULL)
        info->price = sqlite3_column_double(statement, 5);
    return LB_OK;
}

lb_status dataset_product_infos(const dataset *d, uint32_t first, uint32_t n, product_info *out) {
    sqlite3_stmt *statement = NULL;
    bool row = false;
    lb_status status;
    for (uint32_t i = 0; i < n; i++) out[i] = (product_info){.price = -1};
    LB_TRY_CLEANUP(sql_prepare(&d->db,
                               "SELECT title, brand, category, description, image, price, row"
                               " FROM products WHERE row >= ? ORDER BY row LIMIT ?",
                               &statement));
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, n);
    for (uint32_t i = 0; i < n; i++) {
        LB_TRY_CLEANUP(sql_step(&d->db, statement, &row));
        if (!row || sqlite3_column_int64(statement, 6) != (sqlite3_int64)first + i) {
            status = status_fail(LB_E_NOT_FOUND, "%s has no product row %llu", d->directory,
                                 (unsigned long long)first + i);
            goto cleanup;
        }
        LB_TRY_CLEANUP(read_info(statement, &out[i]));
    }
cleanup:
    sqlite3_finalize(statement);
    for (uint32_t i = 0; status != LB_OK && i < n; i++) product_info_free(&out[i]);
    return status;
}

lb_status dataset_product_info(const dataset *d, uint32_t product, product_info *out) {
    product_info info;
    LB_TRY(dataset_product_infos(d, product, 1, &info));
    *out = info;
    return LB_OK;
}

void product_info_free(product_info *info) {
    free(info->title);
    free(info->brand);
    free(info->category);
    free(info->description);
    free(info->image);
    *info = (product_info){.price = -1};
}

bool category_holds(const char *paths, const char *wanted) {
    size_t length = strlen(wanted);
    bool one = !memchr(wanted, '>', length), first = true; // first: at the start of a path
    for (const char *component = paths; *component;) {
        const char *end = component + length;
        if ((one || first) && strncasecmp(component, wanted, length) == 0 &&
            (*end == '\0' || *end == '\n' || strncmp(end, " > ", 3) == 0))
            return true;
        while (*component && *component != '\n' && strncmp(component, " > ", 3) != 0) component++;
        first = *component == '\n';
        component += *component == '\0' ? 0 : first ? 1 : 3;
    }
    return false;
}

/* The first categories by name, for the message. */
static lb_status no_category(const dataset *d, const char *category) {
    char names[400] = "";
    size_t used = 0;
    sqlite3_stmt *statement;
    bool more = true;
    LB_TRY(sql_prepare(&d->db,
                       "SELECT DISTINCT category FROM products WHERE category IS NOT NULL"
                       " ORDER BY category LIMIT 5",
                       &statement));
    lb_status status;
    while ((status = sql_step(&d->db, statement, &more)) == LB_OK && more && used < sizeof names)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s\"%.60s\"", used ? ", " : "",
                                 sql_text(statement, 0));
    sqlite3_finalize(statement);
    if (status != LB_OK) return status;
    if (!used)
        return status_fail(LB_E_NOT_FOUND,
                           "%s knows no categories; import a product file with a category column",
                           d->directory);
    return status_fail(LB_E_NOT_FOUND, "%s has no category \"%s\"; it has, among others: %s",
                       d->directory, category, names);
}

lb_status dataset_category_mask(const dataset *d, const char *category, uint8_t *mask,
                                size_t *count) {
    sqlite3_stmt *statement;
    bool more = true;
    size_t n = 0;
    memset(mask, 0, d->products.n);
    LB_TRY(sql_prepare(&d->db, "SELECT row, category FROM products WHERE category IS NOT NULL",
                       &statement));
    lb_status status = LB_OK;
    for (;;) {
        LB_TRY_CLEANUP(sql_step(&d->db, statement, &more));
        if (!more) break;
        sqlite3_int64 row = sqlite3_column_int64(statement, 0);
        if (row < 0 || row >= d->products.n || !category_holds(sql_text(statement, 1), category))
            continue;
        mask[row] = 1;
        n++;
    }
    if (!n) LB_TRY_CLEANUP(no_category(d, category));
    *count = n;
cleanup:
    sqlite3_finalize(statement);
    return status;
}
