/* Shoes, seen from the side with the toe to the left, as pairs: one stands behind the other. */
#include <math.h>

#include "demo/draw.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef void (*shoe)(canvas *c, const demo_product *p, const fabric *f);

static void draw_pair(canvas *c, const demo_product *p, shoe draw, double dx, double dy) {
    fabric f = fabric_of(p, random_u64(&c->random)), behind = f;
    behind.base = rgb_scale(f.base, 0.88);
    canvas_push(c, dx, dy, 0.94, 0);
    draw(c, p, &behind);
    canvas_pop(c);
    canvas_push(c, -6, 0, 1, 0);
    draw(c, p, &f);
    canvas_pop(c);
}

static void draw_sole(canvas *c, const spot *spots, size_t n, rgb colour, double bulge) {
    fabric rubber = fabric_plain(colour, MATERIAL_LEATHER);
    canvas_trace(c->path, spots, n, true);
    canvas_fill(c, &rubber, bulge, 0.6);
}

/* Laces in short bars across the throat from (x0, y0) to (x1, y1). */
static void draw_laces(canvas *c, double x0, double y0, double x1, double y1, int count,
                       rgb colour) {
    fabric lace = fabric_plain(colour, MATERIAL_COTTON);
    for (int i = 0; i < count; i++) {
        double t = count > 1 ? (double)i / (count - 1) : 0.5;
        double x = x0 + t * (x1 - x0), y = y0 + t * (y1 - y0);
        cairo_move_to(c->path, x - 7, y - 4);
        cairo_curve_to(c->path, x - 2, y - 5, x + 6, y + 1, x + 10, y + 6);
        canvas_stroke(c, &lace, 3.2, 0.8);
        cairo_set_source_rgba(c->ink, 0, 0, 0, 0.6);
        canvas_ellipse(c->ink, x + 11, y + 7, 1.4, 1.4);
        cairo_fill(c->ink);
    }
}

/* ---------------------------------------------------------------- sneakers */

static rgb sole_colour(const demo_product *p, const fabric *f) {
    if (p->detail == 1 && rgb_luma(f->base) > 0.3) return (rgb){0.72, 0.50, 0.30};
    if (p->detail == 2) return rgb_luma(f->accent) > 0.1 ? f->accent : (rgb){0.14, 0.14, 0.15};
    return (rgb){0.95, 0.94, 0.91};
}

static void draw_sneaker_upper(canvas *c, const demo_product *p, const fabric *f) {
    bool high = p->cut == SNEAKERS_HIGH, slip = p->cut == SNEAKERS_SLIP_ON;
    double top = high ? 66 : slip ? 122 : 108;
    fabric inside = fabric_plain(rgb_scale(rgb_mix(f->base, (rgb){0.5, 0.5, 0.5}, 0.4), 0.5),
                                 MATERIAL_COTTON);
    canvas_ellipse(c->path, 174, top + 8, 29, 9);
    canvas_fill(c, &inside, 4, 0.3);
    if (!slip) { // the tongue
        spot tongue[] = {{104, 134, false},     {130, top + 6, false},  {143, top - 12, false},
                         {153, top - 6, false}, {146, top + 12, false}, {122, 146, false}};
        fabric t = fabric_plain(rgb_scale(f->base, 0.93), f->material);
        canvas_trace(c->path, tongue, COUNT(tongue), true);
        canvas_fill(c, &t, 8, 0.7);
    }
    spot upper[] = {{38, 182, true},      {38, 168, false},       {52, 154, false},
                    {86, 145, false},     {118, 130, false},      {142, top + 6, false},
                    {150, top + 4, true}, {172, top + 13, false}, {196, top + 6, false},
                    {207, top - 4, true}, {213, 138, false},      {214, 182, true}};
    canvas_trace(c->path, upper, COUNT(upper), true);
    canvas_crease(c, (spot){82, 148, false}, (spot){88, 158, false}, (spot){96, 168, false}, 4,
                  -0.35);
    canvas_fill(c, f, 20, 0.85);
}

