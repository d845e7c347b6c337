/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra of frequency tagging: coefficients, lines, spikes, many channels. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- coefficients ----------------------------------------------------------------- */

static nax_status
run_coefficients(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  nax_freqtag_spec spec = {.n_units = x.dim[0], .n_samples = x.ndim > 1 ? x.dim[1] : 1};
  nax_status s = nxb_dense(c, 0, 2, 3);
  s = s == NAX_OK ? nxb_numbers(c, 1, &spec.freqs, &spec.n_freqs) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 2, &spec.rate) : s;
  nax_index n_trials = x.ndim > 2 ? x.dim[2] : 1;
  nax_index n = spec.n_freqs * n_trials * spec.n_units;
  nax_c64 *z = s == NAX_OK ? nxb_room(c, n, sizeof *z) : NULL;
  if (s == NAX_OK) {
    s = z != NULL ? nax_freqtag_coefficients(c->ctx, &spec, &x, z) : NAX_ENOMEM;
  }
  const char *const axes[] = {"frequency", "trial", "unit"};
  const nax_index dim[] = {spec.n_freqs, n_trials, spec.n_units};
  return s == NAX_OK ? nxb_give_complex(c, "coefficients", 3, axes, dim, z) : s;
}

/* ---- one series ------------------------------------------------------------------- */

static nax_status
give_lines(nxb_call *c, nax_index n, const double *freqs, const nax_freqtag_line *line)
{
  double *x = nxb_doubles(c, 7 * n);
  nax_status s = x != NULL ? NAX_OK : NAX_ENOMEM;
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
  return s == NAX_OK ? nxb_give_columns(c, "lines", "line", n, 7, names, x) : s;
}

static nax_status
run_lomb_scargle(nxb_call *c)
{
  const double *t, *y, *freqs;
  nax_index n, n_y, n_freqs;
  double floating;
  nax_status s = nxb_numbers(c, 0, &t, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &y, &n_y) : s;
  s = s == NAX_OK ? nxb_numbers(c, 2, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &floating) : s;
  if (s == NAX_OK && n != n_y) {
    s = nxb_fail(c, NAX_EDIM, "`y` has %lld values, expected %lld as `t`", (long long)n_y,
                 (long long)n);
  }
  nax_freqtag_line *line = s == NAX_OK ? nxb_room(c, n_freqs, sizeof *line) : NULL;
  if (s == NAX_OK) {
    s = line != NULL ? nax_freqtag_lomb_scargle(c->ctx, n, t, y, n_freqs, freqs,
                                                floating != 0.0, line)
                     : NAX_ENOMEM;
  }
  s = s == NAX_OK ? give_lines(c, n_freqs, freqs, line) : s;
  return s;
}

static nax_status
run_fit_lines(nxb_call *c)
{
  const double *x, *freqs;
  nax_index n, n_freqs;
  double rate;
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  nax_status s = nxb_numbers(c, 0, &x, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 2, &rate) : s;
  nax_freqtag_line *line = s == NAX_OK ? nxb_room(c, n_freqs, sizeof *line) : NULL;
  s = s == NAX_OK && line == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < n_freqs; k++) {
    s = nax_freqtag_fit_line(c->ctx, n, x, rate, freqs[k], (nax_freqtag_trend)o->trend,
                             &line[k]);
  }
  s = s == NAX_OK ? give_lines(c, n_freqs, freqs, line) : s;
  return s;
}

static nax_status
run_thomson(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  double nw, rate;
  nax_index k = 0;
  nax_status s = nxb_dense(c, 0, 1, 2);
  s = s == NAX_OK ? nxb_number(c, 1, 4.0, &nw) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, floor(2.0 * nw) - 1.0, 1.0, 1e4, &k) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 3, &rate) : s;
  int is_row = v.ndim == 2 && v.dim[0] == 1; /* one series, as MATLAB writes it */
  nax_index n = is_row ? v.dim[1] : v.dim[0], bins = n / 2 + 1;
  nax_index trials = v.ndim > 1 && !is_row ? v.dim[1] : 1;
  nax_c64 *mu = s == NAX_OK ? nxb_room(c, bins, sizeof *mu) : NULL;
  nax_freqtag_test *test = s == NAX_OK ? nxb_room(c, bins, sizeof *test) : NULL;
  double *psd = s == NAX_OK ? nxb_doubles(c, bins) : NULL;
  double *x = s == NAX_OK ? nxb_doubles(c, 6 * bins) : NULL;
  if (s == NAX_OK) {
    s = mu != NULL && test != NULL && psd != NULL && x != NULL
            ? nax_freqtag_thomson(c->ctx, n, trials, v.data, rate, nw, k, mu, test, psd)
            : NAX_ENOMEM;
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
  return s;
}

