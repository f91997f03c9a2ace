#include "core/utf8.h"

#include <string.h>

/* The length of the ASCII run at the start, in steps that the compiler turns into vector code. */
static size_t ascii_run(const unsigned char *text, size_t length) {
    size_t i = 0;
    for (; i + 64 <= length; i += 64) {
        unsigned char any = 0;
        for (size_t k = 0; k < 64; k++) any |= text[i + k];
        if (any & 0x80) break;
    }
    while (i < length && text[i] < 0x80) i++;
    return i;
}

/* The size of the valid character at `s`, whose first byte is not ASCII; 0 if there is none. */
static size_t wide_character(const unsigned char *s, size_t left) {
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
    size_t size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (left < size) return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0; // overlong
    if (s[0] == 0xed && s[1] > 0x9f) return 0; // surrogate
    if (s[0] == 0xf0 && s[1] < 0x90) return 0; // overlong
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0; // above U+10FFFF
    return size;
}

size_t utf8_valid_length(const char *text, size_t length) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    for (;;) {
        i += ascii_run(s + i, length - i);
        if (i == length) return length;
        while (i < length && s[i] >= 0x80) {
            size_t size = wide_character(s + i, length - i);
            if (!size) return i;
            i += size;
        }
    }
}

size_t utf8_encode(uint32_t code, char *out) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = 0xfffd;
    unsigned char bytes[4];
    size_t size;
    if (code < 0x80) {
        bytes[0] = (unsigned char)code;
        size = 1;
    } else if (code < 0x800) {
        bytes[0] = (unsigned char)(0xc0 | code >> 6);
        size = 2;
    } else if (code < 0x10000) {
        bytes[0] = (unsigned char)(0xe0 | code >> 12);
        size = 3;
    } else {
        bytes[0] = (unsigned char)(0xf0 | code >> 18);
        size = 4;
    }
    for (size_t i = 1; i < size; i++)
        bytes[i] = (unsigned char)(0x80 | (code >> 6 * (size - 1 - i) & 0x3f));
    memcpy(out, bytes, size);
    return size;
}

size_t utf8_decode(const char *text, size_t length, uint32_t *code) {
    const unsigned char *s = (const unsigned char *)text;
    size_t size = s[0] < 0x80 ? 1 : wide_character(s, length);
    if (size < 2) {
        *code = size ? s[0] : 0xfffd;
        return 1;
    }
    *code = s[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) *code = *code << 6 | (s[i] & 0x3f);
    return size;
}
