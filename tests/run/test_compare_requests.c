/* compare --task requests on a shop where both the person and the words matter: users buy from one
 * half of the products, and words name a kind that both halves have. */
#include "run/shop.h"

#include <math.h>

static const shop_kind kind = {
    .users = 120, .products = 60, .per_user = 8, .own_taste = 1, .features = 1};

/* The kind of product p, of six, is the same for both halves; plots are of words of the kind. */
static const char *make_shop(void) {
    const char *shop = shop_make(kind), *path = in(shop, "../catalogue.jsonl");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (unsigned p = 0; p < kind.products; p++)
        fprintf(
            f,
            "{\"id\":\"p%u\",\"title\":\"Thing number%u\",\"category\":\"All > Kind%u\","
            "\"description\":\"alpha%u beta%u gamma%u delta%u epsilon%u zeta%u eta%u theta%u\"}\n",
            p, p, p / 10, p / 10, p / 10, p / 10, p / 10, p / 10, p / 10, p / 10, p / 10);
    assert_int_equal(fclose(f), 0);
    lb_import_options o;
    lb_import_options_init(&o);
    o.products = path;
    assert_ok(lb_import(shop, &o, NULL, NULL));
    return shop;
}

static lb_compare_options options(const char *const *models, size_t n, const char *level,
                                  const char *control) {
    lb_compare_options o;
    lb_compare_options_init(&o);
    o.task = "requests";
    o.models = models;
    o.n_models = n;
    o.level = level;
    o.control = control;
    return o;
}

static double mean(const cJSON *json, int row, const char *path) {
    char whole[128];
    snprintf(whole, sizeof whole, "models.%d.%s.mean", row, path);
    return shop_number(json, whole);
}

enum { POP, BM25, TEXT, USER, LATE, N_MODELS };
static const char *const models[] = {"pop", "bm25", "text", "user:dim=8,epochs=4,decoder-epochs=1",
                                     "late:dim=8,epochs=4,decoder-epochs=1"};

static void both_together_beat_each_alone(void **state) {
    (void)state;
    const char *shop = make_shop();
    lb_compare_options o = options(models, N_MODELS, "category", NULL);
    lb_comparison *comparison;
    assert_ok(lb_compare(shop, &o, NULL, &comparison));
    const char *table = lb_comparison_table(comparison);
    cJSON *json = cJSON_Parse(lb_comparison_json(comparison));
    assert_non_null(json);
    assert_string_equal(shop_string(json, "task"), "requests");
    assert_string_equal(shop_string(json, "level"), "category");
    assert_true(cJSON_IsNull(shop_at(json, "control")));
    assert_int_equal((int)shop_number(json, "requests.test"),
                     (int)shop_number(json, "models.0.warm.tests") +
                         (int)shop_number(json, "models.0.cold.tests"));
    assert_int_equal((int)shop_number(json, "requests.without"), 0);
    static const char *const keys[] = {"recall@1",  "recall@5", "recall@10", "recall@20",
                                       "recall@50", "ndcg@10",  "ndcg@20",   "mrr"};
    for (int row = 0; row < N_MODELS; row++) {
        double before = 0;
        for (size_t k = 0; k < 8; k++) {
            char path[64];
            snprintf(path, sizeof path, "warm.%s_all", keys[k]);
            mean(json, row, path);
            snprintf(path, sizeof path, "cold.%s_own", keys[k]);
            double value = mean(json, row, path);
            assert_true(value >= 0 && value <= 1);
            if (k < 5) assert_true(value >= before); // a longer list has more
            before = value;
        }
    }
    double late = mean(json, LATE, "warm.mrr_own");
    for (int row = 0; row < LATE; row++) assert_true(late > mean(json, row, "warm.mrr_own"));
    assert_true(shop_number(json, "models.4.weight.mean") > 0);
    assert_null(shop_at(json, "models.3.weight"));
    // the last model minus the others, user by user
    for (int row = 0; row < LATE; row++) {
        double difference = mean(json, row, "last_minus_this.warm.mrr_own");
        assert_true(fabs(difference - (late - mean(json, row, "warm.mrr_own"))) < 1e-9);
    }
    assert_null(shop_at(json, "models.4.last_minus_this"));
    assert_non_null(strstr(table, "requests (category)"));
    assert_non_null(strstr(table, "the person weighs"));
    lb_comparison_free(comparison);
    cJSON_Delete(json);
}

