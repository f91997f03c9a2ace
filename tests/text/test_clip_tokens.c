/* CLIP's tokenizer: the numbers that CLIP gives, with its vocabulary where that is at hand, and
 * with a made one everywhere; what texts and vocabularies may not do. */
#include "support.h"

#include "core/memory.h"
#include "model/clip_file.h"
#include "text/clip_clean.h"
#include "text/clip_vocabulary.h"

enum { MAX_TOKENS = 64 };

/* Made by CLIP's own simple_tokenizer.py without ftfy; the first lines are those of its README and
 * of its tests. */
static const struct {
    const char *text;
    size_t n;
    uint32_t token[MAX_TOKENS];
} known[] = {
    {"a photo of a cat", 5, {320, 1125, 539, 320, 2368}},
    {"Hello World!", 3, {3306, 1002, 256}},
    {"a diagram", 2, {320, 22697}},
    {"a dog", 2, {320, 1929}},
    {"", 0, {0}},
    {"   \x09\x0a ", 0, {0}},
    {"It's the dog's 2nd day; we've 12.5",
     15,
     {585, 568, 518, 1929, 568, 273, 1764, 575, 282, 649, 1200, 272, 273, 269, 276}},
    {"&amp;amp; &lt;b&gt; caf&eacute; &notit; &#x41;&#128;",
     11,
     {261, 283, 321, 285, 15304, 126, 361, 585, 282, 320, 6309}},
    {"\xce\x91\xce\xa3 \xce\x9f\xce\x94\xce\x9f\xce\xa3 \xce\xa3 \xce\x91\xce\xa3.\xce\x92 "
     "\xc4\xb0stanbul",
     24,
     {138, 109, 139, 480, 138, 123, 138, 112, 138, 123, 139,   480,
      139, 481, 138, 109, 139, 481, 269, 138, 366, 328, 16384, 11231}},
    {"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 "
     "\xd8\xa8\xd8\xa7\xd9\x84\xd8\xb9\xd8\xa7\xd9\x84\xd9\x85",
     10,
     {12986, 10948, 25722, 16378, 22625, 16378, 12973, 18843, 12973, 29945}},
    {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 8, {147, 102, 147, 250, 147, 243, 147, 507}},
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 ok "
     "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
     6,
     {26304, 26304, 964, 356, 2481, 43722}},
    {"<|startoftext|>x<|endoftext|>", 3, {49406, 343, 49407}},
    {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x83\x86\xe3\x82\xad\xe3\x82\xb9\xe3\x83\x88",
     9,
     {39121, 44353, 34002, 252, 2429, 228, 47121, 32421, 486}},
    {"na\xc3\xafve CAF\xc3\x89", 4, {1097, 35689, 563, 15304}},
    {"a\xcd\x85"
     "b '\xc5\xbf \xc2\xbd\xc2\xb2\xe2\x85\xa7",
     10,
     {320, 321, 6, 129, 379, 33613, 41175, 158, 227, 371}},
    {"\x01\x7f bell\x1c", 3, {189, 477, 3718}},
    {"something light for a beach wedding", 6, {2006, 1395, 556, 320, 2117, 3101}},
};

static const char *const real_file = TEST_SHARED_DATA "/clip/bpe_simple_vocab_16e6.txt.gz";

static clip_tokens *real_vocabulary(void) {
    clip_tokens *t;
    if (!test_shared_data()) {
        print_message("skipped: %s is not there\n", real_file);
        skip();
    }
    assert_ok(clip_tokens_open(real_file, &t));
    return t;
}

static clip_tokens *vocabulary(void) {
    clip_tokens *t;
    made_vocabulary made = {0};
    assert_ok(clip_tokens_read("made", made_next_line, &made, &t));
    return t;
}

static void texts_have_the_tokens_of_clip(void **state) {
    (void)state;
    clip_tokens *t = real_vocabulary();
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint32_t out[CLIP_CONTEXT];
        size_t n;
        assert_ok(clip_tokens_encode(t, known[k].text, out, &n));
        assert_int_equal(n, known[k].n + 2);
        assert_int_equal(out[0], CLIP_START);
        assert_int_equal(out[n - 1], CLIP_END);
        for (size_t i = 0; i < known[k].n; i++) assert_int_equal(out[i + 1], known[k].token[i]);
        for (size_t i = n; i < CLIP_CONTEXT; i++) assert_int_equal(out[i], 0);
    }
    clip_tokens_free(t);
}

