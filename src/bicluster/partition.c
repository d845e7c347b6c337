/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One partition from many: the expected variation of information (lower bound of Wade &
 * Ghahramani 2018), Binder's loss, or the posterior expected adjusted Rand index (Fritsch
 * & Ickstadt 2009). */
#include "run_i.h"
#include "stats/stats_i.h"
#include <math.h>

nax_index
nax_i_bic_by_size(nax_index n, int64_t *label)
{
  nax_index used = 0;
  for (nax_index i = 0; i < n; i++) { /* first numbered by their first item, below zero */
    if (label[i] >= 0) {
      int64_t old = label[i];
      used++;
      for (nax_index j = i; j < n; j++) {
        label[j] = label[j] == old ? -used : label[j];
      }
    }
  }
  for (nax_index k = 0; k < used; k++) { /* then by size, again and again the largest */
    int64_t best = 0;
    nax_index most = 0;
    for (nax_index c = 1; c <= used; c++) {
      nax_index size = 0;
      for (nax_index i = 0; i < n; i++) {
        size += label[i] == -c;
      }
      if (size > most) {
        most = size;
        best = -c;
      }
    }
    for (nax_index i = 0; i < n; i++) {
      label[i] = label[i] == best ? k : label[i];
    }
  }
  return used;
}

nax_status
nax_i_bic_vi(nax_ctx *ctx, nax_index n, const int64_t *a, const int64_t *b, double *out)
{
  nax_status status = NAX_OK;
  int64_t ka = 0, kb = 0;
  double *joint = NULL, h = 0.0;
  for (nax_index i = 0; i < n; i++) {
    ka = a[i] >= ka ? a[i] + 1 : ka;
    kb = b[i] >= kb ? b[i] + 1 : kb;
  }
  NAX_TRY_ALLOC(joint, ka * kb + ka + kb, sizeof *joint);
  double *pa = joint + ka * kb, *pb = pa + ka;
  for (nax_index i = 0; i < n; i++) {
    joint[a[i] * kb + b[i]] += 1.0;
    pa[a[i]] += 1.0;
    pb[b[i]] += 1.0;
  }
  for (int64_t i = 0; i < ka; i++) {
    for (int64_t j = 0; j < kb; j++) {
      double x = joint[i * kb + j];
      h -= x > 0.0 ? x * (2.0 * log(x) - log(pa[i]) - log(pb[j])) : 0.0;
    }
  }
  *out = h > 0.0 ? h / (double)n : 0.0;
done:
  nax_i_free(joint);
  return status;
}

/* Sums that the criteria are made of. */
typedef struct sums {
  double together, similar, both, pairs; /* pairs in one group, of psm, of both, all */
} sums;

static double
pear(const sums *s)
{
  double chance = s->together * s->similar / s->pairs;
  double top = 0.5 * (s->together + s->similar) - chance;
  return fabs(top) > 1e-12 * s->pairs ? (s->both - chance) / top : 1.0;
}

double
nax_i_bic_score(nax_i_bic_criterion how, nax_index n, const double *psm,
                const int64_t *label)
{
  sums s = {0.0, 0.0, 0.0, 0.5 * (double)n * (double)(n - 1)};
  double vi = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double own = 0.0, size = 0.0;
    for (nax_index j = 0; j < n; j++) {
      double same = label[i] == label[j];
      own += same * psm[i * n + j];
      size += same;
      if (j < i) {
        s.together += same;
        s.similar += psm[i * n + j];
        s.both += same * psm[i * n + j];
      }
    }
    vi += log(size) - 2.0 * log(own);
  }
  if (how == NAX_I_BIC_PEAR) {
    return n > 1 ? pear(&s) : 1.0;
  }
  /* Binder: what pairs together gain over apart; VI: less its lower bound */
  return how == NAX_I_BIC_BINDER ? s.both - 0.5 * s.together : -vi / (double)n;
}

