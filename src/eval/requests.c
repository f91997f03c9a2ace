#include "eval/requests.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* Every test as a user of its own. */
typedef struct askers {
    uint32_t *start; // (n_tests + 1)
    uint32_t *product;
    pair *tests; // (n_tests)
    pair *known;
    size_t n_known;
} askers;

static void askers_free(askers *a) {
    free(a->start);
    free(a->product);
    free(a->tests);
    free(a->known);
}

/* How many of `known`, sorted by user, are a user's; the first is *begin. */
static size_t known_of(const eval_input *in, uint32_t user, size_t *begin) {
    size_t low = 0, high = in->n_known, n = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (in->known[middle].user < user)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < in->n_known && in->known[low + n].user == user) n++;
    *begin = low;
    return n;
}

static lb_status check_users(const eval_input *in) {
    for (size_t i = 0; i < in->n_tests; i++) {
        if (in->tests[i].user >= in->n_users)
            return status_fail(LB_E_ARGUMENT, "request %zu: user row %u of %u: out of range", i,
                               in->tests[i].user, in->n_users);
        if (i && in->tests[i].user < in->tests[i - 1].user)
            return status_fail(LB_E_ARGUMENT, "request %zu: not sorted by user", i);
    }
    return LB_OK;
}

static lb_status askers_make(const eval_input *in, askers *a) {
    size_t n_train = 0, begin;
    for (size_t i = 0; i < in->n_tests; i++) {
        uint32_t user = in->tests[i].user;
        n_train += in->user_start[user + 1] - in->user_start[user];
        a->n_known += known_of(in, user, &begin);
    }
    if (n_train > UINT32_MAX || in->n_tests >= UINT32_MAX)
        return status_fail(LB_E_UNSUPPORTED,
                           "%zu requests, of users with %zu products: too many to test at once",
                           in->n_tests, n_train);
    LB_TRY(NEW_ARRAY(a->start, in->n_tests + 1));
    LB_TRY(NEW_ARRAY(a->product, n_train));
    LB_TRY(NEW_ARRAY(a->tests, in->n_tests));
    LB_TRY(NEW_ARRAY(a->known, a->n_known));
    size_t n_known = 0;
    for (size_t i = 0; i < in->n_tests; i++) {
        uint32_t user = in->tests[i].user, n = in->user_start[user + 1] - in->user_start[user];
        if (n)
            memcpy(a->product + a->start[i], in->product + in->user_start[user],
                   n * sizeof *a->product);
        a->start[i + 1] = a->start[i] + n;
        a->tests[i] = (pair){(uint32_t)i, in->tests[i].product};
        size_t m = known_of(in, user, &begin);
        for (size_t k = 0; k < m; k++)
            a->known[n_known++] = (pair){(uint32_t)i, in->known[begin + k].product};
    }
    return LB_OK;
}

/* Users in the place of requests, each with the mean of the values that are there. */
static void merge_users(const eval_input *in, eval_result *r) {
    size_t size = (size_t)EVAL_KINDS * EVAL_SETS * r->n_metrics, n = 0;
    for (size_t begin = 0, end; begin < r->n_users; begin = end, n++) {
        uint32_t user = in->tests[r->user[begin]].user;
        for (end = begin + 1; end < r->n_users && in->tests[r->user[end]].user == user;) end++;
        for (size_t m = 0; m < size; m++) {
            double sum = 0;
            size_t n_values = 0;
            for (size_t i = begin; i < end; i++) {
                double v = r->values[i * size + m];
                if (isnan(v)) continue;
                sum += v;
                n_values++;
            }
            r->values[n * size + m] = n_values ? sum / (double)n_values : NAN;
        }
        r->user[n] = user; // n <= begin: what is still to be read stays
    }
    r->n_users = n;
}

lb_status eval_requests(job *j, const eval_input *input, eval_score score, void *context,
                        const unsigned *cutoffs, size_t n_cutoffs, unsigned list,
                        eval_result **out) {
    askers a = {0};
    lb_status status;
    LB_TRY_CLEANUP(check_users(input));
    LB_TRY_CLEANUP(askers_make(input, &a));
    eval_input each = *input;
    each.n_users = (uint32_t)input->n_tests;
    each.user_start = a.start;
    each.product = a.product;
    each.tests = a.tests;
    each.known = a.known;
    each.n_known = a.n_known;
    LB_TRY_CLEANUP(eval_run_cutoffs(j, &each, score, context, cutoffs, n_cutoffs, list, out));
    merge_users(input, *out);
cleanup:
    askers_free(&a);
    return status;
}
