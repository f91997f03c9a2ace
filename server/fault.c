#include "server/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* The library's statuses do not tell a full disk from another failure of the operating system; its
 * sentences end with the system's own words. */
static bool is_full(const char *sentence) {
    static const int full[] = {ENOSPC, EDQUOT, EFBIG};
    char words[128];
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        if (strerror_r(full[i], words, sizeof words) == 0 && strstr(sentence, words)) return true;
    return strstr(sentence, "disk is full") != NULL; // SQLite's
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
    case LB_E_INTERRUPTED: kind = FAULT_BUSY; break;
    default:
        if (is_full(sentence)) kind = FAULT_NO_SPACE;
        if (strstr(sentence, "another program is writing")) kind = FAULT_BUSY;
        break;
    }
    return fault_set(f, kind, "%s", *sentence ? sentence : lb_status_text(status));
}
