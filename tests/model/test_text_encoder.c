/* Networks that read texts: what they read, what they refuse, what a dataset keeps of them. */
#include "support.h"

#include <math.h>
#include <pthread.h>

#include "core/file.h"
#include "media/onnx_here.h"
#include "media/text_network.h"
#include "model/clip_file.h"
#include "model/text_encoder.h"
#include "text/clip_vocabulary.h"

enum { DIM = 4 };

static const char *library;
static char folder[1024], network[1100], vocabulary[1100];

static text_encoder_files files(void) {
    return (text_encoder_files){.network = network,
                                .vocabulary = vocabulary,
                                .output = "text_embeds",
                                .seer = "",
                                .library = library,
                                .fields = WORDS_FIELDS};
}

static text_encoder *opened(const text_network_kind *kind) {
    text_encoder *e;
    text_encoder_files f = files();
    text_network_store(kind, network);
    assert_ok(text_encoder_open(&f, &e));
    return e;
}

/* What it must give for a text, by hand. */
static void expect(const text_network_kind *kind, const char *text, float *out) {
    clip_tokens *t;
    uint32_t token[CLIP_CONTEXT];
    double squares = 0;
    assert_ok(clip_tokens_open(vocabulary, &t));
    assert_ok(clip_tokens_encode(t, text, token, NULL));
    clip_tokens_free(t);
    text_network_expect(kind, token, out);
    for (size_t d = 0; d < kind->dim; d++) squares += (double)out[d] * (double)out[d];
    for (size_t d = 0; d < kind->dim; d++) out[d] = (float)((double)out[d] / sqrt(squares));
}

static void check_text(text_encoder *e, const text_network_kind *kind, const char *text) {
    float got[TEXT_MOST_OUTPUT], want[TEXT_MOST_OUTPUT];
    expect(kind, text, want);
    assert_ok(text_encoder_read(e, text, (uint32_t)kind->dim, got));
    for (size_t d = 0; d < kind->dim; d++)
        if (!(fabsf(got[d] - want[d]) < 1e-5f))
            fail_msg("\"%.40s\", number %zu: %g, not %g", text, d, (double)got[d], (double)want[d]);
}

/* Numbers of either size, with a mask before or behind or none. */
static void reads_what_clip_is_given(void **state) {
    (void)state;
    const text_network_kind kinds[] = {{NETWORK_INT64, TEXT_CONTEXT, 4, 0},
                                       {NETWORK_INT32, TEXT_CONTEXT, 4, 0},
                                       {NETWORK_INT64, NETWORK_OPEN, 7, 1},
                                       {NETWORK_INT32, TEXT_CONTEXT, 3, 2}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        text_encoder *e = opened(&kinds[i]);
        assert_int_equal(text_encoder_dim(e), kinds[i].dim);
        check_text(e, &kinds[i], "something light for a beach wedding");
        check_text(e, &kinds[i], "a");
        text_encoder_free(e);
    }
}

static void any_text_is_read(void **state) {
    (void)state;
    text_encoder *e = opened(&text_network_clip);
    char *megabyte = malloc((1 << 20) + 1), words[2001];
    memset(megabyte, 'x', 1 << 20);
    megabyte[1 << 20] = '\0';
    for (size_t i = 0; i < 2000; i++) words[i] = "beach wedding "[i % 14];
    words[2000] = '\0';
    const char *const texts[] = {"",
                                 "\x01\x02\x1b[31m\x7f",
                                 "\xf0\x9f\x91\x97\xf0\x9f\x8f\x96\xef\xb8\x8f",
                                 "\xd7\xa9\xd7\x9e\xd7\x9c\xd7\x94 \xd9\x81\xd8\xb3\xd8\xaa",
                                 "\xff\xfe broken \xc3",
                                 words,
                                 megabyte};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(e, &text_network_clip, texts[i]);
    free(megabyte);
    text_encoder_free(e);
}

