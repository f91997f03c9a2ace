#include "data/readers.h"

#include <math.h>

#include "core/half.h"

enum { B_RECORD = 10 + 4 * 4096 };

static read_report report;

static void reads(const char *path, const char *ids, const char *expected) {
    records r = {NULL, 0, 0};
    assert_ok(read_features(NULL, path, ids, collect_feature, &r, &report));
    assert_string_equal(r.text, expected);
    free(r.text);
}

static void fails(const char *path, const char *ids, lb_status code, const char *phrase) {
    records r = {NULL, 0, 0};
    assert_error(read_features(NULL, path, ids, collect_feature, &r, NULL), code, phrase);
    free(r.text);
}

/* ---------------------------------------------------------------- .b */

/* `n` records with ids B000000000, ... whose first value is the record's number and last is -1. */
static unsigned char *b_file(size_t n) {
    unsigned char *bytes = memory_new(n, B_RECORD);
    for (size_t i = 0; i < n; i++) {
        unsigned char *record = bytes + i * B_RECORD;
        char id[11];
        float first = (float)i, last = -1;
        snprintf(id, sizeof id, "B%09u", (unsigned)i);
        memcpy(record, id, 10);
        memcpy(record + 10, &first, 4);
        memcpy(record + B_RECORD - 4, &last, 4);
    }
    return bytes;
}

static void amazon_features_are_read(void **state) {
    (void)state;
    unsigned char *bytes = b_file(3);
    memcpy(bytes + B_RECORD, "short\0\0\0\0\0", 10);
    memcpy(bytes + 2 * B_RECORD, " pad      ", 10);
    const char *expected = "B000000000 0 -1 4096\nshort 1 -1 4096\npad 2 -1 4096\n";
    reads(write_file("f.b", bytes, 3 * B_RECORD), NULL, expected);
    assert_int_equal(report.records, 3);
    assert_int_equal(report.truncated_bytes, 0);
    reads(write_file("f.b.gz", bytes, 3 * B_RECORD), NULL, expected);
    reads(write_file("cut.b", bytes, 2 * B_RECORD + 77), NULL,
          "B000000000 0 -1 4096\nshort 1 -1 4096\n");
    assert_int_equal(report.truncated_bytes, 77);
    free(bytes);
}

static void damaged_amazon_features_are_refused(void **state) {
    (void)state;
    unsigned char *bytes = b_file(2);
    float nan = NAN, inf = -INFINITY;
    fails(write_file("tiny.b", bytes, 100), NULL, LB_E_FORMAT, "has 100 bytes, but one record");
    fails(write_file("empty.b", bytes, 0), NULL, LB_E_EMPTY, "empty.b");
    memcpy(bytes + B_RECORD + 10 + 4 * 7, &nan, 4);
    fails(write_file("nan.b", bytes, 2 * B_RECORD), NULL, LB_E_FORMAT,
          "record 2 (byte 16394): value 8 of B000000001 is not finite");
    memcpy(bytes + B_RECORD + 10, &inf, 4);
    fails(write_file("inf.b", bytes, 2 * B_RECORD), NULL, LB_E_FORMAT,
          "record 2 (byte 16394): "
          "value 1 of");
    bytes[3] = 0xff;
    fails(write_file("id.b", bytes, 2 * B_RECORD), NULL, LB_E_FORMAT,
          "record 1 (byte 0): the id is not text");
    memset(bytes, ' ', 10);
    fails(write_file("noid.b", bytes, 2 * B_RECORD), NULL, LB_E_FORMAT,
          "record 1 (byte 0): the "
          "product id is empty");
    fails(write_file("ids.b", bytes, 2 * B_RECORD), "ids.txt", LB_E_FORMAT, "no .npy file");
    fails(path_of("none.b"), NULL, LB_E_NOT_FOUND, "none.b");
    free(bytes);
}

/* ---------------------------------------------------------------- .npy */

