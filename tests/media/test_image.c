#include "pictures.h"

#include "core/random.h"

static image decode(file_bytes file, size_t wanted) {
    image p;
    assert_ok(image_decode(file.bytes, file.size, wanted, IMAGE_MAX_PIXELS, &p));
    free(file.bytes);
    return p;
}

static void assert_close(const image *got, const image *expected, int tolerance) {
    assert_int_equal(got->width, expected->width);
    assert_int_equal(got->height, expected->height);
    for (size_t i = 0; i < got->width * got->height * 3; i++)
        if (abs(got->rgb[i] - expected->rgb[i]) > tolerance)
            fail_msg("sample %zu is %d, expected %d", i, got->rgb[i], expected->rgb[i]);
}

/* The middle of each quarter, where compression and resampling leave colours alone. */
static void assert_quarters_close(const image *got, const image *expected, int tolerance) {
    for (size_t i = 0; i < 4; i++) {
        size_t x = 1 + 2 * (i % 2), y = 1 + 2 * (i / 2);
        unsigned wanted = picture_get(expected, expected->width * x / 4, expected->height * y / 4);
        if (picture_differ(got, got->width * x / 4, got->height * y / 4, wanted) > tolerance)
            fail_msg("quarter %zu is %06x, expected %06x", i,
                     picture_get(got, got->width * x / 4, got->height * y / 4), wanted);
    }
}

/* Four flat quarters. */
static image draw_quarters(size_t width, size_t height) {
    image p = picture_new(width, height);
    picture_fill(&p, 0, 0, width / 2, height / 2, 0xc83232);
    picture_fill(&p, width / 2, 0, width, height / 2, 0x32a050);
    picture_fill(&p, 0, height / 2, width / 2, height, 0x3250c8);
    picture_fill(&p, width / 2, height / 2, width, height, 0xe6e6d2);
    return p;
}

static void formats_are_read_by_content(void **state) {
    (void)state;
    image p = draw_quarters(64, 48);
    image png = decode(png_store_picture(&p), 0);
    assert_close(&png, &p, 0);
    image webp = decode(webp_store(&p, 1), 0);
    assert_close(&webp, &p, 0);
    image lossy = decode(webp_store(&p, 0), 0);
    assert_quarters_close(&lossy, &p, 12);
    image jpeg = decode(jpeg_store_picture(&p), 0);
    assert_quarters_close(&jpeg, &p, 6);
    assert_int_equal(jpeg.width, 64);
    image progressive = decode(jpeg_store(p.rgb, p.width, p.height, (jpeg_kind){.progressive = 1}),
                               0);
    assert_close(&progressive, &jpeg, 0);
    image_free(&progressive);
    image_free(&jpeg);
    image_free(&lossy);
    image_free(&webp);
    image_free(&png);
    image_free(&p);
}

static void jpeg_shrinks_to_what_is_wanted(void **state) {
    (void)state;
    static const size_t cases[][3] = {// wanted, width, height
                                      {0, 800, 400},   {400, 800, 400}, {399, 800, 400},
                                      {350, 700, 350}, {349, 700, 350}, {100, 200, 100},
                                      {99, 200, 100},  {1, 100, 50},    {9999, 800, 400}};
    image p = draw_quarters(800, 400);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image small = decode(jpeg_store_picture(&p), cases[i][0]);
        assert_int_equal(small.width, cases[i][1]);
        assert_int_equal(small.height, cases[i][2]);
        assert_quarters_close(&small, &p, 6);
        image_free(&small);
    }
    image_free(&p);
}

static void webp_shrinks_to_what_is_wanted(void **state) {
    (void)state;
    static const size_t cases[][3] = {// wanted, width, height
                                      {0, 800, 400},   {350, 700, 350}, {349, 700, 350},
                                      {100, 200, 100}, {1, 100, 50},    {9999, 800, 400}};
    image p = draw_quarters(800, 400);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        image small = decode(webp_store(&p, i % 2), cases[i / 2][0]);
        assert_int_equal(small.width, cases[i / 2][1]);
        assert_int_equal(small.height, cases[i / 2][2]);
        assert_quarters_close(&small, &p, 8);
        image_free(&small);
    }
    image_free(&p);
}

