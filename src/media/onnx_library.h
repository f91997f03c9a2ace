/* ONNX Runtime's shared library, loaded at run time. */
#ifndef LB_MEDIA_ONNX_LIBRARY_H
#define LB_MEDIA_ONNX_LIBRARY_H

#include "core/status.h"
#include "media/onnx_api.h"

typedef struct onnx_library {
    void *handle;
    const onnx_api *api;
    const char *version; // such as "1.30.0"
} onnx_library;

/* Loads the library at `path`, or with NULL the system's. LB_E_NOT_FOUND: nothing at the path;
 * LB_E_UNSUPPORTED: the system has none, it cannot be loaded, is another library or too old. */
lb_status onnx_library_open(const char *path, onnx_library *out);
void onnx_library_close(onnx_library *l); // accepts all zero

#endif
