/* Any bytes at all as a picture's file: decoded whole and reduced, described, and prepared for a
 * network. The corpus in fuzz/corpus/image is run by ctest; to search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -Iinclude -Isrc \
 *         fuzz/fuzz_image.c src/media/?*.c src/core/?*.c \
 *         $(pkg-config --cflags --libs libjpeg libpng libwebp libwebpdemux libcjson) \
 *         -ldl -lpthread -lm -o fuzz_image
 *   ./fuzz_image -max_len=20000 NEW_CORPUS fuzz/corpus/image
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "media/encode.h"
#include "media/onnx_prepare.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MAX_PIXELS = 1 << 14, WANTED = 24 };

static void demand(int condition) {
    if (!condition) abort();
}

/* Numbers are finite whatever the picture. */
static void prepare(const image *picture) {
    static float out[32 * 24 * 3];
    preparation p;
    preparation_init(&p);
    demand(preparation_set(&p, "size=32x24") == LB_OK);
    demand(preparation_set(&p, "resize=40") == LB_OK);
    demand(preparation_set(&p, "filter=lanczos") == LB_OK);
    demand(preparation_apply(&p, picture, false, out) == LB_OK);
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) demand(out[i] >= 0 && out[i] <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const image_encoder *builtin = image_encoder_builtin();
    float x[512];
    bool blank;
    for (size_t wanted = 0; wanted <= WANTED; wanted += WANTED) {
        image picture = {0, 0, NULL};
        if (image_decode(bytes, size, wanted, MAX_PIXELS, &picture) != LB_OK) {
            demand(!picture.rgb);
            continue;
        }
        demand(picture.width && picture.height && picture.width <= MAX_PIXELS / picture.height);
        if (wanted) prepare(&picture);
        image_free(&picture);
    }
    demand(builtin->dim <= sizeof x / sizeof *x);
    if (image_encoder_photo(builtin, bytes, size, MAX_PIXELS, x, &blank) == LB_OK)
        for (size_t i = 0; i < builtin->dim; i++) demand(isfinite(x[i]));
    return 0;
}
