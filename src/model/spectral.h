/*
 * The spectral part of the `vasg` recipe: the leading singular vectors of the normalised
 * interaction matrix, shrunk by how far they stand above noise (design: "The spectral part").
 * Closed form but for the seeded start of the subspace iteration (Halko, Martinsson and Tropp, SIAM
 * Review 2011).
 *
 * With training degrees d, c_u = sum d_u^2 / sum d_u and c_p = mean d_p:
 * N = (D_u + c_u)^-1/2 T (D_p + c_p)^-1/2, right singular vectors v_k, lambda_k = sigma_k^2;
 * q_u = (d_u + c_u)^-1/2 sum over the user's products of v_p (d_p + c_p)^-1/2, g_p = (d_p +
 * c_p)^1/2 f v_p.
 *
 * Where products share buyers, item-to-item directions follow: EASE (Steck, WWW 2019) in low rank.
 * Its weights are B = I - P diag(P)^-1 with P = (T'T + r)^-1; with the leading eigenvectors v_k of
 * T'T, f_k = lambda_k / (lambda_k + r), r = 2 c_p, off the diagonal
 * B_pq = sum over k of v_pk f_k v_qk / (1 - sum over k of f_k v_qk^2).
 */
#ifndef LB_MODEL_SPECTRAL_H
#define LB_MODEL_SPECTRAL_H

#include "core/job.h"
#include "graph/bipartite.h"

typedef struct spectral_part {
    uint32_t rank;                      // directions kept; may be 0
    uint32_t n_items;                   // the last of them: item to item
    double user_offset, product_offset; // c_u, c_p
    double edge, share, tau;            // the noise edge and what follows from it
    float *source;  // (n_products, rank) v_p (d_p + c_p)^-1/2: summed over a user's products it
                    // gives q_u
    float *user;    // (n_users, rank) q_u
    float *product; // (n_products, rank) g_p; zero for products without interactions
} spectral_part;

/* At most `rank` directions. O(rank * edges) per iteration. A network too small for any gives rank
 * 0. */
lb_status spectral_fit(job *j, const bipartite *g, uint32_t rank, uint64_t seed,
                       spectral_part *out);
void spectral_free(spectral_part *s);

/* How many users two products share on average: sum d_u^2 / (number of products)^2. */
double spectral_shared_users(const bipartite *g);

/* Appends at most `rank` item-to-item directions to a fitted part; none to a tiny network. */
lb_status spectral_add_items(job *j, const bipartite *g, uint32_t rank, uint64_t seed,
                             spectral_part *s);

/* q of somebody known by `n` products (training rows), out (rank): the exact fold-in. */
void spectral_fold_in(const spectral_part *s, const uint32_t *products, size_t n, float *out);

#endif
