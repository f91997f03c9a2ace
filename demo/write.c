/* Writes the shop's files in the layout of the Amazon review data of 2014. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "demo/catalogue.h"
#include "demo/demo.h"
#include "demo/draw.h"
#include "demo/related.h"
#include "demo/shoppers.h"

/* Day 0 of the orders: 1 July 2012, 0:00 UTC. */
static const int64_t first_day = 1341100800;
enum { SECONDS_A_DAY = 86400, PICTURES_A_ROUND = 64 };

void demo_options_init(demo_options *options) {
    *options = (demo_options){
        .n_products = 2000, .n_shoppers = 1500, .n_orders = 25000, .image_size = 256, .seed = 1};
}

static lb_status check_options(const demo_options *o) {
    if (o->n_products < 20 || o->n_products > 20000)
        return status_fail(LB_E_ARGUMENT, "%zu products; 20 to 20000 are possible", o->n_products);
    if (o->n_shoppers < 1 || o->n_shoppers > 100000)
        return status_fail(LB_E_ARGUMENT, "%zu shoppers; 1 to 100000 are possible", o->n_shoppers);
    if (o->n_orders < o->n_shoppers || o->n_orders > 1000000)
        return status_fail(LB_E_ARGUMENT,
                           "%zu orders; one for each shopper to 1000000 are possible", o->n_orders);
    if (o->image_size < 32 || o->image_size > 1024)
        return status_fail(LB_E_ARGUMENT, "pictures of %d pixels; 32 to 1024 are possible",
                           o->image_size);
    return LB_OK;
}

/* ---------------------------------------------------------------- text in memory, then gzip */

typedef struct text {
    char *bytes;
    size_t count, capacity;
} text;

static lb_status text_add(text *t, const char *bytes, size_t size) {
    if (size > t->capacity - t->count) {
        size_t wanted = t->capacity ? t->capacity : 1 << 16;
        while (wanted - t->count < size) {
            if (wanted > SIZE_MAX / 2) return status_fail(LB_E_NOMEM, "the demo shop is too large");
            wanted *= 2;
        }
        char *grown = memory_resize(t->bytes, wanted, 1);
        if (!grown) return LB_E_NOMEM;
        t->bytes = grown;
        t->capacity = wanted;
    }
    memcpy(t->bytes + t->count, bytes, size);
    t->count += size;
    return LB_OK;
}

__attribute__((format(printf, 2, 3))) static lb_status text_print(text *t, const char *format,
                                                                  ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line)
        return status_fail(LB_E_ARGUMENT, "a field of the demo shop is too long");
    return text_add(t, line, (size_t)size);
}

/* A JSON string. The texts are ASCII without control characters. */
static lb_status text_json(text *t, const char *value) {
    LB_TRY(text_add(t, "\"", 1));
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\') LB_TRY(text_add(t, "\\", 1));
        LB_TRY(text_add(t, c, 1));
    }
    return text_add(t, "\"", 1);
}

/* A Python string as repr() writes it: in single quotes, or in double quotes if it contains single
 * but no double ones. */
static lb_status text_python(text *t, const char *value) {
    char quote = strchr(value, '\'') && !strchr(value, '"') ? '"' : '\'';
    LB_TRY(text_add(t, &quote, 1));
    for (const char *c = value; *c; c++) {
        if (*c == quote || *c == '\\') LB_TRY(text_add(t, "\\", 1));
        LB_TRY(text_add(t, c, 1));
    }
    return text_add(t, &quote, 1);
}

/* Writes a text as gzip; without a time in the header, the same text gives the same bytes. */
static lb_status text_write_gz(const text *t, const char *directory, const char *name) {
    lb_status status = LB_OK;
    file_writer *w = NULL;
    unsigned char *packed = NULL;
    z_stream z = {0};
    char *path = file_path(directory, name);
    if (!path) return LB_E_NOMEM;
    if (t->count > UINT32_MAX / 2) {
        status = status_fail(LB_E_ARGUMENT, "%s would be larger than 2 GB", name);
        goto cleanup;
    }
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        status = status_fail(LB_E_NOMEM, "%s: no memory to compress", name);
        goto cleanup;
    }
    uLong bound = deflateBound(&z, (uLong)t->count);
    status = NEW_ARRAY(packed, bound);
    if (status == LB_OK) {
        z.next_in = (unsigned char *)t->bytes;
        z.avail_in = (uInt)t->count;
        z.next_out = packed;
        z.avail_out = (uInt)bound;
        if (deflate(&z, Z_FINISH) != Z_STREAM_END)
            status = status_fail(LB_E_IO, "%s cannot be compressed", name);
    }
    size_t size = z.total_out;
    deflateEnd(&z);
    if (status != LB_OK) goto cleanup;
    LB_TRY_CLEANUP(file_writer_open(path, &w));
    LB_TRY_CLEANUP(file_writer_write(w, packed, size));
    status = file_writer_commit(w);
    w = NULL;
