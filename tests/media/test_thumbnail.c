#include "support.h"

#include <unistd.h>

#include "media/thumbnail.h"

/* A smooth picture: red to the right, green downwards. */
static image slope(size_t width, size_t height) {
    image p;
    assert_ok(image_new(width, height, &p));
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            unsigned char *c = p.rgb + (y * width + x) * 3;
            c[0] = (unsigned char)(x * 255 / width);
            c[1] = (unsigned char)(y * 255 / height);
            c[2] = 60;
        }
    return p;
}

static void thumbnails_fit_and_look_alike(void **state) {
    (void)state;
    static const size_t sizes[][4] = {{200, 100, 64, 32}, {100, 200, 32, 64}, {30, 20, 30, 20},
                                      {64, 64, 64, 64},   {1000, 3, 64, 1},   {1, 1, 1, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        image p = slope(sizes[i][0], sizes[i][1]), back = {0};
        thumbnail t;
        assert_ok(thumbnail_make(&p, 64, 80, &t));
        assert_int_equal(t.width, sizes[i][2]);
        assert_int_equal(t.height, sizes[i][3]);
        assert_ok(image_decode(t.jpeg, t.size, 0, IMAGE_MAX_PIXELS, &back));
        assert_int_equal(back.width, t.width);
        assert_int_equal(back.height, t.height);
        for (size_t c = 0; c < 3 && i < 4; c++) { // the middle
            size_t x = back.width / 2, y = back.height / 2;
            int got = back.rgb[(y * back.width + x) * 3 + c];
            assert_in_range(got - (c < 2 ? 127 : 60) + 20, 0, 40);
        }
        image_free(&back);
        image_free(&p);
        thumbnail_free(&t);
        thumbnail_free(&t);
    }
}

static void the_same_picture_gives_the_same_bytes(void **state) {
    (void)state;
    image p = slope(120, 90);
    thumbnail a, b, low;
    assert_ok(thumbnail_make(&p, 64, 80, &a));
    assert_ok(thumbnail_make(&p, 64, 80, &b));
    assert_ok(thumbnail_make(&p, 64, 20, &low));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.jpeg, b.jpeg, a.size);
    assert_true(low.size < a.size);
    image_free(&p);
    thumbnail_free(&a);
    thumbnail_free(&b);
    thumbnail_free(&low);
}

static void damaged_files_are_errors_with_their_name(void **state) {
    (void)state;
    char path[300];
    const char *folder = test_folder();
    image p = slope(80, 80);
    thumbnail whole, t;
    snprintf(path, sizeof path, "%s/picture", folder);
    assert_error(thumbnail_read(path, 64, 80, &t), LB_E_NOT_FOUND, path);
    test_write(path, "", 0);
    assert_error(thumbnail_read(path, 64, 80, &t), LB_E_FORMAT, path);
    test_write(path, "not a picture at all", 20);
    assert_int_not_equal(thumbnail_read(path, 64, 80, &t), LB_OK);
    assert_ok(thumbnail_encode(&p, 90, &whole));
    for (size_t cut = 2; cut < whole.size - 2; cut += whole.size / 7) {
        test_write(path, whole.jpeg, cut);
        assert_error(thumbnail_read(path, 64, 80, &t), LB_E_FORMAT, path);
    }
    test_write(path, whole.jpeg, whole.size);
    assert_ok(thumbnail_read(path, 64, 80, &t));
    assert_int_equal(t.width, 64);
    thumbnail_free(&t);
    thumbnail_free(&whole);
    image_free(&p);
    unlink(path);
    rmdir(folder);
}

static void bad_arguments_are_named(void **state) {
    (void)state;
    image p = slope(10, 10), none = {0}, huge = {70000, 1, p.rgb};
    thumbnail t;
    assert_error(thumbnail_encode(&p, 0, &t), LB_E_ARGUMENT, "quality");
    assert_error(thumbnail_encode(&p, 101, &t), LB_E_ARGUMENT, "quality");
    assert_error(thumbnail_encode(&none, 80, &t), LB_E_ARGUMENT, "0 x 0");
    assert_error(thumbnail_encode(&huge, 80, &t), LB_E_ARGUMENT, "70000");
    assert_error(thumbnail_make(&p, 0, 80, &t), LB_E_ARGUMENT, "0 pixels");
    image_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thumbnails_fit_and_look_alike),
        cmocka_unit_test(the_same_picture_gives_the_same_bytes),
        cmocka_unit_test(damaged_files_are_errors_with_their_name),
        cmocka_unit_test(bad_arguments_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
