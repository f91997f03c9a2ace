/* The demo shop as its readers see it: the files, parsed again, and what holds between them. */
#include "support.h"

#include <dirent.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <jpeglib.h>
#include <zlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "demo/demo.h"
#include "demo_tests.h"

/* cairo hands its free blocks from thread to thread by atomic operations that ThreadSanitizer does
 * not see in a library built without it. */
LB_API const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "race:libcairo.so\ncalled_from_lib:libcairo.so\n";
}

enum { PRODUCTS = 60, SHOPPERS = 40, ORDERS = 500, SIZE = 96 };

static char *first, *second; // the same shop, drawn by one thread and by three

static char *write_shop(unsigned threads, uint64_t seed) {
    char *folder = memory_string(test_folder());
    demo_options options;
    demo_options_init(&options);
    options.n_products = PRODUCTS;
    options.n_shoppers = SHOPPERS;
    options.n_orders = ORDERS;
    options.image_size = SIZE;
    options.seed = seed;
    lb_runtime runtime;
    lb_runtime_init(&runtime);
    runtime.threads = threads;
    job *j;
    assert_ok(job_new(&runtime, &j));
    assert_ok(demo_write_shop(folder, &options, j));
    job_free(j);
    return folder;
}

static void remove_shop(char *folder) {
    char *images = file_path(folder, "images");
    const char *folders[] = {images, folder};
    for (size_t i = 0; i < 2; i++) {
        DIR *dir = opendir(folders[i]);
        struct dirent *entry;
        while (dir && (entry = readdir(dir))) {
            char *path = file_path(folders[i], entry->d_name);
            if (entry->d_name[0] != '.') unlink(path);
            free(path);
        }
        if (dir) closedir(dir);
        rmdir(folders[i]);
    }
    free(images);
    free(folder);
}

static int set_up(void **state) {
    (void)state;
    first = write_shop(1, 7);
    second = write_shop(3, 7);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove_shop(first);
    remove_shop(second);
    return 0;
}

/* The whole of a gzip file as a string. */
static char *read_gz(const char *folder, const char *name) {
    char *path = file_path(folder, name), *text = NULL;
    size_t count = 0, capacity = 0;
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    for (int got = 1; got > 0; count += (size_t)got) {
        capacity = count + 65536;
        text = memory_resize(text, capacity + 1, 1);
        assert_non_null(text);
        got = gzread(file, text + count, 65536);
        assert_true(got >= 0);
    }
    text[count] = 0;
    gzclose(file);
    free(path);
    return text;
}

/* Ends the line at `*at` and moves `*at` behind it; NULL at the end. */
static char *next_line(char **at) {
    char *line = *at, *end = strchr(line, '\n');
    if (!end) return NULL;
    *end = 0;
    *at = end + 1;
    return line;
}

static void assert_same_file(const char *name) {
    char *a_path = file_path(first, name), *b_path = file_path(second, name);
    file_map a, b;
    assert_ok(file_map_open(a_path, &a));
    assert_ok(file_map_open(b_path, &b));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.bytes, b.bytes, a.size);
    file_map_close(&a);
    file_map_close(&b);
    free(a_path);
    free(b_path);
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    assert_same_file("reviews_Demo.json.gz");
    assert_same_file("meta_Demo.json.gz");
    for (int i = 1; i <= PRODUCTS; i++) {
        char name[64];
        snprintf(name, sizeof name, "images/DEMO%06d.jpg", i);
        assert_same_file(name);
    }
}

static void another_seed_makes_another_shop(void **state) {
    (void)state;
    char *other = write_shop(2, 8);
    char *a = read_gz(first, "meta_Demo.json.gz"), *b = read_gz(other, "meta_Demo.json.gz");
    assert_true(strcmp(a, b) != 0);
    free(a);
    free(b);
    remove_shop(other);
}

