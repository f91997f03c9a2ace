/* Recommendations and similar products on a shop with known circles of taste. */
#include "live/live_shop.h"

#include <math.h>
#include <pthread.h>

#include "live/live.h"

static char folder[256];
static const char *shop, *model_path;
static lb_recommender *shared; // of shop and model_path

static int make_shared(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "%s", test_folder());
    static char paths[2][512];
    snprintf(paths[0], sizeof paths[0], "%s", shop_make(folder, "shop"));
    snprintf(paths[1], sizeof paths[1], "%s", in(folder, "vasg.safetensors"));
    shop = paths[0];
    model_path = paths[1];
    shop_train_vasg(shop, model_path);
    assert_ok(lb_recommender_open(model_path, shop, NULL, &shared));
    return 0;
}

static int drop_shared(void **state) {
    (void)state;
    lb_recommender_close(shared);
    return 0;
}

/* ---- small things */

static lb_items *recommend(const lb_recommender *r, const lb_recommend_options *o) {
    lb_items *items;
    assert_ok(lb_recommend(r, o, &items));
    return items;
}

static lb_recommend_options for_user(const char *user, uint32_t n) {
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    assert_int_equal(o.n, 10);
    o.user = user;
    o.n = n;
    return o;
}

static size_t count_new(const lb_items *items) {
    size_t n = 0;
    for (size_t i = 0; i < lb_items_count(items); i++) n += lb_items_get(items, i)->is_new == 1;
    return n;
}

/* Best first, nobody twice, finite scores. */
static void check_order(const lb_items *items) {
    for (size_t i = 0; i < lb_items_count(items); i++) {
        const lb_item *item = lb_items_get(items, i);
        assert_true(isfinite(item->score));
        if (i) assert_true(lb_items_get(items, i - 1)->score >= item->score);
        assert_ptr_equal(find(items, item->id), item);
    }
    assert_null(lb_items_get(items, lb_items_count(items)));
}

/* ---- recommendations */

static void a_user_gets_the_own_circle(void **state) {
    (void)state;
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned u = 0; u < USERS; u += 7) {
            char user[8];
            snprintf(user, sizeof user, "u%c%02u", c, u);
            lb_recommend_options o = for_user(user, 10);
            lb_items *items = recommend(shared, &o);
            assert_int_equal(lb_items_count(items), 10);
            assert_true(count_circle(items, c) >= 9);
            check_order(items);
            lb_items_free(items);
        }
}

static void reasons_name_products_of_the_person(void **state) {
    (void)state;
    lb_recommend_options o = for_user("ua01", 10);
    o.exclude_seen = 1;
    lb_items *items = recommend(shared, &o);
    for (size_t i = 0; i < lb_items_count(items); i++) {
        const lb_item *item = lb_items_get(items, i);
        if (circle_of(item->id) != 'a') continue;
        assert_int_not_equal(item->reason, LB_REASON_POPULAR);
        assert_non_null(item->because);
        assert_int_equal(circle_of(item->because), 'a');
        assert_true(strcmp(item->because, item->id) != 0);
        if (item->looks_like) {
            assert_int_equal(circle_of(item->looks_like), 'a');
            assert_true(item->likeness > 0.3 && item->likeness <= 1.0001);
        }
        assert_true(item->closeness >= -1.0001 && item->closeness <= 1.0001);
        if (item->is_new) {
            assert_int_equal(item->reason, LB_REASON_LOOK);
            assert_string_equal(item->because, item->looks_like);
        }
        assert_null(find(items, item->because)); // seen, and left out
    }
    lb_items_free(items);
}

static void somebody_known_by_liked_products(void **state) {
    (void)state;
    static const char *const liked[] = {"b01", "b02", "b03", "b03"};
    lb_recommend_options o = for_user(NULL, 12);
    o.liked = liked;
    o.n_liked = 4;
    lb_items *items = recommend(shared, &o);
    assert_true(count_circle(items, 'b') >= 11);
    check_order(items);
    for (size_t i = 0; i < 4; i++) assert_null(find(items, liked[i]));
    const lb_item *first = lb_items_get(items, 0);
    assert_true(strcmp(first->because, "b01") == 0 || strcmp(first->because, "b02") == 0 ||
                strcmp(first->because, "b03") == 0);
    lb_items_free(items);
}

