/* Comparisons on small shops: the shape of the result, what cannot be computed, and known answers.
 */
#include "run/shop.h"

#include "model/model.h"

static lb_compare_options options(const char *const *models, size_t n) {
    lb_compare_options o;
    lb_compare_options_init(&o);
    o.models = models;
    o.n_models = n;
    return o;
}

#define OPTIONS(models) options((models), sizeof(models) / sizeof *(models))

static void check_metric(const cJSON *parent, const char *key, int runs) {
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(parent, key);
    if (!m) fail_msg("no %s", key);
    const cJSON *mean = shop_at(m, "mean"), *sd = shop_at(m, "sd"), *ci = shop_at(m, "ci95");
    assert_true(mean && sd && ci);
    if (cJSON_IsNull(mean)) {
        assert_true(cJSON_IsNull(sd) && cJSON_IsNull(ci));
        assert_true(strlen(shop_string(m, "why")) > 5);
        return;
    }
    assert_true(cJSON_IsNumber(mean));
    assert_true(runs > 1 ? cJSON_IsNumber(sd) : cJSON_IsNull(sd));
    if (cJSON_IsNull(ci)) return;
    assert_int_equal(cJSON_GetArraySize(ci), 2);
    assert_true(shop_number(ci, "0") <= mean->valuedouble + 1e-12);
    assert_true(shop_number(ci, "1") >= mean->valuedouble - 1e-12);
}

static void check_model(const cJSON *row, int runs) {
    static const char *const numbers[] = {"train_seconds", "coverage", "gini"};
    static const char *const metrics[] = {"auc_all",      "auc_own",    "recall@7_all",
                                          "recall@7_own", "ndcg@7_all", "ndcg@7_own",
                                          "mrr_all",      "mrr_own"};
    static const char *const kinds[] = {"warm", "cold"};
    for (size_t i = 0; i < 3; i++) check_metric(row, numbers[i], runs);
    for (size_t k = 0; k < 2; k++) {
        const cJSON *kind = shop_at(row, kinds[k]);
        assert_non_null(shop_at(kind, "tests"));
        for (size_t i = 0; i < 8; i++) check_metric(kind, metrics[i], runs);
    }
}

static void all_models_have_all_numbers(void **state) {
    (void)state;
    static const char *const models[] = {
        "pop", "rand", "wboi", "vasg:dim=8,epochs=3,decoder-epochs=1",
        "vasg-paper:dim=8,width=8,encoder-epochs=2,max-batches=20"};
    const char *shop = shop_make(small_shop);
    for (uint32_t runs = 1; runs <= 2; runs++) {
        lb_compare_options o = OPTIONS(models);
        o.runs = runs;
        o.list = 7;
        cJSON *json = shop_compare(shop, &o, NULL);
        assert_string_equal(shop_string(json, "dataset"), "shop");
        assert_string_equal(shop_string(json, "feature"), "image");
        assert_string_equal(shop_string(json, "split.method"), "leave-one-out");
        assert_string_equal(shop_string(json, "split.cold"), "balanced");
        assert_int_equal((int)shop_number(json, "split.users") +
                             (int)shop_number(json, "split.users_untrained"),
                         60);
        assert_int_equal((int)shop_number(json, "split.test_pairs"),
                         (int)shop_number(json, "models.0.warm.tests") +
                             (int)shop_number(json, "models.0.cold.tests"));
        assert_int_equal((int)shop_number(json, "runs"), (int)runs);
        assert_int_equal(cJSON_GetArraySize(shop_at(json, "models")), 5);
        for (int i = 0; i < 5; i++) {
            const cJSON *row = cJSON_GetArrayItem(shop_at(json, "models"), i);
            assert_string_equal(shop_string(row, "name"), models[i]);
            assert_null(shop_at(row, "why"));
            check_model(row, (int)runs);
        }
        assert_true(shop_number(json, "models.0.cold.ties_own.tied") > 0); // POP knows no cold one
        cJSON_Delete(json);
    }
}

