/* What there is, as JSON: products, categories, users, the state of the service. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "data/tombstone.h"
#include "live/mask.h"
#include "live/served.h"

static void add_member(text *t, const char *key, const char *value) {
    text_add(t, ",\"%s\":", key);
    text_json_string(t, value);
}

static const char *name_of(bool value) {
    return value ? "true" : "false";
}

/* ------------------------------------------------------------ products */

/* All but the description and the brace at the end. */
static void add_product(text *t, const lb_recommender *r, uint32_t product) {
    static const live_product nothing = {.price = -1, .available = true};
    const live_product *known = r->known[product] ? r->known[product] : &nothing;
    text_add(t, "{\"id\":");
    text_json_string(t, r->products.id[product]);
    add_member(t, "title", known->title);
    add_member(t, "brand", known->brand);
    add_member(t, "category", known->category);
    text_add(t, ",\"price\":");
    text_json_number(t, known->price < 0 ? (double)NAN : known->price);
    text_add(t, ",\"available\":%s,\"new\":%s,\"photo\":%s,\"buyers\":%" PRIu32,
             name_of(known->available), name_of(live_is_new(r, product)),
             name_of(known->photo != NULL), r->buyers[product]);
}

/* Texts that are too long for memory are read from the dataset. */
lb_status served_product(lb_service *s, const char *id, text *t) {
    uint32_t product;
    product_info info = {0};
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    lb_status status = live_find_product(r, id, &product);
    if (status == LB_OK) status = rows_info(dataset_rows(r->dataset), product, &info);
    if (status == LB_OK) {
        add_product(t, r, product);
        add_member(t, "description", info.description);
        text_add(t, "}");
    }
    pthread_rwlock_unlock(&s->lock);
    product_info_free(&info);
    return status;
}

/* ASCII case does not matter. */
static bool holds(const char *haystack, const char *needle) {
    size_t length = strlen(needle);
    for (; haystack && *haystack; haystack++)
        if (strncasecmp(haystack, needle, length) == 0) return true;
    return length == 0;
}

static bool is_listed(const lb_recommender *r, const lb_list_options *o, const uint64_t *skip,
                      uint32_t product) {
    const live_product *known = r->known[product];
    if (mask_has(r, skip, product) || (o->only_new && !live_is_new(r, product))) return false;
    return !o->search || holds(r->products.id[product], o->search) ||
           (known && known->title && holds(known->title, o->search));
}

/* A list of which one page is shown: "next" is where the following one begins. */
typedef struct page {
    text *t;
    const lb_list_options *o;
    uint64_t n; // so far
} page;

/* Whether the next entry is on the page; a comma is put before it. */
static bool page_takes(page *p) {
    uint64_t index = p->n++;
    if (index < p->o->offset || index - p->o->offset >= p->o->n) return false;
    if (index > p->o->offset) text_add(p->t, ",");
    return true;
}

static void page_end(page *p) {
    uint64_t next = (uint64_t)p->o->offset + p->o->n;
    text_add(p->t, "],\"total\":%" PRIu64 ",\"next\":", p->n);
    if (next < p->n)
        text_add(p->t, "%" PRIu64 "}", next);
    else
        text_add(p->t, "null}");
}

/* A page in order of rows: where it ended. */
static void page_end_row(text *t, uint32_t next, uint32_t n) {
    text_add(t, "],\"total\":null,\"next\":");
    if (next < n)
        text_add(t, "%" PRIu32 "}", next);
    else
        text_add(t, "null}");
}

static void list_products_by_row(const lb_recommender *r, const lb_list_options *o,
                                 const uint64_t *skip, text *t) {
    uint32_t i = o->offset, shown = 0;
    text_add(t, "{\"products\":[");
    for (; i < r->n_products && shown < o->n; i++)
        if (is_listed(r, o, skip, i)) {
            if (shown++) text_add(t, ",");
            add_product(t, r, i);
            text_add(t, "}");
        }
    page_end_row(t, i, r->n_products);
}

static void list_products(const lb_recommender *r, const lb_list_options *o, const uint64_t *skip,
                          text *t) {
    page p = {t, o, 0};
    text_add(t, "{\"products\":[");
    for (uint32_t i = 0; i < r->n_products; i++)
        if (is_listed(r, o, skip, i) && page_takes(&p)) {
            add_product(t, r, i);
            text_add(t, "}");
        }
    page_end(&p);
}

