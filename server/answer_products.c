/* The catalogue. */
#include <stdio.h>

#include "server/answers.h"
#include "server/requests.h"

#define LIST(field) offsetof(lb_list_options, field)

static const field list_table[] = {
    {"search", FIELD_TEXT, LIST(search), 0, 1, MOST_ID, NULL},
    {"category", FIELD_TEXT, LIST(category), 0, 1, MOST_CATEGORY, NULL},
    {"price_min", FIELD_NUMBER, LIST(price_min), 0, 0, MOST_PRICE, NULL},
    {"price_max", FIELD_NUMBER, LIST(price_max), 0, 0, MOST_PRICE, NULL},
    {"available", FIELD_SWITCH, LIST(only_available), 0, 0, 0, NULL},
    {"new", FIELD_SWITCH, LIST(only_new), 0, 0, 0, NULL},
    {"offset", FIELD_COUNT, LIST(offset), 0, 0, UINT32_MAX, NULL},
    {"n", FIELD_COUNT, LIST(n), 0, 1, MOST_N, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static const field no_fields[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static const body_shape new_product = {product_table, "product", "photo",
                                       offsetof(product_fields, photo)};
static const body_shape change = {product_change_table, "product", "photo",
                                  offsetof(product_fields, photo)};

bool answer_products(exchange *x) {
    lb_list_options options;
    lb_reply *reply;
    lb_list_options_init(&options);
    if (!exchange_read_query(x, list_table, &options)) return false;
    lb_status status = lb_service_products(x->server->service, &options, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

static bool send_product(exchange *x, unsigned code, const char *id) {
    lb_reply *reply;
    lb_status status = lb_service_product(x->server->service, id, &reply);
    return status == LB_OK ? exchange_send(x, code, reply) : exchange_fail(x, status, false);
}

bool answer_product(exchange *x) {
    return exchange_read_query(x, no_fields, NULL) && send_product(x, MHD_HTTP_OK, x->segment);
}

bool answer_product_add(exchange *x) {
    product_fields v;
    product_fields_init(&v);
    if (!exchange_read_body(x, &new_product, &v)) return false;
    if (v.photo.bytes && x->lane != LANE_IMAGE) return exchange_move(x, LANE_IMAGE);
    const lb_product *product = product_fields_get(&v);
    lb_status status = lb_service_products_add(x->server->service, product, 1, 0);
    return status == LB_OK ? send_product(x, MHD_HTTP_CREATED, product->id)
                           : exchange_fail(x, status, v.photo.bytes != NULL);
}

bool answer_product_change(exchange *x) {
    product_fields v;
    product_fields_init(&v);
    if (!exchange_read_body(x, &change, &v)) return false;
    if (v.photo.bytes && x->lane != LANE_IMAGE) return exchange_move(x, LANE_IMAGE);
    v.product.id = x->segment;
    lb_status status = lb_service_product_change(x->server->service, product_fields_get(&v));
    return status == LB_OK ? send_product(x, MHD_HTTP_OK, x->segment)
                           : exchange_fail(x, status, v.photo.bytes != NULL);
}

static bool send_deleted(exchange *x) {
    buffer_text(&x->reply.body, "{\"deleted\":");
    buffer_json(&x->reply.body, x->segment);
    buffer_text(&x->reply.body, "}");
    x->reply.status = MHD_HTTP_OK;
    return true;
}

bool answer_product_remove(exchange *x) {
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_product_remove(x->server->service, x->segment);
    return status == LB_OK ? send_deleted(x) : exchange_fail(x, status, false);
}

bool answer_user_remove(exchange *x) {
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_user_remove(x->server->service, x->segment);
    return status == LB_OK ? send_deleted(x) : exchange_fail(x, status, false);
}

typedef struct photo_fields {
    int side; // a place in the list of choices
} photo_fields;

static const field photo_table[] = {
    {"side", FIELD_CHOICE, offsetof(photo_fields, side), 0, 0, 0, "64|128|256|512"},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

/* FNV-1a. */
static uint64_t hash(const unsigned char *bytes, size_t n) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 1099511628211u;
    return h;
}

bool answer_photo(exchange *x) {
    photo_fields v = {.side = 2};
    lb_picture *picture;
    size_t n;
    if (!exchange_read_query(x, photo_table, &v)) return false;
    lb_status status = lb_service_photo(x->server->service, x->segment, 64u << v.side, &picture);
    if (status != LB_OK) return exchange_fail(x, status, false);
    const void *bytes = lb_picture_bytes(picture, &n);
    snprintf(x->reply.etag, sizeof x->reply.etag, "\"%016llx\"",
             (unsigned long long)hash(bytes, n));
    buffer_bytes(&x->reply.body, bytes, n);
    lb_picture_free(picture);
    x->reply.status = MHD_HTTP_OK;
    x->reply.type = "image/jpeg";
    x->reply.caching = "private, max-age=3600";
    return true;
}

bool answer_categories(exchange *x) {
    lb_reply *reply;
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_categories(x->server->service, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}
