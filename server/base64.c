#include "server/base64.h"

enum { NONE = 64 };

static unsigned value_of(char c) {
    if (c >= 'A' && c <= 'Z') return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z') return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (unsigned)(c - '0') + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : NONE;
}

/* Four characters, of which the last `padding` are "=". The bits that padding leaves over must be
 * zero, so that the same bytes have one spelling only. */
static bool decode_group(const char *text, size_t padding, unsigned char *out, size_t *fault) {
    unsigned bits = 0;
    for (size_t i = 0; i < 4; i++) {
        unsigned value = i < 4 - padding ? value_of(text[i]) : 0;
        if (value == NONE) {
            *fault = i;
            return false;
        }
        bits = bits << 6 | value;
    }
    if ((padding == 1 && bits & 0xff) || (padding == 2 && bits & 0xffff)) {
        *fault = 3 - padding;
        return false;
    }
    out[0] = (unsigned char)(bits >> 16);
    if (padding < 2) out[1] = (unsigned char)(bits >> 8 & 0xff);
    if (padding < 1) out[2] = (unsigned char)(bits & 0xff);
    return true;
}

bool base64_decode(const char *text, size_t n, unsigned char *out, size_t *size) {
    size_t written = 0, fault;
    if (n % 4) {
        *size = n;
        return false;
    }
    for (size_t i = 0; i < n; i += 4) {
        size_t padding = 0;
        if (i + 4 == n && text[n - 1] == '=') padding = text[n - 2] == '=' ? 2 : 1;
        if (!decode_group(text + i, padding, out + written, &fault)) {
            *size = i + fault;
            return false;
        }
        written += 3 - padding;
    }
    *size = written;
    return true;
}

void base64_encode(const void *bytes, size_t n, char *out) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    for (; n; out += 4) {
        size_t k = n < 3 ? n : 3;
        unsigned bits = (unsigned)at[0] << 16 | (k > 1 ? (unsigned)at[1] << 8 : 0) |
                        (k > 2 ? (unsigned)at[2] : 0);
        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 63];
        out[2] = k > 1 ? alphabet[bits >> 6 & 63] : '=';
        out[3] = k > 2 ? alphabet[bits & 63] : '=';
        at += k;
        n -= k;
    }
}
