/* Reading CLIP's vocabulary. */
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "text/clip_impl.h"

/* ---- bytes: those that print stand for themselves, the others for U+0100 and on */

static bool prints(uint32_t code) {
    return (code >= 0x21 && code <= 0x7e) || (code >= 0xa1 && code <= 0xac) ||
           (code >= 0xae && code <= 0xff);
}

/* The code point that a byte is written as. */
static uint32_t code_of(uint32_t byte) {
    uint32_t before = 0;
    if (prints(byte)) return byte;
    for (uint32_t b = 0; b < byte; b++) before += !prints(b);
    return 256 + before;
}

unsigned char clip_byte_of(uint32_t code) {
    if (code < 256) return prints(code) ? (unsigned char)code : 0;
    for (uint32_t b = 0; b < 256; b++)
        if (code_of(b) == code) return (unsigned char)b;
    return 0;
}

/* ---- merges */

static size_t merge_slot(const clip_tokens *t, uint32_t left, uint32_t right) {
    uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
    size_t slot = (size_t)(h >> 47);
    for (const clip_merge *m; (m = &t->merge[slot])->next_rank; slot = (slot + 1) % CLIP_SLOTS)
        if (m->left == left && m->right == right) break;
    return slot;
}

bool clip_find_merge(const clip_tokens *t, uint32_t left, uint32_t right, uint32_t *rank) {
    const clip_merge *m = &t->merge[merge_slot(t, left, right)];
    if (!m->next_rank) return false;
    *rank = m->next_rank - 1;
    return true;
}

/* ---- names, while reading */

typedef struct reading {
    clip_tokens *tokens;
    const char *file;
    uint32_t *slot; // (CLIP_SLOTS) token + 1 by the hash of its name, 0 = free
    uint32_t n;     // tokens so far
} reading;

static size_t name_slot(const reading *r, const char *name) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char *c = name; *c; c++) h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    size_t slot = (size_t)((h * 0x9e3779b97f4a7c15u) >> 47);
    for (; r->slot[slot]; slot = (slot + 1) % CLIP_SLOTS)
        if (strcmp(r->tokens->name[r->slot[slot] - 1], name) == 0) break;
    return slot;
}

static bool find_name(const reading *r, const char *name, uint32_t *token) {
    size_t slot = name_slot(r, name);
    *token = r->slot[slot] - 1;
    return r->slot[slot] != 0;
}

/* Takes the name over, also on failure. */
static lb_status add_name(reading *r, char *name) {
    if (!name) return LB_E_NOMEM;
    size_t slot = name_slot(r, name);
    if (r->slot[slot]) {
        lb_status status = status_fail(LB_E_FORMAT, "\"%.40s\" comes twice", name);
        free(name);
        return status;
    }
    r->tokens->name[r->n] = name;
    r->slot[slot] = ++r->n;
    return LB_OK;
}

static char *join(const char *left, const char *right) {
    size_t size = strlen(left) + strlen(right) + 1;
    char *name = memory_resize(NULL, size, 1);
    if (name) snprintf(name, size, "%s%s", left, right);
    return name;
}

/* The tokens of the bytes, those that print first. */
static lb_status add_bytes(reading *r, const char *end) {
    for (int printing = 1; printing >= 0; printing--)
        for (uint32_t b = 0; b < 256; b++) {
            char name[5] = "";
            if (prints(b) != (printing == 1)) continue;
            name[utf8_encode(code_of(b), name)] = '\0';
            if (!*end) r->tokens->byte_token[b] = r->n;
            LB_TRY(add_name(r, join(name, end)));
        }
    return LB_OK;
}

/* Cuts the next word of a line; NULL if there is none. */
static char *next_word(char **line) {
    char *word = *line + strspn(*line, " \t\r");
    char *end = word + strcspn(word, " \t\r");
    *line = *end ? end + 1 : end;
    *end = '\0';
    return end > word ? word : NULL;
}

static lb_status add_merge(reading *r, char *line) {
    char *left = next_word(&line), *right = next_word(&line);
    uint32_t a, b;
    if (!left || !right || next_word(&line))
        return status_fail(LB_E_FORMAT, "two parts of a word with a space between are expected");
    if (!find_name(r, left, &a) || !find_name(r, right, &b))
        return status_fail(LB_E_FORMAT, "\"%.40s %.40s\" merges what no line before it makes", left,
                           right);
    clip_merge *m = &r->tokens->merge[merge_slot(r->tokens, a, b)];
    LB_TRY(add_name(r, join(left, right)));
    *m = (clip_merge){a, b, r->n - CLIP_BYTES};
    return LB_OK;
}

static lb_status not_clip(const reading *r, const char *why) {
    return status_fail(LB_E_FORMAT,
                       "%s: not CLIP's vocabulary: %s; bpe_simple_vocab_16e6.txt.gz of CLIP is "
                       "expected",
                       r->file, why);
}

static lb_status read_merges(reading *r, clip_next_line next, void *context) {
    char *line, why[64];
    LB_TRY(next(context, &line));
    if (!line || !strstr(line, "#version"))
        return not_clip(r, "its first line does not name a \"#version\"");
    for (uint32_t k = 0; k < CLIP_MERGES; k++) {
        LB_TRY(next(context, &line));
        if (!line) {
            snprintf(why, sizeof why, "it ends after %u of %d merges", k, CLIP_MERGES);
            return not_clip(r, why);
        }
        lb_status status = add_merge(r, line);
        if (status == LB_E_FORMAT)
            status_prefix(status, "%s: not CLIP's vocabulary: line %u", r->file, k + 2);
        LB_TRY(status);
    }
    return LB_OK;
}

lb_status clip_tokens_read(const char *name, clip_next_line next, void *context,
                           clip_tokens **out) {
    reading r = {.file = name};
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(r.tokens, 1));
    LB_TRY_CLEANUP(NEW_ARRAY(r.slot, CLIP_SLOTS));
    LB_TRY_CLEANUP(NEW_ARRAY(r.tokens->name, CLIP_BYTES + CLIP_MERGES));
    LB_TRY_CLEANUP(NEW_ARRAY(r.tokens->merge, CLIP_SLOTS));
    LB_TRY_CLEANUP(clip_entities_new(&r.tokens->entities));
    LB_TRY_CLEANUP(add_bytes(&r, ""));
    LB_TRY_CLEANUP(add_bytes(&r, CLIP_WORD_END));
    LB_TRY_CLEANUP(read_merges(&r, next, context));
    *out = r.tokens;
    r.tokens = NULL;
cleanup:
    clip_tokens_free(r.tokens);
    free(r.slot);
    return status;
}

void clip_tokens_free(clip_tokens *t) {
    if (!t) return;
    for (size_t i = 0; t->name && i < CLIP_BYTES + CLIP_MERGES; i++) free(t->name[i]);
    free(t->name);
    free(t->merge);
    free(t->entities);
    free(t);
}
