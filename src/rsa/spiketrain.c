/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities of spike trains that are not binned: van Rossum and Victor-Purpura. */
#include "rsa_i.h"
#include <math.h>

enum { UNIT_BLOCKS = 32 }; /* fixed, so that sums do not depend on the threads */

/* Spikes of all trials: trial a of unit u has times[first[a + u n_obs]] to
 * times[last[a + u n_obs] - 1], less at[a]. */
typedef struct trains {
  const nax_spikes *s;
  const double *at;
  const nax_i_design *g;
  nax_index units;
  nax_index *first, *last; /* n_obs x units */
  nax_index *member;       /* observations by condition */
  nax_index *begin;        /* of each condition in `member`, n + 1 */
  double tau, cost;
  double *pairs;   /* n x n: sums over ordered pairs of trials */
  double *partial; /* (n + 1) x n x UNIT_BLOCKS (van Rossum) */
} trains;

static double
time_of(const trains *t, nax_index k, nax_index trial)
{
  return nax_spikes_all_times(t->s)[k] - t->at[trial];
}

/* First of the sorted times in [from, to) that is not below x. */
static nax_index
lower_bound(const double *times, nax_index from, nax_index to, double x)
{
  while (from < to) {
    nax_index middle = from + (to - from) / 2;
    if (times[middle] < x) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

/* ------------------------------------------------------------------- van Rossum */

/* A spike of one unit, by its time within the trial. */
typedef struct event {
  double time;
  nax_index trial;
} event;

/* Sums of exp(-|s - t| / tau) / 2 over spikes s, t of each pair of conditions, in one
 * sweep: what earlier spikes of each condition and trial have left decays between spikes
 * (Houghton & Kreuz 2012). sum: n x n, then n of trials with themselves. */
static nax_status
sweep_unit(const trains *t, nax_index unit, double *sum)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index n = t->g->n, n_obs = t->g->n_obs, count = 0;
  event *e = NULL;
  nax_i_keyed *keyed = NULL;
  double *left = NULL, *left_trial = NULL, *last = NULL;
  for (nax_index a = 0; a < n_obs; a++) {
    count += t->last[a + unit * n_obs] - t->first[a + unit * n_obs];
  }
  if (count == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(e, count, sizeof *e);
  NAX_TRY_ALLOC(keyed, 2 * count, sizeof *keyed);
  NAX_TRY_ALLOC(left, n, sizeof *left);
  NAX_TRY_ALLOC(left_trial, n_obs, sizeof *left_trial);
  NAX_TRY_ALLOC(last, n_obs, sizeof *last);
  for (nax_index a = 0, i = 0; a < n_obs; a++) {
    for (nax_index k = t->first[a + unit * n_obs]; k < t->last[a + unit * n_obs];
         k++, i++) {
      e[i] = (event){time_of(t, k, a), a};
      keyed[i] = (nax_i_keyed){nax_i_sort_key(e[i].time), i};
    }
  }
  nax_i_sort_keyed(keyed, keyed + count, count);
  double before = e[keyed[0].at].time;
  for (nax_index i = 0; i < count; i++) {
    event now = e[keyed[i].at];
    nax_index c = t->g->cond[now.trial];
    double decay = exp((before - now.time) / t->tau);
    before = now.time;
    for (nax_index b = 0; b < n; b++) {
      left[b] *= decay;
      sum[b + c * n] += 0.5 * left[b];
      sum[c + b * n] += 0.5 * left[b];
    }
    left_trial[now.trial] *= exp((last[now.trial] - now.time) / t->tau);
    last[now.trial] = now.time;
    sum[c + n * n] += left_trial[now.trial] + 0.5;
    sum[c + c * n] += 0.5;
    left[c] += 1.0;
    left_trial[now.trial] += 1.0;
  }
done:
  nax_i_free(e);
  nax_i_free(keyed);
  nax_i_free(left);
  nax_i_free(left_trial);
  nax_i_free(last);
  return status;
}

static nax_status
sweep_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  const trains *t = arg;
  nax_index n = t->g->n;
  for (nax_index u = block; u < t->units; u += UNIT_BLOCKS) {
    NAX_TRY(sweep_unit(t, u, t->partial + block * n * (n + 1)));
  }
done:
  return status;
}

/* Means over pairs of trials of the squared distance k_aa + k_bb - 2 k_ab. */
static nax_status
van_rossum(nax_ctx *ctx, nax_i_stage *st, trains *t, double *d, double *within)
{
  nax_status status = NAX_OK;
  nax_index n = t->g->n, size = n * (n + 1);
  NAX_TRY_ALLOC(t->partial, size * UNIT_BLOCKS, sizeof *t->partial);
  NAX_TRY(nax_i_parallel(ctx, st, UNIT_BLOCKS, sweep_block, t));
  for (nax_index b = 1; b < UNIT_BLOCKS; b++) {
    for (nax_index k = 0; k < size; k++) {
      t->partial[k] += t->partial[k + b * size];
    }
  }
  const double *pairs = t->partial, *own = t->partial + n * n;
  for (nax_index i = 0, k = 0; i < n; i++) {
    double ni = (double)t->g->count[i];
    within[i] = ni > 1.0 ? 2.0 * own[i] / ni -
                               2.0 * (pairs[i + i * n] - own[i]) / (ni * (ni - 1.0))
                         : (double)NAN;
    for (nax_index j = i + 1; j < n; j++, k++) {
      double nj = (double)t->g->count[j];
      d[k] = own[i] / ni + own[j] / nj - 2.0 * pairs[i + j * n] / (ni * nj);
    }
  }
done:
  return status;
}

/* --------------------------------------------------------------- Victor-Purpura */

/* Least cost of making one train out of the other: 1 for a spike that comes or goes,
 * `cost` per second that one is moved. row: nb + 1 values of scratch. */
static double
edit_distance(const trains *t, nax_index unit, nax_index a, nax_index b, double *row)
{
  nax_index n_obs = t->g->n_obs;
  nax_index a0 = t->first[a + unit * n_obs], a1 = t->last[a + unit * n_obs];
  nax_index b0 = t->first[b + unit * n_obs], b1 = t->last[b + unit * n_obs];
  for (nax_index j = 0; j <= b1 - b0; j++) {
    row[j] = (double)j;
  }
  for (nax_index i = a0; i < a1; i++) {
    double diagonal = row[0], now = time_of(t, i, a);
    row[0] = (double)(i - a0 + 1);
    for (nax_index j = b0; j < b1; j++) {
      double moved = diagonal + t->cost * fabs(now - time_of(t, j, b));
      double changed = 1.0 + fmin(row[j - b0], row[j - b0 + 1]);
      diagonal = row[j - b0 + 1];
      row[j - b0 + 1] = fmin(moved, changed);
    }
  }
  return row[b1 - b0];
}

/* Condition `block` with those from itself on. */
static nax_status
edit_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const trains *t = arg;
  nax_index n = t->g->n, most = 0;
  double *row = NULL;
  for (nax_index k = 0; k < t->g->n_obs * t->units; k++) {
    nax_index spikes = t->last[k] - t->first[k];
    most = spikes > most ? spikes : most;
  }
  NAX_TRY_ALLOC(row, most + 1, sizeof *row);
  for (nax_index j = block; j < n; j++) {
    double sum = 0.0;
    for (nax_index a = t->begin[block]; a < t->begin[block + 1]; a++) {
      for (nax_index b = j == block ? a + 1 : t->begin[j]; b < t->begin[j + 1]; b++) {
        for (nax_index u = 0; u < t->units; u++) {
          sum += edit_distance(t, u, t->member[a], t->member[b], row);
        }
      }
    }
    t->pairs[block + j * n] = sum;
  }
done:
  nax_i_free(row);
  return status;
}

