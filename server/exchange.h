/* One request and its reply, from the first byte to the last. */
#ifndef LOOKBOOK_SERVER_EXCHANGE_H
#define LOOKBOOK_SERVER_EXCHANGE_H

#include <stdatomic.h>

#include <microhttpd.h>

#include "server/arena.h"
#include "server/assets.h"
#include "server/buffer.h"
#include "server/fields.h"
#include "server/form.h"
#include "server/guard.h"
#include "server/json.h"
#include "server/keys.h"
#include "server/lane.h"
#include "server/listen.h"
#include "server/metrics.h"
#include "server/query.h"
#include "server/route.h"
#include "server/server.h"
#include "server/watch.h"

enum { REQUEST_ID = 64 };

typedef struct bulk_in bulk_in;   // server/bulk_in.h
typedef struct bulk_out bulk_out; // server/bulk_out.h

struct server {
    server_options options;
    lb_service *service;
    keys *keys; // NULL = none are asked for
    guard guard;
    listener listener;
    metrics metrics;
    lane *lane[N_LANES];
    watch *watch;
    struct MHD_Daemon *daemon;
    int access_log;             // -1 = none
    uint64_t id_start;          // of the request ids
    _Atomic uint64_t n_ids;     // given so far
    _Atomic size_t body_bytes;  // of all requests that are at work
    _Atomic size_t in_progress; // requests that have begun
    atomic_bool draining;
};

typedef struct server_reply {
    unsigned status;
    const char *type;    // Content-Type
    const char *caching; // Cache-Control
    buffer body;
    const asset *asset; // in the place of the body
    bool page;          // with the page's security headers
    char etag[48];      // with quotes; "" = none
    char allow[64];     // "" = none
    bulk_out *stream;   // in the place of the body
} server_reply;

typedef enum exchange_phase { PHASE_BEGIN, PHASE_BODY, PHASE_WORK, PHASE_DONE } exchange_phase;

struct exchange {
    server *server;
    struct MHD_Connection *connection;
    watched *watched;
    exchange_phase phase;
    char request_id[REQUEST_ID + 1];
    const char *method;
    const char *target; // as it came
    query query;
    const route *route;  // NULL = none was found
    const char *segment; // of the address, in the place of {id}
    lane_kind lane;      // that works on it
    bool moving;         // to `lane`, from another one
    bool refused;        // `fault` is the answer
    fault fault;
    buffer body;
    size_t reserved;     // bytes counted in server->body_bytes
    uint64_t body_bytes; // that came
    bulk_in *lines;      // BODY_LINES: the reader of them
    cJSON *json;
    arena arena;
    int64_t arrived; // when the request was there, nanoseconds
    int64_t late;    // when it is too late to begin to work on it
    server_reply reply;
};

/* ---------------------------------------------------------------- for answers */

/* Reads the parameters of the address; for routes without a body. */
bool exchange_read_query(exchange *x, const field *table, void *values);

/* How a body is read: JSON; or a form whose part `json_part` is that JSON (it may be missing) and
 * whose part `file_part` is a file, stored at `file_offset` of the values as field_bytes. */
typedef struct body_shape {
    const field *table;
    const char *json_part, *file_part; // NULL = JSON only
    size_t file_offset;
} body_shape;

bool exchange_read_body(exchange *x, const body_shape *shape, void *values);

/* Passes the request on to another lane, whose thread calls `answer` again; for an answer to end
 * with. False, busy, when the lane is full. */
bool exchange_move(exchange *x, lane_kind to);

/* The library failed: false, with what it says. */
bool exchange_fail(exchange *x, lb_status status, bool with_image);

/* A reply of the library as it is; frees it. */
bool exchange_send(exchange *x, unsigned status, lb_reply *json);

/* `"request_id":"..","took_ms":1.2` */
void exchange_stamp(exchange *x, buffer *out);

/* A header of the request; NULL = not there. */
const char *exchange_header(const exchange *x, const char *name);

/* ---------------------------------------------------------------- for the server */

exchange *exchange_new(server *s, const char *target, watched *w);
void exchange_free(exchange *x); // accepts NULL

/* The request's line and headers are there: finds its route and checks who asks. On refusal
 * x->refused is set. */
void exchange_open(exchange *x, const char *method);

/* Takes bytes of the body. */
void exchange_take(exchange *x, const char *bytes, size_t n);

/* The body is there (or, of lines, a part of it): works on it, here or in a lane. True when the
 * reply is ready; false when the connection is suspended, and then the exchange is the lane's until
 * it is resumed: nothing of it may be looked at. */
bool exchange_dispatch(exchange *x);

/* What a lane does with an exchange. */
void exchange_work(void *exchange);

/* Hands the reply to the HTTP library. */
enum MHD_Result exchange_queue(exchange *x);

#endif
