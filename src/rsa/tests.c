/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests on models: Student's t, signed ranks, relabelled conditions, exchanged subjects.
 */
#include "infer_i.h"
#include <float.h>
#include <math.h>

enum { EXHAUSTIVE = 8 }; /* conditions of which all orders are taken */

double
nax_i_t_p(double difference, double se, double dof, int two_sided)
{
  if (!(se > 0.0)) {
    return difference > 0.0 || (two_sided && difference < 0.0) ? DBL_MIN : 1.0;
  }
  double t = difference / se;
  double p =
      two_sided ? 2.0 * nax_i_student_upper(fabs(t), dof) : nax_i_student_upper(t, dof);
  return p < DBL_MIN ? DBL_MIN : p > 1.0 ? 1.0 : p;
}

enum { EXACT = 50 }; /* values up to which all signs are counted */

/* Two-sided p of the smaller of two rank sums among all signs of m ranks, which are given
 * doubled, so that shared ones are whole. */
static double
exact_signed_rank(nax_index m, const int *twice, int w)
{
  double count[EXACT * (EXACT + 1) + 1] = {1.0}, below = 0.0;
  int top = 0;
  for (nax_index k = 0; k < m; k++) {
    top += twice[k];
    for (int s = top; s >= twice[k]; s--) {
      count[s] += count[s - twice[k]];
    }
  }
  for (int s = 0; s <= w; s++) {
    below += count[s];
  }
  double p = ldexp(2.0 * below, -(int)m);
  return p > 1.0 ? 1.0 : p;
}

double
nax_i_signed_rank(nax_index n, const double *x, nax_i_keyed *work)
{
  nax_index m = 0;
  double plus = 0.0, ties = 0.0;
  int twice[EXACT];
  for (nax_index i = 0; i < n; i++) {
    if (x[i] != 0.0) {
      work[m++] = (nax_i_keyed){nax_i_sort_key(fabs(x[i])), i};
    }
  }
  if (m == 0) {
    return 1.0;
  }
  nax_i_sort_keyed(work, work + n, m);
  for (nax_index i = 0, j; i < m; i = j) {
    for (j = i; j < m && work[j].key == work[i].key; j++) {
    }
    double size = (double)(j - i);
    ties += size * size * size - size;
    for (nax_index k = i; k < j; k++) {
      plus += x[work[k].at] > 0.0 ? 0.5 * (double)(i + j + 1) : 0.0;
      if (k < EXACT) {
        twice[k] = (int)(i + j + 1);
      }
    }
  }
  double all = 0.5 * (double)m * (double)(m + 1),
         w = plus < all - plus ? plus : all - plus;
  if (m <= EXACT) {
    return exact_signed_rank(m, twice, (int)(2.0 * w));
  }
  double nm = (double)m;
  double var = nm * (nm + 1.0) * (2.0 * nm + 1.0) / 24.0 - ties / 48.0;
  double p = var > 0.0 ? erfc((0.5 * all - w) / sqrt(2.0 * var)) : 1.0;
  return p > 1.0 ? 1.0 : p < DBL_MIN ? DBL_MIN : p;
}

/* ------------------------------------------------------ conditions relabelled */

typedef struct relabel {
  const nax_rdms *data, *models;
  const double *weight; /* of each RDM of data */
  nax_rsa_comparator what;
  const nax_view *sigma;
  int64_t n_permutations; /* the identity is number 0 */
  uint64_t seed;
  int every;    /* all orders, by number */
  double *pool; /* n x n: sum of the subjects' features, or NULL: compare anew */
  double *f;    /* n x n x models: features scaled to unit norm */
  double *stat; /* models x permutations */
} relabel;

enum { GRAIN = 32 };
static const uint64_t permutation_streams = UINT64_C(1) << 41;

/* Order number k of n items, in the factorial number system; 0 is the identity. */
static void
unrank(nax_index n, int64_t k, nax_index *order)
{
  for (nax_index i = 0; i < n; i++) {
    order[i] = i;
  }
  for (nax_index i = 0; i + 1 < n; i++) {
    nax_index j = i + (nax_index)(k % (n - i)), moved = order[j];
    k /= n - i;
    for (nax_index t = j; t > i; t--) {
      order[t] = order[t - 1];
    }
    order[i] = moved;
  }
}

static nax_status
permutation(const relabel *r, int64_t k, nax_index *order)
{
  if (r->every) {
    unrank(r->data->n, k, order);
    return NAX_OK;
  }
  if (k == 0) {
    for (nax_index i = 0; i < r->data->n; i++) {
      order[i] = i;
    }
    return NAX_OK;
  }
  return nax_stats_permutation(NULL, r->seed, permutation_streams + (uint64_t)k,
                               r->data->n, order);
}

