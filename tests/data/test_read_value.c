#include "data/readers.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "core/random.h"
#include "data/read_field.h"
#include "data/read_value.h"

static value_tree tree;

/* Parses a copy that lives until the next call. */
static lb_status parse(const char *text, value_dialect dialect) {
    static char *copy;
    free(copy);
    copy = memory_string(text);
    return value_parse(&tree, copy, strlen(copy), dialect);
}

static void strings(void **state) {
    (void)state;
    static const struct {
        value_dialect dialect;
        const char *text, *expected;
    } cases[] = {
        {VALUE_JSON, "\"\"", ""},
        {VALUE_JSON, " \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\" ", "a\"\\/\b\f\n\r\t"},
        {VALUE_JSON, "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"",
         "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {VALUE_JSON, "\"\\ud83d\\u0041 \\ude00 \\ud83d\"",
         "\xef\xbf\xbd"
         "A \xef\xbf\xbd \xef\xbf\xbd"},
        {VALUE_JSON, "\"0123456789abcdef\\n0123456789abcdef\"",
         "0123456789abcdef\n0123456789abcdef"},
        {VALUE_PYTHON, "'it\"s'", "it\"s"},
        {VALUE_PYTHON, "\"it's\"", "it's"},
        {VALUE_PYTHON, "u'\\xe9\\u2019\\U0001f600\\101\\7\\''",
         "\xc3\xa9\xe2\x80\x99\xf0\x9f\x98\x80"
         "A\a'"},
        {VALUE_PYTHON, "'\\q\\a\\v\\\\'", "\\q\a\v\\"},
        {VALUE_PYTHON, "'tab\there'", "tab\there"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(parse(cases[i].text, cases[i].dialect));
        assert_int_equal(tree.nodes->kind, VALUE_STRING);
        assert_string_equal(tree.nodes->text, cases[i].expected);
        assert_int_equal(tree.nodes->length, strlen(cases[i].expected));
    }
}

static void trees(void **state) {
    (void)state;
    assert_ok(
        parse("{\"a\": [1, [], {\"b\": null}], \"c\": {\"d\": \"e\"}, \"a\": true, \"n\": null}",
              VALUE_JSON));
    const value *root = tree.nodes, *c = value_member(&tree, root, "c");
    assert_int_equal(value_member(&tree, root, "a")->kind, VALUE_TRUE);
    assert_null(value_member(&tree, root, "n"));
    assert_null(value_member(&tree, root, "x"));
    assert_string_equal(value_member(&tree, c, "d")->text, "e");
    const value *list = value_first(&tree, root), *v = value_first(&tree, list);
    assert_int_equal(v->kind, VALUE_NUMBER);
    v = value_next(&tree, list, v);
    assert_int_equal(v->kind, VALUE_LIST);
    assert_null(value_first(&tree, v));
    v = value_next(&tree, list, v);
    assert_int_equal(v->kind, VALUE_OBJECT);
    assert_null(value_next(&tree, list, v));
    assert_ok(parse("({'a': (1,), 'b': [],}, -5L, .5, 5., +1, None,)", VALUE_PYTHON));
    assert_int_equal(tree.nodes->kind, VALUE_LIST);
}

static void malformed_values_are_refused(void **state) {
    (void)state;
    static const char *const json[] = {
        "",         "{",          "}",           "[1,]",   "[1 2]",   "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{a:1}",       "{1:2}",  "'a'",     "\"a",
        "\"a\\",    "\"\\x41\"",  "\"\\u12g4\"", "\"\t\"", "01",      "-",
        "+1",       ".5",         "5.",          "1e",     "1e+",     "0x10",
        "NaN",      "Infinity",   "nul",         "True",   "None",    "[1]]",
        "1 2",      "(1)",        "{\"a\" 1}",   "[,1]",   "\"\\u12",
    };
    static const char *const python[] = {
        "true", "null", "{'a'}", "['a' 'b']", "'\\x4'", "'\\U00110000'", "'a\"", "(1",    "[1)",
        "b'a'", "-",    "1e",    ".",         "f()",    "{'a':1",        "u",    "'\\u12"};
    for (size_t i = 0; i < sizeof json / sizeof *json; i++)
        assert_error(parse(json[i], VALUE_JSON), LB_E_FORMAT, "column ");
    for (size_t i = 0; i < sizeof python / sizeof *python; i++)
        assert_error(parse(python[i], VALUE_PYTHON), LB_E_FORMAT, "column ");
}

static void huge_records_are_refused(void **state) {
    (void)state;
    size_t size = 2 * (size_t)VALUE_MAX_NODES + 10;
    char *text = memory_new(size + 1, 1);
    for (size_t i = 0; i < size; i++) text[i] = i % 2 ? ',' : '0';
    text[0] = '[';
    text[1] = '0';
    assert_error(parse(text, VALUE_JSON), LB_E_FORMAT, "column ");
    text[2] = ',';
    text[3] = '0';
    for (size_t i = 4; i < size; i++) text[i] = i % 2 ? '0' : ',';
    assert_error(parse(text, VALUE_JSON), LB_E_FORMAT, "too many values");
    free(text);
}

/* ---------------------------------------------------------------- against cJSON */

static void same(const value *v, const cJSON *c) {
    static const int kinds[] = {cJSON_NULL,   cJSON_False, cJSON_True,  cJSON_Number,
                                cJSON_String, cJSON_Array, cJSON_Object};
    assert_int_equal(c->type & 0xff, kinds[v->kind]);
    double number;
    if (v->kind == VALUE_STRING) assert_string_equal(v->text, c->valuestring);
    if (v->kind == VALUE_NUMBER && field_number(v->text, v->length, &number))
        assert_true(fabs(number - c->valuedouble) <= 1e-15 * fabs(number));
    const cJSON *child = c->child;
    for (const value *w = value_first(&tree, v); w; w = value_next(&tree, v, w)) {
        assert_non_null(child);
        if (w->key) assert_string_equal(w->key, child->string);
        same(w, child);
        child = child->next;
    }
    assert_null(child);
}

/* What this parser accepts, cJSON accepts too (but for halves of surrogate pairs and NULs), with
 * the same content; and it accepts all that is valid. */
static void agrees_with_cjson(void **state) {
    (void)state;
    static const char *const seeds[] = {
        "{\"reviewerID\": \"A\", \"helpful\": [0, 12], \"x\": {\"y\": [true, false, null]}}",
        "[1, -2.5, 3e2, 4E-3, 0, 0.125, -0, 1234567890123, \"\\u00e9\\n\\\"\", {}, [], [[]]]",
        "  {\"a\":\"\\ud83d\\ude00 text with \\/ and more of it\",\"b\":\"\"}  ",
    };
    static const char alphabet[] = "{}[]\",:\\u0123456789eE+-.truefalsn /b\tA";
    random_stream r = random_open(3, "json", 0);
    size_t accepted = 0;
    for (int i = 0; i < 60000; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s", seeds[i % 3]);
        for (uint64_t k = random_below(&r, 4); k > 0; k--)
            text[random_below(&r, strlen(text))] = alphabet[random_below(&r, sizeof alphabet - 1)];
        if (parse(text, VALUE_JSON) != LB_OK) continue;
        if (strstr(text, "\\u")) // compare escapes only where they are whole
            if (strstr(text, "\\ud") || strstr(text, "\\uD") || strstr(text, "\\u0000")) continue;
        cJSON *c = cJSON_ParseWithOpts(text, NULL, 1);
        if (!c) fail_msg("cJSON refuses %s", text);
        same(tree.nodes, c);
        cJSON_Delete(c);
        accepted++;
    }
    assert_true(accepted > 10000);
}

/* ---------------------------------------------------------------- fields */

static void numbers_are_exact(void **state) {
    (void)state;
    random_stream r = random_open(4, "numbers", 0);
    double out;
    char text[64];
    for (int i = 0; i < 200000; i++) {
        double x = (random_unit(&r) - 0.5) * pow(10, (double)random_below(&r, 40) - 15);
        snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*e", (int)random_below(&r, 17) + 1, x);
        assert_true(field_number(text, strlen(text), &out));
        double expected = strtod(text, NULL);
        assert_true(fabs(out - expected) <= 3e-16 * fabs(expected));
    }
    static const char *const exact[] = {"0.1",    "4.5",   "1e22",   "9007199254740991",
                                        "-1e-22", "3.",    ".5",     "+2",
                                        "5e-1",   "00012", "1e-999", "0e999"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        assert_true(field_number(exact[i], strlen(exact[i]), &out));
        assert_true(out == strtod(exact[i], NULL));
    }
    static const char *const wrong[] = {"",   "-",   ".",   "1x", "nan", "inf", "0x1",
                                        "1e", "1e+", "1,5", " 1", "1 ",  "--1", "1e999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(field_number(wrong[i], strlen(wrong[i]), &out));
}

static void prices_and_names(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double price; // -1 = none
    } prices[] = {{"12.99", 12.99},
                  {"$1,299.00", 1299},
                  {"$10 - $20", 10},
                  {"from 7.5", 7.5},
                  {"\xe2\x82\xac 5", 5},
                  {"free", -1},
                  {"", -1},
                  {"-3", -1},
                  {"1.2.3", -1},
                  {"see the size chart 4", -1}};
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
        double out = -1;
        bool found = field_price(prices[i].text, strlen(prices[i].text), &out);
        assert_int_equal(found, prices[i].price >= 0);
        if (found) assert_true(out == prices[i].price);
    }
    assert_true(field_named("User_ID", 7, "userid"));
    assert_true(field_named("user_id:token", 13, "userid"));
    assert_false(field_named("user_ids", 8, "userid"));
    assert_false(field_named("use", 3, "user"));
}

static int done(void **state) {
    (void)state;
    value_tree_free(&tree);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),
        cmocka_unit_test(trees),
        cmocka_unit_test(malformed_values_are_refused),
        cmocka_unit_test(huge_records_are_refused),
        cmocka_unit_test(agrees_with_cjson),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(prices_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
