#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"

static void reserve(text *t, size_t more) {
    if (t->status != LB_OK || t->n + more + 1 <= t->capacity) return;
    size_t capacity = (t->n + more + 1) * 2;
    char *bytes = memory_resize(t->bytes, capacity, 1);
    if (!bytes) {
        t->status = LB_E_NOMEM;
        return;
    }
    t->bytes = bytes;
    t->capacity = capacity;
}

static void add_bytes(text *t, const char *bytes, size_t n) {
    reserve(t, n);
    if (t->status != LB_OK) return;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = '\0';
}

void text_add(text *t, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n >= 0) reserve(t, (size_t)n);
    if (n >= 0 && t->status == LB_OK) {
        vsnprintf(t->bytes + t->n, (size_t)n + 1, format, again);
        t->n += (size_t)n;
    }
    va_end(again);
}

static void add_escaped(text *t, const char *c) {
    if (*c == '"' || *c == '\\')
        text_add(t, "\\%c", *c);
    else if ((unsigned char)*c < 0x20 || *c == 0x7f ||
             *c == '<') // "<" could end a script around it
        text_add(t, "\\u%04x", (unsigned)*c);
    else
        add_bytes(t, c, 1);
}

void text_json_string(text *t, const char *value) {
    if (!value) {
        add_bytes(t, "null", 4);
        return;
    }
    size_t length = strlen(value);
    add_bytes(t, "\"", 1);
    while (length) {
        size_t valid = utf8_valid_length(value, length);
        for (size_t i = 0; i < valid; i++) add_escaped(t, value + i);
        value += valid;
        length -= valid;
        if (!length) break;
        add_bytes(t, "\xEF\xBF\xBD", 3); // the byte that belongs to no character
        value++;
        length--;
    }
    add_bytes(t, "\"", 1);
}

void text_json_number(text *t, double value) {
    char digits[40];
    if (!isfinite(value)) {
        add_bytes(t, "null", 4);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    char *comma = strchr(digits, ','); // the decimal separator of some locales
    if (comma) *comma = '.';
    add_bytes(t, digits, strlen(digits));
}
