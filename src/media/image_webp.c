/* WebP through libwebp; animations through libwebpdemux. */
#include <webp/decode.h>
#include <webp/demux.h>

#include "core/memory.h"
#include "media/image_formats.h"

static lb_status damaged(VP8StatusCode code) {
    switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return status_fail(LB_E_NOMEM, "no memory left to decode a WebP");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return status_fail(LB_E_FORMAT, "cut-off WebP: data is missing");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return status_fail(LB_E_UNSUPPORTED, "the WebP uses a feature that libwebp lacks");
    default: return status_fail(LB_E_FORMAT, "damaged WebP (libwebp status %d)", (int)code);
    }
}

/* Decodes into (height, width, channels) bytes, which may be fewer than are stored. */
static lb_status read_still(const unsigned char *bytes, size_t size, const image *picture,
                            unsigned char *pixels, size_t channels) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return status_fail(LB_E_UNSUPPORTED, "libwebp is of another version than its headers");
    config.options.use_scaling = channels == 3; // what is transparent has a colour, too, to bleed
    config.options.scaled_width = (int)picture->width;
    config.options.scaled_height = (int)picture->height;
    config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = (int)(picture->width * channels);
    config.output.u.RGBA.size = picture->width * picture->height * channels;
    VP8StatusCode code = WebPDecode(bytes, size, &config);
    WebPFreeDecBuffer(&config.output);
    return code == VP8_STATUS_OK ? LB_OK : damaged(code);
}

static lb_status read_transparent(const unsigned char *bytes, size_t size, image *picture) {
    unsigned char *rgba;
    LB_TRY(NEW_ARRAY(rgba, picture->width * picture->height * 4));
    lb_status status = read_still(bytes, size, picture, rgba, 4);
    if (status == LB_OK) image_compose_on_white(rgba, picture);
    free(rgba);
    return status;
}

static lb_status read_first_frame(const unsigned char *bytes, size_t size, image *picture) {
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options))
        return status_fail(LB_E_UNSUPPORTED, "libwebpdemux is of another version than its headers");
    options.color_mode = MODE_RGBA;
    WebPData data = {bytes, size};
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    WebPAnimInfo info;
    uint8_t *rgba; // owned by the decoder
    int time_ms;
    lb_status status = LB_OK;
    if (decoder && WebPAnimDecoderGetInfo(decoder, &info) && info.canvas_width == picture->width &&
        info.canvas_height == picture->height && WebPAnimDecoderGetNext(decoder, &rgba, &time_ms))
        image_compose_on_white(rgba, picture);
    else
        status = status_fail(LB_E_FORMAT, "damaged or cut-off WebP animation");
    WebPAnimDecoderDelete(decoder);
    return status;
}

/* Only pictures without transparency and movement are reduced. */
static lb_status new_picture(const WebPBitstreamFeatures *f, size_t wanted, image *out) {
    size_t width = (size_t)f->width, height = (size_t)f->height;
    unsigned eighths = f->has_animation || f->has_alpha
                           ? 8
                           : image_reduced_eighths(width, height, wanted);
    return image_new((width * eighths + 7) / 8, (height * eighths + 7) / 8, out);
}

lb_status image_decode_webp(const unsigned char *bytes, size_t size, size_t wanted,
                            size_t max_pixels, image *out) {
    WebPBitstreamFeatures features;
    VP8StatusCode code = WebPGetFeatures(bytes, size, &features);
    if (code != VP8_STATUS_OK) return damaged(code);
    LB_TRY(image_check_budget("WebP", (size_t)features.width, (size_t)features.height, max_pixels));
    image picture;
    LB_TRY(new_picture(&features, wanted, &picture));
    lb_status status;
    if (features.has_animation)
        status = read_first_frame(bytes, size, &picture);
    else if (features.has_alpha)
        status = read_transparent(bytes, size, &picture);
    else
        status = read_still(bytes, size, &picture, picture.rgb, 3);
    if (status == LB_OK)
        status = image_orient(&picture, image_chunk_orientation(bytes, size, IMAGE_RIFF_CHUNKS));
    if (status == LB_OK)
        *out = picture;
    else
        image_free(&picture);
    return status;
}
