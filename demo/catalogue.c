#include "demo/catalogue.h"

#include <math.h>
#include <stdio.h>

#include "core/memory.h"

#define BIT(x) (1u << (x))

/* Materials and patterns that a cut comes in. */
typedef struct cut_profile {
    const char *name;
    unsigned materials; // a set of BIT(MATERIAL_*)
    unsigned patterns;  // a set of BIT(PATTERN_*); plain is always among them
} cut_profile;

typedef struct kind_profile {
    const char *noun, *group, *leaf;
    bool plural;
    double weight;  // share of the catalogue
    double women;   // share of the women's section
    double printed; // share that is not plain
    int n_cuts;
    cut_profile cuts[N_CUTS];
} kind_profile;

enum {
    LIGHT = BIT(MATERIAL_COTTON) | BIT(MATERIAL_SATIN),
    COTTON = BIT(MATERIAL_COTTON),
    KNIT = BIT(MATERIAL_KNIT),
    HIDE = BIT(MATERIAL_LEATHER) | BIT(MATERIAL_SUEDE),
    METALS = BIT(MATERIAL_GOLD) | BIT(MATERIAL_SILVER) | BIT(MATERIAL_ROSE_GOLD),
    LINES = BIT(PATTERN_STRIPES) | BIT(PATTERN_PINSTRIPES),
    SQUARES = BIT(PATTERN_CHECKS) | BIT(PATTERN_TARTAN),
    PRINTS = BIT(PATTERN_DOTS) | BIT(PATTERN_FLORAL) | BIT(PATTERN_ANIMAL),
    BOLD = BIT(PATTERN_BLOCK) | BIT(PATTERN_ZIGZAG),
};

