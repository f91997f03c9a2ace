/* The heads of `vasg`: partitions, their vectors, and what puts both in one list. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"
#include "model/evaluation.h"
#include "model/vasg.h"

enum { SAMPLE_USERS = 500, USERS_PER_PIECE = 16, ENOUGH_PAIRS = 30, PLACE_BLOCK = 2048 };

static const double DEFAULT_OFFSET = 0.25;

/* ---- alpha: the spectral part's spread within a user, brought to a share of the Skip-Gram part's
 */

typedef struct scale_context {
    const vasg_model *m;
    const split *split;
    const uint32_t *user; // (n) sampled
    double (*spread)[3];  // (n): of the Skip-Gram part, the spectral part, the item-to-item part
} scale_context;

static lb_status measure_users(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const scale_context *c = context;
    const vasg_model *m = c->m;
    size_t dim = m->dim, rank = m->spectral.rank, items = m->spectral.n_items;
    size_t first = rank - items;
    for (size_t i = begin; i < end; i++) {
        const float *x = m->x + c->user[i] * dim, *q = m->spectral.user + c->user[i] * rank;
        double n = 0, sum[3] = {0}, squares[3] = {0};
        for (uint32_t p = 0; p < m->n_products; p++) {
            if (!c->split->degree[p]) continue;
            const float *g = m->spectral.product + p * rank;
            const float *place = m->x + ((size_t)m->n_users + p) * dim;
            double part[3] = {(double)(vec_dot(x, place, dim) + m->bias[p]),
                              (double)vec_dot(q, g, first),
                              (double)vec_dot(q + first, g + first, items)};
            for (int t = 0; t < 3; t++) {
                sum[t] += part[t];
                squares[t] += part[t] * part[t];
            }
            n++;
        }
        for (int t = 0; t < 3; t++)
            c->spread[i][t] = sqrt(fmax(0, squares[t] / n - (sum[t] / n) * (sum[t] / n)));
    }
    return LB_OK;
}

/* Brings the item-to-item part to a spread, alpha included. */
static void scale_items(vasg_model *m, double factor) {
    spectral_part *s = &m->spectral;
    for (size_t p = 0; p < m->n_products; p++)
        vec_scale(s->product + p * s->rank + s->rank - s->n_items, (float)factor, s->n_items);
}

lb_status vasg_spectral_scale(job *j, vasg_model *m, const split *s, double spectral_weight,
                              double item_weight, uint64_t seed) {
    uint32_t *order = NULL;
    double(*spread)[3] = NULL, sum[3] = {0};
    size_t n = 0;
    lb_status status = LB_OK;
    m->alpha = 0;
    LB_TRY_CLEANUP(NEW_ARRAY(order, s->n_users));
    LB_TRY_CLEANUP(NEW_ARRAY(spread, SAMPLE_USERS));
    for (uint32_t u = 0; u < s->n_users; u++)
        if (s->user_start[u] < s->user_start[u + 1]) order[n++] = u;
    random_stream r = random_open(seed, "spectral scale", 0);
    random_shuffle(&r, order, n);
    n = n < SAMPLE_USERS ? n : SAMPLE_USERS;
    scale_context c = {m, s, order, spread};
    LB_TRY_CLEANUP(job_run_range(j, n, USERS_PER_PIECE, measure_users, &c));
    for (size_t i = 0; i < n; i++)
        for (int t = 0; t < 3; t++) sum[t] += spread[i][t];
    if (sum[1] > 0)
        m->alpha = spectral_weight * sum[0] / sum[1];
    else if (sum[2] > 0)
        m->alpha = 1; // there is the item-to-item part alone
    if (m->alpha > 0 && sum[2] > 0) scale_items(m, item_weight * sum[0] / (m->alpha * sum[2]));
cleanup:
    free(order);
    free(spread);
    return status;
}

/* ---- partitions */

lb_status vasg_divide_products(vasg_model *m, const split *s) {
    size_t dim = m->dim;
    LB_TRY(NEW_ARRAY(m->warm, m->n_products));
    LB_TRY(NEW_ARRAY(m->unseen, m->n_products));
    LB_TRY(NEW_ARRAY(m->embedding, m->n_products * dim));
    for (uint32_t p = 0; p < m->n_products; p++) {
        if (!s->degree[p]) {
            m->unseen[m->n_cold++] = p;
            continue;
        }
        m->warm[m->n_warm++] = p;
        memcpy(m->embedding + p * dim, m->x + ((size_t)m->n_users + p) * dim,
               dim * sizeof *m->embedding);
    }
    return LB_OK;
}

