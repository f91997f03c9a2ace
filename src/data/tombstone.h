/* What a product or user that was taken out leaves: its row, with an id that no file and no caller
 * can name, since ids have no control characters. Rows of others stay what they were; the id itself
 * is gone, and one that comes again gets a new row. */
#ifndef LB_DATA_TOMBSTONE_H
#define LB_DATA_TOMBSTONE_H

#include <stdbool.h>

enum { TOMBSTONE = '\001' }; // the first byte of its id; the row's number follows

static inline bool id_is_tombstone(const char *id) {
    return id[0] == TOMBSTONE;
}

#endif
