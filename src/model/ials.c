#include "model/ials.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "graph/bipartite.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "model/density.h"
#include "model/tensors.h"

enum { ROWS_PER_PIECE = 32, MAX_DIM = 1024 };

static const double FIRST_SPREAD = 0.1; // of a factor's length at the start (Rendle et al.: 0.1)

#define FIELD(member) offsetof(ials_options, member)

static const option_field fields[] = {
    {"dim", OPTION_INT, FIELD(dim), 64, 1, MAX_DIM, NULL, "length of the factors"},
    {"iterations", OPTION_INT, FIELD(iterations), 16, 1, 1000, NULL,
     "passes over users and products"},
    {"alpha", OPTION_REAL, FIELD(alpha), 0, 0, 1e3, NULL,
     "weight of a pair that was not observed; observed ones have 1 more; 0 = by density"},
    {"l2", OPTION_REAL, FIELD(l2), 0, 0, 1e6, NULL,
     "regularisation; 0 = in proportion to what chance gives in data so dense"},
    {"power", OPTION_REAL, FIELD(power), 1, 0, 2, NULL,
     "regularisation grows with the pairs of a row to this power"},
    {"ridge", OPTION_REAL, FIELD(ridge), 10, 1e-6, 1e9, NULL,
     "ridge of the regression from features to factors"},
};

enum { N_FIELDS = sizeof fields / sizeof *fields };

const option_table ials_option_table = {fields, N_FIELDS - 1, sizeof(ials_options)};
const option_table content_option_table = {fields, N_FIELDS, sizeof(ials_options)};

void ials_free(void *state) {
    ials_model *m = state;
    if (!m) return;
    free(m->user);
    free(m->product);
    free(m->gram);
    free(m->warm);
    free(m->cold);
    free(m->warm_vector);
    free(m->cold_vector);
    free(m);
}

/* ---- options */

ials_options ials_settle(const ials_options *options, const split *s) {
    ials_options o = *options;
    density d = density_of(s);
    double cells = fmax(d.n_users * d.n_products, 1);
    if (o.alpha <= 0) o.alpha = fmin(fmax(10 * d.n_train / cells, 1e-6), 0.4);
    if (o.l2 <= 0) {
        double users = d.per_product + o.alpha * d.n_users,
               products = d.per_user + o.alpha * d.n_products,
               level = 0.8 * pow(d.n_train / fmax(d.n_users, 1), -0.15);
        o.l2 = fmax(level * d.edge * pow(fmax(users * products, 1), -0.5 * o.power), 1e-9);
    }
    return o;
}

/* ---- one row: (sum h h^T + alpha G + l2 c^power I) w = sum of h over what was observed as 1 */

/* What a row is solved against. */
typedef struct normal_equations {
    size_t dim;
    double alpha, l2, power;
    const double *gram; // (dim, dim) of all rows of the other side, lower triangle
    size_t n_other;     // of these rows: those with interactions
} normal_equations;

static void start_row(const normal_equations *e, size_t n_observed, double *matrix) {
    double pairs = (double)n_observed + e->alpha * (double)e->n_other;
    for (size_t i = 0; i < e->dim * e->dim; i++) matrix[i] = e->alpha * e->gram[i];
    for (size_t d = 0; d < e->dim; d++) matrix[d * e->dim + d] += e->l2 * pow(pairs, e->power);
}

/* Adds h h^T, h being (dim). */
static void observe(const normal_equations *e, const double *h, double *matrix) {
    const math_kernels *math = math_table();
    for (size_t a = 0; a < e->dim; a++) math->axpy_f64(matrix + a * e->dim, h[a], h, a + 1);
}

/* w (dim) holds the right side and becomes the solution. */
static lb_status solve_row(const normal_equations *e, double *matrix, double *w) {
    LB_TRY(cholesky_factor(NULL, matrix, e->dim));
    return cholesky_solve(NULL, matrix, e->dim, w, 1);
}

/* ---- a half-step: all rows of one side */

typedef struct half_step {
    normal_equations equations;
    const bipartite *graph;
    double *x;      // (n_nodes, dim) the factors of both sides
    size_t first;   // node of the first row
    double *matrix; // (threads, dim, dim) scratch
} half_step;

