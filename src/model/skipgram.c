#include "model/skipgram.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "graph/alias.h"
#include "graph/walk.h"
#include "math/sigmoid.h"
#include "math/vector.h"

enum {
    MAX_BLOCKS = 32,
    NODES_PER_BLOCK = 400, // about; much smaller blocks have too uneven negatives
    PAIRS_PER_CELL = 2048, // on average, between two visits of a cell
    WALKS_PER_PIECE = 64,
    PAIRS_PER_STEP = 4,   // at most: distances 1 and 3, both sides
    REDRAWS = 8,          // of a negative that is the positive, before it is drawn uniformly
    PAIRS_AHEAD = 4,      // drawn before they are trained
    FLOATS_PER_LINE = 16, // of the cache
};

typedef struct node_pair {
    uint32_t centre, context; // node numbers
} node_pair;

/* Nodes of one type in one block, and the distribution that negatives are drawn from. */
typedef struct node_block {
    uint32_t *member; // (negatives.n) node numbers
    alias_table negatives;
} node_block;

typedef struct epoch {
    const bipartite *graph;
    const skipgram_options *options;
    skipgram_table *table;
    walk_plan plan;
    uint64_t seed;
    uint32_t n_blocks;
    uint8_t *block_of;            // (n_nodes)
    node_block *users, *products; // (n_blocks)
    // one chunk of walks
    size_t first_walk, n_walks, chunk;
    float rate;
    node_pair
        *drawn; // (pieces, WALKS_PER_PIECE * walk_length * PAIRS_PER_STEP) pairs in walk order
    node_pair *sorted;  // the same pairs by cell
    size_t *offset;     // (cells, pieces): where a piece's pairs of a cell go
    size_t *cell_start; // (cells + 1)
    uint32_t *n_drawn;  // (pieces)
    size_t n_pieces;
    uint32_t round;
} epoch;

uint32_t skipgram_stride(uint32_t dim) {
    return (dim + FLOATS_PER_LINE - 1) / FLOATS_PER_LINE * FLOATS_PER_LINE;
}

lb_status skipgram_table_new(const bipartite *g, uint32_t dim, uint64_t seed, skipgram_table *out) {
    skipgram_table t = {.stride = skipgram_stride(dim)};
    lb_status status = LB_OK;
    size_t n = bipartite_nodes(g);
    LB_TRY_CLEANUP(NEW_ARRAY(t.x, n * t.stride));
    LB_TRY_CLEANUP(NEW_ARRAY(t.bias, g->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(t.prior, (size_t)g->n_products * t.stride));
    for (size_t v = 0; v < n; v++) {
        random_stream r = random_open(seed, "skipgram start", v);
        for (uint32_t d = 0; d < dim; d++) t.x[v * t.stride + d] = (float)(0.1 * random_normal(&r));
    }
    *out = t;
    return LB_OK;
cleanup:
    skipgram_table_free(&t);
    return status;
}

void skipgram_table_free(skipgram_table *t) {
    free(t->x);
    free(t->bias);
    free(t->prior);
    *t = (skipgram_table){0};
}

void skipgram_table_pack(skipgram_table *t, size_t n_rows, uint32_t dim) {
    for (size_t i = 1; t->stride != dim && i < n_rows; i++)
        memmove(t->x + i * dim, t->x + i * t->stride, dim * sizeof *t->x);
    t->stride = dim;
}

float skipgram_sigmoid(float z) {
    return sigmoid(z);
}

/* ---- blocks */

static uint32_t choose_blocks(const bipartite *g, const skipgram_options *options) {
    uint32_t smaller = g->n_users < g->n_products ? g->n_users : g->n_products;
    uint32_t n = options->blocks ? options->blocks : smaller / NODES_PER_BLOCK;
    return n < 1 ? 1 : n > MAX_BLOCKS ? MAX_BLOCKS : n;
}

/* Deals the nodes first..first+n-1 into blocks of about equal numbers of edges. Isolated nodes go
 * nowhere. */
static lb_status deal_nodes(epoch *e, uint32_t first, uint32_t n, node_block *blocks) {
    size_t load[MAX_BLOCKS] = {0};
    uint32_t size[MAX_BLOCKS] = {0}, *order = NULL;
    double *weight = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(order, n));
    LB_TRY_CLEANUP(NEW_ARRAY(weight, n));
    size_t typical = e->graph->n_edges / n + 1;
    random_stream r = random_open(e->seed, "blocks", first);
    random_permutation(&r, order, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = first + order[i], lightest = 0;
        size_t degree = bipartite_degree(e->graph, node);
        if (!degree) continue;
        for (uint32_t b = 1; b < e->n_blocks; b++)
            if (load[b] < load[lightest]) lightest = b;
        e->block_of[node] = (uint8_t)lightest;
        load[lightest] += degree + typical;
        size[lightest]++;
    }
    for (uint32_t b = 0; b < e->n_blocks; b++) {
        if (!size[b]) continue; // fewer nodes than blocks
        LB_TRY_CLEANUP(NEW_ARRAY(blocks[b].member, size[b]));
        uint32_t k = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t node = first + order[i];
            size_t degree = bipartite_degree(e->graph, node);
            if (!degree || e->block_of[node] != b) continue;
            blocks[b].member[k] = node;
            weight[k++] = pow((double)degree, e->options->negative_power);
        }
        LB_TRY_CLEANUP(alias_table_new(weight, k, &blocks[b].negatives));
    }
