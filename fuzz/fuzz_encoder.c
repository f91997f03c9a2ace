/* Any bytes at all as the settings of a network: a sidecar, single settings (one a line), the text
 * of an identity. The corpus in fuzz/corpus/encoder is run by ctest; to search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -Iinclude -Isrc \
 *         fuzz/fuzz_encoder.c src/media/?*.c src/core/?*.c \
 *         $(pkg-config --cflags --libs libjpeg libpng libwebp libwebpdemux libcjson) \
 *         -ldl -lpthread -lm -o fuzz_encoder
 *   ./fuzz_encoder -max_len=2000 NEW_CORPUS fuzz/corpus/encoder
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/encode.h"
#include "media/onnx_prepare.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(int condition) {
    if (!condition) abort();
}

/* What fits together has a text that means the same. */
static void check(const preparation *p) {
    char text[PREPARATION_TEXT_SIZE], again[PREPARATION_TEXT_SIZE];
    preparation back;
    if (preparation_check(p) != LB_OK) return;
    demand(preparation_text(p, text) == LB_OK);
    demand(preparation_parse(text, &back) == LB_OK);
    demand(preparation_text(&back, again) == LB_OK);
    demand(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    preparation p;
    image_encoder *encoder = NULL;
    char *text = malloc(size + 1), *line, *end;
    if (!text) return 0;
    if (size) memcpy(text, bytes, size);
    text[size] = '\0';
    preparation_init(&p);
    if (preparation_sidecar(&p, text, size) == LB_OK) check(&p);
    if (preparation_parse(text, &p) == LB_OK) check(&p);
    // Whatever it names, there is no dataset that keeps it.
    if (image_encoder_open(text, "/nowhere", NULL, &encoder) == LB_OK) image_encoder_close(encoder);
    preparation_init(&p);
    for (line = text; line; line = end) {
        end = strchr(line, '\n');
        if (end) *end++ = '\0';
        if (preparation_set(&p, line) != LB_OK) demand(strlen(lb_last_error()) > 10);
    }
    check(&p);
    free(text);
    return 0;
}
