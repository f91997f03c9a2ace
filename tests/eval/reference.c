#include "reference.h"

#include <math.h>
#include <stdlib.h>

typedef struct item {
    float score;
    int relevant;
} item;

static int by_score(const void *a, const void *b) {
    float x = ((const item *)a)->score, y = ((const item *)b)->score;
    return (x < y) - (x > y);
}

static int seen(const eval_input *in, uint32_t user, uint32_t product) {
    for (uint32_t i = in->user_start[user]; i < in->user_start[user + 1]; i++)
        if (in->product[i] == product) return 1;
    for (size_t i = 0; i < in->n_known; i++)
        if (in->known[i].user == user && in->known[i].product == product) return 1;
    return 0;
}

static int is_test(const eval_input *in, uint32_t user, uint32_t product) {
    for (size_t i = 0; i < in->n_tests; i++)
        if (in->tests[i].user == user && in->tests[i].product == product) return 1;
    return 0;
}

static int of_kind(const eval_input *in, uint32_t product, eval_kind kind) {
    return (in->degree[product] > 0) == (kind == EVAL_WARM);
}

static double auc(const eval_input *in, const float *scores, uint32_t user, uint32_t test,
                  eval_kind kind, eval_set set) {
    double wins = 0, n = 0;
    for (uint32_t p = 0; p < in->n_products; p++) {
        if (!in->in_catalogue[p] || seen(in, user, p) || is_test(in, user, p)) continue;
        if (set == EVAL_OWN && !of_kind(in, p, kind)) continue;
        n++;
        wins += scores[test] > scores[p] ? 1 : scores[test] == scores[p] ? 0.5 : 0;
    }
    return n > 0 ? wins / n : NAN;
}

static double choose(double n, double k) {
    return k < 0 || k > n ? 0 : exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1));
}

/* Walks through the sorted list group by group; each relevant item is at each rank of its group
 * with the same probability. */
static void list_metrics(const item *list, size_t n, size_t n_relevant, unsigned k, double *out) {
    double hits = 0, dcg = 0, ideal = 0, reciprocal = 0;
    int found = 0;
    for (size_t r = 0, end; r < n; r = end) {
        size_t relevant = 0;
        for (end = r; end < n && list[end].score == list[r].score; end++)
            relevant += (size_t)list[end].relevant;
        if (relevant == 0 || list[r].score == -INFINITY) continue;
        double t = (double)(end - r), g = (double)relevant;
        for (size_t rank = r + 1; rank <= end; rank++) {
            if (rank <= k) hits += g / t;
            if (rank <= k) dcg += g / t / log2((double)rank + 1);
            double m = (double)(rank - r);
            if (!found) reciprocal += choose(t - m, g - 1) / choose(t, g) / (double)rank;
        }
        found = 1;
    }
    for (size_t rank = 1; rank <= k && rank <= n_relevant; rank++)
        ideal += 1 / log2((double)rank + 1);
    out[EVAL_RECALL] = hits / (double)n_relevant;
    out[EVAL_NDCG] = dcg / ideal;
    out[EVAL_MRR] = reciprocal;
}

void reference_measure(const eval_input *in, const float *scores, uint32_t user, eval_kind kind,
                       eval_set set, unsigned k, double out[EVAL_METRICS]) {
    for (size_t m = 0; m < EVAL_METRICS; m++) out[m] = NAN;
    item *list = calloc(in->n_products, sizeof *list);
    size_t n = 0, n_relevant = 0;
    double sum = 0;
    for (uint32_t p = 0; p < in->n_products; p++) {
        int test = is_test(in, user, p), own = of_kind(in, p, kind);
        if (!in->in_catalogue[p] || (seen(in, user, p) && !test)) continue;
        if (test && own) sum += auc(in, scores, user, p, kind, set);
        n_relevant += test && own;
        if (set == EVAL_ALL || own) list[n++] = (item){scores[p], test && own};
    }
    if (n_relevant > 0) {
        qsort(list, n, sizeof *list, by_score);
        list_metrics(list, n, n_relevant, k, out);
        out[EVAL_AUC] = sum / (double)n_relevant;
    }
    free(list);
}
