/* The public calls of a service: arguments are checked before anything is touched. */
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "core/job.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "data/dataset.h"
#include "live/served.h"

enum {
    MOST_ID = 256,
    MOST_TEXT = 65536,
    MOST_KEY = 128,
    MOST_LISTED = 1000,
    MOST_MAPPED = 10000,
    MOST_EVENTS = 10000
};

struct lb_reply {
    char *json;
};

struct lb_picture {
    unsigned char *jpeg;
    size_t size;
};

/* ------------------------------------------------------------ checks */

static lb_status check_service(const lb_service *service, const void *out) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the answer");
    return LB_OK;
}

static lb_status check_id(const char *what, const char *id) {
    size_t length = id ? strlen(id) : 0;
    if (!length) return status_fail(LB_E_ARGUMENT, "the %s's id is missing or empty", what);
    if (length > MOST_ID)
        return status_fail(LB_E_ARGUMENT, "the %s's id has %zu bytes: at most %d", what, length,
                           MOST_ID);
    if (utf8_valid_length(id, length) != length)
        return status_fail(LB_E_ARGUMENT, "the %s's id is not UTF-8", what);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)id[i] < 0x20 || id[i] == 0x7f)
            return status_fail(LB_E_ARGUMENT, "the %s's id has a control character", what);
    return LB_OK;
}

/* Whether an id may be looked for; one that cannot be there is not found, and no mistake. */
static lb_status check_wanted(const char *what, const char *id) {
    if (!id) return status_fail(LB_E_ARGUMENT, "no %s is given", what);
    if (check_id(what, id) == LB_OK) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no such %s", what);
}

static lb_status check_text(const lb_product *p, const char *what, const char *value) {
    size_t length = value ? strlen(value) : 0;
    if (length > MOST_TEXT)
        return status_fail(LB_E_ARGUMENT, "product \"%s\": the %s has %zu bytes: at most %d", p->id,
                           what, length, MOST_TEXT);
    if (length && utf8_valid_length(value, length) != length)
        return status_fail(LB_E_ARGUMENT, "product \"%s\": the %s is not UTF-8", p->id, what);
    return LB_OK;
}

static lb_status check_product(const lb_product *p) {
    LB_TRY(check_id("product", p->id));
    LB_TRY(check_text(p, "title", p->title));
    LB_TRY(check_text(p, "brand", p->brand));
    LB_TRY(check_text(p, "category", p->category));
    LB_TRY(check_text(p, "description", p->description));
    if (!isnan(p->price) && (isinf(p->price) || p->price < 0))
        return status_fail(LB_E_ARGUMENT, "product \"%s\": the price is %g: must not be negative",
                           p->id, p->price);
    if (p->available < -1 || p->available > 1)
        return status_fail(LB_E_ARGUMENT, "product \"%s\": available is %d: must be 0, 1 or -1",
                           p->id, p->available);
    if ((p->photo == NULL) != (p->photo_bytes == 0))
        return status_fail(LB_E_ARGUMENT, "product \"%s\": the photo and its size do not agree",
                           p->id);
    return LB_OK;
}

static lb_status check_list(const lb_list_options *o) {
    if (!o) return status_fail(LB_E_ARGUMENT, "no options are given");
    if (o->category && !*o->category)
        return status_fail(LB_E_ARGUMENT, "the category is empty; NULL stands for all");
    LB_TRY(api_check_price(o->price_min, o->price_max));
    LB_TRY(api_check_switch("only_available", o->only_available));
    LB_TRY(api_check_switch("only_new", o->only_new));
    LB_TRY(api_check_switch("by_row", o->by_row));
    return api_check_range("n", o->n, 1, MOST_LISTED);
}

/* ------------------------------------------------------------ results */

const char *lb_reply_json(const lb_reply *reply) {
    return reply ? reply->json : "null";
}

void lb_reply_free(lb_reply *reply) {
    if (!reply) return;
    free(reply->json);
    free(reply);
}

/* A reply of what was written, unless writing it failed. */
static lb_status finish(lb_status status, text *t, lb_reply **out) {
    lb_reply *reply = NULL;
    if (status == LB_OK) status = t->status;
    if (status == LB_OK) status = NEW_ARRAY(reply, 1);
    if (status != LB_OK) {
        free(t->bytes);
        return status;
    }
    reply->json = t->bytes;
    *out = reply;
    return LB_OK;
}

