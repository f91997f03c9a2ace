/*
 * How good a ranking is: AUC, Recall@k, NDCG@k and MRR of every test user, coverage and Gini of the
 * lists, means with intervals. This is the one place where the protocol lives; models are known
 * only as a function that scores all products for some users.
 *
 * Words. A test is *warm* when its product has training interactions and *cold* when it has none.
 * Candidates are *all* the catalogue, or only the test's *own* kind (warm against warm, cold
 * against cold). Everything the user had in training or in `known` (the validation part) is left
 * out.
 *
 *  - AUC (VASG, equation 4): for each test, the share of candidates that score below it, a tie
 *    counting one half; the user's other tests are left out of the candidates. A user's AUC is the
 *    mean over his or her tests of one kind, the model's is the mean over users.
 *  - Recall@k: hits among the first k of the full list / the user's tests of that kind.
 *  - NDCG@k: DCG with discount 1 / log2(rank + 1) / DCG of the ideal list.
 *  - MRR: 1 / rank of the first test of that kind.
 *
 * In the lists of the last three the user's other tests stay; those of the same kind are hits too,
 * and those of the other kind compete when candidates are `all`. Tied products share the expected
 * value over all orders of the tie, exactly: in a tie of t products at ranks r+1..r+t each is at
 * each rank with probability 1/t, which by linearity gives Recall and NDCG for any number of tests;
 * the first of g tests among them is m-th with probability C(t-m, g-1) / C(t, g), which gives MRR.
 * A score of -INFINITY means "not recommendable": such a test is never a hit, and in AUC such
 * products tie with each other below all others.
 */
#ifndef LB_EVAL_EVAL_H
#define LB_EVAL_EVAL_H

#include "core/job.h"
#include "core/pair.h"

/* What is tested. Nothing is owned; all of it must stay valid during the call. */
typedef struct eval_input {
    uint32_t n_users, n_products;
    const uint32_t *user_start;  // (n_users + 1) offsets into product[]: the training part as CSR
    const uint32_t *product;     // product rows of the training part
    const uint8_t *in_catalogue; // (n_products) 1 = a candidate
    const uint32_t *degree;      // (n_products) training interactions; 0 = completely cold
    const pair *tests;           // (n_tests) sorted by user, then product; no repeats
    size_t n_tests;
    const pair *known; // (n_known) sorted by user; left out of the candidates; NULL if none
    size_t n_known;
} eval_input;

typedef enum eval_kind { EVAL_WARM, EVAL_COLD, EVAL_KINDS } eval_kind;
typedef enum eval_set { EVAL_ALL, EVAL_OWN, EVAL_SETS } eval_set;

/* The metrics of one (kind, set). With several cut-offs, RECALL and NDCG of cut-off c are at
 * EVAL_RECALL + 2 c and EVAL_NDCG + 2 c. */
enum { EVAL_AUC, EVAL_MRR, EVAL_RECALL, EVAL_NDCG, EVAL_METRICS };
enum { EVAL_MAX_CUTOFFS = 8 };

/* Scores every product for each of `n` users; higher is better; -INFINITY = not recommendable.
 * Products outside the catalogue are ignored. Called from several threads at once with different
 * `worker` numbers below job_threads. A user's scores must not depend on `worker`. */
typedef lb_status (*eval_score)(void *context, const uint32_t *users, size_t n,
                                float *scores /* (n, n_products) */, unsigned worker);

/* What came out. Owned by the caller: eval_result_free. */
typedef struct eval_result {
    size_t n_users;             // users with at least one test
    uint32_t *user;             // (n_users) their rows, ascending
    size_t n_metrics;           // 2 + 2 n_cutoffs; EVAL_METRICS for eval_run
    double *values;             // (n_users, EVAL_KINDS, EVAL_SETS, n_metrics); NaN where the user
                                // has no test of the kind, or AUC no candidate
    size_t n_tests[EVAL_KINDS]; // test pairs
    size_t n_catalogue[EVAL_KINDS];        // candidates in the catalogue
    uint64_t ties[EVAL_KINDS][EVAL_SETS];  // (test, candidate) pairs that tied in AUC, of...
    uint64_t pairs[EVAL_KINDS][EVAL_SETS]; // ...so many compared
    size_t n_cutoffs;
    unsigned cutoffs[EVAL_MAX_CUTOFFS];
    unsigned list;   // length of the lists that coverage and gini are about
    double coverage; // share of the catalogue in at least one list; NaN without tests
    double gini;     // of how often each catalogue product is in a list: 0 = evenly; NaN if never
} eval_result;

