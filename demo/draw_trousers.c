/* Trousers, jeans and shorts. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct leg {
    double waist, hip, knee, ankle; // waist and hip half widths; knee and ankle full widths
    double top, crotch, knee_y, hem;
    double spread; // how far the ankle's middle is from the middle of the picture
} leg;

static leg leg_of(const demo_product *p) {
    leg l = {36, 47, 32, 27, 26, 98, 150, 238, 30};
    switch (p->cut) {
    case TROUSERS_SKINNY: l.knee = 25, l.ankle = 18, l.hip = 44, l.spread = 25; break;
    case TROUSERS_WIDE: l.knee = 44, l.ankle = 53, l.hip = 49, l.spread = 36; break;
    case TROUSERS_FLARED: l.knee = 27, l.ankle = 46, l.hip = 44, l.spread = 34; break;
    case TROUSERS_SHORTS:
        l.top = 62, l.crotch = 134, l.knee_y = 158, l.hem = p->length ? 196 : 172;
        l.waist = 42, l.hip = 53, l.knee = 52, l.ankle = 53, l.spread = 31;
        break;
    default: break;
    }
    return l;
}

static void draw_leg(canvas *c, const leg *l, const fabric *f, double shift) {
    fabric cloth = *f;
    cloth.angle = f->angle + 0.05 * shift;
    double middle = 128 - l->spread, knee_x = 128 - l->spread * 0.86;
    spot spots[] = {{128 - l->waist, l->top, true},
                    {128 - l->hip, l->top + (l->crotch - l->top) * 0.62, false},
                    {knee_x - l->knee / 2 - 2, l->knee_y, false},
                    {middle - l->ankle / 2, l->hem, true},
                    {middle, l->hem + 3, false},
                    {middle + l->ankle / 2, l->hem, true},
                    {knee_x + l->knee / 2, l->knee_y, false},
                    {127, l->crotch + 2, true},
                    {130, l->top + 10, false},
                    {130, l->top, true}};
    canvas_trace(c->path, spots, COUNT(spots), true);
    for (int i = 0; i < 4; i++) {
        double y = i < 2 ? l->crotch + canvas_vary(c, -4, 16) : l->knee_y + canvas_vary(c, -14, 14);
        double x = i < 2 ? 124 : knee_x + l->knee / 2;
        canvas_crease(c, (spot){x, y, false}, (spot){x - 9, y + 3, false},
                      (spot){x - canvas_vary(c, 16, 26), y + canvas_vary(c, -8, 8), false},
                      canvas_vary(c, 4, 8), canvas_vary(c, -0.30, -0.1));
    }
    canvas_fill(c, &cloth, 20, 0.65);
}

static void draw_crease_line(canvas *c, const leg *l) {
    double x = 128 - l->spread * 0.9;
    cairo_move_to(c->ink, x - 1, l->crotch - 16);
    cairo_line_to(c->ink, 128 - l->spread, l->hem);
    canvas_seam(c, 1.2, 0.16);
}

static void draw_jeans_details(canvas *c, const leg *l, rgb thread) {
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        cairo_move_to(c->ink, 128 - l->waist * 0.42, l->top + 8);
        cairo_curve_to(c->ink, 128 - l->waist * 0.5, l->top + 24, 128 - l->waist * 0.9, l->top + 27,
                       128 - l->waist - 5, l->top + 25);
        canvas_seam(c, 1.4, 0.35);
        cairo_move_to(c->ink, 128 - l->waist * 0.45, l->top + 8);
        cairo_curve_to(c->ink, 128 - l->waist * 0.55, l->top + 26, 128 - l->waist * 0.9,
                       l->top + 29.5, 128 - l->waist - 5, l->top + 27.5);
        cairo_move_to(c->ink, 128 - l->spread - l->ankle / 2, l->hem - 5);
        cairo_line_to(c->ink, 128 - l->spread + l->ankle / 2, l->hem - 5);
        canvas_stitch(c, thread);
        if (side) canvas_pop(c);
    }
    cairo_move_to(c->ink, 136, l->top + 8);
    cairo_curve_to(c->ink, 137, l->top + 40, 134, l->top + 44, 128, l->top + 48);
    canvas_stitch(c, thread);
}

/* Worn places of jeans: paler thighs. */
static void fade_denim(canvas *c, const leg *l) {
    cairo_set_operator(c->ink, CAIRO_OPERATOR_ATOP);
    for (int side = -1; side <= 1; side += 2) {
        double x = 128 + side * l->spread * 0.85, y = (l->crotch + l->knee_y) / 2 + 4;
        cairo_save(c->ink);
        cairo_translate(c->ink, x, y);
        cairo_scale(c->ink, l->knee * 0.42, 52);
        cairo_pattern_t *fade = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
        cairo_pattern_add_color_stop_rgba(fade, 0, 1, 1, 1, 0.26);
        cairo_pattern_add_color_stop_rgba(fade, 1, 1, 1, 1, 0);
        cairo_set_source(c->ink, fade);
        cairo_arc(c->ink, 0, 0, 1, 0, 2 * M_PI);
        cairo_fill(c->ink);
        cairo_pattern_destroy(fade);
        cairo_restore(c->ink);
    }
    cairo_set_operator(c->ink, CAIRO_OPERATOR_OVER);
}

