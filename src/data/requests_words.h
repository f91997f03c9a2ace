/* The words of plots: which of them say something, and which half each belongs to. */
#ifndef LB_DATA_REQUESTS_WORDS_H
#define LB_DATA_REQUESTS_WORDS_H

#include <stdbool.h>

#include "data/idmap.h"

/* Words of all plots, each once a plot. All zero to begin with. */
typedef struct plot_words {
    idmap words;
    uint32_t *count; // (words.n) plots that have it
    uint32_t *last;  // (words.n) plot that had it last, plus one
    size_t count_capacity, last_capacity;
    uint32_t *word; // (n) of one plot after the other, in the order of the plot
    size_t n, capacity;
} plot_words;

/* Adds the words of the plot with this number, which must be higher than those before: runs of
 * letters and digits in lower case (core/letters.h), of two letters or more, that are no English
 * stop words. */
lb_status plot_words_add(plot_words *w, uint32_t plot, const char *text);
void plot_words_free(plot_words *w); // accepts all zero

/* Whether a word of a product's plot is in the half for training, by seed and both names. */
bool plot_word_trains(uint64_t seed, const char *word, const char *product);

#endif
