/* Texts of an import that requests are made of: reviews and plots; and requests themselves. */
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "data/import_impl.h"
#include "data/request_rows.h"
#include "data/requests.h"

typedef struct review_import {
    import *import;
    sqlite3_stmt *put;
    const char *source;
    bool asked; // requests
    uint64_t *count;
    uint64_t n_strangers; // of users or products that the dataset does not have
} review_import;

/* Cuts a text to at most REQUEST_MAX_TEXT bytes, before a word that does not fit if there is a
 * space to cut at. */
static void cut(char *text) {
    size_t length = strlen(text);
    if (length <= REQUEST_MAX_TEXT) return;
    size_t end = utf8_valid_length(text, REQUEST_MAX_TEXT);
    for (size_t i = end; i > end / 2 && text[end] != ' '; i--)
        if (text[i - 1] == ' ') {
            end = i - 1;
            break;
        }
    text[end] = '\0';
}

/* Reviews and plots add no users and products: what nobody bought through them is no purchase. */
static lb_status take_review(void *context, const review_record *r) {
    review_import *v = context;
    import *m = v->import;
    uint32_t product, user = 0;
    if (v->asked && !r->user)
        return status_fail(LB_E_FORMAT, "the first record names no user: requests are {\"user\", "
                                        "\"product\", \"text\"}");
    if (!idmap_find(&m->products, r->product, &product) ||
        (r->user && !idmap_find(&m->users, r->user, &user))) {
        v->n_strangers++;
        return LB_OK;
    }
    char *text = memory_string(r->text);
    if (!text) return LB_E_NOMEM;
    if (r->user) cut(text); // a plot is read whole
    request_level level = v->asked ? REQUEST_REQUEST : r->user ? REQUEST_OWN_REVIEW : REQUEST_PLOT;
    lb_status status = request_rows_put(&m->db, v->put, r->user ? (int64_t)user : REQUEST_NO_USER,
                                        product, request_level_name(level), text, v->source);
    free(text);
    if (status == LB_OK) ++*v->count;
    return status;
}

static lb_status import_texts(import *m, const char *path, bool asked) {
    const char *what = asked ? "requests" : "reviews";
    review_import v = {.import = m,
                       .source = file_name(path),
                       .asked = asked,
                       .count = asked ? &m->report.requests : &m->report.reviews};
    read_report report = {0};
    LB_TRY(request_rows_make(&m->db));
    LB_TRY(request_rows_writer(&m->db, &v.put));
    lb_status status;
    LB_TRY_CLEANUP(read_reviews(m->job, path, take_review, &v, &report));
    if (v.n_strangers)
        job_note(m->job, what,
                 "%s: %llu texts left out: their user or product is not in the dataset", path,
                 (unsigned long long)v.n_strangers);
    status = import_provenance(m, what, path);
cleanup:
    sqlite3_finalize(v.put);
    return status;
}

lb_status import_reviews(import *m) {
    return import_texts(m, m->options->reviews, false);
}

lb_status import_requests(import *m) {
    return import_texts(m, m->options->requests, true);
}

lb_status import_review_options(lb_import_options *options) {
    review_kind kind;
    if (!options->reviews || options->interactions) return LB_OK;
    LB_TRY(read_reviews_kind(options->reviews, &kind));
    if (kind == REVIEWS_OF_PRODUCTS) return LB_OK;
    options->interactions = options->reviews;
    if (kind == REVIEWS_NONE) options->reviews = NULL; // a table: ratings without texts
    return LB_OK;
}
