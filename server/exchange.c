/* An exchange's life: made with the first line, opened with the headers, filled with the body, run,
 * and freed when the reply has gone. */
#include "server/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/bulk_in.h"
#include "server/bulk_out.h"

enum { BODIES = 16 }; // of the largest size, that all requests together may hold

/* Bytes of an address, and of all header lines. */
enum { MOST_ADDRESS = 8 << 10, MOST_HEADER = 32 << 10 };

exchange *exchange_new(server *s, const char *target, watched *w) {
    exchange *x = calloc(1, sizeof *x);
    if (!x) return NULL;
    x->server = s;
    x->watched = w;
    x->target = arena_copy(&x->arena, target, strlen(target));
    if (!x->target) {
        exchange_free(x);
        return NULL;
    }
    atomic_fetch_add(&s->in_progress, 1);
    return x;
}

static void release_body(exchange *x) {
    atomic_fetch_sub(&x->server->body_bytes, x->reserved);
    x->reserved = 0;
    buffer_free(&x->body);
}

void exchange_free(exchange *x) {
    if (!x) return;
    if (x->target) atomic_fetch_sub(&x->server->in_progress, 1);
    release_body(x);
    bulk_in_free(x->lines);
    bulk_out_free(x->reply.stream);
    buffer_free(&x->reply.body);
    cJSON_Delete(x->json);
    arena_free(&x->arena);
    free(x);
}

const char *exchange_header(const exchange *x, const char *name) {
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

static void refuse(exchange *x) {
    x->refused = true;
    release_body(x);
}

/* ---------------------------------------------------------------- who asks */

static bool is_request_id(const char *text) {
    size_t n = text ? strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "-_.")
                    : 0;
    return n && n <= REQUEST_ID && !text[n];
}

static void name_request(exchange *x) {
    const char *given = exchange_header(x, "X-Request-Id");
    uint64_t n = atomic_fetch_add(&x->server->n_ids, 1);
    if (is_request_id(given))
        snprintf(x->request_id, sizeof x->request_id, "%s", given);
    else
        snprintf(x->request_id, sizeof x->request_id, "%016llx",
                 (unsigned long long)(x->server->id_start + n * 0x9e3779b97f4a7c15u));
}

static enum MHD_Result count_bytes(void *n, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    static const char between_and_end[] = ": \r\n";
    (void)kind;
    *(size_t *)n += strlen(name) + (value ? strlen(value) : 0) + strlen(between_and_end);
    return MHD_YES;
}

static bool check_head(exchange *x) {
    size_t n = 0;
    if (strlen(x->target) > MOST_ADDRESS)
        return fault_set(&x->fault, FAULT_LONG_ADDRESS, "the address is longer than %d bytes",
                         MOST_ADDRESS);
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_bytes, &n);
    return n <= MOST_HEADER || fault_set(&x->fault, FAULT_LARGE_HEADER,
                                         "the header is larger than %d bytes", MOST_HEADER);
}

static enum MHD_Result count_hosts(void *n, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    (void)kind;
    (void)value;
    if (strcasecmp(name, "Host") == 0) ++*(int *)n;
    return MHD_YES;
}

static bool check_key(exchange *x) {
    const server *s = x->server;
    right needed = x->route->right;
    if (needed == RIGHT_NONE) return true;
    if (!s->keys) {
        bool changes = strcmp(x->route->method, "GET") != 0 && needed != RIGHT_READ;
        if (!changes || exchange_header(x, "Origin")) return true;
        return fault_set(
            &x->fault, FAULT_FORBIDDEN,
            "this needs the header \"Origin: http://%.100s\", as the server's own page "
            "sends it, or a key: start the server with --keys",
            exchange_header(x, "Host"));
    }
    const char *shown = exchange_header(x, "Authorization");
    right has = keys_right(s->keys, shown);
    if (has >= needed) return true;
    if (has == RIGHT_NONE)
        return fault_set(&x->fault, FAULT_UNAUTHORISED,
                         "%s: \"Authorization: Bearer KEY\" with a key that may %s is wanted",
                         shown ? "the key is not known" : "no key was sent", right_name(needed));
    return fault_set(&x->fault, FAULT_FORBIDDEN, "this needs a key that may %s; this one may %s",
                     right_name(needed), right_name(has));
}

static bool check_sender(exchange *x) {
    const char *host = exchange_header(x, "Host");
    int hosts = 0;
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_hosts, &hosts);
    if (!guard_host(&x->server->guard, hosts == 1 ? host : NULL, &x->fault)) return false;
    if (x->route->right == RIGHT_NONE) return true;
    return guard_origin(host, exchange_header(x, "Origin"), exchange_header(x, "Sec-Fetch-Site"),
                        &x->fault) &&
           check_key(x);
}

/* ---------------------------------------------------------------- the body */

static bool has_type(const char *header, const char *type) {
    size_t n = strlen(type);
    return header && strncasecmp(header, type, n) == 0 && (!header[n] || strchr("; \t", header[n]));
}