const void *lb_picture_bytes(const lb_picture *picture, size_t *n) {
    if (n) *n = picture ? picture->size : 0;
    return picture ? picture->jpeg : NULL;
}

void lb_picture_free(lb_picture *picture) {
    if (!picture) return;
    free(picture->jpeg);
    free(picture);
}

/* ------------------------------------------------------------ opening */

void lb_service_options_init(lb_service_options *options) {
    memset(options, 0, sizeof *options);
}

lb_status lb_service_open(const lb_service_options *options, const lb_runtime *runtime,
                          lb_service **out) {
    job *j;
    if (!options) return status_fail(LB_E_ARGUMENT, "no options are given");
    LB_TRY(api_check_directory(options->directory));
    if (!options->model || !*options->model)
        return status_fail(LB_E_ARGUMENT, "no model file is given");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the service");
    LB_TRY(job_new(runtime, &j));
    lb_status status = served_open(j, options, out);
    job_free(j);
    return status;
}

void lb_service_close(lb_service *service) {
    served_close(service);
}

/* ------------------------------------------------------------ questions */

lb_status lb_service_recommend(lb_service *service, const lb_recommend_options *options,
                               lb_items **out) {
    LB_TRY(api_check_place(service, "service", options, out));
    LB_TRY(api_check_recommend(options));
    return served_recommend(service, options, out);
}

lb_status lb_service_similar(lb_service *service, const lb_similar_options *options,
                             lb_items **out) {
    LB_TRY(api_check_place(service, "service", options, out));
    LB_TRY(api_check_similar(options));
    return served_similar(service, options, out);
}

/* ------------------------------------------------------------ products */

void lb_product_init(lb_product *product) {
    memset(product, 0, sizeof *product);
    product->price = (double)NAN;
    product->available = -1;
}

lb_status lb_service_products_add(lb_service *service, const lb_product *products, size_t n,
                                  int replace) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    if (n && !products) return status_fail(LB_E_ARGUMENT, "no products are given");
    LB_TRY(api_check_switch("replace", replace));
    for (size_t i = 0; i < n; i++) LB_TRY(check_product(&products[i]));
    return served_products_add(service, products, n, replace);
}

lb_status lb_service_product_change(lb_service *service, const lb_product *product) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    if (!product) return status_fail(LB_E_ARGUMENT, "no product is given");
    LB_TRY(check_wanted("product", product->id));
    LB_TRY(check_product(product));
    return served_product_change(service, product);
}

lb_status lb_service_product_remove(lb_service *service, const char *id) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    LB_TRY(check_wanted("product", id));
    return served_product_remove(service, id);
}

lb_status lb_service_product(lb_service *service, const char *id, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(check_wanted("product", id));
    return finish(served_product(service, id, &t), &t, out);
}

void lb_list_options_init(lb_list_options *options) {
    memset(options, 0, sizeof *options);
    options->price_min = options->price_max = (double)NAN;
    options->n = 50;
}

lb_status lb_service_products(lb_service *service, const lb_list_options *options, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(check_list(options));
    return finish(served_products(service, options, &t), &t, out);
}

lb_status lb_service_categories(lb_service *service, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    return finish(served_categories(service, &t), &t, out);
}

lb_status lb_service_photo(lb_service *service, const char *id, uint32_t side, lb_picture **out) {
    lb_picture *picture;
    LB_TRY(check_service(service, out));
    LB_TRY(check_wanted("product", id));
    if (side && side != 64 && side != 128 && side != 256 && side != 512)
        return status_fail(LB_E_ARGUMENT,
                           "side is %u: must be 64, 128, 256 or 512, or 0 for the file", side);
    LB_TRY(NEW_ARRAY(picture, 1));
    lb_status status = served_photo(service, id, side, &picture->jpeg, &picture->size);
    if (status == LB_OK)
        *out = picture;
    else
        lb_picture_free(picture);
    return status;
}

/* ------------------------------------------------------------ feedback and users */

static lb_status check_feedback(const lb_feedback *f) {
    LB_TRY(check_id("user", f->user));
    LB_TRY(check_wanted("product", f->product));
    if ((int)f->kind < LB_BOUGHT || (int)f->kind > LB_WITHDRAWN)
        return status_fail(LB_E_ARGUMENT, "feedback of kind %d: must be 0 to 3", (int)f->kind);
    if (f->time < 0)
        return status_fail(LB_E_ARGUMENT, "feedback of the time %lld: must not be negative",
                           (long long)f->time);
    return LB_OK;
}

