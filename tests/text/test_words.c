/* Words as numbers: what is a word, what is alike, and numbers that may never change. */
#include "support.h"

#include <math.h>

#include "core/letters.h"
#include "core/utf8.h"
#include "text/words.h"

typedef struct row {
    float x[WORDS_DIM];
    bool found;
} row;

static row encode(words_product product, unsigned fields) {
    words_scratch scratch = {0};
    row r;
    assert_ok(words_encode(&scratch, &product, fields, r.x, &r.found));
    words_scratch_free(&scratch);
    return r;
}

static row of_title(const char *title) {
    return encode((words_product){.title = title}, WORDS_FIELDS);
}

static row of_category(const char *category) {
    return encode((words_product){.category = category}, WORDS_FIELDS);
}

static row of_brand(const char *brand) {
    return encode((words_product){.brand = brand}, WORDS_FIELDS);
}

static bool same(row a, row b) {
    return memcmp(a.x, b.x, sizeof a.x) == 0 && a.found == b.found;
}

static double dot(row a, row b) {
    double sum = 0;
    for (size_t k = 0; k < WORDS_DIM; k++) sum += (double)a.x[k] * b.x[k];
    return sum;
}

static void assert_titles_same(const char *a, const char *b) {
    if (!same(of_title(a), of_title(b))) fail_msg("\"%s\" and \"%s\" differ", a, b);
}

/* ---------------------------------------------------------------- numbers */

/* Computed by another program, in Python, from the description in words.h. */
static void the_numbers_are_those_of_words_1(void **state) {
    (void)state;
    static const struct {
        unsigned place;
        float value;
    } expected[] = {{7, 0.408248305F},   {137, -0.408248305F}, {175, -0.408248305F},
                    {306, 0.408248305F}, {594, -0.408248305F}, {813, -0.408248305F}};
    row r = encode((words_product){"Red Linen DRESS", "Clothing > Women", "Acme", "not read"},
                   WORDS_FIELDS);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(r.x[expected[i].place] == expected[i].value);
        r.x[expected[i].place] = 0;
    }
    for (size_t k = 0; k < WORDS_DIM; k++) assert_true(r.x[k] == 0);
    assert_true(of_title("\xc3\x89T\xc3\x89").x[414] == 1); // "été"
    assert_true(of_brand("acme").x[175] == -1);
    assert_true(of_category("acme").x[1023] == -1);
    assert_true(of_title("acme").x[851] == 1);
}

static void rows_have_length_one(void **state) {
    (void)state;
    row title = of_title("One two three four five"), kind = of_category("Shoes > Boots");
    assert_float_equal(dot(title, title), 1, 1e-6);
    assert_float_equal(dot(kind, kind), 1, 1e-6);
    row both = encode((words_product){.title = "One two three four five", "Shoes > Boots"},
                      WORDS_FIELDS);
    assert_float_equal(dot(both, both), 1, 1e-6); // seven tokens in seven places
    for (size_t k = 0; k < WORDS_DIM; k++)
        assert_float_equal(both.x[k] * sqrtf(7), title.x[k] * sqrtf(5) + kind.x[k] * sqrtf(2),
                           1e-5);
    // Of four words each two are shared, and no two of the six share a place.
    assert_float_equal(dot(of_title("red linen summer dress"), of_title("blue linen winter dress")),
                       0.5, 1e-6);
}

static void tokens_that_cancel_are_nothing(void **state) {
    (void)state;
    row r = of_title("67 89"); // one place, opposite signs
    assert_false(r.found);
    assert_true(dot(r, r) == 0);
    assert_true(of_title("67").found && of_title("89").found);
}

/* ---------------------------------------------------------------- words */

static void order_case_repeats_and_punctuation_do_not_matter(void **state) {
    (void)state;
    assert_titles_same("a red dress, with a belt", "BELT a Red (with) DRESS");
    assert_titles_same("red red red dress", "red dress");
    assert_titles_same("T-shirt", "t.SHIRT");
    assert_titles_same("snake_case", "snake case");
    assert_titles_same("  \t\nred\r ", "red");
    assert_false(same(of_title("top ab"), of_title("top ba"))); // FNV's low bits would not tell
    assert_false(same(of_title("size 38"), of_title("size 39")));
    assert_false(same(of_title("dress"), of_title("dresses")));
}

