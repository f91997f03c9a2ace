/* Requests made of words of the product's plot. */
#include <stdio.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/requests_impl.h"
#include "data/requests_words.h"

enum { MIN_PLOTS = 3, BLOCK = 4096 };

typedef struct plots {
    request_rows rows; // stored plots
    plot_words all;
    size_t *start;  // (n_products + 1) offsets into all.word
    uint32_t *word; // (all.n) those of the half that is drawn from, from start[p] on
    uint32_t *n;    // (n_products) how many
} plots;

static void plots_free(plots *p) {
    request_rows_free(&p->rows);
    plot_words_free(&p->all);
    free(p->start);
    free(p->word);
    free(p->n);
}

/* A stored plot comes before a description. Stored ones are sorted by product; *next is the first
 * that is not passed yet. */
static const char *plot_of(const plots *p, uint32_t product, const char *description,
                           size_t *next) {
    while (*next < p->rows.n && p->rows.row[*next].product < product) ++*next;
    bool stored = *next < p->rows.n && p->rows.row[*next].product == product;
    return stored ? p->rows.row[*next].text : description;
}

static lb_status read_words(const request_draw *r, plots *p) {
    product_info *info;
    uint32_t n_products = r->split->n_products;
    size_t next = 0;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(info, BLOCK));
    for (uint32_t first = 0, n; first < n_products && status == LB_OK; first += n) {
        n = n_products - first < BLOCK ? n_products - first : BLOCK;
        LB_TRY_CLEANUP(dataset_product_infos(r->dataset, first, n, info));
        for (uint32_t i = 0; i < n; i++) {
            const char *plot = plot_of(p, first + i, info[i].description, &next);
            if (status == LB_OK && plot) status = plot_words_add(&p->all, first + i, plot);
            p->start[first + i + 1] = p->all.n;
            product_info_free(&info[i]);
        }
    }
cleanup:
    free(info);
    return status;
}

/* Keeps, of every plot, the words of the half for this part that enough plots have. */
static void keep_half(const request_draw *r, plots *p) {
    bool trains = r->part == PART_TRAIN;
    for (uint32_t product = 0; product < r->split->n_products; product++) {
        const char *id = r->dataset->products.id[product];
        uint32_t *to = p->word + p->start[product];
        for (size_t k = p->start[product]; k < p->start[product + 1]; k++) {
            uint32_t word = p->all.word[k];
            if (p->all.count[word] >= MIN_PLOTS &&
                plot_word_trains(r->seed, p->all.words.id[word], id) == trains)
                to[p->n[product]++] = word;
        }
    }
}

static lb_status draw_pair(request_draw *r, const plots *p, pair of) {
    char text[REQUEST_PLOT_WORDS * 80] = "";
    size_t length = 0;
    uint32_t *words = p->word + p->start[of.product], n = p->n[of.product];
    random_stream stream = random_open(request_pair_key(r, of), "plot request", 0);
    uint32_t taken[REQUEST_PLOT_WORDS];
    for (uint32_t k = 0; k < REQUEST_PLOT_WORDS && k < n; k++) {
        // in the order drawn, which says nothing
        bool again = true;
        while (again) {
            taken[k] = (uint32_t)random_below(&stream, n);
            again = false;
            for (uint32_t i = 0; i < k; i++) again |= taken[i] == taken[k];
        }
        const char *word = p->all.words.id[words[taken[k]]];
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", k ? " " : "", word);
    }
    return request_draw_add(r, of, text);
}

lb_status requests_draw_plots(request_draw *r) {
    plots p = {.start = NULL};
    lb_status status;
    uint32_t n_products = r->split->n_products;
    LB_TRY_CLEANUP(NEW_ARRAY(p.start, (size_t)n_products + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(p.n, n_products));
    LB_TRY_CLEANUP(request_rows_load(&r->dataset->db, "plot", false, 0, n_products, &p.rows));
    LB_TRY_CLEANUP(read_words(r, &p));
    LB_TRY_CLEANUP(NEW_ARRAY(p.word, p.all.n));
    keep_half(r, &p);
    for (size_t k = 0; k < r->n_pairs; k++) LB_TRY_CLEANUP(draw_pair(r, &p, r->pairs[k]));
cleanup:
    plots_free(&p);
    return status;
}