static lb_status build_warm(vasg_model *m, const split *s) {
    size_t width = vasg_warm_width(m), dim = m->dim, rank = m->spectral.rank;
    float root = (float)sqrt(m->alpha);
    double weights = 0, edges = 0;
    float *popular;
    LB_TRY(NEW_ARRAY(m->warm_vector, m->n_warm * width));
    LB_TRY(NEW_ARRAY(m->mean_warm, width));
    LB_TRY(NEW_ARRAY(popular, width));
    for (size_t i = 0; i < m->n_warm; i++) {
        uint32_t p = m->warm[i];
        float *v = m->warm_vector + i * width;
        memcpy(v, m->x + ((size_t)m->n_users + p) * dim, dim * sizeof *v);
        vec_axpy(v + dim, root, m->spectral.product + p * rank, rank);
        v[width - 1] = m->bias[p];
        vec_axpy(m->mean_warm, (float)look_trust(s->degree[p]), v, width);
        vec_axpy(popular, (float)s->degree[p], v, width);
        weights += look_trust(s->degree[p]);
        edges += s->degree[p];
    }
    vec_scale(m->mean_warm, (float)(1 / weights), width);
    vec_scale(popular, (float)(1 / edges), width);
    m->gap = (double)(popular[width - 1] - m->mean_warm[width - 1]);
    free(popular);
    return LB_OK;
}

/* Places cold products, rows `row` of the looks, whose positions among the cold ones are `at`. */
static lb_status place_block(job *j, vasg_model *m, const look_table *l, const uint32_t *row,
                             const uint32_t *at, size_t n, float *feature, float *vector,
                             float *place) {
    size_t width = vasg_cold_width(m);
    look_view view = {l, row, false, 0};
    row_source rows = look_rows(&view, n);
    LB_TRY(rows_fetch(j, &rows, 0, n, feature));
    LB_TRY(cold_place(j, &m->cold, feature, n, vector, width, place));
    for (size_t i = 0; i < n; i++) {
        memcpy(m->cold_vector + at[i] * width, vector + i * width, (width - 1) * sizeof(float));
        memcpy(m->embedding + (size_t)l->product[row[i]] * m->dim, place + i * m->dim,
               m->dim * sizeof(float));
        m->level[l->product[row[i]]] = vector[i * width + m->dim];
    }
    return LB_OK;
}