cleanup:
    free(order);
    free(weight);
    return status;
}

/* ---- pairs of a chunk of walks, sorted by cell */

static size_t cell_of(const epoch *e, node_pair p) {
    int user_centre = p.centre < e->graph->n_users;
    uint32_t user = user_centre ? p.centre : p.context,
             product = user_centre ? p.context : p.centre;
    return (size_t)e->block_of[user] * e->n_blocks + e->block_of[product];
}

static size_t piece_capacity(const epoch *e) {
    return (size_t)WALKS_PER_PIECE * e->options->walk_length * PAIRS_PER_STEP;
}

static uint32_t pairs_of_walk(const epoch *e, const uint32_t *walk, random_stream *r,
                              node_pair *out) {
    uint32_t n = 0, length = e->options->walk_length;
    float far = (float)e->options->far;
    for (uint32_t t = 0; t < length; t++) {
        if (t >= 3 && random_unit_f32(r) < far) out[n++] = (node_pair){walk[t], walk[t - 3]};
        if (t >= 1) out[n++] = (node_pair){walk[t], walk[t - 1]};
        if (t + 1 < length) out[n++] = (node_pair){walk[t], walk[t + 1]};
        if (t + 3 < length && random_unit_f32(r) < far)
            out[n++] = (node_pair){walk[t], walk[t + 3]};
    }
    return n;
}

static lb_status draw_piece(void *context, size_t piece, unsigned worker) {
    (void)worker;
    epoch *e = context;
    uint32_t length = e->options->walk_length, n = 0, *walk;
    node_pair *out = e->drawn + piece * piece_capacity(e);
    size_t begin = e->first_walk + piece * WALKS_PER_PIECE, last = e->first_walk + e->n_walks;
    LB_TRY(NEW_ARRAY(walk, length));
    for (size_t w = begin; w < begin + WALKS_PER_PIECE && w < last; w++) {
        random_stream r = random_open(e->seed, "pairs", w);
        walk_plan_run(&e->plan, w, w + 1, walk);
        n += pairs_of_walk(e, walk, &r, out + n);
    }
    free(walk);
    e->n_drawn[piece] = n;
    for (uint32_t k = 0; k < n; k++) e->offset[cell_of(e, out[k]) * e->n_pieces + piece]++;
    return LB_OK;
}

