#include "data/readers.h"

#include "core/random.h"
#include "core/utf8.h"
#include "data/stream.h"
#include "data/stream_gzip.h"

/* Reads all lines; returns their number and the status that ended it. */
static lb_status count_lines(const char *path, size_t *lines, size_t *bytes) {
    stream *s = NULL;
    *lines = *bytes = 0;
    lb_status status = stream_open(path, &s);
    while (status == LB_OK) {
        char *line;
        size_t length;
        status = stream_line(s, &line, &length);
        if (status != LB_OK || !line) break;
        assert_int_equal(strlen(line), length);
        assert_int_equal(stream_line_number(s), ++*lines);
        *bytes += length;
    }
    stream_close(s);
    return status;
}

static void has_lines(const char *path, size_t expected_lines, size_t expected_bytes) {
    size_t lines, bytes;
    assert_ok(count_lines(path, &lines, &bytes));
    assert_int_equal(lines, expected_lines);
    assert_int_equal(bytes, expected_bytes);
}

static void fails(const char *path, lb_status code, const char *phrase) {
    size_t lines, bytes;
    assert_error(count_lines(path, &lines, &bytes), code, phrase);
}

static void lines_end_in_any_way(void **state) {
    (void)state;
    has_lines(write_text("a", ""), 0, 0);
    has_lines(write_text("a", "\n"), 1, 0);
    has_lines(write_text("a", "x"), 1, 1);
    has_lines(write_text("a", "x\r\ny\n\r\nz\r"), 4, 3);
    has_lines(write_text("a", "\xef\xbb\xbfx\n"), 1, 1);
    has_lines(write_text("a.gz", "\xef\xbb\xbfx\n\ny"), 3, 2);
}

/* Lines around the sizes of the buffers, plain and packed. */
static void long_lines_cross_the_buffers(void **state) {
    (void)state;
    enum { LONG = 3 << 20 };
    char *text = memory_new(LONG + 1, 1);
    for (size_t length = (256 << 10) - 3; length < (256 << 10) + 4; length++) {
        memset(text, 'x', LONG);
        for (size_t i = length; i < LONG; i += length + 1) text[i] = '\n';
        size_t lines = (LONG + length) / (length + 1), ends = LONG / (length + 1);
        has_lines(write_file("a", text, LONG), lines, LONG - ends);
        has_lines(write_file("a.gz", text, LONG), lines, LONG - ends);
    }
    memset(text, 'y', LONG);
    has_lines(write_file("a", text, LONG), 1, LONG);
    free(text);
}

static void endless_lines_are_refused(void **state) {
    (void)state;
    size_t size = (size_t)STREAM_MAX_LINE + 10;
    char *text = memory_new(size, 1);
    memset(text, 'x', size);
    memcpy(text, "a\n", 2);
    fails(write_file("bomb.gz", text, size), LB_E_FORMAT, "line 2: the line is longer than 64 MiB");
    free(text);
}

static void text_must_be_utf8_without_nul(void **state) {
    (void)state;
    fails(write_file("a", "ok\nx\0y\n", 7), LB_E_FORMAT, "line 2: byte 2 is NUL");
    fails(write_text("a", "ok\nok\nab\xff\n"), LB_E_FORMAT, "line 3: byte 3 (0xff) is not UTF-8");
    fails(write_text("a", "caf\xe9\n"), LB_E_FORMAT, "line 1: byte 4 (0xe9) is not UTF-8");
    fails(write_file("a", "\xff\xfeu\0", 4), LB_E_FORMAT, "line 1: this is UTF-16");
    fails(write_file("a.zip", "PK\x03\x04xxxx", 8), LB_E_UNSUPPORTED, "a zip archive");
    fails(write_file("a.zst", "\x28\xb5\x2f\xfdxxxx", 8), LB_E_UNSUPPORTED, "zstd");
}

static void utf8_is_checked(void **state) {
    (void)state;
    static const char *const wrong[] = {"\x80",         "\xc0\xaf",         "\xc3",
                                        "\xe0\x9f\xbf", "\xed\xa0\x80",     "\xe2\x82",
                                        "\xf5\x80",     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80"};
    char text[200];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t before = 0; before < 140; before++) {
            memset(text, 'a', before);
            snprintf(text + before, sizeof text - before, "%s", wrong[i]);
            assert_int_equal(utf8_valid_length(text, strlen(text)), before);
        }
    for (uint32_t code = 1; code <= 0x10ffff; code++) {
        size_t size = utf8_encode(code, text);
        assert_int_equal(utf8_valid_length(text, size), size);
        if (size > 1) assert_int_equal(utf8_valid_length(text, size - 1), 0);
    }
    assert_int_equal(utf8_encode(0xd800, text), 3);
    assert_memory_equal(text, "\xef\xbf\xbd", 3);
}

