/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials side by side, and which of them can share a factorisation. */
#include "gpfa_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <stdlib.h>

void
nax_i_gpfa_data_free(nax_i_gpfa_data *d)
{
  nax_i_free(d->start);
  nax_i_free(d->y);
  nax_i_free(d->observed);
  nax_i_free(d->pattern);
  nax_i_free(d->length);
  nax_i_free(d->count);
  nax_i_free(d->length_of);
  nax_i_free(d->group);
  nax_i_free(d->order);
  *d = (nax_i_gpfa_data){.y = NULL};
}

static nax_index
trial_length(const nax_i_gpfa_data *d, nax_index k)
{
  return d->start[k + 1] - d->start[k];
}

/* --- lengths -------------------------------------------------------------------------
 */

static int
by_value(const void *a, const void *b)
{
  nax_index x = *(const nax_index *)a, y = *(const nax_index *)b;
  return (x > y) - (x < y);
}

static nax_status
find_lengths(nax_ctx *ctx, nax_i_gpfa_data *d)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(d->length, d->n_trials, sizeof *d->length);
  NAX_TRY_ALLOC(d->count, d->n_trials, sizeof *d->count);
  NAX_TRY_ALLOC(d->length_of, d->n_trials, sizeof *d->length_of);
  for (nax_index k = 0; k < d->n_trials; k++) {
    d->length[k] = trial_length(d, k);
  }
  qsort(d->length, (size_t)d->n_trials, sizeof *d->length, by_value);
  d->longest = d->length[d->n_trials - 1];
  d->n_lengths = 0;
  for (nax_index k = 0; k < d->n_trials; k++) {
    nax_index t = d->length[k];
    if (d->n_lengths == 0 || d->length[d->n_lengths - 1] != t) {
      d->length[d->n_lengths++] = t;
    }
  }
  for (nax_index k = 0; k < d->n_trials; k++) {
    nax_index t = trial_length(d, k);
    const nax_index *at =
        bsearch(&t, d->length, (size_t)d->n_lengths, sizeof *d->length, by_value);
    d->length_of[k] = at - d->length;
    d->count[d->length_of[k]]++;
  }
done:
  return status;
}

/* --- patterns -------------------------------------------------------------------------
 */

/* Number of the pattern of a bin; a new one is added to the list. */
static nax_status
find_pattern(nax_ctx *ctx, nax_i_gpfa_data *d, nax_index bin, char *seen, nax_index *room)
{
  nax_status status = NAX_OK;
  const double *y = d->y + bin * d->n_neurons;
  size_t bytes = (size_t)d->n_neurons;
  nax_index missing = 0;
  for (nax_index i = 0; i < d->n_neurons; i++) {
    seen[i] = (char)!isnan(y[i]);
    missing += isnan(y[i]);
  }
  d->n_missing += missing;
  nax_index k = 0;
  if (missing > 0) { /* most likely the pattern of the bin before */
    k = bin > 0 ? d->pattern[bin - 1] : 0;
    if (memcmp(d->observed + k * d->n_neurons, seen, bytes) != 0) {
      for (k = 0; k < d->n_patterns; k++) {
        if (memcmp(d->observed + k * d->n_neurons, seen, bytes) == 0) {
          break;
        }
      }
    }
  }
  if (k == d->n_patterns) {
    if (k == *room) {
      char *more = nax_i_realloc(d->observed, (size_t)(2 * *room), bytes);
      NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
      d->observed = more;
      *room *= 2;
    }
    memcpy(d->observed + k * d->n_neurons, seen, bytes);
    d->n_patterns++;
  }
  d->pattern[bin] = k;
done:
  return status;
}

static nax_status
find_patterns(nax_ctx *ctx, nax_i_gpfa_data *d)
{
  nax_status status = NAX_OK;
  nax_index room = 4;
  char *seen = NULL;
  NAX_TRY_ALLOC(seen, d->n_neurons, 1);
  NAX_TRY_ALLOC(d->pattern, d->n_bins, sizeof *d->pattern);
  NAX_TRY_ALLOC(d->observed, room, (size_t)d->n_neurons);
  memset(d->observed, 1, (size_t)d->n_neurons); /* number 0: all observed */
  d->n_patterns = 1;
  d->n_missing = 0;
  for (nax_index j = 0; j < d->n_bins; j++) {
    NAX_TRY(find_pattern(ctx, d, j, seen, &room));
  }
done:
  nax_i_free(seen);
  return status;
}

/* --- groups --------------------------------------------------------------------------
 */

typedef struct sortable {
  const nax_i_gpfa_data *d;
  nax_index trial;
  nax_index constant; /* the one pattern of all bins, or -1 */
} sortable;

/* Trials of one constant pattern belong together whatever their lengths, others only with
 * those that have the same pattern in each bin. */
