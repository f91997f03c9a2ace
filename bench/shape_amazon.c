/* The layout of the Amazon review data of 2014. */
#include <stdio.h>

#include "bench/shape_impl.h"
#include "demo/amazon.h"

enum { USER_ID = 16 };

void shape_amazon_id(uint32_t product, char *out) {
    snprintf(out, AMAZON_ID + 1, "B%09u", product % 1000000000);
}

static lb_status add_review(text *t, const shape_review *r) {
    char user[USER_ID], product[AMAZON_ID + 1];
    snprintf(user, sizeof user, "A%013u", r->user);
    shape_amazon_id(r->product, product);
    amazon_review review = {.user = user,
                            .product = product,
                            .user_name = "A customer",
                            .summary = r->summary,
                            .body = r->body,
                            .stars = r->stars,
                            .time = r->time};
    return amazon_add_review(t, &review);
}

/* A product may be in several categories; that of the shape need not be the first. */
static void add_product(text *t, const shape_product *p) {
    char id[AMAZON_ID + 1], title[SHAPE_NAME], image[SHAPE_NAME];
    uint32_t i = p->number;
    shape_amazon_id(i, id);
    snprintf(title, sizeof title, "%s %s, no. %u", p->category, p->kind, i);
    snprintf(image, sizeof image, "http://shop.example/images/%s.jpg", id);
    const char *own[] = {"Clothing, Shoes & Jewelry", p->inside ? p->category : "Luggage", p->kind,
                         NULL};
    const char *other[] = {"Clothing, Shoes & Jewelry", "Novelty, Costumes & More", NULL};
    const char *const *paths[] = {i % 7 ? own : other, i % 7 ? other : own};
    amazon_product product = {.id = id,
                              .title = title,
                              .image = image,
                              .brand = "House brand",
                              .price = 9.5 + i % 90,
                              .path = paths,
                              .n_paths = i % 7 && i % 3 ? 1 : 2};
    amazon_add_product(t, &product);
}

const shape_layout shape_amazon = {.name = "amazon",
                                   .reviews = SHAPE_REVIEWS,
                                   .products = SHAPE_META,
                                   .features = SHAPE_FEATURES,
                                   .add_review = add_review,
                                   .add_product = add_product};
