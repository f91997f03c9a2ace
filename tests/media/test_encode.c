#include "pictures.h"

#include <math.h>

#include "media/descriptor.h"
#include "media/encode.h"

static void write_file(const char *folder, const char *name, file_bytes file) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write(path, file.bytes ? file.bytes : (const void *)"", file.size);
    free(file.bytes);
}

static image draw_numbered(size_t i) {
    image p = picture_new(60 + i % 7, 50 + i % 5);
    picture_fill(&p, 0, 0, p.width, p.height, 0xffffff);
    picture_fill(&p, 10 + i % 9, 10, 40, 20 + i % 23, (unsigned)(i * 0x2f3b51) & 0xffffff);
    return p;
}

/* A folder of 40 good photos in all formats and of everything that can be wrong. */
static const char *make_folder(void) {
    const char *folder = test_folder();
    char name[64];
    for (size_t i = 0; i < 40; i++) {
        static const char *const endings[] = {"jpg", "PNG", "webp", "jpeg"};
        image p = draw_numbered(i);
        snprintf(name, sizeof name, "p%zu.%s", i, endings[i % 4]);
        file_bytes file = i % 4 == 1   ? png_store_picture(&p)
                          : i % 4 == 2 ? webp_store(&p, 0)
                                       : jpeg_store_picture(&p);
        write_file(folder, name, file);
        image_free(&p);
    }
    image white = picture_new(30, 30);
    picture_fill(&white, 0, 0, 30, 30, 0xffffff);
    write_file(folder, "blank.png", png_store_picture(&white));
    write_file(folder, "p7.png", png_store_picture(&white)); // p7.jpeg goes before it
    image_free(&white);
    image p = draw_numbered(3);
    file_bytes cut = jpeg_store_picture(&p);
    image_free(&p);
    cut.size /= 2;
    write_file(folder, "cut.jpg", cut);
    write_file(folder, "empty.webp", (file_bytes){NULL, 0});
    write_file(folder, ".hidden.jpg", (file_bytes){NULL, 0});
    write_file(folder, ".jpg", (file_bytes){NULL, 0});
    write_file(folder, "readme.txt", (file_bytes){NULL, 0});
    return folder;
}

static size_t find_item(const encode_list *list, const char *id) {
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].id, id) == 0) return i;
    fail_msg("no item %s", id);
    return 0;
}

static void folders_are_listed_by_id(void **state) {
    (void)state;
    encode_list list;
    assert_ok(encode_list_folder(make_folder(), &list));
    assert_int_equal(list.n, 43);
    assert_int_equal(list.n_other, 3);
    assert_int_equal(list.n_duplicate, 1);
    for (size_t i = 1; i < list.n; i++)
        assert_true(strcmp(list.items[i - 1].id, list.items[i].id) < 0);
    assert_non_null(strstr(list.items[find_item(&list, "p7")].path, "p7.jpeg"));
    assert_non_null(strstr(list.items[find_item(&list, "p1")].path, "p1.PNG"));
    encode_list_free(&list);
    encode_list_free(&list);
}

static void folders_without_photos_are_errors(void **state) {
    (void)state;
    encode_list list = {0};
    const char *folder = test_folder();
    assert_error(encode_list_folder(folder, &list), LB_E_EMPTY, "ID.jpg");
    write_file(folder, "file", (file_bytes){NULL, 0});
    char path[512];
    snprintf(path, sizeof path, "%s/none", folder);
    assert_error(encode_list_folder(path, &list), LB_E_NOT_FOUND, "none");
    snprintf(path, sizeof path, "%s/file", folder);
    assert_error(encode_list_folder(path, &list), LB_E_IO, "file");
    assert_null(list.items);
}

static job *start_job(unsigned threads, lb_progress_fn progress, void *context) {
    lb_runtime runtime = {.threads = threads, .progress = progress, .progress_context = context};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

static float *encode(const encode_list *list, unsigned threads, encode_report *report) {
    float *out = malloc(list->n * DESCRIPTOR_DIM * sizeof *out);
    assert_non_null(out);
    memset(out, 0x7f, list->n * DESCRIPTOR_DIM * sizeof *out);
    job *j = start_job(threads, NULL, NULL);
    assert_ok(encode_images(j, image_encoder_builtin(), list->items, list->n, IMAGE_MAX_PIXELS,
                            NULL, out, report));
    job_free(j);
    return out;
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    encode_list list;
    encode_report report, other;
    assert_ok(encode_list_folder(make_folder(), &list));
    float *one = encode(&list, 1, &report);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        float *more = encode(&list, threads, &other);
        assert_memory_equal(one, more, list.n * DESCRIPTOR_DIM * sizeof *one);
        assert_memory_equal(report.outcomes, other.outcomes, list.n * sizeof *report.outcomes);
        encode_report_free(&other);
        free(more);
    }
    free(one);
    encode_report_free(&report);
    encode_list_free(&list);
}

