/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit settles before it looks at values: axes, window, lines, neighbours, trials.
 */
#include "fit_i.h"
#include <math.h>

/* --------------------------------------------------------------------- lists */

/* "1, 2.5,4" as numbers. */
static nax_status
parse_list(nax_ctx *ctx, const char *fn, const char *option, const char *text,
           double *out, nax_index most, nax_index *n)
{
  *n = 0;
  for (const char *p = text; p != NULL && *p != '\0';) {
    size_t m = strcspn(p, ",");
    const char *from = p, *to = p + m;
    while (from < to && *from == ' ') {
      from++;
    }
    while (to > from && to[-1] == ' ') {
      to--;
    }
    double f = 0.0;
    if (*n >= most || !nax_i_parse_double(from, to, &f) || !(f > 0.0)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `%s` takes up to %lld frequencies such as 1,2,4, got "
                        "\"%s\"",
                        option, (long long)most, text);
    }
    out[(*n)++] = f;
    p += m + (p[m] == ',');
  }
  return NAX_OK;
}

/* ---------------------------------------------------------------------- axes */

static int
is_called(const nax_axis *a, const char *const *names)
{
  for (; *names != NULL; names++) {
    if (strcmp(nax_axis_name(a), *names) == 0) {
      return 1;
    }
  }
  return 0;
}

nax_status
nax_i_ft_layout(nax_ctx *ctx, const char *fn, int32_t ndim, const nax_axis *const *axis,
                nax_i_ft_axes *l)
{
  static const char *const times[] = {"time", "sample", NULL};
  static const char *const trials[] = {"trial", "epoch", "repeat", "rendering", NULL};
  *l = (nax_i_ft_axes){.time = -1, .trial = -1, .first_unit = -1, .n_units = 1};
  for (int32_t k = 0; k < ndim; k++) {
    if (l->time < 0 && is_called(axis[k], times)) {
      l->time = k;
    } else if (l->trial < 0 && is_called(axis[k], trials)) {
      l->trial = k;
    } else if (l->first_unit < 0 || l->first_unit + l->n_unit_axes == k) {
      l->first_unit = l->first_unit < 0 ? k : l->first_unit;
      l->n_unit_axes++;
      l->n_units *= nax_axis_length(axis[k]);
    } else {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axes of the units, expected next to each other, but `%s` is not",
                        nax_axis_name(axis[k]));
    }
  }
  if (l->time < 0) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "axes, expected one called `time`");
  }
  if (l->n_units < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "axes, expected at least one unit");
  }
  return NAX_OK;
}

/* ------------------------------------------------------------------- set-up */

static void
warn_outside(nax_ctx *ctx, nax_i_ft_side *s, nax_index outside, nax_index all)
{
  s->n_outside = outside;
  if (outside > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "freqtag.outside",
               "%lld of %lld trials do not lie within the recording and are left out",
               (long long)outside, (long long)all);
  }
}

/* Trials of a side: their first samples, or how many the trial axis has. */
static nax_status
settle_trials(nax_ctx *ctx, nax_i_ft_fit *j, nax_i_ft_side *s, const nax_axis *time,
              nax_index n_events, const double *start)
{
  nax_status status = NAX_OK;
  nax_index skip = (nax_index)floor(j->o.skip * j->rate + 0.5), n = j->spec.n_samples;
  nax_index length = nax_axis_length(time);
  s->offset = skip;
  if (s->axes.trial >= 0) {
    return NAX_OK;
  }
  s->cut = 1;
  nax_index most = n_events > 0 ? n_events : (length - skip) / n, outside = 0;
  NAX_TRY_ALLOC(s->start, most > 0 ? most : 1, sizeof *s->start);
  NAX_TRY_ALLOC(s->event, most > 0 ? most : 1, sizeof *s->event);
  NAX_TRY_ALLOC(s->when, most > 0 ? most : 1, sizeof *s->when);
  for (nax_index i = 0; i < most; i++) {
    double at = n_events > 0 ? floor((start[i] - nax_axis_coord(time, 0)) * j->rate + 0.5)
                             : (double)(i * n);
    if (isfinite(at) && at + (double)skip >= 0.0 &&
        at + (double)(skip + n) <= (double)length) {
      s->event[s->n_trials] = i;
      s->when[s->n_trials] =
          (n_events > 0 ? start[i]
                        : nax_axis_coord(time, 0) + (double)(i * n) / j->rate) +
          j->o.skip;
      s->start[s->n_trials++] = (nax_index)at + skip;
    } else {
      outside++;
    }
  }
  warn_outside(ctx, s, outside, most);
  if (n_events == 0) {
    nax_i_warn(
        ctx, NAX_INFO, "freqtag.segments",
        "no trials: the recording is cut into %lld windows of %g s, whose noise is "
        "independent only if it is white below %g Hz",
        (long long)s->n_trials, (double)n / j->rate, j->rate / (double)n);
  }
done:
  return status;
}

