#include "support.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "core/job.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sha256.h"

static void statuses_have_names_and_texts(void **state) {
    (void)state;
    assert_string_equal(lb_status_name(LB_E_FORMAT), "E_FORMAT");
    assert_string_equal(lb_status_name((lb_status)999), "unknown");
    assert_true(strlen(lb_status_text(LB_E_NOMEM)) > 0);
}

static void a_copy_is_whole_or_not_there(void **state) {
    (void)state;
    char folder[256], from[300], to[300];
    file_map map;
    snprintf(folder, sizeof folder, "%s", test_folder());
    snprintf(from, sizeof from, "%s/from", folder);
    snprintf(to, sizeof to, "%s/to", folder);
    test_write(from, "content", 7);
    assert_ok(file_copy(from, to));
    assert_ok(file_map_open(to, &map));
    assert_int_equal(map.size, 7);
    assert_memory_equal(map.bytes, "content", 7);
    file_map_close(&map);
    assert_error(file_copy("/nonexistent", to), LB_E_NOT_FOUND, "/nonexistent");
    assert_error(file_copy(from, "/nonexistent/to"), LB_E_IO, "No such file");
    assert_true(file_exists(to));
}

static void a_full_disk_has_a_status_of_its_own(void **state) {
    (void)state;
    static const int full[] = {ENOSPC, EDQUOT, EFBIG};
    for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
        errno = full[i];
        assert_int_equal(status_fail_errno(LB_E_IO, "cannot write x"), LB_E_FULL);
        assert_non_null(strstr(lb_last_error(), "cannot write x: "));
        errno = full[i];
        assert_int_equal(status_fail_errno(LB_E_NOT_FOUND, "x"), LB_E_NOT_FOUND);
    }
    errno = EACCES;
    assert_int_equal(status_fail_errno(LB_E_IO, "cannot write x"), LB_E_IO);
}

static void error_texts_nest_and_stay_printable(void **state) {
    (void)state;
    assert_int_equal(status_fail(LB_E_FORMAT, "line %d: bad\x1b[31m", 3), LB_E_FORMAT);
    assert_string_equal(lb_last_error(), "line 3: bad?[31m");
    status_prefix(LB_E_FORMAT, "%s", "a.csv");
    assert_string_equal(lb_last_error(), "a.csv: line 3: bad?[31m");
    char *huge = memory_new(100000, 1);
    memset(huge, 'x', 99999);
    status_fail(LB_E_FORMAT, "%s", huge);
    assert_int_equal(strlen(lb_last_error()), 1023);
    free(huge);
}

static void allocation_checks_overflow(void **state) {
    (void)state;
    assert_null(memory_new(SIZE_MAX / 2, 4));
    assert_null(memory_resize(NULL, SIZE_MAX / 2, 4));
    double *zeros;
    assert_ok(NEW_ARRAY(zeros, 0));
    assert_int_equal((uintptr_t)zeros % 64, 0);
    free(zeros);
}

/* Published vectors: SplitMix64 from seed 1234567 and xoshiro256++ from state {1, 2, 3, 4}. */
static void generators_match_published_vectors(void **state) {
    (void)state;
    static const uint64_t splitmix[] = {6457827717110365317u, 3203168211198807973u,
                                        9817491932198370423u, 4593380528125082431u,
                                        16408922859458223821u};
    uint64_t s = 1234567;
    for (size_t i = 0; i < 5; i++) assert_true(random_splitmix(&s) == splitmix[i]);
    static const uint64_t xoshiro[] = {41943041u,
                                       58720359u,
                                       3588806011781223u,
                                       3591011842654386u,
                                       9228616714210784205u,
                                       9973669472204895162u,
                                       14011001112246962877u,
                                       12406186145184390807u,
                                       15849039046786891736u,
                                       10450023813501588000u};
    random_stream r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < 10; i++) assert_true(random_u64(&r) == xoshiro[i]);
}

static void streams_are_reproducible_and_distinct(void **state) {
    (void)state;
    random_stream a = random_open(7, "walks", 3), b = random_open(7, "walks", 3);
    random_stream c = random_open(7, "walks", 4), d = random_open(7, "noise", 3);
    random_stream e = random_split(&a, 0), f = random_split(&a, 1);
    uint64_t first = random_u64(&a);
    assert_true(first == random_u64(&b));
    assert_true(first != random_u64(&c) && first != random_u64(&d));
    assert_true(random_u64(&e) != random_u64(&f));
}

static void draws_have_the_right_moments(void **state) {
    (void)state;
    random_stream r = random_open(1, "test", 0);
    double sum = 0, squares = 0;
    size_t counts[7] = {0};
    enum { N = 200000 };
    for (int i = 0; i < N; i++) {
        double x = random_normal(&r);
        sum += x;
        squares += x * x;
        counts[random_below(&r, 7)]++;
    }
    assert_true(fabs(sum / N) < 0.01);
    assert_true(fabs(squares / N - 1) < 0.02);
    for (int i = 0; i < 7; i++) assert_true(fabs((double)counts[i] / N - 1.0 / 7) < 0.005);
    uint32_t order[100], seen[100] = {0};
    random_permutation(&r, order, 100);
    for (int i = 0; i < 100; i++) seen[order[i]]++;
    for (int i = 0; i < 100; i++) assert_int_equal(seen[i], 1);
}

typedef struct squares {
    uint64_t out[1000];
} squares;

static lb_status square(void *context, size_t item, unsigned worker) {
    (void)worker;
    ((squares *)context)->out[item] = item * item;
    return LB_OK;
}

static lb_status fail_some(void *context, size_t item, unsigned worker) {
    (void)context;
    (void)worker;
    if (item == 300 || item == 500) return status_fail(LB_E_FORMAT, "item %zu", item);
    return LB_OK;
}

