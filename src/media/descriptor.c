#include "media/descriptor.h"

#include <math.h>
#include <string.h>

#include "media/descriptor_parts.h"

_Static_assert(DESCRIPTOR_COLOR + DESCRIPTOR_PLACES + DESCRIPTOR_STATISTICS + DESCRIPTOR_EDGES +
                       DESCRIPTOR_TEXTURE + DESCRIPTOR_SHAPE ==
                   DESCRIPTOR_DIM,
               "the blocks fill the descriptor");

/* Shares of the cosine, chosen by looking at nearest neighbours among product photos. */
static const struct {
    size_t size;
    float weight;
} blocks[] = {
    {DESCRIPTOR_COLOR, 0.20f}, {DESCRIPTOR_PLACES, 0.10f},  {DESCRIPTOR_STATISTICS, 0.06f},
    {DESCRIPTOR_EDGES, 0.25f}, {DESCRIPTOR_TEXTURE, 0.22f}, {DESCRIPTOR_SHAPE, 0.17f},
};

static void scale_block(float *block, size_t n, float weight) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)block[i] * (double)block[i];
    if (sum < 1e-12) return;
    float scale = (float)sqrt((double)weight / sum);
    for (size_t i = 0; i < n; i++) block[i] *= scale;
}

static lb_status compute_blocks(const descriptor_picture *p, float *out) {
    descriptor_color(p, out);
    out += DESCRIPTOR_COLOR;
    descriptor_places(p, out);
    out += DESCRIPTOR_PLACES;
    descriptor_statistics(p, out);
    out += DESCRIPTOR_STATISTICS;
    descriptor_edges(p, out);
    out += DESCRIPTOR_EDGES;
    LB_TRY(descriptor_texture(p, out));
    out += DESCRIPTOR_TEXTURE;
    descriptor_shape(p, out);
    return LB_OK;
}

lb_status descriptor_compute(const image *source, float *out, bool *blank) {
    lb_status status = LB_OK;
    descriptor_picture p;
    memset(out, 0, DESCRIPTOR_DIM * sizeof *out);
    LB_TRY_CLEANUP(descriptor_picture_open(source, &p));
    *blank = descriptor_picture_is_blank(&p);
    if (*blank) goto cleanup;
    LB_TRY_CLEANUP(compute_blocks(&p, out));
    float *block = out;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        scale_block(block, blocks[i].size, blocks[i].weight);
        block += blocks[i].size;
    }
    scale_block(out, DESCRIPTOR_DIM, 1); // a block may be empty
cleanup:
    descriptor_picture_close(&p);
    return status;
}

lb_status descriptor_find_blank(const image *picture, bool *blank) {
    descriptor_picture p;
    lb_status status = descriptor_picture_open(picture, &p);
    if (status == LB_OK) *blank = descriptor_picture_is_blank(&p);
    descriptor_picture_close(&p);
    return status;
}

descriptor_bins descriptor_split(float x, size_t n) {
    float at = x * (float)n - 0.5f;
    if (!(at > 0)) return (descriptor_bins){{0, 0}, {1, 0}};
    if (at >= (float)(n - 1)) return (descriptor_bins){{n - 1, n - 1}, {1, 0}};
    size_t low = (size_t)at;
    float share = at - (float)low;
    return (descriptor_bins){{low, low + 1}, {1 - share, share}};
}

descriptor_bins descriptor_split_circle(float x, size_t n) {
    float at = (x - floorf(x)) * (float)n;
    size_t low = (size_t)at % n;
    float share = at - floorf(at);
    return (descriptor_bins){{low, (low + 1) % n}, {1 - share, share}};
}

float descriptor_step(float low, float high, float x) {
    float t = (x - low) / (high - low);
    if (!(t > 0)) return 0;
    if (t > 1) return 1;
    return t * t * (3 - 2 * t);
}
