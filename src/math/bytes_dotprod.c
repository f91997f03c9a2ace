#define BYTES_TABLE byte_kernels_dotprod
#define BYTES_NAME  "dotprod"
#include "math/bytes_body.h"
