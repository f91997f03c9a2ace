/* What the decoders of the single formats share. For src/media/image*.c alone. */
#ifndef LB_MEDIA_IMAGE_FORMATS_H
#define LB_MEDIA_IMAGE_FORMATS_H

#include "media/image.h"

/* As image_decode, for bytes known to begin like the format. */
lb_status image_decode_jpeg(const unsigned char *bytes, size_t size, size_t wanted,
                            size_t max_pixels, image *out);
lb_status image_decode_png(const unsigned char *bytes, size_t size, size_t max_pixels, image *out);
lb_status image_decode_webp(const unsigned char *bytes, size_t size, size_t max_pixels, image *out);

/* LB_E_UNSUPPORTED if a picture of that size is over the budget, LB_E_FORMAT if a side is 0. */
lb_status image_check_budget(const char *format, size_t width, size_t height, size_t max_pixels);

/* Composes (height, width, 4) RGBA with straight alpha on white, into out->rgb. */
void image_compose_on_white(const unsigned char *rgba, image *out);

/* The value of an EXIF orientation tag (1 to 8) in a JPEG APP1 segment; 1 if there is none or the
 * segment is damaged. Layout: EXIF 2.3, section 4.6. */
unsigned image_exif_orientation(const unsigned char *segment, size_t size);

/* Turns and mirrors the picture so that an EXIF orientation of 1 to 8 becomes 1. */
lb_status image_orient(image *picture, unsigned orientation);

#endif
