/* Runs the readers' fuzz target on its corpus and on mutations of it: whatever the bytes, a reader
 * delivers sound records or says what is wrong. */
#include <dirent.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "fuzz_read.h"
#include "support.h"

enum { MAX_FILES = 200, MAX_SIZE = 1 << 16, ROUNDS = 150 };

typedef struct corpus {
    size_t count;
    char *names[MAX_FILES];
    file_map files[MAX_FILES];
} corpus;

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int open_corpus(void **state) {
    corpus *c = memory_new(1, sizeof *c);
    DIR *folder = opendir(TEST_CORPUS);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) && c->count < MAX_FILES;)
        if (entry->d_name[0] != '.') c->names[c->count++] = memory_string(entry->d_name);
    closedir(folder);
    qsort(c->names, c->count, sizeof *c->names, by_name);
    for (size_t i = 0; i < c->count; i++) {
        char *path = file_path(TEST_CORPUS, c->names[i]);
        assert_ok(file_map_open(path, &c->files[i]));
        free(path);
    }
    *state = c;
    return 0;
}

static int close_corpus(void **state) {
    corpus *c = *state;
    for (size_t i = 0; i < c->count; i++) {
        free(c->names[i]);
        file_map_close(&c->files[i]);
    }
    free(c);
    return 0;
}

/* The names say what is valid. */
static void corpus_files_are_read_or_refused(void **state) {
    corpus *c = *state;
    assert_true(c->count >= 40);
    for (size_t i = 0; i < c->count; i++) {
        lb_status status = fuzz_read(c->files[i].bytes, c->files[i].size);
        if ((status == LB_OK) != !strncmp(c->names[i], "ok-", 3))
            fail_msg("%s: %s: %s", c->names[i], lb_status_name(status), lb_last_error());
    }
}

/* Overwrites, removes, repeats or adds a few bytes; the first, which names the kind, stays. */
static size_t mutate(random_stream *r, uint8_t *bytes, size_t size) {
    static const char interesting[] = "\"',\t\n\r{}[]():\\u0-.eE\x1f\x8b\xff\xc3 ";
    for (uint64_t n = 1 + random_below(r, 4); n > 0 && size > 1; n--) {
        size_t at = 1 + (size_t)random_below(r, size - 1);
        size_t run = 1 + (size_t)random_below(r, 8);
        if (run > size - at) run = size - at;
        switch (random_below(r, 5)) {
        case 0: bytes[at] = (uint8_t)random_u64(r); break;
        case 1: bytes[at] = (uint8_t)interesting[random_below(r, sizeof interesting)]; break;
        case 2: bytes[at] ^= (uint8_t)(1u << random_below(r, 8)); break;
        case 3:
            memmove(bytes + at, bytes + at + run, size - at - run);
            size -= run;
            break;
        default:
            if (size + run > MAX_SIZE) break;
            memmove(bytes + at + run, bytes + at, size - at);
            size += run;
        }
    }
    return size;
}

static void mutations_never_break_a_reader(void **state) {
    corpus *c = *state;
    uint8_t *bytes = memory_new(MAX_SIZE, 1);
    size_t accepted = 0;
    for (size_t i = 0; i < c->count; i++)
        for (size_t round = 0; round < ROUNDS; round++) {
            random_stream r = random_open(round, "mutations", i);
            size_t size = c->files[i].size < MAX_SIZE ? c->files[i].size : MAX_SIZE;
            memcpy(bytes, c->files[i].bytes, size);
            size = mutate(&r, bytes, size);
            accepted += fuzz_read(bytes, size) == LB_OK;
        }
    assert_true(accepted > 0 && accepted < c->count * ROUNDS);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corpus_files_are_read_or_refused),
        cmocka_unit_test(mutations_never_break_a_reader),
    };
    return cmocka_run_group_tests(tests, open_corpus, close_corpus);
}
