/* UTF-8: checking and encoding (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF). */
#ifndef LB_CORE_UTF8_H
#define LB_CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The number of leading bytes that are whole valid UTF-8 characters; `length` when all are. */
size_t utf8_valid_length(const char *text, size_t length);

/* Writes a code point's 1 to 4 bytes and returns their number. Surrogates and numbers above
 * U+10FFFF are written as U+FFFD. */
size_t utf8_encode(uint32_t code, char *out);

#endif
