/* Small JPEG copies of photos, for pages and reports. */
#ifndef LB_MEDIA_THUMBNAIL_H
#define LB_MEDIA_THUMBNAIL_H

#include <stddef.h>

#include "media/image.h"

/* A JPEG file in memory. */
typedef struct thumbnail {
    unsigned char *jpeg; // owned
    size_t size;
    size_t width, height;
} thumbnail;

/* Encodes a picture as baseline JPEG, 4:2:0, of quality 1 to 100. The same picture gives the same
 * bytes. LB_E_ARGUMENT for a quality out of range or sides above 65,535. Free with thumbnail_free.
 */
lb_status thumbnail_encode(const image *picture, int quality, thumbnail *out);

/* Scales a picture down to fit in `side` x `side` pixels (never up) and encodes it. */
lb_status thumbnail_make(const image *picture, size_t side, int quality, thumbnail *out);

/* thumbnail_make of an image file (any format of image.h); errors begin with its path and are those
 * of image_read. */
lb_status thumbnail_read(const char *path, size_t side, int quality, thumbnail *out);

/* Frees the bytes and leaves an all-zero thumbnail; accepts one. */
void thumbnail_free(thumbnail *t);

#endif