/* ---------------------------------------------------------------- gzip */

enum { TEXT = 200000 };

static char *some_text(void) {
    char *text = memory_new(TEXT + 1, 1);
    random_stream r = random_open(1, "text", 0);
    for (size_t i = 0; i < TEXT; i++)
        text[i] = i % 100 == 99 ? '\n' : (char)('a' + random_below(&r, 20));
    return text;
}

/* The bytes of a file, allocated. */
static unsigned char *load(const char *path, size_t *size) {
    file_map map;
    assert_ok(file_map_open(path, &map));
    unsigned char *bytes = memory_new(map.size + 1, 1);
    memcpy(bytes, map.bytes, map.size);
    *size = map.size;
    file_map_close(&map);
    return bytes;
}

static void gzip_members_follow_each_other(void **state) {
    (void)state;
    size_t size;
    char *text = some_text();
    unsigned char *one = load(write_file("one.gz", text, TEXT), &size);
    unsigned char *many = memory_new(6 * size + 4096, 1);
    for (size_t i = 0; i < 6; i++) memcpy(many + i * size, one, size);
    has_lines(write_file("many", many, 6 * size), 6 * TEXT / 100, 6 * TEXT / 100 * 99);
    has_lines(write_file("padded", many, 6 * size + 4096), 6 * TEXT / 100, 6 * TEXT / 100 * 99);
    many[6 * size] = 'x';
    fails(write_file("trailing", many, 6 * size + 1), LB_E_FORMAT,
          "line 12001: bytes that are not");
    fails(write_file("cut", many, 6 * size - 9), LB_E_FORMAT, "the file is incomplete");
    free(many);
    free(one);
    free(text);
}

static void incomplete_gzip_is_refused(void **state) {
    (void)state;
    size_t size, lines, bytes;
    char *text = some_text();
    unsigned char *packed = load(write_file("whole.gz", text, TEXT), &size);
    for (size_t cut = 2; cut < size; cut += cut < 40 || cut + 40 > size ? 1 : 977) {
        const char *path = write_file("cut", packed, cut);
        char line[40];
        assert_error(count_lines(path, &lines, &bytes), LB_E_FORMAT, "the file is incomplete");
        snprintf(line, sizeof line, ": line %zu: ", lines + 1);
        assert_non_null(strstr(lb_last_error(), line));
        assert_true(cut < 100 || lines + 700 >= TEXT / 100 * cut / size);
    }
    free(packed);
    free(text);
}

/* Flipped bits are found: by the decoder or by the checksum. Some header bits mean nothing. */
static void damaged_gzip_is_refused(void **state) {
    (void)state;
    size_t size, lines, bytes;
    char *text = some_text();
    unsigned char *packed = load(write_file("whole.gz", text, TEXT), &size);
    random_stream r = random_open(2, "damage", 0);
    for (int i = 0; i < 300; i++) {
        size_t at = 10 + (size_t)random_below(&r, size - 10);
        unsigned char bit = (unsigned char)(1u << random_below(&r, 8));
        packed[at] ^= bit;
        assert_int_equal(count_lines(write_file("damaged", packed, size), &lines, &bytes),
                         LB_E_FORMAT);
        assert_true(strlen(lb_last_error()) > 20);
        packed[at] ^= bit;
    }
    free(packed);
    free(text);
}

static void bytes_and_peeks_agree_with_the_file(void **state) {
    (void)state;
    char *text = some_text(), *copy = memory_new(TEXT + 10, 1);
    const char *names[] = {"plain", "packed.gz"}, *peeked;
    for (size_t n = 0; n < 2; n++) {
        stream *s;
        size_t got, size, done = 0;
        assert_ok(stream_open(write_file(names[n], text, TEXT), &s));
        assert_ok(stream_peek(s, &peeked, &size));
        assert_true(size >= 64 << 10);
        assert_memory_equal(peeked, text, size);
        do {
            assert_ok(stream_read(s, copy + done, done % 5000 + 1, &got));
            done += got;
        } while (done < TEXT);
        assert_ok(stream_read(s, copy, 10, &got));
        assert_int_equal(got, 0);
        assert_int_equal(stream_position(s), stream_size(s));
        stream_close(s);
    }
    stream_close(NULL);
    print_message("gzip files are read with %s\n", gunzip_engine());
    free(copy);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_any_way),
        cmocka_unit_test(long_lines_cross_the_buffers),
        cmocka_unit_test(endless_lines_are_refused),
        cmocka_unit_test(text_must_be_utf8_without_nul),
        cmocka_unit_test(utf8_is_checked),
        cmocka_unit_test(gzip_members_follow_each_other),
        cmocka_unit_test(incomplete_gzip_is_refused),
        cmocka_unit_test(damaged_gzip_is_refused),
        cmocka_unit_test(bytes_and_peeks_agree_with_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
