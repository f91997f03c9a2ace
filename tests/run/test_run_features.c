/* Pictures and words together, on a small demo shop: which features are taken, and that both tell
 * more of cold products than pictures alone. */
#include "run/shop.h"

#include "demo/demo.h"
#include "model/model.h"

static char shop[512];

/* A demo shop with the features "look" and "text". */
static int make_demo(void **state) {
    (void)state;
    char folder[256];
    demo_options drawn;
    demo_options_init(&drawn);
    drawn.n_products = 500;
    drawn.n_shoppers = 400;
    drawn.n_orders = 6000;
    drawn.image_size = 64;
    snprintf(folder, sizeof folder, "%s", test_folder());
    job *j;
    assert_ok(job_new(NULL, &j));
    assert_ok(demo_write_shop(folder, &drawn, j));
    job_free(j);
    snprintf(shop, sizeof shop, "%s", in(folder, "shop"));
    lb_import_options import;
    lb_import_options_init(&import);
    import.interactions = in(folder, "reviews_Demo.json.gz");
    import.products = in(folder, "meta_Demo.json.gz");
    import.images = in(folder, "images");
    assert_ok(lb_import(shop, &import, NULL, NULL));
    lb_encode_options encode;
    lb_encode_options_init(&encode);
    assert_ok(lb_encode(shop, &encode, NULL, NULL));
    encode.encoder = "words";
    assert_ok(lb_encode(shop, &encode, NULL, NULL));
    return 0;
}

/* The comparison of some models on features of a list, as JSON; free it. */
static cJSON *compare_on(const char *feature, const char *const *models, size_t n) {
    lb_compare_options o;
    lb_comparison *c;
    lb_compare_options_init(&o);
    o.models = models;
    o.n_models = n;
    o.runs = 1;
    o.feature = feature;
    assert_ok(lb_compare(shop, &o, NULL, &c));
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    assert_non_null(json);
    lb_comparison_free(c);
    return json;
}

static void words_tell_more_than_pictures_alone(void **state) {
    (void)state;
    static const char *const models[] = {"vasg:decoder-epochs=0,dim=32", "content", "wboi"};
    static const char *const features[] = {"look", "text", NULL};
    double cold[3][3], warm[3][3];
    for (int f = 0; f < 3; f++) {
        cJSON *json = compare_on(features[f], models, 3);
        assert_string_equal(cJSON_GetObjectItem(json, "feature")->valuestring,
                            features[f] ? features[f] : "look,text");
        for (int m = 0; m < 3; m++) {
            char path[64];
            snprintf(path, sizeof path, "models.%d.cold.auc_own.mean", m);
            cold[f][m] = shop_number(json, path);
            snprintf(path, sizeof path, "models.%d.warm.auc_own.mean", m);
            warm[f][m] = shop_number(json, path);
        }
        print_message("%-9s AUC own: vasg warm %.3f, cold %.3f; content cold %.3f\n",
                      features[f] ? features[f] : "both", warm[f][0], cold[f][0], cold[f][1]);
        cJSON_Delete(json);
    }
    assert_true(cold[2][0] > cold[0][0] + 0.03);
    assert_true(cold[2][0] > cold[1][0] - 0.02); // and pictures do not spoil words
    assert_true(warm[2][0] > warm[0][0] - 0.01);
    assert_true(cold[2][1] > cold[0][1]);
    assert_true(cold[2][2] == cold[0][2] && cold[1][2] != cold[0][2]); // wboi takes the first
}

static lb_status train_on(const char *feature, const char *path) {
    static const char *const settings[] = {"dim=8", "epochs=1", "rank=0", "decoder-epochs=0"};
    lb_train_options o;
    lb_train_options_init(&o);
    o.settings = settings;
    o.n_settings = 4;
    o.feature = feature;
    o.output = path;
    return lb_train(shop, &o, NULL);
}

static void models_say_what_they_learnt_from(void **state) {
    (void)state;
    static const char *const given[] = {NULL, "", "text", "text,look"};
    static const char *const recorded[] = {"look,text", "", "text", "text,look"};
    const char *path = in(test_folder(), "vasg");
    for (int i = 0; i < 4; i++) {
        model *m;
        assert_ok(train_on(given[i], path));
        assert_ok(model_load(path, &m));
        assert_string_equal(m->common.feature, recorded[i]);
        model_free(m);
    }
}

static void lists_are_checked(void **state) {
    (void)state;
    const char *path = in(test_folder(), "vasg");
    assert_error(train_on("look,", path), LB_E_ARGUMENT, "\"look,\"");
    assert_error(train_on("look,,text", path), LB_E_ARGUMENT, "with commas");
    assert_error(train_on("look,look", path), LB_E_ARGUMENT, "twice");
    assert_error(train_on("look,sound", path), LB_E_NOT_FOUND, "sound");
    assert_false(file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_tell_more_than_pictures_alone),
        cmocka_unit_test(models_say_what_they_learnt_from),
        cmocka_unit_test(lists_are_checked),
    };
    return cmocka_run_group_tests(tests, make_demo, NULL);
}
