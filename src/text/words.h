/*
 * The built-in text encoder, "words-1": what is written of a product -> WORDS_DIM numbers, without
 * learned weights. Two products are alike as far as they share words, kinds or the brand; the
 * encoder knows no meaning, no synonyms, no word forms and no language.
 *
 * Feature hashing (Weinberger, Dasgupta, Langford, Smola and Attenberg, *Feature Hashing for Large
 * Scale Multitask Learning*, ICML 2009, section 2): each token is one of the numbers, plus or minus
 * one. The token's hash is FNV-1a of 64 bits (Fowler, Noll, Vo) over a letter that tells what it is
 * ('w' word, 'k' kind, 'b' brand) and its lower-case UTF-8 bytes, mixed by one SplitMix64 step:
 * FNV's low bits alone depend on the bytes' low bits only. The lowest ten bits are the place, the
 * highest bit set is minus.
 *
 *   title        its words: runs of letters and digits (letters.h)
 *   kind         each component of each category path, whole, and the brand, whole; spaces at their
 *                ends left out. Paths are one a line with " > " between components, as stored
 *   description  its words, the same tokens as the title's; not read unless asked for
 *
 * A token counts once however often it comes; the numbers are scaled to length one. Bytes that are
 * not UTF-8 part words.
 */
#ifndef LB_TEXT_WORDS_H
#define LB_TEXT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

enum { WORDS_DIM = 1024, WORDS_IDENTITY_SIZE = 64 };

/* What of a product is read: any of these, added up. */
enum {
    WORDS_TITLE = 1,
    WORDS_CATEGORY = 2,
    WORDS_BRAND = 4,
    WORDS_DESCRIPTION = 8,
    WORDS_FIELDS = WORDS_TITLE | WORDS_CATEGORY | WORDS_BRAND // unless something else is asked for
};

typedef struct words_product {
    const char *title, *category, *brand, *description; // NULL = not known
} words_product;

/* Memory that calls on one thread share; all zero to begin with. */
typedef struct words_scratch {
    uint64_t *token; // (n) hashes
    size_t n, capacity;
} words_scratch;

void words_scratch_free(words_scratch *s); // accepts all zero, leaves it

/* A list such as "title,brand" as a sum of fields; NULL stands for WORDS_FIELDS. LB_E_ARGUMENT
 * names what is no field. */
lb_status words_fields_parse(const char *list, unsigned *fields);

/* What numbers of these fields are called in a dataset: "words-1", with the fields where they are
 * not WORDS_FIELDS: "words-1 title,category". Returns the buffer. */
char *words_identity(unsigned fields, char buffer[WORDS_IDENTITY_SIZE]);

/* Encodes the fields of a product that are known: `out` is (WORDS_DIM), of length 0 to the number
 * of blocks. *found is false, and `out` zero, where no word, kind or brand is known (or where they
 * cancel out, as two tokens of one place and opposite signs may). A pure function of the texts: the
 * same numbers on every machine, with any scratch. LB_E_NOMEM only. Linear in the text, but for
 * sorting its tokens. */
lb_status words_encode(words_scratch *s, const words_product *product, unsigned fields, float *out,
                       bool *found);

#endif
