/* Garments of the upper body that hang from the shoulders: T-shirts, shirts and sweaters. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---------------------------------------------------------------- shared parts */

void draw_back_neck(canvas *c, const torso *t, const fabric *f) {
    fabric inside = *f;
    inside.base = rgb_scale(f->base, 0.55);
    inside.accent = rgb_scale(f->accent, 0.55);
    inside.third = rgb_scale(f->third, 0.55);
    spot half[] = {{0, t->neck_y + 2, false},
                   {t->neck, t->neck_y - 1, true},
                   {t->neck + 3, t->neck_y + 12, false},
                   {t->neck * 0.7, t->neck_y + t->neckline + 8, false},
                   {0, t->neck_y + t->neckline + 12, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    canvas_fill(c, &inside, 5, 0.3);
}

void draw_back_collar(canvas *c, const torso *t, const fabric *f) {
    cairo_move_to(c->path, 128 - t->neck - 1, t->neck_y);
    cairo_curve_to(c->path, 128 - t->neck * 0.5, t->neck_y - 9, 128 + t->neck * 0.5, t->neck_y - 9,
                   128 + t->neck + 1, t->neck_y);
    canvas_stroke(c, f, 9, 0.6);
}

/* One sleeve on the left; the arm hangs down and a little outwards. */
static void draw_sleeve(canvas *c, const torso *t, const fabric *f, double reach, double width,
                        double cuff) {
    double angle = 0.50 - 0.33 * fmin(1, reach), length = 18 + 118 * reach;
    double top_x = 128 - t->shoulder + 3, top_y = t->shoulder_y + 2;
    double dx = -sin(angle), dy = cos(angle), w = width + (cuff - width) * fmin(1, reach);
    double end_x = top_x + dx * length, end_y = top_y + dy * length;
    double in_x = end_x + dy * w, in_y = end_y - dx * w;
    double pit_x = 128 - t->chest + 3, pit_y = t->chest_y + 5;
    spot spots[] = {{top_x + 8, top_y - 2.5, false},
                    {top_x - 2, top_y + 5, false},
                    {top_x + dx * length * 0.5 - 2, top_y + dy * length * 0.5, false},
                    {end_x, end_y, true},
                    {in_x, in_y, true},
                    {(in_x + pit_x) / 2, (in_y + pit_y) / 2, false},
                    {pit_x, pit_y, true},
                    {pit_x + 10, t->chest_y - 20, false}};
    canvas_trace(c->path, spots, COUNT(spots), true);
    for (int i = 0; i < (reach > 0.5 ? 5 : 2); i++) {
        double s = canvas_vary(c, 0.25, 0.85), x = top_x + dx * length * s,
               y = top_y + dy * length * s;
        canvas_crease(c, (spot){x, y, false}, (spot){x + w * 0.5, y + 5, false},
                      (spot){x + w * 0.9, y - 4, false}, canvas_vary(c, 3, 6),
                      canvas_vary(c, -0.32, -0.1));
    }
    canvas_fill(c, f, 15, 0.6);
    cairo_move_to(c->ink, end_x + 0.3 - dx * 5, end_y - dy * 5);
    cairo_line_to(c->ink, in_x - dx * 5, in_y - dy * 5);
    canvas_seam(c, 0.9, 0.3);
}

void draw_sleeves(canvas *c, const torso *t, const fabric *f, double reach, double width,
                  double cuff) {
    fabric sleeve = *f;
    sleeve.angle = f->angle + 0.30 - 0.2 * reach;
    if (f->pattern == PATTERN_BLOCK) { // the second colour is the arms'
        sleeve.pattern = PATTERN_PLAIN;
        sleeve.base = f->accent;
    }
    draw_sleeve(c, t, &sleeve, reach, width, cuff);
    canvas_push_mirror(c);
    draw_sleeve(c, t, &sleeve, reach, width, cuff);
    canvas_pop(c);
}

static void trace_torso(cairo_t *cr, const torso *t, int neck) {
    double deep = t->neck_y + t->neckline;
    spot v[] = {{0, deep, true},
                {t->neck * 0.55, (t->neck_y + deep) / 2 + 1, false},
                {t->neck, t->neck_y, true},
                {t->shoulder - 8, t->shoulder_y - 3, false},
                {t->shoulder - 1, t->shoulder_y + 7, false},
                {t->shoulder - 4, (t->shoulder_y + t->chest_y) / 2, false},
                {t->chest, t->chest_y, false},
                {t->waist, t->waist_y, false},
                {t->hem, t->hem_y, true},
                {t->hem * 0.5, t->hem_y + 3, false},
                {0, t->hem_y + 3.5, false}};
    if (neck != 1) {
        v[0].sharp = false;
        v[1] = (spot){t->neck * (neck == 2 ? 0.92 : 0.80), deep - t->neckline * 0.35, false};
    }
    canvas_trace_symmetric(cr, v, COUNT(v));
}

static void crease_torso(canvas *c, const torso *t) {
    for (int side = -1; side <= 1; side += 2) {
        double x = 128 + side * (t->chest - 4), y = t->chest_y + canvas_vary(c, 0, 6);
        canvas_crease(
            c, (spot){x, y, false}, (spot){x - side * 14, y + 10, false},
            (spot){128 + side * canvas_vary(c, 14, 34), y + canvas_vary(c, -2, 18), false},
            canvas_vary(c, 5, 9), canvas_vary(c, -0.28, -0.08));
        double w = 128 + side * t->waist, wy = t->waist_y;
        canvas_crease(
            c, (spot){w, wy, false}, (spot){w - side * 16, wy + 4, false},
            (spot){w - side * canvas_vary(c, 22, 34), wy + canvas_vary(c, -12, 12), false},
            canvas_vary(c, 5, 9), canvas_vary(c, -0.26, -0.08));
    }
    for (int i = 0; i < 3; i++) {
        double x = 128 + canvas_vary(c, -0.75, 0.75) * t->hem;
        canvas_crease(c, (spot){x, t->hem_y + 4, false},
                      (spot){x + canvas_vary(c, -4, 4), t->hem_y - 20, false},
                      (spot){x + canvas_vary(c, -6, 6), t->hem_y - canvas_vary(c, 30, 55), false},
                      canvas_vary(c, 5, 9), canvas_vary(c, -0.35, 0.35));
    }
}

void draw_torso(canvas *c, const torso *t, const fabric *f, int neck) {
    trace_torso(c->path, t, neck);
    crease_torso(c, t);
    canvas_fill(c, f, 22, 0.55);
}

/* The band around the front of the neck. */
static void draw_neck_band(canvas *c, const torso *t, const fabric *f, int neck, double width) {
    double deep = t->neck_y + t->neckline;
    spot v[] = {{128 - t->neck, t->neck_y, true},
                {128 - t->neck * (neck == 1   ? 0.55
                                  : neck == 2 ? 0.92
                                              : 0.8),
                 neck == 1 ? (t->neck_y + deep) / 2 + 1 : deep - t->neckline * 0.35, false},
                {128, deep, neck == 1},
                {128 + t->neck * (neck == 1   ? 0.55
                                  : neck == 2 ? 0.92
                                              : 0.8),
                 neck == 1 ? (t->neck_y + deep) / 2 + 1 : deep - t->neckline * 0.35, false},
                {128 + t->neck, t->neck_y, true}};
    canvas_trace(c->path, v, COUNT(v), false);
    canvas_stroke(c, f, width, 0.55);
    cairo_set_line_cap(c->path, CAIRO_LINE_CAP_ROUND);
}

static void seam_hem(canvas *c, const torso *t, double above) {
    cairo_move_to(c->ink, 128 - t->hem - 2, t->hem_y - above);
    cairo_curve_to(c->ink, 128 - t->hem * 0.5, t->hem_y + 3 - above, 128 + t->hem * 0.5,
                   t->hem_y + 3 - above, 128 + t->hem + 2, t->hem_y - above);
    canvas_seam(c, 0.9, 0.3);
}

/* ---------------------------------------------------------------- T-shirts */

static fabric trim_of(const fabric *f, double scale) {
    fabric trim = fabric_plain(rgb_scale(f->base, scale), f->material);
    if (f->pattern != PATTERN_PLAIN && f->pattern != PATTERN_ANIMAL && f->pattern != PATTERN_FLORAL)
        trim.base = f->accent;
    return trim;
}

/* A picture printed on the chest: bars, a sun over the sea, or a star. */
static void draw_print(canvas *c, const fabric *f, int motif) {
    cairo_set_source_rgba(c->ink, f->accent.r, f->accent.g, f->accent.b, 0.92);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_ATOP);
    for (int i = 0; motif == 0 && i < 3; i++) cairo_rectangle(c->ink, 102, 100 + i * 11, 52, 5.5);
    if (motif == 1) {
        cairo_arc(c->ink, 128, 118, 19, M_PI, 2 * M_PI);
        cairo_close_path(c->ink);
        for (int i = 0; i < 3; i++)
            cairo_rectangle(c->ink, 104 + i * 5, 122 + i * 6, 48 - i * 10, 3);
    }
    for (int i = 0; motif == 2 && i < 10; i++) {
        double angle = -M_PI / 2 + i * M_PI / 5, reach = i % 2 ? 10 : 25;
        cairo_line_to(c->ink, 128 + reach * cos(angle), 118 + reach * sin(angle));
    }
    cairo_fill(c->ink);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_OVER);
}

