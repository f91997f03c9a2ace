#include "bench/cost.h"

#include <string.h>

#include "model/paper.h"
#include "model/skipgram.h"
#include "model/vasg.h"

/* The networks of either model; NULL if it has none. */
static const mlp *network_of(const model *m, bool decoder) {
    if (m->class == &vasg_class) {
        const vasg_model *v = m->state;
        return decoder ? v->decoder : v->encoder;
    }
    if (m->class == &paper_class) {
        const paper_model *p = m->state;
        return decoder ? p->decoder : p->encoder;
    }
    return NULL;
}

static double weights_of(const mlp *net, bool but_first) {
    double n = 0;
    for (size_t i = but_first; i < mlp_n_layers(net); i++) {
        mlp_layer l = mlp_layer_at(net, i);
        n += (double)l.in * (double)l.out;
    }
    return n;
}

/* A product forward, the gradient of its weights and that of its inputs: two operations a weight
 * each. The first layer's inputs need none. */
static double decoder_work(const model *m) {
    const mlp *d = network_of(m, true);
    return d ? 4 * weights_of(d, false) + 2 * weights_of(d, true) : 0;
}

/* The same, and forth and back through the decoder, whose weights stay. */
static double encoder_work(const model *m) {
    const mlp *d = network_of(m, true), *e = network_of(m, false);
    if (!d || !e) return 0;
    return 4 * weights_of(e, false) + 2 * weights_of(e, true) + 4 * weights_of(d, false);
}

/* Bytes that a pair of Skip-Gram reads and writes: its centre, its context and its share of the
 * negatives that several pairs use, of half of these rows their priors too. */
static double pair_bytes(const model *m) {
    if (m->class != &vasg_class) return 0;
    const vasg_options *o = &((const vasg_model *)m->state)->options;
    double row = skipgram_stride((uint32_t)o->dim) * (double)sizeof(float);
    return (2 + (double)o->negatives / SKIPGRAM_PAIRS_PER_DRAW) * 2.5 * row;
}

static double score_work(const model *m) {
    model_part part[MODEL_MAX_PARTS];
    double work = 0;
    size_t n = m->class->parts ? m->class->parts(m->state, part) : 0;
    for (size_t p = 0; p < n; p++) work += 2.0 * part[p].n * part[p].dim;
    return work;
}

const char *cost_precision(const model *m) {
    const mlp *d = network_of(m, true);
    if (!d) return NULL;
    return dense_precision_name(mlp_precision(d));
}

void cost_of_stage(const cost_input *in, bench_row *row) {
    const clock_stage *s = &row->stage;
    const char *precision = cost_precision(in->model);
    bench_limit dense = precision && strcmp(precision, "bf16") == 0 ? BENCH_BF16 : BENCH_F32;
    const struct {
        const char *phase, *name;
        bench_limit limit;
        double work;
    } known[] = {
        {"read", "read features", BENCH_READ, s->amount},
        {"training", "skip-gram", BENCH_READ, s->amount * pair_bytes(in->model)},
        {"training", "decoder", dense, s->amount * decoder_work(in->model)},
        {"training", "encoder", dense, s->amount * encoder_work(in->model)},
        {"evaluate", "evaluate", BENCH_F32, s->amount * score_work(in->model)},
        {"search", "search", BENCH_READ, (double)in->searched->bytes},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].phase, s->phase) != 0 || strcmp(known[i].name, s->name) != 0) continue;
        if (!(known[i].work > 0)) continue;
        row->limit = known[i].limit;
        row->work = known[i].work;
    }
}
