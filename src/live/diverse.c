/* Maximal marginal relevance (Carbonell and Goldstein, *The Use of MMR, Diversity-Based Reranking
 * for Reordering Documents and Producing Summaries*, SIGIR 1998): each place goes to the product
 * with the largest (1 - diversity) score - diversity (likeness to what stands before), scores
 * scaled to 0..1 among the candidates. Likeness is the cosine of taste, or of look where one of the
 * two has no taste; 0 where they cannot be compared. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

static double likeness(const lb_recommender *r, uint32_t a, uint32_t b) {
    double cosine = live_cosine(r, &r->taste, a, b);
    if (isnan(cosine)) cosine = live_cosine(r, &r->look, a, b);
    return isnan(cosine) ? 0 : cosine;
}

static void move_to_front(best_entry *entries, double *nearest, size_t from, size_t to) {
    best_entry entry = entries[from];
    double near = nearest[from];
    memmove(entries + to + 1, entries + to, (from - to) * sizeof *entries);
    memmove(nearest + to + 1, nearest + to, (from - to) * sizeof *nearest);
    entries[to] = entry;
    nearest[to] = near;
}

lb_status diverse_choose(const lb_recommender *r, double diversity, best_entry *entries,
                         size_t *n_entries, size_t n) {
    size_t n_all = *n_entries;
    if (n_all < 2) return LB_OK;
    double best = (double)entries[0].score, worst = best;
    for (size_t i = 0; i < n_all; i++) worst = fmin(worst, (double)entries[i].score);
    double range = best > worst ? best - worst : 1;
    double *nearest; // (n_all) likeness to the nearest of those chosen
    LB_TRY(NEW_ARRAY(nearest, n_all));
    for (size_t i = 0; i < n_all; i++) nearest[i] = -1;
    for (size_t chosen = 1; chosen < n_all && chosen < n; chosen++) {
        size_t at = chosen;
        double most = -INFINITY;
        for (size_t i = chosen; i < n_all; i++) {
            nearest[i] = fmax(nearest[i], likeness(r, entries[chosen - 1].row, entries[i].row));
            double score = ((double)entries[i].score - worst) / range;
            double value = (1 - diversity) * score - diversity * nearest[i];
            if (value > most) {
                most = value;
                at = i;
            }
        }
        move_to_front(entries, nearest, at, chosen);
    }
    free(nearest);
    if (*n_entries > n) *n_entries = n;
    return LB_OK;
}