lb_status served_products(lb_service *s, const lb_list_options *o, text *t) {
    uint64_t *skip = NULL;
    lb_status status = LB_OK;
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    LB_TRY_CLEANUP(NEW_ARRAY(skip, r->mask_words));
    memcpy(skip, o->only_available ? r->hidden : r->gone, r->mask_words * sizeof *skip);
    if (o->category) status = live_keep_category(r, o->category, skip);
    if (status == LB_E_NOT_FOUND) { // nothing is in it
        memset(skip, 0xff, r->mask_words * sizeof *skip);
        status = LB_OK;
    }
    if (status == LB_OK) status = live_keep_price(r, o->price_min, o->price_max, skip);
    if (status == LB_OK) (o->by_row ? list_products_by_row : list_products)(r, o, skip, t);
cleanup:
    pthread_rwlock_unlock(&s->lock);
    free(skip);
    return status;
}

/* ------------------------------------------------------------ categories */

typedef struct category_count {
    const char *name;
    uint32_t n;
} category_count;

static int by_name(const void *a, const void *b) {
    return strcmp(((const category_count *)a)->name, ((const category_count *)b)->name);
}

/* Each path of a product, one a line, counts. */
static lb_status count_paths(const char *paths, idmap *names, uint32_t **n, size_t *capacity) {
    for (const char *end; paths && *paths; paths = *end ? end + 1 : NULL) {
        end = paths + strcspn(paths, "\n");
        char *name = memory_bytes(paths, (size_t)(end - paths));
        if (!name) return LB_E_NOMEM;
        uint32_t row = 0;
        bool added = false;
        lb_status status = idmap_add(names, name, &row, &added);
        free(name);
        LB_TRY(status);
        if (added) LB_TRY(GROW_ARRAY(*n, row, *capacity));
        (*n)[row] = added ? 1 : (*n)[row] + 1;
    }
    return LB_OK;
}

static lb_status list_categories(const idmap *names, const uint32_t *n, text *t) {
    category_count *list;
    LB_TRY(NEW_ARRAY(list, names->n));
    for (uint32_t i = 0; i < names->n; i++) list[i] = (category_count){names->id[i], n[i]};
    qsort(list, names->n, sizeof *list, by_name);
    text_add(t, "{\"categories\":[");
    for (uint32_t i = 0; i < names->n; i++) {
        text_add(t, "%s{\"name\":", i ? "," : "");
        text_json_string(t, list[i].name);
        text_add(t, ",\"products\":%" PRIu32 "}", list[i].n);
    }
    text_add(t, "]}");
    free(list);
    return LB_OK;
}

lb_status served_categories(lb_service *s, text *t) {
    idmap names = {0};
    uint32_t *n = NULL;
    size_t capacity = 0;
    lb_status status = LB_OK;
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    for (uint32_t p = 0; p < r->n_products && status == LB_OK; p++)
        if (r->known[p] && !mask_has(r, r->gone, p))
            status = count_paths(r->known[p]->category, &names, &n, &capacity);
    pthread_rwlock_unlock(&s->lock);
    if (status == LB_OK) status = list_categories(&names, n, t);
    idmap_free(&names);
    free(n);
    return status;
}

/* ------------------------------------------------------------ users */

enum { MOST_EVENTS = 1000 };

static int newest_first(const void *a, const void *b) {
    const live_event *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->product > y->product) - (x->product < y->product);
}

static void add_time(text *t, int64_t time) {
    if (time)
        text_add(t, ",\"time\":%" PRId64, time);
    else
        text_add(t, ",\"time\":null");
}

static lb_status list_events(const lb_recommender *r, const char *kind, const live_event *events,
                             uint32_t n, text *t) {
    live_event *list;
    LB_TRY(NEW_ARRAY(list, n));
    if (n) memcpy(list, events, n * sizeof *list);
    qsort(list, n, sizeof *list, newest_first);
    text_add(t, "[");
    uint32_t shown = 0;
    for (uint32_t i = 0; i < n && shown < MOST_EVENTS; i++) {
        const live_product *known = r->known[list[i].product];
        if (mask_has(r, r->gone, list[i].product)) continue;
        text_add(t, "%s{\"product\":", shown++ ? "," : "");
        text_json_string(t, r->products.id[list[i].product]);
        add_member(t, "title", known ? known->title : NULL);
        add_time(t, list[i].time);
        text_add(t, ",\"kind\":\"%s\"}", kind);
    }
    text_add(t, "]");
    free(list);
    return LB_OK;
}

