/* Sweeps on small shops: the choice, the file of finished trainings and going on from it, and what
 * must not matter. */
#include "run/shop.h"

#include <math.h>

#include "run/sweep.h"

static const char *const two_by_two[] = {"dim=4,8", "epochs=1,3"};
static const char *const quick[] = {"rank=8", "item-rank=2", "look-dim=4", "decoder-epochs=0",
                                    "walks=2"};

static lb_sweep_options options(void) {
    lb_sweep_options o;
    lb_sweep_options_init(&o);
    o.grid = two_by_two;
    o.n_grid = 2;
    o.settings = quick;
    o.n_settings = sizeof quick / sizeof *quick;
    return o;
}

/* A shop of its own, and a path in its folder; both stay valid until the next call. */
static char shop_path[512], lines_path[512];

static void make(shop_kind kind) {
    snprintf(shop_path, sizeof shop_path, "%s", shop_make(kind));
    snprintf(lines_path, sizeof lines_path, "%s/sweep.jsonl", test_folder());
}

static cJSON *sweep(const lb_sweep_options *o, const lb_runtime *runtime) {
    lb_comparison *c = NULL;
    assert_ok(lb_sweep(shop_path, o, runtime, &c));
    assert_true(strlen(lb_comparison_table(c)) > 100);
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    assert_non_null(json);
    lb_comparison_free(c);
    return json;
}

/* Without what differs from one training to the next of the same thing. */
static char *timeless(cJSON *json) {
    cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "combinations"))
        cJSON_DeleteItemFromObject(row, "train_seconds");
    char *printed = cJSON_Print(json);
    cJSON_Delete(json);
    return printed;
}

static char *sweep_timeless(const lb_sweep_options *o, const lb_runtime *runtime) {
    return timeless(sweep(o, runtime));
}

/* A whole file with a NUL behind it. Free it. */
static char *read_whole(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = calloc(1, 1 << 20);
    *size = fread(bytes, 1, (1 << 20) - 1, f);
    assert_int_equal(fclose(f), 0);
    return bytes;
}

static size_t count_lines(const char *path) {
    size_t size, n = 0;
    char *bytes = read_whole(path, &size);
    for (size_t i = 0; i < size; i++) n += bytes[i] == '\n';
    assert_true(size == 0 || bytes[size - 1] == '\n');
    free(bytes);
    return n;
}

/* Counts the trainings that the caller is told of. */
static int count_notes(void *context, const lb_progress *p) {
    if (p->note && strstr(p->note, ", run ")) ++*(int *)context;
    return 0;
}

static int count_trainings(const lb_sweep_options *o) {
    int n = 0;
    lb_runtime runtime = {.threads = 2, .progress = count_notes, .progress_context = &n};
    cJSON_Delete(sweep(o, &runtime));
    return n;
}

/* ---- results */

static void the_grid_is_measured_and_validation_chooses(void **state) {
    (void)state;
    make(small_shop);
    lb_sweep_options o = options();
    o.runs = 2;
    cJSON *json = sweep(&o, NULL);
    assert_string_equal(shop_string(json, "dataset"), "shop");
    assert_string_equal(shop_string(json, "model"), "vasg");
    assert_string_equal(shop_string(json, "feature"), "image");
    assert_string_equal(shop_string(json, "split"), "leave-one-out seed 1 min-user 5 balanced");
    assert_string_equal(shop_string(json, "select"), "own-auc");
    assert_string_equal(shop_string(json, "axes.0"), "dim");
    assert_string_equal(shop_string(json, "axes.1"), "epochs");
    const cJSON *rows = shop_at(json, "combinations");
    assert_int_equal(cJSON_GetArraySize(rows), 4);
    int best = (int)shop_number(json, "best");
    for (int i = 0; i < 4; i++) {
        const cJSON *row = cJSON_GetArrayItem(rows, i);
        assert_int_equal((int)shop_number(row, "options.dim"), i / 2 ? 8 : 4);
        assert_int_equal((int)shop_number(row, "options.epochs"), i % 2 ? 3 : 1);
        assert_int_equal(cJSON_IsTrue(shop_at(row, "selected")), i == best);
        double warm = shop_number(row, "validation.warm.auc_own.mean"),
               cold = shop_number(row, "validation.cold.auc_own.mean");
        assert_true(fabs(shop_number(row, "criterion.mean") - (warm + cold) / 2) < 1e-12);
        assert_true(shop_number(row, "criterion.mean") <=
                    shop_number(cJSON_GetArrayItem(rows, best), "criterion.mean"));
        assert_true(shop_number(row, "criterion.sd") >= 0);
        assert_true(shop_number(row, "test.warm.recall@20_own.mean") >= 0);
        assert_true(shop_number(row, "test.cold.ndcg@20_all.mean") >= 0);
        assert_true(shop_number(row, "train_seconds.mean") > 0);
    }
    cJSON_Delete(json);
}

