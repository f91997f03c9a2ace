/* One line of JSON for each request, appended to a file. */
#ifndef LOOKBOOK_SERVER_ACCESS_LOG_H
#define LOOKBOOK_SERVER_ACCESS_LOG_H

#include <stdint.h>

#include "server/fault.h"

typedef struct access_line {
    const char *request_id, *method, *target, *peer;
    unsigned status;
    uint64_t bytes; // of the request's body
    double ms;
} access_line;

/* Appends to `path`, which is made if need be, readable by its owner alone: user ids stand in it.
 */
bool access_log_open(const char *path, int *file, fault *f);

/* One write for each line, so that lines of several threads do not mix. False if it failed. */
bool access_log_write(int file, const access_line *line);

#endif
