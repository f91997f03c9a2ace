#include "math/onednn.h"

#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
/* From the OpenMP runtime that oneDNN brings; <omp.h> is not installed with every compiler. */
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int n);
#endif

int onednn_enter(void) {
#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
    int saved = omp_get_max_threads();
    if (saved != 1) omp_set_num_threads(1);
    return saved;
#else
    return 1;
#endif
}

void onednn_leave(int saved) {
#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
    if (saved != 1) omp_set_num_threads(saved);
#else
    (void)saved;
#endif
}

lb_status onednn_limit(const char *path) {
#if defined(__x86_64__)
    dnnl_cpu_isa_t limit = (dnnl_cpu_isa_t)0; // none
    if (strcmp(path, "scalar") == 0) limit = dnnl_cpu_isa_sse41;
    if (strcmp(path, "avx2") == 0) limit = dnnl_cpu_isa_avx2;
    if (limit && dnnl_set_max_cpu_isa(limit) == dnnl_success) return LB_OK;
    // Either it has settled, or it shall use all there is. Fine if that is what it does.
    dnnl_cpu_isa_t settled = dnnl_get_effective_cpu_isa();
    if (limit ? settled == limit : settled > dnnl_cpu_isa_avx2) return LB_OK;
    return status_fail(LB_E_UNSUPPORTED,
                       "%s: oneDNN has settled on another instruction set; choose the path before "
                       "anything else",
                       path);
#else
    (void)path;
    return LB_OK;
#endif
}

lb_status onednn_check(unsigned dnnl_status, const char *what) {
    switch ((dnnl_status_t)dnnl_status) {
    case dnnl_success: return LB_OK;
    case dnnl_out_of_memory: return status_fail(LB_E_NOMEM, "%s: out of memory", what);
    case dnnl_unimplemented:
        return status_fail(LB_E_UNSUPPORTED, "%s: oneDNN has no kernel for this CPU", what);
    default: return status_fail(LB_E_ARGUMENT, "%s: oneDNN error %u", what, dnnl_status);
    }
}