static int
compare_group(const sortable *a, const sortable *b)
{
  const nax_i_gpfa_data *d = a->d;
  if (a->constant != b->constant) {
    return a->constant < b->constant ? -1 : 1;
  }
  if (a->constant >= 0) {
    return 0;
  }
  nax_index ta = trial_length(d, a->trial), tb = trial_length(d, b->trial);
  if (ta != tb) {
    return ta < tb ? -1 : 1;
  }
  for (nax_index t = 0; t < ta; t++) {
    nax_index pa = d->pattern[d->start[a->trial] + t];
    nax_index pb = d->pattern[d->start[b->trial] + t];
    if (pa != pb) {
      return pa < pb ? -1 : 1;
    }
  }
  return 0;
}

static int
by_group(const void *a, const void *b)
{
  const sortable *x = a, *y = b;
  int c = compare_group(x, y);
  nax_index tx = trial_length(x->d, x->trial), ty = trial_length(y->d, y->trial);
  return c != 0     ? c
         : tx != ty ? (tx < ty ? -1 : 1)
                    : (x->trial > y->trial) - (x->trial < y->trial);
}

static nax_status
find_groups(nax_ctx *ctx, nax_i_gpfa_data *d)
{
  nax_status status = NAX_OK;
  sortable *s = NULL;
  NAX_TRY_ALLOC(s, d->n_trials, sizeof *s);
  NAX_TRY_ALLOC(d->order, d->n_trials, sizeof *d->order);
  NAX_TRY_ALLOC(d->group, d->n_trials, sizeof *d->group);
  for (nax_index k = 0; k < d->n_trials; k++) {
    nax_index p = d->pattern[d->start[k]];
    for (nax_index j = d->start[k]; j < d->start[k + 1]; j++) {
      p = d->pattern[j] == p ? p : -1;
    }
    s[k] = (sortable){d, k, p};
  }
  qsort(s, (size_t)d->n_trials, sizeof *s, by_group);
  d->n_groups = 0;
  for (nax_index k = 0; k < d->n_trials; k++) {
    d->order[k] = s[k].trial;
    if (k == 0 || compare_group(&s[k - 1], &s[k]) != 0) {
      d->group[d->n_groups++] = (nax_i_gpfa_group){k, 0};
    }
    d->group[d->n_groups - 1].n++;
  }
done:
  nax_i_free(s);
  return status;
}

static nax_status
organise(nax_ctx *ctx, nax_i_gpfa_data *d)
{
  nax_status status = NAX_OK;
  NAX_TRY(find_lengths(ctx, d));
  NAX_TRY(find_patterns(ctx, d));
  NAX_TRY(find_groups(ctx, d));
done:
  return status;
}

/* --- reading the views ----------------------------------------------------------------
 */

static nax_status
check_shapes(nax_ctx *ctx, const char *fn, nax_index n_trials, const nax_view *trials)
{
  for (nax_index k = 0; k < n_trials; k++) {
    const nax_view *v = &trials[k];
    if (v->ndim != 2 || v->dim[0] < 1 || v->dim[1] < 1) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "trial %lld must be neuron x time with at least one of each, got "
                        "%d axes%s",
                        (long long)k, (int)v->ndim,
                        v->ndim == 2 ? " and no entries" : "");
    }
    if (v->dim[0] != trials[0].dim[0]) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "trial %lld has %lld neurons, trial 0 has %lld", (long long)k,
                        (long long)v->dim[0], (long long)trials[0].dim[0]);
    }
  }
  return NAX_OK;
}

nax_i_gpfa_values
nax_i_gpfa_values_of(const nax_gpfa_opts *o)
{
  return o->likelihood == NAX_GPFA_POISSON ? NAX_I_GPFA_COUNTS
         : o->root                         ? NAX_I_GPFA_ROOTS
                                           : NAX_I_GPFA_PLAIN;
}

nax_status
nax_i_gpfa_data_init(nax_ctx *ctx, const char *fn, nax_index n_trials,
                     const nax_view *trials, const char *keep, nax_i_gpfa_values values,
                     nax_i_gpfa_data *d)
{
  nax_status status = NAX_OK;
  *d = (nax_i_gpfa_data){.n_trials = n_trials};
  if (n_trials < 1 || trials == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "there must be at least one trial");
  }
  NAX_TRY(check_shapes(ctx, fn, n_trials, trials));
  nax_index all = trials[0].dim[0];
  for (nax_index i = 0; i < all; i++) {
    d->n_neurons += keep == NULL || keep[i];
  }
  NAX_TRY_ALLOC(d->start, n_trials + 1, sizeof *d->start);
  for (nax_index k = 0; k < n_trials; k++) {
    d->start[k + 1] = d->start[k] + trials[k].dim[1];
  }
  d->n_bins = d->start[n_trials];
  NAX_TRY_ALLOC(d->y, d->n_bins, (size_t)d->n_neurons * sizeof *d->y);
  for (nax_index k = 0; k < n_trials; k++) {
    for (nax_index t = 0; t < trials[k].dim[1]; t++) {
      double *y = d->y + (d->start[k] + t) * d->n_neurons;
      for (nax_index i = 0, to = 0; i < all; i++) {
        if (keep != NULL && !keep[i]) {
          continue;
        }
        double x = nax_view_get(&trials[k], (nax_index[]){i, t});
        if (isinf(x) || (values != NAX_I_GPFA_PLAIN && x < 0.0) ||
            (values == NAX_I_GPFA_COUNTS && x > NAX_I_GPFA_MOST_COUNTS)) {
          status =
              nax_i_fail(ctx, NAX_EDATA, fn,
                         "trial %lld has %g for neuron %lld in bin %lld, expected a "
                         "finite value%s",
                         (long long)k, x, (long long)i, (long long)t,
                         isinf(x)                     ? ""
                         : values == NAX_I_GPFA_ROOTS ? " of at least 0 (`root` is on)"
                                                      : " from 0 to 1e9 (Poisson)");
          goto done;
        }
        y[to++] = values == NAX_I_GPFA_ROOTS ? sqrt(x) : x;
      }
    }
  }
  NAX_TRY(organise(ctx, d));
