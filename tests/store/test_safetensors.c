#include "support.h"

#include "core/file.h"
#include "core/memory.h"
#include "store/checksum.h"

static char *example_path(void) {
    return file_path(test_folder(), "model.safetensors");
}

static const float vectors[6] = {1, 2, 3, -4, 0.5f, 1e-3f};

/* Two tensors, strings and metadata; the byte tensor is added first and comes last. */
static void write_example(const char *path) {
    static const uint8_t flags[3] = {1, 0, 255};
    static const char *const ids[] = {"B0001", "", "B2"};
    const size_t three = 3, shape[] = {2, 3};
    st_writer *w;
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_tensor(w, "flags", ST_U8, &three, 1, flags));
    assert_ok(st_writer_tensor(w, "vectors", ST_F32, shape, 2, vectors));
    assert_ok(st_writer_strings(w, "ids", ids, 3));
    assert_ok(st_writer_strings(w, "none", NULL, 0));
    assert_ok(st_writer_metadata(w, "model", "vasg"));
    assert_ok(st_writer_metadata(w, "note", "a \"line\"\n\xc3\xa9"));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    char *path = example_path();
    write_example(path);
    st_reader *r;
    assert_ok(st_reader_open(path, &r));
    assert_true(st_reader_verified(r));
    size_t shape[] = {ST_ANY, 3};
    const void *data;
    assert_ok(st_reader_find(r, "vectors", ST_F32, 2, shape, &data));
    assert_int_equal(shape[0], 2);
    assert_memory_equal(data, vectors, sizeof vectors);
    assert_string_equal(st_reader_metadata(r, "model"), "vasg");
    assert_string_equal(st_reader_metadata(r, "note"), "a \"line\"\n\xc3\xa9");
    assert_null(st_reader_metadata(r, "nothing"));
    assert_int_equal(st_reader_metadata_count(r), 3);
    const char *value;
    assert_string_equal(st_reader_metadata_at(r, 0, &value), ST_CHECKSUM_KEY);
    assert_int_equal(strlen(value), 16);
    assert_null(st_reader_metadata_at(r, 3, &value));
    assert_int_equal(st_reader_count(r), 6);
    for (size_t i = 0; i < 6; i++) {
        const st_tensor *t = st_reader_tensor(r, i);
        assert_int_equal((uintptr_t)t->data % st_dtype_size(t->dtype), 0);
    }
    assert_null(st_reader_tensor(r, 6));
    st_reader_close(r);
    st_reader_close(NULL);
    free(path);
}

static void strings_come_back(void **state) {
    (void)state;
    char *path = example_path();
    write_example(path);
    st_reader *r;
    st_strings s;
    assert_ok(st_reader_open(path, &r));
    assert_ok(st_reader_strings(r, "ids", &s));
    assert_int_equal(s.n, 3);
    static const char *const ids[] = {"B0001", "", "B2"};
    for (size_t i = 0; i < 3; i++) {
        size_t length;
        const char *text = st_string(&s, i, &length);
        assert_int_equal(length, strlen(ids[i]));
        assert_memory_equal(text, ids[i], length);
    }
    assert_ok(st_reader_strings(r, "none", &s));
    assert_int_equal(s.n, 0);
    assert_error(st_reader_strings(r, "others", &s), LB_E_NOT_FOUND, "others.bytes");
    st_reader_close(r);
    free(path);
}

static void the_same_content_gives_the_same_bytes(void **state) {
    (void)state;
    char *first = example_path(), *second = example_path();
    write_example(first);
    write_example(second);
    file_map a, b;
    assert_ok(file_map_open(first, &a));
    assert_ok(file_map_open(second, &b));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.bytes, b.bytes, a.size);
    file_map_close(&a);
    file_map_close(&b);
    free(first);
    free(second);
}

static void wrong_expectations_are_named(void **state) {
    (void)state;
    char *path = example_path();
    write_example(path);
    st_reader *r;
    const void *data;
    assert_ok(st_reader_open(path, &r));
    assert_error(st_reader_find(r, "vector", ST_F32, 2, NULL, &data), LB_E_NOT_FOUND,
                 "model.safetensors: no tensor \"vector\"");
    assert_error(st_reader_find(r, "vectors", ST_F64, 2, NULL, &data), LB_E_MISMATCH,
                 "\"vectors\": is F32, expected F64");
    assert_error(st_reader_find(r, "vectors", ST_F32, 1, NULL, &data), LB_E_MISMATCH,
                 "has 2 dimensions, expected 1");
    size_t shape[] = {2, 4};
    assert_error(st_reader_find(r, "vectors", ST_F32, 2, shape, &data), LB_E_MISMATCH,
                 "dimension 1 is 3, expected 4");
    st_reader_close(r);
    free(path);
}

static void the_writer_refuses_what_cannot_be(void **state) {
    (void)state;
    st_writer *w;
    const size_t one = 1, huge[] = {SIZE_MAX / 4, 8};
    const float x = 1;
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_tensor(w, "x", ST_F32, &one, 1, &x));
    assert_error(st_writer_tensor(w, "x", ST_F32, &one, 1, &x), LB_E_EXISTS, "\"x\"");
    assert_error(st_writer_tensor(w, "", ST_F32, &one, 1, &x), LB_E_ARGUMENT, "name");
    assert_error(st_writer_tensor(w, "__metadata__", ST_F32, &one, 1, &x), LB_E_ARGUMENT, "name");
    assert_error(st_writer_tensor(w, "y", ST_F32, huge, 2, &x), LB_E_ARGUMENT, "overflows");
    assert_error(st_writer_tensor(w, "y", ST_F32, &one, 1, NULL), LB_E_ARGUMENT, "no data");
    assert_error(st_writer_tensor(w, "y", ST_F32, huge, 9, &x), LB_E_ARGUMENT, "rank 9");
    assert_ok(st_writer_metadata(w, "a", "1"));
    assert_error(st_writer_metadata(w, "a", "2"), LB_E_EXISTS, "\"a\"");
    assert_error(st_writer_metadata(w, ST_CHECKSUM_KEY, "2"), LB_E_ARGUMENT, "reserved");
    assert_error(st_writer_save(w, "/nonexistent/model"), LB_E_IO, "No such file");
    st_writer_free(w);
    st_writer_free(NULL);
}

static void an_empty_file_of_tensors_is_one(void **state) {
    (void)state;
    char *path = example_path();
    st_writer *w;
    st_reader *r;
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    assert_ok(st_reader_open(path, &r));
    assert_int_equal(st_reader_count(r), 0);
    assert_true(st_reader_verified(r));
    st_reader_close(r);
    free(path);
}

static void any_changed_word_changes_the_checksum(void **state) {
    (void)state;
    unsigned char bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7);
    for (size_t size = 0; size < sizeof bytes; size++) {
        uint64_t sum = checksum_bytes(0, bytes, size);
        assert_true(sum != checksum_bytes(0, bytes, size + 1));
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] = (unsigned char)(bytes[bit / 8] ^ 1u << bit % 8);
            assert_true(sum != checksum_bytes(0, bytes, size));
            bytes[bit / 8] = (unsigned char)(bytes[bit / 8] ^ 1u << bit % 8);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(strings_come_back),
        cmocka_unit_test(the_same_content_gives_the_same_bytes),
        cmocka_unit_test(wrong_expectations_are_named),
        cmocka_unit_test(the_writer_refuses_what_cannot_be),
        cmocka_unit_test(an_empty_file_of_tensors_is_one),
        cmocka_unit_test(any_changed_word_changes_the_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
