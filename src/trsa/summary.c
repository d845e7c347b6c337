/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What diagrams are turned into: images, landscapes, Betti curves, entropy, and whether
 * their bars are longer than chance makes them. */
#include "ph_i.h"
#include "rng/rng_i.h"
#include <math.h>

static double
normal_cdf(double x)
{
  return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* Share of a Gaussian at `at` in cell i of n from lo to hi, or its density at point i. */
static double
profile(double at, double lo, double hi, int64_t n, int64_t i, double sd, int integral)
{
  if (integral) {
    double step = (hi - lo) / (double)n, x = lo + step * (double)i;
    return normal_cdf((x + step - at) / sd) - normal_cdf((x - at) / sd);
  }
  double x = n > 1 ? lo + (hi - lo) * (double)i / (double)(n - 1) : lo;
  double z = (x - at) / sd;
  return 0.39894228040143267794 / sd * exp(-0.5 * z * z);
}

nax_status
nax_ph_image(nax_ctx *ctx, nax_index n, const double *bars, const nax_ph_image_opts *opts,
             double *out)
{
  nax_status status = NAX_OK;
  nax_ph_image_opts o;
  double *across = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ph_image_table, &o, opts));
  NAX_REQUIRE(o.birth_min < o.birth_max && o.persistence_min < o.persistence_max,
              NAX_EINVAL,
              "edges must ascend, got births %g to %g and persistences %g to %g",
              o.birth_min, o.birth_max, o.persistence_min, o.persistence_max);
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "bars", n, bars));
  NAX_TRY_ALLOC(across, o.n_birth, sizeof *across);
  for (int64_t i = 0; i < o.n_birth * o.n_persistence; i++) {
    out[i] = 0.0;
  }
  for (nax_index k = 0; k < n; k++) {
    NAX_TRY(nax_i_poll_every(ctx, k, 16));
    double length = bars[2 * k + 1] - bars[2 * k];
    if (isinf(length)) {
      continue;
    }
    double weight = pow(length, o.power);
    for (int64_t i = 0; i < o.n_birth; i++) {
      across[i] =
          profile(bars[2 * k], o.birth_min, o.birth_max, o.n_birth, i, o.sd, o.integral);
    }
    for (int64_t j = 0; j < o.n_persistence; j++) {
      double up = weight * profile(length, o.persistence_min, o.persistence_max,
                                   o.n_persistence, j, o.sd, o.integral);
      for (int64_t i = 0; i < o.n_birth; i++) {
        out[j * o.n_birth + i] += up * across[i];
      }
    }
  }
done:
  nax_i_free(across);
  return status;
}

static int
descending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x > y ? -1 : x < y;
}

nax_status
nax_ph_landscape(nax_ctx *ctx, nax_index n, const double *bars, nax_index n_t,
                 const double *t, nax_index n_levels, double *out)
{
  nax_status status = NAX_OK;
  double *height = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_t >= 1 && n_levels >= 1, NAX_EDIM,
              "at least one position and level, got %lld and %lld", (long long)n_t,
              (long long)n_levels);
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "bars", n, bars));
  NAX_TRY_ALLOC(height, n, sizeof *height);
  for (nax_index i = 0; i < n_t; i++) {
    NAX_REQUIRE(isfinite(t[i]), NAX_EDATA, "`t` must be finite, entry %lld is %g",
                (long long)i, t[i]);
    NAX_TRY(nax_i_poll(ctx));
    nax_index k = 0;
    for (nax_index j = 0; j < n; j++) {
      double up = t[i] - bars[2 * j], down = bars[2 * j + 1] - t[i];
      double h = up < down ? up : down;
      if (h > 0.0) {
        height[k++] = h;
      }
    }
    if (k > 1) {
      qsort(height, (size_t)k, sizeof *height, descending);
    }
    for (nax_index l = 0; l < n_levels; l++) {
      out[l * n_t + i] = l < k ? height[l] : 0.0;
    }
  }
done:
  nax_i_free(height);
  return status;
}

nax_status
nax_ph_betti(nax_ctx *ctx, nax_index n, const double *bars, nax_index n_t,
             const double *t, double *out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_t >= 1, NAX_EDIM, "at least one position, got %lld", (long long)n_t);
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "bars", n, bars));
  for (nax_index i = 0; i < n_t; i++) {
    NAX_REQUIRE(!isnan(t[i]), NAX_EDATA, "`t` must not be NaN, entry %lld is",
                (long long)i);
    NAX_TRY(nax_i_poll(ctx));
    nax_index alive = 0;
    for (nax_index j = 0; j < n; j++) {
      alive += bars[2 * j] <= t[i] && t[i] < bars[2 * j + 1];
    }
    out[i] = (double)alive;
  }
done:
  return status;
}

double
nax_ph_entropy(nax_index n, const double *bars)
{
  double total = 0.0, sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double length = bars[2 * i + 1] - bars[2 * i];
    total += isfinite(length) ? length : 0.0;
  }
  for (nax_index i = 0; i < n && total > 0.0; i++) {
    double share = (bars[2 * i + 1] - bars[2 * i]) / total;
    sum -= isfinite(share) && share > 0.0 ? share * log(share) : 0.0;
  }
  return total > 0.0 ? sum : (double)NAN;
}

