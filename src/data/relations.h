/*
 * Relations between products: pairs bought together, and as many that were not (VASG paper, section
 * 4.3; McAuley, Targett, Shi and van den Hengel, "Image-based recommendations on styles and
 * substitutes", SIGIR 2015).
 *
 * The tests of a split: a pair of products is related when a user has one in training and the other
 * as a test (or, for validation, as the validation product). A user may have thousands of training
 * products: at most RELATIONS_PER_TEST of them, drawn at random, are paired with each test, so that
 * nobody's history outweighs the others'. Pairs that several users share count once. Of more than
 * RELATIONS_MOST pairs that many are drawn at random.
 *
 * The others are drawn uniformly from all pairs of catalogue products that nobody ever bought
 * together, in whatever part of the split or outside of it. There are as many as related ones;
 * where a dense dataset has fewer, related pairs are left out at random.
 */
#ifndef LB_DATA_RELATIONS_H
#define LB_DATA_RELATIONS_H

#include "core/pair.h"
#include "data/split.h"

enum { RELATIONS_PER_TEST = 50, RELATIONS_MOST = 200000 };

/* Pairs of both kinds, no pair twice. */
typedef struct relation_set {
    size_t n;
    relation *pair; // (2 n) the first n related, the others not; each half sorted
} relation_set;

void relation_set_free(relation_set *set); // accepts all zero

typedef struct relations {
    relation_set valid, test;
} relations;

/* The pairs that belong to a split loaded with these options, stored in the dataset when they are
 * made (where it cannot be written they are made only). The same dataset and options give the same
 * pairs on every machine. n is 0 for a part without pairs. Free with relations_free. */
lb_status relations_load(const dataset *d, const split_options *options, const split *s,
                         relations *out);
void relations_free(relations *r); // accepts all zero

/* For learning, from the training part alone: pairs that a user bought together, against pairs of
 * trained products that nobody did. Each user gives as many random pairs as every other, or all of
 * them, so that there are at most `most`; pairs drawn twice count once. LB_E_EMPTY if there are
 * none. */
lb_status relations_train(const split *s, size_t most, uint64_t seed, relation_set *out);

/* For stopping: the validation pairs as above, but what was bought together is known from the
 * training and validation parts alone. n may be 0. */
lb_status relations_valid(const split *s, uint64_t seed, relation_set *out);

#endif
