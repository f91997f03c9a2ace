/* Who may speak to the server at all: the name it was called by (against DNS rebinding) and the
 * page that sent the request (against cross-site requests). */
#ifndef LOOKBOOK_SERVER_GUARD_H
#define LOOKBOOK_SERVER_GUARD_H

#include <stddef.h>

#include "server/fault.h"

typedef struct guard {
    const char *listen;      // the listen address, as a number
    bool any_address;        // it is 0.0.0.0 or ::, so that any number is an own address
    const char *const *name; // (n_names) further names
    size_t n_names;
} guard;

/* Whether the Host header (NULL = none) names this server. A number cannot be rebound by a name
 * server, a name can. */
bool guard_host(const guard *g, const char *host, fault *f);

/* Whether a browser sent the request for a page of another site. `origin` and `fetch_site` are the
 * headers Origin and Sec-Fetch-Site, NULL = not there. */
bool guard_origin(const char *host, const char *origin, const char *fetch_site, fault *f);

#endif
