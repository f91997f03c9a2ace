#include "data/idmap.h"

#include <string.h>

#include "core/memory.h"

enum { BLOCK_SIZE = 1 << 16, FIRST_SLOTS = 64 };

struct id_block {
    id_block *next;
    size_t used, size;
    char text[];
};

uint64_t idmap_hash(const char *id) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *id; id++) h = (h ^ (unsigned char)*id) * 0x100000001b3u;
    h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93u; // FNV alone leaves the low bits of short ids poor
    return h ^ (h >> 32);
}

/* The slot of an id, or the free slot where it belongs. */
static size_t find_slot(const idmap *map, const char *id, uint32_t hash) {
    size_t mask = map->n_slots - 1, s = hash & mask;
    for (const id_slot *slot; (slot = &map->slot[s])->next_row; s = (s + 1) & mask)
        if (slot->hash == hash && strcmp(map->id[slot->next_row - 1], id) == 0) break;
    return s;
}

bool idmap_find(const idmap *map, const char *id, uint32_t *row) {
    if (!map->n) return false;
    size_t s = find_slot(map, id, (uint32_t)idmap_hash(id));
    if (!map->slot[s].next_row) return false;
    *row = map->slot[s].next_row - 1;
    return true;
}

/* Twice the slots; at most half of them are ever in use. */
static lb_status grow_slots(idmap *map) {
    size_t n = map->n_slots ? map->n_slots * 2 : FIRST_SLOTS, mask = n - 1;
    id_slot *slot;
    LB_TRY(NEW_ARRAY(slot, n));
    for (size_t i = 0; i < map->n_slots; i++) {
        if (!map->slot[i].next_row) continue;
        size_t s = map->slot[i].hash & mask;
        while (slot[s].next_row) s = (s + 1) & mask;
        slot[s] = map->slot[i];
    }
    free(map->slot);
    map->slot = slot;
    map->n_slots = n;
    return LB_OK;
}

/* Makes sure that the first block has room. */
static lb_status reserve_text(idmap *map, size_t size) {
    if (map->blocks && map->blocks->size - map->blocks->used >= size) return LB_OK;
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    id_block *block = memory_resize(NULL, sizeof *block + room, 1);
    if (!block) return LB_E_NOMEM;
    *block = (id_block){map->blocks, 0, room};
    map->blocks = block;
    return LB_OK;
}

static const char *keep_text(idmap *map, const char *id) {
    size_t size = strlen(id) + 1;
    if (reserve_text(map, size) != LB_OK) return NULL;
    char *text = map->blocks->text + map->blocks->used;
    memcpy(text, id, size);
    map->blocks->used += size;
    return text;
}

lb_status idmap_add(idmap *map, const char *id, uint32_t *row, bool *added) {
    if (((size_t)map->n + 1) * 2 > map->n_slots) LB_TRY(grow_slots(map));
    uint32_t hash = (uint32_t)idmap_hash(id);
    size_t s = find_slot(map, id, hash);
    if (added) *added = !map->slot[s].next_row;
    if (!map->slot[s].next_row) {
        if (map->n == UINT32_MAX - 1)
            return status_fail(LB_E_UNSUPPORTED, "more than %u ids", map->n);
        LB_TRY(GROW_ARRAY(map->id, map->n, map->capacity));
        const char *text = keep_text(map, id);
        if (!text) return LB_E_NOMEM;
        map->id[map->n++] = text;
        map->slot[s] = (id_slot){map->n, hash};
    }
    *row = map->slot[s].next_row - 1;
    return LB_OK;
}

lb_status idmap_reserve(idmap *map, uint32_t more, size_t bytes) {
    while (((size_t)map->n + more) * 2 > map->n_slots) LB_TRY(grow_slots(map));
    while (map->capacity < (size_t)map->n + more)
        LB_TRY(memory_grow((void **)&map->id, map->capacity, &map->capacity, sizeof *map->id));
    return reserve_text(map, bytes);
}

/* Frees a slot and moves back what was put behind it for want of room (Knuth, The Art of Computer
 * Programming, volume 3, section 6.4, algorithm R). */
static void remove_slot(idmap *map, size_t s) {
    size_t mask = map->n_slots - 1;
    map->slot[s] = (id_slot){0};
    for (size_t from = (s + 1) & mask; map->slot[from].next_row; from = (from + 1) & mask) {
        size_t home = map->slot[from].hash & mask;
        if (((from - home) & mask) < ((from - s) & mask)) continue;
        map->slot[s] = map->slot[from];
        map->slot[from] = (id_slot){0};
        s = from;
    }
}

lb_status idmap_rename(idmap *map, uint32_t row, const char *id) {
    const char *text = keep_text(map, id);
    if (!text) return LB_E_NOMEM;
    remove_slot(map, find_slot(map, map->id[row], (uint32_t)idmap_hash(map->id[row])));
    map->id[row] = text;
    uint32_t hash = (uint32_t)idmap_hash(id);
    map->slot[find_slot(map, id, hash)] = (id_slot){row + 1, hash};
    return LB_OK;
}

void idmap_free(idmap *map) {
    while (map->blocks) {
        id_block *next = map->blocks->next;
        free(map->blocks);
        map->blocks = next;
    }
    free(map->id);
    free(map->slot);
    *map = (idmap){0};
}
