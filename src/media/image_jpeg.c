/* JPEG through libjpeg-turbo. */
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "core/memory.h"
#include "media/image_formats.h"

/* A progressive file can repeat scans without end, each a pass over all pixels. Real files have
 * about ten. */
enum { MAX_SCANS = 100, EXIF_MARKER = JPEG_APP0 + 1 };

/* Everything that must survive the jump out of libjpeg lives here, not in local variables. */
typedef struct jpeg_reader {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    size_t wanted, max_pixels;
    image picture;
    unsigned char *line; // (output width, 4), for CMYK
    unsigned orientation;
    lb_status status; // why a function of ours, not libjpeg, gave up
    char reason[JMSG_LENGTH_MAX];
} jpeg_reader;

static void on_error(j_common_ptr info) {
    jpeg_reader *r = info->client_data;
    r->errors.format_message(info, r->reason);
    longjmp(r->escape, 1);
}

/* libjpeg goes on after a warning and fills what is missing with grey. Here a picture is whole or
 * it is an error; only oddities that lose no pixel pass. */
static void on_message(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_TOO_MUCH_DATA: return;
    default: on_error(info);
    }
}

static void ignore_output(j_common_ptr info) {
    (void)info;
}

static void on_progress(j_common_ptr info) {
    jpeg_reader *r = info->client_data;
    if (r->info.input_scan_number <= MAX_SCANS) return;
    snprintf(r->reason, sizeof r->reason, "more than %d scans", MAX_SCANS);
    longjmp(r->escape, 1);
}

/* Leaves libjpeg with an error text already set. */
static void give_up(jpeg_reader *r, lb_status status) {
    r->status = status;
    longjmp(r->escape, 1);
}

static void read_orientation(jpeg_reader *r) {
    r->orientation = 1;
    for (jpeg_saved_marker_ptr m = r->info.marker_list; m; m = m->next) {
        if (m->marker != EXIF_MARKER) continue;
        unsigned found = image_exif_orientation(m->data, m->data_length);
        if (found != 1) r->orientation = found;
    }
}

static void choose_scale(jpeg_reader *r) {
    r->info.scale_denom = 8;
    r->info.scale_num = image_reduced_eighths(r->info.image_width, r->info.image_height, r->wanted);
}

/* Adobe writes CMYK inverted, so that 255 is no ink; others as ink. */
static void cmyk_to_rgb(const unsigned char *cmyk, size_t width, bool inverted,
                        unsigned char *rgb) {
    for (size_t x = 0; x < width; x++) {
        unsigned k = inverted ? cmyk[4 * x + 3] : 255u - cmyk[4 * x + 3];
        for (size_t c = 0; c < 3; c++) {
            unsigned v = inverted ? cmyk[4 * x + c] : 255u - cmyk[4 * x + c];
            rgb[3 * x + c] = (unsigned char)((v * k + 127) / 255);
        }
    }
}

static void read_lines(jpeg_reader *r) {
    struct jpeg_decompress_struct *info = &r->info;
    image *p = &r->picture;
    bool cmyk = info->out_color_space == JCS_CMYK;
    while (info->output_scanline < info->output_height) {
        unsigned char *rgb = p->rgb + (size_t)info->output_scanline * p->width * 3;
        JSAMPROW line = cmyk ? r->line : rgb;
        if (jpeg_read_scanlines(info, &line, 1) != 1) ERREXIT(info, JERR_INPUT_EOF);
        if (cmyk) cmyk_to_rgb(r->line, p->width, info->saw_Adobe_marker, rgb);
    }
}

/* Called under setjmp: any libjpeg call may jump out, and what is allocated is kept in `r`. */
static void decode(jpeg_reader *r, const unsigned char *bytes, size_t size) {
    struct jpeg_decompress_struct *info = &r->info;
    jpeg_create_decompress(info);
    info->progress = &r->progress;
    jpeg_mem_src(info, bytes, size);
    jpeg_save_markers(info, EXIF_MARKER, 0xffff);
    jpeg_read_header(info, TRUE);
    lb_status status = image_check_budget("JPEG", info->image_width, info->image_height,
                                          r->max_pixels);
    if (status != LB_OK) give_up(r, status);
    read_orientation(r);
    choose_scale(r);
    bool cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    info->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(info);
    status = image_new(info->output_width, info->output_height, &r->picture);
    if (status == LB_OK && cmyk) status = NEW_ARRAY(r->line, (size_t)info->output_width * 4);
    if (status != LB_OK) give_up(r, status);
    read_lines(r);
}

static lb_status decode_failure(const jpeg_reader *r) {
    if (r->status != LB_OK) return r->status;
    if (r->errors.msg_code == JERR_OUT_OF_MEMORY)
        return status_fail(LB_E_NOMEM, "no memory left to decode a JPEG");
    return status_fail(LB_E_FORMAT, "damaged or cut-off JPEG: %s", r->reason);
}

lb_status image_decode_jpeg(const unsigned char *bytes, size_t size, size_t wanted,
                            size_t max_pixels, image *out) {
    jpeg_reader *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->wanted = wanted;
    r->max_pixels = max_pixels;
    r->info.err = jpeg_std_error(&r->errors);
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    r->errors.output_message = ignore_output;
    r->progress.progress_monitor = on_progress;
    r->info.client_data = r;
    lb_status status = LB_OK;
    if (setjmp(r->escape))
        status = decode_failure(r);
    else
        decode(r, bytes, size);
    jpeg_destroy_decompress(&r->info);
    if (status == LB_OK) status = image_orient(&r->picture, r->orientation);
    if (status == LB_OK)
        *out = r->picture;
    else
        image_free(&r->picture);
    free(r->line);
    free(r);
    return status;
}
