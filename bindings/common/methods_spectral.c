/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single tests of frequency tagging: what freqtag is made of, and what goes beyond it. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Doubles that live as long as a run; all are freed with it. */
typedef struct scratch {
  nxb_call *c;
  void *part[12];
  int n;
} scratch;

static void *
room(scratch *w, nax_index n, size_t size)
{
  void *p = w->n < 12 && n >= 0 ? calloc((size_t)n + 1, size) : NULL;
  if (p != NULL) {
    w->part[w->n++] = p;
  }
  return p;
}

static double *
numbers(scratch *w, nax_index n)
{
  return room(w, n, sizeof(double));
}

static void
clear(scratch *w)
{
  while (w->n > 0) {
    free(w->part[--w->n]);
  }
}

static nax_status
no_memory(nxb_call *c)
{
  return nxb_fail(c, NAX_ENOMEM, "out of memory");
}

/* Rate of the time axis of input i, or `given`. */
static nax_status
rate_of(nxb_call *c, int i, int rate, double *out)
{
  nax_status s = nxb_number(c, rate, NAX_NOT_GIVEN, out);
  for (int k = 0; s == NAX_OK && isnan(*out) && k < c->in[i].view.ndim; k++) {
    const nax_axis *a = c->in[i].axis[k];
    if (strcmp(nax_axis_name(a), "time") == 0 && nax_axis_rate(a) > 0.0) {
      *out = nax_axis_rate(a);
    }
  }
  if (s == NAX_OK && !(*out > 0.0)) {
    s = nxb_fail(c, NAX_EINVAL, "`rate` is missing, and `x` has no regular time axis");
  }
  return s;
}

static nax_status
is_dense(nxb_call *c, int i, int least, int most)
{
  const nax_view *v = &c->in[i].view;
  if (v->ndim < least || v->ndim > most || !nax_view_is_dense(v)) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %d axes, expected %d to %d",
                    c->method->in[i].name, (int)v->ndim, least, most);
  }
  return NAX_OK;
}

/* ---- coefficients and tests of them ----------------------------------------------- */

static nax_status
run_coefficients(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  scratch w = {.c = c};
  nax_freqtag_spec spec = {.n_units = x.dim[0], .n_samples = x.ndim > 1 ? x.dim[1] : 1};
  nax_status s = is_dense(c, 0, 2, 3);
  s = s == NAX_OK ? nxb_numbers(c, 1, &spec.freqs, &spec.n_freqs) : s;
  s = s == NAX_OK ? rate_of(c, 0, 2, &spec.rate) : s;
  nax_index n_trials = x.ndim > 2 ? x.dim[2] : 1;
  nax_index n = spec.n_freqs * n_trials * spec.n_units;
  nax_c64 *z = s == NAX_OK ? room(&w, n, sizeof *z) : NULL;
  double *out = s == NAX_OK ? numbers(&w, 2 * n) : NULL;
  if (s == NAX_OK) {
    s = z != NULL && out != NULL ? nax_freqtag_coefficients(c->ctx, &spec, &x, z)
                                 : no_memory(c);
  }
  if (s == NAX_OK) { /* real, then imaginary part */
    for (nax_index i = 0; i < n; i++) {
      out[i] = z[i].re;
      out[n + i] = z[i].im;
    }
    const char *const axes[] = {"frequency", "trial", "unit", "part"};
    const nax_index dim[] = {spec.n_freqs, n_trials, spec.n_units, 2};
    s = nxb_give_numbers(c, "coefficients", 4, axes, dim, out);
  }
  clear(&w);
  return s;
}

