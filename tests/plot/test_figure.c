#include "support.h"

#include <math.h>
#include <stdbool.h>

#include "core/random.h"
#include "core/utf8.h"
#include "plot/figure.h"
#include "plot/markup.h"
#include "plot/wellformed.h"

static const char hostile[] = "</text><script>\"'&amp;\x01\xff\xEF\xBF\xBF]]>";

enum { WORDS = 400 };

typedef struct box {
    double left, right, top, bottom;
    char words[80];
} box;

/* What a figure is checked for while it is read. */
typedef struct inspection {
    double height;
    size_t n_boxes, n_images, n_polygons, n_rects, depth_of_group;
    bool no_data, turned_group;
    box boxes[WORDS];
} inspection;

static void check_numbers(const xml_element *e) {
    static const char *const numeric[] = {"x",  "y", "x1", "x2",     "y1",      "y2",    "cx",
                                          "cy", "r", "d",  "points", "viewBox", "width", "height"};
    for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++) {
        const char *value = xml_get(e, numeric[i]);
        if (!value) continue;
        if (strspn(value, "0123456789.-, ML") != strlen(value))
            fail_msg("<%s %s=\"%s\">", e->name, numeric[i], value);
    }
}

static void check_within(const inspection *in, const xml_element *e, const char *x, const char *y) {
    double px = xml_number(e, x, 0), py = xml_number(e, y, 0);
    if (px < -0.01 || px > FIGURE_WIDTH + 0.01 || py < -0.01 || py > in->height + 0.01)
        fail_msg("<%s> at %g, %g is outside a figure of height %g", e->name, px, py, in->height);
}

static void see_element(void *context, const xml_element *e) {
    inspection *in = context;
    check_numbers(e);
    if (e->depth == 0) {
        double width;
        assert_string_equal(e->name, "svg");
        assert_int_equal(sscanf(xml_get(e, "viewBox"), "0 0 %lf %lf", &width, &in->height), 2);
        assert_true(width > FIGURE_WIDTH - 0.5 && width < FIGURE_WIDTH + 0.5);
        return;
    }
    if (!strcmp(e->name, "g") && xml_get(e, "transform")) in->turned_group = true;
    if (!in->turned_group) check_within(in, e, "x", "y");
    check_within(in, e, "x1", "y1");
    check_within(in, e, "x2", "y2");
    check_within(in, e, "cx", "cy");
    in->n_images += !strcmp(e->name, "image");
    in->n_polygons += !strcmp(e->name, "polygon");
    in->n_rects += !strcmp(e->name, "rect");
    if (strcmp(e->name, "rect") == 0) {
        double x = xml_number(e, "x", 0) + xml_number(e, "width", 0);
        double y = xml_number(e, "y", 0) + xml_number(e, "height", 0);
        if (x > FIGURE_WIDTH + 0.01 || y > in->height + 0.01)
            fail_msg("<rect> ends at %g, %g", x, y);
    }
}

