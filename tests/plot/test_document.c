#include "support.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <unistd.h>

#include "core/file.h"
#include "plot/document.h"
#include "plot/markup.h"
#include "plot/sample.h"
#include "plot/wellformed.h"

/* ---------------------------------------------------------------- markup */

static char *taken(text *t) {
    static char kept[1000];
    assert_int_equal(t->status, LB_OK);
    snprintf(kept, sizeof kept, "%s", t->bytes ? t->bytes : "");
    free(t->bytes);
    *t = (text){0};
    return kept;
}

static void markup_escapes_and_formats(void **state) {
    (void)state;
    text t = {0};
    markup_escape(&t, "a<b>&\"'\x02\xc3\x28\xEF\xBF\xBE\n");
    assert_string_equal(taken(&t), "a&lt;b&gt;&amp;&quot;&#39;\uFFFD\uFFFD(\uFFFD\n");
    markup_prose(&t, "`a<b` and *c*, 2 * 3 * 4, Table 2; `open, Figure 10");
    assert_string_equal(taken(&t), "<code>a&lt;b</code> and <em>c</em>, 2 * 3 * 4, "
                                   "<a href=\"#table-2\">Table 2</a>; `open, "
                                   "<a href=\"#figure-10\">Figure 10</a>");
    markup_prose(&t, "29.8 % of them, 5 and % alone");
    assert_string_equal(taken(&t), "29.8\u00a0% of them, 5 and % alone");
    static const struct {
        double value;
        unsigned digits;
        const char *text;
    } numbers[] = {{0.8765, 3, "0.876"},   {-1234567.8, 1, "\u22121,234,567.8"},
                   {-0.0001, 2, "0.00"},   {999, 0, "999"},
                   {1000, 0, "1,000"},     {NAN, 2, "\u2013"},
                   {INFINITY, 2, "\u221e"}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        markup_number(&t, numbers[i].value, numbers[i].digits);
        assert_string_equal(taken(&t), numbers[i].text);
    }
    static const double places[] = {1.5, -0.001, NAN, 100, 33.333};
    for (size_t i = 0; i < 5; i++) {
        markup_coordinate(&t, places[i]);
        text_add(&t, " ");
    }
    assert_string_equal(taken(&t), "1.5 0 0 100 33.33 ");
}

static void data_uris_are_base64(void **state) {
    (void)state;
    static const char *const expected[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; // RFC 4648, section 10
    for (size_t n = 0; n <= 6; n++) {
        text t = {0};
        markup_data_uri(&t, "image/jpeg", "foobar", n);
        assert_string_equal(taken(&t) + strlen("data:image/jpeg;base64,"), expected[n]);
    }
    unsigned char bytes[4000] = {0};
    text t = {0};
    markup_data_uri(&t, "a/b", bytes, sizeof bytes);
    assert_int_equal(t.n, strlen("data:a/b;base64,") + (sizeof bytes + 2) / 3 * 4);
    free(t.bytes);
}

static void widths_follow_characters(void **state) {
    (void)state;
    assert_true(markup_width("iii") < markup_width("mmm"));
    assert_int_equal(markup_fit("\u4e2d\u6587\u5b57", 2.1), 6); // whole characters
    assert_int_equal(markup_fit("abc", 100), 3);
    assert_int_equal(markup_fit("", 1), 0);
}

/* ---------------------------------------------------------------- tables */

static size_t count(const char *in, const char *what) {
    size_t n = 0;
    for (const char *c = in; (c = strstr(c, what)); c += strlen(what)) n++;
    return n;
}

static void tables_mark_the_best_as_printed(void **state) {
    (void)state;
    static const table_column columns[] = {{"Model", NULL, TABLE_NO_BEST},
                                           {"AUC", "Warm", TABLE_HIGHEST},
                                           {"Time", "Warm", TABLE_LOWEST}};
    table *t;
    text out = {0};
    assert_ok(table_new(columns, 3, &t));
    static const double auc[] = {0.90004, 0.9001, 0.8, 1}, times[] = {5, 3, 4, 1};
    for (size_t i = 0; i < 4; i++) {
        table_row(t);
        table_text(t, "a");
        table_spread(t, auc[i], 0.01, 3);
        if (i == 3) table_aside(t);
        table_interval(t, times[i], 1, 2, 1);
        if (i == 3) table_aside(t);
        table_mark(t, "<");
    }
    table_row(t); // a short row
    table_note(t, "<", "`note` &");
    assert_ok(table_write(t, NULL, &out));
    assert_int_equal(count(out.bytes, "<strong>"), 3); // both that print as 0.900, and 3.0
    assert_int_equal(count(out.bytes, "<strong>0.900"), 2);
    assert_int_equal(count(out.bytes, "<strong>3.0"), 1);
    assert_int_equal(count(out.bytes, "<sup>&lt;</sup>"), 5);
    assert_int_equal(count(out.bytes, "colspan=\"2\""), 1);
    free(out.bytes);
    table_free(t);
}

static void tables_refuse_cells_without_a_place(void **state) {
    (void)state;
    static const table_column columns[] = {{"Model", NULL, TABLE_NO_BEST}};
    table *t = NULL;
    text out = {0};
    assert_error(table_new(columns, 0, &t), LB_E_ARGUMENT, "column");
    for (int how = 0; how < 3; how++) {
        assert_ok(table_new(columns, 1, &t));
        if (how == 1) table_row(t);
        if (how == 1) table_text(t, "a");
        if (how == 2)
            table_mark(t, "a");
        else
            table_number(t, 1, 1);
        table_row(t);
        assert_error(table_write(t, NULL, &out), LB_E_ARGUMENT, "cell");
        table_free(t);
    }
    table_free(NULL);
    free(out.bytes);
}

/* ---------------------------------------------------------------- documents */

enum { IDS = 200, LINKS = 200 };

typedef struct page {
    char ids[IDS][40], links[LINKS][40];
    size_t n_ids, n_links, n_figures, n_titles;
    int heading;
    bool policy;
} page;

static void see_element(void *context, const xml_element *e) {
    page *p = context;
    const char *id = xml_get(e, "id"), *href = xml_get(e, "href");
    if (!strcmp(e->name, "script") || xml_get(e, "src") || xml_get(e, "style") ||
        xml_get(e, "onload"))
        fail_msg("<%s> may not be there", e->name);
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->attributes[i].name, "xmlns") != 0 && strstr(e->attributes[i].value, "http:"))
            fail_msg("<%s %s> refers to elsewhere", e->name, e->attributes[i].name);
    if (id) snprintf(p->ids[p->n_ids++ % IDS], 40, "%s", id);
    if (href && *href == '#') snprintf(p->links[p->n_links++ % LINKS], 40, "%s", href + 1);
    if (href && *href != '#') assert_memory_equal(href, "data:image/jpeg;base64,", 23);
    if (e->name[0] == 'h' && isdigit((unsigned char)e->name[1])) {
        assert_true(e->name[1] - '0' <= p->heading + 1); // no level is left out
        p->heading = e->name[1] - '0';
    }
    if (!strcmp(e->name, "svg")) {
        assert_string_equal(xml_get(e, "role"), "img");
        p->n_figures++;
    }
    const char *content = xml_get(e, "content");
    p->policy = p->policy || (content && strstr(content, "default-src 'none'"));
}

