#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "store/safetensors.h"

static lb_status find_part(const st_reader *r, const char *name, const char *part, st_dtype dtype,
                           size_t *n, const void **data) {
    size_t room = strlen(name) + strlen(part) + 1;
    char *full;
    LB_TRY(NEW_ARRAY(full, room));
    snprintf(full, room, "%s%s", name, part);
    *n = ST_ANY;
    lb_status status = st_reader_find(r, full, dtype, 1, n, data);
    free(full);
    return status;
}

lb_status st_reader_strings(const st_reader *r, const char *name, st_strings *out) {
    const void *bytes, *data;
    size_t n_bytes, n_offsets;
    LB_TRY(find_part(r, name, ".bytes", ST_U8, &n_bytes, &bytes));
    LB_TRY(find_part(r, name, ".offsets", ST_I64, &n_offsets, &data));
    const int64_t *offsets = data;
    if (n_offsets == 0 || offsets[0] != 0 || (uint64_t)offsets[n_offsets - 1] != n_bytes)
        return status_fail(LB_E_FORMAT, "strings \"%s\": the offsets do not span the %zu bytes",
                           name, n_bytes);
    for (size_t i = 1; i < n_offsets; i++)
        if (offsets[i] < offsets[i - 1])
            return status_fail(LB_E_FORMAT, "strings \"%s\": offset %zu runs backwards", name, i);
    *out = (st_strings){bytes, offsets, n_offsets - 1};
    return LB_OK;
}
