/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of stretches of time. */
#include "cli_i.h"
#include <stdlib.h>
#include <string.h>

int
cli_numbers(cli *c, nax_source *s, const char *subject, const char *table, int n,
            const char *const *name, double **out, nax_index *rows)
{
  int32_t v = table != NULL ? nax_source_find(s, table) : -1;
  for (int32_t k = 0; table == NULL && v < 0 && k < nax_source_n_vars(s); k++) {
    v = nax_source_var(s, k)->kind == NAX_VAR_TABLE ? k : -1;
  }
  if (v < 0 || nax_source_var(s, v)->kind != NAX_VAR_TABLE) {
    return table != NULL
               ? cli_error(c, CLI_USAGE, "%s: there is no table `%s`", subject, table)
               : cli_error(c, CLI_REJECTED, "%s: there is no table in it", subject);
  }
  nax_table *t = NULL;
  nax_status status = nax_source_load_table(c->ctx, s, v, &t);
  if (status != NAX_OK) {
    return cli_fail_in(c, subject, status);
  }
  int result = CLI_OK;
  *rows = nax_table_n_rows(t);
  for (int k = 0; k < n && result == CLI_OK; k++) {
    const double *x = nax_table_numbers(t, nax_table_find(t, name[k]));
    if (x == NULL) {
      result = cli_error(c, CLI_REJECTED, "%s: table `%s` has no column %s of numbers",
                         subject, nax_source_var(s, v)->name, name[k]);
    } else {
      out[k] = cli_alloc((size_t)*rows + 1, sizeof *x);
      memcpy(out[k], x, (size_t)*rows * sizeof *x);
    }
  }
  nax_table_free(t);
  return result;
}

int
cli_events(cli *c, nax_source *s, const char *subject, const char *table, double **start,
           double **stop, nax_index *n)
{
  static const char *const name[] = {"start_time", "stop_time"};
  double *x[2] = {NULL, NULL};
  int status = cli_numbers(c, s, subject, table, 2, name, x, n);
  *start = x[0];
  *stop = x[1];
  return status;
}
