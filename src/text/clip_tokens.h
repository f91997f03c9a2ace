/*
 * CLIP's tokenizer (openai/CLIP, clip/simple_tokenizer.py and tokenize): a text -> the numbers of
 * byte pairs that CLIP's text encoder reads, the same as there but for ftfy's mending of wrongly
 * decoded text.
 *
 * The text is cleaned (clip_clean.h) and cut by the pattern
 *
 *   <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 *
 * with IGNORECASE; the bytes of each piece, the last marked as the end of a word, are merged pair
 * by pair, the pair that stands first in the vocabulary first (Sennrich, Haddow and Birch, *Neural
 * Machine Translation of Rare Words with Subword Units*, 2016). Token numbers: 256 bytes, 256 bytes
 * that end a word, 48,894 merges in their order, the start and the end of a text.
 *
 * The vocabulary, bpe_simple_vocab_16e6.txt.gz, is CLIP's and comes from the user
 * (model/clip_file.h opens it).
 */
#ifndef LB_TEXT_CLIP_TOKENS_H
#define LB_TEXT_CLIP_TOKENS_H

#include "core/status.h"

enum { CLIP_CONTEXT = 77, CLIP_START = 49406, CLIP_END = 49407, CLIP_TOKENS = 49408 };

/* May be used by several threads. */
typedef struct clip_tokens clip_tokens;

/* Gives the next line of a file, NULL behind the last, valid until the next call. */
typedef lb_status (*clip_next_line)(void *context, char **line);

/* Reads a vocabulary; `name` is what errors call it. LB_E_FORMAT says where and why it is not
 * CLIP's: another first line, a merge of something that is not there yet, a merge that comes twice,
 * too few of them. Lines behind the 48,894th merge are not read, as CLIP does. */
lb_status clip_tokens_read(const char *name, clip_next_line next, void *context, clip_tokens **out);
void clip_tokens_free(clip_tokens *t); // accepts NULL

/* CLIP's tokenize with truncate: start, the text's tokens, end, zeros behind; of a long text the
 * first 75. `out` is (CLIP_CONTEXT); *n, which may be NULL, counts up to the end. Any text will do,
 * an empty one has two tokens. Linear in the text but for the longest word's logarithm. */
lb_status clip_tokens_encode(const clip_tokens *t, const char *text, uint32_t *out, size_t *n);

/* At most `capacity` tokens of the text alone, without start and end. */
lb_status clip_tokens_of(const clip_tokens *t, const char *text, uint32_t *out, size_t capacity,
                         size_t *n);

/* The text of tokens, allocated: words with a space behind each, start and end as CLIP writes them.
 * Bytes of a character that was cut are as they are. LB_E_ARGUMENT for a number that is no token.
 */
lb_status clip_tokens_text(const clip_tokens *t, const uint32_t *tokens, size_t n, char **out);

#endif