static void check_page(const char *bytes, page *p) {
    char why[200];
    xml_visitor visitor = {see_element, NULL, p};
    *p = (page){0};
    if (!xml_read(bytes, &visitor, why)) fail_msg("%s", why);
    assert_true(p->policy);
    assert_true(p->n_ids < IDS && p->n_links < LINKS);
    for (size_t i = 0; i < p->n_ids; i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(p->ids[i], p->ids[k]);
    for (size_t i = 0; i < p->n_links; i++) {
        size_t k = 0;
        while (k < p->n_ids && strcmp(p->links[i], p->ids[k]) != 0) k++;
        if (k == p->n_ids) fail_msg("#%s leads nowhere", p->links[i]);
    }
    assert_non_null(strstr(bytes, "<html lang=\"en\">"));
    assert_non_null(strstr(bytes, "<meta charset=\"utf-8\""));
    assert_non_null(strstr(bytes, "name=\"viewport\""));
}

static void a_report_with_everything_is_sound(void **state) {
    (void)state;
    static page p;
    const char *folder = test_folder();
    char *path = file_path(folder, "report.html"), *again = file_path(folder, "again.html");
    file_map a, b;
    assert_ok(sample_write(path));
    assert_ok(sample_write(again));
    assert_ok(file_map_open(path, &a));
    assert_ok(file_map_open(again, &b));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.bytes, b.bytes, a.size);
    char *bytes = calloc(a.size + 1, 1);
    assert_non_null(bytes);
    memcpy(bytes, a.bytes, a.size);
    check_page(bytes, &p);
    assert_true(p.n_figures >= 12);
    free(bytes);
    file_map_close(&a);
    file_map_close(&b);
    remove(path);
    remove(again);
    rmdir(folder);
    free(path);
    free(again);
}

static void what_is_passed_in_is_escaped(void **state) {
    (void)state;
    static const char bad[] = "</p></style><script>alert(1)</script>\"'&\xff";
    static page p;
    document *d;
    const char *items[] = {bad};
    document_fact fact = {bad, bad};
    text out = {0};
    assert_ok(document_new(bad, bad, &d));
    document_abstract(d, "%s", bad);
    document_section(d, bad);
    document_subsection(d, bad);
    document_paragraph(d, "%s", bad);
    document_note(d, "%s", bad);
    document_list(d, items, 1);
    document_code(d, bad, bad);
    document_facts(d, &fact, 1);
    assert_int_equal(document_figure(d, NULL, 0, DOCUMENT_WIDE, bad), 1);
    assert_int_equal(document_next_figure(d), 2);
    assert_int_equal(document_next_table(d), 1);
    assert_ok(document_finish(d, &out));
    assert_null(strstr(out.bytes, "<script"));
    check_page(out.bytes, &p);
    free(out.bytes);
    document_free(d);
}

static void failures_come_out_at_the_end(void **state) {
    (void)state;
    document *d;
    text out = {0}, broken = {.status = LB_E_NOMEM};
    assert_ok(document_new(NULL, NULL, &d));
    document_subsection(d, "before a section");
    document_section(d, "later");
    assert_error(document_finish(d, &out), LB_E_ARGUMENT, "section");
    document_free(d);
    assert_ok(document_new("a", NULL, &d));
    document_section(d, "one");
    document_abstract(d, "too late");
    assert_error(document_save(d, "/nowhere/at/all"), LB_E_ARGUMENT, "abstract");
    document_free(d);
    assert_ok(document_new("a", NULL, &d));
    assert_int_equal(document_figure(d, &broken, 1, DOCUMENT_COLUMN, "b"), 0);
    assert_int_equal(document_finish(d, &out), LB_E_NOMEM);
    document_free(d);
    document_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_escapes_and_formats),
        cmocka_unit_test(data_uris_are_base64),
        cmocka_unit_test(widths_follow_characters),
        cmocka_unit_test(tables_mark_the_best_as_printed),
        cmocka_unit_test(tables_refuse_cells_without_a_place),
        cmocka_unit_test(a_report_with_everything_is_sound),
        cmocka_unit_test(what_is_passed_in_is_escaped),
        cmocka_unit_test(failures_come_out_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
