/* Errors: a status code to return and, per thread, a text for lb_last_error(). */
#ifndef LB_CORE_STATUS_H
#define LB_CORE_STATUS_H

#include "lookbook.h"

/* Sets this thread's error text (printf-style; say what, where and what to do) and returns `code`,
 * so that `return status_fail(LB_E_FORMAT, "%s: line %zu: ...", ...)` is all a caller writes. */
lb_status status_fail(lb_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As status_fail, with `: strerror(errno)` appended; LB_E_IO becomes LB_E_FULL where errno says
 * that there is no space. */
lb_status status_fail_errno(lb_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* `code`, or LB_E_FULL in the place of LB_E_IO where `cause` (an errno) says that there is no
 * space.
 */
lb_status status_of_errno(lb_status code, int cause);

/* Puts `prefix: ` in front of this thread's error text and returns `code`. For adding where
 * something happened. */
lb_status status_prefix(lb_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forwards an error to the caller. For functions that own nothing that must be freed. */
#define LB_TRY(expression)                            \
    do {                                              \
        lb_status try_status_ = (expression);         \
        if (try_status_ != LB_OK) return try_status_; \
    } while (0)

/* Forwards an error to the function's one `cleanup:` label through its `lb_status status` variable.
 */
#define LB_TRY_CLEANUP(expression)         \
    do {                                   \
        status = (expression);             \
        if (status != LB_OK) goto cleanup; \
    } while (0)

#endif
