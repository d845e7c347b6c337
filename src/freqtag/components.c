/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of many channels, one for each tag, by RESS: what a fit with option `ress`
 * adds. Trials are filtered by filters that have not seen them, so that the statistics of
 * a component are those of any other trace. */
#include "fit_i.h"
#include <math.h>

/* Keep the windows of a block of units: channel x time x trial. */
void
nax_i_ft_components_take(nax_i_ft_fit *j, nax_index from, nax_index n, const nax_view *v)
{
  const nax_i_ft_side *s = j->side;
  nax_index length = j->spec.n_samples, units = s->axes.n_units;
  for (nax_index r = 0; r < s->n_trials; r++) {
    nax_index first =
        s->cut ? s->start[r] * v->stride[1]
               : s->offset * v->stride[1] + (v->ndim > 2 ? r * v->stride[2] : 0);
    for (nax_index t = 0; t < length; t++) {
      double *to = j->windows + from + units * (t + length * r);
      for (nax_index u = 0; u < n; u++) {
        nax_index at = first + t * v->stride[1] + u * v->stride[0];
        to[u] = v->dtype == NAX_F32 ? (double)((const float *)v->data)[at]
                                    : ((const double *)v->data)[at];
      }
    }
  }
}

/* Which channels and trials take part. */
typedef struct part {
  nax_index n_channels, n_trials;
  nax_index *channel, *trial;
} part;

static int
misses(const nax_i_ft_fit *j, nax_index u, nax_index r)
{
  nax_index n = j->spec.n_samples, units = j->side[0].axes.n_units;
  for (nax_index t = 0; t < n; t++) {
    if (!isfinite(j->windows[u + units * (t + n * r)])) {
      return 1;
    }
  }
  return 0;
}

static int
varies(const nax_i_ft_fit *j, nax_index u, nax_index r)
{
  nax_index n = j->spec.n_samples, units = j->side[0].axes.n_units;
  const double *x = j->windows + u + units * n * r;
  for (nax_index t = 1; t < n; t++) {
    if (x[units * t] != x[0]) {
      return 1;
    }
  }
  return 0;
}

/* Channels that vary in some trial without missing values, and trials in which none of
 * these misses a value. */
static nax_status
choose(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j, part *p)
{
  nax_status status = NAX_OK;
  nax_index units = j->side[0].axes.n_units, trials = j->side[0].n_trials;
  char *bad = NULL;
  NAX_TRY_ALLOC(p->channel, units, sizeof *p->channel);
  NAX_TRY_ALLOC(p->trial, trials, sizeof *p->trial);
  NAX_TRY_ALLOC(bad, units * trials, 1);
  for (nax_index u = 0; u < units; u++) {
    int alive = 0;
    for (nax_index r = 0; r < trials; r++) {
      bad[u + units * r] = (char)misses(j, u, r);
      alive = alive || (!bad[u + units * r] && varies(j, u, r));
    }
    if (alive) {
      p->channel[p->n_channels++] = u;
    }
  }
  for (nax_index r = 0; r < trials; r++) {
    int whole = 1;
    for (nax_index i = 0; i < p->n_channels; i++) {
      whole = whole && !bad[p->channel[i] + units * r];
    }
    if (whole) {
      p->trial[p->n_trials++] = r;
    }
  }
  if (p->n_channels < 2 || p->n_trials < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "components: %lld of %lld channels vary and %lld of %lld trials "
                        "are whole in all of these, expected at least 2 and 2",
                        (long long)p->n_channels, (long long)units,
                        (long long)p->n_trials, (long long)trials);
  }
done:
  nax_i_free(bad);
  return status;
}

/* Channel x time x trial of what takes part, trends taken out. */
static nax_status
gather(nax_ctx *ctx, const nax_i_ft_fit *j, const part *p, double *x)
{
  nax_status status = NAX_OK;
  nax_index n = j->spec.n_samples, c = p->n_channels, units = j->side[0].axes.n_units;
  double *row = NULL;
  NAX_TRY_ALLOC(row, n, sizeof *row);
  for (nax_index q = 0; q < p->n_trials; q++) {
    for (nax_index i = 0; i < c; i++) {
      const double *from = j->windows + p->channel[i] + units * n * p->trial[q];
      for (nax_index t = 0; t < n; t++) {
        row[t] = from[units * t];
      }
      nax_i_ft_remove_trend(row, n, j->o.trend);
      for (nax_index t = 0; t < n; t++) {
        x[i + c * (t + n * q)] = row[t];
      }
    }
  }
done:
  nax_i_free(row);
  return status;
}

/* Distance of the reference filters: as asked, or 1 Hz where that leaves them between 0
 * and half the rate. */