done:
  return status;
}

nax_status
nax_i_gpfa_data_without(nax_ctx *ctx, const nax_i_gpfa_data *from, nax_index neuron,
                        nax_i_gpfa_data *to)
{
  nax_status status = NAX_OK;
  nax_index n = from->n_neurons;
  *to = (nax_i_gpfa_data){
      .n_neurons = n, .n_trials = from->n_trials, .n_bins = from->n_bins};
  NAX_TRY_ALLOC(to->start, from->n_trials + 1, sizeof *to->start);
  NAX_TRY_ALLOC(to->y, from->n_bins, (size_t)n * sizeof *to->y);
  memcpy(to->start, from->start, (size_t)(from->n_trials + 1) * sizeof *to->start);
  memcpy(to->y, from->y, (size_t)(from->n_bins * n) * sizeof *to->y);
  for (nax_index j = 0; j < from->n_bins; j++) {
    to->y[neuron + j * n] = (double)NAN;
  }
  NAX_TRY(organise(ctx, to));
done:
  return status;
}

/* --- segments --------------------------------------------------------------------------
 */

/* How many segments a trial gives; 0: it is dropped. */
static nax_index
n_segments(nax_index length, nax_index bins)
{
  return length < bins ? 0 : (length + bins - 1) / bins;
}

/* Starts of n segments of `bins` bins that cover `length`: the excess n * bins - length
 * is dealt out to the n - 1 overlaps by chance, one bin at a time. */
static void
segment_starts(nax_rng *rng, nax_index length, nax_index bins, nax_index n,
               nax_index *start)
{
  for (nax_index i = 0; i < n; i++) {
    start[i] = i * bins;
  }
  for (nax_index excess = n * bins - length; excess > 0; excess--) {
    for (nax_index i = 1 + nax_rng_below(rng, n - 1); i < n; i++) {
      start[i]--;
    }
  }
}

nax_status
nax_i_gpfa_data_segment(nax_ctx *ctx, const nax_i_gpfa_data *from, nax_index bins,
                        uint64_t seed, nax_i_gpfa_data *to)
{
  nax_status status = NAX_OK;
  nax_rng *rng = NULL;
  nax_index *start = NULL, n = 0, most = 1;
  *to = (nax_i_gpfa_data){.n_neurons = from->n_neurons};
  for (nax_index k = 0; k < from->n_trials; k++) {
    nax_index s = n_segments(trial_length(from, k), bins);
    n += s;
    most = s > most ? s : most;
  }
  int whole = n == 0; /* no trial is long enough: take them as they are */
  to->n_trials = whole ? from->n_trials : n;
  to->n_bins = whole ? from->n_bins : n * bins;
  NAX_TRY(nax_rng_create(ctx, seed, 0, &rng));
  NAX_TRY_ALLOC(start, most, sizeof *start);
  NAX_TRY_ALLOC(to->start, to->n_trials + 1, sizeof *to->start);
  NAX_TRY_ALLOC(to->y, to->n_bins, (size_t)to->n_neurons * sizeof *to->y);
  nax_index at = 0;
  for (nax_index k = 0; k < from->n_trials; k++) {
    nax_index length = trial_length(from, k), s = whole ? 1 : n_segments(length, bins);
    nax_index each = whole ? length : bins;
    start[0] = 0;
    if (!whole && s > 0) {
      segment_starts(rng, length, bins, s, start);
    }
    for (nax_index i = 0; i < s; i++, at++) {
      to->start[at + 1] = to->start[at] + each;
      memcpy(to->y + to->start[at] * to->n_neurons,
             from->y + (from->start[k] + start[i]) * from->n_neurons,
             (size_t)(each * to->n_neurons) * sizeof *to->y);
    }
  }
  NAX_TRY(organise(ctx, to));
done:
  nax_rng_free(rng);
  nax_i_free(start);
  return status;
}
