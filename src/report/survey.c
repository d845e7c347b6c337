/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over the traces: quality, overview, population trace, missing data, and the
 * traces whose spectra are taken. */
#include "dataset_page_i.h"
#include <math.h>

enum {
  MAX_COLUMNS = 1200,       /* of the overview */
  MAX_CELLS = 5000000,      /* of all its rows together */
  MAX_POPULATION = 1 << 20, /* samples of the population trace */
  MAX_SPECTRA = 64,
  SPECTRA_SAMPLES = 4000000
};

typedef struct pass {
  nax_i_rep *r;
  nax_i_survey *s;
  const nax_i_layout *l;
  nax_i_quality quality;
  nax_index *missing; /* per unit */
  double *pop_sum, *pop_count;
} pass;

/* Column of the overview that sample t belongs to. */
static nax_index
column_of(const nax_i_survey *s, const nax_i_layout *l, nax_index t)
{
  if (l->time >= 0 && nax_axis_get_kind(l->axis[l->time]) == NAX_AXIS_COORDS &&
      s->t1 > s->t0) {
    double at = (nax_axis_coord(l->axis[l->time], t) - s->t0) / (s->t1 - s->t0);
    nax_index c = (nax_index)(at * (double)s->n_bins);
    return c < 0 ? 0 : c < s->n_bins ? c : s->n_bins - 1;
  }
  return (nax_index)((double)t / (double)l->samples * (double)s->n_bins);
}

static double
time_of(const nax_i_layout *l, nax_index t)
{
  return l->time >= 0 ? nax_axis_coord(l->axis[l->time], t) : (double)t;
}

/* Means of z-scores per column, over all parts; shares of what is missing. */
static void
fill_overview(pass *p, nax_index unit, const double *x, double *scratch)
{
  nax_i_survey *s = p->s;
  const nax_i_layout *l = p->l;
  const nax_i_trace *t = &p->quality.trace[unit];
  double *sum = scratch, *count = scratch + s->n_bins, *all = count + s->n_bins;
  memset(scratch, 0, (size_t)(3 * s->n_bins) * sizeof *scratch);
  double scale = t->sd > 0.0 ? 1.0 / t->sd : 0.0;
  for (nax_index part = 0; part < l->parts; part++) {
    const double *y = x + part * l->samples;
    double total = 0.0, present = 0.0;
    for (nax_index i = 0; i < l->samples; i++) {
      nax_index c = column_of(s, l, i);
      all[c] += 1.0;
      if (isfinite(y[i])) {
        double z = (y[i] - t->mean) * scale;
        sum[c] += z;
        count[c] += 1.0;
        total += z;
        present += 1.0;
      }
    }
    if (s->trial != NULL) {
      s->trial[part + unit * l->parts] = present > 0.0 ? total / present : (double)NAN;
    }
  }
  for (nax_index c = 0; c < s->n_bins; c++) {
    double *heat = &s->heat[c + unit * s->n_bins],
           *gone = &s->missing[c + unit * s->n_bins];
    *heat = count[c] > 0.0 ? sum[c] / count[c] : (double)NAN;
    *gone = all[c] > 0.0 ? 100.0 * (all[c] - count[c]) / all[c] : (double)NAN;
  }
  p->missing[unit] = l->parts * l->samples - t->n;
}

/* Traces that are kept for spectra are evenly spaced over units and parts. */
static void
keep_spectra(pass *p, nax_index unit, const double *x)
{
  nax_i_survey *s = p->s;
  if (s->spectra == NULL) {
    return;
  }
  double *to = nax_array_data_mut(s->spectra);
  nax_index all = p->l->units * p->l->parts;
  for (nax_index k = 0; k < s->n_spectra; k++) {
    nax_index at = k * all / s->n_spectra;
    if (at / p->l->parts == unit) {
      memcpy(to + k * p->l->samples, x + at % p->l->parts * p->l->samples,
             (size_t)p->l->samples * sizeof *to);
    }
  }
}

static nax_status
visit(nax_index unit, const double *x, double *scratch, void *arg)
{
  pass *p = arg;
  nax_status status = nax_i_quality_visit(unit, x, scratch, &p->quality);
  if (status == NAX_OK) {
    fill_overview(p, unit, x, scratch);
    keep_spectra(p, unit, x);
  }
  return status;
}

