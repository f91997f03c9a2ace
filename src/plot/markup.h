/* What SVG and HTML share: escaping, numbers, embedded files, the width of words. */
#ifndef LB_PLOT_MARKUP_H
#define LB_PLOT_MARKUP_H

#include <stddef.h>

#include "core/text.h"

/* Appends `value` (NULL: nothing) so that it can stand as text or in a quoted attribute of XML and
 * HTML. Bytes that are not UTF-8 and characters that XML forbids become U+FFFD. */
void markup_escape(text *t, const char *value);
void markup_escape_bytes(text *t, const char *value, size_t length);

/* Escaped prose for HTML: `words` become <code>, *words* <em>, "Table 2" and "Figure 3" links to
 * #table-2 and #figure-3, and the space of "4 %" one that does not break. */
void markup_prose(text *t, const char *value);

/* A coordinate with at most two decimals and no trailing zeros; 0 for NaN and infinities. */
void markup_coordinate(text *t, double value);

/* A number for people: `digits` decimals, with U+2212 as minus, and commas between thousands; an
 * en dash for NaN, the infinity sign for infinities. The same in any locale. */
void markup_number(text *t, double value, unsigned digits);

/* data:TYPE;base64,... */
void markup_data_uri(text *t, const char *type, const void *bytes, size_t size);

/* About how wide a text is, in units of the font's size, in a usual sans-serif face; on the large
 * side. */
double markup_width(const char *value);

/* How many bytes of `value` are at most `width` wide, ending between characters. */
size_t markup_fit(const char *value, double width);

#endif
