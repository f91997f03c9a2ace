/* Brands, titles, prices and descriptions, from what is drawn. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "demo/catalogue.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Invented brands, from cheap to luxury, for clothes, shoes, bags, and jewellery. */
enum { N_LEVELS = 5, N_TRADES = 4, N_BRANDS = 2 };
static const char *const brands[N_TRADES][N_LEVELS][N_BRANDS] = {
    {{"Pikawaro", "Tidewicke"},
     {"Norlinde", "Calmoss"},
     {"Quillmere", "Brindlemoor"},
     {"Velorrine", "Hartenfold"},
     {"Maison Orlune", "Arvenelle"}},
    {{"Skuffle & Tread", "Pikawaro"},
     {"Ferrowen", "Dashmoor"},
     {"Marlocke", "Cobblemere"},
     {"Ottavel", "Hartenfold"},
     {"Maison Orlune", "Casa Brevanti"}},
    {{"Totterby", "Tidewicke"},
     {"Grovenna", "Calmoss"},
     {"Sablequay", "Marlocke"},
     {"Ottavel", "Velorrine"},
     {"Casa Brevanti", "Arvenelle"}},
    {{"Glimm", "Pikawaro"},
     {"Tickmere", "Cindermoor"},
     {"Solvanto", "Yarrowick"},
     {"Luminelle", "Ottavel"},
     {"Maison Orlune", "Aurelque"}},
};

static const double base_price[N_KINDS] = {
    [KIND_TSHIRT] = 19,   [KIND_SHIRT] = 38, [KIND_SWEATER] = 49,  [KIND_JACKET] = 98,
    [KIND_DRESS] = 62,    [KIND_SKIRT] = 42, [KIND_TROUSERS] = 52, [KIND_SNEAKERS] = 68,
    [KIND_BOOTS] = 105,   [KIND_HEELS] = 79, [KIND_BAG] = 88,      [KIND_WATCH] = 140,
    [KIND_NECKLACE] = 55, [KIND_RING] = 72,  [KIND_EARRINGS] = 38,
};

static void choose_brand(demo_product *p, random_stream *r) {
    static const int levels[] = {0, 0, 1, 1, 1, 2, 2, 2, 3, 4};
    static const double factors[N_LEVELS] = {0.55, 0.8, 1.0, 1.5, 2.7};
    int trade = catalogue_is_jewellery(p->kind) ? 3
                : p->kind == KIND_BAG           ? 2
                : p->kind >= KIND_SNEAKERS      ? 1
                                                : 0;
    p->style = levels[random_below(r, COUNT(levels))];
    p->brand = brands[trade][p->style][random_below(r, N_BRANDS)];
    double hide = p->material == MATERIAL_LEATHER || p->material == MATERIAL_GOLD ? 1.35 : 1;
    double price = base_price[p->kind] * factors[p->style] * hide * (0.85 + 0.35 * random_unit(r));
    p->cost = floor(price) + (p->style < 2 ? 0.99 : p->style < 4 ? 0.5 : 0);
}

static void append(char *text, size_t size, const char *more) {
    size_t used = strlen(text);
    if (used + 1 < size) snprintf(text + used, size - used, "%s", more);
}

/* " Word" with every word's first letter as a capital. */
static void append_capital(char *text, size_t size, const char *more) {
    size_t used = strlen(text);
    if (!*more) return;
    append(text, size, used ? " " : "");
    size_t from = strlen(text);
    append(text, size, more);
    for (size_t i = from; text[i]; i++)
        if (i == from || text[i - 1] == ' ' || text[i - 1] == '-')
            text[i] = (char)toupper((unsigned char)text[i]);
}

/* What the product is called: "leather biker jacket", "gold-tone hoop earrings". */
static const char *special_noun(const demo_product *p) {
    if (p->kind == KIND_JACKET && p->cut == JACKET_BLAZER) return "blazer";
    if (p->kind == KIND_JACKET && p->cut == JACKET_COAT) return "coat";
    if (p->kind == KIND_SWEATER && p->cut == SWEATER_CARDIGAN) return "cardigan";
    if (p->kind == KIND_TROUSERS && p->cut == TROUSERS_SHORTS) return "shorts";
    if (p->kind == KIND_TROUSERS && p->material == MATERIAL_DENIM) return "jeans";
    if (p->kind == KIND_SHIRT && p->section == SECTION_WOMEN) return "blouse";
    if (p->kind == KIND_TSHIRT && p->cut == TSHIRT_TANK) return "tank top";
    return catalogue_noun(p->kind);
}

static const char *special_cut(const demo_product *p) {
    if (p->kind == KIND_JACKET && (p->cut == JACKET_BLAZER || p->cut == JACKET_COAT)) return "";
    if (p->kind == KIND_TROUSERS && p->cut == TROUSERS_SHORTS) return "";
    if (p->kind == KIND_TSHIRT && p->cut == TSHIRT_TANK) return "";
    if (p->kind == KIND_TSHIRT && p->cut == TSHIRT_REGULAR)
        return p->neck == 1 ? "V-neck" : p->neck == 2 ? "scoop-neck" : "crew-neck";
    return catalogue_cut(p->kind, p->cut);
}

