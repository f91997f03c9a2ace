/* What is no picture, or no longer one, must be an error that says so. */
#include "pictures.h"

#include "core/random.h"

static void reject(const void *bytes, size_t size, lb_status code, const char *phrase) {
    image p = {1, 2, NULL};
    assert_error(image_decode(bytes, size, 0, IMAGE_MAX_PIXELS, &p), code, phrase);
    assert_true(p.width == 1 && p.height == 2 && !p.rgb); // untouched
}

static void other_content_is_named(void **state) {
    (void)state;
    reject("", 0, LB_E_FORMAT, "empty");
    reject("hello", 5, LB_E_FORMAT, "5 bytes that begin with 68 65 6c 6c 6f");
    reject("\xff\xd8", 2, LB_E_FORMAT, "neither JPEG, PNG nor WebP");
    reject("\x89PNG\r\n\x1a", 7, LB_E_FORMAT, "neither");
    reject("\x89PNG\n\n\x1a\nxxxxxxxx", 16, LB_E_FORMAT, "neither");
    reject("RIFFxxxxWAVEfmt ", 16, LB_E_FORMAT, "neither");
    reject("GIF89a..........", 16, LB_E_UNSUPPORTED, "GIF");
    reject("\0\0\0\x1c"
           "ftypavif....",
           16, LB_E_UNSUPPORTED, "AVIF");
    reject("<!DOCTYPE html><html>", 21, LB_E_UNSUPPORTED, "web page");
    static const char *const others[][2] = {
        {"II*.............", "TIFF"},          {"MM.*............", "TIFF"},
        {"....ftypheic....", "HEIC"},          {"....ftypmif1....", "HEIC"},
        {"....ftypisom....", "film"},          {"BM..............", "BMP"},
        {"%PDF-1.7........", "PDF"},           {"<svg xmlns=......", "SVG"},
        {" \n<?xml version=", "SVG"},          {"\xef\xbb\xbf<svg xmlns=...", "SVG"},
        {"\xff\x0a..............", "JPEG XL"}, {"PK\x03\x04............", "archive"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        reject(others[i][0], 16, LB_E_UNSUPPORTED, others[i][1]);
    reject("\xff\xd8\xff\xe0", 4, LB_E_FORMAT, "JPEG");
    reject("\x89PNG\r\n\x1a\n", 8, LB_E_FORMAT, "PNG");
    reject("RIFF\0\0\0\0WEBP", 12, LB_E_FORMAT, "WebP");
}

static void random_bytes_are_rejected(void **state) {
    (void)state;
    static const char *const starts[] = {"", "\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n",
                                         "RIFF\xf4\x0f\0\0WEBPVP8 \xe8\x0f\0\0",
                                         "RIFF\xf4\x0f\0\0WEBPVP8L\xe8\x0f\0\0"};
    static const size_t lengths[] = {0, 4, 8, 20, 20};
    random_stream r = random_open(1, "damage", 0);
    unsigned char bytes[4096];
    for (size_t i = 0; i < 500; i++) {
        for (size_t k = 0; k < sizeof bytes; k++) bytes[k] = (unsigned char)random_u64(&r);
        memcpy(bytes, starts[i % 5], lengths[i % 5]);
        image p = {0, 0, NULL};
        lb_status status = image_decode(bytes, sizeof bytes, 0, 1 << 20, &p);
        assert_true(status == LB_E_FORMAT || status == LB_E_UNSUPPORTED);
        assert_true(strlen(lb_last_error()) > 10);
    }
}

static file_bytes store(size_t kind, const image *p) {
    switch (kind) {
    case 0: return jpeg_store_picture(p);
    case 1: return jpeg_store(p->rgb, p->width, p->height, (jpeg_kind){.progressive = 1});
    case 2: return png_store_picture(p);
    case 3: return png_store(p->rgb, p->width, p->height, 8, PNG_COLOR_TYPE_RGB, 1);
    case 4: return webp_store(p, 0);
    case 5: return webp_store(p, 1);
    case 6: {
        jpeg_kind inks = {JCS_CMYK, JCS_YCCK, 4, 0, 6, 1, 0};
        return jpeg_store(p->rgb, p->width / 2, p->height / 2, inks);
    }
    default: return png_store(p->rgb, p->width / 2, p->height / 2, 8, PNG_COLOR_TYPE_RGB_ALPHA, 0);
    }
}

enum { KINDS = 8 };

static void cut_off_files_are_rejected_at_every_length(void **state) {
    (void)state;
    image p = picture_draw(40, 40);
    for (size_t kind = 0; kind < KINDS; kind++) {
        file_bytes file = store(kind, &p);
        // The last bytes may be padding or an end mark that no pixel depends on.
        size_t needed = file.size - (kind == 2 || kind == 3 || kind == 7 ? 16 : 4);
        for (size_t size = 0; size < file.size; size++) {
            unsigned char *cut = malloc(size + 1); // exactly sized, so that ASan sees overreads
            assert_non_null(cut);
            cut = realloc(cut, size ? size : 1);
            memcpy(cut, file.bytes, size);
            image got;
            lb_status status = image_decode(cut, size, 0, IMAGE_MAX_PIXELS, &got);
            if (status == LB_OK) {
                if (size < needed) fail_msg("kind %zu decodes from %zu bytes", kind, size);
                image_free(&got);
            } else {
                assert_int_equal(status, LB_E_FORMAT);
            }
            free(cut);
        }
        free(file.bytes);
    }
    image_free(&p);
}

/* Any outcome is allowed for a damaged file but a crash, a leak or an unexplained error. */
static void damaged_files_never_crash(void **state) {
    (void)state;
    image p = picture_draw(48, 40);
    for (size_t kind = 0; kind < KINDS; kind++) {
        file_bytes file = store(kind, &p);
        unsigned char *bad = malloc(file.size);
        assert_non_null(bad);
        for (uint64_t round = 0; round < 1500; round++) {
            random_stream r = random_open(kind, "mutations", round);
            memcpy(bad, file.bytes, file.size);
            size_t changes = 1 + random_below(&r, 8);
            size_t head = round % 2 && file.size > 200 ? 200 : file.size; // headers matter most
            for (size_t i = 0; i < changes; i++)
                bad[random_below(&r, head)] ^= (unsigned char)(1u << random_below(&r, 8));
            image got;
            lb_status status = image_decode(bad, file.size, round % 3 * 16, 1 << 20, &got);
            if (status == LB_OK) {
                assert_true(got.width * got.height <= 1 << 20);
                image_free(&got);
            } else {
                assert_true(status == LB_E_FORMAT || status == LB_E_UNSUPPORTED);
            }
        }
        free(bad);
        free(file.bytes);
    }
    image_free(&p);
}

static void pixel_budget_stops_bombs(void **state) {
    (void)state;
    image p = picture_draw(40, 40), got;
    for (size_t kind = 0; kind < 6; kind++) {
        file_bytes file = store(kind, &p);
        assert_ok(image_decode(file.bytes, file.size, 0, 1600, &got));
        image_free(&got);
        assert_error(image_decode(file.bytes, file.size, 0, 1599, &got), LB_E_UNSUPPORTED,
                     "40 x 40 pixels, more than the limit of 1599");
        free(file.bytes);
    }
    image_free(&p);
}

/* Files of a few bytes whose header asks for gigabytes. */
static void huge_sizes_in_small_files_are_refused(void **state) {
    (void)state;
    image p = picture_draw(40, 40);
    file_bytes jpeg = jpeg_store_picture(&p);
    for (size_t i = 0; i + 9 < jpeg.size; i++)
        if (jpeg.bytes[i] == 0xff && jpeg.bytes[i + 1] == 0xc0) {
            memcpy(jpeg.bytes + i + 5, "\xfd\xe8\xfd\xe8", 4); // height and width 65000
            break;
        }
    reject(jpeg.bytes, jpeg.size, LB_E_UNSUPPORTED, "65000 x 65000 pixels");
    free(jpeg.bytes);
    // A PNG's header carries a checksum: zlib's crc32 is what libpng uses, so let libpng write it.
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    file_bytes file = {NULL, 0};
    png_set_write_fn(png, &file, png_append, png_no_flush);
    png_set_IHDR(png, info, 900000, 900000, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, info);
    png_write_chunk(png, (png_const_bytep) "IDAT", (png_const_bytep) "\x78\x9c\x03\0\0\0\0\1", 8);
    png_destroy_write_struct(&png, &info);
    reject(file.bytes, file.size, LB_E_UNSUPPORTED, "900000 x 900000 pixels");
    free(file.bytes);
    // VP8L: signature 0x2f, then 14 bits each of width - 1 and height - 1.
    static const unsigned char webp[] = "RIFF\x14\0\0\0WEBPVP8L\x08\0\0\0\x2f\xff\xff\xff\x0f\0\0";
    reject(webp, sizeof webp - 1 + 1, LB_E_UNSUPPORTED, "16384 x 16384 pixels");
    image_free(&p);
}

/* One scan of a progressive JPEG repeated: each costs a pass over all pixels. */
static void endless_scans_are_refused(void **state) {
    (void)state;
    unsigned char grey[64 * 64];
    for (size_t i = 0; i < sizeof grey; i++) grey[i] = (unsigned char)(i * 7);
    jpeg_kind kind = {.in = JCS_GRAYSCALE, .components = 1, .progressive = 2};
    file_bytes file = jpeg_store(grey, 64, 64, kind);
    size_t scan = 0, end = 0; // the last scan, from its start mark to the end mark
    for (size_t i = 0; i + 1 < file.size; i++) {
        if (file.bytes[i] == 0xff && file.bytes[i + 1] == 0xda) scan = i;
        if (file.bytes[i] == 0xff && file.bytes[i + 1] == 0xd9) end = i;
    }
    assert_true(scan && end > scan);
    size_t length = end - scan, repeats = 200;
    unsigned char *long_file = malloc(end + repeats * length + 2);
    assert_non_null(long_file);
    memcpy(long_file, file.bytes, end);
    for (size_t i = 0; i < repeats; i++)
        memcpy(long_file + end + i * length, file.bytes + scan, length);
    memcpy(long_file + end + repeats * length, "\xff\xd9", 2);
    reject(long_file, end + repeats * length + 2, LB_E_FORMAT, "more than 100 scans");
    free(long_file);
    free(file.bytes);
}

static void files_are_named_in_errors(void **state) {
    (void)state;
    char path[512];
    const char *folder = test_folder();
    image p;
    snprintf(path, sizeof path, "%s/none.jpg", folder);
    assert_error(image_read(path, 0, IMAGE_MAX_PIXELS, &p), LB_E_NOT_FOUND, "none.jpg");
    snprintf(path, sizeof path, "%s/empty.jpg", folder);
    test_write(path, "", 0);
    assert_error(image_read(path, 0, IMAGE_MAX_PIXELS, &p), LB_E_FORMAT, "empty.jpg: the file is");
    snprintf(path, sizeof path, "%s/page.png", folder);
    test_write(path, "<html>", 6);
    assert_error(image_read(path, 0, IMAGE_MAX_PIXELS, &p), LB_E_UNSUPPORTED, "page.png: this is");
    assert_error(image_read(folder, 0, IMAGE_MAX_PIXELS, &p), LB_E_IO, folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_content_is_named),
        cmocka_unit_test(random_bytes_are_rejected),
        cmocka_unit_test(cut_off_files_are_rejected_at_every_length),
        cmocka_unit_test(damaged_files_never_crash),
        cmocka_unit_test(pixel_budget_stops_bombs),
        cmocka_unit_test(huge_sizes_in_small_files_are_refused),
        cmocka_unit_test(endless_scans_are_refused),
        cmocka_unit_test(files_are_named_in_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