/* Tests of the coefficients in the columns of `re` and `im`. */
static nax_status
run_circular_tests(nxb_call *c)
{
  nax_view re = nxb_view(c, 0), im = nxb_view(c, 1);
  scratch w = {.c = c};
  nax_status s = is_dense(c, 0, 1, 2);
  s = s == NAX_OK ? is_dense(c, 1, 1, 2) : s;
  nax_index n = re.dim[0], m = re.ndim > 1 ? re.dim[1] : 1;
  if (s == NAX_OK && nax_view_size(&im) != n * m) {
    s = nxb_fail(c, NAX_EDIM, "`im` has %lld values, expected %lld as `re`",
                 (long long)nax_view_size(&im), (long long)(n * m));
  }
  nax_c64 *z = s == NAX_OK ? room(&w, n, sizeof *z) : NULL;
  enum { N_COLUMNS = 15 };
  double *x = s == NAX_OK ? numbers(&w, N_COLUMNS * m) : NULL;
  if (s == NAX_OK && (z == NULL || x == NULL)) {
    s = no_memory(c);
  }
  for (nax_index k = 0; s == NAX_OK && k < m; k++) {
    for (nax_index i = 0; i < n; i++) {
      z[i] = (nax_c64){((const double *)re.data)[i + k * n],
                       ((const double *)im.data)[i + k * n]};
    }
    const nax_c64 zero = {0.0, 0.0};
    nax_freqtag_moments of = nax_freqtag_moments_of(n, z);
    nax_freqtag_power power = nax_freqtag_power_of(&of);
    nax_freqtag_test t2circ = nax_freqtag_t2circ(&of, zero);
    nax_freqtag_test t2 = nax_freqtag_hotelling(&of, zero);
    nax_freqtag_test round = nax_freqtag_sphericity(&of);
    nax_freqtag_test phases =
        nax_freqtag_rayleigh(of.n - of.n_zero, power.itpc, NAX_FREQTAG_RAYLEIGH_AUTO);
    const double row[N_COLUMNS] = {(double)of.n,
                                   of.mean.re,
                                   of.mean.im,
                                   power.total,
                                   power.evoked,
                                   power.induced,
                                   power.itpc,
                                   power.ppc,
                                   nax_freqtag_t2circ_radius(&of, 0.05),
                                   t2circ.statistic,
                                   t2circ.p,
                                   t2.statistic,
                                   t2.p,
                                   round.p,
                                   phases.p};
    for (int i = 0; i < N_COLUMNS; i++) {
      x[k + i * m] = row[i];
    }
  }
  static const char *const names[N_COLUMNS] = {
      "n",        "mean_re", "mean_im", "total",        "evoked",
      "induced",  "itpc",    "ppc",     "radius_95",    "t2circ_f",
      "t2circ_p", "t2_f",    "t2_p",    "sphericity_p", "rayleigh_p"};
  s = s == NAX_OK ? nxb_give_columns(c, "tests", "column", m, N_COLUMNS, names, x) : s;
  clear(&w);
  return s;
}

/* ---- one series ------------------------------------------------------------------- */

static nax_status
give_lines(nxb_call *c, nax_index n, const double *freqs, const nax_freqtag_line *line)
{
  double *x = calloc((size_t)(7 * n) + 1, sizeof *x);
  nax_status s = x != NULL ? NAX_OK : no_memory(c);
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    double re = line[k].coefficient.re, im = line[k].coefficient.im;
    const double row[] = {freqs[k],          hypot(re, im),          atan2(im, re),
                          line[k].r_squared, line[k].test.statistic, line[k].test.p,
                          line[k].test.log_p};
    for (int i = 0; i < 7; i++) {
      x[k + i * n] = row[i];
    }
  }
  static const char *const names[] = {"frequency", "amplitude", "phase", "r_squared",
                                      "f",         "p",         "log_p"};
  s = s == NAX_OK ? nxb_give_columns(c, "lines", "line", n, 7, names, x) : s;
  free(x);
  return s;
}

static nax_status
run_lomb_scargle(nxb_call *c)
{
  const double *t, *y, *freqs;
  nax_index n, n_y, n_freqs;
  double floating;
  scratch w = {.c = c};
  nax_status s = nxb_numbers(c, 0, &t, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &y, &n_y) : s;
  s = s == NAX_OK ? nxb_numbers(c, 2, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &floating) : s;
  if (s == NAX_OK && n != n_y) {
    s = nxb_fail(c, NAX_EDIM, "`y` has %lld values, expected %lld as `t`", (long long)n_y,
                 (long long)n);
  }
  nax_freqtag_line *line = s == NAX_OK ? room(&w, n_freqs, sizeof *line) : NULL;
  if (s == NAX_OK) {
    s = line != NULL ? nax_freqtag_lomb_scargle(c->ctx, n, t, y, n_freqs, freqs,
                                                floating != 0.0, line)
                     : no_memory(c);
  }
  s = s == NAX_OK ? give_lines(c, n_freqs, freqs, line) : s;
  clear(&w);
  return s;
}

