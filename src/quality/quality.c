/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of traces: the walk, the correlations that find duplicates, the table. */
#include "quality_i.h"
#include <math.h>
#include <stdio.h>

/* ----------------------------------------------------------------------- collecting */

nax_status
nax_i_quality_begin(nax_ctx *ctx, const char *fn, const nax_i_layout *l,
                    const nax_quality_opts *opts, nax_i_quality *q)
{
  nax_status status = NAX_OK;
  nax_index length = l->parts * l->samples;
  (void)fn;
  memset(q, 0, sizeof *q);
  q->layout = l;
  q->opts = *opts;
  NAX_TRY_ALLOC(q->trace, l->units, sizeof *q->trace);
  if (l->units > 1 && l->units <= NAX_I_MAX_CORRELATED && length > 1) {
    q->step = (length + NAX_I_CORRELATION_SAMPLES - 1) / NAX_I_CORRELATION_SAMPLES;
    q->n_pick = (length + q->step - 1) / q->step;
    NAX_TRY_ALLOC(q->pick, q->n_pick * l->units, sizeof *q->pick);
  }
done:
  return status;
}

void
nax_i_quality_end(nax_i_quality *q)
{
  nax_i_free(q->trace);
  nax_i_free(q->pick);
  q->trace = NULL;
  q->pick = NULL;
}

/* Mean 0 and length 1, so that a correlation is a scalar product; missing samples are at
 * the mean. */
void
nax_i_standardise(const double *x, nax_index n, nax_index step, float *pick)
{
  double sum = 0.0, square = 0.0;
  nax_index present = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i * step])) {
      sum += x[i * step];
      present++;
    }
  }
  double mean = present > 0 ? sum / (double)present : 0.0;
  for (nax_index i = 0; i < n; i++) {
    double d = isfinite(x[i * step]) ? x[i * step] - mean : 0.0;
    square += d * d;
  }
  double scale = square > 0.0 ? 1.0 / sqrt(square) : 0.0;
  for (nax_index i = 0; i < n; i++) {
    pick[i] = isfinite(x[i * step]) ? (float)((x[i * step] - mean) * scale) : 0.0f;
  }
}

nax_status
nax_i_quality_visit(nax_index unit, const double *x, double *scratch, void *arg)
{
  nax_i_quality *q = arg;
  nax_i_trace_measure(q->layout, &q->opts, x, scratch, &q->trace[unit]);
  if (q->n_pick > 0) {
    float *pick = q->pick + unit * q->n_pick;
    if (q->trace[unit].max > q->trace[unit].min) {
      nax_i_standardise(x, q->n_pick, q->step, pick);
    }
  }
  return NAX_OK;
}

/* --------------------------------------------------------------------- correlations */

enum { SIDE = 32 }; /* units per edge of a block of correlations */

typedef struct products {
  const nax_i_quality *q;
  double *r;
  nax_index edge; /* blocks per side */
} products;

static double
product(const float *a, const float *b, nax_index n)
{
  /* Eight sums, so that the compiler can keep them side by side; their order is fixed. */
  double total = 0.0;
  for (nax_index i = 0; i < n;) {
    float sum[8] = {0};
    nax_index end = n - i < 2048 ? n : i + 2048;
    for (; i + 8 <= end; i += 8) {
      for (int k = 0; k < 8; k++) {
        sum[k] += a[i + k] * b[i + k];
      }
    }
    for (; i < end; i++) {
      sum[0] += a[i] * b[i];
    }
    for (int k = 0; k < 8; k++) {
      total += (double)sum[k];
    }
  }
  return total;
}

static nax_status
product_block(int64_t block, void *arg)
{
  products *p = arg;
  nax_index n = p->q->layout->units, m = p->q->n_pick;
  nax_index bi = block / p->edge, bj = block % p->edge;
  if (bj < bi) {
    return NAX_OK; /* the other half */
  }
  const nax_i_trace *t = p->q->trace;
  for (nax_index i = bi * SIDE; i < n && i < (bi + 1) * SIDE; i++) {
    for (nax_index j = bj * SIDE; j < n && j < (bj + 1) * SIDE; j++) {
      if (j < i) {
        continue;
      }
      int vary = t[i].max > t[i].min && t[j].max > t[j].min;
      double v = vary ? product(p->q->pick + i * m, p->q->pick + j * m, m) : (double)NAN;
      v = vary && i == j ? 1.0 : v > 1.0 ? 1.0 : v < -1.0 ? -1.0 : v;
      p->r[i + j * n] = p->r[j + i * n] = v;
    }
  }
  return NAX_OK;
}

