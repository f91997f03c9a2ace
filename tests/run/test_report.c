/* Reports through the library: what is refused, and results that do not fit. */
#include "run/shop.h"

#include "core/file.h"
#include "run/source.h"

static char *page(void) {
    return file_path(test_folder(), "page.html");
}

static lb_report_options options(const char *output) {
    lb_report_options o;
    lb_report_options_init(&o);
    o.output = output;
    o.samples = 50;
    return o;
}

static void wrong_arguments(void **state) {
    (void)state;
    lb_report *r = NULL;
    char *path = page();
    lb_report_options o = options(path);
    assert_error(lb_report_write("x", NULL, NULL, &r), LB_E_ARGUMENT, "no options");
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "nothing to report");
    o.run = 1;
    o.model = "m";
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "folder that the experiments");
    o.run = 0;
    o.from = "f";
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "not both");
    o.model = NULL;
    o.samples = 0;
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "samples is 0");
    o.samples = 1;
    o.runs = 101;
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "runs is 101");
    o.runs = 1;
    assert_error(lb_report_write("x", &o, NULL, NULL), LB_E_ARGUMENT, "no place");
    o.output = "";
    assert_error(lb_report_write("x", &o, NULL, &r), LB_E_ARGUMENT, "no file");
    assert_string_equal(lb_report_json(NULL), "");
    lb_report_free(NULL);
    free(path);
}

/* Whether a mapped page, which holds no NUL, says something. */
static bool says(const file_map *page_, const char *words) {
    size_t n = strlen(words);
    for (size_t i = 0; i + n <= page_->size; i++)
        if (memcmp(page_->bytes + i, words, n) == 0) return true;
    return false;
}

/* Lines of commands that hold more than one option fit the page. */
static void assert_lines_fit(const file_map *page_) {
    char *text_ = calloc(page_->size + 1, 1);
    memcpy(text_, page_->bytes, page_->size);
    char *line = strstr(text_, "lookbook compare"),
         *end = line ? strstr(line, "</code></pre>") : NULL;
    size_t n_lines = 0;
    assert_non_null(end);
    for (*end = '\0'; *line; n_lines++) {
        size_t n = strcspn(line, "\n");
        const char *first = strstr(line, " --"), *second = first ? strstr(first + 1, " --") : NULL;
        if (second && second < line + n && n > 90) fail_msg("a line of %zu: %.*s", n, (int)n, line);
        line += n + (line[n] == '\n');
    }
    assert_true(n_lines >= 3);
    free(text_);
}

/* A comparison of two models as a page, the same on one thread and on three. */
static void a_comparison_as_a_page(void **state) {
    (void)state;
    static const char *const models[] = {"pop", "vasg:dim=8,epochs=2,decoder-epochs=0"};
    const char *shop = shop_make(small_shop);
    lb_compare_options c;
    lb_comparison *made;
    lb_report *r;
    file_map first, second;
    char *path = page();
    lb_compare_options_init(&c);
    c.models = models;
    c.n_models = 2;
    c.runs = 1;
    assert_ok(lb_compare(shop, &c, NULL, &made));
    lb_report_options o = options(path);
    lb_runtime runtime;
    lb_runtime_init(&runtime);
    runtime.threads = 3;
    o.comparison = lb_comparison_json(made);
    assert_ok(lb_report_write(shop, &o, NULL, &r));
    cJSON *json = cJSON_Parse(lb_report_json(r));
    assert_non_null(json);
    assert_string_equal(shop_string(json, "compare.models.0.name"), "pop");
    assert_int_equal(cJSON_GetArraySize(shop_at(json, "spaces")), 0);
    cJSON_Delete(json);
    lb_report_free(r);
    // The page is replaced, so that the first one stays mapped.
    assert_ok(file_map_open(path, &first));
    assert_ok(lb_report_write(shop, &o, &runtime, &r));
    lb_report_free(r);
    assert_ok(file_map_open(path, &second));
    assert_true(first.size > 5000 && first.size == second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    assert_true(says(&first, "AUC, Recall and NDCG, one run."));
    assert_lines_fit(&first);
    assert_true(says(&first, "products were drawn and taken out of training"));
    assert_false(says(&first, "too few products to be split"));
    file_map_close(&first);
    file_map_close(&second);
    lb_comparison_free(made);
    free(path);
}

static void results_of_others(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    char *path = page();
    lb_report *r;
    lb_report_options o = options(path);
    o.comparison = "{\"statistics\":{\"all\":{\"users\":61,\"products\":40}},\"models\":[]}";
    assert_error(lb_report_write(shop, &o, NULL, &r), LB_E_MISMATCH, "another dataset");
    o.comparison = "{\"models\":[{\"name\":";
    assert_error(lb_report_write(shop, &o, NULL, &r), LB_E_FORMAT, "the comparison: not a JSON");
    o.comparison = "[]";
    assert_error(lb_report_write(shop, &o, NULL, &r), LB_E_FORMAT, "not a JSON object");
    // Valid JSON of a strange shape is shown as what it is: nothing.
    o.comparison = "{\"models\":[1,{\"name\":5,\"warm\":\"x\"}],\"runs\":\"many\"}";
    assert_ok(lb_report_write(shop, &o, NULL, &r));
    lb_report_free(r);
    free(path);
}

static void results_are_put_into_words(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    char *path = page();
    lb_report *r;
    file_map said;
    lb_report_options o = options(path);
    o.comparison = "{\"statistics\":{\"all\":{\"users\":60,\"products\":40},\"users_dropped\":2,"
                   "\"kept\":{\"interactions\":90},\"train_pairs\":70,\"validation_pairs\":2,"
                   "\"tests\":{\"warm\":7,\"cold\":1}},\"split\":{\"cold\":\"natural\"},"
                   "\"models\":[],\"runs\":4}";
    assert_ok(lb_report_write(shop, &o, NULL, &r));
    lb_report_free(r);
    assert_ok(file_map_open(path, &said));
    assert_true(says(&said, "; 2 users had too few products to be split."));
    assert_true(says(&said, "NDCG, means over 4 runs."));
    assert_false(says(&said, "are in no part"));
    file_map_close(&said);
    free(path);
}

static void splits_read_back(void **state) {
    (void)state;
    static const char *const colds[] = {"balanced", "natural"};
    lb_split_options o, read;
    char line[128];
    lb_split_options_init(&o);
    for (int i = 0; i < 4; i++) {
        o.method = "leave-one-out";
        o.min_user = 3 + (uint32_t)i;
        o.cold = colds[i % 2];
        o.no_validation = i / 2;
        run_split_describe(&o, 18446744073709551615u, line, sizeof line);
        assert_true(run_split_parse(line, &read));
        assert_string_equal(read.method, "leave-one-out");
        assert_true(read.seed == 18446744073709551615u && read.min_user == o.min_user);
        assert_string_equal(read.cold, o.cold);
        assert_int_equal(read.no_validation, o.no_validation);
    }
    assert_true(run_split_parse("given", &read));
    assert_string_equal(read.method, "given");
    assert_true(run_split_parse("all interactions", &read));
    assert_null(read.method);
    static const char *const wrong[] = {"", "leave-one-out", "leave-one-out seed 1 min-user 5 warm",
                                        "leave-one-out seed 1 min-user 5 balanced quickly"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(run_split_parse(wrong[i], &read));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_arguments),   cmocka_unit_test(a_comparison_as_a_page),
        cmocka_unit_test(results_of_others), cmocka_unit_test(results_are_put_into_words),
        cmocka_unit_test(splits_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
