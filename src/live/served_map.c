/* The catalogue on a plane: the first two principal components of the space of taste, or of look
 * for want of one. The axes belong to the snapshot; what came since is projected on them. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"
#include "live/mask.h"
#include "live/served.h"
#include "math/pca.h"
#include "math/vector.h"

void live_map_free(live_map *map) {
    if (!map) return;
    free(map->mean);
    free(map->axis);
    free(map);
}

static const live_space *space_of(const lb_recommender *r, const live_map *map) {
    return map->look ? &r->look : &r->taste;
}

static void project(const live_map *map, const float *place, double *x, double *y) {
    double at[2];
    for (size_t k = 0; k < 2; k++) {
        const float *axis = map->axis + k * map->dim;
        double own = vec_dot_wide(place, axis, map->dim),
               mean = vec_dot_wide(map->mean, axis, map->dim);
        at[k] = fmin(1, fmax(-1, (own - mean) * map->scale));
    }
    *x = at[0];
    *y = at[1];
}

/* ------------------------------------------------------------ the axes */

static void find_scale(const lb_recommender *r, live_map *map) {
    const live_space *s = space_of(r, map);
    double largest = 0;
    map->scale = 1e-30; // nothing is cut off while it is so small
    for (uint32_t p = 0; p < s->n; p++) {
        double x, y;
        if (!s->known[p]) continue;
        project(map, s->vector + (size_t)p * s->dim, &x, &y);
        largest = fmax(largest, fmax(fabs(x), fabs(y)));
    }
    map->scale = largest > 0 ? map->scale / largest : 1;
}

