/* Writes the shop's files in the layout of the Amazon review data of 2014. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "demo/amazon.h"
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

/* ---------------------------------------------------------------- reviews */

enum { TAKE_BYTES = 1 << 20 }; // text is compressed in pieces of about this size

static lb_status add_review(text *t, const order *o, size_t row, const shopper *s,
                            const demo_product *p, uint64_t seed) {
    char user[32], name[32], summary[80], body[600];
    random_stream r = random_open(seed, "demo review", row);
    review_write(s, p, o->stars, &r, summary, sizeof summary, body, sizeof body);
    int asked = random_unit(&r) < 0.4 ? (int)random_below(&r, 12) : 0;
    int helped = asked ? asked - (int)random_below(&r, (uint64_t)asked / 2 + 1) : 0;
    snprintf(user, sizeof user, "SHOPPER%06u", o->shopper + 1);
    snprintf(name, sizeof name, "Shopper %04u", o->shopper + 1);
    amazon_review review = {.user = user,
                            .product = p->id,
                            .user_name = name,
                            .summary = summary,
                            .body = body,
                            .helped = helped,
                            .asked = asked,
                            .stars = o->stars,
                            .time = first_day + (int64_t)o->day * SECONDS_A_DAY};
    return amazon_add_review(t, &review);
}

static lb_status write_reviews(const char *directory, const demo_options *options,
                               const shopper *shoppers, const demo_product *products,
                               const order *orders, size_t n_orders, job *j) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(amazon_file_open(directory, "reviews_Demo.json.gz", &file));
    for (size_t i = 0; i < n_orders; i++) {
        const order *o = &orders[i];
        LB_TRY_CLEANUP(
            add_review(&t, o, i, &shoppers[o->shopper], &products[o->product], options->seed));
        if (t.n > TAKE_BYTES) LB_TRY_CLEANUP(amazon_file_take(file, &t));
        if (i % 1024 == 0) LB_TRY_CLEANUP(job_progress(j, "reviews", "reviews", i, n_orders));
    }
    LB_TRY_CLEANUP(job_progress(j, "reviews", "reviews", n_orders, n_orders));
    LB_TRY_CLEANUP(amazon_file_take(file, &t));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- requests */

static const double ASKED = 0.5; // share of the orders that began with a request

static lb_status write_requests(const char *directory, const demo_options *options,
                                const demo_product *products, const order *orders,
                                size_t n_orders) {
    text t = {0};
    amazon_file *file = NULL;
    char user[32], words[200];
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(amazon_file_open(directory, "requests_Demo.json.gz", &file));
    for (size_t i = 0; i < n_orders; i++) {
        const demo_product *p = &products[orders[i].product];
        random_stream r = random_open(options->seed, "demo request", i);
        if (random_unit(&r) >= ASKED) continue;
        request_write(p, &r, words, sizeof words);
        snprintf(user, sizeof user, "SHOPPER%06u", orders[i].shopper + 1);
        amazon_add_request(&t, user, p->id, words);
        if (t.n > TAKE_BYTES) LB_TRY_CLEANUP(amazon_file_take(file, &t));
    }
    LB_TRY_CLEANUP(amazon_file_take(file, &t));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- products */

/* Ids of up to `most` of a list's products. */
static amazon_links links_of(const char *name, const demo_product *products,
                             const related_list *list, size_t most, const char *ids[N_RELATED]) {
    amazon_links links = {name, ids, list->n < most ? list->n : most};
    for (size_t i = 0; i < links.n; i++) ids[i] = products[list->rows[i]].id;
    return links;
}

static lb_status add_product(text *t, const demo_product *products, const demo_product *p,
                             const related *r) {
    const char *path[CATALOGUE_DEPTH + 1] = {0}, *ids[AMAZON_LINKS][N_RELATED];
    const char *const *paths[] = {path};
    char image[PRODUCT_ID_SIZE + 48];
    catalogue_path(p, path);
    snprintf(image, sizeof image, "http://shop.example/images/%s.jpg", p->id);
    amazon_product a = {.id = p->id,
                        .title = p->title,
                        .description = p->description,
                        .image = image,
                        .brand = p->brand,
                        .price = p->cost,
                        .path = paths,
                        .n_paths = 1};
    if (r->bought.n)
        a.links[a.n_links++] = links_of("also_bought", products, &r->bought, N_RELATED, ids[0]);
    a.links[a.n_links++] = links_of("also_viewed", products, &r->viewed, N_RELATED, ids[1]);
    a.links[a.n_links++] = links_of("bought_together", products, &r->together, 2, ids[2]);
    amazon_add_product(t, &a);
    return t->status;
}

static lb_status write_meta(const char *directory, const demo_product *products, size_t n,
                            const purchases *bought, job *j) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status;
    uint32_t *counts = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(counts, n));
    LB_TRY_CLEANUP(amazon_file_open(directory, "meta_Demo.json.gz", &file));
    for (size_t i = 0; i < n; i++) {
        related r;
        related_find(products, n, bought, i, counts, &r);
        LB_TRY_CLEANUP(add_product(&t, products, &products[i], &r));
        if (t.n > TAKE_BYTES) LB_TRY_CLEANUP(amazon_file_take(file, &t));
        if (i % 256 == 0) LB_TRY_CLEANUP(job_progress(j, "catalogue", "products", i, n));
    }
    LB_TRY_CLEANUP(job_progress(j, "catalogue", "products", n, n));
    LB_TRY_CLEANUP(amazon_file_take(file, &t));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
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
    LB_TRY_CLEANUP(write_requests(directory, options, products, orders, n_orders));
cleanup:
    free(products);
    free(shoppers);
    free(orders);
    purchases_free(bought);
    return status;
}