/* What a viewer shows for each orientation of a stored picture with its marked corner top left. */
static void jpeg_follows_exif_orientation(void **state) {
    (void)state;
    static const struct {
        size_t x, y; // where the marked corner must come to lie, in thirds
        int turned;
    } expected[9] = {{0, 0, 0}, {0, 0, 0}, {2, 0, 0}, {2, 2, 0}, {0, 2, 0},
                     {0, 0, 1}, {2, 0, 1}, {2, 2, 1}, {0, 2, 1}};
    image p = picture_new(96, 48);
    picture_fill(&p, 0, 0, 96, 48, 0xffffff);
    picture_fill(&p, 0, 0, 32, 16, 0x000000);
    picture_fill(&p, 64, 0, 96, 16, 0xff0000); // the end of the first row
    for (int o = 0; o <= 8; o++) {
        for (int big = 0; big < 2; big++) {
            jpeg_kind kind = {.orientation = o, .big_endian = big};
            image got = decode(jpeg_store(p.rgb, p.width, p.height, kind), 0);
            assert_int_equal(got.width, expected[o].turned ? 48 : 96);
            assert_int_equal(got.height, expected[o].turned ? 96 : 48);
            size_t x = got.width * (2 * expected[o].x + 1) / 6;
            size_t y = got.height * (2 * expected[o].y + 1) / 6;
            assert_true(picture_differ(&got, x, y, 0x000000) < 24);
            // The first row runs along x unless turned, away from the marked corner.
            if (expected[o].turned)
                y = got.height - 1 - y;
            else
                x = got.width - 1 - x;
            assert_true(picture_differ(&got, x, y, 0xff0000) < 60);
            image_free(&got);
        }
    }
    image_free(&p);
}

