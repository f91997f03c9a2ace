/* A growing run of bytes, and JSON values in it. The first failure is kept in `failed`, and later
 * calls do nothing, so that a writer checks once, at the end. */
#ifndef LOOKBOOK_SERVER_BUFFER_H
#define LOOKBOOK_SERVER_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct buffer {
    char *bytes; // NUL-terminated once something was added
    size_t n, capacity;
    bool failed; // out of memory
} buffer;

void buffer_bytes(buffer *b, const void *bytes, size_t n);
void buffer_text(buffer *b, const char *text);
void buffer_print(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes, null for NULL. Bytes that are not UTF-8 become U+FFFD; control
 * characters and "<" are escaped. */
void buffer_json(buffer *b, const char *text);

/* Takes the first n bytes away. */
void buffer_drop(buffer *b, size_t n);

void buffer_free(buffer *b); // accepts all zero; leaves it so

/* The number of leading bytes that are whole valid UTF-8 characters (RFC 3629); n when all are. */
size_t utf8_prefix(const char *text, size_t n);

#endif