/* Two tastes that the features show: WBOI and the recipe find them, POP and RAND cannot. */
static void structure_is_found(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "rand", "wboi", "vasg:dim=8,decoder-epochs=0"};
    const char *shop = shop_make((shop_kind){300, 60, 10, 0.95, 1, 0});
    lb_compare_options o = OPTIONS(models);
    o.runs = 3;
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_float_equal(shop_number(json, "models.1.warm.auc_own.mean"), 0.5, 0.06);
    assert_float_equal(shop_number(json, "models.1.cold.auc_own.mean"), 0.5, 0.06);
    assert_float_equal(shop_number(json, "models.0.cold.auc_own.mean"), 0.5, 1e-12);
    assert_true(shop_number(json, "models.2.warm.auc_own.mean") > 0.65);
    assert_true(shop_number(json, "models.2.cold.auc_own.mean") > 0.65);
    assert_true(shop_number(json, "models.3.warm.auc_own.mean") > 0.65);
    assert_true(shop_number(json, "models.3.cold.auc_own.mean") > 0.65);
    assert_true(cJSON_IsTrue(shop_at(json, "models.3.beats_pop")));
    assert_null(shop_at(json, "models.1.beats_pop")); // RAND is no personal model
    assert_null(shop_at(json, "models.0.beats_pop"));
    assert_float_equal(shop_number(json, "models.0.warm.auc_own.sd"), 0, 0);
    cJSON_Delete(json);
}

/* Where nothing is to be learnt, nobody may look into the tests. */
static void noise_stays_noise(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=8,epochs=4,decoder-epochs=0"};
    const char *shop = shop_make((shop_kind){400, 60, 8, 0, 1, 0});
    lb_compare_options o = OPTIONS(models);
    lb_comparison *c;
    assert_ok(lb_compare(shop, &o, NULL, &c));
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    assert_float_equal(shop_number(json, "models.1.warm.auc_own.mean"), 0.5, 0.09);
    assert_float_equal(shop_number(json, "models.1.cold.auc_own.mean"), 0.5, 0.09);
    if (cJSON_IsFalse(shop_at(json, "models.1.beats_pop")))
        assert_non_null(strstr(lb_comparison_table(c), "does not beat POP"));
    cJSON_Delete(json);
    lb_comparison_free(c);
}

static void a_model_that_cannot_run_says_why(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "wboi", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    shop_kind kind = small_shop;
    kind.features = 0;
    const char *shop = shop_make(kind);
    lb_compare_options o = OPTIONS(models);
    o.list = 7;
    o.runs = 2;
    for (int given = 0; given < 2; given++) {
        o.feature = given ? "" : NULL;
        cJSON *json = shop_compare(shop, &o, NULL);
        assert_true(cJSON_IsNull(shop_at(json, "feature")));
        assert_non_null(strstr(shop_string(json, "models.1.why"), "feature"));
        check_model(shop_at(json, "models.1"), 2);
        assert_true(cJSON_IsNull(shop_at(json, "models.1.warm.auc_own.mean")));
        assert_null(shop_at(json, "models.0.why"));
        assert_null(shop_at(json, "models.2.why"));
        assert_true(shop_number(json, "models.2.warm.auc_own.mean") > 0);
        cJSON_Delete(json);
    }
    o.models = models + 1;
    o.n_models = 1;
    cJSON_Delete(shop_compare(shop, &o, NULL)); // nobody ran: still a table
}

static void no_cold_products_is_no_failure(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    const char *shop = shop_make((shop_kind){100, 10, 6, 0.5, 1, 0});
    lb_compare_options o = OPTIONS(models);
    o.list = 7;
    o.split.cold = "natural";
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_int_equal((int)shop_number(json, "models.0.cold.tests"), 0);
    check_model(shop_at(json, "models.1"), 1);
    assert_non_null(strstr(shop_string(json, "models.1.cold.auc_own.why"), "no cold tests"));
    assert_int_equal((int)shop_number(json, "split.cold_products"), 0);
    cJSON_Delete(json);
}

