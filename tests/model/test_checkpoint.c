/* What checkpoints share: whole numbers. What they are valid for is tested with the models. */
#include <math.h>

#include "model/checkpoint.h"
#include "model/tensors.h"
#include "support.h"

static void counts_are_whole_and_within_bounds(void **state) {
    (void)state;
    static const struct {
        const char *key;
        double value;
    } numbers[] = {{"fine", 7},      {"zero", 0},   {"large", 0x1p53}, {"half", 0.5},
                   {"negative", -1}, {"beyond", 9}, {"nan", NAN},      {"endless", INFINITY}};
    char path[300];
    st_writer *w;
    st_reader *r;
    uint64_t n = 99;
    snprintf(path, sizeof path, "%s/checkpoint", test_folder());
    assert_ok(st_writer_new(&w));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_ok(tensor_write_number(w, numbers[i].key, numbers[i].value));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    assert_ok(st_reader_open(path, &r));
    assert_ok(checkpoint_count(r, "fine", 8, &n));
    assert_int_equal(n, 7);
    assert_ok(checkpoint_count(r, "zero", 0, &n));
    assert_int_equal(n, 0);
    assert_ok(checkpoint_count(r, "large", CHECKPOINT_MOST, &n));
    assert_true(n == CHECKPOINT_MOST);
    for (size_t i = 3; i < sizeof numbers / sizeof *numbers; i++)
        assert_error(checkpoint_count(r, numbers[i].key, 8, &n), LB_E_FORMAT, numbers[i].key);
    assert_error(checkpoint_count(r, "none", 8, &n), LB_E_FORMAT, "none");
    assert_true(n == CHECKPOINT_MOST); // as it was
    st_reader_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_whole_and_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
