/* Separable resizing in fixed point, horizontal pass first, as Pillow does it (Pillow,
 * src/libImaging/Resample.c describes the rule). */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "media/image.h"

/* 8 bits of sample and 2 of headroom beside the weight's 22 fill an int32. */
enum { WEIGHT_BITS = 22 };

/* For each target position the source pixels that it averages, and with what weights. */
typedef struct filter {
    size_t n, width; // targets; the most source pixels that one of them uses
    size_t *first;   // (n)
    size_t *count;   // (n)
    int32_t *weight; // (n, width), each row sums to about 2^WEIGHT_BITS
} filter;

static void filter_free(filter *f) {
    free(f->first);
    free(f->count);
    free(f->weight);
}

static double triangle(double x) {
    return x < 1 ? 1 - x : 0;
}

/* R. Keys, "Cubic convolution interpolation for digital image processing", 1981, a = -1/2. */
static double cubic(double x) {
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
    return 0;
}

static double sinc(double x) {
    const double pi = 3.14159265358979323846;
    return x == 0 ? 1 : sin(pi * x) / (pi * x);
}

static double lanczos(double x) {
    return x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/* By image_filter; a kernel is given distances, in pixels of the coarser side. */
static const struct {
    double (*at)(double distance);
    double support;
} kernels[IMAGE_N_FILTERS] = {
    [IMAGE_BILINEAR] = {triangle, 1}, [IMAGE_BICUBIC] = {cubic, 2}, [IMAGE_LANCZOS] = {lanczos, 3}};

/* How one side is resized: target i of the window is target first + i of all n_target. */
typedef struct side {
    size_t n_source, n_target, first, n;
} side;

static void fill_row(filter *f, size_t row, const side *s, image_filter kind) {
    double scale = (double)s->n_source / (double)s->n_target, stretch = scale < 1 ? 1 : scale;
    double support = kernels[kind].support * stretch;
    double centre = ((double)(s->first + row) + 0.5) * scale;
    double low = floor(centre - support + 0.5), high = floor(centre + support + 0.5);
    size_t first = low < 0 ? 0 : (size_t)low;
    size_t end = high > (double)s->n_source ? s->n_source : (size_t)high;
    double sum = 0;
    for (size_t i = first; i < end; i++)
        sum += kernels[kind].at(fabs((double)i + 0.5 - centre) / stretch);
    f->first[row] = first;
    f->count[row] = end - first;
    for (size_t i = first; i < end; i++) {
        double w = kernels[kind].at(fabs((double)i + 0.5 - centre) / stretch) / sum;
        f->weight[row * f->width + i - first] = (int32_t)round(w * (1 << WEIGHT_BITS));
    }
}

static lb_status filter_new(const side *s, image_filter kind, filter *out) {
    lb_status status = LB_OK;
    double scale = (double)s->n_source / (double)s->n_target;
    double support = kernels[kind].support * (scale < 1 ? 1 : scale);
    filter f = {.n = s->n, .width = 2 * (size_t)ceil(support) + 1};
    if (f.width > SIZE_MAX / s->n)
        return status_fail(LB_E_NOMEM, "resizing from %zu to %zu pixels is too much", s->n_source,
                           s->n_target);
    LB_TRY_CLEANUP(NEW_ARRAY(f.first, s->n));
    LB_TRY_CLEANUP(NEW_ARRAY(f.count, s->n));
    LB_TRY_CLEANUP(NEW_ARRAY(f.weight, s->n * f.width));
    for (size_t i = 0; i < s->n; i++) fill_row(&f, i, s, kind);
    *out = f;
    return LB_OK;
cleanup:
    filter_free(&f);
    return status;
}

static unsigned char to_byte(int32_t sum) {
    int32_t v = sum >> WEIGHT_BITS;
    return (unsigned char)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* From source row `top` on as many rows as `out` has. */
static void resize_rows(const image *in, size_t top, const filter *f, image *out) {
    for (size_t y = 0; y < out->height; y++) {
        const unsigned char *row = in->rgb + (top + y) * in->width * 3;
        unsigned char *target = out->rgb + y * out->width * 3;
        for (size_t x = 0; x < f->n; x++) {
            const unsigned char *p = row + f->first[x] * 3;
            const int32_t *w = f->weight + x * f->width;
            int32_t r = 1 << (WEIGHT_BITS - 1), g = r, b = r;
            for (size_t i = 0; i < f->count[x]; i++) {
                r += w[i] * p[3 * i];
                g += w[i] * p[3 * i + 1];
                b += w[i] * p[3 * i + 2];
            }
            target[3 * x] = to_byte(r);
            target[3 * x + 1] = to_byte(g);
            target[3 * x + 2] = to_byte(b);
        }
    }
}

/* `in` begins with source row `top`. `sums` (width * 3) is scratch: whole rows are added up at
 * once, which the compiler vectorises. */
static void resize_columns(const image *in, size_t top, const filter *f, int32_t *sums,
                           image *out) {
    size_t stride = in->width * 3;
    for (size_t y = 0; y < f->n; y++) {
        for (size_t i = 0; i < stride; i++) sums[i] = 1 << (WEIGHT_BITS - 1);
        for (size_t k = 0; k < f->count[y]; k++) {
            const unsigned char *row = in->rgb + (f->first[y] - top + k) * stride;
            int32_t w = f->weight[y * f->width + k];
            for (size_t i = 0; i < stride; i++) sums[i] += w * row[i];
        }
        for (size_t i = 0; i < stride; i++) out->rgb[y * stride + i] = to_byte(sums[i]);
    }
}

/* The source rows that a vertical filter reads: from *top on; returns how many. */
static size_t rows_read(const filter *down, size_t *top) {
    size_t first = down->first[0], end = first;
    for (size_t i = 0; i < down->n; i++) {
        if (down->first[i] < first) first = down->first[i];
        if (down->first[i] + down->count[i] > end) end = down->first[i] + down->count[i];
    }
    *top = first;
    return end - first;
}

static lb_status check_window(size_t width, size_t height, const image_window *w) {
    if (!width || !height || !w->width || !w->height)
        return status_fail(LB_E_ARGUMENT, "a picture of %zu x %zu pixels cannot be made",
                           width && height ? w->width : width,
                           width && height ? w->height : height);
    if (w->left > width || w->width > width - w->left || w->top > height ||
        w->height > height - w->top)
        return status_fail(LB_E_ARGUMENT,
                           "a window of %zu x %zu pixels at %zu, %zu is not within "
                           "%zu x %zu",
                           w->width, w->height, w->left, w->top, width, height);
    return LB_OK;
}

lb_status image_resize_window(const image *in, size_t width, size_t height, image_filter kind,
                              const image_window *window, image *out) {
    lb_status status = LB_OK;
    image wide = {0, 0, NULL}, result = {0, 0, NULL};
    filter across = {0}, down = {0};
    int32_t *sums = NULL;
    size_t top;
    LB_TRY(check_window(width, height, window));
    LB_TRY_CLEANUP(
        filter_new(&(side){in->width, width, window->left, window->width}, kind, &across));
    LB_TRY_CLEANUP(
        filter_new(&(side){in->height, height, window->top, window->height}, kind, &down));
    LB_TRY_CLEANUP(image_new(window->width, window->height, &result));
    LB_TRY_CLEANUP(image_new(window->width, rows_read(&down, &top), &wide));
    LB_TRY_CLEANUP(NEW_ARRAY(sums, window->width * 3));
    resize_rows(in, top, &across, &wide);
    resize_columns(&wide, top, &down, sums, &result);
    *out = result;
    result.rgb = NULL;
cleanup:
    free(sums);
    filter_free(&across);
    filter_free(&down);
    image_free(&wide);
    image_free(&result);
    return status;
}

lb_status image_resize(const image *in, size_t width, size_t height, image *out) {
    return image_resize_window(in, width, height, IMAGE_BILINEAR,
                               &(image_window){0, 0, width, height}, out);
}
