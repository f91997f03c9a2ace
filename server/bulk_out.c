#include "server/bulk_out.h"

#include <stdlib.h>
#include <string.h>

#include "server/base64.h"

/* Lines are made until so many bytes wait; a page of ids and a page of what a user did. */
enum { BLOCK = 64 << 10, PAGE = 200, EVENTS = 1000 };

typedef struct bulk_fields {
    int photos; // 1: products with their photos
} bulk_fields;

/* Pages are asked for by rows, so that nothing is missed that changes meanwhile. */
struct bulk_out {
    exchange *exchange;
    bool products; // or feedback
    bool photos;
    cJSON *page;           // of products or users
    const cJSON *item;     // the one whose turn it is; NULL = the page is through
    uint32_t next;         // row where the next page begins
    bool last;             // there is no next page
    lb_feedback_kind kind; // of the feedback whose turn it is
    uint32_t event;        // row of the product where it goes on
    bool finished, failed;
    buffer waiting; // for the client
    size_t at;      // what it has of them
};

void bulk_out_free(bulk_out *b) {
    if (!b) return;
    cJSON_Delete(b->page);
    buffer_free(&b->waiting);
    free(b);
}

/* ---------------------------------------------------------------- lines */

static cJSON *parse(lb_reply *reply) {
    cJSON *json = cJSON_Parse(lb_reply_json(reply));
    lb_reply_free(reply);
    return json;
}

static const cJSON *member_of(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name) {
    const cJSON *member = member_of(object, name);
    return cJSON_IsString(member) ? member->valuestring : NULL;
}

static void add_text(buffer *out, const cJSON *object, const char *name) {
    const char *text = text_of(object, name);
    if (!text) return;
    buffer_print(out, ",\"%s\":", name);
    buffer_json(out, text);
}

/* A photo that is gone, or that makes a line which could not come in again, is left out. */
static lb_status add_photo(bulk_out *b, const char *id) {
    const server *s = b->exchange->server;
    lb_picture *picture;
    size_t n;
    lb_status status = lb_service_photo(s->service, id, 0, &picture);
    if (status != LB_OK) return status == LB_E_NOT_FOUND ? LB_OK : status;
    const void *bytes = lb_picture_bytes(picture, &n);
    char *code = n && BASE64_LENGTH(n) < s->options.max_body ? malloc(BASE64_LENGTH(n)) : NULL;
    if (code) {
        base64_encode(bytes, n, code);
        buffer_text(&b->waiting, ",\"photo\":\"");
        buffer_bytes(&b->waiting, code, BASE64_LENGTH(n));
        buffer_text(&b->waiting, "\"");
    }
    free(code);
    lb_picture_free(picture);
    return LB_OK;
}

