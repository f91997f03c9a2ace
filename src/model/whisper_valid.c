/* How well validation requests find their products, for several weights of the request at once. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/whisper.h"

static const double weights[] = {0, 0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8}; // of its own one

enum { N_WEIGHTS = sizeof weights / sizeof *weights, GRAIN = 4, MOST = 3000, FEWEST = 200 };
static const double MOST_SCORES = 2e7; // that requests times products may be
static const double ENOUGH = 30;       // requests that a weight can be chosen by

typedef struct valid_context {
    const fit_input *in;
    const model_common *common;
    const whisper_model *m;
    const whisper_lexicon *lexicon;
    const model_part *part;
    size_t step;                // every so many requests
    double (*found)[N_WEIGHTS]; // (n) reciprocal ranks
    uint8_t *which;             // (n) partition of the product that was meant
} valid_context;

double whisper_own_weight(const whisper_model *m) {
    double scale = fmin(exp((double)m->net.number[WHISPER_LOG_SCALE]), 100);
    double trust = (double)m->net.number[WHISPER_TRUST];
    return m->options.user ? scale : scale / fmax(trust, 0.01);
}

double whisper_merit(const whisper_score *s) {
    double sum = 0, n = 0;
    for (int i = 0; i < MODEL_MAX_PARTS; i++) {
        if (!s->n[i] || !(s->alone[i] > 0)) continue;
        sum += s->mrr[i] / s->alone[i];
        n++;
    }
    return n > 0 ? sum / n : 0;
}

/* Where a product stands in an ascending list; n if it is not there. */
static size_t find_row(const uint32_t *rows, size_t n, uint32_t row) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && rows[low] == row ? low : n;
}

/* Reciprocal ranks of the product at `at` among the candidates; asked and personal (n) scores. */
static void rank(const model_part *part, size_t at, const uint8_t *skip, const float *asked,
                 const float *personal, double own, double *found) {
    double better[N_WEIGHTS] = {0};
    for (size_t k = 0; k < part->n; k++) {
        double da = own * ((double)asked[k] - (double)asked[at]);
        double dp = (double)personal[k] - (double)personal[at];
        if (k == at || skip[k]) continue;
        for (int w = 0; w < N_WEIGHTS; w++) {
            double d = dp + weights[w] * da;
            better[w] += d > 0 ? 1 : d < 0 ? 0 : 0.5;
        }
    }
    for (int w = 0; w < N_WEIGHTS; w++) found[w] = 1 / (1 + better[w]);
}

static lb_status measure(const valid_context *c, size_t i) {
    const request *q = &c->in->valid_requests->request[i * c->step];
    const split *s = c->in->split;
    const whisper_model *m = c->m;
    int which = s->degree[q->product] ? 0 : 1;
    const model_part *part = &c->part[which];
    size_t dim = m->net.dim, width = part->dim, at = find_row(part->product, part->n, q->product);
    uint32_t first = s->user_start[q->user], n_history = s->user_start[q->user + 1] - first;
    float *speech = NULL, *query = NULL, *other = NULL, *asked = NULL, *personal = NULL;
    uint8_t *skip = NULL;
    lb_status status = LB_OK;
    c->which[i] = MODEL_MAX_PARTS;
    if (at == part->n) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(speech, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(query, width));
    LB_TRY_CLEANUP(NEW_ARRAY(other, c->part[1 - which].dim));
    LB_TRY_CLEANUP(NEW_ARRAY(asked, part->n));
    LB_TRY_CLEANUP(NEW_ARRAY(personal, part->n));
    LB_TRY_CLEANUP(NEW_ARRAY(skip, part->n));
    LB_TRY_CLEANUP(whisper_encode(m, c->in->reader, c->lexicon, q->text, s->product + first,
                                  n_history, speech));
    float *const to[MODEL_MAX_PARTS] = {which ? other : query, which ? query : other};
    if (!m->options.user) LB_TRY_CLEANUP(vasg_class.query_user(m->taste, c->common, q->user, to));
    for (size_t k = 0; k < part->n; k++) {
        uint32_t p = part->product[k];
        skip[k] = !s->in_catalogue[p];
        asked[k] = vec_dot(speech, m->z + (size_t)p * dim, dim);
        personal[k] = vec_dot(query, part->vector + k * width, width);
    }
    for (uint32_t k = 0; k < n_history && !which; k++)
        skip[find_row(part->product, part->n, s->product[first + k])] = 1;
    rank(part, at, skip, asked, personal, whisper_own_weight(m), c->found[i]);
    c->which[i] = (uint8_t)which;
cleanup:
    free(speech);
    free(query);
    free(other);
    free(asked);
    free(personal);
    free(skip);
    return status;
}

static lb_status measure_range(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    for (size_t i = begin; i < end; i++) LB_TRY(measure(context, i));
    return LB_OK;
}

static void sum_up(const valid_context *c, size_t n, whisper_score *out) {
    for (int p = 0; p < MODEL_MAX_PARTS; p++) {
        double mean[N_WEIGHTS] = {0};
        int best = 0;
        for (size_t i = 0; i < n; i++) {
            if (c->which[i] != p) continue;
            out->n[p]++;
            for (int w = 0; w < N_WEIGHTS; w++) mean[w] += c->found[i][w];
        }
        for (int w = 0; w < N_WEIGHTS && out->n[p]; w++) {
            mean[w] /= (double)out->n[p];
            if (mean[w] > mean[best]) best = w;
        }
        out->alone[p] = mean[0];
        out->mrr[p] = mean[best];
        if ((double)out->n[p] >= ENOUGH) out->weight[p] = weights[best] * whisper_own_weight(c->m);
    }
}

lb_status whisper_validate(job *j, const fit_input *in, const model_common *common,
                           const whisper_model *m, const whisper_lexicon *l, whisper_score *out) {
    model_part part[MODEL_MAX_PARTS];
    valid_context c = {in, common, m, l, part, 1, NULL, NULL};
    size_t all = in->valid_requests ? in->valid_requests->n : 0;
    double most = fmin(fmax(MOST_SCORES / (double)m->n_products, FEWEST), MOST);
    lb_status status = LB_OK;
    *out = (whisper_score){.weight = {whisper_own_weight(m), whisper_own_weight(m)}};
    vasg_class.parts(m->taste, part);
    while ((double)(all / c.step) > most) c.step++;
    size_t n = (all + c.step - 1) / c.step;
    if (!n) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(c.found, n));
    LB_TRY_CLEANUP(NEW_ARRAY(c.which, n));
    LB_TRY_CLEANUP(job_run_range(j, n, GRAIN, measure_range, &c));
    sum_up(&c, n, out);
cleanup:
    free(c.found);
    free(c.which);
    return status;
}
