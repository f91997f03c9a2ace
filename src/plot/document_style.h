/* The style sheet of a document, in parts; NULL ends them. For document.c alone. */
#ifndef LB_PLOT_DOCUMENT_STYLE_H
#define LB_PLOT_DOCUMENT_STYLE_H

extern const char *const document_style[];

#endif
