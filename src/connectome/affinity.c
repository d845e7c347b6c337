/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Affinities of pairs of neurons from their derivatives. */
#include "connectome_i.h"
#include "array/array_i.h"
#include <math.h>

/* --- what is there ----------------------------------------------------------------- */

nax_status
nax_i_extent_thin(nax_ctx *ctx, const nax_i_extent *e, nax_index first, nax_index bins,
                  nax_index neurons, nax_i_extent *some)
{
  nax_status status = NAX_OK;
  *some = (nax_i_extent){.missing = e->missing};
  NAX_TRY_ALLOC(some->bin, e->n_bins, sizeof *some->bin);
  NAX_TRY_ALLOC(some->i, e->n_pairs, sizeof *some->i);
  NAX_TRY_ALLOC(some->j, e->n_pairs, sizeof *some->j);
  for (nax_index t = first; t < e->n_bins; t += bins) {
    some->bin[some->n_bins++] = e->bin[t];
  }
  for (nax_index p = 0; p < e->n_pairs; p++) {
    if (e->i[p] % neurons == 0 && e->j[p] % neurons == 0) {
      some->i[some->n_pairs] = e->i[p];
      some->j[some->n_pairs++] = e->j[p];
    }
  }
done:
  return status;
}

void
nax_i_extent_free(nax_i_extent *e)
{
  nax_i_free(e->bin);
  nax_i_free(e->i);
  nax_i_free(e->j);
  *e = (nax_i_extent){.n_bins = 0};
}

/* 1 for each pair that some animal has at some time; entry i + n j, i < j. */
static nax_status
seen_pairs(nax_ctx *ctx, const nax_i_derivatives *d, char *bin, char *pair)
{
  nax_status status = NAX_OK;
  nax_index *have = NULL, n_have, n_before = -1, n = d->n;
  nax_index *before = NULL;
  NAX_TRY_ALLOC(have, n, sizeof *have);
  NAX_TRY_ALLOC(before, n, sizeof *before);
  for (nax_index w = 0; w < d->n_animals; w++) {
    for (nax_index t = 0; t < d->n_time; t++) {
      const double *u = d->u + n * (t + d->n_time * w);
      n_have = 0;
      for (nax_index i = 0; i < n; i++) {
        if (!isnan(u[i])) {
          have[n_have++] = i;
        }
      }
      bin[t] |= n_have > 1;
      /* mostly the same neurons as at the time before */
      if (n_have == n_before &&
          memcmp(have, before, (size_t)n_have * sizeof *have) == 0) {
        continue;
      }
      for (nax_index b = 1; b < n_have; b++) {
        for (nax_index a = 0; a < b; a++) {
          pair[have[a] + n * have[b]] = 1;
        }
      }
      memcpy(before, have, (size_t)n_have * sizeof *have);
      n_before = n_have;
    }
  }
done:
  nax_i_free(have);
  nax_i_free(before);
  return status;
}

nax_status
nax_i_extent_init(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                  nax_i_extent *e)
{
  nax_status status = NAX_OK;
  nax_index n = d->n, m = n * d->n_time * d->n_animals;
  char *bin = NULL, *pair = NULL;
  *e = (nax_i_extent){.n_bins = 0};
  NAX_TRY_ALLOC(bin, d->n_time, 1);
  for (nax_index k = 0; k < m * d->n_scales && !e->missing; k++) {
    e->missing = isnan(d->u[k]);
  }
  NAX_TRY_ALLOC(pair, n, (size_t)n);
  if (e->missing) {
    NAX_TRY(seen_pairs(ctx, d, bin, pair));
  } else {
    memset(bin, 1, (size_t)d->n_time);
    memset(pair, 1, (size_t)(n * n));
  }
  NAX_TRY_ALLOC(e->bin, d->n_time, sizeof *e->bin);
  for (nax_index t = 0; t < d->n_time; t++) {
    if (bin[t]) {
      e->bin[e->n_bins++] = t;
    }
  }
  for (nax_index k = 0; k < 2; k++) {
    e->n_pairs = 0;
    for (nax_index b = 1; b < n; b++) {
      for (nax_index a = 0; a < b; a++) {
        if (pair[a + n * b]) {
          if (k == 1) {
            e->i[e->n_pairs] = a;
            e->j[e->n_pairs] = b;
          }
          e->n_pairs++;
        }
      }
    }
    if (k == 0) {
      NAX_TRY_ALLOC(e->i, e->n_pairs, sizeof *e->i);
      NAX_TRY_ALLOC(e->j, e->n_pairs, sizeof *e->j);
    }
  }
  if (e->n_pairs == 0) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "no two neurons of one animal were recorded at the same time");
  }