static void feedback_moves_a_user(void **state) {
    (void)state;
    static const char *const liked[] = {"c00", "c01", "c02", "c03", "c04", "c05", "c06", "c07"};
    static const char *const disliked[] = {"a00", "a01", "a02", "a03"};
    lb_recommend_options o = for_user("ua02", 40);
    lb_items *before = recommend(shared, &o);
    o.liked = liked;
    o.n_liked = 8;
    o.disliked = disliked;
    o.n_disliked = 4;
    lb_items *after = recommend(shared, &o);
    assert_true(count_circle(after, 'c') > count_circle(before, 'c'));
    for (size_t i = 0; i < 8; i++) assert_null(find(after, liked[i]));
    for (size_t i = 0; i < 4; i++) assert_null(find(after, disliked[i]));
    o.disliked = liked + 2;
    lb_items *items;
    assert_error(lb_recommend(shared, &o, &items), LB_E_ARGUMENT, "both liked and disliked");
    lb_items_free(before);
    lb_items_free(after);
}

static void exclusion_and_seen_products(void **state) {
    (void)state;
    lb_recommend_options o = for_user("ub05", 20);
    lb_items *all = recommend(shared, &o);
    const char *best[] = {lb_items_get(all, 0)->id, lb_items_get(all, 3)->id};
    o.exclude = best;
    o.n_exclude = 2;
    lb_items *rest = recommend(shared, &o);
    assert_null(find(rest, best[0]));
    assert_null(find(rest, best[1]));
    assert_string_equal(lb_items_get(rest, 0)->id, lb_items_get(all, 1)->id);
    assert_true(lb_items_get(rest, 0)->score == lb_items_get(all, 1)->score);
    lb_items_free(rest);
    // the training part is what was seen: two of the user's products are test and validation
    o.n_exclude = 0;
    o.exclude_seen = 1;
    o.n = 1000;
    lb_items *unseen = recommend(shared, &o);
    o.exclude_seen = 0;
    lb_items *whole = recommend(shared, &o);
    assert_int_equal(lb_items_count(whole) - lb_items_count(unseen), BOUGHT - 2);
    lb_items_free(all);
    lb_items_free(unseen);
    lb_items_free(whole);
}

static void more_than_there_is(void **state) {
    (void)state;
    lb_recommend_options o = for_user("uc03", 10000);
    o.n_new = 10000;
    lb_items *items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 3 * PRODUCTS + 3 * COLD + 1);
    assert_true(count_new(items) >= 3 * COLD);
    check_order(items);
    lb_items_free(items);
}

static void categories(void **state) {
    (void)state;
    lb_recommend_options o = for_user("ua03", 100);
    o.category = "circle > B";
    lb_items *items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), PRODUCTS);
    assert_int_equal(count_circle(items, 'b'), PRODUCTS);
    lb_items_free(items);
    o.category = "odd";
    items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 3 * PRODUCTS / 2);
    assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'a');
    lb_items_free(items);
    for (unsigned i = 0; i < 80; i++) { // more names than are kept
        char name[] = "circle > c";
        for (unsigned k = 0; k < 6; k++)
            if (i >> k & 1) name[k] = (char)(name[k] - 'a' + 'A');
        o.category = name;
        items = recommend(shared, &o);
        assert_int_equal(count_circle(items, 'c'), PRODUCTS);
        assert_int_equal(lb_items_count(items), PRODUCTS);
        lb_items_free(items);
    }
    o.category = "Shoes";
    assert_error(lb_recommend(shared, &o, &items), LB_E_NOT_FOUND, "Circle");
    lb_recommender *alone;
    assert_ok(lb_recommender_open(model_path, NULL, NULL, &alone));
    assert_error(lb_recommend(alone, &o, &items), LB_E_ARGUMENT, "directory");
    lb_recommender_close(alone);
}

static void prices(void **state) {
    (void)state;
    lb_recommend_options o = for_user("ua03", 100);
    o.price_min = 95; // of a's none
    lb_items *items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 2 * PRODUCTS);
    assert_int_equal(count_circle(items, 'a'), 0);
    for (size_t i = 0; i < lb_items_count(items); i++) {
        const lb_item *item = lb_items_get(items, i);
        assert_true(item->price == shop_price(item->id[0], (unsigned)atol(item->id + 1)));
        assert_non_null(strstr(item->category, "Circle > "));
    }
    lb_items_free(items);
    o.price_max = 104;
    o.category = "odd"; // both hold
    items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 2);
    assert_non_null(find(items, "b01"));
    assert_non_null(find(items, "b03"));
    assert_non_null(strstr(lb_items_json(items), "\"price\":101,"));
    lb_items_free(items);
    o.price_min = 300;
    o.price_max = NAN;
    o.category = NULL;
    items = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 0);
    lb_items_free(items);
    lb_similar_options alike;
    lb_similar_options_init(&alike);
    alike.product = "a03";
    alike.n = 100;
    alike.price_max = 7;
    assert_ok(lb_similar(shared, &alike, &items));
    assert_int_equal(lb_items_count(items), 7); // a00 to a07 but a03
    lb_items_free(items);
    alike.price_min = 8;
    assert_error(lb_similar(shared, &alike, &items), LB_E_ARGUMENT, "prices from 8 to 7");
    o.price_min = -1;
    assert_error(lb_recommend(shared, &o, &items), LB_E_ARGUMENT, "negative");
    o.price_min = 0;
    lb_recommender *alone;
    assert_ok(lb_recommender_open(model_path, NULL, NULL, &alone));
    assert_error(lb_recommend(alone, &o, &items), LB_E_ARGUMENT, "directory");
    o.price_min = NAN;
    items = recommend(alone, &o);
    assert_true(isnan(lb_items_get(items, 0)->price));
    assert_null(lb_items_get(items, 0)->brand);
    lb_items_free(items);
    lb_recommender_close(alone);
}