static lb_status sort_piece(void *context, size_t piece, unsigned worker) {
    (void)worker;
    epoch *e = context;
    const node_pair *pairs = e->drawn + piece * piece_capacity(e);
    for (uint32_t k = 0; k < e->n_drawn[piece]; k++)
        e->sorted[e->offset[cell_of(e, pairs[k]) * e->n_pieces + piece]++] = pairs[k];
    return LB_OK;
}

static lb_status draw_chunk(job *j, epoch *e) {
    size_t n_cells = (size_t)e->n_blocks * e->n_blocks, total = 0;
    e->n_pieces = (e->n_walks + WALKS_PER_PIECE - 1) / WALKS_PER_PIECE;
    memset(e->offset, 0, n_cells * e->n_pieces * sizeof *e->offset);
    LB_TRY(job_run(j, e->n_pieces, draw_piece, e));
    for (size_t cell = 0; cell < n_cells; cell++) {
        e->cell_start[cell] = total;
        for (size_t piece = 0; piece < e->n_pieces; piece++) {
            size_t n = e->offset[cell * e->n_pieces + piece];
            e->offset[cell * e->n_pieces + piece] = total;
            total += n;
        }
    }
    e->cell_start[n_cells] = total;
    return job_run(j, e->n_pieces, sort_piece, e);
}

/* ---- training */

/* A member of the block other than `positive`; there are at least two. */
static uint32_t draw_negative(const node_block *contexts, uint32_t positive, random_stream *r) {
    for (int tries = 0; tries < REDRAWS; tries++) {
        uint32_t q = contexts->member[alias_draw(&contexts->negatives, r)];
        if (q != positive) return q;
    }
    uint32_t i = (uint32_t)random_below(r, contexts->negatives.n - 1);
    return contexts->member[contexts->member[i] == positive ? contexts->negatives.n - 1 : i];
}

/* Negatives of the next `left` pairs of one direction: rows that several pairs use while they are
 * in the cache cost less than rows drawn for each (Ji et al. 2016, "Parallelizing Word2Vec in
 * Shared and Distributed Memory"). */
typedef struct shared_draw {
    uint32_t *negative; // (negatives) node numbers
    uint32_t left;
} shared_draw;

/* A pair whose contexts are drawn: its own, then the negatives. */
typedef struct drawn_pair {
    uint32_t centre;
    uint32_t *context; // (1 + negatives) node numbers
} drawn_pair;

/* The rows are far apart in tables much larger than the cache, so each is asked for some pairs
 * before it is needed. */
static void prefetch_row(const float *row, uint32_t stride) {
    for (uint32_t d = 0; d < stride; d += FLOATS_PER_LINE) __builtin_prefetch(row + d, 1);
}

static void prefetch_node(const epoch *e, uint32_t node) {
    uint32_t stride = e->table->stride, n_users = e->graph->n_users;
    prefetch_row(e->table->x + (size_t)node * stride, stride);
    if (node >= n_users) prefetch_row(e->table->prior + (size_t)(node - n_users) * stride, stride);
}

static void draw_shared(const epoch *e, const node_block *contexts, random_stream *r,
                        shared_draw *out) {
    out->left = SKIPGRAM_PAIRS_PER_DRAW;
    for (uint32_t k = 0; k < e->options->negatives; k++) {
        out->negative[k] = contexts->member[alias_draw(&contexts->negatives, r)];
        prefetch_node(e, out->negative[k]);
    }
}

static void draw_contexts(const epoch *e, node_pair pair, const node_block *contexts,
                          random_stream *r, shared_draw *shared, drawn_pair *out) {
    prefetch_node(e, pair.centre);
    prefetch_node(e, pair.context);
    if (!shared->left) draw_shared(e, contexts, r, shared);
    shared->left--;
    out->centre = pair.centre;
    out->context[0] = pair.context;
    for (uint32_t k = 0; k < e->options->negatives; k++) {
        uint32_t q = shared->negative[k];
        out->context[k + 1] = q == pair.context ? draw_negative(contexts, pair.context, r) : q;
    }
}

