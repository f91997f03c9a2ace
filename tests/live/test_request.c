/* Requests in words: alone, with everything else, what is refused, what is said of them. */
#include <math.h>

#include "live/request_shop.h"

static const char *shop, *path;
static lb_recommender *open_shop;

static int make(void **state) {
    (void)state;
    const char *folder = memory_string(test_folder());
    shop = photo_shop_make(folder, "shop");
    request_shop_ask(folder, shop);
    path = in(folder, "whisper.safetensors");
    request_shop_train(shop, NULL, path);
    return lb_recommender_open(path, shop, NULL, &open_shop) == LB_OK ? 0 : -1;
}

static int unmake(void **state) {
    (void)state;
    lb_recommender_close(open_shop);
    return 0;
}

static lb_recommend_options wanting(const char *user, const char *text) {
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    o.user = user;
    o.text = text;
    o.n = 8;
    return o;
}

static lb_items *answer(const lb_recommend_options *o) {
    lb_items *items = NULL;
    assert_ok(lb_recommend(open_shop, o, &items));
    return items;
}

static void words_alone(void **state) {
    (void)state;
    for (char c = 'a'; c <= 'c'; c++) {
        lb_recommend_options o = wanting(NULL, asked_for[c - 'a']);
        lb_items *items = answer(&o);
        assert_int_equal(lb_items_count(items), 8);
        assert_string_equal(lb_items_based_on(items), "text");
        assert_int_equal(count_circle(items, c), 8);
        for (size_t i = 0; i < 8; i++) {
            const lb_item *item = lb_items_get(items, i);
            assert_int_equal(item->reason, LB_REASON_WORDS);
            assert_non_null(item->words);
            assert_null(item->because);
        }
        lb_items_free(items);
    }
}

/* Only words that were said of the product are named, in the order of the request, each once. */
static void words_are_reasons(void **state) {
    (void)state;
    lb_recommend_options o = wanting(NULL, "Linen, BEACH! or linen");
    lb_items *items = answer(&o);
    const char *words = lb_items_get(items, 0)->words;
    assert_string_equal(words, "linen beach");
    cJSON *json = cJSON_Parse(lb_items_json(items));
    const cJSON *reason = at(cJSON_GetArrayItem(at(json, "items"), 0), "reason");
    assert_string_equal(text_at(reason, "kind"), "words");
    assert_int_equal(cJSON_GetArraySize(at(reason, "words")), 2);
    assert_string_equal(cJSON_GetArrayItem(at(reason, "words"), 1)->valuestring, "beach");
    cJSON_Delete(json);
    lb_items_free(items);
    o.explain = 0;
    items = answer(&o);
    assert_null(lb_items_get(items, 0)->words);
    lb_items_free(items);
}

/* Words that are said of anything are the reason of nothing, beside others or alone; neither are
 * words that nobody ever said. */
static void fillers_are_no_reasons(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {{"something", NULL},
                 {"xyzzy", NULL},
                 {"Thing number", NULL}, // of every title
                 {"something xyzzy linen", "linen"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lb_recommend_options o = wanting(NULL, cases[i].text);
        lb_items *items = answer(&o);
        assert_string_equal(lb_items_based_on(items), "text");
        for (size_t k = 0; k < lb_items_count(items); k++) {
            const lb_item *item = lb_items_get(items, k);
            assert_int_equal(item->reason, LB_REASON_WORDS);
            if (cases[i].words)
                assert_string_equal(item->words, cases[i].words);
            else
                assert_null(item->words);
        }
        lb_items_free(items);
    }
}

/* The person decides among what the words leave open. */
static void words_and_a_person(void **state) {
    (void)state;
    static const char *const liked[] = {"a01", "a03"};
    lb_recommend_options o = wanting("ua01", "wool or linen");
    lb_items *items = answer(&o);
    assert_string_equal(lb_items_based_on(items), "history");
    assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'a');
    lb_items_free(items);
    o.user = "ub01";
    items = answer(&o);
    assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'b');
    lb_items_free(items);
    o.user = NULL; // somebody who is folded in
    o.liked = liked;
    o.n_liked = 2;
    items = answer(&o);
    assert_string_equal(lb_items_based_on(items), "liked");
    assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'a');
    lb_items_free(items);
}

