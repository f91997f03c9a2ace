/* A bounded queue with threads that work on it: each kind of work has its own, so that photos and
 * reloads do not stand in the way of recommendations. */
#ifndef LOOKBOOK_SERVER_LANE_H
#define LOOKBOOK_SERVER_LANE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lane lane;

typedef void (*lane_work)(void *item);

/* `threads` threads, and room for `capacity` items that wait. NULL when there is no memory or no
 * thread to be had. */
lane *lane_open(unsigned threads, size_t capacity, lane_work work);

/* Finishes what waits, then ends the threads; nothing can be pushed from now on. Accepts NULL. */
void lane_stop(lane *l);
void lane_close(lane *l); // stops it, and frees it; accepts NULL

/* False when the queue is full, or the lane is stopped. */
bool lane_push(lane *l, void *item);

size_t lane_waiting(lane *l);

#endif
