/* Ids and rows: renaming leaves every other id where it was. */
#include "support.h"

#include "core/random.h"
#include "data/idmap.h"

enum { N = 3000, RENAMES = 20000 };

static void ids_can_be_renamed(void **state) {
    (void)state;
    static char now[N][24];
    idmap map = {0};
    random_stream r = random_open(1, "renames", 0);
    uint32_t row;
    bool added;
    for (uint32_t i = 0; i < N; i++) {
        snprintf(now[i], sizeof *now, "id %u", i);
        assert_ok(idmap_add(&map, now[i], &row, &added));
        assert_true(added && row == i);
    }
    for (unsigned k = 0; k < RENAMES; k++) {
        uint32_t which = (uint32_t)random_below(&r, N);
        char old[24];
        memcpy(old, now[which], sizeof old);
        snprintf(now[which], sizeof *now, "renamed %u", k);
        assert_ok(idmap_rename(&map, which, now[which]));
        assert_false(idmap_find(&map, old, &row));
        if (k % 1000) continue;
        for (uint32_t i = 0; i < N; i++) {
            assert_true(idmap_find(&map, now[i], &row));
            assert_int_equal(row, i);
            assert_string_equal(map.id[i], now[i]);
        }
    }
    assert_int_equal(map.n, N);
    assert_ok(idmap_add(&map, "id 0", &row, &added)); // free again, and behind the last row
    assert_true(added && row == N);
    idmap_free(&map);
}

static void room_is_made_beforehand(void **state) {
    (void)state;
    idmap map = {0};
    uint32_t row;
    assert_ok(idmap_reserve(&map, 1000, 100000));
    const id_slot *slots = map.slot;
    const id_block *blocks = map.blocks;
    const char *const *ids = map.id;
    for (uint32_t i = 0; i < 1000; i++) {
        char id[100];
        snprintf(id, sizeof id, "%099u", i);
        assert_ok(idmap_add(&map, id, &row, NULL));
    }
    assert_ptr_equal(map.slot, slots); // nothing had to be allocated
    assert_ptr_equal(map.blocks, blocks);
    assert_ptr_equal(map.id, ids);
    idmap_free(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_can_be_renamed),
        cmocka_unit_test(room_is_made_beforehand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
