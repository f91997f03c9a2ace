/* Arrays in memory, and in files that leave nothing behind. */
#include "support.h"

#include <dirent.h>
#include <unistd.h>

#include "core/scratch.h"

static size_t count_entries(const char *folder) {
    size_t n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    while (readdir(d)) n++;
    closedir(d);
    return n - 2; // itself and its parent
}

static void large_ones_are_in_a_file_without_a_name(void **state) {
    (void)state;
    enum { SIZE = 100003 };
    const char *folder = test_folder();
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    for (size_t large = SIZE; large <= SIZE + 1; large++) {
        scratch s;
        assert_ok(scratch_open(SIZE, large, &s));
        assert_int_equal(s.is_mapped, large == SIZE);
        assert_int_equal(s.size, SIZE);
        assert_int_equal((uintptr_t)s.bytes % 64, 0);
        assert_int_equal(count_entries(folder), 0);
        unsigned char *bytes = s.bytes;
        for (size_t i = 0; i < SIZE; i++) assert_int_equal(bytes[i], 0);
        for (size_t i = 0; i < SIZE; i++) bytes[i] = (unsigned char)(i % 251);
        for (size_t i = 0; i < SIZE; i++) assert_int_equal(bytes[i], i % 251);
        scratch_close(&s);
        assert_null(s.bytes);
        scratch_close(&s);
    }
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void nothing_needs_no_file(void **state) {
    (void)state;
    scratch s;
    assert_ok(scratch_open(0, 0, &s));
    assert_false(s.is_mapped);
    scratch_close(&s);
}

static void a_folder_that_will_not_do_is_named(void **state) {
    (void)state;
    scratch s;
    const char *folder = test_folder();
    assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
    assert_error(scratch_open(10, 1, &s), LB_E_IO, "temporary file in /nonexistent");
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    assert_error(scratch_open((size_t)INT64_MAX, 1, &s), LB_E_FULL, folder);
    assert_int_equal(count_entries(folder), 0);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_ones_are_in_a_file_without_a_name),
        cmocka_unit_test(nothing_needs_no_file),
        cmocka_unit_test(a_folder_that_will_not_do_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
