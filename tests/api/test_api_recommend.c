/* The public calls that answer: arguments are checked before anything is touched. */
#include "live/live_shop.h"

static lb_recommender *r;

static int open_shared(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = shop_make(folder, "shop"), *path = in(folder, "pop.safetensors");
    shop_train(shop, "pop", NULL, 0, NULL, NULL, path);
    assert_ok(lb_recommender_open(path, shop, NULL, &r));
    return 0;
}

static int close_shared(void **state) {
    (void)state;
    lb_recommender_close(r);
    return 0;
}

static void opening(void **state) {
    (void)state;
    lb_recommender *none = NULL;
    lb_runtime runtime = {.threads = 999};
    assert_error(lb_recommender_open(NULL, NULL, NULL, &none), LB_E_ARGUMENT, "model file");
    assert_error(lb_recommender_open("", NULL, NULL, &none), LB_E_ARGUMENT, "model file");
    assert_error(lb_recommender_open("m", "", NULL, &none), LB_E_ARGUMENT, "directory");
    assert_error(lb_recommender_open("m", NULL, NULL, NULL), LB_E_ARGUMENT, "no place");
    assert_error(lb_recommender_open("m", NULL, &runtime, &none), LB_E_ARGUMENT, "threads");
    assert_error(lb_recommender_open_with(NULL, NULL, &none), LB_E_ARGUMENT, "no options");
    lb_recommender_options options;
    lb_recommender_options_init(&options);
    assert_error(lb_recommender_open_with(&options, NULL, &none), LB_E_ARGUMENT, "model file");
    assert_null(none);
    lb_recommender_close(NULL);
}

static void refused(const lb_recommend_options *o, lb_status code, const char *phrase) {
    lb_items *items = NULL;
    assert_error(lb_recommend(r, o, &items), code, phrase);
    assert_null(items);
}

static void recommending(void **state) {
    (void)state;
    static const char *const known[] = {"a01", "b01"}, *const holes[] = {"a01", NULL};
    static const char *const unknown[] = {"a01", "zebra"};
    lb_recommend_options o;
    lb_items *items = NULL;
    lb_recommend_options_init(&o);
    refused(&o, LB_E_ARGUMENT, "neither a user, liked");
    o.disliked = known;
    o.n_disliked = 2;
    refused(&o, LB_E_ARGUMENT, "neither a user, liked");
    o.n_disliked = 0;
    o.user = "ua01";
    assert_error(lb_recommend(NULL, &o, &items), LB_E_ARGUMENT, "recommender");
    assert_error(lb_recommend(r, NULL, &items), LB_E_ARGUMENT, "options");
    assert_error(lb_recommend(r, &o, NULL), LB_E_ARGUMENT, "no place");
    o.n = 0;
    refused(&o, LB_E_ARGUMENT, "1 to 10000");
    o.n = 10001;
    refused(&o, LB_E_ARGUMENT, "10001");
    o.n = 3;
    o.n_new = 4;
    refused(&o, LB_E_ARGUMENT, "n_new is 4");
    o.n_new = 0;
    o.exclude_seen = 2;
    refused(&o, LB_E_ARGUMENT, "exclude_seen");
    o.exclude_seen = 0;
    o.category = "";
    refused(&o, LB_E_ARGUMENT, "category");
    o.category = NULL;
    o.n_liked = 1;
    refused(&o, LB_E_ARGUMENT, "list of liked");
    o.liked = holes;
    o.n_liked = 2;
    refused(&o, LB_E_ARGUMENT, "liked product 1 is NULL");
    o.n_liked = 1001;
    refused(&o, LB_E_ARGUMENT, "at most 1000");
    o.liked = unknown;
    o.n_liked = 2;
    refused(&o, LB_E_NOT_FOUND, "zebra");
    o.n_liked = 0;
    o.exclude = unknown;
    o.n_exclude = 2;
    refused(&o, LB_E_NOT_FOUND, "zebra");
    o.n_exclude = 0;
    o.disliked = unknown;
    o.n_disliked = 2;
    refused(&o, LB_E_NOT_FOUND, "zebra");
    o.n_disliked = 0;
    o.user = "nobody";
    refused(&o, LB_E_NOT_FOUND, "nobody");
}

static void comparing_products(void **state) {
    (void)state;
    lb_similar_options s;
    lb_items *items = NULL;
    lb_similar_options_init(&s);
    assert_int_equal(s.by, LB_BY_TASTE);
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "no product");
    s.product = "a01";
    assert_error(lb_similar(NULL, &s, &items), LB_E_ARGUMENT, "recommender");
    assert_error(lb_similar(r, NULL, &items), LB_E_ARGUMENT, "options");
    assert_error(lb_similar(r, &s, NULL), LB_E_ARGUMENT, "no place");
    s.by = (lb_likeness)3;
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "taste, look or both");
    s.by = LB_BY_LOOK;
    s.n = 0;
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "1 to 10000");
    s.n = 1;
    s.category = "";
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "category");
    assert_null(items);
    s.category = NULL;
    assert_ok(lb_similar(r, &s, &items));
    assert_int_equal(lb_items_count(items), 1);
    lb_items_free(items);
}

static void no_items(void **state) {
    (void)state;
    assert_int_equal(lb_items_count(NULL), 0);
    assert_null(lb_items_get(NULL, 0));
    assert_non_null(lb_items_json(NULL));
    lb_items_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening),
        cmocka_unit_test(recommending),
        cmocka_unit_test(comparing_products),
        cmocka_unit_test(no_items),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
