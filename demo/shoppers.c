#include "demo/shoppers.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "demo/catalogue.h"

/* ---------------------------------------------------------------- tastes */

/* A favourite family of colours and a favourite colour in it; black and white go with all. */
static void like_colours(shopper *s, random_stream *r) {
    double families[N_FAMILIES];
    for (int i = 0; i < N_FAMILIES; i++) families[i] = 0.7 * random_normal(r) - 0.6;
    s->family = (colour_family)random_below(r, N_FAMILIES);
    families[s->family] = 1.5;
    for (size_t c = 0; c < palette_size; c++)
        s->colours[c] = families[palette[c].family] + 0.35 * random_normal(r);
    do s->favourite = (int)random_below(r, palette_size);
    while (palette[s->favourite].family != s->family);
    for (size_t c = 0; c < palette_size; c++) {
        double near = rgb_distance(palette[c].shade, palette[s->favourite].shade);
        s->colours[c] += 1.3 * exp(-near * near / 0.02);
    }
}

/* Plain or printed, and among the prints one or two that are loved. */
static void like_patterns(shopper *s, random_stream *r) {
    bool plain = random_unit(r) < 0.45;
    for (int i = 0; i < N_PATTERNS; i++)
        s->patterns[i] = (plain ? -1.1 : 0) + 0.5 * random_normal(r);
    s->patterns[PATTERN_PLAIN] = plain ? 0.7 : -0.6;
    for (int i = 0; i < 2; i++) s->patterns[1 + random_below(r, N_PATTERNS - 1)] += 1.3;
}

static void like_materials(shopper *s, random_stream *r) {
    for (int i = 0; i < N_MATERIALS; i++) s->materials[i] = 0.5 * random_normal(r);
    static const material metals[] = {MATERIAL_GOLD, MATERIAL_SILVER, MATERIAL_ROSE_GOLD};
    size_t favourite = random_below(r, 3);
    for (size_t i = 0; i < 3; i++) s->materials[metals[i]] = i == favourite ? 1.0 : -0.8;
}

static void invent(shopper *s, random_stream *r) {
    s->section = random_unit(r) < 0.66 ? SECTION_WOMEN : SECTION_MEN;
    like_colours(s, r);
    like_patterns(s, r);
    like_materials(s, r);
    for (int k = 0; k < N_KINDS; k++) {
        s->kinds[k] = 0.85 * random_normal(r);
        for (int cut = 0; cut < N_CUTS; cut++) s->cuts[k][cut] = 0.55 * random_normal(r);
    }
    s->level = 4 * pow(random_unit(r), 1.2);
    s->kindness = 0.3 * random_normal(r);
}

lb_status shoppers_new(size_t n, size_t n_orders, uint64_t seed, shopper **out) {
    shopper *shoppers;
    LB_TRY(NEW_ARRAY(shoppers, n));
    double *weights = NULL, total = 0, before = 0;
    lb_status status = NEW_ARRAY(weights, n);
    if (status != LB_OK) {
        free(shoppers);
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        random_stream r = random_open(seed, "demo shopper", i);
        invent(&shoppers[i], &r);
        /* A third of the orders is spread evenly, so that few shoppers have hardly any. */
        weights[i] = 0.5 + exp(0.75 * random_normal(&r) - 0.28);
        total += weights[i];
    }
    for (size_t i = 0; i < n; i++) { // rounding the running sum keeps the total exact
        double upto = before + weights[i];
        shoppers[i].n_orders = (size_t)(llround(upto / total * (double)n_orders) -
                                        llround(before / total * (double)n_orders));
        before = upto;
    }
    free(weights);
    *out = shoppers;
    return LB_OK;
}

match shopper_match(const shopper *s, const demo_product *p) {
    match m = {0};
    bool two = p->pattern != PATTERN_PLAIN && p->pattern != PATTERN_ANIMAL;
    m.hue = two ? 0.65 * s->colours[p->colour] + 0.35 * s->colours[p->accent]
                : s->colours[p->colour];
    /* The stone of a ring counts less than the metal; a chain shows no stone at all. */
    if (catalogue_is_jewellery(p->kind))
        m.hue *= p->kind == KIND_WATCH ? 0.8 : 0.6;
    else
        m.pattern = s->patterns[p->pattern];
    m.kind = s->kinds[p->kind];
    m.cut = s->cuts[p->kind][p->cut];
    m.material = s->materials[p->material];
    m.price = -0.14 * (s->level - p->style) * (s->level - p->style);
    m.section = s->section == p->section ? 0 : p->section == SECTION_MEN ? -2.2 : -4;
    return m;
}

