/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis gpvae: latents that neurons and behaviour share, and those each has alone. */
#include "cli_i.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt gpvae_opts[] = {
    {"neural", "VAR", NULL, "variable with spike trains or neuron x time (x trial)", NULL,
     CLI_TEXT, 0, 0, 0},
    {"behaviour", "VAR", NULL,
     "variable with features (any axes, e.g. y x x) x time (x trial)", NULL, CLI_TEXT, 0,
     0, 0},
    {"bin", "SECONDS", NULL,
     "width of the bins in which spikes are counted; not given: the frames of behaviour",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"trials", "TABLE", "trials",
     "table whose rows (start_time, stop_time) are the trials of a recording that is not "
     "cut yet",
     NULL, CLI_TEXT, 0, 0, 0},
    {"chunk", "SECONDS", NULL, "cut the recording into stretches of this length instead",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the latents to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {"strict", NULL, NULL, "exit with 4 when the bound was still rising at the end", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section gpvae_sections[] = {{"Options", gpvae_opts, NULL, NULL},
                                             {"Model and fit", NULL, "gpvae", NULL},
                                             {"Output", cli_output_opts, NULL, NULL},
                                             {"Reading", NULL, "source", NULL},
                                             {NULL, NULL, NULL, NULL}};

/* One run. Arm 0 is the neurons, arm 1 behaviour. */
typedef struct job {
  cli *c;
  nax_source *source;
  nax_gpvae_opts fit;
  nax_save_opts save;
  nax_array *a[2];
  nax_index rows[2];
  nax_index n_trials;
  nax_view *view[2];
  double step;      /* s per bin, NaN when unknown */
  double *from;     /* time of the first bin of each trial */
  nax_axis *pieces; /* where trials are pieces of a recording: these times */
  nax_gpvae *m;
  nax_gpvae_posterior *p;
} job;

/* --- reading ---------------------------------------------------------------------------
 */

static int
find_var(job *j, const char *option, int32_t *v)
{
  cli *c = j->c;
  const char *name = cli_value(c, option);
  *v = -1;
  if (name == NULL) {
    return CLI_OK;
  }
  *v = nax_source_find(j->source, name);
  if (*v < 0 || nax_source_var(j->source, *v)->kind == NAX_VAR_TABLE) {
    return cli_error(c, CLI_USAGE, "%s: there is no variable `%s` for --%s",
                     cli_input_name(c->args[0]), name, option);
  }
  return CLI_OK;
}

static const nax_axis *
times(const job *j, int arm)
{
  return nax_array_axis(j->a[arm], nax_array_find_axis(j->a[arm], "time"));
}

/* Bring an arm that is not cut into trials onto another grid of times. */
static int
regrid(job *j, int arm, const char *name, const nax_signal_resample_opts *o,
       const char *why)
{
  cli *c = j->c;
  nax_array *b = NULL;
  nax_status s = nax_signal_resample(c->ctx, j->a[arm], o, &b);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  nax_array_free(j->a[arm]);
  j->a[arm] = b;
  cli_note(c, 0, "`%s` is brought onto a grid of %g Hz: %s", name,
           nax_axis_rate(times(j, arm)), why);
  return CLI_OK;
}

/* Time last but for trials; the others, together, are the rows. */
static int
arrange(job *j, int arm, const char *name)
{
  cli *c = j->c;
  nax_array *a = j->a[arm];
  int32_t n = nax_array_ndim(a), time = nax_array_find_axis(a, "time");
  int32_t trial = nax_array_find_axis(a, "trial"), order[NAX_MAX_NDIM], k = 0;
  if (time < 0) {
    return cli_error(c, CLI_REJECTED,
                     "%s: `%s` has no axis `time`: name the axes by --axes",
                     cli_input_name(c->args[0]), name);
  }
  for (int32_t i = 0; i < n; i++) {
    if (i != time && i != trial) {
      order[k++] = i;
    }
  }
  order[k++] = time;
  if (trial >= 0) {
    order[k++] = trial;
  }
  nax_array *b = NULL;
  nax_status s = nax_array_permute(c->ctx, a, order, &b);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  nax_array_free(a);
  j->a[arm] = b;
  j->rows[arm] = 1;
  for (int32_t i = 0; i < n - 1 - (trial >= 0); i++) {
    j->rows[arm] *= nax_array_dim(b, i);
  }
  const nax_axis *t = times(j, arm);
  if (trial < 0 && nax_axis_get_kind(t) == NAX_AXIS_COORDS && *nax_axis_unit(t) != '\0') {
    nax_signal_resample_opts o = NAX_SIGNAL_RESAMPLE_OPTS_INIT;
    int status = regrid(j, arm, name, &o, "its times are not evenly spaced");
    if (status != CLI_OK) {
      return status;
    }
  }
  double rate = nax_axis_rate(times(j, arm));
  j->step = rate > 0.0 ? 1.0 / rate : j->step;
  return CLI_OK;
}

/* Behaviour that was sampled at other times than the neurons is brought onto theirs. */
static int
match_times(job *j)
{
  if (j->a[0] == NULL || j->a[1] == NULL || nax_array_find_axis(j->a[0], "trial") >= 0 ||
      nax_array_find_axis(j->a[1], "trial") >= 0) {
    return CLI_OK;
  }
  const nax_axis *t = times(j, 0), *u = times(j, 1);
  double rate = nax_axis_rate(t), other = nax_axis_rate(u);
  double first = nax_axis_coord(t, 0), late = nax_axis_coord(u, 0) - first;
  nax_index n = nax_axis_length(t);
  if (!(rate > 0.0) || !(other > 0.0) ||
      (nax_axis_length(u) == n && fabs(late) * rate < 0.01 &&
       fabs(rate / other - 1.0) * (double)n < 0.01)) {
    return CLI_OK;
  }
  nax_signal_resample_opts o = NAX_SIGNAL_RESAMPLE_OPTS_INIT;
  o.rate = rate;
  o.start = first;
  o.stop = first + ((double)n - 0.5) / rate;
  o.method = other > rate ? NAX_INTERPOLATE_AVERAGE : NAX_INTERPOLATE_LINEAR;
  return regrid(j, 1, cli_value(j->c, "behaviour"), &o, "that of the neurons");
}

/* Count spikes in the frames of behaviour, or in bins of --bin. */
static int
count_spikes(job *j, int32_t v)
{
  cli *c = j->c;
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_spikes *sp = NULL;
  nax_status s = nax_source_load_spikes(c->ctx, j->source, v, &sp);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  int status = CLI_OK;
  if (j->a[1] != NULL) {
    const nax_axis *t = nax_array_axis(j->a[1], nax_array_find_axis(j->a[1], "time"));
    double rate = nax_axis_rate(t);
    if (!(rate > 0.0) || nax_array_find_axis(j->a[1], "trial") >= 0) {
      status = cli_error(c, CLI_REJECTED,
                         "%s: spikes need behaviour with a steady frame rate over the "
                         "whole recording",
                         cli_input_name(c->args[0]));
    } else {
      o.width = 1.0 / rate;
      o.t_start = nax_axis_coord(t, 0);
      /* half a frame less, so that rounding adds no bin */
      o.t_stop = o.t_start + ((double)nax_axis_length(t) - 0.5) / rate;
    }
  } else if (cli_has(c, "bin")) {
    status = cli_number(c, "bin", 1e-6, 1e6, &o.width);
  } else {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them first: give --bin=SECONDS",
                       cli_input_name(c->args[0]));
  }
  s = status == CLI_OK ? nax_spikes_bin(c->ctx, sp, &o, NULL, &j->a[0]) : NAX_OK;
  nax_spikes_free(sp);
  return status != CLI_OK ? status : s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static int
load(job *j)
{
  cli *c = j->c;
  int32_t v[2];
  static const char *const option[2] = {"neural", "behaviour"};
  int status = CLI_OK;
  if (cli_value(c, option[0]) == NULL && cli_value(c, option[1]) == NULL) {
    return cli_error(c, CLI_USAGE, "give --neural=VAR, --behaviour=VAR or both");
  }
  for (int arm = 1; arm >= 0 && status == CLI_OK; arm--) { /* frames before spikes */
    status = find_var(j, option[arm], &v[arm]);
    if (status != CLI_OK || v[arm] < 0) {
      continue;
    }
    const nax_var_info *info = nax_source_var(j->source, v[arm]);
    if (info->kind == NAX_VAR_SPIKES && arm == 0) {
      status = count_spikes(j, v[arm]);
    } else if (info->kind == NAX_VAR_SPIKES) {
      status = cli_error(c, CLI_USAGE, "%s: `%s` are spike trains, not behaviour",
                         cli_input_name(c->args[0]), info->name);
    } else {
      nax_status s =
          nax_source_load_array(c->ctx, j->source, v[arm], NAX_F32, &j->a[arm]);
      status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
    }
    status = status == CLI_OK ? arrange(j, arm, info->name) : status;
  }
  return status == CLI_OK ? match_times(j) : status;
}

/* --- cutting ---------------------------------------------------------------------------
 */

/* Bins [lo, hi) of trial `trial` (-1: there is no such axis) of one arm. */
static nax_view
cut(const job *j, int arm, nax_index lo, nax_index hi, nax_index trial)
{
  nax_view whole = nax_array_view(j->a[arm]);
  nax_index rows = j->rows[arm], bins = nax_array_dim(j->a[arm], whole.ndim - 1);
  if (trial >= 0) {
    bins = nax_array_dim(j->a[arm], whole.ndim - 2);
  }
  nax_index at = rows * (lo + bins * (trial > 0 ? trial : 0));
  nax_index dim[2] = {rows, hi - lo};
  return whole.dtype == NAX_F32 ? nax_view_f32((const float *)whole.data + at, 2, dim)
                                : nax_view_f64((const double *)whole.data + at, 2, dim);
}

static int
add_trial(job *j, nax_index lo, nax_index hi, nax_index trial)
{
  for (int arm = 0; arm < 2; arm++) {
    if (j->a[arm] != NULL) {
      size_t n = (size_t)j->n_trials + 1;
      j->view[arm] = cli_grow(j->view[arm], n, sizeof *j->view[arm]);
      j->view[arm][j->n_trials] = cut(j, arm, lo, hi, trial);
    }
  }
  size_t n = (size_t)j->n_trials + 1;
  j->from = cli_grow(j->from, n, sizeof *j->from);
  j->from[j->n_trials++] = nax_axis_coord(times(j, j->a[0] != NULL ? 0 : 1), lo);
  return CLI_OK;
}

/* Trials from the table: bins whose time lies in [start, stop). */
static int
cut_by_table(job *j, const nax_axis *time, int32_t v)
{
  cli *c = j->c;
  nax_table *t = NULL;
  nax_status s = nax_source_load_table(c->ctx, j->source, v, &t);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  const double *start = nax_table_numbers(t, nax_table_find(t, "start_time"));
  const double *stop = nax_table_numbers(t, nax_table_find(t, "stop_time"));
  int status = CLI_OK;
  if (start == NULL || stop == NULL) {
    status = cli_error(c, CLI_REJECTED,
                       "%s: table `%s` has no columns start_time and stop_time",
                       cli_input_name(c->args[0]), cli_value(c, "trials"));
  }
  nax_index n = status == CLI_OK ? nax_table_n_rows(t) : 0, empty = 0;
  double slack = isnan(j->step) ? 0.0 : 1e-6 * j->step;
  for (nax_index k = 0; k < n; k++) {
    nax_index lo = nax_axis_lower_bound(time, start[k] - slack);
    nax_index hi = nax_axis_lower_bound(time, stop[k] - slack);
    if (lo >= 0 && hi > lo) {
      add_trial(j, lo, hi, -1);
    } else {
      empty++;
    }
  }
  if (empty > 0) {
    cli_note(c, 0, "%lld of %lld trials have no bin and are left out", (long long)empty,
             (long long)n);
  }
  nax_table_free(t);
  return status;
}

static int
make_trials(job *j)
{
  cli *c = j->c;
  const nax_array *a = j->a[0] != NULL ? j->a[0] : j->a[1], *b = j->a[1];
  const nax_axis *time = nax_array_axis(a, nax_array_find_axis(a, "time"));
  int32_t trial = nax_array_find_axis(a, "trial");
  nax_index bins = nax_axis_length(time);
  const char *name = cli_value(c, "trials");
  int32_t v = nax_source_find(j->source, name);
  if (b != NULL && a != b) {
    const nax_axis *other = nax_array_axis(b, nax_array_find_axis(b, "time"));
    if (nax_axis_length(other) != bins ||
        (nax_array_find_axis(b, "trial") >= 0) != (trial >= 0)) {
      return cli_error(
          c, CLI_REJECTED,
          "%s: neurons have %lld bins, behaviour %lld; they must be recorded "
          "in the same bins and cut alike",
          cli_input_name(c->args[0]), (long long)bins, (long long)nax_axis_length(other));
    }
    if (trial >= 0 &&
        nax_array_dim(a, trial) != nax_array_dim(b, nax_array_find_axis(b, "trial"))) {
      return cli_error(c, CLI_REJECTED, "%s: neurons and behaviour differ in trials",
                       cli_input_name(c->args[0]));
    }
  }
  if (trial >= 0) {
    for (nax_index k = 0; k < nax_array_dim(a, trial); k++) {
      add_trial(j, 0, bins, k);
    }
  } else if (cli_has(c, "chunk")) {
    double chunk;
    int status = cli_number(c, "chunk", 1e-6, 1e9, &chunk);
    if (status == CLI_OK && isnan(j->step)) {
      status = cli_error(c, CLI_REJECTED, "%s: --chunk needs a steady rate",
                         cli_input_name(c->args[0]));
    }
    if (status != CLI_OK) {
      return status;
    }
    nax_index n = (nax_index)llround(chunk / j->step);
    n = n < 1 ? 1 : n;
    for (nax_index lo = 0; lo < bins; lo += n) {
      add_trial(j, lo, bins - lo < n ? bins : lo + n, -1);
    }
  } else if (v >= 0 && nax_source_var(j->source, v)->kind == NAX_VAR_TABLE) {
    int status = cut_by_table(j, time, v);
    if (status != CLI_OK) {
      return status;
    }
  } else {
    return cli_error(c, CLI_USAGE,
                     "%s: there is no table `%s` of trials: give --trials=TABLE or "
                     "--chunk=SECONDS",
                     cli_input_name(c->args[0]), name);
  }
  return j->n_trials > 0 ? CLI_OK
                         : cli_error(c, CLI_REJECTED, "%s: no trial has a bin",
                                     cli_input_name(c->args[0]));
}

/* Trials that have nothing but missing values of an arm count as not having it. */
static void
drop_missing(job *j)
{
  for (int arm = 0; arm < 2; arm++) {
    for (nax_index k = 0; k < j->n_trials && j->view[arm] != NULL; k++) {
      nax_view *v = &j->view[arm][k];
      int seen = 0;
      for (nax_index i = 0; i < v->dim[0] * v->dim[1] && !seen; i++) {
        double x = v->dtype == NAX_F32 ? (double)((const float *)v->data)[i]
                                       : ((const double *)v->data)[i];
        seen = x == x;
      }
      if (!seen && j->view[1 - arm] != NULL && j->view[1 - arm][k].data != NULL) {
        v->data = NULL;
      }
    }
  }
}

/* --- all -------------------------------------------------------------------------------
 */

static nax_status
write_page(job *j, const nax_gpvae_trials *t, const char *page)
{
  cli *c = j->c;
  nax_report_opts r = cli_report_opts(c);
  nax_report_gpvae_info info = {cli_input_name(c->args[0]), t, 0};
  if (j->a[1] != NULL) { /* two axes besides time and trials: pictures */
    int32_t others = nax_array_ndim(j->a[1]) - 1;
    others -= nax_array_find_axis(j->a[1], "trial") >= 0;
    info.image_rows = others == 2 ? nax_array_dim(j->a[1], 0) : 0;
  }
  return nax_report_gpvae(c->ctx, j->m, j->p, &info, &r, page);
}

/* Neurons, trials and time as the recording has them. */
static nax_status
find_labels(job *j, nax_trial_labels *l)
{
  nax_status s = NAX_OK;
  const nax_array *a = j->a[0] != NULL ? j->a[0] : j->a[1];
  int32_t trial = nax_array_find_axis(a, "trial");
  int one_axis = nax_array_ndim(a) - 1 - (trial >= 0) == 1;
  if (trial < 0) {
    s = nax_axis_create_coords(j->c->ctx, "trial", "s", j->n_trials, j->from, &j->pieces);
  }
  l->neurons = j->a[0] != NULL && one_axis ? nax_array_axis(a, 0) : NULL;
  l->trials = trial >= 0 ? nax_array_axis(a, trial) : j->pieces;
  l->start = trial >= 0 || j->n_trials == 1 ? j->from[0] : 0.0;
  return s;
}

static nax_status
save(job *j, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_trial_labels labels;
  nax_status s = find_labels(j, &labels);
  s = s == NAX_OK ? nax_gpvae_dataset(c->ctx, j->m, j->p, &labels, &d) : s;
  s = s == NAX_OK ? cli_provenance(c, d, 1, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  nax_dataset_free(d);
  return s;
}

static int
fit_and_save(job *j, const char *path)
{
  cli *c = j->c;
  int status = load(j);
  status = status == CLI_OK ? make_trials(j) : status;
  if (status != CLI_OK) {
    return status;
  }
  drop_missing(j);
  if (!cli_has(c, "bin-width") && !isnan(j->step)) {
    j->fit.bin = j->step;
  }
  nax_gpvae_trials t = {j->n_trials, j->view[0], j->view[1]};
  nax_status s = nax_gpvae_fit(c->ctx, &t, &j->fit, &j->m);
  s = s == NAX_OK ? nax_gpvae_infer(c->ctx, j->m, &t, &j->p) : s;
  s = s == NAX_OK ? save(j, path) : s;
  if (s == NAX_OK && cli_value(c, "report") != NULL) {
    s = write_page(j, &t, cli_value(c, "report"));
  }
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  double bound = 0.0;
  nax_index held = 0;
  for (nax_index k = 0; k < j->n_trials; k++) {
    if (nax_gpvae_held_out(j->m, k)) {
      bound += nax_gpvae_posterior_bound(j->p, k);
      held++;
    }
  }
  char number[32];
  if (held > 0) {
    cli_note(c, 0, "bound of the %lld trials held out: %s per trial", (long long)held,
             cli_short(number, bound / (double)held, 8));
  }
  if (nax_gpvae_stop(j->m) != NAX_STOP_TOL && j->fit.patience > 0) {
    cli_note(c, 1, "the bound was still rising: more --epochs may help");
    return cli_has(c, "strict") ? CLI_NOT_CONVERGED : CLI_OK;
  }
  return CLI_OK;
}

static int
run_gpvae(cli *c)
{
  nax_source_opts o;
  job j = {.c = c, .step = (double)NAN};
  const char *path;
  int status = cli_begin_analysis(c, &path, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "gpvae", &j.fit) : status;
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &j.source) : status;
  status = status == CLI_OK ? fit_and_save(&j, path) : status;
  nax_gpvae_posterior_free(j.p);
  nax_gpvae_free(j.m);
  for (int arm = 0; arm < 2; arm++) {
    nax_array_free(j.a[arm]);
    free(j.view[arm]);
  }
  free(j.from);
  nax_axis_free(j.pieces);
  nax_source_close(j.source);
  return status;
}

const cli_cmd cli_cmd_gpvae = {
    "gpvae",
    "Methods",
    "FILE -o OUTPUT",
    "latents that neurons and behaviour share, and those that each has alone",
    "Multi-modal Gaussian-process variational auto-encoder. Smooth latents over the bins "
    "of each trial: neurons are linear in the neural-only and the shared ones, behaviour "
    "(images, postures, traces) is a neural network of the shared and its own. The fit "
    "begins with GPFA of the neurons, finds out which directions behaviour depends on, "
    "and then moves everything together; a fifth of the trials is held out to judge by. "
    "With --neural alone it is a plain GPFA with that likelihood, with --behaviour alone "
    "a plain GP-VAE. Missing values are left out; trials may differ in length. Behaviour "
    "sampled at other times than the neurons, or at uneven ones, is brought onto their "
    "grid.",
    "  neuraxis gpvae session.nc --neural=spikes --behaviour=images -o latents.nc "
    "\\\n    --report=latents.html\n"
    "  neuraxis gpvae trials.nc --neural=dff --likelihood=gaussian --neural-latents=5 \\\n"
    "    --shared-latents=0 -o latents.nc\n",
    gpvae_sections,
    run_gpvae,
    1,
    1,
    NULL};
