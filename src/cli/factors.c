/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "factors.h"
#include <stdlib.h>
#include <string.h>

int
cli_settle_rank(cli *c, nax_ntf_opts *fit, cli_select_fn select, const void *job,
                cli_ranks *r)
{
  const char *text = cli_value(c, "rank");
  nax_status s;
  if (strcmp(text, "auto") != 0) {
    s = nax_options_set(c->ctx, nax_options_table("ntf"), fit, "rank", text);
    return s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  s = select(job, r);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  fit->rank = r->chosen.rank;
  char why[256];
  nax_ntf_selection_text(&r->chosen, why, sizeof why);
  cli_note(c, 0, "%s", why);
  return CLI_OK;
}

nax_status
cli_add_ranks(cli *c, nax_dataset *d, cli_ranks *r, const json_t *done)
{
  nax_status s = NAX_OK;
  if (r->table != NULL) {
    char text[256];
    s = nax_dataset_add_table(c->ctx, d, "ranks", r->table);
    r->table = s == NAX_OK ? NULL : r->table;
    nax_ntf_selection_text(&r->chosen, text, sizeof text);
    s = s == NAX_OK ? nax_dataset_set_text(c->ctx, d, "ntf_rank_choice", text) : s;
  }
  if (s == NAX_OK) {
    char *steps = cli_json_line(done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  return s;
}

int
cli_say_converged(cli *c, const nax_ntf *m)
{
  if (nax_ntf_stop(m) == NAX_STOP_TOL) {
    return CLI_OK;
  }
  cli_note(c, 0, "the best start did not converge: raise --max-iter");
  return cli_has(c, "strict") ? CLI_NOT_CONVERGED : CLI_OK;
}
