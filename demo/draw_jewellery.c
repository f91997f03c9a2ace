/* Necklaces, rings and earrings. `colour` is the stone's or the beads', `material` the metal. */
#include <math.h>
#include <stdlib.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Stones are clearer and deeper than cloth of the same name; black and white become onyx and
 * diamond. */
static rgb stone_colour(const demo_product *p) {
    rgb c = palette[p->colour].shade;
    double grey = rgb_luma(c);
    rgb vivid = {c.r + 0.35 * (c.r - grey), c.g + 0.35 * (c.g - grey), c.b + 0.35 * (c.b - grey)};
    return rgb_scale(vivid, 1);
}

static fabric metal_of(const demo_product *p) {
    return fabric_plain(fabric_metal(p->material), p->material);
}

static void sparkle(canvas *c, double x, double y, double size) {
    cairo_set_source_rgba(c->ink, 1, 1, 1, 0.95);
    for (int i = 0; i < 2; i++) {
        double w = i ? size : size * 0.12, h = i ? size * 0.12 : size;
        cairo_move_to(c->ink, x - w, y);
        cairo_line_to(c->ink, x, y - h);
        cairo_line_to(c->ink, x + w, y);
        cairo_line_to(c->ink, x, y + h);
        cairo_close_path(c->ink);
        cairo_fill(c->ink);
    }
}

/* A ring of facets from radius `inner` to `outer`, each reflecting a different part of the room. */
static void facets(canvas *c, double x, double y, double inner, double outer, int n, double turn,
                   rgb colour) {
    for (int i = 0; i < n; i++) {
        double a = turn + 2 * M_PI * i / n, b = turn + 2 * M_PI * (i + 1) / n, m = (a + b) / 2;
        double bright = 0.72 + 0.42 * cos(m - 3.9) + canvas_vary(c, -0.22, 0.3);
        rgb shade = bright > 1 ? rgb_mix(colour, (rgb){1, 1, 1}, fmin(0.8, 1.4 * (bright - 1)))
                               : rgb_scale(colour, bright);
        cairo_set_source_rgb(c->ink, shade.r, shade.g, shade.b);
        cairo_move_to(c->ink, x + cos(a) * inner, y + sin(a) * inner);
        cairo_line_to(c->ink, x + cos(a) * outer, y + sin(a) * outer);
        cairo_line_to(c->ink, x + cos(b) * outer, y + sin(b) * outer);
        cairo_line_to(c->ink, x + cos(b) * inner, y + sin(b) * inner);
        cairo_close_path(c->ink);
        cairo_fill_preserve(c->ink);
        cairo_set_line_width(c->ink, 0.3);
        cairo_stroke(c->ink);
    }
}

void draw_gem(canvas *c, double x, double y, double radius, rgb colour) {
    fabric base = fabric_plain(colour, MATERIAL_LEATHER);
    canvas_ellipse(c->path, x, y, radius, radius);
    canvas_fill(c, &base, radius * 0.4, 0.8);
    facets(c, x, y, radius * 0.55, radius * 0.98, 16, 0.1, colour);
    facets(c, x, y, 0, radius * 0.56, 8, 0.3, rgb_mix(colour, (rgb){1, 1, 1}, 0.14));
    cairo_set_source_rgba(c->ink, 1, 1, 1, 0.45);
    canvas_ellipse(c->ink, x - radius * 0.3, y - radius * 0.34, radius * 0.24, radius * 0.15);
    cairo_fill(c->ink);
    sparkle(c, x - radius * 0.35, y - radius * 0.4, radius * 0.55);
}

static void draw_pearl(canvas *c, double x, double y, double radius, rgb colour) {
    fabric pearl = fabric_plain(colour, MATERIAL_SATIN);
    canvas_ellipse(c->path, x, y, radius, radius);
    canvas_fill(c, &pearl, radius * 1.5, 1.1);
    cairo_set_source_rgba(c->ink, 1, 1, 1, 0.75);
    canvas_ellipse(c->ink, x - radius * 0.33, y - radius * 0.36, radius * 0.22, radius * 0.18);
    cairo_fill(c->ink);
}

