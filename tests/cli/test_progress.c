/* The program's progress: when a stage begins anew, and what is said of the time that is left. */
#include <time.h>
#include <unistd.h>

#include "../../cli/cli.h"
#include "support.h"

volatile sig_atomic_t cli_signal;

/* What showing it writes to standard error. */
static const char *written(cli *c, const lb_progress *p) {
    static char text[512];
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);
    assert_true(file && before >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    assert_int_equal(cli_progress_show(c, p), 0);
    assert_true(dup2(before, STDERR_FILENO) >= 0 && close(before) == 0);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static const char *shown(cli *c, const char *stage, uint64_t done, uint64_t total) {
    const lb_progress p = {.stage = stage, .unit = "models", .done = done, .total = total};
    return written(c, &p);
}

static void wait_for_rates(void) {
    const struct timespec t = {1, 100000000};
    assert_int_equal(nanosleep(&t, NULL), 0);
}

static void the_time_left_is_that_of_this_sweep(void **state) {
    (void)state;
    cli c = {.progress.terminal = 1};
    assert_null(strstr(shown(&c, "sweep", 0, 100), "left")); // nothing is known yet
    wait_for_rates();
    assert_non_null(strstr(shown(&c, "sweep", 90, 100), "/s, 0:0"));
    assert_null(strstr(shown(&c, "sweep", 100, 100), "left"));
    // A second sweep, a shorter third, and another stage.
    assert_null(strstr(shown(&c, "sweep", 0, 100), "left"));
    assert_null(strstr(shown(&c, "sweep", 10, 100), "/s"));
    wait_for_rates();
    assert_non_null(strstr(shown(&c, "sweep", 20, 100), "left"));
    assert_null(strstr(shown(&c, "sweep", 0, 50), "/s"));
    assert_null(strstr(shown(&c, "another", 30, 50), "/s"));
}

static void notes_begin_no_stage(void **state) {
    (void)state;
    cli c = {.progress.terminal = 1};
    const lb_progress note = {.stage = "sweep", .note = "a model failed"};
    shown(&c, "sweep", 5, 100);
    wait_for_rates();
    assert_non_null(strstr(written(&c, &note), "sweep: a model failed\n"));
    assert_non_null(strstr(shown(&c, "sweep", 50, 100), "/s, 0:0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_left_is_that_of_this_sweep),
        cmocka_unit_test(notes_begin_no_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
