#include "demo/draw.h"

#include "demo/catalogue.h"

/* How each kind is drawn and photographed. */
typedef struct portrait {
    void (*draw)(canvas *c, const demo_product *p);
    bool stands;
    double floor; // where it touches the ground, units
} portrait;

static const portrait portraits[N_KINDS] = {
    [KIND_TSHIRT] = {draw_tshirt, false, 0},     [KIND_SHIRT] = {draw_shirt, false, 0},
    [KIND_SWEATER] = {draw_sweater, false, 0},   [KIND_JACKET] = {draw_jacket, false, 0},
    [KIND_DRESS] = {draw_dress, false, 0},       [KIND_SKIRT] = {draw_skirt, false, 0},
    [KIND_TROUSERS] = {draw_trousers, false, 0}, [KIND_SNEAKERS] = {draw_sneakers, true, 197},
    [KIND_BOOTS] = {draw_boots, true, 212},      [KIND_HEELS] = {draw_heels, true, 194},
    [KIND_BAG] = {draw_bag, true, 214},          [KIND_WATCH] = {draw_watch, false, 0},
    [KIND_NECKLACE] = {draw_necklace, false, 0}, [KIND_RING] = {draw_ring, true, 206},
    [KIND_EARRINGS] = {draw_earrings, false, 0},
};

void draw_product(canvas *c, const demo_product *p) {
    portraits[p->kind].draw(c, p);
}

lb_status draw_picture(canvas *c, const demo_product *p, random_stream random,
                       unsigned char **bytes, size_t *size) {
    const portrait *how = &portraits[p->kind];
    canvas_begin(c, random);
    /* No two photographs are framed quite alike. */
    double dx = canvas_vary(c, -3, 3), dy = canvas_vary(c, -2, 2),
           turn = canvas_vary(c, -0.02, 0.02);
    double scale = canvas_vary(c, 0.95, 1.03);
    if (how->stands) { // the floor stays where it is
        dy = (1 - scale) * (how->floor - 128);
        turn = 0;
    }
    c->open_hem = catalogue_is_garment(p->kind);
    canvas_push(c, dx, dy, scale, turn);
    draw_product(c, p);
    canvas_pop(c);
    return studio_develop(c, how->stands, how->floor, bytes, size);
}
