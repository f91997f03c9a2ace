#include "server/bulk_out.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 200, BLOCK = 64 << 10 };

struct bulk_out {
    exchange *exchange;
    bool products; // or feedback
    uint32_t next; // offset of the next page
    bool finished, failed;
    buffer waiting; // for the client
    size_t at;      // what it has of them
};

void bulk_out_free(bulk_out *b) {
    if (!b) return;
    buffer_free(&b->waiting);
    free(b);
}

/* ---------------------------------------------------------------- lines */

static cJSON *parse(lb_reply *reply) {
    cJSON *json = cJSON_Parse(lb_reply_json(reply));
    lb_reply_free(reply);
    return json;
}

static const char *text_of(const cJSON *object, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(member) ? member->valuestring : NULL;
}

static void add_text(buffer *out, const cJSON *object, const char *name) {
    const char *text = text_of(object, name);
    if (!text) return;
    buffer_print(out, ",\"%s\":", name);
    buffer_json(out, text);
}

/* What the same route takes when it is posted; unknown members are left out. */
static void add_product(buffer *out, const cJSON *product) {
    static const char *const texts[] = {"title", "brand", "category", "description"};
    const cJSON *price = cJSON_GetObjectItemCaseSensitive(product, "price");
    buffer_text(out, "{\"id\":");
    buffer_json(out, text_of(product, "id"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add_text(out, product, texts[i]);
    if (cJSON_IsNumber(price)) buffer_print(out, ",\"price\":%.15g", price->valuedouble);
    bool available = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(product, "available"));
    buffer_print(out, ",\"available\":%s}\n", available ? "true" : "false");
}

/* With its description, which lists are without. One that was removed meanwhile is left out. */
static lb_status add_whole_product(bulk_out *b, const char *id) {
    lb_reply *reply;
    lb_status status = lb_service_product(b->exchange->server->service, id, &reply);
    if (status != LB_OK) return status == LB_E_NOT_FOUND ? LB_OK : status;
    cJSON *product = parse(reply);
    if (!product) return LB_E_NOMEM;
    add_product(&b->waiting, product);
    cJSON_Delete(product);
    return LB_OK;
}

static void add_feedback(buffer *out, const char *user, const cJSON *list) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        const cJSON *time = cJSON_GetObjectItemCaseSensitive(item, "time");
        buffer_text(out, "{\"user\":");
        buffer_json(out, user);
        add_text(out, item, "product");
        add_text(out, item, "kind");
        if (cJSON_IsNumber(time) && time->valuedouble >= 1)
            buffer_print(out, ",\"time\":%.0f", time->valuedouble);
        buffer_text(out, "}\n");
    }
}

static lb_status add_user(bulk_out *b, const char *id) {
    static const char *const lists[] = {"history", "liked", "disliked"};
    lb_reply *reply;
    lb_status status = lb_service_user(b->exchange->server->service, id, &reply);
    if (status != LB_OK) return status == LB_E_NOT_FOUND ? LB_OK : status;
    cJSON *user = parse(reply);
    if (!user) return LB_E_NOMEM;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_feedback(&b->waiting, id, cJSON_GetObjectItemCaseSensitive(user, lists[i]));
    cJSON_Delete(user);
    return LB_OK;
}

static lb_status get_page(bulk_out *b, cJSON **out) {
    lb_service *service = b->exchange->server->service;
    lb_list_options options;
    lb_reply *reply;
    lb_list_options_init(&options);
    options.offset = b->next;
    options.n = PAGE;
    lb_status status = b->products ? lb_service_products(service, &options, &reply)
                                   : lb_service_users(service, &options, &reply);
    if (status != LB_OK) return status;
    *out = parse(reply);
    return *out ? LB_OK : LB_E_NOMEM;
}

static lb_status read_page(bulk_out *b) {
    cJSON *page;
    const cJSON *item;
    lb_status status = get_page(b, &page);
    if (status != LB_OK) return status;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(page, b->products ? "products" : "users");
    cJSON_ArrayForEach(item, list) {
        const char *id = text_of(item, "id");
        if (!id || status != LB_OK) continue;
        status = b->products ? add_whole_product(b, id) : add_user(b, id);
    }
    const cJSON *next = cJSON_GetObjectItemCaseSensitive(page, "next");
    b->finished = !cJSON_IsNumber(next);
    if (!b->finished) b->next = (uint32_t)next->valuedouble;
    cJSON_Delete(page);
    return status;
}

static void fill(bulk_out *b) {
    buffer_drop(&b->waiting, b->at);
    b->at = 0;
    if (read_page(b) != LB_OK || b->waiting.failed) b->failed = true;
}

/* ---------------------------------------------------------------- sending */

void bulk_out_work(bulk_out *b) {
    fill(b);
    MHD_resume_connection(b->exchange->connection);
}

static ssize_t on_room(void *context, uint64_t position, char *out, size_t room) {
    bulk_out *b = context;
    size_t n = b->waiting.n - b->at;
    (void)position;
    if (n) {
        if (n > room) n = room;
        memcpy(out, b->waiting.bytes + b->at, n);
        b->at += n;
        return (ssize_t)n;
    }
    if (b->failed) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (b->finished) return MHD_CONTENT_READER_END_OF_STREAM;
    MHD_suspend_connection(b->exchange->connection);
    if (!lane_push(b->exchange->server->lane[LANE_SLOW], b->exchange)) {
        b->failed = true;
        MHD_resume_connection(b->exchange->connection);
    }
    return 0;
}

struct MHD_Response *bulk_out_response(bulk_out *b) {
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_room, b, NULL);
}

static bool answer(exchange *x, bool products) {
    static const field none[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};
    if (!exchange_read_query(x, none, NULL)) return false;
    bulk_out *b = calloc(1, sizeof *b);
    if (!b) return fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    b->exchange = x;
    b->products = products;
    x->reply.stream = b;
    lb_status status = read_page(b); // so that what fails at once has an error's status
    if (status != LB_OK) {
        bulk_out_free(b);
        x->reply.stream = NULL;
        return exchange_fail(x, status, false);
    }
    x->reply.status = MHD_HTTP_OK;
    x->reply.type = "application/x-ndjson";
    return true;
}

bool answer_bulk_products(exchange *x) {
    return answer(x, true);
}

bool answer_bulk_feedback(exchange *x) {
    return answer(x, false);
}
