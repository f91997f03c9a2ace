#include "media/onnx_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"

#define ADVICE                                                                                    \
    "install a package of it (libonnxruntime-dev of Debian 13 and later), or name the library's " \
    "file with --onnx-library"

/* Code of the library may still run when its last user is gone (threads' own data are destroyed at
 * their end), so it stays in memory: RTLD_NODELETE. */
static void *load(const char *name) {
    return dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

/* Debian's file is named after the version, libonnxruntime.so.1.21; others link it to .so.1. */
static void *load_from_system(void) {
    enum { NEWEST = 99, OLDEST = 14 };
    static const char *const names[] = {"libonnxruntime.so.1", "libonnxruntime.so"};
    void *handle = NULL;
    for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++) handle = load(names[i]);
    for (int minor = NEWEST; !handle && minor >= OLDEST; minor--) {
        char name[40];
        snprintf(name, sizeof name, "libonnxruntime.so.1.%d", minor);
        handle = load(name);
    }
    return handle;
}

static lb_status load_named(const char *path, void **out) {
    if (strchr(path, '/') && !file_exists(path))
        return status_fail(LB_E_NOT_FOUND, "%s: there is no such file; ONNX Runtime is wanted: %s",
                           path, ADVICE);
    if ((*out = load(path))) return LB_OK;
    const char *reason = dlerror();
    return status_fail(LB_E_UNSUPPORTED, "%s cannot be loaded as ONNX Runtime (%s); %s", path,
                       reason ? reason : "no reason is given", ADVICE);
}

/* ISO C knows no conversion of a data pointer to one of a function; POSIX makes both alike. */
static const onnx_base *find_base(void *handle) {
    const onnx_base *(*base)(void) = NULL;
    void *symbol = dlsym(handle, "OrtGetApiBase");
    _Static_assert(sizeof symbol == sizeof base, "pointers are alike");
    memcpy(&base, &symbol, sizeof base);
    return base ? base() : NULL;
}

lb_status onnx_library_open(const char *path, onnx_library *out) {
    const char *name = path ? path : "the system's libonnxruntime";
    onnx_library l = {0};
    if (path)
        LB_TRY(load_named(path, &l.handle));
    else
        l.handle = load_from_system();
    if (!l.handle)
        return status_fail(LB_E_UNSUPPORTED,
                           "this system has no ONNX Runtime (libonnxruntime.so), which runs "
                           "networks from .onnx files: %s",
                           ADVICE);
    const onnx_base *base = find_base(l.handle);
    lb_status status = LB_OK;
    if (!base)
        status = status_fail(LB_E_UNSUPPORTED, "%s is a library, but not ONNX Runtime; %s", name,
                             ADVICE);
    if (status == LB_OK) {
        l.version = base->version();
        l.api = base->api(ONNX_API_VERSION);
        if (!l.api)
            status = status_fail(LB_E_UNSUPPORTED,
                                 "%s is ONNX Runtime %s; 1.%d or a later one is needed", name,
                                 l.version, ONNX_API_VERSION);
    }
    if (status == LB_OK)
        *out = l;
    else
        onnx_library_close(&l);
    return status;
}

void onnx_library_close(onnx_library *l) {
    if (l->handle) dlclose(l->handle);
    *l = (onnx_library){0};
}
