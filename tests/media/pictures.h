/* Pictures that the media tests draw and store as JPEG, PNG and WebP in memory. */
#ifndef LB_TESTS_MEDIA_PICTURES_H
#define LB_TESTS_MEDIA_PICTURES_H

#include "support.h"

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "media/image.h"

/* A file in memory; free bytes with free(). */
typedef struct file_bytes {
    unsigned char *bytes;
    size_t size;
} file_bytes;

/* How to store a JPEG. All zero: quality 90, RGB as YCbCr, baseline, no EXIF. */
typedef struct jpeg_kind {
    J_COLOR_SPACE in;     // of the samples given; JCS_UNKNOWN (0) = JCS_RGB
    J_COLOR_SPACE stored; // JCS_UNKNOWN = libjpeg's choice
    int components;       // 0 = 3
    int progressive;      // 2 = grey in one scan for DC and one for AC, which may be repeated
    int orientation;      // 0 = no EXIF
    int big_endian;       // of the EXIF
    int no_adobe;         // leave out the marker that says whose CMYK it is
} jpeg_kind;

static inline image picture_new(size_t width, size_t height) {
    image p;
    assert_ok(image_new(width, height, &p));
    return p;
}

static inline void picture_set(image *p, size_t x, size_t y, unsigned rgb) {
    unsigned char *at = p->rgb + (y * p->width + x) * 3;
    at[0] = (unsigned char)(rgb >> 16);
    at[1] = (unsigned char)(rgb >> 8);
    at[2] = (unsigned char)rgb;
}

static inline unsigned picture_get(const image *p, size_t x, size_t y) {
    const unsigned char *at = p->rgb + (y * p->width + x) * 3;
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

static inline void picture_fill(image *p, size_t left, size_t top, size_t right, size_t bottom,
                                unsigned rgb) {
    for (size_t y = top; y < bottom; y++)
        for (size_t x = left; x < right; x++) picture_set(p, x, y, rgb);
}

/* Largest difference of any sample of one pixel from a colour. */
static inline int picture_differ(const image *p, size_t x, size_t y, unsigned rgb) {
    int worst = 0;
    unsigned v = picture_get(p, x, y);
    for (int shift = 0; shift < 24; shift += 8) {
        int d = abs((int)(v >> shift & 255) - (int)(rgb >> shift & 255));
        if (d > worst) worst = d;
    }
    return worst;
}

/* Smooth colours with a block in one corner, so that turning and mirroring show. */
static inline image picture_draw(size_t width, size_t height) {
    image p = picture_new(width, height);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            picture_set(&p, x, y,
                        (unsigned)(255 * x / width) << 16 | (unsigned)(255 * y / height) << 8 | 90);
    picture_fill(&p, 0, 0, (width + 2) / 3, (height + 2) / 3, 0x2030f0);
    return p;
}

static inline void jpeg_write_exif(struct jpeg_compress_struct *info, const jpeg_kind *kind) {
    unsigned char exif[] = {'E', 'x',  'i',  'f', 0,
                            0,   'I',  'I',  '*', 0,
                            8,   0,    0,    0,   1,
                            0,   0x12, 0x01, 3,   0,
                            1,   0,    0,    0,   (unsigned char)kind->orientation,
                            0,   0,    0,    0,   0,
                            0,   0};
    static const unsigned char big[] = {'M',  'M',  0, '*', 0, 0, 0, 8, 0, 1,
                                        0x01, 0x12, 0, 3,   0, 0, 0, 1, 0};
    if (kind->big_endian) {
        memcpy(exif + 6, big, sizeof big);
        exif[6 + sizeof big] = (unsigned char)kind->orientation;
    }
    jpeg_write_marker(info, JPEG_APP0 + 1, exif, sizeof exif);
}

/* `samples` is (height, width, components). */
static inline file_bytes jpeg_store(const unsigned char *samples, size_t width, size_t height,
                                    jpeg_kind kind) {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = (JDIMENSION)width;
    info.image_height = (JDIMENSION)height;
    info.input_components = kind.components ? kind.components : 3;
    info.in_color_space = kind.in ? kind.in : JCS_RGB;
    jpeg_set_defaults(&info);
    if (kind.stored) jpeg_set_colorspace(&info, kind.stored);
    jpeg_set_quality(&info, 90, TRUE);
    static const jpeg_scan_info two_scans[] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
    if (kind.progressive) jpeg_simple_progression(&info);
    if (kind.progressive == 2) {
        info.scan_info = two_scans;
        info.num_scans = 2;
    }
    if (kind.no_adobe) info.write_Adobe_marker = FALSE;
    jpeg_start_compress(&info, TRUE);
    if (kind.orientation) jpeg_write_exif(&info, &kind);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(samples + (size_t)info.next_scanline * width *
                                                           (size_t)info.input_components);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return (file_bytes){bytes, size};
}

static inline file_bytes jpeg_store_picture(const image *p) {
    return jpeg_store(p->rgb, p->width, p->height, (jpeg_kind){0});
}

static inline void png_append(png_structp png, png_bytep bytes, png_size_t size) {
    file_bytes *f = png_get_io_ptr(png);
    f->bytes = realloc(f->bytes, f->size + size);
    assert_non_null(f->bytes);
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

static inline void png_no_flush(png_structp png) {
    (void)png;
}

/* `rows` is (height, bytes of a row as PNG stores it: big-endian samples, packed bits). A palette
 * (3 colours, the last half transparent) is written for PNG_COLOR_TYPE_PALETTE. */
static inline file_bytes png_store(const unsigned char *rows, size_t width, size_t height, int bits,
                                   int type, int interlaced) {
    file_bytes file = {NULL, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &file, png_append, png_no_flush);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, bits, type,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
                 PNG_FILTER_TYPE_BASE);
    png_color palette[3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}};
    unsigned char alpha[3] = {255, 255, 128};
    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 3);
        png_set_tRNS(png, info, alpha, 3, NULL);
    }
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    size_t stride = png_get_rowbytes(png, info);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < height; y++) png_write_row(png, rows + y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return file;
}

static inline file_bytes png_store_picture(const image *p) {
    return png_store(p->rgb, p->width, p->height, 8, PNG_COLOR_TYPE_RGB, 0);
}

/* Lossless for exact comparison, or lossy. */
static inline file_bytes webp_store(const image *p, int lossless) {
    uint8_t *bytes;
    int width = (int)p->width, height = (int)p->height;
    size_t size = lossless ? WebPEncodeLosslessRGB(p->rgb, width, height, width * 3, &bytes)
                           : WebPEncodeRGB(p->rgb, width, height, width * 3, 90, &bytes);
    assert_true(size > 0);
    file_bytes file = {malloc(size), size};
    assert_non_null(file.bytes);
    memcpy(file.bytes, bytes, size);
    WebPFree(bytes);
    return file;
}

#endif
