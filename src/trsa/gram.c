/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner products of transformed RDMs for all windows of thresholds at once.
 *
 * With thresholds t_0 <= ... <= t_K of an RDM, its ramp k is
 * phi_k(x) = min(max(x, t_k), t_{k+1}) - t_k, and the transform with window (l, u) is
 * sum_{l <= k < u} phi_k / (t_u - t_l). So a K x K table of inner products of ramps holds
 * every window of a pair of RDMs, and one pass over the pairs of conditions makes the
 * table: a value belongs to one ramp, is above those before it, and below those behind.
 * All terms are sums of non-negative numbers, so nothing cancels. */
#include "identify_i.h"
#include <math.h>

enum { MAX_STEPS = 100, SUMS = 4 }; /* of a cell: count, x, y, xy */

void
nax_i_id_free(nax_i_id *p)
{
  nax_i_free(p->group);
  nax_i_free(p->label);
  nax_i_free(p->group_value);
  nax_i_free(p->label_value);
  nax_i_free(p->member);
  nax_i_free(p->start);
  nax_i_free(p->lo);
  nax_i_free(p->hi);
  nax_i_free(p->gram);
  nax_i_free(p->raw);
}

nax_index
nax_i_trsa_windows(const nax_trsa_identify_opts *o)
{
  return o->steps * (o->steps + 1) / 2 + (o->adjacency ? o->steps - 1 : 0);
}

typedef struct job {
  nax_i_id *p;
  const nax_trsa_identify_opts *o;
  const double *d;    /* m x n_rdm */
  nax_index m;        /* pairs that no RDM lacks (paths: all) */
  double *x;          /* m x n_rdm: height within the ramp; paths: unused */
  unsigned char *bin; /* m x n_rdm: the ramp */
  double *level;      /* (K + 1) x n_rdm */
  double *features;   /* m x n_rdm for each upper level: centred ranks of paths */
  nax_index from;     /* lower level at work */
} job;

/* Thresholds of scaled ranks x (m, may have NaN), `work` as long. */
static void
levels(nax_index m, const double *x, int64_t k, double *work, double *level)
{
  nax_index n = nax_i_keep_finite(x, m, work);
  for (int64_t i = 0; i <= k; i++) {
    level[i] = nax_i_quantile(work, n, (double)i / (double)k);
  }
}

static nax_status
bins_block(int64_t r, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index m = j->m;
  int64_t k_all = j->o->steps;
  nax_i_keyed *a = NULL, *tmp = NULL;
  double *work = NULL, *x = j->x + r * m, *level = j->level + r * (k_all + 1);
  unsigned char *bin = j->bin + r * m;
  NAX_TRY_ALLOC(a, m, sizeof *a);
  NAX_TRY_ALLOC(tmp, m, sizeof *tmp);
  NAX_TRY_ALLOC(work, m, sizeof *work);
  nax_i_trsa_ranks(m, j->d + r * m, 0, a, tmp, x);
  levels(m, x, k_all, work, level);
  for (nax_index i = 0; i < m; i++) {
    int64_t lo = 0, hi = k_all - 1; /* last ramp that begins below x */
    while (lo < hi) {
      int64_t mid = (lo + hi + 1) / 2;
      lo = level[mid] < x[i] ? mid : lo;
      hi = level[mid] < x[i] ? hi : mid - 1;
    }
    double top = level[lo + 1];
    bin[i] = (unsigned char)lo;
    x[i] = (x[i] < top ? x[i] : top) - level[lo];
  }
done:
  nax_i_free(a);
  nax_i_free(tmp);
  nax_i_free(work);
  return status;
}

/* cell[k][q]: count, sums of x, y and xy over pairs whose x is in ramp k, y in ramp q. */
static void
fill(nax_index m, int64_t k, const double *x, const unsigned char *bx, const double *y,
     const unsigned char *by, double *cell)
{
  memset(cell, 0, (size_t)(k * k * SUMS) * sizeof *cell);
  for (nax_index i = 0; i < m; i++) {
    double *c = cell + ((int64_t)bx[i] * k + by[i]) * SUMS;
    c[0] += 1.0;
    c[1] += x[i];
    c[2] += y[i];
    c[3] += x[i] * y[i];
  }
}

/* After it, cell[k][q] has the count over ramps above k and above q, the sum of x over
 * ramps of y above q, and that of y over ramps of x above k. */
static void
above(int64_t k, double *cell)
{
  double right_n[MAX_STEPS] = {0.0}, down_y[MAX_STEPS] = {0.0};
  for (int64_t a = k - 1; a >= 0; a--) {
    double row_n = 0.0, row_x = 0.0;
    for (int64_t b = k - 1; b >= 0; b--) {
      double *c = cell + (a * k + b) * SUMS, n = c[0], x = c[1], y = c[2];
      c[0] = right_n[b]; /* rows above a, columns above b */
      c[1] = row_x;
      c[2] = down_y[b];
      row_x += x;
      down_y[b] += y;
      /* from the next row on: what is in this row right of b counts */
      right_n[b] += row_n;
      row_n += n;
    }
  }
}

