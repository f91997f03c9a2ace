#include "data/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "data/stream_gzip.h"

enum { CHUNK = 256 << 10, PEEK_SIZE = 64 << 10 };

struct stream {
    const char *path;
    int fd;
    uint64_t size, position;
    char *bytes; // (capacity + 1), of which begin..end-1 are not taken yet
    size_t begin, end, capacity;
    size_t searched; // no line end in begin..searched-1
    bool ended;      // nothing follows bytes[end - 1]
    uint64_t line;
    bool by_lines;

    gunzip *gunzip;              // NULL for a plain file
    unsigned char *input;        // (CHUNK) compressed bytes
    size_t input_at, input_size; // those not used yet
    bool input_ended;
    bool between_members; // of gzip data; a file may hold several
    const char *damage;   // why the data end here, told once all before it was taken
};

/* Where the stream stands, for messages. */
static lb_status fail_here(stream *s, const char *what) {
    if (s->by_lines)
        return status_fail(LB_E_FORMAT, "%s: line %llu: %s", s->path,
                           (unsigned long long)s->line + 1, what);
    return status_fail(LB_E_FORMAT, "%s: near byte %llu: %s", s->path,
                       (unsigned long long)s->position, what);
}

/* Ends the data here. What was unpacked before is still delivered, so that the error can name the
 * line. */
static lb_status end_damaged(stream *s, const char *what) {
    s->damage = what;
    s->ended = true;
    return LB_OK;
}

static lb_status read_file(stream *s, void *out, size_t size, size_t *got) {
    for (;;) {
        ssize_t n = read(s->fd, out, size);
        if (n >= 0) {
            *got = (size_t)n;
            s->position += (uint64_t)n;
            return LB_OK;
        }
        if (errno != EINTR) return status_fail_errno(LB_E_IO, "cannot read %s", s->path);
    }
}

static lb_status refill_input(stream *s) {
    if (s->input_at < s->input_size || s->input_ended) return LB_OK;
    LB_TRY(read_file(s, s->input, CHUNK, &s->input_size));
    s->input_at = 0;
    s->input_ended = s->input_size == 0;
    return LB_OK;
}

/* Behind a member: another member, zeros that pad the file, or its end. */
static lb_status begin_member(stream *s) {
    LB_TRY(refill_input(s));
    while (s->input_at < s->input_size && s->input[s->input_at] == 0) {
        s->input_at++;
        LB_TRY(refill_input(s));
    }
    if (s->input_at == s->input_size) {
        s->ended = true;
        return LB_OK;
    }
    if (s->input[s->input_at] != 0x1f)
        return end_damaged(s, "bytes that are not gzip follow the gzip data; the file is damaged: "
                              "fetch or pack it again");
    gunzip_restart(s->gunzip);
    s->between_members = false;
    return LB_OK;
}

/* Appends decompressed bytes; at least one unless the data end. */
static lb_status fill_gzip(stream *s) {
    size_t before = s->end;
    while (s->end == before && !s->ended) {
        if (s->between_members) {
            LB_TRY(begin_member(s));
            continue;
        }
        LB_TRY(refill_input(s));
        size_t used = s->input_size - s->input_at, made = s->capacity - s->end;
        bool sound = gunzip_step(s->gunzip, s->input + s->input_at, &used,
                                 (unsigned char *)s->bytes + s->end, &made, &s->between_members);
        if (!sound)
            return end_damaged(s, "the gzip data are damaged: fetch or pack the file again");
        s->input_at += used;
        s->end += made;
        bool stuck = !used && !made && !s->between_members;
        if (stuck && s->input_ended)
            return end_damaged(s, "the gzip data end too early, the file is incomplete: fetch or "
                                  "pack it again");
        if (stuck && s->input_at < s->input_size)
            return end_damaged(s, "the gzip data are damaged: fetch or pack the file again");
    }
    return LB_OK;
}

static lb_status grow(stream *s) {
    size_t capacity = s->capacity * 2;
    char *bytes = memory_resize(s->bytes, capacity + 1, 1);
    if (!bytes) return LB_E_NOMEM;
    s->bytes = bytes;
    s->capacity = capacity;
    return LB_OK;
}

/* Reads on behind the bytes not taken yet, moving them to the front first. */
static lb_status fill(stream *s) {
    if (s->begin) {
        memmove(s->bytes, s->bytes + s->begin, s->end - s->begin);
        s->end -= s->begin;
        s->searched -= s->begin;
        s->begin = 0;
    }
    if (s->end == s->capacity) LB_TRY(grow(s));
    if (s->gunzip) return fill_gzip(s);
    size_t got = 0;
    LB_TRY(read_file(s, s->bytes + s->end, s->capacity - s->end, &got));
    s->end += got;
    s->ended = got == 0;
    return LB_OK;
}

static lb_status fill_to(stream *s, size_t wanted) {
    while (s->end - s->begin < wanted && !s->ended) LB_TRY(fill(s));
    return LB_OK;
}

static lb_status refuse_archives(stream *s) {
    static const struct {
        const char *magic, *name;
    } archives[] = {
        {"PK\x03\x04", "a zip archive"},
        {"\xfd"
         "7zX",
         "xz data"},
        {"\x28\xb5\x2f\xfd", "zstd data"},
        {"BZh", "bzip2 data"},
    };
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
        size_t length = strlen(archives[i].magic);
        if (s->end >= length && !memcmp(s->bytes, archives[i].magic, length))
            return status_fail(LB_E_UNSUPPORTED, "%s: this is %s: unpack it, or pack it with gzip",
                               s->path, archives[i].name);
    }
    return LB_OK;
}

