/*
 * The report: what is known of a dataset and of models on it, as one HTML file that reads like a
 * paper, and the same numbers as JSON.
 *
 *   report.c            from the options to the file
 *   report_run.c        the paper's experiments, where they are wanted
 *   report_results.c    what a folder of results holds
 *   report_space.c      a model's space: opening it, the split it was trained on
 *   report_maps.c       principal components and t-SNE
 *   report_analysis.c   analogies and similarities
 *   report_pictures.c   small pictures of products
 *   report_tables.c     datasets, recommendation and relations as tables
 *   report_sections.c   the space as figures and tables
 *   report_strips.c     analogies as rows of pictures
 *   report_charts.c     training curves
 *   report_sweeps.c     sweeps
 *   report_abstract.c   all of it in a paragraph
 *   report_made.c       how it was made: commands, seeds, versions
 *   report_json.c       the numbers
 */
#ifndef LB_RUN_REPORT_H
#define LB_RUN_REPORT_H

#include "core/job.h"

struct lb_report {
    char *json;
};

/* lb_report_write with checked options. */
lb_status run_report(job *j, const char *directory, const lb_report_options *options,
                     lb_report **out);
void run_report_free(lb_report *r); // accepts NULL

#endif
