#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

/* Rows of ids, each once; `mark` (n_products) is 0 and gets `sign` for them. A product that has
 * another mark is liked and disliked at once. */
static lb_status find_products(const lb_recommender *r, const char *const *ids, size_t n,
                               uint8_t sign, uint8_t *mark, uint32_t **rows, size_t *n_rows) {
    LB_TRY(NEW_ARRAY(*rows, n));
    for (size_t i = 0; i < n; i++) {
        uint32_t product;
        LB_TRY(live_find_product(r, ids[i], &product));
        if (mark[product] == sign) continue;
        if (mark[product])
            return status_fail(LB_E_ARGUMENT, "product \"%s\" is both liked and disliked", ids[i]);
        mark[product] = sign;
        (*rows)[(*n_rows)++] = product;
    }
    return LB_OK;
}

static lb_status open_history(const lb_recommender *r, const char *id, person *p) {
    const model_common *c = &r->model->common;
    uint32_t user;
    LB_TRY(live_find_user(r, id, &user));
    p->history = c->product + c->user_start[user];
    p->n_history = c->user_start[user + 1] - c->user_start[user];
    // the vector of a user without training interactions is what training happened to start from
    if (p->n_history) p->user = user;
    return LB_OK;
}

static lb_status gather_own(person *p, uint8_t *mark) {
    size_t first = p->n_history > LIVE_HISTORY ? p->n_history - LIVE_HISTORY : 0;
    LB_TRY(NEW_ARRAY(p->own, p->n_liked + p->n_history - first));
    for (size_t i = 0; i < p->n_liked; i++) p->own[p->n_own++] = p->liked[i];
    for (size_t i = first; i < p->n_history; i++)
        if (!mark[p->history[i]]) p->own[p->n_own++] = p->history[i];
    return LB_OK;
}

lb_status person_open(const lb_recommender *r, const lb_recommend_options *o, person *out) {
    person p = {.user = -1};
    uint8_t *mark = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mark, r->n_products));
    LB_TRY_CLEANUP(find_products(r, o->liked, o->n_liked, 1, mark, &p.liked, &p.n_liked));
    LB_TRY_CLEANUP(
        find_products(r, o->disliked, o->n_disliked, 2, mark, &p.disliked, &p.n_disliked));
    if (o->user) LB_TRY_CLEANUP(open_history(r, o->user, &p));
    LB_TRY_CLEANUP(gather_own(&p, mark));
    *out = p;
cleanup:
    free(mark);
    if (status != LB_OK) person_close(&p);
    return status;
}

void person_close(person *p) {
    free(p->liked);
    free(p->disliked);
    free(p->own);
    *p = (person){0};
}
