#include "eval/eval.h"

#include <math.h>
#include <string.h>

#include "core/best.h"
#include "core/memory.h"
#include "eval/rank.h"

enum { BLOCK_USERS = 64, MIN_BLOCK_USERS = 32, BLOCK_SCORES = 1 << 24, NOWHERE = UINT32_MAX };
enum { LIST_STEP = 64 }; // scores that are compared together

static const double no_lift = 0;

/* What one thread works in; made when it first gets a block. */
typedef struct scratch {
    float *scores;             // (block, n_products)
    float *candidates;         // (n_catalogue) one user's scores, warm then cold; NaN = left out
    float *tests, *bars;       // (max_tests) the tests' scores, and what candidates compare with
    uint32_t *order;           // (max_tests)
    uint32_t *greater, *equal; // (EVAL_KINDS, max_tests) among the candidates of each kind
    uint32_t *exposure;        // (n_products) how often each product is in a list
    best_entry *list;          // (list)
    uint64_t ties[EVAL_KINDS][EVAL_SETS], pairs[EVAL_KINDS][EVAL_SETS];
} scratch;

/* One evaluation. */
typedef struct evaluation {
    const eval_input *input;
    eval_score score;
    void *context;
    int auc_only;
    const double *lifts; // (n_lifts) of cold products; values of each one behind the other
    size_t n_lifts;
    eval_result *result;
    uint32_t *rows;     // (n_catalogue) product rows, warm then cold
    uint32_t *position; // (n_products) place in rows, NOWHERE outside the catalogue
    size_t n_warm, n_catalogue;
    size_t *test_start; // (n_users + 1) of result->user into input->tests
    size_t max_tests;   // of one user
    double *harmonic;   // (n_catalogue + 1)
    double *discount;   // (max cut-off + 1) sums of 1 / log2(rank + 1)
    size_t block;       // users scored at once
    size_t first_block; // of the batch being run
    scratch *workers;   // (threads)
} evaluation;

/* ---------------------------------------------------------------- one user */

/* The user at work. */
typedef struct ranked_user {
    uint32_t row;
    const pair *tests;
    size_t n_tests;
    size_t n_base[EVAL_KINDS]; // candidates without the tests
} ranked_user;

static eval_kind kind_of(const evaluation *e, const pair *test) {
    return e->input->degree[test->product] > 0 ? EVAL_WARM : EVAL_COLD;
}

static lb_status fail_nan(const evaluation *e, const scratch *s, uint32_t user) {
    uint32_t row = 0;
    for (size_t i = e->n_catalogue; i-- > 0;)
        if (isnan(s->candidates[i])) row = e->rows[i];
    return status_fail(LB_E_NUMERIC,
                       "user row %u: the model's score of product row %u is not a number: train "
                       "again with a smaller learning rate",
                       user, row);
}

/* Counts in n_left what is left of the kind; a product may be named twice. */
static void leave_out(const evaluation *e, scratch *s, uint32_t product, size_t *n_left) {
    uint32_t at = e->position[product];
    if (at == NOWHERE || isnan(s->candidates[at])) return;
    s->candidates[at] = NAN;
    n_left[at < e->n_warm ? EVAL_WARM : EVAL_COLD]--;
}

