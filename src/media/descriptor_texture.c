/* The descriptor's texture block: local binary patterns and oriented gradient energy inside the
 * foreground, at three sizes. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "media/descriptor_parts.h"

enum { LEVELS = 3, PATTERNS = 10, DIRECTIONS = 8 };

/* One size of the lightness plane. */
typedef struct level {
    size_t width, height;
    float *L, *weight; // (height, width)
} level;

/* The eight neighbours in circular order. */
static const int around[8][2] = {{1, 0},  {1, 1},   {0, 1},  {-1, 1},
                                 {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};

/* Rotation-invariant uniform pattern: the number of brighter neighbours if they are one run, else
 * 9 (Ojala et al., equation 9). A neighbour must be brighter by more than noise, so that plain
 * cloth is pattern 0 and not chance. */
static size_t binary_pattern(const level *l, size_t x, size_t y) {
    const float noise = 0.015f;
    float centre = l->L[y * l->width + x] + noise;
    unsigned bits = 0;
    for (size_t k = 0; k < 8; k++) {
        size_t nx = (size_t)((long)x + around[k][0]), ny = (size_t)((long)y + around[k][1]);
        bits |= (unsigned)(l->L[ny * l->width + nx] > centre) << k;
    }
    unsigned turned = ((bits << 1) | (bits >> 7)) & 0xff, changes = bits ^ turned;
    size_t n_changes = 0, n_bits = 0;
    for (unsigned k = 0; k < 8; k++) {
        n_changes += changes >> k & 1;
        n_bits += bits >> k & 1;
    }
    return n_changes <= 2 ? n_bits : 9;
}

static void describe_level(const level *l, float *patterns, float *energy) {
    double total = 0;
    float counts[PATTERNS] = {0}, sums[DIRECTIONS] = {0};
    for (size_t y = 1; y + 1 < l->height; y++) {
        for (size_t x = 1; x + 1 < l->width; x++) {
            size_t at = y * l->width + x;
            float w = l->weight[at];
            if (w < 0.001f) continue;
            total += (double)w;
            counts[binary_pattern(l, x, y)] += w;
            float gx = l->L[at + 1] - l->L[at - 1], gy = l->L[at + l->width] - l->L[at - l->width];
            descriptor_bins direction = descriptor_split_circle(atan2f(gy, gx) * 0.31830988618f,
                                                                DIRECTIONS);
            float strength = w * sqrtf(gx * gx + gy * gy);
            for (size_t k = 0; k < 2; k++) sums[direction.bin[k]] += strength * direction.share[k];
        }
    }
    if (!(total > 0)) return;
    // Patterns tell stripes from checks less well than energies do, and count half. A mean gradient
    // of .03 in one direction weighs as much as the constant for plain cloth.
    for (size_t k = 0; k < PATTERNS; k++) patterns[k] = 0.5f * sqrtf(counts[k] / (float)total);
    for (size_t k = 0; k < DIRECTIONS; k++) energy[k] = sums[k] / (float)total / 0.03f;
}

/* Halves a level by averaging 2 x 2 pixels; a weight is that of its least pixel. */
static lb_status halve(const level *in, level *out) {
    out->width = in->width / 2;
    out->height = in->height / 2;
    LB_TRY(NEW_ARRAY(out->L, out->width * out->height));
    LB_TRY(NEW_ARRAY(out->weight, out->width * out->height));
    for (size_t y = 0; y < out->height; y++) {
        for (size_t x = 0; x < out->width; x++) {
            size_t at = 2 * y * in->width + 2 * x, below = at + in->width;
            const float *L = in->L, *w = in->weight;
            float upper = fminf(w[at], w[at + 1]), lower = fminf(w[below], w[below + 1]);
            out->L[y * out->width + x] = 0.25f * (L[at] + L[at + 1] + L[below] + L[below + 1]);
            out->weight[y * out->width + x] = fminf(upper, lower);
        }
    }
    return LB_OK;
}

lb_status descriptor_texture(const descriptor_picture *p, float *out) {
    lb_status status = LB_OK;
    level levels[LEVELS] = {{p->width, p->height, p->L, p->interior}};
    float *energy = out + LEVELS * PATTERNS;
    memset(out, 0, DESCRIPTOR_TEXTURE * sizeof *out);
    *energy++ = 1;
    for (size_t i = 0; i < LEVELS; i++) {
        if (i) LB_TRY_CLEANUP(halve(&levels[i - 1], &levels[i]));
        describe_level(&levels[i], out + i * PATTERNS, energy + i * DIRECTIONS);
    }
cleanup:
    for (size_t i = 1; i < LEVELS; i++) {
        free(levels[i].L);
        free(levels[i].weight);
    }
    return status;
}