static void reserved_places(void **state) {
    (void)state;
    for (uint32_t n_new = 0; n_new <= 6; n_new++) {
        lb_recommend_options o = for_user("ua04", 6);
        o.n_new = n_new;
        lb_items *items = recommend(shared, &o);
        assert_int_equal(lb_items_count(items), 6);
        assert_true(count_new(items) >= n_new);
        check_order(items);
        lb_items_free(items);
    }
    // the reserved ones are the best new ones: those of the person's circle come first
    lb_recommend_options o = for_user("ub04", 10);
    o.n_new = COLD;
    lb_items *items = recommend(shared, &o);
    for (size_t i = 0; i < 10; i++)
        if (lb_items_get(items, i)->is_new)
            assert_int_equal(circle_of(lb_items_get(items, i)->id), 'b');
    lb_items_free(items);
}

static void nothing_known_is_popular(void **state) {
    (void)state;
    lb_recommend_options o = for_user("lonely", 8);
    lb_items *items = recommend(shared, &o), *again = recommend(shared, &o);
    assert_int_equal(lb_items_count(items), 8);
    check_order(items);
    for (size_t i = 0; i < 8; i++) {
        const lb_item *item = lb_items_get(items, i);
        assert_int_equal(item->reason, LB_REASON_POPULAR);
        assert_null(item->because);
        assert_null(item->looks_like);
        assert_true(isnan(item->closeness) && isnan(item->likeness));
        assert_int_equal(item->is_new, 0);
        assert_true(item->score >= 1 && item->score == floor(item->score));
    }
    assert_string_equal(lb_items_json(items), lb_items_json(again));
    lb_items_free(items);
    lb_items_free(again);
    o.n_new = 2;
    items = recommend(shared, &o);
    assert_int_equal(count_new(items), 2);
    lb_items_free(items);
    static const char *const liked[] = {"c01", "c02"};
    o.n_new = 0;
    o.liked = liked;
    o.n_liked = 2;
    items = recommend(shared, &o);
    assert_true(count_circle(items, 'c') >= 7);
    lb_items_free(items);
}

static void no_dataset_no_titles(void **state) {
    (void)state;
    lb_recommender *r;
    lb_recommend_options o = for_user("ua01", 5);
    assert_ok(lb_recommender_open(model_path, NULL, NULL, &r));
    lb_items *bare = recommend(r, &o), *full = recommend(shared, &o);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(lb_items_get(bare, i)->id, lb_items_get(full, i)->id);
        assert_null(lb_items_get(bare, i)->title);
        assert_true(lb_items_get(bare, i)->likeness == lb_items_get(full, i)->likeness ||
                    isnan(lb_items_get(bare, i)->likeness));
    }
    lb_items_free(bare);
    lb_items_free(full);
    lb_recommender_close(r);
}

/* ---- similar products */

static lb_items *similar(const char *product, lb_likeness by, uint32_t n) {
    lb_similar_options o;
    lb_items *items;
    lb_similar_options_init(&o);
    assert_int_equal(o.n, 10);
    o.product = product;
    o.by = by;
    o.n = n;
    assert_ok(lb_similar(shared, &o, &items));
    return items;
}