done:
  nax_i_free(bin);
  nax_i_free(pair);
  if (status != NAX_OK) {
    nax_i_extent_free(e);
  }
  return status;
}

/* --- one pair ----------------------------------------------------------------------- */

/* NaN in either neuron must reach the result: what is not positive is multiplied by 0
 * instead of replaced. */
#define EACH_TIME(value)                                                                 \
  for (nax_index t = 0; t < n; t++) {                                                    \
    double x = a[t], y = sign * b[t], xy = x * y, ax = fabs(x), ay = fabs(y);            \
    double lo = ax < ay ? ax : ay, hi = ax < ay ? ay : ax;                               \
    (void)lo;                                                                            \
    (void)hi;                                                                            \
    (void)xy;                                                                            \
    g[t] = (value);                                                                      \
  }

NAX_I_CLONES static void
kernel(nax_connectome_kernel k, nax_index n, const double *a, const double *b,
       double sign, double *g)
{
  switch (k) {
  case NAX_CONNECTOME_PROD:
    EACH_TIME(xy > 0.0 ? xy : 0.0 * xy)
    break;
  case NAX_CONNECTOME_GM:
    EACH_TIME(xy > 0.0 ? sqrt(xy) : 0.0 * xy)
    break;
  case NAX_CONNECTOME_MIN:
    EACH_TIME(xy > 0.0 ? lo : 0.0 * xy)
    break;
  case NAX_CONNECTOME_RATIO:
    EACH_TIME(xy > 0.0 ? lo * lo / hi : 0.0 * xy)
    break;
  case NAX_CONNECTOME_UP:
    EACH_TIME(xy > 0.0 && x > 0.0 ? sqrt(xy) : 0.0 * xy)
    break;
  case NAX_CONNECTOME_ABS:
  case NAX_CONNECTOME_KERNEL_FORCE_INT:
    EACH_TIME(sqrt(ax * ay))
    break;
  }
}

static int
sign_of(double x)
{
  return (x > 0.0) - (x < 0.0);
}

/* Mean over each stretch of adjacent bins in which neither derivative changes its sign
 * or is 0. */
static void
average_intervals(nax_index n, const nax_index *bin, const double *a, const double *b,
                  double *g)
{
  for (nax_index from = 0; from < n;) {
    int x = sign_of(a[from]), y = sign_of(b[from]);
    nax_index to = from + 1;
    double sum = g[from];
    while (x != 0 && y != 0 && to < n && bin[to] == bin[to - 1] + 1 &&
           sign_of(a[to]) == x && sign_of(b[to]) == y) {
      sum += g[to++];
    }
    for (nax_index t = from; t < to && to - from > 1; t++) {
      g[t] = sum / (double)(to - from);
    }
    from = to;
  }
}

/* --- all pairs ---------------------------------------------------------------------- */

typedef struct job {
  const nax_i_derivatives *d;
  const nax_i_extent *e;
  const nax_connectome_opts *o;
  const double *v; /* kept bins x animal x neuron x scale */
  nax_dtype dtype;
  void *out;
} job;

static nax_index
n_channels(const nax_connectome_opts *o)
{
  return o->channels == NAX_CONNECTOME_BOTH ? 2 : 1;
}

/* Scales that are a mode of the tensor. */
static nax_index
n_layers(const nax_i_derivatives *d, const nax_connectome_opts *o)
{
  return o->scale_mode ? d->n_scales : 1;
}

/* All animals of one pair in one channel, at scale s. */
static void
one_scale(const job *j, nax_index p, nax_index s, double sign, double *g)
{
  nax_index n = j->e->n_bins, all = n * j->d->n_animals;
  const double *a = j->v + all * (j->e->i[p] + j->d->n * s);
  const double *b = j->v + all * (j->e->j[p] + j->d->n * s);
  kernel((nax_connectome_kernel)j->o->kernel, all, a, b, sign, g);
  for (nax_index w = 0; w < j->d->n_animals && j->o->interval; w++) {
    average_intervals(n, j->e->bin, a + n * w, b + n * w, g + n * w);
  }
  for (nax_index t = 0; t < all && j->o->clip == NAX_CONNECTOME_CLIP_PAIR; t++) {
    g[t] = g[t] > 1.0 ? 1.0 : g[t];
  }
}

