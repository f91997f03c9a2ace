/* Arrays that need not fit the memory: large ones are mapped from a file without a name, so that
 * their pages can be written out and dropped like those of any file. */
#ifndef LB_CORE_SCRATCH_H
#define LB_CORE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/* From how many bytes on such an array is in a file. */
enum { SCRATCH_LARGE = 1 << 28 };

typedef struct scratch {
    void *bytes; // (size) zeros at first, aligned to 64
    size_t size;
    bool is_mapped;
} scratch;

/* `size` bytes; in memory below `large`, else in a file in $TMPDIR, or /var/tmp, which is made room
 * for at once and is gone when the scratch is closed, however the process ends. LB_E_NOMEM;
 * LB_E_IO, or LB_E_FULL where there is no room, name the folder. */
lb_status scratch_open(size_t size, size_t large, scratch *out);
void scratch_close(scratch *s); // accepts all zero

#endif