/* The tests are measured as a comparison measures them. */
static void tests_are_those_of_compare(void **state) {
    (void)state;
    static const char *const models[] = {
        "vasg:dim=8,epochs=3,rank=8,item-rank=2,look-dim=4,decoder-epochs=0,walks=2"};
    static const char *const metrics[] = {"warm.auc_own.mean", "warm.recall@20_own.mean",
                                          "cold.auc_all.mean", "cold.ndcg@20_own.mean",
                                          "warm.mrr_all.mean", "warm.tests"};
    make(small_shop);
    lb_sweep_options o = options();
    lb_compare_options c;
    lb_compare_options_init(&c);
    c.models = models;
    c.n_models = 1;
    cJSON *swept = sweep(&o, NULL), *compared = shop_compare(shop_path, &c, NULL);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        char a[80], b[80];
        snprintf(a, sizeof a, "combinations.3.test.%s", metrics[i]);
        snprintf(b, sizeof b, "models.0.%s", metrics[i]);
        assert_true(fabs(shop_number(swept, a) - shop_number(compared, b)) < 1e-12);
    }
    cJSON_Delete(swept);
    cJSON_Delete(compared);
}

static void jobs_and_threads_do_not_matter(void **state) {
    (void)state;
    make(small_shop);
    lb_sweep_options o = options();
    char *first = sweep_timeless(&o, NULL);
    for (unsigned jobs = 1; jobs <= 5; jobs += 4) { // of 4 combinations
        lb_runtime runtime = {.threads = 4};
        o.jobs = jobs;
        o.output = jobs == 5 ? lines_path : NULL;
        char *other = sweep_timeless(&o, &runtime);
        assert_string_equal(first, other);
        free(other);
    }
    free(first);
}

static void any_metric_may_choose(void **state) {
    (void)state;
    static const char *const names[] = {"warm-own-auc", "cold-all-auc", "warm-own-recall",
                                        "cold-own-ndcg", "warm-all-mrr"};
    static const char *const keys[] = {"warm.auc_own", "cold.auc_all", "warm.recall@20_own",
                                       "cold.ndcg@20_own", "warm.mrr_all"};
    static const char *const wrong[] = {
        "",         "auc", "warm", "warm-own", "warm-own-auc-", "own-warm-auc", "warm-own-auc-own",
        "warm--auc"};
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c = NULL;
    o.output = lines_path;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[80];
        o.select = names[i];
        cJSON *json = sweep(&o, NULL);
        snprintf(path, sizeof path, "validation.%s.mean", keys[i]);
        for (int k = 0; k < 4; k++) {
            const cJSON *row = cJSON_GetArrayItem(shop_at(json, "combinations"), k);
            assert_true(shop_number(row, "criterion.mean") == shop_number(row, path));
        }
        cJSON_Delete(json);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        o.select = wrong[i];
        assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "cannot select by");
    }
}

static void no_cold_products_is_no_failure(void **state) {
    (void)state;
    make((shop_kind){100, 10, 6, 0.5, 1, 0});
    lb_sweep_options o = options();
    o.split.cold = "natural";
    o.output = lines_path;
    for (int again = 0; again < 2; again++) {
        cJSON *json = sweep(&o, NULL);
        assert_true(shop_number(json, "best") >= 0);
        assert_true(shop_number(json, "combinations.1.criterion.mean") ==
                    shop_number(json, "combinations.1.validation.warm.auc_own.mean"));
        assert_true(cJSON_IsNull(shop_at(json, "combinations.1.test.cold.auc_own.mean")));
        assert_non_null(strstr(shop_string(json, "combinations.1.test.cold.auc_own.why"), "cold"));
        cJSON_Delete(json);
    }
    o.select = "cold-own-auc"; // there is nothing to choose by
    cJSON *json = sweep(&o, NULL);
    assert_true(cJSON_IsNull(shop_at(json, "best")));
    cJSON_Delete(json);
}