static nax_status
victor_purpura(nax_ctx *ctx, nax_i_stage *st, trains *t, double *d, double *within)
{
  nax_status status = NAX_OK;
  nax_index n = t->g->n;
  NAX_TRY_ALLOC(t->pairs, n * n, sizeof *t->pairs);
  NAX_TRY(nax_i_parallel(ctx, st, n, edit_block, t));
  for (nax_index i = 0, k = 0; i < n; i++) {
    double ni = (double)t->g->count[i];
    within[i] = ni > 1.0 ? 2.0 * t->pairs[i + i * n] / (ni * (ni - 1.0)) : (double)NAN;
    for (nax_index j = i + 1; j < n; j++, k++) {
      d[k] = t->pairs[i + j * n] / (ni * (double)t->g->count[j]);
    }
  }
done:
  return status;
}

/* ------------------------------------------------------------------------ trials */

/* Whether all or (1) a part or (0) nothing of [from, to) was recorded. */
static int
recorded(const nax_spikes *s, double from, double to)
{
  int some = 0;
  for (nax_index i = 0; i < nax_spikes_n_intervals(s); i++) {
    double a, b;
    nax_spikes_interval(s, i, &a, &b);
    if (a <= from && to <= b) {
      return 2;
    }
    some = some || (a < to && from <= b);
  }
  return some;
}

