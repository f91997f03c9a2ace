/* Reviews that say something: of its words some go with the product's style, as far as it has that
 * style, some with what its kind is for, and most with nothing. */
#include <math.h>
#include <stdio.h>

#include "bench/shape_impl.h"

enum { WORDS = 48, USES = 24, LEAST_WORDS = 8, MORE_WORDS = 80, LONGEST_WORD = 16 };

static const double SAYS_STYLE = 0.15, SAYS_USE = 0.1; // of the words

/* Of any review. */
static const char *const words[WORDS] = {
    "the",     "and",    "it",          "is",      "a",       "to",      "of",    "this",
    "very",    "great",  "nice",        "love",    "bought",  "price",   "look",  "looks",
    "good",    "well",   "made",        "perfect", "wife",    "ordered", "as",    "picture",
    "exactly", "like",   "was",         "not",     "but",     "little",  "again", "would",
    "buy",     "happy",  "with",        "day",     "all",     "many",    "for",   "my",
    "it's",    "really", "compliments", "money",   "arrived", "quality", "a bit", "just",
};

/* Both ends of each direction of style. */
static const char *const styles[PLANTED_STYLE][2] = {
    {"soft", "firm"},       {"light", "heavy"},    {"bright", "dark"}, {"slim", "wide"},
    {"plain", "colourful"}, {"casual", "formal"},  {"warm", "cool"},   {"shiny", "matt"},
    {"smooth", "rough"},    {"long", "short"},     {"loose", "tight"}, {"modern", "classic"},
    {"sporty", "elegant"},  {"stretchy", "stiff"}, {"thick", "thin"},  {"simple", "fancy"}};

/* What a kind may be for: each is for two, and others are for one of these too. */
static const char *const uses[USES] = {
    "office",  "beach",   "wedding", "party",  "running", "travel",   "school", "gym",
    "garden",  "evening", "church",  "hiking", "dancing", "festival", "dinner", "interview",
    "holiday", "rain",    "winter",  "summer", "spring",  "autumn",   "home",   "weekend"};

/* A direction in proportion to the square of how far the look goes along it. */
static const char *draw_style(const float *look, random_stream *r) {
    double total = 0, at;
    int d = 0;
    for (int k = 0; k < PLANTED_STYLE; k++) total += (double)look[k] * (double)look[k];
    for (at = total * random_unit(r); d < PLANTED_STYLE - 1; d++) {
        at -= (double)look[d] * (double)look[d];
        if (at < 0) break;
    }
    return styles[d][look[d] < 0];
}

static const char *draw_use(uint16_t kind, random_stream *r) {
    return uses[(random_below(r, 2) ? 5 * kind + 7 : kind) % USES];
}

static const char *draw_word(const planted *p, uint32_t product, random_stream *r) {
    double what = random_unit(r);
    if (what < SAYS_STYLE) return draw_style(p->look + (size_t)product * PLANTED_LOOK, r);
    if (what < SAYS_STYLE + SAYS_USE) return draw_use(p->kind[product], r);
    return words[random_below(r, WORDS)];
}

void shape_draw_review(const planted *p, uint64_t seed, size_t i, shape_review *out) {
    random_stream r = random_open(seed, "shape review", i);
    size_t n = LEAST_WORDS + random_below(&r, MORE_WORDS), used = 0;
    out->user = p->rating[i].user;
    out->product = p->rating[i].product;
    out->stars = random_below(&r, 4) ? 5 : 1 + (int)random_below(&r, 4);
    out->time = 1041379200 + (int64_t)random_below(&r, 4200) * 86400;
    out->summary = draw_word(p, out->product, &r);
    for (size_t k = 0; k < n && used + LONGEST_WORD < SHAPE_BODY; k++)
        used += (size_t)snprintf(out->body + used, SHAPE_BODY - used, "%s%s", k ? " " : "",
                                 draw_word(p, out->product, &r));
}
