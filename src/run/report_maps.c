#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/pca.h"
#include "math/vector.h"
#include "plot/tsne.h"
#include "run/report_parts.h"

static lb_status map_new(size_t n, bool grouped, report_map *out) {
    LB_TRY(NEW_ARRAY(out->product, n));
    LB_TRY(NEW_ARRAY(out->x, n));
    LB_TRY(NEW_ARRAY(out->y, n));
    return grouped ? NEW_ARRAY(out->groups, n) : LB_OK;
}

/* ---- principal components */

/* Products with training interactions in random order, their number in *n. */
static lb_status warm_products(const model_common *c, uint64_t seed, const char *purpose,
                               uint32_t **out, size_t *n) {
    random_stream r = random_open(seed, purpose, 0);
    LB_TRY(NEW_ARRAY(*out, c->n_products));
    *n = 0;
    for (uint32_t p = 0; p < c->n_products; p++)
        if (c->degree[p]) (*out)[(*n)++] = p;
    random_shuffle(&r, *out, *n);
    return LB_OK;
}

/* The first products of a random order, with pictures if there are any. */
static lb_status choose(report_pictures *pictures, const uint32_t *order, size_t n,
                        report_map *map) {
    bool wanted = report_pictures_any(pictures);
    for (size_t i = 0; i < n && map->n < REPORT_MAP; i++) {
        figure_picture picture;
        if (wanted) LB_TRY(report_picture(pictures, order[i], &picture));
        if (!wanted || picture.jpeg) map->product[map->n++] = order[i];
    }
    return LB_OK;
}

static double total_variance(const float *x, size_t n, size_t dim, const float *mean) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)vec_squared_distance(x + i * dim, mean, dim);
    return sum / (double)n;
}

/* Fits two components to all warm products and places the chosen ones. */
static lb_status place_by_components(job *j, const uint32_t *order, size_t n, uint64_t seed,
                                     report_space *s) {
    size_t dim = s->dim;
    float *x = NULL, *mean = NULL, *components = NULL, *at = NULL;
    double variance[2];
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(mean, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(components, 2 * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(at, 2 * s->components.n));
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * dim, s->product + order[i] * dim, dim * sizeof *x);
    LB_TRY_CLEANUP(pca_fit(j, x, n, dim, NULL, 2, seed, mean, components, variance));
    double total = total_variance(x, n, dim, mean);
    for (int k = 0; k < 2; k++) s->share[k] = total > 0 ? variance[k] / total : NAN;
    for (size_t i = 0; i < s->components.n; i++)
        memcpy(x + i * dim, s->product + s->components.product[i] * dim, dim * sizeof *x);
    LB_TRY_CLEANUP(pca_transform(j, x, s->components.n, dim, mean, components, 2, at));
    for (size_t i = 0; i < s->components.n; i++) {
        s->components.x[i] = (double)at[2 * i];
        s->components.y[i] = (double)at[2 * i + 1];
    }
cleanup:
    free(x);
    free(mean);
    free(components);
    free(at);
    return status;
}

static lb_status draw_components(job *j, report_pictures *pictures, uint64_t seed,
                                 report_space *s) {
    uint32_t *order;
    lb_status status;
    LB_TRY(warm_products(&s->model->common, seed, "report map", &order, &s->n_fitted));
    LB_TRY_CLEANUP(map_new(REPORT_MAP, false, &s->components));
    LB_TRY_CLEANUP(choose(pictures, order, s->n_fitted, &s->components));
    LB_TRY_CLEANUP(place_by_components(j, order, s->n_fitted, seed, s));
cleanup:
    free(order);
    return status;
}

/* ---- t-SNE of some users' products */

static uint32_t n_bought(const model_common *c, uint32_t user) {
    return c->user_start[user + 1] - c->user_start[user];
}

/* Random users with enough products to see a group, and few enough to see each; where there are
 * not so many, the limits give way. */
