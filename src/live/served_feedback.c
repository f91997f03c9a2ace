/* What users do while they are served. */
#include <string.h>

#include "core/sha256.h"
#include "data/change.h"
#include "live/served.h"

typedef struct feedback_batch {
    const lb_feedback *feedback; // (n)
    size_t n;
    const char *key; // NULL = none
    unsigned char sum[SHA256_SIZE];
    int64_t now;
    bool repeated;
} feedback_batch;

/* What makes two batches the same: times that are left to the service do not differ. */
static void sum_batch(feedback_batch *b) {
    sha256 s;
    sha256_begin(&s);
    for (size_t i = 0; i < b->n; i++) {
        const lb_feedback *f = &b->feedback[i];
        unsigned char kind = (unsigned char)f->kind;
        sha256_add(&s, f->user, strlen(f->user) + 1);
        sha256_add(&s, f->product, strlen(f->product) + 1);
        sha256_add(&s, &kind, 1);
        sha256_add(&s, &f->time, sizeof f->time);
    }
    sha256_end(&s, b->sum);
}

static lb_status store_kind(const sql *db, const lb_feedback *f, uint32_t user, uint32_t product,
                            int64_t now) {
    int64_t time = f->time ? f->time : now;
    switch (f->kind) {
    case LB_BOUGHT: return change_bought(db, user, product, time);
    case LB_LIKED: return change_liked(db, user, product, true, time);
    case LB_DISLIKED: return change_liked(db, user, product, false, time);
    case LB_WITHDRAWN: return change_withdraw(db, user, product);
    }
    return status_fail(LB_E_ARGUMENT, "feedback of kind %d: must be 0 to 3", (int)f->kind);
}

static lb_status store_one(const sql *db, const lb_feedback *f, int64_t now, touched *t) {
    uint32_t user = 0, product = 0;
    bool found = false;
    LB_TRY(change_find_product(db, f->product, &product, &found));
    if (!found) return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"", f->product);
    LB_TRY(change_find_user(db, f->user, &user, &found));
    if (!found) LB_TRY(change_add_user(db, f->user, &user));
    LB_TRY(store_kind(db, f, user, product, now));
    return touch_user(t, user);
}

static lb_status store_batch(void *context, const sql *db, touched *t) {
    feedback_batch *b = context;
    if (b->key) LB_TRY(change_remember_key(db, b->key, b->sum, b->now, &b->repeated));
    for (size_t i = 0; i < b->n && !b->repeated; i++)
        LB_TRY(store_one(db, &b->feedback[i], b->now, t));
    return LB_OK;
}

lb_status served_feedback(lb_service *s, const lb_feedback *feedback, size_t n, const char *key,
                          int *repeated) {
    feedback_batch b = {.feedback = feedback, .n = n, .key = key, .now = served_now()};
    if (key) sum_batch(&b);
    LB_TRY(shop_write(s->writer, store_batch, &b));
    if (repeated) *repeated = b.repeated;
    if (b.repeated || !n) return LB_OK;
    atomic_fetch_add(&s->feedback, n);
    atomic_store(&s->last_feedback_at, b.now);
    return LB_OK;
}

static lb_status store_erasure(void *context, const sql *db, touched *t) {
    const char *id = context;
    uint32_t row = 0;
    bool found = false;
    LB_TRY(change_find_user(db, id, &row, &found));
    if (!found) return status_fail(LB_E_NOT_FOUND, "there is no user \"%s\"", id);
    LB_TRY(change_erase_user(db, row));
    return touch_user(t, row);
}

lb_status served_user_remove(lb_service *s, const char *id) {
    LB_TRY(shop_write(s->writer, store_erasure, (void *)(uintptr_t)id));
    atomic_fetch_add(&s->users_removed, 1);
    return LB_OK;
}
