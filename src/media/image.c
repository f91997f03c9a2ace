#include "media/image.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "media/image_formats.h"

/* Picture formats that shops have and this module does not read, so that the error can name them.
 */
typedef struct foreign_format {
    const char *name;
    size_t offset;
    const char *magic;
} foreign_format;

static const foreign_format foreign_formats[] = {
    {"GIF", 0, "GIF8"},          {"BMP", 0, "BM"},          {"TIFF", 0, "II*"},
    {"TIFF", 0, "II+"},          {"TIFF", 0, "MM"},         {"AVIF", 4, "ftypavi"},
    {"HEIC", 4, "ftyphe"},       {"HEIC", 4, "ftypmif1"},   {"HEIC", 4, "ftypmsf1"},
    {"a film", 4, "ftyp"},       {"JPEG XL", 4, "JXL "},    {"JPEG XL", 0, "\xff\x0a"},
    {"JPEG 2000", 4, "jP  "},    {"Photoshop", 0, "8BPS"},  {"PDF", 0, "%PDF"},
    {"PostScript", 0, "%!PS"},   {"SVG", 0, "<svg"},        {"SVG or XML", 0, "<?xml"},
    {"SVG", 0, "<!DOCTYPE svg"}, {"web page", 0, "<!DOCT"}, {"web page", 0, "<!doct"},
    {"web page", 0, "<html"},    {"web page", 0, "<HTML"},  {"an archive", 0, "PK\x03\x04"},
};

static bool begins_with(const unsigned char *bytes, size_t size, size_t offset, const char *magic,
                        size_t length) {
    return size >= offset + length && memcmp(bytes + offset, magic, length) == 0;
}

lb_status image_new(size_t width, size_t height, image *out) {
    if (!width || !height)
        return status_fail(LB_E_ARGUMENT, "a picture of %zu x %zu pixels cannot be made", width,
                           height);
    if (width > SIZE_MAX / 3 / height)
        return status_fail(LB_E_NOMEM, "a picture of %zu x %zu pixels is too large", width, height);
    image made = {width, height, NULL};
    LB_TRY(NEW_ARRAY(made.rgb, width * height * 3));
    *out = made;
    return LB_OK;
}

void image_free(image *picture) {
    free(picture->rgb);
    *picture = (image){0, 0, NULL};
}

lb_status image_check_budget(const char *format, size_t width, size_t height, size_t max_pixels) {
    if (!width || !height)
        return status_fail(LB_E_FORMAT, "damaged %s: it says it has %zu x %zu pixels", format,
                           width, height);
    if (width > max_pixels / height)
        return status_fail(
            LB_E_UNSUPPORTED,
            "the %s says it has %zu x %zu pixels, more than the limit of %zu: make it smaller",
            format, width, height, max_pixels);
    return LB_OK;
}

unsigned image_reduced_eighths(size_t width, size_t height, size_t wanted) {
    size_t shorter = width < height ? width : height;
    for (unsigned k = 1; wanted && k < 8; k++)
        if ((shorter * k + 7) / 8 >= wanted) return k;
    return 8;
}

void image_compose_on_white(const unsigned char *rgba, image *out) {
    size_t n = out->width * out->height;
    for (size_t i = 0; i < n; i++) {
        unsigned alpha = rgba[4 * i + 3];
        for (size_t c = 0; c < 3; c++)
            out->rgb[3 * i + c] =
                (unsigned char)((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

/* Texts may have a mark and blanks in front. */
static size_t skip_blanks(const unsigned char *bytes, size_t size) {
    size_t at = begins_with(bytes, size, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < size && bytes[at] && strchr(" \t\r\n", bytes[at])) at++;
    return at;
}

static lb_status reject_unknown(const unsigned char *bytes, size_t size) {
    size_t blanks = skip_blanks(bytes, size);
    for (size_t i = 0; i < sizeof foreign_formats / sizeof *foreign_formats; i++) {
        const foreign_format *f = &foreign_formats[i];
        size_t skip = f->magic[0] == '<' ? blanks : 0;
        if (begins_with(bytes + skip, size - skip, f->offset, f->magic, strlen(f->magic)))
            return status_fail(LB_E_UNSUPPORTED,
                               "this is %s; JPEG, PNG and WebP can be read: convert it", f->name);
    }
    char start[3 * 8 + 1] = "";
    for (size_t i = 0; i < size && i < 8; i++)
        snprintf(start + 3 * i, sizeof start - 3 * i, " %02x", bytes[i]);
    return status_fail(LB_E_FORMAT, "neither JPEG, PNG nor WebP: %zu bytes that begin with%s", size,
                       start);
}

lb_status image_decode(const void *data, size_t size, size_t wanted, size_t max_pixels,
                       image *out) {
    const unsigned char *bytes = data;
    if (!size) return status_fail(LB_E_FORMAT, "the file is empty");
    if (begins_with(bytes, size, 0, "\xff\xd8\xff", 3))
        return image_decode_jpeg(bytes, size, wanted, max_pixels, out);
    if (begins_with(bytes, size, 0, "\x89PNG\r\n\x1a\n", 8))
        return image_decode_png(bytes, size, max_pixels, out);
    if (begins_with(bytes, size, 0, "RIFF", 4) && begins_with(bytes, size, 8, "WEBP", 4))
        return image_decode_webp(bytes, size, wanted, max_pixels, out);
    return reject_unknown(bytes, size);
}

lb_status image_read(const char *path, size_t wanted, size_t max_pixels, image *out) {
    file_map map;
    LB_TRY(file_map_open(path, &map)); // its errors name the path already
    lb_status status = image_decode(map.bytes, map.size, wanted, max_pixels, out);
    file_map_close(&map);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s", path);
}
