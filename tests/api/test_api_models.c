/* The public calls on models: arguments are checked before anything is touched, lists are whole. */
#include "support.h"

static void arguments_of_training_are_checked(void **state) {
    (void)state;
    lb_train_options o;
    lb_train_options_init(&o);
    assert_string_equal(o.model, "vasg");
    assert_null(o.split.method);
    assert_string_equal(o.split.cold, "balanced");
    assert_int_equal(o.seed, 1);
    assert_error(lb_train(NULL, &o, NULL), LB_E_ARGUMENT, "directory");
    assert_error(lb_train("shop", NULL, NULL), LB_E_ARGUMENT, "options");
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "file");
    o.output = "m";
    o.model = NULL;
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "model");
    o.model = "vasg";
    o.feature = "No Name";
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "No Name");
    o.feature = NULL;
    o.split.method = "random";
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "leave-one-out");
    o.split.method = "given";
    o.split.cold = "chilly";
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "natural");
    o.split.method = NULL;
    o.resume = 2;
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "resume");
    o.resume = 0;
    o.n_settings = 1;
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "settings");
    const char *none = NULL;
    o.settings = &none;
    assert_error(lb_train("shop", &o, NULL), LB_E_ARGUMENT, "setting 0");
}

static void arguments_of_comparisons_are_checked(void **state) {
    (void)state;
    static const char *const models[] = {"pop", NULL};
    lb_compare_options o;
    lb_comparison *c = NULL;
    lb_compare_options_init(&o);
    assert_int_equal(o.runs, 1);
    assert_int_equal(o.list, 20);
    assert_string_equal(o.split.method, "leave-one-out");
    assert_int_equal(o.split.min_user, 5);
    assert_error(lb_compare("", &o, NULL, &c), LB_E_ARGUMENT, "directory");
    assert_error(lb_compare("shop", NULL, NULL, &c), LB_E_ARGUMENT, "options");
    assert_string_equal(o.task, "recommend");
    o.n_models = 2;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "not given");
    o.models = models;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "model 1");
    o.n_models = 1;
    assert_error(lb_compare("shop", &o, NULL, NULL), LB_E_ARGUMENT, "place");
    o.runs = 0;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "1 to 100");
    o.runs = 101;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "1 to 100");
    o.runs = 1;
    o.list = 0;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "list");
    o.list = 20;
    o.split.method = NULL;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "split method");
    lb_split_options_init(&o.split);
    o.vary_split = 7;
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "vary_split");
    o.vary_split = 0;
    o.keep = "";
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "keep");
    o.keep = NULL;
    o.task = "dance";
    assert_error(lb_compare("shop", &o, NULL, &c), LB_E_ARGUMENT, "task");
    assert_null(c);
    lb_comparison_free(NULL);
    assert_string_equal(lb_comparison_json(NULL), "");
}

static void arguments_of_encoding_are_checked(void **state) {
    (void)state;
    lb_encode_options o;
    lb_encode_options_init(&o);
    assert_error(lb_encode(NULL, &o, NULL, NULL), LB_E_ARGUMENT, "directory");
    assert_error(lb_encode("shop", NULL, NULL, NULL), LB_E_ARGUMENT, "options");
    o.name = "";
    assert_error(lb_encode("shop", &o, NULL, NULL), LB_E_ARGUMENT, "name");
    o.name = "A";
    assert_error(lb_encode("shop", &o, NULL, NULL), LB_E_ARGUMENT, "1 to 64");
    o.name = NULL;
    o.encoder = NULL;
    assert_error(lb_encode("shop", &o, NULL, NULL), LB_E_ARGUMENT, "encoder");
}

static const lb_model_option *find_option(const char *model, const char *name) {
    const lb_model_option *o;
    for (size_t i = 0; (o = lb_model_option_get(model, i)); i++)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}

static void models_and_options_are_listed(void **state) {
    (void)state;
    const char *name;
    size_t n = 0, n_options = 0;
    assert_string_equal(lb_model_name(0), "vasg"); // the default comes first
    for (; (name = lb_model_name(n)); n++) {
        assert_true(strlen(lb_model_summary(name)) > 10);
        for (size_t i = 0; lb_model_option_get(name, i); i++) {
            const lb_model_option *o = lb_model_option_get(name, i);
            assert_true(*o->name && *o->range && *o->initial && strlen(o->help) > 5);
            assert_non_null(strstr(o->range, strchr(o->range, '|') ? o->initial : ".."));
            n_options++;
        }
    }
    assert_true(n >= 5 && n_options > 20);
    assert_string_equal(find_option("vasg", "dim")->range, "2..1024");
    assert_string_equal(find_option("vasg", "dim")->initial, "64");
    assert_string_equal(find_option("vasg", "rate")->initial, "0.1");
    assert_string_equal(find_option("vasg-paper", "preset")->range, "paper|early-code");
    assert_string_equal(find_option("vasg-paper", "preset")->initial, "paper");
    assert_null(lb_model_option_get("pop", 0));
    assert_null(lb_model_option_get("no such", 0));
    assert_null(lb_model_option_get(NULL, 0));
    assert_null(lb_model_summary("no such"));
    assert_null(lb_model_summary(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_of_training_are_checked),
        cmocka_unit_test(arguments_of_comparisons_are_checked),
        cmocka_unit_test(arguments_of_encoding_are_checked),
        cmocka_unit_test(models_and_options_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
