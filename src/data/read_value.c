#include "data/read_value.h"

#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"

typedef struct cursor {
    char *begin, *p, *end; // *end is NUL
    value_tree *tree;
    bool python;
} cursor;

static lb_status fail_at(const cursor *c, const char *what) {
    return status_fail(LB_E_FORMAT, "column %zu: %s", (size_t)(c->p - c->begin) + 1, what);
}

static void skip_space(cursor *c) {
    while (*c->p == ' ' || *c->p == '\t' || *c->p == '\r' || *c->p == '\n') c->p++;
}

/* ---------------------------------------------------------------- strings */

/* Whether one of eight bytes is zero, a quote, a backslash or a control character (the classic
 * borrow tricks, exact as a yes-or-no answer). */
static bool any_special(uint64_t word, char quote) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t q = word ^ ones * (unsigned char)quote, b = word ^ ones * (unsigned char)'\\';
    return (((q - ones) & ~q) | ((b - ones) & ~b) | ((word - ones * 0x20) & ~word)) & highs;
}

/* The first quote, backslash, control character or end from `p` on. */
static char *plain_end(char *p, const char *end, char quote) {
    for (uint64_t word; end - p >= 8; p += 8) {
        memcpy(&word, p, 8);
        if (any_special(word, quote)) break;
    }
    while (p < end && *p != quote && *p != '\\' && (unsigned char)*p >= 0x20) p++;
    return p;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Reads exactly `n` hexadecimal digits at c->p. */
static lb_status read_hex(cursor *c, int n, uint32_t *out) {
    uint32_t code = 0;
    for (int i = 0; i < n; i++, c->p++) {
        int digit = hex_digit(*c->p);
        if (digit < 0) return fail_at(c, "a hexadecimal digit is missing in an escape");
        code = code << 4 | (uint32_t)digit;
    }
    *out = code;
    return LB_OK;
}

/* Behind "\u": a code point, put together from a surrogate pair if it is one. Half a pair becomes
 * U+FFFD (text cut in the middle of an emoji is common in reviews). */
static lb_status read_unicode(cursor *c, uint32_t *out) {
    uint32_t low = 0;
    LB_TRY(read_hex(c, 4, out));
    if (*out < 0xd800 || *out > 0xdbff || c->p[0] != '\\' || c->p[1] != 'u') return LB_OK;
    cursor ahead = *c;
    ahead.p += 2;
    LB_TRY(read_hex(&ahead, 4, &low));
    if (low < 0xdc00 || low > 0xdfff) return LB_OK;
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    c->p = ahead.p;
    return LB_OK;
}

static const char json_escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
static const char python_escapes[] = "\"\"\\\\''b\bf\fn\nr\rt\ta\av\v";

/* The character of a one-letter escape. */
static bool short_escape(const cursor *c, char letter, uint32_t *out) {
    const char *pairs = c->python ? python_escapes : json_escapes;
    for (; *pairs; pairs += 2)
        if (pairs[0] == letter) {
            *out = (unsigned char)pairs[1];
            return true;
        }
    return false;
}

/* The escapes that only Python has. An unknown one stands for itself, backslash included. */
static lb_status python_escape(cursor *c, char letter, uint32_t *out) {
    if (letter == 'x') return read_hex(c, 2, out);
    if (letter == 'U') {
        LB_TRY(read_hex(c, 8, out));
        return *out > 0x10ffff ? fail_at(c, "an escape names no character") : LB_OK;
    }
    if (letter < '0' || letter > '7') {
        c->p--;
        *out = '\\';
        return LB_OK;
    }
    uint32_t code = (uint32_t)(letter - '0');
    for (int i = 0; i < 2 && *c->p >= '0' && *c->p <= '7'; i++)
        code = code << 3 | (uint32_t)(*c->p++ - '0');
    *out = code;
    return LB_OK;
}

/* c->p is behind a backslash. Never longer decoded than written, so that decoding in place works.
 */
static lb_status read_escape(cursor *c, uint32_t *out) {
    if (c->p == c->end) return fail_at(c, "the string is not closed");
    char letter = *c->p++;
    if (short_escape(c, letter, out)) return LB_OK;
    if (letter == 'u') return read_unicode(c, out);
    if (c->python) return python_escape(c, letter, out);
    c->p -= 2;
    return fail_at(c, "an unknown escape in a string");
}

/* c->p is at the opening quote. The decoded string replaces the written one. */
static lb_status parse_string(cursor *c, const char **text, uint32_t *length) {
    char quote = *c->p++, *out = c->p, *first = out;
    for (;;) {
        char *stop = plain_end(c->p, c->end, quote);
        size_t run = (size_t)(stop - c->p);
        if (out != c->p) memmove(out, c->p, run);
        out += run;
        c->p = stop;
        if (stop == c->end) return fail_at(c, "the string is not closed");
        if (*stop == quote) break;
        if (*stop == '\\') {
            uint32_t code = 0;
            c->p++;
            LB_TRY(read_escape(c, &code));
            out += utf8_encode(code, out);
        } else if (c->python) {
            *out++ = *c->p++;
        } else {
            return fail_at(c, "a control character inside a string");
        }
    }
    c->p++;
    *out = '\0';
    *text = first;
    *length = (uint32_t)(out - first);
    return LB_OK;
}

static bool at_string(cursor *c) {
    if (*c->p == '"') return true;
    if (!c->python) return false;
    if ((*c->p == 'u' || *c->p == 'U') && (c->p[1] == '\'' || c->p[1] == '"')) c->p++;
    return *c->p == '\'' || *c->p == '"';
}

/* ---------------------------------------------------------------- numbers and constants */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t skip_digits(cursor *c) {
    char *first = c->p;
    while (is_digit(*c->p)) c->p++;
    return (size_t)(c->p - first);
}

/* JSON's grammar; Python also takes a plus sign, ".5", "5.", leading zeros and 5L. */
static lb_status parse_number(cursor *c, value *v) {
    v->text = c->p;
    if (*c->p == '-' || (c->python && *c->p == '+')) c->p++;
    bool zero = *c->p == '0';
    size_t whole = skip_digits(c), fraction = 0;
    if (!c->python && (!whole || (zero && whole > 1))) return fail_at(c, "a malformed number");
    if (*c->p == '.') {
        c->p++;
        fraction = skip_digits(c);
        if (!fraction && !c->python) return fail_at(c, "a digit is missing behind the point");
    }
    if (!whole && !fraction) return fail_at(c, "a malformed number");
    if (*c->p == 'e' || *c->p == 'E') {
        c->p++;
        if (*c->p == '-' || *c->p == '+') c->p++;
        if (!skip_digits(c)) return fail_at(c, "a digit is missing in the exponent");
    }
    v->length = (uint32_t)(c->p - v->text);
    if (c->python && *c->p == 'L') c->p++;
    v->kind = VALUE_NUMBER;
    return LB_OK;
}

static lb_status parse_constant(cursor *c, value *v) {
    static const struct {
        const char *json, *python;
        value_kind kind;
    } constants[] = {{"null", "None", VALUE_NULL},
                     {"true", "True", VALUE_TRUE},
                     {"false", "False", VALUE_FALSE}};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        const char *word = c->python ? constants[i].python : constants[i].json;
        size_t length = strlen(word);
        if (strncmp(c->p, word, length) != 0) continue;
        c->p += length;
        v->kind = constants[i].kind;
        return LB_OK;
    }
    return fail_at(c, c->python ? "a Python literal is expected" : "a JSON value is expected");
}