static void every_product_has_a_square_picture(void **state) {
    (void)state;
    for (int i = 1; i <= PRODUCTS; i++) {
        char name[64], *path;
        snprintf(name, sizeof name, "images/DEMO%06d.jpg", i);
        file_map map;
        assert_ok(file_map_open(path = file_path(first, name), &map));
        struct jpeg_decompress_struct jpeg;
        struct jpeg_error_mgr errors;
        jpeg.err = jpeg_std_error(&errors);
        jpeg_create_decompress(&jpeg);
        jpeg_mem_src(&jpeg, map.bytes, (unsigned long)map.size);
        assert_int_equal(jpeg_read_header(&jpeg, TRUE), JPEG_HEADER_OK);
        assert_int_equal(jpeg.image_width, SIZE);
        assert_int_equal(jpeg.image_height, SIZE);
        assert_int_equal(jpeg.num_components, 3);
        jpeg_destroy_decompress(&jpeg);
        file_map_close(&map);
        free(path);
    }
}

static const char *field(const cJSON *review, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(review, name);
    assert_true(cJSON_IsString(item) && *item->valuestring);
    return item->valuestring;
}

/* The row of a product id, which must exist. */
static int product_row(const char *id) {
    assert_int_equal(strlen(id), 10);
    assert_memory_equal(id, "DEMO", 4);
    int row = (int)strtol(id + 4, NULL, 10) - 1;
    assert_in_range(row, 0, PRODUCTS - 1);
    return row;
}

static void check_review(const cJSON *review, double *before) {
    assert_memory_equal(field(review, "reviewerName"), "Shopper ", 8);
    const char *text = field(review, "reviewText"), *summary = field(review, "summary");
    assert_null(strpbrk(text, "{}"));
    assert_null(strpbrk(summary, "{}"));
    const cJSON *stars = cJSON_GetObjectItemCaseSensitive(review, "overall");
    assert_true(cJSON_IsNumber(stars) && stars->valuedouble >= 1 && stars->valuedouble <= 5);
    const cJSON *helpful = cJSON_GetObjectItemCaseSensitive(review, "helpful");
    assert_int_equal(cJSON_GetArraySize(helpful), 2);
    assert_true(cJSON_GetArrayItem(helpful, 0)->valueint <=
                cJSON_GetArrayItem(helpful, 1)->valueint);
    const cJSON *when = cJSON_GetObjectItemCaseSensitive(review, "unixReviewTime");
    assert_true(cJSON_IsNumber(when) && when->valuedouble >= *before);
    *before = when->valuedouble;
    int month, day, year;
    char rest;
    assert_int_equal(sscanf(field(review, "reviewTime"), "%d %d, %d%c", &month, &day, &year, &rest),
                     3);
    assert_in_range(month, 1, 12);
    assert_in_range(day, 1, 31);
    assert_in_range(year, 2012, 2014);
}

static void reviews_are_strict_json_about_products_that_exist(void **state) {
    (void)state;
    char *text = read_gz(first, "reviews_Demo.json.gz"), *at = text, *line;
    int counts[PRODUCTS] = {0}, reviews = 0, cold = 0;
    static unsigned char seen[SHOPPERS][PRODUCTS];
    memset(seen, 0, sizeof seen);
    double before = 0;
    while ((line = next_line(&at))) {
        cJSON *review = cJSON_ParseWithOpts(line, NULL, 1);
        assert_non_null(review);
        check_review(review, &before);
        int row = product_row(field(review, "asin"));
        const char *user = field(review, "reviewerID");
        int shopper = (int)strtol(user + strlen("SHOPPER"), NULL, 10) - 1;
        assert_in_range(shopper, 0, SHOPPERS - 1);
        assert_int_equal(seen[shopper][row]++, 0); // nobody buys a product twice
        counts[row]++;
        reviews++;
        cJSON_Delete(review);
    }
    assert_string_equal(at, "");
    assert_in_range(reviews, ORDERS * 9 / 10, ORDERS);
    for (int i = 0; i < PRODUCTS; i++) cold += counts[i] == 0;
    assert_in_range(cold, 1, PRODUCTS / 4);
    free(text);
}

/* ---------------------------------------------------------------- Python literals */

/* Skips one Python literal of the kinds in the file: dict, list, number or string. */
static const char *skip_literal(const char *at);

