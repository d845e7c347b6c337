/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of `neuraxis freqtag` share. */
#ifndef NAX_CMD_FREQTAG_H
#define NAX_CMD_FREQTAG_H
#include "steps.h"

typedef struct cli_tags {
  cli *c;
  cli_chain chain;
  nax_source *control;
  nax_array *control_array;
  nax_freqtag_opts o;
  nax_save_opts save;
  nax_freqtag_events events;
  double *start; /* trials, then those of the control */
  int64_t *item[2];
  nax_freqtag *f;
  nax_table *profile, *sets, *clusters;
  /* --groups: a group of each unit, or NULL */
  nax_index n_groups;
  int64_t *group;
  char **group_name;
} cli_tags;

/* Print a table to stdout as the options say. */
int cli_tags_print(const cli_tags *j, const nax_table *t);
/* "3/17": positions of a unit on its axes; free it. */
char *cli_tags_label(const cli_tags *j, nax_index u);
/* Frequencies of --tags; free them. n is 0 for what is not a list of these. */
double *cli_tags_list(const cli_tags *j, nax_index *n);
/* Groups of units: of --groups, or positions on the slowest of several axes. Exit status,
 * after a message. */
int cli_tags_groups(cli_tags *j);
/* Counts in groups, sets of levels, and clusters. Exit status, after a message. */
int cli_tags_tables(cli_tags *j);
/* Steps before the analysis were asked for. */
int cli_tags_has_steps(const cli *c);
/* --rule=published. Exit status, after a message. */
int cli_tags_published(cli_tags *j, int32_t v, int32_t control_var);

#endif
