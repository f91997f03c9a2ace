/* Words and runs of letters of texts, with their weights. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "text/subwords.h"

static subwords read(const char *text) {
    subwords s = {0};
    assert_ok(subwords_read(&s, text));
    return s;
}

static size_t count_words(const subwords *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n += s->item[i].word;
    return n;
}

static double shared(const char *a, const char *b) {
    subwords x = read(a), y = read(b);
    double sum = 0;
    for (size_t i = 0; i < x.n; i++)
        for (size_t k = 0; k < y.n; k++)
            if (x.item[i].hash == y.item[k].hash)
                sum += fmin((double)x.item[i].weight, (double)y.item[k].weight);
    subwords_free(&x);
    subwords_free(&y);
    return sum;
}

static void runs_of_a_word(void **state) {
    (void)state;
    subwords s = read("cat"); // <ca cat at> <cat cat> <cat>
    assert_int_equal(s.n, 7);
    assert_int_equal(count_words(&s), 1);
    double runs = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.item[i].word)
            assert_float_equal(s.item[i].weight, 1, 1e-6);
        else
            runs += (double)s.item[i].weight;
        for (size_t k = 0; k < i; k++) assert_true(s.item[i].hash != s.item[k].hash);
    }
    assert_true(fabs(runs - 1) < 1e-6);
    subwords_free(&s);
}

static void repeats_count_less(void **state) {
    (void)state;
    subwords s = read("Red red RED dress");
    double weight[2] = {0};
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.item[i].word) weight[n++] = (double)s.item[i].weight;
    assert_int_equal(n, 2);
    double most = fmax(weight[0], weight[1]), least = fmin(weight[0], weight[1]);
    assert_true(fabs(most / least - (1 + log(3))) < 1e-5);
    assert_true(fabs(most * most + least * least - 1) < 1e-6);
    subwords_free(&s);
}

static void forms_share_runs(void **state) {
    (void)state;
    assert_true(shared("dress", "dresses") > 0.3);
    assert_true(shared("dress", "galaxy") == 0);
    assert_true(shared("Kleid", "KLEID") > 1.9);
    assert_true(shared("a b", "b, a!") > 1.3); // order and punctuation do not matter
}

static void any_bytes_will_do(void **state) {
    (void)state;
    static const char *const nothing[] = {"",  " \t\n", "!?.,", "\xff\xfe", "\xf0\x9f\x91\x97",
                                          NULL};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        subwords s = read(nothing[i]);
        assert_int_equal(s.n, 0);
        subwords_free(&s);
    }
    subwords s = read("\xd7\xa9\xd7\x9e\xd7\x9c\xd7\x94 \xe2\x80\x8f\x01robe\xff"
                      "d'\xc3\xa9t\xc3\xa9");
    assert_int_equal(count_words(&s), 4);
    subwords_free(&s);
}

static void long_texts_are_cut(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    subwords one = read(text); // one word, of which the start is read
    assert_int_equal(count_words(&one), 1);
    assert_true(one.n < 4 * SUBWORDS_LETTERS);
    for (size_t i = 0; i < SIZE; i += 8) {
        for (size_t k = 0, left = i; k < 7; k++, left /= 26) text[i + k] = (char)('a' + left % 26);
        text[i + 7] = ' ';
    }
    subwords many = read(text);
    assert_int_equal(count_words(&many), SUBWORDS_WORDS);
    subwords_free(&one);
    subwords_free(&many);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_a_word),     cmocka_unit_test(repeats_count_less),
        cmocka_unit_test(forms_share_runs),   cmocka_unit_test(any_bytes_will_do),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
