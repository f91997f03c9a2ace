/*
 * The built-in visual descriptor "builtin-1": what a product looks like as DESCRIPTOR_DIM numbers,
 * computed without any learned weights. Products whose descriptors have a high cosine agree in
 * kind, colour and pattern. It serves where no network is at hand, and as the default feature.
 *
 * The picture is shrunk (or grown) so that its longer side is DESCRIPTOR_SIDE pixels and converted
 * to OKLab (B. Ottosson, "A perceptual color space for image processing", 2020). The background's
 * colour is the median of the border; what is joined to the border in that colour is background.
 * Every pixel gets a foreground weight, and the less uniform the border is, the more these weights
 * fall back to a Gaussian around the centre. Positions are measured in the foreground's bounding
 * box, so that size and place of the product in its photo matter little.
 *
 * The descriptor is six blocks side by side, each scaled to L2 norm sqrt(weight), so that the whole
 * has norm 1 and the cosine of two descriptors is the weighted mean of their blocks' cosines:
 *
 *   offset  size  weight  block
 *        0    80    .20   colour: soft histogram, square roots (Hellinger kernel): 8 lightness
 *                         levels of grey, then hue (12, from OKLab +a towards +b) x lightness
 *                         (dark, middle, light) x chroma (muted, vivid), lightness slowest
 *       80   108    .10   colour by place: for each cell of 3 x 3 over the box (rows from the
 *                         top) 4 greys and 8 hues, square roots of the share of all foreground
 *      188    16    .06   colour statistics, signed: mean L a b, deviation L a b, the two
 *                         commonest colours (L a b, each times the root of its share), their
 *                         two shares, mean chroma, share of coloured pixels
 *      204   128    .25   edges: 4 x 4 cells over the box's enclosing square x 8 unsigned
 *                         directions of the gradient (0 = change from left to right), square roots
 *                         (after N. Dalal and B. Triggs, "Histograms of oriented gradients", 2005)
 *      332    55    .22   texture inside the foreground: at 1, 1/2 and 1/4 of the size 10
 *                         rotation-invariant uniform local binary patterns (T. Ojala et al.,
 *                         2002; halves of square roots), then a constant 1 (most of it on plain
 *                         cloth), then 3 x 8 gradient energies by direction (most of it on
 *                         stripes and checks)
 *      387    76    .17   shape: 8 x 8 coverage of the box's enclosing square from -1 (background)
 *                         to 1, then 12 statistics: logarithm of height / width, fill of the box,
 *                         second moments (round, upright, diagonal), third moments (4), symmetry
 *                         (left-right, top-bottom), upper half wider than the lower
 *
 * Same picture, same bytes: on one build and machine type the result does not depend on anything
 * else.
 */
#ifndef LB_MEDIA_DESCRIPTOR_H
#define LB_MEDIA_DESCRIPTOR_H

#include <stdbool.h>

#include "core/status.h"
#include "media/image.h"

enum {
    DESCRIPTOR_DIM = 463,
    DESCRIPTOR_SIDE = 128,  // the longer side of the picture that is described
    DESCRIPTOR_WANTED = 224 // a `wanted` for image_decode that loses nothing visible here
};

/* Names these numbers' meaning; another meaning gets another identity. */
#define DESCRIPTOR_IDENTITY "builtin-1"

/* Describes `picture` (at least 1 x 1) in `out` (DESCRIPTOR_DIM), of L2 norm 1 and finite. A
 * picture of one colour all over (a placeholder, an empty scan) is blank: `*blank` is set and `out`
 * is all zero. Only LB_E_NOMEM can happen, and leaves `out` undefined. Thread-safe. O(pixels). */
lb_status descriptor_compute(const image *picture, float *out, bool *blank);

/* Only whether a picture is blank. */
lb_status descriptor_find_blank(const image *picture, bool *blank);

#endif
