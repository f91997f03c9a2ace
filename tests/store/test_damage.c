/* Damaged and foreign files: refused with the reason, or read as they are; never a crash. */
#include "support.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "store/safetensors.h"

/* A file with this header (padded to 8 bytes) and `n_data` bytes of data, in memory. */
typedef struct image {
    uint64_t words[128];
    size_t size;
} image;

static image make_image(const char *header, size_t n_data) {
    image m = {{0}, 0};
    unsigned char *bytes = (unsigned char *)m.words;
    size_t length = strlen(header), padded = (length + 7) / 8 * 8;
    assert_true(8 + padded + n_data <= sizeof m.words);
    m.words[0] = padded;
    memset(bytes + 8, ' ', padded);
    memcpy(bytes + 8, header, length);
    memset(bytes + 8 + padded, 7, n_data);
    m.size = 8 + padded + n_data;
    return m;
}

static lb_status try_open(const image *m) {
    st_reader *r = NULL;
    lb_status status = st_reader_open_memory(m->words, m->size, "bad", &r);
    st_reader_close(r);
    return status;
}

static lb_status try_header(const char *header, size_t n_data) {
    image m = make_image(header, n_data);
    return try_open(&m);
}

#define X_TENSOR(dtype, shape, offsets) \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static void foreign_files_are_read(void **state) {
    (void)state;
    assert_ok(try_header("{}", 0));
    assert_ok(try_header("{\"__metadata__\":{}}", 0));
    assert_ok(try_header(X_TENSOR("\"F32\"", "[2,1]", "[0,8]"), 8));
    assert_ok(try_header(X_TENSOR("\"F32\"", "[]", "[0,4]"), 4));
    image m = make_image("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                         "\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]},"
                         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}",
                         5);
    st_reader *r;
    assert_ok(st_reader_open_memory(m.words, m.size, "odd", &r));
    assert_false(st_reader_verified(r));
    const void *data;
    size_t one = 1;
    assert_ok(st_reader_find(r, "a", ST_U8, 1, &one, &data));
    assert_error(st_reader_find(r, "b", ST_F32, 1, &one, &data), LB_E_UNSUPPORTED, "not aligned");
    st_reader_close(r);
}

static void every_fault_has_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *header, *reason;
    } cases[] = {
        {"[]", "not a JSON object"},
        {"{\"x\"", "not valid JSON"},
        {"{}x", "byte 10: something follows"},
        {"{\"__metadata__\":3}", "__metadata__"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", "__metadata__ is there twice"},
        {"{\"__metadata__\":{\"a\":1}}", "metadata \"a\" is not a text"},
        {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "metadata \"a\" is there twice"},
        {"{\"x\":3}", "\"x\": expected exactly"},
        {"{\"x\":[1]}", "\"x\": expected exactly"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", "\"x\": expected exactly"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"y\":1}}", "exactly"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}}",
         "exactly"},
        {X_TENSOR("\"F33\"", "[2]", "[0,8]"), "unknown dtype"},
        {X_TENSOR("3", "[2]", "[0,8]"), "unknown dtype"},
        {X_TENSOR("\"F32\"", "2", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[2.5]", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[-2]", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[1e300]", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[\"2\"]", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), "up to 8 sizes"},
        {X_TENSOR("\"F32\"", "[4294967296,4294967296]", "[0,8]"), "shape"},
        {X_TENSOR("\"F32\"", "[2]", "8"), "two whole numbers"},
        {X_TENSOR("\"F32\"", "[2]", "[0]"), "two whole numbers"},
        {X_TENSOR("\"F32\"", "[2]", "[0,8,8]"), "two whole numbers"},
        {X_TENSOR("\"F32\"", "[2]", "[-8,0]"), "two whole numbers"},
        {X_TENSOR("\"F32\"", "[4]", "[0,16]"), "outside the file"},
        {X_TENSOR("\"F32\"", "[2]", "[8,0]"), "outside the file"},
        {X_TENSOR("\"F32\"", "[3]", "[0,8]"), "do not fit the shape"},
        {X_TENSOR("\"F32\"", "[1]", "[4,8]"), "a hole lies before it"},
        {X_TENSOR("\"F32\"", "[1]", "[0,4]"), "bytes that belong to no tensor"},
        {"{}", "bytes that belong to no tensor"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         "\"y\": overlaps another"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         "\"x\": is there twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_error(try_header(cases[i].header, 8), LB_E_FORMAT, cases[i].reason);
        assert_non_null(strstr(lb_last_error(), "bad: "));
    }
    assert_error(try_header("{\"__metadata__\":{\"lookbook.checksum\":\"0\"}}", 0), LB_E_FORMAT,
                 "checksum");
}