static void everything_together(void **state) {
    (void)state;
    static const char *const liked[] = {"b01", "b02"};
    photo p = photo_draw('b', 77);
    lb_recommend_options o = wanting("ub02", "beach");
    o.liked = liked;
    o.n_liked = 2;
    o.image = p.bytes;
    o.image_bytes = p.size;
    o.category = "Circle > b";
    o.diversity = 0.2;
    lb_items *items = answer(&o);
    assert_int_equal(count_circle(items, 'b'), lb_items_count(items));
    assert_true(lb_items_count(items) == 8);
    lb_items_free(items);
    o = wanting(NULL, "beach"); // a picture and words, of nobody
    o.image = p.bytes;
    o.image_bytes = p.size;
    items = answer(&o);
    assert_string_equal(lb_items_based_on(items), "text");
    assert_int_equal(circle_of(lb_items_get(items, 0)->id), 'b');
    lb_items_free(items);
    free(p.bytes);
}

static void assert_same_list(const lb_items *x, const lb_items *y) {
    assert_int_equal(lb_items_count(x), lb_items_count(y));
    for (size_t i = 0; i < lb_items_count(x); i++) {
        assert_string_equal(lb_items_get(x, i)->id, lb_items_get(y, i)->id);
        assert_true(lb_items_get(x, i)->score == lb_items_get(y, i)->score);
    }
}

/* What has no words in it asks for nothing, in any script; control characters part words. */
static void nothing_is_asked(void **state) {
    (void)state;
    static const char *const empty[] = {"", " \t\n", "?! -- ...",
                                        "\xf0\x9f\x91\x97\xf0\x9f\x8f\x96", "\x01\x02\x7f"};
    lb_recommend_options o = wanting("ua03", NULL);
    lb_items *none = answer(&o), *items;
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        o.text = empty[i];
        items = answer(&o);
        assert_same_list(none, items);
        assert_int_equal(lb_items_get(items, 0)->reason, lb_items_get(none, 0)->reason);
        lb_items_free(items);
    }
    lb_items_free(none);
    o.text = "beach\x01linen\xf0\x9f\x91\x97";
    items = answer(&o);
    o.text = "beach linen";
    none = answer(&o);
    assert_same_list(none, items);
    lb_items_free(none);
    lb_items_free(items);
    o.text = "\xd7\xa9\xd7\x9e\xd7\x9c\xd7\x94 \xd8\xab\xd9\x88\xd8\xa8 beach"; // right to left
    lb_items_free(answer(&o));
    o.user = NULL;
    o.text = " \t";
    assert_int_equal(lb_recommend(open_shop, &o, &items), LB_E_ARGUMENT);
    o.text = "?!"; // as of somebody of whom nothing is known
    items = answer(&o);
    assert_string_equal(lb_items_based_on(items), "popular");
    lb_items_free(items);
}

