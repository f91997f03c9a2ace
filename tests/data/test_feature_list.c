/* Lists of features by name, "look,text". */
#include "data/shop_files.h"

static const char *at;

/* A dataset of one product with n features, f0 first. */
static dataset *with_features(size_t n) {
    const char *folder = test_folder();
    dataset *d;
    at = in(folder, "shop");
    lb_import_options o = {.interactions = write_text(folder, "events.tsv", "u0\tp0\n")};
    assert_ok(import_into(at, &o, NULL));
    for (size_t i = 0; i < n; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%zu", i);
        float row[2] = {(float)i, 1};
        assert_ok(dataset_feature_write(
            at, &(feature_rows){name, "", row, (const uint8_t[]){1}, 1, 2, false}));
    }
    assert_ok(dataset_open(at, &d));
    return d;
}

/* What a list opens, as a list again. */
static const char *opened(const dataset *d, const char *names) {
    static char out[DATASET_FEATURES_TEXT];
    feature_set f[DATASET_MAX_FEATURES];
    size_t n = 77;
    assert_ok(dataset_features_open(d, names, f, &n));
    feature_sets_names(f, n, out);
    for (size_t i = 0; i < n; i++) { // each is open, and the one of that name
        float row[2];
        assert_true(feature_row(&f[i], 0, row));
        assert_true(row[0] == (float)strtoul(f[i].name + 1, NULL, 10));
    }
    feature_sets_close(f, n);
    return out;
}

static void lists_are_opened_in_their_order(void **state) {
    (void)state;
    dataset *d = with_features(3);
    assert_string_equal(opened(d, NULL), "f0,f1,f2");
    assert_string_equal(opened(d, ""), "");
    assert_string_equal(opened(d, "f1"), "f1");
    assert_string_equal(opened(d, "f2,f0"), "f2,f0");
    dataset_close(d);
    d = with_features(0);
    assert_string_equal(opened(d, NULL), "");
    dataset_close(d);
}

static void assert_refused(const dataset *d, const char *names, lb_status code,
                           const char *phrase) {
    feature_set f[DATASET_MAX_FEATURES];
    size_t n = 77;
    assert_error(dataset_features_open(d, names, f, &n), code, phrase);
    assert_int_equal(n, 0);
}

static void what_is_no_list_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {",",  "f0,",   ",f0",   "f0,,f1",      "f0, f1",
                                        "F0", "f0;f1", "../f0", "f0,f\xc3\xa4"};
    dataset *d = with_features(2);
    char longest[130];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(dataset_features_valid(wrong[i]));
        assert_refused(d, wrong[i], LB_E_ARGUMENT, wrong[i]);
    }
    memset(longest, 'a', sizeof longest);
    longest[65] = '\0';
    assert_false(dataset_features_valid(longest));
    assert_refused(d, longest, LB_E_ARGUMENT, longest);
    longest[64] = '\0';
    assert_true(dataset_features_valid(longest));
    assert_refused(d, longest, LB_E_NOT_FOUND, longest);
    assert_refused(d, "f0,f2", LB_E_NOT_FOUND, "f2");
    assert_refused(d, "f0,f1,f0", LB_E_ARGUMENT, "\"f0\" is named twice");
    assert_true(dataset_features_valid("f0,f2") && dataset_features_valid(""));
    dataset_close(d);
}

static void eight_are_the_most(void **state) {
    (void)state;
    dataset *d = with_features(8);
    assert_string_equal(opened(d, NULL), "f0,f1,f2,f3,f4,f5,f6,f7");
    dataset_close(d);
    d = with_features(9);
    assert_refused(d, NULL, LB_E_ARGUMENT, "more than 8 features; name those to use");
    assert_refused(d, "f0,f1,f2,f3,f4,f5,f6,f7,f8", LB_E_ARGUMENT, "more than 8 features");
    assert_false(dataset_features_valid("f0,f1,f2,f3,f4,f5,f6,f7,f8"));
    assert_string_equal(opened(d, "f8,f7,f6,f5,f4,f3,f2,f1"), "f8,f7,f6,f5,f4,f3,f2,f1");
    dataset_close(d);
}

/* Eight of the longest names fit the text. */
static void the_longest_names_fit(void **state) {
    (void)state;
    static feature_set f[DATASET_MAX_FEATURES];
    char name[65], text[DATASET_FEATURES_TEXT];
    memset(name, 'x', 64);
    name[64] = '\0';
    for (size_t i = 0; i < DATASET_MAX_FEATURES; i++) {
        assert_true(sizeof f[i].name > 64);
        memcpy(f[i].name, name, sizeof name);
    }
    feature_sets_names(f, DATASET_MAX_FEATURES, text);
    assert_int_equal(strlen(text), DATASET_FEATURES_TEXT - 1);
    assert_true(dataset_features_valid(text));
    feature_sets_names(f, 0, text);
    assert_string_equal(text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_opened_in_their_order),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(eight_are_the_most),
        cmocka_unit_test(the_longest_names_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
