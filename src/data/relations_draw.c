/* Drawing the pairs of products. */
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/relations_impl.h"

/* ---- who bought what */

/* Purchases by user, and some more of them. */
typedef struct purchases {
    uint32_t n_users, n_products;
    const uint32_t *user_start, *product; // (n_users + 1), (user_start[n_users])
    const pair *more;                     // (n_more) sorted by user
    size_t n_more;
} purchases;

/* The buyers of each product, ascending. */
typedef struct buyers {
    size_t *start;  // (n_products + 1)
    uint32_t *user; // (start[n_products])
} buyers;

static void buyers_free(buyers *b) {
    free(b->start);
    free(b->user);
}

static lb_status buyers_new(const purchases *h, buyers *out) {
    buyers b = {0};
    size_t *next = NULL, n = h->user_start[h->n_users] + h->n_more, m = 0;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(b.start, (size_t)h->n_products + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(b.user, n));
    LB_TRY_CLEANUP(NEW_ARRAY(next, h->n_products));
    for (size_t k = 0; k < h->user_start[h->n_users]; k++) b.start[h->product[k] + 1]++;
    for (size_t k = 0; k < h->n_more; k++) b.start[h->more[k].product + 1]++;
    for (size_t p = 0; p < h->n_products; p++) b.start[p + 1] += b.start[p];
    memcpy(next, b.start, h->n_products * sizeof *next);
    for (uint32_t u = 0; u < h->n_users; u++) {
        for (uint32_t k = h->user_start[u]; k < h->user_start[u + 1]; k++)
            b.user[next[h->product[k]]++] = u;
        for (; m < h->n_more && h->more[m].user == u; m++) b.user[next[h->more[m].product]++] = u;
    }
    *out = b;
    b = (buyers){0};
cleanup:
    buyers_free(&b);
    free(next);
    return status;
}

