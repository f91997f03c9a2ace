#include "pictures.h"

#include <dirent.h>
#include <math.h>

#include "media/descriptor.h"

typedef struct described {
    float x[DESCRIPTOR_DIM];
    bool blank;
} described;

static described describe(const image *p) {
    described d;
    assert_ok(descriptor_compute(p, d.x, &d.blank));
    return d;
}

static double cosine(const described *a, const described *b) {
    double dot = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < DESCRIPTOR_DIM; i++) {
        dot += (double)a->x[i] * (double)b->x[i];
        aa += (double)a->x[i] * (double)a->x[i];
        bb += (double)b->x[i] * (double)b->x[i];
    }
    return dot / sqrt(aa * bb);
}

typedef enum pattern { PLAIN, STRIPES, BARS, DOTS, CHECKS } pattern;

/* A product on white: a box with a narrower top, of a colour, with a pattern in a second colour.
 * `scale` is the picture's side; `wide` draws it lying. */
static image draw_product(size_t side, unsigned color, unsigned second, pattern kind, bool wide) {
    image p = picture_new(side, side);
    picture_fill(&p, 0, 0, side, side, 0xffffff);
    for (size_t y = 0; y < side; y++) {
        for (size_t x = 0; x < side; x++) {
            double u = ((double)x + 0.5) / (double)side, v = ((double)y + 0.5) / (double)side;
            double across = wide ? v : u, along = wide ? u : v;
            bool inside = along > 0.1 && along < 0.9 &&
                          fabs(across - 0.5) < (along < 0.35 ? 0.15 : 0.25);
            int column = (int)(u * 20) % 2, row = (int)(v * 20) % 2;
            double du = u * 10 - floor(u * 10) - 0.5, dv = v * 10 - floor(v * 10) - 0.5;
            bool marked = (kind == STRIPES && column) || (kind == BARS && row) ||
                          (kind == CHECKS && (column ^ row)) ||
                          (kind == DOTS && du * du + dv * dv < 0.09);
            if (inside) picture_set(&p, x, y, marked ? second : color);
        }
    }
    return p;
}

static described describe_product(size_t side, unsigned color, unsigned second, pattern kind,
                                  bool wide) {
    image p = draw_product(side, color, second, kind, wide);
    described d = describe(&p);
    assert_false(d.blank);
    image_free(&p);
    return d;
}

enum { RED = 0xc02030, NAVY = 0x203070, WHITE = 0xf4f0e8, BLACK = 0x181818 };

static void same_picture_gives_the_same_bytes(void **state) {
    (void)state;
    described a = describe_product(200, RED, NAVY, DOTS, false);
    described b = describe_product(200, RED, NAVY, DOTS, false);
    assert_memory_equal(a.x, b.x, sizeof a.x);
}

static void descriptors_have_unit_norm_and_block_weights(void **state) {
    (void)state;
    static const struct {
        size_t size;
        double weight;
    } blocks[] = {{80, .20}, {108, .10}, {16, .06}, {128, .25}, {55, .22}, {76, .17}};
    described d = describe_product(150, RED, WHITE, STRIPES, false);
    size_t at = 0;
    for (size_t i = 0; i < 6; i++) {
        double sum = 0;
        for (size_t k = 0; k < blocks[i].size; k++, at++) {
            assert_true(isfinite(d.x[at]));
            sum += (double)d.x[at] * (double)d.x[at];
        }
        assert_true(fabs(sum - blocks[i].weight) < 1e-5);
    }
    assert_int_equal(at, DESCRIPTOR_DIM);
}

static void size_of_the_photo_matters_little(void **state) {
    (void)state;
    static const size_t sizes[] = {640, 200, 128, 100};
    for (int kind = PLAIN; kind <= CHECKS; kind++) {
        image full = draw_product(512, RED, WHITE, (pattern)kind, false), photo;
        assert_ok(image_resize(&full, 256, 256, &photo));
        described reference = describe(&photo);
        image_free(&photo);
        for (size_t i = 0; i < 4; i++) {
            assert_ok(image_resize(&full, sizes[i], sizes[i], &photo));
            described d = describe(&photo);
            if (cosine(&reference, &d) < 0.95)
                fail_msg("pattern %d at %zu: %.3f", kind, sizes[i], cosine(&reference, &d));
            image_free(&photo);
        }
        image_free(&full);
    }
}

static void place_in_the_photo_matters_little(void **state) {
    (void)state;
    image p = draw_product(160, NAVY, WHITE, BARS, false), framed = picture_new(200, 180);
    picture_fill(&framed, 0, 0, 200, 180, 0xffffff);
    for (size_t y = 0; y < 160; y++)
        for (size_t x = 0; x < 160; x++) picture_set(&framed, x + 38, y + 2, picture_get(&p, x, y));
    described a = describe(&p), b = describe(&framed);
    assert_true(cosine(&a, &b) > 0.9);
    image_free(&framed);
    image_free(&p);
}

