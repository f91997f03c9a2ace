/*
 * Deadlines of connections. The HTTP library ends a connection that is silent; this ends one that
 * speaks, but too slowly: a request must have arrived within a time counted from its beginning,
 * however its bytes drip in.
 */
#ifndef LOOKBOOK_SERVER_WATCH_H
#define LOOKBOOK_SERVER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

typedef struct watch watch;
typedef struct watched watched; // one connection

/* `seconds`: the deadline; `late` is the whole reply, status line and all, that a client gets whose
 * request does not arrive in time. NULL when there is no memory or thread to be had. */
watch *watch_open(unsigned seconds, const char *late);
void watch_close(watch *w); // after all connections have gone; accepts NULL

/* A connection begins, and ends; the socket must stay open in between. NULL when there is no
 * memory. */
watched *watch_add(watch *w, int socket);
void watch_remove(watch *w, watched *c); // accepts NULL

/* A request has begun to arrive; the first one of a connection did with the connection. */
void watch_arriving(watch *w, watched *c);
/* It is there; the time until its answer is not this module's. */
void watch_working(watch *w, watched *c);
/* A reply is on its way; or the connection is idle between two requests. */
void watch_leaving(watch *w, watched *c);

size_t watch_count(watch *w);   // connections
size_t watch_expired(watch *w); // ended for being late, so far

#endif
