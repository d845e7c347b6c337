/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis convert: a recording as a native file, or one variable as text or .npy. */
#include "cli_i.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt convert_opts[] = {
    {"to", "KIND", NULL,
     "nc (native, everything), csv, tsv or npy (one variable); default: from the name of "
     "the output, else nc",
     "nc|csv|tsv|npy", CLI_TEXT, 0, 0, 0},
    {"keep", "NAMES", NULL,
     "native output: only these variables, separated by commas; csv and npy take --var",
     NULL, CLI_TEXT, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section convert_sections[] = {{"Options", convert_opts, NULL, NULL},
                                               {"Output", cli_output_opts, NULL, NULL},
                                               {"Reading", NULL, "source", NULL},
                                               {NULL, NULL, NULL, NULL}};

static int
convert_one(cli *c, nax_source *s, const char *path, const char *to,
            const nax_save_opts *save)
{
  int32_t v = cli_choose(c, s);
  if (v < 0) {
    return CLI_USAGE;
  }
  const nax_var_info *info = nax_source_var(s, v);
  int status = cli_output_fits(c, info->name, info->kind, to, path);
  if (status != CLI_OK) {
    return status;
  }
  nax_array *a = NULL;
  nax_spikes *sp = NULL;
  nax_table *t = NULL;
  nax_status st = NAX_OK;
  if (info->kind == NAX_VAR_ARRAY) {
    nax_dtype type = info->dtype == NAX_F32 ? NAX_F32 : NAX_F64;
    st = nax_source_load_array(c->ctx, s, v, type, &a);
  } else if (info->kind == NAX_VAR_SPIKES) {
    st = nax_source_load_spikes(c->ctx, s, v, &sp);
  } else {
    st = nax_source_load_table(c->ctx, s, v, &t);
  }
  if (st == NAX_OK) {
    cli_warnings(c);
    st = cli_write_var(c, a, sp, t, path, to, save);
  }
  nax_array_free(a);
  nax_spikes_free(sp);
  nax_table_free(t);
  return st == NAX_OK ? CLI_OK : cli_fail(c, st);
}

/* --- everything -------------------------------------------------------------------- */

static int
convert_all(cli *c, nax_source *s, const char *path, const nax_save_opts *save)
{
  const char *keep = cli_value(c, "keep");
  nax_dataset *d = NULL;
  int status = keep != NULL ? cli_check_names(c, s, keep) : CLI_OK;
  if (status != CLI_OK) {
    return status;
  }
  nax_status st = nax_dataset_create(c->ctx, &d);
  st = st == NAX_OK ? cli_copy_attributes(c, s, d) : st;
  for (int32_t i = 0; i < nax_source_n_vars(s) && st == NAX_OK; i++) {
    if (keep == NULL || cli_is_listed(keep, nax_source_var(s, i)->name)) {
      st = cli_copy_variable(c, s, i, d);
    }
  }
  int32_t main = nax_source_main(s);
  if (st == NAX_OK && main >= 0) {
    const char *name = nax_source_var(s, main)->name;
    st = keep == NULL || cli_is_listed(keep, name) ? nax_dataset_set_main(c->ctx, d, name)
                                                   : NAX_OK;
  }
  st = st == NAX_OK ? cli_provenance(c, d, 1, c->args) : st;
  if (st == NAX_OK) {
    cli_warnings(c);
    st = nax_dataset_save(c->ctx, d, path, save);
  }
  nax_dataset_free(d);
  return st == NAX_OK ? CLI_OK : cli_fail(c, st);
}

static int
run_convert(cli *c)
{
  nax_source_opts o;
  nax_save_opts save;
  nax_source *s = NULL;
  const char *path = NULL, *to = NULL;
  int status = cli_begin_output(c, &path, &to, &o, &save);
  if (status == CLI_OK) {
    status = cli_open(c, c->args[0], &o, &s);
  }
  if (status == CLI_OK) {
    status = strcmp(to, "nc") == 0 ? convert_all(c, s, path, &save)
                                   : convert_one(c, s, path, to, &save);
  }
  nax_source_close(s);
  if (status == CLI_OK && strcmp(path, "-") != 0) {
    char size[32];
    cli_note(c, 1, "wrote %s, %s", path, cli_bytes(size, cli_file_size(path)));
  }
  return status;
}

const cli_cmd cli_cmd_convert = {
    "convert",
    "Recordings",
    "FILE -o OUTPUT",
    "any readable recording to the native format, or one variable to csv or npy",
    "The native format is NetCDF-4 (see neuraxis-file(5)): all variables, tables and "
    "attributes, with how and from what the file was made. The output appears whole or "
    "not at all, and replaces an existing file only with --force. Spike trains go to csv "
    "as one row per spike.",
    "  neuraxis convert suite2p/plane0 --rate=30 -o session.nc\n"
    "  neuraxis convert session.nc --var=F -o F.npy\n"
    "  neuraxis convert trials.nwb --var=trials --to=csv -o -\n"
    "  neuraxis convert old.nc -o small.nc --compress=4 --keep=dff,trials\n",
    convert_sections,
    run_convert,
    1,
    1,
    NULL};