/* ---------------------------------------------------------------- necklaces */

/* A chain as it hangs, measured along its length. */
enum { CHAIN_POINTS = 257 };
typedef struct chain {
    double x[CHAIN_POINTS], y[CHAIN_POINTS];
    double along[CHAIN_POINTS]; // length from the left end
} chain;

static void hang_chain(chain *n, double half, double drop) {
    for (int i = 0; i < CHAIN_POINTS; i++) {
        double s = 2.0 * i / (CHAIN_POINTS - 1) - 1;
        n->x[i] = 128 + half * sin(s * M_PI / 2) * (1 + 0.18 * (1 - s * s));
        n->y[i] = 22 + drop * (1 - pow(fabs(s), 2.6));
        n->along[i] = i ? n->along[i - 1] + hypot(n->x[i] - n->x[i - 1], n->y[i] - n->y[i - 1]) : 0;
    }
}

static double chain_length(const chain *n) {
    return n->along[CHAIN_POINTS - 1];
}

/* The point `length` units from the left end; returns the direction there. */
static double chain_point(const chain *n, double length, double *x, double *y) {
    int i = 1;
    while (i < CHAIN_POINTS - 1 && n->along[i] < length) i++;
    double t = (length - n->along[i - 1]) / (n->along[i] - n->along[i - 1]);
    *x = n->x[i - 1] + t * (n->x[i] - n->x[i - 1]);
    *y = n->y[i - 1] + t * (n->y[i] - n->y[i - 1]);
    return atan2(n->y[i] - n->y[i - 1], n->x[i] - n->x[i - 1]);
}

/* Oval links, seen from the front and from the side by turns. */
static void draw_chain(canvas *c, const fabric *metal, double half, double drop, double size) {
    chain n;
    hang_chain(&n, half, drop);
    int links = (int)(chain_length(&n) / (1.55 * size));
    for (int i = 0; i <= links; i++) {
        double x, y, turn = chain_point(&n, chain_length(&n) * i / links, &x, &y);
        cairo_save(c->path);
        cairo_translate(c->path, x, y);
        cairo_rotate(c->path, turn);
        canvas_ellipse(c->path, 0, 0, size, i % 2 ? size * 0.62 : size * 0.2);
        cairo_restore(c->path);
    }
    canvas_stroke(c, metal, fmax(1.2, size * 0.42), 1);
}

/* Pearls or beads side by side, the largest in the middle. */
static void draw_string(canvas *c, const demo_product *p, double half, double drop) {
    rgb stone = stone_colour(p), pearl = rgb_mix(stone, (rgb){0.96, 0.93, 0.88}, 0.6);
    chain n;
    hang_chain(&n, half, drop);
    double at = 0, x, y;
    for (int i = 0; at < chain_length(&n); i++) {
        double s = 1 - fabs(2 * at / chain_length(&n) - 1);
        double radius = p->cut == NECKLACE_PEARLS ? 5.6 + 2.2 * s : 4.5 + 6.5 * s * s;
        rgb bead = i % 3 == 1 ? fabric_metal(p->material)
                              : rgb_scale(stone, canvas_vary(c, 0.85, 1.15));
        chain_point(&n, at, &x, &y);
        draw_pearl(c, x, y, radius, p->cut == NECKLACE_PEARLS ? pearl : bead);
        at += 2 * radius;
    }
}

