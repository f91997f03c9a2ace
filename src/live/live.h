/*
 * What serving needs: a model, the dataset it was trained on if there is one, the products that the
 * dataset has gained since, and an index over each partition. A snapshot: what it answers does not
 * change after live_open, so that any number of threads may ask it. Arguments were checked by the
 * caller (src/api/recommend.c).
 */
#ifndef LB_LIVE_LIVE_H
#define LB_LIVE_LIVE_H

#include "data/idmap.h"
#include "index/index.h"
#include "model/model.h"

enum { LIVE_MAX_PARTS = MODEL_MAX_PARTS + 1 };

/* The model's partitions, and the new products as one more that shares the last one's query. */
typedef struct live_part {
    size_t query;            // which of the model's queries it is searched with
    uint32_t n, n_new;       // products; those without training interactions
    const uint32_t *product; // (n) rows, ascending
    vector_index *index;
} live_part;

/* A space in which products are compared by cosine. */
typedef struct live_space {
    uint32_t dim;   // 0 = there is no such space
    float *vector;  // (n_products, dim) of length one; zero where unknown
    uint8_t *known; // (n_products) whether the product has a place in it
} live_space;

/* The products of the categories that were asked for last; behind a lock. */
typedef struct live_categories live_categories;

struct lb_recommender {
    model *model;
    dataset *dataset;      // NULL if there is none
    uint32_t n_products;   // of the model, and behind them those that the dataset has gained since
    idmap users, products; // ids of the model's users and of all n_products
    size_t n_queries;      // the model's partitions
    uint32_t query_dim[MODEL_MAX_PARTS];
    size_t n_parts;
    live_part part[LIVE_MAX_PARTS];
    uint32_t *gained;     // rows of the gained products that could be placed, the last part's
    float *gained_vector; // and their vectors
    live_space taste, look;
    live_categories *categories;
};

/* `directory` may be NULL. LB_E_MISMATCH names the first id in which dataset and model differ; the
 * errors of model_load and dataset_open. Time O(size of the model and of its feature's file). */
lb_status live_open(job *j, const char *path, const char *directory, lb_recommender **out);
void live_close(lb_recommender *r); // accepts NULL

/* An answer. */
struct lb_items {
    size_t n, capacity;
    lb_item *item; // (n); the strings are owned
    char *json, *list;
};

void items_free(lb_items *items); // accepts NULL

/* The answers. The options hold no NULL where a string is expected. LB_E_NOT_FOUND names an unknown
 * id; LB_E_UNSUPPORTED where the model knows trained users only; LB_E_NUMERIC if it gives no finite
 * numbers. O(n_products * dim + n * 500 * dim). */
lb_status live_recommend(const lb_recommender *r, const lb_recommend_options *o, lb_items **out);
lb_status live_similar(const lb_recommender *r, const lb_similar_options *o, lb_items **out);

/* Whether nobody has bought it: no training interactions. */
static inline bool live_is_new(const lb_recommender *r, uint32_t product) {
    return product >= r->model->common.n_products || r->model->common.degree[product] == 0;
}

#endif
