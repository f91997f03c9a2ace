#define KERNELS_TABLE math_kernels_scalar
#define KERNELS_NAME  "scalar"
#define VECTOR_BYTES  16
#include "math/kernels_body.h"
