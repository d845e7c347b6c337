/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multidimensional scaling: conditions as points in the plane. */
#include "rsa_i.h"
#include <math.h>

static double
distance(nax_index n, nax_index dims, const double *x, nax_index i, nax_index j)
{
  double sum = 0.0;
  for (nax_index k = 0; k < dims; k++) {
    double e = x[i + k * n] - x[j + k * n];
    sum += e * e;
  }
  return sqrt(sum);
}

static nax_status
classical(nax_ctx *ctx, nax_index n, const double *d, nax_index dims, double *points)
{
  nax_status status = NAX_OK;
  double *g = NULL, *value = NULL, *mean = NULL, all = 0.0;
  NAX_TRY_ALLOC(g, n * n, sizeof *g);
  NAX_TRY_ALLOC(value, n, sizeof *value);
  NAX_TRY_ALLOC(mean, n, sizeof *mean);
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      double v = -0.5 * d[k] * d[k];
      g[i + j * n] = g[j + i * n] = v;
      mean[i] += v / (double)n;
      mean[j] += v / (double)n;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    all += mean[i] / (double)n;
  }
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      g[i + j * n] += all - mean[i] - mean[j];
    }
  }
  NAX_TRY(nax_i_syevd(ctx, "nax_rdm_mds", n, g, n, 1, value));
  for (nax_index k = 0; k < dims; k++) {
    nax_index from = n - 1 - k;
    double root = value[from] > 0.0 ? sqrt(value[from]) : 0.0;
    for (nax_index i = 0; i < n; i++) {
      points[i + k * n] = root * g[i + from * n];
    }
  }
done:
  nax_i_free(g);
  nax_i_free(value);
  nax_i_free(mean);
  return status;
}

/* Scratch of the non-metric form: pairs in the order of their dissimilarities, and the
 * blocks of the monotone regression. */
typedef struct monotone {
  nax_i_keyed *order; /* 2 m */
  nax_index used;     /* pairs whose dissimilarity is not 0 */
  double *mean, *weight;
  nax_index *end;
} monotone;

/* Monotone regression of the distances on the dissimilarities (pool adjacent violators);
 * pairs of equal dissimilarity get one value. Scaled so that the squares over ordered
 * pairs sum to n (n - 1) / 2; the scale is returned. With `half`, only one of the two
 * orders of a pair is regressed. */
static double
disparities(const monotone *w, nax_index n, nax_index m, const double *dis, int half,
            double *out)
{
  nax_index blocks = 0;
  double square = 0.0;
  memcpy(out, dis, (size_t)m * sizeof *out);
  for (nax_index i = 0, j; i < w->used; i = j) {
    double sum = 0.0;
    for (j = i; j < w->used && w->order[j].key == w->order[i].key; j++) {
      sum += dis[w->order[j].at];
    }
    w->mean[blocks] = sum / (double)(j - i);
    w->weight[blocks] = (double)(j - i);
    w->end[blocks++] = j;
    while (blocks > 1 && w->mean[blocks - 2] >= w->mean[blocks - 1]) {
      double a = w->weight[blocks - 2], b = w->weight[blocks - 1];
      w->mean[blocks - 2] = (a * w->mean[blocks - 2] + b * w->mean[blocks - 1]) / (a + b);
      w->weight[blocks - 2] = a + b;
      w->end[blocks - 2] = w->end[blocks - 1];
      blocks--;
    }
  }
  for (nax_index b = 0, i = 0; b < blocks; b++) {
    for (; i < w->end[b]; i++) {
      out[w->order[i].at] = w->mean[b];
    }
  }
  for (nax_index k = 0; k < m; k++) {
    square += out[k] * out[k] + (half ? dis[k] * dis[k] : out[k] * out[k]);
  }
  double scale = square > 0.0 ? sqrt(0.5 * (double)n * (double)(n - 1) / square) : 1.0;
  for (nax_index k = 0; k < m; k++) {
    out[k] *= scale;
  }
  return scale;
}

