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
 * dataset has gained, if model and dataset allow it, as the last part. Opens the features. */
lb_status live_spaces_new(job *j, lb_recommender *r);
void live_space_free(live_space *s);

/* Scales a vector to length one; false, and zeros, where it has none. */
bool live_direction(float *vector, uint32_t dim);

/* ---- parts.c */

/* Queries of some of the trained users, for each of the model's partitions. */
typedef struct live_sample {
    float *queries[MODEL_MAX_PARTS]; // (n, query_dim)
    size_t n;
} live_sample;

/* After the shapes of the partitions are known. */
lb_status live_sample_users(const lb_recommender *r, live_sample *out);
void live_sample_free(live_sample *s); // accepts all zero

/* Where a product is in a space of r, (dim) of length one; NULL if it has no place. */
const float *live_place(const lb_recommender *r, const live_space *s, uint32_t product);

/* Cosine of two products; NaN if one has no place. */
double live_cosine(const lb_recommender *r, const live_space *s, uint32_t a, uint32_t b);

/* ---- nearest.c */

/* Adds the products with the largest cosine to `from`, (s->dim) of length one, that are not in the
 * mask `skip`: new ones only, or all. */
lb_status live_nearest(const lb_recommender *r, const live_space *s, const float *from,
                       const uint64_t *skip, bool only_new, best_list *best);

/* ---- place.c: by features */

/* Where n products are by their features (n, feature_dim), which are changed, and by what is
 * written of them, `said` (n) or NULL; a feature that one lacks begins with NaN. vector (n, dim of
 * the last query), or NULL where the model cannot place; taste (n, taste.dim), look (n, look.dim),
 * of length one or zero. */
typedef struct placed {
    float *vector, *taste, *look;
} placed;
lb_status live_place_features(const lb_recommender *r, float *features, size_t n,
                              const words_product *said, placed *out);
void placed_free(placed *p); // accepts all zero

/* ---- encoder.c: what made the features */

lb_status live_encoders_new(lb_recommender *r);
void live_encoders_free(lb_recommender *r);

/* Whether feature k comes from pictures, or from words. */
bool live_encodes_photos(const lb_recommender *r, size_t k);
bool live_encodes_words(const lb_recommender *r, size_t k);

/* Feature k of an image file, (dim); `*blank` if it shows nothing. Thread-safe. */
lb_status live_encode_photo(const lb_recommender *r, size_t k, const void *bytes, size_t size,
                            float *out, bool *blank);

/* Feature k of what is written of a product; *found = false if nothing is. Thread-safe. */
lb_status live_encode_words(const lb_recommender *r, size_t k, const char *title,
                            const char *category, const char *brand, const char *description,
                            float *out, bool *found);

/* LB_OK for an image file that can be decoded. */
lb_status live_check_photo(const void *bytes, size_t size);

/* ---- catalogue.c: ids, texts and categories */

lb_status live_find_product(const lb_recommender *r, const char *id, uint32_t *out);
lb_status live_find_user(const lb_recommender *r, const char *id, uint32_t *out);

/* Room for `capacity` rows of products in all that changes. On failure all is as it was. */
lb_status live_reserve(lb_recommender *r, uint32_t capacity);

/* Reads texts and availability of all products. */
lb_status live_catalogue_load(lb_recommender *r);

lb_status live_categories_new(live_categories **out);
void live_categories_free(live_categories *c); // accepts NULL

/* Adds all products outside the category to a mask. LB_E_NOT_FOUND if none is in it. */
lb_status live_keep_category(const lb_recommender *r, const char *category, uint64_t *skip);

/* Adds all products to a mask whose price is not within the limits; NaN = no limit. LB_E_ARGUMENT
 * for limits without a dataset. */
lb_status live_keep_price(const lb_recommender *r, double least, double most, uint64_t *skip);

/* After what is known of a product has changed, and after masks have grown. */
void live_categories_note(const lb_recommender *r, uint32_t product);
lb_status live_categories_grow(live_categories *c, size_t mask_words);

/* ---- people.c */

lb_status live_people_new(lb_recommender *r);
void live_people_free(live_people *p); // accepts NULL

/* Forgets what users were folded in to. */
void live_people_forget(live_people *p);

