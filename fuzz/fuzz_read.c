/*
 * Fuzz target of all file readers. With clang, from the repository's root:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
 *       -Iinclude -Isrc -Ifuzz fuzz/fuzz_read.c src/data/read_*.c src/data/stream*.c
 * src/data/utf8.c \ src/core/[!r]*.c -lz -lm -lpthread -o fuzz_read
 *   ./fuzz_read -max_len=65536 NEW_FINDS fuzz/corpus/read
 *
 * -DLB_HAVE_ISAL -lisal instead of -lz fuzzes with ISA-L. A test runs the corpus and mutations of
 * it in every build.
 */
#include "fuzz_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/utf8.h"
#include "data/read_value.h"
#include "data/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum file_kind { INTERACTIONS, PRODUCTS, FEATURES, VALUE, REVIEWS } file_kind;

/* What a first byte means; any other byte stands for one of these. */
static const struct {
    char letter;
    file_kind kind;
    int format; // read_format, or value_dialect
    const char *columns, *separator;
} kinds[] = {
    {'a', INTERACTIONS, READ_AUTO, NULL, NULL},
    {'b', INTERACTIONS, READ_DELIMITED, "user=2,item=1,rating=3", NULL},
    {'c', INTERACTIONS, READ_DELIMITED, "user=reader,item=book", "comma"},
    {'d', INTERACTIONS, READ_RECBOLE, NULL, NULL},
    {'e', INTERACTIONS, READ_AMAZON_2014, NULL, NULL},
    {'f', INTERACTIONS, READ_AMAZON_2018, NULL, NULL},
    {'g', INTERACTIONS, READ_AMAZON_2023, NULL, NULL},
    {'h', INTERACTIONS, READ_JSON_LINES, NULL, NULL},
    {'i', PRODUCTS, READ_AUTO, NULL, NULL},
    {'j', PRODUCTS, READ_DELIMITED, "id,title,category,price", NULL},
    {'k', PRODUCTS, READ_AMAZON_2014, NULL, NULL},
    {'l', PRODUCTS, READ_AMAZON_2018, NULL, NULL},
    {'m', PRODUCTS, READ_AMAZON_2023, NULL, NULL},
    {'n', PRODUCTS, READ_JSON_LINES, NULL, NULL},
    {'o', FEATURES, 0, NULL, NULL},
    {'p', FEATURES, 1, NULL, NULL}, // with the ids p1 and p2
    {'q', VALUE, VALUE_JSON, NULL, NULL},
    {'r', VALUE, VALUE_PYTHON, NULL, NULL},
    {'s', REVIEWS, 0, NULL, NULL},
    {'t', INTERACTIONS, READ_YELP, NULL, NULL},
    {'u', PRODUCTS, READ_YELP, NULL, NULL},
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* ---------------------------------------------------------------- what sinks may rely on */

static void demand(int condition) {
    if (!condition) abort();
}

static void demand_text(const char *text) {
    if (text) demand(utf8_valid_length(text, strlen(text)) == strlen(text));
}

static void demand_id(const char *id) {
    demand(id && strlen(id) >= 1 && strlen(id) <= READER_MAX_ID);
    demand_text(id);
    for (; *id; id++) demand((unsigned char)*id >= 0x20 && *id != 0x7f);
}

static lb_status take_interaction(void *context, const interaction_record *r) {
    (void)context;
    demand_id(r->user);
    demand_id(r->product);
    demand(isfinite(r->rating) && (r->has_rating || r->rating == 1));
    demand(r->has_time || r->time == 0);
    return LB_OK;
}

static lb_status take_product(void *context, const product_record *r) {
    (void)context;
    const char *texts[] = {r->title, r->brand, r->description, r->image, r->category};
    demand_id(r->id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        demand_text(texts[i]);
        demand(!texts[i] || *texts[i]);
    }
    demand(!r->has_price || (isfinite(r->price) && r->price >= 0));
    return LB_OK;
}

static lb_status take_review(void *context, const review_record *r) {
    (void)context;
    if (r->user) demand_id(r->user);
    demand_id(r->product);
    demand(r->text && *r->text);
    demand_text(r->text);
    demand(!strchr(r->text, '\n'));
    return LB_OK;
}

static lb_status take_feature(void *context, const char *id, const float *values, size_t dim) {
    (void)context;
    demand_id(id);
    for (size_t i = 0; i < dim; i++) demand(isfinite(values[i]));
    return LB_OK;
}

/* ---------------------------------------------------------------- files */

static char file[300], ids[300];

static void remove_files(void) {
    unlink(file);
    unlink(ids);
}

static void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    demand(f && fwrite(bytes, 1, size, f) == size);
    demand(fclose(f) == 0);
}

static void make_path(char path[300]) {
    const char *base = getenv("TMPDIR");
    snprintf(path, 300, "%s/lookbook-fuzz-XXXXXX", base && *base ? base : "/tmp");
    int fd = mkstemp(path);
    demand(fd >= 0);
    close(fd);
}

static void make_files(void) {
    if (*file) return;
    make_path(file);
    make_path(ids);
    write_bytes(ids, "p1\np2\n", 6);
    atexit(remove_files);
}

/* ---------------------------------------------------------------- */

static lb_status read_value(const uint8_t *bytes, size_t size, int dialect) {
    value_tree tree = {NULL, 0, 0};
    if (utf8_valid_length((const char *)bytes, size) < size || memchr(bytes, 0, size))
        return status_fail(LB_E_FORMAT, "not text"); // the stream guarantees that to the parser
    char *text = malloc(size + 1);
    demand(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    lb_status status = value_parse(&tree, text, size, (value_dialect)dialect);
    if (status == LB_OK) demand(tree.nodes->next == tree.count);
    value_tree_free(&tree);
    free(text);
    return status;
}

static lb_status read_kind(size_t k, const uint8_t *bytes, size_t size) {
    read_options o = {(read_format)kinds[k].format, kinds[k].columns, kinds[k].separator};
    if (kinds[k].kind == VALUE) return read_value(bytes, size, kinds[k].format);
    make_files();
    write_bytes(file, bytes, size);
    if (kinds[k].kind == INTERACTIONS)
        return read_interactions(NULL, file, &o, take_interaction, NULL, NULL);
    if (kinds[k].kind == PRODUCTS) return read_products(NULL, file, &o, take_product, NULL, NULL);
    if (kinds[k].kind == REVIEWS) return read_reviews(NULL, file, take_review, NULL, NULL);
    return read_features(NULL, file, kinds[k].format ? ids : NULL, take_feature, NULL, NULL);
}

lb_status fuzz_read(const uint8_t *bytes, size_t size) {
    if (!size) return LB_OK;
    size_t k = 0;
    while (k < N_KINDS && kinds[k].letter != (char)bytes[0]) k++;
    if (k == N_KINDS) k = bytes[0] % N_KINDS;
    status_fail(LB_OK, "%s", "");
    lb_status status = read_kind(k, bytes + 1, size - 1);
    demand(status == LB_OK || *lb_last_error());
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_read(data, size);
    return 0;
}