/* Markup back to what is seen. */
static void unescape(const char *words, size_t n, char *out, size_t capacity) {
    static const char *const from[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    static const char to[] = "&<>\"'";
    size_t k = 0;
    for (size_t i = 0; i < n && k + 1 < capacity; k++) {
        size_t taken = 0;
        for (size_t e = 0; e < 5 && !taken; e++)
            if (!strncmp(words + i, from[e], strlen(from[e]))) {
                out[k] = to[e];
                taken = strlen(from[e]);
            }
        if (!taken) out[k] = words[i];
        i += taken ? taken : 1;
    }
    out[k] = '\0';
}

static void see_words(void *context, const xml_element *e, const char *words, size_t n) {
    inspection *in = context;
    if (n >= 7 && !strncmp(words, "No data", 7)) in->no_data = true;
    if (strcmp(e->name, "text") != 0 || in->turned_group || in->n_boxes == WORDS) return;
    box *b = &in->boxes[in->n_boxes++];
    unescape(words, n, b->words, sizeof b->words);
    double width = markup_width(b->words) * FIGURE_TEXT, x = xml_number(e, "x", 0);
    const char *anchor = xml_get(e, "text-anchor");
    b->left = !anchor ? x : !strcmp(anchor, "middle") ? x - width / 2 : x - width;
    b->right = b->left + width;
    b->bottom = xml_number(e, "y", 0) + 2;
    b->top = b->bottom - 14;
}

/* Words may not cover each other nor leave the figure; `margin` is the error of the estimate. */
static void check_boxes(const inspection *in, double margin) {
    for (size_t i = 0; i < in->n_boxes; i++) {
        const box *a = &in->boxes[i];
        if (a->left < -margin || a->right > FIGURE_WIDTH + margin || a->top < -2 ||
            a->bottom > in->height + 3)
            fail_msg("\"%s\" at %g to %g, %g to %g is cut off (height %g)", a->words, a->left,
                     a->right, a->top, a->bottom, in->height);
        for (size_t k = 0; k < i; k++) {
            const box *b = &in->boxes[k];
            if (a->left < b->right - 1 && b->left < a->right - 1 && a->top < b->bottom - 1 &&
                b->top < a->bottom - 1)
                fail_msg("\"%s\" and \"%s\" cover each other", a->words, b->words);
        }
    }
}

/* Takes the figure over. */
static inspection inspect(text *figure, double margin) {
    static inspection in;
    char why[200];
    xml_visitor visitor = {see_element, see_words, &in};
    in = (inspection){0};
    assert_int_equal(figure->status, LB_OK);
    if (!xml_read(figure->bytes, &visitor, why)) fail_msg("%s", why);
    assert_int_equal(utf8_valid_length(figure->bytes, figure->n), figure->n);
    assert_null(strstr(figure->bytes, "<script"));
    check_boxes(&in, margin);
    free(figure->bytes);
    *figure = (text){0};
    return in;
}

/* ---------------------------------------------------------------- charts */

static void hostile_words_are_escaped_everywhere(void **state) {
    (void)state;
    const char *names[] = {hostile, "b"};
    double y[] = {1, 2};
    figure_series s[] = {{.name = hostile, .mark = FIGURE_BARS, .n = 2, .y = y},
                         {.name = hostile, .mark = FIGURE_POINTS, .n = 2, .y = y}};
    figure_chart c = {.head = {hostile, hostile, hostile, 0},
                      .x = {.title = hostile,
                            .scale = FIGURE_CATEGORICAL,
                            .categories = names,
                            .n_categories = 2},
                      .y = {.title = hostile},
                      .series = s,
                      .n_series = 2};
    text t = {0};
    figure_write_chart(&t, &c);
    assert_non_null(strstr(t.bytes, "&lt;script&gt;&quot;&#39;&amp;amp;\xEF\xBF\xBD\xEF\xBF\xBD"));
    inspect(&t, FIGURE_WIDTH);
    figure_heat h = {.head = {hostile, hostile, hostile, 0},
                     .x_title = hostile,
                     .columns = names,
                     .rows = names,
                     .n_columns = 2,
                     .n_rows = 1,
                     .values = y,
                     .unit = hostile};
    figure_write_heat(&t, &h);
    inspect(&t, FIGURE_WIDTH);
}

static void what_cannot_be_drawn_is_left_out(void **state) {
    (void)state;
    double x[] = {1, 2, 3, NAN, 5, 1e308, 7}, y[] = {1, NAN, 2, 3, INFINITY, 2, -1e308};
    static const figure_mark marks[] = {FIGURE_LINE, FIGURE_POINTS, FIGURE_BARS, FIGURE_AREA};
    for (size_t m = 0; m < 4; m++) {
        figure_series s = {.mark = marks[m], .n = 7, .x = x, .y = y, .low = y, .high = x};
        figure_chart c = {.series = &s, .n_series = 1};
        text t = {0};
        figure_write_chart(&t, &c);
        assert_false(inspect(&t, 12).no_data);
        c.x.scale = c.y.scale = FIGURE_LOG;
        figure_write_chart(&t, &c);
        inspect(&t, 12);
    }
}

static void nothing_to_draw_is_said(void **state) {
    (void)state;
    double y[] = {NAN, INFINITY};
    figure_series s = {.n = 2, .y = y, .name = "a"};
    figure_chart c = {.series = &s, .n_series = 1};
    figure_map m = {0};
    figure_heat h = {0};
    figure_strips r = {0};
    text t = {0};
    figure_write_chart(&t, &c);
    assert_true(inspect(&t, 0).no_data);
    c = (figure_chart){0};
    figure_write_chart(&t, &c);
    assert_true(inspect(&t, 0).no_data);
    figure_write_map(&t, &m);
    assert_true(inspect(&t, 0).no_data);
    figure_write_heat(&t, &h);
    assert_true(inspect(&t, 0).no_data);
    figure_write_strips(&t, &r);
    assert_true(inspect(&t, 0).no_data);
}

/* Charts of random shapes and ranges: no words on each other or cut off, nothing outside. */
static void no_chart_puts_words_on_words(void **state) {
    (void)state;
    static const char *const names[] = {"vasg", "BPR-MF", "a model with a long name", "POP",
                                        "vasg-paper"};
    static const char *const categories[] = {"ml1m", "sparse", "baby", "Women's clothing",
                                             "every part of it but the decoder's gradient"};
    for (size_t item = 0; item < 400; item++) {
        random_stream r = random_open(1, "charts", item);
        double x[5][12], y[5][12], low[5][12], high[5][12];
        figure_series s[5] = {{0}};
        size_t n = 1 + random_below(&r, 5), points = 1 + random_below(&r, 12);
        double scale = pow(10, 12 * random_unit(&r) - 4), shift = 3 * random_unit(&r) * scale;
        bool words = random_below(&r, 3) == 0;
        size_t n_categories = 1 + random_below(&r, 5);
        if (words && points > n_categories) points = n_categories;
        for (size_t k = 0; k < n; k++) {
            for (size_t i = 0; i < points; i++) {
                x[k][i] = words ? (double)i : scale * (double)(i + 1);
                y[k][i] = shift + scale * random_unit(&r);
                low[k][i] = y[k][i] - scale * 0.1 * random_unit(&r);
                high[k][i] = y[k][i] + scale * 0.1 * random_unit(&r);
            }
            s[k] = (figure_series){.name = names[k],
                                   .mark = (figure_mark)random_below(&r, 5),
                                   .n = points,
                                   .x = x[k],
                                   .y = y[k],
                                   .low = low[k],
                                   .high = high[k]};
        }
        figure_chart c = {
            .head = {.title = "t", .heading = item % 2 ? "A panel" : NULL},
            .x = {.title = "x (unit)",
                  .scale = words                 ? FIGURE_CATEGORICAL
                           : random_below(&r, 2) ? FIGURE_LOG
                                                 : FIGURE_LINEAR,
                  .categories = categories,
                  .n_categories = n_categories},
            .y = {.title = "y (unit)", .scale = random_below(&r, 3) ? FIGURE_LINEAR : FIGURE_LOG},
            .series = s,
            .n_series = n,
            .bar_digits = (unsigned)(words ? item % 4 : 0)};
        text t = {0};
        figure_write_chart(&t, &c);
        inspect(&t, 4);
    }
}

static void ticks_are_round_numbers(void **state) {
    (void)state;
    double x[] = {0, 10}, y[] = {0.8731, 0.9449};
    figure_series s = {.n = 2, .x = x, .y = y};
    figure_chart c = {.series = &s, .n_series = 1};
    text t = {0};
    figure_write_chart(&t, &c);
    assert_non_null(strstr(t.bytes, ">0.86<"));
    assert_non_null(strstr(t.bytes, ">0.88<"));
    assert_non_null(strstr(t.bytes, ">0.96<"));
    assert_non_null(strstr(t.bytes, ">10<"));
    inspect(&t, 4);
    double wide[] = {1, 1e9};
    s.x = wide;
    c.x.scale = FIGURE_LOG;
    figure_write_chart(&t, &c);
    assert_non_null(strstr(t.bytes, ">10\u2078<"));
    inspect(&t, 4);
}

static void lines_break_and_are_cut_to_the_range(void **state) {
    (void)state;
    double y[] = {1, 2, NAN, 2, 1}, far[] = {-100, 100};
    figure_series s = {.n = 5, .y = y};
    figure_chart c = {.series = &s, .n_series = 1};
    text t = {0};
    figure_write_chart(&t, &c);
    const char *path = strstr(t.bytes, "<path d=\"M");
    assert_non_null(path);
    assert_non_null(strchr(path + 10, 'M')); // a second piece
    inspect(&t, 4);
    s = (figure_series){.n = 2, .y = far, .mark = FIGURE_AREA};
    c.y.low = 0;
    c.y.high = 1;
    figure_write_chart(&t, &c);
    inspect(&t, 4);
}

/* ---------------------------------------------------------------- pictures */

static void maps_embed_pictures_with_frames(void **state) {
    (void)state;
    static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF, 0xD9};
    enum { N = 90 };
    double x[N], y[N];
    uint32_t groups[N];
    figure_picture p[N];
    const char *names[] = {"one", "two", hostile};
    for (size_t i = 0; i < N; i++) {
        random_stream r = random_open(2, "map", i);
        x[i] = random_normal(&r);
        y[i] = i == 5 ? NAN : random_normal(&r) * 1e6;
        groups[i] = (uint32_t)(i % 8);
        p[i] = (figure_picture){jpeg, sizeof jpeg, 10 + i, 40, hostile};
    }
    figure_map m = {.n = N,
                    .x = x,
                    .y = y,
                    .pictures = p,
                    .groups = groups,
                    .group_names = names,
                    .n_groups = 3,
                    .x_title = "one",
                    .y_title = "two",
                    .spread = 1};
    text t = {0};
    figure_write_map(&t, &m);
    assert_non_null(strstr(t.bytes, "href=\"data:image/jpeg;base64,/9j/2Q==\""));
    assert_int_equal(inspect(&t, 40).n_images, N - 1);
    m.pictures = NULL;
    m.n = 1;
    figure_write_map(&t, &m);
    assert_int_equal(inspect(&t, 40).n_images, 0);
}

