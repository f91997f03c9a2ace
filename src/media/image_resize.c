/* Separable resizing with a triangle filter in fixed point, horizontal pass first, as Pillow does
 * it (Pillow, src/libImaging/Resample.c describes the rule). */
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

static void fill_row(filter *f, size_t target, double scale, double support, size_t n_source) {
    double centre = ((double)target + 0.5) * scale;
    double low = floor(centre - support + 0.5), high = floor(centre + support + 0.5);
    size_t first = low < 0 ? 0 : (size_t)low;
    size_t end = high > (double)n_source ? n_source : (size_t)high;
    double sum = 0;
    for (size_t i = first; i < end; i++) {
        double w = 1 - fabs((double)i + 0.5 - centre) / support;
        sum += w > 0 ? w : 0;
    }
    f->first[target] = first;
    f->count[target] = end - first;
    for (size_t i = first; i < end; i++) {
        double w = 1 - fabs((double)i + 0.5 - centre) / support;
        w = w > 0 ? w / sum : 0;
        f->weight[target * f->width + i - first] = (int32_t)floor(w * (1 << WEIGHT_BITS) + 0.5);
    }
}

static lb_status filter_new(size_t n_source, size_t n_target, filter *out) {
    lb_status status = LB_OK;
    double scale = (double)n_source / (double)n_target;
    double support = scale < 1 ? 1 : scale;
    filter f = {.n = n_target, .width = 2 * (size_t)ceil(support) + 1};
    if (f.width > SIZE_MAX / n_target)
        return status_fail(LB_E_NOMEM, "resizing from %zu to %zu pixels is too much", n_source,
                           n_target);
    LB_TRY_CLEANUP(NEW_ARRAY(f.first, n_target));
    LB_TRY_CLEANUP(NEW_ARRAY(f.count, n_target));
    LB_TRY_CLEANUP(NEW_ARRAY(f.weight, n_target * f.width));
    for (size_t i = 0; i < n_target; i++) fill_row(&f, i, scale, support, n_source);
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

static void resize_rows(const image *in, const filter *f, image *out) {
    for (size_t y = 0; y < in->height; y++) {
        const unsigned char *row = in->rgb + y * in->width * 3;
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

/* `sums` (width * 3) is scratch: whole rows are added up at once, which the compiler vectorises. */
static void resize_columns(const image *in, const filter *f, int32_t *sums, image *out) {
    size_t stride = in->width * 3;
    for (size_t y = 0; y < f->n; y++) {
        for (size_t i = 0; i < stride; i++) sums[i] = 1 << (WEIGHT_BITS - 1);
        for (size_t k = 0; k < f->count[y]; k++) {
            const unsigned char *row = in->rgb + (f->first[y] + k) * stride;
            int32_t w = f->weight[y * f->width + k];
            for (size_t i = 0; i < stride; i++) sums[i] += w * row[i];
        }
        for (size_t i = 0; i < stride; i++) out->rgb[y * stride + i] = to_byte(sums[i]);
    }
}

lb_status image_resize(const image *in, size_t width, size_t height, image *out) {
    lb_status status = LB_OK;
    image wide = {0, 0, NULL}, result = {0, 0, NULL};
    filter across = {0}, down = {0};
    int32_t *sums = NULL;
    LB_TRY_CLEANUP(image_new(width, height, &result));
    LB_TRY_CLEANUP(image_new(width, in->height, &wide));
    LB_TRY_CLEANUP(filter_new(in->width, width, &across));
    LB_TRY_CLEANUP(filter_new(in->height, height, &down));
    LB_TRY_CLEANUP(NEW_ARRAY(sums, width * 3));
    resize_rows(in, &across, &wide);
    resize_columns(&wide, &down, sums, &result);
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
