#define BYTES_TABLE byte_kernels_avx512vnni
#define BYTES_NAME  "avx512vnni"
#include "math/bytes_body.h"