/* Trials of unevenly sampled data: windows in time. */
static nax_status
settle_uneven(nax_ctx *ctx, nax_i_ft_fit *j, nax_i_ft_side *s, const nax_axis *time,
              nax_index n_events, const double *start)
{
  nax_status status = NAX_OK;
  nax_index most = n_events > 0 ? n_events : 1, outside = 0;
  double first = nax_axis_coord(time, 0),
         last = nax_axis_coord(time, nax_axis_length(time) - 1),
         length = (double)j->spec.n_samples / j->rate, slack = 1.0 / j->rate;
  NAX_TRY_ALLOC(s->when, most, sizeof *s->when);
  NAX_TRY_ALLOC(s->start, most, sizeof *s->start);
  NAX_TRY_ALLOC(s->event, most, sizeof *s->event);
  if (s->axes.trial >= 0) {
    s->when[0] = first + j->o.skip;
    return NAX_OK;
  }
  s->cut = 1;
  for (nax_index i = 0; i < most; i++) {
    double at = (n_events > 0 ? start[i] : first) + j->o.skip;
    if (at >= first - slack && at + length <= last + 1.5 * slack) {
      s->event[s->n_trials] = i;
      s->when[s->n_trials++] = at;
    } else {
      outside++;
    }
  }
  warn_outside(ctx, s, outside, most);
done:
  return status;
}

/* Samples that every trial has for the window. */
static nax_index
longest_window(const nax_i_ft_fit *j, const nax_axis *time, nax_index n_events,
               const double *start)
{
  nax_index skip = (nax_index)floor(j->o.skip * j->rate + 0.5);
  nax_index n = nax_axis_length(time) - skip;
  if (n_events > 1 && j->side[0].axes.trial < 0) {
    double step = (double)INFINITY;
    for (nax_index i = 1; i < n_events; i++) {
      double d = fabs(start[i] - start[i - 1]);
      step = d > 0.0 && d < step ? d : step;
    }
    double between = floor(step * j->rate + 0.5) - (double)skip;
    n = between < (double)n ? (nax_index)between : n;
  } else if (j->side[0].axes.trial < 0 && n_events == 0 && !j->uneven &&
             isnan(j->o.window)) {
    n /= 10; /* without trials: at least ten windows */
  }
  return n;
}

