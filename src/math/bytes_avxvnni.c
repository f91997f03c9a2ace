#define BYTES_TABLE byte_kernels_avxvnni
#define BYTES_NAME  "avxvnni"
#include "math/bytes_body.h"
