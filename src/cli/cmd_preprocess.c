/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis preprocess: from a recording to the array that a method takes, by steps in the
 * order of the command line. */
#include "steps.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt preprocess_opts[] = {
    {"name", "NAME", NULL, "name of the result  [that of the variable]", NULL, CLI_TEXT,
     0, 0, 0},
    {"keep", "NAMES", NULL,
     "other variables that go to the output too, separated by commas, or `all`; tables "
     "and attributes always do",
     NULL, CLI_TEXT, 0, 0, 0},
    {"to", "KIND", NULL,
     "nc (native), or csv, tsv, npy for the result alone; default: from the name of the "
     "output",
     "nc|csv|tsv|npy", CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section preprocess_sections[] = {
    {"Steps, in the order given", NULL, NULL, cli_step_opts},
    {"Options", preprocess_opts, NULL, NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* --- the output ------------------------------------------------------------ */

/* The result under its name, tables, what --keep names, and how it was made. */
static nax_status
make_dataset(cli_chain *p, const char *name, json_t *done, nax_dataset **out)
{
  cli *c = p->c;
  const char *keep = cli_value(c, "keep");
  nax_dataset *d = NULL;
  nax_status s = nax_dataset_create(c->ctx, &d);
  s = s == NAX_OK ? cli_copy_attributes(c, p->source, d) : s;
  if (s == NAX_OK && p->a != NULL) {
    s = nax_dataset_add_array(c->ctx, d, name, p->a);
    p->a = s == NAX_OK ? NULL : p->a;
  } else if (s == NAX_OK) {
    s = nax_dataset_add_spikes(c->ctx, d, name, p->s);
    p->s = s == NAX_OK ? NULL : p->s;
  }
  for (int32_t i = 0; i < nax_source_n_vars(p->source) && s == NAX_OK; i++) {
    const nax_var_info *info = nax_source_var(p->source, i);
    int wanted =
        info->kind == NAX_VAR_TABLE ||
        (keep != NULL && (strcmp(keep, "all") == 0 || cli_is_listed(keep, info->name)));
    if (wanted && strcmp(info->name, name) != 0) {
      s = cli_copy_variable(c, p->source, i, d);
    }
  }
  s = s == NAX_OK ? nax_dataset_set_main(c->ctx, d, name) : s;
  if (s == NAX_OK) {
    char *steps = cli_json_line(done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  s = s == NAX_OK ? cli_provenance(c, d, 1, c->args) : s;
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  *out = d;
  return s;
}

static int
write_result(cli_chain *p, const char *name, json_t *done, const char *path,
             const char *to, const nax_save_opts *save)
{
  cli *c = p->c;
  nax_status s;
  if (strcmp(to, "nc") == 0) {
    nax_dataset *d = NULL;
    s = make_dataset(p, name, done, &d);
    cli_warnings(c);
    s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, save) : s;
    nax_dataset_free(d);
  } else {
    int status =
        cli_output_fits(c, name, p->a != NULL ? NAX_VAR_ARRAY : NAX_VAR_SPIKES, to, path);
    if (status != CLI_OK) {
      return status;
    }
    s = cli_write_var(c, p->a, p->s, NULL, path, to, save);
  }
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static int
run_chain(cli *c, nax_source *source, const char *path, const char *to,
          const nax_save_opts *save)
{
  cli_chain p = {c, source, NULL, NULL};
  int32_t v = cli_choose(c, source);
  if (v < 0) {
    return CLI_USAGE;
  }
  const char *name = cli_value(c, "name"), *keep = cli_value(c, "keep");
  name = name != NULL ? name : nax_source_var(source, v)->name;
  json_t *done = json_array();
  int status = keep == NULL || strcmp(keep, "all") == 0
                   ? CLI_OK
                   : cli_check_names(c, source, keep);
  status = status == CLI_OK ? cli_chain_run(&p, v, done) : status;
  status = status == CLI_OK ? write_result(&p, name, done, path, to, save) : status;
  json_decref(done);
  cli_chain_free(&p);
  return status;
}

static int
run_preprocess(cli *c)
{
  nax_source_opts o;
  nax_save_opts save;
  nax_source *s = NULL;
  const char *path = NULL, *to = NULL;
  int status = cli_begin_output(c, &path, &to, &o, &save);
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &s) : status;
  status = status == CLI_OK ? run_chain(c, s, path, to, &save) : status;
  nax_source_close(s);
  return status;
}

const cli_cmd cli_cmd_preprocess = {
    "preprocess",
    "Recordings",
    "FILE -o OUTPUT",
    "steps from a recording to what a method takes: dF/F, binning, smoothing, trials",
    "Steps are done in the order of the command line, each on the result of the one "
    "before; the same step may be given more than once. They start from the main "
    "variable of FILE or that of --var. The output is a native file with the result, all "
    "tables and how it was made, or csv or npy with the result alone.",
    "  neuraxis preprocess plane0 --rate=30 --neuropil --dff -o dff.nc\n"
    "  neuraxis preprocess units.nwb --bin=0.02 --sqrt --smooth=gaussian:sd=0.1 -o "
    "rates.nc\n"
    "  neuraxis preprocess dff.nc --slice=time:60:120 --zscore -o part.npy\n",
    preprocess_sections,
    run_preprocess,
    1,
    1,
    cli_steps_help};
