/* A file that an option names, whole. */
#ifndef LOOKBOOK_CLI_READ_FILE_H
#define LOOKBOOK_CLI_READ_FILE_H

#include "cli.h"

/* Reads a file of at most 256 MiB; free *bytes with free(). Says what is wrong and returns
 * CLI_FAILED otherwise. */
int cli_read_file(cli *c, const char *path, void **bytes, size_t *size);

#endif
