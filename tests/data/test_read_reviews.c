/* Reviews of every layout, plots, Yelp's files, and what is refused. */
#include "data/readers.h"

static lb_status collect_review(void *context, const review_record *v) {
    const char *parts[] = {v->user ? v->user : "-", " ", v->product, ": ", v->text, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) records_add(context, parts[i]);
    return LB_OK;
}

static void reads(const char *content, const char *expected, review_kind kind, uint64_t skipped) {
    records r = {NULL, 0, 0};
    read_report report;
    review_kind found;
    const char *path = write_text("reviews.json", content);
    assert_ok(read_reviews_kind(path, &found));
    assert_int_equal(found, kind);
    assert_ok(read_reviews(NULL, path, collect_review, &r, &report));
    assert_string_equal(r.text, expected);
    assert_int_equal(report.skipped, skipped);
    free(r.text);
}

static void fails(const char *content, lb_status code, const char *phrase) {
    records r = {NULL, 0, 0};
    const char *path = write_text("reviews.json", content);
    assert_error(read_reviews(NULL, path, collect_review, &r, NULL), code, phrase);
    assert_non_null(strstr(lb_last_error(), path));
    free(r.text);
}

static void layouts(void **state) {
    (void)state;
    reads("{\"reviewerID\":\"A1\",\"asin\":\"B1\",\"reviewText\":\"Warm\\nand soft.\","
          "\"summary\":\"Good\",\"overall\":5}\n"
          "{\"reviewerID\":\"A2\",\"asin\":\"B1\",\"summary\":\"Nice!\",\"reviewText\":\"Yes\"}\n"
          "{\"reviewerID\":\"A3\",\"asin\":\"B1\",\"reviewText\":\"\"}\n",
          "A1 B1: Good. Warm and soft.\nA2 B1: Nice! Yes\n", REVIEWS_BY_USERS, 1);
    reads("{\"user_id\":\"u\",\"asin\":\"B\",\"parent_asin\":\"P\",\"title\":\"Fine\",\"text\":"
          "\"Ok\"}",
          "u P: Fine. Ok\n", REVIEWS_BY_USERS, 0);
    reads("{\"review_id\":\"r\",\"user_id\":\"u\",\"business_id\":\"b\",\"stars\":4.0,"
          "\"date\":\"2018-07-07 22:09:11\",\"text\":\"Great tacos\"}",
          "u b: Great tacos\n", REVIEWS_BY_USERS, 0);
    reads("{\"user\":7,\"product\":12,\"text\":\"caf\\u00e9\"}", "7 12: caf\xc3\xa9\n",
          REVIEWS_BY_USERS, 0);
}

static void plots(void **state) {
    (void)state;
    reads("{\"id\":\"1\",\"title\":\"Toy Story\",\"plot\":\"A doll is jealous.\"}\n"
          "{\"id\":2,\"title\":\"No plot\"}\n"
          "{\"id\":\"3\",\"description\":[\"One\",\"two\"]}\n",
          "- 1: A doll is jealous.\n- 3: One. two\n", REVIEWS_OF_PRODUCTS, 1);
}

static void kinds(void **state) {
    (void)state;
    review_kind kind;
    assert_ok(read_reviews_kind(write_text("r.csv", "u,p,5\n"), &kind));
    assert_int_equal(kind, REVIEWS_NONE);
    assert_ok(read_reviews_kind(write_text("r.csv", ""), &kind));
    assert_int_equal(kind, REVIEWS_NONE);
    assert_error(read_reviews_kind("/nowhere/r.json", &kind), LB_E_NOT_FOUND, "/nowhere/r.json");
    assert_error(read_reviews_kind(write_text("r.json", "{\"user\""), &kind), LB_E_FORMAT,
                 "line 1");
}

static void refused(void **state) {
    (void)state;
    fails("{\"user\":\"u\",\"product\":\"p\",\"text\":\"a\"}\n{\"product\":\"p\",\"text\":\"a\"}\n",
          LB_E_FORMAT, "line 2: no field names the user");
    fails("{\"user\":\"u\",\"text\":\"a\"}", LB_E_FORMAT, "line 1: no field names the product");
    fails("{\"user\":\"u\",\"product\":[1],\"text\":\"a\"}", LB_E_FORMAT, "must be a string");
    fails("{\"user\":\"u\",\"product\":1.5,\"text\":\"a\"}", LB_E_FORMAT, "line 1");
    fails("{\"user\":\"\",\"product\":\"p\",\"text\":\"a\"}", LB_E_FORMAT, "line 1");
    fails("[1,2]", LB_E_FORMAT, "one JSON object a line");
    fails("u,p,5\n", LB_E_FORMAT, "line 1: column 1");
    fails("{\"user\":\"u\",\"product\":\"p\",\"text\":\"\xff\"}", LB_E_FORMAT, "UTF-8");
    fails("{\"user\":\"u\",\"product\":\"p\",\"text\":\" \"}", LB_E_EMPTY, "texts of reviews");
    fails("", LB_E_EMPTY, "texts of reviews");
}

/* ---- Yelp's files as interactions and products */

static void yelp_reviews_are_interactions(void **state) {
    (void)state;
    records r = {NULL, 0, 0};
    read_report report;
    assert_ok(read_interactions(
        NULL,
        write_text("review.json", "{\"user_id\":\"u\",\"business_id\":\"b\",\"stars\":4.0,\"date\":"
                                  "\"2018-07-07 22:09:11\",\"text\":\"x\"}\n"
                                  "{\"user_id\":\"u\",\"business_id\":\"c\",\"stars\":1,\"date\":"
                                  "\"1970-01-01\"}\n"
                                  "{\"user_id\":\"u\",\"business_id\":\"d\",\"stars\":2,\"date\":"
                                  "\"2000-02-29 00:00:00\"}\n"),
        NULL, collect_interaction, &r, &report));
    assert_string_equal(r.text, "u b 4 1531001351\nu c 1 0\nu d 2 951782400\n");
    assert_int_equal(report.format, READ_YELP);
    static const char *const wrong[] = {
        "2018-13-07", "2018-07-07T22:09:11", "2018/07/07", "2018-07-07 24:00:00", "", "2018-07-0x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char line[200];
        snprintf(line, sizeof line, "{\"user_id\":\"u\",\"business_id\":\"b\",\"date\":\"%s\"}",
                 wrong[i]);
        assert_error(read_interactions(NULL, write_text("review.json", line), NULL,
                                       collect_interaction, &r, NULL),
                     LB_E_FORMAT, "the date");
    }
    free(r.text);
}

static void yelp_businesses_are_products(void **state) {
    (void)state;
    records r = {NULL, 0, 0};
    read_report report;
    assert_ok(read_products(
        NULL,
        write_text("business.json", "{\"business_id\":\"b\",\"name\":\"Taco Inn\",\"city\":\"X\","
                                    "\"categories\":\"Tacos, Bars,Mexican\"}\n"
                                    "{\"business_id\":\"c\",\"name\":\"Y\",\"categories\":null}\n"),
        NULL, collect_product, &r, &report));
    assert_string_equal(r.text, "b|Taco Inn||Tacos > Bars > Mexican|||\nc|Y|||||\n");
    assert_int_equal(report.format, READ_YELP);
    free(r.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),
        cmocka_unit_test(plots),
        cmocka_unit_test(kinds),
        cmocka_unit_test(refused),
        cmocka_unit_test(yelp_reviews_are_interactions),
        cmocka_unit_test(yelp_businesses_are_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
