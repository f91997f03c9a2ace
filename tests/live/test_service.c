/* A service: what it answers while products change. */
#include "live/photo_service.h"

#include <math.h>

/* ---- answers */

static void a_service_answers_as_a_recommender(void **state) {
    (void)state;
    lb_service *s = open_named("same");
    lb_recommender *r;
    assert_ok(lb_recommender_open(model_path, in(folder, "same"), NULL, &r));
    for (char c = 'a'; c <= 'c'; c++)
        for (unsigned u = 0; u < USERS; u += 9) {
            char user[8];
            snprintf(user, sizeof user, "u%c%02u", c, u);
            lb_recommend_options o;
            lb_recommend_options_init(&o);
            o.user = user;
            o.exclude_seen = 1;
            lb_items *a, *b;
            assert_ok(lb_recommend(r, &o, &a));
            assert_ok(lb_service_recommend(s, &o, &b));
            assert_string_equal(lb_items_json(a), lb_items_json(b));
            assert_string_equal(lb_items_based_on(b), "history");
            assert_int_equal(lb_items_get(b, 0)->available, 1);
            lb_items_free(a);
            lb_items_free(b);
        }
    lb_recommender_close(r);
    lb_service_close(s);
}

static void strangers_get_what_is_popular(void **state) {
    (void)state;
    lb_service *s = open_named("strangers");
    lb_items *items = ask(s, "nobody has this id", 5);
    assert_int_equal(lb_items_count(items), 5);
    assert_string_equal(lb_items_based_on(items), "popular");
    assert_non_null(strstr(lb_items_json(items), "\"based_on\":\"popular\""));
    assert_int_equal(lb_items_get(items, 0)->reason, LB_REASON_POPULAR);
    for (size_t i = 1; i < 5; i++)
        assert_true(lb_items_get(items, i - 1)->score >= lb_items_get(items, i)->score);
    lb_items_free(items);
    lb_service_close(s);
}

static void pages_follow_each_other(void **state) {
    (void)state;
    lb_service *s = open_named("pages");
    lb_items *whole, *page;
    for (int diverse = 0; diverse < 2; diverse++) {
        lb_recommend_options o;
        lb_recommend_options_init(&o);
        o.user = "ua03";
        o.n = 12;
        o.diversity = diverse ? 0.5 : 0;
        o.explain = 0;
        assert_ok(lb_service_recommend(s, &o, &whole));
        assert_non_null(strstr(lb_items_json(whole), "\"reason\":null"));
        o.n = 4;
        for (uint32_t k = 0; k < 3; k++) {
            o.offset = 4 * k;
            assert_ok(lb_service_recommend(s, &o, &page));
            assert_int_equal(lb_items_count(page), 4);
            for (size_t i = 0; i < 4; i++)
                assert_string_equal(lb_items_get(page, i)->id,
                                    lb_items_get(whole, o.offset + i)->id);
            lb_items_free(page);
        }
        o.offset = 5000;
        assert_ok(lb_service_recommend(s, &o, &page));
        assert_int_equal(lb_items_count(page), 0);
        assert_string_equal(lb_items_json_list(page), "[]");
        lb_items_free(page);
        lb_items_free(whole);
    }
    lb_service_close(s);
}

/* Pages with reserved places neither repeat nor miss a new product. */
static void new_ones_have_places_on_every_page(void **state) {
    (void)state;
    lb_service *s = open_named("reserved");
    char id[16];
    for (unsigned i = 0; i < 6; i++) {
        snprintf(id, sizeof id, "new-b%u", i);
        assert_ok(add_photo(s, id, 'b', 100 + i));
    }
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    o.user = "ua05"; // of another circle
    o.n = 5;
    o.n_new = 2;
    char seen[30][16];
    size_t n_seen = 0;
    for (o.offset = 0; o.offset < 15; o.offset += 5) {
        lb_items *page;
        size_t n_new = 0;
        assert_ok(lb_service_recommend(s, &o, &page));
        for (size_t i = 0; i < lb_items_count(page); i++) {
            n_new += lb_items_get(page, i)->is_new == 1;
            for (size_t k = 0; k < n_seen; k++)
                assert_string_not_equal(seen[k], lb_items_get(page, i)->id);
            snprintf(seen[n_seen++], sizeof *seen, "%s", lb_items_get(page, i)->id);
        }
        assert_true(n_new >= 2);
        lb_items_free(page);
    }
    assert_int_equal(n_seen, 15);
    lb_service_close(s);
}