static bool check_type(exchange *x) {
    const char *type = exchange_header(x, MHD_HTTP_HEADER_CONTENT_TYPE);
    switch (x->route->body) {
    case BODY_NONE: return true; // a body itself is refused once a byte of it comes
    case BODY_JSON:
        if (has_type(type, "application/json")) return true;
        return fault_set(&x->fault, FAULT_UNSUPPORTED_MEDIA,
                         "the body must be JSON, with \"Content-Type: application/json\"");
    case BODY_FORM:
        if (has_type(type, "application/json") || has_type(type, "multipart/form-data"))
            return true;
        return fault_set(&x->fault, FAULT_UNSUPPORTED_MEDIA,
                         "the body must be JSON or a form, with \"Content-Type: application/json\" "
                         "or \"multipart/form-data\"");
    case BODY_LINES:
        if (has_type(type, "application/x-ndjson")) return true;
        return fault_set(&x->fault, FAULT_UNSUPPORTED_MEDIA,
                         "the body must be JSON lines, with \"Content-Type: "
                         "application/x-ndjson\"");
    }
    return true;
}

static bool too_large(exchange *x) {
    return fault_set(&x->fault, FAULT_TOO_LARGE, "the body is larger than %llu bytes (--max-body)",
                     (unsigned long long)x->server->options.max_body);
}

/* Declared lengths are refused before they are sent; lines have no limit but that of each. */
static bool check_length(exchange *x) {
    const char *declared = exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!declared || x->route->body == BODY_LINES) return true;
    return strtoull(declared, NULL, 10) <= x->server->options.max_body || too_large(x);
}

void exchange_open(exchange *x, const char *method) {
    x->method = method;
    name_request(x);
    bool good = check_head(x) && query_parse(x->target, &x->arena, &x->query, &x->fault) &&
                route_find(method, &x->query, &x->route, &x->segment, x->reply.allow, &x->fault);
    if (good) x->lane = x->route->lane;
    good = good && check_sender(x) && check_type(x) && check_length(x);
    if (good && x->route->body == BODY_LINES) {
        x->lines = bulk_in_new(x);
        good = x->lines || fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    }
    if (!good) refuse(x);
}

static bool take(exchange *x, const char *bytes, size_t n) {
    server *s = x->server;
    if (x->route->body == BODY_NONE)
        return fault_set(&x->fault, FAULT_BAD_REQUEST, "this request takes no body");
    if (x->lines) return bulk_in_take(x->lines, bytes, n, &x->fault);
    if (n > s->options.max_body || x->body.n > s->options.max_body - n) return too_large(x);
    x->reserved += n;
    if (atomic_fetch_add(&s->body_bytes, n) + n > BODIES * s->options.max_body)
        return fault_set(&x->fault, FAULT_BUSY, "too many large requests at once; try again");
    buffer_bytes(&x->body, bytes, n);
    return !x->body.failed || fault_set(&x->fault, FAULT_BUSY, "out of memory; try again");
}

void exchange_take(exchange *x, const char *bytes, size_t n) {
    x->body_bytes += n;
    if (!x->refused && !take(x, bytes, n)) refuse(x);
}

/* ---------------------------------------------------------------- reading */

bool exchange_read_query(exchange *x, const field *table, void *values) {
    return fields_from_query(&x->query, table, &x->arena, values, &x->fault);
}

static bool read_json(exchange *x, const char *text, size_t n, const field *table, void *values) {
    return json_parse(text, n, &x->json, &x->fault) &&
           fields_from_json(x->json, table, "", &x->arena, values, &x->fault);
}

static bool read_form(exchange *x, const char *type, const body_shape *shape, void *values) {
    form f;
    if (!form_parse(type, x->body.bytes ? x->body.bytes : "", x->body.n, &f, &x->fault))
        return false;
    for (size_t i = 0; i < f.n; i++)
        if (strcmp(f.part[i].name, shape->json_part) != 0 &&
            strcmp(f.part[i].name, shape->file_part) != 0)
            return fault_set(&x->fault, FAULT_BAD_FIELD,
                             "the form has a part \"%s\"; \"%s\" and \"%s\" are wanted",
                             f.part[i].name, shape->json_part, shape->file_part);
    const form_part *json = form_find(&f, shape->json_part);
    const form_part *file = form_find(&f, shape->file_part);
    if (json && !read_json(x, json->bytes, json->n, shape->table, values)) return false;
    if (!json && !read_json(x, "{}", 2, shape->table, values)) return false;
    if (!file) return true;
    field_bytes *out = (field_bytes *)(void *)((char *)values + shape->file_offset);
    if (out->bytes)
        return fault_set(&x->fault, FAULT_BAD_FIELD, "\"%s\" is given twice", shape->file_part);
    if (!file->n)
        return fault_set(&x->fault, FAULT_BAD_IMAGE, "the part \"%s\" is empty", shape->file_part);
    *out = (field_bytes){file->bytes, file->n};
    return true;
}

bool exchange_read_body(exchange *x, const body_shape *shape, void *values) {
    static const field none[] = {{0}};
    const char *type = exchange_header(x, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (!exchange_read_query(x, none, NULL)) return false;
    if (shape->file_part && has_type(type, "multipart/form-data"))
        return read_form(x, type, shape, values);
    return read_json(x, x->body.bytes, x->body.n, shape->table, values);
}

/* ---------------------------------------------------------------- replying */

bool exchange_fail(exchange *x, lb_status status, bool with_image) {
    return fault_from_library(&x->fault, status, with_image);
}

bool exchange_send(exchange *x, unsigned status, lb_reply *json) {
    x->reply.status = status;
    buffer_text(&x->reply.body, lb_reply_json(json));
    lb_reply_free(json);
    return true;
}

void exchange_stamp(exchange *x, buffer *out) {
    buffer_print(out, "\"request_id\":\"%s\",\"took_ms\":%.3f", x->request_id,
                 1e-6 * (double)(metrics_clock() - x->arrived));
}
