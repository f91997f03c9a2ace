#include "media/encoder_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void encoder_copy_digest(const file_map *map, char text[SHA256_TEXT_SIZE]) {
    uint8_t digest[SHA256_SIZE];
    sha256_of(map->bytes, map->size, digest);
    sha256_text(digest, text);
}

/* directory/encoders/DIGEST.onnx; with `make` the folder is made. */
static lb_status copy_path(const char *directory, const char *digest, const char *ending, bool make,
                           char **out) {
    char name[SHA256_TEXT_SIZE + 24];
    char *folder = file_path(directory, "encoders");
    if (!folder) return LB_E_NOMEM;
    lb_status status = make ? file_make_directory(folder) : LB_OK;
    free(folder);
    LB_TRY(status);
    snprintf(name, sizeof name, "encoders/%.64s%.8s", digest, ending);
    return (*out = file_path(directory, name)) ? LB_OK : LB_E_NOMEM;
}

static lb_status write_copy(const file_map *map, const char *path) {
    file_writer *w;
    LB_TRY(file_writer_open(path, &w));
    lb_status status = file_writer_write(w, map->bytes, map->size);
    if (status == LB_OK) return file_writer_commit(w);
    file_writer_abort(w);
    return status;
}

static bool has_digest(const file_map *map, const char *digest) {
    char found[SHA256_TEXT_SIZE];
    encoder_copy_digest(map, found);
    return strncmp(found, digest, SHA256_TEXT_SIZE - 1) == 0;
}

lb_status encoder_copy_keep(const char *path, const char *digest, const char *ending,
                            const char *directory) {
    char *copy = NULL;
    file_map map = {NULL, 0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(copy_path(directory, digest, ending, true, &copy));
    if (file_exists(copy)) goto cleanup;
    LB_TRY_CLEANUP(file_map_open(path, &map));
    if (!has_digest(&map, digest))
        status = status_fail(LB_E_MISMATCH, "%s has changed while it was in use; encode again",
                             path);
    else
        status = write_copy(&map, copy);
cleanup:
    file_map_close(&map);
    free(copy);
    return status;
}

lb_status encoder_copy_open(const char *directory, const char *digest, const char *ending,
                            char **path, file_map *out) {
    file_map map = {NULL, 0};
    LB_TRY(copy_path(directory, digest, ending, false, path));
    lb_status status = file_map_open(*path, &map);
    if (status == LB_E_NOT_FOUND)
        return status_fail(status,
                           "%s is gone: the dataset's products were encoded with it; put it back, "
                           "or encode anew",
                           *path);
    LB_TRY(status);
    if (!has_digest(&map, digest)) {
        file_map_close(&map);
        return status_fail(LB_E_FORMAT,
                           "%s: damaged: not the file it is named after; put the original back",
                           *path);
    }
    *out = map;
    return LB_OK;
}
