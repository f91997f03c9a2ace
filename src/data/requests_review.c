/* Requests made of what users wrote: the user's own request or review, or another user's review of
 * the same product. */
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/requests_impl.h"

/* The reviews of each product. */
typedef struct reviews {
    request_rows rows;
    size_t *start;   // (n_products + 1) offsets into of[]
    uint32_t *of;    // (rows.n) rows, ascending by user within a product
    size_t *end;     // (n_products) those from here on are not drawn from
    uint8_t *closed; // (rows.n) kept for held-out requests
} reviews;

static void reviews_free(reviews *v) {
    request_rows_free(&v->rows);
    free(v->start);
    free(v->of);
    free(v->end);
    free(v->closed);
}

static lb_status reviews_load(const request_draw *r, reviews *v) {
    uint32_t n_products = r->split->n_products;
    const char *level = request_level_name(r->level == REQUEST_OTHER_REVIEW ? REQUEST_OWN_REVIEW
                                                                            : r->level);
    LB_TRY(
        request_rows_load(&r->dataset->db, level, true, r->split->n_users, n_products, &v->rows));
    if (v->rows.n > UINT32_MAX)
        return status_fail(LB_E_UNSUPPORTED, "%s: more than %u reviews",
                           dataset_directory(r->dataset), UINT32_MAX);
    LB_TRY(NEW_ARRAY(v->start, (size_t)n_products + 1));
    LB_TRY(NEW_ARRAY(v->of, v->rows.n));
    LB_TRY(NEW_ARRAY(v->end, n_products));
    LB_TRY(NEW_ARRAY(v->closed, v->rows.n));
    for (size_t i = 0; i < v->rows.n; i++) v->start[v->rows.row[i].product + 1]++;
    for (uint32_t p = 0; p < n_products; p++) {
        v->start[p + 1] += v->start[p];
        v->end[p] = v->start[p];
    }
    for (size_t i = 0; i < v->rows.n; i++) v->of[v->end[v->rows.row[i].product]++] = (uint32_t)i;
    return LB_OK;
}

static int compare_pairs(pair a, pair b) {
    if (a.user != b.user) return a.user < b.user ? -1 : 1;
    return (a.product > b.product) - (a.product < b.product);
}

/* ---- own */

/* Pairs and rows are sorted alike. */
static lb_status draw_own(request_draw *r, const reviews *v) {
    size_t i = 0;
    for (size_t k = 0; k < r->n_pairs; k++) {
        const request_row *row = v->rows.row;
        while (i < v->rows.n && compare_pairs((pair){row[i].user, row[i].product}, r->pairs[k]) < 0)
            i++;
        if (i < v->rows.n && compare_pairs((pair){row[i].user, row[i].product}, r->pairs[k]) == 0)
            LB_TRY(request_draw_add(r, r->pairs[k], row[i].text));
    }
    return LB_OK;
}

/* ---- another user's */

/* One of the product's reviews by somebody else, SIZE_MAX if there is none. */
static size_t other_of(const request_draw *r, const reviews *v, pair of) {
    size_t begin = v->start[of.product], n = v->end[of.product] - begin;
    if (!n) return SIZE_MAX;
    random_stream stream = random_open(request_pair_key(r, of), "other review", 0);
    size_t k = (size_t)random_below(&stream, n), row = v->of[begin + k];
    if (v->rows.row[row].user == of.user) row = v->of[begin + (k + 1) % n];
    return v->rows.row[row].user == of.user ? SIZE_MAX : row;
}

/* Closes what the requests of held-out pairs are made of, and the reviews of these pairs. */
static void close_held_out(const request_draw *r, reviews *v, const pair *pairs, size_t n) {
    size_t i = 0;
    for (size_t k = 0; k < n; k++) {
        size_t other = other_of(r, v, pairs[k]);
        if (other != SIZE_MAX) v->closed[other] = 1;
        const request_row *row = v->rows.row;
        while (i < v->rows.n && compare_pairs((pair){row[i].user, row[i].product}, pairs[k]) < 0)
            i++;
        if (i < v->rows.n && compare_pairs((pair){row[i].user, row[i].product}, pairs[k]) == 0)
            v->closed[i] = 1;
    }
}

static void leave_out_closed(const request_draw *r, reviews *v) {
    for (uint32_t p = 0; p < r->split->n_products; p++) {
        size_t n = v->start[p];
        for (size_t k = n; k < v->end[p]; k++)
            if (!v->closed[v->of[k]]) v->of[n++] = v->of[k];
        v->end[p] = n;
    }
}

static lb_status draw_other(request_draw *r, reviews *v) {
    if (r->part == PART_TRAIN) {
        close_held_out(r, v, r->split->valid, r->split->n_valid);
        close_held_out(r, v, r->split->test, r->split->n_test);
        leave_out_closed(r, v);
    }
    for (size_t k = 0; k < r->n_pairs; k++) {
        size_t row = other_of(r, v, r->pairs[k]);
        if (row != SIZE_MAX) LB_TRY(request_draw_add(r, r->pairs[k], v->rows.row[row].text));
    }
    return LB_OK;
}

lb_status requests_draw_reviews(request_draw *r) {
    reviews v = {0};
    lb_status status = reviews_load(r, &v);
    if (status == LB_OK)
        status = r->level == REQUEST_OTHER_REVIEW ? draw_other(r, &v) : draw_own(r, &v);
    reviews_free(&v);
    return status;
}
