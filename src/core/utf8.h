/* UTF-8: checking, encoding and decoding (RFC 3629: no overlong forms, no surrogates, up to
 * U+10FFFF). */
#ifndef LB_CORE_UTF8_H
#define LB_CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The number of leading bytes that are whole valid UTF-8 characters; `length` when all are. */
size_t utf8_valid_length(const char *text, size_t length);

/* Writes a code point's 1 to 4 bytes and returns their number. Surrogates and numbers above
 * U+10FFFF are written as U+FFFD. */
size_t utf8_encode(uint32_t code, char *out);

/* Reads the character at the start of text[0..length), length >= 1, and returns its size; a byte
 * that begins no valid character is read as U+FFFD, of size 1. */
size_t utf8_decode(const char *text, size_t length, uint32_t *code);

#endif
