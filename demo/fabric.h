/* Fabrics: colours, pattern and material, painted flat; the canvas adds the light. */
#ifndef LB_DEMO_FABRIC_H
#define LB_DEMO_FABRIC_H

#include <cairo.h>

#include "demo/product.h"

typedef struct fabric {
    rgb base, accent, third;
    pattern pattern;
    material material;
    double scale; // of the pattern; 1 = as on a dress
    double angle; // radians, clockwise
    uint64_t key; // of the pattern's accidents
} fabric;

/* How a material takes the light. */
typedef struct finish {
    double gloss, power; // strength and sharpness of the highlight
    double grain;        // brightness noise of single threads
    double drape;        // unevenness of the surface, units
    double drape_width;  // its wavelength, units
    double metal;        // 1 = mirrors its surroundings
} finish;

/* The fabric of a product: its colours (slightly varied by `key`), pattern and material. */
fabric fabric_of(const demo_product *p, uint64_t key);

/* A plain fabric. */
fabric fabric_plain(rgb base, material m);

/* The colour of gold, silver or rose gold. */
rgb fabric_metal(material m);

const finish *fabric_finish(material m);

/* Paints the whole clip of `cr` (units of the picture). */
void fabric_paint(cairo_t *cr, const fabric *f);

#endif
