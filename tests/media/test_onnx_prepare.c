/* How pictures are prepared for a network: settings, presets, sidecars, identities, numbers. */
#include "pictures.h"

#include <math.h>

#include "media/onnx_encoder.h"

static preparation prepare(const char *const *settings) {
    preparation p;
    preparation_init(&p);
    for (; *settings; settings++) assert_ok(preparation_set(&p, *settings));
    assert_ok(preparation_check(&p));
    return p;
}

static const char *text_of(const preparation *p) {
    static char text[PREPARATION_TEXT_SIZE];
    assert_ok(preparation_text(p, text));
    return text;
}

static void settings_have_one_text(void **state) {
    (void)state;
    static const char *const plain[] = {"size=32", NULL};
    static const char *const all[] = {
        "order=bgr",      "std=.5,2,1e2",      "mean=104.00698793", "range=255", "filter=lanczos",
        "resize=300x280", "output=a b, c = d", "size=200x100",      "tiles=0",   NULL};
    preparation p = prepare(plain), back;
    assert_string_equal(text_of(&p), "size=32x32 resize=32x32 filter=bilinear range=1 mean=0,0,0 "
                                     "std=1,1,1 order=rgb output=");
    p = prepare(all);
    const char *text = "size=200x100 resize=300x280 filter=lanczos range=255 "
                       "mean=104.00698793,104.00698793,104.00698793 std=0.5,2,100 order=bgr "
                       "output=a b, c = d";
    assert_string_equal(text_of(&p), text);
    assert_ok(preparation_parse(text, &back));
    assert_string_equal(text_of(&back), text);
    assert_true(back.bgr && back.range == 255 && back.std[2] == 100 && back.resize_height == 280);

    static const char *const close[] = {"size=32", "tiles=2", "output=tiles=3", NULL};
    p = prepare(close);
    assert_non_null(strstr(text_of(&p), " order=rgb tiles=2 output=tiles=3"));
    assert_ok(preparation_parse(text_of(&p), &back));
    assert_int_equal(back.tiles, 2);
    assert_string_equal(back.output, "tiles=3");
}

static void wrong_settings_are_explained(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"size=0", "size"},          {"size=", "size"},          {"size=4097", "4096"},
        {"size=10x", "WxH"},         {"size=10x10x3", "WxH"},    {"size=-3", "size"},
        {"size= 3", "size"},         {"resize=x4", "resize"},    {"filter=nearest", "bicubic"},
        {"range=2", "1 or 255"},     {"mean=1,2", "three"},      {"mean=1,2,3,4", "three"},
        {"mean=nan", "mean"},        {"mean=1,,2", "mean"},      {"mean=1e99", "mean"},
        {"std=0", "above 0"},        {"std=1,0,1", "above 0"},   {"std=-1", "above 0"},
        {"order=gbr", "rgb or bgr"}, {"output=a\nb", "control"}, {"colour=1", "no setting"},
        {"tiles=5", "0 to 4"},       {"tiles=", "0 to 4"},       {"tiles=11", "0 to 4"},
        {"size", "name=value"},      {"", "name=value"},         {"siz=4", "no setting"}};
    preparation p, before;
    preparation_init(&p);
    before = p;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_error(preparation_set(&p, wrong[i][0]), LB_E_ARGUMENT, wrong[i][1]);
    assert_memory_equal(&p, &before, sizeof p);
    assert_error(preparation_check(&p), LB_E_ARGUMENT, "NETWORK.json");
    assert_ok(preparation_set(&p, "size=224"));
    assert_ok(preparation_set(&p, "resize=200"));
    assert_error(preparation_check(&p), LB_E_ARGUMENT, "do not fill");
    char name[200] = "output=";
    memset(name + 7, 'x', PREPARATION_OUTPUT_SIZE);
    assert_error(preparation_set(&p, name), LB_E_ARGUMENT, "119 bytes");
}

static void presets_are_known(void **state) {
    (void)state;
    static const char *const expected[][2] = {
        {"caffenet-fc7", "size=227x227 resize=256x256 filter=bilinear range=255 "
                         "mean=104.00698793,116.66876762,122.67891434 std=1,1,1 order=bgr output="},
        {"resnet", "size=224x224 resize=256 filter=bilinear range=1 mean=0.485,0.456,0.406 "
                   "std=0.229,0.224,0.225 order=rgb output="},
        {"mobilenet", "size=224x224 resize=224x224 filter=bilinear range=255 mean=128,128,128 "
                      "std=128,128,128 order=rgb output="},
        {"clip", "size=224x224 resize=224 filter=bicubic range=1 "
                 "mean=0.48145466,0.4578275,0.40821073 std=0.26862954,0.26130258,0.27577711 "
                 "order=rgb output="}};
    for (size_t i = 0; i < 4; i++) {
        preparation p, back;
        preparation_init(&p);
        assert_string_equal(preparation_preset_name(i), expected[i][0]);
        assert_ok(preparation_preset(&p, expected[i][0]));
        assert_ok(preparation_check(&p));
        assert_string_equal(text_of(&p), expected[i][1]);
        assert_ok(preparation_parse(expected[i][1], &back));
    }
    assert_null(preparation_preset_name(4));
    preparation p;
    preparation_init(&p);
    assert_ok(preparation_set(&p, "output=fc7"));
    assert_error(preparation_preset(&p, "vgg"), LB_E_ARGUMENT, "caffenet-fc7, resnet");
    assert_ok(preparation_preset(&p, "clip"));
    assert_string_equal(p.output, "fc7");
}

