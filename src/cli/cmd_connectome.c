/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis connectome: which neurons change together, when, in which animal. */
#include "steps.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt connectome_opts[] = {
    {"report", "PAGE", NULL, "write a page with the motifs to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {"strict", NULL, NULL, "exit with 4 when the best start did not converge", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section connectome_sections[] = {
    {"Options", connectome_opts, NULL, NULL},
    {"Steps before the derivatives, in the order given", NULL, NULL, cli_step_opts},
    {"Affinities and communities", NULL, "connectome", NULL},
    {"Factorisation", NULL, "ntf", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

typedef struct job {
  cli *c;
  nax_connectome_opts opts;
  nax_ntf_opts fit;
  nax_save_opts save;
  nax_source_opts source;
  int n;
  nax_array **u; /* derivatives of each input */
  nax_array *all;
  nax_connectome *m;
  json_t *done;
} job;

/* Derivatives of input k. */
static int
load(job *j, int k)
{
  cli *c = j->c;
  cli_chain chain = {.c = c};
  json_t *done = json_array();
  c->subject = cli_input_name(c->args[k]);
  int status = cli_open(c, c->args[k], &j->source, &chain.source);
  int32_t v = status == CLI_OK ? cli_choose(c, chain.source) : -1;
  status = status == CLI_OK && v < 0 ? CLI_USAGE : status;
  status = status == CLI_OK ? cli_chain_run(&chain, v, done) : status;
  if (status == CLI_OK && chain.a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them first: give --bin=SECONDS",
                       cli_input_name(c->args[k]));
  }
  if (status == CLI_OK) {
    nax_status s = nax_connectome_derivatives(c->ctx, chain.a, &j->opts, &j->u[k]);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(c->args[k]), s);
  }
  if (k == 0) {
    json_array_extend(j->done, done);
  }
  json_decref(done);
  cli_chain_free(&chain);
  nax_source_close(chain.source);
  return status;
}

/* Recordings of one rate go bin by bin from their beginnings; what the shorter ones lack
 * is missing. */
