/* Networks from ONNX files: what is loaded, what comes out, and what each failure says. */
#include "network.h"
#include "onnx_here.h"
#include "pictures.h"

#include <math.h>
#include <pthread.h>

#include "core/file.h"
#include "media/onnx_encoder.h"

static const char *library; // NULL = the system's

static void need_library(void) {
    if (!test_onnx(&library)) skip();
}

/* A copy of a path in the folder. */
static const char *in(const char *folder, const char *name) {
    static char paths[4][600];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static lb_status open_with(const network_kind *kind, const char *setting, const char *size,
                           image_encoder **out) {
    char folder[300];
    snprintf(folder, sizeof folder, "%s", test_folder());
    preparation p;
    preparation_init(&p);
    assert_ok(preparation_set(&p, size));
    assert_ok(preparation_set(&p, "range=255"));
    if (setting) assert_ok(preparation_set(&p, setting));
    network_store(kind, in(folder, "net.onnx"));
    return onnx_encoder_open_file(in(folder, "net.onnx"), &p, library, out);
}

/* Four quarters, of which a network sees one pixel each. */
static image draw_four(void) {
    image p = picture_new(2, 2);
    picture_set(&p, 0, 0, 0x010203);
    picture_set(&p, 1, 0, 0x111213);
    picture_set(&p, 0, 1, 0x212223);
    picture_set(&p, 1, 1, 0xf1f2f3);
    return p;
}

static void assert_encodes(const image_encoder *e, const float *expected, size_t n) {
    image p = draw_four();
    float got[64];
    bool blank = true;
    assert_int_equal(e->dim, n);
    assert_ok(e->encode(e, &p, got, &blank));
    assert_false(blank);
    for (size_t i = 0; i < n; i++)
        if (fabsf(got[i] - expected[i]) > 1e-3f)
            fail_msg("number %zu is %g, expected %g", i, (double)got[i], (double)expected[i]);
    image_free(&p);
}

static void a_network_sees_planes_from_the_top(void **state) {
    (void)state;
    static const float planes[] = {1, 17, 33, 241, 2, 18, 34, 242, 3, 19, 35, 243};
    static const float bgr[] = {3, 19, 35, 243, 2, 18, 34, 242, 1, 17, 33, 241};
    image_encoder *e;
    need_library();
    assert_ok(open_with(&network_flat, NULL, "size=2", &e));
    assert_encodes(e, planes, 12);
    assert_string_equal(e->name, "onnx");
    assert_non_null(strstr(e->identity, " size=2x2 resize=2x2 "));
    image_encoder_close(e);
    assert_ok(open_with(&network_flat, "order=bgr", "size=2", &e));
    assert_encodes(e, bgr, 12);
    image_encoder_close(e);
}

static void channels_may_come_last(void **state) {
    (void)state;
    static const float pixels[] = {1, 2, 3, 17, 18, 19, 33, 34, 35, 241, 242, 243};
    network_kind kind = network_flat;
    int64_t shape[] = {1, 2, 2, 3};
    image_encoder *e;
    need_library();
    memcpy(kind.shape, shape, sizeof shape);
    assert_ok(open_with(&kind, NULL, "size=2", &e));
    assert_encodes(e, pixels, 12);
    image_encoder_close(e);
}

static void outputs_are_chosen_by_name(void **state) {
    (void)state;
    network_kind kind = network_means;
    image_encoder *e;
    need_library();
    kind.shape[2] = kind.shape[3] = 2;
    static const float vector[] = {73, 74, 75, 222};
    assert_ok(open_with(&kind, NULL, "size=2", &e)); // the only one
    assert_encodes(e, vector, 4);
    image_encoder_close(e);
    assert_ok(open_with(&kind, "output=means", "size=2", &e)); // a value within
    assert_encodes(e, vector, 3);
    assert_non_null(strstr(e->identity, " output=means"));
    image_encoder_close(e);
    assert_ok(open_with(&kind, "output=pooled", "size=2", &e)); // (1, 3, 1, 1)
    assert_encodes(e, vector, 3);
    image_encoder_close(e);
    kind.output[1] = "pooled";
    assert_error(open_with(&kind, NULL, "size=2", &e), LB_E_ARGUMENT, "2 outputs, vector, pooled");
    assert_ok(open_with(&kind, "output=vector", "size=2", &e));
    assert_encodes(e, vector, 4);
    image_encoder_close(e);
    assert_error(open_with(&kind, "output=fc7", "size=2", &e), LB_E_NOT_FOUND,
                 "no output or inner value \"fc7\"; outputs are vector, pooled");
}

/* Every kind of network that cannot serve, and a word of what is said of it. */
static void unfit_networks_are_explained(void **state) {
    (void)state;
    need_library();
    const struct {
        network_kind kind;
        lb_status status;
        const char *phrase;
    } cases[] = {
        {{.shape = {NETWORK_OPEN, 3, 8, 8},
          .node = {{"Flatten", "pixels", "x", NULL, 0}},
          .output = {"x"}},
         LB_E_MISMATCH,
         "2 x 2 pixels, but the network's input is (n, 3, 8, 8)"},
        {{.shape = {4, 3, 2, 2}, .node = {{"Flatten", "pixels", "x", NULL, 0}}, .output = {"x"}},
         LB_E_UNSUPPORTED,
         "4 pictures at a time"},
        {{.shape = {1, 1, 2, 2}, .node = {{"Flatten", "pixels", "x", NULL, 0}}, .output = {"x"}},
         LB_E_UNSUPPORTED,
         "input is (1, 1, 2, 2)"},
        {{.shape = {1, 3, 4},
          .rank = 3,
          .node = {{"Flatten", "pixels", "x", NULL, 0}},
          .output = {"x"}},
         LB_E_UNSUPPORTED,
         "input is (1, 3, 4)"},
        {{.type = NETWORK_INT64,
          .shape = {1, 3, 2, 2},
          .node = {{"Shape", "pixels", "shape", NULL, 0}},
          .output = {"shape"}},
         LB_E_UNSUPPORTED,
         "of type 7"},
        {{.shape = {1, 3, 2, 2},
          .second_input = 1,
          .node = {{"Flatten", "pixels", "x", NULL, 0}, {"Shape", "words", "shape", NULL, 0}},
          .output = {"x", "shape"}},
         LB_E_UNSUPPORTED,
         "2 inputs (pixels, words)"},
        {{.shape = {1, 3, 2, 2}, .node = {{"Relu", "pixels", "x", NULL, 0}}, .output = {"x"}},
         LB_E_UNSUPPORTED,
         "\"x\" is (1, 3, 2, 2) of type 1, not one float32 vector"},
        {{.shape = {1, 3, 2, 2},
          .node = {{"Shape", "pixels", "shape", NULL, 0}},
          .output = {"shape"}},
         LB_E_UNSUPPORTED,
         "\"shape\" is (4) of type 7"},
        {{.shape = {1, 3, 2, 2}, .node = {{"Dance", "pixels", "x", NULL, 0}}, .output = {"x"}},
         LB_E_FORMAT,
         "Dance"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image_encoder *e = NULL;
        lb_status status = open_with(&cases[i].kind, NULL, "size=2", &e);
        if (status != cases[i].status || !strstr(lb_last_error(), cases[i].phrase))
            fail_msg("case %zu: %s: %s", i, lb_status_name(status), lb_last_error());
        assert_non_null(strstr(lb_last_error(), "net.onnx: "));
        assert_null(e);
    }
}

static void numbers_must_be_finite(void **state) {
    (void)state;
    network_kind kind = {
        .shape = {1, 3, 2, 2},
        .node = {{"Log", "pixels", "logs", NULL, 0}, {"Flatten", "logs", "x", NULL, 0}},
        .output = {"x"}};
    image_encoder *e;
    image p = draw_four();
    float out[12];
    bool blank = false;
    need_library();
    assert_ok(open_with(&kind, "mean=100", "size=2", &e));
    assert_error(e->encode(e, &p, out, &blank), LB_E_NUMERIC, "mean, std and range");
    image_encoder_close(e);
    image_free(&p);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    char path[300];
    preparation p;
    proto model;
    image_encoder *e = NULL;
    need_library();
    snprintf(path, sizeof path, "%s/net.onnx", test_folder());
    preparation_init(&p);
    assert_error(onnx_encoder_open_file(path, &p, library, &e), LB_E_NOT_FOUND, "net.onnx");
    test_write(path, "", 0);
    assert_error(onnx_encoder_open_file(path, &p, library, &e), LB_E_FORMAT, "empty");
    test_write(path, "x", 1);
    assert_error(onnx_encoder_open_file(path, &p, library, &e), LB_E_ARGUMENT, "preset");
    assert_ok(preparation_set(&p, "size=4"));
    assert_error(onnx_encoder_open_file(path, &p, library, &e), LB_E_FORMAT, "not an ONNX network");
    network_make(&network_means, &model);
    for (size_t size = 0; size < model.n; size++) {
        test_write(path, model.bytes, size);
        assert_true(onnx_encoder_open_file(path, &p, library, &e) != LB_OK);
        assert_true(strlen(lb_last_error()) > 20);
    }
    assert_null(e);
}

static void libraries_that_are_none_are_refused(void **state) {
    (void)state;
    char path[300];
    preparation p;
    image_encoder *e = NULL;
    const char *folder = test_folder();
    snprintf(path, sizeof path, "%s/net.onnx", folder);
    network_store(&network_means, path);
    preparation_init(&p);
    assert_ok(preparation_set(&p, "size=4"));
    assert_error(onnx_encoder_open_file(path, &p, "/no/such/library.so", &e), LB_E_NOT_FOUND,
                 "no such file");
    assert_error(onnx_encoder_open_file(path, &p, path, &e), LB_E_UNSUPPORTED,
                 "cannot be loaded as ONNX Runtime");
    assert_error(onnx_encoder_open_file(path, &p, "libm.so.6", &e), LB_E_UNSUPPORTED,
                 "libm.so.6 is a library, but not ONNX Runtime; install");
    assert_null(e);
}

/* ---- identities */

static void a_dataset_keeps_its_network(void **state) {
    (void)state;
    char folder[300], identity[ONNX_IDENTITY_SIZE], digest[65], kept[400];
    preparation p;
    image_encoder *e;
    need_library();
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *path = in(folder, "net.onnx");
    network_kind kind = network_means;
    kind.shape[2] = kind.shape[3] = 2;
    network_store(&kind, path);
    preparation_init(&p);
    assert_ok(preparation_set(&p, "size=2"));
    assert_ok(preparation_set(&p, "range=255"));
    assert_ok(onnx_encoder_open_file(path, &p, library, &e));
    snprintf(identity, sizeof identity, "%s", e->identity);
    snprintf(digest, sizeof digest, "%.64s", identity + 7);
    snprintf(kept, sizeof kept, "%s/encoders/%s.onnx", folder, digest);
    image_encoder *again = NULL;
    assert_error(image_encoder_open(identity, folder, library, &again), LB_E_NOT_FOUND,
                 "encode anew");
    assert_ok(onnx_encoder_keep(e, path, folder));
    assert_ok(onnx_encoder_keep(e, path, folder));
    image_encoder_close(e);
    assert_int_equal(remove(path), 0);
    static const float vector[] = {73, 74, 75, 222};
    assert_ok(image_encoder_open(identity, folder, library, &again));
    assert_string_equal(again->identity, identity);
    assert_encodes(again, vector, 4);

    // A changed copy is not what the identity says.
    assert_error(onnx_encoder_keep(again, kept, in(folder, "none")), LB_E_IO, "none/encoders");
    test_write(kept, "changed", 7);
    image_encoder *other = NULL;
    assert_error(image_encoder_open(identity, folder, library, &other), LB_E_FORMAT,
                 "put the original");
    assert_int_equal(mkdir(in(folder, "new"), 0755), 0);
    assert_error(onnx_encoder_keep(again, kept, in(folder, "new")), LB_E_MISMATCH, "has changed");
    assert_null(other);
    image_encoder_close(again);
}

static void identities_find_their_encoder(void **state) {
    (void)state;
    image_encoder *e = NULL;
    assert_ok(image_encoder_open("builtin-1", "/nowhere", NULL, &e));
    assert_string_equal(e->identity, "builtin-1");
    image p = draw_four();
    image large = picture_draw(50, 40);
    file_bytes file = png_store_picture(&large);
    float one[463], two[463];
    bool blank = true;
    assert_ok(e->encode(e, &large, one, &blank));
    assert_ok(image_encoder_photo(e, file.bytes, file.size, 2000, two, &blank));
    assert_false(blank);
    assert_memory_equal(one, two, sizeof one);
    assert_error(image_encoder_photo(e, file.bytes, file.size, 1999, two, &blank), LB_E_UNSUPPORTED,
                 "1999");
    assert_error(image_encoder_photo(e, "GIF89a", 6, 2000, two, &blank), LB_E_UNSUPPORTED, "GIF");
    picture_fill(&large, 0, 0, 50, 40, 0x808080);
    free(file.bytes);
    file = png_store_picture(&large);
    assert_ok(image_encoder_photo(e, file.bytes, file.size, 2000, two, &blank));
    assert_true(blank && two[0] == 0 && two[462] == 0);
    free(file.bytes);
    image_encoder_close(e);
    image_free(&p);
    image_free(&large);
    e = NULL;
    assert_error(image_encoder_open("", "/nowhere", NULL, &e), LB_E_UNSUPPORTED, "imported");
    assert_error(image_encoder_open("words-1", "/nowhere", NULL, &e), LB_E_UNSUPPORTED, "words-1");
    assert_error(image_encoder_open("onnx-1 12", "/nowhere", NULL, &e), LB_E_FORMAT, "no network");
    assert_error(image_encoder_open("onnx-2 12", "/nowhere", NULL, &e), LB_E_UNSUPPORTED, "onnx-2");
    assert_null(e);
}

static void one_colour_is_blank_to_a_network(void **state) {
    (void)state;
    image_encoder *e;
    need_library();
    assert_ok(open_with(&network_flat, NULL, "size=2", &e));
    image p = picture_new(30, 20);
    picture_fill(&p, 0, 0, 30, 20, 0x778899);
    float out[12];
    bool blank = false;
    assert_ok(e->encode(e, &p, out, &blank));
    assert_true(blank);
    image_free(&p);
    image_encoder_close(e);
}

/* A white square of 4, beside one of four colours and a part of each between them. */
static image draw_long(void) {
    image p = picture_new(8, 4);
    picture_fill(&p, 0, 0, 8, 4, 0xffffff);
    picture_fill(&p, 4, 0, 6, 2, 0x010203);
    picture_fill(&p, 6, 0, 8, 2, 0x111213);
    picture_fill(&p, 4, 2, 6, 4, 0x212223);
    picture_fill(&p, 6, 2, 8, 4, 0xf1f2f3);
    return p;
}

static image cut(const image *from, size_t left) {
    image p = picture_new(4, 4);
    for (size_t y = 0; y < 4; y++)
        memcpy(p.rgb + y * 12, from->rgb + (y * from->width + left) * 3, 12);
    return p;
}

/* The mean of the whole and of two of its three squares: the first is of one colour. */
static void tiles_are_averaged(void **state) {
    (void)state;
    image_encoder *whole, *tiled;
    float view[3][12], got[12];
    bool blank = true;
    need_library();
    assert_ok(open_with(&network_flat, NULL, "size=2", &whole));
    assert_ok(open_with(&network_flat, "tiles=1", "size=2", &tiled));
    assert_non_null(strstr(tiled->identity, " tiles=1 "));
    image p = draw_long(), part[] = {cut(&p, 2), cut(&p, 4)};
    assert_ok(whole->encode(whole, &p, view[0], &blank));
    for (size_t i = 0; i < 2; i++) assert_ok(whole->encode(whole, &part[i], view[1 + i], &blank));
    assert_ok(tiled->encode(tiled, &p, got, &blank));
    assert_false(blank);
    for (size_t i = 0; i < 12; i++)
        assert_true(fabsf(got[i] - (view[0][i] + view[1][i] + view[2][i]) / 3) < 1e-3f);
    assert_true(fabsf(got[0] - view[0][0]) > 1);
    assert_ok(tiled->encode(tiled, &part[1], got, &blank)); // a square has no tiles at this level
    assert_memory_equal(got, view[2], sizeof got);
    image_free(&p);
    image_free(&part[0]);
    image_free(&part[1]);
    image_encoder_close(whole);
    image_encoder_close(tiled);
}

/* ---- threads */

typedef struct asking {
    const image_encoder *encoder;
    unsigned first;
    float out[32][4];
} asking;

static void *ask(void *context) {
    asking *a = context;
    for (unsigned i = 0; i < 32; i++) {
        bool blank;
        image p = picture_draw(20 + a->first + i, 30);
        if (a->encoder->encode(a->encoder, &p, a->out[i], &blank) != LB_OK) a->out[i][0] = NAN;
        image_free(&p);
    }
    return NULL;
}

static void threads_share_a_network(void **state) {
    (void)state;
    image_encoder *e;
    need_library();
    assert_ok(open_with(&network_means, NULL, "size=4", &e));
    static asking alone, shared[3];
    pthread_t thread[3];
    alone.encoder = e;
    ask(&alone);
    for (size_t i = 0; i < 3; i++) {
        shared[i].encoder = e;
        assert_int_equal(pthread_create(&thread[i], NULL, ask, &shared[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_memory_equal(shared[i].out, alone.out, sizeof alone.out);
    }
    assert_true(isfinite(alone.out[0][0]));
    image_encoder_close(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_sees_planes_from_the_top),
        cmocka_unit_test(channels_may_come_last),
        cmocka_unit_test(outputs_are_chosen_by_name),
        cmocka_unit_test(unfit_networks_are_explained),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(libraries_that_are_none_are_refused),
        cmocka_unit_test(a_dataset_keeps_its_network),
        cmocka_unit_test(identities_find_their_encoder),
        cmocka_unit_test(one_colour_is_blank_to_a_network),
        cmocka_unit_test(tiles_are_averaged),
        cmocka_unit_test(threads_share_a_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