static void case_is_folded_beyond_ascii(void **state) {
    (void)state;
    assert_titles_same("\xc3\x89T\xc3\x89 \xc3\x98RE", "\xc3\xa9t\xc3\xa9 \xc3\xb8re"); // Latin-1
    assert_titles_same("\xc5\x81\xc3\x93\xc5\xb9", "\xc5\x82\xc3\xb3\xc5\xba");         // Łóź
    assert_titles_same("\xc5\xb8", "\xc3\xbf");                                         // Ÿ
    assert_titles_same("STRA\xe1\xba\x9e"
                       "E",
                       "stra\xc3\x9f"
                       "e"); // ẞ
    assert_titles_same("\xce\xa3\xce\x9f\xce\xa6\xce\x9f\xce\xa3",
                       "\xcf\x83\xce\xbf\xcf\x86\xce\xbf\xcf\x82"); // final sigma
    assert_titles_same("\xd0\x9c\xd0\x98\xd0\xa0 \xd0\x81", "\xd0\xbc\xd0\xb8\xd1\x80 \xd1\x91");
    assert_titles_same("\xef\xbc\xa1", "\xef\xbd\x81"); // full width
    assert_int_equal(letters_lower(0x130), 'i');
    assert_int_equal(letters_lower(0xd7), 0xd7);
    assert_int_equal(letters_lower(0x4e2d), 0x4e2d);
    for (uint32_t code = 0; code < 0x110000; code++) { // lower case has no lower case
        uint32_t lower = letters_lower(code);
        if (code != 0x3c2 && letters_lower(lower) != lower) fail_msg("U+%04X", code);
        if (letters_in_word(code) != letters_in_word(lower)) fail_msg("U+%04X", code);
    }
}

static void signs_beyond_ascii_part_words(void **state) {
    (void)state;
    assert_titles_same("red\xe2\x80\x93"
                       "dress",
                       "red dress"); // en dash
    assert_titles_same("\xc2\xabred\xc2\xbb\xc2\xa0"
                       "dress\xe2\x84\xa2",
                       "red dress");                              // quotes, space, TM
    assert_titles_same("\xf0\x9f\x91\x97red\xef\xb8\x8f", "red"); // emoji, selector
    assert_titles_same("\xe8\xa3\x99\xe3\x80\x81\xe9\x9e\x8b", "\xe9\x9e\x8b \xe8\xa3\x99");
}

static void bytes_that_are_not_utf8_part_words(void **state) {
    (void)state;
    assert_titles_same("red\xff"
                       "dress",
                       "red dress");
    assert_titles_same("red\xc3", "red");                 // cut
    assert_titles_same("red\xe2\x80 dress", "red dress"); // cut within
    assert_titles_same("\xc0\xaf red", "red");            // overlong
    assert_titles_same("\xed\xa0\x80 red", "red");        // surrogate
    assert_false(of_title("\xff\xfe\x80").found);
    uint32_t code;
    assert_int_equal(utf8_decode("\xf0\x9f\x91\x97", 4, &code), 4);
    assert_int_equal(code, 0x1f457);
    assert_int_equal(utf8_decode("\xf0\x9f\x91\x97", 3, &code), 1);
    assert_int_equal(code, 0xfffd);
    for (uint32_t c = 0; c < 0x110000; c++) {
        char bytes[4];
        size_t size = utf8_encode(c, bytes);
        assert_int_equal(utf8_decode(bytes, size, &code), size);
        assert_int_equal(code, c >= 0xd800 && c <= 0xdfff ? 0xfffd : c);
    }
}

static void very_long_texts_are_read_whole(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    row one = of_title(text);
    assert_float_equal(dot(one, one), 1, 1e-6);
    for (size_t i = 0; i < SIZE; i += 2) text[i] = (char)('a' + i / 2 % 26), text[i + 1] = ' ';
    assert_true(
        same(of_title(text), of_title("a b c d e f g h i j k l m n o p q r s t u v w x y z")));
    for (size_t i = 0; i < SIZE; i += 8) snprintf(text + i, 9, "%07zu ", i);
    row many = of_title(text);
    assert_true(many.found);
    assert_float_equal(dot(many, many), 1, 1e-4);
    free(text);
}

/* ---------------------------------------------------------------- kinds and brands */

