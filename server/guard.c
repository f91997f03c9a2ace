#include "server/guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Splits "name", "name:port" or "[address]:port"; the name without brackets. False if it is none of
 * these. */
static bool split_host(const char *host, char *name, size_t size) {
    bool bracket = *host == '[';
    const char *start = host + bracket;
    size_t n = strcspn(start, bracket ? "]" : ":");
    const char *behind = start + n;
    if (bracket && *behind++ != ']') return false;
    if (*behind && (*behind != ':' || strspn(behind + 1, "0123456789") != strlen(behind + 1) ||
                    strlen(behind + 1) > 5))
        return false;
    if (!n || n >= size) return false;
    memcpy(name, start, n);
    name[n] = '\0';
    return true;
}

static bool is_number(const char *name) {
    struct in_addr v4;
    struct in6_addr v6;
    return inet_pton(AF_INET, name, &v4) == 1 || inet_pton(AF_INET6, name, &v6) == 1;
}

static bool is_own(const guard *g, const char *name) {
    if (strcasecmp(name, "localhost") == 0 || strcasecmp(name, g->listen) == 0) return true;
    if (g->any_address && is_number(name)) return true;
    for (size_t i = 0; i < g->n_names; i++)
        if (strcasecmp(name, g->name[i]) == 0) return true;
    return false;
}

bool guard_host(const guard *g, const char *host, fault *f) {
    char name[256];
    if (host && split_host(host, name, sizeof name) && is_own(g, name)) return true;
    return fault_set(f, FAULT_FORBIDDEN,
                     "the Host \"%.100s\" is not a name of this server; start it with --host NAME "
                     "to add one",
                     host ? host : "");
}

static bool is_same(const char *host, const char *origin) {
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (strncasecmp(origin, schemes[i], n) == 0 && strcasecmp(origin + n, host) == 0)
            return true;
    }
    return false;
}

bool guard_origin(const char *host, const char *origin, const char *fetch_site, fault *f) {
    bool foreign = fetch_site && strcmp(fetch_site, "same-origin") != 0 &&
                   strcmp(fetch_site, "none") != 0;
    if (!foreign && (!origin || is_same(host, origin))) return true;
    return fault_set(f, FAULT_FORBIDDEN, "a page of another site (%.100s) may not ask this server",
                     origin ? origin : fetch_site);
}