/* The first position from `low` on whose user is not below `user`. */
static size_t find_buyer(const buyers *b, size_t low, size_t high, uint32_t user) {
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->user[middle] < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether somebody bought both. */
static bool bought_together(const buyers *b, relation r) {
    size_t few = r.a, many = r.b;
    if (b->start[few + 1] - b->start[few] > b->start[many + 1] - b->start[many]) {
        few = r.b;
        many = r.a;
    }
    size_t at = b->start[many], end = b->start[many + 1];
    for (size_t k = b->start[few]; k < b->start[few + 1]; k++) {
        at = find_buyer(b, at, end, b->user[k]);
        if (at == end) return false;
        if (b->user[at] == b->user[k]) return true;
    }
    return false;
}

/* ---- a growing set of pairs, in the order in which they came */

typedef struct pair_list {
    relation *pair;
    size_t n, capacity;
    uint64_t *slot; // (n_slots) open addressing; 0 = free, which is no pair since a < b
    size_t n_slots;
} pair_list;

static void pair_list_free(pair_list *l) {
    free(l->pair);
    free(l->slot);
}

/* The slot that holds a pair, or the free one where it belongs. */
static uint64_t *find_slot(const pair_list *l, uint64_t key) {
    uint64_t state = key;
    size_t at = (size_t)random_splitmix(&state) & (l->n_slots - 1);
    while (l->slot[at] && l->slot[at] != key) at = (at + 1) & (l->n_slots - 1);
    return &l->slot[at];
}

static uint64_t key_of(relation r) {
    return (uint64_t)r.a << 32 | r.b;
}

/* Keeps at least half of the slots free. */
static lb_status grow_slots(pair_list *l) {
    if (l->n_slots >= 2 * (l->n + 1)) return LB_OK;
    uint64_t *old = l->slot;
    size_t n_slots = l->n_slots ? 2 * l->n_slots : 1024;
    LB_TRY(NEW_ARRAY(l->slot, n_slots) == LB_OK ? LB_OK : (l->slot = old, LB_E_NOMEM));
    l->n_slots = n_slots;
    for (size_t i = 0; i < l->n; i++) {
        uint64_t key = key_of(l->pair[i]);
        *find_slot(l, key) = key;
    }
    free(old);
    return LB_OK;
}

static relation ordered(uint32_t x, uint32_t y) {
    return x < y ? (relation){x, y} : (relation){y, x};
}

/* Adds a pair of two different products unless it is there. */
static lb_status add_pair(pair_list *l, relation r) {
    LB_TRY(grow_slots(l));
    uint64_t key = key_of(r), *slot = find_slot(l, key);
    if (*slot) return LB_OK;
    LB_TRY(GROW_ARRAY(l->pair, l->n, l->capacity));
    *slot = key;
    l->pair[l->n++] = r;
    return LB_OK;
}

/* ---- drawing */

/* Puts k random elements in front. */
static void draw_rows(random_stream *r, uint32_t *rows, size_t n, size_t k) {
    for (size_t i = 0; i < k; i++) {
        size_t j = i + (size_t)random_below(r, n - i);
        uint32_t row = rows[i];
        rows[i] = rows[j];
        rows[j] = row;
    }
}

static void draw_pairs(random_stream *r, relation *pairs, size_t n, size_t k) {
    for (size_t i = 0; i < k; i++) {
        size_t j = i + (size_t)random_below(r, n - i);
        relation one = pairs[i];
        pairs[i] = pairs[j];
        pairs[j] = one;
    }
}

/* Pairs of catalogue products that nobody bought together: `n` of them, or fewer where ten times as
 * many tries do not find so many. */
static lb_status draw_others(const buyers *b, const uint32_t *products, size_t n_products, size_t n,
                             random_stream *r, pair_list *out) {
    size_t tries = 10 * n + 10000;
    for (; n_products > 1 && out->n < n && tries; tries--) {
        size_t i = (size_t)random_below(r, n_products), j = (size_t)random_below(r, n_products - 1);
        relation drawn = ordered(products[i], products[j < i ? j : j + 1]);
        if (!bought_together(b, drawn)) LB_TRY(add_pair(out, drawn));
    }
    return LB_OK;
}

static int compare_relations(const void *x, const void *y) {
    uint64_t a = key_of(*(const relation *)x), b = key_of(*(const relation *)y);
    return (a > b) - (a < b);
}

/* What the others are drawn from. */
typedef struct background {
    const purchases *bought; // these do not count as others
    const uint8_t *eligible; // (n_products) NULL = products with a degree
    const uint32_t *degree;  // (n_products)
    random_stream random;
} background;

/* Brings both kinds to the same number, at most `most`, and sorts them. */
static lb_status balance(pair_list *related, background *from, size_t most, relation_set *out) {
    buyers b = {0};
    pair_list others = {0};
    relation_set set = {0};
    uint32_t *products = NULL, n_products = 0;
    lb_status status;
    size_t n = related->n < most ? related->n : most;
    LB_TRY_CLEANUP(buyers_new(from->bought, &b));
    LB_TRY_CLEANUP(NEW_ARRAY(products, from->bought->n_products));
    for (uint32_t p = 0; p < from->bought->n_products; p++)
        if (from->eligible ? from->eligible[p] : from->degree[p] > 0) products[n_products++] = p;
    LB_TRY_CLEANUP(draw_others(&b, products, n_products, n, &from->random, &others));
    set.n = others.n;
    draw_pairs(&from->random, related->pair, related->n, set.n);
    LB_TRY_CLEANUP(NEW_ARRAY(set.pair, 2 * set.n));
    if (set.n) memcpy(set.pair, related->pair, set.n * sizeof *set.pair);
    if (set.n) memcpy(set.pair + set.n, others.pair, set.n * sizeof *set.pair);
    qsort(set.pair, set.n, sizeof *set.pair, compare_relations);
    qsort(set.pair + set.n, set.n, sizeof *set.pair, compare_relations);
    *out = set;
cleanup:
    buyers_free(&b);
    pair_list_free(&others);
    free(products);
    return status;
}

void relation_set_free(relation_set *set) {
    free(set->pair);
    *set = (relation_set){0};
}

/* ---- the tests of a split */

static size_t longest_history(const split *s) {
    size_t longest = 0;
    for (uint32_t u = 0; u < s->n_users; u++)
        if (s->user_start[u + 1] - s->user_start[u] > longest)
            longest = s->user_start[u + 1] - s->user_start[u];
    return longest;
}

/* Each test with some of its user's training products. */
static lb_status relate_tests(const split *s, const pair *tests, size_t n_tests, uint64_t seed,
                              pair_list *out) {
    uint32_t *history;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(history, longest_history(s)));
    for (size_t i = 0; i < n_tests; i++) {
        uint32_t user = tests[i].user, begin = s->user_start[user];
        size_t n = s->user_start[user + 1] - begin;
        size_t k = n < RELATIONS_PER_TEST ? n : RELATIONS_PER_TEST;
        random_stream r = random_open(seed, "relations", (uint64_t)user << 32 | tests[i].product);
        memcpy(history, s->product + begin, n * sizeof *history);
        draw_rows(&r, history, n, k);
        for (size_t j = 0; j < k; j++)
            if (history[j] != tests[i].product)
                LB_TRY_CLEANUP(add_pair(out, ordered(history[j], tests[i].product)));
    }
cleanup:
    free(history);
    return status;
}

