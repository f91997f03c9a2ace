/* Draws products: one file for each group of kinds. */
#ifndef LB_DEMO_DRAW_H
#define LB_DEMO_DRAW_H

#include "demo/canvas.h"

/* Draws a product's picture, studio and all, and compresses it as JPEG. `*bytes` is allocated. */
lb_status draw_picture(canvas *c, const demo_product *p, random_stream random,
                       unsigned char **bytes, size_t *size);

/* The parts of draw_picture. `stands` says that the product stands on the floor at `floor` units
 * rather than hanging before the wall. */
void draw_product(canvas *c, const demo_product *p);
lb_status studio_develop(canvas *c, bool stands, double floor, unsigned char **bytes, size_t *size);

void draw_tshirt(canvas *c, const demo_product *p);
void draw_shirt(canvas *c, const demo_product *p);
void draw_sweater(canvas *c, const demo_product *p);
void draw_jacket(canvas *c, const demo_product *p);
void draw_dress(canvas *c, const demo_product *p);
void draw_skirt(canvas *c, const demo_product *p);
void draw_trousers(canvas *c, const demo_product *p);
void draw_sneakers(canvas *c, const demo_product *p);
void draw_boots(canvas *c, const demo_product *p);
void draw_heels(canvas *c, const demo_product *p);
void draw_bag(canvas *c, const demo_product *p);
void draw_watch(canvas *c, const demo_product *p);
void draw_necklace(canvas *c, const demo_product *p);
void draw_ring(canvas *c, const demo_product *p);
void draw_earrings(canvas *c, const demo_product *p);

/* Shared by the garments of the upper body. */
typedef struct torso {
    double neck, neck_y;         // half width and height of the neck opening
    double shoulder, shoulder_y; // half width at the shoulders
    double chest, chest_y;       // at the armpits
    double waist, waist_y;
    double hem, hem_y;
    double neckline; // how deep the front opening goes below neck_y
} torso;

/* The dark inside of the garment's back, seen through the neck opening. */
void draw_back_neck(canvas *c, const torso *t, const fabric *f);
/* The back of a collar, behind the neck opening; draw it before draw_back_neck. */
void draw_back_collar(canvas *c, const torso *t, const fabric *f);
/* Both sleeves; `reach` 0..1 of the arm, `width` at the top in units. */
void draw_sleeves(canvas *c, const torso *t, const fabric *f, double reach, double width,
                  double cuff);
/* The body, with folds. `neck` as in demo_product. */
void draw_torso(canvas *c, const torso *t, const fabric *f, int neck);
/* A gemstone cut into facets. */
void draw_gem(canvas *c, double x, double y, double radius, rgb colour);

#endif