static nax_status
run_fit_lines(nxb_call *c)
{
  const double *x, *freqs;
  nax_index n, n_freqs;
  double rate;
  scratch w = {.c = c};
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  nax_status s = nxb_numbers(c, 0, &x, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? rate_of(c, 0, 2, &rate) : s;
  nax_freqtag_line *line = s == NAX_OK ? room(&w, n_freqs, sizeof *line) : NULL;
  s = s == NAX_OK && line == NULL ? no_memory(c) : s;
  for (nax_index k = 0; s == NAX_OK && k < n_freqs; k++) {
    s = nax_freqtag_fit_line(c->ctx, n, x, rate, freqs[k], (nax_freqtag_trend)o->trend,
                             &line[k]);
  }
  s = s == NAX_OK ? give_lines(c, n_freqs, freqs, line) : s;
  clear(&w);
  return s;
}

static nax_status
run_thomson(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  double nw, rate;
  nax_index k = 0;
  scratch w = {.c = c};
  nax_status s = is_dense(c, 0, 1, 2);
  s = s == NAX_OK ? nxb_number(c, 1, 4.0, &nw) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, floor(2.0 * nw) - 1.0, 1.0, 1e4, &k) : s;
  s = s == NAX_OK ? rate_of(c, 0, 3, &rate) : s;
  int is_row = v.ndim == 2 && v.dim[0] == 1; /* one series, as MATLAB writes it */
  nax_index n = is_row ? v.dim[1] : v.dim[0], bins = n / 2 + 1;
  nax_index trials = v.ndim > 1 && !is_row ? v.dim[1] : 1;
  nax_c64 *mu = s == NAX_OK ? room(&w, bins, sizeof *mu) : NULL;
  nax_freqtag_test *test = s == NAX_OK ? room(&w, bins, sizeof *test) : NULL;
  double *psd = s == NAX_OK ? numbers(&w, bins) : NULL;
  double *x = s == NAX_OK ? numbers(&w, 6 * bins) : NULL;
  if (s == NAX_OK) {
    s = mu != NULL && test != NULL && psd != NULL && x != NULL
            ? nax_freqtag_thomson(c->ctx, n, trials, v.data, rate, nw, k, mu, test, psd)
            : no_memory(c);
  }
  for (nax_index b = 0; s == NAX_OK && b < bins; b++) {
    const double row[] = {(double)b * rate / (double)n,
                          2.0 * hypot(mu[b].re, mu[b].im),
                          atan2(mu[b].im, mu[b].re),
                          test[b].statistic,
                          test[b].p,
                          psd[b]};
    for (int i = 0; i < 6; i++) {
      x[b + i * bins] = row[i];
    }
  }
  static const char *const names[] = {"frequency", "amplitude", "phase", "f", "p", "psd"};
  s = s == NAX_OK ? nxb_give_columns(c, "spectrum", "frequency", bins, 6, names, x) : s;
  clear(&w);
  return s;
}

/* ---- spikes ----------------------------------------------------------------------- */

/* Spikes of unit u within the trials: times from the start of their trial. */
static nax_index
spikes_of(const nax_spikes *x, nax_index u, nax_index n_trials, const double *start,
          double length, double *t, nax_index *trial)
{
  nax_index n_times, n = 0;
  const double *all = nax_spikes_times(x, u, &n_times);
  for (nax_index k = 0; k < n_trials; k++) {
    for (nax_index i = 0; i < n_times; i++) {
      double at = all[i] - start[k];
      if (at >= 0.0 && at < length) {
        t[n] = at;
        trial[n++] = k;
      }
    }
  }
  return n;
}

static nax_status
run_spikes(nxb_call *c)
{
  const nax_spikes *x = c->in[0].spikes;
  const double *start, *freqs;
  double length;
  nax_index n_trials, n_freqs, units = nax_spikes_n_units(x), most = 0;
  scratch w = {.c = c};
  nax_status s = nxb_numbers(c, 1, &start, &n_trials);
  s = s == NAX_OK ? nxb_number(c, 2, 0.0, &length) : s;
  s = s == NAX_OK ? nxb_numbers(c, 3, &freqs, &n_freqs) : s;
  for (nax_index u = 0; s == NAX_OK && u < units; u++) {
    nax_index n;
    (void)nax_spikes_times(x, u, &n);
    most = n > most ? n : most;
  }
  double *t = s == NAX_OK ? numbers(&w, most * n_trials) : NULL;
  nax_index *trial = s == NAX_OK ? room(&w, most * n_trials, sizeof *trial) : NULL;
  nax_freqtag_spike_stats *f = s == NAX_OK ? room(&w, n_freqs, sizeof *f) : NULL;
  enum { N_FIELDS = 8 };
  double *out = s == NAX_OK ? numbers(&w, N_FIELDS * units * n_freqs) : NULL;
  if (s == NAX_OK && (t == NULL || trial == NULL || f == NULL || out == NULL)) {
    s = no_memory(c);
  }
  for (nax_index u = 0; s == NAX_OK && u < units; u++) {
    nax_index n = spikes_of(x, u, n_trials, start, length, t, trial);
    s = nax_freqtag_spikes(c->ctx, n, t, trial, n_trials, length, n_freqs, freqs, NULL,
                           NULL, f);
    for (nax_index k = 0; s == NAX_OK && k < n_freqs; k++) {
      const double row[N_FIELDS] = {
          (double)f[k].n, f[k].vector_strength, f[k].phase,     f[k].ppc0, f[k].ppc1,
          f[k].ppc2,      f[k].power,           f[k].rayleigh.p};
      for (int i = 0; i < N_FIELDS; i++) {
        out[u + k * units + i * units * n_freqs] = row[i];
      }
    }
  }
  static const char *const names[N_FIELDS] = {
      "spikes", "vector_strength", "phase", "ppc0", "ppc1", "ppc2", "power", "p"};
  nax_axis *axis[2] = {NULL, NULL};
  s = s == NAX_OK ? nax_axis_copy(c->ctx, nax_spikes_units(x), &axis[0]) : s;
  s = s == NAX_OK
          ? nax_axis_create_coords(c->ctx, "frequency", "Hz", n_freqs, freqs, &axis[1])
          : s;
  for (int i = 0; s == NAX_OK && i < N_FIELDS; i++) {
    nax_array *a = NULL;
    s = nax_array_create(c->ctx, NAX_F64, 2, (const nax_axis *const *)axis, "", &a);
    if (s == NAX_OK) {
      memcpy(nax_array_data_mut(a), out + i * units * n_freqs,
             (size_t)(units * n_freqs) * sizeof *out);
      s = nxb_give_array(c, names[i], a);
    }
  }
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
  clear(&w);
  return s;
}

