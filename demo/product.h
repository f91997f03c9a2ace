/* What a product of the demo shop is: the attributes that its picture shows and its words name. */
#ifndef LB_DEMO_PRODUCT_H
#define LB_DEMO_PRODUCT_H

#include <stdint.h>

#include "demo/palette.h"

typedef enum product_kind {
    KIND_TSHIRT,
    KIND_SHIRT,
    KIND_SWEATER,
    KIND_JACKET,
    KIND_DRESS,
    KIND_SKIRT,
    KIND_TROUSERS,
    KIND_SNEAKERS,
    KIND_BOOTS,
    KIND_HEELS,
    KIND_BAG,
    KIND_WATCH,
    KIND_NECKLACE,
    KIND_RING,
    KIND_EARRINGS,
    N_KINDS
} product_kind;

typedef enum pattern {
    PATTERN_PLAIN,
    PATTERN_STRIPES,
    PATTERN_PINSTRIPES,
    PATTERN_DOTS,
    PATTERN_CHECKS,
    PATTERN_TARTAN,
    PATTERN_FLORAL,
    PATTERN_BLOCK, // two colours side by side
    PATTERN_ANIMAL,
    PATTERN_ZIGZAG,
    N_PATTERNS
} pattern;

typedef enum material {
    MATERIAL_COTTON,
    MATERIAL_DENIM,
    MATERIAL_LEATHER,
    MATERIAL_SUEDE,
    MATERIAL_KNIT,
    MATERIAL_WOOL,
    MATERIAL_SATIN,
    MATERIAL_CANVAS,
    MATERIAL_GOLD,
    MATERIAL_SILVER,
    MATERIAL_ROSE_GOLD,
    N_MATERIALS
} material;

typedef enum section { SECTION_WOMEN, SECTION_MEN, N_SECTIONS } section;

/* Cuts, per kind. */
enum tshirt_cut { TSHIRT_REGULAR, TSHIRT_FITTED, TSHIRT_TANK, TSHIRT_CROP };
enum shirt_cut { SHIRT_CLASSIC, SHIRT_RELAXED, SHIRT_SHORT_SLEEVE };
enum sweater_cut { SWEATER_CREW, SWEATER_TURTLENECK, SWEATER_CARDIGAN, SWEATER_VNECK };
enum jacket_cut { JACKET_BLAZER, JACKET_BOMBER, JACKET_TRUCKER, JACKET_COAT, JACKET_BIKER };
enum dress_cut { DRESS_SHEATH, DRESS_SKATER, DRESS_SLIP, DRESS_SHIRT, DRESS_MAXI };
enum skirt_cut { SKIRT_PENCIL, SKIRT_ALINE, SKIRT_PLEATED, SKIRT_MAXI, SKIRT_MINI };
enum trousers_cut {
    TROUSERS_SKINNY,
    TROUSERS_STRAIGHT,
    TROUSERS_WIDE,
    TROUSERS_FLARED,
    TROUSERS_SHORTS
};
enum sneakers_cut { SNEAKERS_LOW, SNEAKERS_HIGH, SNEAKERS_RUNNER, SNEAKERS_SLIP_ON };
enum boots_cut { BOOTS_ANKLE, BOOTS_CHELSEA, BOOTS_KNEE, BOOTS_LACE };
enum heels_cut { HEELS_STILETTO, HEELS_BLOCK, HEELS_STRAP, HEELS_KITTEN };
enum bag_cut { BAG_TOTE, BAG_SATCHEL, BAG_BACKPACK, BAG_CLUTCH, BAG_BUCKET };
enum watch_cut { WATCH_LEATHER, WATCH_BRACELET, WATCH_SPORT, WATCH_SQUARE };
enum necklace_cut { NECKLACE_PENDANT, NECKLACE_PEARLS, NECKLACE_CHAIN, NECKLACE_BEADS };
enum ring_cut { RING_SOLITAIRE, RING_BAND, RING_SIGNET, RING_HALO };
enum earrings_cut { EARRINGS_HOOPS, EARRINGS_STUDS, EARRINGS_DROPS, EARRINGS_CHANDELIER };

enum { N_CUTS = 5, PRODUCT_ID_SIZE = 11, PRODUCT_TEXT_SIZE = 400 };

typedef struct demo_product {
    char id[PRODUCT_ID_SIZE];
    product_kind kind;
    section section;
    int cut;         // an enum of the kind's
    unsigned colour; // in palette; of the stone, dial or strap for jewellery and watches
    unsigned accent; // in palette: the second colour of a pattern, soles, stripes
    pattern pattern;
    material material;
    int sleeve;  // 0 none, 1 short, 2 three-quarter, 3 long
    int neck;    // 0 round, 1 V, 2 scoop or square
    int length;  // 0 short, 1 knee, 2 long
    int detail;  // 0..3: belts, pockets, studs, sub-dials
    int style;   // 0..4: the level of the brand, cheap to luxury
    double cost; // price in currency units
    const char *brand;
    char title[PRODUCT_TEXT_SIZE / 2];
    char description[PRODUCT_TEXT_SIZE];
    double popularity; // relative; 0 for a product that nobody has bought
} demo_product;

#endif
