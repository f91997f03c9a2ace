/* A small shop for the tests of training and comparison: two tastes, and pictures that show them.
 */
#ifndef LB_TESTS_RUN_SHOP_H
#define LB_TESTS_RUN_SHOP_H

#include "data/shop_files.h"

#include <cjson/cJSON.h>

#include "core/random.h"

typedef struct shop_kind {
    unsigned users, products, per_user; // per_user different products each
    double own_taste;                   // share of products drawn from the user's half
    int features;                       // 1: a feature "image" of 8 numbers that shows the half
    int single;                         // 1: one more user, with one product
} shop_kind;

/* A user's next product: from the half of the same parity as the user, or from all of them. */
static inline uint32_t shop_draw(random_stream *r, const shop_kind *k, unsigned user) {
    uint32_t p = (uint32_t)random_below(r, k->products);
    if (random_unit(r) < k->own_taste) p = p / 2 * 2 + user % 2;
    return p < k->products ? p : k->products - 1;
}

static inline const char *shop_interactions(const char *folder, const shop_kind *k) {
    const char *path = in(folder, "orders.csv");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "user,item\n");
    for (unsigned u = 0; u < k->users; u++) {
        random_stream r = random_open(7, "test shop", u);
        uint8_t taken[1024] = {0};
        for (unsigned n = 0; n < k->per_user;) {
            uint32_t p = shop_draw(&r, k, u);
            if (taken[p]++) continue;
            fprintf(f, "u%u,p%u\n", u, p);
            n++;
        }
    }
    if (k->single) fprintf(f, "single,p0\n");
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline const char *shop_features(const char *folder, const shop_kind *k) {
    enum { DIM = 8 };
    float *x = calloc(k->products, DIM * sizeof *x);
    assert_non_null(x);
    for (unsigned p = 0; p < k->products; p++) {
        random_stream r = random_open(8, "test shop", p);
        for (unsigned d = 0; d < DIM; d++)
            x[p * DIM + d] = (float)(0.3 * random_unit(&r) + (d % 2 == p % 2));
    }
    const char *path = write_npy(folder, "x.npy", x, k->products, DIM);
    free(x);
    return path;
}

static inline const char *shop_feature_ids(const char *folder, const shop_kind *k) {
    const char *path = in(folder, "ids.txt");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (unsigned p = 0; p < k->products; p++) fprintf(f, "p%u\n", p);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* Imports such a shop into a fresh folder; the dataset is its sub-folder "shop". */
static inline const char *shop_make(shop_kind kind) {
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = shop_interactions(folder, &kind);
    if (kind.features) {
        o.features = shop_features(folder, &kind);
        o.feature_ids = shop_feature_ids(folder, &kind);
    }
    const char *shop = in(folder, "shop");
    assert_ok(lb_import(shop, &o, NULL, NULL));
    return shop;
}

static const shop_kind small_shop = {60, 40, 8, 0.9, 1, 0};

/* ---- comparisons */

static inline cJSON *shop_compare(const char *shop, const lb_compare_options *o,
                                  const lb_runtime *runtime) {
    lb_comparison *c;
    assert_ok(lb_compare(shop, o, runtime, &c));
    assert_true(strlen(lb_comparison_table(c)) > 100);
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    assert_non_null(json);
    lb_comparison_free(c);
    return json;
}

/* "models.0.warm.auc_own": members by name, elements by number. */
static inline const cJSON *shop_at(const cJSON *json, const char *path) {
    const cJSON *at = json;
    while (at && *path) {
        char name[64];
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(name, NULL, 10))
                               : cJSON_GetObjectItemCaseSensitive(at, name);
        path += n + (path[n] == '.');
    }
    return at;
}

static inline double shop_number(const cJSON *json, const char *path) {
    const cJSON *at = shop_at(json, path);
    if (!cJSON_IsNumber(at)) fail_msg("%s is not a number", path);
    return at->valuedouble;
}

static inline const char *shop_string(const cJSON *json, const char *path) {
    const cJSON *at = shop_at(json, path);
    if (!cJSON_IsString(at)) fail_msg("%s is not a string", path);
    return at->valuestring;
}

#endif