static nax_status
run_z2(nxb_call *c)
{
  const double *t, *freqs;
  nax_index n, n_freqs, m = 1;
  scratch w = {.c = c};
  nax_status s = nxb_numbers(c, 0, &t, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1.0, 1.0, 1000.0, &m) : s;
  double *x = s == NAX_OK ? numbers(&w, 4 * n_freqs) : NULL;
  s = s == NAX_OK && x == NULL ? no_memory(c) : s;
  for (nax_index k = 0; s == NAX_OK && k < n_freqs; k++) {
    nax_freqtag_test z = nax_freqtag_z2(n, t, freqs[k], (int32_t)m);
    x[k] = freqs[k];
    x[k + n_freqs] = z.statistic;
    x[k + 2 * n_freqs] = z.p;
    x[k + 3 * n_freqs] = z.log_p;
  }
  static const char *const names[] = {"frequency", "z2", "p", "log_p"};
  s = s == NAX_OK ? nxb_give_columns(c, "z2", "line", n_freqs, 4, names, x) : s;
  clear(&w);
  return s;
}

/* ---- many channels ---------------------------------------------------------------- */

static nax_status
run_ress(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  scratch w = {.c = c};
  nax_freqtag_ress_spec o = {.rate = 0.0};
  double leave_out = 0.0;
  nax_status s = is_dense(c, 0, 2, 3);
  s = s == NAX_OK ? nxb_number(c, 1, 0.0, &o.frequency) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 0.5, &o.width) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &o.distance) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 1.0, &o.distance_width) : s;
  s = s == NAX_OK ? nxb_number(c, 5, 0.01, &o.shrinkage) : s;
  s = s == NAX_OK ? nxb_number(c, 6, 0.0, &leave_out) : s;
  s = s == NAX_OK ? rate_of(c, 0, 7, &o.rate) : s;
  o.leave_out = leave_out != 0.0;
  nax_index p = v.dim[0], n = v.ndim > 1 ? v.dim[1] : 1,
            trials = v.ndim > 2 ? v.dim[2] : 1;
  double *values = s == NAX_OK ? numbers(&w, p) : NULL;
  double *filters = s == NAX_OK ? numbers(&w, p * p) : NULL;
  double *pattern = s == NAX_OK ? numbers(&w, p) : NULL;
  double *component = s == NAX_OK ? numbers(&w, n * trials) : NULL;
  if (s == NAX_OK) {
    s = values != NULL && filters != NULL && pattern != NULL && component != NULL
            ? nax_freqtag_ress(c->ctx, p, n, trials, v.data, &o, values, filters, pattern,
                               NULL, NULL, component)
            : no_memory(c);
  }
  const char *const channel[] = {"channel"}, *const filter[] = {"channel", "filter"};
  const char *const course[] = {"time", "trial"};
  const nax_index squared[] = {p, p}, long_dim[] = {n, trials};
  s = s == NAX_OK ? nxb_give_numbers(c, "component", 2, course, long_dim, component) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "pattern", 1, channel, &p, pattern) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "filters", 2, filter, squared, filters) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "values", 1, filter + 1, &p, values) : s;
  clear(&w);
  return s;
}

static nax_status
run_cluster_test(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  double threshold;
  nax_index flips = 0, n_clusters = 0;
  scratch w = {.c = c};
  nax_status s = is_dense(c, 0, 2, 2);
  s = s == NAX_OK ? nxb_number(c, 1, 0.0, &threshold) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1000.0, 1.0, 1e7, &flips) : s;
  nax_index n = v.dim[0], m = v.ndim > 1 ? v.dim[1] : 1;
  double *x = s == NAX_OK ? numbers(&w, 3 * m) : NULL;
  int64_t *label = s == NAX_OK ? room(&w, m, sizeof *label) : NULL;
  nax_freqtag_cluster *cluster = s == NAX_OK ? room(&w, m, sizeof *cluster) : NULL;
  double *rows = s == NAX_OK ? numbers(&w, 4 * m) : NULL;
  if (s == NAX_OK) {
    s = x != NULL && label != NULL && cluster != NULL && rows != NULL
            ? nax_freqtag_cluster_test(
                  c->ctx, n, 0, m, v.data, 0, threshold, NULL, flips, NULL,
                  ((const nax_trsa_agtic_opts *)nxb_opts(c, "agtic"))->seed, x, label,
                  cluster, &n_clusters, x + 2 * m, NULL)
            : no_memory(c);
  }
  for (nax_index i = 0; s == NAX_OK && i < m; i++) {
    x[m + i] = (double)(label[i] + 1); /* 0: none */
  }
  for (nax_index k = 0; s == NAX_OK && k < n_clusters; k++) {
    rows[k] = (double)(cluster[k].first + 1);
    rows[k + n_clusters] = (double)cluster[k].n;
    rows[k + 2 * n_clusters] = cluster[k].mass;
    rows[k + 3 * n_clusters] = cluster[k].p;
  }
  static const char *const cells[] = {"statistic", "cluster", "p_max"};
  static const char *const clusters[] = {"first", "cells", "mass", "p"};
  s = s == NAX_OK
          ? nxb_give_columns(c, "clusters", "cluster", n_clusters, 4, clusters, rows)
          : s;
  s = s == NAX_OK ? nxb_give_columns(c, "cells", "cell", m, 3, cells, x) : s;
  clear(&w);
  return s;
}