static lb_status check_key(const char *key) {
    size_t length = key ? strlen(key) : 1;
    if (!length || length > MOST_KEY)
        return status_fail(LB_E_ARGUMENT, "the key has %zu bytes: must be 1 to %d", length,
                           MOST_KEY);
    return LB_OK;
}

lb_status lb_service_feedback(lb_service *service, const lb_feedback *feedback, size_t n,
                              const char *key, int *repeated) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    if (n && !feedback) return status_fail(LB_E_ARGUMENT, "no feedback is given");
    LB_TRY(check_key(key));
    for (size_t i = 0; i < n; i++) LB_TRY(check_feedback(&feedback[i]));
    return served_feedback(service, feedback, n, key, repeated);
}

lb_status lb_service_user(lb_service *service, const char *id, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(check_wanted("user", id));
    return finish(served_user(service, id, &t), &t, out);
}

lb_status lb_service_events(lb_service *service, const char *user, lb_feedback_kind kind,
                            uint32_t first, uint32_t n, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(check_wanted("user", user));
    if (kind != LB_BOUGHT && kind != LB_LIKED && kind != LB_DISLIKED)
        return status_fail(LB_E_ARGUMENT, "kind is %d: must be bought, liked or disliked",
                           (int)kind);
    LB_TRY(api_check_range("n", n, 1, MOST_EVENTS));
    return finish(served_events(service, user, kind, first, n, &t), &t, out);
}

lb_status lb_service_users(lb_service *service, const lb_list_options *options, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(check_list(options));
    return finish(served_users(service, options, &t), &t, out);
}

lb_status lb_service_requests(lb_service *service, const char *user, uint32_t n, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(api_check_range("n", n, 1, MOST_LISTED));
    return finish(served_requests(service, user, n, &t), &t, out);
}

lb_status lb_service_user_remove(lb_service *service, const char *id) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    LB_TRY(check_wanted("user", id));
    return served_user_remove(service, id);
}

/* ------------------------------------------------------------ the study */

lb_status lb_service_study_pair(lb_service *service, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    return finish(served_study_pair(service, &t), &t, out);
}

lb_status lb_service_study_vote(lb_service *service, const char *token, lb_vote vote,
                                const char *reviewer) {
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    if (!token) return status_fail(LB_E_ARGUMENT, "no pair is given");
    if (vote != LB_VOTE_LEFT && vote != LB_VOTE_RIGHT && vote != LB_VOTE_SAME)
        return status_fail(LB_E_ARGUMENT, "vote is %d: must be left, right or same", (int)vote);
    if (reviewer && *reviewer) LB_TRY(check_id("reviewer", reviewer));
    return served_study_vote(service, token, vote, reviewer);
}

lb_status lb_service_study_results(lb_service *service, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    return finish(served_study_results(service, &t), &t, out);
}

/* ------------------------------------------------------------ operation */

lb_status lb_service_reload(lb_service *service, const lb_runtime *runtime) {
    job *j;
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    LB_TRY(job_new(runtime, &j));
    lb_status status = served_reload(j, service);
    job_free(j);
    return status;
}

lb_status lb_service_rollback(lb_service *service, const lb_runtime *runtime) {
    job *j;
    if (!service) return status_fail(LB_E_ARGUMENT, "no service is given");
    LB_TRY(job_new(runtime, &j));
    lb_status status = served_rollback(j, service);
    job_free(j);
    return status;
}

lb_status lb_service_backup(lb_service *service, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    return finish(served_backup(service, &t), &t, out);
}

lb_status lb_service_state(lb_service *service, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    return finish(served_state(service, &t), &t, out);
}

lb_status lb_service_map(lb_service *service, uint32_t n, const char *user, lb_reply **out) {
    text t = {0};
    LB_TRY(check_service(service, out));
    LB_TRY(api_check_range("n", n, 1, MOST_MAPPED));
    return finish(served_map(service, n, user, &t), &t, out);
}

lb_status lb_compact(const char *directory, const lb_runtime *runtime, uint64_t *merged) {
    job *j;
    uint64_t unread;
    LB_TRY(api_check_directory(directory));
    LB_TRY(job_new(runtime, &j));
    lb_status status = served_compact(j, directory, merged ? merged : &unread);
    job_free(j);
    return status;
}
