/* The descriptor's three colour blocks. */
#include <math.h>
#include <string.h>

#include "media/descriptor_parts.h"

static const float turns_per_radian = 0.15915494309f;

static float chroma(float a, float b) {
    return sqrtf(a * a + b * b);
}

/* How coloured a chroma looks: greys have no hue worth counting. */
static float coloredness(float c) {
    return descriptor_step(0.02f, 0.06f, c);
}

static void take_roots(float *values, size_t n, double total) {
    for (size_t i = 0; i < n; i++) values[i] = total > 0 ? sqrtf(values[i] / (float)total) : 0;
}

/* Adds one pixel to `greys` lightness bins and, behind them, (light, hue, chroma) bins. */
static void add_pixel(float L, float a, float b, float weight, float *out) {
    enum { GREYS = 8, HUES = 12, CHROMAS = 2 };
    float c = chroma(a, b), colored = coloredness(c);
    if (colored < 1) {
        descriptor_bins grey = descriptor_split(L, GREYS);
        for (size_t i = 0; i < 2; i++) out[grey.bin[i]] += weight * (1 - colored) * grey.share[i];
    }
    if (!(colored > 0)) return;
    descriptor_bins light = descriptor_split((L - 0.1f) / 0.85f, 3);
    descriptor_bins hue = descriptor_split_circle(atan2f(b, a) * turns_per_radian, HUES);
    float vivid = descriptor_step(0.07f, 0.15f, c);
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 2; k++) {
            float share = weight * colored * light.share[i] * hue.share[k];
            float *bins = out + GREYS + (light.bin[i] * HUES + hue.bin[k]) * CHROMAS;
            bins[0] += share * (1 - vivid);
            bins[1] += share * vivid;
        }
    }
}

void descriptor_color(const descriptor_picture *p, float *out) {
    double total = 0;
    memset(out, 0, DESCRIPTOR_COLOR * sizeof *out);
    for (size_t i = 0; i < p->n; i++) {
        if (!(p->weight[i] > 0)) continue;
        add_pixel(p->L[i], p->a[i], p->b[i], p->weight[i], out);
        total += (double)p->weight[i];
    }
    take_roots(out, DESCRIPTOR_COLOR, total);
}

void descriptor_places(const descriptor_picture *p, float *out) {
    enum { CELLS = 3, GREYS = 4, HUES = 8, BINS = GREYS + HUES };
    double total = 0;
    memset(out, 0, DESCRIPTOR_PLACES * sizeof *out);
    for (size_t i = 0; i < p->n; i++) {
        float w = p->weight[i];
        if (!(w > 0)) continue;
        float x = (float)(i % p->width) + 0.5f, y = (float)(i / p->width) + 0.5f;
        descriptor_bins column = descriptor_split((x - p->box.left) / p->box.width, CELLS);
        descriptor_bins row = descriptor_split((y - p->box.top) / p->box.height, CELLS);
        descriptor_bins grey = descriptor_split(p->L[i], GREYS);
        float colored = coloredness(chroma(p->a[i], p->b[i]));
        descriptor_bins hue = descriptor_split_circle(atan2f(p->b[i], p->a[i]) * turns_per_radian,
                                                      HUES);
        for (size_t k = 0; k < 4; k++) {
            size_t cell = row.bin[k / 2] * CELLS + column.bin[k % 2];
            float share = w * row.share[k / 2] * column.share[k % 2], *bins = out + cell * BINS;
            for (size_t j = 0; j < 2; j++) {
                bins[grey.bin[j]] += share * (1 - colored) * grey.share[j];
                bins[GREYS + hue.bin[j]] += share * colored * hue.share[j];
            }
        }
        total += (double)w;
    }
    take_roots(out, DESCRIPTOR_PLACES, total);
}

/* A coarse histogram of colours that remembers what it counted. */
typedef struct palette {
    float weight[216];
    float sum[216][3];
} palette;

static size_t palette_bin(float x, float low, float high) {
    float at = (x - low) / (high - low) * 6;
    return at < 0 ? 0 : at >= 5 ? 5 : (size_t)at;
}

/* Takes the commonest colour out of the palette; its share of `total` is returned. */
static float take_commonest(palette *colors, float total, float *color) {
    size_t best = 0;
    for (size_t i = 1; i < 216; i++)
        if (colors->weight[i] > colors->weight[best]) best = i;
    float w = colors->weight[best];
    for (size_t c = 0; c < 3; c++) color[c] = w > 0 ? colors->sum[best][c] / w : 0;
    colors->weight[best] = 0;
    return total > 0 ? w / total : 0;
}

/* One scale for all colour numbers: lightness around the middle, a and b stretched as much as eyes
 * separate hues further than shades. */
static void stretch(float *color) {
    color[0] = 2 * (color[0] - 0.5f);
    color[1] *= 6;
    color[2] *= 6;
}

void descriptor_statistics(const descriptor_picture *p, float *out) {
    palette colors = {{0}, {{0}}};
    double sums[3] = {0}, squares[3] = {0}, total = 0, chromas = 0, colored = 0;
    for (size_t i = 0; i < p->n; i++) {
        float w = p->weight[i], v[3] = {p->L[i], p->a[i], p->b[i]}, c = chroma(v[1], v[2]);
        if (!(w > 0)) continue;
        size_t bin = (palette_bin(v[0], 0, 1) * 6 + palette_bin(v[1], -0.2f, 0.2f)) * 6 +
                     palette_bin(v[2], -0.2f, 0.2f);
        colors.weight[bin] += w;
        for (size_t k = 0; k < 3; k++) {
            colors.sum[bin][k] += w * v[k];
            sums[k] += (double)(w * v[k]);
            squares[k] += (double)(w * v[k] * v[k]);
        }
        total += (double)w;
        chromas += (double)(w * c);
        colored += (double)(w * coloredness(c));
    }
    memset(out, 0, DESCRIPTOR_STATISTICS * sizeof *out);
    if (!(total > 0)) return;
    for (size_t k = 0; k < 3; k++) {
        double mean = sums[k] / total, variance = squares[k] / total - mean * mean;
        out[k] = (float)mean;
        out[3 + k] = (float)sqrt(variance > 0 ? variance : 0) * (k ? 6.0f : 2.0f);
    }
    stretch(out);
    for (size_t k = 0; k < 2; k++) {
        float share = take_commonest(&colors, (float)total, out + 6 + 3 * k);
        stretch(out + 6 + 3 * k);
        for (size_t c = 0; c < 3; c++) out[6 + 3 * k + c] *= sqrtf(share);
        out[12 + k] = 0.5f * share;
    }
    out[14] = (float)(chromas / total) * 4;
    out[15] = (float)(colored / total) * 0.5f;
}
