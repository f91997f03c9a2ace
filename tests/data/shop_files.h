/* For the tests of datasets: input files, imports, and the whole content of a dataset as text. */
#ifndef LB_TESTS_DATA_SHOP_FILES_H
#define LB_TESTS_DATA_SHOP_FILES_H

#include "support.h"

#include <dirent.h>

#include "core/file.h"
#include "data/dataset.h"
#include "data/import.h"
#include "data/sql.h"

/* Paths inside a test's folder; the latest 256 are valid. */
static inline const char *in(const char *folder, const char *name) {
    static char paths[256][512];
    static unsigned next;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return memcpy(paths[next++ % 256], path, sizeof path);
}

static inline const char *write_text(const char *folder, const char *name, const char *text) {
    const char *path = in(folder, name);
    test_write(path, text, strlen(text));
    return path;
}

/* A NumPy file of float32. */
static inline const char *write_npy(const char *folder, const char *name, const float *x,
                                    unsigned n, unsigned dim) {
    const char *path = in(folder, name);
    char header[128];
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    int length = snprintf(header + 10, 118,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %u), }", n, dim);
    header[10 + length] = ' ';
    header[127] = '\n';
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(header, 1, sizeof header, f), sizeof header);
    assert_int_equal(fwrite(x, sizeof *x, (size_t)n * dim, f), (size_t)n * dim);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline lb_status import_into(const char *directory, const lb_import_options *options,
                                    lb_import_report *report) {
    job *j;
    lb_runtime runtime;
    lb_runtime_init(&runtime);
    runtime.threads = 1;
    assert_ok(job_new(&runtime, &j));
    lb_status status = dataset_import(j, directory, options, report);
    job_free(j);
    return status;
}

/* A growing text. */
typedef struct dump {
    char *text;
    size_t n, capacity;
} dump;

static inline void dump_add(dump *d, const void *bytes, size_t n) {
    if (d->n + n + 1 > d->capacity) {
        d->capacity = (d->n + n + 1) * 2;
        d->text = realloc(d->text, d->capacity);
        assert_non_null(d->text);
    }
    memcpy(d->text + d->n, bytes, n);
    d->n += n;
    d->text[d->n] = '\0';
}

static inline void dump_query(dump *d, const sql *db, const char *query) {
    sqlite3_stmt *statement;
    assert_ok(sql_prepare(db, query, &statement));
    bool row;
    for (;;) {
        assert_ok(sql_step(db, statement, &row));
        if (!row) break;
        for (int k = 0; k < sqlite3_column_count(statement); k++) {
            const void *bytes = sqlite3_column_blob(statement, k);
            if (bytes) dump_add(d, bytes, (size_t)sqlite3_column_bytes(statement, k));
            dump_add(d, "|", 1);
        }
        dump_add(d, "\n", 1);
    }
    sqlite3_finalize(statement);
}

static inline void dump_file(dump *d, const char *path) {
    file_map map;
    assert_ok(file_map_open(path, &map));
    dump_add(d, map.bytes, map.size);
    file_map_close(&map);
}

/* Every table, row by row, and the bytes of every feature file. Free text. */
static inline dump dump_dataset(const char *directory) {
    dump d = {0};
    sql db;
    assert_ok(sql_open(in(directory, "shop.db"), SQL_READ, &db));
    static const char *const tables[] = {"products", "users",          "interactions",
                                         "images",   "features",       "split_pairs",
                                         "splits",   "split_products", "provenance"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char query[64];
        snprintf(query, sizeof query, "SELECT * FROM %s", tables[i]);
        dump_add(&d, tables[i], strlen(tables[i]));
        dump_add(&d, "\n", 1);
        dump_query(&d, &db, query);
    }
    sqlite3_stmt *statement;
    assert_ok(sql_prepare(&db, "SELECT file FROM features ORDER BY name", &statement));
    bool row;
    for (;;) {
        assert_ok(sql_step(&db, statement, &row));
        if (!row) break;
        dump_file(&d, in(in(directory, "features"), sql_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    sql_close(&db);
    return d;
}

static inline void assert_same_dump(dump a, dump b) {
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.text, b.text, a.n);
    free(a.text);
    free(b.text);
}

/* How many entries a folder has; 0 if it is not there. */
static inline size_t count_files(const char *folder) {
    DIR *entries = opendir(folder);
    size_t n = 0;
    for (struct dirent *e; entries && (e = readdir(entries));) n += e->d_name[0] != '.';
    if (entries) closedir(entries);
    return n;
}

#endif
