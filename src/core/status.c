#include "core/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_TEXT_SIZE = 1024 };

static _Thread_local char error_text[ERROR_TEXT_SIZE];

const char *lb_status_name(lb_status status) {
    switch (status) {
#define NAME_CASE(name, number, text) \
    case LB_##name: return #name;
        LB_STATUS_MAP(NAME_CASE)
#undef NAME_CASE
    }
    return "unknown";
}

const char *lb_status_text(lb_status status) {
    switch (status) {
#define TEXT_CASE(name, number, text) \
    case LB_##name: return text;
        LB_STATUS_MAP(TEXT_CASE)
#undef TEXT_CASE
    }
    return "unknown status";
}

const char *lb_last_error(void) {
    return error_text;
}

const char *lb_version(void) {
    return LB_VERSION;
}

/* Control characters in names that come from files must not reach a terminal; bytes of UTF-8 stay.
 */
static void make_printable(char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c < 0x20 && c != '\n') || c == 0x7f) *text = '?';
    }
}

lb_status status_fail(lb_status code, const char *format, ...) {
    char text[ERROR_TEXT_SIZE]; // an argument may be the old error text itself
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    make_printable(text);
    memcpy(error_text, text, sizeof error_text);
    return code;
}

/* A limit on the size of files or on a user's share is a full disk to whoever writes. */
static bool is_full(int cause) {
    return cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
}

lb_status status_of_errno(lb_status code, int cause) {
    return code == LB_E_IO && is_full(cause) ? LB_E_FULL : code;
}

lb_status status_fail_errno(lb_status code, const char *format, ...) {
    int cause = errno;
    char text[ERROR_TEXT_SIZE], reason[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strerror_r(cause, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", cause);
    return status_fail(status_of_errno(code, cause), "%.800s: %s", text, reason);
}

lb_status status_prefix(lb_status code, const char *format, ...) {
    char text[ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return status_fail(code, "%.300s: %.700s", text, error_text);
}
