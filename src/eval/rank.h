/* One user's ranking: how a few tests stand among many scores, by counting. */
#ifndef LB_EVAL_RANK_H
#define LB_EVAL_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For each of m thresholds: how many of n scores are greater, and how many are equal. NaN scores
 * are neither (that is how candidates are left out). `order` is scratch for m indices. */
void rank_count(const float *scores, size_t n, const float *thresholds, size_t m, uint32_t *order,
                uint32_t *greater, uint32_t *equal);

/* Whether one of n scores is not below the threshold. */
bool rank_reaches(const float *scores, size_t n, float threshold);

/* E[1 / rank of the first test] when the best-scoring group holds `tied` products at ranks
 * above+1..above+tied and `hits` of them are tests. `harmonic` (above + tied + 1) holds
 * 1 + 1/2 + .. + 1/i at i. 1 <= hits <= tied. */
double rank_expected_reciprocal(const double *harmonic, size_t above, size_t tied, size_t hits);

#endif
