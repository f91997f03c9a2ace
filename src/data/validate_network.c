/* Checks of users, products and the network between them. */
#include "core/memory.h"
#include "data/tombstone.h"
#include "data/validate_impl.h"

enum { FEW_PRODUCTS = 5 };

/* Disjoint sets with path halving: the representative of a node. */
static uint32_t find_root(uint32_t *parent, uint32_t node) {
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

/* Connected parts among the users and products that have an interaction, and the size of the
 * largest. Users are nodes 0..n_users-1, products come behind them. */
static lb_status count_parts(const interactions *all, uint32_t n_users, uint32_t n_nodes,
                             const uint32_t *degree, uint64_t *n_parts, uint64_t *largest) {
    uint32_t *parent = NULL, *size = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(parent, n_nodes));
    LB_TRY_CLEANUP(NEW_ARRAY(size, n_nodes));
    for (uint32_t i = 0; i < n_nodes; i++) parent[i] = i;
    for (size_t k = 0; k < all->n; k++) {
        uint32_t a = find_root(parent, all->user[k]);
        uint32_t b = find_root(parent, n_users + all->product[k]);
        parent[a > b ? a : b] = a > b ? b : a;
    }
    *n_parts = *largest = 0;
    for (uint32_t i = 0; i < n_nodes; i++) {
        if (!degree[i]) continue;
        uint32_t root = find_root(parent, i);
        *n_parts += root == i;
        if (++size[root] > *largest) *largest = size[root];
    }
cleanup:
    free(parent);
    free(size);
    return status;
}

/* Rows of what was taken out count for nothing. */
static lb_status add_counts(const dataset *d, const interactions *all, const uint32_t *degree,
                            lb_validation *v) {
    uint64_t few = 0, isolated = 0, cold = 0;
    uint32_t n_users = 0, n_products = 0, n_rows = dataset_n_users(d);
    for (uint32_t u = 0; u < n_rows; u++) {
        if (id_is_tombstone(dataset_user_id(d, u))) continue;
        few += degree[u] < FEW_PRODUCTS;
        isolated += !degree[u];
        n_users++;
    }
    for (uint32_t p = 0; p < dataset_n_products(d); p++) {
        if (id_is_tombstone(dataset_product_id(d, p))) continue;
        cold += !degree[n_rows + p];
        n_products++;
    }
    LB_TRY(validation_add(v, "users", true, n_users, "people who bought or rated something"));
    LB_TRY(validation_add(v, "products", true, n_products, "known by id"));
    LB_TRY(validation_add(v, "interactions", true, all->n,
                          "pairs of a user and a product, repeats merged"));
    LB_TRY(validation_add(v, "users with fewer than 5 products", true, few,
                          "of %u users; --min-user decides whether they are used", n_users));
    LB_TRY(validation_add(v, "users without interactions", true, isolated, "of %u users", n_users));
    return validation_add(v, "products that nobody bought", true, cold,
                          "of %u products; they can be recommended by their features only",
                          n_products);
}

lb_status validate_network(const dataset *d, lb_validation *v) {
    interactions all = {0};
    uint32_t *degree = NULL;
    uint32_t n_users = dataset_n_users(d), n_products = dataset_n_products(d), n_nodes;
    uint64_t n_parts = 0, largest = 0;
    lb_status status = LB_OK;
    if (__builtin_add_overflow(n_users, n_products, &n_nodes))
        return status_fail(LB_E_UNSUPPORTED, "%s: more than %u users and products",
                           dataset_directory(d), UINT32_MAX);
    LB_TRY_CLEANUP(dataset_interactions(d, &all));
    LB_TRY_CLEANUP(NEW_ARRAY(degree, n_nodes));
    for (size_t k = 0; k < all.n; k++) {
        degree[all.user[k]]++;
        degree[n_users + all.product[k]]++;
    }
    LB_TRY_CLEANUP(add_counts(d, &all, degree, v));
    LB_TRY_CLEANUP(count_parts(&all, n_users, n_nodes, degree, &n_parts, &largest));
    status = validation_add(v, "connected parts of the network", true, n_parts,
                            "the largest has %llu users and products", (unsigned long long)largest);
cleanup:
    free(degree);
    interactions_free(&all);
    return status;
}
