#include <string.h>

#include "media/encode.h"

lb_status image_encoder_open(const char *identity, const char *directory, const char *onnx_library,
                             image_encoder **out) {
    (void)directory, (void)onnx_library;
    const image_encoder *builtin = image_encoder_builtin();
    if (strcmp(identity, builtin->identity) != 0)
        return status_fail(LB_E_UNSUPPORTED, "there is no encoder \"%s\" here", identity);
    *out = (image_encoder *)(uintptr_t)builtin;
    return LB_OK;
}

lb_status image_encoder_photo(const image_encoder *e, const void *bytes, size_t n,
                              size_t max_pixels, float *out, bool *blank) {
    image picture = {0};
    LB_TRY(image_decode(bytes, n, e->wanted, max_pixels, &picture));
    *blank = false;
    lb_status status = e->encode(e, &picture, out, blank);
    image_free(&picture);
    return status;
}