/* Places the cold products that have a feature; l may be NULL. */
static lb_status build_cold(job *j, vasg_model *m, const look_table *l) {
    size_t width = vasg_cold_width(m), n = 0;
    float *feature = NULL, *vector = NULL, *place = NULL;
    uint32_t *row = NULL, *at = NULL; // (n) rows of the looks, positions among the cold products
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(m->cold_vector, m->n_cold * width));
    for (size_t i = 0; i < m->n_cold; i++) m->cold_vector[i * width + width - 1] = 1;
    if (!l) goto cleanup;
    LB_TRY_CLEANUP(NEW_ARRAY(feature, (size_t)PLACE_BLOCK * l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(vector, (size_t)PLACE_BLOCK * width));
    LB_TRY_CLEANUP(NEW_ARRAY(place, (size_t)PLACE_BLOCK * m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(row, l->n));
    LB_TRY_CLEANUP(NEW_ARRAY(at, l->n));
    for (uint32_t i = 0, c = 0; i < l->n; i++) { // both lists ascend
        while (c < m->n_cold && m->unseen[c] < l->product[i]) c++;
        if (c == m->n_cold || m->unseen[c] != l->product[i]) continue;
        row[n] = i;
        at[n++] = c;
    }
    for (size_t first = 0; first < n; first += PLACE_BLOCK) {
        LB_TRY_CLEANUP(job_progress(j, "cold products: places", "products", first, n));
        LB_TRY_CLEANUP(place_block(j, m, l, row + first, at + first,
                                   n - first < PLACE_BLOCK ? n - first : PLACE_BLOCK, feature,
                                   vector, place));
    }
cleanup:
    free(at);
    free(feature);
    free(vector);
    free(place);
    free(row);
    return status;
}

static lb_status build_looks(job *j, vasg_model *m, const look_table *l) {
    size_t width = m->cold.look_dim;
    float *looks;
    LB_TRY(NEW_ARRAY(m->product_look, m->n_products * width));
    LB_TRY(NEW_ARRAY(looks, l->n * width));
    look_view view = {l, NULL, false, 0};
    row_source rows = look_rows(&view, l->n);
    lb_status status = cold_look(j, &m->cold, &rows, looks);
    for (size_t i = 0; i < l->n; i++)
        memcpy(m->product_look + l->product[i] * width, looks + i * width, width * sizeof *looks);
    free(looks);
    return status;
}

lb_status vasg_build_parts(job *j, vasg_model *m, const split *s, const look_table *l) {
    LB_TRY(NEW_ARRAY(m->level, m->n_products));
    LB_TRY(build_warm(m, s));
    LB_TRY(job_progress(j, "components of all", "products", 0, m->n_products));
    if (l) LB_TRY(build_looks(j, m, l));
    LB_TRY(build_cold(j, m, l));
    return vasg_build_levels(m, s);
}

/* ---- queries */

void vasg_query(const vasg_model *m, const float *x, const float *q,
                float *const query[MODEL_MAX_PARTS]) {
    size_t dim = m->dim, rank = m->spectral.rank, warm = vasg_warm_width(m),
           cold = vasg_cold_width(m);
    float root = (float)sqrt(m->alpha);
    memcpy(query[0], x, dim * sizeof *x);
    for (size_t k = 0; k < rank; k++) query[0][dim + k] = root * q[k];
    query[0][warm - 1] = 1;
    if (m->has_look) cold_query(&m->cold, x, query[1]);
    query[1][cold - 2] = 1;
    query[1][cold - 1] = vec_dot(query[0], m->mean_warm, warm);
}

/* ---- the offset of cold products in mixed lists */

static void set_offset(vasg_model *m, double t) {
    size_t width = vasg_cold_width(m);
    for (size_t i = 0; i < m->n_cold; i++)
        m->cold_vector[i * width + width - 2] += (float)(t * m->gap - m->offset);
    m->offset = t * m->gap;
}

/* Whether the validation pairs can tell offsets apart. */
static bool enough_pairs(const split *s) {
    size_t n_cold = 0;
    for (size_t i = 0; i < s->n_valid; i++) n_cold += s->degree[s->valid[i].product] == 0;
    return n_cold >= ENOUGH_PAIRS && s->n_valid - n_cold >= ENOUGH_PAIRS;
}

/* The t that maximises warm-all plus cold-all AUC on the validation pairs. */
static lb_status try_offsets(job *j, vasg_model *m, const split *s, double *best) {
    enum { N_OFFSETS = 7 };
    static const double candidates[N_OFFSETS] = {0, 0.1, 0.25, 0.5, 0.75, 1, 1.5};
    model whole = {.class = &vasg_class, .state = m};
    whole.common.n_users = m->n_users;
    whole.common.n_products = m->n_products;
    eval_input in = evaluation_input(s, s->valid, s->n_valid, NULL, 0);
    double lifts[N_OFFSETS], best_sum = 0;
    eval_aucs found[N_OFFSETS];
    set_offset(m, 0);
    for (size_t i = 0; i < N_OFFSETS; i++) lifts[i] = candidates[i] * m->gap;
    LB_TRY(job_progress(j, "cold offset", "values", 0, N_OFFSETS));
    LB_TRY(eval_auc_lifts(j, &in, evaluation_score, &whole, lifts, N_OFFSETS, found));
    for (size_t i = 0; i < N_OFFSETS; i++) {
        double warm = found[i].auc[EVAL_WARM][EVAL_ALL], cold = found[i].auc[EVAL_COLD][EVAL_ALL];
        job_note(j, "vasg", "cold offset %.2f: validation AUC warm all %.4f, cold all %.4f",
                 candidates[i], warm, cold);
        if (warm + cold <= best_sum) continue;
        best_sum = warm + cold;
        *best = candidates[i];
    }
    return job_progress(j, "cold offset", "values", N_OFFSETS, N_OFFSETS);
}

lb_status vasg_choose_offset(job *j, vasg_model *m, const split *s) {
    double t = m->options.cold_offset;
    if (!m->has_look) {
        t = 0; // nothing tells cold products from the mean
    } else if (t < 0) {
        t = DEFAULT_OFFSET;
        split sampled;
        pair *room = NULL;
        lb_status status = evaluation_sample(s, VASG_VALIDATION, &sampled, &room);
        if (status == LB_OK && enough_pairs(&sampled)) status = try_offsets(j, m, &sampled, &t);
        free(room);
        LB_TRY(status);
    }
    set_offset(m, t);
    return LB_OK;
}
