/*
 * What CLIP's tokenizer makes of a text before it cuts it up (clip/simple_tokenizer.py,
 * basic_clean, whitespace_clean and lower): characters written as in HTML become themselves, twice;
 * white space becomes single spaces, none at the ends; letters become lower case. CLIP also mends
 * wrongly decoded text with the library ftfy where that is installed; that is not done here.
 */
#ifndef LB_TEXT_CLIP_CLEAN_H
#define LB_TEXT_CLIP_CLEAN_H

#include <stdbool.h>

#include "core/status.h"

typedef struct clip_entity {
    const char *name; // (length)
    size_t length;
    bool bare;        // also without a semicolon
    uint32_t code[2]; // the second is 0 where there is one
} clip_entity;

/* HTML's names of characters, by their bytes. Free with free(). */
lb_status clip_entities_new(clip_entity **out);

/* The cleaned code points of a text, allocated. Bytes that are not UTF-8 are U+FFFD. Linear. */
lb_status clip_clean(const clip_entity *entities, const char *text, uint32_t **out, size_t *n);

/* What CLIP's pattern, which ignores case, takes a code point for. */
typedef enum clip_letter { CLIP_SPACE, CLIP_LETTER, CLIP_NUMBER, CLIP_OTHER } clip_letter;
clip_letter clip_letter_of(uint32_t code);

#endif