void draw_tshirt(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random)), trim = trim_of(&f, 0.88);
    torso t = {23, 42, 59, 57, 50, 102, 47, 150, 50, 214, 15};
    double slim = p->section == SECTION_WOMEN ? 0.9 : 1;
    if (p->cut == TSHIRT_FITTED) slim *= 0.88, t.waist -= 5;
    if (p->cut == TSHIRT_CROP) t.hem_y = 168, t.waist_y = 140, t.hem = 48;
    if (p->cut == TSHIRT_TANK) t.shoulder = 38, t.neck = 25, t.shoulder_y = 46, t.neckline = 30;
    if (p->neck) t.neckline = p->neck == 1 ? 34 : 26;
    t.shoulder *= slim, t.chest *= slim, t.waist *= slim, t.hem *= slim;
    draw_back_neck(c, &t, &f);
    if (p->cut != TSHIRT_TANK)
        draw_sleeves(c, &t, &f, p->sleeve == 3 ? 1.05 : p->sleeve == 2 ? 0.62 : 0.24, 32, 19);
    draw_torso(c, &t, &f, p->neck);
    draw_neck_band(c, &t, &trim, p->neck, 4.5);
    seam_hem(c, &t, 7);
    if (p->detail == 1 && p->pattern == PATTERN_PLAIN) { // a breast pocket
        canvas_box(c->path, 138, 96, 20, 23, 2);
        canvas_fill(c, &f, 2, 0.3);
        canvas_box(c->ink, 139.2, 97.2, 17.6, 20.6, 2);
        canvas_stitch(c, rgb_scale(f.base, 0.7));
    }
    if (p->detail == 2 && p->pattern == PATTERN_PLAIN) draw_print(c, &f, p->length);
}