static const char *skip_string(const char *at) {
    char quote = *at++;
    assert_true(quote == '\'' || quote == '"');
    for (; *at != quote; at++) {
        assert_true((unsigned char)*at >= ' ' && (unsigned char)*at < 127);
        if (*at == '\\') {
            at++;
            assert_true(*at == quote || *at == '\\');
        }
    }
    return at + 1;
}

static const char *skip_group(const char *at, char end, bool keyed) {
    at++;
    while (*at != end) {
        if (keyed) {
            at = skip_string(at);
            assert_memory_equal(at, ": ", 2);
            at += 2;
        }
        at = skip_literal(at);
        assert_true(*at == end || (at[0] == ',' && at[1] == ' '));
        if (*at == ',') at += 2;
    }
    return at + 1;
}

static const char *skip_literal(const char *at) {
    if (*at == '{') return skip_group(at, '}', true);
    if (*at == '[') return skip_group(at, ']', false);
    if (*at == '\'' || *at == '"') return skip_string(at);
    size_t digits = strspn(at, "0123456789.");
    assert_true(digits > 0);
    return at + digits;
}

static void the_catalogue_is_made_of_python_literals(void **state) {
    (void)state;
    char *text = read_gz(first, "meta_Demo.json.gz"), *at = text, *line;
    static const char *const keys[] = {"'title': ",
                                       "'description': ",
                                       "'price': ",
                                       "'imUrl': ",
                                       "'related': ",
                                       "'brand': ",
                                       "'categories': [['Clothing, Shoes & Jewelry', "};
    int products = 0, apostrophes = 0;
    while ((line = next_line(&at))) {
        char begin[64];
        products++;
        snprintf(begin, sizeof begin, "{'asin': 'DEMO%06d', ", products);
        assert_memory_equal(line, begin, strlen(begin));
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            assert_non_null(strstr(line, keys[i]));
        assert_int_equal(*skip_literal(line), 0);
        apostrophes += strstr(line, "'title': \"") != NULL; // "Women's" needs double quotes
    }
    assert_int_equal(products, PRODUCTS);
    assert_int_equal(apostrophes, PRODUCTS);
    assert_string_equal(at, "");
    free(text);
}

/* ---------------------------------------------------------------- errors */

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    job *j;
    assert_ok(job_new(NULL, &j));
    demo_options options;
    demo_options_init(&options);
    options.n_products = 19;
    assert_error(demo_write_shop(first, &options, j), LB_E_ARGUMENT, "19 products");
    demo_options_init(&options);
    options.n_shoppers = 0;
    assert_error(demo_write_shop(first, &options, j), LB_E_ARGUMENT, "0 shoppers");
    demo_options_init(&options);
    options.n_orders = 10;
    assert_error(demo_write_shop(first, &options, j), LB_E_ARGUMENT, "10 orders");
    demo_options_init(&options);
    options.image_size = 4096;
    assert_error(demo_write_shop(first, &options, j), LB_E_ARGUMENT, "4096 pixels");
    assert_error(demo_write_shop("/nonexistent/shop", NULL, j), LB_E_NOT_FOUND, "nonexistent");
    job_free(j);
}

static int stop_when_drawing(void *context, const lb_progress *progress) {
    (void)context;
    return !strcmp(progress->stage, "pictures");
}

static void drawing_can_be_interrupted(void **state) {
    (void)state;
    char *folder = memory_string(test_folder());
    lb_runtime runtime = {.threads = 1, .progress = stop_when_drawing};
    job *j;
    assert_ok(job_new(&runtime, &j));
    assert_error(demo_write_shop(folder, NULL, j), LB_E_INTERRUPTED, "pictures");
    job_free(j);
    remove_shop(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(another_seed_makes_another_shop),
        cmocka_unit_test(every_product_has_a_square_picture),
        cmocka_unit_test(reviews_are_strict_json_about_products_that_exist),
        cmocka_unit_test(the_catalogue_is_made_of_python_literals),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(drawing_can_be_interrupted),
        cmocka_unit_test(every_kind_and_cut_is_drawn),
        cmocka_unit_test(colours_show_in_the_picture),
        cmocka_unit_test(titles_say_what_is_drawn),
        cmocka_unit_test(shoppers_buy_what_they_like),
        cmocka_unit_test(the_default_shop_has_a_long_tail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
