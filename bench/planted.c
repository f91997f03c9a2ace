#include "bench/planted.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"

enum { CANDIDATES = 64, TRIES = 96, FAVOURITES = 2 };

static const double KIND_SHARE = 0.8;  // of a style: that of its kind, and its own
static const double TASTE_NOISE = 0.4; // of a taste, beside its favourite kinds
static const double CHOICE = 12;       // log-odds of a cosine of one
static const double TAIL = 1.4;        // Pareto exponent of the products' popularity
static const double USER_SPREAD = 1;   // of the logarithm of what a user buys

/* ---------------------------------------------------------------- styles and tastes */

static void normals(random_stream *r, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (float)random_normal(r);
}

static void draw_products(uint64_t seed, const float *centre, planted *p) {
    for (uint32_t i = 0; i < p->all_products; i++) {
        random_stream r = random_open(seed, "shape product", i);
        float *look = p->look + (size_t)i * PLANTED_LOOK;
        double u = random_unit(&r);
        p->kind[i] = (uint16_t)(u * u * PLANTED_KINDS); // some kinds are large
        normals(&r, look, PLANTED_LOOK);
        for (int d = 0; d < PLANTED_STYLE; d++)
            look[d] = (float)(KIND_SHARE * (double)centre[p->kind[i] * PLANTED_STYLE + d] +
                              sqrt(1 - KIND_SHARE * KIND_SHARE) * (double)look[d]);
    }
}

/* taste (n_users, PLANTED_STYLE), of length one. */
static void draw_tastes(uint64_t seed, const float *centre, uint32_t n_users, float *taste) {
    for (uint32_t u = 0; u < n_users; u++) {
        random_stream r = random_open(seed, "shape user", u);
        float *t = taste + (size_t)u * PLANTED_STYLE;
        normals(&r, t, PLANTED_STYLE);
        for (int d = 0; d < PLANTED_STYLE; d++) t[d] *= (float)TASTE_NOISE;
        for (int k = 0; k < FAVOURITES; k++) {
            size_t kind = random_below(&r, PLANTED_KINDS);
            for (size_t d = 0; d < PLANTED_STYLE; d++) t[d] += centre[kind * PLANTED_STYLE + d];
        }
        float squares = 0;
        for (int d = 0; d < PLANTED_STYLE; d++) squares += t[d] * t[d];
        for (int d = 0; d < PLANTED_STYLE; d++) t[d] /= sqrtf(squares);
    }
}

static double affinity(const float *taste, const float *look) {
    double dot = 0, squares = 0;
    for (int d = 0; d < PLANTED_STYLE; d++) {
        dot += (double)taste[d] * (double)look[d];
        squares += (double)look[d] * (double)look[d];
    }
    return CHOICE * dot / sqrt(squares);
}

/* ---------------------------------------------------------------- who buys how much */

/* Adds and takes ones at random until the sum is right. degree[i] stays in least(i)..most; a
 * product of one rating keeps it. */
static void settle(uint32_t *degree, uint32_t n, uint32_t least, uint32_t most, size_t total,
                   bool keep_single, random_stream *r) {
    size_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += degree[i];
    while (sum != total) {
        uint32_t i = (uint32_t)random_below(r, n);
        if (keep_single && degree[i] == 1) continue;
        if (sum < total && degree[i] < most) {
            degree[i]++;
            sum++;
        } else if (sum > total && degree[i] > least) {
            degree[i]--;
            sum--;
        }
    }
}

static void user_degrees(const planted_options *o, uint32_t *degree) {
    random_stream r = random_open(o->seed, "shape user sizes", 0);
    double mean = (double)o->n_ratings / o->n_users - o->least;
    double scale = mean / exp(0.5 * USER_SPREAD * USER_SPREAD);
    uint32_t most = o->n_products / 4;
    for (uint32_t u = 0; u < o->n_users; u++) {
        double extra = scale * exp(USER_SPREAD * random_normal(&r));
        degree[u] = o->least + (uint32_t)fmin(extra, most - o->least);
    }
    settle(degree, o->n_users, o->least, most, o->n_ratings, false, &r);
}

