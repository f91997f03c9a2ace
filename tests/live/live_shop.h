/* A small shop of three circles of taste, a, b and c, whose products also look alike, and models of
 * it. */
#ifndef LB_TESTS_LIVE_SHOP_H
#define LB_TESTS_LIVE_SHOP_H

#include "data/shop_files.h"

#include "core/memory.h"
#include "core/random.h"
#include "data/split.h"
#include "model/model.h"

enum { PRODUCTS = 20, USERS = 40, BOUGHT = 9, COLD = 2, FEATURE = 16 };

/* 'a' of "a03" and of "cold-a01". */
static inline char circle_of(const char *id) {
    const char *dash = strchr(id, '-');
    return dash ? dash[1] : id[0];
}

static inline const lb_item *find(const lb_items *items, const char *id) {
    for (size_t i = 0; i < lb_items_count(items); i++)
        if (strcmp(lb_items_get(items, i)->id, id) == 0) return lb_items_get(items, i);
    return NULL;
}

static inline size_t count_circle(const lb_items *items, char circle) {
    size_t n = 0;
    for (size_t i = 0; i < lb_items_count(items); i++)
        n += circle_of(lb_items_get(items, i)->id) == circle;
    return n;
}

/* A feature of a circle: its own axis, noise, and a constant that centring takes away. */
static inline void shop_feature(char circle, unsigned item, float *out) {
    random_stream r = random_open(7, "feature", (uint64_t)circle * 1000 + item);
    for (unsigned d = 0; d < FEATURE; d++) out[d] = 3 + 0.15f * (float)random_normal(&r);
    out[circle - 'a'] += 1;
}

static inline void shop_interactions(const char *path) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("user,item\n", f);
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned u = 0; u < USERS; u++) {
            random_stream r = random_open(3, "purchases", (uint64_t)c * 1000 + u);
            uint32_t order[PRODUCTS];
            random_permutation(&r, order, PRODUCTS);
            for (unsigned k = 0; k < BOUGHT; k++) fprintf(f, "u%c%02u,%c%02u\n", c, u, c, order[k]);
            char other = (char)('a' + random_below(&r, 3));
            if (u % 4 == 0)
                fprintf(f, "u%c%02u,%c%02u\n", c, u, other, (unsigned)random_below(&r, PRODUCTS));
        }
    fputs("lonely,a00\nlonely,b01\nlonely,plain\n", f);               // fewer than the split's five
    for (unsigned u = 0; u < 6; u++) fprintf(f, "ua%02u,plain\n", u); // has no feature
    assert_int_equal(fclose(f), 0);
}

/* A file of the features first..first+n-1 of each circle, of products PREFIXa00 and so on. */
static inline void shop_features(const char *folder, lb_import_options *o, const char *prefix,
                                 unsigned first, unsigned n) {
    static float rows[3 * PRODUCTS * FEATURE];
    char name[64];
    snprintf(name, sizeof name, "%s%u.txt", prefix, first);
    FILE *f = fopen(in(folder, name), "w");
    assert_non_null(f);
    unsigned k = 0;
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned i = 0; i < n; i++) {
            fprintf(f, "%s%c%02u\n", prefix, c, i);
            shop_feature(c, first + i, rows + FEATURE * k++);
        }
    assert_int_equal(fclose(f), 0);
    o->feature_ids = in(folder, name);
    snprintf(name, sizeof name, "%s%u.npy", prefix, first);
    o->features = write_npy(folder, name, rows, k, FEATURE);
}

/* Of the products of the circles; others have none. */
static inline unsigned shop_price(char circle, unsigned item) {
    return (unsigned)(circle - 'a') * 100 + item;
}

/* The shop at folder/name: interactions, features, titles, categories and prices of circle a, b and
 * c. */
static inline const char *shop_make(const char *folder, const char *name) {
    const char *shop = in(folder, name);
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = in(folder, "bought.csv");
    shop_interactions(o.interactions);
    shop_features(folder, &o, "", 0, PRODUCTS);
    FILE *f = fopen(in(folder, "products.jsonl"), "w");
    assert_non_null(f);
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned i = 0; i < PRODUCTS; i++)
            fprintf(f,
                    "{\"id\":\"%c%02u\",\"title\":\"Say \\\"%c\\\" \\\\ <b> "
                    "\\u00e9\",\"category\":\"Circle > %c%s\",\"price\":%u}\n",
                    c, i, c, c, i % 2 ? " > Odd" : "", shop_price(c, i));
    assert_int_equal(fclose(f), 0);
    o.products = in(folder, "products.jsonl");
    assert_ok(import_into(shop, &o, NULL));
    lb_import_options_init(&o); // cold ones: a feature, and nobody bought them
    shop_features(folder, &o, "cold-", 100, COLD);
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

/* Trains a model on features of a list (NULL = none); `method` NULL = on everything, else users
 * with fewer than five products are left out. */
static inline void shop_train(const char *shop, const char *class_name, const char *const *settings,
                              size_t n_settings, const char *method, const char *feature,
                              const char *path) {
    static const lb_runtime runtime = {.threads = 2};
    job *j;
    dataset *d;
    split *s;
    feature_set f[DATASET_MAX_FEATURES];
    size_t n_features;
    model *m;
    const model_class *class;
    split_options options = {.method = method, .seed = 1, .min_user = 5, .cold = COLD_NATURAL};
    assert_ok(job_new(&runtime, &j));
    assert_ok(dataset_open(shop, &d));
    assert_ok(method ? split_load(d, &options, &s) : split_all(d, &s));
    assert_ok(dataset_features_open(d, feature ? feature : "", f, &n_features));
    assert_ok(model_class_find(class_name, &class));
    fit_input input = {.split = s, .features = f, .n_features = n_features, .seed = 1};
    assert_ok(model_fit(j, class, settings, n_settings, &input, &m));
    assert_ok(model_save(m, d, path));
    model_free(m);
    feature_sets_close(f, n_features);
    split_free(s);
    dataset_close(d);
    job_free(j);
}

static inline void shop_train_vasg(const char *shop, const char *path) {
    static const char *const settings[] = {"dim=16", "rank=8", "decoder-epochs=0"};
    shop_train(shop, "vasg", settings, 3, "leave-one-out", "image", path);
}

#endif
