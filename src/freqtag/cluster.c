/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cluster mass and largest statistic under sign flips. */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include "stats/stats_i.h"
#include <math.h>

typedef struct job {
  nax_index n_obs, n_control, n_cells; /* n_control: the last so many are the control's */
  const double *x;                     /* n_obs x n_cells, or twice that */
  int parts;                           /* 1 real, 2 complex */
  double threshold;
  nax_i_neighbours near;
  double *square; /* sum over observations of x^2, n_cells */
  const double *sign;
  nax_index n_flips;
  uint64_t seed;
  double *mass, *most; /* per flip: largest |mass| and largest |statistic| */
} job;

/* Statistic of every cell with the observations times `sign` (NULL: as they are). Of two
 * conditions observations are centred, and `sign` is 1 for those of the control. */
static void
statistics(const job *j, const double *sign, double *out)
{
  double n = (double)j->n_obs;
  for (nax_index c = 0; c < j->n_cells; c++) {
    const double *x = j->x + c * j->n_obs * j->parts;
    double sum[2] = {0.0, 0.0};
    for (nax_index i = 0; i < j->n_obs; i++) {
      double s = sign != NULL ? sign[i] : i >= j->n_obs - j->n_control ? 1.0 : 0.0;
      s = sign == NULL && j->n_control == 0 ? 1.0 : s;
      for (int k = 0; k < j->parts; k++) {
        sum[k] += s * x[i * j->parts + k];
      }
    }
    double m = (double)j->n_control, df = m > 0.0 ? n - 2.0 : n - 1.0;
    double part = m > 0.0 ? 1.0 / m + 1.0 / (n - m) : 1.0 / n;
    double size2 = (sum[0] * sum[0] + sum[1] * sum[1]) * part;
    double rest = j->square[c] - size2; /* flips leave the sum of squares as it is */
    if (!(rest > 0.0)) {
      out[c] = size2 > 0.0 ? (double)INFINITY : 0.0;
    } else if (j->parts == 2) {
      out[c] = size2 / rest * df;
    } else {
      out[c] = copysign(sqrt(size2 / rest * df), m > 0.0 ? -sum[0] : sum[0]);
    }
  }
}

/* Clusters of cells with statistic beyond the threshold on one side (way +1 or -1).
 * `label` is -1 where there is none; returns the largest |mass|. */
static double
find_clusters(const job *j, const double *t, int way, nax_index *stack, int64_t *label,
              nax_freqtag_cluster *cluster, nax_index *n_clusters)
{
  double largest = 0.0;
  for (nax_index c = 0; c < j->n_cells; c++) {
    if (label[c] >= 0 || !(way * t[c] > j->threshold)) {
      continue;
    }
    nax_freqtag_cluster g = {c, 0, 0.0, (double)NAN};
    g.mass = nax_i_grow_cluster(&j->near, j->n_cells, t, j->threshold, way > 0, c,
                                (int64_t)*n_clusters, stack, label, &g.n);
    largest = fmax(largest, fabs(g.mass));
    if (cluster != NULL) {
      cluster[*n_clusters] = g;
    }
    (*n_clusters)++;
  }
  return largest;
}

typedef struct scratch {
  double *t, *sign;
  nax_index *stack;
  int64_t *label;
} scratch;

static nax_status
make_scratch(nax_ctx *ctx, const job *j, scratch *s)
{
  nax_status status = NAX_OK;
  *s = (scratch){NULL, NULL, NULL, NULL};
  NAX_TRY_ALLOC(s->t, j->n_cells, sizeof *s->t);
  NAX_TRY_ALLOC(s->sign, j->n_obs, sizeof *s->sign);
  NAX_TRY_ALLOC(s->stack, j->n_cells, sizeof *s->stack);
  NAX_TRY_ALLOC(s->label, j->n_cells, sizeof *s->label);
done:
  return status;
}

static void
free_scratch(scratch *s)
{
  nax_i_free(s->t);
  nax_i_free(s->sign);
  nax_i_free(s->stack);
  nax_i_free(s->label);
}

enum { FLIPS = 16 };

static nax_status
flip_block(int64_t block, void *arg)
{
  const job *j = arg;
  nax_status status = NAX_OK;
  scratch s;
  NAX_TRY(make_scratch(NULL, j, &s));
  for (nax_index f = block * FLIPS; f < (block + 1) * FLIPS && f < j->n_flips; f++) {
    nax_rng rng;
    nax_index n = 0;
    nax_i_rng_init(&rng, j->seed, (uint64_t)f);
    for (nax_index i = 0; i < j->n_obs && j->n_control == 0; i++) {
      s.sign[i] = j->sign != NULL               ? j->sign[f + i * j->n_flips]
                  : nax_rng_uniform(&rng) < 0.5 ? -1.0
                                                : 1.0;
    }
    nax_index wanted = j->n_control;
    for (nax_index i = 0; i < j->n_obs && j->n_control > 0; i++) {
      /* each choice of so many as the control is equally likely */
      int take = nax_rng_uniform(&rng) * (double)(j->n_obs - i) < (double)wanted;
      s.sign[i] = take ? 1.0 : 0.0;
      wanted -= take;
    }
    statistics(j, s.sign, s.t);
    memset(s.label, 0xff, (size_t)j->n_cells * sizeof *s.label);
    j->mass[f] = find_clusters(j, s.t, 1, s.stack, s.label, NULL, &n);
    if (j->parts == 1) {
      j->mass[f] =
          fmax(j->mass[f], find_clusters(j, s.t, -1, s.stack, s.label, NULL, &n));
    }
    j->most[f] = 0.0;
    for (nax_index c = 0; c < j->n_cells; c++) {
      j->most[f] = fmax(j->most[f], fabs(s.t[c]));
    }
  }
done:
  free_scratch(&s);
  return status;
}