static void strips_tell_hits_by_more_than_colour(void **state) {
    (void)state;
    static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF};
    figure_picture p[12];
    for (size_t i = 0; i < 12; i++) p[i] = (figure_picture){jpeg, 3, 30, 40, "a product"};
    figure_cell cells[] = {
        {.pictures = p, .n_pictures = 1, .caption = "hiking boots", .verdict = FIGURE_HIT},
        {.sign = "+", .pictures = p, .n_pictures = 12, .caption = "bought by user 5"},
        {.pictures = p, .n_pictures = 0, .verdict = FIGURE_MISS}};
    figure_row rows[] = {{.heading = "An example", .cells = cells, .n_cells = 3},
                         {.cells = cells, .n_cells = 3}};
    figure_strips s = {.rows = rows, .n_rows = 2};
    text t = {0};
    figure_write_strips(&t, &s);
    assert_non_null(strstr(t.bytes, "stroke-dasharray"));
    assert_non_null(strstr(t.bytes, ">hit<"));
    assert_non_null(strstr(t.bytes, ">miss<"));
    assert_int_equal(inspect(&t, 4).n_images, 2 * 10);
    s.no_legend = true;
    figure_write_strips(&t, &s);
    assert_null(strstr(t.bytes, ">hit<"));
    assert_non_null(strstr(t.bytes, "stroke-dasharray"));
    inspect(&t, 4);
}

