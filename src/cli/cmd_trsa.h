/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of `neuraxis trsa` share. */
#ifndef NAX_CMD_TRSA_H
#define NAX_CMD_TRSA_H
#include "cli_i.h"

typedef struct cli_topology {
  cli *c;
  nax_source *source;
  nax_array *a;                /* the variable */
  int32_t extra[NAX_MAX_NDIM]; /* its axes that count matrices, the first fastest */
  int32_t n_extra;
  nax_rdms *rdms;
  nax_trsa_opts trsa;
  nax_trsa_identify_opts identify;
  nax_ph_opts ph;
  nax_save_opts save;
  nax_index n, m, count;
  double *d;    /* m x count */
  double *mean; /* m: mean over RDMs of the scaled dissimilarities */
  double shuffles, summaries, levels;
  nax_dataset *out;
} cli_topology;

/* Bars of the mean and of each matrix (m x count, as homology takes them), their
 * comparison, summaries and null, into the dataset. */
nax_status cli_topology_bars(cli_topology *j, double *scaled);

#endif