/* Every cell without its mean over all observations. */
static void
centre(const job *j, double *out)
{
  for (nax_index c = 0; c < j->n_cells; c++) {
    const double *x = j->x + c * j->n_obs * j->parts;
    double *to = out + c * j->n_obs * j->parts;
    for (int k = 0; k < j->parts; k++) {
      double mean = 0.0;
      for (nax_index i = 0; i < j->n_obs; i++) {
        mean += x[i * j->parts + k] / (double)j->n_obs;
      }
      for (nax_index i = 0; i < j->n_obs; i++) {
        to[i * j->parts + k] = x[i * j->parts + k] - mean;
      }
    }
  }
}

nax_status
nax_freqtag_cluster_test(nax_ctx *ctx, nax_index n_obs, nax_index n_control,
                         nax_index n_cells, const void *x, int32_t is_complex,
                         double threshold, const nax_freqtag_adjacency *near,
                         nax_index n_flips, const double *sign, uint64_t seed,
                         double *statistic, int64_t *label, nax_freqtag_cluster *cluster,
                         nax_index *n_clusters, double *p_max, double *null)
{
  nax_status status = NAX_OK;
  scratch s = {NULL, NULL, NULL, NULL};
  nax_i_stage stage;
  double *centred = NULL;
  job j = {.n_obs = n_obs,
           .n_control = n_control,
           .n_cells = n_cells,
           .x = x,
           .parts = is_complex ? 2 : 1};
  *n_clusters = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_obs >= 2 && n_cells >= 1 && n_flips >= 1, NAX_EDIM,
              "%lld observations, %lld cells, %lld flips, expected at least 2, 1 and 1",
              (long long)n_obs, (long long)n_cells, (long long)n_flips);
  NAX_REQUIRE(n_control >= 0 && n_control < n_obs && (n_control == 0 || n_obs > 2) &&
                  (n_control == 0 || sign == NULL),
              NAX_EINVAL,
              "%lld of %lld observations of the control, expected less than all, and no "
              "signs with them",
              (long long)n_control, (long long)n_obs);
  NAX_REQUIRE(threshold >= 0.0, NAX_EINVAL, "threshold, expected at least 0, got %g",
              threshold);
  NAX_TRY(nax_i_require_finite(ctx, __func__, "x", n_obs * j.parts, n_cells, j.x,
                               n_obs * j.parts));
  j.threshold = threshold;
  j.near.line = n_cells;
  if (near != NULL) {
    j.near.offset = near->start;
    j.near.index = near->neighbour;
  }
  j.sign = sign;
  j.n_flips = n_flips;
  j.seed = seed;
  if (n_control > 0) {
    NAX_TRY_ALLOC(centred, n_obs * j.parts * n_cells, sizeof *centred);
    centre(&j, centred);
    j.x = centred;
  }
  NAX_TRY_ALLOC(j.square, n_cells, sizeof *j.square);
  NAX_TRY_ALLOC(j.mass, n_flips, sizeof *j.mass);
  NAX_TRY_ALLOC(j.most, n_flips, sizeof *j.most);
  NAX_TRY(make_scratch(ctx, &j, &s));
  for (nax_index c = 0; c < n_cells; c++) {
    for (nax_index i = 0; i < n_obs * j.parts; i++) {
      double v = j.x[c * n_obs * j.parts + i];
      j.square[c] += v * v;
    }
  }
  statistics(&j, NULL, s.t);
  memset(s.label, 0xff, (size_t)n_cells * sizeof *s.label);
  find_clusters(&j, s.t, 1, s.stack, s.label, cluster, n_clusters);
  if (j.parts == 1) {
    find_clusters(&j, s.t, -1, s.stack, s.label, cluster, n_clusters);
  }
  nax_index blocks = nax_i_n_blocks(n_flips, FLIPS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/flips", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, flip_block, &j));
  for (nax_index g = 0; g < *n_clusters; g++) {
    cluster[g].p = nax_freqtag_p_of_null(n_flips, j.mass, fabs(cluster[g].mass));
  }
  for (nax_index c = 0; c < n_cells; c++) {
    if (p_max != NULL) {
      p_max[c] = nax_freqtag_p_of_null(n_flips, j.most, fabs(s.t[c]));
    }
    if (statistic != NULL) {
      statistic[c] = s.t[c];
    }
    if (label != NULL) {
      label[c] = s.label[c];
    }
  }
  if (null != NULL) {
    memcpy(null, j.mass, (size_t)n_flips * sizeof *null);
  }
done:
  if (status != NAX_OK) {
    *n_clusters = 0;
  }
  free_scratch(&s);
  nax_i_free(centred);
  nax_i_free(j.square);
  nax_i_free(j.mass);
  nax_i_free(j.most);
  return status;
}
