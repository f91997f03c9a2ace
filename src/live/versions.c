#include "live/versions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

struct model_versions {
    char *model, *serving, *previous, *loading;
};

static char *beside(const char *model, const char *ending) {
    size_t size = strlen(model) + strlen(ending) + 1;
    char *path = memory_resize(NULL, size, 1);
    if (path) snprintf(path, size, "%s%s", model, ending);
    return path;
}

lb_status model_versions_new(const char *model, model_versions **out) {
    model_versions *v;
    LB_TRY(NEW_ARRAY(v, 1));
    v->model = beside(model, "");
    v->serving = beside(model, ".serving");
    v->previous = beside(model, ".previous");
    v->loading = beside(model, ".loading");
    if (v->model && v->serving && v->previous && v->loading) {
        *out = v;
        return LB_OK;
    }
    model_versions_free(v);
    return LB_E_NOMEM;
}

void model_versions_free(model_versions *v) {
    if (!v) return;
    if (v->loading) model_versions_drop(v);
    free(v->model);
    free(v->serving);
    free(v->previous);
    free(v->loading);
    free(v);
}

/* ---- files */

static lb_status same_file(const char *a, const char *b, bool *same) {
    file_map x, y;
    *same = false;
    if (!file_exists(a) || !file_exists(b)) return LB_OK;
    LB_TRY(file_map_open(a, &x));
    lb_status status = file_map_open(b, &y);
    if (status == LB_OK) {
        *same = x.size == y.size && (x.size == 0 || memcmp(x.bytes, y.bytes, x.size) == 0);
        file_map_close(&y);
    }
    file_map_close(&x);
    return status;
}

static lb_status move(const char *from, const char *to) {
    if (rename(from, to) == 0) return LB_OK;
    return status_fail_errno(LB_E_IO, "cannot rename %s to %s", from, to);
}

/* ---- one model after the other */

lb_status model_versions_stage(model_versions *v, bool previous, const char **path) {
    if (previous && !file_exists(v->previous))
        return status_fail(LB_E_NOT_FOUND,
                           "%s: there is no model before the one in use; the first reload of "
                           "another one keeps it",
                           v->previous);
    LB_TRY(file_copy(previous ? v->previous : v->model, v->loading));
    *path = v->loading;
    return LB_OK;
}

void model_versions_drop(const model_versions *v) {
    unlink(v->loading);
}

lb_status model_versions_restore(model_versions *v) {
    return file_copy(v->loading, v->model);
}

lb_status model_versions_commit(model_versions *v) {
    bool same = false;
    LB_TRY(same_file(v->loading, v->serving, &same));
    if (!same && file_exists(v->serving)) LB_TRY(move(v->serving, v->previous));
    return move(v->loading, v->serving);
}

bool model_versions_has_previous(const model_versions *v) {
    return file_exists(v->previous);
}

const char *model_versions_serving(const model_versions *v) {
    return v->serving;
}