static bool is_trained(const lb_recommender *r, uint32_t user) {
    const model_common *c = &r->model->common;
    return user < c->n_users && c->user_start[user + 1] > c->user_start[user];
}

static lb_status find_user(const lb_recommender *r, const char *id, uint32_t *user) {
    if (!id_is_tombstone(id) && idmap_find(&r->people->ids, id, user)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no user \"%s\"", id);
}

static lb_status show_user(const lb_recommender *r, const char *id, text *t) {
    uint32_t user;
    LB_TRY(find_user(r, id, &user));
    live_user u = live_people_user(r->people, user);
    text_add(t, "{\"id\":");
    text_json_string(t, id);
    text_add(t, ",\"history\":");
    LB_TRY(list_events(r, "bought", u.bought, u.n_bought, t));
    text_add(t, ",\"liked\":");
    LB_TRY(list_events(r, "liked", u.liked, u.n_liked, t));
    text_add(t, ",\"disliked\":");
    LB_TRY(list_events(r, "disliked", u.disliked, u.n_disliked, t));
    text_add(t, ",\"known_to_model\":%s}", name_of(is_trained(r, user)));
    return LB_OK;
}

lb_status served_user(lb_service *s, const char *id, text *t) {
    pthread_rwlock_rdlock(&s->lock);
    lb_status status = show_user(s->state->r, id, t);
    pthread_rwlock_unlock(&s->lock);
    return status;
}

/* Events with products from `first` on; those with one product are not divided. */
static void show_events(const lb_recommender *r, const live_event *events, uint32_t n_events,
                        uint32_t first, uint32_t n, text *t) {
    uint32_t i = 0, shown = 0;
    text_add(t, "{\"events\":[");
    for (; i < n_events; i++) {
        uint32_t product = events[i].product;
        if (product < first || mask_has(r, r->gone, product)) continue;
        if (shown >= n && product != events[i - 1].product) break;
        text_add(t, "%s{\"product\":", shown++ ? "," : "");
        text_json_string(t, r->products.id[product]);
        add_time(t, events[i].time);
        text_add(t, "}");
    }
    text_add(t, "],\"next\":");
    if (i < n_events)
        text_add(t, "%" PRIu32 "}", events[i].product);
    else
        text_add(t, "null}");
}

lb_status served_events(lb_service *s, const char *id, lb_feedback_kind kind, uint32_t first,
                        uint32_t n, text *t) {
    uint32_t user;
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    lb_status status = find_user(r, id, &user);
    if (status == LB_OK) {
        live_user u = live_people_user(r->people, user);
        if (kind == LB_BOUGHT)
            show_events(r, u.bought, u.n_bought, first, n, t);
        else if (kind == LB_LIKED)
            show_events(r, u.liked, u.n_liked, first, n, t);
        else
            show_events(r, u.disliked, u.n_disliked, first, n, t);
    }
    pthread_rwlock_unlock(&s->lock);
    return status;
}

static bool is_wanted_user(const lb_list_options *o, const char *id) {
    return !id_is_tombstone(id) && (!o->search || holds(id, o->search));
}

/* The first offset + n of those that match, by what they bought; counts all that do. */
static uint32_t choose_users(const live_people *people, const lb_list_options *o, best_list *best) {
    uint32_t total = 0;
    for (uint32_t u = 0; u < people->ids.n; u++) {
        if (!is_wanted_user(o, people->ids.id[u])) continue;
        float bought = (float)live_people_user(people, u).n_bought;
        if (best_admits(best, bought, u)) best_add(best, bought, u);
        total++;
    }
    best_sort(best);
    return total;
}

static void add_user(text *t, const live_people *people, uint32_t user) {
    text_add(t, "{\"id\":");
    text_json_string(t, people->ids.id[user]);
    text_add(t, ",\"products\":%" PRIu32 "}", live_people_user(people, user).n_bought);
}

