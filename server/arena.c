#include "server/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct arena_block {
    struct arena_block *before;
    max_align_t bytes[];
} arena_block;

void *arena_take(arena *a, size_t size) {
    if (size > SIZE_MAX / 2) return NULL;
    arena_block *block = malloc(sizeof *block + size);
    if (!block) return NULL;
    block->before = a->last;
    a->last = block;
    return block->bytes;
}

char *arena_copy(arena *a, const char *bytes, size_t n) {
    char *copy = n < SIZE_MAX ? arena_take(a, n + 1) : NULL;
    if (!copy) return NULL;
    if (n) memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

void arena_free(arena *a) {
    while (a->last) {
        arena_block *before = a->last->before;
        free(a->last);
        a->last = before;
    }
}