/* ------------------------------------------------------------------------ null */

enum { MEASURES = 3 }; /* bars, longest, total */

typedef struct null_job {
  nax_index n, m;
  const double *d;
  nax_ph_opts o;
  uint64_t seed;
  double *found; /* MEASURES x dims from 1 x (n_shuffles + 1) */
} null_job;

static nax_status
null_block(int64_t b, void *arg)
{
  const null_job *j = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_ph *p = NULL;
  double *d = NULL;
  nax_index *at = NULL, k = 0;
  NAX_TRY_ALLOC(d, j->m, sizeof *d);
  memcpy(d, j->d, (size_t)j->m * sizeof *d);
  if (b > 0) {
    nax_rng r;
    NAX_TRY_ALLOC(at, j->m, sizeof *at);
    for (nax_index i = 0; i < j->m; i++) {
      if (!isnan(d[i])) {
        at[k++] = i;
      }
    }
    nax_i_rng_init(&r, j->seed, (uint64_t)b);
    nax_rng_shuffle(&r, k, at);
    for (nax_index i = 0, next = 0; i < j->m; i++) {
      d[i] = isnan(d[i]) ? d[i] : j->d[at[next++]];
    }
  }
  NAX_TRY(nax_ph_rips(ctx, j->n, d, &j->o, &p));
  for (int64_t dim = 1; dim <= j->o.max_dim; dim++) {
    nax_index n_bars;
    const double *bars = nax_ph_bars(p, dim, &n_bars);
    double *out = j->found + MEASURES * (b * j->o.max_dim + dim - 1);
    double ends = nax_ph_threshold(p); /* bars that outlive it count up to there */
    out[0] = (double)n_bars;
    for (nax_index i = 0; i < n_bars; i++) {
      double death = bars[2 * i + 1] < ends ? bars[2 * i + 1] : ends;
      double length = death - bars[2 * i];
      out[1] = length > out[1] ? length : out[1];
      out[2] += length;
    }
  }
done:
  nax_ph_free(p);
  nax_i_free(d);
  nax_i_free(at);
  return status;
}

nax_status
nax_ph_null(nax_ctx *ctx, nax_index n, const double *d, const nax_ph_opts *opts,
            int64_t n_shuffles, uint64_t seed, nax_table **table)
{
  static const char *const what[] = {"longest", "total"};
  nax_status status = NAX_OK;
  null_job j = {.n = n, .d = d, .seed = seed};
  nax_i_stage st;
  nax_table *t = NULL;
  double *column = NULL, *sample = NULL;
  char name[32];
  *table = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ph_table, &j.o, opts));
  NAX_REQUIRE(n >= 2 && n <= 65536, NAX_EDIM, "n must be 2 to 65536, got %lld",
              (long long)n);
  NAX_REQUIRE(n_shuffles >= 19 && n_shuffles < INT64_C(1) << 40, NAX_EINVAL,
              "at least 19 shuffles are needed for a test at 5 %%, got %lld",
              (long long)n_shuffles);
  NAX_REQUIRE(j.o.max_dim >= 1, NAX_EINVAL,
              "`max-dim` must be at least 1: components are not tested");
  j.m = n * (n - 1) / 2;
  int64_t dims = j.o.max_dim, n_draws = n_shuffles + 1;
  NAX_TRY_ALLOC(j.found, MEASURES * dims * n_draws, sizeof *j.found);
  NAX_TRY_ALLOC(column, dims, sizeof *column);
  NAX_TRY_ALLOC(sample, n_shuffles, sizeof *sample);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "ph/shuffles", n_draws));
  NAX_TRY(nax_i_parallel(ctx, &st, n_draws, null_block, &j));
  NAX_TRY(nax_table_create(ctx, "dimension", dims, &t));
  for (int64_t k = 0; k < dims; k++) {
    column[k] = (double)k + 1.0;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "dimension", NULL, column));
  for (int64_t k = 0; k < dims; k++) {
    column[k] = j.found[MEASURES * k];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "bars", NULL, column));
  for (int m = 1; m < MEASURES; m++) {
    for (int c = 0; c < 3; c++) {
      static const char *const suffix[] = {"", "_p", "_null_95"};
      for (int64_t k = 0; k < dims; k++) {
        double observed = j.found[MEASURES * k + m];
        int64_t as_large = 1;
        for (int64_t b = 1; b < n_draws; b++) {
          sample[b - 1] = j.found[MEASURES * (b * dims + k) + m];
          as_large += sample[b - 1] >= observed;
        }
        column[k] = c == 0   ? observed
                    : c == 1 ? (double)as_large / (double)n_draws
                             : nax_i_quantile(sample, n_shuffles, 0.95);
      }
      snprintf(name, sizeof name, "%s%s", what[m - 1], suffix[c]);
      NAX_TRY(nax_table_add_numbers(ctx, t, name, NULL, column));
    }
  }
  *table = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(j.found);
  nax_i_free(column);
  nax_i_free(sample);
  return status;
}
