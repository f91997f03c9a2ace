#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

static lb_status open_for_reading(const char *path, int *out, struct stat *info) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO, "cannot open %s",
                                 path);
    if (fstat(fd, info) != 0) {
        close(fd);
        return status_fail_errno(LB_E_IO, "cannot read %s", path);
    }
    if (!S_ISREG(info->st_mode)) {
        close(fd);
        return status_fail(LB_E_IO, "%s is not a regular file", path);
    }
    *out = fd;
    return LB_OK;
}

lb_status file_map_open(const char *path, file_map *out) {
    int fd = -1;
    struct stat info;
    LB_TRY(open_for_reading(path, &fd, &info));
    file_map map = {NULL, (size_t)info.st_size};
    lb_status status = LB_OK;
    if (map.size) {
        void *bytes = mmap(NULL, map.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
            status = status_fail_errno(LB_E_IO, "cannot map %s", path);
        else
            map.bytes = bytes;
    }
    close(fd);
    if (status == LB_OK) *out = map;
    return status;
}

void file_map_close(file_map *map) {
    if (map->bytes) munmap((void *)(uintptr_t)map->bytes, map->size);
    *map = (file_map){NULL, 0};
}

void file_map_ahead(const file_map *map, size_t offset, size_t size) {
    size_t before = offset % (size_t)sysconf(_SC_PAGESIZE); // advice begins at a page
    posix_madvise((void *)(uintptr_t)(map->bytes + offset - before), size + before,
                  POSIX_MADV_WILLNEED);
}

struct file_writer {
    char *path, *temporary;
    FILE *file;
};

static void writer_free(file_writer *w) {
    free(w->path);
    free(w->temporary);
    free(w);
}

lb_status file_writer_open(const char *path, file_writer **out) {
    file_writer *w;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(w, 1));
    size_t length = strlen(path) + 16;
    LB_TRY_CLEANUP((w->path = memory_string(path)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(NEW_ARRAY(w->temporary, length));
    snprintf(w->temporary, length, "%s.XXXXXX", path);
    int fd = mkstemp(w->temporary);
    if (fd < 0) {
        status = status_fail_errno(LB_E_IO, "cannot write beside %s", path);
        goto cleanup;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fchmod(fd, 0644);
    w->file = fdopen(fd, "wb");
    if (!w->file) {
        close(fd);
        unlink(w->temporary);
        status = status_fail_errno(LB_E_IO, "cannot write %s", path);
        goto cleanup;
    }
    setvbuf(w->file, NULL, _IOFBF, 1 << 18);
    *out = w;
    return LB_OK;
cleanup:
    writer_free(w);
    return status;
}

lb_status file_writer_write(file_writer *w, const void *bytes, size_t size) {
    if (size && fwrite(bytes, 1, size, w->file) != size)
        return status_fail_errno(LB_E_IO, "cannot write %s", w->path);
    return LB_OK;
}

void file_writer_abort(file_writer *w) {
    if (!w) return;
    fclose(w->file);
    unlink(w->temporary);
    writer_free(w);
}

static lb_status sync_parent(const char *path) {
    char *folder = memory_string(path);
    if (!folder) return LB_E_NOMEM;
    char *slash = strrchr(folder, '/');
    const char *name = !slash ? "." : slash == folder ? "/" : folder;
    if (slash) *slash = '\0';
    int fd = open(*name ? name : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    lb_status status = LB_OK;
    if (fd < 0 || fsync(fd) != 0)
        status = status_fail_errno(LB_E_IO, "cannot sync the folder of %s", path);
    if (fd >= 0) close(fd);
    free(folder);
    return status;
}

lb_status file_writer_commit(file_writer *w) {
    lb_status status = LB_OK;
    if (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0)
        status = status_fail_errno(LB_E_IO, "cannot write %s", w->path);
    if (fclose(w->file) != 0 && status == LB_OK)
        status = status_fail_errno(LB_E_IO, "cannot write %s", w->path);
    if (status == LB_OK && rename(w->temporary, w->path) != 0)
        status = status_fail_errno(LB_E_IO, "cannot replace %s", w->path);
    if (status == LB_OK)
        status = sync_parent(w->path);
    else
        unlink(w->temporary);
    writer_free(w);
    return status;
}

lb_status file_copy(const char *from, const char *to) {
    file_map map;
    file_writer *w = NULL;
    LB_TRY(file_map_open(from, &map));
    lb_status status = file_writer_open(to, &w);
    if (status == LB_OK) status = file_writer_write(w, map.bytes, map.size);
    if (status == LB_OK)
        status = file_writer_commit(w);
    else
        file_writer_abort(w);
    file_map_close(&map);
    return status;
}

char *file_path(const char *directory, const char *name) {
    size_t length = strlen(directory) + strlen(name) + 2;
    char *path = memory_resize(NULL, length, 1);
    if (path) snprintf(path, length, "%s/%s", directory, name);
    return path;
}

lb_status file_make_directory(const char *path) {
    if (mkdir(path, 0755) == 0 || (errno == EEXIST && file_is_directory(path))) return LB_OK;
    return status_fail_errno(LB_E_IO, "cannot make the directory %s", path);
}

bool file_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool file_is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
