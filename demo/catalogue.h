/* The catalogue of the demo shop: what there is to buy, before anything is drawn or sold. */
#ifndef LB_DEMO_CATALOGUE_H
#define LB_DEMO_CATALOGUE_H

#include <stdbool.h>

#include "core/random.h"
#include "core/status.h"
#include "demo/product.h"

/* Invents `n` products. `*out` is allocated: (n). */
lb_status catalogue_new(size_t n, uint64_t seed, demo_product **out);

/* The category path of a product: "Clothing, Shoes & Jewelry", section, group, kind. */
enum { CATALOGUE_DEPTH = 4 };
void catalogue_path(const demo_product *p, const char *path[CATALOGUE_DEPTH]);

/* The plain noun of a kind ("dress"), and whether it is a plural ("boots"). */
const char *catalogue_noun(product_kind kind);
bool catalogue_is_plural(product_kind kind);

/* The words for a cut, a pattern (an adjective; "" for plain) and a material. */
const char *catalogue_cut(product_kind kind, int cut);
const char *catalogue_pattern(pattern p);
const char *catalogue_material(material m);

/* Whether the kind is worn on the body and made of cloth; whether it is jewellery or a watch. */
bool catalogue_is_garment(product_kind kind);
bool catalogue_is_jewellery(product_kind kind);

/* Writes brand, title, price and description from the attributes. */
void wording_product(demo_product *p, random_stream *r);

#endif
