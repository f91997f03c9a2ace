#include "server/fault.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    unsigned status;
    const char *code;
} faults[] = {
#define FAULT_ROW(name, status, code) {status, code},
    FAULT_MAP(FAULT_ROW)
#undef FAULT_ROW
};

bool fault_set(fault *f, fault_kind kind, const char *format, ...) {
    va_list arguments;
    f->kind = kind;
    va_start(arguments, format);
    vsnprintf(f->message, sizeof f->message, format, arguments);
    va_end(arguments);
    return false;
}

unsigned fault_status(fault_kind kind) {
    return faults[kind].status;
}

const char *fault_code(fault_kind kind) {
    return faults[kind].code;
}

bool fault_from_library(fault *f, lb_status status, bool with_image) {
    const char *sentence = lb_last_error();
    fault_kind kind = FAULT_INTERNAL;
    switch (status) {
    case LB_E_ARGUMENT:
    case LB_E_EMPTY: kind = FAULT_BAD_REQUEST; break;
    case LB_E_NOT_FOUND: kind = FAULT_NOT_FOUND; break;
    case LB_E_EXISTS: kind = FAULT_EXISTS; break;
    case LB_E_MISMATCH: kind = FAULT_MISMATCH; break;
    case LB_E_FORMAT: kind = with_image ? FAULT_BAD_IMAGE : FAULT_INTERNAL; break;
    case LB_E_UNSUPPORTED: kind = with_image ? FAULT_UNSUPPORTED_MEDIA : FAULT_BAD_REQUEST; break;
    case LB_E_BUSY:
    case LB_E_INTERRUPTED: kind = FAULT_BUSY; break;
    case LB_E_FULL: kind = FAULT_NO_SPACE; break;
    case LB_OK:
    case LB_E_NOMEM:
    case LB_E_IO:
    case LB_E_NUMERIC: break;
    }
    if (status == LB_E_BUSY) // the library's sentence has paths
        return fault_set(f, kind,
                         "another program, or another request of this kind, is at work on the "
                         "dataset; try again");
    return fault_set(f, kind, "%s", *sentence ? sentence : lb_status_text(status));
}