static void draw_waistband(canvas *c, const leg *l, const fabric *f, const demo_product *p) {
    spot band[] = {{128 - l->waist - 1, l->top - 6, true},
                   {128, l->top - 3, false},
                   {128 + l->waist + 1, l->top - 6, true},
                   {128 + l->waist + 2, l->top + 6, true},
                   {128, l->top + 9, false},
                   {128 - l->waist - 2, l->top + 6, true}};
    fabric cloth = *f;
    if (p->pattern == PATTERN_BLOCK) cloth.pattern = PATTERN_PLAIN;
    canvas_trace(c->path, band, COUNT(band), true);
    canvas_fill(c, &cloth, 5, 0.5);
    for (int i = -1; i <= 1; i += 2) {
        canvas_box(c->path, 128 + i * l->waist * 0.62 - 2, l->top - 6, 4, 16, 1);
        canvas_fill(c, &cloth, 2, 0.6);
    }
    if (p->detail == 3) {
        fabric tie = cloth;
        tie.base = rgb_scale(f->base, 0.9);
        for (int i = -1; i <= 1; i += 2) {
            cairo_move_to(c->path, 128 + i * 2, l->top + 3);
            cairo_curve_to(c->path, 128 + i * 4, l->top + 16, 128 + i * 9, l->top + 24, 128 + i * 7,
                           l->top + 36);
        }
        canvas_stroke(c, &tie, 2.6, 0.7);
    } else {
        canvas_button(c, 128, l->top + 2, 3.1,
                      f->material == MATERIAL_DENIM ? (rgb){0.76, 0.58, 0.36}
                                                    : rgb_scale(f->base, 0.6));
    }
}

void draw_trousers(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    leg l = leg_of(p);
    if (p->section == SECTION_MEN) l.hip -= 2, l.waist += 2;
    canvas_push_mirror(c);
    draw_leg(c, &l, &f, -1);
    canvas_pop(c);
    draw_leg(c, &l, &f, 1);
    if (f.material == MATERIAL_DENIM) {
        fade_denim(c, &l);
        draw_jeans_details(c, &l, (rgb){0.86, 0.60, 0.26});
    } else {
        draw_jeans_details(c, &l, rgb_scale(f.base, 0.7));
        if (p->cut != TROUSERS_SKINNY && f.material != MATERIAL_LEATHER) {
            draw_crease_line(c, &l);
            canvas_push_mirror(c);
            draw_crease_line(c, &l);
            canvas_pop(c);
        }
    }
    cairo_move_to(c->ink, 128, l.top + 8);
    cairo_line_to(c->ink, 128, l.crotch);
    canvas_seam(c, 1.2, 0.4);
    draw_waistband(c, &l, &f, p);
}