static void colour_pattern_and_shape_are_told_apart(void **state) {
    (void)state;
    described red = describe_product(200, RED, 0, PLAIN, false);
    described darker = describe_product(200, 0xa81c2c, 0, PLAIN, false);
    described blue = describe_product(200, NAVY, 0, PLAIN, false);
    described lying = describe_product(200, RED, 0, PLAIN, true);
    assert_true(cosine(&red, &darker) > cosine(&red, &blue) + 0.1);
    assert_true(cosine(&red, &darker) > cosine(&red, &lying) + 0.1);
    // The same two colours in the same amounts, laid out differently.
    described stripes = describe_product(200, NAVY, WHITE, STRIPES, false);
    described others = describe_product(200, BLACK, WHITE, STRIPES, false);
    described bars = describe_product(200, NAVY, WHITE, BARS, false);
    described checks = describe_product(200, NAVY, WHITE, CHECKS, false);
    described dots = describe_product(200, NAVY, WHITE, DOTS, false);
    assert_true(cosine(&stripes, &bars) < 0.9);
    assert_true(cosine(&stripes, &checks) < 0.95);
    assert_true(cosine(&stripes, &dots) < 0.9);
    assert_true(cosine(&bars, &dots) < 0.9);
    assert_true(cosine(&blue, &stripes) < 0.75);
    assert_true(cosine(&others, &stripes) > cosine(&others, &blue));
}

static void one_colour_is_blank(void **state) {
    (void)state;
    static const unsigned colors[] = {0xffffff, 0, 0x808080, RED};
    image p = picture_new(90, 60);
    for (size_t i = 0; i < 4; i++) {
        picture_fill(&p, 0, 0, 90, 60, colors[i]);
        picture_set(&p, 4, 50, colors[i] ^ 0x010101); // noise is still blank
        described d = describe(&p);
        assert_true(d.blank);
        for (size_t k = 0; k < DESCRIPTOR_DIM; k++) assert_true(d.x[k] == 0.0f);
    }
    picture_fill(&p, 30, 20, 45, 30, NAVY);
    described d = describe(&p);
    assert_false(d.blank);
    image_free(&p);
}

static void any_size_of_picture_is_described(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{1, 1},    {1, 2},    {2, 1}, {3, 3},
                                      {1, 5000}, {5000, 1}, {17, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        image p = picture_draw(sizes[i][0], sizes[i][1]);
        described d = describe(&p);
        double norm = 0;
        for (size_t k = 0; k < DESCRIPTOR_DIM; k++) {
            assert_true(isfinite(d.x[k]));
            norm += (double)d.x[k] * (double)d.x[k];
        }
        assert_true(d.blank ? norm < 1e-12 : fabs(norm - 1) < 1e-4);
        image_free(&p);
    }
}

/* Real photos: a product is more like itself, smaller and cropped, than like the next ones. */
static void real_photos_find_themselves(void **state) {
    (void)state;
    enum { N = 120 };
    static described whole[N], changed[N];
    if (!test_shared_data()) {
        print_message("skipped: no shared data with real photos\n");
        skip();
    }
    const char *folder = TEST_SHARED_DATA "/fashion/photos";
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    size_t n = 0;
    for (struct dirent *e; n < N && (e = readdir(directory));) {
        if (e->d_name[0] == '.') continue;
        char path[1024];
        image p, crop, small;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        assert_ok(image_read(path, 0, IMAGE_MAX_PIXELS, &p));
        crop = picture_new(p.width - 8, p.height - 8);
        for (size_t y = 0; y < crop.height; y++)
            for (size_t x = 0; x < crop.width; x++)
                picture_set(&crop, x, y, picture_get(&p, x + 5, y + 3));
        assert_ok(image_resize(&crop, 128, 128, &small));
        whole[n] = describe(&p);
        changed[n++] = describe(&small);
        image_free(&small);
        image_free(&crop);
        image_free(&p);
    }
    closedir(directory);
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        for (size_t k = 1; k < n; k++)
            if (cosine(&changed[i], &whole[k]) > cosine(&changed[i], &whole[best])) best = k;
        found += best == i;
    }
    print_message("%zu of %zu photos found from a smaller crop\n", found, n);
    assert_true(found * 100 >= n * 95);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_picture_gives_the_same_bytes),
        cmocka_unit_test(descriptors_have_unit_norm_and_block_weights),
        cmocka_unit_test(size_of_the_photo_matters_little),
        cmocka_unit_test(place_in_the_photo_matters_little),
        cmocka_unit_test(colour_pattern_and_shape_are_told_apart),
        cmocka_unit_test(one_colour_is_blank),
        cmocka_unit_test(any_size_of_picture_is_described),
        cmocka_unit_test(real_photos_find_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