static void a_given_split_is_taken_as_it_is(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options import;
    lb_import_options_init(&import);
    import.interactions = write_text(folder, "train.tsv", "a\tx\na\ty\nb\tx\nb\tz\nc\ty\nc\tz\n");
    import.valid = write_text(folder, "valid.tsv", "a\tw\n");
    import.test = write_text(folder, "test.tsv", "a\tz\nb\ty\nc\tx\nc\tw\n");
    const char *shop = in(folder, "shop");
    assert_ok(lb_import(shop, &import, NULL, NULL));
    lb_compare_options o = OPTIONS(models);
    o.split.method = "given";
    o.list = 7;
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_string_equal(shop_string(json, "split.method"), "given");
    assert_null(shop_at(json, "split.seed"));
    assert_int_equal((int)shop_number(json, "split.train_pairs"), 6);
    assert_int_equal((int)shop_number(json, "split.test_pairs"), 4);
    assert_int_equal((int)shop_number(json, "models.0.warm.tests"), 3);
    assert_int_equal((int)shop_number(json, "models.0.cold.tests"), 1);
    check_model(shop_at(json, "models.1"), 1);
    cJSON_Delete(json);
}

static void a_user_with_one_product_is_counted(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    shop_kind kind = small_shop;
    kind.single = 1;
    const char *shop = shop_make(kind);
    lb_compare_options o = OPTIONS(models);
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_int_equal((int)shop_number(json, "split.users_dropped"), 1);
    cJSON_Delete(json);
    o.split.min_user = 1;
    o.split.cold = "natural";
    json = shop_compare(shop, &o, NULL);
    assert_int_equal((int)shop_number(json, "split.users_dropped"), 0);
    assert_int_equal((int)shop_number(json, "split.users_untrained"), 1);
    cJSON_Delete(json);
}

static void mistakes_are_named(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    lb_comparison *c = NULL;
    static const struct {
        const char *model, *phrase;
    } wrong[] = {
        {"vagabond", "there is no model \"vagabond\""},
        {"", "there is no model"},
        {"vasg:height=3", "no option \"height\""},
        {"vasg:dim=1", "from 2 to 1024"},
        {"vasg:dim=8,epochs", "name=value"},
        {"pop:dim=8", "no option \"dim\""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *models[] = {"pop", wrong[i].model};
        lb_compare_options o = OPTIONS(models);
        assert_error(lb_compare(shop, &o, NULL, &c), LB_E_ARGUMENT, wrong[i].phrase);
    }
    static const char *const twice[] = {"pop", "rand", "pop"}, *const good[] = {"pop"};
    lb_compare_options o = OPTIONS(twice);
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_ARGUMENT, "twice");
    o = OPTIONS(good);
    o.feature = "sound";
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_NOT_FOUND, "sound");
    o.feature = NULL;
    o.split.method = "given";
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_NOT_FOUND, "");
    o.split.method = "leave-one-out";
    o.split.min_user = 1000;
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_EMPTY, "");
    assert_error(lb_compare("/nowhere/at/all", &o, NULL, &c), LB_E_NOT_FOUND, "/nowhere");
    assert_null(c);
}

static void models_are_kept(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    static const char *const files[] = {"pop-r0", "pop-r1",
                                        "vasg_dim=4_epochs=2_decoder-epochs=0-r0",
                                        "vasg_dim=4_epochs=2_decoder-epochs=0-r1"};
    const char *shop = shop_make(small_shop);
    lb_compare_options o = OPTIONS(models);
    const char *kept = in(shop, "kept");
    o.keep = kept;
    o.runs = 2;
    o.seed = 5;
    for (int vary = 0; vary < 2; vary++) {
        o.vary_split = vary;
        cJSON *json = shop_compare(shop, &o, NULL);
        assert_true(cJSON_IsBool(shop_at(json, "split.varied")));
        cJSON_Delete(json);
        assert_int_equal(count_files(kept), 5); // and compare.json
        for (size_t i = 0; i < 4; i++) {
            char name[64], text[64];
            model *m;
            snprintf(name, sizeof name, "%s.safetensors", files[i]);
            assert_ok(model_load(in(kept, name), &m));
            assert_int_equal(m->common.seed, 5 + i % 2);
            snprintf(text, sizeof text, "leave-one-out seed %d min-user 5 balanced",
                     vary && i % 2 ? 2 : 1);
            assert_string_equal(m->common.split, text);
            model_free(m);
        }
    }
}

