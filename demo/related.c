#include "demo/related.h"

#include <math.h>
#include <stdbool.h>

#include "core/memory.h"

struct purchases {
    size_t *by_shopper, *by_product;     // (n + 1): offsets into the two lists
    uint32_t *products_of, *shoppers_of; // (n_orders)
};

/* Groups the orders by one of their ends: offsets by counting, then the other ends in order. */
static lb_status group(const order *orders, size_t n_orders, size_t n, bool by_shopper,
                       size_t **offsets, uint32_t **list) {
    LB_TRY(NEW_ARRAY(*offsets, n + 2));
    LB_TRY(NEW_ARRAY(*list, n_orders));
    size_t *next = *offsets + 1; // one ahead while filling, so that it ends as the start
    for (size_t i = 0; i < n_orders; i++)
        (*offsets)[(by_shopper ? orders[i].shopper : orders[i].product) + 2]++;
    for (size_t i = 2; i < n + 2; i++) (*offsets)[i] += (*offsets)[i - 1];
    for (size_t i = 0; i < n_orders; i++) {
        uint32_t key = by_shopper ? orders[i].shopper : orders[i].product;
        (*list)[next[key]++] = by_shopper ? orders[i].product : orders[i].shopper;
    }
    return LB_OK;
}

lb_status purchases_new(const order *orders, size_t n_orders, size_t n_shoppers, size_t n_products,
                        purchases **out) {
    purchases *p;
    LB_TRY(NEW_ARRAY(p, 1));
    lb_status status;
    LB_TRY_CLEANUP(group(orders, n_orders, n_shoppers, true, &p->by_shopper, &p->products_of));
    LB_TRY_CLEANUP(group(orders, n_orders, n_products, false, &p->by_product, &p->shoppers_of));
    *out = p;
    p = NULL;
cleanup:
    purchases_free(p);
    return status;
}

void purchases_free(purchases *p) {
    if (!p) return;
    free(p->by_shopper);
    free(p->by_product);
    free(p->products_of);
    free(p->shoppers_of);
    free(p);
}

/* Puts a product into a list that is sorted by score and keeps the best; the first of equals
 * stays in front. */
static void insert(related_list *list, uint32_t row, double score) {
    size_t at = list->n < N_RELATED ? list->n++ : N_RELATED;
    for (; at > 0 && list->scores[at - 1] < score; at--)
        if (at < N_RELATED) {
            list->scores[at] = list->scores[at - 1];
            list->rows[at] = list->rows[at - 1];
        }
    if (at == N_RELATED) return;
    list->scores[at] = score;
    list->rows[at] = row;
}

/* How much two products look alike, from the attributes one can see. */
static double resemblance(const demo_product *a, const demo_product *b) {
    double score = -2.2 * rgb_distance(palette[a->colour].shade, palette[b->colour].shade);
    score += a->pattern == b->pattern ? 0.7 : 0;
    score += a->material == b->material ? 0.4 : 0;
    score += a->kind == b->kind && a->cut == b->cut ? 0.8 : 0;
    return score;
}

static void find_alike(const demo_product *products, size_t n, size_t row, related *out) {
    const demo_product *p = &products[row];
    for (size_t i = 0; i < n; i++) {
        if (i == row || products[i].section != p->section) continue;
        insert(products[i].kind == p->kind ? &out->viewed : &out->together, (uint32_t)i,
               resemblance(p, &products[i]));
    }
}

static size_t n_buyers(const purchases *p, size_t row) {
    return p->by_product[row + 1] - p->by_product[row];
}

/* Products by how many buyers they share, relative to what their popularity lets expect. */
static void find_bought(const purchases *p, size_t row, size_t n, uint32_t *counts,
                        related_list *out) {
    for (size_t i = p->by_product[row]; i < p->by_product[row + 1]; i++) {
        uint32_t buyer = p->shoppers_of[i];
        for (size_t k = p->by_shopper[buyer]; k < p->by_shopper[buyer + 1]; k++)
            counts[p->products_of[k]]++;
    }
    for (size_t i = 0; i < n; i++) {
        if (counts[i] >= 2 && i != row)
            insert(out, (uint32_t)i, counts[i] / sqrt((double)n_buyers(p, i)));
        counts[i] = 0;
    }
}

void related_find(const demo_product *products, size_t n_products, const purchases *bought,
                  size_t row, uint32_t *counts, related *out) {
    out->viewed.n = out->bought.n = out->together.n = 0;
    find_alike(products, n_products, row, out);
    find_bought(bought, row, n_products, counts, &out->bought);
}
