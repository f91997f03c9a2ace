#include "data/requests_words.h"

#include <stdlib.h>
#include <string.h>

#include "core/letters.h"
#include "core/memory.h"
#include "core/random.h"

/* Words that tell nothing of what a text is about, and what is left of short forms such as "don't"
 * without their apostrophe. Ascending. */
static const char *const stop_words[] = {
    "about",  "above",    "after",    "again",   "against", "all",    "along",   "already",
    "also",   "although", "always",   "am",      "among",   "an",     "and",     "another",
    "any",    "are",      "aren",     "around",  "as",      "at",     "away",    "back",
    "be",     "became",   "because",  "become",  "becomes", "been",   "before",  "being",
    "below",  "between",  "both",     "but",     "by",      "can",    "cannot",  "could",
    "couldn", "did",      "didn",     "do",      "does",    "doesn",  "doing",   "don",
    "down",   "during",   "each",     "either",  "else",    "even",   "ever",    "every",
    "few",    "for",      "from",     "further", "get",     "gets",   "had",     "hadn",
    "has",    "hasn",     "have",     "haven",   "having",  "he",     "her",     "here",
    "hers",   "herself",  "him",      "himself", "his",     "how",    "however", "if",
    "in",     "into",     "is",       "isn",     "it",      "its",    "itself",  "just",
    "ll",     "made",     "make",     "makes",   "many",    "may",    "me",      "might",
    "more",   "most",     "much",     "must",    "my",      "myself", "near",    "neither",
    "never",  "no",       "nor",      "not",     "now",     "of",     "off",     "often",
    "on",     "once",     "one",      "only",    "or",      "other",  "others",  "our",
    "ours",   "out",      "over",     "own",     "per",     "rather", "re",      "same",
    "she",    "should",   "shouldn",  "since",   "so",      "some",   "soon",    "still",
    "such",   "than",     "that",     "the",     "their",   "theirs", "them",    "themselves",
    "then",   "there",    "these",    "they",    "this",    "those",  "though",  "through",
    "thus",   "to",       "together", "too",     "two",     "under",  "until",   "up",
    "upon",   "us",       "ve",       "very",    "was",     "wasn",   "we",      "were",
    "weren",  "what",     "when",     "where",   "whether", "which",  "while",   "who",
    "whom",   "whose",    "why",      "will",    "with",    "within", "without", "won",
    "would",  "wouldn",   "yet",      "you",     "your",    "yours",
};

static int compare_words(const void *key, const void *entry) {
    return strcmp(key, *(const char *const *)entry);
}

static bool is_stop_word(const char *word) {
    return bsearch(word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words,
                   compare_words) != NULL;
}

enum { MAX_WORD = 64 }; // longer ones are cut

static lb_status add_word(plot_words *w, uint32_t plot, const char *text) {
    uint32_t word;
    bool added;
    LB_TRY(idmap_add(&w->words, text, &word, &added));
    LB_TRY(GROW_ARRAY(w->count, word, w->count_capacity));
    LB_TRY(GROW_ARRAY(w->last, word, w->last_capacity));
    if (added) w->count[word] = w->last[word] = 0;
    if (w->last[word] == plot + 1) return LB_OK;
    w->last[word] = plot + 1;
    w->count[word]++;
    LB_TRY(GROW_ARRAY(w->word, w->n, w->capacity));
    w->word[w->n++] = word;
    return LB_OK;
}

lb_status plot_words_add(plot_words *w, uint32_t plot, const char *text) {
    char word[MAX_WORD];
    for (size_t n; (n = letters_next_word(&text, word, sizeof word)) > 0;)
        if (n >= 2 && !is_stop_word(word)) LB_TRY(add_word(w, plot, word));
    return LB_OK;
}

void plot_words_free(plot_words *w) {
    idmap_free(&w->words);
    free(w->count);
    free(w->last);
    free(w->word);
    *w = (plot_words){0};
}

bool plot_word_trains(uint64_t seed, const char *word, const char *product) {
    uint64_t key = seed ^ idmap_hash(word);
    key = random_splitmix(&key) ^ idmap_hash(product);
    return random_splitmix(&key) >> 63;
}