static void draw_pendant(canvas *c, const demo_product *p, const fabric *metal, double y) {
    rgb stone = stone_colour(p);
    canvas_ellipse(c->path, 128, y, 4, 5);
    canvas_stroke(c, metal, 2.2, 1);
    switch (p->detail) {
    case 0: // a stone in a round setting
        canvas_ellipse(c->path, 128, y + 26, 21, 21);
        canvas_fill(c, metal, 7, 1);
        draw_gem(c, 128, y + 26, 16.5, stone);
        break;
    case 1: { // a heart
        spot heart[] = {{128, y + 12, true},  {142, y + 4, false}, {154, y + 16, false},
                        {146, y + 34, false}, {128, y + 52, true}, {110, y + 34, false},
                        {102, y + 16, false}, {114, y + 4, false}};
        canvas_trace(c->path, heart, COUNT(heart), true);
        canvas_fill(c, metal, 20, 0.9);
        draw_gem(c, 128, y + 24, 8, stone);
        break;
    }
    case 2: { // a drop of stone
        spot drop[] = {
            {128, y + 4, true}, {146, y + 36, false}, {128, y + 56, false}, {110, y + 36, false}};
        canvas_trace(c->path, drop, COUNT(drop), true);
        canvas_fill(c, metal, 6, 1);
        draw_gem(c, 128, y + 37, 13.5, stone);
        break;
    }
    default: // a bar with three stones
        canvas_box(c->path, 121, y + 4, 14, 56, 5);
        canvas_fill(c, metal, 7, 1);
        for (int i = 0; i < 3; i++) draw_gem(c, 128, y + 15 + i * 17, 5, stone);
        break;
    }
}

void draw_necklace(canvas *c, const demo_product *p) {
    fabric metal = metal_of(p);
    switch (p->cut) {
    case NECKLACE_PENDANT:
        draw_chain(c, &metal, 66, 134, 2.8);
        draw_pendant(c, p, &metal, 161);
        break;
    case NECKLACE_CHAIN:
        draw_chain(c, &metal, 72, 176, 7.5);
        if (p->detail > 1) draw_chain(c, &metal, 54, 120, 5.5);
        break;
    default:
        draw_string(c, p, 70, 176);
        if (p->detail > 2) draw_string(c, p, 50, 122);
        break;
    }
}

/* ---------------------------------------------------------------- rings */

/* The band: a torus seen a little from above. */
static void draw_band(canvas *c, const fabric *metal, double width) {
    fabric inside = *metal;
    inside.base = rgb_scale(metal->base, 0.62);
    cairo_save(c->path);
    cairo_set_fill_rule(c->path, CAIRO_FILL_RULE_EVEN_ODD);
    canvas_ellipse(c->path, 128, 138, 62, 64);
    canvas_ellipse(c->path, 128, 143, 62 - width * 0.7, 60 - width * 0.5);
    canvas_fill(c, &inside, 8, 0.9);
    canvas_ellipse(c->path, 128, 140, 64, 66);
    canvas_ellipse(c->path, 128, 136, 64 - width * 0.8, 66 - width);
    canvas_fill(c, metal, width * 0.9, 1);
    cairo_restore(c->path);
}

static void draw_prongs(canvas *c, const fabric *metal, double y, double radius) {
    for (int i = 0; i < 4; i++) {
        double a = M_PI / 4 + i * M_PI / 2;
        canvas_ellipse(c->path, 128 + cos(a) * radius, y + sin(a) * radius, 3.4, 3.4);
    }
    canvas_fill(c, metal, 3, 1);
}

