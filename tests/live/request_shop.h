/* The shop of photo_shop.h, in which people ask: whisper on it. */
#ifndef LB_TESTS_REQUEST_SHOP_H
#define LB_TESTS_REQUEST_SHOP_H

#include "live/photo_shop.h"

/* What is said of products of a circle, behind "something"; titles say "Thing a number 3"
 * (photo_shop.h). */
static const char *const asked_for[] = {"warm winter wool", "light beach linen",
                                        "sharp office suit"};

/* Requests of the first users, as a file, imported. */
static inline void request_shop_ask(const char *folder, const char *shop) {
    lb_import_options o;
    lb_import_report report;
    lb_import_options_init(&o);
    o.requests = in(folder, "requests.jsonl");
    FILE *f = fopen(o.requests, "w");
    assert_non_null(f);
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned u = 0; u < USERS; u++)
            for (unsigned p = 0; p < PRODUCTS; p += 2)
                fprintf(f,
                        "{\"user\":\"u%c%02u\",\"product\":\"%c%02u\",\"text\":\"something %s\"}\n",
                        c, u, c, p, asked_for[c - 'a']);
    fputs("{\"user\":\"nobody\",\"product\":\"a00\",\"text\":\"lost\"}\n", f);
    assert_int_equal(fclose(f), 0);
    assert_ok(lb_import(shop, &o, NULL, &report));
    assert_int_equal(report.requests, 3 * USERS * PRODUCTS / 2);
}

/* On a feature, NULL = all of the shop's. */
static inline void request_shop_train(const char *shop, const char *feature, const char *path) {
    static const char *const quick[] = {"hidden=8",   "epochs=2",     "gain-epochs=2",
                                        "batch=64",   "buckets=4096", "taste-dim=16",
                                        "look-dim=8", "rank=8",       "taste-epochs=4"};
    lb_train_options o;
    lb_train_options_init(&o);
    o.model = "whisper";
    o.level = "request";
    o.settings = quick;
    o.n_settings = sizeof quick / sizeof *quick;
    o.feature = feature;
    o.output = path;
    assert_ok(lb_train(shop, &o, NULL));
}

#endif
