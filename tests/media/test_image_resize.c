/* Resizing against what Pillow makes of the same picture. */
#include "pictures.h"

enum { WIDTH = 23, HEIGHT = 17, N_KNOWN = 36 };

/* As numpy has it: (x * x * 31 + y * 57 + x * y * 17 + c * 91) & 255. */
static image draw_noise(void) {
    image p = picture_new(WIDTH, HEIGHT);
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            for (size_t c = 0; c < 3; c++)
                p.rgb[(y * WIDTH + x) * 3 + c] = (unsigned char)(x * x * 31 + y * 57 + x * y * 17 +
                                                                 c * 91);
    return p;
}

/* The first samples of Image.resize((width, height), filter), of Pillow 9.4. */
static const struct {
    image_filter filter;
    size_t width, height;
    unsigned char known[N_KNOWN];
} cases[] = {
    {IMAGE_BILINEAR, 4, 3, {137, 131, 131, 137, 138, 119, 133, 136, 113, 120, 125, 131,
                            126, 127, 114, 117, 133, 122, 128, 137, 132, 126, 133, 125,
                            129, 120, 129, 130, 120, 122, 139, 115, 125, 122, 135, 138}},
    {IMAGE_BILINEAR, 26, 2, {110, 118, 130, 128, 124, 139, 140, 137, 137, 132, 139, 127,
                             144, 130, 107, 146, 123, 108, 120, 126, 135, 138, 134, 123,
                             141, 119, 108, 109, 126, 139, 121, 134, 139, 140, 117, 128}},
    {IMAGE_BICUBIC, 4, 3, {137, 130, 133, 140, 139, 117, 134, 138, 110, 118, 122, 133,
                           126, 126, 113, 113, 134, 122, 128, 140, 132, 126, 131, 124,
                           129, 119, 129, 131, 117, 124, 141, 111, 125, 121, 137, 140}},
    {IMAGE_BICUBIC, 26, 2, {108, 118, 130, 128, 123, 139, 144, 140, 138, 128, 141, 129,
                            144, 132, 103, 151, 122, 103, 115, 126, 139, 140, 136, 122,
                            140, 120, 106, 107, 126, 143, 122, 138, 139, 145, 111, 131}},
    {IMAGE_LANCZOS, 4, 3, {137, 129, 136, 142, 141, 114, 134, 138, 109, 117, 120, 135,
                           128, 124, 113, 112, 135, 122, 127, 142, 132, 127, 129, 124,
                           128, 119, 128, 132, 115, 125, 142, 111, 126, 121, 140, 140}},
    {IMAGE_LANCZOS, 26, 2, {108, 118, 132, 125, 123, 139, 148, 140, 136, 124, 140, 129,
                            142, 132, 98,  152, 122, 100, 112, 128, 143, 144, 137, 120,
                            139, 119, 105, 107, 126, 142, 120, 141, 138, 149, 107, 135}},
};

static void filters_give_what_pillow_gives(void **state) {
    (void)state;
    image p = draw_noise();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image got;
        image_window all = {0, 0, cases[i].width, cases[i].height};
        assert_ok(
            image_resize_window(&p, cases[i].width, cases[i].height, cases[i].filter, &all, &got));
        for (size_t k = 0; k < N_KNOWN; k++)
            if (abs(got.rgb[k] - cases[i].known[k]) > 1)
                fail_msg("case %zu sample %zu is %d, Pillow has %d", i, k, got.rgb[k],
                         cases[i].known[k]);
        image_free(&got);
    }
    image_free(&p);
}

static void a_window_is_that_part_of_the_whole(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{11, 8}, {40, 33}, {23, 17}, {3, 60}};
    image p = draw_noise();
    for (size_t i = 0; i < 4 * IMAGE_N_FILTERS; i++) {
        size_t width = sizes[i / 3][0], height = sizes[i / 3][1];
        image_filter filter = (image_filter)(i % 3);
        image_window all = {0, 0, width, height}, part = {width / 3, height / 4, 2, 5};
        image whole, got;
        if (part.left + part.width > width) part.width = 1;
        assert_ok(image_resize_window(&p, width, height, filter, &all, &whole));
        assert_ok(image_resize_window(&p, width, height, filter, &part, &got));
        assert_int_equal(got.width, part.width);
        assert_int_equal(got.height, part.height);
        for (size_t y = 0; y < got.height; y++)
            for (size_t x = 0; x < got.width; x++)
                assert_int_equal(picture_get(&got, x, y),
                                 picture_get(&whole, part.left + x, part.top + y));
        image_free(&whole);
        image_free(&got);
    }
    image_free(&p);
}

/* The whole would have 3 * 10^11 pixels. */
static void a_window_needs_no_whole(void **state) {
    (void)state;
    image p = picture_new(20000, 1), got;
    picture_fill(&p, 0, 0, 20000, 1, 0x336699);
    image_window middle = {(size_t)2240000 - 112, 0, 224, 224};
    assert_ok(image_resize_window(&p, 4480000, 65536, IMAGE_BICUBIC, &middle, &got));
    for (size_t i = 0; i < 224; i++) assert_int_equal(picture_get(&got, i, i), 0x336699);
    image_free(&got);
    image_free(&p);
}

static void windows_must_lie_within(void **state) {
    (void)state;
    static const image_window wrong[] = {{0, 0, 9, 1}, {0, 0, 1, 7},        {8, 0, 1, 1},
                                         {0, 6, 1, 1}, {SIZE_MAX, 0, 2, 1}, {1, 0, SIZE_MAX, 1}};
    image p = draw_noise(), got = {0, 0, NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_error(image_resize_window(&p, 8, 6, IMAGE_LANCZOS, &wrong[i], &got), LB_E_ARGUMENT,
                     "not within 8 x 6");
    assert_error(image_resize_window(&p, 8, 6, IMAGE_LANCZOS, &(image_window){0, 0, 0, 1}, &got),
                 LB_E_ARGUMENT, "cannot be made");
    assert_null(got.rgb);
    image_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_give_what_pillow_gives),
        cmocka_unit_test(a_window_is_that_part_of_the_whole),
        cmocka_unit_test(a_window_needs_no_whole),
        cmocka_unit_test(windows_must_lie_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
