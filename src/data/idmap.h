/* Ids and their rows: a hash table from id to row beside an array from row to id. */
#ifndef LB_DATA_IDMAP_H
#define LB_DATA_IDMAP_H

#include <stdbool.h>

#include "core/status.h"

typedef struct id_block id_block;

typedef struct id_slot {
    uint32_t next_row; // row + 1, 0 = free
    uint32_t hash;     // of the id
} id_slot;

/* All zero = empty. */
typedef struct idmap {
    uint32_t n;
    const char **id; // (n) by row; the strings never move
    size_t capacity;
    id_slot *slot; // (n_slots), a power of two
    size_t n_slots;
    id_block *blocks; // where the strings are
} idmap;

/* 64-bit FNV-1a with a final mix: the same on every machine. */
uint64_t idmap_hash(const char *id);

/* The row of an id; false if it is not there. */
bool idmap_find(const idmap *map, const char *id, uint32_t *row);

/* The row of an id, which is added behind the last one if it is not there. `added` may be NULL. */
lb_status idmap_add(idmap *map, const char *id, uint32_t *row, bool *added);

/* Makes room: adding so many ids and renaming so many rows, of `bytes` in all with their NULs,
 * cannot fail afterwards. */
lb_status idmap_reserve(idmap *map, uint32_t more, size_t bytes);

/* Gives a row another id, which must not be there: the row is found by that one only. The old text
 * stays valid. On failure the map is as it was. */
lb_status idmap_rename(idmap *map, uint32_t row, const char *id);

void idmap_free(idmap *map); // accepts all zero

#endif
