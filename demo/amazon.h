/* Writers of the layout of the Amazon review data of 2014: reviews as JSON lines, products as
 * Python literals, both in gzip; a feature as ten bytes of id and 4096 values. */
#ifndef LB_DEMO_AMAZON_H
#define LB_DEMO_AMAZON_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "core/text.h"

enum { AMAZON_ID = 10, AMAZON_DIM = 4096, AMAZON_LINKS = 3 };

/* Texts are ASCII without control characters. */
typedef struct amazon_review {
    const char *user, *product, *user_name, *summary, *body;
    int helped, asked; // of those asked, how many found the review helpful
    int stars;
    int64_t time; // seconds since 1970
} amazon_review;

/* Ids that a product's page links to. */
typedef struct amazon_links {
    const char *name; // "also_bought", ...
    const char *const *id;
    size_t n;
} amazon_links;

typedef struct amazon_product {
    const char *id, *title, *description, *image, *brand; // description, image: NULL = none
    double price;
    const char *const *const *path; // (n_paths) category paths, each ending in NULL
    size_t n_paths;
    amazon_links links[AMAZON_LINKS];
    size_t n_links;
} amazon_product;

/* Add one line each; failures stay in t->status. LB_E_NUMERIC for a time that has no date. */
lb_status amazon_add_review(text *t, const amazon_review *r);
void amazon_add_product(text *t, const amazon_product *p);

/* A line that Amazon has not: what somebody asked for before buying a product. */
void amazon_add_request(text *t, const char *user, const char *product, const char *words);

/* A gzip file written bit by bit, all or nothing. The same bytes give the same file. */
typedef struct amazon_file amazon_file;
lb_status amazon_file_open(const char *directory, const char *name, amazon_file **out);

/* Takes what is in the text, and empties it. */
lb_status amazon_file_take(amazon_file *f, text *t);
lb_status amazon_file_commit(amazon_file *f); // ends and frees it, also on failure
void amazon_file_abort(amazon_file *f);       // drops what was written; accepts NULL

#endif
