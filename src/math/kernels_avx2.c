#define KERNELS_TABLE math_kernels_avx2
#define KERNELS_NAME  "avx2"
#define VECTOR_BYTES  32
#include "math/kernels_body.h"