/* Chosen by maximal marginal relevance, a list has more circles in it. */
static void diversity_mixes(void **state) {
    (void)state;
    lb_service *s = open_named("diverse");
    size_t own[2];
    for (int k = 0; k < 2; k++) {
        lb_recommend_options o;
        lb_items *items;
        lb_recommend_options_init(&o);
        o.user = "uc03";
        o.n = 10;
        o.diversity = k ? 0.9 : 0;
        assert_ok(lb_service_recommend(s, &o, &items));
        assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'c'); // the best stays first
        own[k] = count_circle(items, 'c');
        lb_items_free(items);
    }
    assert_true(own[1] + 2 < own[0]);
    lb_service_close(s);
}

/* ---- pictures in questions */

static void a_picture_finds_what_looks_like_it(void **state) {
    (void)state;
    lb_service *s = open_named("picture");
    for (char c = 'a'; c <= 'c'; c++) {
        photo p = photo_draw(c, 777);
        lb_recommend_options o;
        lb_similar_options similar;
        lb_items *items;
        lb_recommend_options_init(&o);
        o.image = p.bytes;
        o.image_bytes = p.size;
        assert_ok(lb_service_recommend(s, &o, &items));
        assert_int_equal(count_circle(items, c), 10);
        assert_string_equal(lb_items_based_on(items), "image");
        assert_int_equal(lb_items_get(items, 0)->reason, LB_REASON_LOOK);
        assert_true(lb_items_get(items, 0)->likeness > 0.5);
        lb_items_free(items);
        lb_similar_options_init(&similar);
        similar.image = p.bytes;
        similar.image_bytes = p.size;
        assert_ok(lb_service_similar(s, &similar, &items));
        assert_int_equal(count_circle(items, c), 10);
        assert_null(lb_items_get(items, 0)->because);
        lb_items_free(items);
        o.user = "ub02"; // the person's taste decides among them
        assert_ok(lb_service_recommend(s, &o, &items));
        assert_string_equal(lb_items_based_on(items), "history");
        assert_true(count_circle(items, c) + count_circle(items, 'b') >= 9);
        lb_items_free(items);
        free(p.bytes);
    }
    lb_recommend_options o;
    lb_items *items = NULL;
    lb_recommend_options_init(&o);
    o.image = "no picture";
    o.image_bytes = 10;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_FORMAT, "");
    assert_null(items);
    lb_service_close(s);
}

static void a_model_without_photos_says_so(void **state) {
    (void)state;
    lb_service *s;
    lb_items *items;
    photo p = photo_draw('a', 1);
    const char *shop = in(folder, "shop"), *path = in(folder, "text");
    photo_shop_train(shop, "vasg", "text", path);
    s = open_copy("wordy", "text");
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    o.image = p.bytes;
    o.image_bytes = p.size;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_UNSUPPORTED, "picture");
    // words place a new product: that of circle c is found by its users
    lb_product product;
    lb_product_init(&product);
    product.id = "written";
    product.title = "Thing c number 99";
    product.category = "Circle > c";
    product.brand = "Maker c";
    assert_ok(lb_service_products_add(s, &product, 1, 0));
    size_t near = place(s, "uc01", "written"), far = place(s, "ua01", "written");
    assert_true(near < 15 && near < far);
    // and when its words change it moves
    product.title = "Thing a number 99";
    product.category = "Circle > a";
    product.brand = "Maker a";
    assert_ok(lb_service_product_change(s, &product));
    assert_true(place(s, "ua01", "written") < 15);
    assert_true(place(s, "uc01", "written") > near);
    free(p.bytes);
    lb_service_close(s);
}

/* ---- products */