static nax_status
settle_window(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, nax_index most)
{
  nax_status status = NAX_OK;
  nax_index n = 0;
  const double tolerance = 1e-3;
  if (most < 2) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "nothing is left of a trial after skipping %g s", j->o.skip);
  }
  if (j->uneven) {
    n = isnan(j->o.window) ? most : (nax_index)floor(j->o.window * j->rate + 0.5);
    if (n < 4 || n > most) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "window of %lld samples on average, expected 4 to %lld",
                        (long long)n, (long long)most);
    }
    j->on_grid = 0;
  } else if (!isnan(j->o.window)) {
    n = (nax_index)floor(j->o.window * j->rate + 0.5);
    if (n > most || n < 2) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "window of %g s, expected at most the %g s that a trial has",
                        j->o.window, (double)most / j->rate);
    }
    nax_index found = 0;
    double miss = 0.0;
    status =
        nax_freqtag_window(ctx, j->rate, j->n_tags, j->tag, n, tolerance, &found, &miss);
    int whole = 1;
    for (nax_index k = 0; k < j->n_tags; k++) {
      double c = j->tag[k] * (double)n / j->rate;
      whole = whole && fabs(c - floor(c + 0.5)) <= tolerance;
    }
    if (!whole && !j->o.off_grid) {
      char hint[96] = "";
      if (status == NAX_OK) {
        nax_i_snprintf(hint, sizeof hint, "; %g s has", (double)found / j->rate);
      }
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "window of %g s has no whole cycles of every tag%s; or give "
                        "option `off-grid`",
                        j->o.window, hint);
    }
    status = NAX_OK;
    j->on_grid = whole;
  } else {
    status =
        nax_freqtag_window(ctx, j->rate, j->n_tags, j->tag, most, tolerance, &n, NULL);
    if (status != NAX_OK && j->o.off_grid) {
      n = most;
      status = NAX_OK;
      j->on_grid = 0;
    } else {
      j->on_grid = 1;
    }
  }
  j->spec.n_samples = n;
  return status;
}

static int
is_against_neighbours(int32_t test)
{
  return test == NAX_FREQTAG_TEST_SNR || test == NAX_FREQTAG_TEST_POWER;
}

/* Position of a frequency in the list, added when it is new. */
static nax_index
add_freq(nax_i_ft_fit *j, double f)
{
  for (nax_index i = 0; i < j->n_freqs; i++) {
    if (fabs(j->freq[i] - f) < 1e-9 * j->rate) {
      return i;
    }
  }
  j->freq[j->n_freqs] = f;
  return j->n_freqs++;
}

/* Bins of the spectrum among the frequencies, up to twice the highest tag. */
static nax_status
add_bins(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  nax_index before = j->n_freqs, n = j->spec.n_samples;
  double top = 0.0, *more;
  for (nax_index i = 0; i < before; i++) {
    top = fmax(top, j->freq[i]);
  }
  nax_index most = (nax_index)(2.0 * top * (double)n / j->rate) + 2 * j->o.side + 3;
  j->n_bins = most < j->n_bins ? most : j->n_bins;
  NAX_TRY_ALLOC(j->bin, j->n_bins, sizeof *j->bin);
  more = nax_i_realloc(j->freq, (size_t)(before + j->n_bins), sizeof *more);
  if (more == NULL) {
    status = nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
    goto done;
  }
  j->freq = more;
  for (nax_index b = 1; b < j->n_bins; b++) {
    double f = (double)b * j->rate / (double)n;
    nax_index at = 0;
    while (at < before && fabs(j->freq[at] - f) >= 1e-9 * j->rate) {
      at++;
    }
    if (at == before) {
      at = j->n_freqs++;
      j->freq[at] = f;
    }
    j->bin[b] = at;
  }
done:
  return status;
}

static void
mark_designed(nax_i_ft_fit *j, nax_index bins, double f)
{
  double n = (double)j->spec.n_samples, at = floor(f * n / j->rate + 0.5);
  if (f >= 0.5 * j->rate && j->spec.n_samples % 2 != 0) {
    return; /* an odd number of samples has no bin there */
  }
  if (at < (double)bins) {
    j->designed[(nax_index)at] = 1;
  }
}

/* Which lines are tested for each tag: harmonics below half the rate that no other tag
 * claims; and which bins say what noise there is. */