nax_status
nax_i_quality_correlate(nax_ctx *ctx, const nax_i_quality *q, double *r)
{
  products p = {q, r, nax_i_n_blocks(q->layout->units, SIDE)};
  return nax_i_parallel(ctx, NULL, p.edge * p.edge, product_block, &p);
}

/* --------------------------------------------------------------------------- table */

static void
flag_trace(const nax_i_quality *q, nax_index u, double nearest, char buf[96])
{
  const nax_i_trace *t = &q->trace[u];
  int flat = t->n > 0 && !(t->max > t->min);
  int f0 = q->layout->kind == NAX_SIGNAL_FLUORESCENCE &&
           t->min_baseline < 0.05 * fabs(t->mean);
  snprintf(buf, 96, "%s%s%s%s%s%s", t->n == 0 ? "missing " : "",
           flat && t->max == 0.0 ? "dead " : "", flat && t->max != 0.0 ? "constant " : "",
           nearest > q->opts.duplicate ? "duplicate " : "",
           t->saturated > 1.0 && q->layout->kind != NAX_SIGNAL_COUNTS ? "saturated " : "",
           f0 && !flat ? "f0 " : "");
  size_t n = strlen(buf);
  if (n > 0) {
    buf[n - 1] = '\0';
  }
}

typedef struct texts {
  char **unit, **nearest, **flag;
} texts;

/* The most similar other unit of each, and the texts of the row. */
static nax_status
fill_texts(nax_ctx *ctx, const nax_i_quality *q, const double *r, double *nearest,
           texts *t)
{
  nax_status status = NAX_OK;
  nax_index n = q->layout->units;
  const nax_axis *axis = q->layout->unit >= 0 ? q->layout->axis[q->layout->unit] : NULL;
  char buf[256];
  for (nax_index u = 0; u < n; u++) {
    nax_index best = -1;
    nearest[u] = NAN;
    for (nax_index k = 0; r != NULL && k < n; k++) {
      double v = r[k + u * n];
      if (k != u && v > (best >= 0 ? nearest[u] : -2.0)) {
        best = k;
        nearest[u] = v;
      }
    }
    nax_i_unit_name(axis, u, buf, sizeof buf);
    NAX_TRY_DUP(t->unit[u], buf);
    buf[0] = '\0';
    if (best >= 0) {
      nax_i_unit_name(axis, best, buf, sizeof buf);
    }
    NAX_TRY_DUP(t->nearest[u], buf);
    flag_trace(q, u, nearest[u], buf);
    NAX_TRY_DUP(t->flag[u], buf);
  }
done:
  return status;
}

nax_status
nax_i_quality_table(nax_ctx *ctx, const char *fn, const nax_i_quality *q, const double *r,
                    nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index n = q->layout->units;
  double *nearest = NULL, *v = NULL;
  texts text = {NULL, NULL, NULL};
  /* NULL: the unit of the values; "": that per minute. */
  static const struct {
    const char *name, *unit;
    size_t offset;
  } column[] = {
      {"mean", NULL, offsetof(nax_i_trace, mean)},
      {"sd", NULL, offsetof(nax_i_trace, sd)},
      {"min", NULL, offsetof(nax_i_trace, min)},
      {"max", NULL, offsetof(nax_i_trace, max)},
      {"skewness", "1", offsetof(nax_i_trace, skewness)},
      {"missing", "%", offsetof(nax_i_trace, missing)},
      {"baseline", NULL, offsetof(nax_i_trace, baseline)},
      {"min_baseline", NULL, offsetof(nax_i_trace, min_baseline)},
      {"noise", "% Hz^-1/2", offsetof(nax_i_trace, noise)},
      {"snr", "1", offsetof(nax_i_trace, snr)},
      {"event_rate", "1/min", offsetof(nax_i_trace, event_rate)},
      {"drift", "", offsetof(nax_i_trace, drift)},
      {"saturated", "%", offsetof(nax_i_trace, saturated)},
  };
  (void)fn;
  *out = NULL;
  NAX_TRY_ALLOC(nearest, n, sizeof *nearest);
  NAX_TRY_ALLOC(v, n, sizeof *v);
  NAX_TRY_ALLOC(text.unit, n, sizeof *text.unit);
  NAX_TRY_ALLOC(text.nearest, n, sizeof *text.nearest);
  NAX_TRY_ALLOC(text.flag, n, sizeof *text.flag);
  NAX_TRY(fill_texts(ctx, q, r, nearest, &text));
  NAX_TRY(nax_table_create(ctx, "unit", n, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "unit", (const char *const *)text.unit));
  for (size_t c = 0; c < sizeof column / sizeof column[0]; c++) {
    for (nax_index u = 0; u < n; u++) {
      memcpy(&v[u], (const char *)&q->trace[u] + column[c].offset, sizeof *v);
    }
    const char *unit = column[c].unit == NULL      ? q->layout->value_unit
                       : column[c].unit[0] == '\0' ? q->layout->drift_unit
                                                   : column[c].unit;
    NAX_TRY(nax_table_add_numbers(ctx, t, column[c].name, unit, v));
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "nearest", "1", nearest));
  NAX_TRY(nax_table_add_text(ctx, t, "nearest_unit", (const char *const *)text.nearest));
  NAX_TRY(nax_table_add_text(ctx, t, "flag", (const char *const *)text.flag));
  *out = t;
  t = NULL;