void draw_ring(canvas *c, const demo_product *p) {
    fabric metal = metal_of(p);
    rgb stone = stone_colour(p);
    draw_band(c, &metal, p->cut == RING_BAND ? 22 : p->cut == RING_SIGNET ? 18 : 11);
    switch (p->cut) {
    case RING_SOLITAIRE: {
        spot basket[] = {{106, 58, true}, {150, 58, true}, {140, 84, true}, {116, 84, true}};
        canvas_trace(c->path, basket, COUNT(basket), true);
        canvas_fill(c, &metal, 6, 1);
        draw_gem(c, 128, 54, 26, stone);
        draw_prongs(c, &metal, 54, 26);
        break;
    }
    case RING_HALO:
        canvas_ellipse(c->path, 128, 62, 33, 33);
        canvas_fill(c, &metal, 8, 1);
        for (int i = 0; i < 14; i++) {
            double a = 2 * M_PI * i / 14;
            draw_gem(c, 128 + cos(a) * 26.5, 62 + sin(a) * 26.5, 5, (rgb){0.9, 0.93, 0.97});
        }
        draw_gem(c, 128, 62, 19, stone);
        break;
    case RING_SIGNET: {
        fabric plate = p->detail % 2 ? fabric_plain(stone, MATERIAL_LEATHER) : metal;
        canvas_box(c->path, 94, 52, 68, 50, 20);
        canvas_fill(c, &metal, 14, 0.9);
        canvas_box(c->path, 102, 59, 52, 35, 14);
        canvas_fill(c, &plate, 6, 0.6);
        break;
    }
    default:
        for (int i = -3; i <= 3; i++) {
            double a = -M_PI / 2 + i * 0.24;
            draw_gem(c, 128 + cos(a) * 55, 138 + sin(a) * 56, p->detail > 1 ? 7 : 5, stone);
        }
        break;
    }
}

/* ---------------------------------------------------------------- earrings */

static void draw_hook(canvas *c, const fabric *metal, double y) {
    cairo_move_to(c->path, 128, y + 16);
    cairo_curve_to(c->path, 128, y - 14, 146, y - 14, 146, y + 12);
    canvas_stroke(c, metal, 2.2, 1);
}

static void draw_earring(canvas *c, const demo_product *p, const fabric *metal, rgb stone) {
    switch (p->cut) {
    case EARRINGS_HOOPS:
        canvas_ellipse(c->path, 128, 134, p->detail > 1 ? 46 : 36, p->detail > 1 ? 52 : 40);
        canvas_stroke(c, metal, p->detail % 2 ? 9 : 6, 1);
        if (p->detail == 3) draw_gem(c, 128, 186, 8, stone);
        break;
    case EARRINGS_STUDS:
        canvas_ellipse(c->path, 128, 130, 30, 30);
        canvas_fill(c, metal, 9, 1);
        if (p->detail % 2)
            draw_pearl(c, 128, 130, 25, rgb_mix(stone, (rgb){0.96, 0.93, 0.88}, 0.5));
        else
            draw_gem(c, 128, 130, 24, stone);
        break;
    case EARRINGS_DROPS: {
        draw_hook(c, metal, 50);
        spot drop[] = {{128, 68, true}, {152, 140, false}, {128, 172, false}, {104, 140, false}};
        canvas_trace(c->path, drop, COUNT(drop), true);
        canvas_fill(c, metal, 7, 1);
        draw_gem(c, 128, 141, 19, stone);
        break;
    }
    default:
        draw_hook(c, metal, 34);
        draw_gem(c, 128, 68, 15, stone);
        canvas_ellipse(c->path, 128, 112, 34, 22);
        canvas_stroke(c, metal, 4, 1);
        for (int i = -2; i <= 2; i++) {
            double x = 128 + i * 16, y = 130 - i * i * 2.5;
            cairo_move_to(c->path, x, y);
            cairo_line_to(c->path, x, y + 34 - abs(i) * 6);
            canvas_stroke(c, metal, 1.6, 1);
            draw_gem(c, x, y + 40 - abs(i) * 6, 7, stone);
        }
        break;
    }
}

void draw_earrings(canvas *c, const demo_product *p) {
    fabric metal = metal_of(p);
    rgb stone = stone_colour(p);
    for (int side = -1; side <= 1; side += 2) {
        canvas_push(c, side * 54, 0, p->cut == EARRINGS_STUDS ? 1.15 : 1, 0);
        draw_earring(c, p, &metal, stone);
        canvas_pop(c);
    }
}