static void a_new_product_is_recommended_at_once(void **state) {
    (void)state;
    lb_service *s = open_named("fresh");
    assert_ok(add_photo(s, "new-b", 'b', 500));
    assert_ok(add_photo(s, "new-c", 'c', 500));
    size_t near = place(s, "ub01", "new-b");
    assert_true(near < 15 && near < place(s, "ub01", "new-c"));
    assert_true(place(s, "uc01", "new-c") < 15);
    lb_items *items = ask(s, "ub01", 15);
    const lb_item *item = find(items, "new-b");
    assert_int_equal(item->is_new, 1);
    assert_int_equal(item->reason, LB_REASON_LOOK);
    assert_string_equal(item->title, "A new one");
    assert_int_equal(circle_of(item->because), 'b');
    lb_items_free(items);
    lb_similar_options similar;
    lb_similar_options_init(&similar);
    similar.product = "b03";
    similar.by = LB_BY_LOOK;
    similar.n = 25;
    assert_ok(lb_service_similar(s, &similar, &items));
    assert_non_null(find(items, "new-b"));
    lb_items_free(items);
    similar.product = "new-b";
    similar.by = LB_BY_BOTH;
    similar.n = 10;
    assert_ok(lb_service_similar(s, &similar, &items));
    assert_int_equal(count_circle(items, 'b'), 10);
    lb_items_free(items);
    // liked by somebody nobody knows
    assert_ok(feed(s, "visitor", "new-c", LB_LIKED));
    items = ask(s, "visitor", 10);
    assert_string_equal(lb_items_based_on(items), "feedback");
    assert_true(count_circle(items, 'c') >= 9);
    lb_items_free(items);
    // it is the same after the service was opened again, and in a reload's snapshot
    for (int k = 0; k < 2; k++) {
        if (k)
            assert_ok(lb_service_reload(s, NULL));
        else {
            lb_service_close(s);
            s = open_again("fresh");
        }
        assert_int_equal(place(s, "ub01", "new-b"), near);
        assert_true(place(s, "ub01", "new-c") > near);
    }
    lb_service_close(s);
}

static void availability_takes_products_out_and_in(void **state) {
    (void)state;
    lb_service *s = open_named("available");
    lb_items *items = ask(s, "ua01", 1);
    char best[16];
    snprintf(best, sizeof best, "%s", lb_items_get(items, 0)->id);
    lb_items_free(items);
    assert_ok(set_available(s, best, 0));
    assert_false(listed(s, "ua01", 60, best));
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    o.user = "ua01";
    o.exclude_seen = 1;
    o.only_available = 0;
    assert_ok(lb_service_recommend(s, &o, &items));
    assert_string_equal(lb_items_get(items, 0)->id, best);
    assert_int_equal(lb_items_get(items, 0)->available, 0);
    assert_non_null(strstr(lb_items_json(items), "\"available\":false"));
    lb_items_free(items);
    cJSON *json = product_json(s, best);
    assert_true(cJSON_IsFalse(at(json, "available")));
    cJSON_Delete(json);
    lb_service_close(s);
    s = open_again("available");
    assert_false(listed(s, "ua01", 60, best));
    assert_ok(set_available(s, best, 1));
    assert_true(listed(s, "ua01", 1, best));
    lb_service_close(s);
}

/* Photos of a batch are encoded at once on several threads, as they are one by one. */
static void a_batch_of_photos_is_as_single_ones(void **state) {
    enum { MANY = 9 };
    (void)state;
    lb_service *s = open_named("batch");
    lb_product products[MANY];
    photo photos[MANY];
    char ids[MANY][16];
    for (unsigned i = 0; i < MANY; i++) {
        photos[i] = photo_draw("abc"[i % 3], 300 + i);
        snprintf(ids[i], sizeof ids[i], "many%u", i);
        lb_product_init(&products[i]);
        products[i].id = ids[i];
        products[i].title = "A new one";
        products[i].photo = photos[i].bytes;
        products[i].photo_bytes = i == 5 ? 20 : photos[i].size;
    }
    assert_error(lb_service_products_add(s, products, MANY, 0), LB_E_FORMAT, "many5");
    lb_reply *reply;
    assert_error(lb_service_product(s, "many0", &reply), LB_E_NOT_FOUND, "many0");
    products[5].photo_bytes = photos[5].size;
    assert_ok(lb_service_products_add(s, products, MANY, 0));
    lb_items *together = ask(s, "ub01", 100);
    lb_service_close(s);
    s = open_named("single");
    for (unsigned i = 0; i < MANY; i++) {
        assert_ok(lb_service_products_add(s, &products[i], 1, 0));
        free(photos[i].bytes);
    }
    lb_items *alone = ask(s, "ub01", 100);
    assert_int_equal(lb_items_count(together), lb_items_count(alone));
    for (size_t i = 0; i < lb_items_count(together); i++) { // places differ in their last bits
        const lb_item *a = lb_items_get(together, i), *b = find(alone, a->id);
        assert_true(b && fabs(a->score - b->score) < 1e-5);
    }
    lb_items_free(together);
    lb_items_free(alone);
    lb_service_close(s);
}

