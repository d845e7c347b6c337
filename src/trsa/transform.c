/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geo-topological matrices and geodesic matrices of a stack of RDMs. */
#include "trsa_i.h"
#include <math.h>

nax_status
nax_i_trsa_shape(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_rdm,
                 const double *d, nax_index *m)
{
  if (n < 4 || n > 1 << 20) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "at least 4 conditions are needed, got %lld%s",
                      (long long)n, n > 4 ? ", which is too many" : "");
  }
  *m = n * (n - 1) / 2;
  nax_index total = 0;
  if (n_rdm < 1 || d == NULL ||
      !nax_i_size_product(2, (nax_index[]){*m, n_rdm}, sizeof(double), &total)) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "at least one RDM is needed, got %lld",
                      (long long)n_rdm);
  }
  return NAX_OK;
}

nax_status
nax_i_trsa_check(nax_ctx *ctx, const char *fn, nax_index m, nax_index n_rdm,
                 const double *d)
{
  for (nax_index r = 0; r < n_rdm; r++) {
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    for (nax_index i = 0; i < m; i++) {
      double x = d[r * m + i];
      if (isinf(x)) {
        return nax_i_fail(ctx, NAX_EDATA, fn,
                          "dissimilarities must be finite or missing, pair %lld of RDM "
                          "%lld is %g",
                          (long long)i, (long long)r, x);
      }
      lo = x < lo ? x : lo;
      hi = x > hi ? x : hi;
    }
    if (!(lo < hi)) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "RDM %lld has no two different dissimilarities: there is nothing "
                        "to threshold",
                        (long long)r);
    }
  }
  return NAX_OK;
}

void
nax_i_trsa_ranks(nax_index m, const double *x, int plain, nax_i_keyed *a,
                 nax_i_keyed *tmp, double *out)
{
  nax_index k = 0;
  for (nax_index i = 0; i < m; i++) {
    if (!isnan(x[i])) {
      a[k++] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
    }
  }
  nax_i_sort_keyed(a, tmp, k);
  double first = 0.0, last = 1.0;
  for (nax_index i = 0, j = 0; i < k; i = j) {
    for (j = i + 1; j < k && a[j].key == a[i].key;) {
      j++;
    }
    double rank = 0.5 * (double)(i + 1 + j);
    first = i == 0 ? rank : first;
    last = rank;
    for (nax_index q = i; q < j; q++) {
      out[a[q].at] = rank;
    }
  }
  for (nax_index i = 0; i < m; i++) {
    if (isnan(x[i])) {
      out[i] = x[i];
    } else if (!plain) {
      out[i] = (out[i] - first) / (last - first);
    }
  }
}

/* ------------------------------------------------------------------- options */

static nax_status
load(nax_ctx *ctx, const char *fn, const nax_trsa_opts *opts, nax_trsa_opts *o)
{
  nax_status s = nax_i_options_load(ctx, fn, &nax_i_trsa_table, o, opts);
  if (s == NAX_OK && o->lower > o->upper) {
    s = nax_i_fail(ctx, NAX_EINVAL, fn,
                   "`lower` must not be above `upper`, got %g and %g", o->lower,
                   o->upper);
  }
  return s;
}

/* What every RDM of a stack goes through. */
typedef struct job {
  nax_trsa_opts o;
  nax_index n, m, n_rdm;
  const double *d;
  double *out;
  double pooled[2];   /* thresholds of the whole stack (rsatoolbox) */
  nax_index *n_apart; /* per RDM */
} job;

/* --------------------------------------------------------------------- RGTM */

/* Scaled values of one RDM, thresholds found in `work` (m), applied in `x`. */
static void
window(const job *j, double *x, double *work)
{
  double t[2] = {j->pooled[0], j->pooled[1]};
  if (j->o.convention != NAX_TRSA_RSATOOLBOX) {
    nax_index k = nax_i_keep_finite(x, j->m, work);
    t[0] = nax_i_quantile(work, k, j->o.lower);
    t[1] = nax_i_quantile(work, k, j->o.upper);
  }
  double width = t[1] - t[0];
  for (nax_index i = 0; i < j->m; i++) {
    double v = width > 0.0 ? (x[i] - t[0]) / width : x[i] > t[0] ? 1.0 : 0.0;
    x[i] = isnan(x[i]) ? x[i] : v < 0.0 ? 0.0 : v > 1.0 ? 1.0 : v;
  }
}

