/* A vocabulary of CLIP's size for tests: all pairs of printing ASCII characters merge, first within
 * words, then at their ends, then pairs with what follows of Latin-1, until there are enough. */
#ifndef LB_TESTS_TEXT_CLIP_VOCABULARY_H
#define LB_TESTS_TEXT_CLIP_VOCABULARY_H

#include <stdbool.h>
#include <stdio.h>

#include "core/utf8.h"
#include "text/clip_tokens.h"

enum { MADE_FIRST = 0x21, MADE_N = 94, MADE_MERGES = 48894 };

typedef struct made_vocabulary {
    size_t line;
    char text[64];
} made_vocabulary;

/* The k-th printing character of ASCII, then Latin-1. */
static inline size_t made_letter(size_t k, char out[5]) {
    uint32_t code = k < 94    ? 0x21 + (uint32_t)k
                    : k < 106 ? 0xa1 + (uint32_t)(k - 94)
                              : 0xae + (uint32_t)(k - 106);
    size_t n = utf8_encode(code, out);
    out[n] = '\0';
    return n;
}

/* Line m + 1 merges letters m / 188 and m % 188 of the first 188, the end of a word marked in the
 * second half. */
static inline lb_status made_next_line(void *context, char **line) {
    made_vocabulary *v = context;
    *line = v->text;
    if (v->line == 0) {
        snprintf(v->text, sizeof v->text, "made #version: 1");
    } else {
        size_t m = v->line - 1, half = 188 * 188;
        char a[5], b[5];
        bool ends = m >= half;
        made_letter(m % half / 188, a);
        made_letter(m % half % 188, b);
        snprintf(v->text, sizeof v->text, "%s %s%s", a, b, ends ? "</w>" : "");
    }
    v->line++;
    return LB_OK;
}

/* Writes it as a file. */
static inline void made_vocabulary_store(const char *path) {
    made_vocabulary v = {.line = 0};
    FILE *f = fopen(path, "w");
    for (size_t i = 0; f && i <= MADE_MERGES; i++) {
        char *line;
        if (made_next_line(&v, &line) == LB_OK) fprintf(f, "%s\n", line);
    }
    if (f) fclose(f);
}

#endif
