/* A small HTTP client for measuring: one connection that stays open, one request at a time. */
#ifndef LB_BENCH_HTTP_H
#define LB_BENCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct http {
    uint16_t port; // of 127.0.0.1
    int socket;    // -1 = not connected
    char *bytes;   // what has come
    size_t n, capacity;
} http;

typedef struct http_reply {
    int status;       // 0 = none came
    const char *body; // NUL-terminated; valid until the next request
    size_t n;
} http_reply;

void http_open(http *h, uint16_t port);
void http_close(http *h);

/* Sends a request with an optional JSON body (NULL = none) and waits for its reply. Connects when
 * need be. False when the connection fails. */
bool http_ask(http *h, const char *method, const char *target, const char *json, http_reply *out);

#endif