static lb_status choose_users(uint64_t seed, report_space *s) {
    const model_common *c = &s->model->common;
    uint32_t *order, fewest = REPORT_FEWEST, most = REPORT_MOST;
    random_stream r = random_open(seed, "report users", 0);
    LB_TRY(NEW_ARRAY(order, c->n_users));
    random_permutation(&r, order, c->n_users);
    for (;;) {
        s->n_users = 0;
        for (size_t i = 0; i < c->n_users && s->n_users < REPORT_USERS; i++)
            if (n_bought(c, order[i]) >= fewest && n_bought(c, order[i]) <= most)
                s->users[s->n_users++] = order[i];
        if (s->n_users == REPORT_USERS || fewest == 1) break;
        if (fewest > 1) fewest = fewest * 3 / 4;
        if (most < 4 * REPORT_MOST) most *= 2;
    }
    free(order);
    return LB_OK;
}

/* The union of the users' products, in order of rows, and whose they are. */
static lb_status gather_products(report_space *s) {
    const model_common *c = &s->model->common;
    uint32_t *groups;
    size_t n = 0;
    LB_TRY(NEW_ARRAY(groups, c->n_products));
    for (size_t g = 0; g < s->n_users; g++)
        for (uint32_t i = c->user_start[s->users[g]]; i < c->user_start[s->users[g] + 1]; i++)
            groups[c->product[i]] |= 1u << g;
    for (uint32_t p = 0; p < c->n_products; p++) n += groups[p] != 0;
    lb_status status = map_new(n, true, &s->neighbours);
    for (uint32_t p = 0; p < c->n_products && status == LB_OK; p++) {
        if (!groups[p]) continue;
        s->neighbours.product[s->neighbours.n] = p;
        s->neighbours.groups[s->neighbours.n++] = groups[p];
    }
    free(groups);
    return status;
}

/* Of how many products the nearest other one by cosine was bought by one of the same users, and of
 * how many a random other one would be. x (n, dim) has rows of length one. */
static void count_neighbours(const float *x, report_space *s) {
    const report_map *map = &s->neighbours;
    size_t same = 0, pairs = 0;
    for (size_t i = 0; i < map->n; i++) {
        size_t nearest = i ? 0 : 1;
        float best = -2;
        for (size_t k = 0; k < map->n; k++) {
            if (k == i) continue;
            float cosine = vec_dot(x + i * s->dim, x + k * s->dim, s->dim);
            pairs += (map->groups[i] & map->groups[k]) != 0;
            if (cosine > best) {
                best = cosine;
                nearest = k;
            }
        }
        same += (map->groups[i] & map->groups[nearest]) != 0;
    }
    s->same_user = (double)same / (double)map->n;
    s->same_user_by_chance = (double)pairs / ((double)map->n * (double)(map->n - 1));
}

static lb_status place_by_neighbours(job *j, uint64_t seed, report_space *s) {
    report_map *map = &s->neighbours;
    size_t dim = s->dim;
    float *x = NULL, *at = NULL;
    tsne_options options;
    lb_status status;
    tsne_options_init(&options);
    options.seed = seed;
    options.perplexity = s->perplexity = tsne_perplexity_for(map->n, REPORT_NEAR);
    if (!(s->perplexity > 1)) {
        map->n = 0; // too few products for a map
        return LB_OK;
    }
    LB_TRY_CLEANUP(NEW_ARRAY(x, map->n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(at, 2 * map->n));
    for (size_t i = 0; i < map->n; i++) {
        memcpy(x + i * dim, s->product + map->product[i] * dim, dim * sizeof *x);
        vec_normalise(x + i * dim, dim);
    }
    LB_TRY_CLEANUP(tsne_fit(j, x, map->n, dim, &options, at, &s->divergence));
    count_neighbours(x, s);
    for (size_t i = 0; i < map->n; i++) {
        map->x[i] = (double)at[2 * i];
        map->y[i] = (double)at[2 * i + 1];
    }
cleanup:
    free(x);
    free(at);
    return status;
}

lb_status report_space_draw(job *j, report_pictures *pictures, uint64_t seed, report_space *s) {
    LB_TRY(draw_components(j, pictures, seed, s));
    LB_TRY(choose_users(seed, s));
    LB_TRY(gather_products(s));
    return place_by_neighbours(j, seed, s);
}
