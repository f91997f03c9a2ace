/* BM25 against its formula, and the cosine of hashed words against the encoder's. */
#include "support.h"

#include <math.h>

#include "text/bm25.h"
#include "text/match.h"

static const char *const texts[] = {"Red dress, red", "Blue DRESS for the beach", NULL, "",
                                    "\xc3\x89t\xc3\xa9 red"};
enum { N = sizeof texts / sizeof *texts };

static float part(double df, double tf, double length) {
    double mean = (3.0 + 5 + 0 + 0 + 2) / N;
    return (float)(log(1 + (N - df + .5) / (df + .5)) * tf * 2.2 /
                   (tf + 1.2 * (1 - .75 + .75 * length / mean)));
}

static void bm25_is_its_formula(void **state) {
    (void)state;
    bm25 *index;
    float out[N], again[N];
    assert_ok(bm25_new(texts, N, &index));
    assert_ok(bm25_score(index, "red dress", out));
    assert_float_equal(out[0], part(2, 2, 3) + part(2, 1, 3), 1e-6);
    assert_float_equal(out[1], part(2, 1, 5), 1e-6);
    assert_float_equal(out[2], 0, 0);
    assert_float_equal(out[3], 0, 0);
    assert_float_equal(out[4], part(2, 1, 2), 1e-6);
    assert_ok(bm25_score(index, "  Dress RED red!", again)); // once each, in any order
    assert_memory_equal(out, again, sizeof out);
    assert_ok(bm25_score(index, "\xc3\xa9t\xc3\x89", out));
    assert_true(out[4] > 0 && out[0] == 0);
    static const char *const nothing[] = {"", "trousers", "\xff\x01 \xf0\x9f\x98\x80"};
    for (size_t k = 0; k < 3; k++) {
        assert_ok(bm25_score(index, nothing[k], out));
        for (size_t i = 0; i < N; i++) assert_float_equal(out[i], 0, 0);
    }
    bm25_free(index);
    bm25_free(NULL);
    assert_ok(bm25_new(texts + 2, 2, &index)); // texts without words
    assert_ok(bm25_score(index, "red", out));
    assert_float_equal(out[0], 0, 0);
    bm25_free(index);
}

static void match_is_the_cosine(void **state) {
    (void)state;
    static const char *const products[] = {"Red dress Shop Acme", NULL, "Blue coat Shop"};
    text_match *m;
    words_scratch scratch = {0};
    float out[3], product[WORDS_DIM], request[WORDS_DIM];
    bool found;
    words_product asked = {.title = "a red coat"};
    assert_ok(text_match_new(&m));
    for (size_t i = 0; i < 3; i++) assert_ok(text_match_add(m, products[i]));
    assert_ok(text_match_score(m, asked.title, out));
    assert_ok(words_encode(&scratch, &asked, WORDS_TITLE, request, &found));
    for (size_t i = 0; i < 3; i++) {
        double dot = 0;
        words_product title = {.title = products[i]};
        assert_ok(words_encode(&scratch, &title, WORDS_TITLE, product, &found));
        for (size_t k = 0; k < WORDS_DIM; k++) dot += (double)product[k] * request[k];
        assert_float_equal(out[i], (float)dot, 1e-6);
    }
    assert_true(out[0] > 0 && out[1] == 0 && out[2] > 0);
    assert_ok(text_match_score(m, "", out));
    for (size_t i = 0; i < 3; i++) assert_float_equal(out[i], 0, 0);
    words_scratch_free(&scratch);
    text_match_free(m);
    text_match_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bm25_is_its_formula),
        cmocka_unit_test(match_is_the_cosine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
