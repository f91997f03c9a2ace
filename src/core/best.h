/* The best k of many scored rows: higher scores first, equal scores in order of rows. That order is
 * total, so the result does not depend on the order in which rows come. */
#ifndef LB_CORE_BEST_H
#define LB_CORE_BEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct best_entry {
    float score;
    uint32_t row;
} best_entry;

/* A heap with the worst entry at its root, over memory of the caller. Start with
 * {entries, capacity, 0}. */
typedef struct best_list {
    best_entry *entries; // (capacity)
    size_t capacity, n;
} best_list;

/* Whether a row would be kept. NaN never is. */
static inline bool best_admits(const best_list *b, float score, uint32_t row) {
    if (b->n < b->capacity) return score == score;
    if (b->capacity == 0 || !(score >= b->entries[0].score)) return false;
    return score > b->entries[0].score || row < b->entries[0].row;
}

/* Keeps a row that best_admits. */
void best_add(best_list *b, float score, uint32_t row);

/* Puts the entries in order, the best first. Nothing may be added afterwards. */
void best_sort(best_list *b);

#endif
