/* Checked allocation. All of it is released with free(). */
#ifndef LB_CORE_MEMORY_H
#define LB_CORE_MEMORY_H

#include <stdlib.h>

#include "core/status.h"

/* `count * size` zeroed bytes, aligned to 64 (for vector loads); never NULL for a zero count. NULL
 * with the error text set when memory runs out or the product overflows. */
void *memory_new(size_t count, size_t size);

/* As realloc for an array, with the overflow checked; keeps no alignment beyond malloc's. NULL with
 * the error text set on failure, and `block` is then still valid. */
void *memory_resize(void *block, size_t count, size_t size);

/* A copy of a string or of `length` bytes with a NUL behind them. NULL with the error text set on
 * failure. */
char *memory_string(const char *text);
char *memory_bytes(const char *bytes, size_t length);

/* `NEW_ARRAY(pointer, count)` allocates and is an lb_status: for LB_TRY and LB_TRY_CLEANUP. */
#define NEW_ARRAY(pointer, count) \
    (((pointer) = memory_new((count), sizeof *(pointer))) ? LB_OK : LB_E_NOMEM)

/* Makes room for one more element: doubles the capacity of a malloc'ed array when `count` has
 * reached it. */
lb_status memory_grow(void **block, size_t count, size_t *capacity, size_t size);

/* `GROW_ARRAY(pointer, count, capacity)`: memory_grow for a typed array. An lb_status. */
#define GROW_ARRAY(pointer, count, capacity) \
    ((count) < (capacity)                    \
         ? LB_OK                             \
         : memory_grow((void **)&(pointer), (count), &(capacity), sizeof *(pointer)))

#endif
