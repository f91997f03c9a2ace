#define KERNELS_TABLE math_kernels_avx512
#define KERNELS_NAME  "avx512"
#define VECTOR_BYTES  64
#include "math/kernels_body.h"