static bool has_stone(const demo_product *p) {
    if (p->kind == KIND_NECKLACE) return p->cut != NECKLACE_CHAIN;
    if (p->kind == KIND_RING) return p->cut != RING_SIGNET || p->detail % 2;
    if (p->kind == KIND_EARRINGS) return p->cut != EARRINGS_HOOPS || p->detail == 3;
    return false;
}

static const char *stone_noun(const demo_product *p) {
    if (p->kind == KIND_NECKLACE && p->cut == NECKLACE_PEARLS) return "Pearls";
    if (p->kind == KIND_NECKLACE && p->cut == NECKLACE_BEADS) return "Beads";
    if (p->kind == KIND_EARRINGS && p->cut == EARRINGS_STUDS && p->detail % 2) return "Pearls";
    return p->kind == KIND_EARRINGS ? "Stones" : "Stone";
}

static void write_title(demo_product *p) {
    size_t size = sizeof p->title;
    p->title[0] = 0;
    append(p->title, size, p->brand);
    append(p->title, size, p->section == SECTION_WOMEN ? " Women's" : " Men's");
    if (catalogue_is_jewellery(p->kind)) {
        append_capital(p->title, size, catalogue_material(p->material));
        append_capital(p->title, size, special_cut(p));
        append_capital(p->title, size, special_noun(p));
        if (p->kind == KIND_WATCH || has_stone(p)) {
            append(p->title, size, " with");
            append_capital(p->title, size, palette[p->colour].name);
            append_capital(p->title, size,
                           p->kind != KIND_WATCH      ? stone_noun(p)
                           : p->cut == WATCH_BRACELET ? "Dial"
                                                      : "Strap");
        }
        return;
    }
    append_capital(p->title, size, palette[p->colour].name);
    if (p->pattern != PATTERN_PLAIN && p->pattern != PATTERN_ANIMAL) {
        append(p->title, size, " and");
        append_capital(p->title, size, palette[p->accent].name);
    }
    append_capital(p->title, size, catalogue_pattern(p->pattern));
    append_capital(p->title, size, catalogue_material(p->material));
    append_capital(p->title, size, special_cut(p));
    append_capital(p->title, size, special_noun(p));
}

static const char *wear_sentence(const demo_product *p, random_stream *r) {
    static const char *const casual[] = {"Easy to wear from breakfast to the last train home.",
                                         "Made for weekends, markets and long walks.",
                                         "Pairs with nearly everything you already own.",
                                         "A piece you'll reach for on ordinary days.",
                                         "Comfortable, simple and made to last."};
    static const char *const smart[] = {
        "Cut for the office and for dinner afterwards.",
        "A quiet statement for evenings that matter.", "Finished by hand in small numbers.",
        "Dresses up a plain outfit at once.", "An elegant choice for weddings and theatre nights."};
    bool dressy = p->style > 2 || p->material == MATERIAL_SATIN || p->kind == KIND_HEELS ||
                  catalogue_is_jewellery(p->kind);
    return dressy ? smart[random_below(r, COUNT(smart))] : casual[random_below(r, COUNT(casual))];
}

static const char *detail_sentence(const demo_product *p) {
    static const char *const materials[N_MATERIALS] = {"Soft combed cotton that keeps its shape.",
                                                       "Sturdy denim with contrast stitching.",
                                                       "Smooth leather with a gentle shine.",
                                                       "Velvety suede with a matt finish.",
                                                       "Warm, close knit with ribbed edges.",
                                                       "Fine wool with a light, dry hand.",
                                                       "Flowing satin with a silky sheen.",
                                                       "Robust woven canvas.",
                                                       "Polished gold-tone metal.",
                                                       "Polished silver-tone metal.",
                                                       "Warm rose gold-tone metal."};
    return materials[p->material];
}

static void write_description(demo_product *p, random_stream *r) {
    static const char *const openings[] = {"This", "Our", "A", "Meet the"};
    const char *opening = openings[catalogue_is_plural(p->kind) ? 1 : random_below(r, 3)];
    char what[PRODUCT_TEXT_SIZE / 2] = "";
    const char *words[] = {palette[p->colour].name, catalogue_pattern(p->pattern),
                           catalogue_is_jewellery(p->kind) ? "" : catalogue_material(p->material),
                           special_cut(p), special_noun(p)};
    bool plain_metal = catalogue_is_jewellery(p->kind) && p->kind != KIND_WATCH && !has_stone(p);
    for (size_t i = plain_metal ? 1 : 0; i < COUNT(words); i++) {
        if (*words[i]) append(what, sizeof what, " ");
        append(what, sizeof what, words[i]);
    }
    if (opening[0] == 'A' && strchr("aeioAEIO", what[1])) opening = "An";
    const char *verb = catalogue_is_plural(p->kind) ? "bring" : "brings";
    snprintf(p->description, sizeof p->description, "%s%s by %s %s %s to your wardrobe. %s %s",
             opening, what, p->brand, verb, palette_family_name(palette[p->colour].family),
             detail_sentence(p), wear_sentence(p, r));
}

void wording_product(demo_product *p, random_stream *r) {
    choose_brand(p, r);
    write_title(p);
    write_description(p, r);
}
