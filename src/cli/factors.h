/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that factorise share: the number of components and how a run ends. */
#ifndef NAX_CLI_FACTORS_H
#define NAX_CLI_FACTORS_H
#include "cli_i.h"

/* The number of components that --rank=auto chose, and the table it chose from. */
typedef struct cli_ranks {
  nax_ntf_select_opts opts;
  nax_ntf_selection chosen;
  nax_table *table; /* NULL: the number was given */
} cli_ranks;

/* Table of all numbers tried and the choice. */
typedef nax_status (*cli_select_fn)(const void *job, cli_ranks *r);

/* --rank: a number, or auto with the number that `select` finds. */
int cli_settle_rank(cli *c, nax_ntf_opts *fit, cli_select_fn select, const void *job,
                    cli_ranks *r);
/* Add the table (which `r` no longer owns), the choice in words and the steps done. */
nax_status cli_add_ranks(cli *c, nax_dataset *d, cli_ranks *r, const json_t *done);
/* Says so when the best start did not converge; CLI_NOT_CONVERGED with --strict. */
int cli_say_converged(cli *c, const nax_ntf *m);

#endif