static double
distance_of(const nax_i_ft_fit *j, double f)
{
  double room = 0.5 * fmin(f, 0.5 * j->rate - f);
  return isnan(j->o.ress_distance) ? fmin(1.0, room) : j->o.ress_distance;
}

/* Filters of tag k, and the course of its component in each trial. */
static nax_status
one_tag(nax_ctx *ctx, const nax_i_ft_fit *j, const part *p, const double *x, nax_index k,
        double *course)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  nax_index c = p->n_channels;
  double away = distance_of(j, j->tag[k]);
  double *value = NULL, *filter = NULL, *pattern = NULL;
  nax_freqtag_ress_spec s = {.rate = j->rate,
                             .frequency = j->tag[k],
                             .width = j->o.ress_width,
                             .distance = away,
                             .distance_width =
                                 isnan(j->o.ress_reference) ? away : j->o.ress_reference,
                             .shrinkage = j->o.ress_shrinkage,
                             .leave_out = 1,
                             .excluded = j->on_grid ? j->designed : NULL};
  NAX_TRY_ALLOC(value, c, sizeof *value);
  NAX_TRY_ALLOC(filter, c * c, sizeof *filter);
  NAX_TRY_ALLOC(pattern, c, sizeof *pattern);
  NAX_TRY(nax_freqtag_ress(ctx, c, j->spec.n_samples, p->n_trials, x, &s, value, filter,
                           pattern, NULL, NULL, course));
  f->ress.value[k] = value[0];
  for (nax_index i = 0; i < c; i++) {
    f->ress.filter[p->channel[i] + k * f->n_units] = filter[i];
    f->ress.pattern[p->channel[i] + k * f->n_units] = pattern[i];
  }
done:
  nax_i_free(value);
  nax_i_free(filter);
  nax_i_free(pattern);
  return status;
}

/* time x trial x component as an array, borrowed. */
static nax_status
as_array(nax_ctx *ctx, const nax_i_ft_fit *j, nax_array **out)
{
  nax_status status = NAX_OK;
  const nax_freqtag *f = j->out;
  nax_axis *axis[3] = {NULL, NULL, NULL};
  NAX_TRY(nax_axis_create_regular(ctx, "time", "s", f->n_samples, 0.0, f->rate, axis));
  NAX_TRY(nax_axis_create_index(ctx, "trial", f->ress.n_trials, axis + 1));
  NAX_TRY(nax_axis_create_coords(ctx, "component", "Hz", f->n_tags, f->tag, axis + 2));
  nax_view v = nax_view_f64(f->ress.course, 3,
                            (nax_index[]){f->n_samples, f->ress.n_trials, f->n_tags});
  NAX_TRY(nax_array_borrow(ctx, &v, (const nax_axis *const *)axis, "", out));
done:
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  return status;
}

/* Tags of the components, by the same options. */
static nax_status
test_components(nax_ctx *ctx, const nax_i_ft_fit *j, const part *p)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  nax_freqtag_opts o = j->o;
  nax_freqtag_events events = {.n_items = j->n_items};
  int64_t *item = NULL;
  nax_array *a = NULL;
  o.tags = f->tags_text;
  o.levels = NULL;
  o.window = (double)f->n_samples / f->rate;
  o.rate = f->rate;
  o.skip = 0.0;
  o.ress = o.spectrum = o.keep = o.paired = 0;
  if (j->item[0] != NULL) {
    nax_index slots = j->spec.n_samples / (nax_index)j->o.item_length;
    NAX_TRY_ALLOC(item, slots * p->n_trials, sizeof *item);
    for (nax_index r = 0; r < p->n_trials; r++) {
      memcpy(item + slots * r, j->item[0] + slots * p->trial[r],
             (size_t)slots * sizeof *item);
    }
    events.n_slots = slots;
    events.n_item_trials[0] = p->n_trials;
    events.item = item;
  }
  NAX_TRY(as_array(ctx, j, &a));
  /* what there is to say of the design was said before */
  status = nax_freqtag_fit(NULL, a, NULL, &events, &o, &f->ress.tags);
  if (status != NAX_OK) {
    status = nax_i_fail_text(ctx, status, nax_ctx_error(NULL));
  }
done:
  nax_i_free(item);
  nax_array_free(a);
  return status;
}