/* What a user (row of the dataset) did. */
live_user live_people_user(const live_people *p, uint32_t user);

/* ---- person.c: who is asked for */

typedef struct person {
    const char *text;   // what is asked for, with words in it; NULL = nothing
    bool known;         // the model can place something of the person (set by live_recommend)
    int64_t user;       // row of a trained user with a history, or -1
    uint32_t *liked;    // (n_liked) rows, each once: the request's, then what feedback likes
    uint32_t *disliked; // (n_disliked)
    uint32_t *bought;   // (n_bought) what the model does not know of the history
    uint32_t *history;  // (n_history) all that was bought
    size_t n_liked, n_disliked, n_bought, n_history;
    uint32_t *own; // (n_own) what reasons are sought among: liked, and the end of the history
    size_t n_own;
    bool has_feedback; // of the dataset
    live_query *kept;  // of the user, where the request adds nothing to what is known; NULL = none
} person;

lb_status person_open(const lb_recommender *r, const lb_recommend_options *o, person *out);
void person_close(person *p); // accepts all zero

/* ---- rank.c: the best products */

typedef struct ranking {
    const lb_recommender *r;
    const uint64_t *skip;          // mask of what is left out
    float *query[MODEL_MAX_PARTS]; // for the parts; or
    float *score;                  // (n_products) given directly; or
    const float *look;             // (look.dim) what they are to look like; or
    bool popular;                  // by the number of buyers
} ranking;

/* For a person who is known, or asks for something: through the model. */
lb_status ranking_personal(const lb_recommender *r, const person *p, ranking *out);
void ranking_free(ranking *k);

/* The score of one product; -INFINITY if it has none. */
float ranking_score(const ranking *k, uint32_t product);

/* The best up to n products, n_new of each `page` of them new ones if there are so many, in the
 * order of scores within a page. entries (n); sets *found. */
lb_status ranking_best(const ranking *k, size_t n, size_t page, size_t n_new, best_entry *entries,
                       size_t *found);

/* ---- diverse.c */

/* The first n of the list, chosen by maximal marginal relevance; the rest is dropped. */
lb_status diverse_choose(const lb_recommender *r, double diversity, best_entry *entries,
                         size_t *n_entries, size_t n);

/* ---- reason.c */

/* Fills is_new, reason, closeness and likeness of an item, and the rows of because and looks_like
 * (-1 = none). */
void reason_find(const lb_recommender *r, const person *p, uint32_t product, lb_item *item,
                 int64_t *because, int64_t *looks_like);

/* Says that the request speaks for the product with `words` (NULL = with none in particular): what
 * is not near to it is no reason then. */
void reason_add_words(const char *words, lb_item *item, int64_t *because, int64_t *looks_like);

/* ---- spoken.c: which words of a request speak for a product */

enum { SPOKEN_BYTES = 168 };

typedef struct spoken_word {
    char text[SPOKEN_BYTES]; // in lower case
    double length;           // how much it counts
    ranking meaning;         // scores are cosines of it and products
} spoken_word;

typedef struct spoken {
    size_t n;
    spoken_word *word; // (n) in the order of the request, each once
} spoken;

/* Whether there is anything to read in a text, which may be NULL. */
bool spoken_any(const char *text);

lb_status spoken_open(const lb_recommender *r, const char *text, spoken *out);
void spoken_close(spoken *s); // accepts all zero

/* Those that speak for a product, with spaces between; *out = NULL if none does. Free it. */
lb_status spoken_find(const spoken *s, uint32_t product, char **out);

/* ---- items.c and json.c */

lb_status items_new(size_t capacity, const char *based_on, bool explained, lb_items **out);

/* Appends a copy of an item, with strings for the product and the rows of its reason. */
lb_status items_add(lb_items *items, const lb_recommender *r, uint32_t product, const lb_item *item,
                    int64_t because, int64_t looks_like);

/* Writes the JSON. Nothing may be added afterwards. */
lb_status items_finish(lb_items *items);

/* The items as JSON, allocated, and the list in it alone; bytes that are no UTF-8 become U+FFFD,
 * NaN becomes null. */
lb_status items_print(const lb_items *items, char **json, char **list);

#endif
