/* The socket that connections come to. */
#ifndef LOOKBOOK_SERVER_LISTEN_H
#define LOOKBOOK_SERVER_LISTEN_H

#include <stdint.h>

#include "server/fault.h"

typedef struct listener {
    int socket;       // -1 = none
    char address[64]; // as a number, without brackets
    char url[96];     // "http://127.0.0.1:8080/"
    bool loopback;    // reached from this machine only
    bool any_address; // 0.0.0.0 or ::
} listener;

/* What an address means, without opening anything: fills all but socket and url. */
bool listener_resolve(const char *address, listener *out, fault *f);

/* Opens the socket on a resolved address. Port 0: a free one, which the url names. */
bool listener_open(listener *l, uint16_t port, fault *f);

#endif
