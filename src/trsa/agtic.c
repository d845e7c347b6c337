/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distance correlation over all pairs of windows of thresholds. */
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include "trsa_i.h"
#include <math.h>

typedef struct job {
  nax_index n, w; /* conditions, windows */
  double *x, *y;  /* n x n x w: centred, of unit norm (zero: constant) */
  double *map;    /* (w + 1)^2 per permutation, the last window is no window */
  const nax_trsa_agtic_opts *o;
} job;

/* Distances of one window, centred by rows and columns, of unit norm. `full` is n x n. */
static void
transform(nax_index n, const double *full, double lower, double upper, double largest,
          int hard, double *row, double *out)
{
  double grand = 0.0, norm = 0.0, size = (double)n;
  for (nax_index i = 0; i < n * n; i++) {
    double d = full[i], v;
    if (hard) {
      v = d <= lower ? 0.0 : d >= upper ? largest : d;
    } else if (upper > lower) {
      v = (d - lower) / (upper - lower);
      v = v < 0.0 ? 0.0 : v > 1.0 ? 1.0 : v;
    } else {
      v = d > lower ? 1.0 : 0.0;
    }
    out[i] = v;
  }
  for (nax_index i = 0; i < n; i++) {
    row[i] = nax_i_sum(out + i * n, n) / size;
  }
  grand = nax_i_sum(row, n) / size;
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0;
    for (nax_index j = 0; j < n; j++) {
      double v = out[i * n + j] - row[i] - row[j] + grand;
      out[i * n + j] = v;
      sum += v * v;
    }
    norm += sum;
  }
  norm = sqrt(norm);
  for (nax_index i = 0; i < n * n; i++) {
    /* rounding alone is no distance */
    out[i] = norm > 1e-12 * size * (hard ? largest : 1.0) ? out[i] / norm : 0.0;
  }
}

/* All windows of one matrix, and as the last one the matrix itself. */
static nax_status
windows(nax_ctx *ctx, nax_index n, const double *d, const nax_trsa_agtic_opts *o,
        double *level, double *out)
{
  nax_status status = NAX_OK;
  double *full = NULL, *sorted = NULL, *row = NULL, largest = 0.0;
  nax_index at = 0, w = 0;
  NAX_TRY_ALLOC(full, n * n, sizeof *full);
  NAX_TRY_ALLOC(sorted, n * n, sizeof *sorted);
  NAX_TRY_ALLOC(row, n, sizeof *row);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      full[i * n + j] = full[j * n + i] = d[at];
      largest = d[at] > largest ? d[at] : largest;
    }
  }
  memcpy(sorted, full, (size_t)(n * n) * sizeof *full);
  for (int64_t k = 0; k < o->levels; k++) {
    double share = (double)k / (double)(o->levels - 1);
    level[k] = o->quantiles ? nax_i_quantile(sorted, n * n, share) : share * largest;
  }
  for (int64_t u = 1; u < o->levels; u++) {
    for (int64_t l = 0; l < u; l++, w++) {
      transform(n, full, level[l], level[u], largest, o->hard, row, out + w * n * n);
    }
  }
  transform(n, full, 0.0, largest, largest, 0, row, out + w * n * n);
done:
  nax_i_free(full);
  nax_i_free(sorted);
  nax_i_free(row);
  return status;
}

/* Map of permutation b (0: none): inner products of centred matrices. */
static nax_status
map_block(int64_t b, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index n = j->n, w = j->w + 1, *order = NULL;
  double *y = NULL, *map = j->map + b * w * w;
  const double *from = j->y;
  if (b > 0) {
    nax_rng r;
    NAX_TRY_ALLOC(order, n, sizeof *order);
    NAX_TRY_ALLOC(y, n * n * w, sizeof *y);
    nax_i_rng_init(&r, j->o->seed, (uint64_t)b);
    nax_rng_permutation(&r, n, order);
    for (nax_index k = 0; k < w; k++) {
      for (nax_index i = 0; i < n; i++) {
        const double *row = j->y + (k * n + order[i]) * n;
        double *to = y + (k * n + i) * n;
        for (nax_index q = 0; q < n; q++) {
          to[q] = row[order[q]];
        }
      }
    }
    from = y;
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, w, w, n * n, 1.0, from, n * n, j->x,
                     n * n, 0.0, map, w));
  for (nax_index i = 0; i < w * w; i++) {
    map[i] = sqrt(fabs(map[i]));
  }
done:
  nax_i_free(order);
  nax_i_free(y);
  return status;
}

/* Largest entry over pairs of windows; its place in *at. */
static double
largest(nax_index w, const double *map, nax_index *at)
{
  double best = -1.0;
  for (nax_index a = 0; a < w; a++) {
    for (nax_index b = 0; b < w; b++) {
      if (map[a * (w + 1) + b] > best) {
        best = map[a * (w + 1) + b];
        *at = a * (w + 1) + b;
      }
    }
  }
  return best;
}