/* Move single items to where they gain most until nothing moves. */
static nax_status
improve(nax_ctx *ctx, nax_i_bic_criterion how, nax_index n, const double *psm,
        int64_t *label)
{
  nax_status status = NAX_OK;
  double *to = NULL, *size = NULL, *row = NULL, *gain = NULL;
  NAX_TRY_ALLOC(to, n + 1, sizeof *to);
  NAX_TRY_ALLOC(size, n + 1, sizeof *size);
  NAX_TRY_ALLOC(row, n, sizeof *row); /* similarity of each item to its own group */
  NAX_TRY_ALLOC(gain, n + 1, sizeof *gain);
  sums s = {0.0, 0.0, 0.0, 0.5 * (double)n * (double)(n - 1)};
  for (nax_index i = 0; i < n; i++) {
    size[label[i]] += 1.0;
    for (nax_index j = 0; j < n; j++) {
      double same = label[i] == label[j];
      row[i] += same * psm[i * n + j];
      s.together += j < i ? same : 0.0;
      s.similar += j < i ? psm[i * n + j] : 0.0;
      s.both += j < i ? same * psm[i * n + j] : 0.0;
    }
  }
  for (int pass = 0; pass < 20; pass++) {
    nax_index moved = 0;
    for (nax_index i = 0; i < n; i++) {
      int64_t own = label[i], fresh = -1, best;
      for (nax_index c = 0; c <= n; c++) {
        to[c] = gain[c] = 0.0;
        fresh = fresh < 0 && size[c] == 0.0 ? c : fresh;
      }
      size[own] -= 1.0;
      for (nax_index j = 0; j < n; j++) {
        to[label[j]] += j != i ? psm[i * n + j] : 0.0;
      }
      s.together -= size[own];
      s.both -= to[own];
      if (how == NAX_I_BIC_VI) {
        for (nax_index j = 0; j < n; j++) {
          if (j != i) {
            /* the others of a group as they are without i, and with it */
            double p = psm[i * n + j], r = row[j] - (label[j] == own ? p : 0.0);
            gain[label[j]] -= 2.0 * (log(r) - log(r + p));
          }
        }
      }
      best = own;
      for (nax_index c = 0; c < n; c++) {
        if (size[c] == 0.0 && c != fresh && c != own) {
          gain[c] = -HUGE_VAL;
          continue;
        }
        double m = size[c];
        if (how == NAX_I_BIC_BINDER) {
          gain[c] = to[c] - 0.5 * m;
        } else if (how == NAX_I_BIC_PEAR) {
          sums with = s;
          with.together += m;
          with.both += to[c];
          gain[c] = pear(&with);
        } else {
          gain[c] += 2.0 * log(to[c] + 1.0) - (m + 1.0) * log(m + 1.0) +
                     (m > 0.0 ? m * log(m) : 0.0);
        }
      }
      for (nax_index c = 0; c < n; c++) {
        best = gain[c] > gain[best] + 1e-10 ? c : best;
      }
      size[best] += 1.0;
      s.together += size[best] - 1.0;
      s.both += to[best];
      if (best != own) {
        for (nax_index j = 0; j < n; j++) {
          row[j] += j == i             ? to[best] + 1.0 - row[j]
                    : label[j] == own  ? -psm[i * n + j]
                    : label[j] == best ? psm[i * n + j]
                                       : 0.0;
        }
        label[i] = best;
        moved++;
      }
    }
    if (moved == 0) {
      break;
    }
  }
done:
  nax_i_free(to);
  nax_i_free(size);
  nax_i_free(row);
  nax_i_free(gain);
  return status;
}

nax_status
nax_i_bic_point(nax_ctx *ctx, nax_i_bic_criterion how, nax_index n, const double *psm,
                nax_index n_given, const int64_t *given, int64_t *label,
                nax_index *n_groups)
{
  nax_status status = NAX_OK;
  nax_merge *merges = NULL;
  double *far = NULL, best = -HUGE_VAL;
  int64_t *trial = NULL;
  NAX_TRY_ALLOC(merges, n, sizeof *merges);
  NAX_TRY_ALLOC(far, n * n, sizeof *far);
  NAX_TRY_ALLOC(trial, n, sizeof *trial);
  for (nax_index i = 0; i < n * n; i++) {
    far[i] = psm[i] < 1.0 ? 1.0 - psm[i] : 0.0;
  }
  NAX_TRY(nax_stats_cluster(ctx, n, far, NAX_LINKAGE_AVERAGE, merges));
  nax_index cuts = n < 40 ? n : 40;
  for (nax_index k = 1; k <= cuts + n_given; k++) {
    if (k <= cuts) {
      NAX_TRY(nax_stats_cut_tree(ctx, n, merges, k, trial));
    } else {
      memcpy(trial, given + (k - cuts - 1) * n, (size_t)n * sizeof *trial);
    }
    double score = nax_i_bic_score(how, n, psm, trial);
    if (score > best) {
      best = score;
      memcpy(label, trial, (size_t)n * sizeof *label);
    }
  }
  nax_i_bic_by_size(n, label);
  NAX_TRY(improve(ctx, how, n, psm, label));
  *n_groups = nax_i_bic_by_size(n, label);
done:
  nax_i_free(merges);
  nax_i_free(far);
  nax_i_free(trial);
  return status;
}
