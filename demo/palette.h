/* The colours the demo shop knows by name. */
#ifndef LB_DEMO_PALETTE_H
#define LB_DEMO_PALETTE_H

#include <stddef.h>

typedef struct rgb {
    double r, g, b; // 0..1
} rgb;

/* Families of colours that go together and that a shopper likes or does not. */
typedef enum colour_family {
    FAMILY_MONOCHROME,
    FAMILY_EARTH,
    FAMILY_PASTEL,
    FAMILY_VIVID,
    FAMILY_DEEP,
    N_FAMILIES
} colour_family;

typedef struct palette_colour {
    const char *name;
    rgb shade;
    colour_family family;
} palette_colour;

extern const palette_colour palette[];
extern const size_t palette_size;

/* The phrase for a family in a review: "earthy tones". */
const char *palette_family_name(colour_family family);

/* `a` and `b` mixed, t = 0 gives a. */
rgb rgb_mix(rgb a, rgb b, double t);

/* All channels multiplied, clamped to 0..1. */
rgb rgb_scale(rgb a, double factor);

/* Perceived brightness, 0..1. */
double rgb_luma(rgb a);

/* How different two colours look, 0 (the same) to about 1 (black and white); the "redmean"
 * weighting of the RGB distance. */
double rgb_distance(rgb a, rgb b);

#endif
