#include "demo/palette.h"

#include <math.h>

#define RGB(hex) \
    { ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0 }

const palette_colour palette[] = {
    {"black", RGB(0x1d1d20), FAMILY_MONOCHROME},  {"charcoal", RGB(0x46484d), FAMILY_MONOCHROME},
    {"grey", RGB(0x989ba1), FAMILY_MONOCHROME},   {"white", RGB(0xf4f4f2), FAMILY_MONOCHROME},
    {"ivory", RGB(0xefe6d2), FAMILY_EARTH},       {"beige", RGB(0xd3bb98), FAMILY_EARTH},
    {"camel", RGB(0xb98548), FAMILY_EARTH},       {"brown", RGB(0x6b432b), FAMILY_EARTH},
    {"olive", RGB(0x6d7040), FAMILY_EARTH},       {"rust", RGB(0xa94c25), FAMILY_EARTH},
    {"blush", RGB(0xf0c3c6), FAMILY_PASTEL},      {"mint", RGB(0xb2dfcb), FAMILY_PASTEL},
    {"sky blue", RGB(0xa9cfec), FAMILY_PASTEL},   {"lavender", RGB(0xc6b6e4), FAMILY_PASTEL},
    {"peach", RGB(0xf8c9a4), FAMILY_PASTEL},      {"lemon", RGB(0xf5e8a0), FAMILY_PASTEL},
    {"red", RGB(0xcf2229), FAMILY_VIVID},         {"coral", RGB(0xf4694f), FAMILY_VIVID},
    {"fuchsia", RGB(0xd3227f), FAMILY_VIVID},     {"orange", RGB(0xee7a1c), FAMILY_VIVID},
    {"yellow", RGB(0xf3c41f), FAMILY_VIVID},      {"emerald", RGB(0x0f9a63), FAMILY_VIVID},
    {"cobalt", RGB(0x1f52c4), FAMILY_VIVID},      {"turquoise", RGB(0x19b3b8), FAMILY_VIVID},
    {"navy", RGB(0x1f2b50), FAMILY_DEEP},         {"burgundy", RGB(0x6c1a2e), FAMILY_DEEP},
    {"forest green", RGB(0x24503a), FAMILY_DEEP}, {"plum", RGB(0x5b2b5e), FAMILY_DEEP},
    {"teal", RGB(0x1b5f68), FAMILY_DEEP},         {"mustard", RGB(0xc9962a), FAMILY_DEEP},
};
const size_t palette_size = sizeof palette / sizeof *palette;

const char *palette_family_name(colour_family family) {
    static const char *const names[N_FAMILIES] = {"monochrome shades", "earthy tones",
                                                  "soft pastels", "bright colours", "deep colours"};
    return names[family];
}

static double clamp(double x) {
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

rgb rgb_mix(rgb a, rgb b, double t) {
    return (rgb){a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b)};
}

rgb rgb_scale(rgb a, double factor) {
    return (rgb){clamp(a.r * factor), clamp(a.g * factor), clamp(a.b * factor)};
}

double rgb_luma(rgb a) {
    return 0.299 * a.r + 0.587 * a.g + 0.114 * a.b;
}

double rgb_distance(rgb a, rgb b) {
    double red = (a.r + b.r) / 2, dr = a.r - b.r, dg = a.g - b.g, db = a.b - b.b;
    return sqrt(((2 + red) * dr * dr + 4 * dg * dg + (3 - red) * db * db) / 9);
}