/* A file with a chunk put in: behind the header of a PNG, at the end of a WebP. */
static file_bytes with_exif(file_bytes file, int png, unsigned orientation, int prefixed) {
    unsigned char exif[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0";
    exif[6 + 19] = (unsigned char)orientation;
    size_t skip = prefixed ? 0 : 6, length = sizeof exif - 1 - skip, at = png ? 33 : file.size;
    size_t room = length + (png ? 12 : 8) + length % 2;
    unsigned char *bytes = calloc(file.size + room, 1), *chunk = bytes + at;
    assert_non_null(bytes);
    memcpy(bytes, file.bytes, at);
    memcpy(chunk + (png ? 4 : 0), png ? "eXIf" : "EXIF", 4);
    chunk[png ? 3 : 4] = (unsigned char)length;
    memcpy(chunk + 8, exif + skip, length);
    if (png) { // libpng takes the checksum of what it does not know as it is given
        uint32_t crc = 0xffffffff;
        for (size_t i = 4; i < length + 8; i++) {
            crc ^= chunk[i];
            for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
        for (size_t i = 0; i < 4; i++)
            chunk[length + 8 + i] = (unsigned char)(~crc >> (24 - 8 * i));
        room = length + 12;
    } else {
        uint32_t riff = (uint32_t)(file.size + room - 8);
        for (size_t i = 0; i < 4; i++) bytes[4 + i] = (unsigned char)(riff >> 8 * i);
    }
    memcpy(bytes + at + room, file.bytes + at, file.size - at);
    free(file.bytes);
    return (file_bytes){bytes, file.size + room};
}

/* Orientation 6 is stored lying and shown turned to the right: the top left goes to the top right.
 */
static void png_and_webp_follow_exif_orientation(void **state) {
    (void)state;
    image p = draw_quarters(48, 32);
    for (int i = 0; i < 8; i++) {
        int png = i % 2, prefixed = i / 2 % 2, turned = i / 4;
        file_bytes file = png ? png_store_picture(&p) : webp_store(&p, 1);
        image got = decode(with_exif(file, png, turned ? 6 : 9, prefixed), 0);
        assert_int_equal(got.width, turned ? 32 : 48);
        assert_int_equal(got.height, turned ? 48 : 32);
        assert_int_equal(picture_get(&got, turned ? 24 : 8, 8), 0xc83232);
        assert_int_equal(picture_get(&got, turned ? 8 : 40, turned ? 8 : 24),
                         turned ? 0x3250c8 : 0xe6e6d2);
        image_free(&got);
    }
    image_free(&p);
}

static void jpeg_ignores_a_damaged_exif(void **state) {
    (void)state;
    image p = draw_quarters(32, 32);
    file_bytes good = jpeg_store(p.rgb, 32, 32, (jpeg_kind){.orientation = 6});
    random_stream r = random_open(3, "exif", 0);
    for (int i = 0; i < 500; i++) {
        file_bytes bad = {malloc(good.size), good.size};
        assert_non_null(bad.bytes);
        memcpy(bad.bytes, good.bytes, good.size);
        unsigned char *exif = NULL;
        for (size_t k = 0; k + 6 < bad.size && !exif; k++)
            if (memcmp(bad.bytes + k, "Exif\0", 6) == 0) exif = bad.bytes + k + 6;
        assert_non_null(exif);
        for (int k = 0; k < 4; k++) exif[random_below(&r, 26)] = (unsigned char)random_u64(&r);
        image got = decode(bad, 0);
        assert_int_equal(got.width, 32);
        image_free(&got);
    }
    free(good.bytes);
    image_free(&p);
}

static void jpeg_reads_grey_and_four_colours(void **state) {
    (void)state;
    unsigned char grey[32 * 32], inks[32 * 32 * 4];
    memset(grey, 77, sizeof grey);
    image g = decode(jpeg_store(grey, 32, 32, (jpeg_kind){.in = JCS_GRAYSCALE, .components = 1}),
                     0);
    assert_true(picture_differ(&g, 16, 16, 0x4d4d4d) <= 2);
    image_free(&g);
    // libjpeg writes an Adobe marker with CMYK, and Adobe's samples are inverted: 255 is no ink.
    for (size_t i = 0; i < 32 * 32; i++) memcpy(inks + 4 * i, "\xff\x80\x00\xc0", 4);
    jpeg_kind kinds[] = {{.in = JCS_CMYK, .stored = JCS_CMYK, .components = 4},
                         {.in = JCS_CMYK, .stored = JCS_YCCK, .components = 4}};
    for (size_t i = 0; i < 2; i++) {
        image c = decode(jpeg_store(inks, 32, 32, kinds[i]), 0);
        assert_true(picture_differ(&c, 16, 16, 0xc06000) <= 4);
        image_free(&c);
    }
    // Without it 255 is all ink.
    for (size_t i = 0; i < 32 * 32; i++) memcpy(inks + 4 * i, "\x00\x7f\xff\x3f", 4);
    kinds[0].no_adobe = 1;
    image c = decode(jpeg_store(inks, 32, 32, kinds[0]), 0);
    assert_true(picture_differ(&c, 16, 16, 0xc06000) <= 4);
    image_free(&c);
}

static void png_reads_every_kind_of_pixel(void **state) {
    (void)state;
    const unsigned char deep[] = {0x12, 0x34, 0x80, 0x00, 0xff, 0xff};
    const unsigned char grey_alpha[] = {100, 255, 100, 0, 100, 128};
    const unsigned char rgba[] = {200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 51};
    const unsigned char indices[] = {0, 1, 2}, bits[] = {0xa0};
    const struct {
        const unsigned char *rows;
        size_t width;
        int depth, type;
        unsigned expected[3];
    } cases[] = {
        {deep, 1, 16, PNG_COLOR_TYPE_RGB, {0x1280ff}},
        {deep, 3, 16, PNG_COLOR_TYPE_GRAY, {0x121212, 0x808080, 0xffffff}},
        {grey_alpha, 3, 8, PNG_COLOR_TYPE_GRAY_ALPHA, {0x646464, 0xffffff, 0xb1b1b1}},
        {rgba, 3, 8, PNG_COLOR_TYPE_RGB_ALPHA, {0xc86432, 0xffffff, 0xf4e0d6}},
        {indices, 3, 8, PNG_COLOR_TYPE_PALETTE, {0xff0000, 0x00ff00, 0x7f7fff}},
        {bits, 3, 1, PNG_COLOR_TYPE_GRAY, {0xffffff, 0x000000, 0xffffff}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image p = decode(
            png_store(cases[i].rows, cases[i].width, 1, cases[i].depth, cases[i].type, 0), 0);
        assert_int_equal(p.width, cases[i].width);
        for (size_t x = 0; x < p.width; x++)
            if (picture_differ(&p, x, 0, cases[i].expected[x]) > 1)
                fail_msg("case %zu pixel %zu: %06x", i, x, picture_get(&p, x, 0));
        image_free(&p);
    }
    image p = picture_draw(37, 23);
    image interlaced = decode(png_store(p.rgb, 37, 23, 8, PNG_COLOR_TYPE_RGB, 1), 0);
    assert_close(&interlaced, &p, 0);
    image_free(&interlaced);
    image_free(&p);
}

static void webp_transparency_is_composed_on_white(void **state) {
    (void)state;
    unsigned char rgba[16 * 16 * 4];
    for (size_t i = 0; i < 16 * 16; i++)
        memcpy(rgba + 4 * i, i % 16 < 8 ? "\xc8\x64\x32\x33" : "\xc8\x64\x32\xff", 4);
    uint8_t *bytes;
    size_t size = WebPEncodeLosslessRGBA(rgba, 16, 16, 64, &bytes);
    assert_true(size > 0);
    image p;
    assert_ok(image_decode(bytes, size, 0, IMAGE_MAX_PIXELS, &p));
    WebPFree(bytes);
    assert_true(picture_differ(&p, 3, 3, 0xf4e0d6) <= 1);
    assert_true(picture_differ(&p, 12, 3, 0xc86432) == 0);
    image_free(&p);
}

/* An animation put together by hand: RIFF chunks VP8X, ANIM and one ANMF with a still inside. */
static void webp_animation_gives_its_first_frame(void **state) {
    (void)state;
    image p = draw_quarters(16, 16);
    file_bytes still = webp_store(&p, 1);
    size_t body = still.size - 12; // the chunks behind "RIFF....WEBP"
    unsigned char head[] =
        "RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0f\0\0ANIM\x06\0\0\0\0\0\0\0\0\0"
        "ANMF\0\0\0\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0\x64\0\0\0";
    size_t head_size = sizeof head - 1, riff = head_size + body - 8, frame = 16 + body;
    for (size_t i = 0; i < 4; i++) {
        head[4 + i] = (unsigned char)(riff >> 8 * i);
        head[48 + i] = (unsigned char)(frame >> 8 * i);
    }
    file_bytes moving = {malloc(head_size + body), head_size + body};
    assert_non_null(moving.bytes);
    memcpy(moving.bytes, head, head_size);
    memcpy(moving.bytes + head_size, still.bytes + 12, body);
    free(still.bytes);
    image got = decode(moving, 0);
    assert_close(&got, &p, 0);
    image_free(&got);
    image_free(&p);
}

static file_bytes store_as(size_t format, const image *p) {
    return format == 0   ? jpeg_store_picture(p)
           : format == 1 ? png_store_picture(p)
                         : webp_store(p, 1);
}

static void pictures_may_be_tiny_or_long(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {1, 2}, {20000, 1}, {1, 20000}, {20000, 30}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        image p = picture_new(sizes[i][0], sizes[i][1]);
        picture_fill(&p, 0, 0, p.width, p.height, 0x5a8c64);
        for (size_t k = 0; k < 6; k++) {
            if (k / 2 == 2 && p.width + p.height > 16384) continue; // beyond what a WebP can hold
            image got = decode(store_as(k / 2, &p), k % 2 * 448);
            assert_int_equal(got.width, p.width);
            assert_int_equal(got.height, p.height);
            assert_true(picture_differ(&got, p.width / 2, p.height / 2, 0x5a8c64) <= 3);
            image_free(&got);
        }
        image_free(&p);
    }
}

static void resizing_averages_over_the_footprint(void **state) {
    (void)state;
    image p = picture_new(64, 64);
    for (size_t y = 0; y < 64; y++) // a checkerboard: any skipped pixel would show
        for (size_t x = 0; x < 64; x++) picture_set(&p, x, y, (x + y) % 2 ? 0xffffff : 0);
    image small;
    assert_ok(image_resize(&p, 8, 8, &small));
    for (size_t i = 0; i < 64; i++)
        assert_true(picture_differ(&small, i % 8, i / 8, 0x808080) <= 2);
    image_free(&small);
    image_free(&p);
}

/* Weights worked out by hand: 4 -> 2 uses a triangle of half-width 2 around 1 and 3, cut off at the
 * ends and normalised: (.75 .75 .25) / 1.75 for the first three samples. */
static void resizing_has_the_documented_weights(void **state) {
    (void)state;
    image p = picture_new(4, 1);
    picture_set(&p, 0, 0, 0x0000ff);
    picture_set(&p, 2, 0, 0xff0000);
    image small, same, large;
    assert_ok(image_resize(&p, 2, 1, &small));
    assert_int_equal(small.rgb[0], 36);  // 255 * .25 / 1.75
    assert_int_equal(small.rgb[2], 109); // 255 * .75 / 1.75
    assert_int_equal(small.rgb[3], 109);
    assert_int_equal(small.rgb[5], 0);
    assert_ok(image_resize(&p, 4, 1, &same));
    assert_close(&same, &p, 0);
    assert_ok(image_resize(&p, 8, 3, &large));
    assert_int_equal(large.rgb[3 * 1 + 2], 191); // a quarter of the way to the next pixel
    assert_int_equal(large.rgb[3 * 2 + 2], 64);
    image_free(&large);
    image_free(&same);
    image_free(&small);
    image_free(&p);
}

static void resizing_keeps_flat_colours_at_any_size(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 16, 100, 255};
    image p = picture_new(33, 21);
    picture_fill(&p, 0, 0, 33, 21, 0xfb7f03);
    for (size_t i = 0; i < 7; i++) {
        for (size_t k = 0; k < 7; k++) {
            image got;
            assert_ok(image_resize(&p, sizes[i], sizes[k], &got));
            for (size_t y = 0; y < got.height; y++)
                for (size_t x = 0; x < got.width; x++)
                    assert_int_equal(picture_get(&got, x, y), 0xfb7f03);
            image_free(&got);
        }
    }
    image got;
    assert_error(image_resize(&p, 0, 5, &got), LB_E_ARGUMENT, "0 x 5");
    assert_error(image_new(SIZE_MAX / 4, 16, &got), LB_E_NOMEM, "too large");
    image_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_read_by_content),
        cmocka_unit_test(jpeg_shrinks_to_what_is_wanted),
        cmocka_unit_test(webp_shrinks_to_what_is_wanted),
        cmocka_unit_test(jpeg_follows_exif_orientation),
        cmocka_unit_test(png_and_webp_follow_exif_orientation),
        cmocka_unit_test(jpeg_ignores_a_damaged_exif),
        cmocka_unit_test(jpeg_reads_grey_and_four_colours),
        cmocka_unit_test(png_reads_every_kind_of_pixel),
        cmocka_unit_test(webp_transparency_is_composed_on_white),
        cmocka_unit_test(webp_animation_gives_its_first_frame),
        cmocka_unit_test(pictures_may_be_tiny_or_long),
        cmocka_unit_test(resizing_averages_over_the_footprint),
        cmocka_unit_test(resizing_has_the_documented_weights),
        cmocka_unit_test(resizing_keeps_flat_colours_at_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
