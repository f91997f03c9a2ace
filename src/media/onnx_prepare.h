/*
 * How a picture becomes what a network reads: resizing, cutting out the middle, and numbers.
 *
 * Settings are "name=value"; the same names stand in the options, in a sidecar file and in the
 * identity of an encoder:
 *
 *   size    W or WxH     pixels that the network reads (W = WxW)
 *   resize  N or WxH     before that: the shorter side becomes N, proportions are kept; or both
 *                        sides become WxH, whatever the proportions. The middle of it, of `size`,
 *                        is cut out. Default: to `size`, whatever the proportions
 *   filter  bilinear, bicubic or lanczos (image.h); bilinear
 *   range   1 or 255     a white pixel's value before mean and std; 1
 *   mean, std            one number or three, in the order of the channels; 0 and 1:
 *                        x = (pixel * range / 255 - mean) / std
 *   order   rgb or bgr   of the channels; rgb
 *   tiles   0 to 4       how closely a picture is seen: beside the whole, square tiles of it, each
 *                        prepared as a picture of its own, the network's vectors averaged; for
 *                        every level up to this one tiles of 2/(level + 1) of the shorter side,
 *                        at least half of which lies in the next. 0: the whole alone
 *   output  NAME         of the network; "" = its only one
 *
 * A preset is a set of these; a sidecar is a JSON file that holds an object of them beside the
 * network, NETWORK.json for NETWORK.onnx, such as
 * {"preset": "resnet", "size": 288, "resize": [288, 288], "mean": [0.5, 0.5, 0.5]}.
 */
#ifndef LB_MEDIA_ONNX_PREPARE_H
#define LB_MEDIA_ONNX_PREPARE_H

#include <stdbool.h>

#include "media/image.h"

enum {
    PREPARATION_MAX_SIDE = 4096,
    PREPARATION_OUTPUT_SIZE = 120, // bytes of the output's name with its NUL
    PREPARATION_TEXT_SIZE = 448,   // bytes of preparation_text with its NUL
    PREPARATION_MAX_SIDECAR = 1 << 16,
    PREPARATION_MAX_TILES = 4, // levels
    PREPARATION_MAX_ROW = 16   // tiles of a level side by side, of however long a picture
};

typedef struct preparation {
    unsigned width, height;               // of what the network reads; 0 = not said yet
    unsigned resize_width, resize_height; // both: stretched to; width alone: the shorter side; none
    image_filter filter;
    double range, mean[3], std[3];
    bool bgr;
    char output[PREPARATION_OUTPUT_SIZE];
    unsigned tiles; // levels
} preparation;

/* The defaults above, without a size. */
void preparation_init(preparation *p);

/* Puts a preset in the place of all that was set but the output. LB_E_ARGUMENT lists them. */
lb_status preparation_preset(preparation *p, const char *name);

/* Name of a preset; NULL beyond the end. Static storage. */
const char *preparation_preset_name(size_t index);

/* Takes one setting. LB_E_ARGUMENT says what it may be. */
lb_status preparation_set(preparation *p, const char *setting);

/* Takes a sidecar's `size` bytes. LB_E_FORMAT: no JSON object, or a setting that is none. */
lb_status preparation_sidecar(preparation *p, const char *bytes, size_t size);

/* Whether the settings fit each other. LB_E_ARGUMENT otherwise; without a size it lists what can
 * say it. */
lb_status preparation_check(const preparation *p);

/* All settings in one order, with blanks between, `output` last and no `tiles` where it is 0: the
 * same preparation gives the same text. LB_E_ARGUMENT if it is too long. preparation_parse reads it
 * back; LB_E_FORMAT for what is none. */
lb_status preparation_text(const preparation *p, char text[PREPARATION_TEXT_SIZE]);
lb_status preparation_parse(const char *text, preparation *p);

/* For image_decode: what the decoder may reduce a picture to before. */
size_t preparation_wanted(const preparation *p);

/* The part of a picture of `width` x `height` pixels that its view `index` shows: the whole, then
 * the tiles, level by level, rows from the top. False beyond the end. Views that would show the
 * whole again are not among them. */
bool preparation_view(const preparation *p, size_t width, size_t height, size_t index,
                      image_window *out);

/* Prepares a picture into `out`, (3, height, width), or (height, width, 3) if `interleaved`. */
lb_status preparation_apply(const preparation *p, const image *picture, bool interleaved,
                            float *out);

#endif
