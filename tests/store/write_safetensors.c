/* Writes the small model file that read_safetensors.py reads: write_safetensors FILE. */
#include <stdio.h>

#include "store/safetensors.h"

static lb_status write_example(const char *path) {
    static const float vectors[6] = {1, 2, 3, -4, 0.5f, 1e-3f};
    static const uint8_t flags[3] = {1, 0, 255};
    static const uint32_t rows[2] = {7, 4000000000u};
    static const int64_t big[1] = {-9000000000};
    static const double lambda = 0.125;
    static const uint16_t bf16[2] = {0x3f80, 0xc000}, f16[2] = {0x3c00, 0xc000}; // 1 and -2
    static const char *const ids[] = {"B0001", "", "caf\xc3\xa9 \"x\"\n"};
    const size_t two = 2, three = 3, one = 1, shape[] = {2, 3}, none[] = {0, 5};
    st_writer *w;
    LB_TRY(st_writer_new(&w));
    lb_status status = st_writer_tensor(w, "flags", ST_U8, &three, 1, flags);
    if (!status) status = st_writer_tensor(w, "product.vectors", ST_F32, shape, 2, vectors);
    if (!status) status = st_writer_tensor(w, "rows", ST_U32, &two, 1, rows);
    if (!status) status = st_writer_tensor(w, "big", ST_I64, &one, 1, big);
    if (!status) status = st_writer_tensor(w, "lambda", ST_F64, NULL, 0, &lambda);
    if (!status) status = st_writer_tensor(w, "bf16", ST_BF16, &two, 1, bf16);
    if (!status) status = st_writer_tensor(w, "f16", ST_F16, &two, 1, f16);
    if (!status) status = st_writer_tensor(w, "nothing", ST_F32, none, 2, NULL);
    if (!status) status = st_writer_strings(w, "ids", ids, 3);
    if (!status) status = st_writer_metadata(w, "model", "vasg");
    if (!status) status = st_writer_metadata(w, "note", "a \"quoted\" line\nand na\xc3\xafve");
    if (!status) status = st_writer_save(w, path);
    st_writer_free(w);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    if (write_example(argv[1]) == LB_OK) return 0;
    fprintf(stderr, "%s\n", lb_last_error());
    return 1;
}