static void failures_are_reported_and_stop_nothing(void **state) {
    (void)state;
    encode_list list;
    encode_report report;
    assert_ok(encode_list_folder(make_folder(), &list));
    size_t cut = find_item(&list, "cut"), gone = find_item(&list, "p12");
    size_t blank = find_item(&list, "blank"), empty = find_item(&list, "empty");
    assert_int_equal(remove(list.items[gone].path), 0);
    float *out = encode(&list, 2, &report);
    assert_int_equal(report.n, 43);
    assert_int_equal(report.counts[ENCODE_OK], 39);
    assert_int_equal(report.counts[ENCODE_BLANK], 1);
    assert_int_equal(report.counts[ENCODE_MISSING], 1);
    assert_int_equal(report.counts[ENCODE_BROKEN], 2);
    assert_int_equal(report.outcomes[gone], ENCODE_MISSING);
    assert_int_equal(report.outcomes[blank], ENCODE_BLANK);
    assert_non_null(strstr(report.reasons[gone], "p12.jpg"));
    assert_non_null(strstr(report.reasons[cut], "cut.jpg: damaged or cut-off JPEG"));
    assert_non_null(strstr(report.reasons[empty], "empty.webp: the file is empty"));
    for (size_t i = 0; i < list.n; i++) {
        double norm = 0;
        for (size_t k = 0; k < DESCRIPTOR_DIM; k++)
            norm += (double)out[i * DESCRIPTOR_DIM + k] * (double)out[i * DESCRIPTOR_DIM + k];
        assert_true(fabs(norm - (report.outcomes[i] == ENCODE_OK ? 1 : 0)) < 1e-4);
    }
    assert_string_equal(encode_outcome_name(ENCODE_MISSING), "missing");
    free(out);
    encode_report_free(&report);
    encode_report_free(&report);
    encode_list_free(&list);
}

static int stop_late(void *context, const lb_progress *progress) {
    assert_string_equal(progress->stage, "encode");
    assert_int_equal(progress->total, 43);
    ++*(int *)context;
    return progress->done == progress->total;
}

static void progress_is_reported_and_can_stop(void **state) {
    (void)state;
    encode_list list;
    encode_report report = {0};
    int calls = 0;
    assert_ok(encode_list_folder(make_folder(), &list));
    float *out = malloc(list.n * DESCRIPTOR_DIM * sizeof *out);
    assert_non_null(out);
    job *j = start_job(1, stop_late, &calls);
    assert_error(encode_images(j, image_encoder_builtin(), list.items, list.n, IMAGE_MAX_PIXELS,
                               NULL, out, &report),
                 LB_E_INTERRUPTED, "encode");
    assert_true(calls >= 2);
    assert_null(report.outcomes);
    job_free(j);
    free(out);
    encode_list_free(&list);
}

static lb_status fail_to_encode(const image_encoder *encoder, const image *picture, float *out,
                                bool *blank) {
    (void)out;
    *blank = false;
    return status_fail(LB_E_MISMATCH, "%s cannot take %zu pixels", encoder->name, picture->width);
}

static void encoders_can_fail_and_lists_can_be_empty(void **state) {
    (void)state;
    const image_encoder broken = {.name = "broken", .dim = 2, .encode = fail_to_encode};
    encode_list list;
    encode_report report = {0};
    float out[43 * 2];
    assert_ok(encode_list_folder(make_folder(), &list));
    job *j = start_job(2, NULL, NULL);
    assert_error(
        encode_images(j, &broken, list.items, list.n, IMAGE_MAX_PIXELS, NULL, out, &report),
        LB_E_MISMATCH, "blank.png: broken cannot take 30 pixels");
    assert_ok(
        encode_images(j, image_encoder_builtin(), NULL, 0, IMAGE_MAX_PIXELS, NULL, out, &report));
    assert_int_equal(report.n, 0);
    encode_report_free(&report);
    job_free(j);
    encode_list_free(&list);
    image_encoder_close(NULL);
    assert_string_equal(image_encoder_builtin()->identity, "builtin-1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_listed_by_id),
        cmocka_unit_test(folders_without_photos_are_errors),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(failures_are_reported_and_stop_nothing),
        cmocka_unit_test(progress_is_reported_and_can_stop),
        cmocka_unit_test(encoders_can_fail_and_lists_can_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
