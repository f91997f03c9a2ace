/* Datasets: opening what is damaged, foreign or not there, and writing features. */
#include "data/shop_files.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/idmap.h"

/* Four products, two users, one feature. */
static const char *small_shop(const char *folder) {
    static const float x[] = {1, 2, 3, 4, 5, 6};
    const char *shop = in(folder, "shop");
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", "user,item\nann,a\nann,b\nbob,a\nbob,d\n");
    o.features = write_npy(folder, "f.npy", x, 3, 2);
    o.feature_ids = write_text(folder, "f.txt", "a\nb\nc\n");
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

static void assert_opening_fails(const char *shop, lb_status code, const char *phrase) {
    dataset *d;
    assert_error(dataset_open(shop, &d), code, phrase);
    assert_error(dataset_open(shop, &d), code, shop);
}

static void ids_keep_their_rows(void **state) {
    (void)state;
    idmap map = {0};
    char id[32];
    uint32_t row;
    bool added;
    assert_false(idmap_find(&map, "0", &row));
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 10000; i++) {
            snprintf(id, sizeof id, "%u", i * 7);
            assert_ok(idmap_add(&map, id, &row, &added));
            assert_int_equal(row, i);
            assert_int_equal(added, !round);
        }
    assert_int_equal(map.n, 10000);
    assert_true(idmap_find(&map, "700", &row));
    assert_int_equal(row, 100);
    assert_string_equal(map.id[row], "700");
    assert_false(idmap_find(&map, "701", &row));
    idmap_free(&map);
    idmap_free(&map);
}

static void what_is_no_dataset_is_named(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    assert_opening_fails(in(folder, "nothing"), LB_E_NOT_FOUND, "lookbook import");
    assert_opening_fails(folder, LB_E_NOT_FOUND, "lookbook import");
    write_text(folder, "shop.db", "this is a letter to a friend, and certainly not a database");
    assert_opening_fails(folder, LB_E_FORMAT, "not a Lookbook dataset");
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", "user,item\nann,a\n");
    assert_error(import_into(folder, &o, NULL), LB_E_FORMAT, "not a Lookbook dataset");
    write_text(folder, "shop.db", "");
    assert_opening_fails(folder, LB_E_NOT_FOUND, "lookbook import");
    write_text(folder, "file", "x");
    assert_error(import_into(in(folder, "file"), &o, NULL), LB_E_IO, "file");
    assert_error(import_into(in(folder, "no/such"), &o, NULL), LB_E_IO, "no/such");
}

static void other_versions_and_programs_are_refused(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder);
    sql db;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "PRAGMA user_version=2"));
    sql_close(&db);
    assert_opening_fails(shop, LB_E_FORMAT, "another version");
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "PRAGMA user_version=1; PRAGMA application_id=7"));
    sql_close(&db);
    assert_opening_fails(shop, LB_E_FORMAT, "another program");
}

/* Every page of the database in turn is overwritten: what is read is right or refused. */
static void damaged_pages_are_found(void **state) {
    (void)state;
    char folder[256], damage[4096];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder), *path = in(shop, "shop.db");
    memset(damage, 0xa5, sizeof damage);
    file_map whole;
    assert_ok(file_map_open(path, &whole));
    size_t size = whole.size, n_refused = 0;
    unsigned char *good = malloc(size);
    memcpy(good, whole.bytes, size);
    file_map_close(&whole);
    for (size_t at = 0; at < size; at += sizeof damage) {
        test_write(path, good, size);
        FILE *f = fopen(path, "r+b");
        assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(damage, 1, sizeof damage, f), sizeof damage);
        assert_int_equal(fclose(f), 0);
        dataset *d;
        interactions all;
        lb_status status = dataset_open(shop, &d);
        if (status == LB_OK) {
            status = dataset_interactions(d, &all);
            if (status == LB_OK) interactions_free(&all);
            dataset_close(d);
        }
        if (status != LB_OK) {
            n_refused++;
            assert_int_equal(status, LB_E_FORMAT);
            assert_non_null(strstr(lb_last_error(), "shop.db"));
        }
    }
    assert_true(n_refused >= 4);
    free(good);
}

static void missing_rows_are_found(void **state) {
    (void)state;
    const char *shop = small_shop(test_folder());
    sql db;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "DELETE FROM products WHERE row = 1"));
    sql_close(&db);
    assert_opening_fails(shop, LB_E_FORMAT, "damaged");
}

static void a_feature_file_must_fit(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder), *path = in(shop, "features/image.npy");
    dataset *d;
    feature_set f;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(truncate(path, 140), 0);
    assert_error(dataset_feature_open(d, "image", &f), LB_E_FORMAT, "image.npy");
    assert_int_equal(truncate(path, 0), 0);
    assert_error(dataset_feature_open(d, "image", &f), LB_E_FORMAT, "image.npy");
    assert_int_equal(unlink(path), 0);
    assert_error(dataset_feature_open(d, "image", &f), LB_E_FORMAT, "import it again");
    dataset_close(d);
    small_shop(folder); // importing again mends it
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, "image", &f));
    assert_int_equal(f.n_present, 3);
    feature_set_close(&f);
    dataset_close(d);
}

