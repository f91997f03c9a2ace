/* Any bytes at all as what is written of a product: title, category paths, brand, description and a
 * list of fields, parted by bytes of value 1. The corpus in fuzz/corpus/words is run by ctest; to
 * search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -Iinclude -Isrc \
 *         fuzz/fuzz_words.c src/text/?*.c src/core/?*.c -lpthread -lm -o fuzz_words
 *   ./fuzz_words -max_len=4096 NEW_CORPUS fuzz/corpus/words
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(int condition) {
    if (!condition) abort();
}

/* The numbers are finite, no longer than the blocks allow, and the same a second time. */
static void encode(words_scratch *scratch, const words_product *product, unsigned fields) {
    float x[WORDS_DIM], again[WORDS_DIM];
    double squares = 0;
    bool found, found_again;
    demand(words_encode(scratch, product, fields, x, &found) == LB_OK);
    demand(words_encode(scratch, product, fields, again, &found_again) == LB_OK);
    demand(found == found_again && memcmp(x, again, sizeof x) == 0);
    for (size_t k = 0; k < WORDS_DIM; k++) squares += (double)x[k] * x[k];
    demand(isfinite(squares) && squares < 9.001 && found == (squares > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const char *part[5] = {NULL, NULL, NULL, NULL, NULL};
    words_scratch scratch = {0};
    unsigned fields;
    char identity[WORDS_IDENTITY_SIZE], *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, bytes, size);
    text[size] = '\0';
    char *at = text;
    for (size_t i = 0; i < 5 && at; i++) {
        part[i] = at;
        at = strchr(at, 1);
        if (at) *at++ = '\0';
    }
    words_product product = {part[0], part[1], part[2], part[3]};
    if (words_fields_parse(part[4], &fields) == LB_OK) {
        demand(strlen(words_identity(fields, identity)) < sizeof identity);
        encode(&scratch, &product, fields);
    }
    encode(&scratch, &product, WORDS_FIELDS | WORDS_DESCRIPTION);
    words_scratch_free(&scratch);
    free(text);
    return 0;
}