/* ------------------------------------------------------------- population trace */

enum { POP_BLOCK = 4096 };

typedef struct pop_job {
  pass *p;
  const nax_i_group *g;
} pop_job;

/* Units are added in their order, whatever thread does it. */
static nax_status
add_population(int64_t block, void *arg)
{
  pop_job *j = arg;
  pass *p = j->p;
  const nax_i_layout *l = p->l;
  const nax_i_group *g = j->g;
  nax_index from = block * POP_BLOCK;
  nax_index to = from + POP_BLOCK < l->samples ? from + POP_BLOCK : l->samples;
  for (nax_index part = 0; part < l->parts; part++) {
    nax_index at = l->time >= 0 ? nax_i_group_part(g, part) : 0;
    for (nax_index t = from; t < to; t++) {
      nax_index base = l->time >= 0 ? at + t * g->time_stride : nax_i_group_part(g, t);
      double sum = 0.0, n = 0.0;
      for (nax_index u = 0; u < g->n; u++) {
        double v = nax_i_group_at(g, base + u * g->unit_stride);
        if (isfinite(v)) {
          sum += v;
          n += 1.0;
        }
      }
      p->pop_sum[t / p->s->pop_step] += sum;
      p->pop_count[t / p->s->pop_step] += n;
    }
  }
  return NAX_OK;
}

static nax_status
after_group(nax_ctx *ctx, const nax_i_group *g, void *arg)
{
  pop_job j = {arg, g};
  /* Blocks must not share a sum. */
  if (j.p->s->pop_step > 1 && POP_BLOCK % j.p->s->pop_step != 0) {
    nax_status status = NAX_OK;
    for (int64_t b = 0; b < nax_i_n_blocks(g->layout->samples, POP_BLOCK); b++) {
      status = add_population(b, &j);
    }
    return status;
  }
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(g->layout->samples, POP_BLOCK),
                        add_population, &j);
}

/* ---------------------------------------------------------------------- the pass */

static nax_status
plan(nax_ctx *ctx, pass *p)
{
  nax_status status = NAX_OK;
  nax_i_survey *s = p->s;
  const nax_i_layout *l = p->l;
  nax_axis *axis[2] = {NULL, NULL};
  nax_index units = l->units > 0 ? l->units : 1, length = l->samples;
  nax_index most = MAX_CELLS / units < 50 ? 50 : MAX_CELLS / units;
  s->n_bins = length < MAX_COLUMNS ? length : MAX_COLUMNS;
  s->n_bins = s->n_bins < most ? s->n_bins : most;
  s->n_bins = s->n_bins < 1 ? 1 : s->n_bins;
  s->in_time = l->time >= 0 && nax_axis_get_kind(l->axis[l->time]) != NAX_AXIS_INDEX;
  s->t0 = length > 0 ? time_of(l, 0) : 0.0;
  s->t1 = length > 0 ? time_of(l, length - 1) : 1.0;
  if (l->rate > 0.0 && s->in_time) {
    s->t1 += 1.0 / l->rate;
  } else if (!s->in_time) {
    s->t1 += 1.0;
  }
  NAX_TRY_ALLOC(s->heat, s->n_bins * l->units, sizeof(double));
  NAX_TRY_ALLOC(s->missing, s->n_bins * l->units, sizeof(double));
  if (l->parts > 1) {
    NAX_TRY_ALLOC(s->trial, l->parts * l->units, sizeof(double));
  }
  /* A power of two, so that blocks of samples do not share one. */
  for (s->pop_step = 1; length / s->pop_step > MAX_POPULATION; s->pop_step *= 2) {
  }
  s->n_pop = (length + s->pop_step - 1) / s->pop_step;
  NAX_TRY_ALLOC(p->pop_sum, s->n_pop, sizeof(double));
  NAX_TRY_ALLOC(p->pop_count, s->n_pop, sizeof(double));
  NAX_TRY_ALLOC(p->missing, l->units, sizeof(nax_index));
  int regular = l->time >= 0 && nax_axis_get_kind(l->axis[l->time]) == NAX_AXIS_REGULAR;
  if (regular && length >= 64 && l->units > 0) {
    nax_index n = SPECTRA_SAMPLES / length;
    n = n < 1 ? 1 : n > MAX_SPECTRA ? MAX_SPECTRA : n;
    s->n_spectra = n < l->units * l->parts ? n : l->units * l->parts;
    NAX_TRY(nax_axis_create_regular(ctx, "time", "s", length, 0.0, l->rate, &axis[0]));
    NAX_TRY(nax_axis_create_index(ctx, "trace", s->n_spectra, &axis[1]));
    NAX_TRY(nax_array_create(ctx, NAX_F64, 2, (const nax_axis *const *)axis,
                             l->value_unit, &s->spectra));
  }
done:
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
  return status;
}