static nax_status
run_items(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  nax_index length = 0, cycles = 1, given = 0, items = 0;
  int64_t *item = NULL;
  scratch w = {.c = c};
  nax_status s = nxb_whole(c, 1, 0.0, 1.0, 1e9, &length);
  s = s == NAX_OK ? nxb_whole(c, 3, 1.0, 0.0, 1e9, &cycles) : s;
  if (c->in[2].kind == NXB_ARRAY &&
      nax_view_is_dense(&c->in[2].view)) { /* slot x trial */
    c->in[2].view.dim[0] = nax_view_size(&c->in[2].view);
    c->in[2].view.ndim = 1;
  }
  s = s == NAX_OK ? nxb_codes(c, 2, -1, &item, &given) : s;
  nax_index slots = s == NAX_OK && x.ndim > 1 ? x.dim[1] / length : 0;
  nax_index trials = x.ndim > 2 ? x.dim[2] : 1;
  if (s == NAX_OK && item != NULL && given != slots * trials) {
    s = nxb_fail(c, NAX_EDIM, "`item` has %lld values, expected %lld slots x %lld trials",
                 (long long)given, (long long)slots, (long long)trials);
  }
  items = item == NULL ? slots : 0;
  for (nax_index i = 0; s == NAX_OK && item != NULL && i < given; i++) {
    items = item[i] > items ? item[i] : items;
    item[i] -= 1; /* from 1 in the hosts */
  }
  nax_freqtag_moments *m = s == NAX_OK ? room(&w, x.dim[0], sizeof *m) : NULL;
  double *out = s == NAX_OK ? numbers(&w, 6 * x.dim[0]) : NULL;
  if (s == NAX_OK) {
    s = m != NULL && out != NULL
            ? nax_freqtag_items(c->ctx, &x, length, items, item, cycles, m)
            : no_memory(c);
  }
  for (nax_index u = 0; s == NAX_OK && u < x.dim[0]; u++) {
    nax_freqtag_power power = nax_freqtag_power_of(&m[u]);
    nax_freqtag_test t = nax_freqtag_t2circ(&m[u], (nax_c64){0.0, 0.0});
    const double row[] = {(double)m[u].n, m[u].mean.re, m[u].mean.im,
                          power.itpc,     t.statistic,  t.p};
    for (int i = 0; i < 6; i++) {
      out[u + i * x.dim[0]] = row[i];
    }
  }
  static const char *const names[] = {"items",     "mean_re",  "mean_im",
                                      "coherence", "t2circ_f", "t2circ_p"};
  s = s == NAX_OK ? nxb_give_columns(c, "units", "unit", x.dim[0], 6, names, out) : s;
  clear(&w);
  free(item);
  return s;
}

static nax_status
run_alignment(nxb_call *c)
{
  nax_view model = nxb_view(c, 0), brain = nxb_view(c, 1);
  nax_index top = 1;
  scratch w = {.c = c};
  nax_status s = is_dense(c, 0, 3, 3);
  s = s == NAX_OK ? is_dense(c, 1, 3, 3) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1.0, 1.0, 1e9, &top) : s;
  if (s == NAX_OK && (model.dim[0] != brain.dim[0] || model.dim[1] != brain.dim[1])) {
    s = nxb_fail(c, NAX_EDIM,
                 "`brain` is %lld x %lld x ..., expected %lld x %lld as `model`",
                 (long long)brain.dim[0], (long long)brain.dim[1],
                 (long long)model.dim[0], (long long)model.dim[1]);
  }
  nax_index n = model.ndim > 2 ? model.dim[2] : 0, m = brain.ndim > 2 ? brain.dim[2] : 0;
  double *rho = s == NAX_OK ? numbers(&w, n * m) : NULL;
  double *best = s == NAX_OK ? numbers(&w, n) : NULL;
  if (s == NAX_OK) {
    s = rho != NULL && best != NULL
            ? nax_freqtag_alignment(c->ctx, model.dim[0], model.dim[1], n, model.data, m,
                                    brain.data, top, NULL, NULL, rho, best)
            : no_memory(c);
  }
  const char *const axes[] = {"layer", "channel"};
  const nax_index dim[] = {n, m};
  s = s == NAX_OK ? nxb_give_numbers(c, "rho", 2, axes, dim, rho) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "top", 1, axes, &n, best) : s;
  clear(&w);
  return s;
}

