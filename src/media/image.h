/*
 * Photos: JPEG, PNG and WebP from memory or a file into 8-bit RGB, and resizing.
 *
 * The format is recognised by content; file names play no part. Transparency is composed on white.
 * Colour profiles are ignored: samples are taken as sRGB (a PNG's gAMA chunk is honoured). Files
 * are treated as hostile: sizes are checked before memory is taken, a damaged or cut-off file is an
 * error and never a half-decoded picture, and nothing is printed.
 */
#ifndef LB_MEDIA_IMAGE_H
#define LB_MEDIA_IMAGE_H

#include <stddef.h>

#include "core/status.h"

/* The largest picture decoded unless the caller says otherwise: 64 megapixels. */
#define IMAGE_MAX_PIXELS ((size_t)64 << 20)

/* Rows from the top, each from the left, three bytes R, G, B a pixel. */
typedef struct image {
    size_t width, height; // both at least 1
    unsigned char *rgb;   // (height, width, 3)
} image;

/* A picture of uninitialised (zero) pixels. LB_E_ARGUMENT if a side is 0. Free with image_free. */
lb_status image_new(size_t width, size_t height, image *out);

/* Frees the pixels and leaves an all-zero picture; accepts one. */
void image_free(image *picture);

/* Decodes `size` bytes. `wanted` is the side length that the caller will shrink to: a JPEG, and a
 * WebP without transparency, may then come back at the smallest eighth of its size whose shorter
 * side is still at least `wanted` (the decoder does it at little cost); 0 = full size. Pictures
 * with more than `max_pixels` pixels (as stored, before that reduction) are refused before memory
 * is taken.
 *
 * JPEG: baseline and progressive, grey, RGB, YCbCr, CMYK and YCCK. PNG: all colour types, 1 to 16
 * bits, interlaced or not. WebP: lossy and lossless. Of an animation the first frame; the EXIF
 * orientation of any of them is applied.
 *
 * LB_E_FORMAT: empty, unknown, damaged or cut off; LB_E_UNSUPPORTED: another picture format, or too
 * many pixels. The error text names what is wrong but not the file: see status_prefix. `out` is
 * untouched on failure. Thread-safe. */
lb_status image_decode(const void *bytes, size_t size, size_t wanted, size_t max_pixels,
                       image *out);

/* image_decode of a file; errors begin with its path. LB_E_NOT_FOUND if there is none, LB_E_IO if
 * it cannot be read. */
lb_status image_read(const char *path, size_t wanted, size_t max_pixels, image *out);

/* How a resized pixel is made of the source's: a kernel over the distance, as wide as the coarser
 * of both grids asks for, so that every source pixel counts when a picture shrinks. The same rules
 * and fixed-point arithmetic as Pillow's BILINEAR, BICUBIC (a = -1/2) and LANCZOS (3 lobes), so
 * that networks trained on pictures resized there see the same pixels. */
typedef enum image_filter { IMAGE_BILINEAR, IMAGE_BICUBIC, IMAGE_LANCZOS } image_filter;

enum { IMAGE_N_FILTERS = 3 };

/* A part of a picture, in pixels. */
typedef struct image_window {
    size_t left, top, width, height;
} image_window;

/* Resizes to `width` x `height` (which need not keep the proportions) and makes only the part of it
 * that the window shows, without ever having the whole in memory. `out` must not be `in`.
 * LB_E_ARGUMENT if a side is 0 or the window is not within the picture. Thread-safe. */
lb_status image_resize_window(const image *in, size_t width, size_t height, image_filter filter,
                              const image_window *window, image *out);

/* The whole of it with IMAGE_BILINEAR. */
lb_status image_resize(const image *in, size_t width, size_t height, image *out);

#endif