static void products_are_changed_and_removed(void **state) {
    (void)state;
    lb_service *s = open_named("changed");
    lb_product product;
    lb_product_init(&product);
    product.id = "a05";
    product.title = "Renamed <b>";
    product.brand = "";
    product.description = "What there is to say.";
    product.price = 99;
    assert_ok(lb_service_product_change(s, &product));
    cJSON *json = product_json(s, "a05");
    assert_string_equal(text_at(json, "title"), "Renamed <b>");
    assert_string_equal(text_at(json, "category"), "Circle > a");
    assert_true(cJSON_IsNull(at(json, "brand")));
    assert_string_equal(text_at(json, "description"), "What there is to say.");
    assert_true(number_at(json, "price") == 99);
    lb_recommend_options dear;
    lb_items *items;
    lb_recommend_options_init(&dear);
    dear.user = "ub01";
    dear.price_min = dear.price_max = 99; // known at once
    assert_ok(lb_service_recommend(s, &dear, &items));
    assert_int_equal(lb_items_count(items), 1);
    assert_non_null(find(items, "a05"));
    lb_items_free(items);
    assert_true(number_at(json, "buyers") > 0);
    assert_true(cJSON_IsFalse(at(json, "new")) && cJSON_IsTrue(at(json, "photo")));
    cJSON_Delete(json);

    assert_ok(lb_service_product_remove(s, "a05"));
    lb_reply *reply = NULL;
    assert_error(lb_service_product(s, "a05", &reply), LB_E_NOT_FOUND, "a05");
    assert_error(lb_service_product_remove(s, "a05"), LB_E_NOT_FOUND, "a05");
    assert_error(lb_service_product_change(s, &product), LB_E_NOT_FOUND, "a05");
    assert_error(feed(s, "ua01", "a05", LB_LIKED), LB_E_NOT_FOUND, "a05");
    for (unsigned u = 0; u < USERS; u += 5) {
        char user[8];
        snprintf(user, sizeof user, "ua%02u", u);
        lb_recommend_options o;
        lb_recommend_options_init(&o);
        o.user = user;
        o.n = 100;
        assert_ok(lb_service_recommend(s, &o, &items));
        assert_null(find(items, "a05"));
        for (size_t i = 0; i < lb_items_count(items); i++) {
            const char *because = lb_items_get(items, i)->because;
            assert_true(!because || (unsigned char)because[0] > 0x20);
        }
        lb_items_free(items);
    }
    // one of the same id is another one: it has a row of its own and nobody bought it
    assert_ok(add_photo(s, "a05", 'c', 900));
    json = product_json(s, "a05");
    assert_true(number_at(json, "buyers") == 0 && cJSON_IsTrue(at(json, "new")));
    assert_true(cJSON_IsNull(at(json, "category")));
    cJSON_Delete(json);
    size_t near = place(s, "uc01", "a05");
    assert_true(near < 15 && near < place(s, "ua01", "a05"));
    lb_service_close(s);
    s = open_again("changed");
    assert_int_equal(place(s, "uc01", "a05"), near);
    lb_service_close(s);
}

