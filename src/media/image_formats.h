/* What the decoders of the single formats share. For src/media/image*.c alone. */
#ifndef LB_MEDIA_IMAGE_FORMATS_H
#define LB_MEDIA_IMAGE_FORMATS_H

#include "media/image.h"

/* As image_decode, for bytes known to begin like the format. */
lb_status image_decode_jpeg(const unsigned char *bytes, size_t size, size_t wanted,
                            size_t max_pixels, image *out);
lb_status image_decode_png(const unsigned char *bytes, size_t size, size_t max_pixels, image *out);
lb_status image_decode_webp(const unsigned char *bytes, size_t size, size_t wanted,
                            size_t max_pixels, image *out);

/* How many eighths of its size a picture is decoded at: the fewest that leave the shorter side at
 * least `wanted`; 8 for a `wanted` of 0. A side becomes (side * eighths + 7) / 8. */
unsigned image_reduced_eighths(size_t width, size_t height, size_t wanted);

/* LB_E_UNSUPPORTED if a picture of that size is over the budget, LB_E_FORMAT if a side is 0. */
lb_status image_check_budget(const char *format, size_t width, size_t height, size_t max_pixels);

/* Composes (height, width, 4) RGBA with straight alpha on white, into out->rgb. */
void image_compose_on_white(const unsigned char *rgba, image *out);

/* The value of the orientation tag (1 to 8) in an EXIF block, with or without "Exif\0\0" in front;
 * 1 if there is none or the block is damaged. Layout: EXIF 2.3, section 4.6. */
unsigned image_exif_orientation(const unsigned char *bytes, size_t size);

/* The same of a whole PNG or WebP file, which keep EXIF in a chunk of its own. */
typedef enum image_chunks { IMAGE_PNG_CHUNKS, IMAGE_RIFF_CHUNKS } image_chunks;
unsigned image_chunk_orientation(const unsigned char *bytes, size_t size, image_chunks kind);

/* Turns and mirrors the picture so that an EXIF orientation of 1 to 8 becomes 1. */
lb_status image_orient(image *picture, unsigned orientation);

#endif
