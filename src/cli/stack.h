/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several inputs of one command as one array. */
#ifndef NAX_CLI_STACK_H
#define NAX_CLI_STACK_H
#include "cli_i.h"

/* The n arrays of the first n arguments on top of each other along a new last axis
 * `name`, labelled with the names of the files. Positions of an axis that has labels in
 * all parts are matched by label, others by number; along time parts may differ in
 * length. What a part does not have is NaN. Exit status, after a message. */
int cli_stack(cli *c, nax_index n, const nax_array *const *parts, const char *name,
              nax_array **out);

#endif
