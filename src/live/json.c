/* {"items":[{"id":..,"title":..,"score":..,"new":..,"reason":{"kind":"taste|look|both|popular",
 * "because":..,"because_title":..,"closeness":..,"looks_like":..,"looks_like_title":..,"likeness":..}}]};
 * what is not known is null. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/utf8.h"
#include "live/live_impl.h"

typedef struct text {
    char *bytes;
    size_t n, capacity;
    lb_status status; // of the first failure; afterwards nothing is added
} text;

static void add_bytes(text *t, const char *bytes, size_t n) {
    if (t->status != LB_OK) return;
    if (n >= t->capacity - t->n) {
        size_t capacity = 2 * (t->n + n) + 256;
        char *grown = memory_resize(t->bytes, capacity, 1);
        if (!grown) {
            t->status = LB_E_NOMEM;
            return;
        }
        t->bytes = grown;
        t->capacity = capacity;
    }
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = '\0';
}

static void add(text *t, const char *plain) {
    add_bytes(t, plain, strlen(plain));
}

/* A control character, or one that JSON or a page around it could take for its own. */
static void add_escape(text *t, unsigned char c) {
    char escape[8];
    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else
        snprintf(escape, sizeof escape, "\\u%04x", c);
    add(t, escape);
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f;
}

/* Valid UTF-8. */
static void add_valid(text *t, const char *s, size_t n) {
    for (size_t i = 0, run = 0; i < n; i += run) {
        for (run = 0; i + run < n && is_plain((unsigned char)s[i + run]);) run++;
        add_bytes(t, s + i, run);
        if (i + run < n) add_escape(t, (unsigned char)s[i + run++]);
    }
}

static void add_string(text *t, const char *s) {
    if (!s) {
        add(t, "null");
        return;
    }
    add(t, "\"");
    for (size_t n = strlen(s), valid; n > 0; s += valid, n -= valid) {
        valid = utf8_valid_length(s, n);
        add_valid(t, s, valid);
        if (valid == n) break;
        add(t, "\xef\xbf\xbd");
        valid++;
    }
    add(t, "\"");
}

/* Nine digits tell all floats apart. The decimal point is a point in every locale. */
static void add_number(text *t, double x) {
    char digits[40];
    if (!isfinite(x)) {
        add(t, "null");
        return;
    }
    snprintf(digits, sizeof digits, "%.9g", x);
    char *comma = strchr(digits, ',');
    if (comma) *comma = '.';
    add(t, digits);
}

static const char *reason_name(lb_reason reason) {
    static const char *const names[] = {"popular", "taste", "look", "both"};
    return names[reason];
}

static void add_item(text *t, const lb_item *item) {
    add(t, "{\"id\":");
    add_string(t, item->id);
    add(t, ",\"title\":");
    add_string(t, item->title);
    add(t, ",\"score\":");
    add_number(t, item->score);
    add(t, item->is_new ? ",\"new\":true" : ",\"new\":false");
    add(t, ",\"reason\":{\"kind\":\"");
    add(t, reason_name(item->reason));
    add(t, "\",\"because\":");
    add_string(t, item->because);
    add(t, ",\"because_title\":");
    add_string(t, item->because_title);
    add(t, ",\"closeness\":");
    add_number(t, item->closeness);
    add(t, ",\"looks_like\":");
    add_string(t, item->looks_like);
    add(t, ",\"looks_like_title\":");
    add_string(t, item->looks_like_title);
    add(t, ",\"likeness\":");
    add_number(t, item->likeness);
    add(t, "}}");
}

lb_status items_print(const lb_items *items, char **out) {
    text t = {0};
    add(&t, "{\"items\":[");
    for (size_t i = 0; i < items->n; i++) {
        if (i) add(&t, ",");
        add_item(&t, &items->item[i]);
    }
    add(&t, "]}");
    if (t.status == LB_OK)
        *out = t.bytes;
    else
        free(t.bytes);
    return t.status;
}