static void draw_sneaker_panels(canvas *c, const demo_product *p, const fabric *f) {
    fabric trim = fabric_plain(p->accent == p->colour ? rgb_scale(f->base, 0.8) : f->accent,
                               MATERIAL_LEATHER);
    bool high = p->cut == SNEAKERS_HIGH;
    double top = high ? 66 : 108;
    if (p->cut == SNEAKERS_SLIP_ON) {
        spot elastic[] = {{112, 142, true}, {134, 128, true}, {140, 140, true}, {122, 160, true}};
        canvas_trace(c->path, elastic, COUNT(elastic), true);
        canvas_fill(c, &trim, 3, 0.5);
        return;
    }
    spot heel[] = {{199, top + 13, true}, {209.5, top + 12, true}, {213, 140, false},
                   {214, 182, true},      {184, 182, true},        {194, 150, false}};
    canvas_trace(c->path, heel, COUNT(heel), true);
    canvas_fill(c, &trim, 7, 0.6);
    if (p->cut == SNEAKERS_RUNNER) { // a swooping side panel and a toe guard
        spot swoop[] = {{96, 178, true},   {126, 160, false}, {160, 132, false}, {186, 122, true},
                        {172, 142, false}, {140, 172, false}, {128, 182, true}};
        canvas_trace(c->path, swoop, COUNT(swoop), true);
        canvas_fill(c, &trim, 4, 0.5);
        spot toe[] = {
            {38, 182, true}, {38, 168, false}, {50, 156, false}, {66, 166, false}, {72, 182, true}};
        canvas_trace(c->path, toe, COUNT(toe), true);
        canvas_fill(c, &trim, 6, 0.6);
    } else if (p->cut == SNEAKERS_LOW && p->detail != 0) { // three side stripes
        for (int i = 0; i < 3; i++) {
            spot bar[] = {{116.0 + i * 17, 180, true},
                          {134.0 + i * 17, 138 + i, true},
                          {141.0 + i * 17, 138 + i, true},
                          {124.0 + i * 17, 180, true}};
            canvas_trace(c->path, bar, COUNT(bar), true);
        }
        canvas_fill(c, &trim, 3, 0.5);
    } else if (high) { // a rubber toe cap and an ankle patch
        fabric cap = fabric_plain((rgb){0.94, 0.93, 0.9}, MATERIAL_LEATHER);
        spot toe[] = {
            {38, 182, true}, {38, 168, false}, {54, 153, false}, {72, 160, false}, {78, 182, true}};
        canvas_trace(c->path, toe, COUNT(toe), true);
        canvas_fill(c, &cap, 8, 0.7);
        canvas_ellipse(c->path, 180, 102, 13, 13);
        canvas_fill(c, &cap, 3, 0.5);
        canvas_ellipse(c->ink, 180, 102, 9, 9);
        cairo_set_source_rgb(c->ink, trim.base.r, trim.base.g, trim.base.b);
        cairo_set_line_width(c->ink, 1.6);
        cairo_stroke(c->ink);
    }
}

static void draw_sneaker(canvas *c, const demo_product *p, const fabric *f) {
    draw_sneaker_upper(c, p, f);
    draw_sneaker_panels(c, p, f);
    bool high = p->cut == SNEAKERS_HIGH;
    if (p->cut != SNEAKERS_SLIP_ON)
        draw_laces(c, 96, 142, 138, high ? 80 : 116, high ? 7 : 5,
                   rgb_luma(f->base) > 0.75 ? rgb_mix(f->accent, (rgb){1, 1, 1}, 0.3)
                                            : (rgb){0.96, 0.96, 0.94});
    rgb colour = sole_colour(p, f);
    if (p->cut == SNEAKERS_RUNNER) {
        spot sole[] = {{34, 176, false}, {60, 184, false},  {120, 180, false}, {170, 172, false},
                       {218, 168, true}, {223, 186, false}, {212, 197, false}, {100, 198, false},
                       {50, 196, false}, {34, 188, false}};
        draw_sole(c, sole, COUNT(sole), colour, 9);
    } else {
        spot sole[] = {{35, 177, false}, {60, 180, false},  {130, 181, false}, {217, 177, true},
                       {218, 192, true}, {200, 197, false}, {60, 197, false},  {38, 193, false}};
        draw_sole(c, sole, COUNT(sole), colour, 7);
    }
    cairo_move_to(c->ink, 36, 190);
    cairo_line_to(c->ink, 217, 190);
    canvas_seam(c, 1, 0.3);
}

void draw_sneakers(canvas *c, const demo_product *p) {
    draw_pair(c, p, draw_sneaker, 12, -17);
}

/* ---------------------------------------------------------------- boots */

