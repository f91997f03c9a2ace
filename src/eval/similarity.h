/*
 * How the rows of a matrix lie to each other: the distribution of the cosine of random pairs (VASG,
 * section 5, figure 4) and the effective rank. A collapsed embedding has a mean cosine near 1 and
 * an effective rank near 1.
 */
#ifndef LB_EVAL_SIMILARITY_H
#define LB_EVAL_SIMILARITY_H

#include <stdbool.h>

#include "core/job.h"

/* Rows are scaled to length one; zero rows are left out. */
typedef struct similarity {
    size_t n_rows, n_pairs; // rows that are not zero; pairs drawn
    double mean, sd;        // of the cosines
    double kurtosis;        // excess: 0 for a normal distribution; NaN when sd is 0 (within 1e-6)
    float *cosine;          // (n_pairs) owned: free()
    double rank;            // effective rank: exp of the entropy of the shares of the
                            // singular values (Roy and Vetterli, EUSIPCO 2007)
    double first;           // share of the largest singular value's square: 1 when all
                            // rows point in one direction
    size_t rank_rows;       // rows it was taken from
} similarity;

/* Mean, standard deviation (divided by n) and excess kurtosis m4 / m2^2 - 3 of n values, n >= 1. */
void similarity_moments(const float *values, size_t n, double *mean, double *sd, double *kurtosis);

/* Measures x (n, dim) by `n_pairs` seeded random pairs of different rows. With `centre` the mean of
 * the rows that are not zero is subtracted first. The effective rank of a wide matrix (dim above
 * 512) is that of its first 512 rows: give rows in random order.
 * LB_E_EMPTY with fewer than two rows that are not zero. The same result on any number of threads.
 * Memory: a copy of x. */
lb_status similarity_measure(job *j, const float *x, size_t n, size_t dim, bool centre,
                             size_t n_pairs, uint64_t seed, similarity *out);

#endif
