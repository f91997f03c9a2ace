#include "support.h"

#include <math.h>

#include "demo/catalogue.h"
#include "demo/draw.h"
#include "demo/shoppers.h"
#include "demo_tests.h"

/* The share of the picture that the product covers, and its mean colour there. */
static double measure(const canvas *c, rgb *mean) {
    const unsigned char *bytes = cairo_image_surface_get_data(c->product);
    size_t stride = (size_t)cairo_image_surface_get_stride(c->product), n = (size_t)c->size;
    double count = 0;
    *mean = (rgb){0, 0, 0};
    for (size_t y = 0; y < n; y++)
        for (size_t x = 0; x < n; x++) {
            const unsigned char *p = bytes + y * stride + 4 * x;
            count += p[3] / 255.0;
            mean->r += p[2] / 255.0, mean->g += p[1] / 255.0, mean->b += p[0] / 255.0;
        }
    if (count > 0) mean->r /= count, mean->g /= count, mean->b /= count;
    return count / (double)(n * n);
}

/* Every kind, cut, detail, length and pattern: all code paths of the drawers. */
void every_kind_and_cut_is_drawn(void **state) {
    (void)state;
    canvas *c;
    assert_ok(canvas_new(64, &c));
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int cut = 0; cut < N_CUTS && catalogue_cut((product_kind)kind, cut); cut++)
            for (int i = 0; i < N_PATTERNS; i++) {
                demo_product p = {.kind = (product_kind)kind,
                                  .cut = cut,
                                  .pattern = (pattern)i,
                                  .material = (material)(i % N_MATERIALS),
                                  .detail = i % 4,
                                  .length = i % 3,
                                  .neck = i / 3 % 3,
                                  .sleeve = i % 4,
                                  .colour = (unsigned)(i * 3) % 30,
                                  .accent = 17};
                if (catalogue_is_jewellery(p.kind)) p.material = MATERIAL_GOLD + i % 3;
                rgb mean;
                unsigned char *bytes;
                size_t size;
                assert_ok(draw_picture(c, &p, random_open(3, "test", (uint64_t)i), &bytes, &size));
                assert_true(measure(c, &mean) > 0.01);
                assert_true(size > 400);
                free(bytes);
            }
    canvas_free(c);
    canvas_free(NULL);
}

void colours_show_in_the_picture(void **state) {
    (void)state;
    canvas *c;
    assert_ok(canvas_new(64, &c));
    for (unsigned colour = 0; colour < palette_size; colour++) {
        demo_product p = {.kind = KIND_TSHIRT, .colour = colour, .accent = 0, .sleeve = 1};
        rgb mean;
        canvas_begin(c, random_open(3, "test", colour));
        draw_product(c, &p);
        double share = measure(c, &mean), near = rgb_distance(mean, palette[colour].shade);
        assert_true(share > 0.1);
        if (near > 0.2) fail_msg("%s is off by %g", palette[colour].name, near);
    }
    canvas_free(c);
}

void titles_say_what_is_drawn(void **state) {
    (void)state;
    demo_product *products;
    enum { N = 400 };
    assert_ok(catalogue_new(N, 5, &products));
    for (size_t i = 0; i < N; i++) {
        const demo_product *p = &products[i];
        assert_non_null(strstr(p->title, p->brand));
        assert_true(strlen(p->title) + 1 < sizeof p->title);
        assert_true(strlen(p->description) + 1 < sizeof p->description);
        assert_int_equal(p->description[strlen(p->description) - 1], '.');
        assert_true(p->cost > 5 && p->cost < 1000);
        assert_true(p->colour < palette_size && p->accent < palette_size);
        if (p->pattern == PATTERN_FLORAL) assert_non_null(strstr(p->title, "Floral"));
        if (p->pattern == PATTERN_FLORAL) assert_non_null(strstr(p->description, "floral"));
        if (p->material == MATERIAL_SUEDE) assert_non_null(strstr(p->title, "Suede"));
        if (!catalogue_is_jewellery(p->kind))
            assert_non_null(strstr(p->description, palette[p->colour].name));
    }
    free(products);
}

/* What was bought matches better than what was not, and better matches get more stars. */
void shoppers_buy_what_they_like(void **state) {
    (void)state;
    enum { N_PRODUCTS = 400, N_SHOPPERS = 100 };
    demo_product *products;
    shopper *shoppers;
    order *orders;
    size_t n;
    job *j;
    assert_ok(job_new(NULL, &j));
    assert_ok(catalogue_new(N_PRODUCTS, 2, &products));
    assert_ok(shoppers_new(N_SHOPPERS, 1500, 2, &shoppers));
    assert_ok(orders_new(shoppers, N_SHOPPERS, products, N_PRODUCTS, 2, j, &orders, &n));
    assert_int_equal(n, 1500);
    double bought = 0, all = 0, happy = 0, sad = 0, n_happy = 0, n_sad = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(products[orders[i].product].popularity > 0);
        match m = shopper_match(&shoppers[orders[i].shopper], &products[orders[i].product]);
        match other = shopper_match(&shoppers[orders[i].shopper], &products[i % N_PRODUCTS]);
        bought += match_total(&m) / (double)n;
        all += match_total(&other) / (double)n;
        if (orders[i].stars == 5) happy += match_total(&m), n_happy++;
        if (orders[i].stars <= 3) sad += match_total(&m), n_sad++;
    }
    assert_true(bought > all + 1.5);
    assert_true(n_happy > 50 && n_sad > 50 && happy / n_happy > sad / n_sad + 0.3);
    free(products);
    free(shoppers);
    free(orders);
    job_free(j);
}

/* The shop as it is shipped: one product in eight to ten without orders, bestsellers, and nobody
 * without a history. */
void the_default_shop_has_a_long_tail(void **state) {
    (void)state;
    enum { N_PRODUCTS = 2000, N_SHOPPERS = 1500, N_ORDERS = 25000 };
    demo_product *products;
    shopper *shoppers;
    order *orders;
    size_t n, cold = 0, counts[N_PRODUCTS] = {0}, histories[N_SHOPPERS] = {0}, most = 0;
    job *j;
    assert_ok(job_new(NULL, &j));
    assert_ok(catalogue_new(N_PRODUCTS, 1, &products));
    assert_ok(shoppers_new(N_SHOPPERS, N_ORDERS, 1, &shoppers));
    assert_ok(orders_new(shoppers, N_SHOPPERS, products, N_PRODUCTS, 1, j, &orders, &n));
    assert_int_equal(n, N_ORDERS);
    for (size_t i = 0; i < n; i++) {
        counts[orders[i].product]++;
        histories[orders[i].shopper]++;
    }
    for (size_t i = 0; i < N_PRODUCTS; i++) {
        cold += counts[i] == 0;
        if (counts[i] > most) most = counts[i];
    }
    assert_in_range(cold, N_PRODUCTS / 10, N_PRODUCTS * 15 / 100);
    assert_true(most > 5 * N_ORDERS / N_PRODUCTS);
    for (size_t i = 0; i < N_SHOPPERS; i++) assert_true(histories[i] >= 5);
    free(products);
    free(shoppers);
    free(orders);
    job_free(j);
}
