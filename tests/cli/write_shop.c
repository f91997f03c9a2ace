/*
 * write_shop FOLDER [SEED]: a tiny shop for the tests of the program. 60 users of four tastes, 90
 * products of four styles of which the last 10 are never bought, 8 orders a user, a feature of 8
 * numbers that says the style.
 *
 *   orders.csv     user,item,rating,timestamp
 *   products.csv   id,title,category,price
 *   look.npy       (90, 8) float32; ids.txt names the rows
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 60, PRODUCTS = 90, BOUGHT = 80, STYLES = 4, ORDERS = 8, DIM = 8 };

static uint64_t state;

static unsigned draw(unsigned below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static FILE *create(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f) return f;
    perror(path);
    exit(1);
}

static void finish(FILE *f) {
    if (ferror(f) || fclose(f) != 0) {
        perror("write_shop");
        exit(1);
    }
}

static void write_orders(const char *folder) {
    FILE *f = create(folder, "orders.csv");
    fprintf(f, "user,item,rating,timestamp\n");
    for (unsigned u = 0; u < USERS; u++)
        for (unsigned k = 0; k < ORDERS; k++) {
            unsigned style = draw(4) ? u % STYLES : draw(STYLES);
            unsigned p = draw(BOUGHT / STYLES) * STYLES + style;
            fprintf(f, "u%u,p%u,%u,%u\n", u, p, 3 + draw(3), 1600000000 + 1000 * k + u);
        }
    finish(f);
}

static void write_products(const char *folder) {
    static const char *const styles[STYLES] = {"red", "green", "blue", "black"};
    FILE *products = create(folder, "products.csv"), *ids = create(folder, "ids.txt");
    fprintf(products, "id,title,category,price\n");
    for (unsigned p = 0; p < PRODUCTS; p++) {
        const char *kind = p % 3 ? "Shirts" : "Shoes";
        fprintf(products, "p%u,A %s thing no. %u,Clothing > %s,%u.50\n", p, styles[p % STYLES], p,
                kind, 10 + p);
        fprintf(ids, "p%u\n", p);
    }
    finish(products);
    finish(ids);
}

static void write_features(const char *folder) {
    char header[128];
    FILE *f = create(folder, "look.npy");
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    char text[100];
    int n = snprintf(text, sizeof text,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", PRODUCTS,
                     DIM);
    memcpy(header + 10, text, (size_t)n);
    header[127] = '\n';
    fwrite(header, 1, sizeof header, f);
    for (unsigned p = 0; p < PRODUCTS; p++)
        for (unsigned d = 0; d < DIM; d++) {
            float x = (float)draw(1000) / 2000 + (d % STYLES == p % STYLES ? 1.0f : 0.0f);
            fwrite(&x, sizeof x, 1, f);
        }
    finish(f);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    write_orders(argv[1]);
    write_products(argv[1]);
    write_features(argv[1]);
    return 0;
}
