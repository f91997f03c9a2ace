/* What operators and the page's frame ask for. */
#include <stdio.h>
#include <string.h>

#include "server/answers.h"
#include "server/requests.h"

static const field no_fields[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static bool send_status(exchange *x, unsigned code, const char *status) {
    buffer_print(&x->reply.body, "{\"status\":\"%s\"}", status);
    x->reply.status = code;
    return true;
}

bool answer_live(exchange *x) {
    return send_status(x, MHD_HTTP_OK, "ok");
}

bool answer_ready(exchange *x) {
    if (atomic_load(&x->server->draining))
        return send_status(x, MHD_HTTP_SERVICE_UNAVAILABLE, "draining");
    return send_status(x, MHD_HTTP_OK, "ok");
}

/* The service's state with the server's own figures in it. */
bool answer_state(exchange *x) {
    buffer *out = &x->reply.body;
    lb_reply *reply;
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_state(x->server->service, &reply);
    if (status != LB_OK) return exchange_fail(x, status, false);
    const char *json = lb_reply_json(reply);
    buffer_bytes(out, json, strlen(json) - 1); // without the last brace
    lb_reply_free(reply);
    buffer_text(out, ",\"requests\":");
    metrics_json(&x->server->metrics, out);
    buffer_print(out, ",\"uptime_s\":%.0f,\"memory_bytes\":%llu,\"keys\":%s,\"study\":%s}",
                 1e-9 * (double)(metrics_clock() - x->server->metrics.began),
                 (unsigned long long)metrics_memory(), x->server->keys ? "true" : "false",
                 x->server->options.study ? "true" : "false");
    x->reply.status = MHD_HTTP_OK;
    return true;
}

/* ---------------------------------------------------------------- metrics */

static void name_route(size_t row, const char **method, const char **path) {
    *method = row < n_routes ? routes[row].method : "";
    *path = row < n_routes ? routes[row].path : "none";
}

static void print_value(buffer *out, const char *name, const char *type, const char *help,
                        double value) {
    buffer_print(out, "# HELP lookbook_%s %s\n# TYPE lookbook_%s %s\nlookbook_%s %.15g\n", name,
                 help, name, type, name, value);
}

static double number(const cJSON *state, const char *group, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(state, group);
    member = cJSON_GetObjectItemCaseSensitive(member, name);
    return cJSON_IsNumber(member) ? member->valuedouble : 0;
}

/* What the service says of itself: group and member of its state, and the name here. */
static const struct {
    const char *group, *member, *name, *help;
} gauges[] = {
    {"dataset", "users", "users", "Users of the dataset."},
    {"dataset", "products", "products", "Products of the dataset."},
    {"dataset", "available", "products_available", "Products that can be had."},
    {"dataset", "new", "products_new", "Products that nobody has bought yet."},
    {"dataset", "interactions", "interactions", "Purchases of the dataset."},
    {"dataset", "photos", "photos", "Photos of products."},
    {"coverage", "products_recommendable", "products_recommendable",
     "Products that the model can place."},
    {"model", "trained_on", "model_trained_on", "What the model was trained on."},
    {"model", "loaded_at", "model_loaded_at_seconds", "When the model was loaded, since 1970."},
};

static void print_service(exchange *x, const cJSON *state) {
    buffer *out = &x->reply.body;
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
        print_value(out, gauges[i].name, "gauge", gauges[i].help,
                    number(state, gauges[i].group, gauges[i].member));
}

static void print_server(exchange *x) {
    server *s = x->server;
    metrics *m = &s->metrics;
    buffer *out = &x->reply.body;
    print_value(out, "feedback_total", "counter", "Pieces of feedback stored.",
                (double)atomic_load(&m->feedback));
    print_value(out, "reloads_total", "counter", "Models taken in.",
                (double)atomic_load(&m->reloads));
    print_value(out, "reload_failures_total", "counter", "Models that could not be taken in.",
                (double)atomic_load(&m->reload_failures));
    print_value(out, "image_queue", "gauge", "Requests with a photo that wait.",
                (double)lane_waiting(s->lane[LANE_IMAGE]));
    print_value(out, "connections", "gauge", "Open connections.", (double)watch_count(s->watch));
    print_value(out, "requests_late_total", "counter", "Requests that did not arrive in time.",
                (double)watch_expired(s->watch));
    print_value(out, "requests_in_progress", "gauge", "Requests that have begun.",
                (double)atomic_load(&s->in_progress));
    print_value(out, "access_log_failures_total", "counter", "Lines of the access log lost.",
                (double)atomic_load(&m->log_failures));
    print_value(out, "memory_bytes", "gauge", "Resident memory of the process.",
                (double)metrics_memory());
    print_value(out, "uptime_seconds", "gauge", "Since the server started.",
                1e-9 * (double)(metrics_clock() - m->began));
}

bool answer_metrics(exchange *x) {
    lb_reply *reply;
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_state(x->server->service, &reply);
    if (status != LB_OK) return exchange_fail(x, status, false);
    x->json = cJSON_Parse(lb_reply_json(reply));
    lb_reply_free(reply);
    metrics_print(&x->server->metrics, n_routes + 1, name_route, &x->reply.body);
    print_service(x, x->json);
    print_server(x);
    x->reply.status = MHD_HTTP_OK;
    x->reply.type = "text/plain; version=0.0.4; charset=utf-8";
    return true;
}

/* ---------------------------------------------------------------- map */

typedef struct map_fields {
    uint32_t n;
    const char *user;
} map_fields;

static const field map_table[] = {
    {"n", FIELD_COUNT, offsetof(map_fields, n), 0, 1, MOST_LIST, NULL},
    {"user", FIELD_TEXT, offsetof(map_fields, user), 0, 1, MOST_ID, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

bool answer_map(exchange *x) {
    map_fields v = {.n = 1000};
    lb_reply *reply;
    if (!exchange_read_query(x, map_table, &v)) return false;
    lb_status status = lb_service_map(x->server->service, v.n, v.user, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

/* ---------------------------------------------------------------- changes of the whole */

/* {"model":{..}}, as the state has it. */
static bool send_model(exchange *x) {
    lb_reply *reply;
    lb_status status = lb_service_state(x->server->service, &reply);
    if (status != LB_OK) return exchange_fail(x, status, false);
    x->json = cJSON_Parse(lb_reply_json(reply));
    lb_reply_free(reply);
    char *model = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(x->json, "model"));
    buffer_print(&x->reply.body, "{\"model\":%s}", model ? model : "null");
    cJSON_free(model);
    x->reply.status = MHD_HTTP_OK;
    return true;
}

/* A model file that is damaged is nobody's request's fault, and its administrator is told. */
static bool fail_openly(exchange *x, lb_status status) {
    exchange_fail(x, status, false);
    if (status == LB_E_FORMAT) x->fault.kind = FAULT_MISMATCH;
    return false;
}

bool answer_backup(exchange *x) {
    lb_reply *reply;
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_backup(x->server->service, &reply);
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

bool answer_reload(exchange *x) {
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = server_reload(x->server, NULL);
    return status == LB_OK ? send_model(x) : fail_openly(x, status);
}

bool answer_rollback(exchange *x) {
    if (!exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = server_rollback(x->server);
    return status == LB_OK ? send_model(x) : fail_openly(x, status);
}

/* ---------------------------------------------------------------- files of the program */

static bool send_asset(exchange *x, const char *path) {
    const asset *a = asset_find(path);
    if (!a) return fault_set(&x->fault, FAULT_NOT_FOUND, "there is nothing at this address");
    x->reply.asset = a;
    x->reply.type = a->type;
    x->reply.caching = "no-cache"; // asked for again each time, and mostly answered with 304
    x->reply.status = MHD_HTTP_OK;
    return true;
}

bool answer_openapi(exchange *x) {
    return send_asset(x, "/api/openapi.json");
}

/* Names are looked up in a table of the program; there is no file behind them. */
bool answer_page(exchange *x) {
    char path[128] = "/";
    if (!x->server->options.page)
        return fault_set(&x->fault, FAULT_NOT_FOUND, "this server was started without its page");
    if (x->segment) snprintf(path, sizeof path, "/app/%s", x->segment);
    x->reply.page = true;
    return send_asset(x, path);
}