/* Inner products of a pair of RDMs in all windows, to gram[w * stride]. */
static void
windows(int64_t k, int adjacency, const double *cell, const double *ta, const double *tb,
        double *gram, nax_index stride)
{
  double phi[MAX_STEPS][MAX_STEPS];
  nax_index w = 0;
  for (int64_t a = 0; a < k; a++) {
    double wide_a = ta[a + 1] - ta[a];
    for (int64_t b = 0; b < k; b++) {
      const double *c = cell + (a * k + b) * SUMS;
      double wide_b = tb[b + 1] - tb[b];
      phi[a][b] = c[3] + wide_b * c[1] + wide_a * c[2] + wide_a * wide_b * c[0];
    }
  }
  for (int64_t l = 0; l < k; l++) {
    double sum = 0.0;
    for (int64_t u = l + 1; u <= k; u++, w++) {
      sum += phi[u - 1][u - 1];
      for (int64_t i = l; i < u - 1; i++) {
        sum += phi[u - 1][i] + phi[i][u - 1];
      }
      double wide_a = ta[u] - ta[l], wide_b = tb[u] - tb[l], x = 0.0;
      if (wide_a > 0.0 && wide_b > 0.0) {
        x = sum / (wide_a * wide_b);
      } else if (wide_b > 0.0) { /* equal thresholds: a step, 1 above them */
        for (int64_t q = l; q < u; q++) {
          const double *c = cell + ((u - 1) * k + q) * SUMS;
          x += (c[2] + (tb[q + 1] - tb[q]) * c[0]) / wide_b;
        }
      } else if (wide_a > 0.0) {
        for (int64_t q = l; q < u; q++) {
          const double *c = cell + (q * k + u - 1) * SUMS;
          x += (c[1] + (ta[q + 1] - ta[q]) * c[0]) / wide_a;
        }
      } else {
        x = cell[((u - 1) * k + u - 1) * SUMS];
      }
      gram[w * stride] = x;
    }
  }
  for (int64_t l = 1; adjacency && l < k; l++, w++) { /* steps: pairs above both */
    gram[w * stride] = cell[((l - 1) * k + l - 1) * SUMS];
  }
}

static nax_status
gram_block(int64_t a, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_id *p = j->p;
  nax_index n = p->n_rdm, m = j->m;
  int64_t k = j->o->steps;
  double *cell = NULL;
  NAX_TRY_ALLOC(cell, k * k * SUMS, sizeof *cell);
  for (nax_index b = 0; b <= a; b++) {
    fill(m, k, j->x + a * m, j->bin + a * m, j->x + b * m, j->bin + b * m, cell);
    above(k, cell);
    windows(k, j->o->adjacency, cell, j->level + a * (k + 1), j->level + b * (k + 1),
            p->gram + a * n + b, n * n);
  }
done:
  nax_i_free(cell);
  return status;
}

/* Blocks wrote the lower triangles. */
static void
mirror(nax_i_id *p)
{
  nax_index n = p->n_rdm;
  for (nax_index w = 0; w < p->n_windows; w++) {
    double *g = p->gram + w * n * n;
    for (nax_index a = 0; a < n; a++) {
      for (nax_index b = 0; b < a; b++) {
        g[b * n + a] = g[a * n + b];
      }
    }
  }
}

/* ---------------------------------------------------------------------- paths */

/* 1 when the upper levels of a lower one begin with itself. */
static int
has_equal(const job *j)
{
  return j->o->adjacency && j->from > 0;
}

/* Geodesics of one RDM for one lower level and all upper ones, as centred ranks. */
static nax_status
paths_block(int64_t r, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_paths path = {0};
  nax_index m = j->m, n_rdm = j->p->n_rdm;
  int64_t k = j->o->steps, equal = has_equal(j), n_upper = k - j->from + equal;
  double *x = NULL, *out = NULL, *work = NULL, *level = NULL;
  NAX_TRY(nax_i_paths_init(ctx, &path, j->p->n, 1));
  NAX_TRY_ALLOC(x, m, sizeof *x);
  NAX_TRY_ALLOC(work, m, sizeof *work);
  NAX_TRY_ALLOC(out, m * n_upper, sizeof *out);
  NAX_TRY_ALLOC(level, k + 1, sizeof *level);
  nax_i_trsa_ranks(m, j->d + r * m, 0, path.edge, path.tmp, x);
  levels(m, x, k, work, level);
  for (nax_index i = 0; i < m && !j->o->zero_links; i++) {
    x[i] = x[i] > level[j->from] ? x[i] : (double)NAN;
  }
  nax_i_paths_sweep(&path, x, level[j->from], n_upper, level + j->from + 1 - equal, out);
  for (int64_t u = 0; u < n_upper; u++) {
    double *to = j->features + (u * n_rdm + r) * m, mean = 0.5 * (double)(m + 1);
    nax_i_trsa_ranks(m, out + u * m, 1, path.edge, path.tmp, to);
    for (nax_index i = 0; i < m; i++) {
      to[i] -= mean;
    }
  }
done:
  nax_i_paths_free(&path);
  nax_i_free(x);
  nax_i_free(work);
  nax_i_free(out);
  nax_i_free(level);
  return status;
}

