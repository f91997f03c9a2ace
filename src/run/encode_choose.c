/* Which encoder of pictures the options ask for. */
#include <string.h>
#include <strings.h>

#include "data/dataset.h"
#include "media/onnx_encoder.h"
#include "run/encode_parts.h"

static bool is_network(const char *name) {
    size_t length = strlen(name);
    return length > 5 && strcasecmp(name + length - 5, ".onnx") == 0;
}

/* The file beside the network, then a preset, then single settings. */
static lb_status prepare(const lb_encode_options *o, preparation *p) {
    preparation_init(p);
    if (!o->preset) LB_TRY(onnx_encoder_sidecar(o->encoder, p));
    if (o->preset) LB_TRY(preparation_preset(p, o->preset));
    for (size_t i = 0; i < o->n_settings; i++) LB_TRY(preparation_set(p, o->settings[i]));
    return preparation_check(p);
}

static lb_status open_network(const lb_encode_options *o, encode_choice *out) {
    preparation p;
    LB_TRY(prepare(o, &p));
    LB_TRY(onnx_encoder_open_file(o->encoder, &p, o->onnx_library, &out->encoder));
    out->network = o->encoder;
    return LB_OK;
}

/* The encoder that the feature was made with. */
static lb_status open_same(const char *directory, const lb_encode_options *o, const char *name,
                           encode_choice *out) {
    dataset *d;
    feature_set f = {0};
    LB_TRY(dataset_open(directory, &d));
    lb_status status = dataset_feature_open(d, name, &f);
    if (status == LB_OK)
        status = image_encoder_open(f.encoder, directory, o->onnx_library, &out->encoder);
    if (status == LB_E_UNSUPPORTED) status = status_prefix(status, "feature \"%s\"", name);
    feature_set_close(&f);
    dataset_close(d);
    return status;
}

lb_status encode_choose(const char *directory, const lb_encode_options *o, const char *name,
                        encode_choice *out) {
    encode_choice choice = {NULL, NULL};
    const image_encoder *builtin = image_encoder_builtin();
    bool network = is_network(o->encoder), same = strcmp(o->encoder, "same") == 0;
    if (!network && (o->preset || o->n_settings))
        return status_fail(LB_E_ARGUMENT,
                           "preset and settings are of networks from .onnx files, not of the "
                           "encoder \"%s\"",
                           o->encoder);
    if (network)
        LB_TRY(open_network(o, &choice));
    else if (same)
        LB_TRY(open_same(directory, o, name, &choice));
    else if (strcmp(o->encoder, builtin->name) == 0)
        LB_TRY(image_encoder_open(builtin->identity, directory, NULL, &choice.encoder));
    else
        return status_fail(LB_E_ARGUMENT,
                           "there is no encoder \"%s\"; there are builtin, words, same (the one "
                           "that made the feature), and networks from files, FILE.onnx",
                           o->encoder);
    *out = choice;
    return LB_OK;
}