static const kind_profile kinds[N_KINDS] = {
    [KIND_TSHIRT] = {"T-shirt",
                     "Clothing",
                     "T-Shirts & Tops",
                     false,
                     1.5,
                     0.55,
                     0.5,
                     4,
                     {{"crew", COTTON, LINES | PRINTS | BOLD},
                      {"fitted", COTTON, LINES | PRINTS | BOLD},
                      {"tank", LIGHT, LINES | PRINTS},
                      {"cropped", COTTON, LINES | PRINTS | BOLD}}},
    [KIND_SHIRT] = {"shirt",
                    "Clothing",
                    "Shirts & Blouses",
                    false,
                    1.2,
                    0.45,
                    0.55,
                    3,
                    {{"classic", LIGHT, LINES | SQUARES | PRINTS},
                     {"relaxed", LIGHT | BIT(MATERIAL_DENIM), LINES | SQUARES | PRINTS},
                     {"short-sleeve", COTTON, LINES | SQUARES | PRINTS}}},
    [KIND_SWEATER] = {"sweater",
                      "Clothing",
                      "Sweaters & Cardigans",
                      false,
                      1.1,
                      0.55,
                      0.35,
                      4,
                      {{"crew-neck", KNIT, BIT(PATTERN_STRIPES) | BOLD | BIT(PATTERN_DOTS)},
                       {"turtleneck", KNIT, BIT(PATTERN_STRIPES) | BOLD},
                       {"button-front", KNIT, BIT(PATTERN_STRIPES) | BIT(PATTERN_ZIGZAG)},
                       {"V-neck", KNIT, BIT(PATTERN_STRIPES) | BOLD | BIT(PATTERN_CHECKS)}}},
    [KIND_JACKET] = {"jacket",
                     "Clothing",
                     "Jackets & Coats",
                     false,
                     1.2,
                     0.5,
                     0.25,
                     5,
                     {{"blazer", BIT(MATERIAL_WOOL) | COTTON, SQUARES | BIT(PATTERN_PINSTRIPES)},
                      {"bomber", BIT(MATERIAL_SATIN) | BIT(MATERIAL_SUEDE) | COTTON,
                       BIT(PATTERN_FLORAL) | BIT(PATTERN_ANIMAL)},
                      {"trucker", BIT(MATERIAL_DENIM) | BIT(MATERIAL_SUEDE), 0},
                      {"coat", BIT(MATERIAL_WOOL), SQUARES | BIT(PATTERN_ANIMAL)},
                      {"biker", BIT(MATERIAL_LEATHER) | BIT(MATERIAL_SUEDE), 0}}},
    [KIND_DRESS] = {"dress",
                    "Clothing",
                    "Dresses",
                    false,
                    2.0,
                    1,
                    0.55,
                    5,
                    {{"sheath", LIGHT | BIT(MATERIAL_KNIT), LINES | SQUARES | PRINTS | BOLD},
                     {"skater", COTTON, LINES | SQUARES | PRINTS | BIT(PATTERN_BLOCK)},
                     {"slip", BIT(MATERIAL_SATIN), PRINTS},
                     {"shirt", COTTON | BIT(MATERIAL_DENIM), LINES | SQUARES | PRINTS},
                     {"maxi", LIGHT, PRINTS | LINES | BOLD}}},
    [KIND_SKIRT] = {"skirt",
                    "Clothing",
                    "Skirts",
                    false,
                    1.0,
                    1,
                    0.45,
                    5,
                    {{"pencil", BIT(MATERIAL_WOOL) | COTTON | BIT(MATERIAL_LEATHER),
                      SQUARES | BIT(PATTERN_PINSTRIPES) | BIT(PATTERN_ANIMAL)},
                     {"A-line", COTTON | BIT(MATERIAL_SUEDE), PRINTS | LINES | BOLD},
                     {"pleated", LIGHT, SQUARES | BIT(PATTERN_DOTS) | BIT(PATTERN_FLORAL)},
                     {"maxi", LIGHT, PRINTS | BIT(PATTERN_STRIPES) | BOLD},
                     {"mini", BIT(MATERIAL_DENIM) | BIT(MATERIAL_LEATHER) | BIT(MATERIAL_WOOL),
                      SQUARES}}},
    [KIND_TROUSERS] = {"trousers",
                       "Clothing",
                       "Trousers & Jeans",
                       true,
                       1.4,
                       0.5,
                       0.22,
                       5,
                       {{"skinny", BIT(MATERIAL_DENIM) | BIT(MATERIAL_LEATHER) | COTTON,
                         BIT(PATTERN_ANIMAL)},
                        {"straight", BIT(MATERIAL_DENIM) | COTTON | BIT(MATERIAL_WOOL),
                         SQUARES | BIT(PATTERN_PINSTRIPES)},
                        {"wide-leg", LIGHT | BIT(MATERIAL_WOOL), LINES | PRINTS},
                        {"flared", BIT(MATERIAL_DENIM) | COTTON, BIT(PATTERN_FLORAL)},
                        {"short", BIT(MATERIAL_DENIM) | COTTON, PRINTS | LINES | SQUARES}}},
    [KIND_SNEAKERS] = {"sneakers",
                       "Shoes",
                       "Sneakers",
                       true,
                       1.3,
                       0.5,
                       0.15,
                       4,
                       {{"low-top", HIDE, BIT(PATTERN_ANIMAL)},
                        {"high-top", BIT(MATERIAL_CANVAS),
                         SQUARES | BIT(PATTERN_FLORAL) | BIT(PATTERN_DOTS)},
                        {"running", BIT(MATERIAL_CANVAS) | BIT(MATERIAL_SUEDE), 0},
                        {"slip-on", BIT(MATERIAL_CANVAS),
                         SQUARES | BIT(PATTERN_STRIPES) | PRINTS | BIT(PATTERN_ZIGZAG)}}},
    [KIND_BOOTS] = {"boots",
                    "Shoes",
                    "Boots",
                    true,
                    1.0,
                    0.6,
                    0.06,
                    4,
                    {{"ankle", HIDE, BIT(PATTERN_ANIMAL)},
                     {"Chelsea", HIDE, 0},
                     {"knee-high", HIDE, 0},
                     {"lace-up", HIDE, BIT(PATTERN_FLORAL)}}},
    [KIND_HEELS] = {"heels",
                    "Shoes",
                    "Heels",
                    true,
                    1.0,
                    1,
                    0.15,
                    4,
                    {{"stiletto", HIDE | BIT(MATERIAL_SATIN), BIT(PATTERN_ANIMAL)},
                     {"block-heel", HIDE, BIT(PATTERN_FLORAL) | BIT(PATTERN_CHECKS)},
                     {"ankle-strap", HIDE | BIT(MATERIAL_SATIN), BIT(PATTERN_DOTS)},
                     {"kitten-heel", HIDE, BIT(PATTERN_ANIMAL) | BIT(PATTERN_DOTS)}}},
    [KIND_BAG] = {"bag",
                  "Handbags & Accessories",
                  "Bags",
                  false,
                  1.5,
                  0.75,
                  0.3,
                  5,
                  {{"tote", BIT(MATERIAL_LEATHER) | BIT(MATERIAL_CANVAS),
                    BIT(PATTERN_STRIPES) | PRINTS | BOLD},
                   {"satchel", HIDE, BIT(PATTERN_ANIMAL) | BIT(PATTERN_BLOCK)},
                   {"backpack", BIT(MATERIAL_CANVAS) | BIT(MATERIAL_LEATHER),
                    SQUARES | PRINTS | BIT(PATTERN_ZIGZAG)},
                   {"clutch", BIT(MATERIAL_LEATHER) | BIT(MATERIAL_SATIN), PRINTS | BOLD},
                   {"bucket", HIDE, BIT(PATTERN_STRIPES) | BIT(PATTERN_BLOCK)}}},
    [KIND_WATCH] = {"watch",
                    "Watches",
                    "Wrist Watches",
                    false,
                    1.0,
                    0.5,
                    0,
                    4,
                    {{"leather-strap", METALS, 0},
                     {"bracelet", METALS, 0},
                     {"sport", BIT(MATERIAL_SILVER), 0},
                     {"square", METALS, 0}}},
    [KIND_NECKLACE] = {"necklace",
                       "Jewelry",
                       "Necklaces",
                       false,
                       0.9,
                       0.95,
                       0,
                       4,
                       {{"pendant", METALS, 0},
                        {"pearl", METALS, 0},
                        {"chain", METALS, 0},
                        {"beaded", METALS, 0}}},
    [KIND_RING] = {"ring",
                   "Jewelry",
                   "Rings",
                   false,
                   0.7,
                   0.8,
                   0,
                   4,
                   {{"solitaire", METALS, 0},
                    {"band", METALS, 0},
                    {"signet", METALS, 0},
                    {"halo", METALS, 0}}},
    [KIND_EARRINGS] = {"earrings",
                       "Jewelry",
                       "Earrings",
                       true,
                       0.9,
                       1,
                       0,
                       4,
                       {{"hoop", METALS, 0},
                        {"stud", METALS, 0},
                        {"drop", METALS, 0},
                        {"chandelier", METALS, 0}}},
};

