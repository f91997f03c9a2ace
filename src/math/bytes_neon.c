#define BYTES_TABLE byte_kernels_neon
#define BYTES_NAME  "neon"
#include "math/bytes_body.h"
