#include "data/stream_gzip.h"

#include "core/memory.h"

#ifdef LB_HAVE_ISAL

#include <isa-l/igzip_lib.h>

struct gunzip {
    struct inflate_state state;
};

void gunzip_restart(gunzip *g) {
    isal_inflate_reset(&g->state);
    g->state.crc_flag = ISAL_GZIP;
}

lb_status gunzip_new(gunzip **out) {
    gunzip *g;
    LB_TRY(NEW_ARRAY(g, 1));
    isal_inflate_init(&g->state);
    gunzip_restart(g);
    *out = g;
    return LB_OK;
}

void gunzip_free(gunzip *g) {
    free(g);
}

bool gunzip_step(gunzip *g, const unsigned char *input, size_t *input_size, unsigned char *out,
                 size_t *out_size, bool *member_end) {
    struct inflate_state *s = &g->state;
    s->next_in = (uint8_t *)(uintptr_t)input; // ISA-L reads only, its type lacks the const
    s->avail_in = (uint32_t)*input_size;
    s->next_out = out;
    s->avail_out = (uint32_t)*out_size;
    int result = isal_inflate(s);
    *input_size -= s->avail_in;
    *out_size -= s->avail_out;
    *member_end = s->block_state == ISAL_BLOCK_FINISH;
    return result == ISAL_DECOMP_OK || result == ISAL_END_INPUT || result == ISAL_OUT_OVERFLOW;
}

const char *gunzip_engine(void) {
    return "ISA-L";
}

#else

#include <zlib.h>

struct gunzip {
    z_stream state;
};

enum { GZIP_ONLY = 16 }; // added to the window bits: expect a gzip header and check its trailer

lb_status gunzip_new(gunzip **out) {
    gunzip *g;
    LB_TRY(NEW_ARRAY(g, 1));
    if (inflateInit2(&g->state, MAX_WBITS + GZIP_ONLY) != Z_OK) {
        free(g);
        return status_fail(LB_E_NOMEM, "out of memory for reading gzip data");
    }
    *out = g;
    return LB_OK;
}

void gunzip_free(gunzip *g) {
    if (g) inflateEnd(&g->state);
    free(g);
}

void gunzip_restart(gunzip *g) {
    inflateReset(&g->state);
}

bool gunzip_step(gunzip *g, const unsigned char *input, size_t *input_size, unsigned char *out,
                 size_t *out_size, bool *member_end) {
    z_stream *s = &g->state;
    s->next_in = (Bytef *)(uintptr_t)input;
    s->avail_in = (uInt)*input_size;
    s->next_out = out;
    s->avail_out = (uInt)*out_size;
    int result = inflate(s, Z_NO_FLUSH);
    *input_size -= s->avail_in;
    *out_size -= s->avail_out;
    *member_end = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

const char *gunzip_engine(void) {
    return "zlib";
}

#endif
