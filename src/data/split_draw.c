/* Drawing a leave-one-out split, with or without cold products. */
#include "core/memory.h"
#include "core/random.h"
#include "data/split_impl.h"

/* One user's pairs, begin..end-1. */
static void draw_user(size_t begin, size_t end, uint32_t user, const split_options *options,
                      uint8_t *part) {
    size_t n = end - begin;
    if (n < options->min_user) {
        for (size_t k = begin; k < end; k++) part[k] = PART_FEW;
        return;
    }
    random_stream r = random_open(options->seed, "split", user);
    size_t test = (size_t)random_below(&r, n);
    part[begin + test] = PART_TEST;
    if (n < 2) return;
    size_t valid = (size_t)random_below(&r, n - 1);
    if (valid >= test) valid++;
    part[begin + valid] = PART_VALID;
}

typedef struct balance {
    uint32_t *n_train, *n_valid, *n_test; // (n_products) pairs in each part
    uint8_t *emptied;                     // (n_products) PART_VALID or PART_TEST: for which part
    int64_t cold_valid, warm_valid, cold_test, warm_test;
} balance;

static void count(const interactions *all, const uint8_t *part, uint32_t n_products, balance *b) {
    for (size_t k = 0; k < all->n; k++) {
        uint32_t p = all->product[k];
        if (part[k] == PART_TRAIN) b->n_train[p]++;
        if (part[k] == PART_VALID) b->n_valid[p]++;
        if (part[k] == PART_TEST) b->n_test[p]++;
    }
    for (uint32_t p = 0; p < n_products; p++) {
        *(b->n_train[p] ? &b->warm_valid : &b->cold_valid) += b->n_valid[p];
        *(b->n_train[p] ? &b->warm_test : &b->cold_test) += b->n_test[p];
    }
}

/* Decides for which part product p is emptied, if any, and keeps the counts. */
static void consider(balance *b, uint32_t p) {
    if (!b->n_train[p]) return; // cold already
    int64_t test_behind = b->warm_test - b->cold_test;
    int64_t valid_behind = b->warm_valid - b->cold_valid;
    bool for_test = test_behind > 0 && b->n_test[p];
    bool for_valid = valid_behind > 0 && b->n_valid[p];
    if (!for_test && !for_valid) return;
    if (for_test && for_valid) for_test = test_behind >= valid_behind;
    b->emptied[p] = for_test ? PART_TEST : PART_VALID;
    b->warm_test -= b->n_test[p];
    b->warm_valid -= b->n_valid[p];
    if (for_test)
        b->cold_test += b->n_test[p];
    else
        b->cold_valid += b->n_valid[p];
}

static lb_status make_cold(const interactions *all, uint32_t n_products, uint64_t seed,
                           uint8_t *part) {
    balance b = {0};
    uint32_t *order = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_train, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_valid, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_test, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(b.emptied, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(order, n_products));
    count(all, part, n_products, &b);
    random_stream r = random_open(seed, "split-cold", 0);
    random_permutation(&r, order, n_products);
    for (uint32_t i = 0; i < n_products; i++) consider(&b, order[i]);
    for (size_t k = 0; k < all->n; k++) {
        uint8_t kept = b.emptied[all->product[k]];
        if (kept && part[k] != kept && part[k] != PART_FEW) part[k] = PART_EMPTIED;
    }
cleanup:
    free(b.n_train);
    free(b.n_valid);
    free(b.n_test);
    free(b.emptied);
    free(order);
    return status;
}

lb_status split_draw(const interactions *all, uint32_t n_products, const split_options *options,
                     uint8_t *part) {
    for (size_t k = 0; k < all->n; k++) part[k] = PART_TRAIN;
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        for (end = begin; end < all->n && all->user[end] == all->user[begin];) end++;
        draw_user(begin, end, all->user[begin], options, part);
    }
    return options->cold == COLD_BALANCED ? make_cold(all, n_products, options->seed, part) : LB_OK;
}
