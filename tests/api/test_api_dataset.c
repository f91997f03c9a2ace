/* The public calls on datasets: arguments are checked before anything is touched. */
#include "data/shop_files.h"

static void arguments_are_checked(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "shop");
    lb_import_options o;
    lb_import_options_init(&o);
    assert_error(lb_import(NULL, &o, NULL, NULL), LB_E_ARGUMENT, "directory");
    assert_error(lb_import("", &o, NULL, NULL), LB_E_ARGUMENT, "directory");
    assert_error(lb_import(shop, NULL, NULL, NULL), LB_E_ARGUMENT, "options");
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "nothing to import");
    o.test = "t.tsv";
    o.products = "p.csv";
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "training part");
    o.test = NULL;
    o.feature_ids = "ids.txt";
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "without features");
    o.features = "f.npy";
    o.feature_name = "No Name";
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "No Name");
    o.feature_name = "";
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "1 to 64");
    o.feature_name = NULL;
    o.format = "excel";
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "excel");
    o.format = NULL;
    o.require_feature = 2;
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "require_feature");
    o.require_feature = 0;
    o.category = "Women";
    o.products = NULL;
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "file of products");
    o.category = NULL;
    o.min_user = 5;
    assert_error(lb_import(shop, &o, NULL, NULL), LB_E_ARGUMENT, "users can be left out");
    o.min_user = 0;
    lb_runtime runtime = {.threads = 999};
    assert_error(lb_import(shop, &o, &runtime, NULL), LB_E_ARGUMENT, "threads");
    assert_false(file_exists(shop));
}

static void a_shop_is_imported_and_validated(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "shop");
    lb_import_options o;
    lb_import_report report;
    lb_validation *v;
    lb_import_options_init(&o);
    o.interactions = write_text(folder, "e.csv", "user,item\nann,a\nbob,b\n");
    assert_ok(lb_import(shop, &o, NULL, &report));
    assert_int_equal(report.users, 2);
    assert_error(lb_validate(shop, NULL, NULL), LB_E_ARGUMENT, "findings");
    assert_error(lb_validate(folder, NULL, &v), LB_E_NOT_FOUND, "no dataset");
    assert_ok(lb_validate(shop, NULL, &v));
    size_t n = lb_validation_count(v);
    assert_true(n > 5);
    for (size_t i = 0; i < n; i++) {
        assert_true(lb_validation_get(v, i)->passed);
        assert_true(strlen(lb_validation_get(v, i)->detail) > 0);
    }
    assert_null(lb_validation_get(v, n));
    lb_validation_free(v);
    lb_validation_free(NULL);
    assert_int_equal(lb_validation_count(NULL), 0);
    assert_null(lb_validation_get(NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_shop_is_imported_and_validated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
