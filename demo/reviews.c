/* Review texts, put together from what the shopper sees in the product. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "demo/catalogue.h"
#include "demo/shoppers.h"

#define COUNT(array)   (sizeof(array) / sizeof *(array))
#define PICK(array, r) ((array)[random_below((r), COUNT(array))])

typedef struct writer {
    char *text;
    size_t size;
} writer;

/* Adds a sentence. In the template, {c} is the colour, {a} the second colour, {p} the pattern,
 * {m} the material, {n} the noun, {k} the cut, {t} "this" or "these", {i} "it" or "they", {o} "it"
 * or "them", {is} and {s} the verb's ending, {f} the family of colours. */
static void say(writer *w, const demo_product *p, const char *template) {
    bool many = catalogue_is_plural(p->kind);
    size_t used = strlen(w->text), start;
    if (used && used + 1 < w->size) w->text[used++] = ' ';
    start = used;
    for (const char *at = template; *at && used + 1 < w->size; at++) {
        const char *word = NULL;
        if (*at == '{') {
            static const char *const keys[] = {"c}", "a}", "p}", "m}",  "n}", "k}",
                                               "t}", "i}", "o}", "is}", "s}", "f}"};
            const char *const words[] = {palette[p->colour].name,
                                         palette[p->accent].name,
                                         catalogue_pattern(p->pattern),
                                         catalogue_material(p->material),
                                         catalogue_noun(p->kind),
                                         catalogue_cut(p->kind, p->cut),
                                         many ? "these" : "this",
                                         many ? "they" : "it",
                                         many ? "them" : "it",
                                         many ? "are" : "is",
                                         many ? "" : "s",
                                         palette_family_name(palette[p->colour].family)};
            for (size_t i = 0; i < COUNT(keys) && !word; i++)
                if (!strncmp(at + 1, keys[i], strlen(keys[i]))) {
                    word = words[i];
                    at += strlen(keys[i]);
                }
        }
        if (!word) {
            w->text[used++] = *at;
            continue;
        }
        while (*word && used + 1 < w->size) w->text[used++] = *word++;
    }
    w->text[used] = 0;
    if (start < used) w->text[start] = (char)toupper((unsigned char)w->text[start]);
}

/* ---------------------------------------------------------------- sentences */

static const char *const openings_good[] = {"I love {t} {n}.",
                                            "Really happy with {t} {n}.",
                                            "Bought {t} for a trip and wore {o} every day.",
                                            "So pleased I ordered {t}.",
                                            "My new favourite {n}.",
                                            "Exactly what I was looking for.",
                                            "I was not sure at first, but {i} won me over.",
                                            "Better than in the picture.",
                                            "I have had {t} {n} for a month now.",
                                            "A present to myself, and a good one.",
                                            "Got lots of compliments already."};
static const char *const openings_middling[] = {
    "{t} {n} {is} fine.", "Not bad, not great.", "I have mixed feelings about {t} {n}.",
    "OK for the price.", "{t} {is} all right for everyday."};
static const char *const openings_bad[] = {"Disappointed with {t} {n}.", "I sent {t} back.",
                                           "Not for me.", "I wanted to like {t} {n}, but no.",
                                           "I expected more."};

static const char *const hue_good[] = {"The {c} is gorgeous.",
                                       "The colour, a lovely {c}, is just my taste.",
                                       "{c} is my colour and this shade is spot on.",
                                       "I have a weakness for {f} and this {c} is perfect.",
                                       "The {c} goes with everything in my wardrobe."};
static const char *const hue_bad[] = {
    "The {c} does nothing for me.", "{c} turned out not to be my colour.",
    "I should have known that {f} are not for me.", "The {c} looked different on my screen."};
static const char *const pattern_good[] = {
    "The {p} pattern makes {o} special.", "I can't resist anything {p}.",
    "The {p} print in {c} and {a} is so pretty.", "Love the {p} look."};
static const char *const plain_good[] = {"No print, no fuss, just clean lines.",
                                         "I like that {i} {is} plain and simple.",
                                         "Plain enough to combine with louder pieces."};
static const char *const pattern_bad[] = {"The {p} pattern is too busy for me.",
                                          "I am not a {p} person after all."};
static const char *const plain_bad[] = {"A bit too plain for my taste.",
                                        "Could do with a pattern or some detail."};
static const char *const cut_good[] = {"The {k} style suits me very well.",
                                       "I always go for a {k} {n} and this did not let me down.",
                                       "The {k} shape is very flattering."};
