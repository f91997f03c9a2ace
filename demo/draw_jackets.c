/* Jackets and coats: a torso cut open at the front, with lapels, zips or buttons. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What is seen between the open fronts: a lining and, under some, a plain top. */
static void draw_lining(canvas *c, const torso *t, const fabric *f) {
    fabric lining = fabric_plain(rgb_mix(rgb_scale(f->base, 0.45), (rgb){0.25, 0.22, 0.22}, 0.4),
                                 MATERIAL_SATIN);
    spot half[] = {{0, t->neck_y + 4, false},
                   {t->neck + 1, t->neck_y - 2, true},
                   {t->neck + 4, t->neck_y + 40, false},
                   {12, t->hem_y - 6, true},
                   {0, t->hem_y - 4, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    canvas_fill(c, &lining, 8, 0.4);
}

/* One front of the jacket, on the left; `gap` units are left open at the middle of the hem. */
static void draw_front(canvas *c, const torso *t, const fabric *f, double close_y, double gap) {
    spot front[] = {{128 - t->neck, t->neck_y, true},
                    {128 - t->shoulder + 8, t->shoulder_y - 3, false},
                    {128 - t->shoulder + 1, t->shoulder_y + 7, false},
                    {128 - t->shoulder + 4, (t->shoulder_y + t->chest_y) / 2, false},
                    {128 - t->chest, t->chest_y, false},
                    {128 - t->waist, t->waist_y, false},
                    {128 - t->hem, t->hem_y, true},
                    {128 - t->hem * 0.5, t->hem_y + 3, false},
                    {128 - gap - 7, t->hem_y + 3, false},
                    {128 - gap + 2, t->hem_y - 8, false},
                    {128.5, close_y + 8, false},
                    {128.5, close_y, true}};
    canvas_trace(c->path, front, COUNT(front), true);
    double x = 128 - t->chest + 4, y = t->chest_y + 4;
    canvas_crease(c, (spot){x, y, false}, (spot){x + 12, y + 12, false},
                  (spot){x + 24, y + canvas_vary(c, 2, 24), false}, 7, -0.28);
    canvas_crease(c, (spot){128 - t->waist, t->waist_y, false},
                  (spot){128 - t->waist + 14, t->waist_y + 5, false},
                  (spot){128 - t->waist + 28, t->waist_y + canvas_vary(c, -8, 8), false}, 7, -0.22);
    canvas_fill(c, f, 20, 0.55);
}

static void draw_fronts(canvas *c, const torso *t, const fabric *f, double close_y, double gap) {
    canvas_push_mirror(c);
    draw_front(c, t, f, close_y, gap);
    canvas_pop(c);
    draw_front(c, t, f, close_y, gap);
}

/* Notched lapels from the neck to where the fronts close. */
static void draw_lapels(canvas *c, const torso *t, const fabric *f, double close_y, double width) {
    fabric lapel = *f;
    lapel.angle = 0.35;
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        double neck = 128 - t->neck;
        spot leaf[] = {{128, close_y, true},
                       {neck - width + 8, t->neck_y + 46, false},
                       {neck - width, t->neck_y + 32, true},
                       {neck - width + 9, t->neck_y + 27, true},
                       {neck - 2, t->neck_y + 18, false},
                       {neck + 4, t->neck_y + 12, false}};
        canvas_trace(c->path, leaf, COUNT(leaf), true);
        canvas_fill(c, &lapel, 5, 0.55);
        spot collar[] = {{neck + 7, t->neck_y + 26, true},
                         {neck - width + 10, t->neck_y + 28, true},
                         {neck - width + 5, t->neck_y + 17, true},
                         {neck - 2, t->neck_y - 8, false},
                         {neck + 7, t->neck_y - 3, true}};
        canvas_trace(c->path, collar, COUNT(collar), true);
        canvas_fill(c, &lapel, 5, 0.55);
        if (side) canvas_pop(c);
    }
}

static void draw_flap_pockets(canvas *c, const torso *t, const fabric *f, double y, double width) {
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        canvas_box(c->path, 128 - t->waist + 9, y, width, 10, 2);
        canvas_fill(c, f, 3, 0.5);
        if (side) canvas_pop(c);
    }
}

