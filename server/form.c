#include "server/form.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Where what[0..size), size >= 1, is in in[0..n); NULL = nowhere. */
static const char *find(const char *in, size_t n, const char *what, size_t size) {
    const char *end = in + n;
    while ((size_t)(end - in) >= size) {
        in = memchr(in, *what, (size_t)(end - in) - size + 1);
        if (!in || memcmp(in, what, size) == 0) return in;
        in++;
    }
    return NULL;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

typedef struct parameter {
    const char *name, *value;
    size_t n_name, n_value;
} parameter;

/* Reads '; name=value' or '; name="value"' at header[*at] and goes behind it. False at the end, or
 * where something else stands. A backslash in quotes, which browsers do not write, is refused
 * rather than understood in one of two ways. */
static bool next_parameter(const char *header, size_t n, size_t *at, parameter *out) {
    size_t i = *at;
    while (i < n && (is_blank(header[i]) || header[i] == ';')) i++;
    out->name = header + i;
    while (i < n && header[i] != '=' && header[i] != ';' && !is_blank(header[i])) i++;
    out->n_name = (size_t)(header + i - out->name);
    if (!out->n_name || i == n || header[i++] != '=') return false;
    bool quoted = i < n && header[i] == '"';
    if (quoted) i++;
    out->value = header + i;
    while (i < n && (quoted ? header[i] != '"' : header[i] != ';' && !is_blank(header[i]))) {
        if (header[i] == '\\' || !header[i]) return false;
        i++;
    }
    if (quoted && i == n) return false;
    out->n_value = (size_t)(header + i - out->value);
    *at = i + quoted;
    return true;
}

/* Copies the value of a header's parameter, which has 1 to `most` bytes. The parameters begin at
 * `at`. */
static bool find_parameter(const char *header, size_t n, size_t at, const char *name, size_t most,
                           char *out) {
    parameter p;
    while (next_parameter(header, n, &at, &p)) {
        if (p.n_name != strlen(name) || strncasecmp(p.name, name, p.n_name) != 0) continue;
        if (!p.n_value || p.n_value > most) return false;
        memcpy(out, p.value, p.n_value);
        out[p.n_value] = '\0';
        return true;
    }
    return false;
}

/* The headers of a part, up to the empty line: one of them names it. */
static bool parse_headers(const char *text, size_t n, form_part *part) {
    static const char disposition[] = "Content-Disposition: form-data";
    const size_t length = sizeof disposition - 1;
    for (size_t at = 0; at < n;) {
        const char *end = find(text + at, n - at, "\r\n", 2);
        size_t size = end ? (size_t)(end - text) - at : n - at;
        if (size > length && strncasecmp(text + at, disposition, length) == 0)
            return find_parameter(text + at, size, length, "name", FORM_MOST_NAME, part->name);
        at += size + 2;
    }
    return false;
}

/* `text` begins behind a delimiter and its line's end; the part ends before the next delimiter. */
static bool parse_part(const char *text, size_t n, form *out, fault *f) {
    const char *blank = find(text, n, "\r\n\r\n", 4);
    if (out->n == FORM_MOST_PARTS)
        return fault_set(f, FAULT_BAD_REQUEST, "the form has more than %d parts", FORM_MOST_PARTS);
    form_part *part = &out->part[out->n];
    if (!blank || !parse_headers(text, (size_t)(blank - text), part))
        return fault_set(f, FAULT_BAD_REQUEST, "part %zu of the form has no usable name",
                         out->n + 1);
    if (form_find(out, part->name))
        return fault_set(f, FAULT_BAD_FIELD, "the form has two parts \"%s\"", part->name);
    part->bytes = blank + 4;
    part->n = n - (size_t)(part->bytes - text);
    out->n++;
    return true;
}

bool form_parse(const char *content_type, const char *body, size_t n, form *out, fault *f) {
    char boundary[FORM_MOST_BOUNDARY + 1], delimiter[FORM_MOST_BOUNDARY + 8];
    out->n = 0;
    size_t type = strcspn(content_type, ";"), length = strlen(content_type);
    if (!find_parameter(content_type, length, type, "boundary", FORM_MOST_BOUNDARY, boundary))
        return fault_set(f, FAULT_BAD_REQUEST, "the form's Content-Type names no boundary");
    size_t size = (size_t)snprintf(delimiter, sizeof delimiter, "\r\n--%s", boundary);
    // The first delimiter may do without the line's end before it.
    size_t at = 0;
    if (n >= size - 2 && memcmp(body, delimiter + 2, size - 2) == 0) {
        at = size - 2;
    } else {
        const char *first = find(body, n, delimiter, size);
        if (!first)
            return fault_set(f, FAULT_BAD_REQUEST, "the form does not begin with its boundary");
        at = (size_t)(first - body) + size;
    }
    for (;;) {
        if (n - at >= 2 && memcmp(body + at, "--", 2) == 0) return true;
        if (n - at < 2 || memcmp(body + at, "\r\n", 2) != 0) break;
        at += 2;
        const char *next = find(body + at, n - at, delimiter, size);
        if (!next) break;
        if (!parse_part(body + at, (size_t)(next - body) - at, out, f)) return false;
        at = (size_t)(next - body) + size;
    }
    return fault_set(f, FAULT_BAD_REQUEST, "the form is cut short: its last boundary is missing");
}

const form_part *form_find(const form *f, const char *name) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->part[i].name, name) == 0) return &f->part[i];
    return NULL;
}
