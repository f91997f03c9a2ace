/* The space of users and products, as the paper's section 5 looks at it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "plot/density.h"
#include "run/report_parts.h"

/* ---- maps */

static lb_status gather_pictures(const report_whole *r, const report_map *m, figure_picture **out) {
    LB_TRY(NEW_ARRAY(*out, m->n));
    for (size_t i = 0; i < m->n; i++)
        LB_TRY(report_picture(r->pictures, m->product[i], &(*out)[i]));
    return LB_OK;
}

static lb_status write_components(const report_whole *r, const report_space *s, document *d) {
    const report_map *m = &s->components;
    figure_picture *pictures = NULL;
    text svg = {0};
    char caption[400], x[48], y[48];
    lb_status status = gather_pictures(r, m, &pictures);
    snprintf(x, sizeof x, "first component (%.1f %%)", 100 * s->share[0]);
    snprintf(y, sizeof y, "second component (%.1f %%)", 100 * s->share[1]);
    figure_map map = {
        .head = {.title = "Map of products by principal components"},
        .x_title = x,
        .y_title = y,
        .n = m->n,
        .x = m->x,
        .y = m->y,
        .pictures = report_pictures_any(r->pictures) ? pictures : NULL,
        .spread = 0.5,
    };
    if (status == LB_OK) {
        figure_write_map(&svg, &map);
        snprintf(caption, sizeof caption,
                 "`%.60s`: %zu random products by the first two principal components of their "
                 "embeddings, which were taken from all %s warm products; in brackets the share "
                 "of the variance.%s",
                 s->name, m->n, REPORT_COUNT((double)s->n_fitted),
                 map.pictures ? "" : " The dataset has no pictures of them.");
        document_figure(d, &svg, 1, DOCUMENT_MAP, caption);
    }
    free(pictures);
    free(svg.bytes);
    return status;
}

static lb_status write_neighbours(const report_whole *r, const report_space *s, document *d) {
    const report_map *m = &s->neighbours;
    figure_picture *pictures = NULL;
    text svg = {0};
    char caption[900];
    const char *names[REPORT_USERS];
    if (!m->n) return LB_OK;
    lb_status status = gather_pictures(r, m, &pictures);
    for (size_t g = 0; g < s->n_users; g++) names[g] = s->model->user_ids[s->users[g]];
    figure_map map = {
        .head = {.title = "t-SNE map of the products of some users"},
        .n = m->n,
        .x = m->x,
        .y = m->y,
        .pictures = report_pictures_any(r->pictures) ? pictures : NULL,
        .groups = m->groups,
        .group_names = names,
        .n_groups = s->n_users,
        .spread = 0.5,
    };
    if (status == LB_OK) {
        figure_write_map(&svg, &map);
        snprintf(caption, sizeof caption,
                 "`%.60s`: the %zu training products of %zu random users by t-SNE of their "
                 "embeddings, scaled to length one (perplexity %.0f, divergence %.2f); the %s tell "
                 "whose they are. In the full space the nearest other product of %.0f %% of "
                 "them was bought by the same user; of products drawn at random it would be "
                 "%.0f %%.",
                 s->name, m->n, s->n_users, s->perplexity, s->divergence,
                 map.pictures ? "frames" : "colours", 100 * s->same_user,
                 100 * s->same_user_by_chance);
        document_figure(d, &svg, 1, DOCUMENT_MAP, caption);
    }
    free(pictures);
    free(svg.bytes);
    return status;
}

static lb_status write_maps(const report_whole *r, document *d) {
    document_subsection(d, "Maps");
    document_paragraph(
        d,
        "The users of the t-SNE maps were drawn among those with %d to %d training products (the "
        "limits give way where there are too few of them). Distances in a t-SNE map mean little "
        "beyond who is near to whom: judge it by the share of neighbours under it.",
        REPORT_FEWEST, REPORT_MOST);
    for (size_t i = 0; i < r->n_spaces; i++) {
        LB_TRY(write_components(r, &r->space[i], d));
        LB_TRY(write_neighbours(r, &r->space[i], d));
    }
    return LB_OK;
}

/* ---- analogies */

static void analogy_rows(table *t, const report_space *s) {
    static const char *const names[] = {"*p1 − u1 + u2*", "*u2* alone", "*p1* alone",
                                        "most popular", "at random"};
    const analogy_result *a = &s->analogies;
    table_rows_group(t, s->name);
    for (size_t i = 0; i < ANALOGY_RANKINGS; i++) {
        table_row(t);
        table_text(t, names[i]);
        table_number(t, 100 * a->score[i].train, 2);
        table_number(t, 100 * a->score[i].held_out, 2);
        if (a->n_labelled) table_number(t, 100 * a->score[i].category, 2);
    }
    table_row(t);
    table_text(t, "the best possible");
    table_number(t, 100 * a->ceiling, 2);
    table_aside(t);
    table_number(t, NAN, 2);
    if (a->n_labelled) table_number(t, NAN, 2);
}

