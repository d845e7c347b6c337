/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis report: one page about a recording, or the quality of its units as a table. */
#include "cli_i.h"
#include <string.h>

static const cli_opt report_opts[] = {
    {"output", "FILE", NULL, "write the page to FILE", NULL, CLI_TEXT, 'o', 0, 1},
    {"force", NULL, NULL, "replace existing files", NULL, CLI_FLAG, 'f', 0, 1},
    {"table", NULL, NULL,
     "print the quality of each unit of the main variable instead, as --format says",
     NULL, CLI_FLAG, 0, 0, 0},
    {"format", "FORMAT", "tsv", "of --table: tsv, csv or json", "tsv|csv|json", CLI_TEXT,
     0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section report_sections[] = {{"Options", report_opts, NULL, NULL},
                                              {"Page", NULL, "report", NULL},
                                              {"Quality", NULL, "quality", NULL},
                                              {"Reading", NULL, "source", NULL},
                                              {NULL, NULL, NULL, NULL}};

static int
print_table(cli *c, nax_source *s, const nax_quality_opts *q)
{
  nax_table *t = NULL;
  nax_spikes *sp = NULL;
  nax_status st = NAX_OK;
  int32_t v = cli_choose(c, s);
  if (v < 0) {
    return CLI_USAGE;
  }
  const nax_var_info *info = nax_source_var(s, v);
  if (info->kind == NAX_VAR_TABLE) {
    return cli_error(c, CLI_USAGE,
                     "%s: `%s` is a table (expected an array or spike trains)",
                     cli_input_name(c->args[0]), info->name);
  }
  if (info->kind == NAX_VAR_SPIKES) {
    st = nax_source_load_spikes(c->ctx, s, v, &sp);
    st = st == NAX_OK ? nax_quality_spikes(c->ctx, sp, q, &t) : st;
  } else {
    st = nax_quality_source(c->ctx, s, v, q, &t);
  }
  int status = st == NAX_OK ? cli_table_emit(c, 1, c->args, t) : cli_fail(c, st);
  nax_table_free(t);
  nax_spikes_free(sp);
  return status;
}

static int
run_report(cli *c)
{
  nax_source_opts o;
  nax_report_opts r;
  nax_quality_opts q;
  nax_source *s = NULL;
  int table = cli_has(c, "table");
  const char *path = cli_value(c, "output");
  if (!table && (path == NULL || strcmp(path, "-") == 0)) {
    return cli_error(
        c, CLI_USAGE,
        "give an output with -o FILE.html, or --table for the numbers alone");
  }
  if (table && path != NULL) {
    return cli_error(c, CLI_USAGE, "--table prints to standard output and takes no -o");
  }
  int status = cli_source_opts(c, &o);
  status = status == CLI_OK ? cli_fill(c, "report", &r) : status;
  status = status == CLI_OK ? cli_fill(c, "quality", &q) : status;
  status = status == CLI_OK && !table ? cli_may_write(c, path) : status;
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &s) : status;
  if (status == CLI_OK) {
    r.command = c->line;
    r.force = cli_has(c, "force");
    q.memory = r.memory;
    q.signal = r.signal;
    if (table) {
      status = print_table(c, s, &q);
    } else {
      nax_status st = nax_report_source(c->ctx, s, &r, &q, path);
      status = st == NAX_OK ? CLI_OK : cli_fail(c, st);
      nax_ctx_clear_warnings(c->ctx); /* they are on the page */
    }
  }
  nax_source_close(s);
  if (status == CLI_OK && !table) {
    char size[32];
    cli_note(c, 1, "wrote %s, %s", path, cli_bytes(size, cli_file_size(path)));
  }
  return status;
}

const cli_cmd cli_cmd_report = {
    "report",
    "Recordings",
    "FILE -o PAGE.html",
    "one page about a recording: quality, pictures, warnings, what it suits",
    "The page is self-contained: no network and no script are needed, it follows the "
    "reader's light or dark mode and prints. It has the identity and provenance of the "
    "recording, warnings, the quality of each unit, an overview with event marks, "
    "population activity, spectrum, correlations, missing data, trials, which analyses "
    "the recording suits and why, and how to make it again. The same input gives the "
    "same bytes.",
    "  neuraxis report recording.nwb -o recording.html\n"
    "  neuraxis report plane0 --rate=30 -o plane0.html --figures-dir=figures\n"
    "  neuraxis report session.nc --table --format=csv > quality.csv\n",
    report_sections,
    run_report,
    1,
    1,
    NULL};
