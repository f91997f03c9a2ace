/*
 * The drawing board of the demo shop. A picture is 256 units wide, whatever its size in pixels.
 *
 * A product is built from parts, back to front. A drawer traces a part's outline on `path`, adds
 * creases, and canvas_fill() renders it: the outline is swollen into a relief (its blurred mask),
 * creases and the material's own unevenness are added to it, and the relief is lit from the upper
 * left over the fabric's colours. Each part throws a soft shadow on those below it. Seams and
 * stitches are then drawn flat, with `ink`.
 */
#ifndef LB_DEMO_CANVAS_H
#define LB_DEMO_CANVAS_H

#include <cairo.h>
#include <stdbool.h>

#include "core/random.h"
#include "core/status.h"
#include "demo/fabric.h"

typedef struct canvas {
    int size;                                                   // pixels on a side
    double unit;                                                // pixels per unit: size / 256
    cairo_surface_t *product, *mask, *cloth, *ridges, *valleys; // (size, size)
    cairo_t *path;                                              // traces a part's outline
    cairo_t *ink;                                               // draws flat on the product
    cairo_t *weave, *ridge, *valley;                            // used by canvas_fill and creases
    float *height, *work, *soft;                                // (size, size)
    bool creased;                                               // the next part has creases
    bool open_hem;        // parts are tubes of cloth, not rounded at their lower end
    random_stream random; // of this product
} canvas;

/* Scratch memory for one thread. Free with canvas_free, which accepts NULL. */
lb_status canvas_new(int size, canvas **out);
void canvas_free(canvas *c);

/* Wipes everything for a new product that draws its accidents from `random`. */
void canvas_begin(canvas *c, random_stream random);

/* Moves, scales, turns (radians) or mirrors (about x = 128) what is drawn until canvas_pop. */
void canvas_push(canvas *c, double dx, double dy, double scale, double angle);
void canvas_push_mirror(canvas *c);
void canvas_pop(canvas *c);

typedef struct spot {
    double x, y;
    bool sharp; // the outline has a corner here
} spot;

/* Traces a smooth outline through the spots (Catmull-Rom), closed or open. */
void canvas_trace(cairo_t *cr, const spot *spots, size_t n, bool closed);

/* Traces an outline that is symmetric about x = 128 from its left half, top to bottom; x is the
 * distance from the middle. */
void canvas_trace_symmetric(cairo_t *cr, const spot *half, size_t n);

/* An ellipse and a rounded box. */
void canvas_ellipse(cairo_t *cr, double x, double y, double rx, double ry);
void canvas_box(cairo_t *cr, double x, double y, double w, double h, double radius);

/* A fold in the next part from one point over a bend to another; depth 0..1, negative for a
 * valley. */
void canvas_crease(canvas *c, spot from, spot bend, spot to, double width, double depth);

/* Renders the traced path, filled or stroked, in `f`, then forgets path and creases. `bulge` is
 * how far the edge is rounded, in units; `depth` how strongly, 0..2. */
void canvas_fill(canvas *c, const fabric *f, double bulge, double depth);
void canvas_stroke(canvas *c, const fabric *f, double width, double depth);

/* A stitched or drawn line over the product only: `ink` strokes and clears its path. */
void canvas_seam(canvas *c, double width, double darkness);
void canvas_stitch(canvas *c, rgb thread);

/* A small round button at a point. */
void canvas_button(canvas *c, double x, double y, double radius, rgb colour);

/* Uniform draw on [low, high) from the product's stream. */
double canvas_vary(canvas *c, double low, double high);

/* `rows` of `width` floats inside a (stride) plane, three box blurs of `radius` pixels in each
 * direction, zero outside; `work` is one row larger than the plane. */
void canvas_blur(float *plane, float *work, int width, int rows, int stride, int radius);

#endif
