/* The blind study of relevance, where the server was started with it. */
#include "server/answers.h"
#include "server/requests.h"

static const field no_fields[] = {{NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static bool is_on(exchange *x) {
    if (x->server->options.study) return true;
    return fault_set(&x->fault, FAULT_NOT_FOUND, "this server was started without --study");
}

static bool finish(exchange *x, lb_status status, lb_reply *reply) {
    return status == LB_OK ? exchange_send(x, MHD_HTTP_OK, reply) : exchange_fail(x, status, false);
}

bool answer_study_pair(exchange *x) {
    lb_reply *reply = NULL;
    if (!is_on(x) || !exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_study_pair(x->server->service, &reply);
    return finish(x, status, reply);
}

bool answer_study_results(exchange *x) {
    lb_reply *reply = NULL;
    if (!is_on(x) || !exchange_read_query(x, no_fields, NULL)) return false;
    lb_status status = lb_service_study_results(x->server->service, &reply);
    return finish(x, status, reply);
}

typedef struct vote_fields {
    const char *pair, *reviewer;
    int vote; // of lb_vote
} vote_fields;

static const field vote_table[] = {
    {"pair", FIELD_TEXT, offsetof(vote_fields, pair), FIELD_REQUIRED, 1, 64, NULL},
    {"vote", FIELD_CHOICE, offsetof(vote_fields, vote), FIELD_REQUIRED, 0, 0, "left|right|same"},
    {"reviewer", FIELD_TEXT, offsetof(vote_fields, reviewer), 0, 0, MOST_ID, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static const body_shape vote_body = {vote_table, NULL, NULL, 0};

/* {"stored":1} once it is on the disk. */
bool answer_study_vote(exchange *x) {
    vote_fields v = {NULL, NULL, 0};
    if (!is_on(x) || !exchange_read_body(x, &vote_body, &v)) return false;
    lb_status status = lb_service_study_vote(x->server->service, v.pair, (lb_vote)v.vote,
                                             v.reviewer);
    if (status != LB_OK) return exchange_fail(x, status, false);
    buffer_text(&x->reply.body, "{\"stored\":1}");
    x->reply.status = MHD_HTTP_OK;
    return true;
}
