/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis connectome: which neurons change together, when, in which animal. */
#include "factors.h"
#include "steps.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt connectome_opts[] = {
    {"rank", "R", "8",
     "number of motifs, or auto: the number that the affinities support, out of those from "
     "--rank-min to --rank-max",
     NULL, CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the motifs to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {"events", "TABLE", NULL,
     "table of the first input whose rows (start_time, stop_time) are shaded on the page",
     NULL, CLI_TEXT, 0, 0, 0},
    {"common-time", "MAP", NULL,
     "table (.csv) of what happens when on one common time axis: rows of recording (1 for "
     "the first file), start_time and stop_time in it, and common_time of its start",
     NULL, CLI_TEXT, 0, 0, 0},
    {"strict", NULL, NULL, "exit with 4 when the best start did not converge", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section connectome_sections[] = {
    {"Options", connectome_opts, NULL, NULL},
    {"Steps before the derivatives, in the order given", NULL, NULL, cli_step_opts},
    {"Affinities and communities", NULL, "connectome", NULL},
    {"Factorisation", NULL, "ntf", NULL},
    {"Number of motifs (--rank=auto)", NULL, "ntf-select", NULL},
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
  nax_report_ntf_info info;
  cli_ranks ranks;
  double *event_start, *event_stop;
  nax_index **bin; /* common bin of each sample of each input */
  nax_index n_bins;
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
  if (k == 0 && status == CLI_OK && cli_has(c, "events")) {
    status =
        cli_events(c, chain.source, cli_input_name(c->args[0]), cli_value(c, "events"),
                   &j->event_start, &j->event_stop, &j->info.n_events);
    j->info.event_start = j->event_start;
    j->info.event_stop = j->event_stop;
  }
  json_decref(done);
  cli_chain_free(&chain);
  nax_source_close(chain.source);
  return status;
}

/* Rates must agree; the longest recording. */
static int
check_rates(job *j, int *longest, int *differ)
{
  cli *c = j->c;
  nax_index most = 0;
  *longest = *differ = 0;
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
    *differ = *differ || (k > 0 && n != most);
    *longest = n > most ? k : *longest;
    most = n > most ? n : most;
  }
  j->n_bins = most;
  return CLI_OK;
}

/* One row of the map: samples of a recording from start to stop are bins from `at` on. */
static int
map_stretch(job *j, nax_index row, double which, double start, double stop, double at)
{
  cli *c = j->c;
  const char *map = cli_value(c, "common-time");
  if (!(which >= 1.0 && which <= j->n) || which != floor(which)) {
    return cli_error(c, CLI_REJECTED,
                     "%s: `recording` of row %lld is %g, expected 1 to %d", map,
                     (long long)row + 1, which, j->n);
  }
  if (!(at >= 0.0) || !(stop > start) || !isfinite(at) || !isfinite(stop)) {
    return cli_error(c, CLI_REJECTED,
                     "%s: row %lld goes from %g to %g at common time %g, expected a stop "
                     "after the start and a common time of at least 0",
                     map, (long long)row + 1, start, stop, at);
  }
  int k = (int)which - 1;
  const nax_axis *time = nax_array_axis(j->u[k], 1);
  double rate = nax_axis_rate(nax_array_axis(j->u[0], 1)), slack = 1e-6 / rate;
  nax_index from = nax_axis_lower_bound(time, start - slack);
  nax_index to = nax_axis_lower_bound(time, stop - slack);
  if (to <= from) {
    return cli_error(c, CLI_REJECTED, "%s: row %lld has no sample of %s", map,
                     (long long)row + 1, cli_input_name(c->args[k]));
  }
  for (nax_index t = from; t < to; t++) {
    double bin = floor((at + nax_axis_coord(time, t) - start) * rate + 0.5);
    if (bin > 1e9) {
      return cli_error(c, CLI_REJECTED, "%s: common time of row %lld is %g, too late",
                       map, (long long)row + 1, at);
    }
    j->bin[k][t] = (nax_index)bin;
    j->n_bins = (nax_index)bin + 1 > j->n_bins ? (nax_index)bin + 1 : j->n_bins;
  }
  return CLI_OK;
}

/* The common bins of --common-time. */
static int
read_map(job *j)
{
  static const char *const name[] = {"recording", "start_time", "stop_time",
                                     "common_time"};
  cli *c = j->c;
  const char *path = cli_value(c, "common-time");
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_source *source = NULL;
  double *x[4] = {NULL};
  nax_index rows = 0;
  int status = cli_open(c, path, &o, &source);
  status =
      status == CLI_OK ? cli_numbers(c, source, path, NULL, 4, name, x, &rows) : status;
  for (int k = 0; k < j->n; k++) {
    for (nax_index t = 0; t < nax_array_dim(j->u[k], 1); t++) {
      j->bin[k][t] = -1;
    }
  }
  j->n_bins = 0;
  for (nax_index i = 0; i < rows && status == CLI_OK; i++) {
    status = map_stretch(j, i, x[0][i], x[1][i], x[2][i], x[3][i]);
  }
  if (status == CLI_OK && j->n_bins == 0) {
    status = cli_error(c, CLI_REJECTED, "%s: the table has no row", path);
  }
  for (int k = 0; k < 4; k++) {
    free(x[k]);
  }
  nax_source_close(source);
  return status;
}

/* Animals of several recordings have the names of their files; trials of several, or
 * whatever the third axes are, also their own. */
static nax_status
name_animals(job *j, nax_index n)
{
  cli *c = j->c;
  const char *kind = "animal";
  char **name = cli_alloc((size_t)n, sizeof *name);
  nax_axis *axis = NULL;
  nax_index at = 0;
  for (int k = 0; k < j->n; k++) {
    const nax_axis *third = nax_array_axis(j->u[k], 2);
    const char *file = cli_input_name(c->args[k]);
    nax_index own = nax_axis_length(third);
    kind = own > 1 ? nax_axis_name(third) : kind;
    for (nax_index i = 0; i < own; i++, at++) {
      char number[32];
      const char *label = nax_axis_label(third, i);
      label = own == 1        ? ""
              : label != NULL ? label
                              : cli_short(number, nax_axis_coord(third, i), 6);
      size_t room = strlen(file) + strlen(label) + 2;
      name[at] = cli_alloc(room, 1);
      snprintf(name[at], room, "%s%s%s", file, own > 1 ? " " : "", label);
    }
  }
  nax_status s =
      nax_axis_create_labels(c->ctx, kind, n, (const char *const *)name, &axis);
  s = s == NAX_OK ? nax_array_set_axis(c->ctx, j->all, 2, axis) : s;
  nax_axis_free(axis);
  for (nax_index i = 0; i < n; i++) {
    free(name[i]);
  }
  free(name);
  return s;
}

/* Recordings of one rate go bin by bin from their beginnings, or as --common-time says;
 * what one lacks is missing. */
static int
align(job *j)
{
  cli *c = j->c;
  int longest = 0, differ = 0, status = check_rates(j, &longest, &differ);
  nax_index animals = 0;
  nax_axis *common = NULL;
  if (status != CLI_OK) {
    return status;
  }
  j->bin = cli_alloc((size_t)j->n, sizeof *j->bin);
  for (int k = 0; k < j->n; k++) {
    nax_index n = nax_array_dim(j->u[k], 1);
    animals += nax_array_dim(j->u[k], 2);
    j->bin[k] = cli_alloc((size_t)n, sizeof **j->bin);
    for (nax_index t = 0; t < n; t++) {
      j->bin[k][t] = t;
    }
  }
  const nax_axis *time = nax_array_axis(j->u[longest], 1);
  nax_status s = NAX_OK;
  if (cli_has(c, "common-time")) {
    status = read_map(j);
    if (status != CLI_OK) {
      return status;
    }
    s = nax_axis_create_regular(c->ctx, "time", "s", j->n_bins, 0.0,
                                nax_axis_rate(nax_array_axis(j->u[0], 1)), &common);
    time = common;
    differ = 0;
  }
  s = s == NAX_OK ? nax_connectome_align(c->ctx, j->n, (const nax_array *const *)j->u,
                                         (const nax_index *const *)j->bin, j->n_bins,
                                         time, &j->all)
                  : s;
  s = s == NAX_OK && j->n > 1 ? name_animals(j, animals) : s;
  if (s == NAX_OK && differ) {
    cli_note(c, 0,
             "recordings differ in length: bins after the end of one are missing "
             "in it");
  }
  nax_axis_free(common);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static nax_status
select_rank(const void *job_of, cli_ranks *r)
{
  const job *j = job_of;
  return nax_connectome_select(j->c->ctx, j->all, &j->opts, &j->fit, &r->opts, &r->table,
                               &r->chosen);
}

static nax_status
save(job *j, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_status s = nax_connectome_dataset(c->ctx, j->m, j->all, &d);
  s = s == NAX_OK ? cli_add_ranks(c, d, &j->ranks, j->done) : s;
  s = s == NAX_OK ? cli_provenance(c, d, j->n, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    j->info.subject = cli_input_name(c->args[0]);
    j->info.chosen = j->ranks.chosen;
    j->info.ranks = nax_dataset_table(d, "ranks");
    s = nax_report_connectome(c->ctx, j->m, j->all, &j->info, &r, page);
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
  status = status == CLI_OK ? cli_fill(c, "ntf-select", &j.ranks.opts) : status;
  for (int k = 0; k < j.n && status == CLI_OK; k++) {
    status = load(&j, k);
  }
  status = status == CLI_OK ? align(&j) : status;
  status =
      status == CLI_OK ? cli_settle_rank(c, &j.fit, select_rank, &j, &j.ranks) : status;
  if (status == CLI_OK) {
    nax_status s = nax_connectome_fit(c->ctx, j.all, &j.opts, &j.fit, &j.m);
    s = s == NAX_OK ? save(&j, path) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  if (status == CLI_OK) {
    say(&j);
    status = cli_say_converged(c, nax_connectome_ntf(j.m));
  }
  nax_connectome_free(j.m);
  nax_array_free(j.all);
  for (int k = 0; k < j.n; k++) {
    nax_array_free(j.u[k]);
    free(j.bin != NULL ? j.bin[k] : NULL);
  }
  free((void *)j.bin);
  nax_table_free(j.ranks.table);
  free(j.event_start);
  free(j.event_stop);
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
    "Where the same happens at different times in different recordings, --common-time puts it on "
    "one axis; where animals do not do the same at the same time, --average over a stretch longer "
    "than single events makes motifs of what is shared. --symmetric makes motifs of communities. --nulls tells which motifs and communities are more than chance, --bootstraps how "
    "much hangs on single animals.",
    "  neuraxis connectome worm1.nwb worm2.nwb --resample=4 -o motifs.nc --report m.html\n"
    "  neuraxis connectome worms.nc --rank=auto --events=stimuli -o motifs.nc --report m.html\n"
    "  neuraxis connectome animals.nc --rank=6 --nulls=99 --bootstraps=50 -o motifs.nc\n",
    connectome_sections,
    run_connectome,
    1,
    -1,
    cli_steps_help};