/* ---------------------------------------------------------------- values */

static lb_status parse_value(cursor *c, const char *key, uint32_t key_length, int depth);

static lb_status parse_key(cursor *c, const char **key, uint32_t *length) {
    if (!at_string(c)) return fail_at(c, "a name in quotes is expected");
    LB_TRY(parse_string(c, key, length));
    skip_space(c);
    if (*c->p != ':') return fail_at(c, "a colon is expected");
    c->p++;
    return LB_OK;
}

/* c->p is behind the opening bracket. Python allows a comma before the closing one. */
static lb_status parse_items(cursor *c, char close, int depth) {
    skip_space(c);
    bool first = true;
    while (*c->p != close) {
        const char *key = NULL;
        uint32_t key_length = 0;
        if (!first) {
            if (*c->p != ',') return fail_at(c, "a comma or a closing bracket is expected");
            c->p++;
            skip_space(c);
            if (c->python && *c->p == close) break;
        }
        if (close == '}') LB_TRY(parse_key(c, &key, &key_length));
        LB_TRY(parse_value(c, key, key_length, depth + 1));
        skip_space(c);
        first = false;
    }
    c->p++;
    return LB_OK;
}

static lb_status parse_container(cursor *c, value *v, int depth) {
    if (depth >= VALUE_MAX_DEPTH) return fail_at(c, "the nesting is too deep");
    char open = *c->p++;
    v->kind = open == '{' ? VALUE_OBJECT : VALUE_LIST;
    return parse_items(c, open == '{' ? '}' : open == '[' ? ']' : ')', depth);
}