/* What is left to do when all units were visited. */
static nax_status
finish(nax_ctx *ctx, pass *p)
{
  nax_status status = NAX_OK;
  nax_i_survey *s = p->s;
  const nax_i_layout *l = p->l;
  double gone = 0.0, all = (double)l->units * (double)l->parts * (double)l->samples;
  NAX_TRY_ALLOC(s->pop, s->n_pop, sizeof(double));
  NAX_TRY_ALLOC(s->pop_t, s->n_pop, sizeof(double));
  for (nax_index k = 0; k < s->n_pop; k++) {
    nax_index first = k * s->pop_step, last = first + s->pop_step;
    last = last < l->samples ? last : l->samples;
    s->pop_t[k] = 0.5 * (time_of(l, first) + time_of(l, last - 1));
    s->pop[k] = p->pop_count[k] > 0.0 ? p->pop_sum[k] / p->pop_count[k] : (double)NAN;
  }
  for (nax_index u = 0; u < l->units; u++) {
    gone += (double)p->missing[u];
  }
  s->total_missing = all > 0.0 ? 100.0 * gone / all : 0.0;
  if (gone == 0.0) {
    nax_i_free(s->missing);
    s->missing = NULL;
  }
done:
  return status;
}

nax_status
nax_i_rep_survey(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  pass p = {.r = r, .s = &r->survey, .l = &r->walk.layout};
  nax_index n = p.l->units;
  NAX_TRY(plan(ctx, &p));
  NAX_TRY(nax_i_quality_begin(ctx, __func__, p.l, &r->quality_opts, &p.quality));
  NAX_TRY(nax_i_walk_run(ctx, "nax_report", "report/traces", &r->walk, visit, after_group,
                         &p));
  NAX_TRY(finish(ctx, &p));
  if (p.quality.n_pick > 0) {
    NAX_TRY_ALLOC(r->r, n * n, sizeof *r->r);
    NAX_TRY(nax_i_quality_correlate(ctx, &p.quality, r->r));
  }
  NAX_TRY(nax_i_quality_table(ctx, __func__, &p.quality, r->r, &r->quality));
  NAX_TRY(nax_i_rep_cluster(ctx, r));
done:
  nax_i_quality_end(&p.quality);
  nax_i_free(p.missing);
  nax_i_free(p.pop_sum);
  nax_i_free(p.pop_count);
  return status;
}

nax_status
nax_i_rep_cluster(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index n = r->n_units;
  double *d = NULL;
  NAX_TRY_ALLOC(r->order, n, sizeof *r->order);
  for (nax_index i = 0; i < n; i++) {
    r->order[i] = i;
  }
  if (r->r == NULL || n < 3) {
    goto done;
  }
  NAX_TRY_ALLOC(r->merges, n - 1, sizeof *r->merges);
  NAX_TRY_ALLOC(d, n * n, sizeof *d);
  for (nax_index i = 0; i < n * n; i++) {
    d[i] = isnan(r->r[i]) ? 2.0 : 1.0 - r->r[i];
    d[i] = d[i] > 0.0 ? d[i] : 0.0;
  }
  NAX_TRY(nax_stats_cluster(ctx, n, d, NAX_LINKAGE_AVERAGE, r->merges));
  NAX_TRY(nax_stats_leaf_order(ctx, n, r->merges, r->order));
done:
  nax_i_free(d);
  return status;
}