static void drop_seconds(cJSON *json) {
    for (cJSON *m = cJSON_GetObjectItem(json, "models")->child; m; m = m->next)
        cJSON_DeleteItemFromObject(m, "train_seconds");
}

static void threads_do_not_matter(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "rand", "wboi",
                                         "vasg:dim=8,epochs=3,decoder-epochs=1"};
    const char *shop = shop_make(small_shop);
    lb_compare_options o = OPTIONS(models);
    char *first = NULL;
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        lb_runtime runtime = {.threads = threads};
        cJSON *json = shop_compare(shop, &o, &runtime);
        drop_seconds(json);
        char *text = cJSON_Print(json);
        if (first) assert_string_equal(text, first);
        if (first)
            free(text);
        else
            first = text;
        cJSON_Delete(json);
    }
    free(first);
}

static int stop_at_models(void *context, const lb_progress *p) {
    int *left = context;
    return !p->note && strcmp(p->stage, "skip-gram") == 0 && (*left)-- <= 0;
}

static void the_caller_may_stop_it(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=4,epochs=2,decoder-epochs=0"};
    const char *shop = shop_make(small_shop);
    lb_compare_options o = OPTIONS(models);
    int left = 0;
    lb_runtime runtime = {.progress = stop_at_models, .progress_context = &left};
    lb_comparison *c = NULL;
    assert_error(lb_compare(shop, &o, &runtime, &c), LB_E_INTERRUPTED, "");
    assert_null(c);
}

static size_t widest(const char *table) {
    size_t width = 0, most = 0;
    for (; *table; table++) {
        width = *table == '\n' ? 0 : width + (((unsigned char)*table & 0xc0) != 0x80);
        if (width > most) most = width;
    }
    return most;
}

static void the_table_fits_a_page(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "wboi",
                                         "vasg:dim=8,epochs=3,rank=8,decoder-epochs=0"};
    const char *shop = shop_make(small_shop);
    lb_compare_options o = OPTIONS(models);
    o.runs = 2;
    lb_comparison *c;
    assert_ok(lb_compare(shop, &o, NULL, &c));
    const char *table = lb_comparison_table(c);
    assert_in_range(widest(table), 60, 110);
    assert_non_null(strstr(table, "Recall@20"));
    assert_non_null(strstr(table, "\npop "));
    assert_non_null(strstr(table, "vasg:dim=8,epochs=3,rank=8,decoder-epochs=0"));
    assert_non_null(strstr(table, "±"));
    lb_comparison_free(c);
}

/* ---- relations */

static const char *const relation_models[] = {"rand", "inn", "ibr:rank=4,epochs=40,rate=0.02",
                                              "vasg:dim=8,epochs=4,decoder-epochs=0"};

static const shop_kind related_shop = {200, 80, 9, 0.95, 1, 0};

static void check_relations(const cJSON *row, int runs) {
    static const char *const metrics[] = {"train_seconds",      "accuracy", "auc",
                                          "auc_warm",           "auc_cold", "threshold",
                                          "validation_accuracy"};
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        check_metric(row, metrics[i], runs);
}