static void a_long_word_of_a_caption_is_cut_and_not_broken(void **state) {
    (void)state;
    figure_cell cells[] = {{.caption = "Extraordinarily-longbrand boots"},
                           {.caption = "boots"},
                           {.caption = "boots"},
                           {.caption = "boots"},
                           {.caption = "boots"}};
    figure_row row = {.cells = cells, .n_cells = 5};
    figure_strips s = {.rows = &row, .n_rows = 1};
    text t = {0};
    figure_write_strips(&t, &s);
    assert_non_null(strstr(t.bytes, ">Extraor"));
    assert_non_null(strstr(t.bytes, "\u2026<"));
    const char *first = strstr(t.bytes, ">boots<"); // the second line of the long one and four more
    size_t n = 0;
    for (; first; first = strstr(first + 1, ">boots<")) n++;
    assert_int_equal(n, 5);
    inspect(&t, 4);
}

static void heat_maps_number_their_cells(void **state) {
    (void)state;
    static const char *const labels[] = {"a", "b", "c"};
    double v[] = {1, 2, 3, 4, NAN, 6};
    figure_heat h = {.columns = labels,
                     .rows = labels,
                     .n_columns = 3,
                     .n_rows = 2,
                     .values = v,
                     .digits = 1,
                     .unit = "AUC"};
    text t = {0};
    figure_write_heat(&t, &h);
    assert_non_null(strstr(t.bytes, ">6.0<"));
    inspect(&t, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_words_are_escaped_everywhere),
        cmocka_unit_test(what_cannot_be_drawn_is_left_out),
        cmocka_unit_test(nothing_to_draw_is_said),
        cmocka_unit_test(no_chart_puts_words_on_words),
        cmocka_unit_test(ticks_are_round_numbers),
        cmocka_unit_test(lines_break_and_are_cut_to_the_range),
        cmocka_unit_test(maps_embed_pictures_with_frames),
        cmocka_unit_test(strips_tell_hits_by_more_than_colour),
        cmocka_unit_test(a_long_word_of_a_caption_is_cut_and_not_broken),
        cmocka_unit_test(heat_maps_number_their_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
