#include "run/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

lb_status run_output_check(const char *path) {
    if (file_is_directory(path))
        return status_fail(LB_E_ARGUMENT, "%s is a directory; give the name of a file to write",
                           path);
    char *folder = memory_string(path);
    if (!folder) return LB_E_NOMEM;
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    const char *name = !slash ? "." : *folder ? folder : "/";
    lb_status status = LB_OK;
    if (!file_is_directory(name))
        status = status_fail(LB_E_NOT_FOUND, "cannot write %s: there is no directory %s", path,
                             name);
    else if (access(name, W_OK) != 0)
        status = status_fail_errno(LB_E_IO, "cannot write %s", path);
    free(folder);
    return status;
}

void run_last_name(const char *path, char *name, size_t size) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/') begin--;
    snprintf(name, size, "%.*s", (int)(end - begin), path + begin);
}