/* Cleaned texts of words come back, and their tokens are the same again. */
static void tokens_give_the_text_back(void **state) {
    (void)state;
    clip_tokens *t = real_vocabulary();
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint32_t again[MAX_TOKENS];
        size_t n;
        char *text;
        assert_ok(clip_tokens_text(t, known[k].token, known[k].n, &text));
        assert_ok(clip_tokens_of(t, text, again, MAX_TOKENS, &n));
        assert_int_equal(n, known[k].n);
        assert_memory_equal(again, known[k].token, n * sizeof *again);
        free(text);
    }
    char *text;
    assert_ok(clip_tokens_text(t, known[0].token, known[0].n, &text));
    assert_string_equal(text, "a photo of a cat ");
    free(text);
    assert_error(clip_tokens_text(t, (uint32_t[]){CLIP_TOKENS}, 1, &text), LB_E_ARGUMENT,
                 "49408 is no token");
    clip_tokens_free(t);
}

static void long_texts_are_cut(void **state) {
    (void)state;
    clip_tokens *t = vocabulary();
    enum { SIZE = 1 << 20 };
    static char text[SIZE + 1];
    static const char *const parts[] = {"a", "a ", "&", "&amp;", "'", "\xf0\x9f\x98\x80", "ab1"};
    uint32_t out[CLIP_CONTEXT];
    size_t n;
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        size_t length = strlen(parts[k]);
        for (size_t i = 0; i + length <= SIZE; i += length) memcpy(text + i, parts[k], length + 1);
        assert_ok(clip_tokens_encode(t, text, out, &n));
        assert_int_equal(n, CLIP_CONTEXT);
        assert_int_equal(out[CLIP_CONTEXT - 1], CLIP_END);
    }
    // exactly as many as there is room for, and one more
    for (int more = 0; more < 2; more++) {
        *text = '\0';
        for (size_t i = 0; i < (size_t)(CLIP_CONTEXT - 2 + more); i++)
            memcpy(text + 2 * i, "a ", 3);
        assert_ok(clip_tokens_encode(t, text, out, &n));
        assert_int_equal(n, CLIP_CONTEXT);
        assert_int_equal(out[CLIP_CONTEXT - 2], out[1]);
    }
    clip_tokens_free(t);
}

/* With the made vocabulary "abc" is "ab" and an end "c", because ab stands before bc. */
static void pairs_merge_in_the_order_of_the_vocabulary(void **state) {
    (void)state;
    clip_tokens *t = vocabulary();
    const uint32_t a = 'a' - 0x21, b = 'b' - 0x21, c = 'c' - 0x21, merges = 512;
    uint32_t out[8];
    size_t n;
    assert_ok(clip_tokens_of(t, "ABC", out, 8, &n));
    assert_int_equal(n, 2);
    assert_int_equal(out[0], merges + a * 188 + b);
    assert_int_equal(out[1], 256 + c);
    assert_ok(
        clip_tokens_of(t, "cab", out, 8, &n)); // within words "ca" comes before "ab" at the end
    assert_int_equal(n, 2);
    assert_int_equal(out[0], merges + c * 188 + a);
    assert_int_equal(out[1], 256 + b);
    assert_ok(clip_tokens_of(t, "aaaaa", out, 8, &n)); // the first of equal ones first
    assert_int_equal(n, 3);
    assert_int_equal(out[0], merges + a * 188 + a);
    assert_int_equal(out[1], merges + a * 188 + a);
    assert_int_equal(out[2], 256 + a);
    assert_ok(clip_tokens_of(t, "a b c", out, 2, &n)); // no more than asked for
    assert_int_equal(n, 2);
    clip_tokens_free(t);
}

/* ---- cleaning */

static void cleans(const clip_entity *entities, const char *text, const char *expected) {
    uint32_t *code;
    size_t n, length = 0;
    char out[256];
    assert_ok(clip_clean(entities, text, &code, &n));
    for (size_t i = 0; i < n; i++) length += utf8_encode(code[i], out + length);
    out[length] = '\0';
    assert_string_equal(out, expected);
    free(code);
}

