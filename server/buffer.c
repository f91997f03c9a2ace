#include "server/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(buffer *b, size_t more) {
    if (b->failed) return false;
    if (more < b->capacity && b->n + more < b->capacity) return true;
    if (more > SIZE_MAX / 4 || b->n > SIZE_MAX / 4) {
        b->failed = true;
        return false;
    }
    size_t capacity = (b->n + more + 1) * 2;
    if (capacity < 256) capacity = 256;
    char *bytes = realloc(b->bytes, capacity);
    if (!bytes) {
        b->failed = true;
        return false;
    }
    b->bytes = bytes;
    b->capacity = capacity;
    return true;
}

void buffer_bytes(buffer *b, const void *bytes, size_t n) {
    if (!reserve(b, n)) return;
    if (n) memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
    b->bytes[b->n] = '\0';
}

void buffer_text(buffer *b, const char *text) {
    buffer_bytes(b, text, strlen(text));
}

void buffer_print(buffer *b, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n >= 0 && reserve(b, (size_t)n)) {
        vsnprintf(b->bytes + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f;
}

static void add_valid(buffer *b, const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && is_plain((unsigned char)text[run])) run++;
        buffer_bytes(b, text + i, run - i);
        if (run < n && (text[run] == '"' || text[run] == '\\'))
            buffer_print(b, "\\%c", text[run]);
        else if (run < n)
            buffer_print(b, "\\u%04x", (unsigned)(unsigned char)text[run]);
        i = run + 1;
    }
}

void buffer_json(buffer *b, const char *text) {
    if (!text) {
        buffer_text(b, "null");
        return;
    }
    size_t n = strlen(text);
    buffer_text(b, "\"");
    for (;;) {
        size_t valid = utf8_prefix(text, n);
        add_valid(b, text, valid);
        if (valid == n) break;
        buffer_text(b, "\xEF\xBF\xBD"); // for the byte that belongs to no character
        text += valid + 1;
        n -= valid + 1;
    }
    buffer_text(b, "\"");
}

void buffer_drop(buffer *b, size_t n) {
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->bytes, b->bytes + n, b->n - n + 1);
    b->n -= n;
}

void buffer_free(buffer *b) {
    free(b->bytes);
    *b = (buffer){0};
}

/* The size of the valid character at `s`, whose first byte is not ASCII; 0 if there is none. */
static size_t wide_character(const unsigned char *s, size_t left) {
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0; // a continuation, an overlong form, above U+10FFFF
    size_t size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (left < size) return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] > 0x9f;
    bool above = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || above ? 0 : size;
}

size_t utf8_prefix(const char *text, size_t n) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < n) {
        size_t size = s[i] < 0x80 ? 1 : wide_character(s + i, n - i);
        if (!size) break;
        i += size;
    }
    return i;
}
