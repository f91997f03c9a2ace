#include "demo/fabric.h"

#include <math.h>
#include <stdbool.h>

#include "core/random.h"

static const finish finishes[N_MATERIALS] = {
    [MATERIAL_COTTON] = {0, 1, 0.020, 1.0, 26, 0},
    [MATERIAL_DENIM] = {0, 1, 0.035, 0.8, 22, 0},
    [MATERIAL_LEATHER] = {0.34, 22, 0.015, 0.5, 16, 0},
    [MATERIAL_SUEDE] = {0, 1, 0.040, 0.8, 18, 0},
    [MATERIAL_KNIT] = {0, 1, 0.030, 0.9, 30, 0},
    [MATERIAL_WOOL] = {0, 1, 0.050, 0.8, 30, 0},
    [MATERIAL_SATIN] = {0.30, 12, 0.006, 2.4, 24, 0},
    [MATERIAL_CANVAS] = {0, 1, 0.035, 0.5, 30, 0},
    [MATERIAL_GOLD] = {0.35, 30, 0, 0, 20, 0.85},
    [MATERIAL_SILVER] = {0.35, 30, 0, 0, 20, 0.9},
    [MATERIAL_ROSE_GOLD] = {0.35, 30, 0, 0, 20, 0.85},
};

const finish *fabric_finish(material m) {
    return &finishes[m];
}

rgb fabric_metal(material m) {
    if (m == MATERIAL_GOLD) return (rgb){0.93, 0.72, 0.30};
    if (m == MATERIAL_ROSE_GOLD) return (rgb){0.90, 0.62, 0.52};
    return (rgb){0.80, 0.82, 0.85};
}

fabric fabric_plain(rgb base, material m) {
    return (fabric){.base = base, .accent = base, .third = base, .material = m, .scale = 1};
}

static rgb vary(rgb c, random_stream *r) {
    double light = 0.95 + 0.1 * random_unit(r);
    c.r *= light * (0.98 + 0.04 * random_unit(r));
    c.g *= light * (0.98 + 0.04 * random_unit(r));
    c.b *= light * (0.98 + 0.04 * random_unit(r));
    return rgb_scale(c, 1);
}

fabric fabric_of(const demo_product *p, uint64_t key) {
    random_stream r = random_open(key, "fabric", 0);
    fabric f = {.pattern = p->pattern, .material = p->material, .scale = 1, .key = key};
    f.base = vary(palette[p->colour].shade, &r);
    f.accent = vary(palette[p->accent].shade, &r);
    /* A third colour for leaves and fine lines: between the two, darker or lighter. */
    f.third = rgb_luma(f.base) > 0.5 ? rgb_scale(rgb_mix(f.base, f.accent, 0.6), 0.55)
                                     : rgb_mix(f.accent, (rgb){1, 1, 1}, 0.55);
    f.scale = 0.85 + 0.4 * random_unit(&r);
    return f;
}

static void set(cairo_t *cr, rgb c, double alpha) {
    cairo_set_source_rgba(cr, c.r, c.g, c.b, alpha);
}

/* ---------------------------------------------------------------- patterns */

/* Patterns are painted around (0, 0) at scale 1, as far as REACH in every direction. */
enum { REACH = 260 };

static void bands(cairo_t *cr, double spacing, double width) {
    for (double y = -REACH; y < REACH; y += spacing)
        cairo_rectangle(cr, -REACH, y, 2 * REACH, width);
    cairo_fill(cr);
}

static void columns(cairo_t *cr, double spacing, double width) {
    for (double x = -REACH; x < REACH; x += spacing)
        cairo_rectangle(cr, x, -REACH, width, 2 * REACH);
    cairo_fill(cr);
}

static void paint_dots(cairo_t *cr, const fabric *f) {
    set(cr, f->accent, 1);
    int row = 0;
    for (double y = -REACH; y < REACH; y += 11, row++)
        for (double x = -REACH + (row % 2) * 6.5; x < REACH; x += 13) {
            cairo_new_sub_path(cr);
            cairo_arc(cr, x, y, 3.1, 0, 2 * M_PI);
        }
    cairo_fill(cr);
}

