#include "live/update.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"
#include "live/mask.h"
#include "math/vector.h"

/* One product as it will be. */
typedef struct product_update {
    uint32_t row; // first: by_row compares it
    char *id;
    live_product *known;
    bool gone;
    int64_t placed; // its row in `placed` of the update; -1 = the snapshot's place stays
    bool searched;  // it competes with its vector there
} product_update;

typedef struct user_update {
    uint32_t row;
    char *id;
    live_record *known;
} user_update;

struct live_update {
    product_update *product; // (n_products) by row
    user_update *user;       // (n_users) by row
    size_t n_products, n_users;
    placed places;
};

void update_free(live_update *u) {
    if (!u) return;
    for (size_t i = 0; i < u->n_products; i++) {
        free(u->product[i].id);
        free(u->product[i].known);
    }
    for (size_t i = 0; i < u->n_users; i++) {
        free(u->user[i].id);
        live_record_free(u->user[i].known);
    }
    free(u->product);
    free(u->user);
    placed_free(&u->places);
    free(u);
}

/* ------------------------------------------------------------ single products */

static const char *copy_text(const char *text, char **next) {
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    const char *own = memcpy(*next, text, size);
    *next += size;
    return own;
}

static size_t size_of(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

lb_status live_product_new(const product_row *row, live_product **out) {
    size_t texts = size_of(row->title) + size_of(row->brand) + size_of(row->category) +
                   size_of(row->photo);
    char *block = memory_resize(NULL, sizeof(live_product) + texts, 1);
    if (!block) return LB_E_NOMEM;
    live_product *p = (void *)block;
    char *next = block + sizeof *p;
    p->title = copy_text(row->title, &next);
    p->brand = copy_text(row->brand, &next);
    p->category = copy_text(row->category, &next);
    p->photo = copy_text(row->photo, &next);
    p->price = row->price;
    p->available = row->available;
    *out = p;
    return LB_OK;
}

void live_product_put(lb_recommender *r, uint32_t product, live_product *known, bool gone) {
    uint32_t slot = r->fresh.slot[product];
    bool moved = slot && r->fresh.searched[slot - 1]; // not to be found in its old part
    bool hidden = gone || (known && !known->available);
    free(r->known[product]);
    r->known[product] = known;
    r->price[product] = known ? known->price : -1;
    mask_set(r, r->gone, product, gone);
    mask_set(r, r->hidden, product, hidden);
    mask_put_part(r, r->gone, product, gone || moved);
    mask_put_part(r, r->hidden, product, hidden || moved);
    live_categories_note(r, product);
}

/* ------------------------------------------------------------ reading rows back */

static int by_row(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Ascending, each once, with all from `known` to `end` and none beyond. Free with free(). */
static lb_status list_rows(const uint32_t *from, size_t n, uint32_t known, uint32_t end,
                           uint32_t **out, size_t *n_out) {
    uint32_t *rows;
    size_t k = 0, kept = 0;
    LB_TRY(NEW_ARRAY(rows, n + (end > known ? end - known : 0)));
    for (size_t i = 0; i < n; i++)
        if (from[i] < known) rows[k++] = from[i];
    qsort(rows, k, sizeof *rows, by_row);
    for (size_t i = 0; i < k; i++)
        if (!kept || rows[kept - 1] != rows[i]) rows[kept++] = rows[i];
    for (uint32_t row = known; row < end; row++) rows[kept++] = row;
    *out = rows;
    *n_out = kept;
    return LB_OK;
}

static lb_status take_product(void *context, const product_row *row) {
    product_update *u = context;
    if (!(u->id = memory_string(row->id))) return LB_E_NOMEM;
    u->gone = id_is_tombstone(row->id);
    return live_product_new(row, &u->known);
}

static lb_status missing_row(const sql *db, const char *what, uint32_t row) {
    return status_fail(LB_E_FORMAT,
                       "%s: damaged: row %u of the %s is missing; restore a copy, or import into a "
                       "new directory",
                       db->path, row, what);
}

static lb_status read_products(const lb_recommender *r, const sql *db, const touched *t,
                               uint32_t end, live_update *u) {
    uint32_t *rows = NULL;
    size_t n = 0;
    lb_status status = LB_OK;
    LB_TRY(list_rows(t->product, t->n_products, r->n_products, end, &rows, &n));
    LB_TRY_CLEANUP(NEW_ARRAY(u->product, n));
    for (u->n_products = 0; u->n_products < n;) {
        product_update *p = &u->product[u->n_products++];
        *p = (product_update){.row = rows[u->n_products - 1], .placed = -1};
        LB_TRY_CLEANUP(rows_products(db, p->row, take_product, p));
        if (!p->id) LB_TRY_CLEANUP(missing_row(db, "products", p->row));
    }
cleanup:
    free(rows);
    return status;
}

typedef struct user_read {
    const lb_recommender *r;
    const live_update *u;
    event_list list;
} user_read;

/* Whether an event's product is there; removed ones count for nothing. */
static bool is_there(const user_read *read, uint32_t product) {
    const product_update *u = !read->u->n_products
                                  ? NULL
                                  : bsearch(&product, read->u->product, read->u->n_products,
                                            sizeof *u, by_row);
    if (u) return !u->gone;
    return product < read->r->n_products && !id_is_tombstone(read->r->products.id[product]);
}

static lb_status take_event(void *context, const user_event *e) {
    user_read *read = context;
    return is_there(read, e->product) ? event_list_add(&read->list, e) : LB_OK;
}

static lb_status read_users(const lb_recommender *r, const sql *db, const touched *t, uint32_t end,
                            live_update *u) {
    uint32_t *rows = NULL;
    size_t n = 0;
    user_read read = {r, u, {0}};
    lb_status status = LB_OK;
    LB_TRY(list_rows(t->user, t->n_users, r->people->ids.n, end, &rows, &n));
    LB_TRY_CLEANUP(NEW_ARRAY(u->user, n));
    for (u->n_users = 0; u->n_users < n;) {
        user_update *p = &u->user[u->n_users++];
        p->row = rows[u->n_users - 1];
        read.list.n = 0;
        LB_TRY_CLEANUP(rows_user_id(db, p->row, &p->id));
        if (!p->id) LB_TRY_CLEANUP(missing_row(db, "users", p->row));
        LB_TRY_CLEANUP(rows_bought(db, p->row, take_event, &read));
        LB_TRY_CLEANUP(rows_feedback(db, p->row, take_event, &read));
        LB_TRY_CLEANUP(live_record_new(&read.list, &p->known));
    }
cleanup:
    free(read.list.event);
    free(rows);
    return status;
}

/* ------------------------------------------------------------ places */

/* The features of a product, side by side, NaN where one is lacking. *changed: one of them was
 * computed while serving; *any: there is one. */
static lb_status read_features(const lb_recommender *r, const sql *db, uint32_t row, float *out,
                               bool *changed, bool *any) {
    *changed = *any = false;
    for (size_t k = 0; k < r->n_features; out += r->feature[k++].dim) {
        const feature_set *f = &r->feature[k];
        bool found = false, present = false;
        LB_TRY(rows_feature(db, f->name, row, f->dim, out, &found, &present));
        *changed = *changed || found;
        if (!found) present = row < f->n_products && f->present[row] && feature_row(f, row, out);
        if (!present) out[0] = NAN;
        *any = *any || present;
    }
    return LB_OK;
}

/* A bought product keeps the vector of its training; only its look is new. */
static bool is_searched(const lb_recommender *r, uint32_t row, bool any, const float *vector) {
    if (!r->can_place || !live_is_new(r, row) || !any) return false;
    uint32_t dim = r->query_dim[r->n_queries - 1];
    return isfinite(vec_dot(vector, vector, dim));
}

/* Whether a model reads what is written of a product that came after training. */
static bool reads(const lb_recommender *r, const product_update *p) {
    const live_product *known = p->known;
    return r->can_place && r->model->class->takes_text && live_is_new(r, p->row) &&
           (known->title || known->category || known->brand);
}

static lb_status place(const lb_recommender *r, const sql *db, live_update *u) {
    float *features = NULL;
    words_product *said = NULL;
    uint8_t *any = NULL;
    size_t n = 0;
    lb_status status = LB_OK;
    if (!r->n_features && !r->can_place) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(features, u->n_products * r->feature_dim));
    LB_TRY_CLEANUP(NEW_ARRAY(said, u->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(any, u->n_products));
    for (size_t i = 0; i < u->n_products; i++) {
        product_update *p = &u->product[i];
        bool changed = false, has = false;
        if (p->gone) continue;
        LB_TRY_CLEANUP(read_features(r, db, p->row, features + n * r->feature_dim, &changed, &has));
        bool written = reads(r, p);
        if (!changed && !written) continue;
        said[n] = (words_product){p->known->title, p->known->category, p->known->brand, NULL};
        any[n] = has || written;
        p->placed = (int64_t)n++;
    }
    if (n) LB_TRY_CLEANUP(live_place_features(r, features, n, said, &u->places));
    for (size_t i = 0; n && i < u->n_products; i++) {
        product_update *p = &u->product[i];
        if (p->placed < 0) continue;
        size_t width = r->can_place ? r->query_dim[r->n_queries - 1] : 0;
        p->searched = is_searched(r, p->row, any[p->placed],
                                  u->places.vector + (size_t)p->placed * width);
    }
cleanup:
    free(features);
    free(said);
    free(any);
    return status;
}

/* ------------------------------------------------------------ room, before the commit */

static lb_status reserve_fresh(lb_recommender *r, size_t more) {
    live_fresh *f = &r->fresh;
    size_t n = f->n + more;
    if (n <= f->capacity) return LB_OK;
    size_t capacity = n * 2, width = r->can_place ? r->query_dim[r->n_queries - 1] : 0;
    void *block;
    if (!(block = memory_resize(f->row, capacity, sizeof *f->row))) return LB_E_NOMEM;
    f->row = block;
    if (!(block = memory_resize(f->searched, capacity, 1))) return LB_E_NOMEM;
    f->searched = block;
    if (!(block = memory_resize(f->tasted, capacity, 1))) return LB_E_NOMEM;
    f->tasted = block;
    if (!(block = memory_resize(f->vector, capacity, width * sizeof(float) + 1))) return LB_E_NOMEM;
    f->vector = block;
    if (!(block = memory_resize(f->taste, capacity, r->taste.dim * sizeof(float) + 1)))
        return LB_E_NOMEM;
    f->taste = block;
    if (!(block = memory_resize(f->look, capacity, r->look.dim * sizeof(float) + 1)))
        return LB_E_NOMEM;
    f->look = block;
    f->capacity = (uint32_t)capacity;
    return LB_OK;
}

static lb_status reserve_users(live_people *p, uint32_t n) {
    if (n <= p->capacity) return LB_OK;
    uint32_t capacity = n + n / 2;
    void *block = memory_resize(p->changed, capacity, sizeof *p->changed);
    if (!block) return LB_E_NOMEM;
    p->changed = block;
    memset(p->changed + p->capacity, 0, (capacity - p->capacity) * sizeof *p->changed);
    if (!(block = memory_resize(p->query, capacity, sizeof *p->query))) return LB_E_NOMEM;
    p->query = block;
    for (uint32_t u = p->capacity; u < capacity; u++) atomic_init(&p->query[u], NULL);
    p->capacity = capacity;
    return LB_OK;
}

static lb_status reserve(lb_recommender *r, const live_update *u, uint32_t n_products,
                         uint32_t n_users) {
    size_t product_bytes = 0, user_bytes = 0;
    live_people *p = r->people;
    for (size_t i = 0; i < u->n_products; i++) product_bytes += strlen(u->product[i].id) + 1;
    for (size_t i = 0; i < u->n_users; i++) user_bytes += strlen(u->user[i].id) + 1;
    LB_TRY(live_reserve(r, n_products));
    LB_TRY(idmap_reserve(&r->products, (uint32_t)u->n_products, product_bytes));
    LB_TRY(idmap_reserve(&p->ids, (uint32_t)u->n_users, user_bytes));
    LB_TRY(reserve_users(p, n_users));
    return reserve_fresh(r, u->n_products);
}

lb_status update_prepare(lb_recommender *r, pthread_rwlock_t *lock, const sql *db, const touched *t,
                         live_update **out) {
    live_update *u;
    uint32_t n_products = 0, n_users = 0;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(u, 1));
    LB_TRY_CLEANUP(rows_count(db, &n_products, &n_users));
    LB_TRY_CLEANUP(read_products(r, db, t, n_products, u));
    LB_TRY_CLEANUP(read_users(r, db, t, n_users, u));
    LB_TRY_CLEANUP(place(r, db, u));
    pthread_rwlock_wrlock(lock);
    status = reserve(r, u, n_products, n_users);
    pthread_rwlock_unlock(lock);
    if (status == LB_OK) {
        *out = u;
        return LB_OK;
    }
cleanup:
    update_free(u);
    return status;
}

/* ------------------------------------------------------------ publishing */

/* Gives an id its row, or a row its new id; there is room. */
static void put_id(idmap *ids, uint32_t row, const char *id) {
    uint32_t made = row;
    if (row >= ids->n)
        (void)idmap_add(ids, id, &made, NULL);
    else if (strcmp(ids->id[row], id) != 0)
        (void)idmap_rename(ids, row, id);
}

static void put_fresh(lb_recommender *r, const product_update *p, const placed *places) {
    live_fresh *f = &r->fresh;
    size_t from = (size_t)p->placed, width = r->can_place ? r->query_dim[r->n_queries - 1] : 0;
    if (!f->slot[p->row]) f->slot[p->row] = ++f->n;
    uint32_t to = f->slot[p->row] - 1;
    f->row[to] = p->row;
    f->searched[to] = p->searched;
    f->tasted[to] = live_is_new(r, p->row);
    if (width)
        memcpy(f->vector + to * width, places->vector + from * width, width * sizeof *f->vector);
    memcpy(f->taste + to * r->taste.dim, places->taste + from * r->taste.dim,
           r->taste.dim * sizeof *f->taste);
    memcpy(f->look + to * r->look.dim, places->look + from * r->look.dim,
           r->look.dim * sizeof *f->look);
    atomic_store_explicit(&r->stand_in[p->row], 0, memory_order_relaxed);
}

static void publish_product(lb_recommender *r, product_update *p, const placed *places) {
    if (p->gone && p->row < r->n_products && !mask_has(r, r->gone, p->row))
        live_people_forget(r->people); // it counts for nobody any more
    put_id(&r->products, p->row, p->id);
    if (p->row >= r->n_products) r->n_products = p->row + 1;
    if (p->placed >= 0) put_fresh(r, p, places);
    if (p->gone && r->fresh.slot[p->row]) r->fresh.searched[r->fresh.slot[p->row] - 1] = 0;
    live_product_put(r, p->row, p->known, p->gone);
    p->known = NULL;
}

static void publish_user(lb_recommender *r, user_update *u) {
    live_people *p = r->people;
    bool is_new = u->row >= p->ids.n;
    if (!is_new && id_is_tombstone(u->id) && !id_is_tombstone(p->ids.id[u->row])) p->n_erased++;
    put_id(&p->ids, u->row, u->id);
    live_user old = {0};
    if (!is_new) old = live_people_user(p, u->row);
    for (uint32_t i = 0; i < old.n_bought; i++) r->buyers[old.bought[i].product]--;
    const live_user *now = &u->known->did;
    for (uint32_t i = 0; i < now->n_bought; i++) r->buyers[now->bought[i].product]++;
    p->n_interactions = p->n_interactions - old.n_bought + now->n_bought;
    free(atomic_exchange(&p->query[u->row], NULL));
    live_record_free(p->changed[u->row]);
    p->changed[u->row] = u->known;
    u->known = NULL;
}

void update_publish(lb_recommender *r, live_update *u) {
    for (size_t i = 0; i < u->n_products; i++) publish_product(r, &u->product[i], &u->places);
    for (size_t i = 0; i < u->n_users; i++) publish_user(r, &u->user[i]);
}