static void analogy_text(const report_whole *r, document *d) {
    const analogy_result *a = &r->space[0].analogies;
    document_paragraph(
        d,
        "If the space is linear, the products nearest to *X(p1) − X(u1) + X(u2)* should be like "
        "the "
        "product *p1* of the user *u1*, but for the user *u2*. For %s samples (*u1*, a training "
        "product *p1* of theirs, another user *u2*) the five nearest products by cosine are "
        "looked at, *p1* itself left out. The paper reports a precision@5 of 89.7 %% for *Men* "
        "without saying what counts as relevant, so these readings stand here, each beside the "
        "same figure for simpler rankings: what does not beat *u2* alone owes nothing to *p1*, "
        "and what does not beat popularity owes nothing to either.",
        REPORT_COUNT((double)a->samples));
    static const char *const items[] = {
        "*in training*: precision@5, the share of the five that *u2* bought in training. Few users "
        "have bought five near products: the best possible is given.",
        "*held out*: hit rate@5, the share of samples with a held-out product of *u2* among the "
        "five nearest that *u2* did not buy in training (where *u2* has a test product).",
        "*same category*: precision@5, the share of the five whose category is that of *p1* (where "
        "*p1* has one)."};
    document_list(d, items, a->n_labelled ? 3 : 2);
}

static lb_status write_analogies(const report_whole *r, document *d) {
    static const table_column columns[] = {
        {"nearest to", NULL, TABLE_NO_BEST},
        {"in training %", NULL, TABLE_NO_BEST},
        {"held out %", NULL, TABLE_NO_BEST},
        {"same category %", NULL, TABLE_NO_BEST},
    };
    // Products without categories have no such column.
    bool labelled = r->space[0].analogies.n_labelled > 0;
    table *t;
    document_subsection(d, "Linear relationships");
    if (*r->space[0].why_no_analogies) {
        document_paragraph(d, "There are no analogies: %s.", r->space[0].why_no_analogies);
        return LB_OK;
    }
    analogy_text(r, d);
    LB_TRY(table_new(columns, labelled ? 4 : 3, &t));
    for (size_t i = 0; i < r->n_spaces; i++) {
        const report_space *s = &r->space[i];
        if (*s->why_no_analogies) continue;
        analogy_rows(t, s);
        if (*s->why_untested) {
            char note[256];
            snprintf(note, sizeof note, "%.60s: no held-out products, since %s.", s->name,
                     s->why_untested);
            table_note(t, NULL, note);
        }
    }
    document_table(
        d, t, "Analogies: the five products nearest to each vector, judged in the ways above.");
    table_free(t);
    for (size_t i = 0; i < r->n_spaces; i++)
        if (!*r->space[i].why_no_analogies) LB_TRY(report_write_strips(r, &r->space[i], d));
    return LB_OK;
}

/* ---- similarities */

/* A density as a line through the middles of its bins. */
static lb_status density_series(const similarity *s, const char *name, double *x, double *y,
                                figure_series *out) {
    size_t counts[REPORT_BINS], counted;
    LB_TRY(density_histogram(s->cosine, s->n_pairs, -1, 1, REPORT_BINS, counts, &counted));
    for (size_t i = 0; i < REPORT_BINS; i++) {
        x[i] = -1 + (2 * (double)i + 1) / REPORT_BINS;
        y[i] = counted ? (double)counts[i] * REPORT_BINS / (2 * (double)counted) : NAN;
    }
    *out = (figure_series){.name = name, .mark = FIGURE_LINE, .n = REPORT_BINS, .x = x, .y = y};
    return LB_OK;
}

enum { MAX_DENSITIES = REPORT_SPACES + 1 };

static lb_status write_density_panel(const report_whole *r, bool centred, text *svg) {
    double x[MAX_DENSITIES][REPORT_BINS], y[MAX_DENSITIES][REPORT_BINS];
    figure_series series[MAX_DENSITIES];
    char looks[96];
    size_t n = 0;
    const similarity *f = centred ? &r->looks.centred : &r->looks.products;
    snprintf(looks, sizeof looks, "feature %s", r->looks.name);
    if (f->cosine) {
        LB_TRY(density_series(f, looks, x[n], y[n], &series[n]));
        n++;
    }
    for (size_t i = 0; i < r->n_spaces; i++) {
        const similarity *s = centred ? &r->space[i].centred : &r->space[i].products;
        if (!s->cosine) continue;
        LB_TRY(density_series(s, r->space[i].name, x[n], y[n], &series[n]));
        n++;
    }
    // A space has the same style whether there are features or not.
    for (size_t i = 0; i < n; i++) series[i].style = (unsigned)(i + (f->cosine ? 1 : 2));
    figure_chart chart = {
        .head = {.title = "Density of cosine similarities",
                 .heading = centred ? "about the mean" : "as they are"},
        .x = {.title = "cosine of a pair", .low = -1, .high = 1},
        .y = {.title = "density", .zero = true},
        .series = series,
        .n_series = n,
    };
    figure_write_chart(svg, &chart);
    return LB_OK;
}