/* Looks at the first bytes: gzip, something else that is packed, or the content itself. */
static lb_status begin(stream *s) {
    LB_TRY(fill_to(s, 4));
    if (s->end >= 2 && !memcmp(s->bytes, "\x1f\x8b", 2)) {
        LB_TRY(NEW_ARRAY(s->input, CHUNK));
        LB_TRY(gunzip_new(&s->gunzip));
        memcpy(s->input, s->bytes, s->end); // at most CHUNK, the first capacity
        s->input_size = s->end;
        s->input_ended = s->ended;
        s->end = s->searched = 0;
        s->ended = false;
        LB_TRY(fill_to(s, 4));
    }
    LB_TRY(refuse_archives(s));
    if (s->end >= 3 && !memcmp(s->bytes, "\xef\xbb\xbf", 3)) s->begin = s->searched = 3;
    if (s->end >= 2 && (!memcmp(s->bytes, "\xff\xfe", 2) || !memcmp(s->bytes, "\xfe\xff", 2)))
        return status_fail(LB_E_FORMAT, "%s: line 1: this is UTF-16: convert it to UTF-8", s->path);
    return LB_OK;
}

lb_status stream_open(const char *path, stream **out) {
    stream *s;
    struct stat info;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(s, 1));
    s->path = path;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &info) != 0) {
        status = status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO, "cannot open %s",
                                   path);
        goto cleanup;
    }
    if (S_ISDIR(info.st_mode)) {
        status = status_fail(LB_E_IO, "%s is a folder: a file is needed", path);
        goto cleanup;
    }
    s->size = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    s->capacity = CHUNK;
    LB_TRY_CLEANUP((s->bytes = memory_resize(NULL, CHUNK + 1, 1)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(begin(s));
    *out = s;
    return LB_OK;
cleanup:
    stream_close(s);
    return status;
}

void stream_close(stream *s) {
    if (!s) return;
    if (s->fd >= 0) close(s->fd);
    gunzip_free(s->gunzip);
    free(s->input);
    free(s->bytes);
    free(s);
}

lb_status stream_peek(stream *s, const char **bytes, size_t *size) {
    LB_TRY(fill_to(s, PEEK_SIZE));
    *bytes = s->bytes + s->begin;
    *size = s->end - s->begin;
    return LB_OK;
}

lb_status stream_read(stream *s, void *out, size_t size, size_t *got) {
    size_t done = 0;
    while (done < size) {
        if (s->begin == s->end && !s->ended) LB_TRY(fill(s));
        size_t part = s->end - s->begin;
        if (part > size - done) part = size - done;
        if (!part && s->ended && s->damage) return fail_here(s, s->damage);
        if (!part && s->ended) break;
        memcpy((char *)out + done, s->bytes + s->begin, part);
        s->begin += part;
        s->searched = s->begin;
        done += part;
    }
    *got = done;
    return LB_OK;
}

static lb_status check_text(stream *s, const char *line, size_t length) {
    char what[160];
    const char *nul = memchr(line, 0, length);
    size_t valid = utf8_valid_length(line, length);
    if (nul && (size_t)(nul - line) < valid) {
        snprintf(what, sizeof what, "byte %zu is NUL: this is not a text file",
                 (size_t)(nul - line) + 1);
        return fail_here(s, what);
    }
    if (valid < length) {
        snprintf(what, sizeof what,
                 "byte %zu (0x%02x) is not UTF-8: convert the file to UTF-8, or it is damaged",
                 valid + 1, (unsigned)(unsigned char)line[valid]);
        return fail_here(s, what);
    }
    return LB_OK;
}

/* The line end in what is buffered, reading on until there is one or the file ends (then NULL). */
static lb_status find_line_end(stream *s, char **out) {
    for (;;) {
        char *end = memchr(s->bytes + s->searched, '\n', s->end - s->searched);
        size_t length = (end ? (size_t)(end - s->bytes) : s->end) - s->begin;
        if (length > STREAM_MAX_LINE)
            return fail_here(s, "the line is longer than 64 MiB: this is not a file of records");
        if (!end && s->ended && s->damage) return fail_here(s, s->damage);
        if (end || s->ended) {
            *out = end;
            return LB_OK;
        }
        s->searched = s->end;
        LB_TRY(fill(s));
    }
}

lb_status stream_line(stream *s, char **line, size_t *length) {
    char *end = NULL;
    s->by_lines = true;
    LB_TRY(find_line_end(s, &end));
    if (!end && s->begin == s->end) {
        *line = NULL;
        *length = 0;
        return LB_OK;
    }
    char *text = s->bytes + s->begin, *stop = end ? end : s->bytes + s->end;
    size_t n = (size_t)(stop - text);
    if (n && text[n - 1] == '\r') n--;
    LB_TRY(check_text(s, text, n));
    text[n] = '\0'; // over the line end, or in the byte behind the capacity
    s->begin = end ? (size_t)(end - s->bytes) + 1 : s->end;
    s->searched = s->begin;
    s->line++;
    *line = text;
    *length = n;
    return LB_OK;
}

uint64_t stream_line_number(const stream *s) {
    return s->line;
}

uint64_t stream_position(const stream *s) {
    return s->position;
}

uint64_t stream_size(const stream *s) {
    return s->size;
}
