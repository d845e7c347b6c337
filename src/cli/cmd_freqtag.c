/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis freqtag: which units follow the rhythm of a structure in the stimulus. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "cmd_freqtag.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt freqtag_opts[] = {
    {"control", "FILE", NULL,
     "recording of a control condition with the same units: two-sample tests", NULL,
     CLI_TEXT, 0, 0, 0},
    {"events", "TABLE", "trials",
     "table of the input whose rows (start_time, perhaps stop_time) are the trials of a "
     "recording without a trial axis",
     NULL, CLI_TEXT, 0, 0, 0},
    {"condition", "NAME", NULL,
     "only rows of that table whose column condition, event_code or value is NAME", NULL,
     CLI_TEXT, 0, 0, 0},
    {"control-condition", "NAME", NULL, "rows that are the control condition", NULL,
     CLI_TEXT, 0, 0, 0},
    {"rule", "RULE", "fdr",
     "fdr: the test with controlled false discovery rate; published: the two-stage rule "
     "of HFTP, for comparison: of units that are pure noise it flags 2.7 % as sentence and "
     "2.9 to 6.9 % as phrase units; the first tag is the "
     "sentence rate, the others are phrase rates",
     "fdr|published", CLI_TEXT, 0, 0, 0},
    {"permutations", "N", "1000", "of the published rule", NULL, CLI_NUMBER, 0, 0, 0},
    {"items", "ARRAY", NULL,
     "array of the input, slot x trial, that says which item (0, 1, ...; negative: none) "
     "stands where; without, slot s of each trial is item s",
     NULL, CLI_TEXT, 0, 0, 0},
    {"control-items", "ARRAY", "that of --items",
     "the same for the control condition, in the file of --control or in the input", NULL,
     CLI_TEXT, 0, 0, 0},
    {"groups", "FILE", NULL,
     "text table (csv, tsv) of units, as named in the output, and their groups, such as "
     "regions: counts in "
     "each group; without, positions on the slowest of several axes of units (layers)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"cluster", "P", NULL,
     "clusters of neighbouring units that each exceed what one exceeds with probability P, "
     "tested by their mass",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"adjacency", "FILE", NULL,
     "text table of two columns: pairs of units that are neighbours; without, units that follow "
     "each other",
     NULL, CLI_TEXT, 0, 0, 0},
    {"brain", "FILE", NULL,
     "recording of a brain in the same blocks of trials: spectra of the units of each set "
     "and layer are compared with phase coherence of its channels, as geometries",
     NULL, CLI_TEXT, 0, 0, 0},
    {"blocks", "ARRAY", "block",
     "array of both files, or column of their table `trials`, that gives the block of each "
     "trial (0, 1, ...; -1: none)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"range", "LOW:HIGH", "0.5:2", "frequencies of these spectra, Hz", NULL, CLI_TEXT, 0,
     0, 0},
    {"brain-groups", "FILE", NULL, "channels and their regions, as --groups", NULL,
     CLI_TEXT, 0, 0, 0},
    {"top", "N", "100", "best channels of each layer that count, at most", NULL,
     CLI_NUMBER, 0, 0, 0},
    {"random-units", "N", "0",
     "draws of as many units at random from those of each layer that follow no tag; 0: none",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"table", "NAME", "units", "what is printed",
     "units|groups|sets|clusters|layers|regions|ress", CLI_TEXT, 0, 0, 0},
    {"tagged", NULL, NULL, "print only units that follow a tag", NULL, CLI_FLAG, 0, 0, 0},
    {"plan", NULL, NULL,
     "look a design through instead: give --sampling, --tags and --window, no input",
     NULL, CLI_FLAG, 0, 0, 0},
    {"trials", "N", NULL, "of the design: how small a response they find", NULL,
     CLI_NUMBER, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page to PAGE (.html)", NULL, CLI_TEXT, 0, 0, 1},
    {"table-format", "FORMAT", "tsv", "print the table as tsv or csv", "tsv|csv",
     CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section freqtag_sections[] = {
    {"Options", freqtag_opts, NULL, NULL},
    {"Tags", NULL, "freqtag", NULL},
    {"Steps before, in the order given", NULL, NULL, cli_step_opts},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* --------------------------------------------------------------------- table */

static nax_status
result_table(const cli_tags *j, nax_table **out)
{
  static const nax_freqtag_field shown[] = {NAX_FREQTAG_AMPLITUDE,
                                            NAX_FREQTAG_CONTROL,
                                            NAX_FREQTAG_PHASE,
                                            NAX_FREQTAG_ITPC,
                                            NAX_FREQTAG_PPC,
                                            NAX_FREQTAG_SNR,
                                            NAX_FREQTAG_SNR_TOTAL,
                                            NAX_FREQTAG_BCA,
                                            NAX_FREQTAG_Z,
                                            NAX_FREQTAG_SPIKES,
                                            NAX_FREQTAG_VECTOR_STRENGTH,
                                            NAX_FREQTAG_SPIKE_PHASE,
                                            NAX_FREQTAG_PPC0,
                                            NAX_FREQTAG_PPC1,
                                            NAX_FREQTAG_PPC2,
                                            NAX_FREQTAG_SPIKE_POWER,
                                            NAX_FREQTAG_LOG_P_SPIKES,
                                            NAX_FREQTAG_LOG_P_Z2};
  nax_ctx *ctx = j->c->ctx;
  nax_index units = nax_freqtag_n_units(j->f), all = units * nax_freqtag_n_tags(j->f);
  nax_index *row = cli_alloc((size_t)all, sizeof *row), n = 0;
  int only = cli_has(j->c, "tagged");
  for (nax_index i = 0; i < all; i++) {
    if (!only || nax_freqtag_is_tagged(j->f, i % units, i / units)) {
      row[n++] = i;
    }
  }
  double *x = cli_alloc((size_t)n, sizeof *x);
  char **name = cli_alloc((size_t)n, sizeof *name);
  nax_table *t = NULL;
  nax_status s = nax_table_create(ctx, "row", n, &t);
  for (nax_index i = 0; i < n; i++) {
    name[i] = cli_tags_label(j, row[i] % units);
    x[i] = nax_freqtag_tag(j->f, row[i] / units);
  }
  s = s == NAX_OK ? nax_table_add_text(ctx, t, "unit", (const char *const *)name) : s;
  s = s == NAX_OK ? nax_table_add_numbers(ctx, t, "tag", "Hz", x) : s;
  for (size_t k = 0; k < sizeof shown / sizeof shown[0] && s == NAX_OK; k++) {
    const double *v = nax_freqtag_values(j->f, shown[k]);
    if (v == NULL ||
        (shown[k] == NAX_FREQTAG_CONTROL && nax_freqtag_n_trials(j->f, 1) == 0)) {
      continue;
    }
    for (nax_index i = 0; i < n; i++) {
      x[i] = v[row[i]];
    }
    s = nax_table_add_numbers(ctx, t, nax_freqtag_field_name(shown[k]), NULL, x);
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] = nax_freqtag_values(j->f, NAX_FREQTAG_LOG_P)[row[i]] / log(10.0);
  }
  s = s == NAX_OK ? nax_table_add_numbers(ctx, t, "log10_p", NULL, x) : s;
  for (nax_index i = 0; i < n; i++) {
    x[i] = nax_freqtag_values(j->f, NAX_FREQTAG_Q)[row[i]];
  }
  s = s == NAX_OK ? nax_table_add_numbers(ctx, t, "q", NULL, x) : s;
  for (nax_index i = 0; i < n; i++) {
    int tested = !isnan(nax_freqtag_values(j->f, NAX_FREQTAG_Q)[row[i]]);
    x[i] = tested ? (double)nax_freqtag_is_tagged(j->f, row[i] % units, row[i] / units)
                  : (double)NAN;
  }
  s = s == NAX_OK ? nax_table_add_numbers(ctx, t, "tagged", NULL, x) : s;
  for (nax_index i = 0; i < n; i++) {
    free(name[i]);
  }
  free(name);
  free(row);
  free(x);
  if (s != NAX_OK) {
    nax_table_free(t);
    t = NULL;
  }
  *out = t;
  return s;
}

/* ------------------------------------------------------------------- design */

static int
plan(cli_tags *j)
{
  cli *c = j->c;
  nax_index n_tags, n = 0;
  double trials = NAN, miss;
  if (c->n_args > 0 || isnan(j->o.rate) || isnan(j->o.window) || j->o.tags == NULL) {
    return cli_error(c, CLI_USAGE,
                     "--plan takes no input but --sampling=HZ, --tags=LIST and "
                     "--window=SECONDS (the longest a trial can be)");
  }
  int status = cli_has(c, "trials") ? cli_number(c, "trials", 2.0, 1e9, &trials) : CLI_OK;
  double *tag = cli_tags_list(j, &n_tags);
  if (status == CLI_OK && n_tags == 0) {
    status = cli_error(c, CLI_USAGE, "--tags takes frequencies such as 1,2,4, got \"%s\"",
                       j->o.tags);
  }
  nax_table *t = NULL;
  nax_freqtag_neighbours around = {j->o.gap, j->o.side, 0, NULL, 0};
  if (status == CLI_OK) {
    nax_index most = (nax_index)floor(j->o.window * j->o.rate + 0.5);
    nax_status s =
        nax_freqtag_window(c->ctx, j->o.rate, n_tags, tag, most, 1e-3, &n, &miss);
    s = s == NAX_OK ? nax_freqtag_plan(c->ctx, j->o.rate, n, n_tags, tag, j->o.harmonics,
                                       &around, &t)
                    : s;
    status = s == NAX_OK ? cli_tags_print(j, t) : cli_fail(c, s);
  }
  if (status == CLI_OK) {
    char a[32], b[32];
    cli_note(c, 0, "window of %lld samples, %s s; bins are %s Hz apart", (long long)n,
             cli_short(a, (double)n / j->o.rate, 6),
             cli_short(b, j->o.rate / (double)n, 4));
    if (!isnan(trials)) {
      double kappa = nax_freqtag_detectable((nax_index)trials, 0.05, 0.8);
      cli_note(
          c, 0,
          "%s trials find an amplitude of %s standard deviations of white noise (per "
          "sample) in 80 %% of the cases, at p < 0.05 for one unit",
          cli_short(a, trials, 6), cli_short(b, 2.0 * sqrt(kappa / (double)n), 3));
    }
  }
  nax_table_free(t);
  free(tag);
  return status;
}

/* -------------------------------------------------------------------- trials */

static int
is_row(const nax_table *t, int32_t column, nax_index i, const char *name)
{
  const char *const *text = nax_table_text(t, column);
  const double *number = nax_table_numbers(t, column);
  double want;
  if (text != NULL) {
    return strcmp(text[i], name) == 0;
  }
  return number != NULL && cli_parse_number(name, &want) && number[i] == want;
}

static int32_t
find_column(const nax_table *t, const char *const *names)
{
  int32_t at = -1;
  for (; *names != NULL && at < 0; names++) {
    at = nax_table_find(t, *names);
  }
  return at;
}

/* Rows of the table of trials, as times. */
static int
load_events(cli_tags *j)
{
  cli *c = j->c;
  const char *name = cli_value(c, "events"),
             *which[2] = {cli_value(c, "condition"), cli_value(c, "control-condition")};
  int32_t v = nax_source_find(j->chain.source, name);
  nax_table *t = NULL;
  if (v < 0 || nax_source_var(j->chain.source, v)->kind != NAX_VAR_TABLE) {
    if (cli_has(c, "events") || which[0] != NULL || which[1] != NULL) {
      return cli_error(c, CLI_USAGE, "%s: there is no table `%s`",
                       cli_input_name(c->args[0]), name);
    }
    return CLI_OK;
  }
  nax_status s = nax_source_load_table(c->ctx, j->chain.source, v, &t);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  int status = CLI_OK;
  nax_index rows = nax_table_n_rows(t), n[2] = {0, 0};
  int32_t at =
      find_column(t, (const char *const[]){"start_time", "event_time", "time", NULL});
  int32_t column = find_column(
      t, (const char *const[]){"condition", "event_code", "code", "value", NULL});
  const double *start = nax_table_numbers(t, at);
  const double *stop = nax_table_numbers(t, nax_table_find(t, "stop_time"));
  double shortest = INFINITY;
  j->start = cli_alloc((size_t)(2 * rows), sizeof *j->start);
  if (start == NULL || ((which[0] != NULL || which[1] != NULL) && column < 0)) {
    status = cli_error(c, CLI_REJECTED, "%s: table `%s` has no column %s",
                       cli_input_name(c->args[0]), name,
                       start == NULL ? "start_time" : "condition");
  }
  for (nax_index i = 0; i < rows && status == CLI_OK; i++) {
    for (int k = 0; k < 2; k++) {
      int take = which[k] != NULL
                     ? is_row(t, column, i, which[k])
                     : k == 0 && (which[1] == NULL || !is_row(t, column, i, which[1]));
      if (take && isfinite(start[i])) {
        j->start[k * rows + n[k]++] = start[i];
        if (stop != NULL && stop[i] > start[i]) {
          shortest = fmin(shortest, stop[i] - start[i]);
        }
      }
    }
  }
  for (int k = 0; k < 2 && status == CLI_OK; k++) {
    if (which[k] != NULL && n[k] == 0) {
      status = cli_error(c, CLI_REJECTED, "%s: table `%s` has no row of condition `%s`",
                         cli_input_name(c->args[0]), name, which[k]);
    }
  }
  j->events.n = n[0];
  j->events.start = j->start;
  j->events.n_control = n[1];
  j->events.control = j->start + rows;
  nax_table_free(t);
  if (status == CLI_OK && isnan(j->o.window) && isfinite(shortest) && !j->o.off_grid) {
    /* trials that say how long they are bound the window */
    double rate = j->o.rate;
    int32_t main_var = cli_choose(c, j->chain.source);
    rate = isnan(rate) && main_var >= 0 ? nax_source_var(j->chain.source, main_var)->rate
                                        : rate;
    nax_index n_tags, best = 0;
    double *tag = cli_tags_list(j, &n_tags);
    if (rate > 0.0 && n_tags > 0 &&
        nax_freqtag_window(c->ctx, rate, n_tags, tag,
                           (nax_index)floor((shortest - j->o.skip) * rate + 0.5), 1e-3,
                           &best, NULL) == NAX_OK) {
      j->o.window = (double)best / rate;
    }
    free(tag);
  }
  return status;
}

/* Which items stand where, from an array of a file; n_items grows to the largest. */
static int
load_items(cli_tags *j, nax_source *source, const char *name, int which)
{
  cli *c = j->c;
  int32_t v = nax_source_find(source, name);
  nax_array *a = NULL;
  int status = CLI_OK;
  if (v < 0 || nax_source_var(source, v)->kind != NAX_VAR_ARRAY) {
    return cli_error(c, CLI_USAGE, "there is no array `%s` of items", name);
  }
  nax_status s = nax_source_load_array(c->ctx, source, v, NAX_F64, &a);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  nax_view x = nax_array_view(a);
  nax_index n = nax_view_size(&x);
  const double *value = x.data;
  j->item[which] = cli_alloc((size_t)n, sizeof *j->item[which]);
  for (nax_index i = 0; i < n && status == CLI_OK; i++) {
    if (isfinite(value[i]) && fabs(value[i]) < 1e15) {
      j->item[which][i] = (int64_t)floor(value[i]);
    } else {
      status = cli_error(c, CLI_REJECTED, "array `%s`: entry %lld is no item", name,
                         (long long)i);
    }
    if (status == CLI_OK && j->item[which][i] >= j->events.n_items) {
      j->events.n_items = j->item[which][i] + 1;
    }
  }
  if (which == 0) {
    j->events.n_slots = x.dim[0];
  }
  j->events.n_item_trials[which] = n / (x.dim[0] > 0 ? x.dim[0] : 1);
  nax_array_free(a);
  return status;
}

static int
settle_items(cli_tags *j)
{
  cli *c = j->c;
  const char *name = cli_value(c, "items"), *other = cli_value(c, "control-items");
  int two = j->control != NULL || j->events.n_control > 0;
  if (name == NULL && !cli_has(c, "control-items")) {
    return CLI_OK;
  }
  if (name == NULL || j->o.item_length < 1) {
    return cli_error(c, CLI_USAGE, "--items and --control-items go with --item-length");
  }
  int status = load_items(j, j->chain.source, name, 0);
  if (status == CLI_OK && two) {
    nax_source *from = j->control != NULL ? j->control : j->chain.source;
    status = load_items(j, from, cli_has(c, "control-items") ? other : name, 1);
  }
  j->events.item = j->item[0];
  j->events.control_item = j->item[1];
  return status;
}

/* ------------------------------------------------------------------- fitting */

int
cli_tags_has_steps(const cli *c)
{
  for (int i = 0; i < c->n_given; i++) {
    if (cli_step_find(c->given[i].ref->opt.name) != NULL) {
      return 1;
    }
  }
  return 0;
}

static int
open_control(cli_tags *j, const nax_source_opts *o, int32_t *var)
{
  cli *c = j->c;
  const char *path = cli_value(c, "control");
  *var = 0;
  if (path == NULL) {
    return CLI_OK;
  }
  int status = cli_open(c, path, o, &j->control);
  if (status == CLI_OK) {
    *var = cli_choose(c, j->control);
    status = *var < 0 ? CLI_USAGE : CLI_OK;
  }
  return status;
}

static int
has_axis(const nax_var_info *v, const char *const *names)
{
  for (int32_t k = 0; v->kind == NAX_VAR_ARRAY && k < v->ndim; k++) {
    for (int i = 0; names[i] != NULL; i++) {
      if (strcmp(nax_axis_name(v->axis[k]), names[i]) == 0) {
        return 1;
      }
    }
  }
  return 0;
}

/* Spike trains as they are, without counting them in bins. */
static int
fit_spikes(cli_tags *j, int32_t v, int32_t control_var, const nax_freqtag_events *e)
{
  cli *c = j->c;
  nax_spikes *a = NULL, *b = NULL;
  nax_status s = nax_source_load_spikes(c->ctx, j->chain.source, v, &a);
  if (s == NAX_OK && j->control != NULL) {
    if (nax_source_var(j->control, control_var)->kind != NAX_VAR_SPIKES) {
      nax_spikes_free(a);
      return cli_error(c, CLI_USAGE, "--control has no spike trains as the input has");
    }
    s = nax_source_load_spikes(c->ctx, j->control, control_var, &b);
  }
  s = s == NAX_OK ? nax_freqtag_fit_spikes(c->ctx, a, b, e, &j->o, &j->f) : s;
  nax_spikes_free(a);
  nax_spikes_free(b);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static int
fit(cli_tags *j, int32_t v, int32_t control_var)
{
  static const char *const trials[] = {"trial", "epoch", "repeat", "rendering", NULL};
  cli *c = j->c;
  nax_status s;
  int status = CLI_OK;
  const nax_freqtag_events *e = NULL;
  if (!has_axis(nax_source_var(j->chain.source, v), trials)) {
    status = load_events(j);
    e = j->events.n > 0 ? &j->events : NULL;
  } else if (cli_has(c, "condition") || cli_has(c, "control-condition")) {
    status =
        cli_error(c, CLI_USAGE,
                  "%s: `%s` has trials as an axis: choose them with --take or --slice, "
                  "and give the others with --control",
                  cli_input_name(c->args[0]), nax_source_var(j->chain.source, v)->name);
  }
  status = status == CLI_OK ? settle_items(j) : status;
  if (status != CLI_OK) {
    return status;
  }
  if (j->events.n_items > 0) {
    e = &j->events;
  }
  if (!cli_tags_has_steps(c)) {
    if (nax_source_var(j->chain.source, v)->kind == NAX_VAR_SPIKES) {
      return fit_spikes(j, v, control_var, e);
    }
    s = nax_freqtag_fit_source(c->ctx, j->chain.source, v, j->control, control_var, e,
                               &j->o, &j->f);
    return s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  json_t *done = json_array();
  if (j->control != NULL) {
    cli_chain other = {.c = c, .source = j->control};
    json_t *again = json_array();
    status = cli_chain_run(&other, control_var, again);
    json_decref(again);
    j->control_array = other.a;
    other.a = NULL;
    cli_chain_free(&other);
  }
  status = status == CLI_OK ? cli_chain_run(&j->chain, v, done) : status;
  json_decref(done);
  if (status == CLI_OK && j->chain.a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them first: give --bin=SECONDS",
                       cli_input_name(c->args[0]));
  }
  if (status == CLI_OK) {
    s = nax_freqtag_fit(c->ctx, j->chain.a, j->control_array, e, &j->o, &j->f);
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  return status;
}

static nax_status
write_results(cli_tags *j)
{
  cli *c = j->c;
  const char *path = cli_value(c, "output"), *page = cli_value(c, "report");
  nax_status s = NAX_OK;
  nax_dataset *d = NULL;
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    nax_report_freqtag_info info = {cli_input_name(c->args[0]),
                                    j->profile,
                                    j->sets,
                                    j->clusters,
                                    j->similarity,
                                    j->regions};
    s = nax_report_freqtag(c->ctx, j->f, &info, &r, page);
  }
  if (s == NAX_OK && path != NULL) {
    s = nax_freqtag_dataset(c->ctx, j->f, &d);
    if (s == NAX_OK && j->profile != NULL) {
      s = nax_dataset_add_table(c->ctx, d, "profile", j->profile);
      j->profile = s == NAX_OK ? NULL : j->profile;
    }
    if (s == NAX_OK && j->n_groups > 0 && j->sets != NULL) {
      s = nax_dataset_add_table(c->ctx, d, "group_sets", j->sets);
      j->sets = s == NAX_OK ? NULL : j->sets;
    }
    if (s == NAX_OK && j->similarity != NULL) {
      s = nax_dataset_add_table(c->ctx, d, "layer_similarity", j->similarity);
      j->similarity = s == NAX_OK ? NULL : j->similarity;
      s = s == NAX_OK
              ? nax_dataset_set_number(c->ctx, d, "freqtag_similarity", j->similar)
              : s;
      s = s == NAX_OK && !isnan(j->similar_p)
              ? nax_dataset_set_number(c->ctx, d, "freqtag_similarity_p", j->similar_p)
              : s;
    }
    if (s == NAX_OK && j->regions != NULL) {
      s = nax_dataset_add_table(c->ctx, d, "region_similarity", j->regions);
      j->regions = s == NAX_OK ? NULL : j->regions;
    }
    if (s == NAX_OK && j->clusters != NULL) {
      s = nax_dataset_add_table(c->ctx, d, "clusters", j->clusters);
      j->clusters = s == NAX_OK ? NULL : j->clusters;
    }
    s = s == NAX_OK ? cli_provenance(c, d, 1, c->args) : s;
    s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  }
  nax_dataset_free(d);
  return s;
}

/* ----------------------------------------------------------------------- run */

/* The table asked for to stdout, then the files. */
static int
print_results(cli_tags *j)
{
  cli *c = j->c;
  nax_table *t = NULL;
  const char *which = cli_value(c, "table");
  nax_status s = NAX_OK;
  int status = CLI_OK;
  if (strcmp(which, "units") == 0) {
    s = result_table(j, &t);
  } else if (strcmp(which, "ress") == 0 && j->o.ress) {
    s = nax_freqtag_components_table(c->ctx, j->f, &t);
  }
  const nax_table *shown = strcmp(which, "groups") == 0     ? j->profile
                           : strcmp(which, "sets") == 0     ? j->sets
                           : strcmp(which, "clusters") == 0 ? j->clusters
                           : strcmp(which, "layers") == 0   ? j->similarity
                           : strcmp(which, "regions") == 0  ? j->regions
                                                            : t;
  if (s == NAX_OK && shown == NULL) {
    status = cli_error(c, CLI_USAGE, "--table=%s needs %s", which,
                       strcmp(which, "groups") == 0 ? "--groups, or several axes of units"
                       : strcmp(which, "clusters") == 0 ? "--cluster"
                       : strcmp(which, "ress") == 0     ? "--ress"
                                                        : "at most 10 levels");
  } else if (s == NAX_OK) {
    status = cli_tags_print(j, shown);
  }
  s = s == NAX_OK && status == CLI_OK ? write_results(j) : s;
  nax_table_free(t);
  return status == CLI_OK && s != NAX_OK ? cli_fail(c, s) : status;
}

static int
analyse(cli_tags *j, const nax_source_opts *o)
{
  cli *c = j->c;
  int32_t control_var, v = cli_choose(c, j->chain.source);
  int status = v < 0 ? CLI_USAGE : cli_tags_brain_options(j);
  status = status == CLI_OK ? open_control(j, o, &control_var) : status;
  if (status != CLI_OK) {
    return status;
  }
  if (strcmp(cli_value(c, "rule"), "published") == 0) {
    return cli_tags_published(j, v, control_var);
  }
  status = fit(j, v, control_var);
  if (status != CLI_OK) {
    return status;
  }
  j->n_units = nax_freqtag_n_units(j->f);
  j->n_axes = nax_freqtag_n_unit_axes(j->f);
  for (int32_t k = 0; k < j->n_axes; k++) {
    j->axis[k] = nax_freqtag_unit_axis(j->f, k);
  }
  status = cli_tags_tables(j);
  status = status == CLI_OK ? cli_tags_brain(j, v) : status;
  if (status == CLI_OK) {
    status = print_results(j);
  }
  for (nax_index k = 0; k < nax_freqtag_n_tags(j->f) && status == CLI_OK; k++) {
    char a[32];
    cli_note(
        c, 0, "%lld of %lld units follow %s Hz", (long long)nax_freqtag_n_tagged(j->f, k),
        (long long)nax_freqtag_n_units(j->f), cli_short(a, nax_freqtag_tag(j->f, k), 6));
  }
  return status;
}

static int
run_freqtag(cli *c)
{
  nax_source_opts o;
  cli_tags j = {.c = c};
  int status = cli_begin_analysis(c, NULL, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "freqtag", &j.o) : status;
  if (status == CLI_OK && cli_has(c, "plan")) {
    return plan(&j);
  }
  if (status == CLI_OK && (c->n_args != 1 || j.o.tags == NULL)) {
    status = cli_error(c, CLI_USAGE, "give one input and --tags=LIST, or --plan");
  }
  j.o.keep = j.o.keep || cli_has(c, "cluster");
  if (status == CLI_OK && cli_value(c, "report") != NULL && !j.o.off_grid) {
    j.o.spectrum = 1; /* for the pictures */
  }
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &j.chain.source) : status;
  j.chain.c = c;
  status = status == CLI_OK ? analyse(&j, &o) : status;
  nax_freqtag_free(j.f);
  nax_table_free(j.profile);
  nax_table_free(j.sets);
  nax_table_free(j.clusters);
  nax_table_free(j.similarity);
  nax_table_free(j.regions);
  for (nax_index g = 0; g < j.n_groups; g++) {
    free(j.group_name[g]);
  }
  free(j.group_name);
  free(j.group);
  nax_array_free(j.control_array);
  free(j.start);
  free(j.item[0]);
  free(j.item[1]);
  cli_chain_free(&j.chain);
  nax_source_close(j.chain.source);
  nax_source_close(j.control);
  return status;
}

const cli_cmd cli_cmd_freqtag = {
    "freqtag",
    "Methods",
    "[FILE] --tags=LIST",
    "which units follow a tagged rhythm: words, phrases, sentences, flicker",
    "A stimulus that repeats a structure at a fixed rate puts a line at that rate into the "
    "spectrum of every unit that follows it. For each unit and tag this prints the "
    "amplitude locked to the stimulus, its phase, phase coherence over trials, power "
    "against neighbouring frequencies, and a p value adjusted for the number of units. "
    "With a control condition units must follow the tag more, or differently, than there. "
    "Trials are an axis of the data, or rows of a table with start_time; a recording "
    "without either is cut into windows. Recordings are read in blocks of units and may be "
    "larger than the memory. Spike trains are taken as they are (or counted, with --bin), "
    "uneven sampling by least squares.",
    "  neuraxis freqtag epochs.nc --tags=1,2,4 -o tags.nc --report tags.html\n"
    "  neuraxis freqtag eeg.gdf --tags=13 --condition=33025 --control-condition=33024\n"
    "  neuraxis freqtag units.nwb --tags=4 --window=2 --test=z2 --harmonics=3\n"
    "  neuraxis freqtag ssvep.nc --tags=13,17 --window=4 --ress --table=ress\n"
    "  neuraxis freqtag layers.nc --tags=1 --item-length=4 --items=order --null=sign\n"
    "  neuraxis freqtag layers.nc --control=shuffled.nc --tags=1,2 --tagged\n"
    "  neuraxis freqtag layers.nc --control=shuffled.nc --tags=1,2 "
    "--levels=sentence,phrase \\\n    --brain=seeg.nc --brain-groups=regions.csv "
    "--table=regions\n"
    "  neuraxis freqtag --plan --sampling=512 --tags=1,2,4 --window=9 --trials=20\n",
    freqtag_sections,
    run_freqtag,
    0,
    1,
    cli_steps_help};