static void a_failure_is_recorded_and_not_repeated(void **state) {
    (void)state;
    static const char *const grid[] = {"l2=.01,100"}, *const fixed[] = {"epochs=30", "dim=8"};
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c;
    o.model = "bpr";
    o.grid = grid;
    o.n_grid = 1;
    o.settings = fixed;
    o.n_settings = 2;
    o.output = lines_path;
    assert_ok(lb_sweep(shop_path, &o, NULL, &c));
    assert_non_null(strstr(lb_comparison_table(c), "failed: the training diverged"));
    cJSON *json = cJSON_Parse(lb_comparison_json(c));
    lb_comparison_free(c);
    assert_int_equal((int)shop_number(json, "best"), 0);
    assert_null(shop_at(json, "combinations.0.why"));
    assert_non_null(strstr(shop_string(json, "combinations.1.why"), "diverged"));
    assert_true(cJSON_IsNull(shop_at(json, "combinations.1.test.warm.auc_own.mean")));
    cJSON_Delete(json);
    assert_int_equal(count_lines(lines_path), 3);
    assert_int_equal(count_trainings(&o), 0);
}

static void a_model_without_seed_is_trained_once(void **state) {
    (void)state;
    static const char *const grid[] = {"l2=1,10"};
    make(small_shop);
    lb_sweep_options o = options();
    o.model = "ease";
    o.grid = grid;
    o.n_grid = 1;
    o.n_settings = 0;
    o.runs = 3;
    assert_int_equal(count_trainings(&o), 2);
}

/* ---- the file */

static void finished_trainings_are_not_repeated(void **state) {
    (void)state;
    static const char *const larger[] = {"epochs=3,1", "dim=8,4,6"};
    make(small_shop);
    lb_sweep_options o = options();
    o.output = lines_path;
    assert_int_equal(count_trainings(&o), 4);
    assert_int_equal(count_lines(lines_path), 5);
    assert_int_equal(count_trainings(&o), 0);
    o.grid = larger; // in another order, and two more
    assert_int_equal(count_trainings(&o), 2);
    o.runs = 2;
    o.jobs = 2;
    assert_int_equal(count_trainings(&o), 6);
    assert_int_equal(count_lines(lines_path), 13);
    char *with = sweep_timeless(&o, NULL);
    o.output = NULL;
    char *without = sweep_timeless(&o, NULL);
    assert_string_equal(with, without);
    free(with);
    free(without);
}

static void a_cut_file_goes_on(void **state) {
    (void)state;
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c = NULL;
    size_t size, now;
    o.output = lines_path;
    char *whole = sweep_timeless(&o, NULL), *bytes = read_whole(lines_path, &size);
    size_t first = strcspn(bytes, "\n") + 1;
    random_stream r = random_open(1, "test", 0);
    for (int i = 0; i < 6; i++) {
        size_t keep = i < 4 ? size - 1 - (size_t)i : random_below(&r, size);
        test_write(lines_path, bytes, keep);
        if (keep && keep < first) { // the first line is written whole: this is something else
            assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_FORMAT, "not the file of a sweep");
            free(read_whole(lines_path, &now));
            assert_int_equal(now, keep);
            continue;
        }
        size_t complete = 0;
        for (size_t k = 0; k < keep; k++)
            if (bytes[k] == '\n') complete = k + 1;
        char *again = sweep_timeless(&o, NULL);
        assert_string_equal(whole, again);
        char *after = read_whole(lines_path, &now);
        assert_memory_equal(after, bytes, complete); // what was finished stays as it was
        assert_int_equal(count_lines(lines_path), 5);
        free(again);
        free(after);
    }
    free(whole);
    free(bytes);
}

static void damage_is_named(void **state) {
    (void)state;
    static const char *const damage[] = {"{", "nonsense", "[]", "{\"options\":{\"dim\":1}}",
                                         "{\"options\":{\"dims\":4},\"run\":0}"};
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c = NULL;
    size_t size, now;
    o.output = lines_path;
    char *whole = sweep_timeless(&o, NULL), *bytes = read_whole(lines_path, &size);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        FILE *f = fopen(lines_path, "wb");
        size_t first = strcspn(bytes, "\n") + 1, second = first + strcspn(bytes + first, "\n") + 1;
        assert_int_equal(fwrite(bytes, 1, first, f), first);
        fprintf(f, "%s\n", damage[i]); // in place of the second line
        assert_int_equal(fwrite(bytes + second, 1, size - second, f), size - second);
        assert_int_equal(fclose(f), 0);
        char *before = read_whole(lines_path, &now);
        assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_FORMAT, "sweep.jsonl: line 2: ");
        size_t after_size;
        char *after = read_whole(lines_path, &after_size);
        assert_int_equal(now, after_size);
        assert_memory_equal(before, after, now);
        free(before);
        free(after);
        f = fopen(lines_path, "wb"); // and as the last line, which a failing disk may leave
        assert_int_equal(fwrite(bytes, 1, second, f), second);
        fprintf(f, "%s\n", damage[i]);
        assert_int_equal(fclose(f), 0);
        char *again = sweep_timeless(&o, NULL);
        assert_string_equal(whole, again);
        free(again);
    }
    free(whole);
    free(bytes);
}

