#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/look.h"
#include "model/tensors.h"

enum { NAME_BYTES = 64 };

static const char *name_of(const char *part, const char *what, char name[NAME_BYTES]) {
    snprintf(name, NAME_BYTES, "%s.feature_%s", part, what);
    return name;
}

lb_status look_space_write(const look_space *s, const char *part, st_writer *w) {
    char name[NAME_BYTES];
    LB_TRY(tensor_write_rows(w, name_of(part, "start", name), s->n_features + 1, s->start));
    LB_TRY(tensor_write_f32(w, name_of(part, "share", name), 1, s->n_features, s->share));
    return tensor_write_f32(w, name_of(part, "mean", name), 1, s->dim, s->mean);
}

/* Whether features follow each other from 0 on, each with a share between 0 and 1. */
static bool is_layout(const uint32_t *start, const float *share, size_t n_features) {
    if (start[0]) return false;
    for (size_t f = 0; f < n_features; f++)
        if (start[f] >= start[f + 1] || !(share[f] >= 0 && share[f] <= 1)) return false;
    return true;
}

lb_status look_space_read(const st_reader *r, const char *part, look_space *s) {
    uint32_t *start = NULL;
    float *share = NULL;
    size_t n = 0;
    char name[NAME_BYTES];
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(
        tensor_read_rows(r, name_of(part, "start", name), ST_ANY, UINT32_MAX, &start, &n));
    if (n < 2 || n > LOOK_MAX_FEATURES + 1) {
        status = status_fail(LB_E_FORMAT,
                             "%s has %zu values, 2 to %d are possible; "
                             "train the model again",
                             name, n, LOOK_MAX_FEATURES + 1);
        goto cleanup;
    }
    LB_TRY_CLEANUP(tensor_read_f32(r, name_of(part, "share", name), 1, n - 1, &share, NULL, NULL));
    if (!is_layout(start, share, n - 1)) {
        status = status_fail(LB_E_FORMAT,
                             "%s.feature_start or %s is not possible; train the model again", part,
                             name);
        goto cleanup;
    }
    s->n_features = (uint32_t)n - 1;
    memcpy(s->start, start, n * sizeof *start);
    memcpy(s->share, share, (n - 1) * sizeof *share);
    s->dim = start[n - 1];
    LB_TRY_CLEANUP(
        tensor_read_f32(r, name_of(part, "mean", name), 1, s->dim, &s->mean, NULL, NULL));
cleanup:
    free(start);
    free(share);
    return status;
}