/* ---------------------------------------------------------------- shirts */

static void draw_collar(canvas *c, const torso *t, const fabric *f) {
    fabric stand = *f;
    stand.angle = 0.6;
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        spot leaf[] = {{128, t->neck_y + t->neckline - 1, true},
                       {128 - 12, t->neck_y + t->neckline + 16, true},
                       {128 - t->neck - 9, t->neck_y + 10, true},
                       {128 - t->neck - 1, t->neck_y - 7, false},
                       {128 - t->neck * 0.6, t->neck_y + 1, false}};
        canvas_trace(c->path, leaf, COUNT(leaf), true);
        canvas_fill(c, &stand, 5, 0.6);
        cairo_move_to(c->ink, 128 - 1.5, t->neck_y + t->neckline + 1);
        cairo_line_to(c->ink, 128 - 12.5, t->neck_y + t->neckline + 13);
        cairo_line_to(c->ink, 128 - t->neck - 6.5, t->neck_y + 9);
        canvas_stitch(c, rgb_scale(f->base, 0.75));
        if (side) canvas_pop(c);
    }
}

static void draw_placket(canvas *c, const torso *t, const fabric *f, rgb button) {
    double top = t->neck_y + t->neckline;
    cairo_move_to(c->ink, 122, top + 3);
    cairo_line_to(c->ink, 122, t->hem_y + 2);
    cairo_move_to(c->ink, 134, top + 3);
    cairo_line_to(c->ink, 134, t->hem_y + 2);
    canvas_seam(c, 0.9, 0.28);
    (void)f;
    for (double y = top + 14; y < t->hem_y - 8; y += 21) canvas_button(c, 128, y, 2.5, button);
}