/* Writes a file of the given version, dict and values. */
static const char *npy_file(int version, const char *dict, const void *values, size_t size) {
    unsigned char bytes[1024] = "\x93NUMPY";
    size_t length = strlen(dict), at = version == 1 ? 10 : 12;
    bytes[6] = (unsigned char)version;
    bytes[8] = (unsigned char)length;
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + at, dict, length);
    memcpy(bytes + at + length, values, size);
    return write_file("f.npy", bytes, at + length + size);
}

static const float numbers[] = {1, 2.5f, -3, 4, 5, 65504};
static const char dict[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n";

static void npy_files_are_read(void **state) {
    (void)state;
    const char *ids = write_text("ids.txt", "p1\r\np2\n\n"),
               *expected = "p1 1 -3 3\np2 4 65504 3\n";
    for (int version = 1; version <= 3; version++)
        reads(npy_file(version, dict, numbers, sizeof numbers), ids, expected);
    reads(npy_file(1, "{'shape': (2L, 3L), 'descr': '<f4', 'fortran_order': False}", numbers,
                   sizeof numbers),
          ids, expected);
    uint16_t halves[6];
    double doubles[6];
    for (size_t i = 0; i < 6; i++) {
        halves[i] = half_from_f32(numbers[i]);
        doubles[i] = (double)numbers[i];
    }
    reads(npy_file(1, "{'shape':(2,3),'descr':'<f2','fortran_order':False}", halves, sizeof halves),
          ids, expected);
    reads(
        npy_file(1, "{'shape':(2,3),'descr':'<f8','fortran_order':False}", doubles, sizeof doubles),
        ids, expected);
}

static void other_npy_files_are_refused(void **state) {
    (void)state;
    const char *ids = write_text("ids.txt", "p1\np2\n");
    static const struct {
        const char *dict;
        lb_status code;
        const char *phrase;
    } cases[] = {
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", LB_E_FORMAT, "big-endian"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}", LB_E_FORMAT, "type '|u1'"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}", LB_E_FORMAT,
         "'descr' is missing or no simple type"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", LB_E_FORMAT, "Fortran order"},
        {"{'descr': '<f4', 'shape': (2, 3)}", LB_E_FORMAT, "'fortran_order' is missing"},
        {"{'descr': '<f4', 'fortran_order': False}", LB_E_FORMAT, "'shape' is missing"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", LB_E_FORMAT, "1 dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)}", LB_E_FORMAT,
         "3 dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", LB_E_FORMAT, "whole numb"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", LB_E_EMPTY, "no rows"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}", LB_E_FORMAT, "0 values"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 9999999999)}", LB_E_FORMAT,
         "9999999999 values each"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999, 3)}", LB_E_FORMAT,
         "the file is incomplete"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3)}", LB_E_FORMAT,
         "24 bytes follow the header: the file is incomplete"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3)}", LB_E_FORMAT, "too long"},
        {"{'descr': '<f4'", LB_E_FORMAT, "column 16"},
        {"\xff", LB_E_FORMAT, "the header is not text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = npy_file(1, cases[i].dict, numbers, sizeof numbers);
        fails(path, ids, cases[i].code, cases[i].phrase);
        assert_non_null(strstr(lb_last_error(), path));
    }
    fails(npy_file(4, dict, numbers, sizeof numbers), ids, LB_E_FORMAT, "version 4");
    fails(npy_file(1, dict, numbers, sizeof numbers), NULL, LB_E_ARGUMENT, "names its rows");
    fails(write_file("t.npy", "\x93NUMPY\x01\0", 8), ids, LB_E_FORMAT, "ends within its header");
    fails(write_file("t.npy", "\x93NUMPY\x01\0\xff\xff  ", 12), ids, LB_E_FORMAT, "65535 bytes");
}