static lb_status read_sidecar(const char *json, preparation *p) {
    preparation_init(p);
    return preparation_sidecar(p, json, strlen(json));
}

static void sidecars_are_read(void **state) {
    (void)state;
    preparation p;
    assert_ok(read_sidecar("{\"size\": [64, 48], \"preset\": \"resnet\", \"resize\": \"70\",\n"
                           " \"mean\": [0.5, 0.25, 1], \"std\": 2, \"range\": 255,"
                           " \"output\": \"x\"}",
                           &p));
    assert_string_equal(text_of(&p), "size=64x48 resize=70 filter=bilinear range=255 "
                                     "mean=0.5,0.25,1 std=2,2,2 order=rgb output=x");
    static const char *const wrong[][2] = {{"", "JSON object"},
                                           {"[1]", "JSON object"},
                                           {"{\"size\": 224", "JSON object"},
                                           {"{\"size\": 224.5}", "size"},
                                           {"{\"size\": {\"w\": 1}}", "\"size\" must be"},
                                           {"{\"size\": null}", "\"size\" must be"},
                                           {"{\"size\": [[1]]}", "\"size\" must be"},
                                           {"{\"mean\": [1, 2]}", "mean"},
                                           {"{\"preset\": \"vgg\"}", "no preset"},
                                           {"{\"preset\": 3}", "must be a name"},
                                           {"{\"colour\": 3}", "no setting"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_error(read_sidecar(wrong[i][0], &p), LB_E_FORMAT, wrong[i][1]);
    static char large[PREPARATION_MAX_SIDECAR + 2];
    memset(large, ' ', sizeof large - 1);
    assert_error(read_sidecar(large, &p), LB_E_FORMAT, "65537 bytes");
    assert_int_equal(p.width, 0); // untouched
}

static void a_sidecar_lies_beside_its_network(void **state) {
    (void)state;
    char network[300], path[300];
    const char *folder = test_folder();
    preparation p;
    snprintf(network, sizeof network, "%s/net.onnx", folder);
    snprintf(path, sizeof path, "%s/net.json", folder);
    preparation_init(&p);
    assert_ok(onnx_encoder_sidecar(network, &p));
    assert_int_equal(p.width, 0);
    test_write(path, "{\"size\": 7}", 11);
    assert_ok(onnx_encoder_sidecar(network, &p));
    assert_int_equal(p.height, 7);
    test_write(path, "{\"size\": 0}", 11);
    assert_error(onnx_encoder_sidecar(network, &p), LB_E_FORMAT, "net.json: size");
}

static void damaged_texts_are_no_settings(void **state) {
    (void)state;
    preparation p;
    static const char *const wrong[] = {
        "",
        "size=8",
        "size=8x8 resize=8x8 filter=bilinear range=1 mean=0,0,0 std=1,1,1 order=rgb",
        "resize=8x8 size=8x8 filter=bilinear range=1 mean=0,0,0 std=1,1,1 order=rgb output=",
        "size=8x8 resize=4x4 filter=bilinear range=1 mean=0,0,0 std=1,1,1 order=rgb output=",
        "size=8x8  resize=8x8 filter=bilinear range=1 mean=0,0,0 std=1,1,1 order=rgb output=",
        "size=8x8 resize=8x8 filter=bilinear range=1 mean=0,0,0 std=1,1,1 order=rgb tiles=7 "
        "output="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_error(preparation_parse(wrong[i], &p), LB_E_FORMAT, "settings of a network");
}

/* 4 x 2 pixels of known values go to 2 x 2 from the middle. */
static void pixels_become_numbers_in_order(void **state) {
    (void)state;
    static const char *const settings[] = {"size=2",     "resize=4x2", "range=255",
                                           "mean=1,2,3", "std=1,2,4",  NULL};
    preparation p = prepare(settings);
    image picture = picture_new(4, 2);
    picture_fill(&picture, 0, 0, 4, 2, 0xffffff);
    picture_set(&picture, 1, 0, 0x0a141e); // 10 20 30
    picture_set(&picture, 2, 0, 0x0b151f); // 11 21 31
    picture_set(&picture, 1, 1, 0x0c1620); // 12 22 32
    picture_set(&picture, 2, 1, 0x0d1721); // 13 23 33
    static const float planes[] = {9, 10, 11, 12, 9, 9.5f, 10, 10.5f, 6.75f, 7, 7.25f, 7.5f};
    static const float pixels[] = {9, 9, 6.75f, 10, 9.5f, 7, 11, 10, 7.25f, 12, 10.5f, 7.5f};
    static const float turned[] = {29, 30, 31, 32, 9, 9.5f, 10, 10.5f, 1.75f, 2, 2.25f, 2.5f};
    float got[12];
    assert_ok(preparation_apply(&p, &picture, false, got));
    assert_memory_equal(got, planes, sizeof got);
    assert_ok(preparation_apply(&p, &picture, true, got));
    assert_memory_equal(got, pixels, sizeof got);
    p.bgr = true;
    assert_ok(preparation_apply(&p, &picture, false, got));
    assert_memory_equal(got, turned, sizeof got);
    p.range = 1;
    assert_ok(preparation_apply(&p, &picture, false, got));
    assert_true(fabs((double)got[0] - (30.0 / 255 - 1)) < 1e-6);
    image_free(&picture);
}

static void the_middle_is_taken(void **state) {
    (void)state;
    static const char *const settings[] = {"size=10", "resize=10", "range=255", NULL};
    preparation p = prepare(settings);
    float got[300];
    for (size_t lying = 0; lying < 2; lying++) {
        image picture = picture_new(lying ? 90 : 30, lying ? 30 : 90);
        if (lying)
            picture_fill(&picture, 30, 0, 60, 30, 0xffffff);
        else
            picture_fill(&picture, 0, 30, 30, 60, 0xffffff);
        assert_ok(preparation_apply(&p, &picture, false, got));
        double sum = 0;
        for (size_t i = 0; i < 300; i++) sum += (double)got[i];
        assert_true(sum / 300 > 230); // all but the border's softness
        image_free(&picture);
    }
    assert_int_equal(preparation_wanted(&p), 20);
}

static size_t count_views(const preparation *p, size_t width, size_t height) {
    image_window w;
    size_t n = 0;
    while (preparation_view(p, width, height, n, &w)) {
        assert_true(w.width >= 1 && w.height >= 1);
        assert_true(w.left + w.width <= width && w.top + w.height <= height);
        n++;
    }
    return n;
}

static void tiles_cover_a_picture(void **state) {
    (void)state;
    static const char *const settings[] = {"size=224", "tiles=2", NULL};
    static const image_window expected[] = {
        {0, 0, 300, 460},                                             // the whole
        {0, 0, 300, 300},   {0, 80, 300, 300},    {0, 160, 300, 300}, // as wide as the picture
        {0, 0, 200, 200},   {100, 0, 200, 200},   {0, 86, 200, 200},  {100, 86, 200, 200},
        {0, 173, 200, 200}, {100, 173, 200, 200}, {0, 260, 200, 200}, {100, 260, 200, 200}};
    enum { N = sizeof expected / sizeof *expected };
    preparation p = prepare(settings);
    assert_int_equal(count_views(&p, 300, 460), N);
    for (size_t i = 0; i < N; i++) {
        image_window w;
        assert_true(preparation_view(&p, 300, 460, i, &w));
        assert_memory_equal(&w, &expected[i], sizeof w);
    }
    assert_int_equal(preparation_wanted(&p), 672);      // 448 in each tile of two thirds
    assert_int_equal(count_views(&p, 300, 300), 1 + 4); // a square of the whole is no tile
    assert_int_equal(count_views(&p, 1, 1), 1);
    assert_int_equal(count_views(&p, 20000, 1), 1 + 2 * PREPARATION_MAX_ROW);
    p.tiles = PREPARATION_MAX_TILES;
    assert_int_equal(count_views(&p, 1, 1), 1);
    assert_int_equal(count_views(&p, 90, 90), 1 + 4 + 9 + 16);
    for (size_t side = 1; side < 40; side++)
        assert_true(count_views(&p, side, 23) >= 1 + 4 * (side > 1));
    p.tiles = 0;
    assert_int_equal(count_views(&p, 300, 460), 1);
    assert_int_equal(preparation_wanted(&p), 448);
}

static void any_shape_is_prepared(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {20000, 1}, {1, 20000}, {3, 2}};
    preparation p;
    float *got = malloc(224 * 224 * 3 * sizeof *got);
    assert_non_null(got);
    preparation_init(&p);
    assert_ok(preparation_preset(&p, "clip"));
    for (size_t i = 0; i < 4; i++) {
        image picture = picture_new(sizes[i][0], sizes[i][1]);
        picture_fill(&picture, 0, 0, picture.width, picture.height, 0xff0000);
        assert_ok(preparation_apply(&p, &picture, false, got));
        assert_true(fabsf(got[224 * 112] - 1.9303f) < 1e-3f);
        assert_true(fabsf(got[224 * 224] + 1.7521f) < 1e-3f);
        image_free(&picture);
    }
    free(got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_one_text),
        cmocka_unit_test(wrong_settings_are_explained),
        cmocka_unit_test(presets_are_known),
        cmocka_unit_test(sidecars_are_read),
        cmocka_unit_test(a_sidecar_lies_beside_its_network),
        cmocka_unit_test(damaged_texts_are_no_settings),
        cmocka_unit_test(pixels_become_numbers_in_order),
        cmocka_unit_test(the_middle_is_taken),
        cmocka_unit_test(tiles_cover_a_picture),
        cmocka_unit_test(any_shape_is_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
