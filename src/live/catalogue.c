#include <pthread.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

lb_status live_find_product(const lb_recommender *r, const char *id, uint32_t *out) {
    if (idmap_find(&r->products, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"%s", id,
                       r->dataset ? "" : " in the model; newer ones need the dataset's directory");
}

lb_status live_find_user(const lb_recommender *r, const char *id, uint32_t *out) {
    if (idmap_find(&r->users, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND,
                       "the model knows no user \"%s\"; give products that the person liked, or "
                       "train again if the user is newer than the model",
                       id);
}

/* ---- categories: asking the database takes longer than the search, so the latest answers are kept
 */

enum { KEPT = 16 };

struct live_categories {
    pthread_mutex_t lock;
    size_t next; // the entry to be replaced next
    struct {
        char *name;
        uint8_t *mask; // (n_products) 1 = in the category
    } entry[KEPT];
};

lb_status live_categories_new(live_categories **out) {
    live_categories *c;
    LB_TRY(NEW_ARRAY(c, 1));
    if (pthread_mutex_init(&c->lock, NULL)) {
        free(c);
        return status_fail(LB_E_NOMEM, "cannot make a lock");
    }
    *out = c;
    return LB_OK;
}

void live_categories_free(live_categories *c) {
    if (!c) return;
    for (size_t i = 0; i < KEPT; i++) {
        free(c->entry[i].name);
        free(c->entry[i].mask);
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void apply(const uint8_t *mask, uint32_t n, uint8_t *skip) {
    for (uint32_t p = 0; p < n; p++) skip[p] |= !mask[p];
}

static bool apply_kept(live_categories *c, const char *name, uint32_t n, uint8_t *skip) {
    bool found = false;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < KEPT && !found; i++) {
        found = c->entry[i].name && strcmp(c->entry[i].name, name) == 0;
        if (found) apply(c->entry[i].mask, n, skip);
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

/* Takes both over. */
static void put(live_categories *c, char *name, uint8_t *mask) {
    pthread_mutex_lock(&c->lock);
    size_t i = c->next;
    c->next = (i + 1) % KEPT;
    free(c->entry[i].name);
    free(c->entry[i].mask);
    c->entry[i].name = name;
    c->entry[i].mask = mask;
    pthread_mutex_unlock(&c->lock);
}

lb_status live_keep_category(const lb_recommender *r, const char *category, uint8_t *skip) {
    uint8_t *mask = NULL;
    char *name = NULL;
    size_t count;
    lb_status status = LB_OK;
    if (!r->dataset)
        return status_fail(LB_E_ARGUMENT,
                           "category \"%s\": categories are in the dataset; open the model with "
                           "the dataset's directory",
                           category);
    if (apply_kept(r->categories, category, r->n_products, skip)) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mask, r->n_products));
    LB_TRY_CLEANUP((name = memory_string(category)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(dataset_category_mask(r->dataset, category, mask, &count));
    apply(mask, r->n_products, skip);
    put(r->categories, name, mask);
    return LB_OK;
cleanup:
    free(mask);
    free(name);
    return status;
}
