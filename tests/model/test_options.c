/* Tables of options: defaults, ranges, every error's text, and text that reads back exactly. */
#include "support.h"

#include "model/model.h"
#include "model/vasg.h"

typedef struct sample {
    int count, kind;
    double rate;
} sample;

static const option_field fields[] = {
    {"count", OPTION_INT, offsetof(sample, count), 3, -5, 10, NULL, ""},
    {"kind", OPTION_CHOICE, offsetof(sample, kind), 1, 0, 0, "one|two|three", ""},
    {"rate", OPTION_REAL, offsetof(sample, rate), 0.25, 0, 1, NULL, ""},
};
static const option_table table = {fields, 3, sizeof(sample)};

static sample defaults(void) {
    sample s;
    memset(&s, 0xff, sizeof s);
    options_init(&table, &s);
    return s;
}

static void defaults_are_the_tables(void **state) {
    (void)state;
    sample s = defaults();
    assert_int_equal(s.count, 3);
    assert_int_equal(s.kind, 1);
    assert_true(s.rate == 0.25);
}

static void values_are_set(void **state) {
    (void)state;
    static const char *const choices[] = {"kind=one", "kind=two", "kind=three"};
    sample s = defaults();
    assert_ok(options_set(&table, &s, "count=-5"));
    assert_int_equal(s.count, -5);
    assert_ok(options_set(&table, &s, "count=1e1"));
    assert_int_equal(s.count, 10);
    assert_ok(options_set(&table, &s, "rate=1e-3"));
    assert_true(s.rate == 1e-3);
    for (int i = 0; i < 3; i++) {
        assert_ok(options_set(&table, &s, choices[i]));
        assert_int_equal(s.kind, i);
    }
}

static void assert_refused(const char *setting, const char *phrase) {
    sample s = defaults(), before = s;
    assert_error(options_set(&table, &s, setting), LB_E_ARGUMENT, phrase);
    assert_memory_equal(&s, &before, sizeof s);
}

static void errors_say_what_is_allowed(void **state) {
    (void)state;
    assert_refused("coun=1", "no option \"coun\"; it has: count, kind, rate");
    assert_refused("counts=1", "no option \"counts\"");
    assert_refused("=1", "no option \"\"");
    assert_refused("count", "\"count\": an option is written name=value");
    assert_refused("", "name=value");
    assert_refused("count=11", "option count is \"11\": must be a whole number from -5 to 10");
    assert_refused("count=-6", "from -5 to 10");
    assert_refused("count=2.5", "must be a whole number");
    assert_refused("count=", "option count is \"\"");
    assert_refused("count=3x", "option count is \"3x\"");
    assert_refused("count=1e300", "from -5 to 10");
    assert_refused("count=nan", "must be a whole number");
    assert_refused("rate=1.01", "option rate is \"1.01\": must be a number from 0 to 1");
    assert_refused("rate=-0.1", "must be a number");
    assert_refused("rate=nan", "must be a number");
    assert_refused("rate=inf", "must be a number");
    assert_refused("rate=fast", "must be a number");
    assert_refused("kind=four", "option kind is \"four\": must be one of one|two|three");
    assert_refused("kind=", "must be one of");
    assert_refused("kind=tw", "must be one of");
    assert_refused("kind=one|two", "must be one of");
}

static void a_table_may_be_empty(void **state) {
    (void)state;
    static const option_table none = {NULL, 0, 1};
    char unused = 7;
    options_init(&none, &unused);
    assert_int_equal(unused, 0);
    assert_error(options_set(&none, &unused, "x=1"), LB_E_ARGUMENT, "it has: none");
    char *text = options_print(&none, &unused);
    assert_string_equal(text, "");
    free(text);
}

/* Sets every line of `text`. */
static void read_back(const option_table *t, void *options, char *text) {
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        assert_ok(options_set(t, options, line));
    }
}

static void print_reads_back(void **state) {
    (void)state;
    sample s = {-4, 2, 0}, back;
    static const double rates[] = {0, 1, 0.1, 1.0 / 3, 0.1234567890123456, 1e-300, 0x1.fffffep-1};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        s.rate = rates[i];
        char *text = options_print(&table, &s);
        options_init(&table, &back);
        read_back(&table, &back, text);
        assert_int_equal(back.count, -4);
        assert_int_equal(back.kind, 2);
        assert_true(back.rate == rates[i]);
        free(text);
    }
    s = defaults();
    char *text = options_print(&table, &s);
    assert_string_equal(text, "count=3\nkind=two\nrate=0.25\n");
    free(text);
}

/* The defaults of every model are within its own ranges and read back; names are unique. */
static void tables_of_models_hold_together(void **state) {
    (void)state;
    const model_class *c;
    for (size_t i = 0; (c = model_class_at(i)); i++) {
        const option_table *t = c->options;
        void *a = calloc(1, t->size), *b = calloc(1, t->size);
        options_init(t, a);
        options_init(t, b);
        char *text = options_print(t, a);
        read_back(t, b, text);
        assert_memory_equal(a, b, t->size);
        for (size_t k = 0; k < t->n_fields; k++) {
            assert_true(t->field[k].offset + sizeof(int) <= t->size);
            assert_true(t->field[k].help && *t->field[k].help);
            for (size_t other = 0; other < k; other++)
                assert_string_not_equal(t->field[k].name, t->field[other].name);
        }
        free(text);
        free(a);
        free(b);
    }
}

static void models_are_found_by_name(void **state) {
    (void)state;
    const model_class *c;
    assert_ok(model_class_find("vasg", &c));
    assert_ptr_equal(c, &vasg_class);
    assert_ptr_equal(model_class_at(0), &vasg_class);
    assert_null(model_class_at(1000));
    assert_error(model_class_find("vsag", &c), LB_E_ARGUMENT,
                 "no model \"vsag\"; there are: vasg, vasg-paper, rand, pop, wboi, ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_tables),
        cmocka_unit_test(values_are_set),
        cmocka_unit_test(errors_say_what_is_allowed),
        cmocka_unit_test(a_table_may_be_empty),
        cmocka_unit_test(print_reads_back),
        cmocka_unit_test(tables_of_models_hold_together),
        cmocka_unit_test(models_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