static nax_status
run_thomson_lines(nxb_call *c)
{
  static const char *const names[] = {"frequency", "amplitude", "phase",
                                      "f",         "p",         "log_p"};
  nax_view v = nxb_view(c, 0);
  const double *freqs;
  double nw = 0.0, rate = 0.0, refine = 0.0;
  nax_index k = 0, n_freqs = 0;
  nax_status s = nxb_dense(c, 0, 1, 2);
  s = s == NAX_OK ? nxb_numbers(c, 1, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 4.0, &nw) : s;
  s = s == NAX_OK ? nxb_whole(c, 3, floor(2.0 * nw) - 1.0, 1.0, 1e4, &k) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 0.0, &refine) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 5, &rate) : s;
  int is_row = v.ndim == 2 && v.dim[0] == 1; /* one series, as MATLAB writes it */
  nax_index n = is_row ? v.dim[1] : v.dim[0];
  nax_index trials = v.ndim > 1 && !is_row ? v.dim[1] : 1;
  nax_c64 *mu = s == NAX_OK ? nxb_room(c, n_freqs, sizeof *mu) : NULL;
  nax_freqtag_test *test = mu != NULL ? nxb_room(c, n_freqs, sizeof *test) : NULL;
  double *at = test != NULL ? nxb_doubles(c, n_freqs) : NULL;
  double *x = at != NULL ? nxb_doubles(c, 6 * n_freqs) : NULL;
  if (s == NAX_OK) {
    s = x != NULL
            ? nax_freqtag_thomson_at(c->ctx, n, trials, v.data, rate, nw, k, n_freqs,
                                     freqs, refine != 0.0 && !isnan(refine), at, mu, test)
            : NAX_ENOMEM;
  }
  for (nax_index i = 0; s == NAX_OK && i < n_freqs; i++) {
    const double row[] = {at[i],
                          2.0 * hypot(mu[i].re, mu[i].im),
                          atan2(mu[i].im, mu[i].re),
                          test[i].statistic,
                          test[i].p,
                          test[i].log_p};
    for (int j = 0; j < 6; j++) {
      x[i + j * n_freqs] = row[j];
    }
  }
  return s == NAX_OK ? nxb_give_columns(c, "lines", "line", n_freqs, 6, names, x) : s;
}

static nax_status
run_dpss(nxb_call *c)
{
  nax_index n = 0, k = 0;
  double nw = 0.0;
  nax_status s = nxb_whole(c, 0, 0.0, 1.0, 1e8, &n);
  s = s == NAX_OK ? nxb_number(c, 1, 4.0, &nw) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, floor(2.0 * nw) - 1.0, 1.0, 1e4, &k) : s;
  double *tapers = s == NAX_OK ? nxb_doubles(c, n * k) : NULL;
  double *ratios = tapers != NULL ? nxb_doubles(c, k) : NULL;
  if (s == NAX_OK) {
    s = ratios != NULL ? nax_freqtag_dpss(c->ctx, n, nw, k, tapers, ratios) : NAX_ENOMEM;
  }
  const char *const axes[] = {"time", "taper"};
  const nax_index dim[] = {n, k};
  s = s == NAX_OK ? nxb_give_numbers(c, "tapers", 2, axes, dim, tapers) : s;
  return s == NAX_OK ? nxb_give_numbers(c, "ratios", 1, axes + 1, &k, ratios) : s;
}

/* ---- lines against their neighbours ----------------------------------------------- */