static void texts_are_cleaned_as_in_python(void **state) {
    (void)state;
    clip_entity *e;
    assert_ok(clip_entities_new(&e));
    cleans(e, "", "");
    cleans(e, " \t A \n\v b\xc2\xa0\xe2\x80\x83 c\x1c", "a b c");
    cleans(e, "&amp;lt;&amp;amp;lt;", "<&lt;"); // twice, and not a third time
    cleans(e, "&AMP &AMPX &ampx; &notit; &notin; &zz; &;&",
           "& &x &x; \xc2\xacit; \xe2\x88\x89 &zz; &;&");
    cleans(e, "&#65;&#x42 &#0;&#x80;&#xD800;&#x110000;&#99999999999999999999;",
           "ab \xef\xbf\xbd\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    cleans(e, "a&#1;b&#xFFFF;c&#;&#x;&#y", "abc&#;&#x;&#y");
    cleans(e, "&ThickSpace;x&bne;", "x=\xe2\x83\xa5"); // two code points
    cleans(e, "\xce\x9f\xce\x94\xce\x9f\xce\xa3 \xce\xa3 \xce\x91\xce\xa3\xce\x91",
           "\xce\xbf\xce\xb4\xce\xbf\xcf\x82 \xcf\x83 \xce\xb1\xcf\x83\xce\xb1"); // final sigma
    cleans(e, "\xce\x91\xce\xa3\xcc\x81\xce\x91 \xce\x91\xcc\x81\xce\xa3",
           "\xce\xb1\xcf\x83\xcc\x81\xce\xb1 \xce\xb1\xcc\x81\xcf\x82"); // over accents
    cleans(e, "\xc4\xb0\xe1\xba\x9e\xe2\x84\xaa", "i\xcc\x87\xc3\x9fk");
    cleans(e, "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd");
    free(e);
}

static void letters_are_those_of_the_pattern(void **state) {
    (void)state;
    assert_int_equal(clip_letter_of('a'), CLIP_LETTER);
    assert_int_equal(clip_letter_of(0x4e00), CLIP_LETTER);
    assert_int_equal(clip_letter_of(0x660), CLIP_NUMBER);
    assert_int_equal(clip_letter_of(0x2167), CLIP_NUMBER);
    assert_int_equal(clip_letter_of(0xbd), CLIP_NUMBER);
    assert_int_equal(clip_letter_of(0x3000), CLIP_SPACE);
    assert_int_equal(clip_letter_of(0x1c), CLIP_OTHER);
    assert_int_equal(clip_letter_of(0x200d), CLIP_OTHER);
    assert_int_equal(clip_letter_of(0x301), CLIP_OTHER);
    assert_int_equal(clip_letter_of(0x1f600), CLIP_OTHER);
    assert_int_equal(clip_letter_of(0x10ffff), CLIP_OTHER);
}

/* ---- wrong vocabularies */

static void refuses(const char *content, size_t size, const char *phrase) {
    char path[300];
    clip_tokens *t = NULL;
    snprintf(path, sizeof path, "%s/vocabulary", test_folder());
    test_write(path, content, size);
    assert_error(clip_tokens_open(path, &t), LB_E_FORMAT, phrase);
    assert_non_null(strstr(lb_last_error(), path));
    assert_null(t);
}

static void other_files_are_refused(void **state) {
    (void)state;
    clip_tokens *t;
#define REFUSES(content, phrase) refuses(content, sizeof content - 1, phrase)
    REFUSES("", "does not name a \"#version\"");
    REFUSES("{\"a\": 1}\n", "does not name a \"#version\"");
    REFUSES("#version: 0.2\n", "it ends after 0 of 48894 merges");
    REFUSES("#version: 0.2\ni n\nt h\n", "it ends after 2 of 48894 merges");
    REFUSES("#version: 0.2\ni n\ni\n", "line 3: two parts of a word");
    REFUSES("#version: 0.2\ni n x\n", "line 2: two parts of a word");
    REFUSES("#version: 0.2\ni n\nin th\n", "line 3: \"in th\" merges what no line before it makes");
    REFUSES("#version: 0.2\ni n\ni n\n", "line 3: \"in\" comes twice");
    REFUSES("\x89PNG\r\n\x1a\n\0\0", "line 1");
    REFUSES("\x1f\x8b\x08\0\0\0\0\0\0\0half", "vocabulary");
#undef REFUSES
    assert_error(clip_tokens_open("/nowhere/v.gz", &t), LB_E_NOT_FOUND, "/nowhere/v.gz");
    assert_error(clip_tokens_open("/", &t), LB_E_IO, "/");
    clip_tokens_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_have_the_tokens_of_clip),
        cmocka_unit_test(tokens_give_the_text_back),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(pairs_merge_in_the_order_of_the_vocabulary),
        cmocka_unit_test(texts_are_cleaned_as_in_python),
        cmocka_unit_test(letters_are_those_of_the_pattern),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
