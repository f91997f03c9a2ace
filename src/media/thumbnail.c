#include "media/thumbnail.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "core/memory.h"

/* Everything that must survive the jump out of libjpeg lives here, not in local variables. */
typedef struct jpeg_writer {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    unsigned char *bytes; // malloc'ed by libjpeg
    unsigned long size;
    char reason[JMSG_LENGTH_MAX];
} jpeg_writer;

static void on_error(j_common_ptr info) {
    jpeg_writer *w = info->client_data;
    w->errors.format_message(info, w->reason);
    longjmp(w->escape, 1);
}

static void ignore_message(j_common_ptr info, int level) {
    (void)info;
    (void)level;
}

static void ignore_output(j_common_ptr info) {
    (void)info;
}

static void write_rows(jpeg_writer *w, const image *picture) {
    struct jpeg_compress_struct *info = &w->info;
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = picture->rgb + (size_t)info->next_scanline * picture->width * 3;
        jpeg_write_scanlines(info, &row, 1);
    }
}

/* Runs libjpeg; on failure its reason is in w->reason. */
static int encode(jpeg_writer *w, const image *picture, int quality) {
    w->info.err = jpeg_std_error(&w->errors);
    w->errors.error_exit = on_error;
    w->errors.emit_message = ignore_message;
    w->errors.output_message = ignore_output;
    w->info.client_data = w;
    if (setjmp(w->escape)) {
        jpeg_destroy_compress(&w->info);
        return 0;
    }
    jpeg_create_compress(&w->info);
    jpeg_mem_dest(&w->info, &w->bytes, &w->size);
    w->info.image_width = (JDIMENSION)picture->width;
    w->info.image_height = (JDIMENSION)picture->height;
    w->info.input_components = 3;
    w->info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->info);
    jpeg_set_quality(&w->info, quality, TRUE);
    w->info.dct_method = JDCT_ISLOW;
    w->info.optimize_coding = TRUE;
    jpeg_start_compress(&w->info, TRUE);
    write_rows(w, picture);
    jpeg_finish_compress(&w->info);
    jpeg_destroy_compress(&w->info);
    return 1;
}

lb_status thumbnail_encode(const image *picture, int quality, thumbnail *out) {
    lb_status status = LB_OK;
    jpeg_writer *w;
    if (quality < 1 || quality > 100)
        return status_fail(LB_E_ARGUMENT, "a JPEG's quality is 1 to 100, not %d", quality);
    if (!picture->width || !picture->height || picture->width > 65535 || picture->height > 65535)
        return status_fail(LB_E_ARGUMENT, "a picture of %zu x %zu pixels cannot be a JPEG",
                           picture->width, picture->height);
    LB_TRY(NEW_ARRAY(w, 1));
    if (!encode(w, picture, quality)) {
        free(w->bytes);
        status = status_fail(LB_E_NOMEM, "cannot encode a JPEG: %s", w->reason);
    } else {
        *out = (thumbnail){w->bytes, w->size, picture->width, picture->height};
    }
    free(w);
    return status;
}

/* The longer side becomes `side`, the other at least a pixel. */
static size_t scaled(size_t length, size_t longer, size_t side) {
    size_t result = (size_t)((double)length * (double)side / (double)longer + 0.5);
    return result ? result : 1;
}

lb_status thumbnail_make(const image *picture, size_t side, int quality, thumbnail *out) {
    size_t longer = picture->width > picture->height ? picture->width : picture->height;
    image small = {0};
    if (!side) return status_fail(LB_E_ARGUMENT, "a thumbnail of 0 pixels");
    if (longer <= side) return thumbnail_encode(picture, quality, out);
    LB_TRY(image_resize(picture, scaled(picture->width, longer, side),
                        scaled(picture->height, longer, side), &small));
    lb_status status = thumbnail_encode(&small, quality, out);
    image_free(&small);
    return status;
}

lb_status thumbnail_read(const char *path, size_t side, int quality, thumbnail *out) {
    image picture = {0};
    LB_TRY(image_read(path, side, IMAGE_MAX_PIXELS, &picture));
    lb_status status = thumbnail_make(&picture, side, quality, out);
    image_free(&picture);
    return status == LB_OK ? status : status_prefix(status, "%s", path);
}

void thumbnail_free(thumbnail *t) {
    free(t->jpeg);
    *t = (thumbnail){0};
}
