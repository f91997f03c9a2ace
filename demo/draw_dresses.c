/* Dresses and skirts. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Folds that fan out from the waist to the hem. */
static void crease_skirt(canvas *c, double waist, double waist_y, double hem, double hem_y,
                         int folds, double depth) {
    for (int i = 0; i < folds; i++) {
        double at = folds > 1 ? 2.0 * i / (folds - 1) - 1 : 0, wobble = canvas_vary(c, -0.04, 0.04);
        double top = 128 + waist * at * 0.9, bottom = 128 + hem * (at * 0.93 + wobble);
        double middle = (top + bottom) / 2 + canvas_vary(c, -3, 3);
        canvas_crease(c, (spot){top, waist_y + canvas_vary(c, 2, 20), false},
                      (spot){middle, (waist_y + hem_y) / 2, false},
                      (spot){bottom, hem_y + 6, false}, canvas_vary(c, 4, 8),
                      (i % 2 ? depth : -depth) * canvas_vary(c, 0.6, 1.2));
    }
}

/* The skirt part: from the waist to a hem that waves with its folds. */
static void draw_skirt_part(canvas *c, const fabric *f, double waist, double waist_y, double hip,
                            double hem, double hem_y, int folds, double depth) {
    double hip_y = waist_y + (hem_y - waist_y) * 0.3;
    spot spots[40];
    size_t n = 0;
    spots[n++] = (spot){128 - waist, waist_y, true};
    spots[n++] = (spot){128 - hip, hip_y, false};
    spots[n++] = (spot){128 - hem, hem_y - 3, true};
    int waves = folds < 4 ? 4 : folds > 24 ? 24 : folds;
    for (int i = 1; i < waves; i++) {
        double at = 2.0 * i / waves - 1, arch = 7 * (1 - at * at);
        spots[n++] = (spot){128 + hem * at, hem_y + arch * 0.8 + (i % 2 ? 1.6 : -1.6) * depth,
                            false};
    }
    spots[n++] = (spot){128 + hem, hem_y - 3, true};
    spots[n++] = (spot){128 + hip, hip_y, false};
    spots[n++] = (spot){128 + waist, waist_y, true};
    spots[n++] = (spot){128, waist_y + 2, false};
    canvas_trace(c->path, spots, n, true);
    crease_skirt(c, waist, waist_y, hem, hem_y, folds, depth);
    canvas_fill(c, f, 20, 0.6);
}

static void draw_belt(canvas *c, double half, double y, rgb colour, bool buckle) {
    fabric belt = fabric_plain(colour, MATERIAL_LEATHER);
    spot band[] = {{128 - half - 1, y - 4, true}, {128, y - 2.5, false},
                   {128 + half + 1, y - 4, true}, {128 + half + 1, y + 4, true},
                   {128, y + 5.5, false},         {128 - half - 1, y + 4, true}};
    canvas_trace(c->path, band, COUNT(band), true);
    canvas_fill(c, &belt, 4, 0.6);
    if (!buckle) return;
    fabric gold = fabric_plain(fabric_metal(MATERIAL_GOLD), MATERIAL_GOLD);
    canvas_box(c->path, 121, y - 4.5, 14, 12, 3);
    canvas_stroke(c, &gold, 2.6, 1);
}

/* ---------------------------------------------------------------- dresses */

static void draw_straps(canvas *c, const torso *t, const fabric *f) {
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(c->path, 128 + side * (t->neck + 7), t->neck_y + 3);
        cairo_curve_to(c->path, 128 + side * (t->neck + 4), t->neck_y - 14,
                       128 + side * (t->neck - 2), t->neck_y - 24, 128 + side * (t->neck - 7),
                       t->neck_y - 30);
    }
    canvas_stroke(c, f, 3, 0.7);
}

