/* Incremental gzip decompression: ISA-L where the build has it, zlib elsewhere. */
#ifndef LB_DATA_STREAM_GZIP_H
#define LB_DATA_STREAM_GZIP_H

#include <stdbool.h>

#include "core/status.h"

typedef struct gunzip gunzip;

lb_status gunzip_new(gunzip **out);
void gunzip_free(gunzip *g); // accepts NULL

/* Decompresses from input[0..*input_size) into out[0..*out_size) and sets both sizes to what was
 * used. *member_end says that a gzip member ended here, its checksum and length verified; call
 * gunzip_restart before the next member. Returns false when the data are damaged. */
bool gunzip_step(gunzip *g, const unsigned char *input, size_t *input_size, unsigned char *out,
                 size_t *out_size, bool *member_end);
void gunzip_restart(gunzip *g);

/* "ISA-L" or "zlib". */
const char *gunzip_engine(void);

#endif