static size_t first_known(const eval_input *in, uint32_t user) {
    size_t low = 0, high = in->n_known;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (in->known[middle].user < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void leave_out_seen(const evaluation *e, scratch *s, uint32_t user, size_t *n_left) {
    const eval_input *in = e->input;
    for (uint32_t i = in->user_start[user]; i < in->user_start[user + 1]; i++)
        leave_out(e, s, in->product[i], n_left);
    for (size_t i = first_known(in, user); i < in->n_known && in->known[i].user == user; i++)
        leave_out(e, s, in->known[i].product, n_left);
}

/* Counts what the user would be shown: the best candidates that are not -INFINITY. Few are good
 * enough, so that they are looked at one by one only where one of several is. */
static void take_list(const evaluation *e, scratch *s) {
    best_list best = {s->list, e->result->list, 0};
    for (size_t i = 0, end; i < e->n_catalogue; i = end) {
        end = i + LIST_STEP < e->n_catalogue ? i + LIST_STEP : e->n_catalogue;
        if (best.n == best.capacity &&
            !rank_reaches(s->candidates + i, end - i, best.entries[0].score))
            continue;
        for (; i < end; i++) {
            float score = s->candidates[i];
            if (best_admits(&best, score, e->rows[i]) && score > -INFINITY)
                best_add(&best, score, e->rows[i]);
        }
    }
    for (size_t i = 0; i < best.n; i++) s->exposure[best.entries[i].row]++;
}

/* Brings one user's scores into the order of the catalogue; returns how many are no numbers. */
static size_t gather(const evaluation *e, const float *scores, float *candidates) {
    size_t n_nan = 0;
    for (size_t i = 0; i < e->n_catalogue; i++) {
        float score = scores[e->rows[i]];
        candidates[i] = score;
        n_nan += isnan(score) != 0;
    }
    return n_nan;
}

/* Gathers one user's scores, reads off the tests' and leaves out what is no candidate; in between,
 * the list for coverage is taken. */
static lb_status prepare_user(const evaluation *e, scratch *s, const float *scores,
                              ranked_user *u) {
    if (gather(e, scores, s->candidates)) return fail_nan(e, s, u->row);
    u->n_base[EVAL_WARM] = e->n_warm;
    u->n_base[EVAL_COLD] = e->n_catalogue - e->n_warm;
    for (size_t i = 0; i < u->n_tests; i++) s->tests[i] = scores[u->tests[i].product];
    leave_out_seen(e, s, u->row, u->n_base);
    if (!e->auc_only) take_list(e, s);
    for (size_t i = 0; i < u->n_tests; i++) leave_out(e, s, u->tests[i].product, u->n_base);
    return LB_OK;
}

/* Counts the candidates above and beside each test, cold ones lifted. */
static void count_candidates(const evaluation *e, scratch *s, const ranked_user *u, float lift) {
    const size_t n[EVAL_KINDS] = {e->n_warm, e->n_catalogue - e->n_warm};
    const float *candidates = s->candidates;
    for (size_t kind = 0; kind < EVAL_KINDS; candidates += n[kind++]) {
        for (size_t i = 0; i < u->n_tests; i++) {
            eval_kind own = kind_of(e, &u->tests[i]);
            float ahead = own == (eval_kind)kind ? 0 : own == EVAL_COLD ? lift : -lift;
            s->bars[i] = s->tests[i] + ahead;
        }
        rank_count(candidates, n[kind], s->bars, u->n_tests, s->order,
                   s->greater + kind * e->max_tests, s->equal + kind * e->max_tests);
    }
}

/* A test's place among the candidates of (kind, set), other tests not counted. */
typedef struct place {
    size_t greater, equal, n;
} place;

static place place_of(const evaluation *e, const scratch *s, const ranked_user *u, size_t test,
                      eval_kind kind, eval_set set) {
    place p = {0, 0, 0};
    for (size_t k = 0; k < EVAL_KINDS; k++) {
        if (set == EVAL_OWN && k != (size_t)kind) continue;
        p.greater += s->greater[k * e->max_tests + test];
        p.equal += s->equal[k * e->max_tests + test];
        p.n += u->n_base[k];
    }
    return p;
}

/* Equation 4, averaged over the user's tests of one kind. */
static double user_auc(const evaluation *e, scratch *s, const ranked_user *u, eval_kind kind,
                       eval_set set) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < u->n_tests; i++) {
        if (kind_of(e, &u->tests[i]) != kind) continue;
        place p = place_of(e, s, u, i, kind, set);
        if (p.n == 0) return NAN; // the same for all tests of the kind
        sum += ((double)(p.n - p.greater - p.equal) + 0.5 * (double)p.equal) / (double)p.n;
        s->ties[kind][set] += p.equal;
        s->pairs[kind][set] += p.n;
        n++;
    }
    return sum / (double)n;
}

/* Where one test is in the full list, which the user's other tests are part of. */
typedef struct list_place {
    size_t above, tied; // ranks above+1 .. above+tied, this one included
    size_t hits;        // of the tied, the tests of its kind
} list_place;

static list_place list_place_of(const evaluation *e, const scratch *s, const ranked_user *u,
                                size_t test, eval_kind kind, eval_set set) {
    place p = place_of(e, s, u, test, kind, set);
    list_place l = {p.greater, p.equal, 0};
    for (size_t i = 0; i < u->n_tests; i++) {
        eval_kind other = kind_of(e, &u->tests[i]);
        if (set == EVAL_OWN && other != kind) continue;
        l.above += s->tests[i] > s->tests[test];
        l.tied += s->tests[i] == s->tests[test];
        l.hits += s->tests[i] == s->tests[test] && other == kind;
    }
    return l;
}

