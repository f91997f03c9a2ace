/* Watches, lying flat with the strap up and down. `colour` is the strap's (or the dial's where the
 * strap is of metal), `accent` the dial's. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void trace_strap(cairo_t *cr, double wide, double narrow, double from, double to) {
    spot spots[] = {{128 - wide, from, true},
                    {128 + wide, from, true},
                    {128 + narrow, to, true},
                    {128, to + (to > from ? 5 : -5), false},
                    {128 - narrow, to, true}};
    canvas_trace(cr, spots, COUNT(spots), true);
}

static void draw_leather_strap(canvas *c, const fabric *f, const fabric *metal, bool rubber) {
    trace_strap(c->path, 25, 20, 106, 6);
    trace_strap(c->path, 25, 18, 150, 250);
    canvas_fill(c, f, 12, 0.7);
    for (double x = -1; x <= 1; x += 2) {
        cairo_move_to(c->ink, 128 + x * 20, 92);
        cairo_line_to(c->ink, 128 + x * 16, 10);
        cairo_move_to(c->ink, 128 + x * 20, 164);
        cairo_line_to(c->ink, 128 + x * 14, 246);
    }
    if (!rubber) canvas_stitch(c, rgb_mix(f->base, (rgb){1, 0.95, 0.85}, 0.6));
    cairo_new_path(c->ink);
    cairo_set_source_rgba(c->ink, 0, 0, 0, 0.6);
    for (int i = 0; i < 5; i++) {
        canvas_ellipse(c->ink, 128, 196 + i * 11, rubber ? 4 : 1.8, 2);
        cairo_fill(c->ink);
    }
    canvas_box(c->path, 107, 12, 42, 15, 4);
    canvas_stroke(c, metal, 3.6, 1);
}

static void draw_bracelet(canvas *c, const fabric *metal) {
    for (int half = 0; half < 2; half++)
        for (int i = 0; i < 8; i++) {
            double y = half ? 168 + i * 10.6 : 79 - i * 10.6, w = 25 - 0.5 * i;
            canvas_box(c->path, 128 - w, y, w * 0.62, 10, 3);
            canvas_box(c->path, 128 + w * 0.38, y, w * 0.62, 10, 3);
            canvas_fill(c, metal, 6, 0.9);
            canvas_box(c->path, 128 - w * 0.37, y, w * 0.74, 10, 3);
            canvas_fill(c, metal, 6, 0.9);
        }
}

static void draw_marks(canvas *c, double radius, rgb ink, bool square) {
    cairo_set_source_rgb(c->ink, ink.r, ink.g, ink.b);
    for (int i = 0; i < 60; i++) {
        double a = i * M_PI / 30, long_mark = i % 5 ? 2 : i % 15 ? 6 : 9;
        double reach = square ? radius / fmax(fabs(cos(a)), fabs(sin(a))) : radius;
        cairo_set_line_width(c->ink, i % 5 ? 0.7 : i % 15 ? 1.8 : 2.8);
        cairo_move_to(c->ink, 128 + cos(a) * reach, 124 + sin(a) * reach);
        cairo_line_to(c->ink, 128 + cos(a) * (reach - long_mark),
                      124 + sin(a) * (reach - long_mark));
        cairo_stroke(c->ink);
    }
}

static void draw_hand(canvas *c, double angle, double length, double width, rgb ink) {
    cairo_set_line_width(c->ink, width);
    cairo_set_source_rgba(c->ink, 0, 0, 0, 0.3);
    cairo_move_to(c->ink, 129.5 - cos(angle) * 6, 126 - sin(angle) * 6);
    cairo_line_to(c->ink, 129.5 + cos(angle) * length, 126 + sin(angle) * length);
    cairo_stroke(c->ink);
    cairo_set_source_rgb(c->ink, ink.r, ink.g, ink.b);
    cairo_move_to(c->ink, 128 - cos(angle) * 6, 124 - sin(angle) * 6);
    cairo_line_to(c->ink, 128 + cos(angle) * length, 124 + sin(angle) * length);
    cairo_stroke(c->ink);
}

static void draw_subdials(canvas *c, rgb ink, rgb dial) {
    static const double at[3][2] = {{108, 124}, {148, 124}, {128, 144}};
    for (int i = 0; i < 3; i++) {
        rgb shade = rgb_scale(dial, rgb_luma(dial) > 0.3 ? 0.88 : 1.5);
        canvas_ellipse(c->ink, at[i][0], at[i][1], 9.5, 9.5);
        cairo_set_source_rgb(c->ink, shade.r, shade.g, shade.b);
        cairo_fill_preserve(c->ink);
        cairo_set_source_rgba(c->ink, ink.r, ink.g, ink.b, 0.7);
        cairo_set_line_width(c->ink, 0.8);
        cairo_stroke(c->ink);
        cairo_move_to(c->ink, at[i][0], at[i][1]);
        cairo_line_to(c->ink, at[i][0] + 4 + i, at[i][1] - 5 + 3 * i);
        cairo_stroke(c->ink);
    }
}

/* Glass: a pale reflection over the upper left. */
static void draw_glass(canvas *c, double radius) {
    cairo_pattern_t *glare = cairo_pattern_create_linear(128 - radius, 124 - radius, 138, 136);
    cairo_pattern_add_color_stop_rgba(glare, 0, 1, 1, 1, 0.42);
    cairo_pattern_add_color_stop_rgba(glare, 0.62, 1, 1, 1, 0.08);
    cairo_pattern_add_color_stop_rgba(glare, 0.63, 1, 1, 1, 0);
    cairo_set_source(c->ink, glare);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_ATOP);
    canvas_ellipse(c->ink, 128, 124, radius, radius);
    cairo_fill(c->ink);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_OVER);
    cairo_pattern_destroy(glare);
}

