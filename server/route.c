#include "server/route.h"

#include <stdio.h>
#include <string.h>

/* Whether a pattern fits; `segment` is what stands for its braces. */
static bool fits(const char *pattern, const query *q, const char **segment) {
    size_t i = 0;
    *segment = NULL;
    for (const char *at = pattern + 1; *at; i++) {
        size_t n = strcspn(at, "/");
        if (i == q->n_segments) return false;
        if (*at == '{')
            *segment = q->segment[i];
        else if (strlen(q->segment[i]) != n || memcmp(q->segment[i], at, n) != 0)
            return false;
        at += n + (at[n] == '/');
    }
    return i == q->n_segments;
}

static bool takes(const route *r, const char *method) {
    return strcmp(r->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0);
}

bool route_find(const char *method, const query *q, const route **out, const char **segment,
                char allow[64], fault *f) {
    size_t n = 0;
    for (const route *r = routes; r < routes + n_routes; r++) {
        const char *found;
        if (!fits(r->path, q, &found)) continue;
        if (takes(r, method)) {
            *out = r;
            *segment = found;
            return true;
        }
        const char *also = strcmp(r->method, "GET") == 0 ? ", HEAD" : "";
        n += (size_t)snprintf(allow + n, 64 - n, "%s%s%s", n ? ", " : "", r->method, also);
    }
    if (!n) return fault_set(f, FAULT_NOT_FOUND, "there is nothing at this address");
    return fault_set(f, FAULT_METHOD_NOT_ALLOWED, "this address takes %s, not %.20s", allow,
                     method);
}