/* Inputs from `first` on: exclude, trim, truncate; the rest are options. */
static nax_status
neighbours_of(nxb_call *c, int first, nax_index n_bins, nax_freqtag_neighbours *out)
{
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  int64_t *bin = NULL;
  nax_index n = 0, trim = 0;
  double truncate = 0.0;
  nax_status s = nxb_codes(c, first, -1, &bin, &n);
  s = s == NAX_OK ? nxb_whole(c, first + 1, 0.0, 0.0, 1e9, &trim) : s;
  s = s == NAX_OK ? nxb_number(c, first + 2, 1.0, &truncate) : s;
  char *excluded = s == NAX_OK ? nxb_room(c, n_bins, 1) : NULL;
  s = s == NAX_OK && excluded == NULL ? NAX_ENOMEM : s;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    if (bin[i] < 1 || bin[i] > n_bins) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` is %lld at %lld, expected 1 to %lld",
                   c->method->in[first].name, (long long)bin[i], (long long)i + 1,
                   (long long)n_bins);
    } else {
      excluded[bin[i] - 1] = 1;
    }
  }
  free(bin);
  *out = (nax_freqtag_neighbours){(nax_index)o->gap, (nax_index)o->side, trim, excluded,
                                  truncate != 0.0 && !isnan(truncate)};
  return s;
}

/* Which bins each of n is compared with, from 1, NaN after the last: neighbour x bin. */
static nax_status
give_neighbours(nxb_call *c, nax_index n, const nax_freqtag_neighbours *around)
{
  static const char *const axes[] = {"neighbour", "bin"};
  nax_index wide = 2 * around->side;
  const nax_index dim[] = {wide, n};
  nax_array *a = NULL;
  nax_index *bin = nxb_room(c, wide, sizeof *bin);
  nax_status s = bin != NULL ? NAX_OK : NAX_ENOMEM;
  s = s == NAX_OK ? nax_array_create_dims(c->ctx, NAX_F64, 2, axes, dim, "", &a) : s;
  double *to = s == NAX_OK ? nax_array_data_mut(a) : NULL;
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    nax_index many = nax_freqtag_neighbour_bins(n, k, around, bin);
    for (nax_index i = 0; i < wide; i++) {
      to[i + k * wide] = i < many ? (double)(bin[i] + 1) : (double)NAN;
    }
    s = nxb_look(c, k, (1 << 18) / wide + 1);
  }
  return nxb_give_filled(c, s, "neighbours", a);
}

static nax_status
run_line_contrast(nxb_call *c)
{
  static const char *const names[] = {"line", "neighbours", "mean", "sd",
                                      "snr",  "difference", "z"};
  const double *x;
  nax_index n;
  nax_freqtag_neighbours around;
  nax_status s = nxb_numbers(c, 0, &x, &n);
  s = s == NAX_OK ? neighbours_of(c, 1, n, &around) : s;
  nax_freqtag_contrast *of = s == NAX_OK ? nxb_room(c, n, sizeof *of) : NULL;
  double *out = of != NULL ? nxb_doubles(c, 7 * n) : NULL;
  if (s == NAX_OK) {
    s = out != NULL ? nax_freqtag_contrast_all(c->ctx, n, x, &around, of) : NAX_ENOMEM;
  }
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    const double row[] = {x[k],      (double)of[k].n,  of[k].mean, of[k].sd,
                          of[k].snr, of[k].difference, of[k].z};
    for (int i = 0; i < 7; i++) {
      out[k + i * n] = row[i];
    }
  }
  s = s == NAX_OK ? nxb_give_columns(c, "bins", "bin", n, 7, names, out) : s;
  return s == NAX_OK ? give_neighbours(c, n, &around) : s;
}

static nax_status
run_harmonic_response(nxb_call *c)
{
  static const char *const names[] = {"sum", "root_power", "snr", "z"};
  const double *x;
  int64_t *at = NULL;
  nax_index n, many = 0;
  nax_freqtag_neighbours around;
  nax_freqtag_harmonics h;
  nax_status s = nxb_numbers(c, 0, &x, &n);
  s = s == NAX_OK ? nxb_codes(c, 1, -1, &at, &many) : s;
  s = s == NAX_OK ? neighbours_of(c, 2, n, &around) : s;
  nax_index *bin = s == NAX_OK ? nxb_room(c, many, sizeof *bin) : NULL;
  s = s == NAX_OK && bin == NULL ? NAX_ENOMEM : s;
  for (nax_index i = 0; s == NAX_OK && i < many; i++) {
    bin[i] = at[i] - 1; /* from 1 in the hosts; the library says when there is none */
  }
  free(at);
  s = s == NAX_OK ? nax_freqtag_harmonics_of(c->ctx, n, x, many, bin, &around, &h) : s;
  if (s == NAX_OK) {
    const double row[] = {h.sum, h.root_power, h.snr, h.z};
    s = nxb_give_columns(c, "response", "response", 1, 4, names, row);
  }
  return s;
}

static nax_status
run_trim_bias(nxb_call *c)
{
  const double *trim;
  nax_index n, neighbours = 0;
  nax_status s = nxb_numbers(c, 0, &trim, &n);
  s = s == NAX_OK ? nxb_whole(c, 1, 0.0, 1.0, 1e6, &neighbours) : s;
  double *x = s == NAX_OK ? nxb_doubles(c, n) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    x[k] = trim[k] >= 0.0 && trim[k] <= (double)neighbours
               ? nax_freqtag_trim_bias(neighbours, (nax_index)trim[k])
               : (double)NAN;
  }
  const char *const axis[] = {"trim"};
  return s == NAX_OK ? nxb_give_numbers(c, "share", 1, axis, &n, x) : s;
}

static nax_status
run_snr_test(nxb_call *c)
{
  static const char *const names[] = {"snr", "df1", "df2", "p", "log_p"};
  const double *snr;
  nax_index n, neighbours = 0, averaged = 0;
  nax_status s = nxb_numbers(c, 0, &snr, &n);
  s = s == NAX_OK ? nxb_whole(c, 1, 0.0, 1.0, 1e9, &neighbours) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1.0, 1.0, 1e9, &averaged) : s;
  double *x = s == NAX_OK ? nxb_doubles(c, 5 * n) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    nax_freqtag_test t = nax_freqtag_snr_test(snr[k], neighbours, averaged);
    s = nxb_look(c, k, 4096);
    const double row[] = {snr[k], t.df1, t.df2, t.p, t.log_p};
    for (int i = 0; i < 5; i++) {
      x[k + i * n] = row[i];
    }
  }
  return s == NAX_OK ? nxb_give_columns(c, "tests", "ratio", n, 5, names, x) : s;
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
  nax_status s = nxb_numbers(c, 1, &start, &n_trials);
  s = s == NAX_OK ? nxb_number(c, 2, 0.0, &length) : s;
  s = s == NAX_OK ? nxb_numbers(c, 3, &freqs, &n_freqs) : s;
  for (nax_index u = 0; s == NAX_OK && u < units; u++) {
    nax_index n;
    (void)nax_spikes_times(x, u, &n);
    most = n > most ? n : most;
  }
  const nax_view *field = nxb_optional(c, 4);
  if (s == NAX_OK && field != NULL) {
    s = nxb_dense(c, 4, 1, 2);
    if (s == NAX_OK && nax_view_size(field) != n_trials * n_freqs) {
      s = nxb_fail(c, NAX_EDIM, "`field_phase` has %lld values, expected %lld x %lld",
                   (long long)nax_view_size(field), (long long)n_trials,
                   (long long)n_freqs);
    }
  }
  double *t = s == NAX_OK ? nxb_doubles(c, most * n_trials) : NULL;
  nax_index *trial = s == NAX_OK ? nxb_room(c, most * n_trials, sizeof *trial) : NULL;
  nax_freqtag_spike_stats *f = s == NAX_OK ? nxb_room(c, n_freqs, sizeof *f) : NULL;
  enum { N_FIELDS = 8 };
  double *out = s == NAX_OK ? nxb_doubles(c, N_FIELDS * units * n_freqs) : NULL;
  if (s == NAX_OK && (t == NULL || trial == NULL || f == NULL || out == NULL)) {
    s = NAX_ENOMEM;
  }
  for (nax_index u = 0; s == NAX_OK && u < units; u++) {
    nax_index n = spikes_of(x, u, n_trials, start, length, t, trial);
    s = nax_freqtag_spikes(c->ctx, n, t, trial, n_trials, length, n_freqs, freqs,
                           field != NULL ? field->data : NULL, NULL, f);
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
  return s;
}

static nax_status
run_z2(nxb_call *c)
{
  const double *t, *freqs;
  nax_index n, n_freqs, m = 1;
  nax_status s = nxb_numbers(c, 0, &t, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1.0, 1.0, 1000.0, &m) : s;
  double *x = s == NAX_OK ? nxb_doubles(c, 4 * n_freqs) : NULL;
  nax_freqtag_test *z = x != NULL ? nxb_room(c, n_freqs, sizeof *z) : NULL;
  if (s == NAX_OK) {
    s = z != NULL ? nax_freqtag_z2_of(c->ctx, n, t, n_freqs, freqs, (int32_t)m, z)
                  : NAX_ENOMEM;
  }
  for (nax_index k = 0; s == NAX_OK && k < n_freqs; k++) {
    x[k] = freqs[k];
    x[k + n_freqs] = z[k].statistic;
    x[k + 2 * n_freqs] = z[k].p;
    x[k + 3 * n_freqs] = z[k].log_p;
  }
  static const char *const names[] = {"frequency", "z2", "p", "log_p"};
  s = s == NAX_OK ? nxb_give_columns(c, "z2", "line", n_freqs, 4, names, x) : s;
  return s;
}

/* ---- many channels ---------------------------------------------------------------- */

static nax_status
run_ress(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  nax_freqtag_ress_spec o = {.rate = 0.0};
  double leave_out = 0.0;
  nax_status s = nxb_dense(c, 0, 2, 3);
  s = s == NAX_OK ? nxb_number(c, 1, 0.0, &o.frequency) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 0.5, &o.width) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &o.distance) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 1.0, &o.distance_width) : s;
  s = s == NAX_OK ? nxb_number(c, 5, 0.01, &o.shrinkage) : s;
  s = s == NAX_OK ? nxb_number(c, 6, 0.0, &leave_out) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 7, &o.rate) : s;
  o.leave_out = leave_out != 0.0;
  nax_index p = v.dim[0], n = v.ndim > 1 ? v.dim[1] : 1,
            trials = v.ndim > 2 ? v.dim[2] : 1;
  double *values = s == NAX_OK ? nxb_doubles(c, p) : NULL;
  double *filters = s == NAX_OK ? nxb_doubles(c, p * p) : NULL;
  double *pattern = s == NAX_OK ? nxb_doubles(c, p) : NULL;
  double *component = s == NAX_OK ? nxb_doubles(c, n * trials) : NULL;
  if (s == NAX_OK) {
    s = values != NULL && filters != NULL && pattern != NULL && component != NULL
            ? nax_freqtag_ress(c->ctx, p, n, trials, v.data, &o, values, filters, pattern,
                               NULL, NULL, component)
            : NAX_ENOMEM;
  }
  const char *const channel[] = {"channel"}, *const filter[] = {"channel", "filter"};
  const char *const course[] = {"time", "trial"};
  const nax_index squared[] = {p, p}, long_dim[] = {n, trials};
  s = s == NAX_OK ? nxb_give_numbers(c, "component", 2, course, long_dim, component) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "pattern", 1, channel, &p, pattern) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "filters", 2, filter, squared, filters) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "values", 1, filter + 1, &p, values) : s;
  return s;
}

#define FREQS                                                                            \
  {                                                                                      \
    "frequencies", NXB_IN_ARRAY, 0, "frequency", "frequencies in Hz"                     \
  }
#define NEIGHBOURS                                                                       \
  {"exclude", NXB_IN_ARRAY, 1, "bin",                                                    \
   "bins that are no neighbours (other tags, mains), from 1"},                           \
      {"trim", NXB_IN_ARRAY, 1, "value",                                                 \
       "so many of the smallest and of the largest are dropped; not given: 0"},          \
  {                                                                                      \
    "truncate", NXB_IN_ARRAY, 1, "value",                                                \
        "at the ends of the spectrum: 1 uses what is there, 0 gives missing; not "       \
        "given: 1"                                                                       \
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
            NXB_RATE},
     .run = run_coefficients},
    {.name = "fit_lines",
     .title = "Sinusoids of known frequency in a series",
     .details =
         "Least squares of a line with a trend, on or off the grid, with its F test.",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {R_SINE, "fit_lines(x, c(5, 7), rate = 100)"},
     .m = {M_SINE, "neuraxis.fit_lines(x, [5 7], 'rate', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time", "evenly spaced samples"}, FREQS, NXB_RATE},
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
            NXB_RATE},
     .run = run_thomson},
    {.name = "thomson_lines",
     .title = "Lines of known frequency in a multitaper spectrum",
     .details =
         "Thomson's harmonic F test at any frequencies, on the grid or off, which may "
         "move to the next maximum within the band of the tapers; p has no penalty "
         "for that search. Thomson 1982.",
     .value = "a table with one row per frequency",
     .result = "",
     .r = {R_SINE, "thomson_lines(x, c(4.9, 7), rate = 100, refine = 1)"},
     .m = {M_SINE, "neuraxis.thomson_lines(x, [4.9 7], 'rate', 100, 'refine', 1)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time,trial", "time (x trial)"},
            FREQS,
            {"nw", NXB_IN_ARRAY, 1, "value", "time-bandwidth product; not given: 4"},
            {"tapers", NXB_IN_ARRAY, 1, "value", "not given: 2 nw - 1"},
            {"refine", NXB_IN_ARRAY, 1, "value",
             "1: move to the next maximum; not given: 0"},
            NXB_RATE},
     .run = run_thomson_lines},
    {.name = "dpss_tapers",
     .title = "Tapers of the multitaper spectrum",
     .details =
         "Discrete prolate spheroidal sequences: orthonormal, with as much of their "
         "energy in the band as there can be. Thomson 1982.",
     .value = "`tapers`, time x taper, and `ratios`, their energy within the band",
     .result = "dpss_tapers",
     .r = {NULL, "dpss_tapers(64, nw = 2)$ratios"},
     .m = {NULL, "neuraxis.dpss_tapers(64, 'nw', 2)"},
     .in = {{"samples", NXB_IN_ARRAY, 0, "value", "length"},
            {"nw", NXB_IN_ARRAY, 1, "value", "time-bandwidth product; not given: 4"},
            {"tapers", NXB_IN_ARRAY, 1, "value", "not given: 2 nw - 1"}},
     .run = run_dpss},
    {.name = "line_contrast",
     .title = "Each bin of a spectrum against its neighbours",
     .details =
         "Signal-to-noise ratio, baseline-corrected amplitude and z of every bin. z "
         "is not normal: snr_test has p.",
     .value = "the table `bins`, and `neighbours`, the bins used (numbers from 1)",
     .result = "line_contrast",
     .r = {"x <- abs(rnorm(40))\nx[11] <- 9", "line_contrast(x)$bins[11, ]"},
     .m = {"x = abs(randn(1, 40)); x(11) = 9;", "neuraxis.line_contrast(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "bin", "amplitude or power of each bin"}, NEIGHBOURS},
     .tables = {"freqtag"},
     .shown = ",neighbours,gap,",
     .run = run_line_contrast},
    {.name = "harmonic_response",
     .title = "A response spread over harmonics",
     .details = "Sum of the baseline-corrected amplitudes, root of the sum of their "
                "squares, and ratio and z of the spectra around all harmonics, added up. "
                "Retter and colleagues 2021.",
     .value = "a table: sum, root_power, snr, z",
     .result = "",
     .r = {"x <- abs(rnorm(60))\nx[c(11, 21, 31)] <- 9",
           "harmonic_response(x, c(11, 21, 31))"},
     .m = {"x = abs(randn(1, 60)); x([11 21 31]) = 9;",
           "neuraxis.harmonic_response(x, [11 21 31])"},
     .in = {{"x", NXB_IN_ARRAY, 0, "bin", "amplitude spectrum"},
            {"bins", NXB_IN_ARRAY, 0, "harmonic", "bins of the harmonics, from 1"},
            NEIGHBOURS},
     .tables = {"freqtag"},
     .shown = ",neighbours,gap,",
     .run = run_harmonic_response},
    {.name = "trim_bias",
     .title = "What trimming does to the mean of powers",
     .details =
         "The mean of powers of Gaussian noise without so many of the smallest and "
         "largest, as a share of the mean of all: divide a trimmed mean by it.",
     .value = "a share for each number",
     .result = "",
     .r = {NULL, "trim_bias(0:3, neighbours = 8)"},
     .m = {NULL, "neuraxis.trim_bias(0:3, 8)"},
     .in = {{"trim", NXB_IN_ARRAY, 0, "trim", "dropped at either end"},
            {"neighbours", NXB_IN_ARRAY, 0, "value", "how many powers there are"}},
     .run = run_trim_bias},
    {.name = "snr_test",
     .title = "Exact test of a power against its neighbours",
     .details =
         "For Gaussian noise that is flat near the line the ratio has an F "
         "distribution: of the power of averaged trials, or of power averaged over "
         "trials.",
     .value = "a table: snr, df1, df2, p, log_p",
     .result = "",
     .r = {NULL, "snr_test(c(2, 8), neighbours = 8)"},
     .m = {NULL, "neuraxis.snr_test([2 8], 8)"},
     .in = {{"snr", NXB_IN_ARRAY, 0, "ratio", "power over the mean of its neighbours"},
            {"neighbours", NXB_IN_ARRAY, 0, "value", "how many neighbours there are"},
            {"averaged", NXB_IN_ARRAY, 1, "value",
             "trials whose power was averaged; not given: 1, trials were averaged "
             "before"}},
     .run = run_snr_test},
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
            FREQS,
            {"field_phase", NXB_IN_ARRAY, 1, "trial,frequency",
             "phase of a field in each trial at each frequency, radians: spikes in its "
             "cycle; not given: in that of the stimulus"}},
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
            NXB_RATE},
     .run = run_ress},
    {.name = NULL},
};
