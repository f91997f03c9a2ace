/* A service: feedback counts at once, and users are forgotten when they ask for it. */
#include "live/photo_service.h"

/* ---- feedback */

static void feedback_counts_at_once(void **state) {
    (void)state;
    lb_service *s = open_named("feedback");
    static const char *const liked[] = {"c00", "c01", "c02", "c03", "c04"};
    size_t before, after;
    lb_items *items = ask(s, "ua02", 20);
    before = count_circle(items, 'c');
    char best[16];
    snprintf(best, sizeof best, "%s", lb_items_get(items, 0)->id);
    lb_items_free(items);
    for (size_t i = 0; i < 5; i++) assert_ok(feed(s, "ua02", liked[i], LB_LIKED));
    items = ask(s, "ua02", 20);
    after = count_circle(items, 'c');
    assert_true(after > before);
    for (size_t i = 0; i < 5; i++) assert_null(find(items, liked[i]));
    lb_items_free(items);
    // disliked ones are never listed, bought ones are seen
    assert_ok(feed(s, "ua02", best, LB_DISLIKED));
    assert_false(listed(s, "ua02", 100, best));
    assert_ok(feed(s, "ua02", best, LB_WITHDRAWN));
    assert_true(listed(s, "ua02", 100, best));
    assert_ok(feed(s, "ua02", best, LB_WITHDRAWN)); // nothing to take back
    assert_ok(feed(s, "ua02", best, LB_BOUGHT));
    assert_false(listed(s, "ua02", 100, best));
    cJSON *json = user_json(s, "ua02");
    assert_int_equal(cJSON_GetArraySize(at(json, "liked")), 5);
    assert_int_equal(cJSON_GetArraySize(at(json, "disliked")), 0);
    assert_true(cJSON_IsTrue(at(json, "known_to_model")));
    const cJSON *newest = cJSON_GetArrayItem(at(json, "history"), 0);
    assert_string_equal(text_at(newest, "product"), best);
    assert_string_equal(text_at(newest, "kind"), "bought");
    assert_true(number_at(newest, "time") > 1.6e9);
    cJSON_Delete(json);
    items = ask(s, "ua02", 20);
    after = count_circle(items, 'c');
    lb_items_free(items);
    lb_service_close(s);
    s = open_again("feedback");
    assert_false(listed(s, "ua02", 100, best));
    items = ask(s, "ua02", 20);
    assert_int_equal(count_circle(items, 'c'), after);
    lb_items_free(items);
    lb_service_close(s);
}

static void somebody_new_is_known_by_feedback(void **state) {
    (void)state;
    lb_service *s = open_named("newcomer");
    assert_ok(feed(s, "n\xc3\xa9w <one>", "b01", LB_BOUGHT));
    assert_ok(feed(s, "n\xc3\xa9w <one>", "b02", LB_BOUGHT));
    lb_items *items = ask(s, "n\xc3\xa9w <one>", 10);
    assert_string_equal(lb_items_based_on(items), "history");
    assert_true(count_circle(items, 'b') >= 9);
    assert_null(find(items, "b01"));
    lb_items_free(items);
    cJSON *json = user_json(s, "n\xc3\xa9w <one>");
    assert_true(cJSON_IsFalse(at(json, "known_to_model")));
    cJSON_Delete(json);
    // a dislike alone says nothing to start from
    assert_ok(feed(s, "grumbler", "b01", LB_DISLIKED));
    items = ask(s, "grumbler", 100);
    assert_string_equal(lb_items_based_on(items), "popular");
    assert_null(find(items, "b01"));
    lb_items_free(items);
    lb_service_close(s);
}

