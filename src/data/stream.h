/*
 * The bytes or lines of a plain or gzip file, in one pass and bounded memory. Which of the two it
 * is, its first bytes say, not its name. All errors name the file and, after the first line was
 * asked for, the line.
 */
#ifndef LB_DATA_STREAM_H
#define LB_DATA_STREAM_H

#include <stdbool.h>

#include "core/status.h"

/* Longer lines are an error: a damaged or hostile file must not take all memory. */
enum { STREAM_MAX_LINE = 64 << 20 };

typedef struct stream stream;

/* Opens `path` (kept, not copied: it must outlive the stream). A UTF-8 byte order mark at the start
 * is dropped. LB_E_NOT_FOUND, LB_E_IO (a folder, unreadable), LB_E_UNSUPPORTED for zip, xz, zstd
 * and bzip2 files. */
lb_status stream_open(const char *path, stream **out);
void stream_close(stream *s); // accepts NULL

/* The bytes that come next, without taking them: all there are, or at least the next 64 KiB.
 * Valid until the next call. */
lb_status stream_peek(stream *s, const char **bytes, size_t *size);

/* Takes up to `size` bytes; *got is less than `size` only at the end of the file. */
lb_status stream_read(stream *s, void *out, size_t size, size_t *got);

/* Takes the next line: *line is NULL after the last. It is UTF-8, without its line end (LF or CR
 * LF), NUL-terminated, holds no other NUL, and may be changed by the caller; valid until the next
 * call. The last line may lack a line end. LB_E_FORMAT for invalid UTF-8, NUL bytes, lines above
 * STREAM_MAX_LINE and damaged or incomplete gzip data. */
lb_status stream_line(stream *s, char **line, size_t *length);

uint64_t stream_line_number(const stream *s); // of the line taken last; 0 before the first
uint64_t stream_position(const stream *s);    // bytes of the file read so far (compressed ones)
uint64_t stream_size(const stream *s);        // bytes of the file; 0 where that is not known

#endif
