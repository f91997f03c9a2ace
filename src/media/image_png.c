/* PNG through libpng's simplified interface, which needs no setjmp and prints nothing. */
#include <png.h>

#include "core/memory.h"
#include "media/image_formats.h"

static lb_status damaged(const png_image *png) {
    return status_fail(LB_E_FORMAT, "damaged or cut-off PNG: %s", png->message);
}

static lb_status read_opaque(png_image *png, image *picture) {
    png->format = PNG_FORMAT_RGB;
    return png_image_finish_read(png, NULL, picture->rgb, 0, NULL) ? LB_OK : damaged(png);
}

static lb_status read_transparent(png_image *png, image *picture) {
    unsigned char *rgba;
    LB_TRY(NEW_ARRAY(rgba, picture->width * picture->height * 4));
    png->format = PNG_FORMAT_RGBA;
    lb_status status = LB_OK;
    if (png_image_finish_read(png, NULL, rgba, 0, NULL))
        image_compose_on_white(rgba, picture);
    else
        status = damaged(png);
    free(rgba);
    return status;
}

lb_status image_decode_png(const unsigned char *bytes, size_t size, size_t max_pixels, image *out) {
    lb_status status = LB_OK;
    image picture = {0, 0, NULL};
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&png, bytes, size)) {
        status = damaged(&png);
        goto cleanup;
    }
    LB_TRY_CLEANUP(image_check_budget("PNG", png.width, png.height, max_pixels));
    LB_TRY_CLEANUP(image_new(png.width, png.height, &picture));
    // Without it, 16-bit files that do not name their gamma are taken as linear light.
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    if (png.format & PNG_FORMAT_FLAG_ALPHA)
        LB_TRY_CLEANUP(read_transparent(&png, &picture));
    else
        LB_TRY_CLEANUP(read_opaque(&png, &picture));
    LB_TRY_CLEANUP(image_orient(&picture, image_chunk_orientation(bytes, size, IMAGE_PNG_CHUNKS)));
    *out = picture;
    picture.rgb = NULL;
cleanup:
    png_image_free(&png);
    free(picture.rgb);
    return status;
}
