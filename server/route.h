/* The table of what the server answers, and the way from a request to its row. */
#ifndef LOOKBOOK_SERVER_ROUTE_H
#define LOOKBOOK_SERVER_ROUTE_H

#include "server/keys.h"
#include "server/query.h"

typedef struct exchange exchange;

/* Where a request is worked on (server/lane.h). */
typedef enum lane_kind {
    LANE_HERE,   // on the thread of the connections: only what takes no time
    LANE_ANSWER, // questions
    LANE_WRITE,  // changes, which wait for the disk
    LANE_PHOTO,  // thumbnails
    LANE_IMAGE,  // photos that come with a request: decoded and encoded
    LANE_SLOW,   // what may take seconds
    N_LANES
} lane_kind;

typedef enum body_kind {
    BODY_NONE,
    BODY_JSON,
    BODY_FORM, // JSON, or multipart/form-data with JSON in it
    BODY_LINES // JSON lines, worked on as they come
} body_kind;

typedef struct route {
    const char *method; // GET stands for HEAD as well
    const char *path;   // "/api/products/{id}": braces stand for one segment
    right right;
    lane_kind lane;
    body_kind body;
    bool (*answer)(exchange *x); // false: x->fault says why
} route;

extern const route routes[];
extern const size_t n_routes; // at most METRICS_ROUTES - 1

/* Finds the row of a request, and the segment that stands for the braces (NULL = there are none).
 * NOT_FOUND; or METHOD_NOT_ALLOWED, with the methods that the address has in `allow`. */
bool route_find(const char *method, const query *q, const route **out, const char **segment,
                char allow[64], fault *f);

#endif