static nax_status
settle_lines(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  double other[NAX_I_FT_TAGS];
  nax_index n = j->spec.n_samples, bins = n / 2 + 1, n_other = 0, *around = NULL;
  double half = (j->uneven ? j->highest : 0.5 * j->rate) * (1.0 + 1e-12);
  NAX_TRY(parse_list(ctx, fn, "exclude", j->o.exclude, other, NAX_I_FT_TAGS, &n_other));
  j->use_sides = j->on_grid && j->o.side > 0;
  nax_index lines = j->n_tags * j->o.harmonics, each = 1 + 2 * j->o.side;
  NAX_TRY_ALLOC(j->line, lines, sizeof *j->line);
  NAX_TRY_ALLOC(j->n_lines, j->n_tags, sizeof *j->n_lines);
  NAX_TRY_ALLOC(j->freq, lines * each, sizeof *j->freq);
  NAX_TRY_ALLOC(j->near, lines * 2 * j->o.side + 1, sizeof *j->near);
  NAX_TRY_ALLOC(j->n_near, lines, sizeof *j->n_near);
  NAX_TRY_ALLOC(j->designed, bins, 1);
  NAX_TRY_ALLOC(around, 2 * j->o.side + 1, sizeof *around);
  for (nax_index k = 0; k < j->n_tags; k++) {
    for (int64_t h = 1; h <= j->o.harmonics; h++) {
      double f = j->tag[k] * (double)h;
      int taken = 0;
      for (nax_index q = 0; q < j->n_tags && h > 1; q++) {
        taken = taken || fabs(f - j->tag[q]) < 1e-9 * j->rate;
      }
      if (f <= half && !taken) {
        j->line[k * j->o.harmonics + j->n_lines[k]++] = add_freq(j, f);
      }
    }
  }
  /* tags, their harmonics and what two tags make together are designed lines, tested or
   * not; the mean, which is taken out, and half the rate, whose coefficients are real,
   * are no measure of noise either */
  mark_designed(j, bins, 0.0);
  mark_designed(j, bins, 0.5 * j->rate);
  for (nax_index i = 0; i < j->n_tags + n_other; i++) {
    double f = i < j->n_tags ? j->tag[i] : other[i - j->n_tags];
    for (int64_t h = 1; (double)h * f <= half; h++) {
      mark_designed(j, bins, (double)h * f);
    }
  }
  for (nax_index a = 0; a < j->n_tags; a++) {
    for (nax_index b = a + 1; b < j->n_tags; b++) {
      for (int na = 1; na < NAX_I_FT_ORDER; na++) {
        for (int nb = 1; na + nb <= NAX_I_FT_ORDER; nb++) {
          mark_designed(j, bins, na * j->tag[a] + nb * j->tag[b]);
          mark_designed(j, bins, fabs(na * j->tag[a] - nb * j->tag[b]));
        }
      }
    }
  }
  nax_freqtag_neighbours rule = {j->o.gap, j->o.side, 0, j->designed, 1};
  for (nax_index k = 0; k < j->n_tags && j->use_sides; k++) {
    for (nax_index h = 0; h < j->n_lines[k]; h++) {
      nax_index at = k * j->o.harmonics + h;
      double f = j->freq[j->line[at]];
      nax_index bin = (nax_index)floor(f * (double)n / j->rate + 0.5);
      j->n_near[at] = nax_freqtag_neighbour_bins(bins, bin, &rule, around);
      if (j->n_near[at] < 2 * j->o.side && !nax_i_ft_is_real(f, j->rate)) {
        if (is_against_neighbours(j->o.test)) {
          status = nax_i_fail(ctx, NAX_EINVAL, fn,
                              "%g Hz has %lld neighbouring bins of the %lld asked for: a "
                              "longer window has more, or give fewer `neighbours`",
                              f, (long long)j->n_near[at], (long long)(2 * j->o.side));
          goto done;
        }
        nax_i_warn(ctx, NAX_INFO, "freqtag.neighbours",
                   "%g Hz has %lld neighbouring bins of the %lld asked for: its snr, bca "
                   "and z are those of these",
                   f, (long long)j->n_near[at], (long long)(2 * j->o.side));
        j->n_short++;
      }
      for (nax_index i = 0; i < j->n_near[at]; i++) {
        j->near[at * 2 * j->o.side + i] =
            add_freq(j, (double)around[i] * j->rate / (double)n);
      }
    }
  }
  j->n_bins = bins;
  if (j->o.spectrum && nax_i_ft_is_series(j)) {
    NAX_TRY(add_bins(ctx, fn, j));
  } else if (j->o.spectrum) {
    if (!j->on_grid) {
      status = nax_i_fail(ctx, NAX_EINVAL, fn,
                          "option `spectrum` needs a window with whole cycles");
      goto done;
    }
    /* all bins: positions become bins */
    for (nax_index i = 0; i < j->n_tags * j->o.harmonics; i++) {
      j->line[i] = (nax_index)floor(j->freq[j->line[i]] * (double)n / j->rate + 0.5);
    }
    for (nax_index i = 0; i < j->n_tags * j->o.harmonics * 2 * j->o.side; i++) {
      j->near[i] = (nax_index)floor(j->freq[j->near[i]] * (double)n / j->rate + 0.5);
    }
  }
done:
  nax_i_free(around);
  return status;
}

