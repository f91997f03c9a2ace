/*
 * BM25 (Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009,
 * equation 3.15): how well short texts answer a request by the words they share.
 *
 *   score = sum over the request's words of idf * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean))
 *   idf = ln(1 + (n - df + 1/2) / (df + 1/2)), k1 = 1.2, b = 0.75
 *
 * An inverted index of its own and not SQLite's FTS5, whose bm25() is the same formula: tests need
 * every product's score for thousands of requests, ties included, on several threads; here that
 * is a loop over a few lists, there a query with a sort a request. Words are those of the encoder
 * of words (core/letters.h), so that both read the same.
 */
#ifndef LB_TEXT_BM25_H
#define LB_TEXT_BM25_H

#include <stdint.h>

#include "core/status.h"

typedef struct bm25 bm25;

/* Of n texts (NULL = empty), which are not kept. O(words log words). */
lb_status bm25_new(const char *const *text, uint32_t n, bm25 **out);
void bm25_free(bm25 *index); // accepts NULL

/* Scores all texts, out (n): 0 where no word is shared. A word that stands twice in the request
 * counts once. Thread-safe. */
lb_status bm25_score(const bm25 *index, const char *request, float *out);

#endif