static void a_key_makes_repeats_harmless(void **state) {
    (void)state;
    lb_service *s = open_named("keys");
    lb_feedback batch[2] = {{"ua01", "b01", LB_LIKED, 0}, {"ua01", "b02", LB_DISLIKED, 5}};
    int repeated = 7;
    assert_ok(lb_service_feedback(s, batch, 2, "key 1", &repeated));
    assert_int_equal(repeated, 0);
    assert_ok(feed(s, "ua01", "b01", LB_WITHDRAWN));
    assert_ok(lb_service_feedback(s, batch, 2, "key 1", &repeated));
    assert_int_equal(repeated, 1);
    cJSON *json = user_json(s, "ua01");
    assert_int_equal(cJSON_GetArraySize(at(json, "liked")), 0); // not stored again
    cJSON_Delete(json);
    batch[1].kind = LB_LIKED;
    assert_error(lb_service_feedback(s, batch, 2, "key 1", NULL), LB_E_MISMATCH, "key 1");
    lb_service_close(s);
    batch[1].kind = LB_DISLIKED;
    s = open_again("keys");
    assert_ok(lb_service_feedback(s, batch, 2, "key 1", &repeated));
    assert_int_equal(repeated, 1);
    // a batch that fails has not used its key up
    batch[1].product = "nothing";
    assert_error(lb_service_feedback(s, batch, 2, "key 2", NULL), LB_E_NOT_FOUND, "nothing");
    batch[1].product = "b02";
    assert_ok(lb_service_feedback(s, batch, 2, "key 2", &repeated));
    assert_int_equal(repeated, 0);
    lb_service_close(s);
}

/* ---- users */

static void an_erased_user_is_nobody(void **state) {
    (void)state;
    lb_service *s = open_named("erased");
    lb_reply *reply = NULL;
    assert_ok(feed(s, "ub03", "a01", LB_LIKED));
    cJSON *json = product_json(s, "b00");
    json = (cJSON_Delete(json), state_json(s));
    double users = number_at(at(json, "dataset"), "users");
    double events = number_at(at(json, "dataset"), "interactions");
    cJSON_Delete(json);
    json = user_json(s, "ub03");
    int bought = cJSON_GetArraySize(at(json, "history"));
    cJSON_Delete(json);
    assert_ok(lb_service_user_remove(s, "ub03"));
    assert_error(lb_service_user(s, "ub03", &reply), LB_E_NOT_FOUND, "ub03");
    assert_error(lb_service_user_remove(s, "ub03"), LB_E_NOT_FOUND, "ub03");
    json = state_json(s);
    assert_true(number_at(at(json, "dataset"), "users") == users - 1);
    assert_true(number_at(at(json, "dataset"), "interactions") == events - bought);
    assert_true(number_at(at(json, "changes"), "users_removed") == 1);
    cJSON_Delete(json);
    for (int k = 0; k < 2; k++) {
        lb_items *items = ask(s, "ub03", 10);
        assert_string_equal(lb_items_based_on(items), "popular");
        lb_items_free(items);
        if (k) break;
        lb_service_close(s);
        s = open_again("erased");
    }
    // the id is a new person from now on
    assert_ok(feed(s, "ub03", "c01", LB_BOUGHT));
    json = user_json(s, "ub03");
    assert_int_equal(cJSON_GetArraySize(at(json, "history")), 1);
    assert_true(cJSON_IsFalse(at(json, "known_to_model")));
    cJSON_Delete(json);
    lb_service_close(s);
    // a recommender of the old model does not know them either
    lb_recommender *r;
    lb_items *items;
    lb_recommend_options o;
    assert_ok(lb_recommender_open(model_path, in(folder, "erased"), NULL, &r));
    lb_recommend_options_init(&o);
    o.user = "ub03";
    assert_error(lb_recommend(r, &o, &items), LB_E_NOT_FOUND, "ub03");
    o.user = "\0015";
    assert_error(lb_recommend(r, &o, &items), LB_E_NOT_FOUND, "user");
    lb_recommender_close(r);
}

