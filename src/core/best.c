#include "core/best.h"

static bool worse(best_entry a, best_entry b) {
    return a.score < b.score || (a.score == b.score && a.row > b.row);
}

/* Lets `entry` sink from the root of a heap of n to its place. */
static void sink(best_entry *heap, size_t n, best_entry entry) {
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && worse(heap[child + 1], heap[child])) child++;
        if (!worse(heap[child], entry)) break;
        heap[at] = heap[child];
    }
    heap[at] = entry;
}

void best_add(best_list *b, float score, uint32_t row) {
    best_entry entry = {score, row};
    if (b->n == b->capacity) {
        sink(b->entries, b->n, entry);
        return;
    }
    size_t at = b->n++;
    for (; at > 0 && worse(entry, b->entries[(at - 1) / 2]); at = (at - 1) / 2)
        b->entries[at] = b->entries[(at - 1) / 2];
    b->entries[at] = entry;
}

void best_sort(best_list *b) {
    for (size_t n = b->n; n > 1; n--) {
        best_entry worst = b->entries[0];
        sink(b->entries, n - 1, b->entries[n - 1]);
        b->entries[n - 1] = worst;
    }
}
