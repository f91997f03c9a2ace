#include "core/memory.h"

#include <string.h>

enum { ALIGNMENT = 64 };

void *memory_new(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT) {
        status_fail(LB_E_NOMEM, "cannot allocate %zu items of %zu bytes: too large", count, size);
        return NULL;
    }
    bytes = (bytes / ALIGNMENT + 1) * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, bytes);
    if (!block) {
        status_fail(LB_E_NOMEM, "out of memory: %zu bytes were needed", bytes);
        return NULL;
    }
    return memset(block, 0, bytes);
}

void *memory_resize(void *block, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        status_fail(LB_E_NOMEM, "cannot allocate %zu items of %zu bytes: too large", count, size);
        return NULL;
    }
    void *resized = realloc(block, bytes ? bytes : 1);
    if (!resized) status_fail(LB_E_NOMEM, "out of memory: %zu bytes were needed", bytes);
    return resized;
}

char *memory_bytes(const char *bytes, size_t length) {
    char *copy = memory_resize(NULL, length + 1, 1);
    if (!copy) return NULL;
    if (length) memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *memory_string(const char *text) {
    return memory_bytes(text, strlen(text));
}

lb_status memory_grow(void **block, size_t count, size_t *capacity, size_t size) {
    size_t larger = count < 16 ? 16 : count * 2;
    void *resized = memory_resize(*block, larger, size);
    if (!resized) return LB_E_NOMEM;
    *block = resized;
    *capacity = larger;
    return LB_OK;
}
