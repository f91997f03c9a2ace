#include "model/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "store/checksum.h"

static const char KEY[] = "valid_for";

static lb_status describe(const char *name, const fit_input *in, const model_common *common,
                          char **out) {
    const split *s = in->split;
    const char *settings = common->settings ? common->settings : "";
    size_t size = strlen(name) + strlen(settings) + 256;
    char data[17];
    uint64_t sum = checksum_bytes(0, s->user_start, ((size_t)s->n_users + 1) * sizeof(uint32_t));
    sum = checksum_bytes(sum, s->product, s->n_train * sizeof(uint32_t));
    if (s->rating) sum = checksum_bytes(sum, s->rating, s->n_train * sizeof *s->rating);
    checksum_text(sum, data);
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
