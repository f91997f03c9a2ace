/* Progress on standard error: a bar on a terminal, now and then a line elsewhere. */
#include <string.h>
#include <time.h>

#include "cli.h"

static const double LINE_SECONDS = 5; // between two lines of one stage
static const double RATE_SECONDS = 1; // before a rate means something, or a stage is worth a line

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* 1234567 -> "1.2M": three digits are all that a rate is worth. */
static void print_amount(double amount) {
    const char *unit = "";
    if (amount >= 1e9)
        amount /= 1e9, unit = "G";
    else if (amount >= 1e6)
        amount /= 1e6, unit = "M";
    else if (amount >= 1e4)
        amount /= 1e3, unit = "k";
    fprintf(stderr, *unit && amount < 100 ? "%.1f%s" : "%.0f%s", amount, unit);
}

static void print_seconds(double seconds) {
    long whole = (long)(seconds + 0.5);
    if (whole >= 3600)
        fprintf(stderr, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        fprintf(stderr, "%ld:%02ld", whole / 60, whole % 60);
}

/* "12.3k of 45.6k pairs, 3.1k/s, 0:11 left" */
static void print_state(const cli_progress *state, const lb_progress *p, double at) {
    double elapsed = at - state->began;
    double rate = elapsed > 0 ? (double)(p->done - state->first) / elapsed : 0;
    print_amount((double)p->done);
    if (p->total) {
        fputs(" of ", stderr);
        print_amount((double)p->total);
    }
    fprintf(stderr, " %s", p->unit ? p->unit : "");
    if (elapsed < RATE_SECONDS || rate <= 0) return;
    fputs(", ", stderr);
    print_amount(rate);
    fputs("/s", stderr);
    if (!p->total || p->done >= p->total) return;
    fputs(", ", stderr);
    print_seconds((double)(p->total - p->done) / rate);
    fputs(" left", stderr);
}

static void draw_bar(cli_progress *state, const lb_progress *p, double at) {
    enum { WIDTH = 20 };
    char bar[WIDTH + 1];
    // Without automatic wrapping, a narrow terminal cuts the line instead of filling up with it.
    fprintf(stderr, "\r\x1b[?7l\x1b[K%s ", state->stage);
    if (p->total) {
        double share = p->done < p->total ? (double)p->done / (double)p->total : 1;
        size_t filled = (size_t)(share * WIDTH);
        memset(bar, '.', WIDTH);
        memset(bar, '#', filled);
        bar[WIDTH] = 0;
        fprintf(stderr, "[%s] %3.0f%% ", bar, 100 * share);
    }
    print_state(state, p, at);
    fputs("\x1b[?7h", stderr);
    fflush(stderr);
    state->drawn = 1;
}

static void print_line(const cli_progress *state, const lb_progress *p, double at) {
    fprintf(stderr, "%s", state->stage);
    if (p->done || p->total) {
        fputs(": ", stderr);
        print_state(state, p, at);
    }
    fputc('\n', stderr);
}

static void begin_stage(cli_progress *state, const lb_progress *p, double at) {
    snprintf(state->stage, sizeof state->stage, "%s", p->stage ? p->stage : "working");
    state->began = at;
    state->first = p->done;
    state->announced = 0;
}

/* Whether a stage begins, be it one of the same name: a second sweep after the first. */
static int is_new(const cli_progress *state, const lb_progress *p) {
    if (p->stage && strncmp(p->stage, state->stage, sizeof state->stage - 1) != 0) return 1;
    if (p->note) return 0; // which is of no number
    return p->done < state->first || (p->done == state->first && p->done < state->last);
}

int cli_progress_show(void *context, const lb_progress *p) {
    cli *c = context;
    cli_progress *state = &c->progress;
    if (state->quiet) return cli_signal != 0;
    double at = now();
    if (!state->printed) state->printed = at;
    if (is_new(state, p)) begin_stage(state, p, at);
    if (!p->note) state->last = p->done;
    if (p->note) {
        cli_progress_end(c);
        fprintf(stderr, "%s: %s\n", state->stage, p->note);
    } else if (state->terminal) {
        draw_bar(state, p, at);
    } else if (at - state->printed >= (state->announced ? LINE_SECONDS : RATE_SECONDS)) {
        print_line(state, p, at);
        state->printed = at;
        state->announced = 1;
    }
    return cli_signal != 0;
}

void cli_progress_end(cli *c) {
    if (!c->progress.drawn) return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    c->progress.drawn = 0;
}
