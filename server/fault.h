/* Why a request is refused or fails: a code that programs read, and a sentence that says what,
 * where and what to do. Functions that can fail return false and fill one. */
#ifndef LOOKBOOK_SERVER_FAULT_H
#define LOOKBOOK_SERVER_FAULT_H

#include <stdbool.h>

#include "lookbook.h"

/* Every code: name, HTTP status, code in the reply. */
#define FAULT_MAP(X)                                 \
    X(BAD_REQUEST, 400, "bad_request")               \
    X(BAD_JSON, 400, "bad_json")                     \
    X(BAD_FIELD, 400, "bad_field")                   \
    X(BAD_IMAGE, 400, "bad_image")                   \
    X(UNAUTHORISED, 401, "unauthorised")             \
    X(FORBIDDEN, 403, "forbidden")                   \
    X(NOT_FOUND, 404, "not_found")                   \
    X(METHOD_NOT_ALLOWED, 405, "method_not_allowed") \
    X(TIMEOUT, 408, "timeout")                       \
    X(EXISTS, 409, "exists")                         \
    X(MISMATCH, 409, "mismatch")                     \
    X(TOO_LARGE, 413, "too_large")                   \
    X(TOO_MANY_ITEMS, 413, "too_many_items")         \
    X(LONG_ADDRESS, 414, "long_address")             \
    X(UNSUPPORTED_MEDIA, 415, "unsupported_media")   \
    X(LARGE_HEADER, 431, "large_header")             \
    X(INTERNAL, 500, "internal")                     \
    X(BUSY, 503, "busy")                             \
    X(NO_SPACE, 507, "no_space")

typedef enum fault_kind {
#define FAULT_ENUM(name, status, code) FAULT_##name,
    FAULT_MAP(FAULT_ENUM)
#undef FAULT_ENUM
} fault_kind;

typedef struct fault {
    fault_kind kind;
    char message[640]; // may hold bytes of the request, cut anywhere: escaped when it is printed
} fault;

/* Fills `f` and returns false. */
bool fault_set(fault *f, fault_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

unsigned fault_status(fault_kind kind);
const char *fault_code(fault_kind kind);

/* What a failed call of the library means over HTTP, with the library's own sentence. An error that
 * is not the client's comes out as INTERNAL. `with_image`: the request carried a photo, which is
 * what a wrong format then means. Returns false. */
bool fault_from_library(fault *f, lb_status status, bool with_image);

#endif