static void product_degrees(const planted_options *o, uint32_t *degree) {
    random_stream r = random_open(o->seed, "shape product sizes", 0);
    double mean = 1.5 * ((double)o->n_ratings / o->n_products - 1.0 / 3) - 2;
    uint32_t most = o->n_users / 4 > 2 ? o->n_users / 4 : 2;
    for (uint32_t p = 0; p < o->n_products; p++) {
        double extra = mean * (TAIL - 1) * (pow(1 - random_unit(&r), -1 / TAIL) - 1);
        degree[p] = p % 3 == 0 ? 1 : 2 + (uint32_t)fmin(extra, most - 2);
    }
    settle(degree, o->n_products, 2, most, o->n_ratings, true, &r);
}

/* ---------------------------------------------------------------- who buys what */

/* Every rating that a user has still to give, as the user's row; taken from the end. */
typedef struct slots {
    uint32_t *user;
    size_t n;
} slots;

static lb_status slots_new(const uint32_t *degree, uint32_t n_users, size_t n, slots *out) {
    LB_TRY(NEW_ARRAY(out->user, n));
    for (uint32_t u = 0; u < n_users; u++)
        for (uint32_t k = 0; k < degree[u]; k++) out->user[out->n++] = u;
    return LB_OK;
}

static bool has_bought(const planted_rating *bought, size_t n, uint32_t user) {
    for (size_t i = 0; i < n; i++)
        if (bought[i].user == user) return true;
    return false;
}

/* Of some open slots the one whose user likes the product most, with a Gumbel-distributed share of
 * chance, so that users are drawn in proportion to exp(affinity). */
static size_t choose(const slots *s, const float *taste, const float *look,
                     const planted_rating *bought, size_t n_bought, random_stream *r) {
    size_t best = SIZE_MAX;
    double best_value = 0;
    for (int tries = 0, seen = 0; tries < TRIES && seen < CANDIDATES; tries++) {
        size_t slot = random_below(r, s->n);
        if (has_bought(bought, n_bought, s->user[slot])) continue;
        double chance = -log(-log(random_unit(r) + 0x1p-54));
        double value = affinity(taste + (size_t)s->user[slot] * PLANTED_STYLE, look) + chance;
        if (best == SIZE_MAX || value > best_value) {
            best = slot;
            best_value = value;
        }
        seen++;
    }
    return best == SIZE_MAX ? random_below(r, s->n) : best;
}

/* The popular products choose first: they need the most different users. */
static void match(const planted_options *o, const uint32_t *order, const uint32_t *degree,
                  const float *taste, slots *s, planted *p) {
    random_stream r = random_open(o->seed, "shape ratings", 0);
    for (uint32_t i = 0; i < o->n_products; i++) {
        uint32_t product = order[i];
        planted_rating *bought = p->rating + p->n;
        const float *look = p->look + (size_t)product * PLANTED_LOOK;
        for (uint32_t k = 0; k < degree[product]; k++) {
            size_t slot = choose(s, taste, look, bought, k, &r);
            bought[k] = (planted_rating){s->user[slot], product};
            s->user[slot] = s->user[--s->n];
        }
        p->n += degree[product];
    }
}

/* Counting sort: falling by degree, then rising by row. */
static lb_status by_degree(const uint32_t *degree, uint32_t n, uint32_t *order) {
    uint32_t most = 0, *start;
    for (uint32_t i = 0; i < n; i++) most = degree[i] > most ? degree[i] : most;
    LB_TRY(NEW_ARRAY(start, (size_t)most + 2));
    for (uint32_t i = 0; i < n; i++) start[most - degree[i] + 1]++;
    for (uint32_t d = 0; d <= most; d++) start[d + 1] += start[d];
    for (uint32_t i = 0; i < n; i++) order[start[most - degree[i]]++] = i;
    free(start);
    return LB_OK;
}

