/* Bags, standing. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static material hardware(const demo_product *p) {
    return p->detail % 2 ? MATERIAL_SILVER : MATERIAL_GOLD;
}

static fabric metal_of(const demo_product *p) {
    return fabric_plain(fabric_metal(hardware(p)), hardware(p));
}

static fabric strap_of(const demo_product *p, const fabric *f) {
    if (p->material == MATERIAL_CANVAS)
        return fabric_plain((rgb){0.52, 0.33, 0.19}, MATERIAL_LEATHER);
    if (p->pattern == PATTERN_PLAIN) return fabric_plain(rgb_scale(f->base, 0.9), MATERIAL_LEATHER);
    return fabric_plain(rgb_scale(f->accent, 0.85), MATERIAL_LEATHER);
}

static void draw_handle(canvas *c, const fabric *strap, double half, double foot, double top,
                        double width) {
    cairo_move_to(c->path, 128 - half, foot);
    cairo_curve_to(c->path, 128 - half + 4, top - 8, 128 + half - 4, top - 8, 128 + half, foot);
    canvas_stroke(c, strap, width, 0.8);
}

static void draw_tote(canvas *c, const demo_product *p, const fabric *f) {
    fabric strap = strap_of(p, f), metal = metal_of(p),
           inside = fabric_plain(rgb_scale(f->base, 0.4), MATERIAL_COTTON);
    draw_handle(c, &strap, 30, 98, 26, 5);
    canvas_ellipse(c->path, 128, 93, 73, 6);
    canvas_fill(c, &inside, 3, 0.3);
    spot half[] = {
        {0, 96, false}, {74, 92, true}, {76, 130, false}, {64, 212, true}, {0, 214, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    for (int side = -1; side <= 1; side += 2)
        canvas_crease(c, (spot){128 + side * 66, 100, false}, (spot){128 + side * 58, 150, false},
                      (spot){128 + side * 56, 206, false}, 8, 0.4);
    canvas_fill(c, f, 22, 0.7);
    draw_handle(c, &strap, 32, 112, 34, 6);
    for (int side = -1; side <= 1; side += 2) {
        canvas_box(c->path, 128 + side * 32 - 5, 108, 10, 20, 2);
        canvas_fill(c, &strap, 3, 0.6);
        canvas_ellipse(c->path, 128 + side * 32, 123, 2.4, 2.4);
        canvas_fill(c, &metal, 2.4, 1);
    }
    cairo_move_to(c->ink, 52, 100);
    cairo_line_to(c->ink, 204, 100);
    canvas_stitch(c, rgb_mix(f->base, (rgb){1, 1, 1}, 0.5));
}

static void draw_satchel(canvas *c, const demo_product *p, const fabric *f) {
    fabric strap = strap_of(p, f), metal = metal_of(p), flap = *f;
    draw_handle(c, &strap, 62, 112, p->detail > 1 ? 20 : 44, 5.5);
    canvas_box(c->path, 50, 104, 156, 110, 16);
    canvas_fill(c, f, 20, 0.8);
    flap.base = rgb_scale(f->base, 1.03);
    spot half[] = {{0, 100, false},  {74, 101, false}, {80, 112, false},
                   {78, 158, false}, {56, 172, false}, {0, 176, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    canvas_fill(c, &flap, 12, 0.75);
    canvas_box(c->ink, 56, 106, 144, 62, 22);
    canvas_stitch(c, rgb_mix(f->base, (rgb){1, 1, 1}, 0.45));
    canvas_box(c->path, 116, 160, 24, 24, 5);
    canvas_fill(c, &metal, 5, 0.8);
    canvas_ellipse(c->path, 128, 172, 4.5, 4.5);
    canvas_fill(c, &strap, 3, 0.8);
    for (int side = -1; side <= 1; side += 2) {
        canvas_ellipse(c->path, 128 + side * 63, 111, 6, 6);
        canvas_stroke(c, &metal, 2.6, 1);
    }
}

static void draw_backpack(canvas *c, const demo_product *p, const fabric *f) {
    fabric strap = strap_of(p, f), metal = metal_of(p);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(c->path, 128 + side * 34, 62);
        cairo_curve_to(c->path, 128 + side * 96, 80, 128 + side * 92, 170, 128 + side * 62, 204);
    }
    canvas_stroke(c, &strap, 9, 0.7);
    draw_handle(c, &strap, 15, 52, 26, 6);
    spot half[] = {{0, 40, false},   {42, 48, false},  {60, 82, false}, {65, 150, false},
                   {63, 204, false}, {50, 214, false}, {0, 214, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    canvas_fill(c, f, 24, 0.85);
    cairo_move_to(c->ink, 72, 108);
    cairo_curve_to(c->ink, 78, 60, 178, 60, 184, 108);
    canvas_seam(c, 2.4, 0.5);
    canvas_box(c->path, 78, 134, 100, 68, 14);
    canvas_fill(c, f, 14, 0.7);
    fabric flap = p->pattern == PATTERN_PLAIN ? *f : strap;
    flap.base = rgb_scale(flap.base, 0.9);
    canvas_box(c->path, 76, 130, 104, 26, 10);
    canvas_fill(c, &flap, 8, 0.6);
    canvas_box(c->path, 123, 146, 10, 26, 2);
    canvas_fill(c, &strap, 3, 0.6);
    canvas_box(c->path, 121, 156, 14, 11, 2);
    canvas_stroke(c, &metal, 2.4, 1);
    canvas_box(c->ink, 81, 134, 94, 19, 8);
    canvas_stitch(c, rgb_mix(f->base, (rgb){1, 1, 1}, 0.45));
}

static void draw_clutch(canvas *c, const demo_product *p, const fabric *f) {
    fabric metal = metal_of(p), flap = *f;
    if (p->detail > 1) { // a chain
        for (int i = 0; i < 30; i++) {
            double t = M_PI * (i + 0.5) / 30, x = 128 - 84 * cos(t), y = 132 - 76 * sin(t);
            canvas_ellipse(c->path, x, y, i % 2 ? 4.4 : 3.2, i % 2 ? 3.2 : 4.4);
        }
        canvas_stroke(c, &metal, 1.8, 1);
    }
    canvas_box(c->path, 34, 122, 188, 92, 9);
    canvas_fill(c, f, 14, 0.8);
    flap.base = rgb_scale(f->base, 1.04);
    spot envelope[] = {{34, 124, true},   {222, 124, true},  {219, 134, false},
                       {140, 176, false}, {116, 176, false}, {37, 134, false}};
    canvas_trace(c->path, envelope, COUNT(envelope), true);
    canvas_fill(c, &flap, 9, 0.7);
    canvas_ellipse(c->path, 128, 172, 7, 7);
    canvas_fill(c, &metal, 7, 1);
}

static void draw_bucket(canvas *c, const demo_product *p, const fabric *f) {
    fabric strap = strap_of(p, f), metal = metal_of(p),
           inside = fabric_plain(rgb_scale(f->base, 0.4), MATERIAL_COTTON);
    draw_handle(c, &strap, 50, 98, 16, 6);
    canvas_ellipse(c->path, 128, 92, 55, 9);
    canvas_fill(c, &inside, 4, 0.4);
    spot half[] = {{0, 99, false},   {56, 91, true},   {60, 120, false},
                   {68, 196, false}, {58, 213, false}, {0, 214, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    for (int i = -3; i <= 3; i++)
        canvas_crease(c, (spot){128 + i * 15, 96, false}, (spot){128 + i * 16, 116, false},
                      (spot){128 + i * 17, canvas_vary(c, 136, 166), false}, 6, i % 2 ? 0.6 : -0.6);
    canvas_fill(c, f, 22, 0.8);
    cairo_move_to(c->path, 72, 110);
    cairo_curve_to(c->path, 100, 119, 156, 119, 184, 110);
    canvas_stroke(c, &strap, 4, 0.8);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(c->path, 128 + side * 4, 117);
        cairo_curve_to(c->path, 128 + side * 5, 132, 128 + side * 10, 144, 128 + side * 9, 160);
        canvas_stroke(c, &strap, 3, 0.8);
        canvas_ellipse(c->path, 128 + side * 9, 163, 3, 5);
        canvas_fill(c, &metal, 3, 1);
    }
}

void draw_bag(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    switch (p->cut) {
    case BAG_TOTE: draw_tote(c, p, &f); break;
    case BAG_SATCHEL: draw_satchel(c, p, &f); break;
    case BAG_BACKPACK: draw_backpack(c, p, &f); break;
    case BAG_CLUTCH: draw_clutch(c, p, &f); break;
    default: draw_bucket(c, p, &f); break;
    }
}