static void paint_checks(cairo_t *cr, const fabric *f) {
    set(cr, f->accent, 0.55);
    bands(cr, 16, 8);
    columns(cr, 16, 8);
}

static void paint_tartan(cairo_t *cr, const fabric *f) {
    set(cr, f->accent, 0.5);
    bands(cr, 38, 14);
    columns(cr, 38, 14);
    cairo_translate(cr, 24, 24);
    set(cr, f->third, 0.6);
    bands(cr, 38, 2.2);
    columns(cr, 38, 2.2);
    cairo_translate(cr, 6, 6);
    set(cr, rgb_scale(f->base, 0.35), 0.5);
    bands(cr, 38, 3);
    columns(cr, 38, 3);
}

static void paint_flower(cairo_t *cr, const fabric *f, random_stream *r, double size) {
    int petals = 5 + (int)random_below(r, 2);
    double turn = random_unit(r) * M_PI;
    rgb petal = rgb_mix(f->accent, (rgb){1, 1, 1}, 0.25 * random_unit(r));
    set(cr, f->third, 0.9);
    for (int i = 0; i < 2; i++) {
        cairo_save(cr);
        cairo_rotate(cr, turn + 0.7 + i * 2.6);
        cairo_translate(cr, size * 1.15, 0);
        cairo_scale(cr, size * 0.75, size * 0.28);
        cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
        cairo_restore(cr);
        cairo_fill(cr);
    }
    for (int i = 0; i < petals; i++) {
        double a = turn + 2 * M_PI * i / petals;
        set(cr, rgb_scale(petal, i % 2 ? 1 : 0.93), 1);
        cairo_arc(cr, cos(a) * size * 0.58, sin(a) * size * 0.58, size * 0.46, 0, 2 * M_PI);
        cairo_fill(cr);
    }
    set(cr, rgb_luma(petal) > 0.6 ? (rgb){0.85, 0.6, 0.15} : (rgb){0.97, 0.86, 0.5}, 1);
    cairo_arc(cr, 0, 0, size * 0.26, 0, 2 * M_PI);
    cairo_fill(cr);
}

/* Scatters something on a jittered grid; the same fabric gives the same places. */
static void paint_floral(cairo_t *cr, const fabric *f) {
    random_stream r = random_open(f->key, "floral", 0);
    for (double y = -190; y < 190; y += 21)
        for (double x = -190; x < 190; x += 21) {
            cairo_save(cr);
            cairo_translate(cr, x + 12 * random_unit(&r), y + 12 * random_unit(&r));
            paint_flower(cr, f, &r, 4.5 + 4 * random_unit(&r));
            cairo_restore(cr);
        }
}

static void paint_leopard(cairo_t *cr, const fabric *f) {
    random_stream r = random_open(f->key, "animal", 0);
    rgb dark = rgb_luma(f->base) > 0.25 ? (rgb){0.13, 0.09, 0.07} : f->accent;
    rgb inner = rgb_mix(f->base, dark, 0.35);
    for (double y = -190; y < 190; y += 12)
        for (double x = -190; x < 190; x += 13) {
            double cx = x + 7 * random_unit(&r), cy = y + 6 * random_unit(&r);
            double size = 3 + 2.2 * random_unit(&r), from = random_unit(&r) * 2 * M_PI;
            set(cr, inner, 1);
            cairo_arc(cr, cx, cy, size * 0.8, 0, 2 * M_PI);
            cairo_fill(cr);
            set(cr, dark, 1);
            cairo_set_line_width(cr, 1.6 + random_unit(&r));
            for (int i = 0; i < 3; i++) {
                double a = from + i * 2.1;
                cairo_new_sub_path(cr);
                cairo_arc(cr, cx, cy, size, a, a + 0.8 + 0.7 * random_unit(&r));
                cairo_stroke(cr);
            }
        }
}

