#include "server/query.h"

#include <string.h>

#include "server/buffer.h"

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* `plus_is_blank`: as forms write it, in what follows the "?". */
static bool decode(const char *text, size_t n, bool plus_is_blank, arena *a, const char **out,
                   fault *f) {
    char *bytes = arena_take(a, n + 1);
    size_t written = 0;
    if (!bytes) return fault_set(f, FAULT_INTERNAL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c == '%') {
            int high = n - i > 2 ? hex(text[i + 1]) : -1, low = n - i > 2 ? hex(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fault_set(f, FAULT_BAD_REQUEST,
                                 "the address has a %% that two hexadecimal digits do not follow");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return fault_set(f, FAULT_BAD_REQUEST, "the address has a control character");
        bytes[written++] = c;
    }
    bytes[written] = '\0';
    if (utf8_prefix(bytes, written) != written)
        return fault_set(f, FAULT_BAD_REQUEST, "the address is not UTF-8");
    *out = bytes;
    return true;
}

static bool parse_path(const char *path, size_t n, arena *a, query *out, fault *f) {
    if (!n || *path != '/')
        return fault_set(f, FAULT_NOT_FOUND, "there is nothing at this address");
    if (n == 1) return true;
    for (size_t at = 1; at <= n;) {
        const char *slash = memchr(path + at, '/', n - at);
        size_t end = slash ? (size_t)(slash - path) : n;
        if (out->n_segments == QUERY_MOST_SEGMENTS)
            return fault_set(f, FAULT_NOT_FOUND, "there is nothing at this address");
        if (!decode(path + at, end - at, false, a, &out->segment[out->n_segments++], f))
            return false;
        at = end + 1;
    }
    return true;
}

static bool parse_parameter(const char *text, size_t n, arena *a, query *out, fault *f) {
    const char *equals = memchr(text, '=', n);
    size_t name = equals ? (size_t)(equals - text) : n;
    query_parameter *p = &out->parameter[out->n_parameters];
    if (out->n_parameters == QUERY_MOST_PARAMETERS)
        return fault_set(f, FAULT_BAD_REQUEST, "the address has more than %d parameters",
                         QUERY_MOST_PARAMETERS);
    if (!decode(text, name, true, a, &p->name, f)) return false;
    if (!decode(equals ? equals + 1 : "", equals ? n - name - 1 : 0, true, a, &p->value, f))
        return false;
    for (size_t i = 0; i < out->n_parameters; i++)
        if (strcmp(out->parameter[i].name, p->name) == 0)
            return fault_set(f, FAULT_BAD_FIELD, "\"%s\" is given twice", p->name);
    out->n_parameters++;
    return true;
}

bool query_parse(const char *target, arena *a, query *out, fault *f) {
    size_t path = strcspn(target, "?");
    *out = (query){0};
    if (!parse_path(target, path, a, out, f)) return false;
    if (!target[path]) return true;
    for (const char *at = target + path + 1; *at;) {
        size_t n = strcspn(at, "&");
        if (n && !parse_parameter(at, n, a, out, f)) return false;
        at += n + (at[n] == '&');
    }
    return true;
}
