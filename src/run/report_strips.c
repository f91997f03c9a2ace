/* Analogies as rows of pictures: the product, the two users, and the five nearest. */
#include <stdio.h>

#include "core/memory.h"
#include "run/report_parts.h"

/* What a user bought, as tiles: at most so many. */
enum { TILES = 4, OPERANDS = 3 };

typedef struct example {
    figure_picture p1, u1[TILES], u2[TILES], found[ANALOGY_LIST];
    char heading[200];
    figure_cell operands[OPERANDS], results[ANALOGY_LIST];
} example;

static bool holds(const uint32_t *rows, size_t n, uint32_t row) {
    return rows_hold(rows, n, row);
}

/* Whether a user has a product in training or as a test. */
static bool is_theirs(const report_space *s, uint32_t user, uint32_t product) {
    const model_common *c = &s->model->common;
    uint32_t start = c->user_start[user];
    if (holds(c->product + start, c->user_start[user + 1] - start, product)) return true;
    for (size_t i = 0; s->split && i < s->split->n_test; i++)
        if (s->split->test[i].user == user && s->split->test[i].product == product) return true;
    return false;
}

static size_t n_examples(const report_space *s) {
    return s->analogies.samples < REPORT_EXAMPLES ? s->analogies.samples : REPORT_EXAMPLES;
}

/* The user's first products, `without` left out. */
static lb_status take_tiles(const report_whole *r, const report_space *s, uint32_t user,
                            uint32_t without, figure_picture *out, size_t *n) {
    const model_common *c = &s->model->common;
    *n = 0;
    for (uint32_t i = c->user_start[user]; i < c->user_start[user + 1] && *n < TILES; i++)
        if (c->product[i] != without)
            LB_TRY(report_picture(r->pictures, c->product[i], &out[(*n)++]));
    return LB_OK;
}

static lb_status fill_operands(const report_whole *r, const report_space *s, const analogy_case *c,
                               example *e) {
    size_t n1, n2;
    LB_TRY(report_picture(r->pictures, c->p1, &e->p1));
    LB_TRY(take_tiles(r, s, c->u1, c->p1, e->u1, &n1));
    LB_TRY(take_tiles(r, s, c->u2, UINT32_MAX, e->u2, &n2));
    snprintf(e->heading, sizeof e->heading, "user 1: %.80s, user 2: %.80s",
             s->model->user_ids[c->u1], s->model->user_ids[c->u2]);
    e->operands[0] = (figure_cell){.pictures = &e->p1, .n_pictures = 1, .caption = e->p1.name};
    e->operands[1] = (figure_cell){
        .sign = "−", .pictures = e->u1, .n_pictures = n1, .caption = "user 1"};
    e->operands[2] = (figure_cell){
        .sign = "+", .pictures = e->u2, .n_pictures = n2, .caption = "user 2"};
    return LB_OK;
}

static lb_status fill_results(const report_whole *r, const report_space *s, const analogy_case *c,
                              example *e) {
    for (size_t i = 0; i < c->n; i++) {
        LB_TRY(report_picture(r->pictures, c->nearest[i], &e->found[i]));
        e->results[i] = (figure_cell){
            .sign = i ? NULL : "→",
            .pictures = &e->found[i],
            .n_pictures = 1,
            .caption = e->found[i].name,
            .verdict = is_theirs(s, c->u2, c->nearest[i]) ? FIGURE_HIT : FIGURE_MISS,
        };
    }
    return LB_OK;
}

/* ---- where there are no pictures: a table */

/* The five, those that user 2 bought in stars. */
static lb_status add_nearest(const report_whole *r, const report_space *s, const analogy_case *c,
                             text *t) {
    for (size_t i = 0; i < c->n; i++) {
        figure_picture found;
        LB_TRY(report_picture(r->pictures, c->nearest[i], &found));
        const char *mark = is_theirs(s, c->u2, c->nearest[i]) ? "*" : "";
        text_add(t, "%s%s%s%s", i ? "; " : "", mark, found.name, mark);
    }
    return t->status;
}

static lb_status write_words(const report_whole *r, const report_space *s, document *d) {
    static const table_column columns[] = {
        {"product", NULL, TABLE_NO_BEST},
        {"user 1", NULL, TABLE_NO_BEST},
        {"user 2", NULL, TABLE_NO_BEST},
        {"the five nearest", NULL, TABLE_NO_BEST},
    };
    char caption[300];
    size_t n = n_examples(s);
    table *t;
    lb_status status = LB_OK;
    LB_TRY(table_new(columns, sizeof columns / sizeof *columns, &t));
    for (size_t i = 0; i < n && status == LB_OK; i++) {
        const analogy_case *c = &s->analogies.cases[i];
        figure_picture p1;
        text nearest = {0};
        status = report_picture(r->pictures, c->p1, &p1);
        if (status == LB_OK) status = add_nearest(r, s, c, &nearest);
        table_row(t);
        table_text(t, status == LB_OK ? p1.name : "");
        table_text(t, s->model->user_ids[c->u1]);
        table_text(t, s->model->user_ids[c->u2]);
        table_text(t, nearest.bytes);
        free(nearest.bytes);
    }
    snprintf(caption, sizeof caption,
             "`%.60s`: the first %zu of the sampled analogies, not chosen by hand. What user 2 "
             "bought is in *italics*.",
             s->name, n);
    if (status == LB_OK) document_table(d, t, caption);
    table_free(t);
    return status;
}

/* ---- with pictures */

/* One example: the operands, and what was found; the legend stands above the first. */
static lb_status write_example(const report_whole *r, const report_space *s, size_t number,
                               text *svg) {
    const analogy_case *c = &s->analogies.cases[number];
    example *e;
    lb_status status;
    LB_TRY(NEW_ARRAY(e, 1));
    LB_TRY_CLEANUP(fill_operands(r, s, c, e));
    LB_TRY_CLEANUP(fill_results(r, s, c, e));
    const figure_row rows[] = {
        {.heading = e->heading, .cells = e->operands, .n_cells = OPERANDS},
        {.cells = e->results, .n_cells = c->n},
    };
    const figure_strips strips = {
        .head = {.title = "Analogies"},
        .rows = rows,
        .n_rows = sizeof rows / sizeof *rows,
        .hit_name = "bought by user 2",
        .miss_name = "not bought",
        .no_legend = number > 0,
    };
    figure_write_strips(svg, &strips);
cleanup:
    free(e);
    return status;
}

static lb_status write_pictures(const report_whole *r, const report_space *s, document *d) {
    char caption[400];
    text svg[REPORT_EXAMPLES] = {0};
    size_t n = n_examples(s);
    lb_status status = LB_OK;
    for (size_t i = 0; i < n && status == LB_OK; i++) status = write_example(r, s, i, &svg[i]);
    snprintf(
        caption, sizeof caption,
        "`%.60s`: the first %zu of the sampled analogies, not chosen by hand. A product of user "
        "1, minus user 1, plus user 2 (each shown by up to %d of their products), and the "
        "five nearest products.",
        s->name, n, TILES);
    if (status == LB_OK) document_figure(d, svg, n, DOCUMENT_ROWS, caption);
    for (size_t i = 0; i < n; i++) free(svg[i].bytes);
    return status;
}

lb_status report_write_strips(const report_whole *r, const report_space *s, document *d) {
    return report_pictures_any(r->pictures) ? write_pictures(r, s, d) : write_words(r, s, d);
}
