#include "plot/markup.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

static const char *entity(unsigned char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n':
    case '\r': return NULL;
    default: return c < 0x20 || c == 0x7f ? "\xEF\xBF\xBD" : NULL;
    }
}

/* U+FFFE and U+FFFF are valid UTF-8 but not XML. */
static bool is_noncharacter(const char *c, size_t left) {
    return left >= 3 && (unsigned char)c[0] == 0xEF && (unsigned char)c[1] == 0xBF &&
           (unsigned char)c[2] >= 0xBE;
}

static void escape_valid(text *t, const char *value, size_t length) {
    size_t begin = 0;
    for (size_t i = 0; i < length; i++) {
        const char *instead = entity((unsigned char)value[i]);
        size_t taken = 1;
        if (is_noncharacter(value + i, length - i)) {
            instead = "\xEF\xBF\xBD";
            taken = 3;
        }
        if (!instead) continue;
        text_add(t, "%.*s%s", (int)(i - begin), value + begin, instead);
        begin = i + taken;
        i += taken - 1;
    }
    text_add(t, "%.*s", (int)(length - begin), value + begin);
}

void markup_escape_bytes(text *t, const char *value, size_t length) {
    while (length) {
        size_t valid = utf8_valid_length(value, length);
        if (valid > 1 << 20) valid = utf8_valid_length(value, 1 << 20); // a precision is an int
        escape_valid(t, value, valid);
        value += valid;
        length -= valid;
        if (!length || valid) continue;
        text_add(t, "\xEF\xBF\xBD");
        value++;
        length--;
    }
}

void markup_escape(text *t, const char *value) {
    if (value) markup_escape_bytes(t, value, strlen(value));
}

/* Fixed notation with a point whatever the locale. */
static void print_fixed(char *out, size_t capacity, double value, unsigned digits) {
    snprintf(out, capacity, "%.*f", (int)digits, value);
    char *comma = strchr(out, ',');
    if (comma) *comma = '.';
}

void markup_coordinate(text *t, double value) {
    char digits[64];
    if (!isfinite(value) || fabs(value) > 1e9) value = 0;
    print_fixed(digits, sizeof digits, value, 2);
    char *end = digits + strlen(digits);
    while (end[-1] == '0') *--end = '\0';
    if (end[-1] == '.') *--end = '\0';
    text_add(t, "%s", strcmp(digits, "-0") ? digits : "0");
}

/* Whole digits in groups of three. */
static void add_grouped(text *t, const char *digits, size_t whole) {
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0) text_add(t, ",");
        text_add(t, "%c", digits[i]);
    }
}

void markup_number(text *t, double value, unsigned digits) {
    char buffer[400];
    if (isnan(value)) {
        text_add(t, "\u2013");
        return;
    }
    if (isinf(value)) {
        text_add(t, value < 0 ? "\u2212\u221e" : "\u221e");
        return;
    }
    print_fixed(buffer, sizeof buffer, fabs(value), digits < 17 ? digits : 17);
    bool is_zero = strspn(buffer, "0.") == strlen(buffer);
    if (value < 0 && !is_zero) text_add(t, "\u2212");
    size_t whole = strspn(buffer, "0123456789");
    add_grouped(t, buffer, whole);
    text_add(t, "%s", buffer + whole);
}

void markup_data_uri(text *t, const char *type, const void *bytes, size_t size) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    char piece[1025];
    size_t n = 0;
    text_add(t, "data:%s;base64,", type);
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned triple = (unsigned)b[i] << 16;
        if (left > 1) triple |= (unsigned)b[i + 1] << 8;
        if (left > 2) triple |= b[i + 2];
        piece[n++] = alphabet[triple >> 18];
        piece[n++] = alphabet[triple >> 12 & 63];
        piece[n++] = left > 1 ? alphabet[triple >> 6 & 63] : '=';
        piece[n++] = left > 2 ? alphabet[triple & 63] : '=';
        if (n < sizeof piece - 1 && left > 3) continue;
        text_add(t, "%.*s", (int)n, piece);
        n = 0;
    }
}