/* The bodice of a dress without shoulders, hung from straps. */
static void draw_strapped_bodice(canvas *c, const torso *t, const fabric *f, int neck) {
    double dip = neck == 1 ? 15 : neck == 2 ? 2 : 6;
    spot half[] = {{0, t->neck_y + dip, neck == 1},       {t->neck + 7, t->neck_y, true},
                   {t->chest - 3, t->chest_y - 6, false}, {t->chest, t->chest_y + 10, false},
                   {t->waist, t->waist_y + 2, true},      {0, t->waist_y + 5, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    for (int side = -1; side <= 1; side += 2)
        canvas_crease(c, (spot){128 + side * 22, t->waist_y, false},
                      (spot){128 + side * 22, t->waist_y - 20, false},
                      (spot){128 + side * 17, t->chest_y + 16, false}, 3, -0.4);
    canvas_fill(c, f, 20, 0.6);
}

/* A narrow dress in one piece: sheaths and slips. */
static void draw_column(canvas *c, const demo_product *p, const torso *t, const fabric *f,
                        double hip, bool strapped) {
    double deep = t->neck_y + t->neckline, side = t->neck * (p->neck == 1 ? 0.55 : 0.85);
    spot half[] = {{0, strapped ? t->neck_y + (p->neck == 1 ? 15 : 5) : deep, p->neck == 1},
                   {side, p->neck == 1 ? (t->neck_y + deep) / 2 : deep - t->neckline * 0.35, false},
                   {t->neck, t->neck_y, true},
                   {t->shoulder - 6, t->shoulder_y - 2, false},
                   {t->shoulder, t->shoulder_y + 6, false},
                   {t->chest - 2, t->chest_y - 8, false},
                   {t->chest, t->chest_y + 8, false},
                   {t->waist, t->waist_y, false},
                   {hip, t->waist_y + 42, false},
                   {t->hem, t->hem_y, true},
                   {t->hem * 0.5, t->hem_y + 4, false},
                   {0, t->hem_y + 5, false}};
    size_t from = 0, n = COUNT(half);
    if (strapped) { // the top edge runs from the dip to the straps
        half[4] = (spot){t->neck + 7, t->neck_y, true};
        half[3] = half[0];
        from = 3, n -= 3;
    }
    canvas_trace_symmetric(c->path, half + from, n);
    for (int i = -1; i <= 1; i += 2) {
        canvas_crease(
            c, (spot){128 + i * t->waist, t->waist_y, false},
            (spot){128 + i * (t->waist - 12), t->waist_y + 5, false},
            (spot){128 + i * canvas_vary(c, 2, 12), t->waist_y + canvas_vary(c, -5, 9), false}, 6,
            -0.22);
        for (int fold = 0; fold < 2; fold++) {
            double x = 128 + i * canvas_vary(c, 6, t->hem - 5);
            canvas_crease(c,
                          (spot){x * 0.7 + 128 * 0.3, t->waist_y + canvas_vary(c, 30, 50), false},
                          (spot){x, t->hem_y - 40, false}, (spot){x, t->hem_y + 8, false}, 7,
                          (fold ? 0.3 : -0.3) * (p->cut == DRESS_SLIP ? 1.6 : 0.8));
        }
    }
    canvas_fill(c, f, 22, 0.6);
}

static void draw_any_sleeves(canvas *c, const demo_product *p, const torso *t, const fabric *f) {
    if (p->sleeve)
        draw_sleeves(c, t, f, p->sleeve == 1 ? 0.2 : p->sleeve == 2 ? 0.55 : 0.95, 25, 15);
}

static void draw_sleeved_bodice(canvas *c, const demo_product *p, const torso *t, const fabric *f) {
    draw_back_neck(c, t, f);
    draw_any_sleeves(c, p, t, f);
    torso bodice = *t;
    bodice.hem = t->waist;
    bodice.hem_y = t->waist_y + 2;
    bodice.waist_y = (t->chest_y + t->waist_y) / 2 + 4;
    bodice.waist = (t->chest + t->waist) / 2 - 1;
    draw_torso(c, &bodice, f, p->neck);
}

static void finish_dress(canvas *c, const demo_product *p, const torso *t, const fabric *f) {
    rgb dark = rgb_luma(f->base) > 0.2 ? rgb_scale(f->base, 0.45) : (rgb){0.35, 0.22, 0.14};
    if (p->cut == DRESS_SHIRT) {
        rgb button = rgb_mix(f->base, (rgb){0.95, 0.94, 0.9}, 0.6);
        for (double y = t->neck_y + t->neckline + 9; y < t->hem_y - 6; y += 19)
            canvas_button(c, 128, y, 2.3, button);
        draw_belt(c, t->waist, t->waist_y + 2, dark, true);
    } else if (p->detail == 1) {
        draw_belt(c, t->waist, t->waist_y + 2,
                  p->pattern == PATTERN_PLAIN ? dark : rgb_scale(f->accent, 0.8), p->style > 1);
    } else if (p->cut != DRESS_SLIP && p->cut != DRESS_SHEATH) {
        cairo_move_to(c->ink, 128 - t->waist, t->waist_y + 1);
        cairo_curve_to(c->ink, 118, t->waist_y + 5, 138, t->waist_y + 5, 128 + t->waist,
                       t->waist_y + 1);
        canvas_seam(c, 1, 0.3);
    }
}

void draw_dress(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random)), lower = f;
    torso t = {19, 30, 38, 37, 34, 66, 27, 110, 44, 0, 11};
    static const double hems[] = {188, 208, 236};
    double hip = 37, depth = 0.35;
    int folds = 5;
    t.hem_y = hems[p->length];
    if (p->cut == DRESS_SHEATH || p->cut == DRESS_SLIP) t.hem_y = 202 + 18 * p->length;
    if (p->neck) t.neckline = p->neck == 1 ? 26 : 18;
    switch (p->cut) {
    case DRESS_SHEATH: t.hem = 37, hip = 38, folds = 3; break;
    case DRESS_SKATER: t.hem = 74, hip = 46, folds = 13, depth = 0.7; break;
    case DRESS_SLIP: t.hem = 45, hip = 37, folds = 6, t.waist = 29; break;
    case DRESS_SHIRT: t.hem = 52, hip = 40, folds = 7; break;
    default: t.hem = 68, hip = 44, folds = 15, depth = 0.6, t.hem_y = 240, t.waist_y = 102; break;
    }
    bool column = p->cut == DRESS_SHEATH || p->cut == DRESS_SLIP;
    bool strapped = p->cut == DRESS_SLIP ||
                    (p->cut != DRESS_SHIRT && p->sleeve == 0 && p->detail > 1);
    if (p->pattern == PATTERN_BLOCK && !column)
        f.pattern = PATTERN_PLAIN, lower = fabric_plain(f.accent, f.material);
    if (strapped) {
        t.neck_y = 50;
        draw_straps(c, &t, &f);
    }
    if (column) {
        if (!strapped) draw_back_neck(c, &t, &f);
        if (!strapped) draw_any_sleeves(c, p, &t, &f);
        draw_column(c, p, &t, &f, hip, strapped);
    } else {
        draw_skirt_part(c, &lower, t.waist, t.waist_y, hip, t.hem, t.hem_y, folds, depth);
        if (strapped)
            draw_strapped_bodice(c, &t, &f, p->neck);
        else
            draw_sleeved_bodice(c, p, &t, &f);
    }
    finish_dress(c, p, &t, &f);
}

