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

/* The value of a parameter of a header ('; name="value"' or '; name=value'), of at most `most`
 * bytes. A backslash, which browsers do not write, is refused rather than understood in one of two
 * ways. */
static bool parameter(const char *header, size_t n, const char *name, size_t most, char *out) {
    size_t length = strlen(name);
    for (size_t i = 0; i + length + 1 < n; i++) {
        bool at_start = header[i] == ';' || header[i] == ' ' || header[i] == '\t';
        if (!at_start || strncasecmp(header + i + 1, name, length) != 0) continue;
        size_t at = i + 1 + length;
        if (at >= n || header[at++] != '=') continue;
        bool quoted = at < n && header[at] == '"';
        if (quoted) at++;
        size_t size = 0;
        while (at + size < n && (quoted ? header[at + size] != '"'
                                        : header[at + size] != ';' && header[at + size] != ' '))
            size++;
        if (!size || size > most || memchr(header + at, '\\', size) ||
            memchr(header + at, '\0', size))
            return false;
        if (quoted && at + size == n) return false;
        memcpy(out, header + at, size);
        out[size] = '\0';
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
            return parameter(text + at + length, size - length, "name", FORM_MOST_NAME, part->name);
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
    if (!parameter(content_type, strlen(content_type), "boundary", FORM_MOST_BOUNDARY, boundary))
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