/* Adds one test's expected hit and discounted gain at each cut-off. */
static void add_list_gain(const evaluation *e, list_place l, double *values) {
    double tied = (double)l.tied;
    for (size_t c = 0; c < e->result->n_cutoffs; c++) {
        size_t k = e->result->cutoffs[c], end = l.above + l.tied < k ? l.above + l.tied : k;
        if (l.above >= k) continue;
        values[EVAL_RECALL + 2 * c] += (double)(end - l.above) / tied;
        values[EVAL_NDCG + 2 * c] += (e->discount[end] - e->discount[l.above]) / tied;
    }
}

/* MRR, Recall and NDCG of one kind of a user's tests, `n` of them. */
static void user_list_metrics(const evaluation *e, const scratch *s, const ranked_user *u,
                              eval_kind kind, eval_set set, size_t n, double *values) {
    for (size_t m = EVAL_MRR; m < e->result->n_metrics; m++) values[m] = 0;
    float best = -INFINITY;
    for (size_t i = 0; i < u->n_tests; i++) {
        if (kind_of(e, &u->tests[i]) != kind || s->tests[i] == -INFINITY) continue;
        list_place l = list_place_of(e, s, u, i, kind, set);
        add_list_gain(e, l, values);
        if (s->tests[i] <= best) continue;
        best = s->tests[i];
        values[EVAL_MRR] = rank_expected_reciprocal(e->harmonic, l.above, l.tied, l.hits);
    }
    for (size_t c = 0; c < e->result->n_cutoffs; c++) {
        size_t k = e->result->cutoffs[c];
        values[EVAL_RECALL + 2 * c] /= (double)n;
        values[EVAL_NDCG + 2 * c] /= e->discount[n < k ? n : k];
    }
}

static void measure_user(const evaluation *e, scratch *s, const ranked_user *u, double *values) {
    size_t n[EVAL_KINDS] = {0, 0}, n_metrics = e->result->n_metrics;
    for (size_t i = 0; i < u->n_tests; i++) n[kind_of(e, &u->tests[i])]++;
    for (size_t kind = 0; kind < EVAL_KINDS; kind++) {
        for (size_t set = 0; set < EVAL_SETS; set++) {
            double *v = values + (kind * EVAL_SETS + set) * n_metrics;
            for (size_t m = 0; m < n_metrics; m++) v[m] = NAN;
            if (n[kind] == 0) continue;
            v[EVAL_AUC] = user_auc(e, s, u, (eval_kind)kind, (eval_set)set);
            if (!e->auc_only)
                user_list_metrics(e, s, u, (eval_kind)kind, (eval_set)set, n[kind], v);
        }
    }
}

/* ---------------------------------------------------------------- blocks of users */

static lb_status scratch_prepare(const evaluation *e, scratch *s) {
    if (s->list) return LB_OK;
    size_t n_products = e->input->n_products;
    if (!s->scores) LB_TRY(NEW_ARRAY(s->scores, e->block * n_products));
    if (!s->candidates) LB_TRY(NEW_ARRAY(s->candidates, e->n_catalogue));
    if (!s->tests) LB_TRY(NEW_ARRAY(s->tests, e->max_tests));
    if (!s->bars) LB_TRY(NEW_ARRAY(s->bars, e->max_tests));
    if (!s->order) LB_TRY(NEW_ARRAY(s->order, e->max_tests));
    if (!s->greater) LB_TRY(NEW_ARRAY(s->greater, EVAL_KINDS * e->max_tests));
    if (!s->equal) LB_TRY(NEW_ARRAY(s->equal, EVAL_KINDS * e->max_tests));
    if (!s->exposure) LB_TRY(NEW_ARRAY(s->exposure, n_products));
    return NEW_ARRAY(s->list, e->result->list);
}

static void scratch_free(scratch *s) {
    free(s->scores);
    free(s->candidates);
    free(s->tests);
    free(s->bars);
    free(s->order);
    free(s->greater);
    free(s->equal);
    free(s->exposure);
    free(s->list);
}

