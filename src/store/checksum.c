#include "store/checksum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "model files are mapped as they are: only little-endian machines are supported"
#endif

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static uint64_t step(uint64_t state, uint64_t word) {
    return (state ^ word) * FNV_PRIME;
}

/* Multiplication moves bits up only; this brings the upper half down again. */
static uint64_t fold(uint64_t state) {
    return state ^ (state >> 32);
}

uint64_t checksum_bytes(uint64_t state, const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t lane[4], words[4];
    for (unsigned i = 0; i < 4; i++) lane[i] = FNV_OFFSET + i;
    size_t left = size;
    for (; left >= sizeof words; left -= sizeof words, at += sizeof words) {
        memcpy(words, at, sizeof words);
        for (unsigned i = 0; i < 4; i++) lane[i] = fold(step(lane[i], words[i]));
    }
    if (left > 0) {
        memset(words, 0, sizeof words);
        memcpy(words, at, left);
        for (unsigned i = 0; i < 4; i++) lane[i] = fold(step(lane[i], words[i]));
    }
    state = fold(step(state ^ FNV_OFFSET, size));
    for (unsigned i = 0; i < 4; i++) state = fold(step(state, lane[i]));
    return state;
}

uint64_t checksum_tensor(const st_tensor *tensor) {
    const char *dtype = st_dtype_name(tensor->dtype);
    uint64_t state = checksum_bytes(0, tensor->name, strlen(tensor->name));
    state = checksum_bytes(state, dtype, strlen(dtype));
    state = checksum_bytes(state, tensor->shape, tensor->rank * sizeof *tensor->shape);
    return checksum_bytes(state, tensor->data, tensor->bytes);
}

uint64_t checksum_metadata(const char *key, const char *value) {
    return checksum_bytes(checksum_bytes(0, key, strlen(key)), value, strlen(value));
}

void checksum_text(uint64_t state, char out[17]) {
    snprintf(out, 17, "%016" PRIx64, state);
}

const char *st_dtype_name(st_dtype dtype) {
    static const char *const names[] = {
#define ST_DTYPE_NAME(name, size) #name,
        ST_DTYPE_MAP(ST_DTYPE_NAME)
#undef ST_DTYPE_NAME
    };
    return (unsigned)dtype < ST_DTYPES ? names[dtype] : "unknown";
}

size_t st_dtype_size(st_dtype dtype) {
    static const unsigned char sizes[] = {
#define ST_DTYPE_SIZE(name, size) size,
        ST_DTYPE_MAP(ST_DTYPE_SIZE)
#undef ST_DTYPE_SIZE
    };
    return (unsigned)dtype < ST_DTYPES ? sizes[dtype] : 0;
}
