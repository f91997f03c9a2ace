/* Recommended products as a list for people. */
#ifndef LOOKBOOK_CLI_ITEMS_H
#define LOOKBOOK_CLI_ITEMS_H

#include "lookbook.h"

/* Prints a line per product on standard output: rank, title, id, score, whether it is new, and the
 * reason in words. `verb` is what the person did with the products named in the reasons ("bought",
 * "like"); NULL when the list is one product's neighbours. */
void cli_items_print(const lb_items *items, const char *verb);

#endif
