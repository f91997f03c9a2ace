#include "eval/rank.h"

#include <math.h>

/* Above this many thresholds a binary search per score is cheaper than a pass per threshold. */
enum { MAX_PASSES = 24 };

static void count_one(const float *scores, size_t n, float threshold, uint32_t *greater,
                      uint32_t *equal) {
    uint32_t g = 0, e = 0;
    for (size_t i = 0; i < n; i++) {
        g += scores[i] > threshold;
        e += scores[i] == threshold;
    }
    *greater = g;
    *equal = e;
}

static void sift_index(uint32_t *order, const float *keys, size_t root, size_t n) {
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && keys[order[child + 1]] > keys[order[child]]) child++;
        if (!(keys[order[child]] > keys[order[root]])) return;
        uint32_t swap = order[root];
        order[root] = order[child];
        order[child] = swap;
    }
}

/* Heapsort of indices, ascending by key. */
static void sort_indices(uint32_t *order, const float *keys, size_t n) {
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (size_t i = n / 2; i-- > 0;) sift_index(order, keys, i, n);
    for (size_t end = n; end-- > 1;) {
        uint32_t swap = order[0];
        order[0] = order[end];
        order[end] = swap;
        sift_index(order, keys, 0, end);
    }
}

/* Buckets: greater[j] first counts the scores that lie above exactly the j + 1 lowest thresholds
 * (by order), equal[j] those at the first threshold of their value; both are then spread. */
static void count_many(const float *scores, size_t n, const float *thresholds, size_t m,
                       uint32_t *order, uint32_t *greater, uint32_t *equal) {
    sort_indices(order, thresholds, m);
    for (size_t j = 0; j < m; j++) greater[j] = equal[j] = 0;
    for (size_t i = 0; i < n; i++) {
        float s = scores[i];
        if (isnan(s)) continue;
        size_t low = 0, size = m;
        while (size > 0) {
            size_t half = size / 2;
            int below = thresholds[order[low + half]] < s;
            low = below ? low + half + 1 : low;
            size = below ? size - half - 1 : half;
        }
        if (low < m && thresholds[order[low]] == s) equal[order[low]]++;
        if (low > 0) greater[order[low - 1]]++;
    }
    uint32_t above = 0;
    for (size_t j = m; j-- > 0;) above = greater[order[j]] += above;
    for (size_t j = 1; j < m; j++) { // repeated thresholds take what their first one counted
        if (thresholds[order[j]] != thresholds[order[j - 1]]) continue;
        equal[order[j]] = equal[order[j - 1]];
    }
}

void rank_count(const float *scores, size_t n, const float *thresholds, size_t m, uint32_t *order,
                uint32_t *greater, uint32_t *equal) {
    if (m > MAX_PASSES) {
        count_many(scores, n, thresholds, m, order, greater, equal);
        return;
    }
    for (size_t j = 0; j < m; j++) count_one(scores, n, thresholds[j], &greater[j], &equal[j]);
}

bool rank_reaches(const float *scores, size_t n, float threshold) {
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) count += scores[i] >= threshold;
    return count > 0;
}

double rank_expected_reciprocal(const double *harmonic, size_t above, size_t tied, size_t hits) {
    if (tied == 1) return 1.0 / (double)(above + 1);
    if (hits == 1) return (harmonic[above + tied] - harmonic[above]) / (double)tied;
    double sum = 0, probability = (double)hits / (double)tied;
    for (size_t m = 1; m + hits <= tied + 1; m++) {
        sum += probability / (double)(above + m);
        if (m < tied) probability *= (double)(tied - m + 1 - hits) / (double)(tied - m);
    }
    return sum;
}
