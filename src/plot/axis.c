#include "plot/axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plot/markup.h"

/* ---------------------------------------------------------------- labels */

static void add_power(text *t, int power) {
    static const char *const digits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                         "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    char plain[16];
    snprintf(plain, sizeof plain, "%d", power);
    for (const char *c = plain; *c; c++) text_add(t, "%s", *c == '-' ? "\u207b" : digits[*c - '0']);
}

/* Whether an axis over many decades writes all of them as powers of ten. */
static bool takes_powers(const axis *a) {
    return a->scale == FIGURE_LOG && (a->high > 999999 || a->low < 1e-4);
}

/* Decimals that a round number needs, up to 9. */
static unsigned decimals_of(double value) {
    unsigned digits = 0;
    double v = fabs(value);
    while (digits < 9 && fabs(v - round(v)) > 1e-6 * fmax(v, 1e-3)) {
        v *= 10;
        digits++;
    }
    return digits;
}

static void label_tick(axis_tick *tick, double value, unsigned digits, bool powers) {
    text t = {0};
    double size = fabs(value);
    tick->value = value;
    double most = powers ? 999 : 999999, least = powers ? 1.001e-3 : 0.999e-4;
    if (size > most || (size > 0 && size < least)) {
        int power = (int)floor(log10(size) + 1e-9);
        double mantissa = value / pow(10, power);
        if (fabs(mantissa - 1) > 1e-6) {
            markup_number(&t, mantissa, decimals_of(round(mantissa * 100) / 100));
            text_add(&t, "\u00b7");
        }
        text_add(&t, "10");
        add_power(&t, power);
    } else {
        markup_number(&t, value, digits);
    }
    snprintf(tick->label, sizeof tick->label, "%s", t.bytes ? t.bytes : "");
    free(t.bytes);
}

static void add_tick(axis *a, double value, unsigned digits) {
    if (a->n_ticks < AXIS_MAX_TICKS)
        label_tick(&a->ticks[a->n_ticks++], value, digits, takes_powers(a));
}

/* ---------------------------------------------------------------- round numbers */

/* The smallest of 1, 2, 5 times a power of ten that makes at most `most` ticks of the range. */
static double round_step(double range, size_t most) {
    double least = range / fmax((double)most - 1, 1);
    double power = pow(10, floor(log10(least)));
    static const double factors[] = {1, 2, 5, 10};
    for (size_t i = 0; i < 4; i++)
        if (factors[i] * power >= least * (1 - 1e-9)) return factors[i] * power;
    return 10 * power;
}

static void linear_ticks(axis *a, size_t most, bool widen) {
    double step = round_step(a->high - a->low, most);
    if (widen) {
        a->low = floor(a->low / step + 1e-9) * step;
        a->high = ceil(a->high / step - 1e-9) * step;
    }
    unsigned digits = decimals_of(step);
    double first = ceil(a->low / step - 1e-9), last = floor(a->high / step + 1e-9);
    for (double k = first; k <= last && a->n_ticks < AXIS_MAX_TICKS; k++)
        add_tick(a, k * step, digits);
}

/* Ticks at 1, 2 and 5, or 1 alone, times every `every`-th power of ten. */
static size_t log_ticks_of(axis *a, bool fine, int every) {
    static const double factors[] = {1, 2, 5};
    int first = (int)floor(log10(a->low) + 1e-9), last = (int)ceil(log10(a->high) - 1e-9);
    a->n_ticks = 0;
    for (int e = first; e <= last; e++) {
        if (((e % every) + every) % every) continue;
        for (size_t f = 0; f < (fine ? 3u : 1u); f++) {
            double value = factors[f] * pow(10, e);
            if (value >= a->low * (1 - 1e-9) && value <= a->high * (1 + 1e-9))
                add_tick(a, value, decimals_of(value));
        }
    }
    return a->n_ticks;
}