static nax_status
run_hftp(nxb_call *c)
{
  nax_view x = nxb_view(c, 0), y = nxb_view(c, 1);
  nax_index sentence, permutations, n_phrase = 0, *bin = NULL;
  int64_t *phrase = NULL;
  nax_freqtag_hftp *h = NULL;
  scratch w = {.c = c};
  nax_status s = nxb_whole(c, 2, 0.0, 1.0, 1e9, &sentence);
  s = s == NAX_OK ? nxb_codes(c, 3, -1, &phrase, &n_phrase) : s;
  s = s == NAX_OK ? nxb_whole(c, 4, 1000.0, 1.0, 1e7, &permutations) : s;
  bin = s == NAX_OK ? room(&w, n_phrase, sizeof *bin) : NULL;
  s = s == NAX_OK && bin == NULL ? no_memory(c) : s;
  for (nax_index k = 0; s == NAX_OK && k < n_phrase; k++) {
    bin[k] = phrase[k];
  }
  free(phrase);
  if (s == NAX_OK) {
    s = nax_freqtag_hftp_published(
        c->ctx, &x, &y, sentence, n_phrase, bin, permutations, NULL,
        ((const nax_trsa_agtic_opts *)nxb_opts(c, "agtic"))->seed, &h);
  }
  nax_index n = s == NAX_OK ? h->n_units : 0;
  double *out = s == NAX_OK ? numbers(&w, 8 * n) : NULL;
  s = s == NAX_OK && out == NULL ? no_memory(c) : s;
  for (nax_index u = 0; s == NAX_OK && u < n; u++) {
    for (int k = 0; k < 2; k++) {
      out[u + k * n] = h->amplitude[k + 2 * u];
      out[u + (2 + k) * n] = h->contrast[k + 2 * u];
      out[u + (4 + k) * n] = h->z[k + 2 * u];
    }
    out[u + 6 * n] = (double)h->passed[u];
    out[u + 7 * n] = (double)h->flagged[u];
  }
  static const char *const names[] = {"sentence_amplitude",
                                      "phrase_amplitude",
                                      "sentence_contrast",
                                      "phrase_contrast",
                                      "sentence_z",
                                      "phrase_z",
                                      "passed",
                                      "flagged"};
  s = s == NAX_OK ? nxb_give_columns(c, "units", "unit", n, 8, names, out) : s;
  nax_freqtag_hftp_free(h);
  clear(&w);
  return s;
}

#define FREQS                                                                            \
  {                                                                                      \
    "frequencies", NXB_IN_ARRAY, 0, "frequency", "frequencies in Hz"                     \
  }
#define RATE                                                                             \
  {                                                                                      \
    "rate", NXB_IN_ARRAY, 1, "value",                                                    \
        "samples per second; not given: of the time axis of `x`"                         \
  }
#define R_SINE "x <- sin(2 * pi * 5 * (0:499) / 100) + rnorm(500)"
#define M_SINE "x = sin(2 * pi * 5 * (0:499) / 100) + randn(1, 500);"