static void bad_lengths_are_refused(void **state) {
    (void)state;
    image m = make_image("{}", 0);
    m.size = 7;
    assert_error(try_open(&m), LB_E_FORMAT, "too short");
    m.size = 16;
    static const uint64_t lengths[] = {0, 1, 9, ST_MAX_HEADER + 1, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        m.words[0] = lengths[i];
        assert_error(try_open(&m), LB_E_FORMAT, "byte 0: header of");
    }
    m = make_image("{}", 0);
    ((char *)m.words)[12] = 0;
    assert_error(try_open(&m), LB_E_FORMAT, "not a JSON object");
    st_reader *r;
    char *path = file_path(test_folder(), "empty");
    test_write(path, "", 0);
    assert_error(st_reader_open(path, &r), LB_E_FORMAT, "too short");
    assert_error(st_reader_open("/nonexistent/model", &r), LB_E_NOT_FOUND, "/nonexistent/model");
    free(path);
}

static void strings_with_bad_offsets_are_refused(void **state) {
    (void)state;
    static const int64_t bad[][3] = {{1, 2, 3}, {0, 4, 3}, {0, 1, 2}, {0, 1, 4}, {0, -1, 3}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *path = file_path(test_folder(), "s");
        const size_t three = 3;
        st_writer *w;
        st_reader *r;
        st_strings s;
        assert_ok(st_writer_new(&w));
        assert_ok(st_writer_tensor(w, "ids.bytes", ST_U8, &three, 1, "abc"));
        assert_ok(st_writer_tensor(w, "ids.offsets", ST_I64, &three, 1, bad[i]));
        assert_ok(st_writer_save(w, path));
        st_writer_free(w);
        assert_ok(st_reader_open(path, &r));
        assert_error(st_reader_strings(r, "ids", &s), LB_E_FORMAT, "offset");
        st_reader_close(r);
        free(path);
    }
}

/* A good file with a checksum, as bytes. */
static unsigned char *good_file(size_t *size) {
    static const float x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const ids[] = {"one", "two"};
    const size_t shape[] = {3, 3};
    char *path = file_path(test_folder(), "good");
    st_writer *w;
    file_map map;
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_tensor(w, "x", ST_F32, shape, 2, x));
    assert_ok(st_writer_strings(w, "ids", ids, 2));
    assert_ok(st_writer_metadata(w, "model", "vasg"));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    assert_ok(file_map_open(path, &map));
    unsigned char *bytes;
    assert_ok(NEW_ARRAY(bytes, map.size));
    memcpy(bytes, map.bytes, map.size);
    *size = map.size;
    file_map_close(&map);
    free(path);
    return bytes;
}

static size_t find_bytes(const unsigned char *bytes, size_t size, const char *what) {
    for (size_t i = 0; i + strlen(what) <= size; i++)
        if (memcmp(bytes + i, what, strlen(what)) == 0) return i;
    fail_msg("no \"%s\"", what);
    return 0;
}

/* Only the key of the checksum itself is not covered: without it the file counts as unverified.
 * Changing its name into one that no longer says so is the one flip that opens. */
static void every_flipped_bit_is_noticed(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = good_file(&size);
    size_t key = find_bytes(bytes, size, ST_CHECKSUM_KEY);
    for (size_t bit = 0; bit < size * 8; bit++) {
        st_reader *r = NULL;
        bytes[bit / 8] = (unsigned char)(bytes[bit / 8] ^ 1u << bit % 8);
        lb_status status = st_reader_open_memory(bytes, size, "flipped", &r);
        if (status == LB_OK && st_reader_verified(r)) fail_msg("bit %zu: opens", bit);
        if (status == LB_OK && (bit / 8 < key || bit / 8 >= key + strlen(ST_CHECKSUM_KEY)))
            fail_msg("bit %zu: opens without a checksum", bit);
        if (status != LB_OK && status != LB_E_FORMAT) fail_msg("bit %zu: status %d", bit, status);
        st_reader_close(r);
        bytes[bit / 8] = (unsigned char)(bytes[bit / 8] ^ 1u << bit % 8);
    }
    free(bytes);
}

static void every_cut_is_noticed(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = good_file(&size);
    st_reader *r;
    for (size_t n = 0; n < size; n++) {
        unsigned char *copy; // of that size exactly, so that a sanitizer sees a read beyond it
        assert_ok(NEW_ARRAY(copy, n));
        memcpy(copy, bytes, n);
        assert_int_equal(st_reader_open_memory(copy, n, "cut", &r), LB_E_FORMAT);
        free(copy);
    }
    assert_ok(st_reader_open_memory(bytes, size, "whole", &r));
    st_reader_close(r);
    free(bytes);
}

static void random_bytes_are_refused(void **state) {
    (void)state;
    random_stream s = random_open(1, "bytes", 0);
    for (int round = 0; round < 2000; round++) {
        image m = make_image("{", 200);
        unsigned char *bytes = (unsigned char *)m.words;
        for (size_t i = round % 2 ? 9 : 0; i < m.size; i++)
            bytes[i] = (unsigned char)random_u64(&s);
        assert_int_equal(try_open(&m), LB_E_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_files_are_read),
        cmocka_unit_test(every_fault_has_its_reason),
        cmocka_unit_test(bad_lengths_are_refused),
        cmocka_unit_test(strings_with_bad_offsets_are_refused),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(random_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