static void another_sweeps_file_is_refused(void **state) {
    (void)state;
    static const char *const bpr_grid[] = {"dim=4"};
    make(small_shop);
    lb_sweep_options o = options(), other;
    lb_comparison *c = NULL;
    size_t size, now;
    o.output = lines_path;
    cJSON_Delete(sweep(&o, NULL));
    char *bytes = read_whole(lines_path, &size);
    other = o;
    other.model = "bpr";
    other.grid = bpr_grid;
    other.n_grid = 1;
    other.n_settings = 0;
    assert_error(lb_sweep(shop_path, &other, NULL, &c), LB_E_MISMATCH, "with model vasg");
    other = o;
    other.split.seed = 2;
    assert_error(lb_sweep(shop_path, &other, NULL, &c), LB_E_MISMATCH,
                 "split leave-one-out seed 1");
    other = o;
    other.seed = 18446744073709551615u;
    assert_error(lb_sweep(shop_path, &other, NULL, &c), LB_E_MISMATCH, "18446744073709551615");
    other = o;
    other.list = 10;
    assert_error(lb_sweep(shop_path, &other, NULL, &c), LB_E_MISMATCH, "lists of 20");
    other = o;
    other.feature = "";
    assert_error(lb_sweep(shop_path, &other, NULL, &c), LB_E_MISMATCH, "feature image");
    char elsewhere[512];
    snprintf(elsewhere, sizeof elsewhere, "%s", shop_make((shop_kind){61, 40, 8, 0.9, 1, 0}));
    assert_error(lb_sweep(elsewhere, &o, NULL, &c), LB_E_MISMATCH, "another dataset");
    char *after = read_whole(lines_path, &now);
    assert_int_equal(size, now);
    assert_memory_equal(bytes, after, size);
    free(after);
    free(bytes);
    test_write(lines_path, "user,item\n1,2\n", 14);
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_FORMAT, "line 1: not the first line");
    assert_int_equal(count_lines(lines_path), 2);
    test_write(lines_path, "", 0); // an empty file is as good as none
    cJSON_Delete(sweep(&o, NULL));
    assert_int_equal(count_lines(lines_path), 5);
    o.output = shop_path;
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "is a directory");
    o.output = "/nowhere/at/all";
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_NOT_FOUND, "/nowhere");
    assert_null(c);
}

static void one_sweep_at_a_time_writes(void **state) {
    (void)state;
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c = NULL;
    sweep_file f = {0}, again = {0};
    sweep_log *log;
    o.output = lines_path;
    cJSON_Delete(sweep(&o, NULL));
    assert_ok(sweep_file_read(lines_path, &f));
    assert_ok(sweep_log_open(lines_path, &f.head, NULL, 0, &log, &again));
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_BUSY, "another sweep is writing");
    sweep_log_close(log);
    cJSON_Delete(sweep(&o, NULL));
    sweep_file_free(&f);
    sweep_file_free(&again);
}

static int stop_after_two(void *context, const lb_progress *p) {
    int *left = context;
    if (p->note && strstr(p->note, ", run ")) --*left;
    return *left <= 0;
}

static void a_stopped_sweep_goes_on(void **state) {
    (void)state;
    make(small_shop);
    lb_sweep_options o = options();
    lb_comparison *c = NULL;
    char *whole = sweep_timeless(&o, NULL);
    o.output = lines_path;
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        int left = 2;
        lb_runtime runtime = {.threads = 2, .progress = stop_after_two, .progress_context = &left};
        o.jobs = jobs;
        remove(lines_path);
        lb_status status = lb_sweep(shop_path, &o, &runtime, &c);
        if (status != LB_OK) assert_int_equal(status, LB_E_INTERRUPTED);
        lb_comparison_free(c);
        c = NULL;
        assert_in_range(count_lines(lines_path), 3, 5);
        char *again = sweep_timeless(&o, NULL);
        assert_string_equal(whole, again);
        free(again);
    }
    free(whole);
}

/* ---- reading a file back */