static void what_is_refused(void **state) {
    (void)state;
    lb_items *items = NULL;
    lb_recommend_options o = wanting("ua03", "caf\xe9");
    assert_int_equal(lb_recommend(open_shop, &o, &items), LB_E_ARGUMENT);
    assert_non_null(strstr(lb_last_error(), "the text is not UTF-8"));
    char *long_text = malloc(65538);
    memset(long_text, 'x', 65537);
    long_text[65537] = '\0';
    o.text = long_text;
    assert_int_equal(lb_recommend(open_shop, &o, &items), LB_E_ARGUMENT);
    assert_non_null(strstr(lb_last_error(), "at most 65536"));
    for (size_t i = 5; i < 65537; i += 6) long_text[i] = ' ';
    long_text[65536] = '\0';
    assert_ok(lb_recommend(open_shop, &o, &items));
    lb_items_free(items);
    items = NULL;
    free(long_text);
    lb_recommender *other;
    const char *vasg = in(test_folder(), "vasg.safetensors");
    photo_shop_train(shop, "vasg", "look", vasg);
    assert_ok(lb_recommender_open(vasg, shop, NULL, &other));
    o.text = "beach";
    assert_int_equal(lb_recommend(other, &o, &items), LB_E_UNSUPPORTED);
    assert_non_null(strstr(lb_last_error(), "--model whisper"));
    assert_null(items);
    o.text = "?!";
    assert_ok(lb_recommend(other, &o, &items));
    lb_items_free(items);
    lb_recommender_close(other);
}

/* ---- while serving */

static void newcomers_are_found(void **state) {
    (void)state;
    lb_service *s;
    lb_items *items = NULL;
    assert_ok(service_open(shop, path, &s));
    assert_ok(add_photo(s, "new-b", 'b', 500));
    lb_recommend_options o = wanting("ub05", "light beach linen");
    o.n = 50;
    assert_ok(lb_service_recommend(s, &o, &items));
    const lb_item *found = find(items, "new-b");
    assert_non_null(found);
    assert_true(found->is_new);
    lb_items_free(items);
    // likes are folded in anew for each request, and what is kept of the person is without words
    assert_ok(feed(s, "visitor", "b01", LB_LIKED));
    o = wanting("visitor", NULL);
    lb_items *before = NULL, *after = NULL;
    assert_ok(lb_service_recommend(s, &o, &before));
    o.text = "sharp office suit";
    assert_ok(lb_service_recommend(s, &o, &items));
    assert_string_equal(lb_items_based_on(items), "feedback");
    assert_true(count_circle(items, 'c') > count_circle(before, 'c'));
    lb_items_free(items);
    o.text = NULL;
    assert_ok(lb_service_recommend(s, &o, &after));
    assert_same_list(before, after);
    lb_items_free(before);
    lb_items_free(after);
    assert_ok(lb_service_product_remove(s, "new-b"));
    lb_service_close(s);
}

/* A picture and a text together: what is refused is the one that the model cannot take. */
static void refusals_name_what_is_refused(void **state) {
    (void)state;
    lb_service *s;
    lb_items *items = NULL;
    photo p = photo_draw('b', 77);
    lb_recommend_options o = wanting(NULL, "beach");
    o.image = p.bytes;
    o.image_bytes = p.size;
    char *looks = memory_string(in(test_folder(), "vasg.safetensors"));
    photo_shop_train(shop, "vasg", "look", looks);
    assert_ok(service_open(shop, looks, &s));
    assert_int_equal(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT);
    assert_non_null(strstr(lb_last_error(), "--model whisper"));
    lb_service_close(s);
    request_shop_train(shop, "text", looks);
    assert_ok(service_open(shop, looks, &s));
    assert_int_equal(lb_service_recommend(s, &o, &items), LB_E_UNSUPPORTED);
    assert_non_null(strstr(lb_last_error(), "no picture can be compared"));
    assert_null(items);
    lb_service_close(s);
    free(looks);
    free(p.bytes);
}

/* How far down a product stands in a list for anybody who asks for something. */
static int place_of(lb_service *s, const char *product, const char *text) {
    lb_recommend_options o = wanting(NULL, text);
    lb_items *items = NULL;
    o.n = 500;
    assert_ok(lb_service_recommend(s, &o, &items));
    int n = (int)lb_items_count(items), i = 0;
    while (i < n && strcmp(lb_items_get(items, (size_t)i)->id, product) != 0) i++;
    lb_items_free(items);
    assert_true(i < n);
    return i;
}

