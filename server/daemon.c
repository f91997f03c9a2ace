/* The server: what it is made of, and the HTTP library's callbacks. */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "server/access_log.h"
#include "server/bulk_in.h"
#include "server/exchange.h"

enum {
    CONNECTION_BYTES = 64 << 10, // more than a header may have, so that its refusal is ours
    WRITERS = 4,
    PHOTO_QUEUE = 1024,
    SLOW_THREADS = 2,
    SLOW_QUEUE = 32
};

static const char too_late[] =
    "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: 93\r\n\r\n"
    "{\"error\":{\"code\":\"timeout\",\"message\":\"the request did not arrive in time\"},"
    "\"request_id\":null}";

void server_options_init(server_options *o) {
    *o = (server_options){.listen = "127.0.0.1",
                          .port = 8080,
                          .threads = 2,
                          .connections = 512,
                          .max_body = 16 << 20,
                          .image_queue = 16,
                          .deadline = 30,
                          .page = 1};
}

/* ---------------------------------------------------------------- callbacks */

static watched *watched_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    server *s = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        watch_remove(s->watch, *socket_context);
        return;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = info ? watch_add(s->watch, info->connect_fd) : NULL;
}

/* The request's first line is there. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection) {
    server *s = context;
    watched *w = watched_of(connection);
    watch_arriving(s->watch, w);
    exchange *x = exchange_new(s, target, w);
    if (x) x->connection = connection;
    return x;
}

static size_t keep_as_it_is(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/* A refused request whose body would be long, or whose client waits to be told to send it. */
static bool is_answered_early(const exchange *x) {
    const char *length = exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!x->refused) return false;
    if (exchange_header(x, MHD_HTTP_HEADER_EXPECT)) return true;
    return length && strtoull(length, NULL, 10) > x->server->options.max_body;
}

static enum MHD_Result arrive(exchange *x) {
    x->phase = PHASE_WORK;
    x->arrived = metrics_clock();
    x->late = x->arrived + (int64_t)x->server->options.deadline * 1000000000;
    watch_working(x->server->watch, x->watched);
    return exchange_dispatch(x) ? exchange_queue(x) : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *address, const char *method, const char *version,
                                  const char *bytes, size_t *n, void **request) {
    exchange *x = *request;
    (void)context;
    (void)connection;
    (void)address;
    (void)version;
    if (!x) return MHD_NO; // there was no memory for it
    if (x->phase == PHASE_BEGIN) {
        exchange_open(x, method);
        x->phase = PHASE_BODY;
        if (x->lines) watch_working(x->server->watch, x->watched); // they may take their time
        return is_answered_early(x) ? arrive(x) : MHD_YES;
    }
    if (x->phase == PHASE_BODY && *n) {
        exchange_take(x, bytes, *n);
        *n = 0;
        // A refused body is dropped up to the size of an allowed one, so that the client reads why.
        if (x->refused && x->body_bytes > 2 * x->server->options.max_body) return MHD_NO;
        if (!x->refused && x->lines && bulk_in_is_due(x->lines)) {
            x->late = metrics_clock() + (int64_t)x->server->options.deadline * 1000000000;
            watch_working(x->server->watch, x->watched);
            exchange_dispatch(x);
        }
        return MHD_YES;
    }
    if (x->phase == PHASE_BODY) return arrive(x);
    return x->phase == PHASE_DONE ? exchange_queue(x) : MHD_YES;
}

static void write_log(exchange *x, double ms) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char peer[INET6_ADDRSTRLEN] = "";
    if (info && info->client_addr->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr,
                  peer, sizeof peer);
    else if (info && info->client_addr->sa_family == AF_INET6)
        inet_ntop(AF_INET6,
                  &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, peer,
                  sizeof peer);
    access_line line = {x->request_id,   x->method,     x->target, peer,
                        x->reply.status, x->body_bytes, ms};
    if (!access_log_write(x->server->access_log, &line))
        atomic_fetch_add(&x->server->metrics.log_failures, 1);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code) {
    server *s = context;
    exchange *x = *request;
    (void)connection;
    (void)code;
    if (!x) return;
    if (x->reply.status) { // else the client went away before there was one
        int64_t took = metrics_clock() - x->arrived;
        size_t row = x->route ? (size_t)(x->route - routes) : n_routes;
        metrics_add(&s->metrics, row, x->reply.status, took);
        if (s->access_log >= 0) write_log(x, 1e-6 * (double)took);
    }
    watch_leaving(s->watch, x->watched);
    exchange_free(x);
    *request = NULL;
}

/* ---------------------------------------------------------------- start and stop */