/* Amplitude spectrum of each component, as the page shows it. */
static nax_status
spectra(nax_ctx *ctx, const nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  nax_freqtag_acc *a = NULL;
  nax_freqtag_spec s = {.n_units = f->n_tags,
                        .n_samples = f->n_samples,
                        .rate = f->rate,
                        .trend = j->o.trend,
                        .taper = j->o.taper};
  nax_view v = nax_view_f64(f->ress.course, 3,
                            (nax_index[]){f->n_samples, f->ress.n_trials, f->n_tags});
  nax_view x = v;
  static const int order[3] = {2, 0, 1};
  for (int k = 0; k < 3; k++) {
    x.dim[k] = v.dim[order[k]];
    x.stride[k] = v.stride[order[k]];
  }
  NAX_TRY(nax_freqtag_acc_create(ctx, &s, &a));
  NAX_TRY(nax_freqtag_acc_push(ctx, a, &x));
  f->ress.n_bins = nax_freqtag_acc_n_freqs(a);
  NAX_TRY_ALLOC(f->ress.spectrum, f->ress.n_bins * f->n_tags, sizeof(double));
  for (nax_index k = 0; k < f->n_tags; k++) {
    for (nax_index i = 0; i < f->ress.n_bins; i++) {
      nax_freqtag_moments m = nax_freqtag_acc_moments(a, k, i);
      nax_freqtag_power p = nax_freqtag_power_of(&m);
      f->ress.spectrum[i + f->ress.n_bins * k] =
          nax_freqtag_acc_amplitude(a, i) *
          sqrt(j->o.test == NAX_FREQTAG_TEST_POWER ? p.total : p.evoked);
    }
  }
done:
  nax_freqtag_acc_free(a);
  return status;
}

nax_status
nax_i_ft_components(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  nax_index n = f->n_samples, cells = f->n_units * f->n_tags;
  part p = {.n_channels = 0};
  double *x = NULL;
  NAX_TRY(choose(ctx, fn, j, &p));
  f->ress.n_channels = p.n_channels;
  f->ress.n_trials = p.n_trials;
  NAX_TRY_ALLOC(x, n * p.n_trials * p.n_channels, sizeof *x);
  NAX_TRY_ALLOC(f->ress.value, f->n_tags, sizeof(double));
  NAX_TRY_ALLOC(f->ress.filter, cells, sizeof(double));
  NAX_TRY_ALLOC(f->ress.pattern, cells, sizeof(double));
  NAX_TRY_ALLOC(f->ress.course, n * p.n_trials * f->n_tags, sizeof(double));
  for (nax_index i = 0; i < cells; i++) {
    f->ress.filter[i] = f->ress.pattern[i] = (double)NAN;
  }
  NAX_TRY(gather(ctx, j, &p, x));
  for (nax_index k = 0; k < f->n_tags; k++) {
    NAX_TRY(one_tag(ctx, j, &p, x, k, f->ress.course + k * n * p.n_trials));
  }
  NAX_TRY(test_components(ctx, j, &p));
  NAX_TRY(spectra(ctx, j));
done:
  nax_i_free(p.channel);
  nax_i_free(p.trial);
  nax_i_free(x);
  return status;
}

void
nax_i_ft_components_free(nax_freqtag_components *c)
{
  nax_i_free(c->value);
  nax_i_free(c->filter);
  nax_i_free(c->pattern);
  nax_i_free(c->course);
  nax_i_free(c->spectrum);
  nax_freqtag_free(c->tags);
}

const nax_freqtag_components *
nax_freqtag_get_components(const nax_freqtag *f)
{
  return f->ress.tags != NULL ? &f->ress : NULL;
}

nax_status
nax_freqtag_components_table(nax_ctx *ctx, const nax_freqtag *f, nax_table **out)
{
  static const nax_freqtag_field shown[] = {
      NAX_FREQTAG_AMPLITUDE, NAX_FREQTAG_PHASE,     NAX_FREQTAG_ITPC, NAX_FREQTAG_PPC,
      NAX_FREQTAG_SNR,       NAX_FREQTAG_SNR_TOTAL, NAX_FREQTAG_BCA,  NAX_FREQTAG_Z};
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *x = NULL;
  nax_index n = f->n_tags;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(f->ress.tags != NULL, NAX_EINVAL,
              "the result has no components: fit with option `ress`");
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "component", n, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "tag", "Hz", f->tag));
  NAX_TRY(nax_table_add_numbers(ctx, t, "eigenvalue", NULL, f->ress.value));
  for (nax_index k = 0; k < n; k++) {
    x[k] = nax_freqtag_values(f->ress.tags, NAX_FREQTAG_LOG_P)[k + k * n] / log(10.0);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "log10_p", NULL, x));
  for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
    for (nax_index k = 0; k < n; k++) {
      x[k] = nax_freqtag_values(f->ress.tags, shown[i])[k + k * n];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, nax_freqtag_field_name(shown[i]), NULL, x));
  }
  for (nax_index k = 0; k < n; k++) {
    x[k] = (double)f->ress.n_channels;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "channels", NULL, x));
  for (nax_index k = 0; k < n; k++) {
    x[k] = (double)f->ress.n_trials;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "trials", NULL, x));
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(x);
  return status;
}
