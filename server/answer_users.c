/* People, and what they say of products. */
#include <stdio.h>
#include <string.h>

#include "server/answers.h"
#include "server/requests.h"

enum { MOST_FEEDBACK = 5000, MOST_KEY = 128 };

static bool read_one(exchange *x, const cJSON *object, const char *where, lb_feedback *out) {
    feedback_fields v = {.kind = LB_BOUGHT};
    if (!fields_from_json(object, feedback_table, where, &x->arena, &v, &x->fault)) return false;
    *out = feedback_fields_get(&v);
    return true;
}

/* {"feedback":[{..},..]} */
static bool read_batch(exchange *x, const cJSON *list, lb_feedback **out, size_t *n) {
    char where[40];
    const cJSON *item;
    size_t size = (size_t)cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || !size)
        return fault_set(&x->fault, FAULT_BAD_FIELD,
                         "\"feedback\" must be an array of one or more");
    if (size > MOST_FEEDBACK)
        return fault_set(&x->fault, FAULT_TOO_MANY_ITEMS, "%zu pieces of feedback: at most %d",
                         size, MOST_FEEDBACK);
    *out = arena_take(&x->arena, size * sizeof **out);
    if (!*out) return fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    *n = 0;
    cJSON_ArrayForEach(item, list) {
        snprintf(where, sizeof where, "feedback %zu: ", *n + 1);
        if (!read_one(x, item, where, &(*out)[(*n)++])) return false;
    }
    return true;
}

/* A body is one piece of feedback, or a batch. */
static bool read_feedback(exchange *x, lb_feedback **out, size_t *n) {
    static const field none[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};
    if (!exchange_read_query(x, none, NULL) ||
        !json_parse(x->body.bytes, x->body.n, &x->json, &x->fault))
        return false;
    const cJSON *first = x->json->child;
    if (cJSON_IsObject(x->json) && first && !first->next && strcmp(first->string, "feedback") == 0)
        return read_batch(x, first, out, n);
    *n = 1;
    *out = arena_take(&x->arena, sizeof **out);
    if (!*out) return fault_set(&x->fault, FAULT_INTERNAL, "out of memory");
    return read_one(x, x->json, "", *out);
}

static bool check_key(exchange *x, const char *key) {
    size_t n = key ? strlen(key) : 1;
    for (size_t i = 0; key && i < n; i++)
        if (key[i] < 0x20 || key[i] > 0x7e) n = 0;
    return (n >= 1 && n <= MOST_KEY) ||
           fault_set(&x->fault, FAULT_BAD_FIELD,
                     "Idempotency-Key must be 1 to %d printable characters of ASCII", MOST_KEY);
}

bool answer_feedback(exchange *x) {
    lb_feedback *feedback = NULL;
    size_t n = 0;
    int repeated = 0;
    const char *key = exchange_header(x, "Idempotency-Key");
    if (!check_key(x, key) || !read_feedback(x, &feedback, &n)) return false;
    lb_status status = lb_service_feedback(x->server->service, feedback, n, key, &repeated);
    if (status != LB_OK) return exchange_fail(x, status, false);
    if (repeated) n = 0;
    atomic_fetch_add(&x->server->metrics.feedback, n);
    buffer_print(&x->reply.body, "{\"stored\":%zu,\"repeated\":%s}", n,
                 repeated ? "true" : "false");
    x->reply.status = MHD_HTTP_OK;
    return true;
}

#define LIST(field) offsetof(lb_list_options, field)

static const field list_table[] = {{"search", FIELD_TEXT, LIST(search), 0, 1, MOST_ID, NULL},
                                   {"offset", FIELD_COUNT, LIST(offset), 0, 0, UINT32_MAX, NULL},
                                   {"n", FIELD_COUNT, LIST(n), 0, 1, MOST_N, NULL},
                                   {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

bool answer_users(exchange *x) {
    lb_list_options options;
    lb_reply *reply;
    lb_list_options_init(&options);
    if (!exchange_read_query(x, list_table, &options)) return false;
    lb_status status = lb_service_users(x->server->service, &options, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

typedef struct request_fields {
    const char *user;
    uint32_t n;
} request_fields;

static const field requests_table[] = {
    {"user", FIELD_TEXT, offsetof(request_fields, user), 0, 1, MOST_ID, NULL},
    {"n", FIELD_COUNT, offsetof(request_fields, n), 0, 1, MOST_N, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

bool answer_requests(exchange *x) {
    request_fields v = {.n = 12};
    lb_reply *reply;
    if (!exchange_read_query(x, requests_table, &v)) return false;
    lb_status status = lb_service_requests(x->server->service, v.user, v.n, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

bool answer_user(exchange *x) {
    static const field none[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};
    lb_reply *reply;
    if (!exchange_read_query(x, none, NULL)) return false;
    lb_status status = lb_service_user(x->server->service, x->segment, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}
