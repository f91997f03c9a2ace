/* What characters words are made of, and their lower case. */
#ifndef LB_CORE_LETTERS_H
#define LB_CORE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a code point is part of a word: ASCII letters and digits, and beyond ASCII everything but
 * punctuation, symbols, spaces and emoji (a table of ranges, coarse: marks that combine with a
 * letter belong to the word, and so does what the table does not name). */
bool letters_in_word(uint32_t code);

/* The lower case of a letter where it is one other code point (Unicode's simple lower case), for
 * ASCII and what today's languages use of Latin, Greek, Cyrillic, Armenian and full-width Latin;
 * two letters that differ in more than case become one: final sigma is sigma, long s is s, dotted
 * capital I is i. All else is itself. */
uint32_t letters_lower(uint32_t code);

/* The next word of *text, a run of letters and digits, into word (size, 8 or more) in lower case;
 * of a longer one the start. *text is then behind it. Returns the number of its letters, all of
 * them counted, 0 at the end of the text. */
size_t letters_next_word(const char **text, char *word, size_t size);

#endif
