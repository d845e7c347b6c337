/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before the recording: window, collisions, what can be detected. */
#include "freqtag_i.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double
miss_of(double f, double rate, nax_index n)
{
  double cycles = f * (double)n / rate;
  return fabs(cycles - floor(cycles + 0.5));
}

nax_status
nax_freqtag_window(nax_ctx *ctx, double rate, nax_index n_freqs, const double *freqs,
                   nax_index n_most, double tolerance, nax_index *n, double *residual)
{
  nax_status status = NAX_OK;
  nax_index best = 0, fast = 0;
  double miss = 0.0, worst = 0.0;
  *n = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(
      rate > 0.0 && n_freqs >= 1 && n_most >= 2 && tolerance >= 0.0, NAX_EINVAL,
      "rate %g Hz, %lld frequencies, %lld samples, expected more than 0, at least "
      "1 and 2",
      rate, (long long)n_freqs, (long long)n_most);
  for (nax_index m = n_most; m >= 2 && fast == 0; m--) {
    int fits = 1;
    double most = 0.0;
    for (nax_index i = 0; i < n_freqs && fits; i++) {
      double d = miss_of(freqs[i], rate, m);
      /* whole cycles, and at least one of each */
      fits = d <= tolerance && freqs[i] * (double)m / rate > 0.5;
      most = fmax(most, d);
    }
    if (!fits) {
      continue;
    }
    if (best == 0) {
      best = m;
      miss = most;
    }
    if ((double)m < 0.95 * (double)best) {
      break;
    }
    if (nax_fft_next_fast(m) == m) {
      fast = m;
      miss = most;
    }
  }
  if (best == 0) {
    nax_index at = 0;
    for (nax_index i = 0; i < n_freqs; i++) {
      double d = miss_of(freqs[i], rate, n_most);
      at = d > worst ? i : at;
      worst = fmax(worst, d);
    }
    status =
        nax_i_fail(ctx, NAX_EINVAL, __func__,
                   "no window of up to %lld samples (%g s) has whole cycles of every "
                   "tag: the longest has %g of %g Hz",
                   (long long)n_most, (double)n_most / rate,
                   freqs[at] * (double)n_most / rate, freqs[at]);
    goto done;
  }
  *n = fast > 0 ? fast : best;
  if (residual != NULL) {
    *residual = miss;
  }
done:
  return status;
}

double
nax_freqtag_detectable(nax_index n, double alpha, double power)
{
  if (n < 2 || !(alpha > 0.0) || !(alpha < 1.0) || !(power > alpha) || !(power < 1.0)) {
    return (double)NAN;
  }
  double df2 = 2.0 * (double)n - 2.0;
  double f = 0.5 * df2 * expm1(-2.0 * log(alpha) / df2), lo = 0.0, hi = 1.0;
  while (nax_freqtag_noncentral_f(f, 2.0, df2, hi) < power && hi < 1e12) {
    hi *= 2.0;
  }
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (lo + hi);
    if (nax_freqtag_noncentral_f(f, 2.0, df2, middle) < power) {
      lo = middle;
    } else {
      hi = middle;
    }
  }
  return 0.5 * (lo + hi) / (2.0 * (double)n);
}

double
nax_freqtag_alias(double f, double rate)
{
  double turns = f / rate;
  return rate * fabs(turns - floor(turns + 0.5));
}

/* One line of the design. */
typedef struct line {
  nax_index tag, harmonic;
  double f, seen, cycles;
} line;

/* n f1 +- m f2 of two other tags that lies on a line: the one of lowest order, 0 for none
 * up to NAX_I_FT_ORDER. `all` has `each` lines per tag. */
static int
mixture_at(const line *l, nax_index n_lines, const line *all, nax_index each, double rate,
           double bin, double f[2], int n[2])
{
  for (int order = 2; order <= NAX_I_FT_ORDER; order++) {
    for (nax_index a = 0; a < n_lines; a += each) {
      for (nax_index b = a + each; b < n_lines; b += each) {
        for (int na = 1; na < order && all[a].tag != l->tag && all[b].tag != l->tag;
             na++) {
          for (int sign = -1; sign <= 1; sign += 2) {
            int nb = sign * (order - na);
            double sum = fabs(na * all[a].f + nb * all[b].f);
            if (fabs(nax_freqtag_alias(sum, rate) - l->seen) < 0.5 * bin && sum > bin) {
              f[0] = all[a].f;
              f[1] = all[b].f;
              n[0] = na;
              n[1] = nb;
              return order;
            }
          }
        }
      }
    }
  }
  return 0;
}

