/* The checksum of model files: FNV-1a (Fowler, Noll, Vo) over 8-byte words in four lanes. Each step
 * is a bijection of the state, so a change confined to one word always changes the sum. It guards
 * against damage, not against intent. */
#ifndef LB_STORE_CHECKSUM_H
#define LB_STORE_CHECKSUM_H

#include "store/safetensors.h"

/* The sum over any bytes and their number, continued from `state` (0 to start with). */
uint64_t checksum_bytes(uint64_t state, const void *bytes, size_t size);

/* The sum of a tensor (name, type, shape, bytes) and of a metadata entry. A file's checksum is
 * these added up, so that it does not depend on the order in which a header lists them. */
uint64_t checksum_tensor(const st_tensor *tensor);
uint64_t checksum_metadata(const char *key, const char *value);

/* The sum as 16 hex digits and a NUL. */
void checksum_text(uint64_t state, char out[17]);

#endif
