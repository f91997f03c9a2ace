#include "server/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/buffer.h"

bool access_log_open(const char *path, int *file, fault *f) {
    *file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return *file >= 0 || fault_set(f, FAULT_INTERNAL, "%s: %s", path, strerror(errno));
}

bool access_log_write(int file, const access_line *line) {
    char at[32];
    struct tm utc;
    time_t now = time(NULL);
    buffer b = {0};
    gmtime_r(&now, &utc);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    buffer_print(&b, "{\"time\":\"%s\",\"request_id\":", at);
    buffer_json(&b, line->request_id);
    buffer_text(&b, ",\"peer\":");
    buffer_json(&b, line->peer);
    buffer_text(&b, ",\"method\":");
    buffer_json(&b, line->method);
    buffer_text(&b, ",\"target\":");
    buffer_json(&b, line->target);
    buffer_print(&b, ",\"status\":%u,\"bytes\":%llu,\"ms\":%.3f}\n", line->status,
                 (unsigned long long)line->bytes, line->ms);
    bool good = !b.failed && write(file, b.bytes, b.n) == (ssize_t)b.n;
    buffer_free(&b);
    return good;
}
