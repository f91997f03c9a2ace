#include "server/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct key {
    right right;
    unsigned char bytes[KEY_MOST]; // zero behind the key, so that all are compared alike
} key;

struct keys {
    size_t n;
    key key[KEYS_MOST];
};

static const char *const names[] = {"none", "read", "write", "admin"};

const char *right_name(right r) {
    return names[r];
}

static bool is_key(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x21 || text[i] > 0x7e) return false;
    return n >= KEY_LEAST && n <= KEY_MOST;
}

static bool parse_line(keys *k, const char *path, size_t number, const char *line, fault *f) {
    size_t at = strspn(line, " \t"), word = strcspn(line + at, " \t");
    if (!line[at] || line[at] == '#') return true;
    const char *text = line + at + word;
    text += strspn(text, " \t");
    size_t n = strcspn(text, " \t");
    right r = RIGHT_NONE;
    for (right i = RIGHT_READ; i <= RIGHT_ADMIN; i++)
        if (strlen(names[i]) == word && memcmp(names[i], line + at, word) == 0) r = i;
    if (!r || text[n + strspn(text + n, " \t")])
        return fault_set(f, FAULT_BAD_REQUEST,
                         "%s: line %zu: \"read KEY\", \"write KEY\" or \"admin KEY\" is wanted",
                         path, number);
    if (!is_key(text, n))
        return fault_set(f, FAULT_BAD_REQUEST,
                         "%s: line %zu: a key has %d to %d printable characters of ASCII", path,
                         number, KEY_LEAST, KEY_MOST);
    if (k->n == KEYS_MOST)
        return fault_set(f, FAULT_BAD_REQUEST, "%s: more than %d keys", path, KEYS_MOST);
    k->key[k->n].right = r;
    memcpy(k->key[k->n++].bytes, text, n);
    return true;
}

static bool parse_lines(keys *k, const char *path, FILE *in, fault *f) {
    char line[512];
    for (size_t number = 1; fgets(line, sizeof line, in); number++) {
        size_t n = strcspn(line, "\r\n");
        if (!line[n] && !feof(in))
            return fault_set(f, FAULT_BAD_REQUEST, "%s: line %zu is too long", path, number);
        line[n] = '\0';
        if (!parse_line(k, path, number, line, f)) return false;
    }
    if (ferror(in)) return fault_set(f, FAULT_INTERNAL, "%s: %s", path, strerror(errno));
    return k->n || fault_set(f, FAULT_BAD_REQUEST, "%s: there is no key in it", path);
}

static bool check_file(int file, const char *path, fault *f) {
    struct stat s;
    if (fstat(file, &s) != 0) return fault_set(f, FAULT_INTERNAL, "%s: %s", path, strerror(errno));
    if (!S_ISREG(s.st_mode)) return fault_set(f, FAULT_BAD_REQUEST, "%s: not a file", path);
    if (s.st_mode & 077)
        return fault_set(f, FAULT_BAD_REQUEST, "%s: others can read it (mode %04o): chmod 600 %s",
                         path, (unsigned)(s.st_mode & 07777), path);
    return true;
}

bool keys_open(const char *path, keys **out, fault *f) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return fault_set(f, FAULT_NOT_FOUND, "%s: %s", path, strerror(errno));
    FILE *in = check_file(file, path, f) ? fdopen(file, "r") : NULL;
    if (!in) {
        close(file);
        return false;
    }
    keys *k = calloc(1, sizeof *k);
    bool good = k ? parse_lines(k, path, in, f) : fault_set(f, FAULT_INTERNAL, "out of memory");
    fclose(in);
    if (good)
        *out = k;
    else
        keys_close(k);
    return good;
}

void keys_close(keys *k) {
    if (k) explicit_bzero(k, sizeof *k);
    free(k);
}

right keys_right(const keys *k, const char *authorization) {
    static const char scheme[] = "Bearer ";
    unsigned char shown[KEY_MOST] = {0};
    right best = RIGHT_NONE;
    if (!authorization || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return RIGHT_NONE;
    const char *text = authorization + sizeof scheme - 1;
    text += strspn(text, " ");
    size_t n = strlen(text);
    if (!is_key(text, n)) return RIGHT_NONE;
    memcpy(shown, text, n);
    for (size_t i = 0; i < k->n; i++) {
        unsigned differs = 0;
        for (size_t b = 0; b < KEY_MOST; b++) differs |= shown[b] ^ k->key[i].bytes[b];
        if (!differs && k->key[i].right > best) best = k->key[i].right;
    }
    return best;
}