done:
  nax_i_free_strings(text.unit, n);
  nax_i_free_strings(text.nearest, n);
  nax_i_free_strings(text.flag, n);
  nax_i_free(nearest);
  nax_i_free(v);
  nax_table_free(t);
  return status;
}

/* ----------------------------------------------------------------------- the calls */

static nax_status
measure(nax_ctx *ctx, const char *fn, nax_i_walk *w, const nax_quality_opts *opts,
        nax_table **out)
{
  nax_status status = NAX_OK;
  nax_i_quality q = {0};
  double *r = NULL;
  nax_index n = w->layout.units;
  if (opts->signal != NAX_SIGNAL_AUTO) {
    w->layout.kind = (nax_signal_kind)opts->signal;
  }
  w->bytes = (size_t)opts->memory << 20;
  NAX_TRY(nax_i_quality_begin(ctx, fn, &w->layout, opts, &q));
  NAX_TRY(nax_i_walk_run(ctx, fn, "quality/traces", w, nax_i_quality_visit, NULL, &q));
  if (q.n_pick > 0) {
    NAX_TRY_ALLOC(r, n * n, sizeof *r);
    NAX_TRY(nax_i_quality_correlate(ctx, &q, r));
  }
  NAX_TRY(nax_i_quality_table(ctx, fn, &q, r, out));
done:
  nax_i_quality_end(&q);
  nax_i_free(r);
  return status;
}

nax_status
nax_quality_array(nax_ctx *ctx, const nax_array *a, const nax_quality_opts *opts,
                  nax_table **out)
{
  nax_status status = NAX_OK;
  nax_quality_opts o;
  nax_i_walk w = {0};
  const nax_axis *axis[NAX_MAX_NDIM] = {NULL};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_quality_table_opts, &o, opts));
  NAX_REQUIRE(a != NULL, NAX_EINVAL, "`a` is NULL");
  for (int32_t k = 0; k < nax_array_ndim(a); k++) {
    axis[k] = nax_array_axis(a, k);
  }
  nax_i_layout_of(nax_array_ndim(a), axis, "", "", nax_array_unit(a),
                  nax_array_description(a), &w.layout);
  w.array = a;
  NAX_TRY(measure(ctx, __func__, &w, &o, out));
done:
  return status;
}

nax_status
nax_quality_source(nax_ctx *ctx, nax_source *s, int32_t var, const nax_quality_opts *opts,
                   nax_table **out)
{
  nax_status status = NAX_OK;
  nax_quality_opts o;
  nax_i_walk w = {0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_quality_table_opts, &o, opts));
  NAX_REQUIRE(s != NULL, NAX_EINVAL, "`s` is NULL");
  const nax_var_info *info = nax_source_var(s, var);
  NAX_REQUIRE(info != NULL, NAX_EINVAL, "variable %d does not exist, `%s` has %d",
              (int)var, nax_source_path(s), (int)nax_source_n_vars(s));
  NAX_REQUIRE(info->kind == NAX_VAR_ARRAY, NAX_EINVAL,
              "variable `%s` is not an array (spike trains: nax_quality_spikes)",
              info->name);
  nax_i_layout_of(info->ndim, info->axis, info->name, info->path, info->unit,
                  info->description, &w.layout);
  nax_i_layout_integers(&w.layout, info->dtype);
  w.source = s;
  w.var = var;
  NAX_TRY(measure(ctx, __func__, &w, &o, out));
done:
  return status;
}
