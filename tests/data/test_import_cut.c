/* Imports of a part: one category, users of enough products. */
#include "data/shop_files.h"

#include "data/dataset_impl.h"

/* p0 to p3 are for women, p1 by its second path only; p4 is not, and p5 is in no category. a has
 * p0 p1 p4, b has p0 twice and p2, c has p2 p4 p5. p2 has no feature. */
static lb_import_options files(const char *folder) {
    float x[5 * 2] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    return (lb_import_options){
        .interactions = write_text(
            folder, "events.tsv",
            "a\tp0\na\tp1\na\tp4\nb\tp0\nb\tp0\nb\tp2\nc\tp2\nc\tp4\nc\tp5\n"),
        .products = write_text(
            folder, "meta.json",
            "{'asin': 'p0', 'title': 'Dress', 'categories': [['Clothing', 'Women']]}\n"
            "{'asin': 'p1', 'categories': [['Novelty'], ['Clothing', 'Women', 'Tops']]}\n"
            "{'asin': 'p2', 'categories': [['Clothing', 'women']]}\n"
            "{'asin': 'p3', 'categories': [['Women', 'Shoes']]}\n"
            "{'asin': 'p4', 'categories': [['Clothing', 'Men'], ['Gifts for Women']]}\n"
            "{'asin': 'p5'}\n"),
        .features = write_npy(folder, "look.npy", x, 5, 2),
        .feature_ids = write_text(folder, "ids.txt", "p0\np1\np3\np4\np5\n"),
        .feature_name = "look"};
}

/* The ids that the dataset has, and those with the feature in brackets, in order of their rows. */
static void assert_products(const char *shop, const char *expected) {
    char got[256] = "";
    size_t used = 0;
    dataset *d;
    feature_set f;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, "look", &f));
    for (uint32_t p = 0; p < dataset_n_products(d); p++)
        used += (size_t)snprintf(got + used, sizeof got - used, f.present[p] ? "[%s]" : "%s",
                                 dataset_product_id(d, p));
    assert_string_equal(got, expected);
    feature_set_close(&f);
    dataset_close(d);
}

static void a_category_is_that_of_any_path(void **state) {
    (void)state;
    const char *folder = in(test_folder(), "."), *shop = in(folder, "shop");
    lb_import_options o = files(folder);
    lb_import_report r;
    o.category = "Women";
    assert_ok(import_into(shop, &o, &r));
    assert_products(shop, "[p0][p1][p3]p2");
    assert_int_equal(r.interactions, 5);
    assert_int_equal(r.outside_category, 3);
    assert_int_equal(r.users, 3);
    assert_int_equal(r.features, 3);
    o.category = "clothing > women";
    shop = in(folder, "by-path");
    assert_ok(import_into(shop, &o, &r));
    assert_products(shop, "[p0][p1]p2");
}

static void categories_match_whole_components(void **state) {
    (void)state;
    const char *paths = "Novelty\nClothing > Women > Tops\nGifts for Men";
    assert_true(category_holds(paths, "Women"));
    assert_true(category_holds(paths, "novelty"));
    assert_true(category_holds(paths, "Gifts for Men"));
    assert_true(category_holds(paths, "Clothing > Women"));
    assert_true(category_holds(paths, "Clothing"));
    assert_false(category_holds(paths, "Women > Tops")); // not from the start
    assert_false(category_holds(paths, "Men"));
    assert_false(category_holds(paths, "Clothing > Wom"));
    assert_false(category_holds(paths, "Novelty > Clothing"));
    assert_false(category_holds("", "Women"));
}

/* c has one product of the category, b two (one of them twice): what only c has is not there. */
static void small_users_leave_nothing(void **state) {
    (void)state;
    const char *folder = in(test_folder(), "."), *shop = in(folder, "shop");
    lb_import_options o = files(folder);
    lb_import_report r;
    o.category = "Women";
    o.min_user = 2;
    assert_ok(import_into(shop, &o, &r));
    assert_products(shop, "[p0][p1]p2"); // p3 is in the category, and nobody's
    assert_int_equal(r.users, 2);
    assert_int_equal(r.interactions, 4);
    assert_int_equal(r.below_min_user, 1);
    dump first = dump_dataset(shop);
    assert_ok(import_into(shop, &o, &r)); // the same again changes nothing
    assert_same_dump(first, dump_dataset(shop));
    o.category = NULL;
    o.min_user = 3;
    shop = in(folder, "large");
    assert_ok(import_into(shop, &o, &r));
    assert_products(shop, "[p0][p1][p4]p2[p5]");
    assert_int_equal(r.users, 2); // two different products are not three
}

/* Products without the feature go before users are counted: b has one left, c two. */
static void features_decide_who_is_small(void **state) {
    (void)state;
    const char *folder = in(test_folder(), "."), *shop = in(folder, "shop");
    lb_import_options o = files(folder);
    lb_import_report r;
    o.require_feature = 1;
    o.min_user = 2;
    assert_ok(import_into(shop, &o, &r));
    assert_int_equal(r.without_feature, 2);
    assert_int_equal(r.below_min_user, 2); // b's p0, twice
    assert_int_equal(r.users, 2);
    o.min_user = 3;
    assert_ok(import_into(in(folder, "larger"), &o, &r));
    assert_int_equal(r.users, 1);
}

static void an_empty_part_is_refused(void **state) {
    (void)state;
    const char *folder = in(test_folder(), "."), *shop = in(folder, "shop");
    lb_import_options o = files(folder);
    o.category = "Hats";
    assert_error(import_into(shop, &o, NULL), LB_E_NOT_FOUND, "no product is in the category");
    o.category = "Women";
    o.min_user = 9;
    assert_error(import_into(shop, &o, NULL), LB_E_EMPTY, "no user of so many products");
    o.min_user = 0;
    o.interactions = write_text(folder, "other.tsv", "a\tp4\n");
    assert_error(import_into(shop, &o, NULL), LB_E_EMPTY, "not in the category");
    o.interactions = NULL;
    o.features = write_npy(folder, "one.npy", (float[]){1}, 1, 1);
    o.feature_ids = write_text(folder, "one.txt", "p4\n");
    assert_error(import_into(shop, &o, NULL), LB_E_EMPTY, "of a product that is kept");
    assert_false(file_exists(shop));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_category_is_that_of_any_path),
        cmocka_unit_test(categories_match_whole_components),
        cmocka_unit_test(small_users_leave_nothing),
        cmocka_unit_test(features_decide_who_is_small),
        cmocka_unit_test(an_empty_part_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
