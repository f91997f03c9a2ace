/*
 * Requests: what people ask for in words, made from public data, for training and for tests.
 *
 * Public data have purchases and texts but no requests, so a request is drawn for each (user,
 * product) pair from what is written about the product. The levels differ in how much they give
 * away; docs/requests.md tells why each is reported on its own:
 *
 *   category      the product's category path (the first, if it is in several)
 *   title         its title, the brand's name taken out
 *   other-review  what another user wrote about the product
 *   own-review    what the user wrote about it: written after the purchase, so an upper bound only
 *   plot          three random words of the product's plot (its stored plot, else its description)
 *
 * and one is no stand-in: `request`, what the user asked for before this purchase, where that was
 * kept (import of requests).
 *
 * What held-out requests say is kept out of training: the words of each plot are cut in two halves,
 * one for training and one for validation and tests, by a hash of (seed, word, product); and a
 * review that a held-out request is made of, or whose own pair is held out, is no training request.
 * Stop words and words of fewer than three plots are no plot words.
 */
#ifndef LB_DATA_REQUESTS_H
#define LB_DATA_REQUESTS_H

#include "data/split.h"
#include "data/split_part.h"

typedef enum request_level {
    REQUEST_CATEGORY,
    REQUEST_TITLE,
    REQUEST_OTHER_REVIEW,
    REQUEST_OWN_REVIEW,
    REQUEST_PLOT,
    REQUEST_REQUEST,
    REQUEST_LEVELS
} request_level;

/* Texts of reviews are cut, between words, to so many bytes: more than what CLIP reads of one. */
enum { REQUEST_MAX_TEXT = 400, REQUEST_PLOT_WORDS = 3 };

typedef struct request {
    uint32_t user, product;
    const char *text; // UTF-8, one line, not empty; owned by the set
} request;

typedef struct request_set {
    size_t n;
    request *request; // (n) sorted by user, then product; at most one of a pair
    void *impl;       // the texts
} request_set;

/* The requests of one level for the training, validation or test pairs of a split (PART_TRAIN,
 * PART_VALID, PART_TEST). Pairs of which the dataset has nothing to draw a request from have none;
 * there may be none at all. Drawn from (dataset, split, level, part, seed) alone.
 * O(pairs + texts). Free with requests_free. */
lb_status requests_load(const dataset *d, const split *s, request_level level, split_part part,
                        uint64_t seed, request_set *out);
void requests_free(request_set *r); // accepts all zero

/* "category", "title", "other-review", "own-review", "plot", "request"; and back (LB_E_ARGUMENT
 * lists them). */
const char *request_level_name(request_level level);
lb_status request_level_parse(const char *name, request_level *out);

/* Why a level may have no requests, and what to import. */
const char *request_level_needs(request_level level);

#endif
