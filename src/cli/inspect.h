/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in a recording, as one JSON object: `info` prints it or writes it out. */
#ifndef NAX_CLI_INSPECT_H
#define NAX_CLI_INSPECT_H
#include "cli_i.h"

/* Facts on an open source. Values are read, block by block, of variables of at most
 * `scan_bytes` as stored. Takes over the warnings of the context. Exit status. */
int cli_inspect(cli *c, nax_source *s, const char *name, double scan_bytes, json_t **out);

/* A warning of our own, in the object of a file. */
void cli_inspect_warn(json_t *file, nax_severity severity, const char *id,
                      const char *fmt, ...) NAX_PRINTF(4, 5);

/* inspect_values.c: read variable `i` and add what its values say to `var`. */
nax_status cli_inspect_array(cli *c, nax_source *s, int32_t i, json_t *file, json_t *var);
nax_status cli_inspect_spikes(cli *c, nax_source *s, int32_t i, json_t *file,
                              json_t *var);
nax_status cli_inspect_table(cli *c, nax_source *s, int32_t i, json_t *file, json_t *var);

#endif
