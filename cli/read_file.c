#include "read_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_MIB = 256 };

static int read_open(cli *c, const char *path, FILE *f, void **bytes, size_t *size) {
    struct stat info;
    if (fstat(fileno(f), &info) != 0 || !S_ISREG(info.st_mode))
        return cli_fail(c, "%s: not a file", path);
    if (info.st_size > (off_t)MOST_MIB << 20)
        return cli_fail(c, "%s: larger than %d MiB", path, MOST_MIB);
    size_t room = (size_t)info.st_size;
    void *block = malloc(room + 1);
    if (!block) return cli_fail(c, "%s: out of memory", path);
    size_t n = fread(block, 1, room, f);
    if (ferror(f) || !n) {
        free(block);
        return cli_fail(c, "%s: %s", path, ferror(f) ? strerror(errno) : "the file is empty");
    }
    *bytes = block;
    *size = n;
    return CLI_DONE;
}

int cli_read_file(cli *c, const char *path, void **bytes, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f) return cli_fail(c, "%s: %s", path, strerror(errno));
    int code = read_open(c, path, f, bytes, size);
    fclose(f);
    return code;
}
