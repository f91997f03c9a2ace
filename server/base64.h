/* base64 (RFC 4648, section 4): the alphabet with + and /, padding demanded, nothing else. */
#ifndef LOOKBOOK_SERVER_BASE64_H
#define LOOKBOOK_SERVER_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Room for the bytes that `n` characters may stand for. */
#define BASE64_ROOM(n) ((n) / 4 * 3)

/* Decodes text[0..n) into `out`, which has BASE64_ROOM(n) bytes, and stores their number. False if
 * it is not base64, with the position of the first fault in *size. */
bool base64_decode(const char *text, size_t n, unsigned char *out, size_t *size);

/* The number of characters that stand for n bytes. */
#define BASE64_LENGTH(n) (((n) + 2) / 3 * 4)

/* Encodes bytes[0..n) into `out`, which has BASE64_LENGTH(n) characters; no NUL is added. */
void base64_encode(const void *bytes, size_t n, char *out);

#endif