/* Two tastes that looks show: pairs within a half are bought together, others hardly ever. */
static void relations_are_told(void **state) {
    (void)state;
    const char *shop = shop_make(related_shop), *kept = in(shop, "kept");
    lb_compare_options o = OPTIONS(relation_models);
    o.task = "relations";
    o.keep = kept;
    for (uint32_t runs = 1; runs <= 2; runs++) {
        o.runs = runs;
        o.vary_split = runs == 2;
        cJSON *json = shop_compare(shop, &o, NULL);
        assert_string_equal(shop_string(json, "task"), "relations");
        double n = shop_number(json, "relations.all.related");
        assert_true(n > 100 && shop_number(json, "relations.all.others") == n);
        assert_true(shop_number(json, "relations.warm.related") +
                        shop_number(json, "relations.cold.related") ==
                    n);
        assert_true(shop_number(json, "relations.warm.others") +
                        shop_number(json, "relations.cold.others") <=
                    n);
        assert_non_null(strstr(shop_string(json, "models.0.why"), "rand has no space"));
        for (int i = 0; i < 4; i++) {
            const cJSON *row = cJSON_GetArrayItem(shop_at(json, "models"), i);
            assert_string_equal(shop_string(row, "name"), relation_models[i]);
            check_relations(row, (int)runs);
            if (i == 0) continue;
            assert_true(shop_number(row, "auc_warm.mean") > 0.75);
            assert_true(shop_number(row, "auc.mean") > 0.6);
            assert_true(shop_number(row, "accuracy.mean") > 0.55);
            assert_true(shop_number(row, "auc.ci95.0") < shop_number(row, "auc.ci95.1"));
            assert_int_equal((int)shop_number(row, "not_placed"), 0);
        }
        cJSON_Delete(json);
        assert_true(file_exists(in(kept, "relations.json")));
        assert_false(file_exists(in(kept, "compare.json")));
    }
}

static void relations_do_not_depend_on_threads(void **state) {
    (void)state;
    const char *shop = shop_make(related_shop);
    lb_compare_options o = OPTIONS(relation_models);
    o.task = "relations";
    char *text[2];
    for (uint32_t i = 0; i < 2; i++) {
        lb_runtime runtime;
        lb_runtime_init(&runtime);
        runtime.threads = 1 + 2 * i;
        cJSON *json = shop_compare(shop, &o, &runtime), *row;
        cJSON_ArrayForEach(row, shop_at(json, "models"))
            cJSON_DeleteItemFromObject(row, "train_seconds");
        assert_non_null(text[i] = cJSON_PrintUnformatted(json));
        cJSON_Delete(json);
    }
    assert_string_equal(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}

static void relations_say_what_they_lack(void **state) {
    (void)state;
    static const char *const models[] = {"inn", "vasg:dim=4,epochs=2,decoder-epochs=0",
                                         "bpr:dim=4,epochs=2"};
    shop_kind kind = related_shop;
    kind.features = 0;
    const char *shop = shop_make(kind);
    lb_comparison *c = NULL;
    lb_compare_options o = OPTIONS(models);
    o.task = "relations";
    o.split.no_validation = 1;
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_non_null(strstr(shop_string(json, "models.0.why"), "feature"));
    assert_true(cJSON_IsNull(shop_at(json, "models.0.auc.mean")));
    check_relations(shop_at(json, "models.1"), 1);
    assert_non_null(strstr(shop_string(json, "models.1.accuracy.why"), "validation"));
    assert_true(cJSON_IsNumber(shop_at(json, "models.1.auc.mean")));
    // nothing is known of cold products: vasg takes them for the mean one
    assert_int_equal((int)shop_number(json, "models.1.not_placed"), 0);
    assert_true(shop_number(json, "models.2.not_placed") > 0);
    cJSON_Delete(json);
    o.task = "dance";
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_ARGUMENT, "recommend, relations or requests");
    o.task = "relations"; // of four products every two were bought together
    shop = shop_make((shop_kind){60, 4, 4, 0.5, 1, 0});
    o.split = (lb_split_options){"leave-one-out", 1, 4, "natural", 0};
    assert_error(lb_compare(shop, &o, NULL, &c), LB_E_EMPTY, "bought together");
    assert_null(c);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_models_have_all_numbers),
        cmocka_unit_test(structure_is_found),
        cmocka_unit_test(noise_stays_noise),
        cmocka_unit_test(a_model_that_cannot_run_says_why),
        cmocka_unit_test(no_cold_products_is_no_failure),
        cmocka_unit_test(a_given_split_is_taken_as_it_is),
        cmocka_unit_test(a_user_with_one_product_is_counted),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(models_are_kept),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(the_caller_may_stop_it),
        cmocka_unit_test(the_table_fits_a_page),
        cmocka_unit_test(relations_are_told),
        cmocka_unit_test(relations_do_not_depend_on_threads),
        cmocka_unit_test(relations_say_what_they_lack),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
