/* What the files of CLIP's tokenizer share. */
#ifndef LB_TEXT_CLIP_IMPL_H
#define LB_TEXT_CLIP_IMPL_H

#include <stdbool.h>

#include "text/clip_clean.h"
#include "text/clip_tokens.h"

enum { CLIP_BYTES = 512, CLIP_MERGES = 48894 }; // tokens that are bytes; merges

#define CLIP_START_TEXT "<|startoftext|>"
#define CLIP_END_TEXT   "<|endoftext|>"
#define CLIP_WORD_END   "</w>"

/* A merge, in a hash table. */
typedef struct clip_merge {
    uint32_t left, right;
    uint32_t next_rank; // rank + 1, 0 = free
} clip_merge;

enum { CLIP_SLOTS = 1 << 17 };

struct clip_tokens {
    char **name;       // (CLIP_BYTES + CLIP_MERGES) as the vocabulary writes them
    clip_merge *merge; // (CLIP_SLOTS)
    uint32_t byte_token[256];
    clip_entity *entities;
};

/* The rank of a merge; false if there is none. */
bool clip_find_merge(const clip_tokens *t, uint32_t left, uint32_t right, uint32_t *rank);

/* CLIP's bytes_to_unicode: the byte of a code point in a name; of one that stands for none, 0. */
unsigned char clip_byte_of(uint32_t code);

#endif
