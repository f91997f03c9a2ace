/*
 * What a text is made of, for encoders that learn what words stand for: its words, and of each word
 * its runs of 3 to 5 letters, so that word forms ("dress", "dresses") and misspellings share most
 * of what they are made of (Bojanowski, Grave, Joulin and Mikolov, *Enriching Word Vectors with
 * Subword Information*, TACL 2017, section 3.2). Each is a hash with a weight.
 *
 * A word is a run of letters and digits (core/letters.h) in lower case, cut after SUBWORDS_LETTERS
 * letters. A word that comes k times counts 1 + ln k times (sub-linear term weighting, Salton and
 * Buckley 1988), all words of a text together have squared weights that sum to one, and the runs of
 * a word share a weight as large as the word's own. "<" and ">" stand at a word's ends.
 */
#ifndef LB_TEXT_SUBWORDS_H
#define LB_TEXT_SUBWORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

enum {
    SUBWORDS_LETTERS = 40, // of a word that are read
    SUBWORDS_WORDS = 1000, // of a text that are read
    SUBWORDS_SHORTEST = 3, // runs of letters
    SUBWORDS_LONGEST = 5
};

typedef struct subword {
    uint64_t hash;
    float weight;
    bool word; // a whole word, not a run of its letters
} subword;

/* All zero to begin with; may be used for one text after the other. */
typedef struct subwords {
    subword *item; // (n)
    size_t n, capacity;
} subwords;

/* Reads a text, NULL being an empty one: any bytes will do, those that are no UTF-8 part words. A
 * pure function of the text; the order of its words does not matter. LB_E_NOMEM only. */
lb_status subwords_read(subwords *s, const char *text);
void subwords_free(subwords *s); // accepts all zero

#endif