static void draw_boot(canvas *c, const demo_product *p, const fabric *f) {
    bool knee = p->cut == BOOTS_KNEE;
    double top = knee ? 24 : p->cut == BOOTS_LACE ? 74 : 92, wide = knee ? 7 : 0;
    double lift = p->length == 2 ? 22 : p->length == 1 ? 12 : 5, ground = 212;
    rgb black = {0.13, 0.12, 0.12};
    fabric inside = fabric_plain(rgb_scale(f->base, 0.4), MATERIAL_COTTON);
    canvas_ellipse(c->path, 165 + wide / 2, top + 3, 32 + wide / 2, 7);
    canvas_fill(c, &inside, 3, 0.3);
    spot upper[] = {
        {46, ground - 9, true},           {44, ground - 22, false},
        {60, ground - 36, false},         {96, ground - 48 - lift / 2, false},
        {128, ground - 70 - lift, false}, {133, (ground + top) / 2 - 24, false},
        {133 - wide / 2, top, true},      {165, top + 6, false},
        {197 + wide, top, true},          {194 + wide / 2, (ground + top) / 2 - 12, false},
        {192, ground - 60 - lift, false}, {202, ground - 34 - lift, false},
        {202, ground - 8 - lift, true},   {150, ground - 10 - lift * 0.8, false},
        {104, ground - 8, false}};
    canvas_trace(c->path, upper, COUNT(upper), true);
    for (int i = 0; i < 3; i++) {
        double y = ground - 66 - lift + i * 9;
        canvas_crease(c, (spot){128, y, false}, (spot){146, y + 7, false},
                      (spot){canvas_vary(c, 160, 184), y + canvas_vary(c, -6, 8), false}, 4.5,
                      canvas_vary(c, -0.55, -0.25));
    }
    canvas_fill(c, f, 24, 0.85);
    spot heel[] = {{168, ground - 12 - lift, true},
                   {203, ground - 12 - lift, true},
                   {200, ground, true},
                   {p->detail == 2 ? 186.0 : 172.0, ground, true}};
    draw_sole(c, heel, COUNT(heel), rgb_mix(black, f->base, 0.25), 6);
    spot sole[] = {{43, ground - 12, false},
                   {70, ground - 9, false},
                   {104, ground - 9, false},
                   {150, ground - 11 - lift * 0.8, false},
                   {203, ground - 12 - lift, true},
                   {203, ground - 6 - lift, true},
                   {150, ground - 4 - lift * 0.7, false},
                   {108, ground, false},
                   {60, ground, false},
                   {44, ground - 5, false}};
    draw_sole(c, sole, COUNT(sole), p->detail == 1 ? (rgb){0.5, 0.34, 0.2} : black, 4);
    if (p->cut == BOOTS_CHELSEA) {
        fabric elastic = fabric_plain(rgb_scale(f->base, 0.55), MATERIAL_KNIT);
        spot gusset[] = {{150, top + 2, true},
                         {180, top + 2, true},
                         {170, top + 48, false},
                         {160, top + 48, false}};
        canvas_trace(c->path, gusset, COUNT(gusset), true);
        canvas_fill(c, &elastic, 3, 0.4);
    } else if (p->cut == BOOTS_LACE) {
        draw_laces(c, 118, ground - 62 - lift, 142, top + 10, 7,
                   rgb_luma(f->base) > 0.5 ? (rgb){0.4, 0.26, 0.16} : (rgb){0.82, 0.72, 0.5});
    } else {
        fabric strap = fabric_plain(rgb_scale(f->base, 0.85), MATERIAL_LEATHER);
        fabric gold = fabric_plain(fabric_metal(MATERIAL_GOLD), MATERIAL_GOLD);
        double y = knee ? top + 16 : ground - 66 - lift;
        if (p->detail != 0) {
            spot band[] = {{130 - wide / 2, y, true},
                           {160, y + 7, false},
                           {196 + wide * 0.8, y + 1, true},
                           {196 + wide * 0.8, y + 9, true},
                           {160, y + 15, false},
                           {130 - wide / 2, y + 8, true}};
            canvas_trace(c->path, band, COUNT(band), true);
            canvas_fill(c, &strap, 4, 0.6);
            canvas_box(c->path, 158, y + 4, 13, 13, 3);
            canvas_stroke(c, &gold, 2.6, 1);
        } else {
            cairo_move_to(c->ink, 178, top + 2);
            cairo_line_to(c->ink, 180, ground - 14 - lift);
            canvas_seam(c, 1.3, 0.4);
        }
    }
}

void draw_boots(canvas *c, const demo_product *p) {
    draw_pair(c, p, draw_boot, 20, -15);
}

/* ---------------------------------------------------------------- heels */

