/* Where the tests find ONNX Runtime. */
#ifndef LB_TESTS_MEDIA_ONNX_HERE_H
#define LB_TESTS_MEDIA_ONNX_HERE_H

#include "support.h"

#include "media/onnx_library.h"

#ifdef __SANITIZE_ADDRESS__
/* The library keeps a few bytes of its own for good. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
    return "leak:libonnxruntime";
}
#endif

/* Whether there is an ONNX Runtime for tests: what tools/fetch_onnxruntime put there, or else the
 * system's, for which *path is NULL. Says that the test skips otherwise. */
static inline int test_onnx(const char **path) {
    struct stat info;
    onnx_library library;
    *path = stat(TEST_ONNX_LIBRARY, &info) == 0 ? TEST_ONNX_LIBRARY : NULL;
    if (onnx_library_open(*path, &library) == LB_OK) {
        onnx_library_close(&library);
        return 1;
    }
    print_message("skipped: %s; tools/fetch_onnxruntime fetches it\n", lb_last_error());
    return 0;
}

#endif