static int
is_test_of_mean(int32_t test)
{
  return test == NAX_FREQTAG_TEST_T2CIRC || test == NAX_FREQTAG_TEST_T2 ||
         test == NAX_FREQTAG_TEST_AUTO;
}

/* SNR and power compare with other bins, Thomson's F with other tapers: they do with one
 * trial. */
static int
takes_one_trial(int32_t test)
{
  return is_against_neighbours(test) || test == NAX_FREQTAG_TEST_THOMSON ||
         test == NAX_FREQTAG_TEST_LINE || test == NAX_FREQTAG_TEST_Z2;
}

static nax_status
check_options(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j)
{
  int32_t test = j->o.test, null = j->o.null;
  int two = j->side[1].used, of_mean = is_test_of_mean(test);
  if (two && !of_mean) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "tests rayleigh, snr, power, thomson, line and z2 take one "
                      "condition, expected t2circ, t2 or auto with a control");
  }
  if (test == NAX_FREQTAG_TEST_Z2 && j->spikes[0] == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "test z2 is for spike trains");
  }
  if (nax_i_ft_is_series(j) &&
      (test == NAX_FREQTAG_TEST_THOMSON || j->o.item_length > 0 ||
       (test == NAX_FREQTAG_TEST_LINE && j->spikes[0] != NULL))) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "test thomson and items need even samples, test line samples");
  }
  if (j->o.ress && (nax_i_ft_is_series(j) || null == NAX_FREQTAG_NULL_LABEL)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option `ress` needs even samples of channels, and takes no null "
                      "`label`: components are of one condition");
  }
  if (j->o.paired && !two) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "option `paired` needs a control");
  }
  if (null != NAX_FREQTAG_NULL_NONE && !of_mean && test != NAX_FREQTAG_TEST_RAYLEIGH) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option `null` is for tests t2circ, t2, auto and rayleigh; snr, "
                      "power and thomson are compared with neighbours");
  }
  int alone = !two || j->o.paired;
  if (null == NAX_FREQTAG_NULL_LABEL && alone) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "null `label` exchanges two conditions: it needs a control, not "
                      "paired (there: sign)");
  }
  if (two && null != NAX_FREQTAG_NULL_NONE && null != NAX_FREQTAG_NULL_LABEL &&
      !(j->o.paired && null == NAX_FREQTAG_NULL_SIGN)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "with a control, expected null `label`, or `sign` with `paired`");
  }
  if (j->o.fdr == NAX_FREQTAG_MAX && (null == NAX_FREQTAG_NULL_NONE || j->o.stop > 0)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "the largest statistic needs option `null` without `stop`");
  }
  if (j->o.item_length > 0 && (!of_mean && test != NAX_FREQTAG_TEST_RAYLEIGH)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option `item-length` is for tests t2circ, t2, auto and rayleigh");
  }
  for (nax_index k = 0; k < j->n_tags; k++) {
    if (j->uneven && !(j->tag[k] <= j->highest)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "tag of %g Hz, expected at most %g Hz for these uneven samples",
                        j->tag[k], j->highest);
    }
    if (!j->uneven && j->tag[k] > 0.5 * j->rate * (1.0 + 1e-12)) {
      return nax_i_fail(
          ctx, NAX_EINVAL, fn,
          "tag of %g Hz lies beyond half the rate (%g Hz): it would be seen "
          "at %g Hz",
          j->tag[k], 0.5 * j->rate, nax_freqtag_alias(j->tag[k], j->rate));
    }
  }
  return NAX_OK;
}

