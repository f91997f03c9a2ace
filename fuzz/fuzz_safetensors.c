/* Any bytes at all as a model file: opening must refuse or give a reader whose every tensor can be
 * read to the last byte. The corpus in fuzz/corpus/safetensors is run by ctest; to search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -Iinclude -Isrc \
 *         fuzz/fuzz_safetensors.c src/store/?*.c src/core/?*.c -lcjson -lpthread -lm -o fuzz_st
 *   ./fuzz_st -max_len=4096 NEW_CORPUS fuzz/corpus/safetensors
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned read_tensors(const st_reader *r) {
    unsigned sum = 0;
    for (size_t i = 0; i < st_reader_count(r); i++) {
        const st_tensor *t = st_reader_tensor(r, i);
        size_t shape[ST_MAX_RANK];
        const void *data;
        for (unsigned d = 0; d < ST_MAX_RANK; d++) shape[d] = ST_ANY;
        if (st_reader_find(r, t->name, t->dtype, t->rank, shape, &data) != LB_OK) continue;
        for (size_t b = 0; b < t->bytes; b++) sum += ((const unsigned char *)data)[b];
    }
    return sum;
}

static unsigned read_strings(const st_reader *r) {
    unsigned sum = 0;
    st_strings strings;
    if (st_reader_strings(r, "ids", &strings) != LB_OK) return 0;
    for (size_t i = 0; i < strings.n; i++) {
        size_t length;
        const char *text = st_string(&strings, i, &length);
        for (size_t b = 0; b < length; b++) sum += (unsigned char)text[b];
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint64_t *copy = malloc(size + sizeof *copy); // aligned, as a mapping is
    st_reader *r;
    if (!copy) return 0;
    if (size > 0) memcpy(copy, bytes, size);
    if (st_reader_open_memory(copy, size, "input", &r) == LB_OK) {
        volatile unsigned sum = read_tensors(r) + read_strings(r);
        (void)sum;
        for (size_t i = 0; i < st_reader_metadata_count(r); i++) {
            const char *value, *key = st_reader_metadata_at(r, i, &value);
            if (st_reader_metadata(r, key) != value) abort();
        }
        st_reader_close(r);
    }
    free(copy);
    return 0;
}