static void kinds_are_whole_components(void **state) {
    (void)state;
    assert_false(same(of_category("A>B"), of_category("A > B"))); // a ">" alone parts nothing
    assert_true(same(of_category("Clothing > Women"), of_category("women > CLOTHING")));
    assert_true(same(of_category("A > B\nA > C"), of_category("A > B > C")));
    assert_true(same(of_category("A >  B "), of_category("A > B")));
    assert_true(same(of_category("\n > A\n"), of_category("a")));
    assert_false(same(of_category("Shirts & Blouses"), of_category("Shirts > Blouses")));
    assert_false(of_category(" > \n > ").found);
    assert_false(of_category("").found);
}

static void what_a_token_is_tells_it_apart(void **state) {
    (void)state;
    row title = of_title("comedy"), kind = of_category("Comedy"), brand = of_brand("Comedy");
    assert_true(dot(title, kind) == 0 && dot(title, brand) == 0 && dot(kind, brand) == 0);
    assert_true(same(brand, of_brand("  comedy ")));
    assert_false(same(of_brand("Acme Ltd"), of_brand("Ltd Acme")));
}

static void nothing_known_is_nothing(void **state) {
    (void)state;
    assert_false(encode((words_product){0}, WORDS_FIELDS).found);
    assert_false(of_title("").found);
    assert_false(of_title(" -- ?! ").found);
    assert_false(of_brand(" ").found);
    row r = of_title("...");
    for (size_t k = 0; k < WORDS_DIM; k++) assert_true(r.x[k] == 0);
}

/* ---------------------------------------------------------------- fields */

static void only_the_fields_asked_for_are_read(void **state) {
    (void)state;
    words_product p = {"Red dress", "Clothing", "Acme", "Loved by all who bought it"};
    words_product told = p;
    told.description = NULL;
    assert_true(same(encode(p, WORDS_FIELDS), encode(told, WORDS_FIELDS)));
    assert_true(same(encode(p, WORDS_TITLE), of_title("red dress")));
    assert_true(same(encode(p, WORDS_BRAND), of_brand("acme")));
    assert_true(same(encode(p, WORDS_DESCRIPTION), of_title("Loved by all who bought it")));
    assert_false(same(encode(p, WORDS_FIELDS | WORDS_DESCRIPTION), encode(p, WORDS_FIELDS)));
    assert_false(encode(told, WORDS_DESCRIPTION).found);
}

static void fields_have_names(void **state) {
    (void)state;
    char identity[WORDS_IDENTITY_SIZE];
    unsigned fields;
    assert_ok(words_fields_parse(NULL, &fields));
    assert_int_equal(fields, WORDS_FIELDS);
    assert_string_equal(words_identity(fields, identity), "words-1");
    assert_ok(words_fields_parse("brand,title,category,title", &fields));
    assert_string_equal(words_identity(fields, identity), "words-1");
    assert_ok(words_fields_parse("category,title", &fields));
    assert_string_equal(words_identity(fields, identity), "words-1 title,category");
    assert_ok(words_fields_parse("description,brand,category,title", &fields));
    assert_string_equal(words_identity(fields, identity),
                        "words-1 title,category,brand,description");
    assert_error(words_fields_parse("title,review", &fields), LB_E_ARGUMENT, "\"review\"");
    assert_error(words_fields_parse("", &fields), LB_E_ARGUMENT, "there are: title");
    assert_error(words_fields_parse("title,", &fields), LB_E_ARGUMENT, "\"\"");
    assert_error(words_fields_parse("Title", &fields), LB_E_ARGUMENT, "\"Title\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_those_of_words_1),
        cmocka_unit_test(rows_have_length_one),
        cmocka_unit_test(tokens_that_cancel_are_nothing),
        cmocka_unit_test(order_case_repeats_and_punctuation_do_not_matter),
        cmocka_unit_test(case_is_folded_beyond_ascii),
        cmocka_unit_test(signs_beyond_ascii_part_words),
        cmocka_unit_test(bytes_that_are_not_utf8_part_words),
        cmocka_unit_test(very_long_texts_are_read_whole),
        cmocka_unit_test(kinds_are_whole_components),
        cmocka_unit_test(what_a_token_is_tells_it_apart),
        cmocka_unit_test(nothing_known_is_nothing),
        cmocka_unit_test(only_the_fields_asked_for_are_read),
        cmocka_unit_test(fields_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
