/* The fuzz target of the file readers, for the test that runs its corpus. */
#ifndef LB_FUZZ_READ_H
#define LB_FUZZ_READ_H

#include "lookbook.h"

/* Reads bytes[1..size) as the kind of file that bytes[0] names (the table in fuzz_read.c). Aborts
 * if a reader delivers a record that its contract rules out, or fails without saying why. */
lb_status fuzz_read(const uint8_t *bytes, size_t size);

#endif