static void values_must_be_finite(void **state) {
    (void)state;
    const char *ids = write_text("ids.txt", "p1\np2\n");
    float f[6] = {1, 2, 3, 4, NAN, 6};
    fails(npy_file(1, dict, f, sizeof f), ids, LB_E_FORMAT, "row 2 (product p2): value 2 is not");
    double d[6] = {1, 1e300, 3, 4, 5, 6};
    fails(npy_file(1, "{'shape':(2,3),'descr':'<f8','fortran_order':False}", d, sizeof d), ids,
          LB_E_FORMAT, "row 1 (product p1): value 2 is not a finite float32");
    uint16_t h[6] = {0, 0, 0x7c00, 0, 0, 0};
    fails(npy_file(1, "{'shape':(2,3),'descr':'<f2','fortran_order':False}", h, sizeof h), ids,
          LB_E_FORMAT, "row 1 (product p1): value 3 is not");
}

static void ids_must_fit_the_rows(void **state) {
    (void)state;
    const char *path = npy_file(1, dict, numbers, sizeof numbers);
    fails(path, write_text("few.txt", "p1\n"), LB_E_FORMAT,
          "few.txt: line 2: 1 ids found, but the features have 2 rows");
    fails(path, write_text("many.txt", "p1\np2\n\np3\n"), LB_E_FORMAT,
          "many.txt: line 4: more ids than the 2 rows");
    fails(path, write_text("blank.txt", "\np2\n"), LB_E_FORMAT, "line 1: the product id is empty");
    fails(path, path_of("none.txt"), LB_E_NOT_FOUND, "none.txt");
}

/* ---------------------------------------------------------------- halves */

static void halves_convert_exactly(void **state) {
    (void)state;
    assert_true(half_to_f32(0x3c00) == 1 && half_to_f32(0xc000) == -2);
    assert_true(half_to_f32(0x7bff) == 65504 && half_to_f32(0x0001) == 0x1p-24f);
    assert_true(isinf(half_to_f32(0xfc00)) && isnan(half_to_f32(0x7e01)));
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        float value = half_to_f32((uint16_t)bits);
        if (isnan(value))
            assert_true(isnan(half_to_f32(half_from_f32(value))));
        else
            assert_int_equal(half_from_f32(value), bits);
    }
}

static void many_halves_convert_like_one(void **state) {
    (void)state;
    uint16_t halves[0x7c00];
    float values[0x7c00];
    for (uint32_t sign = 0; sign <= 0x8000; sign += 0x8000) {
        for (uint32_t bits = 0; bits < 0x7c00; bits++) halves[bits] = (uint16_t)(sign | bits);
        half_to_f32_finite(values, halves, 0x7c00);
        for (uint32_t bits = 0; bits < 0x7c00; bits++) {
            float one = half_to_f32(halves[bits]);
            assert_memory_equal(&values[bits], &one, sizeof one);
        }
    }
}

/* Between two neighbours the nearer wins, in the middle the one with the even fraction. */
static void halves_round_to_nearest_even(void **state) {
    (void)state;
    for (uint16_t bits = 0; bits < 0x7bff; bits++) {
        float low = half_to_f32(bits), high = half_to_f32((uint16_t)(bits + 1));
        float middle = (low + high) / 2; // exact in float32
        assert_int_equal(half_from_f32(middle), bits + (bits & 1));
        assert_int_equal(half_from_f32(nextafterf(middle, low)), bits);
        assert_int_equal(half_from_f32(nextafterf(middle, high)), bits + 1);
    }
    assert_int_equal(half_from_f32(65519.996f), 0x7bff);
    assert_int_equal(half_from_f32(65520), 0x7c00);
    assert_int_equal(half_from_f32(-1e30f), 0xfc00);
    assert_int_equal(half_from_f32(-0x1p-26f), 0x8000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amazon_features_are_read),
        cmocka_unit_test(damaged_amazon_features_are_refused),
        cmocka_unit_test(npy_files_are_read),
        cmocka_unit_test(other_npy_files_are_refused),
        cmocka_unit_test(values_must_be_finite),
        cmocka_unit_test(ids_must_fit_the_rows),
        cmocka_unit_test(halves_convert_exactly),
        cmocka_unit_test(many_halves_convert_like_one),
        cmocka_unit_test(halves_round_to_nearest_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