const char *catalogue_noun(product_kind kind) {
    return kinds[kind].noun;
}
bool catalogue_is_plural(product_kind kind) {
    return kinds[kind].plural;
}
const char *catalogue_cut(product_kind kind, int cut) {
    return kinds[kind].cuts[cut].name;
}
bool catalogue_is_garment(product_kind kind) {
    return kind <= KIND_TROUSERS;
}
bool catalogue_is_jewellery(product_kind kind) {
    return kind >= KIND_WATCH;
}

const char *catalogue_pattern(pattern p) {
    static const char *const names[N_PATTERNS] = {
        "",       "striped", "pinstriped",   "polka dot",     "gingham",
        "tartan", "floral",  "colour-block", "leopard print", "zigzag"};
    return names[p];
}

const char *catalogue_material(material m) {
    static const char *const names[N_MATERIALS] = {
        "cotton", "denim",  "leather",   "suede",       "knit",          "wool",
        "satin",  "canvas", "gold-tone", "silver-tone", "rose gold-tone"};
    return names[m];
}

void catalogue_path(const demo_product *p, const char *path[CATALOGUE_DEPTH]) {
    path[0] = "Clothing, Shoes & Jewelry";
    path[1] = p->section == SECTION_WOMEN ? "Women" : "Men";
    path[2] = kinds[p->kind].group;
    path[3] = kinds[p->kind].leaf;
}

/* ---------------------------------------------------------------- attributes */

/* A random member of a set of bits. */
static int pick_bit(unsigned set, random_stream *r) {
    int count = 0, choice = 0;
    for (int i = 0; i < 32; i++)
        if (set & BIT(i) && random_below(r, (uint64_t)++count) == 0) choice = i;
    return choice;
}

static product_kind pick_kind(random_stream *r) {
    double total = 0;
    for (int k = 0; k < N_KINDS; k++) total += kinds[k].weight;
    double at = random_unit(r) * total;
    for (int k = 0; k < N_KINDS; k++)
        if ((at -= kinds[k].weight) < 0) return (product_kind)k;
    return KIND_TSHIRT;
}

static unsigned colour_named(const char *name) {
    for (unsigned i = 0; i < palette_size; i++) {
        const char *a = palette[i].name, *b = name;
        while (*a && *a == *b) a++, b++;
        if (*a == *b) return i;
    }
    return 0;
}

static unsigned pick_of(const char *const *names, size_t n, random_stream *r) {
    return colour_named(names[random_below(r, n)]);
}

