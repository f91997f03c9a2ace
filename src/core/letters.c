#include "core/letters.h"

#include <string.h>

#include "core/utf8.h"

/* What is no part of a word beyond ASCII, first to last, ascending. */
static const struct {
    uint32_t first, last;
} gaps[] = {{0x0080, 0x00a9},   {0x00ab, 0x00b4}, {0x00b6, 0x00b9}, {0x00bb, 0x00bf},
            {0x00d7, 0x00d7},   {0x00f7, 0x00f7}, {0x037e, 0x037e}, {0x0387, 0x0387},
            {0x055a, 0x055f},   {0x0589, 0x058f}, {0x05be, 0x05be}, {0x05f3, 0x05f4},
            {0x0600, 0x060f},   {0x061b, 0x061f}, {0x066a, 0x066d}, {0x06d4, 0x06d4},
            {0x0964, 0x0965},   {0x0e3f, 0x0e3f}, {0x1680, 0x1680}, {0x2000, 0x2bff}, // symbols
            {0x2e00, 0x2e7f},   {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030},
            {0x30fb, 0x30fb},   {0xd800, 0xf8ff}, // surrogates, private use
            {0xfe00, 0xfe1f},   {0xfe30, 0xfe6f}, {0xfeff, 0xff0f}, {0xff1a, 0xff20},
            {0xff3b, 0xff40},   {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff}, // emoji
            {0xe0000, 0x10ffff}};

/* first, first + step, ... last have their lower case `delta` further on. */
static const struct {
    uint32_t first, last, step;
    int32_t delta;
} capitals[] = {{0x00c0, 0x00d6, 1, 32},    {0x00d8, 0x00de, 1, 32},   {0x0100, 0x012e, 2, 1},
                {0x0130, 0x0130, 1, -199},  {0x0132, 0x0136, 2, 1},    {0x0139, 0x0147, 2, 1},
                {0x014a, 0x0176, 2, 1},     {0x0178, 0x0178, 1, -121}, {0x0179, 0x017d, 2, 1},
                {0x017f, 0x017f, 1, -268},  {0x018f, 0x018f, 1, 202},  {0x01a0, 0x01a4, 2, 1},
                {0x01af, 0x01af, 1, 1},     {0x01cd, 0x01db, 2, 1},    {0x01de, 0x01ee, 2, 1},
                {0x01f8, 0x021e, 2, 1},     {0x0222, 0x0232, 2, 1},    {0x0386, 0x0386, 1, 38},
                {0x0388, 0x038a, 1, 37},    {0x038c, 0x038c, 1, 64},   {0x038e, 0x038f, 1, 63},
                {0x0391, 0x03a1, 1, 32},    {0x03a3, 0x03ab, 1, 32},   {0x03c2, 0x03c2, 1, 1},
                {0x0400, 0x040f, 1, 80},    {0x0410, 0x042f, 1, 32},   {0x0460, 0x0480, 2, 1},
                {0x048a, 0x04be, 2, 1},     {0x04c0, 0x04c0, 1, 15},   {0x04c1, 0x04cd, 2, 1},
                {0x04d0, 0x052e, 2, 1},     {0x0531, 0x0556, 1, 48},   {0x1e00, 0x1e94, 2, 1},
                {0x1e9e, 0x1e9e, 1, -7615}, {0x1ea0, 0x1efe, 2, 1},    {0xff21, 0xff3a, 1, 32}};

bool letters_in_word(uint32_t code) {
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9') ||
               (code >= 'A' && code <= 'Z');
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps && gaps[i].first <= code; i++)
        if (code <= gaps[i].last) return false;
    return true;
}

uint32_t letters_lower(uint32_t code) {
    if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + 32 : code;
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals && capitals[i].first <= code; i++)
        if (code <= capitals[i].last && (code - capitals[i].first) % capitals[i].step == 0)
            return (uint32_t)((int32_t)code + capitals[i].delta);
    return code;
}

size_t letters_next_word(const char **text, char *word, size_t size) {
    size_t n = 0, length = 0;
    while (**text) {
        uint32_t code;
        size_t step = utf8_decode(*text, strnlen(*text, 4), &code);
        if (!letters_in_word(code) && n) break;
        *text += step;
        if (!letters_in_word(code)) continue;
        if (length + 5 <= size) length += utf8_encode(letters_lower(code), word + length);
        n++;
    }
    word[length] = '\0';
    return n;
}
