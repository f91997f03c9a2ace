/*
 * `lookbook serve`: an lb_service over HTTP, with a page. Answers on threads of its own until it is
 * stopped; handles no signals, prints nothing.
 */
#ifndef LOOKBOOK_SERVER_SERVER_H
#define LOOKBOOK_SERVER_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "lookbook.h"

typedef struct server server;

typedef struct server_options {
    const char *listen;       // an IPv4 or IPv6 address or "localhost"; "127.0.0.1"
    uint32_t port;            // 0 = a free one; 8080
    const char *keys;         // file of keys; NULL = none, for loopback addresses only
    const char *const *hosts; // (n_hosts) names it may be called by besides its address
    size_t n_hosts;
    uint32_t threads;       // that answer; 2
    uint32_t connections;   // at once; 512
    uint64_t max_body;      // bytes; 16 MiB
    uint32_t image_queue;   // requests with a photo that may wait; 16
    uint32_t deadline;      // seconds for a request to arrive, to wait and to be sent; 30
    int page;               // 1: with the page
    int study;              // 1: with the study of relevance; 0
    const char *access_log; // file to append to; NULL = none

    /* What the operator should know and the client should not: a line without its end. NULL =
     * nobody; called from any thread. */
    void (*log)(void *context, const char *line);
    void *log_context;
} server_options;

void server_options_init(server_options *options);

enum { SERVER_WHY = 640 };

/* Starts to serve; strings of the options and the service must stay until server_stop. Returns 0,
 * or -1 with the reason in `why`. */
int server_start(const server_options *options, lb_service *service, server **out,
                 char why[SERVER_WHY]);

/* "http://127.0.0.1:8080/"; owned by the server. */
const char *server_url(const server *s);

/* Reload of the model, as POST /api/admin/reload does it, and counted with it. */
lb_status server_reload(server *s, const lb_runtime *runtime);

/* Back to the model before. */
lb_status server_rollback(server *s);

/* Takes no new connections, answers what has begun for at most the deadline, and ends. Returns the
 * number of requests that were cut off. Accepts NULL. */
size_t server_stop(server *s);

#endif
