#include "text/clip_clean.h"

#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "text/clip_tables.h"

static bool is_in(const clip_range *range, size_t n, uint32_t code) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (range[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && range[low].first <= code;
}

static bool is_space(uint32_t code) {
    return is_in(clip_spaces, clip_n_spaces, code);
}

/* With IGNORECASE, U+0345 is in no class of the pattern: it folds to a letter and is none. */
clip_letter clip_letter_of(uint32_t code) {
    if (is_in(clip_letters, clip_n_letters, code)) return CLIP_LETTER;
    if (is_in(clip_numbers, clip_n_numbers, code)) return CLIP_NUMBER;
    return is_space(code) || code == 0x345 ? CLIP_SPACE : CLIP_OTHER;
}

/* ---- characters written as in HTML: html.unescape of Python */

enum { MAX_NAME = 32 }; // characters of a name that html.unescape looks at

static const char *read_hex(const char *text, uint32_t *value) {
    for (*value = 0; *text != ';' && *text != ' '; text++)
        *value = *value * 16 + (uint32_t)(*text <= '9' ? *text - '0' : *text - 'A' + 10);
    return text;
}

/* One entry of the table; returns what is behind it. */
static const char *read_entity(const char *line, clip_entity *out) {
    *out = (clip_entity){.name = line, .length = strcspn(line, "! ")};
    line += out->length;
    out->bare = *line == '!';
    line += out->bare;
    line = read_hex(line + 1, &out->code[0]);
    if (*line == ' ') line = read_hex(line + 1, &out->code[1]);
    return line + 1;
}

lb_status clip_entities_new(clip_entity **out) {
    clip_entity *entity;
    size_t n = 0;
    LB_TRY(NEW_ARRAY(entity, clip_n_entities));
    for (size_t i = 0; i < clip_n_entity_lines; i++)
        for (const char *line = clip_entities[i]; *line && n < clip_n_entities;)
            line = read_entity(line, &entity[n++]);
    *out = entity;
    return LB_OK;
}

static int compare_names(const clip_entity *e, const char *name, size_t length) {
    size_t shorter = e->length < length ? e->length : length;
    int order = memcmp(e->name, name, shorter);
    return order ? order : (e->length > length) - (e->length < length);
}

static const clip_entity *find_entity(const clip_entity *entities, const char *name,
                                      size_t length) {
    size_t low = 0, high = clip_n_entities;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(&entities[middle], name, length);
        if (order == 0) return &entities[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Where text is read and where what it becomes is written; the latter is never ahead. */
typedef struct rewriting {
    uint32_t *code;
    size_t from, to, n;
} rewriting;

static uint32_t at(const rewriting *r, size_t ahead) {
    return r->from + ahead < r->n ? r->code[r->from + ahead] : 0;
}

/* What browsers make of the numbers of Windows' code page: _invalid_charrefs. */
static uint32_t windows_code(uint32_t code) {
    static const uint16_t codes[32] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
        0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    return codes[code - 0x80];
}

static void write_number(rewriting *r, uint64_t number) {
    uint32_t code = number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff) || number == 0
                        ? 0xfffd
                        : (uint32_t)number;
    bool known = code >= 0x80 && code <= 0x9f;
    if (known) code = windows_code(code);
    bool none = (code >= 1 && code <= 8) || code == 0xb || (code >= 0xe && code <= 0x1f) ||
                code == 0x7f || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
    if (!none) r->code[r->to++] = code;
}

static int digit_of(uint32_t code, bool hex) {
    if (code >= '0' && code <= '9') return (int)code - '0';
    if (hex && code >= 'a' && code <= 'f') return (int)code - 'a' + 10;
    if (hex && code >= 'A' && code <= 'F') return (int)code - 'A' + 10;
    return -1;
}

/* "&#10;", "&#xA;", the semicolon may be missing; false if it is none. */
static bool take_number(rewriting *r) {
    if (at(r, 1) != '#') return false;
    bool hex = at(r, 2) == 'x' || at(r, 2) == 'X';
    size_t begin = hex ? 3 : 2, k = begin;
    uint64_t number = 0;
    for (int digit; (digit = digit_of(at(r, k), hex)) >= 0; k++)
        if (number <= 0x10ffff) number = number * (hex ? 16 : 10) + (uint64_t)digit;
    if (k == begin) return false;
    r->from += k + (at(r, k) == ';');
    write_number(r, number);
    return true;
}

static bool ends_name(uint32_t code) {
    return code == 0 || code == '\t' || code == '\n' || code == '\f' || code == ' ' ||
           code == '<' || code == '&' || code == '#' || code == ';';
}

static void write_entity(rewriting *r, const clip_entity *e, size_t length) {
    r->from += length;
    r->code[r->to++] = e->code[0];
    if (e->code[1]) r->code[r->to++] = e->code[1];
}

/* "&amp;", or of those that need no semicolon the longest that the text begins with. */
static bool take_name(rewriting *r, const clip_entity *entities) {
    char name[MAX_NAME];
    size_t n = 0, ascii = 0;
    for (; n < MAX_NAME && !ends_name(at(r, n + 1)); n++) {
        uint32_t code = at(r, n + 1);
        if (ascii == n && code < 0x80) name[ascii++] = (char)code;
    }
    const clip_entity *e = n && ascii == n ? find_entity(entities, name, n) : NULL;
    if (e && at(r, n + 1) == ';') {
        write_entity(r, e, n + 2);
        return true;
    }
    for (size_t length = ascii; length >= 2; length--) {
        e = find_entity(entities, name, length);
        if (!e || !e->bare) continue;
        write_entity(r, e, length + 1);
        return true;
    }
    return false;
}

static size_t unescape(const clip_entity *entities, uint32_t *code, size_t n) {
    rewriting r = {code, 0, 0, n};
    while (r.from < n) {
        if (code[r.from] == '&' && (take_number(&r) || take_name(&r, entities))) continue;
        code[r.to++] = code[r.from++];
    }
    return r.to;
}

/* ---- white space */

/* Of str.strip. */
static bool is_stripped(uint32_t code) {
    return is_space(code) || (code >= 0x1c && code <= 0x1f);
}

static size_t strip(uint32_t *code, size_t n) {
    size_t begin = 0;
    while (n && is_stripped(code[n - 1])) n--;
    while (begin < n && is_stripped(code[begin])) begin++;
    if (begin && n > begin) memmove(code, code + begin, (n - begin) * sizeof *code);
    return n - begin;
}

static size_t join_spaces(uint32_t *code, size_t n) {
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_space(code[i]))
            code[to++] = code[i];
        else if (to == 0 || !is_space(code[i - 1]))
            code[to++] = ' ';
    }
    return to;
}

