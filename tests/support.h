/* What the tests share: cmocka with its required headers, and a temporary folder. */
#ifndef LB_TESTS_SUPPORT_H
#define LB_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lookbook.h"

/* Asserts LB_OK and prints the library's reason otherwise. */
#define assert_ok(expression)                                                              \
    do {                                                                                   \
        lb_status status_ = (expression);                                                  \
        if (status_ != LB_OK)                                                              \
            fail_msg("%s: %s: %s", #expression, lb_status_name(status_), lb_last_error()); \
    } while (0)

/* Asserts a status and that the error text contains a phrase. */
#define assert_error(expression, code, phrase)                                                  \
    do {                                                                                        \
        lb_status status_ = (expression);                                                       \
        if (status_ != (code))                                                                  \
            fail_msg("%s: got %s, expected %s", #expression, lb_status_name(status_), #code);   \
        if (!strstr(lb_last_error(), (phrase)))                                                 \
            fail_msg("%s: \"%s\" does not say \"%s\"", #expression, lb_last_error(), (phrase)); \
    } while (0)

/* A fresh folder under $TMPDIR or /tmp; its path is static and valid until the next call. */
static inline const char *test_folder(void) {
    static char path[256];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/lookbook-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path)) fail_msg("cannot make %s", path);
    return path;
}

/* A test that is given a pattern runs the cases it fits. */
static inline void test_choose(int n, char **argument) {
    if (n > 1) cmocka_set_test_filter(argument[1]);
}

/* Writes a file whole. */
static inline void test_write(const char *path, const void *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* Whether the real data for development is there; tests that need it say that they skip. */
static inline int test_shared_data(void) {
    struct stat info;
    return stat(TEST_SHARED_DATA, &info) == 0;
}

#endif
