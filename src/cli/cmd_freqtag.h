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
  /* the units, of the result or (published rule) of the data */
  nax_index n_units;
  int32_t n_axes;
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_table *profile, *sets, *clusters, *similarity, *regions;
  double similar, similar_p; /* with --brain: over all layers, and against random units */
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
/* Groups of the channels of --brain, by --brain-groups; without, n is 0. */
typedef struct cli_regions {
  nax_index n;
  int64_t *group;
  char **name;
} cli_regions;
int cli_tags_regions(cli_tags *j, const nax_axis *channels, cli_regions *out);
void cli_regions_free(cli_regions *r);
/* Options of --brain, before the analysis. Exit status, after a message. */
int cli_tags_brain_options(cli_tags *j);
/* --brain: units of the sets against channels. Exit status, after a message. */
int cli_tags_brain(cli_tags *j, int32_t v);
/* Steps before the analysis were asked for. */
int cli_tags_has_steps(const cli *c);
/* --rule=published. Exit status, after a message. */
int cli_tags_published(cli_tags *j, int32_t v, int32_t control_var);

#endif
