/* The target of a request ("/api/similar/p%2F1?n=5") taken apart: strict percent-encoding, valid
 * UTF-8, no NUL, no control characters. */
#ifndef LOOKBOOK_SERVER_QUERY_H
#define LOOKBOOK_SERVER_QUERY_H

#include "server/arena.h"
#include "server/fault.h"

enum { QUERY_MOST_SEGMENTS = 8, QUERY_MOST_PARAMETERS = 32 };

typedef struct query_parameter {
    const char *name, *value; // decoded
} query_parameter;

typedef struct query {
    const char *segment[QUERY_MOST_SEGMENTS]; // between the slashes, decoded; of "/" there is none
    size_t n_segments;
    query_parameter parameter[QUERY_MOST_PARAMETERS];
    size_t n_parameters;
} query;

/* The strings live in the arena. */
bool query_parse(const char *target, arena *a, query *out, fault *f);

#endif
