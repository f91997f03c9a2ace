#define BYTES_TABLE byte_kernels_avx2
#define BYTES_NAME  "avx2"
#include "math/bytes_body.h"
