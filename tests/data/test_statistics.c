/* Statistics of a dataset: a network small enough to count by hand. */
#include "data/shop_files.h"

#include <math.h>

#include "data/statistics.h"

static void near(double value, double expected) {
    assert_true(fabs(value - expected) < 1e-12);
}

/* Users a (p0 p1 p2), b (p0 p1), c (p0 twice: one pair); p3 is known without interactions. */
static const char *small_shop(const char *folder) {
    const char *events = write_text(folder, "events.tsv",
                                    "a\tp0\na\tp1\na\tp2\nb\tp0\nb\tp1\nc\tp0\nc\tp0\n");
    const char *products = write_text(folder, "products.jsonl",
                                      "{\"id\":\"p0\"}\n{\"id\":\"p1\"}\n{\"id\":\"p2\"}\n"
                                      "{\"id\":\"p3\"}\n");
    float x[4 * 2] = {1, 2, 3, 4, 5, 6, 7, 8};
    const char *features = write_npy(folder, "look.npy", x, 4, 2);
    const char *ids = write_text(folder, "ids.txt", "p0\np1\np2\np3\n");
    lb_import_options o = {.interactions = events,
                           .products = products,
                           .features = features,
                           .feature_ids = ids,
                           .feature_name = "look"};
    const char *shop = in(folder, "shop");
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

static void check_whole(const network_statistics *s) {
    assert_int_equal(s->users, 3);
    assert_int_equal(s->products, 3);
    assert_int_equal(s->interactions, 6);
    near(s->density, 6.0 / 9);
    near(s->user_mean, 2);
    near(s->user_median, 2);
    near(s->product_mean, 2);
    near(s->product_median, 2);
    near(s->single_share, 1.0 / 3);
}

/* Without c there are users of 3 and 2 products, and products of 2, 2 and 1 users. */
static void check_kept(const network_statistics *s) {
    assert_int_equal(s->users, 2);
    assert_int_equal(s->products, 3);
    assert_int_equal(s->interactions, 5);
    near(s->density, 5.0 / 6);
    near(s->user_mean, 2.5);
    near(s->user_median, 2.5);
    near(s->product_mean, 5.0 / 3);
    near(s->product_median, 2);
    near(s->single_share, 1.0 / 3);
}

static void statistics_agree_with_a_count_by_hand(void **state) {
    (void)state;
    const char *shop = small_shop(test_folder());
    split_options o = {"leave-one-out", 1, 2, COLD_NATURAL, true};
    dataset *d;
    split *s;
    dataset_statistics n;
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_load(d, &o, &s));
    assert_ok(dataset_statistics_new(d, s, &o, &n));
    assert_int_equal(n.known_products, 4);
    check_whole(&n.all);
    check_kept(&n.kept);
    assert_int_equal(n.users_dropped, 1);
    assert_int_equal(n.train, 3);
    assert_int_equal(n.valid, 0);
    assert_int_equal(n.test_warm + n.test_cold, 2);
    assert_int_equal(n.warm_products + n.cold_products, 3);
    assert_int_equal(n.n_features, 1);
    assert_string_equal(n.feature[0].name, "look");
    assert_int_equal(n.feature[0].dim, 2);
    assert_int_equal(n.feature[0].n_present, 4);
    dataset_statistics_free(&n);
    split_free(s);
    dataset_close(d);
}

static void all_interactions_are_kept_without_a_split(void **state) {
    (void)state;
    const char *shop = small_shop(test_folder());
    dataset *d;
    split *s;
    dataset_statistics n;
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_all(d, &s));
    assert_ok(dataset_statistics_new(d, s, NULL, &n));
    check_whole(&n.all);
    check_whole(&n.kept);
    dataset_statistics_free(&n);
    split_free(s);
    dataset_close(d);
}

/* What a given split leaves out is in `all` only. */
static void a_given_split_is_counted_as_it_is(void **state) {
    (void)state;
    const char *folder = test_folder(), *shop = in(folder, "shop");
    lb_import_options train = {.interactions = write_text(folder, "train.tsv", "a\tp0\nb\tp0\n"),
                               .valid = write_text(folder, "valid.tsv", "a\tp1\n"),
                               .test = write_text(folder, "test.tsv", "b\tp2\n")};
    lb_import_options more = {.interactions = write_text(folder, "more.tsv", "c\tp9\n")};
    split_options o = {.method = "given"};
    dataset *d;
    split *s;
    dataset_statistics n;
    assert_ok(import_into(shop, &train, NULL));
    assert_ok(import_into(shop, &more, NULL));
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_load(d, &o, &s));
    assert_ok(dataset_statistics_new(d, s, &o, &n));
    assert_int_equal(n.all.interactions, 5);
    assert_int_equal(n.kept.interactions, 4);
    assert_int_equal(n.kept.users, 2);
    assert_int_equal(n.kept.products, 3);
    assert_int_equal(n.test_cold, 1);
    assert_int_equal(n.test_warm, 0);
    dataset_statistics_free(&n);
    split_free(s);
    dataset_close(d);
}

static void statistics_are_written_as_json_and_as_lines(void **state) {
    (void)state;
    feature_statistics feature = {"look", 4096, 7};
    dataset_statistics n = {.known_products = 9,
                            .all = {10, 8, 40, 0.5, 4, 3.5, 5, 4.5, 0.25},
                            .kept = {9, 8, 36, 0.5, 4, 4, 4.5, 4, 0.125},
                            .users_dropped = 1,
                            .train = 18,
                            .valid = 9,
                            .test_warm = 5,
                            .test_cold = 4,
                            .warm_products = 6,
                            .cold_products = 2,
                            .n_features = 1,
                            .feature = &feature};
    text json = {0}, lines = {0};
    dataset_statistics_json(&n, &json);
    dataset_statistics_lines(&n, &lines);
    assert_int_equal(json.status, LB_OK);
    assert_int_equal(lines.status, LB_OK);
    assert_string_equal(
        json.bytes,
        "{\"products_known\":9,\"all\":{\"users\":10,\"products\":8,\"interactions\":40,"
        "\"density\":0.5,\"per_user\":{\"mean\":4,\"median\":3.5},"
        "\"per_product\":{\"mean\":5,\"median\":4.5},\"single_interaction_share\":0.25},"
        "\"kept\":{\"users\":9,\"products\":8,\"interactions\":36,\"density\":0.5,"
        "\"per_user\":{\"mean\":4,\"median\":4},\"per_product\":{\"mean\":4.5,\"median\":4},"
        "\"single_interaction_share\":0.125},\"users_dropped\":1,\"train_pairs\":18,"
        "\"validation_pairs\":9,\"tests\":{\"warm\":5,\"cold\":4},\"warm_products\":6,"
        "\"cold_products\":2,\"features\":[{\"name\":\"look\",\"dim\":4096,\"products\":7}]}");
    assert_string_equal(lines.bytes,
                        "9 users, 8 products, 36 interactions, density 50 %; features: look (4096 "
                        "values, 7 products)\n"
                        "a user has 4.0 products (median 4), a product 4.5 users (median 4); 12 % "
                        "of the products have one\n");
    free(json.bytes);
    free(lines.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_agree_with_a_count_by_hand),
        cmocka_unit_test(all_interactions_are_kept_without_a_split),
        cmocka_unit_test(a_given_split_is_counted_as_it_is),
        cmocka_unit_test(statistics_are_written_as_json_and_as_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