static lb_status add_written(lb_service *s, const char *id, const char *title,
                             const char *category) {
    lb_product product;
    lb_product_init(&product);
    product.id = id;
    product.title = title;
    product.category = category;
    return lb_service_products_add(s, &product, 1, 0);
}

/* What has no photo yet is found by its words, by a model that has seen no words as a feature; from
 * the next request on, with new words, and after it was opened anew. */
static void newcomers_are_read(void **state) {
    (void)state;
    lb_service *s;
    char *looks = memory_string(in(test_folder(), "looks.safetensors"));
    request_shop_train(shop, "look", looks);
    assert_ok(service_open(shop, looks, &s));
    assert_ok(add_written(s, "said-b", "Thing b", "Circle > b"));
    assert_ok(add_written(s, "said-c", "Thing c", "Circle > c"));
    assert_true(place_of(s, "said-b", asked_for[1]) < place_of(s, "said-c", asked_for[1]));
    assert_true(place_of(s, "said-c", asked_for[2]) < place_of(s, "said-b", asked_for[2]));
    lb_service_close(s);
    assert_ok(service_open(shop, looks, &s));
    assert_true(place_of(s, "said-b", asked_for[1]) < place_of(s, "said-c", asked_for[1]));
    lb_product other;
    lb_product_init(&other);
    other.id = "said-b";
    other.title = "Thing c";
    other.category = "Circle > c";
    assert_ok(lb_service_product_change(s, &other));
    assert_int_equal(abs(place_of(s, "said-b", asked_for[2]) - place_of(s, "said-c", asked_for[2])),
                     1); // equal by now
    assert_ok(lb_service_product_remove(s, "said-b"));
    assert_ok(lb_service_product_remove(s, "said-c"));
    lb_service_close(s);
    free(looks);
}

static cJSON *examples(lb_service *s, const char *user, uint32_t n) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_requests(s, user, n, &reply);
    return parse(status, reply);
}

static void examples_are_told_and_erased(void **state) {
    (void)state;
    lb_service *s;
    lb_reply *reply = NULL;
    assert_ok(service_open(shop, path, &s));
    cJSON *json = examples(s, NULL, 6);
    assert_true(cJSON_IsTrue(at(json, "takes_text")));
    assert_int_equal(cJSON_GetArraySize(at(json, "requests")), 6);
    const cJSON *one;
    int circles = 0;
    cJSON_ArrayForEach(one, at(json, "requests")) {
        const char *text = text_at(one, "text");
        assert_string_equal(strchr(text, ' ') + 1,
                            asked_for[circle_of(text_at(one, "user") + 1) - 'a']);
        circles |= 1 << (text_at(one, "user")[1] - 'a');
    }
    assert_int_equal(circles, 7);
    cJSON_Delete(json);
    json = examples(s, "uc01", 6);
    assert_int_equal(cJSON_GetArraySize(at(json, "requests")), 1); // the same words each time
    cJSON_Delete(json);
    assert_ok(lb_service_user_remove(s, "uc01"));
    json = examples(s, "uc01", 6);
    assert_int_equal(cJSON_GetArraySize(at(json, "requests")), 0);
    cJSON_Delete(json);
    json = examples(s, NULL, 1000);
    cJSON_ArrayForEach(one, at(json, "requests"))
        assert_string_not_equal(text_at(one, "user"), "uc01");
    assert_int_equal(cJSON_GetArraySize(at(json, "requests")), 3 * USERS - 1);
    cJSON_Delete(json);
    assert_int_equal(lb_service_requests(s, NULL, 0, &reply), LB_E_ARGUMENT);
    json = state_json(s);
    assert_true(cJSON_IsTrue(at(at(json, "model"), "takes_text")));
    cJSON_Delete(json);
    lb_service_close(s);
}

/* ---- the study */

static cJSON *pair_json(lb_service *s) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_study_pair(s, &reply);
    return parse(status, reply);
}