/* Of a long text the first 75 tokens are read, and its end stands behind them. */
static void a_long_text_keeps_its_end(void **state) {
    (void)state;
    clip_tokens *t;
    uint32_t token[CLIP_CONTEXT];
    size_t n;
    char text[401];
    for (size_t i = 0; i < 400; i++) text[i] = i % 2 ? ' ' : '!' + (char)(i % 80);
    text[400] = '\0';
    assert_ok(clip_tokens_open(vocabulary, &t));
    assert_ok(clip_tokens_encode(t, text, token, &n));
    assert_int_equal(n, CLIP_CONTEXT);
    assert_int_equal(token[CLIP_CONTEXT - 1], CLIP_END);
    clip_tokens_free(t);
    text_encoder *e = opened(&text_network_clip);
    check_text(e, &text_network_clip, text);
    text_encoder_free(e);
}

static void products_by_what_is_written(void **state) {
    (void)state;
    text_encoder *e = opened(&text_network_clip);
    float got[DIM], want[DIM];
    bool found;
    words_product p = {"Linen dress", "Women > Dresses\nSale", "Acme", "sold out"};
    assert_ok(text_encoder_product(e, &p, DIM, got, &found));
    assert_true(found);
    assert_ok(text_encoder_read(e, "Linen dress, Acme, Dresses, Sale", DIM, want));
    assert_memory_equal(got, want, sizeof got);
    p = (words_product){NULL, NULL, NULL, "only described"};
    assert_ok(text_encoder_product(e, &p, DIM, got, &found));
    assert_false(found);
    for (size_t d = 0; d < DIM; d++) assert_true(got[d] == 0);
    text_encoder_free(e);
}

static void refuse(const text_encoder_files *f, lb_status status, const char *why) {
    text_encoder *e = NULL;
    assert_int_equal(text_encoder_open(f, &e), status);
    assert_null(e);
    if (!strstr(lb_last_error(), why)) fail_msg("\"%s\" does not say \"%s\"", lb_last_error(), why);
}

static void what_is_refused(void **state) {
    (void)state;
    text_encoder_files f = files();
    text_network_store(&text_network_clip, network);
    f.output = "";
    refuse(&f, LB_E_ARGUMENT, "text_embeds, last_hidden_state");
    f.output = "pooled";
    refuse(&f, LB_E_NOT_FOUND, "outputs are text_embeds, last_hidden_state");
    f.output = "last_hidden_state";
    refuse(&f, LB_E_UNSUPPORTED, "not one float32 vector");
    f = files();
    f.vocabulary = network;
    refuse(&f, LB_E_FORMAT, network);
    f = files();
    f.network = vocabulary;
    refuse(&f, LB_E_FORMAT, "not an ONNX network");
    f = files();
    f.library = "/no/such.so";
    refuse(&f, LB_E_NOT_FOUND, "/no/such.so");
    f = files();
    text_network_store(&(text_network_kind){NETWORK_INT64, 50, 4, 0}, network);
    refuse(&f, LB_E_MISMATCH, "(n, 50)");
    text_network_store(&(text_network_kind){NETWORK_INT64, 50, 4, 1}, network);
    refuse(&f, LB_E_MISMATCH, "(n, 50)");
    network_store(&network_means, network);
    f.output = "";
    refuse(&f, LB_E_UNSUPPORTED, "is it the text encoder?");
    network_kind two = network_flat;
    two.second_input = 1;
    network_store(&two, network);
    refuse(&f, LB_E_UNSUPPORTED, "attention mask");
}

