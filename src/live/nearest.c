/* The products nearest to a direction in a space: those of the snapshot through an index, and those
 * that came or moved since one by one. */
#include "core/memory.h"
#include "live/live_impl.h"
#include "live/mask.h"
#include "math/vector.h"

typedef struct nearest_filter {
    const lb_recommender *r;
    const live_space *space;
    bool only_new;
} nearest_filter;

/* What has no place, what has another one by now, and, where new ones are wanted, the others. */
static bool is_out(void *context, size_t query, uint32_t row) {
    const nearest_filter *f = context;
    (void)query;
    if (f->only_new && !live_is_new(f->r, row)) return true;
    return live_place(f->r, f->space, row) != f->space->vector + (size_t)row * f->space->dim;
}

static void keep(best_list *best, float score, uint32_t product) {
    if (best_admits(best, score, product)) best_add(best, score, product);
}

static lb_status search_snapshot(nearest_filter *f, const float *from, const uint64_t *skip,
                                 best_list *best) {
    const live_space *s = f->space;
    index_filter filter = {skip + mask_rows(f->r), is_out, f};
    size_t most = best->capacity < s->n ? best->capacity : s->n, found = 0;
    uint32_t *rows = NULL;
    float *scores = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, most));
    LB_TRY_CLEANUP(NEW_ARRAY(scores, most));
    LB_TRY_CLEANUP(index_search(s->index, from, 1, most, &filter, rows, scores, &found, NULL));
    for (size_t i = 0; i < found; i++) keep(best, scores[i], rows[i]);
cleanup:
    free(rows);
    free(scores);
    return status;
}

lb_status live_nearest(const lb_recommender *r, const live_space *s, const float *from,
                       const uint64_t *skip, bool only_new, best_list *best) {
    nearest_filter f = {r, s, only_new};
    LB_TRY(search_snapshot(&f, from, skip, best));
    for (uint32_t i = 0; i < r->fresh.n; i++) {
        uint32_t p = r->fresh.row[i];
        if (mask_has(r, skip, p) || (only_new && !live_is_new(r, p))) continue;
        const float *own = live_place(r, s, p);
        // one whose place is still the snapshot's has been found there
        if (own && (p >= s->n || own != s->vector + (size_t)p * s->dim))
            keep(best, vec_dot(from, own, s->dim), p);
    }
    return LB_OK;
}