/* Mean similarity of the relabelled models, where it is no inner product. */
static nax_status
compare_anew(const relabel *r, const nax_index *order, double *stat)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_rdms *moved = NULL;
  double *s = NULL;
  nax_index k_models = r->models->count;
  NAX_TRY(nax_rdms_take_conditions(ctx, r->models, r->models->n, order, &moved));
  NAX_TRY_ALLOC(s, k_models * r->data->count, sizeof *s);
  NAX_TRY(nax_rsa_compare(ctx, moved, r->data, r->what, r->sigma, 0, s));
  for (nax_index k = 0; k < k_models; k++) {
    stat[k] = 0.0;
    for (nax_index i = 0; i < r->data->count; i++) {
      stat[k] += s[k + i * k_models] * r->weight[i];
    }
  }
done:
  nax_rdms_free(moved);
  nax_i_free(s);
  return status;
}

static nax_status
permute_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  relabel *r = arg;
  nax_index n = r->data->n, *order = NULL;
  NAX_TRY_ALLOC(order, n, sizeof *order);
  for (int64_t k = block * GRAIN; k < (block + 1) * GRAIN && k < r->n_permutations; k++) {
    double *stat = r->stat + k * r->models->count;
    NAX_TRY(permutation(r, k, order));
    if (r->pool == NULL) {
      NAX_TRY(compare_anew(r, order, stat));
      continue;
    }
    for (nax_index a = 0; a < r->models->count; a++) {
      const double *f = r->f + a * n * n;
      double sum = 0.0;
      for (nax_index j = 0; j < n; j++) {
        const double *column = f + order[j] * n, *pool = r->pool + j * n;
        for (nax_index i = 0; i < n; i++) {
          sum += column[order[i]] * pool[i];
        }
      }
      stat[a] = sum;
    }
  }
done:
  nax_i_free(order);
  return status;
}

/* Features that move with the conditions, as squares of unit norm: the pairs, centred or
 * ranked, or the double-centred Gram matrix. */
static nax_status
square_features(nax_ctx *ctx, const relabel *r, const double *d, double *out)
{
  nax_status status = NAX_OK;
  nax_index n = r->data->n, m = r->data->m;
  nax_i_keyed *work = NULL;
  double *x = NULL, mean = 0.0, norm = 0.0;
  int whitened = r->what == NAX_RSA_COSINE_COV || r->what == NAX_RSA_CORR_COV;
  int ranks = r->what == NAX_RSA_SPEARMAN || r->what == NAX_RSA_RHO_A;
  NAX_TRY_ALLOC(x, m + n, sizeof *x);
  NAX_TRY_ALLOC(work, 2 * m, sizeof *work);
  if (ranks) {
    NAX_TRY(nax_i_rdm_rank(ctx, m, d, NAX_RDM_RANK_AVERAGE, work, x));
  } else {
    memcpy(x, d, (size_t)m * sizeof *x);
  }
  for (nax_index p = 0; p < m; p++) {
    mean += x[p] / (double)m;
  }
  mean = r->what == NAX_RSA_COSINE || r->what == NAX_RSA_COSINE_COV ? 0.0 : mean;
  for (nax_index p = 0; p < m; p++) {
    x[p] -= mean;
  }
  NAX_TRY(nax_rdm_to_square(ctx, n, x, out));
  if (whitened) {
    double *row = x + m, all = 0.0;
    for (nax_index j = 0; j < n; j++) {
      row[j] = 0.0;
      for (nax_index i = 0; i < n; i++) {
        row[j] += out[i + j * n] / (double)n;
      }
      all += row[j] / (double)n;
    }
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < n; i++) {
        out[i + j * n] = -0.5 * (out[i + j * n] - row[i] - row[j] + all);
      }
    }
  }
  for (nax_index p = 0; p < n * n; p++) {
    norm += out[p] * out[p];
  }
  double md = (double)m;
  norm = r->what == NAX_RSA_RHO_A ? 2.0 * (md * md * md - md) / 12.0 : norm;
  for (nax_index p = 0; p < n * n; p++) {
    out[p] = norm > 0.0 ? out[p] / sqrt(norm) : 0.0;
  }
done:
  nax_i_free(x);
  nax_i_free(work);
  return status;
}

static int
is_complete(const nax_rdms *r)
{
  for (nax_index k = 0; k < r->m * r->count; k++) {
    if (isnan(r->d[k])) {
      return 0;
    }
  }
  return 1;
}

