#include "data/read_field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How much of a bad field an error quotes. */
enum { QUOTED = 40 };

static int quoted(const char *text, size_t length) {
    if (length <= QUOTED) return (int)length;
    int n = QUOTED;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--; // not inside a character
    return n;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* mantissa * 10^exponent. Exact where both are exactly representable (Clinger, "How to read
 * floating point numbers accurately", PLDI 1990), else right to about one unit in the last place.
 */
static double scale(uint64_t mantissa, long exponent) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa >> 53 == 0 && exponent >= -22 && exponent <= 22)
        return exponent < 0 ? (double)mantissa / powers[-exponent]
                            : (double)mantissa * powers[exponent];
    if (!mantissa || exponent < -400) return 0;
    if (exponent > 400) return HUGE_VAL;
    return (double)((long double)mantissa * powl(10.0L, (long double)exponent));
}

typedef struct digits {
    uint64_t mantissa;
    long exponent;
    size_t count;
} digits;

/* Digits beyond the 19 that fit only move the exponent. */
static const char *take_digits(const char *p, const char *end, bool behind_point, digits *d) {
    for (; p < end && is_digit(*p); p++, d->count++) {
        bool fits = d->mantissa < 1000000000000000000u;
        if (fits) d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
        d->exponent += (long)!fits - (long)behind_point;
    }
    return p;
}

static const char *take_exponent(const char *p, const char *end, digits *d) {
    bool negative = p < end && *p == '-';
    long exponent = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end || !is_digit(*p)) return NULL;
    for (; p < end && is_digit(*p); p++)
        if (exponent < 100000) exponent = exponent * 10 + (*p - '0');
    d->exponent += negative ? -exponent : exponent;
    return p;
}

bool field_number(const char *text, size_t length, double *out) {
    const char *p = text, *end = text + length;
    digits d = {0, 0, 0};
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    p = take_digits(p, end, false, &d);
    if (p < end && *p == '.') p = take_digits(p + 1, end, true, &d);
    if (!d.count) return false;
    if (p < end && (*p == 'e' || *p == 'E')) p = take_exponent(p + 1, end, &d);
    if (p != end) return false;
    double magnitude = scale(d.mantissa, d.exponent);
    if (!isfinite(magnitude)) return false;
    *out = negative ? -magnitude : magnitude;
    return true;
}

lb_status field_finite(const char *what, const char *text, size_t length, double *out) {
    if (field_number(text, length, out)) return LB_OK;
    if (!length) return status_fail(LB_E_FORMAT, "the %s is empty: a number is expected", what);
    return status_fail(LB_E_FORMAT, "the %s \"%.*s\" is not a finite number", what,
                       quoted(text, length), text);
}

lb_status field_time(const char *text, size_t length, bool milliseconds, int64_t *out) {
    double value;
    LB_TRY(field_finite("timestamp", text, length, &value));
    if (value != floor(value))
        return status_fail(LB_E_FORMAT, "the timestamp \"%.*s\" is not an integer",
                           quoted(text, length), text);
    if (milliseconds || fabs(value) > 1e11) value = floor(value / 1000);
    if (fabs(value) > 1e11)
        return status_fail(LB_E_FORMAT,
                           "the timestamp \"%.*s\" is out of range: seconds or milliseconds since "
                           "1970 are expected",
                           quoted(text, length), text);
    *out = (int64_t)value;
    return LB_OK;
}

/* The number that `n` digits at text[at] write; -1 if they are none. */
static int digits_at(const char *text, size_t at, size_t n) {
    int value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* Days since 1970 of a Gregorian date (the usual count from March, so that leap days are last). */
static int64_t days_of(int year, int month, int day) {
    int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

lb_status field_date(const char *text, size_t length, int64_t *out) {
    bool clock = length == 19 && text[10] == ' ' && text[13] == ':' && text[16] == ':';
    bool valid = (length == 10 || clock) && text[4] == '-' && text[7] == '-';
    int year = valid ? digits_at(text, 0, 4) : -1, month = valid ? digits_at(text, 5, 2) : -1;
    int day = valid ? digits_at(text, 8, 2) : -1;
    int hour = clock ? digits_at(text, 11, 2) : 0, minute = clock ? digits_at(text, 14, 2) : 0;
    int second = clock ? digits_at(text, 17, 2) : 0;
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60)
        return status_fail(LB_E_FORMAT,
                           "the date \"%.*s\" is none: one such as 2018-07-07 22:09:11 is expected",
                           quoted(text, length), text);
    *out = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return LB_OK;
}

void field_trim(char **text, size_t *length) {
    char *p = *text, *end = p + *length;
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t')) end--;
    *text = p;
    *length = (size_t)(end - p);
}

/* ASCII controls, DEL, and U+0080 to U+009F. */
static bool is_control(const char *p, size_t left) {
    unsigned char c = (unsigned char)*p;
    return c < 0x20 || c == 0x7f || (c == 0xc2 && left > 1 && (unsigned char)p[1] < 0xa0);
}

lb_status field_id(const char *what, char *text, size_t length, const char **out) {
    field_trim(&text, &length);
    if (!length) return status_fail(LB_E_FORMAT, "the %s id is empty", what);
    if (length > READER_MAX_ID)
        return status_fail(LB_E_FORMAT,
                           "the %s id \"%.*s...\" has %zu bytes: at most %d are allowed", what,
                           quoted(text, length), text, length, READER_MAX_ID);
    for (size_t i = 0; i < length; i++)
        if (is_control(text + i, length - i))
            return status_fail(LB_E_FORMAT,
                               "the %s id \"%.*s\" has a control character at byte %zu", what,
                               quoted(text, i), text, i + 1);
    text[length] = '\0';
    *out = text;
    return LB_OK;
}

lb_status field_number_id(const char *what, const char *text, size_t length, char *buffer,
                          const char **out) {
    bool integer = true;
    double value;
    for (size_t i = 0; i < length; i++)
        integer = integer && (is_digit(text[i]) || (i == 0 && text[i] == '-'));
    if (integer && length <= READER_MAX_ID) {
        memcpy(buffer, text, length);
        buffer[length] = '\0';
    } else if (field_number(text, length, &value) && value == floor(value) &&
               fabs(value) < 0x1p53) {
        snprintf(buffer, READER_MAX_ID + 1, "%lld", (long long)value);
    } else {
        return status_fail(LB_E_FORMAT, "the %s id %.*s is a number but not an integer", what,
                           quoted(text, length), text);
    }
    *out = buffer;
    return LB_OK;
}

bool field_price(const char *text, size_t length, double *out) {
    char digits_only[32];
    size_t n = 0, i = 0;
    // At most a word such as "from" or a currency stands before the amount; other text is no price.
    while (i < length && i < 8 && !is_digit(text[i])) i++;
    if (i == length || !is_digit(text[i]) || (i && text[i - 1] == '-')) return false;
    for (; i < length && n + 1 < sizeof digits_only; i++) {
        if (text[i] == ',') continue;
        if (!is_digit(text[i]) && text[i] != '.') break;
        digits_only[n++] = text[i];
    }
    return field_number(digits_only, n, out);
}

bool field_named(const char *column, size_t length, const char *name) {
    for (size_t i = 0; i < length && column[i] != ':'; i++) {
        char c = column[i];
        if (c == '_' || c == '-' || c == ' ') continue;
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c != *name) return false;
        name++;
    }
    return *name == '\0';
}

void field_clean(char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) text[i] = ' ';
}
