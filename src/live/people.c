#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"
#include "live/live_impl.h"
#include "live/update.h"

/* ---- what one user did */

lb_status event_list_add(void *list, const user_event *event) {
    event_list *l = list;
    // what was bought several times counts once, with the latest time
    user_event *last = l->n ? &l->event[l->n - 1] : NULL;
    if (last && last->user == event->user && last->product == event->product &&
        last->kind == event->kind) {
        last->time = event->time;
        return LB_OK;
    }
    LB_TRY(GROW_ARRAY(l->event, l->n, l->capacity));
    l->event[l->n++] = *event;
    return LB_OK;
}

static const live_event *collect(const event_list *list, lb_feedback_kind kind, live_event **next,
                                 uint32_t *n) {
    const live_event *first = *next;
    for (size_t i = 0; i < list->n; i++)
        if (list->event[i].kind == kind)
            *(*next)++ = (live_event){list->event[i].product, list->event[i].time};
    *n = (uint32_t)(*next - first);
    return first;
}

lb_status live_record_new(const event_list *list, live_record **out) {
    char *block = memory_new(1, sizeof(live_record) + list->n * sizeof(live_event));
    if (!block) return LB_E_NOMEM;
    live_record *record = (void *)block;
    live_event *next = (void *)(block + sizeof *record);
    live_user *u = &record->did;
    u->bought = collect(list, LB_BOUGHT, &next, &u->n_bought);
    u->liked = collect(list, LB_LIKED, &next, &u->n_liked);
    u->disliked = collect(list, LB_DISLIKED, &next, &u->n_disliked);
    *out = record;
    return LB_OK;
}

void live_record_free(live_record *record) {
    free(record);
}

live_user live_people_user(const live_people *p, uint32_t user) {
    if (p->changed[user]) return p->changed[user]->did;
    live_user u = {0};
    if (user >= p->n_fixed) return u;
    u.bought = p->bought + p->start[user];
    u.n_bought = (uint32_t)(p->start[user + 1] - p->start[user]);
    return u;
}

/* ---- all of them, when a snapshot is made */

static lb_status load_ids(lb_recommender *r) {
    live_people *p = r->people;
    p->n_fixed = dataset_n_users(r->dataset);
    for (uint32_t u = 0, row; u < p->n_fixed; u++) {
        const char *id = dataset_user_id(r->dataset, u);
        LB_TRY(idmap_add(&p->ids, id, &row, NULL));
        p->n_erased += id_is_tombstone(id);
    }
    p->capacity = p->n_fixed + 1;
    LB_TRY(NEW_ARRAY(p->query, p->capacity));
    return NEW_ARRAY(p->changed, p->capacity);
}

static lb_status load_bought(lb_recommender *r) {
    live_people *p = r->people;
    interactions all = {0};
    lb_status status = LB_OK;
    LB_TRY(dataset_interactions(r->dataset, &all));
    LB_TRY_CLEANUP(NEW_ARRAY(p->start, (size_t)p->n_fixed + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(p->bought, all.n));
    for (size_t i = 0; i < all.n; i++) {
        p->bought[i] = (live_event){all.product[i], all.time[i]};
        p->start[all.user[i] + 1]++;
        r->buyers[all.product[i]]++;
    }
    for (uint32_t u = 0; u < p->n_fixed; u++) p->start[u + 1] += p->start[u];
    p->n_interactions = all.n;
cleanup:
    interactions_free(&all);
    return status;
}

typedef struct feedback_load {
    lb_recommender *r;
    int64_t user; // whose events are in the list; -1 = nobody's
    event_list list;
} feedback_load;

/* Begins the list of a user with what was bought. */
static lb_status begin_user(feedback_load *l, uint32_t user) {
    live_user u = live_people_user(l->r->people, user);
    l->user = user;
    l->list.n = 0;
    for (uint32_t i = 0; i < u.n_bought; i++) {
        user_event e = {user, u.bought[i].product, u.bought[i].time, LB_BOUGHT};
        LB_TRY(event_list_add(&l->list, &e));
    }
    return LB_OK;
}

static lb_status end_user(feedback_load *l) {
    if (l->user < 0) return LB_OK;
    return live_record_new(&l->list, &l->r->people->changed[l->user]);
}

static lb_status take_feedback(void *context, const user_event *e) {
    feedback_load *l = context;
    if (e->user >= l->r->people->n_fixed || e->product >= l->r->n_fixed) return LB_OK;
    if (id_is_tombstone(l->r->products.id[e->product])) return LB_OK;
    if (l->user != e->user) {
        LB_TRY(end_user(l));
        LB_TRY(begin_user(l, e->user));
    }
    return event_list_add(&l->list, e);
}

lb_status live_people_new(lb_recommender *r) {
    LB_TRY(NEW_ARRAY(r->people, 1));
    LB_TRY(load_ids(r));
    LB_TRY(load_bought(r));
    feedback_load l = {r, -1, {0}};
    lb_status status = rows_feedback(dataset_rows(r->dataset), ALL_ROWS, take_feedback, &l);
    if (status == LB_OK) status = end_user(&l);
    free(l.list.event);
    return status;
}

void live_people_forget(live_people *p) {
    for (uint32_t u = 0; u < p->capacity; u++) free(atomic_exchange(&p->query[u], NULL));
}

void live_people_free(live_people *p) {
    if (!p) return;
    for (uint32_t u = 0; p->changed && u < p->capacity; u++) {
        live_record_free(p->changed[u]);
        free(atomic_load(&p->query[u]));
    }
    free(p->changed);
    free(p->query);
    idmap_free(&p->ids);
    free(p->start);
    free(p->bought);
    free(p);
}