static void draw_cuffs(canvas *c, const torso *t, const fabric *f, double reach) {
    (void)f;
    double angle = 0.50 - 0.33 * fmin(1, reach), length = 18 + 118 * reach - 15;
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        double x = 128 - t->shoulder - sin(angle) * length, y = t->shoulder_y + cos(angle) * length;
        cairo_move_to(c->ink, x - 1, y);
        cairo_line_to(c->ink, x + cos(angle) * 24, y + sin(angle) * 24);
        canvas_seam(c, 1.2, 0.4);
        if (side) canvas_pop(c);
    }
}

void draw_shirt(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    torso t = {20, 44, 57, 59, 50, 106, 46, 152, 50, 218, 12};
    double slim = p->section == SECTION_WOMEN ? 0.88 : 1;
    if (p->cut == SHIRT_RELAXED) t.chest += 5, t.waist += 8, t.hem += 7, t.shoulder += 5;
    t.shoulder *= slim, t.chest *= slim, t.waist *= slim, t.hem *= slim;
    double reach = p->cut == SHIRT_SHORT_SLEEVE ? 0.27 : 1.06;
    rgb button = rgb_luma(f.base) > 0.45 ? rgb_mix(f.base, (rgb){0.95, 0.94, 0.9}, 0.7)
                                         : rgb_mix(f.base, (rgb){0.05, 0.05, 0.05}, 0.4);
    if (f.material == MATERIAL_DENIM) button = (rgb){0.78, 0.62, 0.40};
    draw_back_collar(c, &t, &f);
    draw_back_neck(c, &t, &f);
    draw_sleeves(c, &t, &f, reach, 32, 20);
    if (reach > 1) draw_cuffs(c, &t, &f, reach);
    draw_torso(c, &t, &f, 1);
    draw_placket(c, &t, &f, button);
    draw_collar(c, &t, &f);
    if (p->detail % 2) {
        fabric pocket = f;
        canvas_box(c->path, 141, 102, 24, 27, 3);
        canvas_fill(c, &pocket, 2, 0.35);
        canvas_box(c->ink, 142.3, 103.3, 21.4, 24.4, 3);
        canvas_stitch(c, f.material == MATERIAL_DENIM ? (rgb){0.85, 0.6, 0.25}
                                                      : rgb_scale(f.base, 0.7));
    }
    seam_hem(c, &t, 5);
}

/* ---------------------------------------------------------------- sweaters */

/* A ribbed border: the fabric's colour with fine vertical grooves. */
static void draw_rib(canvas *c, double x, double y, double w, double h, const fabric *f) {
    canvas_box(c->path, x, y, w, h, 3);
    for (double at = x + 2; at < x + w; at += 4)
        canvas_crease(c, (spot){at, y, false}, (spot){at, y + h / 2, false},
                      (spot){at, y + h, false}, 1.2, -0.75);
    canvas_fill(c, f, 5, 0.6);
}