static void list_users_by_row(const live_people *people, const lb_list_options *o, text *t) {
    uint32_t i = o->offset, shown = 0;
    text_add(t, "{\"users\":[");
    for (; i < people->ids.n && shown < o->n; i++)
        if (is_wanted_user(o, people->ids.id[i])) {
            if (shown++) text_add(t, ",");
            add_user(t, people, i);
        }
    page_end_row(t, i, people->ids.n);
}

static lb_status list_users(const live_people *people, const lb_list_options *o, text *t) {
    page p = {t, o, 0};
    best_entry *entries;
    size_t most = (size_t)o->offset + o->n;
    if (most > people->ids.n) most = people->ids.n;
    LB_TRY(NEW_ARRAY(entries, most));
    best_list best = {entries, most, 0};
    uint32_t total = choose_users(people, o, &best);
    text_add(t, "{\"users\":[");
    for (size_t i = 0; i < best.n; i++)
        if (page_takes(&p)) add_user(t, people, entries[i].row);
    p.n = total;
    page_end(&p);
    free(entries);
    return LB_OK;
}

lb_status served_users(lb_service *s, const lb_list_options *o, text *t) {
    lb_status status = LB_OK;
    pthread_rwlock_rdlock(&s->lock);
    const live_people *people = s->state->r->people;
    if (o->by_row)
        list_users_by_row(people, o, t);
    else
        status = list_users(people, o, t);
    pthread_rwlock_unlock(&s->lock);
    return status;
}

/* ------------------------------------------------------------ the service */

typedef struct counts {
    uint32_t products, available, fresh, photos, recommendable;
} counts;

/* Whether a personal list may hold it. */
static bool is_recommendable(const lb_recommender *r, uint32_t product) {
    uint32_t slot = r->fresh.slot[product];
    if (!r->model->class->parts) return product < r->model->common.n_products;
    return (slot && r->fresh.searched[slot - 1]) ||
           (product < r->n_fixed && r->part_of[product] < LIVE_MAX_PARTS);
}

static counts count(const lb_recommender *r) {
    counts c = {0};
    for (uint32_t p = 0; p < r->n_products; p++) {
        if (mask_has(r, r->gone, p)) continue;
        bool available = !mask_has(r, r->hidden, p);
        c.products++;
        c.available += available;
        c.fresh += live_is_new(r, p);
        c.photos += r->known[p] && r->known[p]->photo;
        c.recommendable += available && is_recommendable(r, p);
    }
    return c;
}

static void add_model(text *t, const lb_service *s) {
    const model *m = s->state->r->model;
    text_add(t, "{\"version\":\"%s\",\"isa\":\"%s\",\"model\":{\"name\":\"%s\"", lb_version(),
             lb_isa_name(), m->class->name);
    add_member(t, "trained_on", m->common.split);
    add_member(t, "features", m->common.feature);
    text_add(t,
             ",\"takes_text\":%s,\"seed\":%" PRIu64 ",\"previous\":%s,\"loaded_at\":%" PRId64 "}",
             name_of(m->class->takes_text), m->common.seed,
             name_of(model_versions_has_previous(s->versions)), s->state->loaded_at);
}

static void add_changes(text *t, lb_service *s) {
    int64_t last = atomic_load(&s->last_feedback_at);
    text_add(t,
             ",\"changes\":{\"products_added\":%" PRIu64 ",\"feedback\":%" PRIu64
             ",\"users_removed\":%" PRIu64 ",\"last_feedback_at\":",
             atomic_load(&s->products_added), atomic_load(&s->feedback),
             atomic_load(&s->users_removed));
    if (last)
        text_add(t, "%" PRId64 "}", last);
    else
        text_add(t, "null}");
}

lb_status served_state(lb_service *s, text *t) {
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    counts c = count(r);
    add_model(t, s);
    text_add(t, ",\"dataset\":{\"directory\":");
    text_json_string(t, file_name(s->directory));
    text_add(t,
             ",\"users\":%zu,\"products\":%" PRIu32 ",\"available\":%" PRIu32 ",\"new\":%" PRIu32
             ",\"interactions\":%zu,\"photos\":%" PRIu32 "}",
             (size_t)r->people->ids.n - r->people->n_erased, c.products, c.available, c.fresh,
             r->people->n_interactions, c.photos);
    add_changes(t, s);
    text_add(t, ",\"coverage\":{\"products_recommendable\":%" PRIu32 "}}", c.recommendable);
    pthread_rwlock_unlock(&s->lock);
    return LB_OK;
}
