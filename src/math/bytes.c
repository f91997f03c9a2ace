#include "math/bytes.h"

#include <stdbool.h>
#include <string.h>

#include "math/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

extern const byte_kernels byte_kernels_scalar;
#if defined(__x86_64__)
extern const byte_kernels byte_kernels_sse4, byte_kernels_avx2, byte_kernels_avxvnni,
    byte_kernels_avx512vnni;
#elif defined(__aarch64__)
extern const byte_kernels byte_kernels_neon, byte_kernels_dotprod;
#endif

static bool always(void) {
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void) {
    return math_find("avx2") != NULL;
}

static bool has_avxvnni(void) {
    unsigned a = 0, b, c, d; // by its bit, as not every compiler knows its name
    return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && a & 1u << 4;
}

static bool has_avx512vnni(void) {
    return math_find("avx512") && __builtin_cpu_supports("avx512vnni");
}
#elif defined(__aarch64__)
static bool has_dotprod(void) {
#if defined(__linux__)
    enum { DOTPROD = 1 << 20 }; // HWCAP_ASIMDDP, which older headers lack
    return getauxval(AT_HWCAP) & DOTPROD;
#else
    return false;
#endif
}
#endif

/* Slowest first, with the path that allows each. */
static const struct {
    const byte_kernels *table;
    const char *path;
    bool (*supported)(void);
} kinds[] = {
    {&byte_kernels_scalar, "scalar", always},
#if defined(__x86_64__)
    {&byte_kernels_sse4, "scalar", always}, // the floor of what is built for x86-64
    {&byte_kernels_avx2, "avx2", has_avx2},
    {&byte_kernels_avxvnni, "avx2", has_avxvnni},
    {&byte_kernels_avx512vnni, "avx512", has_avx512vnni},
#elif defined(__aarch64__)
    {&byte_kernels_neon, "neon", always},
    {&byte_kernels_dotprod, "neon", has_dotprod},
#endif
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

const byte_kernels *bytes_path(size_t i) {
    for (size_t k = 0; k < N_KINDS; k++)
        if (kinds[k].supported() && i-- == 0) return kinds[k].table;
    return NULL;
}

/* How fast a path is: its place among those of cpu.h. */
static size_t rank_of(const char *path) {
    size_t rank = 0;
    while (math_path(rank) && strcmp(math_path(rank)->name, path) != 0) rank++;
    return rank;
}

const byte_kernels *bytes_table(void) {
    size_t allowed = rank_of(math_table()->name);
    const byte_kernels *best = kinds[0].table;
    for (size_t k = 0; k < N_KINDS; k++)
        if (rank_of(kinds[k].path) <= allowed && kinds[k].supported()) best = kinds[k].table;
    return best;
}
