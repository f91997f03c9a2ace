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

/* The smallest of the sizes k/8 whose shorter side is at least what is wanted. */
static void choose_scale(jpeg_reader *r) {
    struct jpeg_decompress_struct *info = &r->info;
    size_t shorter = info->image_width < info->image_height ? info->image_width
                                                            : info->image_height;
    info->scale_denom = 8;
    info->scale_num = 8;
    if (!r->wanted) return;
    for (unsigned k = 1; k < 8; k++) {
        if ((shorter * k + 7) / 8 < r->wanted) continue;
        info->scale_num = k;
        return;
    }
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

static unsigned exif_u16(const unsigned char *p, bool big) {
    return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t exif_u32(const unsigned char *p, bool big) {
    uint32_t high = exif_u16(big ? p : p + 2, big), low = exif_u16(big ? p + 2 : p, big);
    return high << 16 | low;
}

unsigned image_exif_orientation(const unsigned char *segment, size_t size) {
    enum { ORIENTATION = 0x0112, SHORT = 3, ENTRY = 12 };
    if (size < 6 + 8 + 2 || memcmp(segment, "Exif\0\0", 6) != 0) return 1;
    const unsigned char *tiff = segment + 6;
    size_t length = size - 6;
    bool big = memcmp(tiff, "MM\0*", 4) == 0;
    if (!big && memcmp(tiff, "II*\0", 4) != 0) return 1;
    size_t directory = exif_u32(tiff + 4, big);
    if (directory > length - 2) return 1;
    size_t n = exif_u16(tiff + directory, big), room = (length - directory - 2) / ENTRY;
    for (size_t i = 0; i < n && i < room; i++) {
        const unsigned char *entry = tiff + directory + 2 + i * ENTRY;
        if (exif_u16(entry, big) != ORIENTATION || exif_u16(entry + 2, big) != SHORT) continue;
        unsigned value = exif_u16(entry + 8, big);
        return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

lb_status image_orient(image *picture, unsigned orientation) {
    if (orientation <= 1 || orientation > 8) return LB_OK;
    bool swap = orientation >= 5;
    bool mirror_x = orientation == 2 || orientation == 3 || orientation >= 7;
    bool mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    image turned, *in = picture;
    LB_TRY(image_new(swap ? in->height : in->width, swap ? in->width : in->height, &turned));
    for (size_t y = 0; y < turned.height; y++) {
        for (size_t x = 0; x < turned.width; x++) {
            size_t sx = swap ? y : x, sy = swap ? x : y;
            if (mirror_x) sx = in->width - 1 - sx;
            if (mirror_y) sy = in->height - 1 - sy;
            memcpy(turned.rgb + (y * turned.width + x) * 3, in->rgb + (sy * in->width + sx) * 3, 3);
        }
    }
    image_free(picture);
    *picture = turned;
    return LB_OK;
}
