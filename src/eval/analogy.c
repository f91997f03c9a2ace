#include "eval/analogy.h"

#include <math.h>
#include <string.h>

#include "core/best.h"
#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/vector.h"

enum { BLOCK = 32 };

/* What one sample came to, by one ranking: of the five. */
typedef struct outcome {
    double train, category, held_out;
} outcome;

typedef struct workplace {
    const analogy_input *in;
    float *unit;        // (n_products, dim) candidates of length one, zero rows otherwise
    uint8_t *candidate; // (n_products)
    size_t n_candidates;
    uint32_t *popular;    // (n_candidates) by falling degree, then row
    uint32_t *label_size; // (n_products) candidates with the label of this product
    size_t *test_start;   // (n_users + 1)
    analogy_case *cases;  // (samples)
    outcome *outcomes;    // (samples, ANALOGY_RANKINGS)
} workplace;

/* ---- preparing */

static lb_status take_candidates(workplace *w) {
    const analogy_input *in = w->in;
    size_t dim = in->dim;
    LB_TRY(NEW_ARRAY(w->unit, in->n_products * dim));
    LB_TRY(NEW_ARRAY(w->candidate, in->n_products));
    for (size_t p = 0; p < in->n_products; p++) {
        if (in->candidate && !in->candidate[p]) continue;
        memcpy(w->unit + p * dim, in->product + p * dim, dim * sizeof *w->unit);
        w->candidate[p] = vec_normalise(w->unit + p * dim, dim) > 0;
        w->n_candidates += w->candidate[p];
    }
    if (w->n_candidates > ANALOGY_LIST) return LB_OK;
    return status_fail(LB_E_EMPTY, "%zu products have an embedding: too few for lists of %d",
                       w->n_candidates, ANALOGY_LIST);
}

static lb_status order_by_degree(workplace *w) {
    const analogy_input *in = w->in;
    best_entry *entries = NULL;
    uint32_t *degree = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(w->popular, w->n_candidates));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, w->n_candidates));
    LB_TRY_CLEANUP(NEW_ARRAY(degree, in->n_products));
    for (uint32_t i = 0; i < in->user_start[in->n_users]; i++) degree[in->bought[i]]++;
    best_list list = {entries, w->n_candidates, 0};
    for (uint32_t p = 0; p < in->n_products; p++)
        if (w->candidate[p]) best_add(&list, (float)degree[p], p);
    best_sort(&list);
    for (size_t i = 0; i < list.n; i++) w->popular[i] = entries[i].row;
cleanup:
    free(entries);
    free(degree);
    return status;
}

static lb_status count_labels(workplace *w) {
    const analogy_input *in = w->in;
    uint32_t n_labels = 0, *size;
    if (!in->label) return LB_OK;
    LB_TRY(NEW_ARRAY(w->label_size, in->n_products));
    for (uint32_t p = 0; p < in->n_products; p++)
        if (in->label[p] != ANALOGY_NO_LABEL && in->label[p] >= n_labels)
            n_labels = in->label[p] + 1;
    LB_TRY(NEW_ARRAY(size, n_labels));
    for (uint32_t p = 0; p < in->n_products; p++)
        if (w->candidate[p] && in->label[p] != ANALOGY_NO_LABEL) size[in->label[p]]++;
    for (uint32_t p = 0; p < in->n_products; p++)
        if (in->label[p] != ANALOGY_NO_LABEL) w->label_size[p] = size[in->label[p]];
    free(size);
    return LB_OK;
}

static lb_status index_tests(workplace *w) {
    const analogy_input *in = w->in;
    LB_TRY(NEW_ARRAY(w->test_start, (size_t)in->n_users + 1));
    for (size_t i = 0; in->test && i < in->n_test; i++) w->test_start[in->test[i].user + 1]++;
    for (size_t u = 0; u < in->n_users; u++) w->test_start[u + 1] += w->test_start[u];
    return LB_OK;
}

static lb_status draw(workplace *w) {
    const analogy_input *in = w->in;
    uint32_t *trained, n = 0;
    LB_TRY(NEW_ARRAY(trained, in->n_users));
    for (uint32_t u = 0; u < in->n_users; u++)
        if (in->user_start[u] < in->user_start[u + 1]) trained[n++] = u;
    for (size_t i = 0; i < in->samples && n >= 2; i++) {
        random_stream r = random_open(in->seed, "analogies", i);
        size_t first = random_below(&r, n), other = random_below(&r, n - 1);
        analogy_case *c = &w->cases[i];
        c->u1 = trained[first];
        c->u2 = trained[other + (other >= first)];
        uint32_t start = in->user_start[c->u1];
        c->p1 = in->bought[start + random_below(&r, in->user_start[c->u1 + 1] - start)];
    }
    free(trained);
    if (n >= 2) return LB_OK;
    return status_fail(LB_E_EMPTY, "%u users have training products: analogies take two", n);
}