static void files_are_read_back(void **state) {
    (void)state;
    static const char *const grid[] = {"dim=16,4", "epochs=1", "negatives=3,5"};
    make(small_shop);
    lb_sweep_options o = options();
    sweep_criterion criterion;
    sweep_file f = {0};
    sweep_result r = {0};
    o.grid = grid;
    o.n_grid = 3;
    o.runs = 2;
    o.jobs = 3;
    o.output = lines_path;
    cJSON *json = sweep(&o, NULL);
    assert_ok(sweep_file_read(lines_path, &f));
    assert_string_equal(f.head.class->name, "vasg");
    assert_string_equal(f.head.dataset, "shop");
    assert_int_equal(f.n_trials, 8);
    assert_ok(sweep_criterion_parse("own-auc", &criterion));
    assert_ok(sweep_result_of_file(&f, &criterion, &r));
    assert_int_equal(r.n_axes, 2); // epochs is one for all
    assert_string_equal(r.axis[0], "dim");
    assert_string_equal(r.axis[1], "negatives");
    assert_int_equal(r.n_rows, 4);
    for (size_t i = 0; i < 4; i++) { // in the order of the values, and not of the grid
        static const char *const dims[] = {"4", "4", "16", "16"};
        char *dim = sweep_row_value(&r, i, 0), path[64];
        assert_string_equal(dim, dims[i]);
        snprintf(path, sizeof path, "combinations.%zu.test.warm.auc_own.mean", (i + 2) % 4);
        assert_true(r.row[i].metric[1][EVAL_WARM][EVAL_OWN][EVAL_AUC].mean ==
                    shop_number(json, path));
        assert_int_equal(r.row[i].n_runs, 2);
        free(dim);
    }
    assert_int_equal((r.best + 2) % 4, (size_t)shop_number(json, "best"));
    sweep_result_free(&r);
    sweep_file_free(&f);
    cJSON_Delete(json);
    assert_error(sweep_file_read("/nowhere", &f), LB_E_NOT_FOUND, "/nowhere");
}

/* ---- mistakes */

static void mistakes_are_named_before_anything_is_trained(void **state) {
    (void)state;
    static const struct {
        const char *grid, *fixed, *phrase;
    } wrong[] = {
        {"height=1,2", NULL, "no option \"height\""},
        {"dim=4,1", NULL, "from 2 to 1024"},
        {"dim=4,", NULL, "option dim is \"\""},
        {"dim", NULL, "option=value,value"},
        {"=4", NULL, "option=value,value"},
        {"dim=", NULL, "option=value,value"},
        {"dim=4,8,4", NULL, "dim=4 twice"},
        {"rate=.1,0.10", NULL, "rate=0.1 twice"},
        {"dim=4,8", "dim=6", "in the grid and outside it"},
        {"dim=4,8", "height=6", "no option \"height\""},
    };
    static const char *const twice[] = {"dim=4", "rate=.1", "dim=8"};
    make(small_shop);
    lb_comparison *c = NULL;
    lb_sweep_options o = options();
    o.output = lines_path;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        o.grid = &wrong[i].grid;
        o.n_grid = 1;
        o.settings = &wrong[i].fixed;
        o.n_settings = wrong[i].fixed != NULL;
        assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, wrong[i].phrase);
    }
    o.grid = twice;
    o.n_grid = 3;
    o.n_settings = 0;
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "option dim twice");
    o = options();
    o.model = "vagabond";
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "there is no model");
    o = options();
    o.n_grid = 0;
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "the grid has no option");
    o = options();
    o.jobs = 65;
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_ARGUMENT, "jobs is 65: must be 1 to 64");
    o = options();
    o.split.no_validation = 1;
    assert_error(lb_sweep(shop_path, &o, NULL, &c), LB_E_EMPTY, "no validation pairs");
    assert_error(lb_sweep(shop_path, NULL, NULL, &c), LB_E_ARGUMENT, "no options");
    assert_error(lb_sweep(shop_path, &o, NULL, NULL), LB_E_ARGUMENT, "no place");
    assert_false(file_exists(lines_path));
    assert_null(c);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_is_measured_and_validation_chooses),
        cmocka_unit_test(tests_are_those_of_compare),
        cmocka_unit_test(jobs_and_threads_do_not_matter),
        cmocka_unit_test(any_metric_may_choose),
        cmocka_unit_test(no_cold_products_is_no_failure),
        cmocka_unit_test(a_failure_is_recorded_and_not_repeated),
        cmocka_unit_test(a_model_without_seed_is_trained_once),
        cmocka_unit_test(finished_trainings_are_not_repeated),
        cmocka_unit_test(a_cut_file_goes_on),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(another_sweeps_file_is_refused),
        cmocka_unit_test(one_sweep_at_a_time_writes),
        cmocka_unit_test(a_stopped_sweep_goes_on),
        cmocka_unit_test(files_are_read_back),
        cmocka_unit_test(mistakes_are_named_before_anything_is_trained),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