/* 0 when memory ran out. */
static int
remark(char *buf, size_t size, const line *l, nax_index n_lines, const line *all,
       nax_index each, double rate, nax_index n, const nax_freqtag_neighbours *around)
{
  nax_i_buf b = {0};
  const char *sep = "";
  double bin = rate / (double)n;
  if (l->f > 0.5 * rate * (1.0 + 1e-12)) {
    nax_i_buf_printf(&b, "aliased to %g Hz", l->seen);
    sep = "; ";
  }
  if (l->seen < 0.5 * bin) {
    nax_i_buf_printf(&b, "%sseen at 0 Hz: it cannot be told from the mean", sep);
    sep = "; ";
  } else if (nax_i_ft_is_real(l->seen, rate)) {
    nax_i_buf_printf(&b, "%sat half the rate: one real number, half the evidence", sep);
    sep = "; ";
  }
  if (fabs(l->cycles - floor(l->cycles + 0.5)) > 1e-3) {
    double loss = nax_freqtag_scalloping(n, l->cycles - floor(l->cycles + 0.5));
    nax_i_buf_printf(&b, "%sno whole cycles: amplitude seen as %.3g", sep, loss);
    sep = "; ";
  }
  for (nax_index i = 0; i < n_lines; i++) {
    const line *o = all + i;
    double d = fabs(o->seen - l->seen) / bin;
    if (o->tag == l->tag) {
      continue;
    }
    if (d < 0.5) {
      nax_i_buf_printf(&b, "%ssame as harmonic %lld of %g Hz", sep,
                       (long long)o->harmonic, o->f / (double)o->harmonic);
      sep = "; ";
    } else if (around != NULL && around->side > 0 &&
               d < (double)(around->skip + around->side) + 0.5) {
      nax_i_buf_printf(&b, "%s%g Hz is among the neighbours", sep, o->seen);
      sep = "; ";
    }
  }
  double f[2];
  int by[2];
  if (mixture_at(l, n_lines, all, each, rate, bin, f, by) > 0) {
    int first = by[1] > 0 || by[0] * f[0] >= -by[1] * f[1] ? 0 : 1; /* the larger */
    nax_i_buf_printf(&b, "%ssame as %d x %g Hz %c %d x %g Hz", sep, abs(by[first]),
                     f[first], by[1] > 0 ? '+' : '-', abs(by[1 - first]), f[1 - first]);
  }
  snprintf(buf, size, "%s", b.data != NULL ? b.data : "");
  int complete = !b.failed;
  nax_i_buf_free(&b);
  return complete;
}

nax_status
nax_freqtag_plan(nax_ctx *ctx, double rate, nax_index n_samples, nax_index n_tags,
                 const double *tags, int64_t n_harmonics,
                 const nax_freqtag_neighbours *around, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  line *l = NULL;
  double *column = NULL;
  char **text = NULL, buf[1024];
  nax_index n = n_tags * n_harmonics;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(
      rate > 0.0 && n_samples >= 2 && n_tags >= 1 && n_harmonics >= 1 && n <= 100000,
      NAX_EINVAL,
      "rate %g Hz, %lld samples, %lld tags, %lld harmonics, expected more than 0, "
      "at least 2, 1 and 1",
      rate, (long long)n_samples, (long long)n_tags, (long long)n_harmonics);
  NAX_TRY_ALLOC(l, n, sizeof *l);
  NAX_TRY_ALLOC(column, n, sizeof *column);
  NAX_TRY_ALLOC(text, n, sizeof *text);
  for (nax_index i = 0; i < n; i++) {
    l[i].tag = i / n_harmonics;
    l[i].harmonic = i % n_harmonics + 1;
    NAX_REQUIRE(tags[l[i].tag] > 0.0 && isfinite(tags[l[i].tag]), NAX_EINVAL,
                "tag %lld, expected more than 0 Hz, got %g", (long long)l[i].tag,
                tags[l[i].tag]);
    l[i].f = tags[l[i].tag] * (double)l[i].harmonic;
    l[i].seen = nax_freqtag_alias(l[i].f, rate);
    l[i].cycles = l[i].f * (double)n_samples / rate;
  }
  NAX_TRY(nax_table_create(ctx, "line", n, &t));
  static const char *const name[] = {"tag",     "harmonic", "frequency",
                                     "seen_at", "cycles",   "bin"};
  static const char *const unit[] = {"Hz", NULL, "Hz", "Hz", NULL, NULL};
  for (int k = 0; k < 6; k++) {
    for (nax_index i = 0; i < n; i++) {
      double bin = floor(l[i].seen * (double)n_samples / rate + 0.5);
      double v[6] = {tags[l[i].tag], (double)l[i].harmonic, l[i].f,
                     l[i].seen,      l[i].cycles,           bin};
      column[i] = v[k];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[k], unit[k], column));
  }
  for (nax_index i = 0; i < n; i++) {
    NAX_REQUIRE(
        remark(buf, sizeof buf, l + i, n, l, n_harmonics, rate, n_samples, around),
        NAX_ENOMEM, "out of memory");
    NAX_TRY_DUP(text[i], buf);
  }
  NAX_TRY(nax_table_add_text(ctx, t, "remark", (const char *const *)text));
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(l);
  nax_i_free(column);
  for (nax_index i = 0; i < n && text != NULL; i++) {
    nax_i_free(text[i]);
  }
  nax_i_free(text);
  return status;
}