/* The next training knows nothing of removed users and products, and its model serves. */
/* Pages of two rows at a time: all that a user did, whatever is removed in between. */
static void all_that_was_done_is_told_in_pages(void **state) {
    (void)state;
    lb_service *s = open_named("events");
    lb_reply *reply = NULL;
    char id[8], first_seen[8] = "";
    unsigned seen[10] = {0};
    size_t n = 0;
    for (unsigned i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "b%02u", i);
        assert_ok(feed(s, "collector", id, LB_LIKED));
        assert_ok(feed(s, "collector", id, LB_BOUGHT));
    }
    bool more = true;
    for (uint32_t first = 0; more;) {
        lb_status status = lb_service_events(s, "collector", LB_LIKED, first, 2, &reply);
        cJSON *json = parse(status, reply);
        const cJSON *event;
        cJSON_ArrayForEach(event, at(json, "events")) {
            seen[text_at(event, "product")[2] - '0']++;
            if (!n++) snprintf(first_seen, sizeof first_seen, "%s", text_at(event, "product"));
        }
        if (n == 2) assert_ok(lb_service_product_remove(s, first_seen));
        more = !cJSON_IsNull(at(json, "next"));
        if (more) first = (uint32_t)number_at(json, "next");
        cJSON_Delete(json);
    }
    for (unsigned i = 0; i < 10; i++) assert_int_equal(seen[i], 1);
    assert_error(lb_service_events(s, "nobody", LB_LIKED, 0, 2, &reply), LB_E_NOT_FOUND, "nobody");
    assert_error(lb_service_events(s, "collector", LB_WITHDRAWN, 0, 2, &reply), LB_E_ARGUMENT,
                 "kind");
    assert_error(lb_service_events(s, "collector", LB_LIKED, 0, 0, &reply), LB_E_ARGUMENT, "n is");
    lb_service_close(s);
}

static void training_honours_removals(void **state) {
    (void)state;
    lb_service *s = open_named("retrain");
    const char *shop = in(folder, "retrain"), *path = in(folder, "retrain.model");
    assert_ok(lb_service_user_remove(s, "ub03"));
    assert_ok(lb_service_product_remove(s, "b07"));
    assert_ok(add_photo(s, "new-b", 'b', 321));
    for (unsigned u = 0; u < 12; u++) {
        char user[8];
        snprintf(user, sizeof user, "ub%02u", u + 10);
        assert_ok(feed(s, user, "new-b", LB_BOUGHT));
    }
    photo_shop_train(shop, "vasg", "look", path);
    model *m;
    assert_ok(model_load(path, &m));
    for (uint32_t u = 0; u < m->common.n_users; u++)
        assert_string_not_equal(m->user_ids[u], "ub03");
    size_t n_bought = 0;
    for (uint32_t p = 0; p < m->common.n_products; p++) {
        assert_string_not_equal(m->product_ids[p], "b07");
        if (strcmp(m->product_ids[p], "new-b") == 0) n_bought = m->common.degree[p];
    }
    assert_int_equal(n_bought, 12);
    model_free(m);
    assert_ok(lb_service_reload(s, NULL));
    cJSON *json = product_json(s, "new-b");
    assert_true(cJSON_IsFalse(at(json, "new")));
    cJSON_Delete(json);
    assert_false(listed(s, "ub01", 100, "b07"));
    lb_service_close(s);
    lb_recommender *r;
    assert_ok(lb_recommender_open(path, NULL, NULL, &r)); // without the dataset, too
    lb_recommend_options o;
    lb_items *items;
    lb_recommend_options_init(&o);
    o.user = "ub01";
    o.n = 100;
    assert_ok(lb_recommend(r, &o, &items));
    for (size_t i = 0; i < lb_items_count(items); i++)
        assert_true(lb_items_get(items, i)->id[0] > 0x20);
    lb_items_free(items);
    lb_recommender_close(r);
    lb_validation *v;
    assert_ok(lb_validate(shop, NULL, &v));
    for (size_t i = 0; i < lb_validation_count(v); i++)
        if (!lb_validation_get(v, i)->passed)
            fail_msg("%s: %s", lb_validation_get(v, i)->name, lb_validation_get(v, i)->detail);
    lb_validation_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feedback_counts_at_once),
        cmocka_unit_test(somebody_new_is_known_by_feedback),
        cmocka_unit_test(a_key_makes_repeats_harmless),
        cmocka_unit_test(an_erased_user_is_nobody),
        cmocka_unit_test(all_that_was_done_is_told_in_pages),
        cmocka_unit_test(training_honours_removals),
    };
    return cmocka_run_group_tests(tests, make_shop, NULL);
}
