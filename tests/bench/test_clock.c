/* What the clock of `lookbook bench` makes of the reports of a training. */
#include "support.h"

#include "bench/clock.h"

static const clock_stage *stage(const stage_clock *c, const char *name) {
    const clock_stage *s;
    for (size_t i = 0; (s = clock_stage_at(c, i)); i++)
        if (strcmp(s->name, name) == 0) return s;
    fail_msg("no stage %s", name);
    return NULL;
}

static void say(stage_clock *c, const char *name, uint64_t done) {
    lb_progress p = {name, "pairs", done, 100, NULL};
    assert_int_equal(clock_progress(c, &p), 0);
}

static void stages_follow_the_reports(void **state) {
    (void)state;
    stage_clock *c;
    lb_progress note = {"a note's", "", 0, 0, "text"};
    assert_ok(clock_new(NULL, NULL, &c));
    say(c, "before", 7); // nobody follows yet
    clock_begin(c, "training", "start", "", true);
    say(c, "skip-gram", 0);
    say(c, "skip-gram", 40);
    clock_progress(c, &note);
    say(c, "prior", 1);
    say(c, "skip-gram", 40); // goes on where it was
    say(c, "skip-gram", 100);
    say(c, "components", 0);
    say(c, "components", 30);
    say(c, "components", 0); // a second pass
    say(c, "components", 30);
    clock_begin(c, "evaluate", "evaluate", "users", false);
    clock_add(c, 12);
    say(c, "users", 5); // not followed
    clock_end(c);
    clock_add(c, 1); // to nothing
    assert_true(stage(c, "skip-gram")->amount == 100);
    assert_true(stage(c, "components")->amount == 60);
    assert_true(stage(c, "evaluate")->amount == 12);
    assert_string_equal(stage(c, "skip-gram")->phase, "training");
    assert_string_equal(stage(c, "skip-gram")->unit, "pairs");
    assert_string_equal(clock_stage_at(c, 0)->name, "start");
    assert_null(clock_stage_at(c, 5));
    clock_free(c);
}

static void time_and_memory_go_to_the_present_stage(void **state) {
    (void)state;
    stage_clock *c;
    enum { BYTES = 64 << 20 };
    assert_ok(clock_new(NULL, NULL, &c));
    clock_begin(c, "a", "idle", "", false);
    clock_begin(c, "a", "busy", "", false);
    double start = clock_now();
    char *room = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i += 1024) ((volatile char *)room)[i] = 1;
    clock_end(c);
    double took = clock_now() - start;
    free(room);
    assert_true(stage(c, "busy")->seconds > 0 && stage(c, "busy")->seconds <= took);
    assert_true(stage(c, "busy")->cpu > 0);
    assert_true(stage(c, "busy")->own >= stage(c, "idle")->own + BYTES / 2);
    clock_free(c);
    clock_free(NULL);
}

static int refuse(void *context, const lb_progress *p) {
    (void)p;
    return *(int *)context;
}

static void a_run_can_be_stopped_through_it(void **state) {
    (void)state;
    stage_clock *c;
    int stop = 1;
    lb_progress p = {"skip-gram", "pairs", 0, 100, NULL};
    assert_ok(clock_new(refuse, &stop, &c));
    assert_int_equal(clock_progress(c, &p), 1);
    clock_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_follow_the_reports),
        cmocka_unit_test(time_and_memory_go_to_the_present_stage),
        cmocka_unit_test(a_run_can_be_stopped_through_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
