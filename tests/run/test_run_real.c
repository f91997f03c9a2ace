/* One training on real data: what the default model must reach with its default options. */
#include "run/shop.h"

static const char *import_sparse(void) {
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = TEST_SHARED_DATA "/ml1m/interactions.tsv.gz";
    o.features = TEST_SHARED_DATA "/ml1m/poster_features.npy";
    o.feature_ids = TEST_SHARED_DATA "/ml1m/poster_features.ids.txt";
    o.require_feature = 1;
    o.sample_per_user = 10;
    const char *shop = in(folder, "ml1m-sparse");
    assert_ok(lb_import(shop, &o, NULL, NULL));
    return shop;
}

static void the_default_model_beats_what_is_bought_most(void **state) {
    (void)state;
    // The decoder and encoder have no part in the ranking, and take most of the time.
    static const char *const models[] = {"pop", "vasg:decoder-epochs=0"};
    if (!test_shared_data()) {
        print_message("skipped: the real data for development are not there\n");
        skip();
    }
    lb_compare_options o;
    lb_compare_options_init(&o);
    o.models = models;
    o.n_models = 2;
    lb_comparison *c;
    assert_ok(lb_compare(import_sparse(), &o, NULL, &c));
    print_message("%s", lb_comparison_table(c));
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    assert_true(shop_number(json, "models.1.warm.auc_own.mean") >
                shop_number(json, "models.0.warm.auc_own.mean"));
    assert_true(shop_number(json, "models.1.warm.recall@20_own.mean") >
                shop_number(json, "models.0.warm.recall@20_own.mean"));
    assert_true(shop_number(json, "models.1.cold.auc_own.mean") > 0.55);
    cJSON_Delete(json);
    lb_comparison_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_model_beats_what_is_bought_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