/* Every map, the first included, in standard deviations from the mean over all. */
static void
standardise(nax_index w, int64_t n_draws, double *map)
{
  nax_index size = (w + 1) * (w + 1);
  for (nax_index i = 0; i < size; i++) {
    double mean = 0.0, var = 0.0;
    for (int64_t b = 0; b < n_draws; b++) {
      mean += map[b * size + i];
    }
    mean /= (double)n_draws;
    for (int64_t b = 0; b < n_draws; b++) {
      double x = map[b * size + i] - mean;
      var += x * x;
    }
    double sd = sqrt(var / (double)(n_draws - 1));
    for (int64_t b = 0; b < n_draws; b++) {
      double x = map[b * size + i] - mean;
      map[b * size + i] = x / (sd > 1e-5 ? sd : 1e-5);
    }
  }
}

static nax_status
check(nax_ctx *ctx, const char *fn, const char *arg, nax_index m, const double *d)
{
  nax_status s = nax_i_trsa_check(ctx, fn, m, 1, d);
  for (nax_index i = 0; i < m && s == NAX_OK; i++) {
    if (!(d[i] >= 0.0)) {
      s = nax_i_fail(ctx, NAX_EDATA, fn,
                     "`%s` must be distances of at least 0, pair %lld is %g", arg,
                     (long long)i, d[i]);
    }
  }
  return s;
}

nax_status
nax_trsa_agtic(nax_ctx *ctx, nax_index n, const double *x, const double *y,
               const nax_trsa_agtic_opts *opts, double *map, nax_trsa_agtic_result *out)
{
  nax_status status = NAX_OK;
  nax_trsa_agtic_opts o;
  nax_i_stage st;
  job j = {.n = n, .o = &o};
  double *level[2] = {NULL, NULL};
  nax_index m, at = 0, size = 0;
  nax_i_begin(ctx);
  memset(out, 0, sizeof *out);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_agtic_table, &o, opts));
  NAX_TRY(nax_i_trsa_shape(ctx, __func__, n, 1, x, &m));
  NAX_REQUIRE(y != NULL, NAX_EDIM, "`y` is missing");
  NAX_TRY(check(ctx, __func__, "x", m, x));
  NAX_TRY(check(ctx, __func__, "y", m, y));
  nax_index w = j.w = o.levels * (o.levels - 1) / 2;
  int64_t n_draws = o.n_permutations + 1;
  size = (w + 1) * (w + 1);
  NAX_TRY_ALLOC(j.x, n * n * (w + 1), sizeof *j.x);
  NAX_TRY_ALLOC(j.y, n * n * (w + 1), sizeof *j.y);
  NAX_TRY_ALLOC(j.map, size * n_draws, sizeof *j.map);
  NAX_TRY_ALLOC(level[0], o.levels, sizeof **level);
  NAX_TRY_ALLOC(level[1], o.levels, sizeof **level);
  NAX_TRY(windows(ctx, n, x, &o, level[0], j.x));
  NAX_TRY(windows(ctx, n, y, &o, level[1], j.y));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "trsa/agtic", n_draws));
  NAX_TRY(nax_i_parallel(ctx, &st, n_draws, map_block, &j));
  out->n_windows = w;
  out->plain = j.map[size - 1];
  out->max = largest(w, j.map, &at);
  nax_index of[2] = {at / (w + 1), at % (w + 1)};
  double bound[2][2];
  for (int side = 0; side < 2; side++) {
    nax_index k = 0;
    for (int64_t u = 1; u < o.levels; u++) {
      for (int64_t l = 0; l < u; l++, k++) {
        if (k == of[side]) {
          bound[side][0] = (double)l / (double)(o.levels - 1);
          bound[side][1] = (double)u / (double)(o.levels - 1);
        }
      }
    }
  }
  out->x_lower = bound[0][0];
  out->x_upper = bound[0][1];
  out->y_lower = bound[1][0];
  out->y_upper = bound[1][1];
  for (nax_index a = 0; map != NULL && a < w; a++) {
    memcpy(map + a * w, j.map + a * (w + 1), (size_t)w * sizeof *map);
  }
  out->standardised = out->p_plain = out->p_max = out->p_standardised = (double)NAN;
  if (o.n_permutations > 0) {
    double count[3] = {0.0, 0.0, 0.0};
    for (int64_t b = 0; b < n_draws; b++) {
      count[0] += j.map[b * size + size - 1] >= out->plain - 1e-12;
      count[1] += largest(w, j.map + b * size, &at) >= out->max - 1e-12;
    }
    standardise(w, n_draws, j.map);
    out->standardised = largest(w, j.map, &at);
    for (int64_t b = 0; b < n_draws; b++) {
      count[2] += largest(w, j.map + b * size, &at) >= out->standardised - 1e-9;
    }
    out->p_plain = count[0] / (double)n_draws;
    out->p_max = count[1] / (double)n_draws;
    out->p_standardised = count[2] / (double)n_draws;
  }
done:
  nax_i_free(j.x);
  nax_i_free(j.y);
  nax_i_free(j.map);
  nax_i_free(level[0]);
  nax_i_free(level[1]);
  return status;
}
