/* What the levels of requests share. */
#ifndef LB_DATA_REQUESTS_IMPL_H
#define LB_DATA_REQUESTS_IMPL_H

#include "data/dataset_impl.h"
#include "data/request_rows.h"
#include "data/requests.h"

/* A set being drawn. */
typedef struct request_draw {
    const dataset *dataset;
    const split *split;
    request_level level;
    split_part part;
    uint64_t seed;
    const pair *pairs; // (n_pairs) of the part, sorted by user, then product
    size_t n_pairs;
    idmap *texts;
    request *request; // (n_pairs) room
    size_t n;
} request_draw;

/* Adds the request of the next pair; nothing where the text is NULL or empty. The text is kept. */
lb_status request_draw_add(request_draw *r, pair of, const char *text);

/* What a draw for this pair starts from: of the seed and both ids. */
uint64_t request_pair_key(const request_draw *r, pair of);

lb_status requests_draw_plots(request_draw *r);
lb_status requests_draw_reviews(request_draw *r); // of the levels that users wrote

#endif