/* One pair: the context against `negatives` others of its type, then the centre. Follows the
 * design's recipe; `g` is scratch of 2 strides. */
static void train_pair(const epoch *e, const math_kernels *math, const drawn_pair *pair, float *g) {
    const skipgram_table *t = e->table;
    uint32_t stride = t->stride, n_users = e->graph->n_users;
    float *xv = t->x + (size_t)pair->centre * stride, decay = e->rate * (float)e->options->lambda;
    bool to_product = pair->context[0] >= n_users;
    const math_sgns contexts = {
        .x = t->x,
        .first = to_product ? n_users : 0,
        .bias = to_product ? t->bias : NULL,
        .prior = to_product ? t->prior : NULL,
        .rate = e->rate,
        .decay = decay,
        .dim = stride,
    };
    memset(g, 0, stride * sizeof *g);
    math->sgns_contexts(&contexts, xv, g, pair->context, e->options->negatives + 1);
    const float *prior = to_product ? NULL : t->prior + (size_t)(pair->centre - n_users) * stride;
    math->sgns_update(xv, g + stride, g, prior, 1.0f, decay, stride);
}

/* What drawing the pairs of a cell takes. */
typedef struct cell_draws {
    uint32_t *storage;
    drawn_pair ring[PAIRS_AHEAD];
    shared_draw shared[2]; // to users, to products
} cell_draws;

static lb_status new_draws(uint32_t negatives, cell_draws *out) {
    size_t width = negatives + 1;
    memset(out, 0, sizeof *out);
    LB_TRY(NEW_ARRAY(out->storage, PAIRS_AHEAD * width + 2 * (size_t)negatives));
    for (size_t i = 0; i < PAIRS_AHEAD; i++) out->ring[i].context = out->storage + i * width;
    for (size_t i = 0; i < 2; i++)
        out->shared[i].negative = out->storage + PAIRS_AHEAD * width + i * negatives;
    return LB_OK;
}

/* The pairs begin..end-1 of one cell, contexts drawn PAIRS_AHEAD before they are trained. */
static void train_pairs(const epoch *e, size_t begin, size_t end, uint32_t users, uint32_t products,
                        random_stream *r, cell_draws *d, float *g) {
    const math_kernels *math = math_table();
    size_t trained = 0, drawn = 0;
    for (size_t k = begin; k < end; k++) {
        node_pair pair = e->sorted[k];
        bool to_product = pair.context >= e->graph->n_users;
        const node_block *contexts = to_product ? &e->products[products] : &e->users[users];
        if (contexts->negatives.n < 2) continue; // they would only be driven together
        if (drawn - trained == PAIRS_AHEAD)
            train_pair(e, math, &d->ring[trained++ % PAIRS_AHEAD], g);
        draw_contexts(e, pair, contexts, r, &d->shared[to_product],
                      &d->ring[drawn++ % PAIRS_AHEAD]);
    }
    while (trained < drawn) train_pair(e, math, &d->ring[trained++ % PAIRS_AHEAD], g);
}

static lb_status train_cell(void *context, size_t item, unsigned worker) {
    (void)worker;
    const epoch *e = context;
    uint32_t users = (uint32_t)item, products = (users + e->round) % e->n_blocks;
    size_t cell = (size_t)users * e->n_blocks + products;
    random_stream r = random_open(e->seed, "negatives",
                                  (e->chunk * MAX_BLOCKS + users) * MAX_BLOCKS + products);
    cell_draws draws;
    float *g = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(new_draws(e->options->negatives, &draws));
    LB_TRY_CLEANUP(NEW_ARRAY(g, 2 * (size_t)e->table->stride));
    train_pairs(e, e->cell_start[cell], e->cell_start[cell + 1], users, products, &r, &draws, g);
cleanup:
    free(g);
    free(draws.storage);
    return status;
}

