/* cJSON builds the tree; what it is lenient about (numbers such as 01 and 1., raw control
 * characters, "\u0000", which would cut a string short) is refused by a scan before it, which also
 * bounds the memory that the tree takes. */
#include "server/json.h"

#include <string.h>

#include "server/buffer.h"

typedef struct scan {
    const char *text;
    size_t at, n, values;
    fault *f;
} scan;

static bool wrong(scan *s, const char *what) {
    return fault_set(s->f, FAULT_BAD_JSON, "byte %zu of the JSON: %s", s->at + 1, what);
}

static char peek(const scan *s) {
    return s->at < s->n ? s->text[s->at] : '\0';
}

static void skip_blanks(scan *s) {
    while (s->at < s->n && memchr(" \t\r\n", s->text[s->at], 4)) s->at++;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool scan_digits(scan *s) {
    if (!is_digit(peek(s))) return wrong(s, "a digit is missing");
    while (is_digit(peek(s))) s->at++;
    return true;
}

static bool scan_number(scan *s) {
    size_t start = s->at;
    if (peek(s) == '-') s->at++;
    bool zero = peek(s) == '0';
    size_t first = s->at;
    if (!scan_digits(s)) return false;
    if (zero && s->at > first + 1) return wrong(s, "a number begins with 0");
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s)) return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') s->at++;
        if (!scan_digits(s)) return false;
    }
    if (s->at - start > JSON_MOST_DIGITS) return wrong(s, "a number is too long");
    return true;
}

static bool scan_hex(scan *s, unsigned *code) {
    *code = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        char c = peek(s);
        unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16;
        if (digit == 16) return wrong(s, "\\u wants four hexadecimal digits");
        *code = *code * 16 + digit;
    }
    return true;
}

/* Behind a backslash. */
static bool scan_escape(scan *s) {
    unsigned code, low;
    char c = peek(s);
    if (c && memchr("\"\\/bfnrt", c, 8)) {
        s->at++;
        return true;
    }
    if (c != 'u') return wrong(s, "there is no such escape");
    s->at++;
    if (!scan_hex(s, &code)) return false;
    if (code == 0) return wrong(s, "a string may not hold a NUL");
    if (code >= 0xdc00 && code <= 0xdfff) return wrong(s, "half of a surrogate pair");
    if (code < 0xd800 || code > 0xdbff) return true;
    if (peek(s) != '\\' || s->at + 1 >= s->n || s->text[s->at + 1] != 'u')
        return wrong(s, "half of a surrogate pair");
    s->at += 2;
    if (!scan_hex(s, &low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return wrong(s, "half of a surrogate pair");
    return true;
}

static bool scan_string(scan *s) {
    if (peek(s) != '"') return wrong(s, "a string is missing");
    s->at++;
    for (;;) {
        if (s->at == s->n) return wrong(s, "a string has no end");
        unsigned char c = (unsigned char)s->text[s->at];
        if (c < 0x20) return wrong(s, "a raw control character in a string; write it as \\u");
        s->at++;
        if (c == '"') return true;
        if (c == '\\' && !scan_escape(s)) return false;
    }
}

static bool scan_word(scan *s, const char *word) {
    size_t n = strlen(word);
    if (s->n - s->at < n || memcmp(s->text + s->at, word, n) != 0)
        return wrong(s, "no value begins like this");
    s->at += n;
    return true;
}

static bool scan_value(scan *s, int depth);

/* An array or, with names, an object; on its opening bracket. */
static bool scan_list(scan *s, char end, int depth) {
    if (depth > JSON_MOST_DEPTH) return wrong(s, "arrays and objects stand too deep in each other");
    s->at++;
    skip_blanks(s);
    if (peek(s) == end) {
        s->at++;
        return true;
    }
    for (;;) {
        skip_blanks(s);
        if (end == '}') {
            if (!scan_string(s)) return false;
            skip_blanks(s);
            if (peek(s) != ':') return wrong(s, "a \":\" is missing");
            s->at++;
        }
        if (!scan_value(s, depth)) return false;
        skip_blanks(s);
        char c = peek(s);
        if (c != ',' && c != end)
            return wrong(s, end == '}' ? "\",\" or \"}\" is missing" : "\",\" or \"]\" is missing");
        s->at++;
        if (c == end) return true;
    }
}

static bool scan_value(scan *s, int depth) {
    skip_blanks(s);
    if (++s->values > JSON_MOST_VALUES) {
        return fault_set(s->f, FAULT_TOO_MANY_ITEMS, "the JSON has more than %d values",
                         JSON_MOST_VALUES);
    }
    char c = peek(s);
    if (c == '{' || c == '[') return scan_list(s, c == '{' ? '}' : ']', depth + 1);
    if (c == '"') return scan_string(s);
    if (c == '-' || is_digit(c)) return scan_number(s);
    if (c == 't') return scan_word(s, "true");
    if (c == 'f') return scan_word(s, "false");
    if (c == 'n') return scan_word(s, "null");
    return wrong(s, s->at < s->n ? "no value begins like this" : "it ends too early");
}

static bool check(const char *text, size_t n, fault *f) {
    scan s = {.text = text, .n = n, .f = f};
    size_t valid = utf8_prefix(text, n);
    if (valid < n) {
        s.at = valid;
        return wrong(&s, "this is not UTF-8");
    }
    if (!scan_value(&s, 0)) return false;
    skip_blanks(&s);
    return s.at == n || wrong(&s, "something follows the value");
}

bool json_parse(const char *text, size_t n, cJSON **out, fault *f) {
    if (!n) return fault_set(f, FAULT_BAD_JSON, "the body is empty: JSON is wanted");
    if (!check(text, n, f)) return false;
    *out = cJSON_ParseWithLength(text, n);
    return *out || fault_set(f, FAULT_INTERNAL, "out of memory while reading the JSON");
}