static int
align(job *j)
{
  cli *c = j->c;
  nax_index most = 0, animals = 0;
  int longest = 0, differ = 0;
  for (int k = 0; k < j->n; k++) {
    nax_index n = nax_array_dim(j->u[k], 1);
    double rate = nax_axis_rate(nax_array_axis(j->u[k], 1));
    double first = nax_axis_rate(nax_array_axis(j->u[0], 1));
    if (fabs(rate - first) > 0.01 * first) {
      return cli_error(c, CLI_REJECTED,
                       "%s has %g samples per second, %s has %g: give --resample=RATE",
                       cli_input_name(c->args[k]), rate, cli_input_name(c->args[0]),
                       first);
    }
    differ = differ || (k > 0 && n != most);
    longest = n > most ? k : longest;
    most = n > most ? n : most;
    animals += nax_array_dim(j->u[k], 2);
  }
  nax_index **bin = cli_alloc((size_t)j->n, sizeof *bin);
  for (int k = 0; k < j->n; k++) {
    nax_index n = nax_array_dim(j->u[k], 1);
    bin[k] = cli_alloc((size_t)n, sizeof **bin);
    for (nax_index t = 0; t < n; t++) {
      bin[k][t] = t;
    }
  }
  nax_status s = nax_connectome_align(c->ctx, j->n, (const nax_array *const *)j->u,
                                      (const nax_index *const *)bin, most,
                                      nax_array_axis(j->u[longest], 1), &j->all);
  if (s == NAX_OK && animals == j->n && j->n > 1) {
    const char **name = cli_alloc((size_t)j->n, sizeof *name);
    nax_axis *axis = NULL;
    for (int k = 0; k < j->n; k++) {
      name[k] = cli_input_name(c->args[k]);
    }
    s = nax_axis_create_labels(c->ctx, "animal", j->n, name, &axis);
    s = s == NAX_OK ? nax_array_set_axis(c->ctx, j->all, 2, axis) : s;
    nax_axis_free(axis);
    free((void *)name);
  }
  if (s == NAX_OK && differ) {
    cli_note(c, 0,
             "recordings differ in length: bins after the end of one are missing "
             "in it");
  }
  for (int k = 0; k < j->n; k++) {
    free(bin[k]);
  }
  free((void *)bin);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static nax_status
save(job *j, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_status s = nax_connectome_dataset(c->ctx, j->m, j->all, &d);
  if (s == NAX_OK) {
    char *steps = cli_json_line(j->done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  s = s == NAX_OK ? cli_provenance(c, d, j->n, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = NAX_REPORT_OPTS_INIT;
    r.command = c->line;
    r.force = cli_has(c, "force");
    s = nax_report_connectome(c->ctx, j->m, j->all, cli_input_name(c->args[0]), &r, page);
  }
  nax_dataset_free(d);
  return s;
}

static void
say(const job *j)
{
  int64_t with = 0, rank = nax_connectome_rank(j->m);
  double e = nax_ntf_error(nax_connectome_ntf(j->m));
  char number[32];
  for (int64_t r = 0; r < rank; r++) {
    with += nax_connectome_n_groups(j->m, r) > 1;
  }
  cli_note(j->c, 0,
           "%lld motifs, %lld of them with communities, explain %s %% of the sum of "
           "squares",
           (long long)rank, (long long)with, cli_short(number, 100.0 * (1.0 - e * e), 4));
}

static int
run_connectome(cli *c)
{
  job j = {.c = c, .n = c->n_args};
  const char *path;
  j.done = json_array();
  j.u = cli_alloc((size_t)j.n, sizeof *j.u);
  int status = cli_begin_analysis(c, &path, &j.source, &j.save);
  status = status == CLI_OK ? cli_fill(c, "connectome", &j.opts) : status;
  status = status == CLI_OK ? cli_fill(c, "ntf", &j.fit) : status;
  for (int k = 0; k < j.n && status == CLI_OK; k++) {
    status = load(&j, k);
  }
  status = status == CLI_OK ? align(&j) : status;
  if (status == CLI_OK) {
    nax_status s = nax_connectome_fit(c->ctx, j.all, &j.opts, &j.fit, &j.m);
    s = s == NAX_OK ? save(&j, path) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  if (status == CLI_OK) {
    say(&j);
    if (nax_ntf_stop(nax_connectome_ntf(j.m)) != NAX_STOP_TOL) {
      cli_note(c, 0, "the best start did not converge: raise --max-iter");
      status = cli_has(c, "strict") ? CLI_NOT_CONVERGED : status;
    }
  }
  nax_connectome_free(j.m);
  nax_array_free(j.all);
  for (int k = 0; k < j.n; k++) {
    nax_array_free(j.u[k]);
  }
  free((void *)j.u);
  json_decref(j.done);
  return status;
}

const cli_cmd cli_cmd_connectome = {
    "connectome",
    "Methods",
    "FILE... -o OUTPUT",
    "which neurons change together, when, in which animal, and their communities",
    "Smoothed derivatives of the traces give an affinity for each pair of neurons at each "
    "time; the tensor of time, animal and pair is factorised, and the communities of each "
    "component (motif) are found by a nested block model. Several files are several "
    "animals, matched by the labels of their neurons; a third axis of the data (animal, "
    "trial) is taken likewise. Neurons that an animal lacks, gaps and lost frames are "
    "left out of the fit. Times must be evenly spaced: --resample where they are not. "
    "--nulls tells which motifs and communities are more than chance, --bootstraps how "
    "much hangs on single animals.",
    "  neuraxis connectome worm1.nwb worm2.nwb --resample=4 -o motifs.nc --report m.html\n"
    "  neuraxis connectome animals.nc --rank=6 --nulls=99 --bootstraps=50 -o motifs.nc\n",
    connectome_sections,
    run_connectome,
    1,
    -1,
    cli_steps_help};
