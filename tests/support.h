/* What the tests share: cmocka with its required headers, and a temporary folder. */
#ifndef LB_TESTS_SUPPORT_H
#define LB_TESTS_SUPPORT_H

#include <dirent.h>
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

/* The folders of this program, which its end removes; those of a failed one stay to be looked at.
 * Children that a test forks leave by _exit, which does not come by here. */
enum { TEST_MOST_FOLDERS = 256, TEST_PATH_SIZE = 256 };
typedef struct test_folder_list {
    char path[TEST_MOST_FOLDERS][TEST_PATH_SIZE];
    size_t n;
} test_folder_list;
static test_folder_list test_folders;

/* Removes a file, or a folder with all that is in it; tests may have made it unreadable. */
static inline void test_remove(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0) return; // a test removed it itself
    if (S_ISDIR(info.st_mode)) chmod(path, 0700);
    DIR *entries = S_ISDIR(info.st_mode) ? opendir(path) : NULL;
    for (struct dirent *e; entries && (e = readdir(entries));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        size_t size = strlen(path) + strlen(e->d_name) + 2;
        char *entry = malloc(size);
        if (!entry) break;
        snprintf(entry, size, "%s/%s", path, e->d_name);
        test_remove(entry);
        free(entry);
    }
    if (entries) closedir(entries);
    if (remove(path) != 0) fprintf(stderr, "cannot remove %s\n", path);
}

static inline void test_end_folders(int status, void *context) {
    (void)context;
    for (size_t i = 0; i < test_folders.n; i++) {
        const char *path = test_folders.path[i];
        if (status)
            fprintf(stderr, "kept: %s\n", path);
        else
            test_remove(path);
    }
}

static inline void test_note_folder(const char *path) {
    if (!test_folders.n) assert_int_equal(on_exit(test_end_folders, NULL), 0);
    assert_true(test_folders.n < TEST_MOST_FOLDERS);
    snprintf(test_folders.path[test_folders.n++], TEST_PATH_SIZE, "%s", path);
}

/* A fresh folder under $TMPDIR or /tmp; its path is static and valid until the next call. */
static inline const char *test_folder(void) {
    static char path[TEST_PATH_SIZE];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/lookbook-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path)) fail_msg("cannot make %s", path);
    test_note_folder(path);
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
