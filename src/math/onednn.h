/*
 * What every use of oneDNN goes through: the limit on its instruction set and the guard that keeps
 * its OpenMP runtime from forming teams. Both major versions (2.x and 3.x) are supported.
 */
#ifndef LB_MATH_ONEDNN_H
#define LB_MATH_ONEDNN_H

#include "core/status.h"

/* Limits oneDNN to the path of that name; "avx512" leaves it all the CPU has (bf16, AMX).
 * LB_E_UNSUPPORTED if oneDNN was used before with another limit: it settles on first use. */
lb_status onednn_limit(const char *path);

/* Brackets calls into oneDNN: from enter to leave this thread's OpenMP regions have one thread, so
 * no team is formed and sums have one order. Pass to leave what enter returned. */
int onednn_enter(void);
void onednn_leave(int saved);

/* A dnnl_status_t as an lb_status, with the error text set. */
lb_status onednn_check(unsigned dnnl_status, const char *what);

#endif
