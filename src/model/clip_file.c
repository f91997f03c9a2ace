#include "model/clip_file.h"

#include "data/stream.h"

static lb_status next_line(void *s, char **line) {
    size_t length;
    return stream_line(s, line, &length);
}

lb_status clip_tokens_open(const char *path, clip_tokens **out) {
    stream *s;
    LB_TRY(stream_open(path, &s));
    lb_status status = clip_tokens_read(path, next_line, s, out);
    stream_close(s);
    return status;
}