static void draw_zip(canvas *c, double x0, double y0, double x1, double y1, material metal) {
    fabric teeth = fabric_plain(rgb_scale(fabric_metal(metal), 0.9), metal);
    cairo_move_to(c->ink, x0, y0);
    cairo_line_to(c->ink, x1, y1);
    cairo_set_line_width(c->ink, 6);
    cairo_set_source_rgba(c->ink, 0, 0, 0, 0.35);
    cairo_stroke(c->ink);
    cairo_move_to(c->path, x0, y0);
    cairo_line_to(c->path, x1, y1);
    canvas_stroke(c, &teeth, 2.6, 0.8);
    canvas_box(c->path, x0 - 2, y0 + 3, 4, 10, 2);
    canvas_fill(c, &teeth, 3, 1);
}

static void draw_ribs(canvas *c, const torso *t, const fabric *rib) {
    canvas_box(c->path, 128 - t->hem - 1, t->hem_y - 9, 2 * t->hem + 2, 17, 4);
    for (double x = 128 - t->hem; x < 128 + t->hem; x += 3.6)
        canvas_crease(c, (spot){x, t->hem_y - 8, false}, (spot){x, t->hem_y, false},
                      (spot){x, t->hem_y + 8, false}, 1.2, -0.7);
    canvas_fill(c, rib, 6, 0.6);
    spot half[] = {{0, t->neck_y + 8, false},
                   {t->neck - 1, t->neck_y - 7, true},
                   {t->neck + 7, t->neck_y + 4, false},
                   {6, t->neck_y + 27, true},
                   {0, t->neck_y + 22, false}};
    canvas_trace_symmetric(c->path, half, COUNT(half));
    canvas_fill(c, rib, 6, 0.7);
}

static void finish_blazer(canvas *c, const demo_product *p, const torso *t, const fabric *f,
                          double close_y) {
    rgb button = f->material == MATERIAL_WOOL && p->detail == 2
                     ? fabric_metal(MATERIAL_GOLD)
                     : rgb_scale(f->base, rgb_luma(f->base) > 0.25 ? 0.45 : 1.9);
    draw_lapels(c, t, f, close_y, p->cut == JACKET_COAT ? 24 : 20);
    draw_flap_pockets(c, t, f, t->waist_y + 18, 24);
    int buttons = p->cut == JACKET_COAT ? 3 : 2;
    for (int i = 0; i < buttons; i++) canvas_button(c, 126, close_y + 7 + 20 * i, 3.4, button);
    if (p->cut == JACKET_COAT && p->detail == 1)
        for (int i = 0; i < buttons; i++) canvas_button(c, 102, close_y + 7 + 20 * i, 3.4, button);
    if (p->cut == JACKET_COAT && p->detail == 3) {
        fabric belt = *f;
        belt.base = rgb_scale(f->base, 0.85);
        canvas_box(c->path, 128 - t->waist - 1, t->waist_y - 3, 2 * t->waist + 2, 12, 2);
        canvas_fill(c, &belt, 4, 0.5);
        canvas_box(c->path, 118, t->waist_y - 5, 18, 16, 3);
        canvas_stroke(c, &belt, 3.4, 0.8);
    }
}

static void finish_trucker(canvas *c, const torso *t, const fabric *f) {
    rgb thread = f->material == MATERIAL_DENIM ? (rgb){0.88, 0.62, 0.25} : rgb_scale(f->base, 0.6);
    rgb metal = {0.74, 0.56, 0.36};
    fabric collar = *f;
    for (int side = 0; side < 2; side++) {
        if (side) canvas_push_mirror(c);
        cairo_move_to(c->ink, 128 - t->shoulder, 86);
        cairo_line_to(c->ink, 125, 86);
        cairo_move_to(c->ink, 102, 90);
        cairo_line_to(c->ink, 112, t->hem_y - 12);
        cairo_move_to(c->ink, 84, 90);
        cairo_line_to(c->ink, 94, t->hem_y - 12);
        canvas_seam(c, 1, 0.35);
        canvas_box(c->path, 84, 87, 24, 11, 2);
        canvas_fill(c, f, 3, 0.5);
        canvas_box(c->ink, 85.2, 88, 21.6, 8.6, 2);
        canvas_stitch(c, thread);
        canvas_button(c, 96, 94, 1.8, metal);
        spot leaf[] = {{126, t->neck_y + 17, true},
                       {107, t->neck_y + 31, true},
                       {128 - t->neck - 9, t->neck_y + 8, true},
                       {128 - t->neck, t->neck_y - 8, false},
                       {116, t->neck_y + 2, false}};
        canvas_trace(c->path, leaf, COUNT(leaf), true);
        canvas_fill(c, &collar, 5, 0.6);
        if (side) canvas_pop(c);
    }
    canvas_box(c->path, 128 - t->hem - 1, t->hem_y - 9, 2 * t->hem + 2, 14, 2);
    canvas_fill(c, f, 4, 0.5);
    for (double y = t->neck_y + 34; y < t->hem_y; y += 21) canvas_button(c, 128, y, 2.8, metal);
    canvas_box(c->ink, 128 - t->hem, t->hem_y - 7.5, 2 * t->hem, 11, 1);
    canvas_stitch(c, thread);
}