static lb_status parse_value(cursor *c, const char *key, uint32_t key_length, int depth) {
    value_tree *t = c->tree;
    if (t->count == VALUE_MAX_NODES) return fail_at(c, "the record has too many values");
    LB_TRY(GROW_ARRAY(t->nodes, t->count, t->capacity));
    size_t index = t->count++; // nodes move when the array grows: keep the index
    value v = {VALUE_NULL, 0, key_length, 0, NULL, key};
    skip_space(c);
    if (at_string(c)) {
        v.kind = VALUE_STRING;
        LB_TRY(parse_string(c, &v.text, &v.length));
    } else if (*c->p == '{' || *c->p == '[' || (c->python && *c->p == '(')) {
        LB_TRY(parse_container(c, &v, depth));
    } else if (*c->p == '-' || is_digit(*c->p) || (c->python && (*c->p == '+' || *c->p == '.'))) {
        LB_TRY(parse_number(c, &v));
    } else {
        LB_TRY(parse_constant(c, &v));
    }
    v.next = (uint32_t)t->count;
    t->nodes[index] = v;
    return LB_OK;
}

lb_status value_parse(value_tree *tree, char *text, size_t length, value_dialect dialect) {
    cursor c = {text, text, text + length, tree, dialect == VALUE_PYTHON};
    tree->count = 0;
    if (length > UINT32_MAX / 2) return status_fail(LB_E_FORMAT, "column 1: the text is too long");
    LB_TRY(parse_value(&c, NULL, 0, 0));
    skip_space(&c);
    if (c.p != c.end) return fail_at(&c, "text follows the end of the record");
    return LB_OK;
}

void value_tree_free(value_tree *tree) {
    free(tree->nodes);
    *tree = (value_tree){NULL, 0, 0};
}

const value *value_first(const value_tree *tree, const value *parent) {
    size_t index = (size_t)(parent - tree->nodes) + 1;
    return index < parent->next ? &tree->nodes[index] : NULL;
}

const value *value_next(const value_tree *tree, const value *parent, const value *child) {
    return child->next < parent->next ? &tree->nodes[child->next] : NULL;
}

const value *value_member(const value_tree *tree, const value *object, const char *key) {
    const value *found = NULL;
    size_t length = strlen(key);
    if (object->kind != VALUE_OBJECT) return NULL;
    for (const value *v = value_first(tree, object); v; v = value_next(tree, object, v))
        if (v->key_length == length && !memcmp(v->key, key, length)) found = v;
    return found && found->kind != VALUE_NULL ? found : NULL;
}