/* Ranks the whole catalogue for every user with a test and measures it. Lists for coverage and Gini
 * are those users' first `k`, equal scores in order of rows. `k` is 1 or more; 20 by design.
 * The result does not depend on the number of threads.
 * LB_E_ARGUMENT: input rows out of range, tests not sorted, repeated or outside the catalogue.
 * LB_E_NUMERIC: a score is NaN; the text names the user and the product row.
 * Time O(tests * products) plus scoring; memory about 16 MB a thread, more above 500,000 products.
 */
lb_status eval_run(job *j, const eval_input *input, eval_score score, void *context, unsigned k,
                   eval_result **out);

/* As eval_run with several cut-offs (1 to EVAL_MAX_CUTOFFS of them); `list` is the length of the
 * lists for coverage and Gini. */
lb_status eval_run_cutoffs(job *j, const eval_input *input, eval_score score, void *context,
                           const unsigned *cutoffs, size_t n_cutoffs, unsigned list,
                           eval_result **out);
void eval_result_free(eval_result *r);

/* AUC alone, for use while training: `input->tests` are the validation pairs, `known` is NULL.
 * auc[kind][set] is the mean over users, NaN where there is no such test. Errors as eval_run. */
lb_status eval_auc_quick(job *j, const eval_input *input, eval_score score, void *context,
                         double auc[EVAL_KINDS][EVAL_SETS]);

typedef struct eval_aucs {
    double auc[EVAL_KINDS][EVAL_SETS];
} eval_aucs;

/* The same for several heights that the scores of cold products are lifted by: out (n_lifts). Every
 * user is scored once. */
lb_status eval_auc_lifts(job *j, const eval_input *input, eval_score score, void *context,
                         const double *lifts, size_t n_lifts, eval_aucs *out);

/* One user's value: `index` is below r->n_users. */
static inline double eval_value(const eval_result *r, size_t index, eval_kind kind, eval_set set,
                                size_t metric) {
    return r->values[((index * EVAL_KINDS + kind) * EVAL_SETS + set) * r->n_metrics + metric];
}

/* ---------------------------------------------------------------- means and intervals */

/* A metric as it is reported. */
typedef struct eval_summary {
    double mean;     // over runs, of the means over users; NaN when it cannot be computed
    double sd;       // over runs (n - 1); NaN for one run
    double lo, hi;   // 95 % bootstrap interval over users of the run-averaged values
    size_t n_users;  // users with a value in at least one run
    const char *why; // why mean is NaN, else NULL; static storage
} eval_summary;

/* The 2.5 and 97.5 % quantiles of n >= 1 values, interpolated; sorts them. */
void eval_interval(double *values, size_t n, double *lo, double *hi);

/* Percentile bootstrap of the mean of n values (1,000 resamples, 2.5 and 97.5 %, interpolated).
 * NaN values are not allowed. n = 0 gives NaN for both. LB_E_NOMEM. */
lb_status eval_bootstrap(const double *values, size_t n, uint64_t seed, double *lo, double *hi);

/* One metric over R runs of one model; runs may have different test users, and a user's value is
 * then the mean over the runs that have one. All runs must have the same cut-offs. `metric` is
 * below n_metrics. LB_E_ARGUMENT, LB_E_NOMEM. */
lb_status eval_summarise(const eval_result *const *runs, size_t n_runs, eval_kind kind,
                         eval_set set, size_t metric, uint64_t seed, eval_summary *out);

/* The paired difference a - b: mean (over users that both have, of the run-averaged values) and its
 * interval; an interval that excludes 0 is a difference at the 5 % level. sd is that of the users'
 * differences. Errors as eval_summarise. */
lb_status eval_compare(const eval_result *const *a, size_t n_a, const eval_result *const *b,
                       size_t n_b, eval_kind kind, eval_set set, size_t metric, uint64_t seed,
                       eval_summary *out);

/* Mean and standard deviation over runs of any numbers (seconds, coverage), NaNs left out; lo and
 * hi are NaN. `why` says "no run has a value" when there is none. */
void eval_summarise_runs(const double *values, size_t n_runs, eval_summary *out);

/* Gini coefficient of n counts: sum of (2 i - n - 1) x_i / (n sum x) for x ascending, i from 1. NaN
 * when n or the sum is 0. `counts` is sorted in place. */
double eval_gini(uint32_t *counts, size_t n);

#endif