static void draw_case(canvas *c, const demo_product *p, const fabric *metal, rgb dial) {
    bool square = p->cut == WATCH_SQUARE;
    canvas_box(c->path, 172, 118, 12, 12, 3);
    canvas_fill(c, metal, 5, 1);
    for (int y = 0; y < 2; y++)
        for (int x = 0; x < 2; x++) canvas_box(c->path, x ? 148 : 98, y ? 154 : 76, 10, 20, 3);
    canvas_fill(c, metal, 5, 1);
    if (square)
        canvas_box(c->path, 82, 76, 92, 96, 16);
    else
        canvas_ellipse(c->path, 128, 124, 50, 50);
    canvas_fill(c, metal, 14, 1);
    fabric face = fabric_plain(dial, MATERIAL_SATIN);
    if (square)
        canvas_box(c->path, 91, 85, 74, 78, 10);
    else
        canvas_ellipse(c->path, 128, 124, 41.5, 41.5);
    canvas_fill(c, &face, 4, 0.25);
}

void draw_watch(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    bool bracelet = p->cut == WATCH_BRACELET;
    fabric metal = fabric_plain(fabric_metal(p->material), p->material);
    if (p->cut == WATCH_SPORT && p->detail == 3)
        metal = fabric_plain((rgb){0.22, 0.22, 0.24}, MATERIAL_SILVER);
    rgb dial = bracelet ? f.base : f.accent;
    rgb ink = rgb_luma(dial) > 0.45 ? (rgb){0.12, 0.12, 0.14} : (rgb){0.95, 0.94, 0.9};
    canvas_push(c, 0, 4, 0.97, canvas_vary(c, -0.12, 0.12));
    if (bracelet) {
        draw_bracelet(c, &metal);
    } else {
        fabric strap = fabric_plain(f.base,
                                    p->cut == WATCH_SPORT ? MATERIAL_CANVAS : MATERIAL_LEATHER);
        draw_leather_strap(c, &strap, &metal, p->cut == WATCH_SPORT);
    }
    draw_case(c, p, &metal, dial);
    draw_marks(c, p->cut == WATCH_SQUARE ? 33 : 39, ink, p->cut == WATCH_SQUARE);
    if (p->detail == 2) draw_subdials(c, ink, dial);
    double minute = canvas_vary(c, 0, 2 * M_PI);
    draw_hand(c, minute + 2.2, 20, 3.2, ink);
    draw_hand(c, minute, 31, 2.2, ink);
    draw_hand(c, minute + 4, 33, 0.9, (rgb){0.8, 0.15, 0.12});
    canvas_ellipse(c->path, 128, 124, 2.6, 2.6);
    canvas_fill(c, &metal, 2, 1);
    draw_glass(c, p->cut == WATCH_SQUARE ? 36 : 41);
    canvas_pop(c);
}