double match_total(const match *m) {
    return m->hue + m->pattern + m->kind + m->cut + m->material + m->price + m->section;
}

/* ---------------------------------------------------------------- orders */

/* A product and how urgently it is wanted. */
typedef struct wish {
    double urgency;
    uint32_t product;
} wish;

typedef struct shopping {
    const shopper *shoppers;
    const demo_product *products;
    size_t n_products;
    uint64_t seed;
    const size_t *offsets; // (n_shoppers + 1): where each shopper's orders go
    size_t *counts;        // (n_shoppers): how many were filled
    order *orders;
} shopping;

static int compare_wishes(const void *a, const void *b) {
    const wish *x = a, *y = b;
    if (x->urgency != y->urgency) return x->urgency > y->urgency ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

/* Opinion of a bought product: how well it matches, how good it is, and chance; most are happy. */
static int rate(const shopper *s, const demo_product *p, double total, random_stream *r) {
    uint64_t key = 0;
    for (const char *c = p->id; *c; c++) key = key * 31 + (unsigned char)*c;
    random_stream quality = random_open(key, "demo quality", 0);
    double opinion = 3.75 + 0.24 * total + s->kindness + 0.40 * random_normal(&quality) +
                     0.75 * random_normal(r);
    int stars = (int)lround(opinion);
    return stars < 1 ? 1 : stars > 5 ? 5 : stars;
}

/* One shopper's orders: sampling without replacement with weights popularity * exp(match), by
 * Gumbel keys (the largest n of log weight + Gumbel noise; Vieira 2014 after Efraimidis and
 * Spirakis 2006). */
static lb_status shop(void *context, size_t item, unsigned worker) {
    (void)worker;
    shopping *all = context;
    const shopper *s = &all->shoppers[item];
    random_stream r = random_open(all->seed, "demo orders", item);
    wish *wishes;
    LB_TRY(NEW_ARRAY(wishes, all->n_products));
    size_t n = 0;
    for (size_t i = 0; i < all->n_products; i++) {
        const demo_product *p = &all->products[i];
        double noise = -log(-log(random_unit(&r) + 1e-12) + 1e-12);
        if (p->popularity <= 0) continue;
        match m = shopper_match(s, p);
        wishes[n++] = (wish){match_total(&m) + 0.75 * log(p->popularity) + noise, (uint32_t)i};
    }
    qsort(wishes, n, sizeof *wishes, compare_wishes);
    size_t count = s->n_orders < n ? s->n_orders : n, from = all->offsets[item];
    for (size_t i = 0; i < count; i++) {
        const demo_product *p = &all->products[wishes[i].product];
        match m = shopper_match(s, p);
        all->orders[from + i] = (order){(uint32_t)item, wishes[i].product,
                                        (uint32_t)random_below(&r, ORDER_DAYS),
                                        rate(s, p, match_total(&m), &r)};
    }
    all->counts[item] = count;
    free(wishes);
    return LB_OK;
}

static int compare_orders(const void *a, const void *b) {
    const order *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    if (x->shopper != y->shopper) return x->shopper < y->shopper ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

lb_status orders_new(const shopper *shoppers, size_t n_shoppers, const demo_product *products,
                     size_t n_products, uint64_t seed, job *j, order **out, size_t *n_orders) {
    lb_status status;
    order *orders = NULL;
    size_t *offsets = NULL, *counts = NULL, kept = 0;
    LB_TRY_CLEANUP(NEW_ARRAY(offsets, n_shoppers + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(counts, n_shoppers));
    for (size_t i = 0; i < n_shoppers; i++) offsets[i + 1] = offsets[i] + shoppers[i].n_orders;
    LB_TRY_CLEANUP(NEW_ARRAY(orders, offsets[n_shoppers]));
    shopping all = {shoppers, products, n_products, seed, offsets, counts, orders};
    LB_TRY_CLEANUP(job_run(j, n_shoppers, shop, &all));
    for (size_t i = 0; i < n_shoppers; i++) {
        memmove(orders + kept, orders + offsets[i], counts[i] * sizeof *orders);
        kept += counts[i];
    }
    qsort(orders, kept, sizeof *orders, compare_orders);
    *out = orders;
    *n_orders = kept;
    orders = NULL;
cleanup:
    free(orders);
    free(offsets);
    free(counts);
    return status;
}