/* The main colour. Denim is blue, black or white; shoes and bags are often brown or black. */
static unsigned pick_colour(const demo_product *p, random_stream *r) {
    static const char *const denim[] = {"navy",     "navy",  "sky blue", "sky blue",
                                        "charcoal", "black", "white",    "teal"};
    static const char *const hide[] = {"black", "brown", "camel",   "beige",
                                       "white", "navy",  "burgundy"};
    static const char *const dials[] = {"black", "white",    "navy",  "forest green",
                                        "grey",  "burgundy", "ivory", "brown"};
    if (p->material == MATERIAL_DENIM) return pick_of(denim, 8, r);
    if (p->kind == KIND_WATCH && p->cut != WATCH_SPORT && random_unit(r) < 0.6)
        return pick_of(dials, 8, r);
    if ((p->material == MATERIAL_LEATHER || p->material == MATERIAL_SUEDE) && random_unit(r) < 0.45)
        return pick_of(hide, 7, r);
    colour_family family = (colour_family)random_below(r, N_FAMILIES);
    for (;;) {
        unsigned c = (unsigned)random_below(r, palette_size);
        if (palette[c].family == family) return c;
    }
}

/* A second colour that stands out from the first: often black or white. */
static unsigned pick_accent(unsigned colour, random_stream *r) {
    static const char *const usual[] = {"white", "white", "ivory", "black", "navy"};
    for (;;) {
        unsigned c = random_unit(r) < 0.5 ? pick_of(usual, 5, r)
                                          : (unsigned)random_below(r, palette_size);
        if (rgb_distance(palette[c].shade, palette[colour].shade) > 0.28) return c;
    }
}

static void fill_product(demo_product *p, random_stream *r) {
    const kind_profile *k = &kinds[p->kind];
    p->section = random_unit(r) < k->women ? SECTION_WOMEN : SECTION_MEN;
    p->cut = (int)random_below(r, (uint64_t)k->n_cuts);
    if (p->section == SECTION_MEN && p->kind == KIND_TSHIRT && p->cut == TSHIRT_CROP)
        p->cut = TSHIRT_REGULAR;
    if (p->section == SECTION_MEN && p->kind == KIND_BOOTS && p->cut == BOOTS_KNEE)
        p->cut = BOOTS_CHELSEA;
    if (p->section == SECTION_MEN && p->kind == KIND_BAG) p->cut = BAG_BACKPACK;
    const cut_profile *cut = &k->cuts[p->cut];
    p->material = (material)pick_bit(cut->materials, r);
    bool printed = cut->patterns && p->material != MATERIAL_DENIM && random_unit(r) < k->printed;
    p->pattern = printed ? (pattern)pick_bit(cut->patterns, r) : PATTERN_PLAIN;
    p->colour = pick_colour(p, r);
    if (p->pattern == PATTERN_ANIMAL && random_unit(r) < 0.7) {
        static const char *const coats[] = {"camel", "beige", "grey", "ivory", "blush"};
        p->colour = pick_of(coats, 5, r);
    }
    p->accent = pick_accent(p->colour, r);
    static const int sleeves[] = {0, 0, 1, 1, 2, 3};
    p->sleeve = sleeves[random_below(r, 6)];
    if (p->kind == KIND_TSHIRT)
        p->sleeve = random_unit(r) < 0.75 ? 1 : p->sleeve < 2 ? 3 : p->sleeve;
    p->neck = (int)random_below(r, 3);
    p->length = (int)random_below(r, 3);
    if (p->section == SECTION_MEN && p->kind == KIND_BOOTS) p->length = 0;
    p->detail = (int)random_below(r, 4);
}

/* Products whose picture nothing else resembles are rare in a real shop: about a third repeat the
 * design of an earlier one in another colour. */
static void vary_design(demo_product *p, const demo_product *earlier, random_stream *r) {
    *p = *earlier;
    for (int tries = 0; tries < 8 && p->colour == earlier->colour; tries++)
        p->colour = pick_colour(p, r);
    p->accent = pick_accent(p->colour, r);
}

lb_status catalogue_new(size_t n, uint64_t seed, demo_product **out) {
    demo_product *products;
    LB_TRY(NEW_ARRAY(products, n));
    random_stream plan = random_open(seed, "demo plan", 0);
    for (size_t i = 0; i < n; i++) {
        random_stream r = random_open(seed, "demo product", i);
        demo_product *p = &products[i];
        size_t earlier = random_below(&plan, i + 1);
        if (i > N_KINDS && earlier < i && random_unit(&plan) < 0.33) {
            vary_design(p, &products[earlier], &r);
        } else {
            p->kind = i < N_KINDS ? (product_kind)i : pick_kind(&r);
            fill_product(p, &r);
        }
        snprintf(p->id, sizeof p->id, "DEMO%06zu", (i + 1) % 1000000);
        wording_product(p, &r);
        /* One in nine is a new arrival that nobody has bought yet; the rest follow a long tail. */
        p->popularity = random_unit(&r) < 1 / 9.0 ? 0 : exp(0.95 * random_normal(&r));
    }
    *out = products;
    return LB_OK;
}
