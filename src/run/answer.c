#include "run/answer.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "eval/requests.h"
#include "model/evaluation.h"

static const struct {
    const char *name;
    answer_way way;
    const char *class; // NULL = none
} ways[] = {
    {"bm25", ANSWER_BM25, NULL},
    {"text", ANSWER_TEXT, NULL},
    {"user", ANSWER_USER, "vasg"},
    {"late", ANSWER_LATE, "vasg"},
};

lb_status answer_find(const char *name, answer_way *way, const model_class **class) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, name) != 0) continue;
        *way = ways[i].way;
        *class = NULL;
        return ways[i].class ? model_class_find(ways[i].class, class) : LB_OK;
    }
    *way = ANSWER_USER;
    lb_status status = model_class_find(name, class);
    return status == LB_OK ? LB_OK
                           : status_prefix(status, "requests: none of bm25, text, user and late");
}

/* ---- texts */

lb_status answer_texts_load(const dataset *d, answer_texts *out) {
    answer_texts t = {.bm25 = NULL};
    lb_status status;
    LB_TRY_CLEANUP(product_texts_load(d, &t.products));
    LB_TRY_CLEANUP(bm25_new(t.products.text, t.products.n, &t.bm25));
    LB_TRY_CLEANUP(text_match_new(&t.match));
    for (uint32_t p = 0; p < t.products.n; p++)
        LB_TRY_CLEANUP(text_match_add(t.match, t.products.text[p]));
    *out = t;
    t = (answer_texts){.bm25 = NULL};
cleanup:
    answer_texts_free(&t);
    return status;
}

void answer_texts_free(answer_texts *t) {
    product_texts_free(&t->products);
    bm25_free(t->bm25);
    text_match_free(t->match);
    *t = (answer_texts){.bm25 = NULL};
}

/* ---- scores */

/* Brings the scores of the catalogue to mean 0 and deviation 1; what cannot be placed goes with the
 * lowest. */
static void standardise(const answerer *a, float *scores) {
    double sum = 0, squares = 0, n = 0;
    float lowest = INFINITY;
    for (uint32_t p = 0; p < a->n_products; p++) {
        if (!a->in_catalogue[p] || scores[p] == -INFINITY) continue;
        sum += (double)scores[p];
        n++;
        if (scores[p] < lowest) lowest = scores[p];
    }
    double mean = n > 0 ? sum / n : 0;
    for (uint32_t p = 0; p < a->n_products; p++) {
        if (!a->in_catalogue[p] || scores[p] == -INFINITY) continue;
        squares += ((double)scores[p] - mean) * ((double)scores[p] - mean);
    }
    double scale = squares > 0 ? 1 / sqrt(squares / n) : 0;
    for (uint32_t p = 0; p < a->n_products; p++)
        scores[p] = (float)(((double)(scores[p] == -INFINITY ? lowest : scores[p]) - mean) * scale);
}

/* Users' scores in, the fusion with the texts' out. */
static lb_status fuse(const answerer *a, const ask *asked, float *scores) {
    float *text;
    LB_TRY(NEW_ARRAY(text, a->n_products));
    lb_status status = text_match_score(a->texts->match, asked->text, text);
    if (status == LB_OK) {
        standardise(a, text);
        standardise(a, scores);
        for (uint32_t p = 0; p < a->n_products; p++)
            scores[p] = text[p] + (float)a->weight * scores[p];
    }
    free(text);
    return status;
}

static lb_status score_users(const answerer *a, const uint32_t *asks, size_t n, float *scores) {
    uint32_t *users;
    LB_TRY(NEW_ARRAY(users, n));
    for (size_t i = 0; i < n; i++) users[i] = a->asks[asks[i]].user;
    lb_status status = model_score(a->model, users, n, scores);
    free(users);
    return status;
}

/* By a model that reads the words. */
static lb_status score_requests(const answerer *a, const uint32_t *asks, size_t n, float *scores) {
    int64_t *users = NULL;
    const char **texts = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(users, n));
    LB_TRY_CLEANUP(NEW_ARRAY(texts, n));
    for (size_t i = 0; i < n; i++) {
        users[i] = a->asks[asks[i]].user;
        texts[i] = a->asks[asks[i]].text;
    }
    status = model_score_requests(a->model, users, texts, n, scores);
cleanup:
    free(users);
    free(texts);
    return status;
}

lb_status answerer_score(void *answerer_, const uint32_t *asks, size_t n, float *scores,
                         unsigned worker) {
    const answerer *a = answerer_;
    (void)worker;
    if (a->model && a->model->class->takes_text) return score_requests(a, asks, n, scores);
    if (a->model) LB_TRY(score_users(a, asks, n, scores));
    for (size_t i = 0; i < n; i++) {
        const ask *asked = &a->asks[asks[i]];
        float *out = scores + i * a->n_products;
        if (a->way == ANSWER_BM25) LB_TRY(bm25_score(a->texts->bm25, asked->text, out));
        if (a->way == ANSWER_TEXT) LB_TRY(text_match_score(a->texts->match, asked->text, out));
        if (a->way == ANSWER_LATE) LB_TRY(fuse(a, asked, out));
    }
    return LB_OK;
}

/* ---- the weight */

enum { MAX_VALIDATION = 2000 };

static double mean_of(const eval_result *r, eval_kind kind) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n_users; i++) {
        double v = eval_value(r, i, kind, EVAL_OWN, EVAL_MRR);
        if (isnan(v)) continue;
        sum += v;
        n++;
    }
    return n ? sum / (double)n : NAN;
}

/* The mean of both kinds, or that of the one there is. */
static double quality(const eval_result *r) {
    double warm = mean_of(r, EVAL_WARM), cold = mean_of(r, EVAL_COLD);
    return isnan(warm) ? cold : isnan(cold) ? warm : (warm + cold) / 2;
}

static lb_status try_weights(job *j, answerer *a, const eval_input *tests) {
    static const double weights[] = {0, .125, .25, .5, 1, 2, 4, 8, 16};
    static const unsigned cutoff = 10;
    double best = -1, chosen = 1;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        eval_result *r = NULL;
        a->weight = weights[i];
        LB_TRY(eval_requests(j, tests, answerer_score, a, &cutoff, 1, cutoff, &r));
        double value = quality(r);
        if (value > best) best = value, chosen = weights[i];
        eval_result_free(r);
    }
    a->weight = chosen;
    return LB_OK;
}

lb_status answerer_choose_weight(job *j, answerer *a, const split *s, const request_set *valid) {
    size_t step = (valid->n + MAX_VALIDATION - 1) / MAX_VALIDATION, n = 0;
    ask *asks = NULL;
    pair *pairs = NULL;
    lb_status status;
    a->weight = 1;
    if (!valid->n) return LB_OK;
    answerer on_validation = *a;
    LB_TRY_CLEANUP(NEW_ARRAY(asks, valid->n));
    LB_TRY_CLEANUP(NEW_ARRAY(pairs, valid->n));
    for (size_t i = 0; i < valid->n; i += step) {
        const request *r = &valid->request[i];
        asks[n] = (ask){r->user, r->text};
        pairs[n++] = (pair){r->user, r->product};
    }
    on_validation.asks = asks;
    eval_input tests = evaluation_input(s, pairs, n, NULL, 0);
    LB_TRY_CLEANUP(try_weights(j, &on_validation, &tests));
    a->weight = on_validation.weight;
cleanup:
    free(asks);
    free(pairs);
    return status;
}
