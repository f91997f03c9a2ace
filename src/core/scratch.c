#include "core/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/memory.h"

/* A file that no folder names, open for reading and writing. */
static lb_status open_unnamed(const char *folder, int *out) {
    char *path = NULL;
    lb_status status = LB_OK;
    size_t size = strlen(folder) + sizeof "/lookbook.XXXXXX";
    LB_TRY(NEW_ARRAY(path, size));
    snprintf(path, size, "%s/lookbook.XXXXXX", folder);
    int fd = mkstemp(path);
    if (fd < 0) {
        status = status_fail_errno(
            LB_E_IO, "cannot write a temporary file in %s (TMPDIR names another folder)", folder);
    } else {
        unlink(path);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        *out = fd;
    }
    free(path);
    return status;
}

/* Room is made at once: a mapped page that the disk has no room for would end the process. */
static lb_status map_file(int fd, const char *folder, size_t size, scratch *out) {
    int error = posix_fallocate(fd, 0, (off_t)size);
    if (error) {
        errno = error;
        return status_fail_errno(
            LB_E_IO,
            "cannot write a temporary file of %zu bytes in %s (TMPDIR names another folder)", size,
            folder);
    }
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return status_fail_errno(LB_E_IO, "cannot map a temporary file in %s", folder);
    *out = (scratch){bytes, size, true};
    return LB_OK;
}

lb_status scratch_open(size_t size, size_t large, scratch *out) {
    if (size < large || !size) {
        void *bytes = memory_new(size, 1);
        if (!bytes) return LB_E_NOMEM;
        *out = (scratch){bytes, size, false};
        return LB_OK;
    }
    const char *set = getenv("TMPDIR"), *folder = set && *set ? set : "/var/tmp";
    int fd = -1;
    LB_TRY(open_unnamed(folder, &fd));
    lb_status status = map_file(fd, folder, size, out);
    close(fd); // the mapping keeps the file
    return status;
}

void scratch_close(scratch *s) {
    if (s->is_mapped)
        munmap(s->bytes, s->size);
    else
        free(s->bytes);
    *s = (scratch){0};
}
