/* write_network FILE [FOLDER N]: a tiny network that reads pictures of 8 x 8 and gives 4 numbers;
 * and FOLDER/p0.jpg to p(N-1).jpg, all different, for the products of write_shop.
 * write_network text FILE VOCABULARY DIM: one that reads texts and gives DIM numbers, and a
 * vocabulary of the size of CLIP's. */
#include "media/network.h"
#include "media/pictures.h"
#include "media/text_network.h"
#include "text/clip_vocabulary.h"

static void write_picture(const char *folder, unsigned number) {
    char path[1024];
    image p = picture_new(48, 40);
    picture_fill(&p, 0, 0, 48, 40, 0xffffff);
    picture_fill(&p, 6 + number % 7, 5, 40, 20 + number % 17,
                 0x102030 + number * 0x050403 % 0xd0d0d0);
    file_bytes file = jpeg_store_picture(&p);
    snprintf(path, sizeof path, "%s/p%u.jpg", folder, number);
    test_write(path, file.bytes, file.size);
    free(file.bytes);
    image_free(&p);
}

static int write_reader(char **argv) {
    text_network_kind kind = text_network_clip;
    kind.dim = strtoul(argv[4], NULL, 10);
    if (kind.dim < 1 || kind.dim > TEXT_MOST_OUTPUT) return 2;
    text_network_store(&kind, argv[2]);
    made_vocabulary_store(argv[3]);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "text") == 0) return write_reader(argv);
    if (argc != 2 && argc != 4) return 2;
    network_kind kind = network_means;
    kind.shape[2] = kind.shape[3] = 8;
    network_store(&kind, argv[1]);
    unsigned long n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    for (unsigned i = 0; i < n; i++) write_picture(argv[2], i);
    return 0;
}