/* Majorisation: each turn moves every point to X <- B(X) X / n. */
static nax_status
smacof(nax_ctx *ctx, nax_index n, const double *d, nax_rdm_mds_kind kind, nax_index dims,
       double *x, double *stress_out)
{
  enum { TURNS = 300 };
  nax_status status = NAX_OK;
  nax_index m = nax_rdm_pairs(n);
  int nonmetric = kind >= NAX_RDM_MDS_NONMETRIC;
  int half = kind == NAX_RDM_MDS_NONMETRIC_COMPAT;
  double *dis = NULL, *target = NULL, *y = NULL, old = INFINITY, stress = 0.0;
  monotone w = {0};
  nax_i_stage stage;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_rdm_mds", "rdm/points", TURNS));
  NAX_TRY_ALLOC(dis, m, sizeof *dis);
  NAX_TRY_ALLOC(target, m, sizeof *target);
  NAX_TRY_ALLOC(y, n * dims, sizeof *y);
  memcpy(target, d, (size_t)m * sizeof *d);
  if (nonmetric) {
    NAX_TRY_ALLOC(w.order, 2 * m, sizeof *w.order);
    NAX_TRY_ALLOC(w.mean, m, sizeof *w.mean);
    NAX_TRY_ALLOC(w.weight, m, sizeof *w.weight);
    NAX_TRY_ALLOC(w.end, m, sizeof *w.end);
    for (nax_index k = 0; k < m; k++) {
      if (d[k] != 0.0) {
        w.order[w.used++] = (nax_i_keyed){nax_i_sort_key(d[k]), k};
      }
    }
    nax_i_sort_keyed(w.order, w.order + m, w.used);
  }
  for (int turn = 0; turn < TURNS; turn++) {
    NAX_TRY(nax_i_stage_poll(&stage, turn, stress));
    for (nax_index i = 0, k = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++, k++) {
        dis[k] = distance(n, dims, x, i, j);
      }
    }
    double scale = 1.0;
    if (nonmetric) {
      scale = disparities(&w, n, m, dis, half, target);
    }
    stress = 0.0;
    memset(y, 0, (size_t)(n * dims) * sizeof *y);
    for (nax_index i = 0, k = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++, k++) {
        double other = half ? scale * dis[k] : target[k]; /* the pair (j, i) */
        double over = (dis[k] > 0.0 ? dis[k] : 1e-5) * (double)n;
        stress += 0.5 * (dis[k] - target[k]) * (dis[k] - target[k]) +
                  0.5 * (dis[k] - other) * (dis[k] - other);
        for (nax_index c = 0; c < dims; c++) {
          double e = x[i + c * n] - x[j + c * n];
          y[i + c * n] += target[k] / over * e;
          y[j + c * n] -= other / over * e;
        }
      }
    }
    memcpy(x, y, (size_t)(n * dims) * sizeof *x);
    double spread = 0.0;
    for (nax_index i = 0; i < n; i++) {
      double r2 = 0.0;
      for (nax_index c = 0; c < dims; c++) {
        r2 += x[i + c * n] * x[i + c * n];
      }
      spread += sqrt(r2);
    }
    double now = spread > 0.0 ? stress / spread : 0.0;
    if (old - now < 1e-3) {
      break;
    }
    old = now;
  }
  *stress_out = stress;
done:
  nax_i_free(dis);
  nax_i_free(target);
  nax_i_free(y);
  nax_i_free(w.order);
  nax_i_free(w.mean);
  nax_i_free(w.weight);
  nax_i_free(w.end);
  return status;
}

nax_status
nax_rdm_mds(nax_ctx *ctx, nax_index n, const double *d, nax_rdm_mds_kind kind,
            nax_index dims, const double *start, double *points, double *stress)
{
  nax_status status = NAX_OK;
  double error = 0.0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 2 && dims >= 1 && dims < n, NAX_EDIM,
              "%lld conditions cannot be laid out in %lld dimensions", (long long)n,
              (long long)dims);
  NAX_REQUIRE(kind >= NAX_RDM_MDS_CLASSICAL && kind <= NAX_RDM_MDS_NONMETRIC_COMPAT,
              NAX_EINVAL, "there is no scaling %d", (int)kind);
  for (nax_index k = 0; k < nax_rdm_pairs(n); k++) {
    NAX_REQUIRE(isfinite(d[k]), NAX_EDATA, "pair %lld is not finite", (long long)k);
  }
  if (start != NULL && kind != NAX_RDM_MDS_CLASSICAL) {
    memcpy(points, start, (size_t)(n * dims) * sizeof *points);
  } else {
    NAX_TRY(classical(ctx, n, d, dims, points));
  }
  if (kind != NAX_RDM_MDS_CLASSICAL) {
    NAX_TRY(smacof(ctx, n, d, kind, dims, points, &error));
  } else {
    for (nax_index i = 0, k = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++, k++) {
        double e = distance(n, dims, points, i, j) - d[k];
        error += e * e;
      }
    }
  }
  if (stress != NULL) {
    *stress = error;
  }
done:
  return status;
}