static nax_status
check_trials(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j)
{
  int least = takes_one_trial(j->o.test) || j->o.item_length > 0 ? 1 : 2;
  for (int k = 0; k < 1 + j->side[1].used; k++) {
    const nax_i_ft_side *s = j->side + k;
    if (s->n_trials < least) {
      char outside[64] = "";
      if (s->n_outside > 0) {
        nax_i_snprintf(outside, sizeof outside, " (%lld do not lie within the recording)",
                       (long long)s->n_outside);
      }
      return nax_i_fail(
          ctx, NAX_EDIM, fn, "%s%s%s, expected at least %d%s",
          s->n_trials == 0 ? "no trials" : "one trial", k == 1 ? " in the control" : "",
          outside, least,
          k == 0 && s->n_trials == 1 ? " (of one trial: test snr, thomson or line)" : "");
    }
  }
  return NAX_OK;
}

/* Samples at uneven times: their mean rate, and what they can show. */
static nax_status
look_at_times(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, const nax_axis *time)
{
  nax_index n = nax_axis_length(time);
  double closest = (double)INFINITY;
  if (nax_axis_get_kind(time) != NAX_AXIS_COORDS || n < 4) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "the time axis has no times: give the rate (`sampling`)");
  }
  for (nax_index i = 1; i < n; i++) {
    double d = nax_axis_coord(time, i) - nax_axis_coord(time, i - 1);
    if (!(d > 0.0)) {
      return nax_i_fail(
          ctx, NAX_EDATA, fn,
          "times, expected ascending, but sample %lld is at %g s after %g s",
          (long long)i, nax_axis_coord(time, i), nax_axis_coord(time, i - 1));
    }
    closest = fmin(closest, d);
  }
  j->uneven = 1;
  j->highest = 0.5 / closest;
  j->rate = (double)(n - 1) / (nax_axis_coord(time, n - 1) - nax_axis_coord(time, 0));
  return NAX_OK;
}

