#include "math/cpu.h"

#include <string.h>

#include "math/onednn.h"

extern const math_kernels math_kernels_scalar;
#if defined(__x86_64__)
extern const math_kernels math_kernels_avx2, math_kernels_avx512;
#elif defined(__aarch64__)
extern const math_kernels math_kernels_neon;
#endif

_Atomic(const math_kernels *) math_active;

static int always(void) {
    return 1;
}

#if defined(__x86_64__)
static int has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

/* Slowest first. */
static const struct {
    const math_kernels *table;
    int (*supported)(void);
} paths[] = {
    {&math_kernels_scalar, always},
#if defined(__x86_64__)
    {&math_kernels_avx2, has_avx2},
    {&math_kernels_avx512, has_avx512},
#elif defined(__aarch64__)
    {&math_kernels_neon, always},
#endif
};

enum { N_PATHS = sizeof paths / sizeof *paths };

const math_kernels *math_path(size_t i) {
    return i < N_PATHS && paths[i].supported() ? paths[i].table : NULL;
}

static const math_kernels *best_path(void) {
    const math_kernels *best = paths[0].table;
    for (size_t i = 0; i < N_PATHS; i++)
        if (paths[i].supported()) best = paths[i].table;
    return best;
}

const math_kernels *math_find(const char *name) {
    if (strcmp(name, "auto") == 0) return best_path();
    for (size_t i = 0; i < N_PATHS; i++)
        if (strcmp(name, paths[i].table->name) == 0)
            return paths[i].supported() ? paths[i].table : NULL;
    return NULL;
}

const math_kernels *math_choose(void) {
    const math_kernels *expected = NULL, *best = best_path();
    // Whoever comes second keeps what the first has stored.
    if (!atomic_compare_exchange_strong(&math_active, &expected, best)) return expected;
    return best;
}

lb_status lb_isa_select(const char *name) {
    if (!name) return status_fail(LB_E_ARGUMENT, "no name of an instruction set was given");
    const math_kernels *table = math_find(name);
    if (!table) {
        static const char *const known[] = {"scalar", "avx2", "avx512", "neon"};
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(name, known[i]) == 0)
                return status_fail(LB_E_UNSUPPORTED,
                                   "this machine cannot run \"%s\"; use auto or %s", name,
                                   best_path()->name);
        return status_fail(LB_E_ARGUMENT,
                           "\"%s\" is no instruction set: auto, scalar, avx2, avx512 or neon",
                           name);
    }
    LB_TRY(onednn_limit(table->name));
    atomic_store_explicit(&math_active, table, memory_order_release);
    return LB_OK;
}

const char *lb_isa_name(void) {
    return math_table()->name;
}
