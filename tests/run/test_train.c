/* Training through the public call: files, splits, checkpoints, and the same bytes every time. */
#include "run/shop.h"

#include <unistd.h>

#include "model/model.h"

static const char *const tiny[] = {"dim=8", "epochs=4", "decoder-epochs=1"};

static lb_train_options options(const char *output) {
    lb_train_options o;
    lb_train_options_init(&o);
    o.settings = tiny;
    o.n_settings = 3;
    o.output = output;
    return o;
}

static void assert_same_files(const char *a, const char *b) {
    dump x = {0}, y = {0};
    dump_file(&x, a);
    dump_file(&y, b);
    assert_same_dump(x, y);
}

static void a_model_is_trained_and_says_on_what(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop), *file = in(shop, "m.safetensors");
    lb_train_options o = options(file);
    model *m;
    assert_ok(lb_train(shop, &o, NULL));
    assert_ok(model_load(file, &m));
    assert_string_equal(m->class->name, "vasg");
    assert_string_equal(m->common.split, "all interactions");
    assert_string_equal(m->common.feature, "image");
    assert_non_null(strstr(m->common.settings, "dim=8\n"));
    assert_int_equal(m->common.user_start[m->common.n_users], 60 * 8);
    model_free(m);
    assert_false(file_exists(in(shop, "m.safetensors.checkpoint")));

    lb_split_options_init(&o.split);
    o.split.seed = 3;
    o.split.cold = "natural";
    o.feature = "";
    o.model = "pop";
    o.n_settings = 0;
    assert_ok(lb_train(shop, &o, NULL)); // replaces it
    assert_ok(model_load(file, &m));
    assert_string_equal(m->class->name, "pop");
    assert_string_equal(m->common.split, "leave-one-out seed 3 min-user 5 natural");
    assert_string_equal(m->common.feature, "");
    assert_int_equal(m->common.user_start[m->common.n_users], 60 * 6);
    model_free(m);
}

static void a_shop_without_pictures_trains(void **state) {
    (void)state;
    shop_kind kind = small_shop;
    kind.features = 0;
    kind.single = 1;
    const char *shop = shop_make(kind), *file = in(shop, "m.safetensors");
    lb_train_options o = options(file);
    model *m;
    assert_ok(lb_train(shop, &o, NULL));
    assert_ok(model_load(file, &m));
    assert_string_equal(m->common.feature, "");
    model_free(m);
}

static void mistakes_are_named(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop), *file = in(shop, "m.safetensors");
    static const char *const wrong[] = {"dim=8", "width=3"};
    lb_train_options o = options(file);
    o.model = "vast";
    assert_error(lb_train(shop, &o, NULL), LB_E_ARGUMENT, "there is no model \"vast\"");
    o = options(file);
    o.settings = wrong;
    o.n_settings = 2;
    assert_error(lb_train(shop, &o, NULL), LB_E_ARGUMENT, "no option \"width\"");
    o = options(in(shop, "no/such/folder/m"));
    assert_error(lb_train(shop, &o, NULL), LB_E_NOT_FOUND, "there is no directory");
    o = options(shop);
    assert_error(lb_train(shop, &o, NULL), LB_E_ARGUMENT, "is a directory");
    o = options(file);
    o.feature = "sound";
    assert_error(lb_train(shop, &o, NULL), LB_E_NOT_FOUND, "sound");
    o = options(file);
    assert_error(lb_train("/nowhere/at/all", &o, NULL), LB_E_NOT_FOUND, "/nowhere");
    o.model = "wboi";
    o.n_settings = 0;
    o.feature = "";
    assert_error(lb_train(shop, &o, NULL), LB_E_EMPTY, "feature");
    assert_false(file_exists(file));
}

/* ---- interrupted trainings */

typedef struct stop {
    const char *checkpoint;
    int stopped;
} stop;

