#define _XOPEN_SOURCE 700 // nftw, mkdtemp
#include "bench/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/shape.h"
#include "core/file.h"
#include "core/memory.h"

enum { OPEN_FOLDERS = 16 };

static lb_status make_temporary(char **out) {
    const char *where = getenv("TMPDIR");
    char *path = file_path(where && *where ? where : "/tmp", "lookbook-bench-XXXXXX");
    if (!path) return LB_E_NOMEM;
    if (!mkdtemp(path)) {
        lb_status status = status_fail(LB_E_IO, "%s: cannot be made: %s", path, strerror(errno));
        free(path);
        return status;
    }
    *out = path;
    return LB_OK;
}

static lb_status name(const char *folder, const char *file, char **out) {
    *out = file_path(folder, file);
    return *out ? LB_OK : LB_E_NOMEM;
}

static lb_status fill(const char *path, bench_folder *f) {
    if (path) {
        LB_TRY((f->path = memory_string(path)) ? LB_OK : LB_E_NOMEM);
        LB_TRY(file_make_directory(path));
    } else {
        LB_TRY(make_temporary(&f->path));
        f->temporary = true;
    }
    LB_TRY(name(f->path, "files", &f->files));
    LB_TRY(name(f->path, "shop", &f->shop));
    LB_TRY(name(f->path, "model.safetensors", &f->model));
    LB_TRY(name(f->files, SHAPE_REVIEWS, &f->reviews));
    LB_TRY(name(f->files, SHAPE_META, &f->meta));
    LB_TRY(name(f->files, SHAPE_FEATURES, &f->features));
    if (file_exists(f->shop))
        return status_fail(LB_E_EXISTS, "%s is there already; give another folder", f->shop);
    return file_make_directory(f->files);
}

lb_status bench_folder_open(const char *path, bench_folder *out) {
    bench_folder f = {0};
    lb_status status = fill(path, &f);
    if (status != LB_OK)
        bench_folder_close(&f);
    else
        *out = f;
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

void bench_folder_close(bench_folder *f) {
    if (f->temporary) nftw(f->path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    free(f->path);
    free(f->files);
    free(f->reviews);
    free(f->meta);
    free(f->features);
    free(f->shop);
    free(f->model);
    *f = (bench_folder){0};
}
