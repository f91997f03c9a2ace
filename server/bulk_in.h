/*
 * JSON lines that come in: POST /api/bulk/products and /api/bulk/feedback. Worked on while they
 * come, in batches, so that memory does not grow with their number; the connection waits meanwhile,
 * and the client with it. A bad line is reported, the good ones of its batch stay.
 */
#ifndef LOOKBOOK_SERVER_BULK_IN_H
#define LOOKBOOK_SERVER_BULK_IN_H

#include "server/exchange.h"

enum { BULK_LINES = 500, BULK_BYTES = 1 << 20, BULK_ERRORS = 1000 };

bulk_in *bulk_in_new(exchange *x); // NULL when there is no memory
void bulk_in_free(bulk_in *b);     // accepts NULL

/* Keeps bytes until a step. */
bool bulk_in_take(bulk_in *b, const char *bytes, size_t n, fault *f);

/* Whether enough has come for a step. */
bool bulk_in_is_due(const bulk_in *b);

/* Works on the lines that are there; `last`: on one without an end as well. False when it makes no
 * sense to go on (the disk is full). */
bool bulk_in_step(bulk_in *b, bool last, fault *f);

/* The answer of both routes: what became of the lines. */
bool answer_bulk_report(exchange *x);

#endif
