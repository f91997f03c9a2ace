/* Runs the fuzz target over its corpus, and over random damage to each file of it. */
#include "support.h"

#include <dirent.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROUNDS = 300 };

static void damage(uint8_t *bytes, size_t size, uint64_t item) {
    random_stream r = random_open(1, "damage", item);
    for (uint64_t n = 1 + random_below(&r, 4); n > 0; n--)
        bytes[random_below(&r, size)] = (uint8_t)random_u64(&r);
}

static void run_file(const char *path) {
    file_map map;
    assert_ok(file_map_open(path, &map));
    LLVMFuzzerTestOneInput(map.bytes, map.size);
    for (uint64_t i = 0; i < ROUNDS && map.size > 0; i++) {
        uint8_t *copy = (uint8_t *)memory_bytes((const char *)map.bytes, map.size);
        assert_non_null(copy);
        damage(copy, map.size, i);
        LLVMFuzzerTestOneInput(copy, map.size);
        LLVMFuzzerTestOneInput(copy, map.size * i / ROUNDS);
        free(copy);
    }
    file_map_close(&map);
}

static void the_corpus_is_survived(void **state) {
    (void)state;
    DIR *folder = opendir(TEST_CORPUS);
    assert_non_null(folder);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(folder));) {
        if (e->d_name[0] == '.') continue;
        char *path = file_path(TEST_CORPUS, e->d_name);
        run_file(path);
        free(path);
        n++;
    }
    closedir(folder);
    assert_true(n > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_corpus_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
