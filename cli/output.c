/* Text from data made fit for a terminal, and JSON. */
#include <math.h>
#include <string.h>

#include "cli.h"

/* Bytes of the UTF-8 character at `p`, 1 for what is none. */
static size_t character_bytes(const unsigned char *p) {
    size_t n = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 1;
    return n;
}

void cli_print_text(FILE *out, const char *text, size_t columns, int pad) {
    const unsigned char *p = (const unsigned char *)text;
    size_t length = 0, at = 0;
    for (const unsigned char *q = p; *q; q += character_bytes(q)) length++;
    size_t shown = length > columns ? columns - 1 : length;
    for (; at < shown; at++) {
        size_t n = character_bytes(p);
        int control = n == 1 ? *p < 0x20 || *p >= 0x7f : n == 2 && *p == 0xc2 && p[1] < 0xa0;
        if (control)
            fputc('?', out);
        else
            fwrite(p, 1, n, out);
        p += n;
    }
    if (length > columns) fputs("\xe2\x80\xa6", out), at++;
    for (; pad && at < columns; at++) fputc(' ', out);
}

static void print_string(const char *text) {
    putchar('"');
    for (const char *p = text; *p; p++) {
        unsigned char byte = (unsigned char)*p;
        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte < 0x20)
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

static void begin_value(cli_json *json, const char *key) {
    if (json->began) putchar(',');
    json->began = 1;
    if (!key) return;
    print_string(key);
    putchar(':');
}

void cli_json_open(cli_json *json, const char *key, char bracket) {
    begin_value(json, key);
    putchar(bracket);
    json->began = 0;
}

void cli_json_close(cli_json *json, char bracket) {
    putchar(bracket);
    json->began = 1;
}

void cli_json_end(cli_json *json, char bracket) {
    cli_json_close(json, bracket);
    putchar('\n');
}

void cli_json_text(cli_json *json, const char *key, const char *value) {
    begin_value(json, key);
    if (value)
        print_string(value);
    else
        fputs("null", stdout);
}

void cli_json_count(cli_json *json, const char *key, uint64_t value) {
    begin_value(json, key);
    printf("%llu", (unsigned long long)value);
}

void cli_json_number(cli_json *json, const char *key, double value) {
    begin_value(json, key);
    if (isfinite(value))
        printf("%.9g", value);
    else
        fputs("null", stdout);
}

void cli_json_bool(cli_json *json, const char *key, int value) {
    begin_value(json, key);
    fputs(value ? "true" : "false", stdout);
}
