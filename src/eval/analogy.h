/*
 * Analogies (VASG, section 5): is x_p1 - x_u1 + x_u2, for a product p1 that u1 bought, near to
 * products for u2 that are like p1?
 *
 * A sample is (u1, p1, u2): u1 a random user with training products, p1 a random one of them, u2 a
 * random other user with training products. The nearest ANALOGY_LIST products by cosine, p1 left
 * out, are judged in three ways, since the paper does not say what counted as relevant:
 *
 *  - train: precision@5, the share of the five that u2 has in training;
 *  - held out: hit rate@5, the share of samples where a test product of u2 is among the five, u2's
 *    training products being left out too (over samples whose u2 has a test product other than p1);
 *  - category: precision@5, the share of the five (of `train`) in the category of p1 (over samples
 *    where p1 has one).
 *
 * The first says how well the training is remembered, the second whether that helps, the third
 * whether the five are still like p1. Each has the same figure for other rankings beside it: by
 * x_u2 alone, by x_p1 alone, by popularity, and (exactly, in expectation) at random.
 */
#ifndef LB_EVAL_ANALOGY_H
#define LB_EVAL_ANALOGY_H

#include "core/job.h"
#include "core/pair.h"

enum { ANALOGY_LIST = 5, ANALOGY_NO_LABEL = UINT32_MAX };

typedef enum analogy_ranking {
    ANALOGY_SUM,     // x_p1 - x_u1 + x_u2
    ANALOGY_USER,    // x_u2
    ANALOGY_PRODUCT, // x_p1
    ANALOGY_POPULAR, // training degree, the same for all but what is left out
    ANALOGY_RANDOM,  // the expectation over all orders
    ANALOGY_RANKINGS
} analogy_ranking;

/* Nothing is owned. */
typedef struct analogy_input {
    uint32_t n_users, n_products, dim;
    const float *user;          // (n_users, dim)
    const float *product;       // (n_products, dim); a zero row is not a candidate
    const uint8_t *candidate;   // (n_products) 1 = may be among the nearest; NULL = all may
    const uint32_t *user_start; // (n_users + 1) offsets into bought[]: the training part
    const uint32_t *bought;     // product rows, ascending within a user
    const pair *test;           // (n_test) sorted by user; NULL if none
    size_t n_test;
    const uint32_t *label; // (n_products) number of the category or ANALOGY_NO_LABEL; NULL if none
    size_t samples;
    uint64_t seed;
} analogy_input;

/* Means over samples; NaN where there was none to judge. */
typedef struct analogy_score {
    double train, held_out, category;
} analogy_score;

typedef struct analogy_case {
    uint32_t u1, p1, u2;
    uint32_t n;                     // found: ANALOGY_LIST but in a tiny catalogue
    uint32_t nearest[ANALOGY_LIST]; // of `train`, by ANALOGY_SUM
    float cosine[ANALOGY_LIST];
} analogy_case;

typedef struct analogy_result {
    analogy_score score[ANALOGY_RANKINGS];
    double ceiling;                       // the best `train` possible: users have few products
    size_t samples, n_tested, n_labelled; // drawn; judged by test products; by category
    analogy_case *cases;                  // (samples) owned: free()
} analogy_result;

/* LB_E_EMPTY with fewer than two users who have training products, or fewer than ANALOGY_LIST + 1
 * candidates; LB_E_ARGUMENT for no samples. The same result on any number of threads. Time
 * O(samples * n_products * dim); memory about 128 bytes a product and thread. */
lb_status analogy_measure(job *j, const analogy_input *input, analogy_result *out);

#endif
