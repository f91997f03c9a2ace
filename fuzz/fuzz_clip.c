/* Any bytes at all as a text for CLIP's tokenizer or, behind a first byte "v", as the start of a
 * vocabulary, whose other lines are the test vocabulary's. The corpus in fuzz/corpus/clip is run by
 * ctest; to search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
 *         -Iinclude -Isrc -Itests fuzz/fuzz_clip.c src/text/clip_*.c src/core/?*.c -lpthread -lm \
 *         -o fuzz_clip
 *   ./fuzz_clip -max_len=4096 NEW_CORPUS fuzz/corpus/clip
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/clip_tokens.h"
#include "text/clip_vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand(int condition) {
    if (!condition) abort();
}

/* Lines of the input, then nothing. */
static lb_status next_line(void *context, char **line) {
    char **rest = context;
    *line = *rest;
    if (!*rest) return LB_OK;
    char *end = strchr(*rest, '\n');
    if (end) *end++ = '\0';
    *rest = end;
    return LB_OK;
}

static void read_vocabulary(char *text) {
    clip_tokens *tokens;
    demand(clip_tokens_read("fuzz", next_line, &text, &tokens) == LB_E_FORMAT);
    demand(strstr(lb_last_error(), "fuzz: not CLIP's vocabulary") != NULL);
}

static void encode(const clip_tokens *tokens, const char *text) {
    uint32_t out[CLIP_CONTEXT], again[CLIP_CONTEXT];
    size_t n, n_again;
    char *back;
    demand(clip_tokens_encode(tokens, text, out, &n) == LB_OK);
    demand(clip_tokens_encode(tokens, text, again, &n_again) == LB_OK);
    demand(n == n_again && memcmp(out, again, sizeof out) == 0);
    demand(n >= 2 && n <= CLIP_CONTEXT && out[0] == CLIP_START && out[n - 1] == CLIP_END);
    for (size_t i = 0; i < CLIP_CONTEXT; i++) demand(i < n ? out[i] < CLIP_TOKENS : out[i] == 0);
    demand(clip_tokens_text(tokens, out, n, &back) == LB_OK);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static clip_tokens *tokens; // takes too long to be read for every input
    made_vocabulary made = {0};
    if (!tokens) demand(clip_tokens_read("made", made_next_line, &made, &tokens) == LB_OK);
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, bytes, size);
    text[size] = '\0';
    if (*text == 'v')
        read_vocabulary(text + 1);
    else
        encode(tokens, text);
    free(text);
    return 0;
}
