#define KERNELS_TABLE math_kernels_neon
#define KERNELS_NAME  "neon"
#define VECTOR_BYTES  16
#include "math/kernels_body.h"
