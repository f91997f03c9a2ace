/*
 * How alike requests and products are by their words alone: the cosine of the hashed words of both
 * (words.h; both are read like titles, so that a kind that is asked for by a word is found).
 * Nothing is learned, and no meaning is known: a request that shares no word with a product is at
 * 0, but for hashes that fall together.
 */
#ifndef LB_TEXT_MATCH_H
#define LB_TEXT_MATCH_H

#include "text/words.h"

typedef struct text_match text_match;

/* Products are added in the order of their rows. */
lb_status text_match_new(text_match **out);
lb_status text_match_add(text_match *m, const char *product); // its text; NULL = none
void text_match_free(text_match *m);                          // accepts NULL

/* The cosines of all products that were added, out (n): 0 for those without a word. Thread-safe. */
lb_status text_match_score(const text_match *m, const char *request, float *out);

#endif
