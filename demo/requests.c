/* What shoppers asked for in words before they bought a product: what they had in mind of it, in
 * their words and not the shop's, and never its brand. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "demo/catalogue.h"
#include "demo/shoppers.h"

#define COUNT(array)   (sizeof(array) / sizeof *(array))
#define PICK(array, r) ((array)[random_below((r), COUNT(array))])

/* What people call a kind; some of it is in no title. */
static const char *kind_words(const demo_product *p, random_stream *r) {
    static const char *const words[N_KINDS][3] = {
        [KIND_TSHIRT] = {"t-shirt", "tee", "top"},
        [KIND_SHIRT] = {"shirt", "blouse", "button-up"},
        [KIND_SWEATER] = {"sweater", "pullover", "jumper"},
        [KIND_JACKET] = {"jacket", "jacket", "outerwear"},
        [KIND_DRESS] = {"dress", "dress", "gown"},
        [KIND_SKIRT] = {"skirt", "skirt", "skirt"},
        [KIND_TROUSERS] = {"trousers", "pants", "bottoms"},
        [KIND_SNEAKERS] = {"sneakers", "trainers", "sports shoes"},
        [KIND_BOOTS] = {"boots", "boots", "winter shoes"},
        [KIND_HEELS] = {"heels", "pumps", "evening shoes"},
        [KIND_BAG] = {"bag", "handbag", "purse"},
        [KIND_WATCH] = {"watch", "wristwatch", "timepiece"},
        [KIND_NECKLACE] = {"necklace", "necklace", "chain"},
        [KIND_RING] = {"ring", "ring", "finger ring"},
        [KIND_EARRINGS] = {"earrings", "ear jewellery", "earrings"},
    };
    return PICK(words[p->kind], r);
}

/* Where it is to be worn: dear and shining things for one kind of day, the others for another. */
static const char *occasion(const demo_product *p, random_stream *r) {
    static const char *const casual[] = {"for the weekend", "for every day", "for a long walk",
                                         "for the market", "for travelling"};
    static const char *const smart[] = {"for a wedding", "for the office", "for dinner out",
                                        "for the theatre", "for an evening that matters"};
    static const char *const cold[] = {"for winter", "for cold days", "to keep me warm"};
    static const char *const summer[] = {"for the beach", "for summer", "for hot days"};
    bool warm = p->material == MATERIAL_WOOL || p->material == MATERIAL_KNIT ||
                p->kind == KIND_BOOTS || (p->kind == KIND_JACKET && p->cut == JACKET_COAT);
    bool light = catalogue_is_garment(p->kind) && (p->sleeve == 0 || p->length == 0) &&
                 (p->material == MATERIAL_COTTON || p->material == MATERIAL_SATIN);
    bool dressy = p->style > 2 || p->material == MATERIAL_SATIN || p->kind == KIND_HEELS ||
                  catalogue_is_jewellery(p->kind);
    if (warm && random_unit(r) < 0.6) return PICK(cold, r);
    if (light && random_unit(r) < 0.4) return PICK(summer, r);
    return dressy ? PICK(smart, r) : PICK(casual, r);
}

static const char *colour_words(const demo_product *p, random_stream *r) {
    static const char *const families[N_FAMILIES][2] = {[FAMILY_MONOCHROME] = {"plain", "sober"},
                                                        [FAMILY_EARTH] = {"natural", "earthy"},
                                                        [FAMILY_PASTEL] = {"light", "soft"},
                                                        [FAMILY_VIVID] = {"bright", "loud"},
                                                        [FAMILY_DEEP] = {"dark", "deep"}};
    if (random_unit(r) < 0.6) return palette[p->colour].name;
    return PICK(families[palette[p->colour].family], r);
}

static const char *price_words(const demo_product *p) {
    return p->style == 0 ? "cheap" : p->style > 2 ? "fine" : "";
}

/* "a" becomes "an" where it must. */
static void add(char *text, size_t size, const char *words) {
    size_t used = strlen(text);
    bool article = (used == 1 || (used > 1 && text[used - 2] == ' ')) && text[used - 1] == 'a';
    const char *between = !used ? "" : article && strchr("aeio", *words) ? "n " : " ";
    if (*words && used + 1 < size) snprintf(text + used, size - used, "%s%s", between, words);
}

/* "looking for a bright floral dress for summer", "something light for a wedding". */
void request_write(const demo_product *p, random_stream *r, char *text, size_t size) {
    static const char *const one[] = {"", "", "", "a", "looking for a", "I need a"};
    static const char *const many[] = {"", "", "", "some", "looking for", "I need"};
    const char *opening = catalogue_is_plural(p->kind) ? PICK(many, r) : PICK(one, r);
    bool vague = random_unit(r) < 0.15, worn = vague || random_unit(r) < 0.6;
    text[0] = '\0';
    add(text, size, vague ? "something" : opening);
    if (random_unit(r) < 0.3) add(text, size, price_words(p));
    if (random_unit(r) < 0.8) add(text, size, colour_words(p, r));
    if (!vague && random_unit(r) < 0.5) add(text, size, catalogue_pattern(p->pattern));
    if (random_unit(r) < 0.4) add(text, size, catalogue_material(p->material));
    if (!vague && random_unit(r) < 0.3) add(text, size, catalogue_cut(p->kind, p->cut));
    if (!vague) add(text, size, kind_words(p, r));
    if (worn) add(text, size, occasion(p, r));
}
