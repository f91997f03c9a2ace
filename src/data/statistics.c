#include "data/statistics.h"

#include <inttypes.h>
#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"

/* Interactions of every user and product, counted one by one. */
typedef struct degrees {
    uint32_t n_users, n_products;
    uint32_t *user, *product; // (n_users), (n_products)
} degrees;

static lb_status degrees_new(const dataset *d, degrees *out) {
    degrees n = {.n_users = dataset_n_users(d), .n_products = dataset_n_products(d)};
    LB_TRY(NEW_ARRAY(n.user, n.n_users));
    lb_status status = NEW_ARRAY(n.product, n.n_products);
    if (status != LB_OK)
        free(n.user);
    else
        *out = n;
    return status;
}

static void degrees_free(degrees *n) {
    free(n->user);
    free(n->product);
}

static void count(degrees *n, uint32_t user, uint32_t product) {
    n->user[user]++;
    n->product[product]++;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Of the values above zero, which it sorts to the end. */
static void spread(uint32_t *value, uint32_t n, uint32_t *n_positive, double *mean,
                   double *median) {
    double sum = 0;
    if (n) qsort(value, n, sizeof *value, by_value);
    uint32_t first = 0;
    while (first < n && value[first] == 0) first++;
    for (uint32_t i = first; i < n; i++) sum += value[i];
    uint32_t m = n - first;
    const uint32_t *v = value + first;
    *n_positive = m;
    *mean = m ? sum / m : 0;
    *median = m ? 0.5 * ((double)v[(m - 1) / 2] + (double)v[m / 2]) : 0;
}

static void summarise(degrees *n, network_statistics *out) {
    network_statistics s = {0};
    uint32_t single = 0;
    for (uint32_t u = 0; u < n->n_users; u++) s.interactions += n->user[u];
    for (uint32_t p = 0; p < n->n_products; p++) single += n->product[p] == 1;
    spread(n->user, n->n_users, &s.users, &s.user_mean, &s.user_median);
    spread(n->product, n->n_products, &s.products, &s.product_mean, &s.product_median);
    if (s.interactions) {
        s.density = (double)s.interactions / ((double)s.users * (double)s.products);
        s.single_share = (double)single / (double)s.products;
    }
    *out = s;
}

/* ------------------------------------------------------------ before and after */

static void count_all(const interactions *all, degrees *n) {
    for (size_t k = 0; k < all->n; k++) count(n, all->user[k], all->product[k]);
}

/* Those of users with min_user products or more: what leave-one-out draws from. */
static void count_large(const interactions *all, uint32_t min_user, degrees *n) {
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        for (end = begin; end < all->n && all->user[end] == all->user[begin];) end++;
        for (size_t k = begin; k < end && end - begin >= min_user; k++)
            count(n, all->user[k], all->product[k]);
    }
}

/* A given split may leave interactions of the dataset out. */
static void count_split(const split *s, degrees *n) {
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++)
            count(n, u, s->product[k]);
    for (size_t i = 0; i < s->n_valid; i++) count(n, s->valid[i].user, s->valid[i].product);
    for (size_t i = 0; i < s->n_test; i++) count(n, s->test[i].user, s->test[i].product);
}

static lb_status count_networks(const dataset *d, const split *s, const split_options *options,
                                dataset_statistics *out) {
    interactions all = {0};
    degrees whole = {0}, kept = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(dataset_interactions(d, &all));
    LB_TRY_CLEANUP(degrees_new(d, &whole));
    LB_TRY_CLEANUP(degrees_new(d, &kept));
    count_all(&all, &whole);
    if (options && strcmp(options->method, "given") == 0)
        count_split(s, &kept);
    else
        count_large(&all, options ? options->min_user : 1, &kept);
    summarise(&whole, &out->all);
    summarise(&kept, &out->kept);
cleanup:
    interactions_free(&all);
    degrees_free(&whole);
    degrees_free(&kept);
    return status;
}

/* ------------------------------------------------------------ the rest */

static lb_status list_features(const dataset *d, dataset_statistics *out) {
    size_t n = dataset_n_features(d);
    LB_TRY(NEW_ARRAY(out->feature, n));
    for (size_t i = 0; i < n; i++) {
        feature_set f;
        LB_TRY(dataset_feature_open(d, dataset_feature_name(d, i), &f));
        feature_statistics *o = &out->feature[i];
        memcpy(o->name, f.name, sizeof o->name);
        o->dim = f.dim;
        o->n_present = f.n_present;
        feature_set_close(&f);
    }
    out->n_features = n;
    return LB_OK;
}