/* d of one RDM on the scale 0 to 1 (rsatoolbox: as it is). */
static void
scale(const job *j, const double *d, nax_i_keyed *a, nax_i_keyed *tmp, double *x)
{
  if (j->o.convention == NAX_TRSA_RSATOOLBOX) {
    memmove(x, d, (size_t)j->m * sizeof *x);
  } else if (j->o.scale == NAX_TRSA_RANKS) {
    nax_i_trsa_ranks(j->m, d, 0, a, tmp, x);
  } else {
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    for (nax_index i = 0; i < j->m; i++) {
      lo = d[i] < lo ? d[i] : lo;
      hi = d[i] > hi ? d[i] : hi;
    }
    for (nax_index i = 0; i < j->m; i++) {
      x[i] = (d[i] - lo) / (hi - lo);
    }
  }
}

static nax_status
rgtm_block(int64_t r, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_keyed *a = NULL, *tmp = NULL;
  double *work = NULL, *x = NULL, *out = j->out + r * j->m;
  NAX_TRY_ALLOC(a, j->m, sizeof *a);
  NAX_TRY_ALLOC(tmp, j->m, sizeof *tmp);
  NAX_TRY_ALLOC(work, j->m, sizeof *work);
  NAX_TRY_ALLOC(x, j->m, sizeof *x);
  scale(j, j->d + r * j->m, a, tmp, x);
  if (j->o.shape == NAX_TRSA_SIGMOID) {
    for (nax_index i = 0; i < j->m; i++) {
      x[i] = 1.0 / (1.0 + exp(-j->o.slope * (x[i] - j->o.centre)));
    }
  } else {
    window(j, x, work);
  }
  memcpy(out, x, (size_t)j->m * sizeof *x);
done:
  nax_i_free(a);
  nax_i_free(tmp);
  nax_i_free(work);
  nax_i_free(x);
  return status;
}

/* Check everything; thresholds over the stack when the convention wants them. */
static nax_status
prepare(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_rdm, const double *d,
        const nax_trsa_opts *opts, double *out, job *j)
{
  nax_status status = NAX_OK;
  double *work = NULL;
  *j = (job){.n = n, .n_rdm = n_rdm, .d = d, .out = out};
  NAX_TRY(load(ctx, fn, opts, &j->o));
  NAX_TRY(nax_i_trsa_shape(ctx, fn, n, n_rdm, d, &j->m));
  NAX_TRY(nax_i_trsa_check(ctx, fn, j->m, n_rdm, d));
  if (j->o.convention == NAX_TRSA_RSATOOLBOX) {
    NAX_TRY_ALLOC(work, j->m * n_rdm, sizeof *work);
    nax_index k = nax_i_keep_finite(d, j->m * n_rdm, work);
    j->pooled[0] = nax_i_quantile(work, k, j->o.lower);
    j->pooled[1] = nax_i_quantile(work, k, j->o.upper);
  }
done:
  nax_i_free(work);
  return status;
}

nax_status
nax_trsa_rgtm(nax_ctx *ctx, nax_index n, nax_index n_rdm, const double *d,
              const nax_trsa_opts *opts, double *out)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  job j;
  nax_i_begin(ctx);
  NAX_TRY(prepare(ctx, __func__, n, n_rdm, d, opts, out, &j));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "trsa/rgtm", n_rdm));
  NAX_TRY(nax_i_parallel(ctx, &st, n_rdm, rgtm_block, &j));
done:
  return status;
}

/* --------------------------------------------------------------------- RGDM */

/* Distance from u to v, u != v, on the scaled values. */
static double
between(const job *j, const double *x, nax_index u, nax_index v)
{
  return x[u < v ? nax_i_rdm_at(j->n, u, v) : nax_i_rdm_at(j->n, v, u)];
}

/* w: x where the pair is a link by neighbourhood, +infinity where it is not. */
static void
keep_nearest(const job *j, const double *x, nax_i_keyed *a, nax_i_keyed *tmp, double *w)
{
  int published = j->o.convention != NAX_TRSA_EXACT;
  nax_index k = j->o.neighbours, n = j->n;
  k = k > 0 ? k : (nax_index)(j->o.share * (double)n);
  int need = !published && j->o.graph == NAX_TRSA_MUTUAL ? 2 : 1;
  for (nax_index i = 0; i < j->m; i++) {
    w[i] = 0.0; /* how many ends count the other one */
  }
  for (nax_index u = 0; u < n; u++) {
    nax_index count = 0;
    for (nax_index v = 0; v < n; v++) {
      double y = u == v ? (double)NAN : between(j, x, u, v);
      if (!isnan(y) && (!published || y > 0.0)) {
        a[count++] = (nax_i_keyed){nax_i_sort_key(y), v};
      }
    }
    nax_i_sort_keyed(a, tmp, count);
    for (nax_index i = 0; i < count; i++) {
      /* equals of the last neighbour are neighbours, whatever their order */
      int near = i < k || (!published && a[i].key == a[k - 1].key);
      nax_index v = a[i].at;
      if (near && !(published && v < u)) {
        w[u < v ? nax_i_rdm_at(n, u, v) : nax_i_rdm_at(n, v, u)] += 1.0;
      }
    }
  }
  for (nax_index i = 0; i < j->m; i++) {
    w[i] = w[i] >= need ? x[i] : (double)INFINITY;
  }
}

