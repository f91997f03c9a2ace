/* Encoders by their identity, and pictures from memory. */
#include <string.h>

#include "core/memory.h"
#include "media/descriptor.h"
#include "media/onnx_encoder.h"

static lb_status encode_builtin(const image_encoder *encoder, const image *picture, float *out,
                                bool *blank) {
    (void)encoder;
    return descriptor_compute(picture, out, blank);
}

static const image_encoder builtin = {
    .name = "builtin",
    .identity = DESCRIPTOR_IDENTITY,
    .dim = DESCRIPTOR_DIM,
    .wanted = DESCRIPTOR_WANTED,
    .encode = encode_builtin,
};

const image_encoder *image_encoder_builtin(void) {
    return &builtin;
}

static void free_copy(image_encoder *encoder) {
    free(encoder);
}

static lb_status open_builtin(image_encoder **out) {
    image_encoder *copy;
    LB_TRY(NEW_ARRAY(copy, 1));
    *copy = builtin;
    copy->close = free_copy;
    *out = copy;
    return LB_OK;
}

lb_status image_encoder_open(const char *identity, const char *directory, const char *onnx_library,
                             image_encoder **out) {
    if (strcmp(identity, builtin.identity) == 0) return open_builtin(out);
    if (onnx_encoder_is(identity)) return onnx_encoder_open(identity, directory, onnx_library, out);
    if (!*identity)
        return status_fail(LB_E_UNSUPPORTED,
                           "the vectors were imported: what made them from pictures is not known, "
                           "so that a picture cannot be encoded as they are");
    return status_fail(LB_E_UNSUPPORTED,
                       "\"%.80s\" is no encoder of pictures that this program has", identity);
}

lb_status image_encoder_photo(const image_encoder *e, const void *bytes, size_t n,
                              size_t max_pixels, float *out, bool *blank) {
    image picture;
    bool nothing = false;
    LB_TRY(image_decode(bytes, n, e->wanted, max_pixels, &picture));
    lb_status status = e->encode(e, &picture, out, &nothing);
    image_free(&picture);
    LB_TRY(status);
    if (nothing) memset(out, 0, e->dim * sizeof *out);
    *blank = nothing;
    return LB_OK;
}

void image_encoder_close(image_encoder *encoder) {
    if (encoder && encoder->close) encoder->close(encoder);
}