/* ---- lower case: str.lower of Python */

/* Behind a letter with case, and not before one: Unicode's Final_Sigma. `cased` and `passed` tell
 * of the nearest letter before that is not passed over. */
static bool ends_word(const uint32_t *code, size_t n, size_t sigma, bool cased) {
    if (!cased) return false;
    size_t i = sigma + 1;
    while (i < n && is_in(clip_ignored, clip_n_ignored, code[i])) i++;
    return i == n || !is_in(clip_cased, clip_n_cased, code[i]);
}

static uint32_t lower_of(uint32_t code) {
    size_t low = 0, high = clip_n_lower;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (clip_lower[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == clip_n_lower || clip_lower[low].first > code) return code;
    const clip_lower_run *run = &clip_lower[low];
    return (code - run->first) % run->step ? code : (uint32_t)((int64_t)code + run->delta);
}

/* `out` has room for twice as many. */
static size_t lower(const uint32_t *code, size_t n, uint32_t *out) {
    size_t to = 0;
    bool cased = false; // the letter before, of those that are not passed over
    for (size_t i = 0; i < n; i++) {
        uint32_t c = code[i];
        if (c == 0x3a3) {
            out[to++] = ends_word(code, n, i, cased) ? 0x3c2 : 0x3c3;
        } else if (c == 0x130) { // the one letter whose lower case are two
            out[to++] = 'i';
            out[to++] = 0x307;
        } else {
            out[to++] = lower_of(c);
        }
        if (!is_in(clip_ignored, clip_n_ignored, c)) cased = is_in(clip_cased, clip_n_cased, c);
    }
    return to;
}

lb_status clip_clean(const clip_entity *entities, const char *text, uint32_t **out, size_t *n) {
    size_t left = strlen(text), length = 0;
    uint32_t *code = NULL, *lowered = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(code, left));
    for (size_t size; left; text += size, left -= size)
        size = utf8_decode(text, left, &code[length++]);
    length = unescape(entities, code, length);
    length = unescape(entities, code, length);
    length = strip(code, length);
    length = join_spaces(code, length);
    length = strip(code, length);
    LB_TRY_CLEANUP(NEW_ARRAY(lowered, 2 * length));
    *n = lower(code, length, lowered);
    *out = lowered;
cleanup:
    free(code);
    return status;
}
