/* Listing a folder of photos named by product id. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "media/encode.h"

/* In order of preference where one id has several photos. */
static const char *const endings[] = {".jpg", ".jpeg", ".png", ".webp"};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

typedef struct photo {
    char *id, *path;
    size_t ending;
} photo;

typedef struct photos {
    photo *list; // (n)
    size_t n, capacity, n_other;
} photos;

static void photos_free(photos *p) {
    for (size_t i = 0; i < p->n; i++) {
        free(p->list[i].id);
        free(p->list[i].path);
    }
    free(p->list);
}

/* The ending's number, or N_ENDINGS; a name that is all ending has no id. */
static size_t find_ending(const char *name, size_t length) {
    for (size_t i = 0; i < N_ENDINGS; i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && strcasecmp(name + length - tail, endings[i]) == 0) return i;
    }
    return N_ENDINGS;
}

static lb_status add_entry(const char *folder, const char *name, photos *p) {
    size_t length = strlen(name), ending = find_ending(name, length);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return LB_OK;
    char *path = NULL;
    if (name[0] != '.' && ending < N_ENDINGS) {
        path = file_path(folder, name);
        if (!path) return LB_E_NOMEM;
    }
    if (!path || file_is_directory(path)) {
        free(path);
        p->n_other++;
        return LB_OK;
    }
    char *id = memory_bytes(name, length - strlen(endings[ending]));
    lb_status status = id ? GROW_ARRAY(p->list, p->n, p->capacity) : LB_E_NOMEM;
    if (status != LB_OK) {
        free(path);
        free(id);
        return status;
    }
    p->list[p->n++] = (photo){id, path, ending};
    return LB_OK;
}

static lb_status read_folder(const char *folder, photos *p) {
    DIR *directory = opendir(folder);
    if (!directory)
        return status_fail_errno(errno == ENOENT ? LB_E_NOT_FOUND : LB_E_IO,
                                 "%s: cannot list the folder of photos", folder);
    lb_status status = LB_OK;
    while (status == LB_OK) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (!entry) {
            if (errno) status = status_fail_errno(LB_E_IO, "%s: cannot list the folder", folder);
            break;
        }
        status = add_entry(folder, entry->d_name, p);
    }
    closedir(directory);
    return status;
}

static int compare_photos(const void *left, const void *right) {
    const photo *l = left, *r = right;
    int order = strcmp(l->id, r->id);
    if (order) return order;
    if (l->ending != r->ending) return l->ending < r->ending ? -1 : 1;
    return strcmp(l->path, r->path);
}

/* Moves the first photo of each id over to the list; the photos must be sorted. */
static void keep_first_of_each(photos *p, encode_list *list) {
    for (size_t i = 0; i < p->n; i++) {
        photo *x = &p->list[i];
        if (list->n && strcmp(list->items[list->n - 1].id, x->id) == 0) {
            list->n_duplicate++;
            continue;
        }
        list->items[list->n++] = (encode_item){x->id, x->path};
        x->id = x->path = NULL;
    }
}

lb_status encode_list_folder(const char *folder, encode_list *out) {
    lb_status status = LB_OK;
    photos p = {0};
    encode_list list = {0};
    LB_TRY_CLEANUP(read_folder(folder, &p));
    if (!p.n) {
        status = status_fail(LB_E_EMPTY,
                             "%s: no photo there; they must be named ID.jpg, ID.jpeg, ID.png or "
                             "ID.webp",
                             folder);
        goto cleanup;
    }
    qsort(p.list, p.n, sizeof *p.list, compare_photos);
    LB_TRY_CLEANUP(NEW_ARRAY(list.items, p.n));
    keep_first_of_each(&p, &list);
    list.n_other = p.n_other;
    *out = list;
cleanup:
    photos_free(&p);
    return status;
}

void encode_list_free(encode_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        free((char *)list->items[i].id);
        free((char *)list->items[i].path);
    }
    free(list->items);
    memset(list, 0, sizeof *list);
}