cleanup:
    file_writer_abort(w);
    free(packed);
    free(path);
    return status;
}

/* ---------------------------------------------------------------- reviews */

static lb_status add_review(text *t, const order *o, size_t row, const shopper *s,
                            const demo_product *p, uint64_t seed) {
    char summary[80], body[600];
    random_stream r = random_open(seed, "demo review", row);
    review_write(s, p, o->stars, &r, summary, sizeof summary, body, sizeof body);
    int asked = random_unit(&r) < 0.4 ? (int)random_below(&r, 12) : 0;
    int helped = asked ? asked - (int)random_below(&r, (uint64_t)asked / 2 + 1) : 0;
    time_t when = (time_t)(first_day + (int64_t)o->day * SECONDS_A_DAY);
    struct tm date;
    if (!gmtime_r(&when, &date)) return status_fail(LB_E_NUMERIC, "no date for day %u", o->day);
    LB_TRY(text_print(t, "{\"reviewerID\": \"SHOPPER%06u\", \"asin\": \"%s\", ", o->shopper + 1,
                      p->id));
    LB_TRY(text_print(t, "\"reviewerName\": \"Shopper %04u\", \"helpful\": [%d, %d], ",
                      o->shopper + 1, helped, asked));
    LB_TRY(text_print(t, "\"reviewText\": "));
    LB_TRY(text_json(t, body));
    LB_TRY(text_print(t, ", \"overall\": %d.0, \"summary\": ", o->stars));
    LB_TRY(text_json(t, summary));
    return text_print(t, ", \"unixReviewTime\": %lld, \"reviewTime\": \"%02d %d, %d\"}\n",
                      (long long)when, date.tm_mon + 1, date.tm_mday, date.tm_year + 1900);
}