static nax_status
find_trials(nax_ctx *ctx, const char *fn, trains *t, double start, double stop)
{
  nax_status status = NAX_OK;
  nax_index n_obs = t->g->n_obs, partly = 0;
  const double *times = nax_spikes_all_times(t->s);
  const nax_index *offset = nax_spikes_offsets(t->s);
  NAX_TRY_ALLOC(t->first, n_obs * t->units, sizeof *t->first);
  NAX_TRY_ALLOC(t->last, n_obs * t->units, sizeof *t->last);
  NAX_TRY_ALLOC(t->member, n_obs, sizeof *t->member);
  NAX_TRY_ALLOC(t->begin, t->g->n + 1, sizeof *t->begin);
  for (nax_index a = 0; a < n_obs; a++) {
    if (!isfinite(t->at[a])) {
      status =
          nax_i_fail(ctx, NAX_EDATA, fn, "trial %lld has no finite time", (long long)a);
      goto done;
    }
    int how = recorded(t->s, t->at[a] + start, t->at[a] + stop);
    if (how == 0) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "nothing was recorded in trial %lld (%g to %g s)", (long long)a,
                          t->at[a] + start, t->at[a] + stop);
      goto done;
    }
    partly += how == 1;
    for (nax_index u = 0; u < t->units; u++) {
      nax_index from = lower_bound(times, offset[u], offset[u + 1], t->at[a] + start);
      t->first[a + u * n_obs] = from;
      t->last[a + u * n_obs] = lower_bound(times, from, offset[u + 1], t->at[a] + stop);
    }
  }
  if (partly > 0) {
    nax_i_warn(
        ctx, NAX_VIOLATION, "rsa.partial-trials",
        "%lld of %lld trials are not recorded to their ends: spikes may be missing",
        (long long)partly, (long long)n_obs);
  }
  for (nax_index c = 0, k = 0; c < t->g->n; c++) {
    t->begin[c] = k;
    for (nax_index a = 0; a < n_obs; a++) {
      if (t->g->cond[a] == c) {
        t->member[k++] = a;
      }
    }
    t->begin[c + 1] = k;
  }
done:
  return status;
}

nax_status
nax_rdm_spikes(nax_ctx *ctx, const nax_spikes *s, nax_index n_obs, const double *at,
               double start, double stop, const int64_t *condition,
               const nax_rdm_opts *opts, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdm_opts o;
  nax_i_design g = {0};
  trains t = {.s = s, .at = at, .g = &g};
  nax_rdms *r = NULL;
  double *within = NULL;
  nax_i_stage st;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_rdm_table, &o, opts));
  NAX_REQUIRE(nax_i_rdm_of_spikes(o.measure), NAX_EINVAL,
              "measure %s is one of arrays, expected van-rossum or victor-purpura",
              nax_i_rdm_measure_name(o.measure));
  NAX_REQUIRE(s != NULL && at != NULL && nax_spikes_n_units(s) >= 1, NAX_EINVAL,
              "there are no spike trains or no trials");
  NAX_REQUIRE(isfinite(start) && isfinite(stop) && start < stop, NAX_EINVAL,
              "a trial must end after it starts, got %g to %g s", start, stop);
  NAX_TRY(nax_i_design_init(ctx, __func__, n_obs, condition, NULL, 0, &g));
  t.units = nax_spikes_n_units(s);
  t.tau = o.tau;
  t.cost = o.shift_cost;
  for (nax_index c = 0; o.subtract_within && c < g.n; c++) {
    NAX_REQUIRE(g.count[c] >= 2, NAX_EDATA,
                "condition %lld has 1 trial: what trials of it differ by is not known",
                (long long)g.value[c]);
  }
  NAX_TRY(find_trials(ctx, __func__, &t, start, stop));
  NAX_TRY(nax_i_rdms_new(ctx, __func__, g.n, 1, &r));
  NAX_TRY_ALLOC(within, g.n, sizeof *within);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rdm",
                            o.measure == NAX_RDM_VAN_ROSSUM ? UNIT_BLOCKS : g.n));
  NAX_TRY(o.measure == NAX_RDM_VAN_ROSSUM ? van_rossum(ctx, &st, &t, r->d, within)
                                          : victor_purpura(ctx, &st, &t, r->d, within));
  for (nax_index i = 0, k = 0; i < g.n; i++) {
    for (nax_index j = i + 1; j < g.n; j++, k++) {
      double d = o.subtract_within ? r->d[k] - 0.5 * (within[i] + within[j])
                                   : fmax(r->d[k], 0.0);
      r->d[k] = d / (double)t.units;
    }
  }
  NAX_TRY(nax_i_rdms_name(ctx, r, &g, o.measure));
  *out = r;
  r = NULL;
done:
  nax_rdms_free(r);
  nax_i_design_clear(&g);
  nax_i_free(t.first);
  nax_i_free(t.last);
  nax_i_free(t.member);
  nax_i_free(t.begin);
  nax_i_free(t.pairs);
  nax_i_free(t.partial);
  nax_i_free(within);
  return status;
}