nax_status
nax_i_rsa_permute(nax_ctx *ctx, const char *fn, const nax_rdms *data,
                  const double *weight, const nax_rdms *models, nax_rsa_comparator c,
                  const nax_view *sigma_k, int64_t n_permutations, uint64_t seed,
                  double *p, double *p_max)
{
  nax_status status = NAX_OK;
  nax_index n = data->n, k_models = models->count;
  relabel r = {.data = data,
               .weight = weight,
               .models = models,
               .what = c,
               .sigma = sigma_k,
               .seed = seed};
  double *one = NULL;
  nax_i_stage st;
  r.n_permutations = n_permutations + 1;
  if (n <= EXHAUSTIVE) {
    r.every = 1;
    r.n_permutations = 1;
    for (nax_index i = 2; i <= n; i++) {
      r.n_permutations *= i;
    }
  }
  NAX_TRY_ALLOC(r.stat, k_models * r.n_permutations, sizeof *r.stat);
  int inner = (nax_i_is_cosine(c) || c == NAX_RSA_SPEARMAN || c == NAX_RSA_RHO_A) &&
              sigma_k == NULL && is_complete(data) && is_complete(models);
  if (inner) {
    NAX_TRY_ALLOC(r.pool, n * n, sizeof *r.pool);
    NAX_TRY_ALLOC(r.f, n * n * k_models, sizeof *r.f);
    NAX_TRY_ALLOC(one, n * n, sizeof *one);
    for (nax_index s = 0; s < data->count; s++) {
      NAX_TRY(square_features(ctx, &r, data->d + s * data->m, one));
      for (nax_index i = 0; i < n * n; i++) {
        r.pool[i] += one[i] * weight[s];
      }
    }
    for (nax_index k = 0; k < k_models; k++) {
      NAX_TRY(square_features(ctx, &r, models->d + k * models->m, r.f + k * n * n));
    }
  }
  int64_t blocks = nax_i_n_blocks(r.n_permutations, GRAIN);
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "rsa/permute", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, permute_block, &r));
  double total = (double)r.n_permutations;
  double sign = c == NAX_RSA_BURES_METRIC ? -1.0 : 1.0;
  for (nax_index k = 0; k < k_models; k++) {
    double own = sign * r.stat[k], slack = 1e-12 * fabs(own), reach = 0.0,
           reach_max = 0.0;
    for (int64_t b = 0; b < r.n_permutations; b++) {
      const double *stat = r.stat + b * k_models;
      double most = -INFINITY;
      for (nax_index a = 0; a < k_models; a++) {
        most = sign * stat[a] > most ? sign * stat[a] : most;
      }
      reach += sign * stat[k] >= own - slack;
      reach_max += most >= own - slack;
    }
    p[k] = reach / total;
    p_max[k] = reach_max / total;
  }
done:
  nax_i_free(r.stat);
  nax_i_free(r.pool);
  nax_i_free(r.f);
  nax_i_free(one);
  return status;
}

/* --------------------------------------------------------- two groups of subjects */

/* Welch's t and what it is made from. */
static double
welch(nax_index na, nax_index nb, const double *x, const nax_index *who,
      nax_rsa_group_difference *out, double *dof)
{
  double mean[2] = {0.0, 0.0}, var[2] = {0.0, 0.0}, n[2] = {(double)na, (double)nb};
  for (nax_index i = 0; i < na + nb; i++) {
    mean[i >= na] += x[who[i]] / n[i >= na];
  }
  for (nax_index i = 0; i < na + nb; i++) {
    double e = x[who[i]] - mean[i >= na];
    var[i >= na] += e * e / ((n[i >= na] - 1.0) * n[i >= na]);
  }
  double se2 = var[0] + var[1], d = mean[0] - mean[1];
  if (out != NULL) {
    out->mean_a = mean[0];
    out->mean_b = mean[1];
    out->difference = d;
    out->se = sqrt(se2);
    *dof = se2 > 0.0
               ? se2 * se2 /
                     (var[0] * var[0] / (n[0] - 1.0) + var[1] * var[1] / (n[1] - 1.0))
               : n[0] + n[1] - 2.0;
  }
  return se2 > 0.0 ? d / sqrt(se2) : 0.0;
}

/* The next choice of k out of n in ascending order; 0 after the last. */
static int
next_choice(nax_index n, nax_index k, nax_index *c)
{
  for (nax_index i = k - 1; i >= 0; i--) {
    if (c[i] < n - k + i) {
      c[i]++;
      for (nax_index j = i + 1; j < k; j++) {
        c[j] = c[j - 1] + 1;
      }
      return 1;
    }
  }
  return 0;
}

