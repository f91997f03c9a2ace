/* A growing text, and JSON values in it. The first failure is kept in `status` and later calls do
 * nothing, so that a writer checks once, at the end. */
#ifndef LB_CORE_TEXT_H
#define LB_CORE_TEXT_H

#include "core/status.h"

typedef struct text {
    char *bytes; // NUL-terminated once something was added; owned: free()
    size_t n, capacity;
    lb_status status;
} text;

void text_add(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes, or null for NULL. Bytes that are not UTF-8 become U+FFFD; control
 * characters and "<" are escaped, so that it may stand in a page. */
void text_json_string(text *t, const char *value);

/* The shortest of 15 to 17 digits that reads back as the same number, with a point whatever the
 * locale; null for NaN and infinities. */
void text_json_number(text *t, double value);

#endif
