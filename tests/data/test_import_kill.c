/* An import that is killed at any moment leaves the dataset as it was before or as it is after. */
#include "data/shop_files.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/random.h"

enum { N_LINES = 20000, N_VECTORS = 2000, DIM = 64, N_KILLS = 40 };

static const char *write_lines(const char *folder, const char *name, uint64_t seed) {
    const char *path = in(folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    random_stream r = random_open(seed, "lines", 0);
    for (unsigned i = 0; i < N_LINES; i++)
        fprintf(f, "u%u\tp%u\n", (unsigned)random_below(&r, 3000),
                (unsigned)random_below(&r, N_VECTORS));
    assert_int_equal(fclose(f), 0);
    return path;
}

static void write_vectors(const char *folder, lb_import_options *o, uint64_t seed) {
    static float x[N_VECTORS * DIM];
    static char ids[N_VECTORS * 8];
    size_t used = 0;
    random_stream r = random_open(seed, "vectors", 0);
    for (size_t i = 0; i < N_VECTORS * DIM; i++) x[i] = random_unit_f32(&r);
    for (unsigned i = 0; i < N_VECTORS; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "p%u\n", i);
    o->features = write_npy(folder, seed == 1 ? "one.npy" : "two.npy", x, N_VECTORS, DIM);
    o->feature_ids = write_text(folder, "ids.txt", ids);
}

static void wait_microseconds(long n) {
    struct timespec t = {0, n * 1000};
    nanosleep(&t, NULL);
}

static long microseconds_of(const char *shop, const lb_import_options *o) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    assert_ok(import_into(shop, o, NULL));
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (long)(b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
}

static void run_and_kill(const char *shop, const lb_import_options *o, long after) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        job *j;
        lb_runtime runtime = {.threads = 1};
        if (job_new(&runtime, &j) == LB_OK) (void)dataset_import(j, shop, o, NULL);
        _exit(0);
    }
    wait_microseconds(after);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static int same(dump a, dump b) {
    return a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
}

/* Opens everything that can be opened. */
static void assert_readable(const char *shop) {
    dataset *d;
    interactions all;
    feature_set f;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_interactions(d, &all));
    assert_ok(dataset_feature_open(d, NULL, &f));
    feature_set_close(&f);
    interactions_free(&all);
    dataset_close(d);
}

static void a_killed_import_is_none_or_whole(void **state) {
    (void)state;
    char folder[256], shop[300];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options first = {0}, second = {0};
    first.interactions = write_lines(folder, "one.tsv", 1);
    second.interactions = write_lines(folder, "two.tsv", 2);
    write_vectors(folder, &first, 1);
    write_vectors(folder, &second, 2);
    assert_ok(import_into(in(folder, "reference"), &first, NULL));
    dump before = dump_dataset(in(folder, "reference"));
    long whole = microseconds_of(in(folder, "reference"), &second);
    dump after = dump_dataset(in(folder, "reference"));

    size_t n_before = 0;
    random_stream r = random_open(1, "kills", 0);
    snprintf(shop, sizeof shop, "%s/shop", folder);
    assert_ok(import_into(shop, &first, NULL));
    for (int i = 0; i < N_KILLS; i++) {
        run_and_kill(shop, &second, (long)random_below(&r, (uint64_t)whole * 5 / 4));
        assert_readable(shop);
        dump now = dump_dataset(shop);
        int untouched = same(now, before);
        if (!untouched && !same(now, after)) fail_msg("kill %d left something in between", i);
        free(now.text);
        n_before += (size_t)untouched;
        if (untouched) continue;
        snprintf(shop, sizeof shop, "%s/shop%d", folder, i); // go on with a fresh one
        assert_ok(import_into(shop, &first, NULL));
    }
    print_message("%zu of %d kills came before the commit\n", n_before, N_KILLS);
    assert_ok(import_into(shop, &second, NULL));
    dump now = dump_dataset(shop);
    assert_true(same(now, after));
    assert_int_equal(count_files(in(shop, "features")), 1); // nothing is left behind
    free(now.text);
    free(before.text);
    free(after.text);
}

/* A first import that is killed leaves no dataset, and can be done again. */
static void a_killed_first_import_can_be_repeated(void **state) {
    (void)state;
    char folder[256], shop[300];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = {0};
    o.interactions = write_lines(folder, "one.tsv", 1);
    write_vectors(folder, &o, 1);
    long whole = microseconds_of(in(folder, "reference"), &o);
    for (int i = 0; i < 10; i++) {
        snprintf(shop, sizeof shop, "%s/shop%d", folder, i);
        run_and_kill(shop, &o, whole * i / 10);
        dataset *d;
        lb_status status = dataset_open(shop, &d);
        if (status == LB_OK)
            dataset_close(d);
        else
            assert_int_equal(status, LB_E_NOT_FOUND);
        assert_ok(import_into(shop, &o, NULL));
        assert_same_dump(dump_dataset(in(folder, "reference")), dump_dataset(shop));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_import_is_none_or_whole),
        cmocka_unit_test(a_killed_first_import_can_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
