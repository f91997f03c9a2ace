/* What requests are made of: each reader takes what it should, and says what is wrong with the
 * rest. */
#include "support.h"

#include <fcntl.h>
#include <unistd.h>

#include "server/base64.h"
#include "server/buffer.h"
#include "server/fields.h"
#include "server/form.h"
#include "server/guard.h"
#include "server/histogram.h"
#include "server/json.h"
#include "server/keys.h"
#include "server/query.h"
#include "server/requests.h"

/* A fault of a kind whose message has a phrase in it. */
static void assert_fault(const fault *f, fault_kind kind, const char *phrase) {
    if (f->kind != kind || !strstr(f->message, phrase))
        fail_msg("%s: \"%s\" is not %s with \"%s\"", fault_code(f->kind), f->message,
                 fault_code(kind), phrase);
}

/* ---------------------------------------------------------------- JSON */

static void json_is_read_strictly(void **state) {
    static const char *const good[] = {"{}",
                                       " [1, -2.5e+3, 0, \"a\\u00e9\\n\", true, false, null] ",
                                       "\"\\ud83d\\ude00\"", "[[[[[[[[1]]]]]]]]"};
    static const struct {
        const char *text, *phrase;
    } bad[] = {{"", "the body is empty"},
               {"{", "byte 2 of the JSON: a string is missing"},
               {"[1,]", "byte 4 of the JSON: no value begins like this"},
               {"{\"a\" 1}", "byte 6 of the JSON: a \":\" is missing"},
               {"{\"a\":1 \"b\":2}", "\",\" or \"}\" is missing"},
               {"[1 2]", "\",\" or \"]\" is missing"},
               {"01", "a number begins with 0"},
               {"-", "a digit is missing"},
               {"1.", "a digit is missing"},
               {"1e", "a digit is missing"},
               {"+1", "no value begins like this"},
               {"NaN", "no value begins like this"},
               {"tru", "no value begins like this"},
               {"'a'", "no value begins like this"},
               {"\"a", "a string has no end"},
               {"\"a\nb\"", "a raw control character"},
               {"\"\\x\"", "there is no such escape"},
               {"\"\\u12g4\"", "four hexadecimal digits"},
               {"\"a\\u0000b\"", "may not hold a NUL"},
               {"\"\\udc00\"", "half of a surrogate pair"},
               {"\"\\ud800\"", "half of a surrogate pair"},
               {"\"\\ud800\\u0041\"", "half of a surrogate pair"},
               {"\"\xff\"", "byte 2 of the JSON: this is not UTF-8"},
               {"\"\xc0\xaf\"", "this is not UTF-8"},
               {"{} x", "byte 4 of the JSON: something follows"},
               {"[[[[[[[[[1]]]]]]]]]", "too deep"},
               {"1234567890123456789012345678901234567890123", "a number is too long"}};
    (void)state;
    fault f;
    cJSON *json;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!json_parse(good[i], strlen(good[i]), &json, &f))
            fail_msg("%s: %s", good[i], f.message);
        cJSON_Delete(json);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(json_parse(bad[i].text, strlen(bad[i].text), &json, &f));
        assert_fault(&f, FAULT_BAD_JSON, bad[i].phrase);
    }
    assert_false(json_parse("\"a\0b\"", 5, &json, &f)); // a NUL as it is
    assert_fault(&f, FAULT_BAD_JSON, "a raw control character");
}

static void json_has_a_limit_of_values(void **state) {
    (void)state;
    fault f;
    cJSON *json;
    buffer b = {0};
    buffer_text(&b, "[0");
    for (int i = 0; i < JSON_MOST_VALUES; i++) buffer_text(&b, ",0");
    buffer_text(&b, "]");
    assert_false(json_parse(b.bytes, b.n, &json, &f));
    assert_fault(&f, FAULT_TOO_MANY_ITEMS, "more than 50000 values");
    buffer_free(&b);
}

static void json_strings_are_escaped(void **state) {
    (void)state;
    buffer b = {0};
    buffer_json(&b, "a\"b\\c\n<script>\xff\xc3\xa9");
    buffer_json(&b, NULL);
    assert_string_equal(b.bytes, "\"a\\\"b\\\\c\\u000a\\u003cscript>\xEF\xBF\xBD\xc3\xa9\"null");
    buffer_free(&b);
}

/* ---------------------------------------------------------------- fields */

