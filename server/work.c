/* How an exchange gets its answer: on the thread of the connections, or suspended and passed from
 * lane to lane. */
#include <stdio.h>
#include <string.h>

#include "server/bulk_in.h"
#include "server/bulk_out.h"
#include "server/exchange.h"

bool exchange_move(exchange *x, lane_kind to) {
    x->lane = to;
    x->moving = true;
    return true;
}

/* What an operator must see, and a client need not: paths and the system's words. */
static void hide(exchange *x) {
    const server_options *o = &x->server->options;
    fault_kind kind = x->fault.kind;
    char line[1024];
    if (kind != FAULT_INTERNAL && kind != FAULT_NO_SPACE) return;
    if (o->log) {
        snprintf(line, sizeof line, "request %s, %s %s: %s", x->request_id, x->method,
                 x->route ? x->route->path : "", x->fault.message);
        o->log(o->log_context, line);
    }
    if (kind == FAULT_NO_SPACE)
        fault_set(&x->fault, kind, "the server's disk is full; nothing was stored");
    else
        fault_set(&x->fault, kind, "the server failed; its log says why under this request's id");
}

static void print_fault(exchange *x) {
    buffer *out = &x->reply.body;
    buffer_free(out);
    x->reply.status = fault_status(x->fault.kind);
    x->reply.type = NULL;
    x->reply.asset = NULL;
    x->reply.caching = NULL;
    buffer_print(out, "{\"error\":{\"code\":\"%s\",\"message\":", fault_code(x->fault.kind));
    buffer_json(out, x->fault.message);
    buffer_print(out, "},\"request_id\":\"%s\"}", x->request_id);
}

static void finish(exchange *x, bool good) {
    if (good && x->reply.body.failed) good = fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    if (!good) {
        x->refused = true;
        hide(x);
        print_fault(x);
    }
    x->phase = PHASE_DONE;
}

static bool run(exchange *x) {
    if (x->refused) return false;
    if (x->lane != LANE_HERE && metrics_clock() > x->late)
        return fault_set(&x->fault, FAULT_BUSY, "the server is too busy; try again");
    if (x->lines && !bulk_in_step(x->lines, x->phase == PHASE_WORK, &x->fault)) return false;
    return x->phase == PHASE_BODY || x->route->answer(x);
}

/* From its lane, the connection being suspended, to another one. */
static bool pass_on(exchange *x) {
    x->moving = false;
    cJSON_Delete(x->json); // it is read again there
    x->json = NULL;
    return lane_push(x->server->lane[x->lane], x);
}

static bool is_full(exchange *x) {
    return fault_set(&x->fault, FAULT_BUSY, "too many requests of this kind wait; try again");
}

void exchange_work(void *exchange_of_lane) {
    exchange *x = exchange_of_lane;
    if (x->phase == PHASE_DONE) {
        bulk_out_work(x->reply.stream);
        return;
    }
    bool good = run(x);
    if (good && x->moving) {
        if (pass_on(x)) return;
        good = is_full(x);
    }
    if (x->phase == PHASE_WORK)
        finish(x, good);
    else
        x->refused = x->refused || !good; // of a part of the lines: the rest comes and is dropped
    MHD_resume_connection(x->connection);
}

bool exchange_dispatch(exchange *x) {
    server *s = x->server;
    if (x->refused || x->lane == LANE_HERE) {
        finish(x, run(x));
        return true;
    }
    MHD_suspend_connection(x->connection);
    if (lane_push(s->lane[x->lane], x)) return false;
    bool good = is_full(x);
    if (x->phase == PHASE_WORK)
        finish(x, good);
    else
        x->refused = true;
    MHD_resume_connection(x->connection);
    return false;
}
