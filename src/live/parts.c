/* What the queries of a model's partitions look like, for the indices over them. */
#include "core/memory.h"
#include "live/live_impl.h"
#include "model/text_encoder.h"

/* Indices of more dimensions have no use for a sample (index.c). */
enum { SAMPLED_USERS = 512, SAMPLED_DIM = 1024 };

/* Whether requests are read by a network, which takes too long to do it for a sample. */
static bool reads_by_network(const model *m) {
    for (size_t k = 0; k < DATASET_MAX_FEATURES; k++)
        if (text_encoder_is(m->common.encoder[k])) return true;
    return false;
}

/* The title of a product as a request, so that searches for words are foreseen as well; *out = NULL
 * if it has none. Free it. */
static lb_status sample_text(const lb_recommender *r, uint32_t product, char **out) {
    product_info info = {0};
    *out = NULL;
    if (!r->dataset || !r->model->class->takes_text || reads_by_network(r->model)) return LB_OK;
    LB_TRY(dataset_product_infos(r->dataset, product, 1, &info));
    *out = info.title;
    info.title = NULL;
    product_info_free(&info);
    return LB_OK;
}

static lb_status sample_one(const lb_recommender *r, uint32_t user, const char *words,
                            float *const query[MODEL_MAX_PARTS]) {
    const model *m = r->model;
    if (words) return m->class->query_request(m->state, &m->common, user, words, query);
    return m->class->query_user(m->state, &m->common, user, query);
}

void live_sample_free(live_sample *s) {
    for (size_t i = 0; i < MODEL_MAX_PARTS; i++) free(s->queries[i]);
    *s = (live_sample){0};
}

lb_status live_sample_users(const lb_recommender *r, live_sample *out) {
    const model *m = r->model;
    uint32_t n_users = m->common.n_users, n = n_users < SAMPLED_USERS ? n_users : SAMPLED_USERS;
    lb_status status = LB_OK;
    *out = (live_sample){.n = n};
    for (size_t i = 0; i < r->n_queries; i++)
        if (r->query_dim[i] > SAMPLED_DIM) out->n = n = 0;
    for (size_t i = 0; i < r->n_queries; i++)
        LB_TRY_CLEANUP(NEW_ARRAY(out->queries[i], (size_t)n * r->query_dim[i]));
    for (uint32_t u = 0; u < n; u++) {
        float *query[MODEL_MAX_PARTS] = {0};
        for (size_t i = 0; i < r->n_queries; i++)
            query[i] = out->queries[i] + (size_t)u * r->query_dim[i];
        uint32_t user = (uint32_t)((uint64_t)u * n_users / n);
        uint32_t product = (uint32_t)((uint64_t)u * m->common.n_products / n);
        char *words = NULL;
        if (u % 2) LB_TRY_CLEANUP(sample_text(r, product, &words));
        status = sample_one(r, user, words, query);
        free(words);
        LB_TRY_CLEANUP(status);
    }
    return LB_OK;
cleanup:
    live_sample_free(out);
    return status;
}
