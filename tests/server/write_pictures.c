/* write_pictures FOLDER: pictures at the ends of what may come over HTTP, and beyond. */
#include "media/pictures.h"

enum { LONG = 20000, BROAD = 1000 };

static void store(const char *folder, const char *name, file_bytes file) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write(path, file.bytes, file.size);
    free(file.bytes);
}

static void store_ones(const char *folder) {
    image p = picture_draw(1, 1);
    store(folder, "one.jpg", jpeg_store_picture(&p));
    store(folder, "one.png", png_store_picture(&p));
    store(folder, "one.webp", webp_store(&p, 1));
    image_free(&p);
}

/* As large as is read: 20,000 pixels by 1,000, and by 1. */
static void store_long(const char *folder) {
    image p = picture_draw(LONG, BROAD);
    store(folder, "long.jpg", jpeg_store_picture(&p));
    image_free(&p);
    p = picture_draw(LONG, 1);
    store(folder, "line.jpg", jpeg_store_picture(&p));
    image_free(&p);
    p = picture_draw(1, LONG);
    store(folder, "line.png", png_store_picture(&p));
    image_free(&p);
}

/* 400 megapixels in a few kilobytes: a PNG that is what it says, and a JPEG that only says so. */
static void store_huge(const char *folder) {
    unsigned char *rows = calloc(LONG, LONG / 8);
    assert_non_null(rows);
    store(folder, "huge.png", png_store(rows, LONG, LONG, 1, PNG_COLOR_TYPE_GRAY, 0));
    free(rows);
    image p = picture_draw(16, 16);
    file_bytes file = jpeg_store_picture(&p);
    for (size_t i = 0; i + 9 < file.size; i++)
        if (file.bytes[i] == 0xff && file.bytes[i + 1] == 0xc0) { // the frame: its height, width
            file.bytes[i + 5] = file.bytes[i + 7] = LONG >> 8;
            file.bytes[i + 6] = file.bytes[i + 8] = LONG & 255;
        }
    store(folder, "huge.jpg", file);
    image_free(&p);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    store_ones(argv[1]);
    store_long(argv[1]);
    store_huge(argv[1]);
    return 0;
}
