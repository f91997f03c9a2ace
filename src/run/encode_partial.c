#include "run/encode_partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

enum { MAGIC_SIZE = 8, HEAD_SIZE = MAGIC_SIZE + 8, CHECK_SIZE = 8 };

static const char magic[MAGIC_SIZE + 1] = "lbenc-1\n";

/* A record that was there when the file was opened. */
typedef struct known {
    uint8_t content[SHA256_SIZE];
    off_t offset; // of its vector
} known;

struct encode_partial {
    char *path;
    int fd;
    size_t dim;
    off_t size;     // of what is whole
    known *records; // (n) by content
    size_t n, capacity;
};

static size_t record_size(const encode_partial *p) {
    return SHA256_SIZE + p->dim * sizeof(float) + CHECK_SIZE;
}

static lb_status lock(encode_partial *p) {
    p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (p->fd < 0) return status_fail_errno(LB_E_IO, "cannot write %s", p->path);
    if (flock(p->fd, LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == EOPNOTSUPP)
        return LB_OK;
    if (errno == EWOULDBLOCK)
        return status_fail(LB_E_BUSY,
                           "%s: another encoding of this feature is at work; wait until it has "
                           "ended, or give another name",
                           p->path);
    return status_fail_errno(LB_E_IO, "cannot lock %s", p->path);
}

/* Whether `size` bytes could be read at an offset. */
static bool read_at(const encode_partial *p, off_t offset, void *out, size_t size) {
    unsigned char *to = out;
    while (size) {
        ssize_t n = pread(p->fd, to, size, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        to += n;
        offset += n;
        size -= (size_t)n;
    }
    return true;
}

static lb_status append(encode_partial *p, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    off_t offset = p->size;
    for (size_t left = size; left;) {
        ssize_t n = pwrite(p->fd, from, left, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return status_fail_errno(LB_E_IO, "cannot write %s", p->path);
        from += n;
        offset += n;
        left -= (size_t)n;
    }
    p->size += (off_t)size;
    return LB_OK;
}

static void put_u32(unsigned char *to, size_t value) {
    for (size_t i = 0; i < 4; i++) to[i] = (unsigned char)(value >> 8 * i);
}

/* The head that a file of this encoder has, (HEAD_SIZE + length of the identity). */
static lb_status make_head(const char *identity, size_t dim, unsigned char **out, size_t *size) {
    size_t length = strlen(identity);
    LB_TRY(NEW_ARRAY(*out, HEAD_SIZE + length));
    memcpy(*out, magic, MAGIC_SIZE);
    put_u32(*out + MAGIC_SIZE, dim);
    put_u32(*out + MAGIC_SIZE + 4, length);
    memcpy(*out + HEAD_SIZE, identity, length);
    *size = HEAD_SIZE + length;
    return LB_OK;
}

/* Reads the head, or begins the file anew. */
static lb_status begin(encode_partial *p, const char *identity) {
    unsigned char *wanted = NULL, *found = NULL;
    size_t size;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(make_head(identity, p->dim, &wanted, &size));
    LB_TRY_CLEANUP(NEW_ARRAY(found, size));
    if (read_at(p, 0, found, size) && memcmp(found, wanted, size) == 0)
        p->size = (off_t)size;
    else if (ftruncate(p->fd, 0) != 0)
        status = status_fail_errno(LB_E_IO, "cannot write %s", p->path);
    else
        status = append(p, wanted, size);
cleanup:
    free(wanted);
    free(found);
    return status;
}

static void check_of(const unsigned char *record, size_t size, uint8_t out[CHECK_SIZE]) {
    uint8_t digest[SHA256_SIZE];
    sha256_of(record, size - CHECK_SIZE, digest);
    memcpy(out, digest, CHECK_SIZE);
}

static int compare_known(const void *left, const void *right) {
    const known *l = left, *r = right;
    return memcmp(l->content, r->content, SHA256_SIZE);
}

static lb_status read_records(encode_partial *p) {
    size_t size = record_size(p);
    unsigned char *record;
    uint8_t check[CHECK_SIZE];
    LB_TRY(NEW_ARRAY(record, size));
    lb_status status = LB_OK;
    while (read_at(p, p->size, record, size)) {
        check_of(record, size, check);
        if (memcmp(check, record + size - CHECK_SIZE, CHECK_SIZE) != 0) break;
        LB_TRY_CLEANUP(GROW_ARRAY(p->records, p->n, p->capacity));
        memcpy(p->records[p->n].content, record, SHA256_SIZE);
        p->records[p->n++].offset = p->size + SHA256_SIZE;
        p->size += (off_t)size;
    }
    if (p->n) qsort(p->records, p->n, sizeof *p->records, compare_known);
    if (ftruncate(p->fd, p->size) != 0)
        status = status_fail_errno(LB_E_IO, "cannot write %s", p->path);
cleanup:
    free(record);
    return status;
}

static lb_status name_file(const char *directory, const char *feature, char **out) {
    char name[96];
    char *folder = file_path(directory, "cache");
    if (!folder) return LB_E_NOMEM;
    lb_status status = file_make_directory(folder);
    free(folder);
    LB_TRY(status);
    snprintf(name, sizeof name, "cache/%.64s.encoding", feature);
    return (*out = file_path(directory, name)) ? LB_OK : LB_E_NOMEM;
}

lb_status encode_partial_open(const char *directory, const char *feature, const char *identity,
                              size_t dim, encode_partial **out) {
    encode_partial *p;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(p, 1));
    p->fd = -1;
    p->dim = dim;
    LB_TRY_CLEANUP(name_file(directory, feature, &p->path));
    LB_TRY_CLEANUP(lock(p));
    LB_TRY_CLEANUP(begin(p, identity));
    LB_TRY_CLEANUP(read_records(p));
    *out = p;
    return LB_OK;
cleanup:
    encode_partial_close(p);
    return status;
}

size_t encode_partial_count(const encode_partial *p) {
    return p->n;
}

bool encode_partial_find(const encode_partial *p, const uint8_t content[SHA256_SIZE], float *out) {
    known key = {.offset = 0};
    memcpy(key.content, content, SHA256_SIZE);
    const known *found = p->n ? bsearch(&key, p->records, p->n, sizeof key, compare_known) : NULL;
    return found && read_at(p, found->offset, out, p->dim * sizeof *out);
}

lb_status encode_partial_add(encode_partial *p, const uint8_t (*contents)[SHA256_SIZE],
                             const float *vectors, const bool *skip, size_t n) {
    size_t size = record_size(p), used = 0;
    unsigned char *records;
    LB_TRY(NEW_ARRAY(records, n * size));
    for (size_t i = 0; i < n; i++) {
        if (skip[i]) continue;
        unsigned char *r = records + used;
        memcpy(r, contents[i], SHA256_SIZE);
        memcpy(r + SHA256_SIZE, vectors + i * p->dim, p->dim * sizeof *vectors);
        check_of(r, size, r + size - CHECK_SIZE);
        used += size;
    }
    lb_status status = append(p, records, used);
    free(records);
    return status;
}

void encode_partial_remove(encode_partial *p) {
    unlink(p->path);
}

void encode_partial_close(encode_partial *p) {
    if (!p) return;
    if (p->fd >= 0) close(p->fd);
    free(p->path);
    free(p->records);
    free(p);
}
