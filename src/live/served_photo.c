/* Small copies of products' photos, kept in the dataset's folder `cache`. A copy is named by the
 * photo's path, time and size, so that another photo never shows through it; nothing of a request
 * is part of a name. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "live/served.h"
#include "media/thumbnail.h"

enum { QUALITY = 82, NAME_SIZE = SHA256_TEXT_SIZE + 16 };

static lb_status find_photo(lb_service *s, const char *id, char **path) {
    uint32_t product;
    pthread_rwlock_rdlock(&s->lock);
    const lb_recommender *r = s->state->r;
    lb_status status = live_find_product(r, id, &product);
    const live_product *known = status == LB_OK ? r->known[product] : NULL;
    if (status == LB_OK && (!known || !known->photo))
        status = status_fail(LB_E_NOT_FOUND, "product \"%s\" has no photo", id);
    else if (status == LB_OK) {
        *path = known->photo[0] == '/' ? memory_string(known->photo)
                                       : file_path(s->directory, known->photo);
        if (!*path) status = LB_E_NOMEM;
    }
    pthread_rwlock_unlock(&s->lock);
    return status;
}

static lb_status cache_name(const char *path, const char *id, uint32_t side, char name[NAME_SIZE]) {
    struct stat info;
    char facts[96], digits[SHA256_TEXT_SIZE];
    unsigned char sum[SHA256_SIZE];
    sha256 h;
    if (stat(path, &info) != 0)
        return status_fail(LB_E_NOT_FOUND, "the photo of product \"%s\" is gone: %s", id,
                           strerror(errno));
    snprintf(facts, sizeof facts, "%" PRId64 ".%09ld %" PRId64, (int64_t)info.st_mtim.tv_sec,
             (long)info.st_mtim.tv_nsec, (int64_t)info.st_size);
    sha256_begin(&h);
    sha256_add(&h, path, strlen(path) + 1);
    sha256_add(&h, facts, strlen(facts));
    sha256_end(&h, sum);
    snprintf(name, NAME_SIZE, "%s-%u.jpg", sha256_text(sum, digits), (unsigned)side);
    return LB_OK;
}

static lb_status read_whole(const char *path, unsigned char **bytes, size_t *size) {
    file_map map;
    LB_TRY(file_map_open(path, &map));
    char *copy = memory_bytes((const char *)map.bytes, map.size);
    *size = map.size;
    file_map_close(&map);
    if (!copy) return LB_E_NOMEM;
    *bytes = (unsigned char *)copy;
    return LB_OK;
}

static lb_status write_whole(const char *path, const void *bytes, size_t size) {
    file_writer *w = NULL;
    LB_TRY(file_writer_open(path, &w));
    lb_status status = file_writer_write(w, bytes, size);
    if (status == LB_OK) return file_writer_commit(w);
    file_writer_abort(w);
    return status;
}

/* A dataset that has no room for the copy is no reason to go without the picture. */
static void keep_copy(const char *folder, const char *kept, const thumbnail *made) {
    if (file_make_directory(folder) == LB_OK) (void)write_whole(kept, made->jpeg, made->size);
}

static lb_status make_photo(const char *folder, const char *kept, const char *path, const char *id,
                            uint32_t side, unsigned char **jpeg, size_t *size) {
    thumbnail made = {0};
    lb_status status = thumbnail_read(path, side, QUALITY, &made);
    if (status == LB_E_NOT_FOUND)
        return status_fail(LB_E_NOT_FOUND, "the photo of product \"%s\" is gone", id);
    LB_TRY(status);
    keep_copy(folder, kept, &made);
    *jpeg = made.jpeg;
    *size = made.size;
    return LB_OK;
}

lb_status served_photo(lb_service *s, const char *id, uint32_t side, unsigned char **bytes,
                       size_t *size) {
    char name[NAME_SIZE], *path = NULL, *folder = NULL, *kept = NULL;
    lb_status status = LB_OK;
    LB_TRY(find_photo(s, id, &path));
    if (!side) {
        status = read_whole(path, bytes, size);
        goto cleanup;
    }
    LB_TRY_CLEANUP(cache_name(path, id, side, name));
    LB_TRY_CLEANUP((folder = file_path(s->directory, "cache")) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP((kept = file_path(folder, name)) ? LB_OK : LB_E_NOMEM);
    if (file_exists(kept) && read_whole(kept, bytes, size) == LB_OK && *size) goto cleanup;
    status = make_photo(folder, kept, path, id, side, bytes, size);
cleanup:
    free(path);
    free(folder);
    free(kept);
    return status;
}