/* (EVAL_KINDS, EVAL_SETS, n_metrics) of a user at one lift. */
static double *values_of(const evaluation *e, size_t lift, size_t user) {
    const eval_result *r = e->result;
    return r->values + (lift * r->n_users + user) * EVAL_KINDS * EVAL_SETS * r->n_metrics;
}

static lb_status measure_block(void *context, size_t item, unsigned worker) {
    evaluation *e = context;
    eval_result *r = e->result;
    scratch *s = &e->workers[worker];
    LB_TRY(scratch_prepare(e, s));
    size_t begin = (e->first_block + item) * e->block;
    size_t end = begin + e->block < r->n_users ? begin + e->block : r->n_users;
    LB_TRY(e->score(e->context, r->user + begin, end - begin, s->scores, worker));
    for (size_t i = begin; i < end; i++) {
        ranked_user u = {.row = r->user[i],
                         .tests = e->input->tests + e->test_start[i],
                         .n_tests = e->test_start[i + 1] - e->test_start[i]};
        LB_TRY(prepare_user(e, s, s->scores + (i - begin) * e->input->n_products, &u));
        for (size_t l = 0; l < e->n_lifts; l++) {
            count_candidates(e, s, &u, (float)e->lifts[l]);
            measure_user(e, s, &u, values_of(e, l, i));
        }
    }
    return LB_OK;
}

