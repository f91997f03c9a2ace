/* The shop of models, with requests and titles for whisper. */
#ifndef LB_TESTS_MODEL_ASKED_SHOP_H
#define LB_TESTS_MODEL_ASKED_SHOP_H

#include "model/model_shop.h"
#include "model/whisper.h"

static const char *const quick[] = {"hidden=8",   "epochs=2",    "requests=256",  "batch=64",
                                    "history=8",  "buckets=512", "taste-dim=8",   "taste-epochs=3",
                                    "look-dim=8", "rank=8",      "gain-epochs=1", NULL};

/* Of a group's products people say its word; those of one group have one of its titles. */
static const char *const said[GROUPS] = {"warm winter wool", "light beach linen",
                                         "sharp office suit", "loud party sequin"};
static const char *const titles[GROUPS] = {"coat", "dress", "jacket", "top"};

typedef struct asked {
    shop s;
    request_set train, valid;
    product_texts texts;
} asked;

static inline size_t group_of(const dataset *d, uint32_t p) {
    return strtoul(dataset_product_id(d, p) + 1, NULL, 10) % GROUPS;
}

static inline asked asked_open(void) {
    asked a = {.s = shop_open(LOOKS_SOME)};
    const split *s = a.s.s;
    a.train.request = calloc(s->n_train, sizeof *a.train.request);
    a.valid.request = calloc(s->n_valid, sizeof *a.valid.request);
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++)
            a.train.request[a.train.n++] = (request){u, s->product[k],
                                                     said[group_of(a.s.d, s->product[k])]};
    for (size_t i = 0; i < s->n_valid; i++)
        a.valid.request[a.valid.n++] = (request){s->valid[i].user, s->valid[i].product,
                                                 said[group_of(a.s.d, s->valid[i].product)]};
    a.texts.n = s->n_products;
    a.texts.title = calloc(s->n_products, sizeof *a.texts.title);
    a.texts.category = calloc(s->n_products, sizeof *a.texts.category);
    a.texts.brand = calloc(s->n_products, sizeof *a.texts.brand);
    a.texts.text = calloc(s->n_products, sizeof *a.texts.text);
    for (uint32_t p = 0; p < s->n_products; p++)
        a.texts.title[p] = a.texts.text[p] = p % 7 ? titles[group_of(a.s.d, p)] : "";
    return a;
}

static inline void asked_close(asked *a) {
    free(a->train.request);
    free(a->valid.request);
    free(a->texts.title);
    free(a->texts.category);
    free(a->texts.brand);
    free(a->texts.text);
    shop_close(&a->s);
}

#endif