/* Channel c, layer l of one pair; `more` is scratch. */
static void
one_entry(const job *j, nax_index p, nax_index c, nax_index l, double *g, double *more)
{
  nax_index all = j->e->n_bins * j->d->n_animals;
  int opposite = j->o->channels == NAX_CONNECTOME_OPPOSITE || c == 1;
  double sign = opposite ? -1.0 : 1.0;
  one_scale(j, p, l, sign, g);
  for (nax_index s = 1; s < j->d->n_scales && n_layers(j->d, j->o) == 1; s++) {
    one_scale(j, p, s, sign, more);
    for (nax_index t = 0; t < all; t++) {
      g[t] = more[t] > g[t] || isnan(more[t]) ? more[t] : g[t];
    }
  }
}

enum { PAIRS = 64 };

static nax_status
some_pairs(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  nax_index all = j->e->n_bins * j->d->n_animals, n_pairs = j->e->n_pairs;
  nax_index first = block * PAIRS, last = first + PAIRS;
  nax_index layers = n_layers(j->d, j->o), channels = n_channels(j->o);
  double *g = NULL, *more;
  last = last < n_pairs ? last : n_pairs;
  NAX_TRY_ALLOC(g, 2 * all, sizeof *g);
  more = g + all;
  for (nax_index l = 0; l < layers; l++) {
    for (nax_index c = 0; c < channels; c++) {
      for (nax_index p = first; p < last; p++) {
        one_entry(j, p, c, l, g, more);
        nax_index at = all * (p + n_pairs * (c + channels * l));
        if (j->dtype == NAX_F64) {
          memcpy((double *)j->out + at, g, (size_t)all * sizeof *g);
        } else {
          for (nax_index t = 0; t < all; t++) {
            ((float *)j->out)[at + t] = (float)g[t];
          }
        }
      }
    }
  }
done:
  nax_i_free(g);
  return status;
}

/* Derivatives at the kept bins, time fastest: bins x animal x neuron x scale. */
static nax_status
by_time(nax_ctx *ctx, const nax_i_derivatives *d, const nax_i_extent *e, double **out)
{
  nax_status status = NAX_OK;
  double *v;
  nax_index n = e->n_bins, all = n * d->n_animals;
  NAX_TRY_ALLOC(v, all * d->n, (size_t)d->n_scales * sizeof *v);
  for (nax_index s = 0; s < d->n_scales; s++) {
    for (nax_index w = 0; w < d->n_animals; w++) {
      for (nax_index t = 0; t < n; t++) {
        const double *u = d->u + d->n * (e->bin[t] + d->n_time * (w + d->n_animals * s));
        for (nax_index i = 0; i < d->n; i++) {
          v[t + n * w + all * (i + d->n * s)] = u[i];
        }
      }
    }
  }
  *out = v;
done:
  return status;
}

nax_status
nax_i_affinity_fill(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                    const nax_i_extent *e, const nax_connectome_opts *o, nax_dtype dtype,
                    void *out)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  double *v = NULL;
  NAX_TRY(by_time(ctx, d, e, &v));
  job j = {d, e, o, v, dtype, out};
  int64_t blocks = nax_i_n_blocks(e->n_pairs, PAIRS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "connectome/affinity", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, some_pairs, &j));
done:
  nax_i_free(v);
  return status;
}

/* --- contracted ----------------------------------------------------------------------
 */

typedef struct projection {
  job j;
  int64_t rank;
  const double *c, *rest;
  double *out;
} projection;

