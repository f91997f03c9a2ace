/*
 * What serving needs: a model, the dataset it was trained on if there is one, the products that the
 * dataset has gained since, and an index over each partition.
 *
 * A snapshot: what live_open makes of a model and a dataset does not change afterwards, so that any
 * number of threads may ask it. Beside it stands what a service changes while it is asked
 * (update.h): texts, availability, products and users that came since. A service keeps readers out
 * for the moment in which it publishes a change (served.h); a public lb_recommender never changes.
 * Arguments were checked by the caller (src/api/recommend.c).
 */
#ifndef LB_LIVE_LIVE_H
#define LB_LIVE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "data/idmap.h"
#include "index/index.h"
#include "model/model.h"

enum { LIVE_MAX_PARTS = MODEL_MAX_PARTS + 1 };

/* The model's partitions, and the new products as one more that shares the last one's query. */
typedef struct live_part {
    size_t query;            // which of the model's queries it is searched with
    uint32_t n, n_new;       // products; those without training interactions
    const uint32_t *product; // (n) rows, ascending
    const float *vector;     // (n, dim of the query)
    vector_index *index;
    size_t word; // where its bits begin in a mask (mask.h)
} live_part;

/* A space in which products are compared by cosine. */
typedef struct live_space {
    uint32_t n, dim;     // n_fixed rows; dim 0 = there is no such space
    float *vector;       // (n, dim) of length one; zero where unknown
    uint8_t *known;      // (n) whether the product has a place in it
    vector_index *index; // of `vector`
} live_space;

/* What is known of a product; one block of memory, replaced whole. NULL = unknown. */
typedef struct live_product {
    const char *title, *brand, *category;
    const char *photo; // path, absolute or in the dataset's folder
    double price;      // negative = unknown
    bool available;
} live_product;

/* Places of products that came, or whose features changed, after the snapshot was made. */
typedef struct live_fresh {
    uint32_t n, capacity;
    uint32_t *row;       // (n) of the product
    uint8_t *searched;   // (n) whether it competes with this vector
    uint8_t *tasted;     // (n) whether `taste` counts, and not the snapshot's
    float *vector;       // (n, dim of the last query)
    float *taste, *look; // (n, dim) of length one; zero where unknown
    uint32_t *slot;      // (capacity of rows) 1 + the place of a row in these arrays, 0 = none
} live_fresh;

/* One thing that a user did with a product. */
typedef struct live_event {
    uint32_t product;
    int64_t time; // 0 = not known
} live_event;

/* All that a user did; each list by product. */
typedef struct live_user {
    uint32_t n_bought, n_liked, n_disliked;
    const live_event *bought, *liked, *disliked;
} live_user;

/* A user of whom more is known than who bought what when the snapshot was made; replaced whole. */
typedef struct live_record {
    live_user did;
} live_record;

/* The vectors that the model folds a user in to, (all query_dim, one after the other), from when
 * they were first asked for until something changes; NULL = not asked for. */
typedef _Atomic(float *) live_query;

/* What the dataset knows of its users; only a service has it. */
typedef struct live_people {
    idmap ids;             // by the dataset's rows
    uint32_t n_fixed;      // those of the snapshot
    size_t *start;         // (n_fixed + 1)
    live_event *bought;    // (start[n_fixed])
    live_record **changed; // (capacity) instead of that, where not NULL
    live_query *query;     // (capacity) of those who are not as trained
    uint32_t capacity;
    size_t n_interactions, n_erased;
} live_people;

/* How the photos or words of a product became one of the features. */
typedef struct live_encoder live_encoder;

/* The products of the categories that were asked for last; behind a lock. */
typedef struct live_categories live_categories;

struct lb_recommender {
    /* the snapshot */
    model *model;
    dataset *dataset; // NULL if there is none
    uint32_t n_fixed; // products: the model's, and behind them those that the dataset had gained
    idmap users;      // the model's; tombstones of the dataset among them
    size_t n_queries; // the model's partitions
    uint32_t query_dim[MODEL_MAX_PARTS];
    size_t n_parts;
    live_part part[LIVE_MAX_PARTS];
    uint8_t *part_of;     // (n_fixed) the part that a product is searched in, LIVE_MAX_PARTS = none
    uint32_t *place_of;   // (n_fixed) its row there
    uint32_t *gained;     // rows of the gained products that could be placed, the last part's
    float *gained_vector; // and their vectors
    live_space taste, look;
    float *look_mean;                          // (look.dim) of looks that are a feature; else NULL
    bool can_place;                            // the model places products by their features
    feature_set feature[DATASET_MAX_FEATURES]; // what products are placed by, the model's
    size_t n_features, feature_dim;            // their number, and columns in all
    live_encoder *encoder;                     // (n_features)
    char *onnx_library;                        // NULL = the system's

    /* what changes */
    uint32_t n_products, capacity; // rows in use, and those that there is room for
    idmap products;                // ids of all rows
    live_product **known;          // (capacity) NULL = nothing is known
    uint32_t *buyers;              // (capacity)
    double *price;                 // (capacity) as known; negative = not
    size_t mask_words;             // of a mask, for `capacity` rows
    uint64_t *gone, *hidden;       // masks: taken out; that, or not available
    live_fresh fresh;
    _Atomic uint32_t *stand_in; // (capacity) of products that came after training: 1 + the trained
                                // product that looks most like it, 0 = not looked for yet
    live_categories *categories;
    live_people *people; // NULL but in a service
};

/* `directory` may be NULL. With `served`, users and what they did are read as well. `onnx_library`
 * is what encoders of ONNX networks are run by, NULL = the system's. LB_E_MISMATCH names the first
 * id in which dataset and model differ; the errors of model_load and dataset_open. Time O(size of
 * the model and of its feature's file). */
lb_status live_open(job *j, const char *path, const char *directory, bool served,
                    const char *onnx_library, lb_recommender **out);
void live_close(lb_recommender *r); // accepts NULL

/* An answer. */
struct lb_items {
    size_t n, capacity;
    lb_item *item; // (n); the strings are owned
    const char *based_on;
    bool explained;
    char *json, *list;
};

void items_free(lb_items *items); // accepts NULL

/* How a picture looks to the model. */
typedef struct live_picture {
    float *look; // (look.dim) of length one; NULL = there is no picture
} live_picture;

/* LB_E_UNSUPPORTED if none of the features comes from pictures, or the model cannot place one;
 * LB_E_EMPTY for a picture that shows nothing; the errors of image_decode. Needs no lock. */
lb_status live_picture_open(const lb_recommender *r, const void *bytes, size_t size,
                            live_picture *out);
void live_picture_close(live_picture *p); // accepts all zero

/* The answers; `picture` is that of the options, or all zero. The options hold no NULL where a
 * string is expected. LB_E_NOT_FOUND names an unknown id; LB_E_UNSUPPORTED where the model knows
 * trained users only; LB_E_NUMERIC if it gives no finite numbers. O(n_products * dim + n * 500 *
 * dim). */
lb_status live_recommend(const lb_recommender *r, const lb_recommend_options *o,
                         const live_picture *picture, lb_items **out);
lb_status live_similar(const lb_recommender *r, const lb_similar_options *o,
                       const live_picture *picture, lb_items **out);

/* Whether nobody had bought it when the model was trained. */
static inline bool live_is_new(const lb_recommender *r, uint32_t product) {
    return product >= r->model->common.n_products || r->model->common.degree[product] == 0;
}

#endif