static bool open_lanes(server *s, fault *f) {
    const server_options *o = &s->options;
    unsigned encoders = o->threads > 1 ? o->threads / 2 : 1;
    s->lane[LANE_ANSWER] = lane_open(o->threads, o->connections, exchange_work);
    s->lane[LANE_WRITE] = lane_open(WRITERS, o->connections, exchange_work);
    s->lane[LANE_PHOTO] = lane_open(encoders, PHOTO_QUEUE, exchange_work);
    s->lane[LANE_IMAGE] = lane_open(encoders, o->image_queue, exchange_work);
    s->lane[LANE_SLOW] = lane_open(SLOW_THREADS, SLOW_QUEUE, exchange_work);
    for (size_t i = LANE_ANSWER; i < N_LANES; i++)
        if (!s->lane[i]) return fault_set(f, FAULT_INTERNAL, "threads cannot be started");
    s->watch = watch_open(o->deadline, too_late);
    return s->watch || fault_set(f, FAULT_INTERNAL, "threads cannot be started");
}

static bool open_daemon(server *s, fault *f) {
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
        MHD_OPTION_LISTEN_SOCKET, s->listener.socket, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)s->options.connections, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)s->options.deadline, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_as_it_is, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
    return s->daemon ||
           fault_set(f, FAULT_INTERNAL, "the HTTP server cannot be started: %s", strerror(errno));
}

static bool open_parts(server *s, fault *f) {
    const server_options *o = &s->options;
    if (!listener_resolve(o->listen, &s->listener, f)) return false;
    if (o->keys && !keys_open(o->keys, &s->keys, f)) return false;
    if (!s->keys && !s->listener.loopback)
        return fault_set(
            f, FAULT_FORBIDDEN,
            "listening on %s, which other machines reach, needs keys: give --keys FILE",
            s->listener.address);
    s->guard = (guard){s->listener.address, s->listener.any_address, o->hosts, o->n_hosts};
    if (o->access_log && !access_log_open(o->access_log, &s->access_log, f)) return false;
    if (getrandom(&s->id_start, sizeof s->id_start, 0) != sizeof s->id_start)
        return fault_set(f, FAULT_INTERNAL, "no random numbers: %s", strerror(errno));
    return listener_open(&s->listener, (uint16_t)o->port, f) && open_lanes(s, f) &&
           open_daemon(s, f);
}

/* Lanes are stopped first, since what waits in them holds connections of the daemon, and freed
 * after it, since it may still push. */
static void close_parts(server *s) {
    for (size_t i = 0; i < N_LANES; i++) lane_stop(s->lane[i]);
    if (s->daemon) MHD_stop_daemon(s->daemon);
    for (size_t i = 0; i < N_LANES; i++) lane_close(s->lane[i]);
    if (s->listener.socket >= 0) close(s->listener.socket);
    watch_close(s->watch);
    keys_close(s->keys);
    if (s->access_log >= 0) close(s->access_log);
    free(s);
}

int server_start(const server_options *options, lb_service *service, server **out,
                 char why[SERVER_WHY]) {
    fault f;
    server *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, SERVER_WHY, "out of memory");
        return -1;
    }
    s->options = *options;
    s->service = service;
    s->listener.socket = -1;
    s->access_log = -1;
    metrics_open(&s->metrics);
    if (!open_parts(s, &f)) {
        close_parts(s);
        snprintf(why, SERVER_WHY, "%s", f.message);
        return -1;
    }
    *out = s;
    return 0;
}

const char *server_url(const server *s) {
    return s->listener.url;
}

/* A model that gave way leaves holes in the heap that the next one may not fit. */
static void return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

lb_status server_reload(server *s, const lb_runtime *runtime) {
    lb_status status = lb_service_reload(s->service, runtime);
    return_memory();
    atomic_fetch_add(status == LB_OK ? &s->metrics.reloads : &s->metrics.reload_failures, 1);
    return status;
}

lb_status server_rollback(server *s) {
    lb_status status = lb_service_rollback(s->service, NULL);
    return_memory();
    return status;
}

size_t server_stop(server *s) {
    if (!s) return 0;
    const struct timespec pause = {0, 10 * 1000 * 1000};
    int64_t end = metrics_clock() + (int64_t)s->options.deadline * 1000000000;
    atomic_store(&s->draining, true);
    MHD_quiesce_daemon(s->daemon);
    close(s->listener.socket);
    s->listener.socket = -1;
    while (atomic_load(&s->in_progress) && metrics_clock() < end) nanosleep(&pause, NULL);
    size_t cut = atomic_load(&s->in_progress);
    close_parts(s);
    return cut;
}
