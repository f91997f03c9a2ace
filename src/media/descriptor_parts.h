/* The picture as the descriptor sees it, and the descriptor's blocks. For src/media/descriptor*.c
 * alone. */
#ifndef LB_MEDIA_DESCRIPTOR_PARTS_H
#define LB_MEDIA_DESCRIPTOR_PARTS_H

#include "media/descriptor.h"

enum {
    DESCRIPTOR_COLOR = 80,
    DESCRIPTOR_PLACES = 108,
    DESCRIPTOR_STATISTICS = 16,
    DESCRIPTOR_EDGES = 128,
    DESCRIPTOR_TEXTURE = 55,
    DESCRIPTOR_SHAPE = 76
};

/* A rectangle in pixels; edges, not centres. */
typedef struct descriptor_box {
    float left, top, width, height;
} descriptor_box;

typedef struct descriptor_picture {
    size_t width, height;  // the longer is DESCRIPTOR_SIDE
    size_t n;              // width * height
    float *L, *a, *b;      // (height, width) OKLab: L 0..1, a and b about -.3...3
    float *weight;         // (height, width) foreground weight 0..1
    float *interior;       // (height, width) the same without a rim at the silhouette
    float confidence;      // 0..1 that the border is a uniform background
    float background[3];   // its L, a, b
    descriptor_box box;    // around the foreground
    descriptor_box square; // the square around the box's centre that encloses the box
} descriptor_picture;

/* Shrinks, converts, finds the foreground. Close also after failure. */
lb_status descriptor_picture_open(const image *source, descriptor_picture *out);
void descriptor_picture_close(descriptor_picture *p);

/* Whether hardly any pixel differs from the commonest colour. */
bool descriptor_picture_is_blank(const descriptor_picture *p);

/* The blocks, unscaled; every one writes as many numbers as its constant says. */
void descriptor_color(const descriptor_picture *p, float *out);
void descriptor_places(const descriptor_picture *p, float *out);
void descriptor_statistics(const descriptor_picture *p, float *out);
void descriptor_edges(const descriptor_picture *p, float *out);
void descriptor_shape(const descriptor_picture *p, float *out);
lb_status descriptor_texture(const descriptor_picture *p, float *out);

/* A value shared between two neighbouring bins, so that small changes move it smoothly. */
typedef struct descriptor_bins {
    size_t bin[2];
    float share[2]; // sum to 1
} descriptor_bins;

/* `x` in 0..1 over n bins, ends clamped. */
descriptor_bins descriptor_split(float x, size_t n);

/* `x` in turns (1 = full circle; any sign) over n bins around a circle; bin 0 is centred on 0. */
descriptor_bins descriptor_split_circle(float x, size_t n);

/* 0 up to `low`, 1 from `high` on, smooth between. */
float descriptor_step(float low, float high, float x);

#endif
