/* draw_shop FOLDER: a small demo shop for the tests of the page, as demo/demo.h says it. */
#include <stdio.h>

#include "demo/demo.h"

enum { PRODUCTS = 240, SHOPPERS = 80, ORDERS = 1200, PIXELS = 96 };

int main(int argc, char **argv) {
    demo_options options;
    job *j = NULL;
    lb_status status = LB_OK;
    if (argc != 2) {
        fprintf(stderr, "usage: draw_shop FOLDER\n");
        return 2;
    }
    demo_options_init(&options);
    options.n_products = PRODUCTS;
    options.n_shoppers = SHOPPERS;
    options.n_orders = ORDERS;
    options.image_size = PIXELS;
    status = job_new(NULL, &j);
    if (status == LB_OK) status = demo_write_shop(argv[1], &options, j);
    job_free(j);
    if (status == LB_OK) return 0;
    fprintf(stderr, "draw_shop: %s\n", lb_last_error());
    return 1;
}