static lb_status write_reviews(const char *directory, const demo_options *options,
                               const shopper *shoppers, const demo_product *products,
                               const order *orders, size_t n_orders, job *j) {
    text t = {0};
    lb_status status = LB_OK;
    for (size_t i = 0; i < n_orders; i++) {
        const order *o = &orders[i];
        LB_TRY_CLEANUP(
            add_review(&t, o, i, &shoppers[o->shopper], &products[o->product], options->seed));
        if (i % 1024 == 0) LB_TRY_CLEANUP(job_progress(j, "reviews", "reviews", i, n_orders));
    }
    LB_TRY_CLEANUP(job_progress(j, "reviews", "reviews", n_orders, n_orders));
    status = text_write_gz(&t, directory, "reviews_Demo.json.gz");
cleanup:
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- products */

static lb_status add_links(text *t, const char *name, const demo_product *products,
                           const related_list *list, size_t most) {
    LB_TRY(text_print(t, "'%s': [", name));
    for (size_t i = 0; i < list->n && i < most; i++)
        LB_TRY(text_print(t, "%s'%s'", i ? ", " : "", products[list->rows[i]].id));
    return text_add(t, "]", 1);
}

static lb_status add_related(text *t, const demo_product *products, const related *r) {
    LB_TRY(text_print(t, "'related': {"));
    if (r->bought.n) {
        LB_TRY(add_links(t, "also_bought", products, &r->bought, N_RELATED));
        LB_TRY(text_print(t, ", "));
    }
    LB_TRY(add_links(t, "also_viewed", products, &r->viewed, N_RELATED));
    LB_TRY(text_print(t, ", "));
    LB_TRY(add_links(t, "bought_together", products, &r->together, 2));
    return text_print(t, "}, ");
}

static lb_status add_product(text *t, const demo_product *products, const demo_product *p,
                             const related *r) {
    const char *path[CATALOGUE_DEPTH];
    catalogue_path(p, path);
    LB_TRY(text_print(t, "{'asin': '%s', 'title': ", p->id));
    LB_TRY(text_python(t, p->title));
    LB_TRY(text_print(t, ", 'description': "));
    LB_TRY(text_python(t, p->description));
    LB_TRY(text_print(t, ", 'price': %.2f, 'imUrl': 'http://shop.example/images/%s.jpg', ", p->cost,
                      p->id));
    LB_TRY(add_related(t, products, r));
    LB_TRY(text_print(t, "'brand': "));
    LB_TRY(text_python(t, p->brand));
    LB_TRY(text_print(t, ", 'categories': [["));
    for (int i = 0; i < CATALOGUE_DEPTH; i++) {
        if (i) LB_TRY(text_print(t, ", "));
        LB_TRY(text_python(t, path[i]));
    }
    return text_print(t, "]]}\n");
}

static lb_status write_meta(const char *directory, const demo_product *products, size_t n,
                            const purchases *bought, job *j) {
    text t = {0};
    lb_status status;
    uint32_t *counts = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(counts, n));
    for (size_t i = 0; i < n; i++) {
        related r;
        related_find(products, n, bought, i, counts, &r);
        LB_TRY_CLEANUP(add_product(&t, products, &products[i], &r));
        if (i % 256 == 0) LB_TRY_CLEANUP(job_progress(j, "catalogue", "products", i, n));
    }
    LB_TRY_CLEANUP(job_progress(j, "catalogue", "products", n, n));
    status = text_write_gz(&t, directory, "meta_Demo.json.gz");
cleanup:
    free(counts);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- pictures */

typedef struct gallery {
    const char *folder;
    const demo_product *products;
    const demo_options *options;
    canvas **canvases; // (threads)
    size_t first;      // product of item 0 of this round
} gallery;

/* Thousands of pictures that can be drawn again are not worth a disk flush each, so they are
 * written without file_writer. */
static lb_status save_picture(const char *path, const unsigned char *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (!file) return status_fail_errno(LB_E_IO, "%s cannot be written", path);
    bool written = fwrite(bytes, 1, size, file) == size;
    if (fclose(file) != 0 || !written)
        return status_fail_errno(LB_E_IO, "%s cannot be written", path);
    return LB_OK;
}

static lb_status write_picture(void *context, size_t item, unsigned worker) {
    gallery *g = context;
    const demo_product *p = &g->products[g->first + item];
    random_stream r = random_open(g->options->seed, "demo picture", g->first + item);
    unsigned char *bytes = NULL;
    size_t size;
    char name[PRODUCT_ID_SIZE + 4], *path;
    snprintf(name, sizeof name, "%s.jpg", p->id);
    if (!(path = file_path(g->folder, name))) return LB_E_NOMEM;
    lb_status status = draw_picture(g->canvases[worker], p, r, &bytes, &size);
    if (status == LB_OK) status = save_picture(path, bytes, size);
    free(bytes);
    free(path);
    return status;
}

static lb_status write_pictures(const char *directory, const demo_product *products,
                                const demo_options *options, job *j) {
    lb_status status;
    unsigned threads = job_threads(j);
    gallery g = {.products = products, .options = options};
    char *folder = file_path(directory, "images");
    if (!folder) return LB_E_NOMEM;
    LB_TRY_CLEANUP(NEW_ARRAY(g.canvases, threads));
    LB_TRY_CLEANUP(file_make_directory(folder));
    g.folder = folder;
    for (unsigned i = 0; i < threads; i++)
        LB_TRY_CLEANUP(canvas_new(options->image_size, &g.canvases[i]));
    size_t n = options->n_products;
    for (g.first = 0; g.first < n; g.first += PICTURES_A_ROUND) {
        LB_TRY_CLEANUP(job_progress(j, "pictures", "pictures", g.first, n));
        size_t count = n - g.first < PICTURES_A_ROUND ? n - g.first : PICTURES_A_ROUND;
        LB_TRY_CLEANUP(job_run(j, count, write_picture, &g));
    }
    status = job_progress(j, "pictures", "pictures", n, n);
cleanup:
    for (unsigned i = 0; g.canvases && i < threads; i++) canvas_free(g.canvases[i]);
    free(g.canvases);
    free(folder);
    return status;
}

lb_status demo_write_shop(const char *directory, const demo_options *options, job *j) {
    demo_options defaults;
    demo_options_init(&defaults);
    if (!options) options = &defaults;
    LB_TRY(check_options(options));
    if (!file_is_directory(directory))
        return status_fail(LB_E_NOT_FOUND, "%s: no such directory; make it first", directory);
    lb_status status;
    demo_product *products = NULL;
    shopper *shoppers = NULL;
    order *orders = NULL;
    purchases *bought = NULL;
    size_t n_orders;
    LB_TRY_CLEANUP(catalogue_new(options->n_products, options->seed, &products));
    LB_TRY_CLEANUP(shoppers_new(options->n_shoppers, options->n_orders, options->seed, &shoppers));
    LB_TRY_CLEANUP(orders_new(shoppers, options->n_shoppers, products, options->n_products,
                              options->seed, j, &orders, &n_orders));
    LB_TRY_CLEANUP(
        purchases_new(orders, n_orders, options->n_shoppers, options->n_products, &bought));
    LB_TRY_CLEANUP(write_pictures(directory, products, options, j));
    LB_TRY_CLEANUP(write_meta(directory, products, options->n_products, bought, j));
    LB_TRY_CLEANUP(write_reviews(directory, options, shoppers, products, orders, n_orders, j));
cleanup:
    free(products);
    free(shoppers);
    free(orders);
    purchases_free(bought);
    return status;
}
