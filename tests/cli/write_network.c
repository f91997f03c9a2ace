/* write_network FILE: a tiny network that reads pictures of 8 x 8 and gives 4 numbers. */
#include "media/network.h"

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    network_kind kind = network_means;
    kind.shape[2] = kind.shape[3] = 8;
    network_store(&kind, argv[1]);
    return 0;
}