static void count_parts(const split *s, dataset_statistics *out) {
    out->train = s->n_train;
    out->valid = s->n_valid;
    out->users_dropped = s->n_users_dropped;
    for (size_t i = 0; i < s->n_test; i++) {
        bool warm = s->degree[s->test[i].product] > 0;
        out->test_warm += warm;
        out->test_cold += !warm;
    }
    for (uint32_t p = 0; p < s->n_products; p++) {
        out->warm_products += s->in_catalogue[p] && s->degree[p];
        out->cold_products += s->in_catalogue[p] && !s->degree[p];
    }
}

static uint32_t count_products(const dataset *d) {
    uint32_t n = 0;
    for (uint32_t p = 0; p < dataset_n_products(d); p++)
        n += !id_is_tombstone(dataset_product_id(d, p));
    return n;
}

lb_status dataset_statistics_new(const dataset *d, const split *s, const split_options *options,
                                 dataset_statistics *out) {
    dataset_statistics made = {.known_products = count_products(d)};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(count_networks(d, s, options, &made));
    LB_TRY_CLEANUP(list_features(d, &made));
    count_parts(s, &made);
    *out = made;
    return LB_OK;
cleanup:
    dataset_statistics_free(&made);
    return status;
}

void dataset_statistics_free(dataset_statistics *s) {
    free(s->feature);
    *s = (dataset_statistics){0};
}

/* ------------------------------------------------------------ as text */

static void write_spread(text *t, const char *key, double mean, double median) {
    text_add(t, ",\"%s\":{\"mean\":", key);
    text_json_number(t, mean);
    text_add(t, ",\"median\":");
    text_json_number(t, median);
    text_add(t, "}");
}

static void write_network(text *t, const char *key, const network_statistics *s) {
    text_add(t,
             ",\"%s\":{\"users\":%" PRIu32 ",\"products\":%" PRIu32
             ",\"interactions\":%zu,\"density\":",
             key, s->users, s->products, s->interactions);
    text_json_number(t, s->density);
    write_spread(t, "per_user", s->user_mean, s->user_median);
    write_spread(t, "per_product", s->product_mean, s->product_median);
    text_add(t, ",\"single_interaction_share\":");
    text_json_number(t, s->single_share);
    text_add(t, "}");
}

void dataset_statistics_json(const dataset_statistics *s, text *t) {
    text_add(t, "{\"products_known\":%" PRIu32, s->known_products);
    write_network(t, "all", &s->all);
    write_network(t, "kept", &s->kept);
    text_add(t,
             ",\"users_dropped\":%zu,\"train_pairs\":%zu,\"validation_pairs\":%zu"
             ",\"tests\":{\"warm\":%zu,\"cold\":%zu},\"warm_products\":%zu,\"cold_products\":%zu"
             ",\"features\":[",
             s->users_dropped, s->train, s->valid, s->test_warm, s->test_cold, s->warm_products,
             s->cold_products);
    for (size_t i = 0; i < s->n_features; i++) {
        text_add(t, "%s{\"name\":", i ? "," : "");
        text_json_string(t, s->feature[i].name);
        text_add(t, ",\"dim\":%" PRIu32 ",\"products\":%" PRIu32 "}", s->feature[i].dim,
                 s->feature[i].n_present);
    }
    text_add(t, "]}");
}

void dataset_statistics_lines(const dataset_statistics *s, text *t) {
    const network_statistics *k = &s->kept;
    text_add(t, "%" PRIu32 " users, %" PRIu32 " products, %zu interactions, density %.3g %%",
             k->users, k->products, k->interactions, 100 * k->density);
    for (size_t i = 0; i < s->n_features; i++)
        text_add(t, "%s %s (%" PRIu32 " values, %" PRIu32 " products)",
                 i ? "," : "; features:", s->feature[i].name, s->feature[i].dim,
                 s->feature[i].n_present);
    text_add(t,
             "\na user has %.1f products (median %g), a product %.1f users (median %g); %.0f %% of "
             "the products have one\n",
             k->user_mean, k->user_median, k->product_mean, k->product_median,
             100 * k->single_share);
}