static cJSON *results_json(lb_service *s) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_study_results(s, &reply);
    return parse(status, reply);
}

/* Whether the list on this side is the one that the shopper gets. */
static bool is_personal(lb_service *s, const cJSON *shown, const char *side) {
    lb_recommend_options o = wanting(text_at(shown, "user"), text_at(shown, "text"));
    lb_items *items = NULL;
    bool same = true;
    o.exclude_seen = 1;
    o.n = 6;
    assert_ok(lb_service_recommend(s, &o, &items));
    assert_int_equal(cJSON_GetArraySize(at(shown, side)), lb_items_count(items));
    for (size_t i = 0; i < lb_items_count(items); i++)
        same &= strcmp(text_at(cJSON_GetArrayItem(at(shown, side), (int)i), "id"),
                       lb_items_get(items, i)->id) == 0;
    lb_items_free(items);
    return same;
}

/* Votes for the shopper's list, but for the first, which is for none; returns how often it stood
 * left. */
static int cast_votes(lb_service *s, int n) {
    int lefts = 0;
    for (int i = 0; i < n; i++) {
        cJSON *shown = pair_json(s);
        const char *token = text_at(shown, "pair");
        bool left = is_personal(s, shown, "left");
        assert_true(left || is_personal(s, shown, "right"));
        const cJSON *item = cJSON_GetArrayItem(at(shown, "left"), 0);
        assert_null(cJSON_GetObjectItemCaseSensitive(item, "score"));
        lefts += left;
        lb_vote vote = i == 0 ? LB_VOTE_SAME : left ? LB_VOTE_LEFT : LB_VOTE_RIGHT;
        assert_ok(lb_service_study_vote(s, token, vote, i % 2 ? "Ann" : NULL));
        assert_int_equal(lb_service_study_vote(s, token, vote, NULL), LB_E_NOT_FOUND);
        cJSON_Delete(shown);
    }
    return lefts;
}

static void votes_are_counted_once_and_kept(void **state) {
    (void)state;
    enum { VOTES = 12, ROUNDS = 3 };
    lb_service *s;
    assert_ok(service_open(shop, path, &s));
    cJSON *results = results_json(s);
    assert_true(number_at(results, "votes") == 0);
    assert_true(cJSON_IsNull(at(results, "share")));
    cJSON_Delete(results);
    int lefts = cast_votes(s, VOTES);
    assert_int_equal(lb_service_study_vote(s, "0", (lb_vote)3, NULL), LB_E_ARGUMENT);
    assert_int_equal(lb_service_study_vote(s, "0", LB_VOTE_LEFT, "a\nb"), LB_E_ARGUMENT);
    lb_service_close(s);
    assert_ok(service_open(shop, path, &s));
    results = results_json(s);
    assert_true(number_at(results, "personal") == VOTES - 1 && number_at(results, "same") == 1);
    assert_true(number_at(results, "share") == 1 && number_at(results, "reviewers") == 1);
    double low = cJSON_GetArrayItem(at(results, "interval"), 0)->valuedouble;
    assert_true(fabs(low - 0.74117) < 1e-4); // Wilson's, of 11 of 11
    cJSON_Delete(results);
    lefts += cast_votes(s, ROUNDS * VOTES - VOTES);
    assert_in_range(lefts, 1, ROUNDS * VOTES - 1); // both sides come; chance: 3e-11
    lb_service_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_alone),
        cmocka_unit_test(words_are_reasons),
        cmocka_unit_test(fillers_are_no_reasons),
        cmocka_unit_test(words_and_a_person),
        cmocka_unit_test(everything_together),
        cmocka_unit_test(nothing_is_asked),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(newcomers_are_found),
        cmocka_unit_test(refusals_name_what_is_refused),
        cmocka_unit_test(newcomers_are_read),
        cmocka_unit_test(examples_are_told_and_erased),
        cmocka_unit_test(votes_are_counted_once_and_kept),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