static lb_status write_densities(const report_whole *r, document *d) {
    text panels[2] = {{0}};
    lb_status status = write_density_panel(r, false, &panels[0]);
    if (status == LB_OK) status = write_density_panel(r, true, &panels[1]);
    if (status == LB_OK)
        document_figure(d, panels, 2, DOCUMENT_WIDE,
                        "Density of the cosine of random pairs of warm products, by their "
                        "embeddings and by their features if they have any: as the vectors are (as "
                        "in the paper's "
                        "fourth figure), and with the mean of all subtracted first.");
    free(panels[0].bytes);
    free(panels[1].bytes);
    return status;
}

static void similarity_row(table *t, const char *name, const similarity *s,
                           const similarity *centred, uint32_t dim) {
    if (!s->n_rows) return;
    table_row(t);
    table_text(t, name);
    table_number(t, s->mean, 3);
    table_number(t, s->sd, 3);
    table_number(t, s->kurtosis, 2);
    table_number(t, centred ? centred->sd : NAN, 3);
    table_number(t, centred ? centred->kurtosis : NAN, 2);
    table_number(t, 100 * s->first, 1);
    table_number(t, s->rank, 1);
    table_count(t, dim);
}

static lb_status write_similarity_table(const report_whole *r, document *d) {
    static const table_column columns[] = {
        {"", NULL, TABLE_NO_BEST},
        {"mean", "as they are", TABLE_NO_BEST},
        {"sd", "as they are", TABLE_NO_BEST},
        {"kurtosis", "as they are", TABLE_NO_BEST},
        {"sd", "about the mean", TABLE_NO_BEST},
        {"kurtosis", "about the mean", TABLE_NO_BEST},
        {"first direction %", NULL, TABLE_NO_BEST},
        {"effective rank", NULL, TABLE_NO_BEST},
        {"of", NULL, TABLE_NO_BEST},
    };
    table *t;
    char name[128];
    LB_TRY(table_new(columns, sizeof columns / sizeof *columns, &t));
    snprintf(name, sizeof name, "products by feature %s", r->looks.name);
    similarity_row(t, name, &r->looks.products, &r->looks.centred, r->looks.dim);
    for (size_t i = 0; i < r->n_spaces; i++) {
        const report_space *s = &r->space[i];
        snprintf(name, sizeof name, "products by %.80s", s->name);
        similarity_row(t, name, &s->products, &s->centred, s->dim);
        snprintf(name, sizeof name, "users by %.80s", s->name);
        similarity_row(t, name, &s->people, NULL, s->dim);
    }
    document_table(d, t,
                   "How random pairs lie to each other: mean, standard deviation and excess "
                   "kurtosis of their cosine, the share of the first direction, and the "
                   "effective rank.");
    table_free(t);
    return LB_OK;
}

/* Says it in words where a space has collapsed. */
static void write_collapse(const report_whole *r, document *d) {
    for (size_t i = 0; i < r->n_spaces; i++) {
        const report_space *s = &r->space[i];
        if (!(fmax(s->people.mean, s->products.mean) > 0.65)) continue;
        document_paragraph(d,
                           "The space of `%s` is *collapsing*: users have a mean cosine of %.2f "
                           "to each other and products of %.2f, and %.0f %% of the products' "
                           "length lie in one direction. Where all point in one direction, "
                           "everybody gets the same recommendations.",
                           s->name, s->people.mean, s->products.mean, 100 * s->products.first);
    }
}

static lb_status write_similarities(const report_whole *r, document *d) {
    document_subsection(d, "Distribution of similarities");
    document_paragraph(
        d,
        "A wide distribution of the cosine of random pairs means that the space has room to tell "
        "products apart. The paper reports a kurtosis of 0.87 for embeddings and 3.67 for image "
        "features of *Men*; since no distribution has an ordinary kurtosis below 1, that is the "
        "*excess* kurtosis (0 for a normal distribution), given here too, over %s seeded pairs of "
        "at most %s warm products. The *effective rank* is the exponential of the entropy of the "
        "singular values' shares (Roy and Vetterli, 2007), of the rows scaled to length one: 1 "
        "when all point in one direction, which then has a share of 100 %%.",
        REPORT_COUNT(REPORT_PAIRS), REPORT_COUNT(REPORT_SAMPLE));
    LB_TRY(write_densities(r, d));
    LB_TRY(write_similarity_table(r, d));
    write_collapse(r, d);
    return LB_OK;
}

lb_status report_write_space(const report_whole *r, document *d) {
    if (!r->n_spaces) return LB_OK;
    document_section(d, "The space of users and products");
    LB_TRY(write_maps(r, d));
    LB_TRY(write_analogies(r, d));
    return write_similarities(r, d);
}
