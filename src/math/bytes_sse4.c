#define BYTES_TABLE byte_kernels_sse4
#define BYTES_NAME  "sse4"
#include "math/bytes_body.h"
