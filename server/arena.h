/* Memory that lives as long as a request. */
#ifndef LOOKBOOK_SERVER_ARENA_H
#define LOOKBOOK_SERVER_ARENA_H

#include <stddef.h>

typedef struct arena {
    struct arena_block *last;
} arena;

void *arena_take(arena *a, size_t size);                 // NULL when there is none left
char *arena_copy(arena *a, const char *bytes, size_t n); // with a NUL behind; NULL likewise
void arena_free(arena *a);                               // accepts all zero; leaves it so

#endif