/* What a preparation leaves out: users of few products, and products of another category. */
static void add_around(const planted_options *o, planted *p) {
    random_stream r = random_open(o->seed, "shape around", 0);
    for (uint32_t u = p->n_users; u < p->all_users; u++) {
        uint64_t n = 1 + random_below(&r, o->least - 1);
        for (; n; n--)
            p->rating[p->n++] = (planted_rating){u, (uint32_t)random_below(&r, o->n_products)};
    }
    for (uint32_t i = p->n_products; i < p->all_products; i++)
        for (int k = 0; k < 2; k++)
            p->rating[p->n++] = (planted_rating){(uint32_t)random_below(&r, p->all_users), i};
}

static int by_product(const void *a, const void *b) {
    const planted_rating *x = a, *y = b;
    if (x->product != y->product) return x->product < y->product ? -1 : 1;
    return (x->user > y->user) - (x->user < y->user);
}

static lb_status check(const planted_options *o) {
    double least = (double)o->n_users * o->least, products = 5.0 / 3 * o->n_products;
    if (o->least < 2 || o->n_users < 8 || o->n_products < 8 * o->least ||
        (double)o->n_ratings < least || (double)o->n_ratings < products)
        return status_fail(LB_E_ARGUMENT,
                           "%u users, %u products and %zu ratings do not go together: each user "
                           "has at least %u, a product 5/3 on average",
                           o->n_users, o->n_products, o->n_ratings, o->least);
    return LB_OK;
}

static lb_status draw_ratings(const planted_options *o, const float *centre, planted *p) {
    float *taste = NULL;
    uint32_t *users = NULL, *products = NULL, *order = NULL;
    slots s = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(taste, (size_t)o->n_users * PLANTED_STYLE));
    LB_TRY_CLEANUP(NEW_ARRAY(users, o->n_users));
    LB_TRY_CLEANUP(NEW_ARRAY(products, o->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(order, o->n_products));
    draw_tastes(o->seed, centre, o->n_users, taste);
    user_degrees(o, users);
    product_degrees(o, products);
    LB_TRY_CLEANUP(by_degree(products, o->n_products, order));
    LB_TRY_CLEANUP(slots_new(users, o->n_users, o->n_ratings, &s));
    match(o, order, products, taste, &s, p);
    add_around(o, p);
    qsort(p->rating, p->n, sizeof *p->rating, by_product);
cleanup:
    free(taste);
    free(users);
    free(products);
    free(order);
    free(s.user);
    return status;
}

lb_status planted_new(const planted_options *o, planted *out) {
    planted p = {.n_users = o->n_users, .n_products = o->n_products};
    float centre[PLANTED_KINDS * PLANTED_STYLE];
    lb_status status;
    LB_TRY(check(o));
    p.all_users = o->n_users + (uint32_t)(o->around * o->n_users);
    p.all_products = o->n_products + (uint32_t)(o->around * o->n_products);
    size_t most = o->n_ratings + (size_t)(p.all_users - p.n_users) * o->least +
                  2 * (size_t)(p.all_products - p.n_products);
    LB_TRY_CLEANUP(NEW_ARRAY(p.rating, most));
    LB_TRY_CLEANUP(NEW_ARRAY(p.kind, p.all_products));
    LB_TRY_CLEANUP(NEW_ARRAY(p.look, (size_t)p.all_products * PLANTED_LOOK));
    random_stream r = random_open(o->seed, "shape kinds", 0);
    normals(&r, centre, PLANTED_KINDS * PLANTED_STYLE);
    draw_products(o->seed, centre, &p);
    LB_TRY_CLEANUP(draw_ratings(o, centre, &p));
    *out = p;
    return LB_OK;
cleanup:
    planted_free(&p);
    return status;
}

void planted_free(planted *p) {
    free(p->rating);
    free(p->kind);
    free(p->look);
    *p = (planted){0};
}