/* The chosen first, then the others. */
static void
arrange(nax_index n, nax_index k, const nax_index *c, nax_index *who)
{
  nax_index chosen = 0, rest = k;
  for (nax_index i = 0; i < n; i++) {
    if (chosen < k && c[chosen] == i) {
      who[chosen++] = i;
    } else {
      who[rest++] = i;
    }
  }
}

nax_status
nax_rsa_compare_groups(nax_ctx *ctx, const nax_rdms *a, const nax_rdms *b,
                       const nax_rdms *models, nax_rsa_comparator comparator,
                       const nax_view *sigma_k, int64_t n_permutations, uint64_t seed,
                       nax_rsa_group_difference *out)
{
  nax_status status = NAX_OK;
  nax_rdms *both = NULL;
  double *s = NULL, *x = NULL, *t = NULL, *reach = NULL;
  nax_index *who = NULL, *choice = NULL;
  nax_i_stage stage;
  nax_i_begin(ctx);
  nax_index na = a->count, nb = b->count, n = na + nb, k_models = models->count;
  NAX_REQUIRE(na >= 2 && nb >= 2, NAX_EDATA,
              "need at least 2 subjects in each group, got %lld and %lld", (long long)na,
              (long long)nb);
  NAX_REQUIRE(n_permutations >= 1, NAX_EINVAL, "need at least 1 exchange");
  double choices = 1.0;
  for (nax_index i = 1; i <= na; i++) {
    choices *= (double)(nb + i) / (double)i;
  }
  NAX_REQUIRE(
      choices >= 20.0, NAX_EDATA,
      "%lld and %lld subjects can be exchanged in %g ways only, which cannot reach "
      "p = 0.05",
      (long long)na, (long long)nb, choices);
  int every = choices <= (double)n_permutations + 1.0;
  NAX_TRY(nax_rdms_concat(ctx, 2, (const nax_rdms *[]){a, b}, &both));
  NAX_TRY_ALLOC(s, k_models * n, sizeof *s);
  NAX_TRY_ALLOC(x, k_models * n, sizeof *x);
  NAX_TRY_ALLOC(t, 2 * k_models, sizeof *t);
  NAX_TRY_ALLOC(reach, 2 * k_models, sizeof *reach);
  NAX_TRY_ALLOC(who, n, sizeof *who);
  NAX_TRY_ALLOC(choice, na, sizeof *choice);
  NAX_TRY(nax_rsa_compare(ctx, models, both, comparator, sigma_k, 0, s));
  for (nax_index k = 0; k < k_models; k++) {
    for (nax_index i = 0; i < n; i++) {
      x[i + k * n] = s[k + i * k_models];
    }
  }
  for (nax_index i = 0; i < na; i++) {
    choice[i] = i;
  }
  arrange(n, na, choice, who);
  for (nax_index k = 0; k < k_models; k++) {
    double dof;
    t[k] = fabs(welch(na, nb, x + k * n, who, &out[k], &dof));
    out[k].p = nax_i_t_p(out[k].difference, out[k].se, dof, 1);
  }
  int64_t done_n = 0;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "rsa/exchanges",
                            every ? (int64_t)choices : n_permutations + 1));
  for (int more = 1; more; done_n++) {
    NAX_TRY(nax_i_stage_poll(&stage, done_n, (double)NAN));
    if (every && done_n > 0) {
      arrange(n, na, choice, who);
    } else if (!every && done_n > 0) {
      NAX_TRY(nax_stats_permutation(ctx, seed, permutation_streams + (uint64_t)done_n, n,
                                    who));
    }
    double most = 0.0;
    for (nax_index k = 0; k < k_models; k++) {
      t[k_models + k] = fabs(welch(na, nb, x + k * n, who, NULL, NULL));
      most = t[k_models + k] > most ? t[k_models + k] : most;
    }
    for (nax_index k = 0; k < k_models; k++) {
      double own = t[k] * (1.0 - 1e-12);
      reach[k] += t[k_models + k] >= own;
      reach[k_models + k] += most >= own;
    }
    more = every ? next_choice(n, na, choice) : done_n < n_permutations;
  }
  for (nax_index k = 0; k < k_models; k++) {
    out[k].p_permutation = reach[k] / (double)done_n;
    out[k].p_max = reach[k_models + k] / (double)done_n;
  }
done:
  nax_rdms_free(both);
  nax_i_free(s);
  nax_i_free(x);
  nax_i_free(t);
  nax_i_free(reach);
  nax_i_free(who);
  nax_i_free(choice);
  return status;
}
