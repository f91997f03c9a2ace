/* The descriptor's picture: OKLab planes, background, foreground weights and box. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "media/descriptor_parts.h"

enum {
    SHORTEST_SIDE = 16, // a strip is stretched to this, or no cell would have pixels
    RIM = 3             // pixels at the silhouette that do not count as interior
};

/* Foreground pixels of the background's own colour that no path joins to the border: white cloth on
 * white, but also the hole in a handle. */
static const float enclosed_weight = 0.5f;

static void to_oklab(const image *source, descriptor_picture *p) {
    float linear[256];
    for (int i = 0; i < 256; i++) {
        float v = (float)i / 255;
        linear[i] = v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
    }
    for (size_t i = 0; i < p->n; i++) {
        const unsigned char *rgb = source->rgb + 3 * i;
        float r = linear[rgb[0]], g = linear[rgb[1]], b = linear[rgb[2]];
        float l = cbrtf(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
        float m = cbrtf(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
        float s = cbrtf(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);
        p->L[i] = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        p->a[i] = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        p->b[i] = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
    }
}

static lb_status load(const image *source, descriptor_picture *p) {
    size_t longer = source->width > source->height ? source->width : source->height;
    double scale = (double)DESCRIPTOR_SIDE / (double)longer;
    size_t width = (size_t)((double)source->width * scale + 0.5);
    size_t height = (size_t)((double)source->height * scale + 0.5);
    p->width = width < SHORTEST_SIDE ? SHORTEST_SIDE : width;
    p->height = height < SHORTEST_SIDE ? SHORTEST_SIDE : height;
    p->n = p->width * p->height;
    LB_TRY(NEW_ARRAY(p->L, p->n));
    LB_TRY(NEW_ARRAY(p->a, p->n));
    LB_TRY(NEW_ARRAY(p->b, p->n));
    LB_TRY(NEW_ARRAY(p->weight, p->n));
    LB_TRY(NEW_ARRAY(p->interior, p->n));
    image small;
    LB_TRY(image_resize(source, p->width, p->height, &small));
    to_oklab(&small, p);
    image_free(&small);
    return LB_OK;
}

static float distance(const descriptor_picture *p, size_t i, const float *color) {
    float L = p->L[i] - color[0], a = p->a[i] - color[1], b = p->b[i] - color[2];
    return sqrtf(L * L + a * a + b * b);
}

/* The pixels of a frame a few pixels wide. */
static size_t list_border(const descriptor_picture *p, uint32_t *out) {
    size_t frame = 3, n = 0;
    for (size_t y = 0; y < p->height; y++) {
        for (size_t x = 0; x < p->width; x++) {
            if (x >= frame && x + frame < p->width && y >= frame && y + frame < p->height) continue;
            out[n++] = (uint32_t)(y * p->width + x);
        }
    }
    return n;
}

static int compare_floats(const void *left, const void *right) {
    float l = *(const float *)left, r = *(const float *)right;
    return (l > r) - (l < r);
}

static float median(float *values, size_t n) {
    qsort(values, n, sizeof *values, compare_floats);
    return values[n / 2];
}

/* The border's median colour, how far the border strays from it, and how much of the border agrees.
 * Returns the distance up to which a pixel is of the background's colour. */
static float find_background(descriptor_picture *p, const uint32_t *border, size_t n,
                             float *values) {
    const float *planes[3] = {p->L, p->a, p->b};
    for (size_t c = 0; c < 3; c++) {
        for (size_t i = 0; i < n; i++) values[i] = planes[c][border[i]];
        p->background[c] = median(values, n);
    }
    for (size_t i = 0; i < n; i++) values[i] = distance(p, border[i], p->background);
    float tolerance = 0.03f + 3 * median(values, n);
    if (tolerance > 0.12f) tolerance = 0.12f;
    size_t agree = 0;
    for (size_t i = 0; i < n; i++) agree += values[i] < tolerance;
    p->confidence = descriptor_step(0.35f, 0.7f, (float)agree / (float)n);
    return tolerance;
}

/* Floods from the border over all pixels of the background's colour; `weight` is 1 where the flood
 * does not come, and rises from 0 to 1 over the outer half of the tolerance where it does.
 * `stack` holds (n) pixels. */
static void flood(descriptor_picture *p, const uint32_t *border, size_t n_border, float tolerance,
                  uint32_t *stack) {
    size_t top = 0;
    for (size_t i = 0; i < p->n; i++) p->weight[i] = -1;
    for (size_t i = 0; i < n_border + top; i++) {
        uint32_t at = i < n_border ? border[i] : stack[i - n_border];
        size_t x = at % p->width, y = at / p->width;
        if (i < n_border) {
            float d = distance(p, at, p->background);
            if (p->weight[at] >= 0 || d >= tolerance) continue;
            p->weight[at] = descriptor_step(0.5f * tolerance, tolerance, d);
        }
        const size_t next[4] = {x ? at - 1u : at, x + 1 < p->width ? at + 1u : at,
                                y ? at - p->width : at, y + 1 < p->height ? at + p->width : at};
        for (size_t k = 0; k < 4; k++) {
            if (p->weight[next[k]] >= 0) continue;
            float d = distance(p, next[k], p->background);
            if (d >= tolerance) continue;
            p->weight[next[k]] = descriptor_step(0.5f * tolerance, tolerance, d);
            stack[top++] = (uint32_t)next[k];
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        if (p->weight[i] >= 0) continue;
        float d = distance(p, i, p->background);
        p->weight[i] = enclosed_weight + (1 - enclosed_weight) * descriptor_step(0, tolerance, d);
    }
}

/* Where the border is no uniform background, the middle of the picture counts most. */
static void blend_with_centre(descriptor_picture *p) {
    float c = p->confidence;
    if (c >= 1) return;
    for (size_t y = 0; y < p->height; y++) {
        float v = ((float)y + 0.5f) / (float)p->height - 0.5f;
        for (size_t x = 0; x < p->width; x++) {
            float u = ((float)x + 0.5f) / (float)p->width - 0.5f;
            float *w = &p->weight[y * p->width + x];
            *w = c * *w + (1 - c) * expf(-(u * u + v * v) / (2 * 0.35f * 0.35f));
        }
    }
}

/* The stretch of 0..n between which all but one hundredth of the mass on either side lies. */
static void find_extent(const double *mass, size_t n, float *begin, float *length) {
    double total = 0, seen = 0;
    for (size_t i = 0; i < n; i++) total += mass[i];
    size_t first = 0, last = n - 1;
    while (first < n - 1 && seen + mass[first] < 0.01 * total) seen += mass[first++];
    seen = 0;
    while (last > first && seen + mass[last] < 0.01 * total) seen += mass[last--];
    *begin = (float)first;
    *length = (float)(last + 1 - first);
}

static void find_box(descriptor_picture *p) {
    double columns[DESCRIPTOR_SIDE] = {0}, rows[DESCRIPTOR_SIDE] = {0};
    for (size_t y = 0; y < p->height; y++) {
        for (size_t x = 0; x < p->width; x++) {
            double w = (double)p->weight[y * p->width + x];
            columns[x] += w;
            rows[y] += w;
        }
    }
    descriptor_box *box = &p->box;
    find_extent(columns, p->width, &box->left, &box->width);
    find_extent(rows, p->height, &box->top, &box->height);
    float c = p->confidence; // without a background the whole picture is the box
    box->left *= c;
    box->top *= c;
    box->width = c * box->width + (1 - c) * (float)p->width;
    box->height = c * box->height + (1 - c) * (float)p->height;
    float side = box->width > box->height ? box->width : box->height;
    p->square = (descriptor_box){box->left + 0.5f * (box->width - side),
                                 box->top + 0.5f * (box->height - side), side, side};
}

/* The least weight within RIM pixels, across and then down. `line` holds (DESCRIPTOR_SIDE). */
static void erode_line(const float *in, size_t stride, size_t n, float *line) {
    for (size_t i = 0; i < n; i++) {
        size_t begin = i < RIM ? 0 : i - RIM, end = i + RIM + 1 < n ? i + RIM + 1 : n;
        float least = in[i * stride];
        for (size_t k = begin; k < end; k++)
            if (in[k * stride] < least) least = in[k * stride];
        line[i] = least;
    }
}

static void find_interior(descriptor_picture *p) {
    float line[DESCRIPTOR_SIDE];
    for (size_t y = 0; y < p->height; y++) {
        erode_line(p->weight + y * p->width, 1, p->width, line);
        memcpy(p->interior + y * p->width, line, p->width * sizeof *line);
    }
    for (size_t x = 0; x < p->width; x++) {
        erode_line(p->interior + x, p->width, p->height, line);
        for (size_t y = 0; y < p->height; y++) p->interior[y * p->width + x] = line[y];
    }
    // A thin thing (a chain, a sandal) is all rim: a little of the whole keeps it described.
    for (size_t i = 0; i < p->n; i++) p->interior[i] += 0.02f * p->weight[i];
}

lb_status descriptor_picture_open(const image *source, descriptor_picture *out) {
    lb_status status = LB_OK;
    uint32_t *border = NULL, *stack = NULL;
    float *values = NULL;
    memset(out, 0, sizeof *out);
    LB_TRY_CLEANUP(load(source, out));
    LB_TRY_CLEANUP(NEW_ARRAY(border, out->n));
    LB_TRY_CLEANUP(NEW_ARRAY(stack, out->n));
    LB_TRY_CLEANUP(NEW_ARRAY(values, out->n));
    size_t n_border = list_border(out, border);
    float tolerance = find_background(out, border, n_border, values);
    flood(out, border, n_border, tolerance, stack);
    blend_with_centre(out);
    find_box(out);
    find_interior(out);
cleanup:
    free(values);
    free(stack);
    free(border);
    return status;
}

void descriptor_picture_close(descriptor_picture *p) {
    free(p->L);
    free(p->a);
    free(p->b);
    free(p->weight);
    free(p->interior);
}

bool descriptor_picture_is_blank(const descriptor_picture *p) {
    const float visible = 0.03f;
    size_t differ = 0;
    for (size_t i = 0; i < p->n; i++) differ += distance(p, i, p->background) > visible;
    return differ < p->n / 1000 + 4;
}