static lb_status fit(const lb_recommender *r, live_map *map) {
    const live_space *s = space_of(r, map);
    float *weight = NULL;
    double variance[2];
    lb_status status = LB_OK;
    map->dim = s->dim;
    LB_TRY_CLEANUP(NEW_ARRAY(weight, s->n));
    LB_TRY_CLEANUP(NEW_ARRAY(map->mean, s->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(map->axis, 2 * (size_t)s->dim));
    for (uint32_t p = 0; p < s->n; p++) weight[p] = s->known[p];
    LB_TRY_CLEANUP(pca_fit(NULL, s->vector, s->n, s->dim, weight, s->dim > 1 ? 2 : 1, 1, map->mean,
                           map->axis, variance));
    find_scale(r, map);
cleanup:
    free(weight);
    return status;
}

static lb_status make_map(const lb_recommender *r, live_map **out) {
    live_map *map;
    if (!r->taste.dim && !r->look.dim)
        return status_fail(LB_E_UNSUPPORTED, "a %s model has no space of products to draw a map of",
                           r->model->class->name);
    LB_TRY(NEW_ARRAY(map, 1));
    map->look = !r->taste.dim;
    lb_status status = fit(r, map);
    if (status == LB_OK)
        *out = map;
    else
        live_map_free(map);
    return status;
}

/* Made by the first who asks, while the others wait; no lock of the service is held. */
static lb_status find_map(live_state *state) {
    lb_status status = LB_OK;
    pthread_mutex_lock(&state->map_lock);
    if (!state->map) status = make_map(state->r, &state->map);
    pthread_mutex_unlock(&state->map_lock);
    return status;
}

/* ------------------------------------------------------------ what is shown */

typedef struct dots {
    uint32_t *product; // (n)
    size_t n;
} dots;

/* The most bought `n` of those that are new, or are not. */
static lb_status choose(const lb_recommender *r, const live_map *map, bool fresh, size_t n,
                        dots *out) {
    best_entry *entries;
    LB_TRY(NEW_ARRAY(entries, n));
    best_list best = {entries, n, 0};
    for (uint32_t p = 0; p < r->n_products; p++) {
        if (live_is_new(r, p) != fresh || mask_has(r, r->gone, p)) continue;
        float score = (float)r->buyers[p];
        if (best_admits(&best, score, p) && live_place(r, space_of(r, map), p))
            best_add(&best, score, p);
    }
    best_sort(&best);
    for (size_t i = 0; i < best.n; i++) out->product[out->n++] = entries[i].row;
    free(entries);
    return LB_OK;
}

static void count(const lb_recommender *r, const live_map *map, size_t *n_all, size_t *n_new) {
    for (uint32_t p = 0; p < r->n_products; p++) {
        if (mask_has(r, r->gone, p) || !live_place(r, space_of(r, map), p)) continue;
        ++*n_all;
        *n_new += live_is_new(r, p);
    }
}

static void show_products(const lb_recommender *r, const live_map *map, const dots *d, text *t) {
    text_add(t, "{\"space\":\"%s\",\"products\":[", map->look ? "look" : "taste");
    for (size_t i = 0; i < d->n; i++) {
        uint32_t p = d->product[i];
        const live_product *known = r->known[p];
        double x, y;
        project(map, live_place(r, space_of(r, map), p), &x, &y);
        text_add(t, "%s{\"id\":", i ? "," : "");
        text_json_string(t, r->products.id[p]);
        text_add(t, ",\"title\":");
        text_json_string(t, known ? known->title : NULL);
        text_add(t, ",\"category\":");
        text_json_string(t, known ? known->category : NULL);
        text_add(t, ",\"new\":%s,\"photo\":%s,\"x\":%.4f,\"y\":%.4f}",
                 live_is_new(r, p) ? "true" : "false", known && known->photo ? "true" : "false", x,
                 y);
    }
    text_add(t, "],\"user\":");
}

/* A user stands in the middle of what was bought and liked. */
static lb_status show_user(const lb_recommender *r, const live_map *map, const char *id, text *t) {
    lb_recommend_options o = {.user = id};
    person p;
    float *middle;
    size_t n = 0;
    LB_TRY(person_open(r, &o, &p));
    lb_status status = NEW_ARRAY(middle, map->dim);
    for (size_t i = 0; status == LB_OK && i < p.n_own; i++) {
        const float *place = live_place(r, space_of(r, map), p.own[i]);
        if (!place) continue;
        vec_add(middle, place, map->dim);
        n++;
    }
    person_close(&p);
    LB_TRY(status);
    if (n) {
        double x, y;
        vec_scale(middle, 1.0f / (float)n, map->dim);
        project(map, middle, &x, &y);
        text_add(t, "{\"id\":");
        text_json_string(t, id);
        text_add(t, ",\"x\":%.4f,\"y\":%.4f}", x, y);
    } else
        text_add(t, "null");
    free(middle);
    return LB_OK;
}

static lb_status show(const lb_recommender *r, const live_map *map, uint32_t n, const char *user,
                      text *t) {
    size_t n_all = 0, n_new = 0;
    dots d = {NULL, 0};
    count(r, map, &n_all, &n_new);
    size_t shown = n < n_all ? n : n_all;
    size_t fresh = n_all ? (shown * n_new + n_all / 2) / n_all : 0;
    LB_TRY(NEW_ARRAY(d.product, shown));
    lb_status status = choose(r, map, false, shown - fresh, &d);
    if (status == LB_OK) status = choose(r, map, true, shown - d.n, &d);
    if (status == LB_OK) show_products(r, map, &d, t);
    free(d.product);
    LB_TRY(status);
    if (user)
        LB_TRY(show_user(r, map, user, t));
    else
        text_add(t, "null");
    text_add(t, "}");
    return LB_OK;
}

/* *stale: a reload came between. */
static lb_status try_map(lb_service *s, uint32_t n, const char *user, text *t, bool *stale) {
    live_state *state = served_hold(s);
    lb_status status = find_map(state);
    if (status == LB_OK) {
        pthread_rwlock_rdlock(&s->lock);
        *stale = s->state != state;
        if (!*stale) status = show(state->r, state->map, n, user, t);
        pthread_rwlock_unlock(&s->lock);
    }
    served_release(state);
    return status;
}

lb_status served_map(lb_service *s, uint32_t n, const char *user, text *t) {
    bool stale = true;
    lb_status status = LB_OK;
    while (stale && status == LB_OK) {
        stale = false;
        status = try_map(s, n, user, t, &stale);
    }
    return status;
}
