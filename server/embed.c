/*
 * embed OUT PATH=FILE...: writes a C file with the bytes of each FILE, plain and packed with gzip,
 * as the table that server/assets.h declares. A program of the build, not of the product.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { MOST_BYTES = 1 << 24, GZIP_WINDOW = 15 + 16 };

typedef struct content {
    unsigned char *bytes, *packed;
    size_t n, n_packed;
} content;

static const struct {
    const char *ending, *type;
} types[] = {{".html", "text/html; charset=utf-8"},
             {".js", "text/javascript; charset=utf-8"},
             {".css", "text/css; charset=utf-8"},
             {".svg", "image/svg+xml"},
             {".png", "image/png"},
             {".webp", "image/webp"},
             {".ico", "image/x-icon"},
             {".json", "application/json"}};

static int fail(const char *path, const char *what) {
    fprintf(stderr, "embed: %s: %s\n", path, what);
    return 1;
}

static const char *type_of(const char *path) {
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].ending, ending) == 0) return types[i].type;
    return NULL;
}

static int read_file(const char *path, content *c) {
    FILE *in = fopen(path, "rb");
    if (!in) return fail(path, "cannot be read");
    c->bytes = malloc(MOST_BYTES);
    c->n = c->bytes ? fread(c->bytes, 1, MOST_BYTES, in) : 0;
    int bad = !c->bytes || ferror(in) || c->n == MOST_BYTES;
    fclose(in);
    return bad ? fail(path, "cannot be read, or is too large") : 0;
}

/* The header's time is left zero, so that the same files give the same program. */
static int pack(const char *path, content *c) {
    z_stream z;
    memset(&z, 0, sizeof z);
    if (deflateInit2(&z, 9, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(path, "cannot be packed");
    size_t room = deflateBound(&z, (uLong)c->n) + 64;
    c->packed = malloc(room);
    z.next_in = c->bytes;
    z.avail_in = (uInt)c->n;
    z.next_out = c->packed;
    z.avail_out = (uInt)room;
    int code = c->packed ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
    c->n_packed = z.total_out;
    deflateEnd(&z);
    return code == Z_STREAM_END ? 0 : fail(path, "cannot be packed");
}

/* FNV-1a. */
static unsigned long long hash(const content *c) {
    unsigned long long h = 14695981039346656037u;
    for (size_t i = 0; i < c->n; i++) h = (h ^ c->bytes[i]) * 1099511628211u;
    return h;
}

static void write_array(FILE *out, const char *kind, int index, const unsigned char *bytes,
                        size_t n) {
    fprintf(out, "static const unsigned char %s_%d[] = {", kind, index);
    for (size_t i = 0; i < n; i++) fprintf(out, "%s%u,", i % 24 ? "" : "\n", (unsigned)bytes[i]);
    fprintf(out, "0};\n");
}

static int embed(FILE *out, int index, const char *file, content *c) {
    if (read_file(file, c) || pack(file, c)) return 1;
    if (!type_of(file)) return fail(file, "a kind of file that the server has no type for");
    write_array(out, "plain", index, c->bytes, c->n);
    write_array(out, "packed", index, c->packed, c->n_packed);
    return 0;
}

int main(int argc, char **argv) {
    FILE *out = argc > 1 ? fopen(argv[1], "w") : NULL;
    content *contents = calloc((size_t)argc + 1, sizeof *contents);
    if (!out || !contents) return fail(argc > 1 ? argv[1] : "", "cannot be written");
    fprintf(out, "/* Made by server/embed.c. */\n#include \"server/assets.h\"\n\n");
    for (int i = 2; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        if (!equals) return fail(argv[i], "PATH=FILE is wanted");
        if (embed(out, i - 2, equals + 1, &contents[i])) return 1;
    }
    fprintf(out, "\nconst size_t n_assets = %d;\nconst asset assets[] = {\n", argc - 2);
    for (int i = 2; i < argc; i++) {
        const content *c = &contents[i];
        fprintf(out, "    {\"%.*s\", \"%s\", \"%016llx\", plain_%d, packed_%d, %zu, %zu},\n",
                (int)strcspn(argv[i], "="), argv[i], type_of(argv[i]), hash(c), i - 2, i - 2, c->n,
                c->n_packed);
        free(c->bytes);
        free(c->packed);
    }
    fprintf(out, "    {0, 0, 0, 0, 0, 0, 0}};\n");
    free(contents);
    return ferror(out) || fclose(out) != 0 ? fail(argv[1], "cannot be written") : 0;
}
