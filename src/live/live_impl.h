/* What the files of serving share. */
#ifndef LB_LIVE_LIVE_IMPL_H
#define LB_LIVE_LIVE_IMPL_H

#include "core/best.h"
#include "live/live.h"

/* Of a long history only that many products count for reasons. */
enum { LIVE_HISTORY = 500 };

/* ---- space.c */

/* The spaces of taste and look of all products. The look is the model's own, or else the dataset's
 * feature (the model's, or the first), centred on the bought products. Places the products that the
 * dataset has gained, if model and dataset allow it, as the last part. */
lb_status live_spaces_new(lb_recommender *r);
void live_space_free(live_space *s);

/* Cosine of two products; NaN if one has no place. */
double live_cosine(const live_space *s, uint32_t a, uint32_t b);

/* ---- parts.c */

/* Queries of some of the trained users, for each of the model's partitions. */
typedef struct live_sample {
    float *queries[MODEL_MAX_PARTS]; // (n, query_dim)
    size_t n;
} live_sample;

/* After the shapes of the partitions are known. */
lb_status live_sample_users(const lb_recommender *r, live_sample *out);
void live_sample_free(live_sample *s); // accepts all zero

/* ---- catalogue.c: ids and categories */

lb_status live_find_product(const lb_recommender *r, const char *id, uint32_t *out);
lb_status live_find_user(const lb_recommender *r, const char *id, uint32_t *out);

lb_status live_categories_new(live_categories **out);
void live_categories_free(live_categories *c); // accepts NULL

/* Sets skip[p] = 1 for all products outside the category. */
lb_status live_keep_category(const lb_recommender *r, const char *category, uint8_t *skip);

/* ---- person.c: who is asked for */

typedef struct person {
    int64_t user;       // row of a trained user with a history, or -1
    uint32_t *liked;    // (n_liked) rows, each once, in the order given
    uint32_t *disliked; // (n_disliked)
    size_t n_liked, n_disliked;
    const uint32_t *history; // (n_history) of the model's training part
    size_t n_history;
    uint32_t *own; // (n_own) what reasons are sought among: liked, and the end of the history
    size_t n_own;
} person;

lb_status person_open(const lb_recommender *r, const lb_recommend_options *o, person *out);
void person_close(person *p); // accepts all zero

/* ---- rank.c: the best products */

typedef struct ranking {
    const lb_recommender *r;
    const uint8_t *skip;           // (n_products) 1 = left out
    float *query[MODEL_MAX_PARTS]; // for the parts; or
    float *score;                  // (n_products) given directly; NULL if not
} ranking;

/* For a person with a history or liked products: through the model. */
lb_status ranking_personal(const lb_recommender *r, const person *p, ranking *out);
/* For somebody of whom nothing is known: by training interactions. */
lb_status ranking_popular(const lb_recommender *r, ranking *out);
void ranking_free(ranking *k);

/* The best up to n products, n_new of them new ones if there are so many: the best n_new new ones
 * always have a place, and the list stays in order of scores. entries (n); sets *found. */
lb_status ranking_best(const ranking *k, size_t n, size_t n_new, best_entry *entries,
                       size_t *found);

/* ---- reason.c */

/* Fills is_new, reason, closeness and likeness of an item, and the rows of because and looks_like
 * (-1 = none). */
void reason_find(const lb_recommender *r, const person *p, uint32_t product, lb_item *item,
                 int64_t *because, int64_t *looks_like);

/* ---- items.c and json.c */

lb_status items_new(size_t capacity, lb_items **out);

/* Appends a copy of an item, with strings for the product and the rows of its reason. */
lb_status items_add(lb_items *items, const lb_recommender *r, uint32_t product, const lb_item *item,
                    int64_t because, int64_t looks_like);

/* Writes the JSON. Nothing may be added afterwards. */
lb_status items_finish(lb_items *items);

/* The items as JSON, allocated; bytes that are no UTF-8 become U+FFFD, NaN becomes null. */
lb_status items_print(const lb_items *items, char **json, char **list);

#endif