static void finish_biker(canvas *c, const torso *t, const fabric *f) {
    draw_lapels(c, t, f, t->neck_y + 66, 26);
    draw_zip(c, 128, t->neck_y + 68, 112, t->hem_y - 2, MATERIAL_SILVER);
    draw_zip(c, 84, 146, 98, 166, MATERIAL_SILVER);
    draw_zip(c, 164, 146, 150, 166, MATERIAL_SILVER);
    for (int side = -1; side <= 1; side += 2)
        canvas_button(c, 128 + side * 36, t->neck_y + 32, 1.8, (rgb){0.8, 0.8, 0.82});
    fabric belt = *f;
    canvas_box(c->path, 128 - t->hem - 1, t->hem_y - 10, 2 * t->hem + 2, 11, 2);
    canvas_fill(c, &belt, 4, 0.6);
}

void draw_jacket(canvas *c, const demo_product *p) {
    fabric f = fabric_of(p, random_u64(&c->random)), plain = f;
    torso t = {22, 40, 57, 57, 51, 106, 47, 148, 52, 196, 14};
    double slim = p->section == SECTION_WOMEN ? 0.9 : 1, close_y = t.neck_y + 80, gap = 8;
    if (p->cut == JACKET_COAT) t.hem_y = 236, t.hem = 58, close_y = t.neck_y + 74, t.waist_y = 142;
    if (p->cut == JACKET_BOMBER) t.hem = 45, t.waist = 53, t.waist_y = 166, t.hem_y = 190;
    if (p->cut == JACKET_TRUCKER) t.hem = 44, t.hem_y = 182;
    if (p->cut == JACKET_BIKER) t.hem = 43, t.hem_y = 180, gap = 16;
    if (p->cut >= JACKET_BOMBER && p->cut != JACKET_COAT && p->cut != JACKET_BIKER)
        close_y = t.neck_y + 20, gap = 0;
    if (p->cut == JACKET_BIKER) close_y = t.neck_y + 66;
    t.shoulder *= slim, t.chest *= slim, t.waist *= slim, t.hem *= slim;
    plain.pattern = PATTERN_PLAIN;
    if (p->cut != JACKET_BOMBER) draw_back_collar(c, &t, &plain);
    draw_back_neck(c, &t, &plain);
    draw_lining(c, &t, &f);
    draw_sleeves(c, &t, &f, 1.08, 34, 22);
    draw_fronts(c, &t, &f, close_y, gap);
    fabric rib = fabric_plain(rgb_scale(f.base, 0.8), MATERIAL_WOOL);
    if (p->accent != p->colour && p->detail == 2) rib.base = f.accent;
    switch (p->cut) {
    case JACKET_BOMBER:
        draw_ribs(c, &t, &rib);
        draw_zip(c, 128, t.neck_y + 22, 128, t.hem_y + 6,
                 p->detail % 2 ? MATERIAL_GOLD : MATERIAL_SILVER);
        cairo_move_to(c->ink, 94, 138);
        cairo_line_to(c->ink, 84, 162);
        cairo_move_to(c->ink, 162, 138);
        cairo_line_to(c->ink, 172, 162);
        canvas_seam(c, 2, 0.45);
        break;
    case JACKET_TRUCKER: finish_trucker(c, &t, &f); break;
    case JACKET_BIKER: finish_biker(c, &t, &f); break;
    default: finish_blazer(c, p, &t, &f, close_y); break;
    }
}