/* Stops at the first report that finds a checkpoint. The pause lets every report through. */
static int stop_at_checkpoint(void *context, const lb_progress *p) {
    stop *s = context;
    (void)p;
    if (file_exists(s->checkpoint)) return s->stopped = 1;
    usleep(110000);
    return 0;
}

static void interrupt(const char *shop, const lb_train_options *o, const char *checkpoint) {
    stop s = {checkpoint, 0};
    lb_runtime runtime = {.threads = 2, .progress = stop_at_checkpoint, .progress_context = &s};
    assert_error(lb_train(shop, o, &runtime), LB_E_INTERRUPTED, "");
    assert_true(s.stopped);
    assert_false(file_exists(o->output));
    assert_true(file_exists(checkpoint));
}

static void check_resumed(const char *name, const char *const *settings, size_t n) {
    const char *shop = shop_make(small_shop), *whole = in(shop, "a"), *resumed = in(shop, "b");
    const char *checkpoint = in(shop, "b.checkpoint");
    lb_train_options o = options(whole);
    o.model = name;
    o.settings = settings;
    o.n_settings = n;
    assert_ok(lb_train(shop, &o, NULL));
    o.output = resumed;
    interrupt(shop, &o, checkpoint);
    o.resume = 1;
    o.seed = 2;
    assert_error(lb_train(shop, &o, NULL), LB_E_MISMATCH, "b.checkpoint");
    assert_true(file_exists(checkpoint));
    o.seed = 1;
    assert_ok(lb_train(shop, &o, NULL));
    assert_false(file_exists(checkpoint));
    assert_same_files(whole, resumed);
    assert_ok(lb_train(shop, &o, NULL)); // nothing to go on from: from the start
    assert_same_files(whole, resumed);
}

static void a_resumed_training_gives_the_same_bytes(void **state) {
    (void)state;
    static const char *const paper[] = {"dim=8", "width=8", "encoder-epochs=2", "epochs=3",
                                        "checkpoint-batches=5"};
    check_resumed("vasg", tiny, 3);
    check_resumed("vasg-paper", paper, 5);
}

static void a_stale_checkpoint_is_not_gone_on_from(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop), *file = in(shop, "b");
    const char *checkpoint = in(shop, "b.checkpoint"), *whole = in(shop, "a");
    lb_train_options o = options(whole);
    assert_ok(lb_train(shop, &o, NULL));
    o.output = file;
    test_write(checkpoint, "damaged", 7);
    o.resume = 1;
    assert_error(lb_train(shop, &o, NULL), LB_E_FORMAT, "b.checkpoint");
    o.resume = 0;
    assert_ok(lb_train(shop, &o, NULL));
    assert_same_files(whole, file);
    assert_false(file_exists(checkpoint));
}

static void threads_do_not_matter(void **state) {
    (void)state;
    static const char *const paper[] = {"dim=8", "width=8", "encoder-epochs=2", "max-batches=20"};
    static const char *const names[] = {"vasg", "vasg-paper", "pop", "wboi", "rand"};
    const char *shop = shop_make((shop_kind){200, 80, 9, 0.8, 1, 0});
    for (size_t i = 0; i < 5; i++) {
        for (unsigned threads = 1; threads <= 4; threads *= 2) {
            char name[16];
            snprintf(name, sizeof name, "m%u", threads);
            lb_train_options o = options(in(shop, name));
            o.model = names[i];
            if (i > 0) o.settings = paper;
            o.n_settings = i == 0 ? 3 : i == 1 ? 4 : 0;
            lb_runtime runtime = {.threads = threads};
            assert_ok(lb_train(shop, &o, &runtime));
            assert_same_files(in(shop, "m1"), in(shop, name));
        }
    }
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_trained_and_says_on_what),
        cmocka_unit_test(a_shop_without_pictures_trains),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_resumed_training_gives_the_same_bytes),
        cmocka_unit_test(a_stale_checkpoint_is_not_gone_on_from),
        cmocka_unit_test(threads_do_not_matter),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
