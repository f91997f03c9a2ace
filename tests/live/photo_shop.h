/* The shop of live_shop.h with photos instead of features: circle a is red and striped, b green and
 * chequered, c blue and slanted; and a service on it. */
#ifndef LB_TESTS_PHOTO_SHOP_H
#define LB_TESTS_PHOTO_SHOP_H

#include "live/live_shop.h"

#include <cjson/cJSON.h>

#include "media/thumbnail.h"

enum { SIDE = 48 };

typedef struct photo {
    unsigned char *bytes;
    size_t size;
} photo;

/* A photo of a circle; each `item` has its own noise and a shade of its own. Free with free(). */
static inline photo photo_draw(char circle, unsigned item) {
    image p;
    thumbnail t;
    random_stream r = random_open(11, "photo", (uint64_t)circle * 1000 + item);
    unsigned shade = (unsigned)random_below(&r, 40);
    assert_ok(image_new(SIDE, SIDE, &p));
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            size_t phase = circle == 'a' ? y / 6 : circle == 'b' ? x / 8 + y / 8 : (x + y) / 5;
            unsigned high = (phase % 2 ? 150 : 210) + shade;
            unsigned low = 40 + (unsigned)random_below(&r, 25);
            unsigned char *at = p.rgb + (y * SIDE + x) * 3;
            at[0] = at[1] = at[2] = (unsigned char)low;
            at[circle - 'a'] = (unsigned char)high;
        }
    assert_ok(thumbnail_encode(&p, 90, &t));
    image_free(&p);
    return (photo){t.jpeg, t.size};
}

/* folder/name with photos, titles, and a feature of each. */
static inline const char *photo_shop_make(const char *folder, const char *name) {
    const char *shop = in(folder, name), *images = in(folder, "photos");
    char title[64];
    lb_import_options o;
    lb_encode_options e;
    lb_import_options_init(&o);
    o.interactions = in(folder, "bought.csv");
    shop_interactions(o.interactions);
    assert_int_equal(mkdir(images, 0777), 0);
    o.images = images;
    o.products = in(folder, "products.csv");
    FILE *f = fopen(o.products, "w");
    assert_non_null(f);
    fputs("id,title,category,brand,price\n", f);
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned i = 0; i < PRODUCTS; i++) {
            snprintf(title, sizeof title, "%c%02u.jpg", c, i);
            photo p = photo_draw(c, i);
            test_write(in(images, title), p.bytes, p.size);
            free(p.bytes);
            fprintf(f, "%c%02u,Thing %c number %u,Circle > %c,Maker %c,%u.5\n", c, i, c, i, c, c,
                    i + 1);
        }
    assert_int_equal(fclose(f), 0);
    assert_ok(lb_import(shop, &o, NULL, NULL));
    lb_encode_options_init(&e);
    assert_ok(lb_encode(shop, &e, NULL, NULL));
    e.encoder = "words";
    assert_ok(lb_encode(shop, &e, NULL, NULL));
    return shop;
}

static inline void photo_shop_train(const char *shop, const char *class_name, const char *feature,
                                    const char *path) {
    static const char *const settings[] = {"dim=16", "rank=8", "decoder-epochs=0"};
    bool vasg = strcmp(class_name, "vasg") == 0;
    shop_train(shop, class_name, settings, vasg ? 3 : 0, NULL, feature, path);
}

static inline lb_status service_open(const char *shop, const char *path, lb_service **out) {
    lb_service_options o;
    lb_service_options_init(&o);
    o.directory = shop;
    o.model = path;
    return lb_service_open(&o, NULL, out);
}

/* ---- questions */

static inline lb_items *ask(lb_service *s, const char *user, uint32_t n) {
    lb_recommend_options o;
    lb_items *items = NULL;
    lb_recommend_options_init(&o);
    o.user = user;
    o.n = n;
    o.exclude_seen = 1;
    assert_ok(lb_service_recommend(s, &o, &items));
    return items;
}

/* Whether a product is in a user's list of n. */
static inline bool listed(lb_service *s, const char *user, uint32_t n, const char *product) {
    lb_items *items = ask(s, user, n);
    bool is = find(items, product) != NULL;
    lb_items_free(items);
    return is;
}

/* Where a product stands in a user's list of all, 1000 if it does not. */
static inline size_t place(lb_service *s, const char *user, const char *product) {
    lb_items *items = ask(s, user, 1000);
    size_t found = 1000;
    for (size_t i = 0; i < lb_items_count(items); i++)
        if (strcmp(lb_items_get(items, i)->id, product) == 0) found = i;
    lb_items_free(items);
    return found;
}

static inline cJSON *parse(lb_status status, lb_reply *reply) {
    if (status != LB_OK) fail_msg("%s: %s", lb_status_name(status), lb_last_error());
    cJSON *json = cJSON_Parse(lb_reply_json(reply));
    if (!json) fail_msg("no JSON: %s", lb_reply_json(reply));
    lb_reply_free(reply);
    return json;
}

static inline const cJSON *at(const cJSON *o, const char *key) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(o, key);
    if (!value) fail_msg("no member \"%s\"", key);
    return value;
}

static inline double number_at(const cJSON *o, const char *key) {
    assert_true(cJSON_IsNumber(at(o, key)));
    return at(o, key)->valuedouble;
}

static inline const char *text_at(const cJSON *o, const char *key) {
    assert_true(cJSON_IsString(at(o, key)));
    return at(o, key)->valuestring;
}

static inline cJSON *user_json(lb_service *s, const char *id) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_user(s, id, &reply);
    return parse(status, reply);
}

static inline cJSON *product_json(lb_service *s, const char *id) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_product(s, id, &reply);
    return parse(status, reply);
}

static inline cJSON *state_json(lb_service *s) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_state(s, &reply);
    return parse(status, reply);
}

/* ---- changes */

static inline lb_status feed(lb_service *s, const char *user, const char *product,
                             lb_feedback_kind kind) {
    lb_feedback f = {user, product, kind, 0};
    return lb_service_feedback(s, &f, 1, NULL, NULL);
}

/* A product of a circle, with a photo that no other has. */
static inline lb_status add_photo(lb_service *s, const char *id, char circle, unsigned item) {
    photo p = photo_draw(circle, item);
    lb_product product;
    lb_product_init(&product);
    product.id = id;
    product.title = "A new one";
    product.photo = p.bytes;
    product.photo_bytes = p.size;
    lb_status status = lb_service_products_add(s, &product, 1, 0);
    free(p.bytes);
    return status;
}

static inline lb_status set_available(lb_service *s, const char *id, int available) {
    lb_product product;
    lb_product_init(&product);
    product.id = id;
    product.available = available;
    return lb_service_product_change(s, &product);
}

#endif
