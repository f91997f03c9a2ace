#include "text/clip_tokens.h"

#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/utf8.h"
#include "text/clip_clean.h"
#include "text/clip_impl.h"

/* ---- one piece: byte pairs */

/* A symbol of the piece being merged, in a list. */
typedef struct symbol {
    uint32_t token;
    uint32_t before, behind; // NONE at the ends
} symbol;

/* Two symbols that may be merged; out of date where they are no longer those. */
typedef struct candidate {
    uint32_t rank, at, left, right;
} candidate;

enum { NONE = UINT32_MAX };

typedef struct merging {
    const clip_tokens *tokens;
    symbol *symbol;  // (n)
    candidate *heap; // the lowest rank first, of the same the one furthest left
    size_t n_heap, capacity;
} merging;

static bool comes_first(const candidate *a, const candidate *b) {
    return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void heap_swap(candidate *a, candidate *b) {
    candidate c = *a;
    *a = *b;
    *b = c;
}

static lb_status heap_add(merging *m, candidate c) {
    LB_TRY(GROW_ARRAY(m->heap, m->n_heap, m->capacity));
    size_t i = m->n_heap++;
    m->heap[i] = c;
    for (; i && comes_first(&m->heap[i], &m->heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap_swap(&m->heap[i], &m->heap[(i - 1) / 2]);
    return LB_OK;
}

static candidate heap_take(merging *m) {
    candidate first = m->heap[0];
    m->heap[0] = m->heap[--m->n_heap];
    for (size_t i = 0, child; (child = 2 * i + 1) < m->n_heap; i = child) {
        if (child + 1 < m->n_heap && comes_first(&m->heap[child + 1], &m->heap[child])) child++;
        if (!comes_first(&m->heap[child], &m->heap[i])) break;
        heap_swap(&m->heap[child], &m->heap[i]);
    }
    return first;
}

/* The pair that begins at a symbol, if it can be merged. */
static lb_status consider(merging *m, uint32_t at) {
    const symbol *s = &m->symbol[at];
    candidate c = {.at = at, .left = s->token};
    if (s->behind == NONE) return LB_OK;
    c.right = m->symbol[s->behind].token;
    return clip_find_merge(m->tokens, c.left, c.right, &c.rank) ? heap_add(m, c) : LB_OK;
}

/* Merging one pair makes only pairs of higher ranks, because a vocabulary names nothing before it
 * is made: so merging the first pair again and again gives what merging all of one kind at a time
 * does. */
static lb_status merge_all(merging *m, uint32_t n) {
    for (uint32_t i = 0; i + 1 < n; i++) LB_TRY(consider(m, i));
    while (m->n_heap) {
        candidate c = heap_take(m);
        symbol *left = &m->symbol[c.at];
        if (left->token != c.left || left->behind == NONE) continue;
        symbol *right = &m->symbol[left->behind];
        if (right->token != c.right) continue;
        left->token = CLIP_BYTES + c.rank;
        left->behind = right->behind;
        right->token = NONE;
        if (left->behind != NONE) m->symbol[left->behind].before = c.at;
        LB_TRY(consider(m, c.at));
        if (left->before != NONE) LB_TRY(consider(m, left->before));
    }
    return LB_OK;
}

/* ---- pieces of the text */

/* Tokens asked for. */
typedef struct output {
    const clip_tokens *tokens;
    uint32_t *out;
    size_t n, capacity;
} output;

static lb_status add_word(output *o, const char *bytes, uint32_t n) {
    merging m = {.tokens = o->tokens};
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(m.symbol, n));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t byte = o->tokens->byte_token[(unsigned char)bytes[i]];
        m.symbol[i] = (symbol){byte + (i + 1 == n ? 256 : 0), i ? i - 1 : NONE,
                               i + 1 < n ? i + 1 : NONE};
    }
    LB_TRY_CLEANUP(merge_all(&m, n));
    for (uint32_t i = 0; i != NONE && o->n < o->capacity; i = m.symbol[i].behind)
        o->out[o->n++] = m.symbol[i].token;
cleanup:
    free(m.symbol);
    free(m.heap);
    return status;
}

/* Code points [0, n) as one word. */
static lb_status add_piece(output *o, const uint32_t *code, size_t n) {
    char *bytes;
    size_t length = 0;
    if (n > UINT32_MAX / 4)
        return status_fail(LB_E_ARGUMENT, "a text with a word of %zu letters is too long", n);
    LB_TRY(NEW_ARRAY(bytes, 4 * n + 1));
    for (size_t i = 0; i < n; i++) length += utf8_encode(code[i], bytes + length);
    lb_status status = LB_OK;
    if (strcmp(bytes, CLIP_START_TEXT) == 0)
        o->out[o->n++] = CLIP_START;
    else if (strcmp(bytes, CLIP_END_TEXT) == 0)
        o->out[o->n++] = CLIP_END;
    else
        status = add_word(o, bytes, (uint32_t)length);
    free(bytes);
    return status;
}

/* Whether the text goes on with these letters, case ignored: the text is in lower case, and beyond
 * that only the long s is an s. */
static bool goes_on(const uint32_t *code, size_t n, const char *word) {
    size_t i = 0;
    for (; word[i]; i++) {
        uint32_t letter = (unsigned char)word[i];
        if (i == n || (code[i] != letter && !(letter == 's' && code[i] == 0x17f))) return false;
    }
    return true;
}

/* Code points of the piece that the text begins with, which is no space. */
static size_t piece_length(const uint32_t *code, size_t n) {
    static const char *const fixed[] = {CLIP_START_TEXT, CLIP_END_TEXT, "'s",  "'t", "'re",
                                        "'ve",           "'m",          "'ll", "'d"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (goes_on(code, n, fixed[i])) return strlen(fixed[i]);
    clip_letter kind = clip_letter_of(*code);
    size_t length = 1;
    while (kind != CLIP_NUMBER && length < n && clip_letter_of(code[length]) == kind) length++;
    return length;
}

lb_status clip_tokens_of(const clip_tokens *t, const char *string, uint32_t *out, size_t capacity,
                         size_t *n) {
    uint32_t *code;
    size_t n_codes;
    output o = {t, out, 0, capacity};
    LB_TRY(clip_clean(t->entities, string, &code, &n_codes));
    lb_status status = LB_OK;
    for (size_t i = 0, length; i < n_codes && o.n < capacity && status == LB_OK; i += length) {
        length = 1;
        if (clip_letter_of(code[i]) == CLIP_SPACE) continue;
        length = piece_length(code + i, n_codes - i);
        status = add_piece(&o, code + i, length);
    }
    free(code);
    if (status == LB_OK) *n = o.n;
    return status;
}

lb_status clip_tokens_encode(const clip_tokens *t, const char *string, uint32_t *out, size_t *n) {
    size_t count;
    memset(out, 0, CLIP_CONTEXT * sizeof *out);
    LB_TRY(clip_tokens_of(t, string, out + 1, CLIP_CONTEXT - 2, &count));
    out[0] = CLIP_START;
    out[count + 1] = CLIP_END;
    if (n) *n = count + 2;
    return LB_OK;
}

/* ---- back */

static void add_token(const clip_tokens *t, uint32_t token, text *out) {
    const char *name = t->name[token];
    size_t length = strlen(name);
    bool ends = length > 4 && strcmp(name + length - 4, CLIP_WORD_END) == 0;
    if (ends) length -= 4;
    for (size_t size; length; name += size, length -= size) {
        uint32_t code;
        size = utf8_decode(name, length, &code);
        text_add(out, "%c", clip_byte_of(code));
    }
    if (ends) text_add(out, " ");
}

lb_status clip_tokens_text(const clip_tokens *t, const uint32_t *tokens, size_t n, char **out) {
    text made = {0};
    text_add(&made, "%s", "");
    for (size_t i = 0; i < n; i++) {
        if (tokens[i] >= CLIP_TOKENS) {
            free(made.bytes);
            return status_fail(LB_E_ARGUMENT, "%u is no token of CLIP: there are %d", tokens[i],
                               CLIP_TOKENS);
        }
        if (tokens[i] >= CLIP_START)
            text_add(&made, "%s", tokens[i] == CLIP_START ? CLIP_START_TEXT : CLIP_END_TEXT);
        else
            add_token(t, tokens[i], &made);
    }
    if (made.status != LB_OK)
        free(made.bytes);
    else
        *out = made.bytes;
    return made.status;
}