/* In batches of blocks, so that progress is reported and a stop is heard between them. */
static lb_status measure_all(evaluation *e, job *j) {
    size_t n_blocks = (e->result->n_users + e->block - 1) / e->block;
    size_t batch = (size_t)job_threads(j) * 4;
    for (e->first_block = 0; e->first_block < n_blocks; e->first_block += batch) {
        size_t n = n_blocks - e->first_block < batch ? n_blocks - e->first_block : batch;
        LB_TRY(job_run(j, n, measure_block, e));
        size_t done = (e->first_block + n) * e->block;
        if (done > e->result->n_users) done = e->result->n_users;
        if (e->auc_only) continue; // the training loop reports its own progress
        LB_TRY(job_progress(j, "evaluate", "users", done, e->result->n_users));
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- setting up */

static lb_status check_pairs(const eval_input *in, const pair *pairs, size_t n, const char *what,
                             int strict) {
    for (size_t i = 0; i < n; i++) {
        const pair *p = &pairs[i];
        if (p->user >= in->n_users || p->product >= in->n_products)
            return status_fail(LB_E_ARGUMENT,
                               "%s pair %zu: user row %u of %u, product row %u of %u: out of range",
                               what, i, p->user, in->n_users, p->product, in->n_products);
        if (strict && !in->in_catalogue[p->product])
            return status_fail(LB_E_ARGUMENT, "%s pair %zu: product row %u is not in the catalogue",
                               what, i, p->product);
        if (i == 0) continue;
        if (p->user < p[-1].user ||
            (p->user == p[-1].user && strict && p->product <= p[-1].product))
            return status_fail(LB_E_ARGUMENT,
                               "%s pair %zu: not sorted by user and product, or there twice", what,
                               i);
    }
    return LB_OK;
}

static lb_status check_input(const eval_input *in) {
    if (in->user_start[0] != 0)
        return status_fail(LB_E_ARGUMENT, "the training part does not start at 0");
    for (uint32_t u = 0; u < in->n_users; u++)
        if (in->user_start[u + 1] < in->user_start[u])
            return status_fail(LB_E_ARGUMENT, "user row %u: the training part runs backwards", u);
    for (uint32_t i = 0; i < in->user_start[in->n_users]; i++)
        if (in->product[i] >= in->n_products)
            return status_fail(LB_E_ARGUMENT, "training interaction %u: product row %u of %u", i,
                               in->product[i], in->n_products);
    LB_TRY(check_pairs(in, in->tests, in->n_tests, "test", 1));
    return check_pairs(in, in->known, in->n_known, "known", 0);
}

static lb_status check_cutoffs(const unsigned *cutoffs, size_t n, unsigned list) {
    if (n < 1 || n > EVAL_MAX_CUTOFFS)
        return status_fail(LB_E_ARGUMENT, "%zu cut-offs: must be 1 to %d", n, EVAL_MAX_CUTOFFS);
    for (size_t c = 0; c < n; c++)
        if (cutoffs[c] < 1 || cutoffs[c] > 1000000)
            return status_fail(LB_E_ARGUMENT, "cut-off %u: must be 1 to 1000000", cutoffs[c]);
    if (list < 1 || list > 1000000)
        return status_fail(LB_E_ARGUMENT, "list length %u: must be 1 to 1000000", list);
    return LB_OK;
}

/* The catalogue in the order warm, cold, by row within each. */
static lb_status order_catalogue(evaluation *e) {
    const eval_input *in = e->input;
    LB_TRY(NEW_ARRAY(e->rows, in->n_products));
    LB_TRY(NEW_ARRAY(e->position, in->n_products));
    for (uint32_t p = 0; p < in->n_products; p++) e->position[p] = NOWHERE;
    for (int kind = EVAL_WARM; kind <= EVAL_COLD; kind++) {
        for (uint32_t p = 0; p < in->n_products; p++) {
            if (!in->in_catalogue[p] || (in->degree[p] > 0) != (kind == EVAL_WARM)) continue;
            e->position[p] = (uint32_t)e->n_catalogue;
            e->rows[e->n_catalogue++] = p;
        }
        if (kind == EVAL_WARM) e->n_warm = e->n_catalogue;
    }
    e->result->n_catalogue[EVAL_WARM] = e->n_warm;
    e->result->n_catalogue[EVAL_COLD] = e->n_catalogue - e->n_warm;
    return LB_OK;
}

static lb_status group_tests(evaluation *e) {
    const eval_input *in = e->input;
    eval_result *r = e->result;
    LB_TRY(NEW_ARRAY(r->user, in->n_tests));
    LB_TRY(NEW_ARRAY(e->test_start, in->n_tests + 1));
    for (size_t i = 0; i < in->n_tests; i++) {
        r->n_tests[kind_of(e, &in->tests[i])]++;
        if (i > 0 && in->tests[i].user == in->tests[i - 1].user) continue;
        r->user[r->n_users] = in->tests[i].user;
        e->test_start[r->n_users++] = i;
    }
    e->test_start[r->n_users] = in->n_tests;
    for (size_t i = 0; i < r->n_users; i++) {
        size_t n = e->test_start[i + 1] - e->test_start[i];
        if (n > e->max_tests) e->max_tests = n;
    }
    return NEW_ARRAY(r->values, e->n_lifts * r->n_users * EVAL_KINDS * EVAL_SETS * r->n_metrics);
}

static lb_status make_tables(evaluation *e) {
    LB_TRY(NEW_ARRAY(e->harmonic, e->n_catalogue + 1));
    for (size_t i = 1; i <= e->n_catalogue; i++)
        e->harmonic[i] = e->harmonic[i - 1] + 1.0 / (double)i;
    size_t longest = 0;
    for (size_t c = 0; c < e->result->n_cutoffs; c++)
        if (e->result->cutoffs[c] > longest) longest = e->result->cutoffs[c];
    LB_TRY(NEW_ARRAY(e->discount, longest + 1));
    for (size_t i = 1; i <= longest; i++)
        e->discount[i] = e->discount[i - 1] + 1.0 / log2((double)i + 1);
    return LB_OK;
}

static size_t block_users(size_t n_products) {
    size_t n = BLOCK_SCORES / (n_products ? n_products : 1);
    if (n > BLOCK_USERS) return BLOCK_USERS;
    return n < MIN_BLOCK_USERS ? MIN_BLOCK_USERS : n;
}

/* ---------------------------------------------------------------- all users */

/* Sums what the threads counted; whole numbers, so their order does not matter. */
static lb_status add_up(evaluation *e, unsigned n_threads) {
    eval_result *r = e->result;
    uint32_t *exposure;
    LB_TRY(NEW_ARRAY(exposure, e->n_catalogue));
    for (unsigned w = 0; w < n_threads; w++) {
        const scratch *s = &e->workers[w];
        for (size_t kind = 0; kind < EVAL_KINDS; kind++)
            for (size_t set = 0; set < EVAL_SETS; set++) {
                r->ties[kind][set] += s->ties[kind][set];
                r->pairs[kind][set] += s->pairs[kind][set];
            }
        if (!s->exposure) continue;
        for (size_t i = 0; i < e->n_catalogue; i++) exposure[i] += s->exposure[e->rows[i]];
    }
    size_t shown = 0;
    for (size_t i = 0; i < e->n_catalogue; i++) shown += exposure[i] > 0;
    r->coverage = r->n_users > 0 ? (double)shown / (double)e->n_catalogue : NAN;
    r->gini = eval_gini(exposure, e->n_catalogue);
    free(exposure);
    return LB_OK;
}

static void evaluation_close(evaluation *e, unsigned n_threads) {
    for (unsigned w = 0; e->workers && w < n_threads; w++) scratch_free(&e->workers[w]);
    free(e->workers);
    free(e->rows);
    free(e->position);
    free(e->test_start);
    free(e->harmonic);
    free(e->discount);
}

/* Runs the evaluation `e`, whose input, score, context and result's cut-offs are set. */
static lb_status evaluate(evaluation *e, job *j) {
    lb_status status;
    unsigned n_threads = job_threads(j);
    e->result->n_metrics = EVAL_RECALL + 2 * e->result->n_cutoffs;
    LB_TRY_CLEANUP(check_input(e->input));
    LB_TRY_CLEANUP(order_catalogue(e));
    LB_TRY_CLEANUP(group_tests(e));
    LB_TRY_CLEANUP(make_tables(e));
    e->block = block_users(e->input->n_products);
    LB_TRY_CLEANUP(NEW_ARRAY(e->workers, n_threads));
    LB_TRY_CLEANUP(measure_all(e, j));
    if (!e->auc_only) LB_TRY_CLEANUP(add_up(e, n_threads));
cleanup:
    evaluation_close(e, n_threads);
    return status;
}

lb_status eval_run_cutoffs(job *j, const eval_input *input, eval_score score, void *context,
                           const unsigned *cutoffs, size_t n_cutoffs, unsigned list,
                           eval_result **out) {
    LB_TRY(check_cutoffs(cutoffs, n_cutoffs, list));
    eval_result *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->list = list;
    r->n_cutoffs = n_cutoffs;
    memcpy(r->cutoffs, cutoffs, n_cutoffs * sizeof *cutoffs);
    evaluation e = {.input = input,
                    .score = score,
                    .context = context,
                    .lifts = &no_lift,
                    .n_lifts = 1,
                    .result = r};
    lb_status status = evaluate(&e, j);
    if (status != LB_OK) {
        eval_result_free(r);
        return status;
    }
    *out = r;
    return LB_OK;
}

lb_status eval_run(job *j, const eval_input *input, eval_score score, void *context, unsigned k,
                   eval_result **out) {
    return eval_run_cutoffs(j, input, score, context, &k, 1, k, out);
}

/* The mean over users at one lift. */
static double mean_auc(const evaluation *e, size_t lift, size_t kind, size_t set) {
    const eval_result *r = e->result;
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n_users; i++) {
        double v = values_of(e, lift, i)[(kind * EVAL_SETS + set) * r->n_metrics + EVAL_AUC];
        if (isnan(v)) continue;
        sum += v;
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

lb_status eval_auc_lifts(job *j, const eval_input *input, eval_score score, void *context,
                         const double *lifts, size_t n_lifts, eval_aucs *out) {
    eval_result r = {.list = 1};
    evaluation e = {.input = input,
                    .score = score,
                    .context = context,
                    .auc_only = 1,
                    .lifts = lifts,
                    .n_lifts = n_lifts,
                    .result = &r};
    lb_status status = evaluate(&e, j);
    for (size_t l = 0; status == LB_OK && l < n_lifts; l++)
        for (size_t kind = 0; kind < EVAL_KINDS; kind++)
            for (size_t set = 0; set < EVAL_SETS; set++)
                out[l].auc[kind][set] = mean_auc(&e, l, kind, set);
    free(r.user);
    free(r.values);
    return status;
}

lb_status eval_auc_quick(job *j, const eval_input *input, eval_score score, void *context,
                         double auc[EVAL_KINDS][EVAL_SETS]) {
    eval_aucs found;
    LB_TRY(eval_auc_lifts(j, input, score, context, &no_lift, 1, &found));
    memcpy(auc, found.auc, sizeof found.auc);
    return LB_OK;
}

void eval_result_free(eval_result *r) {
    if (!r) return;
    free(r->user);
    free(r->values);
    free(r);
}