static lb_status allocate_chunk(epoch *e, size_t walks_per_chunk) {
    size_t cells = (size_t)e->n_blocks * e->n_blocks;
    size_t pieces = (walks_per_chunk + WALKS_PER_PIECE - 1) / WALKS_PER_PIECE;
    LB_TRY(NEW_ARRAY(e->drawn, pieces * piece_capacity(e)));
    LB_TRY(NEW_ARRAY(e->sorted, pieces * piece_capacity(e)));
    LB_TRY(NEW_ARRAY(e->offset, pieces * cells));
    LB_TRY(NEW_ARRAY(e->cell_start, cells + 1));
    return NEW_ARRAY(e->n_drawn, pieces);
}

/* `done`: the part of all epochs. How many pairs that is is known in the mean. */
static lb_status say_pairs(job *j, const epoch *e, double done) {
    const skipgram_options *o = e->options;
    double near = o->walk_length - 1, far = o->walk_length > 3 ? o->walk_length - 3 : 0;
    double all = (2 * near + 2 * o->far * far) * (double)e->plan.n_walks * o->epochs;
    return job_progress(j, "skip-gram", "pairs", (uint64_t)(done * all), (uint64_t)all);
}

static lb_status train_chunks(job *j, epoch *e, uint32_t number) {
    const skipgram_options *o = e->options;
    double pairs_per_walk = o->walk_length * (2 + 2 * o->far);
    size_t per_chunk =
        (size_t)(PAIRS_PER_CELL * (double)e->n_blocks * e->n_blocks / pairs_per_walk) + 1;
    size_t n_walks = e->plan.n_walks;
    LB_TRY(allocate_chunk(e, per_chunk));
    for (e->chunk = 0; e->first_walk < n_walks; e->chunk++, e->first_walk += per_chunk) {
        e->n_walks = n_walks - e->first_walk < per_chunk ? n_walks - e->first_walk : per_chunk;
        double done = (number + (double)e->first_walk / (double)n_walks) / o->epochs;
        LB_TRY(say_pairs(j, e, done));
        e->rate = (float)(o->rate + (o->last_rate - o->rate) * done);
        LB_TRY(draw_chunk(j, e));
        for (e->round = 0; e->round < e->n_blocks; e->round++)
            LB_TRY(job_run(j, e->n_blocks, train_cell, e));
    }
    return say_pairs(j, e, (number + 1.0) / o->epochs);
}

static void free_blocks(node_block *blocks, uint32_t n) {
    for (uint32_t b = 0; blocks && b < n; b++) {
        free(blocks[b].member);
        alias_table_free(&blocks[b].negatives);
    }
    free(blocks);
}

lb_status skipgram_epoch(job *j, const bipartite *g, const skipgram_options *options,
                         uint32_t number, uint64_t seed, skipgram_table *t) {
    random_stream stream = random_open(seed, "skipgram epoch", number);
    epoch e = {.graph = g, .options = options, .table = t, .seed = random_u64(&stream)};
    e.n_blocks = choose_blocks(g, options);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(walk_plan_new(g, options->walks, options->walk_length, 0, e.seed, &e.plan));
    LB_TRY_CLEANUP(say_pairs(j, &e, (double)number / options->epochs));
    LB_TRY_CLEANUP(NEW_ARRAY(e.block_of, bipartite_nodes(g)));
    LB_TRY_CLEANUP(NEW_ARRAY(e.users, e.n_blocks));
    LB_TRY_CLEANUP(NEW_ARRAY(e.products, e.n_blocks));
    LB_TRY_CLEANUP(deal_nodes(&e, 0, g->n_users, e.users));
    LB_TRY_CLEANUP(deal_nodes(&e, g->n_users, g->n_products, e.products));
    LB_TRY_CLEANUP(train_chunks(j, &e, number));
cleanup:
    walk_plan_free(&e.plan);
    free_blocks(e.users, e.n_blocks);
    free_blocks(e.products, e.n_blocks);
    free(e.block_of);
    free(e.drawn);
    free(e.sorted);
    free(e.offset);
    free(e.cell_start);
    free(e.n_drawn);
    return status;
}