static void log_ticks(axis *a, size_t most) {
    size_t n = log_ticks_of(a, true, 1);
    if (n >= 3 && n <= most) return;
    if (n < 3) { // less than a decade: round numbers as on a linear axis
        a->n_ticks = 0;
        linear_ticks(a, most, false);
        return;
    }
    for (int every = 1; log_ticks_of(a, false, every) > most && every < 400;) every++;
}

/* ---------------------------------------------------------------- range */

static void range_from_data(axis *a, double low, double high) {
    bool is_log = a->scale == FIGURE_LOG;
    if (low > high) { // no data
        low = is_log ? 1 : 0;
        high = is_log ? 10 : 1;
    }
    if (a->of->zero && !is_log) {
        low = fmin(low, 0);
        high = fmax(high, 0);
    }
    if (!(high - low > 1e-12 * fmax(fabs(low), fabs(high)))) { // one value: some room around it
        double room = low != 0 ? fabs(low) * 0.1 : 1;
        low = is_log ? low / 2 : low - room;
        high = is_log ? high * 2 : high + room;
    }
    a->low = low;
    a->high = high;
}

static void pad(axis *a) {
    const double share = 0.035;
    if (a->scale == FIGURE_LOG) {
        double factor = pow(a->high / a->low, share);
        a->low /= factor;
        a->high *= factor;
    } else {
        double room = (a->high - a->low) * share;
        if (!(a->of->zero && a->low >= 0 && a->low <= 0)) a->low -= room;
        a->high += room;
    }
}

static bool range_is_given(const axis *a) {
    const figure_axis *of = a->of;
    return isfinite(of->low) && isfinite(of->high) && of->low < of->high &&
           (a->scale != FIGURE_LOG || of->low > 0);
}

static void set_categories(axis *a) {
    a->low = -0.5;
    a->high = (a->of->n_categories ? (double)a->of->n_categories : 1) - 0.5;
}

static void given_ticks(axis *a) {
    unsigned digits = 0;
    for (size_t i = 0; i < a->of->n_ticks; i++) {
        unsigned needed = decimals_of(a->of->ticks[i]);
        if (needed > digits) digits = needed;
    }
    for (size_t i = 0; i < a->of->n_ticks; i++) {
        double v = a->of->ticks[i];
        if (axis_takes(a, v) && v >= a->low && v <= a->high)
            add_tick(a, v, a->scale == FIGURE_LOG ? decimals_of(v) : digits);
    }
}

void axis_set(axis *a, const figure_axis *of, double low, double high, size_t most, bool to_ticks) {
    a->of = of;
    a->scale = of->scale;
    a->n_ticks = 0;
    if (a->scale == FIGURE_CATEGORICAL) {
        set_categories(a);
        return;
    }
    bool given = range_is_given(a);
    for (size_t i = 0; i < of->n_ticks; i++) {
        if (!axis_takes(a, of->ticks[i])) continue;
        low = fmin(low, of->ticks[i]);
        high = fmax(high, of->ticks[i]);
    }
    range_from_data(a, low, high);
    if (given) {
        a->low = of->low;
        a->high = of->high;
    } else if (a->scale == FIGURE_LOG || !to_ticks || of->n_ticks) {
        pad(a);
    }
    if (of->n_ticks)
        given_ticks(a);
    else if (a->scale == FIGURE_LOG)
        log_ticks(a, most);
    else
        linear_ticks(a, most, to_ticks && !given);
}

bool axis_takes(const axis *a, double value) {
    return isfinite(value) && fabs(value) < 1e300 && (a->scale != FIGURE_LOG || value > 0);
}

double axis_place(const axis *a, double value) {
    double share = a->scale == FIGURE_LOG ? log(value / a->low) / log(a->high / a->low)
                                          : (value - a->low) / (a->high - a->low);
    return a->begin + share * (a->end - a->begin);
}

double axis_clamp(const axis *a, double value) {
    return axis_place(a, fmin(fmax(value, a->low), a->high));
}

double axis_label_width(const axis *a) {
    double widest = 0;
    for (size_t i = 0; i < a->n_ticks; i++) widest = fmax(widest, markup_width(a->ticks[i].label));
    return widest * FIGURE_TEXT;
}