static void another_photo_is_another_look(void **state) {
    (void)state;
    lb_service *s = open_named("rephoto");
    assert_ok(add_photo(s, "moving", 'a', 600));
    assert_true(listed(s, "ua01", 15, "moving"));
    photo p = photo_draw('c', 601);
    lb_product product;
    lb_product_init(&product);
    product.id = "moving";
    product.photo = p.bytes;
    product.photo_bytes = p.size;
    for (int k = 0; k < 2; k++) { // placed live, and by the snapshot
        if (k) assert_ok(lb_service_reload(s, NULL));
        if (!k) assert_ok(lb_service_product_change(s, &product));
        assert_true(place(s, "uc01", "moving") < 15);
        assert_true(place(s, "ua01", "moving") > place(s, "uc01", "moving"));
    }
    free(p.bytes);
    // a product of the snapshot that moves leaves its old place
    p = photo_draw('b', 602);
    product.photo = p.bytes;
    product.photo_bytes = p.size;
    assert_ok(lb_service_product_change(s, &product));
    assert_true(listed(s, "ub01", 15, "moving"));
    lb_items *items = ask(s, "ub01", 60);
    size_t n = 0;
    for (size_t i = 0; i < lb_items_count(items); i++)
        n += strcmp(lb_items_get(items, i)->id, "moving") == 0;
    assert_int_equal(n, 1);
    lb_items_free(items);
    // a bought one keeps its taste and gets another look
    lb_similar_options similar;
    lb_similar_options_init(&similar);
    product.id = "a00";
    assert_ok(lb_service_product_change(s, &product));
    similar.product = "a00";
    similar.by = LB_BY_LOOK;
    assert_ok(lb_service_similar(s, &similar, &items));
    assert_true(count_circle(items, 'b') >= 9);
    lb_items_free(items);
    similar.by = LB_BY_TASTE;
    assert_ok(lb_service_similar(s, &similar, &items));
    assert_true(count_circle(items, 'a') >= 9);
    lb_items_free(items);
    free(p.bytes);
    lb_service_close(s);
}

static void a_batch_is_stored_whole_or_not(void **state) {
    (void)state;
    lb_service *s = open_named("batch");
    lb_product products[3];
    photo p = photo_draw('a', 1);
    for (size_t i = 0; i < 3; i++) lb_product_init(&products[i]);
    products[0].id = "x0";
    products[1].id = "x1";
    products[2].id = "a00";
    products[0].title = "Fine";
    lb_reply *reply = NULL;
    assert_error(lb_service_products_add(s, products, 3, 0), LB_E_EXISTS, "a00");
    assert_error(lb_service_product(s, "x0", &reply), LB_E_NOT_FOUND, "x0");
    products[2].id = "x0";
    assert_error(lb_service_products_add(s, products, 3, 0), LB_E_EXISTS, "x0");
    products[2].id = "x2";
    products[2].photo = "\xff\xd8\xff no picture";
    products[2].photo_bytes = 14;
    assert_error(lb_service_products_add(s, products, 3, 0), LB_E_FORMAT, "x2");
    assert_error(lb_service_product(s, "x0", &reply), LB_E_NOT_FOUND, "x0");
    products[2].photo = NULL;
    products[2].photo_bytes = 0;
    assert_ok(lb_service_products_add(s, products, 3, 0));
    assert_ok(lb_service_products_add(s, products, 0, 0));
    // it has nothing to be placed by: listed, and not recommended
    assert_false(listed(s, "ua01", 100, "x0"));
    products[0].title = NULL;
    products[0].photo = p.bytes;
    products[0].photo_bytes = p.size;
    assert_ok(lb_service_products_add(s, products, 3, 1));
    cJSON *json = product_json(s, "x0");
    assert_string_equal(text_at(json, "title"), "Fine");
    cJSON_Delete(json);
    assert_true(listed(s, "ua01", 30, "x0"));
    free(p.bytes);
    lb_service_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_answers_as_a_recommender),
        cmocka_unit_test(strangers_get_what_is_popular),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(new_ones_have_places_on_every_page),
        cmocka_unit_test(diversity_mixes),
        cmocka_unit_test(a_picture_finds_what_looks_like_it),
        cmocka_unit_test(a_model_without_photos_says_so),
        cmocka_unit_test(a_new_product_is_recommended_at_once),
        cmocka_unit_test(availability_takes_products_out_and_in),
        cmocka_unit_test(a_batch_of_photos_is_as_single_ones),
        cmocka_unit_test(products_are_changed_and_removed),
        cmocka_unit_test(another_photo_is_another_look),
        cmocka_unit_test(a_batch_is_stored_whole_or_not),
    };
    return cmocka_run_group_tests(tests, make_shop, NULL);
}
