/* Product files and folders of pictures of an import. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "data/import_impl.h"

typedef struct product_import {
    import *import;
    sqlite3_stmt *update;
} product_import;

/* A column that the file does not have stays as it is. */
static lb_status take_product(void *context, const product_record *r) {
    product_import *p = context;
    uint32_t row;
    if (!import_takes(p->import, r->id)) return LB_OK;
    LB_TRY(import_product(p->import, r->id, &row));
    sqlite3_bind_int64(p->update, 1, row);
    sql_bind_text(p->update, 2, r->title);
    sql_bind_text(p->update, 3, r->brand);
    sql_bind_text(p->update, 4, r->category);
    sql_bind_text(p->update, 5, r->description);
    if (r->has_price)
        sqlite3_bind_double(p->update, 6, r->price);
    else
        sqlite3_bind_null(p->update, 6);
    sql_bind_text(p->update, 7, r->image);
    return sql_step_done(&p->import->db, p->update);
}

/* The stated format is that of the interactions where both are given, but for the Amazon formats,
 * which cover both. */
static read_options product_options(const import *m) {
    read_options options = {m->format, m->options->columns, m->options->separator};
    if (!m->options->interactions) return options;
    options.columns = options.separator = NULL;
    if (options.format == READ_DELIMITED || options.format == READ_RECBOLE ||
        options.format == READ_JSON_LINES)
        options.format = READ_AUTO;
    return options;
}

static lb_status take_wanted(void *context, const product_record *r) {
    import *m = context;
    uint32_t row;
    if (!r->categories || !category_holds(r->categories, m->options->category)) return LB_OK;
    return idmap_add(&m->wanted, r->id, &row, NULL);
}

lb_status import_category(import *m) {
    read_report report = {0};
    read_options options = product_options(m);
    LB_TRY(read_products(m->job, m->options->products, &options, take_wanted, m, &report));
    if (m->wanted.n) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "%s: no product is in the category \"%s\"",
                       m->options->products, m->options->category);
}

lb_status import_products(import *m) {
    product_import p = {.import = m};
    read_report report = {0};
    read_options options = product_options(m);
    LB_TRY(sql_prepare(&m->db,
                       "UPDATE products SET title = coalesce(?2, title), brand = coalesce(?3,"
                       " brand), category = coalesce(?4, category), description = coalesce(?5,"
                       " description), price = coalesce(?6, price), image = coalesce(?7, image)"
                       " WHERE row = ?1",
                       &p.update));
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(
        read_products(m->job, m->options->products, &options, take_product, &p, &report));
    status = import_provenance(m, "products", m->options->products);
cleanup:
    sqlite3_finalize(p.update);
    return status;
}

/* ------------------------------------------------------------ pictures */

typedef struct name_list {
    char **name;
    size_t n, capacity;
} name_list;

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The length of the id in a picture's file name, 0 if it is none. */
static size_t picture_stem(const char *name) {
    static const char *const extensions[] = {"jpg", "jpeg", "png", "webp"};
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) return 0;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0) return (size_t)(dot - name);
    return 0;
}

static bool is_id(const char *text, size_t length) {
    if (!length || length > READER_MAX_ID || utf8_valid_length(text, length) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
    return true;
}

static lb_status list_pictures(const char *folder, name_list *list) {
    DIR *entries = opendir(folder);
    if (!entries)
        return status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO,
                                 "cannot read the folder %s", folder);
    lb_status status = LB_OK;
    for (struct dirent *e; (e = readdir(entries));) {
        if (!picture_stem(e->d_name)) continue;
        LB_TRY_CLEANUP(GROW_ARRAY(list->name, list->n, list->capacity));
        char *name = memory_string(e->d_name);
        LB_TRY_CLEANUP(name ? LB_OK : LB_E_NOMEM);
        list->name[list->n++] = name;
    }
    qsort(list->name, list->n, sizeof *list->name, compare_names);
cleanup:
    closedir(entries);
    return status;
}

static void name_list_free(name_list *list) {
    for (size_t i = 0; i < list->n; i++) free(list->name[i]);
    free(list->name);
}

static lb_status register_picture(import *m, sqlite3_stmt *insert, const char *folder,
                                  const char *name, const char *id) {
    uint32_t row;
    LB_TRY(import_product(m, id, &row));
    size_t length = strlen(folder) + strlen(name) + 2;
    char *path = memory_resize(NULL, length, 1);
    if (!path) return LB_E_NOMEM;
    snprintf(path, length, "%s/%s", folder, name);
    sqlite3_bind_int64(insert, 1, row);
    sql_bind_text(insert, 2, path);
    lb_status status = sql_step_done(&m->db, insert);
    free(path);
    m->report.images++;
    return status;
}

/* Of several files for one product the first by name is taken. */
static lb_status register_all(import *m, const char *folder, const name_list *list,
                              size_t *n_skipped) {
    sqlite3_stmt *insert;
    idmap seen = {0};
    LB_TRY(sql_prepare(&m->db,
                       "INSERT INTO images(row, path) VALUES(?, ?) ON CONFLICT DO UPDATE SET"
                       " path = excluded.path, sha256 = NULL",
                       &insert));
    lb_status status = LB_OK;
    for (size_t i = 0; i < list->n; i++) {
        char id[READER_MAX_ID + 1];
        size_t length = picture_stem(list->name[i]);
        bool added = false;
        uint32_t row;
        if (is_id(list->name[i], length)) {
            memcpy(id, list->name[i], length);
            id[length] = '\0';
            LB_TRY_CLEANUP(idmap_add(&seen, id, &row, &added));
        }
        if (!added) {
            ++*n_skipped;
            continue;
        }
        LB_TRY_CLEANUP(register_picture(m, insert, folder, list->name[i], id));
    }
cleanup:
    idmap_free(&seen);
    sqlite3_finalize(insert);
    return status;
}

lb_status import_images(import *m) {
    name_list list = {0};
    size_t n_skipped = 0;
    lb_status status = LB_OK;
    char *folder = realpath(m->options->images, NULL);
    if (!folder)
        return status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO,
                                 "cannot read the folder %s", m->options->images);
    LB_TRY_CLEANUP(list_pictures(folder, &list));
    if (!list.n)
        LB_TRY_CLEANUP(status_fail(LB_E_EMPTY,
                                   "%s: there are no pictures in it; expected PRODUCT-ID.jpg, "
                                   ".jpeg, .png or .webp",
                                   m->options->images));
    LB_TRY_CLEANUP(register_all(m, folder, &list, &n_skipped));
    if (n_skipped)
        job_note(m->job, "images",
                 "%s: %zu pictures left out: a second one of a product, or a name that is no id",
                 m->options->images, n_skipped);
    status = import_provenance(m, "images", folder);
cleanup:
    name_list_free(&list);
    free(folder);
    return status;
}