/* What is taken from the tests must be missing. */
static void controls_lose_what_they_shuffle(void **state) {
    (void)state;
    const char *shop = make_shop();
    double user[3], text[3];
    static const char *const controls[] = {NULL, "shuffled-users", "shuffled-requests"};
    for (size_t k = 0; k < 3; k++) {
        lb_compare_options o = options(&models[BM25], USER, "category", controls[k]);
        cJSON *json = shop_compare(shop, &o, NULL);
        text[k] = mean(json, 0, "warm.mrr_own");
        user[k] = mean(json, USER - BM25, "warm.mrr_own");
        cJSON_Delete(json);
    }
    assert_true(user[1] < 0.8 * user[0]); // half of the others have the same taste
    assert_true(text[2] < 0.75 * text[0]);
    assert_true(fabs(user[2] - user[0]) < 1e-9); // the words have no say in it
    assert_true(fabs(text[1] - text[0]) < 1e-9);
}

static void runs_and_threads(void **state) {
    (void)state;
    const char *shop = make_shop();
    lb_compare_options o = options(models, N_MODELS, "title", NULL);
    o.runs = 2;
    cJSON *json = shop_compare(shop, &o, NULL);
    assert_int_equal((int)shop_number(json, "runs"), 2);
    assert_true(mean(json, BM25, "warm.recall@1_own") > 0.99); // the title is the product's name
    assert_true(cJSON_IsNumber(shop_at(json, "models.3.warm.mrr_own.sd")));
    cJSON_Delete(json);
}

static lb_status attempt(const char *shop, lb_compare_options o) {
    lb_comparison *c = NULL;
    lb_status status = lb_compare(shop, &o, NULL, &c);
    lb_comparison_free(c);
    return status;
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    const char *shop = make_shop();
    static const char *const pop[] = {"pop"}, *const odd[] = {"bm26"}, *const set[] = {"bm25:k=1"};
    assert_error(attempt(shop, options(pop, 1, "other-review", NULL)), LB_E_EMPTY,
                 "no test pair has a request of level other-review; import reviews");
    assert_error(attempt(shop, options(pop, 1, "reviews", NULL)), LB_E_ARGUMENT, "use category");
    assert_error(attempt(shop, options(pop, 1, "plot", "shuffled")), LB_E_ARGUMENT,
                 "must be shuffled-users");
    assert_error(attempt(shop, options(odd, 1, "plot", NULL)), LB_E_ARGUMENT, "bm26");
    assert_error(attempt(shop, options(set, 1, "plot", NULL)), LB_E_ARGUMENT, "has no options");
    lb_compare_options o = options(pop, 1, "plot", NULL);
    o.task = "recommend";
    assert_error(attempt(shop, o), LB_E_ARGUMENT, "belong to the task requests");

    // a feature that was made of the plots knows the tests
    lb_encode_options encode;
    lb_encode_options_init(&encode);
    encode.encoder = "words";
    encode.fields = "title,description";
    assert_ok(lb_encode(shop, &encode, NULL, NULL));
    assert_error(attempt(shop, options(pop, 1, "plot", NULL)), LB_E_ARGUMENT,
                 "the feature \"text\" was made of the descriptions");
    o = options(pop, 1, "plot", NULL);
    o.feature = "image";
    assert_ok(attempt(shop, o));
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_together_beat_each_alone),
        cmocka_unit_test(controls_lose_what_they_shuffle),
        cmocka_unit_test(runs_and_threads),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