static void jobs_run_every_item_once(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        lb_runtime runtime;
        lb_runtime_init(&runtime);
        runtime.threads = threads;
        job *j;
        assert_ok(job_new(&runtime, &j));
        assert_int_equal(job_threads(j), threads);
        for (int round = 0; round < 50; round++) {
            squares s = {{0}};
            assert_ok(job_run(j, 1000, square, &s));
            for (size_t i = 0; i < 1000; i++) assert_true(s.out[i] == i * i);
        }
        assert_error(job_run(j, 400, fail_some, NULL), LB_E_FORMAT, "item 300");
        assert_ok(job_run(j, 0, fail_some, NULL));
        job_free(j);
    }
    lb_runtime runtime = {.threads = 1000};
    job *j;
    assert_error(job_new(&runtime, &j), LB_E_ARGUMENT, "threads is 1000");
    job_free(NULL);
}

static int stop_at_once(void *context, const lb_progress *progress) {
    ++*(int *)context;
    return progress->done > 0;
}

static void progress_can_stop_a_job(void **state) {
    (void)state;
    int calls = 0;
    lb_runtime runtime = {.threads = 1, .progress = stop_at_once, .progress_context = &calls};
    job *j;
    assert_ok(job_new(&runtime, &j));
    assert_ok(job_progress(j, "walks", "walks", 0, 10));
    assert_error(job_progress(j, "walks", "walks", 10, 10), LB_E_INTERRUPTED, "walks");
    assert_int_equal(calls, 2);
    job_free(j);
}

static int count_reports(void *context, const lb_progress *progress) {
    (void)progress;
    ++*(int *)context;
    return 0;
}

/* Reports come thick and fast: the first of a stage that follows another one is always seen. */
static void stages_are_seen_to_change(void **state) {
    (void)state;
    int calls = 0;
    lb_runtime runtime = {.threads = 1, .progress = count_reports, .progress_context = &calls};
    job *j;
    assert_ok(job_new(&runtime, &j));
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(job_progress(j, "walks", "walks", 5, 10));
        assert_ok(job_progress(j, "pairs", "pairs", 5, 10));
    }
    assert_int_equal(calls, 200);
    job_free(j);
}

static void files_are_replaced_whole_or_not_at_all(void **state) {
    (void)state;
    char *path = file_path(test_folder(), "a.bin");
    file_writer *w;
    assert_ok(file_writer_open(path, &w));
    assert_ok(file_writer_write(w, "hello", 5));
    assert_false(file_exists(path));
    assert_ok(file_writer_commit(w));
    assert_ok(file_writer_open(path, &w));
    assert_ok(file_writer_write(w, "other", 5));
    file_writer_abort(w);
    file_map map;
    assert_ok(file_map_open(path, &map));
    assert_int_equal(map.size, 5);
    assert_memory_equal(map.bytes, "hello", 5);
    file_map_close(&map);
    assert_error(file_map_open("/nonexistent/x", &map), LB_E_NOT_FOUND, "/nonexistent/x");
    assert_error(file_map_open("/tmp", &map), LB_E_IO, "not a regular file");
    assert_error(file_writer_open("/nonexistent/x", &w), LB_E_IO, "No such file");
    file_writer_abort(NULL);
    free(path);
}

static void a_full_disk_is_reported(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "wb");
    if (!full) {
        print_message("skipped: this system has no /dev/full\n");
        skip();
    }
    fclose(full);
    char *folder = memory_string(test_folder()), *path = file_path(folder, "x");
    assert_int_equal(symlink("/dev/full", path),
                     0); // the writer replaces links, it does not follow them
    file_writer *w;
    assert_ok(file_writer_open(path, &w));
    assert_ok(file_writer_write(w, "x", 1));
    assert_ok(file_writer_commit(w));
    free(path);
    free(folder);
}

/* FIPS 180-4's examples, and the same bytes in pieces of every size. */
static void sha256_matches_published_digests(void **state) {
    (void)state;
    static const char *const known[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT_SIZE];
    for (size_t i = 0; i < 3; i++) {
        sha256_of(known[i][0], strlen(known[i][0]), digest);
        sha256_text(digest, text);
        assert_string_equal(text, known[i][1]);
    }
    static char as[1000000];
    memset(as, 'a', sizeof as);
    for (size_t piece = 1; piece < 300; piece += 7) {
        size_t size = piece == 1 ? sizeof as : 4321;
        sha256 s;
        sha256_begin(&s);
        for (size_t at = 0; at < size; at += piece)
            sha256_add(&s, as + at, size - at < piece ? size - at : piece);
        sha256_end(&s, digest);
        sha256_text(digest, text);
        assert_string_equal(
            text, piece == 1 ? "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
                             : "50d8667d22a66793bcd2ff585e0a20b5a378769b880a4062eb8d668197b5a269");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_published_digests),
        cmocka_unit_test(statuses_have_names_and_texts),
        cmocka_unit_test(a_copy_is_whole_or_not_there),
        cmocka_unit_test(a_full_disk_has_a_status_of_its_own),
        cmocka_unit_test(error_texts_nest_and_stay_printable),
        cmocka_unit_test(allocation_checks_overflow),
        cmocka_unit_test(generators_match_published_vectors),
        cmocka_unit_test(streams_are_reproducible_and_distinct),
        cmocka_unit_test(draws_have_the_right_moments),
        cmocka_unit_test(jobs_run_every_item_once),
        cmocka_unit_test(progress_can_stop_a_job),
        cmocka_unit_test(stages_are_seen_to_change),
        cmocka_unit_test(files_are_replaced_whole_or_not_at_all),
        cmocka_unit_test(a_full_disk_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