static nax_status
project_pairs(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const projection *q = arg;
  const job *j = &q->j;
  nax_index all = j->e->n_bins * j->d->n_animals, n_pairs = j->e->n_pairs;
  nax_index first = block * PAIRS, last = first + PAIRS;
  nax_index layers = n_layers(j->d, j->o), channels = n_channels(j->o);
  double *g = NULL;
  last = last < n_pairs ? last : n_pairs;
  NAX_TRY_ALLOC(g, 2 * all, sizeof *g);
  for (nax_index p = first; p < last; p++) {
    for (nax_index k = 0; k < layers * channels; k++) {
      one_entry(j, p, k % channels, k / channels, g, g + all);
      for (nax_index t = 0; t < all; t++) {
        g[t] = isnan(g[t]) ? 0.0 : g[t];
      }
      for (int64_t r = 0; r < q->rank; r++) {
        const double *c = q->c + r * all;
        double sum = 0.0;
        for (nax_index t = 0; t < all; t++) {
          sum += g[t] * c[t];
        }
        q->out[p + n_pairs * r] += sum * q->rest[k + layers * channels * r];
      }
    }
  }
done:
  nax_i_free(g);
  return status;
}

nax_status
nax_i_affinity_project(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                       const nax_i_extent *e, const nax_connectome_opts *o, int64_t rank,
                       const double *c, const double *rest, double *out)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  double *v = NULL;
  memset(out, 0, (size_t)(e->n_pairs * rank) * sizeof *out);
  NAX_TRY(by_time(ctx, d, e, &v));
  projection q = {{d, e, o, v, NAX_F64, NULL}, rank, c, rest, out};
  int64_t blocks = nax_i_n_blocks(e->n_pairs, PAIRS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "connectome/project", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, project_pairs, &q));
done:
  nax_i_free(v);
  return status;
}

int32_t
nax_i_affinity_shape(const nax_i_derivatives *d, const nax_i_extent *e,
                     const nax_connectome_opts *o, nax_index dim[NAX_MAX_NDIM],
                     const char *name[NAX_MAX_NDIM])
{
  int32_t n = 0;
  name[n] = "time";
  dim[n++] = e->n_bins;
  name[n] = "animal";
  dim[n++] = d->n_animals;
  name[n] = "pair";
  dim[n++] = e->n_pairs;
  if (n_channels(o) > 1) {
    name[n] = "channel";
    dim[n++] = 2;
  }
  if (n_layers(d, o) > 1) {
    name[n] = "scale";
    dim[n++] = d->n_scales;
  }
  return n;
}

nax_status
nax_connectome_affinity(nax_ctx *ctx, const nax_array *u, const nax_connectome_opts *opts,
                        nax_array **out)
{
  nax_status status = NAX_OK;
  nax_connectome_opts o;
  nax_i_derivatives d;
  nax_i_extent e = {.n_bins = 0};
  nax_index dim[NAX_MAX_NDIM];
  const char *name[NAX_MAX_NDIM];
  nax_axis *axes[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  int32_t ndim = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  /* all bins and pairs, whether anyone has them or not */
  NAX_TRY_ALLOC(e.bin, d.n_time, sizeof *e.bin);
  NAX_TRY_ALLOC(e.i, nax_i_n_pairs(d.n), sizeof *e.i);
  NAX_TRY_ALLOC(e.j, nax_i_n_pairs(d.n), sizeof *e.j);
  for (e.n_bins = 0; e.n_bins < d.n_time; e.n_bins++) {
    e.bin[e.n_bins] = e.n_bins;
  }
  for (nax_index b = 1; b < d.n; b++) {
    for (nax_index c = 0; c < b; c++) {
      e.i[e.n_pairs] = c;
      e.j[e.n_pairs++] = b;
    }
  }
  ndim = nax_i_affinity_shape(&d, &e, &o, dim, name);
  for (int32_t k = 0; k < ndim; k++) {
    if (k < 2 || strcmp(name[k], "scale") == 0) {
      NAX_TRY(nax_axis_copy(ctx, nax_array_axis(u, k < 2 ? k + 1 : 3), &axes[k]));
    } else if (strcmp(name[k], "channel") == 0) {
      const char *const channel[] = {"same", "opposite"};
      NAX_TRY(nax_axis_create_labels(ctx, name[k], 2, channel, &axes[k]));
    } else {
      NAX_TRY(nax_axis_create_index(ctx, name[k], dim[k], &axes[k]));
    }
  }
  NAX_TRY(nax_i_array_adopt(ctx, o.single ? NAX_F32 : NAX_F64, ndim, axes, "1", &a));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, a, "affinity of each pair of neurons"));
  NAX_TRY(nax_i_affinity_fill(ctx, __func__, &d, &e, &o, nax_array_dtype(a),
                              nax_array_data_mut(a)));
  *out = a;
  a = NULL;
done:
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(a);
  nax_i_extent_free(&e);
  return status;
}
