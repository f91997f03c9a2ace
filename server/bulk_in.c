#include "server/bulk_in.h"

#include <stdlib.h>
#include <string.h>

#include "server/json.h"
#include "server/requests.h"

/* A batch of lines of one kind, as the library takes them. */
typedef struct batch {
    size_t n;
    uint64_t line[BULK_LINES]; // where each came from, from 1
    lb_product product[BULK_LINES];
    lb_feedback feedback[BULK_LINES];
    cJSON *json[BULK_LINES];
    arena arena;
} batch;

struct bulk_in {
    exchange *exchange;
    bool products;   // or feedback
    buffer waiting;  // bytes that no step has seen
    size_t newlines; // among them
    bool skipping;   // the rest of a line that is too long
    uint64_t lines, stored, n_errors;
    buffer errors; // the elements of the reply's array
    batch batch;
};

bulk_in *bulk_in_new(exchange *x) {
    bulk_in *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->exchange = x;
    b->products = strcmp(x->route->path, "/api/bulk/products") == 0;
    return b;
}

static void clear(batch *b) {
    for (size_t i = 0; i < b->n; i++) cJSON_Delete(b->json[i]);
    arena_free(&b->arena);
    b->n = 0;
}

void bulk_in_free(bulk_in *b) {
    if (!b) return;
    clear(&b->batch);
    buffer_free(&b->waiting);
    buffer_free(&b->errors);
    free(b);
}

static void report(bulk_in *b, uint64_t line, const fault *f) {
    if (b->n_errors++ >= BULK_ERRORS) return;
    buffer_print(&b->errors,
                 "%s{\"line\":%llu,\"code\":\"%s\",\"message\":", b->n_errors > 1 ? "," : "",
                 (unsigned long long)line, fault_code(f->kind));
    buffer_json(&b->errors, f->message);
    buffer_text(&b->errors, "}");
}

bool bulk_in_take(bulk_in *b, const char *bytes, size_t n, fault *f) {
    size_t before = b->waiting.n;
    buffer_bytes(&b->waiting, bytes, n);
    if (b->waiting.failed) return fault_set(f, FAULT_BUSY, "out of memory; try again");
    for (const char *at = b->waiting.bytes + before, *end = b->waiting.bytes + b->waiting.n;
         (at = memchr(at, '\n', (size_t)(end - at))); at++)
        b->newlines++;
    return true;
}

bool bulk_in_is_due(const bulk_in *b) {
    return b->newlines >= BULK_LINES || (b->newlines && b->waiting.n >= BULK_BYTES) ||
           b->waiting.n > b->exchange->server->options.max_body;
}

/* ---------------------------------------------------------------- storing */

static lb_status store(bulk_in *b, size_t first, size_t n) {
    lb_service *service = b->exchange->server->service;
    if (b->products) return lb_service_products_add(service, b->batch.product + first, n, 1);
    return lb_service_feedback(service, b->batch.feedback + first, n, NULL, NULL);
}

/* A failure that the lines are not the cause of, and that the next ones would meet as well. */
static bool is_fatal(fault_kind kind) {
    return kind == FAULT_NO_SPACE || kind == FAULT_INTERNAL || kind == FAULT_BUSY;
}

/* Stores lines first..first+n: all at once, or, when one of them is refused, each half by itself,
 * until the bad ones stand alone. */
static bool store_good(bulk_in *b, size_t first, size_t n, fault *f) {
    if (!n) return true;
    lb_status status = store(b, first, n);
    if (status == LB_OK) {
        b->stored += n;
        if (!b->products) atomic_fetch_add(&b->exchange->server->metrics.feedback, n);
        return true;
    }
    fault why;
    fault_from_library(&why, status, b->products);
    if (is_fatal(why.kind)) {
        *f = why;
        return false;
    }
    if (n == 1) {
        report(b, b->batch.line[first], &why);
        return true;
    }
    return store_good(b, first, n / 2, f) && store_good(b, first + n / 2, n - n / 2, f);
}

static bool flush(bulk_in *b, fault *f) {
    bool good = store_good(b, 0, b->batch.n, f);
    clear(&b->batch);
    return good;
}

/* ---------------------------------------------------------------- reading */

static bool read_product(batch *b, const cJSON *json, fault *f) {
    product_fields v;
    product_fields_init(&v);
    if (!fields_from_json(json, product_table, "", &b->arena, &v, f)) return false;
    b->product[b->n] = *product_fields_get(&v);
    return true;
}

static bool read_feedback(batch *b, const cJSON *json, fault *f) {
    feedback_fields v = {.kind = LB_BOUGHT};
    if (!fields_from_json(json, feedback_table, "", &b->arena, &v, f)) return false;
    b->feedback[b->n] = feedback_fields_get(&v);
    return true;
}

static void read_line(bulk_in *b, const char *text, size_t n) {
    fault f;
    cJSON *json = NULL;
    batch *to = &b->batch;
    b->lines++;
    if (n && text[n - 1] == '\r') n--;
    if (!n) return;
    bool good = json_parse(text, n, &json, &f) &&
                (b->products ? read_product(to, json, &f) : read_feedback(to, json, &f));
    if (!good) {
        cJSON_Delete(json);
        report(b, b->lines, &f);
        return;
    }
    to->line[to->n] = b->lines;
    to->json[to->n++] = json;
}

/* A line of more than the limit has no place; what has come of it is dropped, and so is its rest.
 */
static void drop_long_line(bulk_in *b) {
    fault f;
    fault_set(&f, FAULT_TOO_LARGE, "the line is longer than %llu bytes (--max-body)",
              (unsigned long long)b->exchange->server->options.max_body);
    report(b, b->lines + 1, &f);
    b->skipping = true;
    b->waiting.n = 0;
}

bool bulk_in_step(bulk_in *b, bool last, fault *f) {
    size_t at = 0;
    while (at < b->waiting.n) {
        const char *start = b->waiting.bytes + at;
        const char *end = memchr(start, '\n', b->waiting.n - at);
        if (!end && !last) break;
        size_t n = end ? (size_t)(end - start) : b->waiting.n - at;
        if (b->skipping)
            b->lines++;
        else
            read_line(b, start, n);
        b->skipping = false;
        at += n + (end != NULL);
        if (b->batch.n == BULK_LINES && !flush(b, f)) return false;
    }
    buffer_drop(&b->waiting, at);
    b->newlines = 0;
    if (!flush(b, f)) return false;
    if (b->skipping) b->waiting.n = 0;
    if (b->waiting.n > b->exchange->server->options.max_body) drop_long_line(b);
    return true;
}

bool answer_bulk_report(exchange *x) {
    const bulk_in *b = x->lines;
    buffer *out = &x->reply.body;
    buffer_print(out, "{\"lines\":%llu,\"stored\":%llu,\"failed\":%llu,\"errors\":[",
                 (unsigned long long)b->lines, (unsigned long long)b->stored,
                 (unsigned long long)b->n_errors);
    if (b->errors.n) buffer_bytes(out, b->errors.bytes, b->errors.n);
    buffer_text(out, "]}");
    if (b->errors.failed) return fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    x->reply.status = MHD_HTTP_OK;
    return true;
}