static void paint_zigzag(cairo_t *cr, const fabric *f) {
    int row = 0;
    for (double y = -REACH; y < REACH; y += 9, row++) {
        if (row % 3 == 2) continue;
        set(cr, row % 3 ? f->third : f->accent, 1);
        cairo_set_line_width(cr, row % 3 ? 2 : 4);
        cairo_move_to(cr, -REACH, y);
        int step = 0;
        for (double x = -REACH; x < REACH; x += 8) cairo_line_to(cr, x, y + (step++ % 2 ? 8 : 0));
        cairo_stroke(cr);
    }
}

static void paint_pattern(cairo_t *cr, const fabric *f) {
    switch (f->pattern) {
    case PATTERN_STRIPES:
        set(cr, f->accent, 1);
        bands(cr, 13, 5.5);
        break;
    case PATTERN_PINSTRIPES:
        set(cr, f->accent, 0.9);
        columns(cr, 9, 2.4);
        break;
    case PATTERN_DOTS: paint_dots(cr, f); break;
    case PATTERN_CHECKS: paint_checks(cr, f); break;
    case PATTERN_TARTAN: paint_tartan(cr, f); break;
    case PATTERN_FLORAL: paint_floral(cr, f); break;
    case PATTERN_ANIMAL: paint_leopard(cr, f); break;
    case PATTERN_ZIGZAG: paint_zigzag(cr, f); break;
    case PATTERN_BLOCK:
        set(cr, f->accent, 1);
        cairo_rectangle(cr, -2 * REACH, 2, 4 * REACH, 4 * REACH);
        cairo_fill(cr);
        break;
    case PATTERN_PLAIN:
    default: break;
    }
}

/* ---------------------------------------------------------------- weaves */

static void weave_denim(cairo_t *cr) {
    cairo_set_line_width(cr, 0.7);
    cairo_set_source_rgba(cr, 1, 1, 1, 0.10);
    for (double d = -256; d < 256; d += 2.2) {
        cairo_move_to(cr, d, 0);
        cairo_line_to(cr, d + 256, 256);
    }
    cairo_stroke(cr);
}

/* Rows of stitches; each row is stroked by itself, as cairo is slow with very long paths. */
static void weave_knit(cairo_t *cr) {
    double x0, y0, x1, y1;
    cairo_clip_extents(cr, &x0, &y0, &x1, &y1);
    cairo_set_line_width(cr, 0.9);
    for (double y = floor(y0 / 3) * 3 - 3; y < y1; y += 1.5) {
        bool bright = fmod(fabs(y), 3) > 1;
        cairo_set_source_rgba(cr, bright, bright, bright, bright ? 0.10 : 0.15);
        double x = floor(x0 / 4) * 4;
        cairo_move_to(cr, x, y);
        for (; x < x1; x += 4) {
            cairo_line_to(cr, x + 2, y + 2.2);
            cairo_line_to(cr, x + 4, y);
        }
        cairo_stroke(cr);
    }
}

static void weave_canvas(cairo_t *cr) {
    cairo_set_line_width(cr, 0.8);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.07);
    for (double d = 0; d < 256; d += 2.4) {
        cairo_move_to(cr, d, 0);
        cairo_line_to(cr, d, 256);
        cairo_move_to(cr, 0, d);
        cairo_line_to(cr, 256, d);
    }
    cairo_stroke(cr);
}

void fabric_paint(cairo_t *cr, const fabric *f) {
    cairo_save(cr);
    set(cr, f->base, 1);
    cairo_paint(cr);
    cairo_translate(cr, 128, 128);
    cairo_rotate(cr, f->angle);
    cairo_scale(cr, f->scale, f->scale);
    paint_pattern(cr, f);
    cairo_restore(cr);
    if (f->material == MATERIAL_DENIM) weave_denim(cr);
    if (f->material == MATERIAL_KNIT) weave_knit(cr);
    if (f->material == MATERIAL_CANVAS) weave_canvas(cr);
}
