#include "text/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/letters.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/utf8.h"

/* What each block's length is. */
static const struct {
    const char *name;
    unsigned field;
} field_names[] = {{"title", WORDS_TITLE},
                   {"category", WORDS_CATEGORY},
                   {"brand", WORDS_BRAND},
                   {"description", WORDS_DESCRIPTION}};

enum { N_FIELDS = sizeof field_names / sizeof *field_names };

/* ---------------------------------------------------------------- fields */

static unsigned field_find(const char *name, size_t length) {
    for (size_t i = 0; i < N_FIELDS; i++)
        if (strlen(field_names[i].name) == length && memcmp(field_names[i].name, name, length) == 0)
            return field_names[i].field;
    return 0;
}

lb_status words_fields_parse(const char *list, unsigned *fields) {
    unsigned found = 0;
    for (const char *name = list; name;) {
        size_t length = strcspn(name, ",");
        unsigned field = field_find(name, length);
        if (!field)
            return status_fail(LB_E_ARGUMENT,
                               "\"%.*s\" is no field of a product's text; there are: title, "
                               "category, brand, description",
                               (int)(length < 64 ? length : 64), name);
        found |= field;
        name = name[length] ? name + length + 1 : NULL;
    }
    *fields = list ? found : WORDS_FIELDS;
    return LB_OK;
}

char *words_identity(unsigned fields, char buffer[WORDS_IDENTITY_SIZE]) {
    size_t n = (size_t)snprintf(buffer, WORDS_IDENTITY_SIZE, "words-1");
    char separator = ' ';
    for (size_t i = 0; fields != WORDS_FIELDS && i < N_FIELDS; i++) {
        if (!(fields & field_names[i].field)) continue;
        n += (size_t)snprintf(buffer + n, WORDS_IDENTITY_SIZE - n, "%c%s", separator,
                              field_names[i].name);
        separator = ',';
    }
    return buffer;
}

/* ---------------------------------------------------------------- tokens */

static uint64_t hash_byte(uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * 0x100000001b3u;
}

static uint64_t hash_begin(char what) {
    return hash_byte(0xcbf29ce484222325u, (unsigned char)what);
}

static uint64_t hash_letter(uint64_t hash, uint32_t code) {
    char bytes[4];
    size_t n = utf8_encode(letters_lower(code), bytes);
    for (size_t i = 0; i < n; i++) hash = hash_byte(hash, (unsigned char)bytes[i]);
    return hash;
}

static lb_status add_token(words_scratch *s, uint64_t hash) {
    LB_TRY(GROW_ARRAY(s->token, s->n, s->capacity));
    s->token[s->n++] = random_splitmix(&hash);
    return LB_OK;
}

static lb_status add_words(words_scratch *s, const char *text) {
    uint64_t hash = 0;
    bool in_word = false;
    for (size_t left = strlen(text), size = 0;; text += size, left -= size) {
        uint32_t code = 0;
        if (left) size = utf8_decode(text, left, &code);
        if (left && letters_in_word(code)) {
            hash = hash_letter(in_word ? hash : hash_begin('w'), code);
            in_word = true;
            continue;
        }
        if (in_word) LB_TRY(add_token(s, hash));
        in_word = false;
        if (!left) return LB_OK;
    }
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* All of text[0..length) as one token, without the spaces at its ends. */
static lb_status add_whole(words_scratch *s, char what, const char *text, size_t length) {
    while (length && is_space(text[length - 1])) length--;
    while (length && is_space(*text)) text++, length--;
    if (!length) return LB_OK;
    uint64_t hash = hash_begin(what);
    for (uint32_t code; length;) {
        size_t size = utf8_decode(text, length, &code);
        hash = hash_letter(hash, code);
        text += size;
        length -= size;
    }
    return add_token(s, hash);
}

static lb_status add_kinds(words_scratch *s, const char *paths) {
    for (;;) {
        const char *end = paths;
        while (*end && *end != '\n' && strncmp(end, " > ", 3) != 0) end++;
        LB_TRY(add_whole(s, 'k', paths, (size_t)(end - paths)));
        if (!*end) return LB_OK;
        paths = end + (*end == '\n' ? 1 : 3);
    }
}

/* ---------------------------------------------------------------- numbers */

static int compare_tokens(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Adds up the tokens in `s`, each once, and scales to length one. Whole numbers until then, so that
 * the order of the words cannot matter. False if nothing is left. */
static bool add_up(words_scratch *s, float *out) {
    int32_t sum[WORDS_DIM] = {0};
    int64_t squares = 0;
    if (s->n) qsort(s->token, s->n, sizeof *s->token, compare_tokens);
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || s->token[i] != s->token[i - 1])
            sum[s->token[i] % WORDS_DIM] += s->token[i] >> 63 ? -1 : 1;
    for (size_t k = 0; k < WORDS_DIM; k++) squares += (int64_t)sum[k] * sum[k];
    double scale = squares ? 1 / sqrt((double)squares) : 0;
    for (size_t k = 0; k < WORDS_DIM; k++) out[k] = (float)(scale * sum[k]);
    return squares > 0;
}

lb_status words_encode(words_scratch *s, const words_product *p, unsigned fields, float *out,
                       bool *found) {
    s->n = 0;
    if (fields & WORDS_TITLE && p->title) LB_TRY(add_words(s, p->title));
    if (fields & WORDS_CATEGORY && p->category) LB_TRY(add_kinds(s, p->category));
    if (fields & WORDS_BRAND && p->brand) LB_TRY(add_whole(s, 'b', p->brand, strlen(p->brand)));
    if (fields & WORDS_DESCRIPTION && p->description) LB_TRY(add_words(s, p->description));
    *found = add_up(s, out);
    return LB_OK;
}

void words_scratch_free(words_scratch *s) {
    free(s->token);
    *s = (words_scratch){0};
}
