/* The page's files and the description of the API, which a build step (server/embed.c) turns into
 * arrays. */
#ifndef LOOKBOOK_SERVER_ASSETS_H
#define LOOKBOOK_SERVER_ASSETS_H

#include <stddef.h>

typedef struct asset {
    const char *path;                    // of the address, such as "/app/page.js"
    const char *type;                    // Content-Type
    const char *etag;                    // of the plain form, without quotes: a hash of the bytes
    const unsigned char *bytes, *packed; // (n), and with gzip (n_packed)
    size_t n, n_packed;
} asset;

extern const asset assets[];
extern const size_t n_assets;

const asset *asset_find(const char *path); // NULL = there is none

#endif