/* Lengths of the links of one RDM into w, +infinity for none. */
static void
links(const job *j, double *x, nax_i_keyed *a, nax_i_keyed *tmp, double *work, double *w)
{
  if (j->o.graph == NAX_TRSA_NEAREST || j->o.graph == NAX_TRSA_MUTUAL) {
    keep_nearest(j, x, a, tmp, w);
  } else {
    double most = (double)INFINITY;
    if (j->o.graph == NAX_TRSA_SHORTEST) {
      nax_index k = nax_i_keep_finite(x, j->m, work);
      most = nax_i_quantile(work, k, j->o.share);
    } else {
      window(j, x, work);
      if (j->o.convention == NAX_TRSA_RSATOOLBOX) {
        job unit = {.o = {.scale = NAX_TRSA_VALUES}, .m = j->m};
        scale(&unit, x, a, tmp, x);
      }
    }
    for (nax_index i = 0; i < j->m; i++) {
      int link = j->o.graph == NAX_TRSA_SHORTEST ? x[i] <= most : x[i] < 1.0;
      w[i] = link ? x[i] : (double)INFINITY;
    }
  }
  for (nax_index i = 0; i < j->m && j->o.convention != NAX_TRSA_EXACT; i++) {
    w[i] = w[i] > 0.0 ? w[i] : (double)INFINITY;
  }
}

static nax_status
rgdm_block(int64_t r, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_paths p = {0};
  double *work = NULL, *x = NULL, *w = NULL, *out = j->out + r * j->m;
  NAX_TRY(nax_i_paths_init(ctx, &p, j->n, 1));
  NAX_TRY_ALLOC(work, j->m, sizeof *work);
  NAX_TRY_ALLOC(x, j->m, sizeof *x);
  NAX_TRY_ALLOC(w, j->m, sizeof *w);
  scale(j, j->d + r * j->m, p.edge, p.tmp, x);
  links(j, x, p.edge, p.tmp, work, w);
  nax_i_paths_all(&p, w, x);
  for (nax_index i = 0; i < j->m; i++) {
    j->n_apart[r] += isinf(x[i]);
  }
  if (j->o.rank_paths) {
    nax_i_trsa_ranks(j->m, x, 1, p.edge, p.tmp, out);
  } else {
    memcpy(out, x, (size_t)j->m * sizeof *x);
  }
done:
  nax_i_paths_free(&p);
  nax_i_free(work);
  nax_i_free(x);
  nax_i_free(w);
  return status;
}

nax_status
nax_trsa_rgdm(nax_ctx *ctx, nax_index n, nax_index n_rdm, const double *d,
              const nax_trsa_opts *opts, double *out, nax_index *n_apart)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  job j = {.n_apart = NULL};
  nax_i_begin(ctx);
  NAX_TRY(prepare(ctx, __func__, n, n_rdm, d, opts, out, &j));
  if (j.o.graph == NAX_TRSA_NEAREST || j.o.graph == NAX_TRSA_MUTUAL) {
    NAX_REQUIRE(j.o.neighbours > 0 || j.o.share * (double)n >= 1.0, NAX_EINVAL,
                "a share of %g of %lld conditions is no neighbour", j.o.share,
                (long long)n);
  }
  NAX_TRY_ALLOC(j.n_apart, n_rdm, sizeof *j.n_apart);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "trsa/rgdm", n_rdm));
  NAX_TRY(nax_i_parallel(ctx, &st, n_rdm, rgdm_block, &j));
  nax_index apart = 0;
  for (nax_index r = 0; r < n_rdm; r++) {
    apart += j.n_apart[r];
  }
  if (n_apart != NULL) {
    *n_apart = apart;
  }
done:
  nax_i_free(j.n_apart);
  return status;
}
