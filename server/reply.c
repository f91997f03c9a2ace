/* From a reply to the HTTP library's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/bulk_out.h"
#include "server/exchange.h"

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* A list of encodings ("gzip;q=0.5, br") that has gzip in it and does not refuse it. */
static bool accepts_gzip(const exchange *x) {
    const char *list = exchange_header(x, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    const char *found = list ? strstr(list, "gzip") : NULL;
    return found && strncmp(found + 4, ";q=0", 4) != 0;
}

static struct MHD_Response *of_asset(exchange *x, const asset *a) {
    bool packed = accepts_gzip(x);
    snprintf(x->reply.etag, sizeof x->reply.etag, "\"%s%s\"", a->etag, packed ? "-gz" : "");
    struct MHD_Response *r = MHD_create_response_from_buffer(
        packed ? a->n_packed : a->n, (void *)(uintptr_t)(packed ? a->packed : a->bytes),
        MHD_RESPMEM_PERSISTENT);
    if (!r) return NULL;
    MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
    if (packed) MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    return r;
}

/* The bytes go over to the response, which frees them. */
static struct MHD_Response *of_buffer(buffer *b) {
    if (!b->bytes) return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    struct MHD_Response *r = MHD_create_response_from_buffer(b->n, b->bytes, MHD_RESPMEM_MUST_FREE);
    if (r) *b = (buffer){0};
    return r;
}

/* Whether the client has these bytes already. */
static bool is_known(const exchange *x, const server_reply *y) {
    const char *known = exchange_header(x, MHD_HTTP_HEADER_IF_NONE_MATCH);
    return known && y->status == MHD_HTTP_OK && *y->etag && strstr(known, y->etag);
}

static void add_headers(exchange *x, struct MHD_Response *r) {
    const server_reply *y = &x->reply;
    MHD_add_response_header(r, "X-Request-Id", x->request_id);
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, y->caching ? y->caching : "no-store");
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
                            y->type ? y->type : "application/json");
    if (*y->etag) MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, y->etag);
    if (y->page) {
        MHD_add_response_header(r, "Content-Security-Policy", page_policy);
        MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
        MHD_add_response_header(r, "X-Frame-Options", "DENY");
        MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    }
    if (x->refused && x->fault.kind == FAULT_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, y->allow);
    if (x->refused && x->fault.kind == FAULT_UNAUTHORISED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (x->refused && x->fault.kind == FAULT_BUSY)
        MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (atomic_load(&x->server->draining))
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

enum MHD_Result exchange_queue(exchange *x) {
    server_reply *y = &x->reply;
    struct MHD_Response *r = y->asset    ? of_asset(x, y->asset)
                             : y->stream ? bulk_out_response(y->stream)
                                         : of_buffer(&y->body);
    if (!r) return MHD_NO;
    if (is_known(x, y)) {
        MHD_destroy_response(r);
        y->status = MHD_HTTP_NOT_MODIFIED;
        r = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
        if (!r) return MHD_NO;
    }
    add_headers(x, r);
    if (y->stream)
        watch_working(x->server->watch, x->watched); // as long as the client reads
    else
        watch_leaving(x->server->watch, x->watched);
    enum MHD_Result result = MHD_queue_response(x->connection, y->status, r);
    MHD_destroy_response(r);
    return result;
}
