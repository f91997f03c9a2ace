#include "model/encoders.h"

#include <stdio.h>
#include <string.h>

enum { KEY_SIZE = 96 };

/* The name at *list, after which *list is moved; false at the end. */
static bool next_name(const char **list, char name[65]) {
    size_t length = strcspn(*list, ",");
    if (!length || length > 64) return false;
    snprintf(name, 65, "%.*s", (int)length, *list);
    *list += length + ((*list)[length] == ',');
    return true;
}

static void make_key(const char *name, char key[KEY_SIZE]) {
    snprintf(key, KEY_SIZE, "lookbook.encoder.%s", name);
}

void encoders_take(const feature_set *f, size_t n, model_common *c) {
    for (size_t i = 0; i < n && i < DATASET_MAX_FEATURES; i++)
        memcpy(c->encoder[i], f[i].encoder, sizeof c->encoder[i]);
}

lb_status encoders_write(st_writer *w, const model_common *c) {
    const char *list = c->feature;
    char name[65], key[KEY_SIZE];
    for (size_t i = 0; i < DATASET_MAX_FEATURES && next_name(&list, name); i++) {
        if (strcmp(c->encoder[i], ENCODERS_UNKNOWN) == 0) continue;
        make_key(name, key);
        LB_TRY(st_writer_metadata(w, key, c->encoder[i]));
    }
    return LB_OK;
}

lb_status encoders_read(const st_reader *r, model_common *c) {
    const char *list = c->feature;
    char name[65], key[KEY_SIZE];
    for (size_t i = 0; next_name(&list, name); i++) {
        make_key(name, key);
        const char *identity = st_reader_metadata(r, key);
        if (!identity) identity = ENCODERS_UNKNOWN;
        if (i == DATASET_MAX_FEATURES || strlen(identity) >= sizeof c->encoder[i])
            return status_fail(LB_E_FORMAT, "the encoder of feature \"%s\" makes no sense", name);
        snprintf(c->encoder[i], sizeof c->encoder[i], "%s", identity);
    }
    return LB_OK;
}

static lb_status check_one(const char *identity, const char *name, const char *path,
                           const dataset *d) {
    feature_set f;
    if (strcmp(identity, ENCODERS_UNKNOWN) == 0) return LB_OK;
    LB_TRY(dataset_feature_open(d, name, &f));
    lb_status status = LB_OK;
    if (strcmp(identity, f.encoder) != 0)
        status = status_fail(LB_E_MISMATCH,
                             "%s was trained on a feature \"%s\" that was %s%.60s, and that of %s "
                             "now is %s%.60s: train the model again, or make the feature as it was",
                             path, name, *identity ? "made by " : "imported", identity,
                             dataset_directory(d), *f.encoder ? "made by " : "imported", f.encoder);
    feature_set_close(&f);
    return status;
}

lb_status encoders_check(const model_common *c, const char *path, const dataset *d) {
    const char *list = c->feature;
    char name[65];
    for (size_t i = 0; i < DATASET_MAX_FEATURES && next_name(&list, name); i++) {
        lb_status status = check_one(c->encoder[i], name, path, d);
        // A model may do without a feature that is gone; who needs it says so.
        if (status != LB_OK && status != LB_E_NOT_FOUND) return status;
    }
    return LB_OK;
}
