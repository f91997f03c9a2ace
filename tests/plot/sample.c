#include "plot/sample.h"

#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "media/thumbnail.h"
#include "plot/density.h"
#include "plot/document.h"
#include "plot/figure.h"
#include "plot/tsne.h"

enum { PICTURES = 24, POINTS = 160, GROUPS = 4, DRAWS = 20000, GRID = 160 };

/* ---------------------------------------------------------------- pictures */

static void paint(image *p, random_stream *r) {
    double hue[3], cx = 0.35 + 0.3 * random_unit(r), cy = 0.35 + 0.3 * random_unit(r);
    for (size_t c = 0; c < 3; c++) hue[c] = 40 + 180 * random_unit(r);
    double power = 1 + 3 * random_unit(r), radius = 0.2 + 0.15 * random_unit(r);
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++) {
            double dx = fabs((double)x / (double)p->width - cx) / radius;
            double dy = fabs((double)y / (double)p->height - cy) / radius;
            bool in = pow(dx, power) + pow(dy, power) < 1;
            for (size_t c = 0; c < 3; c++)
                p->rgb[(y * p->width + x) * 3 + c] = (unsigned char)(in ? hue[c] : 250 - 12 * dy);
        }
}

static lb_status make_pictures(thumbnail *thumbnails, figure_picture *pictures) {
    for (size_t i = 0; i < PICTURES; i++) {
        image p;
        random_stream r = random_open(7, "pictures", i);
        LB_TRY(image_new(i % 3 == 1 ? 80 : 120, i % 3 == 2 ? 80 : 120, &p));
        paint(&p, &r);
        lb_status status = thumbnail_make(&p, 96, 80, &thumbnails[i]);
        image_free(&p);
        LB_TRY(status);
        pictures[i] = (figure_picture){thumbnails[i].jpeg, thumbnails[i].size, thumbnails[i].width,
                                       thumbnails[i].height, "Shoe <\"Classic\" & black>"};
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- tables */

static void add_statistics(document *d) {
    static const table_column columns[] = {
        {"Dataset", NULL, TABLE_NO_BEST},    {"Users", NULL, TABLE_NO_BEST},
        {"Products", NULL, TABLE_NO_BEST},   {"Interactions", NULL, TABLE_NO_BEST},
        {"Cold", "Held out", TABLE_NO_BEST}, {"Tests", "Held out", TABLE_NO_BEST}};
    static const double numbers[][5] = {{97678, 116971, 581812, 23394, 97678},
                                        {34244, 110636, 254870, 22127, 34244},
                                        {6040, 3416, 999611, 683, 6040}};
    static const char *const names[] = {"Women", "Men", "ml1m"};
    table *t;
    if (table_new(columns, 6, &t) != LB_OK) return;
    for (size_t r = 0; r < 3; r++) {
        table_row(t);
        table_text(t, names[r]);
        for (size_t c = 0; c < 5; c++) table_count(t, numbers[r][c]);
    }
    document_table(d, t, "Sizes of the datasets. *Cold* products have no training interaction.");
    table_free(t);
}

static void add_auc_row(table *t, const char *name, double warm, double cold, double recall) {
    table_row(t);
    table_text(t, name);
    table_interval(t, warm, warm - 0.004, warm + 0.003, 3);
    table_spread(t, warm - 0.006, 0.0012, 3);
    table_interval(t, cold, cold - 0.011, cold + 0.012, 3);
    table_spread(t, cold + 0.004, 0.0041, 3);
    table_number(t, recall, 3);
    table_number(t, recall / 2.1, 3);
}

static void add_auc(document *d) {
    static const table_column columns[] = {
        {"Model", NULL, TABLE_NO_BEST},     {"own", "Warm AUC", TABLE_HIGHEST},
        {"all", "Warm AUC", TABLE_HIGHEST}, {"own", "Cold AUC", TABLE_HIGHEST},
        {"all", "Cold AUC", TABLE_HIGHEST}, {"Recall", "At 20", TABLE_HIGHEST},
        {"NDCG", "At 20", TABLE_HIGHEST}};
    table *t;
    if (table_new(columns, 7, &t) != LB_OK) return;
    table_rows_group(t, "Without training");
    add_auc_row(t, "RAND", 0.5, 0.5, 0.006);
    add_auc_row(t, "POP", 0.873, NAN, 0.184);
    table_mark(t, "a");
    table_rows_group(t, "Trained");
    add_auc_row(t, "BPR-MF", 0.935, NAN, 0.355);
    add_auc_row(t, "VBPR", 0.91, 0.629, 0.25);
    add_auc_row(t, "vasg-paper", 0.778, 0.51, 0.031);
    add_auc_row(t, "vasg", 0.9445, 0.65, 0.438);
    table_row(t);
    table_text(t, "oracle");
    table_number(t, 1, 3);
    table_aside(t);
    table_mark(t, "b");
    table_note(t, "a", "Popularity cannot rank products that nobody has bought.");
    table_note(t, "b", "Knows the answers; a check of the metrics, not a competitor.");
    table_note(t, NULL,
               "Small figures: 95 % bootstrap interval over users; \u00b1: standard "
               "deviation over 5 runs. Bold: best of its column.");
    document_table(d, t, "Area under the ROC curve and quality of the first 20, mean of 5 runs.");
    table_free(t);
}

/* ---------------------------------------------------------------- charts */

static void add_lines(document *d) {
    static const double dims[] = {10, 25, 50, 100, 150, 200};
    static const double a[] = {0.902, 0.921, 0.934, 0.941, 0.943, 0.9445};
    static const double b[] = {0.852, 0.861, 0.884, 0.89, NAN, 0.897};
    static const double c[] = {0.73, 0.765, 0.772, 0.778, 0.775, 0.771};
    double low[6], high[6], half = 0.5;
    for (size_t i = 0; i < 6; i++) {
        low[i] = a[i] - 0.008;
        high[i] = a[i] + 0.006;
    }
    figure_series series[] = {{.name = "vasg", .n = 6, .x = dims, .y = a, .low = low, .high = high},
                              {.name = "BPR-MF", .n = 6, .x = dims, .y = b},
                              {.name = "vasg-paper", .n = 6, .x = dims, .y = c},
                              {.name = "chance", .mark = FIGURE_RULE, .n = 1, .y = &half}};
    figure_chart chart = {.head = {.title = "AUC by embedding size",
                                   .description = "Three lines that rise and flatten."},
                          .x = {.title = "Embedding size D", .ticks = dims, .n_ticks = 6},
                          .y = {.title = "AUC, warm products"},
                          .series = series,
                          .n_series = 4};
    text panels[2] = {{0}};
    figure_write_chart(&panels[0], &chart);
    document_figure(d, panels, 1, DOCUMENT_COLUMN,
                    "AUC against the size of the embedding; the band is the 95 % interval.");
    free(panels[0].bytes);
    panels[0] = (text){0};
    chart.head.heading = "Warm products";
    chart.n_series = 3;
    figure_write_chart(&panels[0], &chart);
    chart.head.heading = "Cold products, a scale of its own";
    chart.x.scale = FIGURE_LOG;
    chart.x.n_ticks = 0;
    chart.x.title = "Training pairs";
    static const double pairs[] = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    for (size_t k = 0; k < 3; k++) series[k].x = pairs;
    series[0].range = FIGURE_RANGE_BARS;
    figure_write_chart(&panels[1], &chart);
    document_figure(d, panels, 2, DOCUMENT_COLUMN, "Two panels, one with a logarithmic axis.");
    free(panels[0].bytes);
    free(panels[1].bytes);
}

static void add_bars(document *d) {
    static const char *const models[] = {"POP", "WBOI", "BPR", "VBPR", "vasg"};
    static const char *const parts[] = {
        "everything", "without the spectral part", "without the pull towards pictures",
        "without negative samples (the paper\u2019s objective)", "without L2"};
    static const double warm[] = {0.873, 0.622, 0.935, 0.91, 0.9445};
    static const double cold[] = {0.5, 0.619, NAN, 0.629, 0.65};
    static const double change[] = {0.438, 0.391, 0.42, 0.031, 0.302};
    static const double low[] = {0.431, 0.383, 0.414, 0.027, 0.29};
    static const double high[] = {0.445, 0.399, 0.428, 0.036, 0.311};
    figure_series pair[] = {{.name = "warm", .mark = FIGURE_BARS, .n = 5, .y = warm},
                            {.name = "cold", .mark = FIGURE_BARS, .n = 5, .y = cold}};
    figure_series one = {
        .name = "Recall@20", .mark = FIGURE_BARS, .n = 5, .y = change, .low = low, .high = high};
    figure_chart chart = {
        .head = {.title = "AUC by model"},
        .x = {.scale = FIGURE_CATEGORICAL, .categories = models, .n_categories = 5},
        .y = {.title = "AUC"},
        .series = pair,
        .n_series = 2};
    text panel = {0};
    figure_write_chart(&panel, &chart);
    document_figure(d, &panel, 1, DOCUMENT_COLUMN, "Grouped bars.");
    free(panel.bytes);
    panel = (text){0};
    chart.x.categories = parts;
    chart.series = &one;
    chart.n_series = 1;
    chart.y.title = "Recall@20, warm products";
    chart.bar_digits = 4;
    figure_write_chart(&panel, &chart);
    document_figure(d, &panel, 1, DOCUMENT_COLUMN,
                    "What each part adds; bars are turned because "
                    "their names are long.");
    free(panel.bytes);
    panel = (text){0};
    for (size_t k = 0; k < 2; k++) pair[k].mark = FIGURE_POINTS;
    pair[0].y = change;
    pair[0].low = low;
    pair[0].high = high;
    chart.series = pair;
    chart.n_series = 2;
    chart.bar_digits = 0;
    figure_write_chart(&panel, &chart);
    document_figure(d, &panel, 1, DOCUMENT_COLUMN, "Points with intervals.");
    free(panel.bytes);
}

static lb_status add_densities(document *d) {
    static float draws[2][DRAWS];
    static double grid[2][GRID], values[2][GRID];
    for (size_t i = 0; i < DRAWS; i++) {
        random_stream r = random_open(3, "cosines", i);
        draws[0][i] = (float)(0.05 + 0.28 * random_normal(&r));
        draws[1][i] = (float)(0.42 + 0.12 * random_normal(&r));
    }
    for (size_t k = 0; k < 2; k++)
        LB_TRY(density_estimate(draws[k], DRAWS, -1, 1, 0, GRID, grid[k], values[k]));
    figure_series series[] = {
        {.name = "embeddings", .mark = FIGURE_AREA, .n = GRID, .x = grid[0], .y = values[0]},
        {.name = "image features", .mark = FIGURE_AREA, .n = GRID, .x = grid[1], .y = values[1]}};
    figure_chart chart = {.head = {.title = "Cosine similarity of random pairs"},
                          .x = {.title = "Cosine similarity", .low = -1, .high = 1},
                          .y = {.title = "Probability density"},
                          .series = series,
                          .n_series = 2};
    text panel = {0};
    figure_write_chart(&panel, &chart);
    document_figure(d, &panel, 1, DOCUMENT_COLUMN,
                    "Cosine similarity of 20,000 random pairs of products.");
    free(panel.bytes);
    return LB_OK;
}

static void add_heat(document *d) {
    static const char *const columns[] = {"D = 32", "D = 64", "D = 128", "D = 200"};
    static const char *const rows[] = {"window 3", "window 5", "window 7", "window 9"};
    double values[16];
    for (size_t i = 0; i < 16; i++)
        values[i] = 0.88 + 0.06 * sin(0.4 * (double)i) * cos(0.2 * (double)(i % 4));
    values[6] = NAN;
    figure_heat heat = {.head = {.title = "AUC by window and size"},
                        .columns = columns,
                        .rows = rows,
                        .n_columns = 4,
                        .n_rows = 4,
                        .values = values,
                        .digits = 3,
                        .unit = "AUC, validation"};
    text panel = {0};
    figure_write_heat(&panel, &heat);
    document_figure(d, &panel, 1, DOCUMENT_COLUMN, "A sweep over two options. One run is missing.");
    free(panel.bytes);
}

static void add_awkward(document *d) {
    static const double x[] = {1, 2, 3}, y[] = {NAN, INFINITY, -INFINITY};
    figure_series empty = {.name = "nothing", .n = 3, .x = x, .y = y};
    figure_chart chart = {.head = {.title = "Empty"}, .series = &empty, .n_series = 1};
    text panels[2] = {{0}};
    figure_write_chart(&panels[0], &chart);
    static double sx[300], sy[300];
    for (size_t i = 0; i < 300; i++) {
        random_stream r = random_open(5, "scatter", i);
        sx[i] = 200000 * random_unit(&r);
        sy[i] = 0.00002 * sx[i] + random_normal(&r);
    }
    figure_series scatter = {.mark = FIGURE_POINTS, .n = 300, .x = sx, .y = sy};
    chart = (figure_chart){.head = {.title = "Scatter", .heading = "Many points"},
                           .x = {.title = "Interactions"},
                           .y = {.title = "Score"},
                           .series = &scatter,
                           .n_series = 1};
    figure_write_chart(&panels[1], &chart);
    document_figure(d, panels, 2, DOCUMENT_COLUMN, "Nothing to draw, and much.");
    free(panels[0].bytes);
    free(panels[1].bytes);
}

/* ---------------------------------------------------------------- pictures in figures */

static lb_status add_maps(document *d, const figure_picture *pictures) {
    static float x[POINTS][10], place[POINTS][2];
    static double px[POINTS], py[POINTS];
    static uint32_t groups[POINTS];
    static figure_picture shown[POINTS];
    static const char *const names[] = {"user 17 (41)", "user 206 (38)", "user 1034 (45)",
                                        "user 5 (36)"};
    tsne_options options;
    for (size_t i = 0; i < POINTS; i++) {
        random_stream r = random_open(11, "clusters", i);
        for (size_t k = 0; k < 10; k++)
            x[i][k] = (float)(random_normal(&r) + (k == i % GROUPS ? 4 : 0));
        groups[i] = 1u << i % GROUPS | (i % 20 == 3 ? 1u : 0);
        shown[i] = pictures[(i * 7) % PICTURES];
    }
    tsne_options_init(&options);
    options.iterations = 500;
    LB_TRY(tsne_fit(NULL, &x[0][0], POINTS, 10, &options, &place[0][0], NULL));
    for (size_t i = 0; i < POINTS; i++) {
        px[i] = (double)place[i][0];
        py[i] = (double)place[i][1];
    }
    figure_map map = {.head = {.title = "t-SNE of the products of four users"},
                      .n = POINTS,
                      .x = px,
                      .y = py,
                      .pictures = shown,
                      .groups = groups,
                      .group_names = names,
                      .n_groups = GROUPS,
                      .spread = 0.7};
    text panel = {0};
    figure_write_map(&panel, &map);
    document_figure(d, &panel, 1, DOCUMENT_WIDE,
                    "Products of four users; the frame's colour and the corner's shape name the "
                    "user. Pictures that would overlap are moved by at most 0.7 of their size.");
    free(panel.bytes);
    panel = (text){0};
    map.groups = NULL;
    map.spread = 0;
    map.x_title = "first principal component (31 % of the variance)";
    map.y_title = "second (12 %)";
    map.head.title = "PCA of 160 products";
    figure_write_map(&panel, &map);
    document_figure(d, &panel, 1, DOCUMENT_WIDE, "Random products in their first two components.");
    free(panel.bytes);
    return LB_OK;
}

static void add_strips(document *d, const figure_picture *p) {
    figure_cell asked[] = {
        {.pictures = p, .n_pictures = 1, .caption = "Trail running shoe, blue"},
        {.sign = "\u2212", .pictures = p + 1, .n_pictures = 4, .caption = "bought by user 17"},
        {.sign = "+", .pictures = p + 5, .n_pictures = 9, .caption = "bought by user 206"}};
    figure_cell found[5];
    for (size_t i = 0; i < 5; i++)
        found[i] = (figure_cell){.sign = i ? NULL : "\u2192",
                                 .pictures = p + 14 + i,
                                 .n_pictures = 1,
                                 .caption = i == 2 ? "Boots" : "A boot with a very long name",
                                 .verdict = i == 1 || i == 2 ? FIGURE_HIT : FIGURE_MISS};
    figure_row rows[] = {
        {.heading = "Shoe \u2212 user 17 + user 206", .cells = asked, .n_cells = 3},
        {.cells = found, .n_cells = 5}};
    figure_strips strips = {.head = {.title = "Analogies"},
                            .rows = rows,
                            .n_rows = 2,
                            .hit_name = "bought by user 206",
                            .miss_name = "not bought"};
    text panels[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        strips.no_legend = i > 0;
        figure_write_strips(&panels[i], &strips);
    }
    document_figure(d, panels, 2, DOCUMENT_ROWS, "Products by analogy.");
    for (size_t i = 0; i < 2; i++) free(panels[i].bytes);
}

/* ---------------------------------------------------------------- the document */

static lb_status fill(document *d, const figure_picture *pictures) {
    static const char *const items[] = {"`own`: warm products against warm ones",
                                        "`all`: against the whole catalogue"};
    static const document_fact facts[] = {
        {"Command", "`lookbook report shop --model vasg --runs 5 --seed 1 --html report.html`"},
        {"Seed", "1"},
        {"Split", "balanced, 20 % cold products, seed 1"},
        {"Version", "Lookbook 0.1.0, AVX-512"}};
    document_abstract(d, "On the 3,416 products of this shop `vasg` ranks what a customer bought "
                         "later above *94.5 %%* of the other products, BPR-MF above 93.5 %%. "
                         "Products that nobody has bought yet are ranked from their picture alone "
                         "(Table 2), where chance is 50 %%. Figure 1 shows that 64 dimensions are "
                         "enough.");
    document_section(d, "Data");
    document_paragraph(d, "Every user's interactions are split into a training part, a validation "
                          "part and a test part. Sizes are in Table 1.");
    add_statistics(d);
    document_section(d, "Recommendation");
    document_subsection(d, "Ranking quality");
    document_paragraph(d, "Candidates are of two kinds:");
    document_list(d, items, 2);
    add_auc(d);
    add_bars(d);
    document_subsection(d, "Influence of the embedding's size & <others>");
    add_lines(d);
    add_heat(d);
    document_section(d, "The space");
    LB_TRY(add_maps(d, pictures));
    add_strips(d, pictures);
    LB_TRY(add_densities(d));
    add_awkward(d);
    document_section(d, "How this was made");
    document_facts(d, facts, 4);
    document_code(
        d, "Again, from the import on:",
        "lookbook import shop --interactions ratings.csv --products meta.json.gz\n"
        "lookbook report shop --model vasg --runs 5 --seed 1 --html report.html < /dev/null\n");
    document_note(d, "Intervals are of the percentile bootstrap over users with 1,000 draws.");
    return LB_OK;
}

lb_status sample_write(const char *path) {
    lb_status status;
    static thumbnail thumbnails[PICTURES];
    static figure_picture pictures[PICTURES];
    document *d = NULL;
    LB_TRY_CLEANUP(make_pictures(thumbnails, pictures));
    LB_TRY_CLEANUP(document_new("Visual recommendation for <Example & Sons>",
                                "ml1m with posters \u00b7 20 November 2026", &d));
    LB_TRY_CLEANUP(fill(d, pictures));
    status = document_save(d, path);
cleanup:
    document_free(d);
    for (size_t i = 0; i < PICTURES; i++) thumbnail_free(&thumbnails[i]);
    return status;
}