static nax_status
path_grams(nax_ctx *ctx, const char *fn, job *j)
{
  nax_status status = NAX_OK;
  nax_i_id *p = j->p;
  nax_i_stage st;
  nax_index n = p->n_rdm, w = 0;
  int64_t k = j->o->steps;
  NAX_TRY_ALLOC(j->features, k * n * j->m, sizeof *j->features);
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "trsa/paths", k));
  for (j->from = 0; j->from < k; j->from++) {
    int equal = has_equal(j);
    NAX_TRY(nax_i_parallel(ctx, NULL, n, paths_block, j));
    for (int64_t u = 0; u < k - j->from + equal; u++) {
      nax_index to = equal && u == 0 ? k * (k + 1) / 2 + j->from - 1 : w++;
      NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, j->m, 1.0, j->features + u * n * j->m, j->m,
                         0.0, p->gram + to * n * n, n));
    }
    NAX_TRY(nax_i_stage_poll(&st, j->from + 1, (double)NAN));
  }
done:
  return status;
}

/* --------------------------------------------------------------------- public */

/* d without the pairs that some RDM lacks; *m how many are left. */
static nax_status
complete_pairs(nax_ctx *ctx, const char *fn, nax_index m_all, nax_index n_rdm,
               const double *d, double **out, nax_index *m)
{
  nax_status status = NAX_OK;
  char *lacking = NULL;
  nax_index kept = 0;
  NAX_TRY_ALLOC(lacking, m_all, 1);
  for (nax_index i = 0; i < m_all * n_rdm; i++) {
    if (isnan(d[i])) {
      lacking[i % m_all] = 1;
    }
  }
  for (nax_index i = 0; i < m_all; i++) {
    kept += !lacking[i];
  }
  if (kept < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "no two pairs are present in all RDMs");
    goto done;
  }
  if (kept < m_all) {
    nax_i_warn(ctx, NAX_INFO, "trsa.missing-pairs",
               "%lld of %lld pairs are missing in some RDM and left out of all",
               (long long)(m_all - kept), (long long)m_all);
  }
  NAX_TRY_ALLOC(*out, kept * n_rdm, sizeof **out);
  for (nax_index i = 0, at = 0; i < m_all * n_rdm; i++) {
    if (!lacking[i % m_all]) {
      (*out)[at++] = d[i];
    }
  }
  *m = kept;
done:
  nax_i_free(lacking);
  return status;
}

nax_status
nax_i_id_grams(nax_ctx *ctx, const char *fn, const double *d,
               const nax_trsa_identify_opts *o, nax_i_id *p)
{
  nax_status status = NAX_OK;
  nax_index n = p->n_rdm, w = 0, m = 0;
  int64_t k = o->steps;
  double *present = NULL;
  job j = {.p = p, .o = o};
  nax_i_stage st;
  p->n_windows = nax_i_trsa_windows(o);
  NAX_TRY_ALLOC(p->lo, p->n_windows, sizeof *p->lo);
  NAX_TRY_ALLOC(p->hi, p->n_windows, sizeof *p->hi);
  NAX_TRY_ALLOC(p->gram, p->n_windows * n * n, sizeof *p->gram);
  NAX_TRY_ALLOC(p->raw, n * n, sizeof *p->raw);
  for (int64_t l = 0; l < k; l++) {
    for (int64_t u = l + 1; u <= k; u++, w++) {
      p->lo[w] = l;
      p->hi[w] = u;
      p->whole = l == 0 && u == k ? w : p->whole;
    }
  }
  for (int64_t l = 1; o->adjacency && l < k; l++, w++) {
    p->lo[w] = p->hi[w] = l;
  }
  NAX_TRY(complete_pairs(ctx, fn, p->m, n, d, &present, &m));
  NAX_TRY(nax_i_trsa_check(ctx, fn, m, n, present));
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, m, 1.0, present, m, 0.0, p->raw, n));
  if (o->statistic == NAX_TRSA_RGDM) {
    j.d = d;
    j.m = p->m;
    NAX_TRY(path_grams(ctx, fn, &j));
  } else {
    j.d = present;
    j.m = m;
    NAX_TRY_ALLOC(j.x, m * n, sizeof *j.x);
    NAX_TRY_ALLOC(j.bin, m * n, sizeof *j.bin);
    NAX_TRY_ALLOC(j.level, (k + 1) * n, sizeof *j.level);
    NAX_TRY(nax_i_parallel(ctx, NULL, n, bins_block, &j));
    NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "trsa/windows", n));
    NAX_TRY(nax_i_parallel(ctx, &st, n, gram_block, &j));
    mirror(p);
  }
done:
  nax_i_free(present);
  nax_i_free(j.x);
  nax_i_free(j.bin);
  nax_i_free(j.level);
  nax_i_free(j.features);
  return status;
}
