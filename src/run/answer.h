/*
 * Ways to answer a request: what scores all products for (user, text).
 *
 *   a model    with user and text if it takes text, else the user alone; `user` is `vasg`
 *   bm25       the words alone, by BM25 over title, kinds and brand
 *   text       the words alone, by the cosine of hashed words
 *   late       late fusion: both scores brought to mean 0 and deviation 1 over the catalogue,
 *              z(text) + w z(user), with the w that is best on validation requests
 */
#ifndef LB_RUN_ANSWER_H
#define LB_RUN_ANSWER_H

#include "data/product_text.h"
#include "data/requests.h"
#include "data/split.h"
#include "model/model.h"
#include "text/bm25.h"
#include "text/match.h"

typedef enum answer_way { ANSWER_USER, ANSWER_BM25, ANSWER_TEXT, ANSWER_LATE } answer_way;

/* The way of a name of `compare --task requests`, and the class of the model that it needs: NULL
 * for none. LB_E_ARGUMENT for an unknown name. */
lb_status answer_find(const char *name, answer_way *way, const model_class **class);

/* What is read of the products, shared by all ways. */
typedef struct answer_texts {
    product_texts products;
    bm25 *bm25;
    text_match *match;
} answer_texts;

lb_status answer_texts_load(const dataset *d, answer_texts *out);
void answer_texts_free(answer_texts *t); // accepts all zero

/* Who asks what. */
typedef struct ask {
    uint32_t user;
    const char *text;
} ask;

/* One way, ready to answer; nothing is owned. */
typedef struct answerer {
    answer_way way;
    const model *model; // NULL where the way needs none
    const answer_texts *texts;
    const uint8_t *in_catalogue; // (n_products)
    uint32_t n_products;
    double weight;   // w of ANSWER_LATE
    const ask *asks; // (n) that answerer_score is given numbers of
} answerer;

/* Scores all products for n asks: an eval_score whose context is a `const answerer *`. */
lb_status answerer_score(void *answerer, const uint32_t *asks, size_t n, float *scores,
                         unsigned worker);

/* Chooses the weight of late fusion: the best mean reciprocal rank among own candidates, the mean
 * of warm and cold requests, on at most 2,000 of the validation requests, evenly picked. Without
 * any the weight is 1. */
lb_status answerer_choose_weight(job *j, answerer *a, const split *s, const request_set *valid);

#endif