/* What the same route takes when it is posted; unknown members are left out. */
static lb_status add_product(bulk_out *b, const cJSON *product) {
    static const char *const texts[] = {"title", "brand", "category", "description"};
    buffer *out = &b->waiting;
    const char *id = text_of(product, "id");
    const cJSON *price = member_of(product, "price");
    buffer_text(out, "{\"id\":");
    buffer_json(out, id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add_text(out, product, texts[i]);
    if (cJSON_IsNumber(price)) buffer_print(out, ",\"price\":%.15g", price->valuedouble);
    buffer_print(out, ",\"available\":%s",
                 cJSON_IsTrue(member_of(product, "available")) ? "true" : "false");
    lb_status status = LB_OK;
    if (b->photos && cJSON_IsTrue(member_of(product, "photo"))) status = add_photo(b, id);
    buffer_text(out, "}\n");
    return status;
}

/* With its description, which lists are without. One that was removed meanwhile is left out. */
static lb_status add_whole_product(bulk_out *b) {
    lb_reply *reply;
    const char *id = text_of(b->item, "id");
    b->item = b->item->next;
    lb_status status = lb_service_product(b->exchange->server->service, id, &reply);
    if (status != LB_OK) return status == LB_E_NOT_FOUND ? LB_OK : status;
    cJSON *product = parse(reply);
    if (!product) return LB_E_NOMEM;
    status = add_product(b, product);
    cJSON_Delete(product);
    return status;
}

static void add_feedback(buffer *out, const char *user, const char *kind, const cJSON *events) {
    const cJSON *event;
    cJSON_ArrayForEach(event, events) {
        const cJSON *time = member_of(event, "time");
        buffer_text(out, "{\"user\":");
        buffer_json(out, user);
        add_text(out, event, "product");
        buffer_print(out, ",\"kind\":\"%s\"", kind);
        if (cJSON_IsNumber(time) && time->valuedouble >= 1)
            buffer_print(out, ",\"time\":%.0f", time->valuedouble);
        buffer_text(out, "}\n");
    }
}

static void next_kind(bulk_out *b) {
    b->event = 0;
    if (b->kind == LB_DISLIKED) {
        b->kind = LB_BOUGHT;
        b->item = b->item->next;
    } else {
        b->kind = b->kind == LB_BOUGHT ? LB_LIKED : LB_DISLIKED;
    }
}

/* Some of what a user did. Nothing of one that was erased meanwhile. */
static lb_status add_events(bulk_out *b) {
    static const char *const kinds[] = {
        [LB_BOUGHT] = "bought", [LB_LIKED] = "liked", [LB_DISLIKED] = "disliked"};
    lb_reply *reply;
    const char *user = text_of(b->item, "id");
    lb_status status = lb_service_events(b->exchange->server->service, user, b->kind, b->event,
                                         EVENTS, &reply);
    if (status == LB_E_NOT_FOUND) next_kind(b);
    if (status != LB_OK) return status == LB_E_NOT_FOUND ? LB_OK : status;
    cJSON *page = parse(reply);
    if (!page) return LB_E_NOMEM;
    add_feedback(&b->waiting, user, kinds[b->kind], member_of(page, "events"));
    const cJSON *next = member_of(page, "next");
    if (cJSON_IsNumber(next))
        b->event = (uint32_t)next->valuedouble;
    else
        next_kind(b);
    cJSON_Delete(page);
    return LB_OK;
}

static lb_status read_page(bulk_out *b) {
    lb_service *service = b->exchange->server->service;
    lb_list_options options;
    lb_reply *reply;
    lb_list_options_init(&options);
    options.offset = b->next;
    options.n = PAGE;
    options.by_row = 1;
    lb_status status = b->products ? lb_service_products(service, &options, &reply)
                                   : lb_service_users(service, &options, &reply);
    if (status != LB_OK) return status;
    cJSON_Delete(b->page);
    b->page = parse(reply);
    if (!b->page) return LB_E_NOMEM;
    const cJSON *list = member_of(b->page, b->products ? "products" : "users");
    const cJSON *next = member_of(b->page, "next");
    b->item = list ? list->child : NULL;
    b->last = !cJSON_IsNumber(next);
    if (!b->last) b->next = (uint32_t)next->valuedouble;
    return LB_OK;
}

static lb_status make_lines(bulk_out *b) {
    lb_status status = LB_OK;
    while (status == LB_OK && !b->finished && b->waiting.n < BLOCK && !b->waiting.failed) {
        if (b->item)
            status = b->products ? add_whole_product(b) : add_events(b);
        else if (b->last)
            b->finished = true;
        else
            status = read_page(b);
    }
    return status;
}

static void fill(bulk_out *b) {
    buffer_drop(&b->waiting, b->at);
    b->at = 0;
    if (make_lines(b) != LB_OK || b->waiting.failed) b->failed = true;
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

static const field bulk_table[] = {
    {"photos", FIELD_SWITCH, offsetof(bulk_fields, photos), 0, 0, 0, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};
static const field no_fields[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static bool answer(exchange *x, bool products, bool photos) {
    bulk_out *b = calloc(1, sizeof *b);
    if (!b) return fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    b->exchange = x;
    b->products = products;
    b->photos = photos;
    x->reply.stream = b;
    lb_status status = make_lines(b); // so that what fails at once has an error's status
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
    bulk_fields v = {0};
    return exchange_read_query(x, bulk_table, &v) && answer(x, true, v.photos);
}

bool answer_bulk_feedback(exchange *x) {
    return exchange_read_query(x, no_fields, NULL) && answer(x, false, false);
}
