/* Drawing a leave-one-out split, with or without cold products. */
#include "core/memory.h"
#include "core/random.h"
#include "data/split_impl.h"

void split_imply(const interactions *all, uint32_t min_user, const uint8_t *emptied,
                 uint8_t *part) {
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        for (end = begin; end < all->n && all->user[end] == all->user[begin];) end++;
        for (size_t k = begin; k < end; k++)
            part[k] = end - begin < min_user          ? PART_FEW
                      : emptied[all->product[k]] != 0 ? PART_EMPTIED
                                                      : PART_TRAIN;
    }
}

/* One user's n pairs. */
static void draw_user(size_t n, uint32_t user, const split_options *options, uint8_t *part) {
    if (n < options->min_user) return;
    random_stream r = random_open(options->seed, "split", user);
    size_t test = (size_t)random_below(&r, n);
    part[test] = PART_TEST;
    if (n < 2 || options->no_validation) return;
    size_t valid = (size_t)random_below(&r, n - 1);
    if (valid >= test) valid++;
    part[valid] = PART_VALID;
}

typedef struct balance {
    uint32_t *n_train, *n_valid, *n_test; // (n_products) pairs in each part
    uint8_t *emptied;                     // (n_products) for which part
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
                           uint8_t *part, uint8_t *emptied) {
    balance b = {.emptied = emptied};
    uint32_t *order = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_train, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_valid, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(b.n_test, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(order, n_products));
    count(all, part, n_products, &b);
    random_stream r = random_open(seed, "split-cold", 0);
    random_permutation(&r, order, n_products);
    for (uint32_t i = 0; i < n_products; i++) consider(&b, order[i]);
    for (size_t k = 0; k < all->n; k++) {
        uint8_t kept = emptied[all->product[k]];
        if (kept && part[k] != kept && part[k] != PART_FEW) part[k] = PART_EMPTIED;
    }
cleanup:
    free(b.n_train);
    free(b.n_valid);
    free(b.n_test);
    free(order);
    return status;
}

lb_status split_draw(const interactions *all, uint32_t n_products, const split_options *options,
                     uint8_t *part, uint8_t *emptied) {
    split_imply(all, options->min_user, emptied, part);
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        for (end = begin; end < all->n && all->user[end] == all->user[begin];) end++;
        draw_user(end - begin, all->user[begin], options, part + begin);
    }
    if (options->cold != COLD_BALANCED) return LB_OK;
    return make_cold(all, n_products, options->seed, part, emptied);
}
