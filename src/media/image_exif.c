/* Which way up a picture is: the orientation that a camera stores beside it. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "media/image_formats.h"

static unsigned exif_u16(const unsigned char *p, bool big) {
    return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t exif_u32(const unsigned char *p, bool big) {
    uint32_t high = exif_u16(big ? p : p + 2, big), low = exif_u16(big ? p + 2 : p, big);
    return high << 16 | low;
}

unsigned image_exif_orientation(const unsigned char *bytes, size_t size) {
    enum { ORIENTATION = 0x0112, SHORT = 3, ENTRY = 12, PREFIX = 6, HEAD = 8 };
    bool prefixed = size >= PREFIX && memcmp(bytes, "Exif\0\0", PREFIX) == 0;
    const unsigned char *tiff = prefixed ? bytes + PREFIX : bytes;
    size_t length = prefixed ? size - PREFIX : size;
    if (length < HEAD + 2) return 1;
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

unsigned image_chunk_orientation(const unsigned char *bytes, size_t size, image_chunks kind) {
    bool png = kind == IMAGE_PNG_CHUNKS;
    // PNG: length, type, data, checksum, from byte 8 on. RIFF: type, length, data, padding,
    // from 12.
    size_t at = png ? 8 : 12, behind = png ? 4 : 0;
    while (at < size && size - at >= 8) {
        size_t length = exif_u32(bytes + at + (png ? 0 : 4), png);
        const unsigned char *type = bytes + at + (png ? 4 : 0);
        if (length > size - at - 8) return 1;
        if (memcmp(type, png ? "eXIf" : "EXIF", 4) == 0)
            return image_exif_orientation(bytes + at + 8, length);
        if (!png) behind = length % 2;
        if (size - at - 8 - length < behind) return 1;
        at += 8 + length + behind;
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
