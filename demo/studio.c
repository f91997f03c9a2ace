/* The studio: background, shadows on wall and floor, and the photograph as JPEG. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "core/memory.h"
#include "demo/draw.h"

/* ---------------------------------------------------------------- background and shadows */

typedef struct backdrop {
    rgb top, bottom;
    double glow_x, glow_y;
} backdrop;

/* Shops photograph before white, warm or cool paper; which says nothing about the product. */
static backdrop choose_backdrop(canvas *c) {
    static const rgb papers[] = {{0.975, 0.975, 0.975},
                                 {0.965, 0.955, 0.940},
                                 {0.945, 0.955, 0.968},
                                 {0.955, 0.945, 0.945},
                                 {0.935, 0.935, 0.930}};
    rgb paper = papers[random_below(&c->random, sizeof papers / sizeof *papers)];
    double dim = canvas_vary(c, 0.97, 1.01);
    return (backdrop){rgb_scale(paper, dim), rgb_scale(paper, dim * 0.90), canvas_vary(c, 90, 150),
                      canvas_vary(c, 80, 130)};
}

/* Alpha of the product, in 0..1, into c->soft. */
static void product_alpha(canvas *c, float *plane) {
    const unsigned char *product = cairo_image_surface_get_data(c->product);
    size_t stride = (size_t)cairo_image_surface_get_stride(c->product), n = (size_t)c->size;
    for (size_t y = 0; y < n; y++)
        for (size_t x = 0; x < n; x++)
            plane[y * n + x] = (float)product[y * stride + 4 * x + 3] / 255;
}

/* A soft shadow on the wall behind a hanging product: strength per pixel into c->height. */
static void wall_shadow(canvas *c) {
    size_t n = (size_t)c->size;
    int dx = (int)lround(3 * c->unit), dy = (int)lround(6 * c->unit);
    product_alpha(c, c->soft);
    for (int y = 0; y < c->size; y++)
        for (int x = 0; x < c->size; x++)
            c->height[(size_t)y * n + (size_t)x] =
                y >= dy && x >= dx ? 0.42f * c->soft[(size_t)(y - dy) * n + (size_t)(x - dx)] : 0;
    canvas_blur(c->height, c->work, c->size, c->size, c->size,
                (int)lround(4 * c->unit) > 0 ? (int)lround(4 * c->unit) : 1);
}

/* A shadow lying on the floor: what stands within 30 units above `floor` darkens it, the less the
 * higher it is; most of all where the product touches the ground. */
static void floor_shadow(canvas *c, double floor) {
    size_t n = (size_t)c->size;
    int ground = (int)lround(floor * c->unit), reach = (int)lround(30 * c->unit);
    product_alpha(c, c->soft);
    memset(c->height, 0, n * n * sizeof *c->height);
    for (int x = 0; x < c->size; x++) {
        float near = 0, far = 0;
        for (int y = ground - reach > 0 ? ground - reach : 0; y < c->size; y++) {
            float a = c->soft[(size_t)y * n + (size_t)x];
            float up = (float)fmax(0, (ground - y) / c->unit);
            far = fmaxf(far, a * expf(-up / 14));
            near = fmaxf(near, a * expf(-up / 3));
        }
        for (int y = 0; y < c->size; y++) {
            double d = (y - ground) / c->unit;
            double wide = exp(-d * d / 40), tight = exp(-d * d / 6);
            c->height[(size_t)y * n + (size_t)x] = (float)(0.30 * (double)far * wide +
                                                           0.55 * (double)near * tight);
        }
    }
    int radius = (int)lround(1.8 * c->unit);
    canvas_blur(c->height, c->work, c->size, c->size, c->size, radius > 0 ? radius : 1);
}

/* The finished picture as (size, size, 3) bytes. */
static void compose(canvas *c, const backdrop *b, bool stands, double floor, unsigned char *out) {
    const unsigned char *product = cairo_image_surface_get_data(c->product);
    size_t stride = (size_t)cairo_image_surface_get_stride(c->product), n = (size_t)c->size;
    double horizon = floor - 40;
    for (size_t y = 0; y < n; y++)
        for (size_t x = 0; x < n; x++) {
            double ux = (double)x / c->unit, uy = (double)y / c->unit;
            double dx = (ux - b->glow_x) / 190, dy = (uy - b->glow_y) / 190;
            double t = fmin(1, 0.75 * (dx * dx + dy * dy));
            if (stands) t += 0.5 / (1 + exp(-(uy - horizon) / 7)) - 0.25;
            rgb wall = rgb_mix(b->top, b->bottom, fmax(0, fmin(1.3, t)));
            double keep = 1 - (double)c->height[y * n + x];
            const unsigned char *pixel = product + y * stride + 4 * x;
            double bare = (1 - pixel[3] / 255.0) * keep * 255;
            double channels[3] = {wall.r, wall.g, wall.b};
            for (int k = 0; k < 3; k++) {
                double v = pixel[2 - k] + channels[k] * bare;
                out[3 * (y * n + x) + (size_t)k] = (unsigned char)fmin(255, v + 0.5);
            }
        }
}

/* ---------------------------------------------------------------- JPEG */

/* libjpeg's own handler would end the program. */
typedef struct jpeg_trap {
    struct jpeg_error_mgr base;
    jmp_buf escape;
} jpeg_trap;

static void jpeg_failed(j_common_ptr jpeg) {
    longjmp(((jpeg_trap *)jpeg->err)->escape, 1);
}

static void jpeg_silent(j_common_ptr jpeg) {
    (void)jpeg;
}

static void jpeg_write_rows(struct jpeg_compress_struct *jpeg, const unsigned char *pixels,
                            int size) {
    jpeg->image_width = jpeg->image_height = (JDIMENSION)size;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, 90, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels +
                                             3 * (size_t)jpeg->next_scanline * (size_t)size);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

static lb_status compress(const unsigned char *pixels, int size, unsigned char **bytes,
                          size_t *length) {
    struct jpeg_compress_struct jpeg;
    jpeg_trap trap;
    unsigned char *volatile result = NULL;
    unsigned long result_size = 0;
    jpeg.err = jpeg_std_error(&trap.base);
    trap.base.error_exit = jpeg_failed;
    trap.base.output_message = jpeg_silent;
    if (setjmp(trap.escape)) {
        jpeg_destroy_compress(&jpeg);
        free(result);
        return status_fail(LB_E_NOMEM, "a demo picture cannot be compressed");
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, (unsigned char **)&result, &result_size);
    jpeg_write_rows(&jpeg, pixels, size);
    jpeg_destroy_compress(&jpeg);
    *bytes = result;
    *length = result_size;
    return LB_OK;
}

lb_status studio_develop(canvas *c, bool stands, double floor, unsigned char **bytes,
                         size_t *size) {
    unsigned char *pixels;
    LB_TRY(NEW_ARRAY(pixels, (size_t)c->size * (size_t)c->size * 3));
    cairo_surface_flush(c->product);
    backdrop b = choose_backdrop(c);
    if (stands)
        floor_shadow(c, floor);
    else
        wall_shadow(c);
    compose(c, &b, stands, floor, pixels);
    lb_status status = compress(pixels, c->size, bytes, size);
    free(pixels);
    return status;
}