static void features_are_written_and_replaced(void **state) {
    (void)state;
    static const float x[] = {1, 2, 0, 0, 3, 4, 5, 6}, bad[] = {1, NAN};
    static const uint8_t present[] = {1, 0, 1, 1, 0}, all[] = {1, 1, 1, 1};
    const char *shop = small_shop(test_folder());
    assert_error(dataset_feature_write(shop, &(feature_rows){"Look", "e", x, present, 4, 2, false}),
                 LB_E_ARGUMENT, "Look");
    assert_error(dataset_feature_write(shop, &(feature_rows){"look", "e", x, present, 4, 0, false}),
                 LB_E_ARGUMENT, "look");
    assert_error(dataset_feature_write(shop, &(feature_rows){"look", "e", bad, all, 1, 2, false}),
                 LB_E_ARGUMENT, "finite");
    assert_error(dataset_feature_write(shop, &(feature_rows){"look", "e", x, present, 5, 1, false}),
                 LB_E_MISMATCH, "5");
    assert_ok(
        dataset_feature_write(shop, &(feature_rows){"look", "builtin-1", x, present, 4, 2, false}));
    dataset *d;
    feature_set old, new;
    float v[4];
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_features(d), 2);
    assert_ok(dataset_feature_open(d, "look", &old));
    assert_string_equal(old.encoder, "builtin-1");
    assert_int_equal(old.n_present, 3);
    assert_false(feature_row(&old, 1, v));
    assert_true(feature_row(&old, 3, v) && v[1] == 6);
    assert_ok(dataset_feature_write(
        shop, &(feature_rows){"look", "builtin-2", x, all, 2, 4, false})); // another dimension
    assert_ok(dataset_feature_open(d, "look", &new));
    assert_string_equal(new.encoder, "builtin-2");
    assert_int_equal(new.dim, 4);
    assert_int_equal(new.n_present, 2);
    assert_true(feature_row(&new, 1, v) && v[3] == 6);
    assert_false(feature_row(&new, 3, v));
    assert_true(feature_row(&old, 3, v) && v[1] == 6); // what is open stays readable
    feature_set_close(&old);
    feature_set_close(&new);
    feature_set_close(&new);
    dataset_close(d);
    assert_int_equal(count_files(in(shop, "features")), 2);
}

/* In a child, because the limit cannot be raised again: files above 64 KiB cannot be written. */
static void a_full_disk_is_reported(void **state) {
    (void)state;
    static const float wide[2 * 16384] = {1};
    static const uint8_t present[2] = {1, 1};
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder);
    dump before = dump_dataset(shop);
    lb_import_options o = {0};
    o.interactions = in(folder, "many.tsv");
    FILE *f = fopen(o.interactions, "wb");
    assert_non_null(f);
    for (unsigned i = 0; i < 50000; i++) fprintf(f, "u%u\tp%u\n", i % 999, i);
    assert_int_equal(fclose(f), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {65536, 65536};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        lb_status status = import_into(shop, &o, NULL);
        if (status != LB_E_FULL || !strstr(lb_last_error(), "shop.db")) _exit(1);
        status = dataset_feature_write(
            shop, &(feature_rows){"wide", "e", wide, present, 2, 16384, false});
        _exit(status == LB_E_FULL && strstr(lb_last_error(), "wide.npy") ? 0 : 2);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    assert_same_dump(before, dump_dataset(shop));
    assert_int_equal(count_files(in(shop, "features")), 1);
    assert_ok(import_into(shop, &o, NULL));
}

static void a_second_writer_is_told_to_wait(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder);
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", "user,item\nann,q\n");
    sql writer;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &writer));
    assert_ok(sql_run(&writer, "BEGIN IMMEDIATE"));
    dataset *d; // readers are not kept out
    assert_ok(dataset_open(shop, &d));
    dataset_close(d);
    assert_error(import_into(shop, &o, NULL), LB_E_BUSY, "another program is writing");
    sql_close(&writer);
    int fd = open(shop, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_error(import_into(shop, &o, NULL), LB_E_BUSY, "another import");
    close(fd);
    assert_ok(import_into(shop, &o, NULL));
}

static void a_folder_that_cannot_be_written_can_be_read(void **state) {
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root can write everywhere\n");
        return;
    }
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = small_shop(folder);
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", "user,item\nann,q\n");
    chmod(in(shop, "shop.db"), 0444);
    chmod(shop, 0555);
    dataset *d;
    assert_ok(dataset_open(shop, &d));
    dataset_close(d);
    assert_error(import_into(shop, &o, NULL), LB_E_IO, "permissions");
    chmod(shop, 0755);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_keep_their_rows),
        cmocka_unit_test(what_is_no_dataset_is_named),
        cmocka_unit_test(other_versions_and_programs_are_refused),
        cmocka_unit_test(damaged_pages_are_found),
        cmocka_unit_test(missing_rows_are_found),
        cmocka_unit_test(a_feature_file_must_fit),
        cmocka_unit_test(features_are_written_and_replaced),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_second_writer_is_told_to_wait),
        cmocka_unit_test(a_folder_that_cannot_be_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