static const char *const cut_bad[] = {"The {k} style is not made for me.",
                                      "I should have taken another shape than {k}."};
static const char *const material_good[] = {"The {m} feels great.",
                                            "You can see and feel that the {m} is well made.",
                                            "Beautiful {m}.", "I look for {m} whenever I can."};
static const char *const material_bad[] = {"The {m} feels cheap.", "I do not get on with {m}."};
static const char *const fit_good[] = {"Fits true to size.", "Fits perfectly.",
                                       "Comfortable all day long.", "My usual size was right."};
static const char *const fit_bad[] = {"Runs small, order a size up.", "Too wide for me.",
                                      "The seams are not very neat.", "Sizing is off."};
static const char *const jewel_good[] = {
    "Light to wear and well finished.", "Sparkles nicely in the evening.", "Came in a pretty box."};
static const char *const jewel_bad[] = {"The clasp is fiddly.", "Smaller than I thought."};
static const char *const closings_good[] = {
    "Would buy again.",    "Highly recommended.", "Already looking at another one.",
    "Quick delivery too.", "Worth every cent.",   "Five minutes after unpacking I wore {o}."};
static const char *const closings_bad[] = {"Would not buy again.", "I will keep looking.",
                                           "Delivery was quick at least.",
                                           "Maybe it works for somebody else."};

static const char *const summaries[5][5] = {
    {"Sent it back", "Very disappointed", "Not as expected", "Regret buying", "No"},
    {"Not my style", "Expected more", "Not quite right", "Hmm", "Could be better"},
    {"It's okay", "Mixed feelings", "Decent {n}", "Fine for the price", "So-so"},
    {"Nice {n}", "Good {c} {n}", "Pretty and well made", "Happy with {t}", "Lovely colour"},
    {"Love {o}!", "Perfect {c} {n}", "Gorgeous {n}", "My favourite {n}", "Beautiful {c}"}};

/* The one thing about the product that mattered most, for good or bad. */
static void say_reason(writer *w, const demo_product *p, const match *m, int skip, bool good,
                       int *said, random_stream *r) {
    double parts[] = {m->hue, m->pattern, m->cut + 0.2, m->material};
    double sign = good ? 1 : -1;
    int best = -1;
    for (int i = 0; i < 4; i++) {
        if (i == skip || (i == 1 && catalogue_is_jewellery(p->kind))) continue;
        if (best < 0 || sign * parts[i] + 0.3 > sign * parts[best] + 0.6 * random_unit(r)) best = i;
    }
    *said = best;
    bool plain = p->pattern == PATTERN_PLAIN;
    switch (best) {
    case 0: say(w, p, good ? PICK(hue_good, r) : PICK(hue_bad, r)); break;
    case 1:
        if (plain)
            say(w, p, good ? PICK(plain_good, r) : PICK(plain_bad, r));
        else
            say(w, p, good ? PICK(pattern_good, r) : PICK(pattern_bad, r));
        break;
    case 2: say(w, p, good ? PICK(cut_good, r) : PICK(cut_bad, r)); break;
    default: say(w, p, good ? PICK(material_good, r) : PICK(material_bad, r)); break;
    }
}

static void say_fit(writer *w, const demo_product *p, bool good, random_stream *r) {
    if (catalogue_is_jewellery(p->kind) || p->kind == KIND_BAG)
        say(w, p, good ? PICK(jewel_good, r) : PICK(jewel_bad, r));
    else
        say(w, p, good ? PICK(fit_good, r) : PICK(fit_bad, r));
}

void review_write(const shopper *s, const demo_product *p, int stars, random_stream *r,
                  char *summary, size_t summary_size, char *text, size_t text_size) {
    writer head = {summary, summary_size}, body = {text, text_size};
    summary[0] = text[0] = 0;
    match m = shopper_match(s, p);
    bool good = stars >= 4;
    int said = -1;
    say(&head, p, summaries[stars - 1][random_below(r, 5)]);
    if (random_unit(r) < 0.85)
        say(&body, p,
            stars > 3   ? PICK(openings_good, r)
            : stars < 3 ? PICK(openings_bad, r)
                        : PICK(openings_middling, r));
    say_reason(&body, p, &m, -1, stars >= 3, &said, r);
    if (random_unit(r) < 0.6) say_reason(&body, p, &m, said, good, &said, r);
    if (random_unit(r) < 0.6) say_fit(&body, p, good, r);
    if (random_unit(r) < 0.45) say(&body, p, good ? PICK(closings_good, r) : PICK(closings_bad, r));
}
