/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis bicluster: which neurons share a trajectory, which periods share a state. */
#include "steps.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt bicluster_opts[] = {
    {"report", "PAGE", NULL,
     "write a page with clusters, states and diagnostics to PAGE "
     "(.html)",
     NULL, CLI_TEXT, 0, 0, 1},
    {"regions", "TABLE.COLUMN", NULL,
     "column of a table of the input with the region of each neuron: neurons of one "
     "cluster tend to be of one region",
     NULL, CLI_TEXT, 0, 0, 0},
    {"strict", NULL, NULL, "exit with 4 when the chains have not converged", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section bicluster_sections[] = {
    {"Options", bicluster_opts, NULL, NULL},
    {"Steps before the model, in the order given", NULL, NULL, cli_step_opts},
    {"Model and chains", NULL, "bicluster", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

typedef struct job {
  cli *c;
  cli_chain chain;
  nax_bicluster_opts o;
  nax_save_opts save;
  nax_index *region;
  nax_bicluster *m;
} job;

/* Whole numbers from 0 for the cells of a column, in the order in which they appear. */
static void
number_cells(const nax_table *t, int32_t column, nax_index *region)
{
  const char *const *text = nax_table_text(t, column);
  const double *x = nax_table_numbers(t, column);
  nax_index n = nax_table_n_rows(t), used = 0;
  for (nax_index i = 0; i < n; i++) {
    region[i] = -1;
    for (nax_index j = 0; j < i && region[i] < 0; j++) {
      int same = text != NULL ? strcmp(text[i], text[j]) == 0 : x[i] == x[j];
      region[i] = same ? region[j] : -1;
    }
    if (region[i] < 0) {
      region[i] = used++;
    }
  }
}

static int
load_regions(job *j)
{
  cli *c = j->c;
  const char *given = cli_value(c, "regions"), *dot;
  if (given == NULL) {
    return CLI_OK;
  }
  dot = strrchr(given, '.');
  char *name = cli_dup(given);
  if (dot != NULL) {
    name[dot - given] = '\0';
  }
  int32_t v = nax_source_find(j->chain.source, name);
  int found =
      dot != NULL && v >= 0 && nax_source_var(j->chain.source, v)->kind == NAX_VAR_TABLE;
  free(name);
  if (!found) {
    return cli_error(c, CLI_USAGE,
                     "%s: --regions=%s: expected TABLE.COLUMN of a table "
                     "that is there",
                     cli_input_name(c->args[0]), given);
  }
  nax_table *t = NULL;
  nax_status s = nax_source_load_table(c->ctx, j->chain.source, v, &t);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  int status = CLI_OK;
  int32_t column = nax_table_find(t, dot + 1);
  nax_index n = nax_array_dim(j->chain.a, 0);
  if (column < 0 || nax_table_n_rows(t) != n) {
    status = cli_error(c, CLI_REJECTED,
                       "%s: --regions=%s: expected a column with %lld rows, one for each "
                       "neuron",
                       cli_input_name(c->args[0]), given, (long long)n);
  } else {
    j->region = cli_alloc((size_t)n, sizeof *j->region);
    number_cells(t, column, j->region);
  }
  nax_table_free(t);
  return status;
}

static nax_status
save(job *j, json_t *done, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_view y = nax_array_view(j->chain.a);
  int32_t neuron = nax_view_axis(&y, "time") == 0 ? 1 : 0;
  int32_t time = nax_view_axis(&y, "time") >= 0 ? nax_view_axis(&y, "time") : 1;
  const nax_axis *na = nax_array_axis(j->chain.a, neuron);
  const nax_axis *ta = nax_array_axis(j->chain.a, time);
  nax_status s = nax_bicluster_dataset(c->ctx, j->m, na, ta, &d);
  if (s == NAX_OK) {
    char *steps = cli_json_line(done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  s = s == NAX_OK ? cli_provenance(c, d, 1, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  nax_dataset_free(d);
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    nax_report_bicluster_info info = {cli_input_name(c->args[0]), &y, na, ta};
    s = nax_report_bicluster(c->ctx, j->m, &info, &r, page);
  }
  return s;
}

static int
fit_and_save(job *j, int32_t v, const char *path)
{
  cli *c = j->c;
  json_t *done = json_array();
  nax_bicluster_opts asked = j->o;
  int status = cli_chain_run(&j->chain, v, done);
  if (status == CLI_OK && j->chain.a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them first: give --bin=SECONDS",
                       cli_input_name(c->args[0]));
  }
  status = status == CLI_OK ? load_regions(j) : status;
  if (status == CLI_OK) {
    nax_view y = nax_array_view(j->chain.a);
    /* how often a run was stopped is not part of its result */
    j->o.checkpoint = NULL;
    j->o.checkpoint_every = 60;
    j->o.resume = 0;
    nax_status s = nax_bicluster_fit(c->ctx, &y, j->region, &asked, &j->m);
    s = s == NAX_OK ? save(j, done, path) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  json_decref(done);
  if (status == CLI_OK) {
    char verdict[512];
    nax_bicluster_verdict(j->m, verdict, sizeof verdict);
    nax_index clusters = nax_bicluster_n_clusters(j->m),
              states = nax_bicluster_n_states(j->m);
    cli_note(c, 0, "%lld cluster%s, %lld state%s; %s", (long long)clusters,
             clusters == 1 ? "" : "s", (long long)states, states == 1 ? "" : "s",
             verdict);
    if (!nax_bicluster_converged(j->m) && cli_has(c, "strict")) {
      status = CLI_NOT_CONVERGED;
    }
  }
  return status;
}

static int
run_bicluster(cli *c)
{
  nax_source_opts o;
  job j = {.c = c};
  const char *path;
  int status = cli_begin_analysis(c, &path, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "bicluster", &j.o) : status;
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &j.chain.source) : status;
  if (status == CLI_OK) {
    j.chain.c = c;
    int32_t v = cli_choose(c, j.chain.source);
    status = v < 0 ? CLI_USAGE : fit_and_save(&j, v, path);
  }
  nax_bicluster_free(j.m);
  free(j.region);
  cli_chain_free(&j.chain);
  nax_source_close(j.chain.source);
  return status;
}

const cli_cmd cli_cmd_bicluster = {
    "bicluster",
    "Methods",
    "FILE -o OUTPUT",
    "which neurons share a latent trajectory, and which periods share a state",
    "A Bayesian model of counts (or calcium, --observation=gaussian): every neuron belongs "
    "to a cluster with a trajectory of its own, all trajectories follow linear dynamics "
    "that switch between states; neither the number of clusters nor that of states is "
    "chosen beforehand. Several Markov chains sample the posterior; the result has the "
    "probability that any two neurons, or bins, belong together, point estimates with "
    "credible balls, trajectories with bands, and a verdict on whether the chains may be "
    "trusted. With --checkpoint a run that was stopped goes on with --resume and ends with "
    "the same result to the bit; draws then stream to netCDF files beside it and do not "
    "stay in memory. Trials are segments without transitions between them; missing values are left out.",
    "  neuraxis bicluster units.nwb --bin=0.1 -o clusters.nc --report clusters.html\n"
    "  neuraxis bicluster units.nwb --bin=0.1 --sweeps=20000 --thin=10 \\\n"
    "    --checkpoint=run.ck -o clusters.nc\n"
    "  neuraxis bicluster units.nwb --bin=0.1 --sweeps=20000 --thin=10 \\\n"
    "    --checkpoint=run.ck --resume -o clusters.nc\n",
    bicluster_sections,
    run_bicluster,
    1,
    1,
    cli_steps_help};
