/* What the readers' tests share: files written on the spot, and sinks that put all records into one
 * string to compare. */
#ifndef LB_TESTS_DATA_READERS_H
#define LB_TESTS_DATA_READERS_H

#include "support.h"

#include <zlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/reader.h"

/* The records read so far, one a line; grows. */
typedef struct records {
    char *text;
    size_t length, capacity;
} records;

static inline void records_add(records *r, const char *part) {
    size_t length = strlen(part);
    if (r->length + length + 1 > r->capacity) {
        r->capacity = 2 * (r->length + length + 1);
        r->text = memory_resize(r->text, r->capacity, 1);
        assert_non_null(r->text);
    }
    memcpy(r->text + r->length, part, length + 1);
    r->length += length;
}

/* "user product rating time\n", with - for a rating or time that the file does not have. */
static inline lb_status collect_interaction(void *context, const interaction_record *v) {
    char rating[32] = "-", time[32] = "-";
    if (v->has_rating) snprintf(rating, sizeof rating, "%g", v->rating);
    if (v->has_time) snprintf(time, sizeof time, "%lld", (long long)v->time);
    const char *parts[] = {v->user, " ", v->product, " ", rating, " ", time, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) records_add(context, parts[i]);
    return LB_OK;
}

/* "id|title|brand|category|price|description|image\n", with nothing for what is absent. */
static inline lb_status collect_product(void *context, const product_record *v) {
    char price[32] = "";
    if (v->has_price) snprintf(price, sizeof price, "%g", v->price);
    const char *fields[] = {v->id, v->title,       v->brand, v->category,
                            price, v->description, v->image};
    for (size_t i = 0; i < 7; i++) {
        if (i) records_add(context, "|");
        records_add(context, fields[i] ? fields[i] : "");
    }
    records_add(context, "\n");
    return LB_OK;
}

/* "id first last dim\n" */
static inline lb_status collect_feature(void *context, const char *id, const float *values,
                                        size_t dim) {
    char text[400];
    snprintf(text, sizeof text, "%s %g %g %zu\n", id, (double)values[0], (double)values[dim - 1],
             dim);
    records_add(context, text);
    return LB_OK;
}

/* The path of `name` in the test's folder; valid until 8 more were asked for. */
static inline const char *path_of(const char *name) {
    static char folder[256], paths[8][512];
    static unsigned next;
    if (!*folder) snprintf(folder, sizeof folder, "%s", test_folder());
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* Writes a file, packed if its name ends in .gz, and returns its path. */
static inline const char *write_file(const char *name, const void *bytes, size_t size) {
    const char *path = path_of(name);
    size_t length = strlen(name);
    if (length < 3 || strcmp(name + length - 3, ".gz") != 0) {
        test_write(path, bytes, size);
        return path;
    }
    gzFile f = gzopen(path, "wb");
    assert_non_null(f);
    if (size) assert_int_equal(gzwrite(f, bytes, (unsigned)size), size);
    assert_int_equal(gzclose(f), Z_OK);
    return path;
}

static inline const char *write_text(const char *name, const char *text) {
    return write_file(name, text, strlen(text));
}

#endif