const nxb_method nxb_spectral_methods[] = {
    {.name = "freqtag_coefficients",
     .title = "Fourier coefficients of trials at given frequencies",
     .details =
         "What all tests of tagging start from, at frequencies on or off the grid.",
     .value = "an array frequency x trial x unit x part (real, imaginary)",
     .result = "",
     .r = {"x <- array(rnorm(4 * 200 * 6), c(4, 200, 6))",
           "freqtag_coefficients(x, c(2, 4), rate = 100)"},
     .m = {"x = randn(4, 200, 6);",
           "neuraxis.freqtag_coefficients(x, [2 4], 'rate', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "unit x time (x trial)"},
            FREQS,
            RATE},
     .run = run_coefficients},
    {.name = "circular_tests",
     .title = "Is the mean coefficient different from 0",
     .details =
         "T2circ, Hotelling's T2, the test of the circularity that T2circ assumes, "
         "and Rayleigh's test of the phases, for each column of coefficients. Victor "
         "and Mast 1991.",
     .value = "a table with one row per column: effect sizes and tests",
     .result = "",
     .r = {"re <- matrix(rnorm(20, 1), 10)\nim <- matrix(rnorm(20), 10)",
           "circular_tests(re, im)"},
     .m = {"re = randn(10, 2) + 1; im = randn(10, 2);",
           "neuraxis.circular_tests(re, im)"},
     .in = {{"re", NXB_IN_ARRAY, 0, "trial,unit", "real parts, trial (x column)"},
            {"im", NXB_IN_ARRAY, 0, "trial,unit", "imaginary parts"}},
     .run = run_circular_tests},
    {.name = "fit_lines",
     .title = "Sinusoids of known frequency in a series",
     .details =
         "Least squares of a line with a trend, on or off the grid, with its F test.",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {R_SINE, "fit_lines(x, c(5, 7), rate = 100)"},
     .m = {M_SINE, "neuraxis.fit_lines(x, [5 7], 'rate', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time", "evenly spaced samples"}, FREQS, RATE},
     .tables = {"freqtag"},
     .shown = ",trend,",
     .run = run_fit_lines},
    {.name = "lomb_scargle",
     .title = "Sinusoids of known frequency in samples at any times",
     .details = "Generalised Lomb-Scargle; no penalty for a search is in p, as the "
                "frequencies are known.",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {"t <- sort(runif(200, 0, 10))\ny <- sin(2 * pi * 2 * t) + rnorm(200)",
           "lomb_scargle(t, y, c(2, 3))"},
     .m = {"t = sort(10 * rand(1, 200)); y = sin(2 * pi * 2 * t) + randn(1, 200);",
           "neuraxis.lomb_scargle(t, y, [2 3])"},
     .in = {{"t", NXB_IN_ARRAY, 0, "sample", "times in s"},
            {"y", NXB_IN_ARRAY, 0, "sample", "values"},
            FREQS,
            {"floating_mean", NXB_IN_ARRAY, 1, "value",
             "1: fit a constant too, 0: the classic form; not given: 1"}},
     .run = run_lomb_scargle},
    {.name = "thomson_test",
     .title = "Lines in a multitaper spectrum",
     .details = "Thomson's harmonic F test at every bin; trials share one phase-locked "
                "line. Thomson 1982.",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {R_SINE, "head(thomson_test(x, rate = 100))"},
     .m = {M_SINE, "neuraxis.thomson_test(x, 'rate', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time,trial", "time (x trial)"},
            {"nw", NXB_IN_ARRAY, 1, "value", "time-bandwidth product; not given: 4"},
            {"tapers", NXB_IN_ARRAY, 1, "value", "not given: 2 nw - 1"},
            RATE},
     .run = run_thomson},
    {.name = "freqtag_spikes",
     .title = "How spikes follow a frequency",
     .details =
         "Vector strength, phase, pairwise phase consistencies, power and Rayleigh's "
         "test of each unit over trials, from the spike times themselves. Vinck et "
         "al. 2011.",
     .value = "one array unit x frequency per measure",
     .result = "freqtag_spikes",
     .r = {"d <- simulate_recording(kind = \"spikes\", units = 4, trials = 6)",
           "freqtag_spikes(d$spikes, d$trials$start_time, 2, c(1, 2))"},
     .m = {"d = neuraxis.simulate_recording('kind', 'spikes', 'units', 4, 'trials', 6);",
           "neuraxis.freqtag_spikes(d.spikes, d.trials.start_time, 2, [1 2])"},
     .in = {{"x", NXB_IN_SPIKES, 0, NULL, "spike trains"},
            {"start", NXB_IN_ARRAY, 0, "trial", "start of each trial in s"},
            {"length", NXB_IN_ARRAY, 0, "value", "length of a trial in s"},
            FREQS},
     .run = run_spikes},
    {.name = "z2_test",
     .title = "Z-squared test of event times",
     .details = "Are events uniform in the cycle of a frequency, over m harmonics?",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {"t <- (1:50) / 5 + rnorm(50, 0, 0.01)", "z2_test(t, 5)"},
     .m = {"t = (1:50) / 5 + 0.01 * randn(1, 50);", "neuraxis.z2_test(t, 5)"},
     .in = {{"t", NXB_IN_ARRAY, 0, "event", "times in s"},
            FREQS,
            {"harmonics", NXB_IN_ARRAY, 1, "value", "m; not given: 1"}},
     .run = run_z2},
    {.name = "freqtag_ress",
     .title = "The combination of channels that follows a tag",
     .details =
         "Rhythmic entrainment source separation: the filter whose power at the tag "
         "is largest against its neighbourhood. Cohen and Gulbinaite 2017.",
     .value = "`component` (time x trial), `pattern`, `filters` and their `values`",
     .result = "freqtag_ress",
     .r = {"x <- array(rnorm(4 * 400 * 5), c(4, 400, 5))",
           "freqtag_ress(x, 10, rate = 100)"},
     .m = {"x = randn(4, 400, 5);", "neuraxis.freqtag_ress(x, 10, 'rate', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "channel x time (x trial)"},
            {"frequency", NXB_IN_ARRAY, 0, "value", "of the tag in Hz"},
            {"width", NXB_IN_ARRAY, 1, "value",
             "of the filter there, Hz; not given: 0.5"},
            {"distance", NXB_IN_ARRAY, 1, "value",
             "of the reference filters on both sides, Hz; not given: 1"},
            {"distance_width", NXB_IN_ARRAY, 1, "value", "their width, Hz; not given: 1"},
            {"shrinkage", NXB_IN_ARRAY, 1, "value",
             "share of the identity in the reference; not given: 0.01"},
            {"leave_out", NXB_IN_ARRAY, 1, "value",
             "1: each trial by a filter that has not seen it; not given: 0"},
            RATE},
     .run = run_ress},
    {.name = "cluster_test",
     .title = "Cluster-mass test by sign flips",
     .details = "Stretches of neighbouring cells beyond a threshold, against the largest "
                "of each flip of signs. Maris and Oostenveld 2007.",
     .value = "the tables `clusters` and `cells`",
     .result = "cluster_test",
     .r = {"x <- matrix(rnorm(200), 10)\nx[, 5:9] <- x[, 5:9] + 1.5",
           "cluster_test(x, 2.3, flips = 200)"},
     .m = {"x = randn(10, 20); x(:, 5:9) = x(:, 5:9) + 1.5;",
           "neuraxis.cluster_test(x, 2.3, 'flips', 200)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "observation,cell", "observation x cell"},
            {"threshold", NXB_IN_ARRAY, 0, "value", "t that a cell must reach"},
            {"flips", NXB_IN_ARRAY, 1, "value", "not given: 1000"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_cluster_test},
    {.name = "freqtag_items",
     .title = "Items as observations",
     .details = "When trials are the same items (sentences) in other orders, tests that "
                "speak of items like these: coefficients of an item are averaged over "
                "trials first.",
     .value = "a table with one row per unit",
     .result = "",
     .r = {"x <- array(rnorm(4 * 200 * 5), c(4, 200, 5))",
           "freqtag_items(x, 20, item = replicate(5, sample(10)))"},
     .m = {"x = randn(4, 200, 5);", "neuraxis.freqtag_items(x, 20)"},
     .in =
         {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
           "unit x time x trial, items end to end"},
          {"item_length", NXB_IN_ARRAY, 0, "value", "samples of an item"},
          {"item", NXB_IN_ARRAY, 1, "entry",
           "item in each slot of each trial, numbers from 1, 0 for none; not given: slot "
           "s is item s"},
          {"cycles", NXB_IN_ARRAY, 1, "value", "per item; not given: 1"}},
     .run = run_items},
    {.name = "freqtag_alignment",
     .title = "Alignment of layers with channels",
     .details = "Spectra of blocks of trials make a matrix of cosine dissimilarities; "
                "Spearman's correlation between each layer's and each channel's, and the "
                "mean over the best channels, whose choice biases it upwards. HFTP 2025.",
     .value = "`rho`, layer x channel, and `top`",
     .result = "freqtag_alignment",
     .r = {"model <- array(runif(5 * 6 * 2), c(5, 6, 2))\n"
           "brain <- array(runif(5 * 6 * 3), c(5, 6, 3))",
           "freqtag_alignment(model, brain)"},
     .m = {"model = rand(5, 6, 2); brain = rand(5, 6, 3);",
           "neuraxis.freqtag_alignment(model, brain)"},
     .in = {{"model", NXB_IN_ARRAY, 0, "bin,block,layer", "bin x block x layer"},
            {"brain", NXB_IN_ARRAY, 0, "bin,block,channel", "bin x block x channel"},
            {"top", NXB_IN_ARRAY, 1, "value", "channels averaged; not given: 1"}},
     .run = run_alignment},
    {.name = "hftp_published",
     .title = "The published two-stage rule of HFTP",
     .details =
         "For comparison: without correction for many units it flags units in pure "
         "noise. The default rule of freqtag with a control does not. HFTP 2025.",
     .value = "a table with one row per unit; flagged is 1 sentence, 2 phrase, 3 both",
     .result = "",
     .r = {"x <- array(rnorm(6 * 64 * 5), c(6, 64, 5))\n"
           "y <- array(rnorm(6 * 64 * 5), c(6, 64, 5))",
           "hftp_published(x, y, sentence = 4, phrase = 8, permutations = 100)"},
     .m = {"x = randn(6, 64, 5); y = randn(6, 64, 5);",
           "neuraxis.hftp_published(x, y, 4, 8, 'permutations', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "unit x time x group"},
            {"control", NXB_IN_ARRAY, 0, "neuron,time,trial", "the same, control"},
            {"sentence", NXB_IN_ARRAY, 0, "value",
             "cycles of the sentence in the window"},
            {"phrase", NXB_IN_ARRAY, 0, "value", "cycles of each phrase rate"},
            {"permutations", NXB_IN_ARRAY, 1, "value", "of time; not given: 1000"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_hftp},
    {.name = NULL},
};
