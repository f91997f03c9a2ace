/*
 * How well scores tell pairs of products that are bought together from others (VASG paper, section
 * 4.3; McAuley et al., SIGIR 2015).
 *
 *  - Accuracy: the share of pairs told rightly by "related where the score is above t"; t is chosen
 *    on other pairs, of the validation part. As many are related as not: chance is 1/2.
 *  - AUC: the probability that a related pair scores above one that is not, a tie counting one
 * half. It needs no threshold.
 *
 * A score of -INFINITY means that the model cannot place one of the two products: such a pair is
 * said not to be related, and ties with others like it below all the rest.
 *
 * Intervals: pairs that share a product are not independent, so products are drawn, and not pairs:
 * in each of 1,000 resamples every product has a random count (as many draws with replacement as
 * there are products), a pair has the weight of the product of its two counts, and the metric is
 * weighted (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics, 2007). For AUC the
 * pairs' places within the other kind are kept as they are, which is its first-order form.
 */
#ifndef LB_EVAL_RELATIONS_H
#define LB_EVAL_RELATIONS_H

#include "core/pair.h"
#include "eval/eval.h"

/* Pairs with scores, as they were measured. Owned by the caller: eval_relations_free. */
typedef struct eval_relations {
    size_t n[2];    // pairs that are related, and that are not
    relation *pair; // (n[0] + n[1]) the related ones first
    float *place; // (same) share of the other kind that the pair is on the right side of; ties 1/2
    uint8_t *right;             // (same) 1 = told rightly at the threshold
    double auc;                 // NaN where one kind is empty
    double accuracy, threshold; // NaN without a threshold
    size_t unplaced;            // pairs with a score of -INFINITY
    uint64_t ties;              // (related, other) combinations that tie
} eval_relations;

/* The threshold with the highest accuracy on these scores, the first n[0] of them of related pairs:
 * a midpoint between neighbouring scores (the lowest of equally good ones), or just below the
 * lowest or at the highest. NaN for both when there are no pairs. LB_E_NUMERIC for a NaN score. */
lb_status eval_relations_threshold(const float *scores, const size_t n[2], double *threshold,
                                   double *accuracy);

/* Measures scores of pairs; `threshold` NaN = no accuracy. LB_E_NUMERIC for a NaN score, naming the
 * products. Time O(n log n). */
lb_status eval_relations_run(const relation *pairs, const float *scores, const size_t n[2],
                             double threshold, eval_relations **out);
void eval_relations_free(eval_relations *r); // accepts NULL

typedef enum eval_relations_metric {
    EVAL_RELATIONS_ACCURACY,
    EVAL_RELATIONS_AUC
} eval_relations_metric;

/* Mean and standard deviation over runs, and the interval of the mean over runs. Runs may have
 * different pairs; runs without a value are left out. Product rows are below n_products. The result
 * does not depend on the number of threads. */
lb_status eval_relations_summarise(job *j, const eval_relations *const *runs, size_t n_runs,
                                   uint32_t n_products, eval_relations_metric metric, uint64_t seed,
                                   eval_summary *out);

#endif