typedef struct sample {
    const char *text;
    field_ids ids;
    uint32_t n;
    int64_t time;
    double x;
    int on, by;
    field_bytes photo;
} sample;

static const field sample_table[] = {
    {"text", FIELD_TEXT, offsetof(sample, text), FIELD_REQUIRED, 1, 8, NULL},
    {"ids", FIELD_IDS, offsetof(sample, ids), 0, 0, 3, NULL},
    {"n", FIELD_COUNT, offsetof(sample, n), 0, 1, 1000, NULL},
    {"time", FIELD_TIME, offsetof(sample, time), 0, 1, 253402300799.0, NULL},
    {"x", FIELD_NUMBER, offsetof(sample, x), 0, 0, 1, NULL},
    {"on", FIELD_SWITCH, offsetof(sample, on), 0, 0, 0, NULL},
    {"by", FIELD_CHOICE, offsetof(sample, by), 0, 0, 0, "taste|look"},
    {"photo", FIELD_BYTES, offsetof(sample, photo), 0, 0, 0, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static bool read_json(const char *text, arena *a, cJSON **json, sample *v, fault *f) {
    *v = (sample){.by = 7};
    return json_parse(text, strlen(text), json, f) &&
           fields_from_json(*json, sample_table, "here: ", a, v, f);
}

static void fields_are_read_from_json(void **state) {
    (void)state;
    fault f;
    arena a = {0};
    cJSON *json = NULL;
    sample v;
    assert_true(read_json("{\"text\":\"abc\",\"ids\":[\"p1\",\"p2\"],\"n\":3,\"time\":1600000000,"
                          "\"x\":0.5,\"on\":true,\"by\":\"look\",\"photo\":\"aGk=\"}",
                          &a, &json, &v, &f));
    assert_string_equal(v.text, "abc");
    assert_int_equal(v.ids.n, 2);
    assert_string_equal(v.ids.id[1], "p2");
    assert_int_equal(v.n, 3);
    assert_int_equal(v.time, 1600000000);
    assert_true(v.x == 0.5 && v.on == 1 && v.by == 1);
    assert_int_equal(v.photo.n, 2);
    assert_memory_equal(v.photo.bytes, "hi", 2);
    cJSON_Delete(json);
    arena_free(&a);
}

static void wrong_fields_are_named(void **state) {
    static const struct {
        const char *text, *phrase;
    } bad[] = {
        {"[]", "here: a JSON object is wanted"},
        {"{}", "here: \"text\" is missing"},
        {"{\"text\":\"\"}", "\"text\" must be a text of a number of bytes from 1 to 8"},
        {"{\"text\":\"123456789\"}", "\"text\" must be"},
        {"{\"text\":1}", "\"text\" must be a text"},
        {"{\"text\":null}", "\"text\" must be a text"},
        {"{\"text\":\"a\",\"text\":\"b\"}", "\"text\" is given twice"},
        {"{\"text\":\"a\",\"colour\":1}", "there is no field \"colour\"; there are: text, ids"},
        {"{\"ids\":\"p1\"}", "\"ids\" must be an array"},
        {"{\"ids\":[1]}", "\"ids\" must be an array of product ids, which are texts"},
        {"{\"ids\":[\"1\",\"2\",\"3\",\"4\"]}", "at most 3 ids"},
        {"{\"n\":0}", "\"n\" must be a whole number from 1 to 1000"},
        {"{\"n\":1000000000}", "\"n\" must be a whole number from 1 to 1000"},
        {"{\"n\":1e99}", "\"n\" must be a whole number"},
        {"{\"n\":1e999}", "\"n\" must be a whole number"},
        {"{\"n\":1.5}", "\"n\" must be a whole number"},
        {"{\"n\":\"1\"}", "\"n\" must be a whole number"},
        {"{\"n\":-1}", "\"n\" must be a whole number"},
        {"{\"time\":0}", "\"time\" must be a whole number from 1 to 253402300799"},
        {"{\"x\":1.01}", "\"x\" must be a number from 0 to 1"},
        {"{\"on\":1}", "\"on\" must be true or false"},
        {"{\"by\":\"lo\"}", "\"by\" must be one of taste|look"},
        {"{\"photo\":\"\"}", "is empty"},
        {"{\"photo\":\"a*==\"}", "its character 2 is not"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault f;
        arena a = {0};
        cJSON *json = NULL;
        sample v;
        assert_false(read_json(bad[i].text, &a, &json, &v, &f));
        assert_fault(&f, FAULT_BAD_FIELD, bad[i].phrase);
        cJSON_Delete(json);
        arena_free(&a);
    }
}

/* ---------------------------------------------------------------- addresses */

static void addresses_are_taken_apart(void **state) {
    (void)state;
    fault f;
    arena a = {0};
    query q;
    sample v = {0};
    assert_true(query_parse("/api/similar/p%2F1%20x?text=a+b%2B&n=5&ids=p1,p2&on=1&by=taste&x=.5",
                            &a, &q, &f));
    assert_int_equal(q.n_segments, 3);
    assert_string_equal(q.segment[2], "p/1 x");
    assert_true(fields_from_query(&q, sample_table, &a, &v, &f));
    assert_string_equal(v.text, "a b+");
    assert_true(v.n == 5 && v.on == 1 && v.by == 0 && v.x == 0.5 && v.ids.n == 2);
    assert_true(query_parse("/", &a, &q, &f));
    assert_int_equal(q.n_segments, 0);
    arena_free(&a);
}

static void wrong_addresses_are_refused(void **state) {
    static const struct {
        const char *target;
        fault_kind kind;
        const char *phrase;
    } bad[] = {{"api", FAULT_NOT_FOUND, "nothing at this address"},
               {"http://other.example/", FAULT_NOT_FOUND, "nothing at this address"},
               {"/a/b/c/d/e/f/g/h/i", FAULT_NOT_FOUND, "nothing at this address"},
               {"/a%", FAULT_BAD_REQUEST, "hexadecimal"},
               {"/a%2", FAULT_BAD_REQUEST, "hexadecimal"},
               {"/a%zz", FAULT_BAD_REQUEST, "hexadecimal"},
               {"/a%00b", FAULT_BAD_REQUEST, "control character"},
               {"/a%0d%0a", FAULT_BAD_REQUEST, "control character"},
               {"/%ff", FAULT_BAD_REQUEST, "not UTF-8"},
               {"/?text=%c0%af", FAULT_BAD_REQUEST, "not UTF-8"},
               {"/?n=1&n=2", FAULT_BAD_FIELD, "\"n\" is given twice"},
               {"/?text=a&m=1", FAULT_BAD_FIELD, "there is no field \"m\""},
               {"/?text=a&n=", FAULT_BAD_FIELD, "\"n\" must be"},
               {"/?text=a&n=0x10", FAULT_BAD_FIELD, "\"n\" must be"},
               {"/?text=a&n=1e2", FAULT_BAD_FIELD, "\"n\" must be"},
               {"/?text=a&n=inf", FAULT_BAD_FIELD, "\"n\" must be"},
               {"/?text=a&on=yes", FAULT_BAD_FIELD, "\"on\" must be true or false"},
               {"/?text=a&ids=a,,b", FAULT_BAD_FIELD, "with commas between"},
               {"/?text=a&photo=aGk=", FAULT_BAD_FIELD, "in the body"},
               {"/?n=1", FAULT_BAD_FIELD, "\"text\" is missing"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault f;
        arena a = {0};
        query q;
        sample v = {0};
        assert_false(query_parse(bad[i].target, &a, &q, &f) &&
                     fields_from_query(&q, sample_table, &a, &v, &f));
        assert_fault(&f, bad[i].kind, bad[i].phrase);
        arena_free(&a);
    }
}

/* ---------------------------------------------------------------- base64 and forms */

static void base64_is_read_to_the_letter(void **state) {
    static const char *const bad[] = {"a",     "ab",   "abc", "a===", "====", "ab=c",
                                      "ab\nc", "ab-_", "aGk", "aGl=", "aB=="};
    (void)state;
    unsigned char out[16];
    size_t n;
    assert_true(base64_decode("", 0, out, &n));
    assert_int_equal(n, 0);
    assert_true(base64_decode("AP+/", 4, out, &n));
    assert_memory_equal(out, "\x00\xff\xbf", 3);
    assert_true(base64_decode("aGVsbG8=", 8, out, &n));
    assert_int_equal(n, 5);
    assert_memory_equal(out, "hello", 5);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(base64_decode(bad[i], strlen(bad[i]), out, &n));
}

static void base64_is_written_as_it_is_read(void **state) {
    (void)state;
    unsigned char bytes[256], back[256];
    char code[BASE64_LENGTH(256)];
    for (unsigned i = 0; i < 256; i++) bytes[i] = (unsigned char)(i * 167 + 13);
    for (size_t n = 0, size; n <= 256; n++) {
        base64_encode(bytes, n, code);
        assert_true(base64_decode(code, BASE64_LENGTH(n), back, &size));
        assert_int_equal(size, n);
        assert_memory_equal(back, bytes, n);
    }
    base64_encode("hello", 5, code);
    assert_memory_equal(code, "aGVsbG8=", 8);
}

#define DISPOSITION "Content-Disposition: form-data; "

static void forms_are_taken_apart(void **state) {
    static const char body[] = "--xyz\r\n" DISPOSITION
                               "name=\"request\"\r\n\r\n{\"n\":3}\r\n--xyz\r\n"
                               "Content-Type: image/jpeg\r\n" DISPOSITION
                               "filename=\"a name=b.jpg\"; name=\"image\"\r\n\r\n"
                               "\xff\x00--xy\r\n\r\n--xyz--\r\n";
    (void)state;
    fault f;
    form parts;
    assert_true(
        form_parse("multipart/form-data; boundary=\"xyz\"", body, sizeof body - 1, &parts, &f));
    assert_int_equal(parts.n, 2);
    assert_memory_equal(form_find(&parts, "request")->bytes, "{\"n\":3}", 7);
    assert_int_equal(form_find(&parts, "request")->n, 7);
    assert_int_equal(form_find(&parts, "image")->n, 8);
    assert_null(form_find(&parts, "photo"));
}

static void wrong_forms_are_refused(void **state) {
    static const struct {
        const char *type, *body, *phrase;
    } bad[] = {
        {"multipart/form-data", "--x--", "names no boundary"},
        {"multipart/form-data; boundary=", "--x--", "names no boundary"},
        {"multipart/form-data; boundary=x", "", "does not begin with its boundary"},
        {"multipart/form-data; boundary=x", "--x", "cut short"},
        {"multipart/form-data; boundary=x", "--x\r\n" DISPOSITION "name=a\r\n\r\nb", "cut short"},
        {"multipart/form-data; boundary=x", "--x\r\n\r\n\r\nb\r\n--x--", "part 1 of the form"},
        {"multipart/form-data; boundary=x",
         "--x\r\n" DISPOSITION "name=\"a\\\"b\"\r\n\r\nb\r\n--x--", "part 1 of the form"},
        {"multipart/form-data; boundary=x",
         "--x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n--x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n--x--",
         "two parts \"a\""}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault f;
        form parts;
        assert_false(form_parse(bad[i].type, bad[i].body, strlen(bad[i].body), &parts, &f));
        assert_fault(&f, f.kind, bad[i].phrase);
    }
}

/* ---------------------------------------------------------------- who asks */

static void hosts_are_checked(void **state) {
    static const char *const names[] = {"shop.example"};
    static const char *const good[] = {"127.0.0.1", "127.0.0.1:8080", "localhost:1",
                                       "LOCALHOST", "shop.example",   "Shop.Example:443"};
    static const char *const bad[] = {
        "",           "evil.example", "127.0.0.1.evil.example", "10.0.0.1",         "localhost:x",
        "localhost:", "[::1",         "[127.0.0.1]x",           "localhost:123456", "a@localhost"};
    (void)state;
    fault f;
    guard g = {"127.0.0.1", false, names, 1};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!guard_host(&g, good[i], &f)) fail_msg("%s: %s", good[i], f.message);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strcmp(bad[i], "localhost:") != 0 && guard_host(&g, bad[i], &f))
            fail_msg("%s was taken", bad[i]);
    assert_false(guard_host(&g, NULL, &f));
    g.any_address = true;
    assert_true(guard_host(&g, "10.0.0.1:8080", &f));
    assert_true(guard_host(&g, "[fe80::1]:8080", &f));
    assert_false(guard_host(&g, "evil.example", &f));
}

static void other_sites_are_refused(void **state) {
    (void)state;
    fault f;
    const char *host = "127.0.0.1:8080";
    assert_true(guard_origin(host, NULL, NULL, &f));
    assert_true(guard_origin(host, "http://127.0.0.1:8080", "same-origin", &f));
    assert_true(guard_origin(host, "https://127.0.0.1:8080", NULL, &f));
    assert_true(guard_origin(host, NULL, "none", &f));
    assert_false(guard_origin(host, "http://127.0.0.1:8081", NULL, &f));
    assert_false(guard_origin(host, "http://evil.example", NULL, &f));
    assert_false(guard_origin(host, "null", NULL, &f));
    assert_false(guard_origin(host, "http://127.0.0.1:8080.evil.example", NULL, &f));
    assert_false(guard_origin(host, NULL, "cross-site", &f));
    assert_false(guard_origin(host, NULL, "same-site", &f));
    assert_fault(&f, FAULT_FORBIDDEN, "another site");
}

static const char *key_file(const char *text, mode_t mode) {
    static char path[300];
    snprintf(path, sizeof path, "%s/keys", test_folder());
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    chmod(path, mode);
    return path;
}

static void keys_allow_what_they_say(void **state) {
    (void)state;
    fault f;
    keys *k;
    assert_true(keys_open(key_file("# ours\n\nread 0123456789abcdef\r\nwrite  writewritewrite1\n"
                                   "admin adminadminadmin1",
                                   0600),
                          &k, &f));
    assert_int_equal(keys_right(k, "Bearer 0123456789abcdef"), RIGHT_READ);
    assert_int_equal(keys_right(k, "bearer  writewritewrite1"), RIGHT_WRITE);
    assert_int_equal(keys_right(k, "Bearer adminadminadmin1"), RIGHT_ADMIN);
    assert_int_equal(keys_right(k, "Bearer 0123456789abcdeg"), RIGHT_NONE);
    assert_int_equal(keys_right(k, "Bearer 0123456789abcde"), RIGHT_NONE);
    assert_int_equal(keys_right(k, "Bearer 0123456789abcdef0"), RIGHT_NONE);
    assert_int_equal(keys_right(k, "Bearer "), RIGHT_NONE);
    assert_int_equal(keys_right(k, "Basic 0123456789abcdef"), RIGHT_NONE);
    assert_int_equal(keys_right(k, NULL), RIGHT_NONE);
    keys_close(k);
}

static void wrong_key_files_are_refused(void **state) {
    static const struct {
        const char *text;
        mode_t mode;
        const char *phrase;
    } bad[] = {{"read 0123456789abcdef\n", 0640, "others can read it (mode 0640): chmod 600"},
               {"", 0600, "there is no key in it"},
               {"read short\n", 0600, "line 1: a key has 16 to 128"},
               {"\nroot 0123456789abcdef\n", 0600, "line 2: \"read KEY\""},
               {"read 0123456789abcdef more\n", 0600, "line 1: \"read KEY\""}};
    (void)state;
    fault f;
    keys *k;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(keys_open(key_file(bad[i].text, bad[i].mode), &k, &f));
        assert_fault(&f, f.kind, bad[i].phrase);
        assert_null(strstr(f.message, "0123456789"));
    }
    assert_false(keys_open("/nowhere/keys", &k, &f));
    assert_false(keys_open("/dev/null", &k, &f));
    assert_fault(&f, f.kind, "not a file");
}

/* ---------------------------------------------------------------- figures */

static void quantiles_are_close(void **state) {
    (void)state;
    static histogram h;
    assert_true(histogram_quantile(&h, .5) == 0);
    for (uint64_t i = 1; i <= 100000; i++) histogram_add(&h, i);
    for (int p = 1; p <= 99; p++) {
        double truth = p * 1e-3, found = histogram_quantile(&h, p / 100.0);
        assert_true(found >= truth * .999 && found <= truth * 1.13);
    }
    assert_int_equal(histogram_below(&h, 10), 100000);
    assert_true(histogram_below(&h, .05) <= 50000 && histogram_below(&h, .05) > 43000);
    histogram_add(&h, UINT64_MAX); // the last bucket takes what is beyond
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read_strictly),
        cmocka_unit_test(json_has_a_limit_of_values),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(fields_are_read_from_json),
        cmocka_unit_test(wrong_fields_are_named),
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(wrong_addresses_are_refused),
        cmocka_unit_test(base64_is_read_to_the_letter),
        cmocka_unit_test(base64_is_written_as_it_is_read),
        cmocka_unit_test(forms_are_taken_apart),
        cmocka_unit_test(wrong_forms_are_refused),
        cmocka_unit_test(hosts_are_checked),
        cmocka_unit_test(other_sites_are_refused),
        cmocka_unit_test(keys_allow_what_they_say),
        cmocka_unit_test(wrong_key_files_are_refused),
        cmocka_unit_test(quantiles_are_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