/* ---- judging one list */

static bool has_bought(const analogy_input *in, uint32_t user, uint32_t product) {
    size_t low = in->user_start[user], high = in->user_start[user + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (in->bought[middle] == product) return true;
        if (in->bought[middle] < product)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool is_test(const workplace *w, uint32_t user, uint32_t product) {
    for (size_t i = w->test_start[user]; i < w->test_start[user + 1]; i++)
        if (w->in->test[i].product == product) return true;
    return false;
}

/* Test products of u2 that may be found. */
static size_t n_findable(const workplace *w, const analogy_case *c) {
    size_t n = 0;
    for (size_t i = w->test_start[c->u2]; i < w->test_start[c->u2 + 1]; i++) {
        uint32_t p = w->in->test[i].product;
        n += p != c->p1 && w->candidate[p] && !has_bought(w->in, c->u2, p);
    }
    return n;
}

static bool is_labelled(const workplace *w, const analogy_case *c) {
    return w->in->label && w->in->label[c->p1] != ANALOGY_NO_LABEL;
}

/* The two lists of a sample: the nearest, and the nearest that u2 does not have. */
static outcome judge(const workplace *w, const analogy_case *c, const uint32_t *nearest, size_t n,
                     const uint32_t *unseen, size_t n_unseen) {
    outcome o = {0};
    bool labelled = is_labelled(w, c);
    for (size_t i = 0; i < n; i++) {
        o.train += (double)has_bought(w->in, c->u2, nearest[i]) / ANALOGY_LIST;
        if (labelled)
            o.category += (double)(w->in->label[nearest[i]] == w->in->label[c->p1]) / ANALOGY_LIST;
    }
    for (size_t i = 0; i < n_unseen; i++)
        if (is_test(w, c->u2, unseen[i])) o.held_out = 1;
    return o;
}

static outcome judge_popular(const workplace *w, const analogy_case *c) {
    uint32_t nearest[ANALOGY_LIST], unseen[ANALOGY_LIST];
    size_t n = 0, n_unseen = 0;
    for (size_t i = 0; i < w->n_candidates && n_unseen < ANALOGY_LIST; i++) {
        uint32_t p = w->popular[i];
        if (p == c->p1) continue;
        if (n < ANALOGY_LIST) nearest[n++] = p;
        if (!has_bought(w->in, c->u2, p)) unseen[n_unseen++] = p;
    }
    return judge(w, c, nearest, n, unseen, n_unseen);
}

/* How many of u2's training products may be found. */
static size_t n_owned(const workplace *w, const analogy_case *c) {
    size_t n = 0;
    for (uint32_t i = w->in->user_start[c->u2]; i < w->in->user_start[c->u2 + 1]; i++)
        n += w->in->bought[i] != c->p1 && w->candidate[w->in->bought[i]];
    return n;
}

/* Five drawn at random, in expectation. */
static outcome judge_random(const workplace *w, const analogy_case *c) {
    bool p1 = w->candidate[c->p1];
    size_t owned = n_owned(w, c), total = w->n_candidates - p1;
    size_t unseen = total - owned, found = n_findable(w, c);
    double missed = 1; // the probability that none of the five is a test product
    for (size_t i = 0; i < ANALOGY_LIST && missed > 0; i++)
        missed *= unseen > found + i ? (double)(unseen - found - i) / (double)(unseen - i) : 0;
    outcome o = {.train = (double)owned / (double)total, .held_out = 1 - missed};
    if (is_labelled(w, c)) o.category = (double)(w->label_size[c->p1] - p1) / (double)total;
    return o;
}

/* ---- nearest products */

static void write_query(const workplace *w, const analogy_case *c, analogy_ranking ranking,
                        float *out) {
    const analogy_input *in = w->in;
    size_t dim = in->dim;
    const float *p1 = in->product + c->p1 * dim, *u1 = in->user + c->u1 * dim,
                *u2 = in->user + c->u2 * dim;
    for (size_t d = 0; d < dim; d++)
        out[d] = ranking == ANALOGY_SUM       ? p1[d] - u1[d] + u2[d]
                 : ranking == ANALOGY_PRODUCT ? p1[d]
                                              : u2[d];
    vec_normalise(out, dim);
}

static void rank_one(const workplace *w, size_t sample, analogy_ranking ranking,
                     const float *cosine) {
    analogy_case *c = &w->cases[sample];
    best_entry near[ANALOGY_LIST], far[ANALOGY_LIST];
    best_list nearest = {near, ANALOGY_LIST, 0}, unseen = {far, ANALOGY_LIST, 0};
    for (uint32_t p = 0; p < w->in->n_products; p++) {
        bool first = best_admits(&nearest, cosine[p], p),
             second = best_admits(&unseen, cosine[p], p);
        if ((!first && !second) || !w->candidate[p] || p == c->p1) continue;
        if (first) best_add(&nearest, cosine[p], p);
        if (second && !has_bought(w->in, c->u2, p)) best_add(&unseen, cosine[p], p);
    }
    best_sort(&nearest);
    best_sort(&unseen);
    uint32_t a[ANALOGY_LIST], b[ANALOGY_LIST];
    for (size_t i = 0; i < nearest.n; i++) a[i] = near[i].row;
    for (size_t i = 0; i < unseen.n; i++) b[i] = far[i].row;
    w->outcomes[sample * ANALOGY_RANKINGS + ranking] = judge(w, c, a, nearest.n, b, unseen.n);
    if (ranking != ANALOGY_SUM) return;
    c->n = (uint32_t)nearest.n;
    for (size_t i = 0; i < nearest.n; i++) {
        c->nearest[i] = near[i].row;
        c->cosine[i] = near[i].score;
    }
}

/* The samples begin..end-1, by all rankings; at most BLOCK of them. */
static lb_status rank_block(void *context, size_t begin, size_t end, unsigned worker) {
    const workplace *w = context;
    size_t n = end - begin, dim = w->in->dim, n_products = w->in->n_products;
    float *query = NULL, *cosine = NULL;
    lb_status status;
    (void)worker;
    LB_TRY_CLEANUP(NEW_ARRAY(query, n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(cosine, n * n_products));
    // Those that have a query vector.
    for (analogy_ranking r = 0; r <= ANALOGY_PRODUCT; r++) {
        for (size_t i = 0; i < n; i++) write_query(w, &w->cases[begin + i], r, query + i * dim);
        LB_TRY_CLEANUP(matrix_multiply(0, 1, n, n_products, dim, 1, query, dim, w->unit, dim, 0,
                                       cosine, n_products));
        for (size_t i = 0; i < n; i++) rank_one(w, begin + i, r, cosine + i * n_products);
    }
    for (size_t i = begin; i < end; i++) {
        w->outcomes[i * ANALOGY_RANKINGS + ANALOGY_POPULAR] = judge_popular(w, &w->cases[i]);
        w->outcomes[i * ANALOGY_RANKINGS + ANALOGY_RANDOM] = judge_random(w, &w->cases[i]);
    }
cleanup:
    free(query);
    free(cosine);
    return status;
}

/* ---- the whole */

static void add_outcomes(const workplace *w, analogy_result *out) {
    for (size_t i = 0; i < w->in->samples; i++) {
        const analogy_case *c = &w->cases[i];
        bool tested = n_findable(w, c) > 0, labelled = is_labelled(w, c);
        size_t owned = n_owned(w, c);
        out->n_tested += tested;
        out->n_labelled += labelled;
        out->ceiling += (double)(owned < ANALOGY_LIST ? owned : ANALOGY_LIST) / ANALOGY_LIST;
        for (size_t r = 0; r < ANALOGY_RANKINGS; r++) {
            const outcome *o = &w->outcomes[i * ANALOGY_RANKINGS + r];
            out->score[r].train += o->train;
            if (tested) out->score[r].held_out += o->held_out;
            if (labelled) out->score[r].category += o->category;
        }
    }
    // Without a sample of its kind a mean is 0 / 0.
    out->ceiling /= (double)out->samples;
    for (size_t r = 0; r < ANALOGY_RANKINGS; r++) {
        out->score[r].train /= (double)out->samples;
        out->score[r].held_out /= out->n_tested ? (double)out->n_tested : NAN;
        out->score[r].category /= out->n_labelled ? (double)out->n_labelled : NAN;
    }
}

lb_status analogy_measure(job *j, const analogy_input *in, analogy_result *out) {
    workplace w = {.in = in};
    analogy_result result = {.samples = in->samples};
    lb_status status;
    if (!in->samples) return status_fail(LB_E_ARGUMENT, "no analogies are asked for");
    LB_TRY_CLEANUP(take_candidates(&w));
    LB_TRY_CLEANUP(order_by_degree(&w));
    LB_TRY_CLEANUP(count_labels(&w));
    LB_TRY_CLEANUP(index_tests(&w));
    LB_TRY_CLEANUP(NEW_ARRAY(w.cases, in->samples));
    LB_TRY_CLEANUP(NEW_ARRAY(w.outcomes, in->samples * ANALOGY_RANKINGS));
    LB_TRY_CLEANUP(draw(&w));
    LB_TRY_CLEANUP(job_run_range(j, in->samples, BLOCK, rank_block, &w));
    add_outcomes(&w, &result);
    result.cases = w.cases;
    w.cases = NULL;
    *out = result;
cleanup:
    free(w.unit);
    free(w.candidate);
    free(w.popular);
    free(w.label_size);
    free(w.test_start);
    free(w.cases);
    free(w.outcomes);
    return status;
}
