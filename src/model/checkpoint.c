#include "model/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/tensors.h"
#include "store/checksum.h"

static const char KEY[] = "valid_for";

/* What is asked for, as far as the model reads it. */
static uint64_t sum_requests(uint64_t sum, const request_set *set) {
    for (size_t i = 0; set && i < set->n; i++) {
        const request *q = &set->request[i];
        const uint32_t of[2] = {q->user, q->product};
        sum = checksum_bytes(sum, of, sizeof of);
        sum = checksum_bytes(sum, q->text, strlen(q->text));
    }
    return sum;
}

/* And what is written of products. */
static uint64_t sum_texts(uint64_t sum, const product_texts *t) {
    for (uint32_t p = 0; t && p < t->n; p++) {
        const char *const written[] = {t->title[p], t->category[p], t->brand[p]};
        for (size_t i = 0; i < sizeof written / sizeof *written; i++)
            sum = checksum_bytes(sum, written[i], written[i] ? strlen(written[i]) : 0);
    }
    return sum;
}

static lb_status describe(const char *name, const fit_input *in, const model_common *common,
                          char **out) {
    const split *s = in->split;
    const char *settings = common->settings ? common->settings : "";
    size_t size = strlen(name) + strlen(settings) + 256;
    char data[17];
    uint64_t sum = checksum_bytes(0, s->user_start, ((size_t)s->n_users + 1) * sizeof(uint32_t));
    sum = checksum_bytes(sum, s->product, s->n_train * sizeof(uint32_t));
    if (s->rating) sum = checksum_bytes(sum, s->rating, s->n_train * sizeof *s->rating);
    sum = sum_requests(sum_requests(sum, in->requests), in->valid_requests);
    checksum_text(sum_texts(sum, in->texts), data);
    LB_TRY(NEW_ARRAY(*out, size));
    snprintf(*out, size,
             "model=%s\n%sseed=%llu\nisa=%s\nusers=%u\nproducts=%u\nfeature=%s\ndata=%s\n", name,
             settings, (unsigned long long)in->seed, common->isa, common->n_users,
             common->n_products, common->feature, data);
    return LB_OK;
}

lb_status checkpoint_new(const char *name, const fit_input *in, const model_common *common,
                         st_writer **out) {
    st_writer *w = NULL;
    char *valid_for = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(st_writer_new(&w));
    LB_TRY_CLEANUP(describe(name, in, common, &valid_for));
    LB_TRY_CLEANUP(st_writer_metadata(w, KEY, valid_for));
    *out = w;
    w = NULL;
cleanup:
    st_writer_free(w);
    free(valid_for);
    return status;
}

lb_status checkpoint_save(st_writer *w, const fit_input *in) {
    double *curve_room = NULL;
    lb_status status = curve_write(w, in->curve, &curve_room);
    if (status == LB_OK) status = st_writer_save(w, in->checkpoint);
    free(curve_room);
    return status;
}

lb_status checkpoint_is_of(const char *name, const fit_input *in, bool *out) {
    st_reader *r;
    *out = false;
    lb_status status = st_reader_open(in->checkpoint, &r);
    if (status == LB_E_NOT_FOUND) return LB_OK;
    LB_TRY(status);
    const char *found = st_reader_metadata(r, KEY);
    size_t n = strlen(name);
    *out = found && strncmp(found, "model=", 6) == 0 && strncmp(found + 6, name, n) == 0 &&
           found[6 + n] == '\n';
    st_reader_close(r);
    return LB_OK;
}

lb_status checkpoint_open(job *j, const char *name, const fit_input *in, const model_common *common,
                          st_reader **out) {
    st_reader *r = NULL;
    char *valid_for = NULL;
    *out = NULL;
    lb_status status = st_reader_open(in->checkpoint, &r);
    if (status == LB_E_NOT_FOUND) {
        job_note(j, name, "no checkpoint to go on from: training from the start");
        return LB_OK;
    }
    LB_TRY(status);
    LB_TRY_CLEANUP(describe(name, in, common, &valid_for));
    const char *found = st_reader_metadata(r, KEY);
    if (!found || strcmp(found, valid_for) != 0) {
        status = status_fail(LB_E_MISMATCH,
                             "%s is of a training with other options, data or instruction-set "
                             "path: repeat those, or delete it and train without resuming",
                             in->checkpoint);
        goto cleanup;
    }
    *out = r;
    r = NULL;
cleanup:
    st_reader_close(r);
    free(valid_for);
    return status;
}

lb_status checkpoint_count(const st_reader *r, const char *key, uint64_t most, uint64_t *out) {
    double value;
    LB_TRY(tensor_read_number(r, key, &value));
    if (!(value >= 0 && value <= (double)most && value == floor(value)))
        return status_fail(LB_E_FORMAT, "checkpoint: %s is %g; delete it and train again", key,
                           value);
    *out = (uint64_t)value;
    return LB_OK;
}