/* Widths of Latin letters as in Helvetica and Arial, a little rounded up; other scripts are taken
 * as wide as an em, marks of Latin letters as an average letter. */
static double character_width(const char *c, size_t length) {
    if (length >= 3) return (unsigned char)c[0] == 0xE2 ? 0.6 : 1.0;
    if (length == 2) return 0.6;
    if (strchr("iljt.,:;'|!/\\()[]fI ", *c)) return 0.32;
    if (strchr("r-\"*`{}", *c)) return 0.4;
    if (strchr("cksvxyzJ", *c)) return 0.52;
    if (strchr("mwMW@%", *c)) return 0.9;
    if (*c >= 'A' && *c <= 'Z') return 0.7;
    return 0.57;
}

static size_t character_length(const char *c) {
    unsigned char lead = (unsigned char)*c;
    size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)c[i] & 0xC0) != 0x80) return i; // cut off: take what is there
    return length;
}

size_t markup_fit(const char *value, double width) {
    size_t n = 0;
    double used = 0;
    while (value && value[n]) {
        size_t length = character_length(value + n);
        used += character_width(value + n, length);
        if (used > width) break;
        n += length;
    }
    return n;
}

double markup_width(const char *value) {
    double used = 0;
    for (size_t n = 0; value && value[n];) {
        size_t length = character_length(value + n);
        used += character_width(value + n, length);
        n += length;
    }
    return used;
}

/* The number behind "Table " or "Figure " at `c`, or 0; *length is set to the whole reference's. */
static unsigned reference_at(const char *c, const char *word, size_t *length) {
    size_t n = strlen(word);
    if (strncmp(c, word, n) != 0 || c[n] < '1' || c[n] > '9') return 0;
    unsigned number = 0;
    while (c[n] >= '0' && c[n] <= '9' && number < 100000)
        number = number * 10 + (unsigned)(c[n++] - '0');
    *length = n;
    return number;
}

/* A `span` or *span* at c: writes it and returns its length, or 0. */
static size_t add_span(text *t, const char *c) {
    const char mark = *c;
    if ((mark != '`' && mark != '*') || !c[1] || c[1] == ' ' || c[1] == mark) return 0;
    const char *end = strchr(c + 1, mark);
    if (!end || end[-1] == ' ') return 0;
    const char *element = mark == '`' ? "code" : "em";
    text_add(t, "<%s>", element);
    markup_escape_bytes(t, c + 1, (size_t)(end - c - 1));
    text_add(t, "</%s>", element);
    return (size_t)(end - c) + 1;
}

static size_t add_reference(text *t, const char *c) {
    size_t length = 0;
    unsigned number = reference_at(c, "Table ", &length);
    const char *anchor = "table";
    if (!number) {
        number = reference_at(c, "Figure ", &length);
        anchor = "figure";
    }
    if (!number) return 0;
    text_add(t, "<a href=\"#%s-%u\">%.*s</a>", anchor, number, (int)length, c);
    return length;
}

/* The space of "20 %", which is not to break. */
static size_t add_unit(text *t, const char *value, const char *c) {
    if (c == value || c[-1] < '0' || c[-1] > '9' || c[0] != ' ' || c[1] != '%') return 0;
    text_add(t, "\u00a0");
    return 1;
}

void markup_prose(text *t, const char *value) {
    const char *begin = value;
    for (const char *c = value; c && *c;) {
        size_t special = strcspn(c, "`*TF ");
        c += special;
        if (!*c) break;
        text ahead = {0};
        size_t taken = add_span(&ahead, c);
        if (!taken) taken = add_reference(&ahead, c);
        if (!taken) taken = add_unit(&ahead, value, c);
        if (taken) {
            markup_escape_bytes(t, begin, (size_t)(c - begin));
            text_add(t, "%s", ahead.bytes ? ahead.bytes : "");
            begin = c + taken;
        }
        if (ahead.status != LB_OK) t->status = ahead.status;
        free(ahead.bytes);
        c += taken ? taken : 1;
    }
    markup_escape(t, begin);
}