static lb_status make_part(const split *s, const purchases *all, const pair *tests, size_t n_tests,
                           uint64_t seed, const char *purpose, relation_set *out) {
    pair_list related = {0};
    background from = {all, s->in_catalogue, s->degree, random_open(seed, purpose, 0)};
    lb_status status = relate_tests(s, tests, n_tests, seed, &related);
    if (status == LB_OK) status = balance(&related, &from, RELATIONS_MOST, out);
    pair_list_free(&related);
    return status;
}

lb_status relations_valid(const split *s, uint64_t seed, relation_set *out) {
    purchases known = {s->n_users, s->n_products, s->user_start, s->product, s->valid, s->n_valid};
    return make_part(s, &known, s->valid, s->n_valid, seed, "relations valid", out);
}

lb_status relations_draw(const interactions *all, const split *s, uint64_t seed, relations *out) {
    uint32_t *start;
    LB_TRY(NEW_ARRAY(start, (size_t)s->n_users + 1));
    for (size_t k = 0; k < all->n; k++) start[all->user[k] + 1]++;
    for (uint32_t u = 0; u < s->n_users; u++) start[u + 1] += start[u];
    purchases ever = {s->n_users, s->n_products, start, all->product, NULL, 0};
    lb_status status = make_part(s, &ever, s->valid, s->n_valid, seed, "relations valid",
                                 &out->valid);
    if (status == LB_OK)
        status = make_part(s, &ever, s->test, s->n_test, seed, "relations test", &out->test);
    free(start);
    return status;
}

/* ---- the training part */

/* How many pairs each user may give so that they are `most` together: the largest such number. */
static uint64_t share_of_user(const split *s, size_t most) {
    uint64_t low = 1, high = (uint64_t)most + 1;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2, sum = 0;
        for (uint32_t u = 0; u < s->n_users; u++) {
            uint64_t n = s->user_start[u + 1] - s->user_start[u], all = n ? n * (n - 1) / 2 : 0;
            sum += all < middle ? all : middle;
        }
        if (sum <= most)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static lb_status relate_history(const uint32_t *history, size_t n, uint64_t share, random_stream r,
                                pair_list *out) {
    if (n < 2) return LB_OK;
    if ((uint64_t)n * (n - 1) / 2 <= share) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++)
                LB_TRY(add_pair(out, ordered(history[i], history[j])));
        return LB_OK;
    }
    for (uint64_t k = 0; k < share; k++) {
        size_t i = (size_t)random_below(&r, n), j = (size_t)random_below(&r, n - 1);
        LB_TRY(add_pair(out, ordered(history[i], history[j < i ? j : j + 1])));
    }
    return LB_OK;
}

lb_status relations_train(const split *s, size_t most, uint64_t seed, relation_set *out) {
    purchases known = {s->n_users, s->n_products, s->user_start, s->product, NULL, 0};
    background from = {&known, NULL, s->degree, random_open(seed, "relations others", 0)};
    pair_list related = {0};
    relation_set set = {0};
    uint64_t share = share_of_user(s, most);
    lb_status status = LB_OK;
    for (uint32_t u = 0; u < s->n_users; u++)
        LB_TRY_CLEANUP(relate_history(s->product + s->user_start[u],
                                      s->user_start[u + 1] - s->user_start[u], share,
                                      random_open(seed, "relations train", u), &related));
    LB_TRY_CLEANUP(balance(&related, &from, most, &set));
    if (set.n)
        *out = set;
    else
        status = status_fail(LB_E_EMPTY, related.n ? "every two products were bought together"
                                                   : "nobody bought two products in training");
cleanup:
    if (status != LB_OK) relation_set_free(&set);
    pair_list_free(&related);
    return status;
}