/* What does not depend on the values. */
static nax_status
set_up(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, const nax_freqtag_events *e)
{
  nax_status status = NAX_OK;
  const nax_axis *time = j->side[0].axis[j->side[0].axes.time];
  nax_index n_start = e != NULL && j->side[0].axes.trial < 0 ? e->n : 0;
  j->rate = isnan(j->o.rate) ? nax_axis_rate(time) : j->o.rate;
  if (!(j->rate > 0.0)) {
    NAX_TRY(look_at_times(ctx, fn, j, time));
  }
  j->tag = nax_i_calloc(NAX_I_FT_TAGS, sizeof *j->tag);
  if (j->tag == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
  }
  NAX_TRY(parse_list(ctx, fn, "tags", j->o.tags, j->tag, NAX_I_FT_TAGS, &j->n_tags));
  if (j->n_tags < 1) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "option `tags` is needed, e.g. 1,2,4");
  }
  if (n_start > 0 && e->n_control > 0 && !j->side[1].used) {
    /* both conditions in one recording */
    j->side[1] = j->side[0];
    j->side[1].used = 1;
    j->same_recording = 1;
  }
  NAX_TRY(check_options(ctx, fn, j));
  nax_index most = longest_window(j, time, n_start, n_start > 0 ? e->start : NULL);
  const nax_axis *other = j->side[1].used ? j->side[1].axis[j->side[1].axes.time] : time;
  if (nax_axis_length(other) < nax_axis_length(time)) {
    nax_index less = longest_window(j, other, n_start, n_start > 0 ? e->start : NULL);
    most = less < most ? less : most;
  }
  NAX_TRY(settle_window(ctx, fn, j, most));
  NAX_TRY(settle_lines(ctx, fn, j));
  if (is_against_neighbours(j->o.test) && !j->use_sides) {
    return nax_i_fail(
        ctx, NAX_EINVAL, fn,
        "tests snr and power, expected neighbours and a window with whole cycles");
  }
  for (int k = 0; k < 1 + j->side[1].used; k++) {
    nax_i_ft_side *s = j->side + k;
    nax_index n = n_start == 0 ? 0 : k == 0 ? e->n : e->n_control;
    s->start = NULL;
    s->n_trials = s->axes.trial >= 0 ? nax_axis_length(s->axis[s->axes.trial]) : 0;
    const double *at = n == 0 ? NULL : k == 0 ? e->start : e->control;
    NAX_TRY((j->uneven ? settle_uneven : settle_trials)(ctx, j, s, s->axis[s->axes.time],
                                                        n, at));
  }
  nax_index lost = j->spikes[0] != NULL ? nax_i_ft_series_recorded(j) : 0;
  j->side[0].n_outside += lost;
  if (lost > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "freqtag.outside",
               "%lld trials do not lie within an interval of the recording and are left "
               "out",
               (long long)lost);
  }
  NAX_TRY(check_trials(ctx, fn, j));
  j->spec.rate = j->rate;
  j->spec.n_freqs = j->o.spectrum ? 0 : j->n_freqs;
  j->spec.freqs = j->freq;
  j->spec.engine = j->o.spectrum && j->o.engine == NAX_FREQTAG_ENGINE_AUTO
                       ? NAX_FREQTAG_ENGINE_FFT
                       : j->o.engine;
  j->spec.trend = j->o.trend;
  j->spec.taper = j->o.taper;
  j->spec.estimate = j->on_grid ? NAX_FREQTAG_ESTIMATE_DFT : NAX_FREQTAG_ESTIMATE_LS;
  NAX_TRY(nax_i_ft_observe_prepare(ctx, fn, j, e));
done:
  return status;
}

nax_status
nax_i_ft_fit_prepare(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
                     const nax_freqtag_events *events)
{
  nax_status status = NAX_OK;
  for (int k = 0; k < 1 + j->side[1].used; k++) {
    nax_i_ft_side *s = j->side + k;
    NAX_TRY(nax_i_ft_layout(ctx, fn, s->ndim, s->axis, &s->axes));
  }
  if (j->side[1].used && j->side[1].axes.n_units != j->side[0].axes.n_units) {
    return nax_i_fail(
        ctx, NAX_EDIM, fn, "`control` has %lld units, expected %lld as the data",
        (long long)j->side[1].axes.n_units, (long long)j->side[0].axes.n_units);
  }
  NAX_TRY(set_up(ctx, fn, j, events));
done:
  return status;
}

void
nax_i_ft_collapse(const nax_i_ft_axes *l, const nax_view *v, nax_view *out)
{
  int32_t u = l->first_unit;
  *out = (nax_view){.data = v->data, .dtype = v->dtype, .ndim = l->trial >= 0 ? 3 : 2};
  out->dim[0] = 1;
  out->stride[0] = u >= 0 ? v->stride[u] : v->stride[l->time];
  for (int32_t k = 0; k < l->n_unit_axes; k++) {
    out->dim[0] *= v->dim[u + k];
  }
  out->dim[1] = v->dim[l->time];
  out->stride[1] = v->stride[l->time];
  if (l->trial >= 0) {
    out->dim[2] = v->dim[l->trial];
    out->stride[2] = v->stride[l->trial];
  }
}