static void similar_products(void **state) {
    (void)state;
    static const lb_reason reasons[] = {LB_REASON_TASTE, LB_REASON_LOOK, LB_REASON_BOTH};
    for (int by = LB_BY_TASTE; by <= LB_BY_BOTH; by++) {
        lb_items *items = similar("b07", (lb_likeness)by, 10);
        assert_int_equal(lb_items_count(items), 10);
        assert_null(find(items, "b07"));
        assert_true(count_circle(items, 'b') >= 9);
        check_order(items);
        for (size_t i = 0; i < 10; i++) {
            const lb_item *item = lb_items_get(items, i);
            assert_int_equal(item->reason, reasons[by]);
            assert_string_equal(item->because, "b07");
            double expected = by == LB_BY_TASTE  ? item->closeness
                              : by == LB_BY_LOOK ? item->likeness
                                                 : (item->closeness + item->likeness) / 2;
            assert_true(fabs(item->score - expected) < 1e-6);
        }
        lb_items_free(items);
    }
    lb_items *items = similar("cold-c00", LB_BY_LOOK, 30); // new products as any other
    assert_true(count_circle(items, 'c') >= PRODUCTS);
    assert_non_null(find(items, "cold-c01"));
    lb_items_free(items);
    items = similar("b07", LB_BY_LOOK, 10000);
    assert_null(find(items, "plain"));
    assert_int_equal(lb_items_count(items), 3 * (PRODUCTS + COLD) - 1);
    lb_items_free(items);
}

static void similar_products_that_cannot_be(void **state) {
    (void)state;
    lb_similar_options o;
    lb_items *items;
    lb_similar_options_init(&o);
    o.product = "plain";
    o.by = LB_BY_LOOK;
    assert_error(lb_similar(shared, &o, &items), LB_E_NOT_FOUND, "plain");
    o.by = LB_BY_BOTH;
    assert_error(lb_similar(shared, &o, &items), LB_E_NOT_FOUND, "no feature");
    o.by = LB_BY_TASTE;
    assert_ok(lb_similar(shared, &o, &items));
    lb_items_free(items);
    o.product = "nowhere";
    assert_error(lb_similar(shared, &o, &items), LB_E_NOT_FOUND, "nowhere");
    o.product = "a01";
    o.category = "Circle > b";
    assert_ok(lb_similar(shared, &o, &items));
    assert_int_equal(count_circle(items, 'b'), 10);
    lb_items_free(items);
}

/* ---- four at once */

static void *ask(void *context) {
    static const char *const users[] = {"ua01", "ub01", "uc01", "lonely"};
    static const char *const liked[] = {"a03", "b04"};
    static const char *const choices[] = {"Odd", "Circle", "a", "Circle > b"};
    char **out = context;
    size_t used = 0, room = 1 << 20;
    *out = calloc(1, room);
    for (int i = 0; i < 40 && *out; i++) {
        lb_recommend_options o;
        lb_similar_options s;
        lb_items *items, *alike;
        lb_recommend_options_init(&o);
        lb_similar_options_init(&s);
        o.user = users[i % 4];
        o.liked = liked;
        o.n_liked = (size_t)(i % 3);
        o.category = i % 5 ? NULL : choices[i % 4];
        o.n_new = 1;
        s.product = i % 2 ? "a01" : "b02";
        s.by = (lb_likeness)(i % 3);
        if (lb_recommend(shared, &o, &items) != LB_OK) return NULL;
        if (lb_similar(shared, &s, &alike) != LB_OK) return NULL;
        used += (size_t)snprintf(*out + used, room - used, "%s%s\n", lb_items_json(items),
                                 lb_items_json(alike));
        lb_items_free(items);
        lb_items_free(alike);
    }
    return *out;
}

static void threads_ask_at_once(void **state) {
    (void)state;
    pthread_t thread[4];
    char *answers[4] = {NULL};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, ask, &answers[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *result;
        assert_int_equal(pthread_join(thread[i], &result), 0);
        assert_non_null(result);
    }
    assert_true(strlen(answers[0]) > 10000);
    for (int i = 1; i < 4; i++) assert_string_equal(answers[0], answers[i]);
    for (int i = 0; i < 4; i++) free(answers[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_gets_the_own_circle),
        cmocka_unit_test(reasons_name_products_of_the_person),
        cmocka_unit_test(somebody_known_by_liked_products),
        cmocka_unit_test(feedback_moves_a_user),
        cmocka_unit_test(exclusion_and_seen_products),
        cmocka_unit_test(more_than_there_is),
        cmocka_unit_test(categories),
        cmocka_unit_test(prices),
        cmocka_unit_test(reserved_places),
        cmocka_unit_test(nothing_known_is_popular),
        cmocka_unit_test(no_dataset_no_titles),
        cmocka_unit_test(similar_products),
        cmocka_unit_test(similar_products_that_cannot_be),
        cmocka_unit_test(threads_ask_at_once),
    };
    return cmocka_run_group_tests(tests, make_shared, drop_shared);
}