static void a_dataset_keeps_it(void **state) {
    (void)state;
    text_encoder *e = opened(&text_network_clip), *again;
    text_encoder_files f = files();
    char copy[1300], identity[DATASET_ENCODER_SIZE];
    float got[DIM], want[DIM];
    assert_ok(text_encoder_keep(e, &f, folder));
    snprintf(identity, sizeof identity, "%s", text_encoder_identity(e));
    assert_true(text_encoder_is(identity));
    assert_ok(text_encoder_read(e, "beach", DIM, want));
    assert_ok(text_encoder_new(identity, folder, library, &again));
    assert_string_equal(text_encoder_identity(again), identity);
    assert_ok(text_encoder_read(again, "beach", DIM, got));
    assert_memory_equal(got, want, sizeof got);
    assert_int_equal(text_encoder_read(again, "beach", DIM + 1, got), LB_E_MISMATCH);
    text_encoder_free(again);

    snprintf(copy, sizeof copy, "%s/encoders/%.64s.onnx", folder, identity + 12);
    assert_true(file_exists(copy));
    test_write(copy, "something else", 14);
    assert_ok(text_encoder_new(identity, folder, library, &again));
    assert_int_equal(text_encoder_load(again), LB_E_FORMAT);
    assert_non_null(strstr(lb_last_error(), "damaged"));
    remove(copy);
    assert_int_equal(text_encoder_read(again, "beach", DIM, got), LB_E_NOT_FOUND);
    assert_non_null(strstr(lb_last_error(), copy));
    assert_ok(text_encoder_keep(e, &f, folder)); // put back, it works
    assert_ok(text_encoder_read(again, "beach", DIM, got));
    text_encoder_free(again);
    text_encoder_free(e);
}

static void identities_that_are_none(void **state) {
    (void)state;
    char x[65], good[400];
    memset(x, 'a', 64);
    x[64] = '\0';
    text_encoder *e;
    snprintf(good, sizeof good, "clip-text-1 %s %s beside=%s fields=title,brand output=o", x, x, x);
    assert_ok(text_encoder_new(good, folder, NULL, &e));
    assert_string_equal(text_encoder_seer(e), x);
    assert_string_equal(text_encoder_identity(e), good);
    text_encoder_free(e);
    for (size_t cut = 0; cut < strlen(good) - 1; cut += 3) {
        char bad[400];
        snprintf(bad, sizeof bad, "%.*s", (int)cut, good);
        if (cut < strlen("clip-text-1 ")) assert_false(text_encoder_is(bad));
        if (strcmp(bad + (cut > 9 ? cut - 7 : 0), "output=") == 0) continue; // its only one
        assert_int_equal(text_encoder_new(bad, folder, NULL, &e), LB_E_FORMAT);
    }
    snprintf(good, sizeof good, "clip-text-1 %s %s beside=none fields=colour output=o", x, x);
    assert_int_equal(text_encoder_new(good, folder, NULL, &e), LB_E_FORMAT);
}

static void *read_often(void *context) {
    static const char *const texts[] = {"beach", "office suit", "wool", "party"};
    float got[DIM];
    for (size_t i = 0; i < 200; i++)
        if (text_encoder_read(context, texts[i % 4], DIM, got) != LB_OK) return context;
    return NULL;
}

static void several_threads_read(void **state) {
    (void)state;
    text_encoder *first = opened(&text_network_clip), *e;
    text_encoder_files f = files();
    pthread_t thread[4];
    assert_ok(text_encoder_keep(first, &f, folder));
    assert_ok(text_encoder_new(text_encoder_identity(first), folder, library, &e));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, read_often, e), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_null(failed);
    }
    text_encoder_free(e);
    text_encoder_free(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_clip_is_given),  cmocka_unit_test(any_text_is_read),
        cmocka_unit_test(a_long_text_keeps_its_end), cmocka_unit_test(products_by_what_is_written),
        cmocka_unit_test(what_is_refused),           cmocka_unit_test(a_dataset_keeps_it),
        cmocka_unit_test(identities_that_are_none),  cmocka_unit_test(several_threads_read),
    };
    if (!test_onnx(&library)) return 0;
    snprintf(folder, sizeof folder, "%s", test_folder());
    snprintf(network, sizeof network, "%s/reader.onnx", folder);
    snprintf(vocabulary, sizeof vocabulary, "%s/vocabulary.txt", folder);
    made_vocabulary_store(vocabulary);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
