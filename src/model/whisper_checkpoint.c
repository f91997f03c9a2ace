/*
 * Unfinished trainings of `whisper` (checkpoint.h). As long as the vasg inside is not finished the
 * checkpoint is that one's. From then on it holds, after each pass, the tensors of the vasg
 * (vasg_file.c) and
 *   whisper.parameters.K, .moment.K, .spread.K: the net's arrays in their order, Adam's moments
 *   whisper.best (n_parameters): the parameters of the best pass
 * and as numbers how many passes and steps were made, and what the best pass is worth.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/checkpoint.h"
#include "model/tensors.h"
#include "model/whisper.h"

enum { KINDS = 3, NAME_BYTES = 64 };

static const char *const kinds[KINDS] = {"parameters", "moment", "spread"};

static float *values_of(const whisper_array *a, int kind) {
    return kind == 0 ? a->w : kind == 1 ? a->moment : a->spread;
}

static void name_array(int kind, size_t k, char name[NAME_BYTES]) {
    snprintf(name, NAME_BYTES, "whisper.%s.%zu", kinds[kind], k);
}

/* ---- writing */

static lb_status add_net(st_writer *w, whisper_net *net) {
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n = whisper_net_arrays(net, a);
    char name[NAME_BYTES];
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t k = 0; k < n; k++) {
            name_array(kind, k, name);
            LB_TRY(tensor_write_f32(w, name, 1, a[k].n, values_of(&a[k], kind)));
        }
    LB_TRY(tensor_write_number(w, "whisper.steps", (double)net->steps));
    return tensor_write_number(w, "whisper.layer_steps", (double)whisper_net_layer_steps(net));
}

static lb_status add_passes(st_writer *w, const whisper_model *m, const whisper_passes *p) {
    LB_TRY(tensor_write_f32(w, "whisper.best", 1, p->n_parameters, p->parameters));
    LB_TRY(tensor_write_number(w, "whisper.merit", p->best));
    LB_TRY(tensor_write_number(w, "whisper.weight.warm", m->weight[0]));
    LB_TRY(tensor_write_number(w, "whisper.weight.cold", m->weight[1]));
    LB_TRY(tensor_write_number(w, "whisper.passes", p->done));
    LB_TRY(tensor_write_number(w, "whisper.since", p->since));
    LB_TRY(tensor_write_number(w, "whisper.watched", p->watched));
    return tensor_write_number(w, "whisper.batches", (double)p->step);
}

lb_status whisper_checkpoint_write(const fit_input *in, const model_common *common,
                                   whisper_model *m, const whisper_passes *p) {
    st_writer *w = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(checkpoint_new("whisper", in, common, &w));
    LB_TRY_CLEANUP(vasg_save(m->taste, w));
    LB_TRY_CLEANUP(tensor_write_number(w, "whisper.own_words", m->own_words));
    LB_TRY_CLEANUP(add_net(w, &m->net));
    LB_TRY_CLEANUP(add_passes(w, m, p));
    LB_TRY_CLEANUP(checkpoint_save(w, in));
cleanup:
    st_writer_free(w);
    return status;
}

/* ---- reading */

lb_status whisper_checkpoint_open(job *j, const fit_input *in, const model_common *common,
                                  st_reader **out) {
    bool own;
    *out = NULL;
    if (!in->checkpoint || !in->resume) return LB_OK;
    LB_TRY(checkpoint_is_of("whisper", in, &own));
    return own ? checkpoint_open(j, "whisper", in, common, out) : LB_OK;
}

lb_status whisper_checkpoint_taste(const st_reader *r, const model_common *common, curve *recorded,
                                   whisper_model *m) {
    uint64_t own_words;
    void *state;
    LB_TRY(checkpoint_count(r, "whisper.own_words", WORDS_DIM, &own_words));
    LB_TRY(vasg_load(r, common, &state));
    m->taste = state;
    m->own_words = (uint32_t)own_words;
    return curve_read(r, recorded);
}

static lb_status read_array(const st_reader *r, const char *name, size_t n, float *out) {
    float *values;
    LB_TRY(tensor_read_f32(r, name, 1, n, &values, NULL, NULL));
    if (n) memcpy(out, values, n * sizeof *out);
    free(values);
    return LB_OK;
}

static lb_status read_net(const st_reader *r, whisper_net *net) {
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n = whisper_net_arrays(net, a);
    char name[NAME_BYTES];
    uint64_t steps, layer_steps;
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t k = 0; k < n; k++) {
            name_array(kind, k, name);
            LB_TRY(read_array(r, name, a[k].n, values_of(&a[k], kind)));
        }
    LB_TRY(checkpoint_count(r, "whisper.steps", CHECKPOINT_MOST, &steps));
    LB_TRY(checkpoint_count(r, "whisper.layer_steps", CHECKPOINT_MOST, &layer_steps));
    whisper_net_set_steps(net, steps, layer_steps);
    whisper_net_changed(net);
    return LB_OK;
}

lb_status whisper_checkpoint_read(const st_reader *r, whisper_model *m, whisper_passes *p) {
    uint64_t done, since, watched, step;
    LB_TRY(read_net(r, &m->net));
    LB_TRY(read_array(r, "whisper.best", p->n_parameters, p->parameters));
    LB_TRY(tensor_read_number(r, "whisper.merit", &p->best));
    LB_TRY(tensor_read_number(r, "whisper.weight.warm", &m->weight[0]));
    LB_TRY(tensor_read_number(r, "whisper.weight.cold", &m->weight[1]));
    LB_TRY(checkpoint_count(r, "whisper.passes", (uint64_t)m->options.epochs, &done));
    LB_TRY(checkpoint_count(r, "whisper.since", done, &since));
    LB_TRY(checkpoint_count(r, "whisper.watched", 1, &watched));
    LB_TRY(checkpoint_count(r, "whisper.batches", CHECKPOINT_MOST, &step));
    p->done = (int)done;
    p->since = (int)since;
    p->watched = watched > 0;
    p->step = (size_t)step;
    return LB_OK;
}
