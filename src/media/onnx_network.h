/* A network from an ONNX file, run by ONNX Runtime: one picture or text in, one vector out. */
#ifndef LB_MEDIA_ONNX_NETWORK_H
#define LB_MEDIA_ONNX_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

typedef struct onnx_network onnx_network;

/* What a network is loaded for. */
typedef struct onnx_use {
    const char *library;  // path of ONNX Runtime; NULL = the system's
    const char *output;   // name of the output, or of a value within the network; "" = its only one
    size_t width, height; // of the pictures it will be given; or
    size_t tokens;        // numbers of each text; 0 = it reads pictures
} onnx_use;

/* Loads the library and a network from memory (which may go away afterwards) and runs it once. A
 * network is good that takes one float32 input, (n, 3, height, width) or (n, height, width, 3) with
 * n = 1 or open, and gives a float32 vector, (1, dim) with dimensions of 1 allowed behind. One that
 * reads texts takes int64 or int32 (n, tokens), and may take an attention mask beside it.
 *
 * LB_E_UNSUPPORTED: no library, one that is not ONNX Runtime or too old, a network that it cannot
 * run or of another kind; LB_E_NOT_FOUND: no library at the path, or no such output;
 * LB_E_ARGUMENT: several outputs and none is named; LB_E_FORMAT: not an ONNX network;
 * LB_E_MISMATCH: the network takes pictures or texts of another size; LB_E_NUMERIC: see
 * onnx_network_run. */
lb_status onnx_network_open(const void *bytes, size_t size, const onnx_use *use,
                            onnx_network **out);
void onnx_network_close(onnx_network *n); // accepts NULL

size_t onnx_network_dim(const onnx_network *n);

/* Whether a pixel's three values lie side by side, (height, width, 3), and not in planes. */
bool onnx_network_interleaved(const onnx_network *n);

/* Runs the network on one picture, `tensor` (3, height, width) or (height, width, 3), on this
 * thread alone; `out` is (dim). LB_E_NUMERIC if the result is not finite. Thread-safe; the result
 * depends on the picture alone. */
lb_status onnx_network_run(const onnx_network *n, float *tensor, float *out);

/* The same for a text of `tokens` numbers, `used` of which are its own and count in a mask. */
lb_status onnx_network_read(const onnx_network *n, const uint32_t *tokens, size_t used, float *out);

#endif