static void draw_turtleneck(canvas *c, const torso *t, const fabric *f) {
    spot half[] = {{0, t->neck_y - 14, false},
                   {t->neck - 4, t->neck_y - 15, true},
                   {t->neck - 3, t->neck_y, false},
                   {t->neck + 4, t->neck_y + 10, true},
                   {0, t->neck_y + 19, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    for (double x = 128 - t->neck; x < 128 + t->neck; x += 4)
        canvas_crease(c, (spot){x, t->neck_y - 15, false}, (spot){x, t->neck_y, false},
                      (spot){x, t->neck_y + 18, false}, 1.2, -0.6);
    canvas_fill(c, f, 10, 0.7);
}

static void draw_cardigan_front(canvas *c, const torso *t, const fabric *trim) {
    spot left[] = {{128 - t->neck, t->neck_y, true},
                   {128 - t->neck * 0.6, t->neck_y + t->neckline * 0.55, false},
                   {128, t->neck_y + t->neckline + 3, false},
                   {128, t->hem_y, true}};
    spot right[] = {{128 + t->neck, t->neck_y, true},
                    {128 + t->neck * 0.6, t->neck_y + t->neckline * 0.55, false},
                    {128, t->neck_y + t->neckline + 3, false}};
    canvas_trace(c->path, left, COUNT(left), false);
    canvas_trace(c->path, right, COUNT(right), false);
    canvas_stroke(c, trim, 9, 0.5);
    for (double y = t->neck_y + t->neckline + 12; y < t->hem_y - 6; y += 22)
        canvas_button(c, 128, y, 3.2,
                      rgb_luma(trim->base) > 0.4 ? (rgb){0.35, 0.24, 0.16}
                                                 : (rgb){0.82, 0.76, 0.66});
}

void draw_sweater(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random));
    fabric rib = fabric_plain(rgb_scale(f.base, 0.92), f.material);
    if (p->pattern == PATTERN_BLOCK || p->pattern == PATTERN_STRIPES) rib.base = f.accent;
    torso t = {22, 46, 58, 63, 52, 112, 50, 158, 48, 208, 13};
    double slim = p->section == SECTION_WOMEN ? 0.9 : 1;
    t.shoulder *= slim, t.chest *= slim, t.waist *= slim, t.hem *= slim;
    int neck = p->cut == SWEATER_VNECK || p->cut == SWEATER_CARDIGAN ? 1 : 0;
    if (neck) t.neckline = p->cut == SWEATER_CARDIGAN ? 48 : 36;
    draw_back_neck(c, &t, &f);
    draw_sleeves(c, &t, &f, 1.05, 34, 20);
    draw_torso(c, &t, &f, neck);
    draw_rib(c, 128 - t.hem - 1, t.hem_y - 8, 2 * t.hem + 2, 16, &rib);
    if (p->cut == SWEATER_CARDIGAN)
        draw_cardigan_front(c, &t, &rib);
    else if (p->cut == SWEATER_TURTLENECK)
        draw_turtleneck(c, &t, &rib);
    else
        draw_neck_band(c, &t, &rib, neck, 6.5);
    for (int cable = -1; p->detail == 3 && p->pattern == PATTERN_PLAIN && cable <= 1; cable++) {
        if (p->cut == SWEATER_CARDIGAN && !cable) continue;
        for (double y = t.neck_y + t.neckline + 14; y < t.hem_y - 14; y += 12) {
            double x = 128 + cable * 24;
            cairo_move_to(c->ink, x - 4, y);
            cairo_curve_to(c->ink, x - 4, y + 6, x + 4, y + 6, x + 4, y + 12);
            cairo_move_to(c->ink, x + 4, y);
            cairo_curve_to(c->ink, x + 4, y + 6, x - 4, y + 6, x - 4, y + 12);
        }
        canvas_seam(c, 1.6, 0.35);
    }
}