static lb_status solve_rows(void *context, size_t begin, size_t end, unsigned worker) {
    const half_step *h = context;
    const bipartite *g = h->graph;
    const normal_equations *e = &h->equations;
    const size_t dim = e->dim;
    double *matrix = h->matrix + worker * dim * dim;
    for (size_t node = h->first + begin; node < h->first + end; node++) {
        size_t n = bipartite_degree(g, node);
        double *w = h->x + node * dim;
        memset(w, 0, dim * sizeof *w);
        if (!n) continue;
        start_row(e, n, matrix);
        for (size_t k = g->start[node]; k < g->start[node + 1]; k++) {
            const double *other = h->x + g->neighbour[k] * dim;
            observe(e, other, matrix);
            vec_axpy_f64(w, 1, other, dim);
        }
        LB_TRY(solve_row(e, matrix, w));
    }
    return LB_OK;
}

static size_t count_active(const bipartite *g, size_t first, size_t n) {
    size_t active = 0;
    for (size_t i = 0; i < n; i++) active += bipartite_degree(g, first + i) > 0;
    return active;
}

/* Solves for the users, or for the products, with the other side fixed. `gram` is scratch. */
static lb_status run_half_step(job *j, half_step *h, int users, double *gram) {
    const bipartite *g = h->graph;
    size_t n_rows = users ? g->n_users : g->n_products;
    size_t n_other = users ? g->n_products : g->n_users, other = users ? g->n_users : 0;
    h->first = users ? 0 : g->n_users;
    h->equations.gram = gram;
    h->equations.n_other = count_active(g, other, n_other);
    // rows without interactions are zero and add nothing
    LB_TRY(matrix_gram_f64(j, 1, h->equations.dim, n_other, 1, h->x + other * h->equations.dim,
                           h->equations.dim, 0, gram, h->equations.dim));
    return job_run_range(j, n_rows, ROWS_PER_PIECE, solve_rows, h);
}

/* ---- training */

static void random_start(const bipartite *g, size_t dim, uint64_t seed, double *x) {
    double spread = FIRST_SPREAD / sqrt((double)dim);
    for (size_t node = 0; node < bipartite_nodes(g); node++) {
        random_stream r = random_open(seed, "ials factors", node);
        if (!bipartite_degree(g, node)) continue;
        for (size_t d = 0; d < dim; d++) x[node * dim + d] = spread * random_normal(&r);
    }
}

/* All iterations on h->x; at the end the products are rounded to float as the model keeps them, and
 * the users solved against these: so that a fold-in of a user's history gives the user. */
static lb_status iterate(job *j, half_step *h, int iterations) {
    const size_t dim = h->equations.dim;
    double *products = h->x + (size_t)h->graph->n_users * dim, *gram;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(gram, dim * dim));
    for (int i = 0; i < iterations; i++) {
        LB_TRY_CLEANUP(run_half_step(j, h, 1, gram));
        LB_TRY_CLEANUP(run_half_step(j, h, 0, gram));
        LB_TRY_CLEANUP(
            job_progress(j, "ials", "iterations", (uint64_t)i + 1, (uint64_t)iterations));
    }
    for (size_t i = 0; i < h->graph->n_products * dim; i++)
        products[i] = (double)(float)products[i];
    LB_TRY_CLEANUP(run_half_step(j, h, 1, gram));
cleanup:
    free(gram);
    return status;
}

/* Everything that follows from the factors. */
static lb_status finish(ials_model *m, const uint32_t *degree) {
    size_t dim = m->dim;
    double *rows;
    LB_TRY(NEW_ARRAY(m->warm, m->n_products));
    for (uint32_t p = 0; p < m->n_products; p++)
        if (degree[p]) m->warm[m->n_warm++] = p;
    LB_TRY(NEW_ARRAY(m->warm_vector, m->n_warm * dim));
    LB_TRY(NEW_ARRAY(m->gram, dim * dim));
    LB_TRY(NEW_ARRAY(rows, m->n_warm * dim));
    for (size_t i = 0; i < m->n_warm; i++) {
        const float *from = m->product + m->warm[i] * dim;
        memcpy(m->warm_vector + i * dim, from, dim * sizeof *from);
        for (size_t d = 0; d < dim; d++) rows[i * dim + d] = (double)from[d];
    }
    lb_status status = matrix_gram_f64(NULL, 1, dim, m->n_warm, 1, rows, dim, 0, m->gram, dim);
    free(rows);
    return status;
}