static void draw_heel_shape(canvas *c, const demo_product *p, const fabric *f, double lift,
                            double ground) {
    double seat = ground - lift;
    if (p->cut == HEELS_BLOCK || p->cut == HEELS_STRAP) {
        spot block[] = {{178, seat - 6, true},
                        {214, seat - 12, true},
                        {208, ground, true},
                        {184, ground, true}};
        canvas_trace(c->path, block, COUNT(block), true);
    } else {
        spot spike[] = {
            {180, seat - 4, true}, {214, seat - 14, true}, {208, (seat + ground) / 2 - 6, false},
            {206, ground, true},   {201, ground, true},    {197, (seat + ground) / 2 - 4, false}};
        canvas_trace(c->path, spike, COUNT(spike), true);
    }
    canvas_fill(c, f, 7, 0.8);
}

static void draw_heel(canvas *c, const demo_product *p, const fabric *f) {
    double lift = p->cut == HEELS_KITTEN ? 32 : p->cut == HEELS_STILETTO ? 78 : 60, ground = 194;
    double seat = ground - lift;
    fabric inside = fabric_plain((rgb){0.80, 0.66, 0.52}, MATERIAL_LEATHER);
    draw_heel_shape(c, p, f, lift, ground);
    spot insole[] = {
        {60, ground - 22, false}, {100, ground - 26, false}, {150, seat + lift * 0.25 - 16, false},
        {206, seat - 26, false},  {212, seat - 8, false},    {160, seat + lift * 0.34, false},
        {100, ground - 8, false}};
    canvas_trace(c->path, insole, COUNT(insole), true);
    canvas_fill(c, &inside, 5, 0.4);
    if (p->detail == 3) { // a sandal: straps across the toes
        for (int i = 0; i < 2; i++) {
            spot band[] = {{58.0 + i * 28, ground - 5, true},
                           {62.0 + i * 28, ground - 28 - i * 5, false},
                           {84.0 + i * 26, ground - 33 - i * 8, false},
                           {96.0 + i * 26, ground - 26 - i * 8, false},
                           {80.0 + i * 28, ground - 22, false},
                           {76.0 + i * 28, ground - 4, true}};
            canvas_trace(c->path, band, COUNT(band), true);
            canvas_fill(c, f, 7, 0.8);
        }
        spot counter[] = {{182, seat - 4, true},
                          {184, seat - 30, false},
                          {206, seat - 44, true},
                          {216, seat - 30, false},
                          {214, seat - 4, true}};
        canvas_trace(c->path, counter, COUNT(counter), true);
        canvas_fill(c, f, 9, 0.8);
    } else {
        spot upper[] = {{36, ground - 4, true},    {42, ground - 12, false},
                        {66, ground - 27, false},  {92, ground - 31, true},
                        {104, ground - 16, false}, {146, seat + lift * 0.42 - 14, false},
                        {184, seat - 14, false},   {207, seat - 40, true},
                        {216, seat - 26, false},   {214, seat - 4, false},
                        {190, seat + 1, false},    {150, seat + lift * 0.5, false},
                        {110, ground - 6, false},  {80, ground - 1, false},
                        {50, ground - 1, false}};
        canvas_trace(c->path, upper, COUNT(upper), true);
        canvas_fill(c, f, 16, 0.9);
    }
    spot sole[] = {{36, ground - 4, true},   {70, ground - 2, false},
                   {108, ground - 6, false}, {150, seat + lift * 0.52, false},
                   {186, seat + 1, true},    {150, seat + lift * 0.58, false},
                   {110, ground - 1, false}, {70, ground + 1, false}};
    draw_sole(c, sole, COUNT(sole), p->style > 3 ? (rgb){0.65, 0.1, 0.12} : (rgb){0.2, 0.16, 0.14},
              3);
    if (p->cut == HEELS_STRAP) {
        fabric gold = fabric_plain(fabric_metal(MATERIAL_GOLD), MATERIAL_GOLD);
        spot strap[] = {{208, seat - 38, true},  {176, seat - 52, false}, {150, seat - 44, false},
                        {150, seat - 38, false}, {178, seat - 44, false}, {208, seat - 30, true}};
        canvas_trace(c->path, strap, COUNT(strap), true);
        canvas_fill(c, f, 4, 0.7);
        canvas_box(c->path, 180, seat - 53, 8, 10, 2);
        canvas_stroke(c, &gold, 2, 1);
    } else if (p->detail == 1) { // a bow on the toe
        canvas_ellipse(c->path, 80, ground - 33, 9, 5);
        canvas_ellipse(c->path, 98, ground - 35, 9, 5);
        canvas_fill(c, f, 5, 0.9);
        canvas_ellipse(c->path, 89, ground - 33, 3.4, 3.6);
        canvas_fill(c, f, 4, 0.9);
    }
}

void draw_heels(canvas *c, const demo_product *p) {
    draw_pair(c, p, draw_heel, 16, -17);
}
