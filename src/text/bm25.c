#include "text/bm25.h"

#include <math.h>

#include "core/letters.h"
#include "core/memory.h"

enum { MAX_WORD = 64 };
static const double K1 = 1.2, B = 0.75;

/* A word in a text. Words are told apart by a hash of 64 bits: that two of a catalogue's words
 * collide is less likely than a fault of the memory. */
typedef struct posting {
    uint64_t word;
    uint32_t text, count;
} posting;

struct bm25 {
    uint32_t n;
    posting *posting; // (n_postings) by word, then text
    size_t n_postings, capacity;
    float *length_part; // (n) k1 (1 - b + b length / mean)
};

static uint64_t hash_word(const char *word) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *word; word++) h = (h ^ (unsigned char)*word) * 0x100000001b3u;
    return h;
}

static int compare_postings(const void *a, const void *b) {
    const posting *x = a, *y = b;
    if (x->word != y->word) return x->word < y->word ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

/* Sorts, and counts what stands several times in a text. */
static void merge(bm25 *index) {
    size_t n = 0;
    if (index->n_postings)
        qsort(index->posting, index->n_postings, sizeof *index->posting, compare_postings);
    for (size_t i = 0; i < index->n_postings; i++) {
        if (n && compare_postings(&index->posting[n - 1], &index->posting[i]) == 0)
            index->posting[n - 1].count++;
        else
            index->posting[n++] = index->posting[i];
    }
    index->n_postings = n;
}

static lb_status add_words(bm25 *index, uint32_t text, const char *from, float *length) {
    char word[MAX_WORD];
    while (from && letters_next_word(&from, word, sizeof word)) {
        LB_TRY(GROW_ARRAY(index->posting, index->n_postings, index->capacity));
        index->posting[index->n_postings++] = (posting){hash_word(word), text, 1};
        ++*length;
    }
    return LB_OK;
}

lb_status bm25_new(const char *const *text, uint32_t n, bm25 **out) {
    bm25 *index;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(index, 1));
    index->n = n;
    LB_TRY_CLEANUP(NEW_ARRAY(index->length_part, n));
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        LB_TRY_CLEANUP(add_words(index, i, text[i], &index->length_part[i]));
        sum += (double)index->length_part[i];
    }
    double mean = sum > 0 ? sum / n : 1;
    for (uint32_t i = 0; i < n; i++)
        index->length_part[i] = (float)(K1 * (1 - B + B * (double)index->length_part[i] / mean));
    merge(index);
    *out = index;
    return LB_OK;
cleanup:
    bm25_free(index);
    return status;
}

void bm25_free(bm25 *index) {
    if (!index) return;
    free(index->posting);
    free(index->length_part);
    free(index);
}

/* The first posting that is not before a word. */
static size_t find_word(const bm25 *index, uint64_t word) {
    size_t low = 0, high = index->n_postings;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->posting[middle].word < word)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_word(const bm25 *index, uint64_t word, float *out) {
    size_t begin = find_word(index, word), end = begin;
    while (end < index->n_postings && index->posting[end].word == word) end++;
    double df = (double)(end - begin), idf = log(1 + (index->n - df + 0.5) / (df + 0.5));
    for (size_t i = begin; i < end; i++) {
        const posting *p = &index->posting[i];
        double tf = p->count;
        out[p->text] += (float)(idf * tf * (K1 + 1) / (tf + (double)index->length_part[p->text]));
    }
}

static int compare_words(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

lb_status bm25_score(const bm25 *index, const char *request, float *out) {
    uint64_t *words = NULL;
    size_t n = 0, capacity = 0;
    char word[MAX_WORD];
    lb_status status = LB_OK;
    for (uint32_t i = 0; i < index->n; i++) out[i] = 0;
    while (letters_next_word(&request, word, sizeof word)) {
        LB_TRY_CLEANUP(GROW_ARRAY(words, n, capacity));
        words[n++] = hash_word(word);
    }
    // in the order of the hashes, so that the order of the words cannot change a sum
    if (n) qsort(words, n, sizeof *words, compare_words);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || words[i] != words[i - 1]) add_word(index, words[i], out);
cleanup:
    free(words);
    return status;
}