/* ---------------------------------------------------------------- skirts */

static void draw_pleats(canvas *c, double waist, double hem, double top, double bottom) {
    for (int i = -7; i <= 7; i++) {
        cairo_move_to(c->ink, 128 + waist * i / 7.5, top);
        cairo_line_to(c->ink, 128 + hem * i / 7.5, bottom + 8);
    }
    canvas_seam(c, 1.1, 0.35);
}

void draw_skirt(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    double waist = 36, top = 42, hip = 50, hem = 48, bottom = 190, depth = 0.35;
    int folds = 4;
    switch (p->cut) {
    case SKIRT_PENCIL: hem = 42, bottom = 196; break;
    case SKIRT_ALINE: hem = 78, bottom = 184, hip = 54, folds = 9, depth = 0.5; break;
    case SKIRT_PLEATED:
        hem = 82, bottom = p->length ? 204 : 166, hip = 54, folds = 15, depth = 0.75;
        break;
    case SKIRT_MAXI: hem = 74, bottom = 234, hip = 52, folds = 11, depth = 0.6, top = 30; break;
    default: hem = 60, bottom = 140, hip = 52, folds = 4, waist = 42, top = 60; break;
    }
    draw_skirt_part(c, &f, waist, top, hip, hem, bottom, folds, depth);
    if (p->cut == SKIRT_PLEATED) draw_pleats(c, waist, hem, top + 6, bottom);
    fabric band = f;
    if (p->pattern == PATTERN_BLOCK) band.pattern = PATTERN_PLAIN;
    canvas_box(c->path, 128 - waist - 1, top - 6, 2 * waist + 2, 13, 2);
    canvas_fill(c, &band, 5, 0.5);
    if (f.material == MATERIAL_DENIM || p->cut == SKIRT_MINI) {
        for (int side = -1; side <= 1; side += 2) {
            cairo_move_to(c->ink, 128 + side * 22, top + 8);
            cairo_curve_to(c->ink, 128 + side * 24, top + 22, 128 + side * 36, top + 26,
                           128 + side * (hip - 4), top + 24);
            canvas_stitch(c, (rgb){0.85, 0.62, 0.28});
        }
        canvas_button(c, 128, top + 1, 3, (rgb){0.75, 0.6, 0.35});
    } else if (p->detail == 1) {
        draw_belt(c, waist, top,
                  rgb_luma(f.base) > 0.25 ? rgb_scale(f.base, 0.4) : (rgb){0.4, 0.25, 0.15}, true);
    }
    if (p->cut == SKIRT_PENCIL) {
        cairo_move_to(c->ink, 128, bottom + 8);
        cairo_line_to(c->ink, 128, bottom - 30);
        canvas_seam(c, 1.4, 0.5);
    }
}