lb_status ials_train(job *j, const fit_input *in, const ials_options *options, ials_model **out) {
    const split *s = in->split;
    const ials_options o = ials_settle(options, s);
    size_t dim = (size_t)o.dim;
    half_step h = {.equations = {dim, o.alpha, o.l2, o.power, NULL, 0}};
    bipartite *g = NULL;
    ials_model *m = NULL;
    lb_status status = LB_OK;
    if (s->n_train == 0) return status_fail(LB_E_EMPTY, "no interactions to learn from");
    LB_TRY_CLEANUP(bipartite_new(s->n_users, s->n_products, s->user_start, s->product, NULL, &g));
    h.graph = g;
    job_note(j, "ials", "alpha %.3g, l2 %.3g", o.alpha, o.l2);
    LB_TRY_CLEANUP(NEW_ARRAY(m, 1));
    m->n_users = s->n_users;
    m->n_products = s->n_products;
    m->dim = (uint32_t)dim;
    m->alpha = o.alpha;
    m->l2 = o.l2;
    m->power = o.power;
    LB_TRY_CLEANUP(NEW_ARRAY(m->user, s->n_users * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(m->product, s->n_products * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(h.x, bipartite_nodes(g) * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(h.matrix, job_threads(j) * dim * dim));
    random_start(g, dim, in->seed, h.x);
    LB_TRY_CLEANUP(iterate(j, &h, o.iterations));
    for (size_t i = 0; i < s->n_users * dim; i++) m->user[i] = (float)h.x[i];
    for (size_t i = 0; i < s->n_products * dim; i++)
        m->product[i] = (float)h.x[s->n_users * dim + i];
    LB_TRY_CLEANUP(finish(m, s->degree));
    *out = m;
    m = NULL;
cleanup:
    free(h.matrix);
    free(h.x);
    bipartite_free(g);
    ials_free(m);
    return status;
}

lb_status ials_place_cold(ials_model *m, uint32_t *cold, uint32_t n) {
    size_t dim = m->dim;
    m->cold = cold;
    m->n_cold = n;
    LB_TRY(NEW_ARRAY(m->cold_vector, n * dim));
    for (size_t i = 0; i < n; i++)
        memcpy(m->cold_vector + i * dim, m->product + cold[i] * dim, dim * sizeof *m->product);
    return LB_OK;
}

/* ---- queries */

lb_status ials_query_user(const void *state, const model_common *common, uint32_t user,
                          float *const query[MODEL_MAX_PARTS]) {
    const ials_model *m = state;
    (void)common;
    for (int i = 0; i < (m->cold ? 2 : 1); i++)
        memcpy(query[i], m->user + (size_t)user * m->dim, m->dim * sizeof **query);
    return LB_OK;
}

/* What somebody's row observes: products in ascending order, each once. */
typedef struct observed {
    uint32_t *product;
    uint8_t *liked;
    size_t n;
} observed;

/* The history and what was said since, which decides where both speak. */
static lb_status gather(const ials_model *m, const model_common *common, const taste *who,
                        observed *out) {
    enum { NOTHING, DISLIKED, LIKED };
    uint8_t *mark;
    LB_TRY(NEW_ARRAY(mark, m->n_products));
    if (who->user >= 0)
        for (uint32_t k = common->user_start[who->user]; k < common->user_start[who->user + 1]; k++)
            mark[common->product[k]] = LIKED;
    for (size_t i = 0; i < who->n_liked; i++) mark[who->liked[i]] = LIKED;
    for (size_t i = 0; i < who->n_disliked; i++) mark[who->disliked[i]] = DISLIKED;
    size_t n = 0;
    for (uint32_t p = 0; p < m->n_products; p++) n += mark[p] != NOTHING;
    lb_status status = NEW_ARRAY(out->product, n);
    if (status == LB_OK) status = NEW_ARRAY(out->liked, n);
    for (uint32_t p = 0; p < m->n_products && status == LB_OK; p++) {
        if (mark[p] == NOTHING) continue;
        out->product[out->n] = p;
        out->liked[out->n++] = mark[p] == LIKED;
    }
    free(mark);
    return status;
}

static lb_status solve_observed(const ials_model *m, const observed *o, double *w) {
    const size_t dim = m->dim;
    normal_equations e = {dim, m->alpha, m->l2, m->power, m->gram, m->n_warm};
    double *matrix = NULL, *row = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(matrix, dim * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(row, dim));
    start_row(&e, o->n, matrix);
    for (size_t k = 0; k < o->n; k++) {
        const float *h = m->product + o->product[k] * dim;
        for (size_t d = 0; d < dim; d++) row[d] = (double)h[d];
        observe(&e, row, matrix);
        if (o->liked[k]) vec_axpy_f64(w, 1, row, dim);
    }
    LB_TRY_CLEANUP(solve_row(&e, matrix, w));
cleanup:
    free(matrix);
    free(row);
    return status;
}

lb_status ials_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]) {
    const ials_model *m = state;
    const size_t dim = m->dim;
    observed o = {0};
    double *w = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(gather(m, common, who, &o));
    LB_TRY_CLEANUP(NEW_ARRAY(w, dim));
    if (o.n) LB_TRY_CLEANUP(solve_observed(m, &o, w));
    for (int i = 0; i < (m->cold ? 2 : 1); i++)
        for (size_t d = 0; d < dim; d++) query[i][d] = (float)w[d];
cleanup:
    free(o.product);
    free(o.liked);
    free(w);
    return status;
}

const float *ials_embedding(const void *state, uint32_t *dim) {
    const ials_model *m = state;
    *dim = m->dim;
    return m->product;
}

const float *ials_user_embedding(const void *state, uint32_t *dim) {
    const ials_model *m = state;
    *dim = m->dim;
    return m->user;
}

/* ---- files */

lb_status ials_save(const void *state, st_writer *w) {
    const ials_model *m = state;
    LB_TRY(tensor_write_number(w, "ials.alpha", m->alpha));
    LB_TRY(tensor_write_number(w, "ials.l2", m->l2));
    LB_TRY(tensor_write_number(w, "ials.power", m->power));
    LB_TRY(tensor_write_f32(w, "ials.user", m->n_users, m->dim, m->user));
    return tensor_write_f32(w, "ials.product", m->n_products, m->dim, m->product);
}

lb_status ials_read(const st_reader *r, const model_common *common, ials_model **out) {
    ials_model *m;
    size_t dim;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(m, 1));
    m->n_users = common->n_users;
    m->n_products = common->n_products;
    LB_TRY_CLEANUP(tensor_read_number(r, "ials.alpha", &m->alpha));
    LB_TRY_CLEANUP(tensor_read_number(r, "ials.l2", &m->l2));
    LB_TRY_CLEANUP(tensor_read_number(r, "ials.power", &m->power));
    LB_TRY_CLEANUP(tensor_read_f32(r, "ials.user", m->n_users, ST_ANY, &m->user, NULL, &dim));
    if (dim < 1 || dim > MAX_DIM) {
        status = status_fail(LB_E_FORMAT, "tensor ials.user has %zu columns", dim);
        goto cleanup;
    }
    m->dim = (uint32_t)dim;
    LB_TRY_CLEANUP(
        tensor_read_f32(r, "ials.product", m->n_products, m->dim, &m->product, NULL, NULL));
    LB_TRY_CLEANUP(finish(m, common->degree));
    *out = m;
    m = NULL;
cleanup:
    ials_free(m);
    return status;
}

/* ---- the class */

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    (void)common;
    ials_model *m;
    LB_TRY(ials_train(j, in, options, &m));
    *state = m;
    return LB_OK;
}

static lb_status load(const st_reader *r, const model_common *common, void **state) {
    ials_model *m;
    LB_TRY(ials_read(r, common, &m));
    *state = m;
    return LB_OK;
}

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const ials_model *m = state;
    part[0] = (model_part){m->n_warm, m->dim, m->warm, m->warm_vector};
    return 1;
}

const model_class ials_class = {
    .name = "ials",
    .summary =
        "matrix factorisation by alternating least squares, warm products only (a reference)",
    .options = &ials_option_table,
    .fit = fit,
    .free = ials_free,
    .save = ials_save,
    .load = load,
    .parts = parts,
    .query_user = ials_query_user,
    .fold_in = ials_fold_in,
    .embedding = ials_embedding,
    .user_embedding = ials_user_embedding,
};
