#include "demo/amazon.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "core/file.h"
#include "core/memory.h"

/* ---------------------------------------------------------------- lines */

lb_status amazon_add_review(text *t, const amazon_review *r) {
    time_t when = (time_t)r->time;
    struct tm date;
    if (!gmtime_r(&when, &date))
        return status_fail(LB_E_NUMERIC, "no date for time %lld", (long long)r->time);
    text_add(t, "{\"reviewerID\": \"%s\", \"asin\": \"%s\", \"reviewerName\": ", r->user,
             r->product);
    text_json_string(t, r->user_name);
    text_add(t, ", \"helpful\": [%d, %d], \"reviewText\": ", r->helped, r->asked);
    text_json_string(t, r->body);
    text_add(t, ", \"overall\": %d.0, \"summary\": ", r->stars);
    text_json_string(t, r->summary);
    text_add(t, ", \"unixReviewTime\": %lld, \"reviewTime\": \"%02d %d, %d\"}\n",
             (long long)r->time, date.tm_mon + 1, date.tm_mday, date.tm_year + 1900);
    return t->status;
}

void amazon_add_request(text *t, const char *user, const char *product, const char *words) {
    text_add(t, "{\"user\": \"%s\", \"product\": \"%s\", \"text\": ", user, product);
    text_json_string(t, words);
    text_add(t, "}\n");
}

/* A Python string as repr() writes it: in single quotes, or in double quotes if it contains single
 * but no double ones. */
static void add_python(text *t, const char *value) {
    char quote = strchr(value, '\'') && !strchr(value, '"') ? '"' : '\'';
    text_add(t, "%c", quote);
    for (size_t plain; *value; value += plain) {
        const char stops[] = {quote, '\\', '\0'};
        plain = strcspn(value, stops);
        text_add(t, "%.*s", (int)plain, value);
        if (!value[plain]) break;
        text_add(t, "\\%c", value[plain]);
        plain++;
    }
    text_add(t, "%c", quote);
}

static void add_links(text *t, const amazon_product *p) {
    if (!p->n_links) return;
    text_add(t, "'related': {");
    for (size_t k = 0; k < p->n_links; k++) {
        const amazon_links *l = &p->links[k];
        text_add(t, "%s'%s': [", k ? ", " : "", l->name);
        for (size_t i = 0; i < l->n; i++) text_add(t, "%s'%s'", i ? ", " : "", l->id[i]);
        text_add(t, "]");
    }
    text_add(t, "}, ");
}

static void add_member(text *t, const char *name, const char *value) {
    if (!value) return;
    text_add(t, "'%s': ", name);
    add_python(t, value);
    text_add(t, ", ");
}

void amazon_add_product(text *t, const amazon_product *p) {
    text_add(t, "{");
    add_member(t, "asin", p->id);
    add_member(t, "title", p->title);
    add_member(t, "description", p->description);
    text_add(t, "'price': %.2f, ", p->price);
    add_member(t, "imUrl", p->image);
    add_links(t, p);
    add_member(t, "brand", p->brand);
    text_add(t, "'categories': [");
    for (size_t k = 0; k < p->n_paths; k++) {
        text_add(t, "%s[", k ? ", " : "");
        for (size_t i = 0; p->path[k][i]; i++) {
            if (i) text_add(t, ", ");
            add_python(t, p->path[k][i]);
        }
        text_add(t, "]");
    }
    text_add(t, "]}\n");
}

/* ---------------------------------------------------------------- gzip */

enum { PACKED_SIZE = 1 << 16 };

struct amazon_file {
    file_writer *writer;
    z_stream z;
    int open; // z is to be ended
    unsigned char packed[PACKED_SIZE];
};

lb_status amazon_file_open(const char *directory, const char *name, amazon_file **out) {
    amazon_file *f;
    lb_status status = LB_OK;
    char *path = NULL;
    LB_TRY(NEW_ARRAY(f, 1));
    LB_TRY_CLEANUP((path = file_path(directory, name)) ? LB_OK : LB_E_NOMEM);
    // Without a time in the header, the same text gives the same bytes.
    f->open = deflateInit2(&f->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!f->open) LB_TRY_CLEANUP(status_fail(LB_E_NOMEM, "%s: no memory to compress", name));
    LB_TRY_CLEANUP(file_writer_open(path, &f->writer));
    *out = f;
    f = NULL;
cleanup:
    free(path);
    amazon_file_abort(f);
    return status;
}

static lb_status pack(amazon_file *f, const char *bytes, size_t n, int flush) {
    f->z.next_in = (unsigned char *)(uintptr_t)bytes;
    do {
        // zlib counts in 32 bits
        size_t step = n < UINT32_MAX / 2 ? n : UINT32_MAX / 2;
        f->z.avail_in = (uInt)step;
        n -= step;
        do {
            f->z.next_out = f->packed;
            f->z.avail_out = PACKED_SIZE;
            if (deflate(&f->z, n ? Z_NO_FLUSH : flush) == Z_STREAM_ERROR)
                return status_fail(LB_E_IO, "a file cannot be compressed");
            LB_TRY(file_writer_write(f->writer, f->packed, PACKED_SIZE - f->z.avail_out));
        } while (f->z.avail_out == 0);
    } while (n);
    return LB_OK;
}

lb_status amazon_file_take(amazon_file *f, text *t) {
    LB_TRY(t->status);
    LB_TRY(pack(f, t->bytes, t->n, Z_NO_FLUSH));
    t->n = 0;
    return LB_OK;
}

lb_status amazon_file_commit(amazon_file *f) {
    lb_status status = pack(f, NULL, 0, Z_FINISH);
    if (status == LB_OK) {
        status = file_writer_commit(f->writer);
        f->writer = NULL;
    }
    amazon_file_abort(f);
    return status;
}

void amazon_file_abort(amazon_file *f) {
    if (!f) return;
    file_writer_abort(f->writer);
    if (f->open) deflateEnd(&f->z);
    free(f);
}
