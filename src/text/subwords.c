#include "text/subwords.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/letters.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/utf8.h"

/* A word's letters with "<" and ">" around. */
typedef struct spelling {
    uint32_t code[SUBWORDS_LETTERS + 2];
    size_t n;
} spelling;

/* FNV-1a over code points, mixed by one SplitMix64 step; `what` parts words from runs. */
static uint64_t hash_codes(char what, const uint32_t *code, size_t n) {
    uint64_t hash = (0xcbf29ce484222325u ^ (unsigned char)what) * 0x100000001b3u;
    for (size_t i = 0; i < n; i++)
        for (unsigned shift = 0; shift < 24; shift += 8)
            hash = (hash ^ ((code[i] >> shift) & 255)) * 0x100000001b3u;
    return random_splitmix(&hash);
}

static lb_status add(subwords *s, uint64_t hash, float weight, bool word) {
    LB_TRY(GROW_ARRAY(s->item, s->n, s->capacity));
    s->item[s->n++] = (subword){hash, weight, word};
    return LB_OK;
}

/* The next word of a text at *at; false at the end. */
static bool next_word(const char **at, size_t *left, spelling *w) {
    w->n = 0;
    w->code[w->n++] = '<';
    while (*left) {
        uint32_t code;
        size_t size = utf8_decode(*at, *left, &code);
        bool in_word = letters_in_word(code);
        *at += size;
        *left -= size;
        if (in_word && w->n <= SUBWORDS_LETTERS) w->code[w->n++] = letters_lower(code);
        if (!in_word && w->n > 1) break;
    }
    w->code[w->n++] = '>';
    return w->n > 2;
}

static uint64_t word_hash(const spelling *w) {
    return hash_codes('w', w->code + 1, w->n - 2);
}

static size_t count_runs(const spelling *w) {
    size_t n = 0;
    for (size_t k = SUBWORDS_SHORTEST; k <= SUBWORDS_LONGEST && k <= w->n; k++) n += w->n - k + 1;
    return n;
}

static lb_status add_runs(subwords *s, const spelling *w, float weight) {
    float share = weight / (float)count_runs(w);
    for (size_t k = SUBWORDS_SHORTEST; k <= SUBWORDS_LONGEST && k <= w->n; k++)
        for (size_t i = 0; i + k <= w->n; i++)
            LB_TRY(add(s, hash_codes('r', w->code + i, k), share, false));
    return LB_OK;
}

static int compare_hashes(const void *a, const void *b) {
    uint64_t x = ((const subword *)a)->hash, y = ((const subword *)b)->hash;
    return (x > y) - (x < y);
}

/* Each word once, in the order of hashes, weighted by how often it comes. */
static void weigh_words(subwords *s) {
    size_t n = 0;
    double squares = 0;
    if (s->n) qsort(s->item, s->n, sizeof *s->item, compare_hashes);
    for (size_t i = 0, end; i < s->n; i = end) {
        for (end = i; end < s->n && s->item[end].hash == s->item[i].hash;) end++;
        double weight = 1 + log((double)(end - i));
        s->item[n] = s->item[i];
        s->item[n++].weight = (float)weight;
        squares += weight * weight;
    }
    s->n = n;
    for (size_t i = 0; i < n; i++) s->item[i].weight *= (float)(1 / sqrt(squares));
}

/* The weight of a word, which is then taken: its runs are added once. */
static float take_weight(subwords *s, size_t n_words, uint64_t hash, uint8_t *taken) {
    subword key = {.hash = hash};
    subword *found = bsearch(&key, s->item, n_words, sizeof key, compare_hashes);
    if (!found || taken[found - s->item]) return 0;
    taken[found - s->item] = 1;
    return found->weight;
}

lb_status subwords_read(subwords *s, const char *text) {
    size_t length = text ? strlen(text) : 0, left = length, n_read = 0;
    const char *at = text;
    uint8_t taken[SUBWORDS_WORDS] = {0};
    spelling w;
    s->n = 0;
    while (n_read++ < SUBWORDS_WORDS && next_word(&at, &left, &w))
        LB_TRY(add(s, word_hash(&w), 1, true));
    weigh_words(s);
    size_t n_words = s->n;
    at = text;
    left = length;
    for (n_read = 0; n_read < SUBWORDS_WORDS && next_word(&at, &left, &w); n_read++) {
        float weight = take_weight(s, n_words, word_hash(&w), taken);
        if (weight > 0) LB_TRY(add_runs(s, &w, weight));
    }
    return LB_OK;
}

void subwords_free(subwords *s) {
    free(s->item);
    *s = (subwords){0};
}
