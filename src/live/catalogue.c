#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/dataset_impl.h"
#include "data/rows.h"
#include "data/tombstone.h"
#include "live/live_impl.h"
#include "live/mask.h"
#include "live/update.h"

lb_status live_find_product(const lb_recommender *r, const char *id, uint32_t *out) {
    if (idmap_find(&r->products, id, out) && !id_is_tombstone(id)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"%s", id,
                       r->dataset ? "" : " in the model; newer ones need the dataset's directory");
}

lb_status live_find_user(const lb_recommender *r, const char *id, uint32_t *out) {
    bool erased = false;
    if (idmap_find(&r->users, id, out)) {
        erased = r->dataset && id_is_tombstone(dataset_user_id(r->dataset, *out));
        if (!erased && !id_is_tombstone(id)) return LB_OK;
    }
    return status_fail(LB_E_NOT_FOUND,
                       "the model knows no user \"%s\"; give products that the person liked, or "
                       "train again if the user is newer than the model",
                       id);
}

/* ---- room for products */

static lb_status grow(void **block, size_t from, size_t to, size_t size) {
    char *grown = memory_resize(*block, to, size);
    if (!grown) return LB_E_NOMEM;
    memset(grown + from * size, 0, (to - from) * size);
    *block = grown;
    return LB_OK;
}

#define GROW(array, from, to) grow((void **)&(array), (from), (to), sizeof *(array))

lb_status live_reserve(lb_recommender *r, uint32_t capacity) {
    uint32_t from = r->capacity;
    if (capacity <= from) return LB_OK;
    if (from) capacity += capacity / 2;
    size_t row_words = ((size_t)from + 63) / 64, words = r->mask_words - row_words;
    if (!r->capacity) words = r->mask_words; // as live_open leaves it: those of the parts
    size_t grown = words + ((size_t)capacity + 63) / 64;
    size_t had = r->gone ? r->mask_words : 0;
    LB_TRY(GROW(r->known, from, capacity));
    LB_TRY(GROW(r->buyers, from, capacity));
    LB_TRY(GROW(r->price, from, capacity));
    LB_TRY(GROW(r->fresh.slot, from, capacity));
    LB_TRY(GROW(r->stand_in, from, capacity));
    LB_TRY(GROW(r->gone, had, grown));
    LB_TRY(GROW(r->hidden, had, grown));
    LB_TRY(live_categories_grow(r->categories, grown));
    for (uint32_t p = from; p < capacity; p++) r->price[p] = -1;
    r->mask_words = grown;
    r->capacity = capacity;
    return LB_OK;
}

/* ---- texts */

static lb_status take_product(void *context, const product_row *row) {
    lb_recommender *r = context;
    if (row->row >= r->n_products) return LB_OK; // came after the ids were read
    live_product *known;
    LB_TRY(live_product_new(row, &known));
    live_product_put(r, row->row, known, id_is_tombstone(row->id));
    return LB_OK;
}

lb_status live_catalogue_load(lb_recommender *r) {
    if (r->dataset) return rows_products(dataset_rows(r->dataset), ALL_ROWS, take_product, r);
    for (uint32_t p = 0; p < r->n_products; p++)
        if (id_is_tombstone(r->products.id[p])) live_product_put(r, p, NULL, true);
    return LB_OK;
}

/* ---- categories: comparing all paths takes longer than the search, so the latest answers are kept
 */

enum { KEPT = 16 };

struct live_categories {
    pthread_mutex_t lock;
    size_t next, mask_words; // the entry to be replaced next
    struct {
        char *name;
        uint64_t *outside; // mask of products that are not in the category
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
        free(c->entry[i].outside);
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool is_outside(const lb_recommender *r, uint32_t product, const char *category) {
    const live_product *known = r->known[product];
    return !known || !known->category || !category_holds(known->category, category);
}

void live_categories_note(const lb_recommender *r, uint32_t product) {
    live_categories *c = r->categories;
    for (size_t i = 0; i < KEPT; i++)
        if (c->entry[i].name)
            mask_set(r, c->entry[i].outside, product, is_outside(r, product, c->entry[i].name));
}

lb_status live_categories_grow(live_categories *c, size_t mask_words) {
    for (size_t i = 0; i < KEPT; i++) {
        if (!c->entry[i].name || c->mask_words >= mask_words) continue;
        LB_TRY(GROW(c->entry[i].outside, c->mask_words, mask_words));
    }
    c->mask_words = mask_words;
    return LB_OK;
}

static bool apply_kept(const lb_recommender *r, const char *name, uint64_t *skip) {
    live_categories *c = r->categories;
    bool found = false;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < KEPT && !found; i++) {
        found = c->entry[i].name && strcmp(c->entry[i].name, name) == 0;
        if (found) mask_add(r, skip, c->entry[i].outside);
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

/* Takes both over. */
static void put(live_categories *c, char *name, uint64_t *outside) {
    pthread_mutex_lock(&c->lock);
    size_t i = c->next;
    c->next = (i + 1) % KEPT;
    free(c->entry[i].name);
    free(c->entry[i].outside);
    c->entry[i].name = name;
    c->entry[i].outside = outside;
    pthread_mutex_unlock(&c->lock);
}

/* The first categories by row, for the message. */
static lb_status no_category(const lb_recommender *r, const char *category) {
    char names[400] = "";
    size_t used = 0, n = 0;
    const char *last = "";
    for (uint32_t p = 0; p < r->n_products && n < 5 && used < sizeof names; p++) {
        const char *own = r->known[p] ? r->known[p]->category : NULL;
        if (!own || strcmp(own, last) == 0) continue;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s\"%.60s\"", n++ ? ", " : "",
                                 own);
        last = own;
    }
    if (!n)
        return status_fail(LB_E_NOT_FOUND,
                           "%s knows no categories; import a product file with a category column",
                           dataset_directory(r->dataset));
    return status_fail(LB_E_NOT_FOUND, "%s has no category \"%s\"; it has, among others: %s",
                       dataset_directory(r->dataset), category, names);
}

lb_status live_keep_category(const lb_recommender *r, const char *category, uint64_t *skip) {
    uint64_t *outside = NULL;
    char *name = NULL;
    size_t n_inside = 0;
    lb_status status = LB_OK;
    if (!r->dataset)
        return status_fail(LB_E_ARGUMENT,
                           "category \"%s\": categories are in the dataset; open the model with "
                           "the dataset's directory",
                           category);
    if (apply_kept(r, category, skip)) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(outside, r->mask_words));
    LB_TRY_CLEANUP((name = memory_string(category)) ? LB_OK : LB_E_NOMEM);
    for (uint32_t p = 0; p < r->n_products; p++) {
        bool is = is_outside(r, p, category);
        mask_set(r, outside, p, is);
        n_inside += !is;
    }
    if (!n_inside) LB_TRY_CLEANUP(no_category(r, category));
    mask_add(r, skip, outside);
    put(r->categories, name, outside);
    return LB_OK;
cleanup:
    free(outside);
    free(name);
    return status;
}

/* ---- prices */

lb_status live_keep_price(const lb_recommender *r, double least, double most, uint64_t *skip) {
    if (isnan(least) && isnan(most)) return LB_OK;
    if (!r->dataset)
        return status_fail(LB_E_ARGUMENT,
                           "prices are in the dataset; open the model with the dataset's "
                           "directory");
    double from = isnan(least) ? 0 : least, to = isnan(most) ? INFINITY : most;
    for (uint32_t p = 0; p < r->n_products; p++)
        if (!(r->price[p] >= from && r->price[p] <= to)) mask_set(r, skip, p, true);
    return LB_OK;
}
