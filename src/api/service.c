#define _GNU_SOURCE
/* The public calls of a service. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "api/check.h"
#include "core/job.h"
#include "core/memory.h"
#include "core/text.h"
#include "live/live.h"

struct lb_service {
    lb_recommender *recommender;
};

struct lb_reply {
    char *json;
};

struct lb_picture {
    void *bytes;
    size_t n;
};

static lb_status later(void) {
    return status_fail(LB_E_UNSUPPORTED, "not possible in this build of the service");
}

void lb_service_options_init(lb_service_options *options) {
    memset(options, 0, sizeof *options);
}

lb_status lb_service_open(const lb_service_options *options, const lb_runtime *runtime,
                          lb_service **out) {
    lb_service *s;
    LB_TRY(NEW_ARRAY(s, 1));
    lb_status status = lb_recommender_open(options->model, options->directory, runtime,
                                           &s->recommender);
    if (status == LB_OK)
        *out = s;
    else
        free(s);
    return status;
}

void lb_service_close(lb_service *service) {
    if (!service) return;
    lb_recommender_close(service->recommender);
    free(service);
}

lb_status lb_service_recommend(lb_service *service, const lb_recommend_options *options,
                               lb_items **out) {
    return lb_recommend(service->recommender, options, out);
}

lb_status lb_service_similar(lb_service *service, const lb_similar_options *options,
                             lb_items **out) {
    return lb_similar(service->recommender, options, out);
}

const char *lb_reply_json(const lb_reply *reply) {
    return reply ? reply->json : "null";
}

void lb_reply_free(lb_reply *reply) {
    if (!reply) return;
    free(reply->json);
    free(reply);
}

static lb_status finish_reply(text *t, lb_reply **out) {
    lb_reply *reply = NULL;
    if (t->status == LB_OK) t->status = NEW_ARRAY(reply, 1);
    if (t->status != LB_OK) {
        free(t->bytes);
        return t->status;
    }
    reply->json = t->bytes;
    *out = reply;
    return LB_OK;
}

void lb_product_init(lb_product *product) {
    memset(product, 0, sizeof *product);
    product->price = (double)NAN;
    product->available = -1;
}

lb_status lb_service_products_add(lb_service *service, const lb_product *products, size_t n,
                                  int replace) {
    (void)service, (void)products, (void)n, (void)replace;
    return later();
}

lb_status lb_service_product_change(lb_service *service, const lb_product *product) {
    (void)service, (void)product;
    return later();
}

lb_status lb_service_product_remove(lb_service *service, const char *id) {
    (void)service, (void)id;
    return later();
}

static void add_product(text *t, const lb_recommender *r, uint32_t p, const product_info *info,
                        bool description) {
    text_add(t, "{\"id\":");
    text_json_string(t, r->products.id[p]);
    text_add(t, ",\"title\":");
    text_json_string(t, info->title);
    text_add(t, ",\"brand\":");
    text_json_string(t, info->brand);
    text_add(t, ",\"category\":");
    text_json_string(t, info->category);
    if (description) text_add(t, ",\"description\":");
    if (description) text_json_string(t, info->description);
    text_add(t, ",\"price\":");
    text_json_number(t, info->price < 0 ? (double)NAN : info->price);
    text_add(t, ",\"available\":true,\"new\":%s,\"photo\":%s,\"buyers\":%u}",
             live_is_new(r, p) ? "true" : "false",
             dataset_image_path(r->dataset, p) ? "true" : "false",
             p < r->model->common.n_products ? r->model->common.degree[p] : 0);
}

lb_status lb_service_product(lb_service *service, const char *id, lb_reply **out) {
    uint32_t p;
    product_info info;
    text t = {0};
    LB_TRY(dataset_find_product(service->recommender->dataset, id, &p));
    LB_TRY(dataset_product_info(service->recommender->dataset, p, &info));
    add_product(&t, service->recommender, p, &info, true);
    product_info_free(&info);
    return finish_reply(&t, out);
}

void lb_list_options_init(lb_list_options *options) {
    memset(options, 0, sizeof *options);
    options->n = 50;
}

static void add_end(text *t, uint32_t total, const lb_list_options *o) {
    text_add(t, "],\"total\":%u,\"next\":", total);
    if (o->offset + o->n < total)
        text_add(t, "%u}", o->offset + o->n);
    else
        text_add(t, "null}");
}

lb_status lb_service_products(lb_service *service, const lb_list_options *options, lb_reply **out) {
    const lb_recommender *r = service->recommender;
    uint32_t n = r->n_products, found = 0;
    product_info *infos;
    text t = {0};
    LB_TRY(NEW_ARRAY(infos, n));
    lb_status status = dataset_product_infos(r->dataset, 0, n, infos);
    text_add(&t, "{\"products\":[");
    for (uint32_t p = 0; p < n && status == LB_OK; p++) {
        const char *title = infos[p].title ? infos[p].title : "";
        if ((!options->search || strcasestr(title, options->search) ||
             strcasestr(r->products.id[p], options->search)) &&
            (!options->only_new || live_is_new(r, p))) {
            if (found >= options->offset && found - options->offset < options->n) {
                if (found > options->offset) text_add(&t, ",");
                add_product(&t, r, p, &infos[p], false);
            }
            found++;
        }
    }
    for (uint32_t p = 0; p < n && status == LB_OK; p++) product_info_free(&infos[p]);
    free(infos);
    add_end(&t, found, options);
    if (status == LB_OK) return finish_reply(&t, out);
    free(t.bytes);
    return status;
}

lb_status lb_service_categories(lb_service *service, lb_reply **out) {
    (void)service, (void)out;
    return later();
}

lb_status lb_service_photo(lb_service *service, const char *id, uint32_t side, lb_picture **out) {
    (void)service, (void)id, (void)side, (void)out;
    return later();
}

const void *lb_picture_bytes(const lb_picture *picture, size_t *n) {
    *n = picture ? picture->n : 0;
    return picture ? picture->bytes : NULL;
}

void lb_picture_free(lb_picture *picture) {
    if (!picture) return;
    free(picture->bytes);
    free(picture);
}

lb_status lb_service_feedback(lb_service *service, const lb_feedback *feedback, size_t n,
                              const char *key, int *repeated) {
    (void)service, (void)feedback, (void)n, (void)key, (void)repeated;
    return later();
}

lb_status lb_service_user(lb_service *service, const char *id, lb_reply **out) {
    (void)service, (void)id, (void)out;
    return later();
}

lb_status lb_service_users(lb_service *service, const lb_list_options *options, lb_reply **out) {
    const lb_recommender *r = service->recommender;
    const model_common *c = &r->model->common;
    text t = {0};
    text_add(&t, "{\"users\":[");
    for (uint32_t u = options->offset, i = 0; i < options->n && u < c->n_users; u++, i++) {
        text_add(&t, "%s{\"id\":", i ? "," : "");
        text_json_string(&t, r->users.id[u]);
        text_add(&t, ",\"products\":%u}", c->user_start[u + 1] - c->user_start[u]);
    }
    add_end(&t, c->n_users, options);
    return finish_reply(&t, out);
}

lb_status lb_service_user_remove(lb_service *service, const char *id) {
    (void)service, (void)id;
    return later();
}

lb_status lb_service_reload(lb_service *service, const lb_runtime *runtime) {
    (void)service, (void)runtime;
    return later();
}

lb_status lb_service_rollback(lb_service *service, const lb_runtime *runtime) {
    (void)service, (void)runtime;
    return later();
}

lb_status lb_service_backup(lb_service *service, lb_reply **out) {
    (void)service, (void)out;
    return later();
}

lb_status lb_service_state(lb_service *service, lb_reply **out) {
    (void)service, (void)out;
    return later();
}

lb_status lb_service_map(lb_service *service, uint32_t n, const char *user, lb_reply **out) {
    (void)service, (void)n, (void)user, (void)out;
    return later();
}

lb_status lb_compact(const char *directory, const lb_runtime *runtime, uint64_t *merged) {
    (void)directory, (void)runtime, (void)merged;
    return later();
}
