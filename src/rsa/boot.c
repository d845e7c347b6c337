/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of models when conditions and subjects count several times or not at all.
 *
 * A resample of conditions is a vector w of multiplicities; pair (i, j) then counts
 * c_ij = w_i w_j times, and pairs of a condition with itself have no entry. Everything
 * that is needed of the RDMs under c is a weighted Gram matrix (cosines), ranks by one
 * pass over an order that never changes, or a weighted Kendall. A resample of subjects
 * only weighs what is there already. */
#include "infer_i.h"
#include <math.h>

int
nax_i_is_rank(nax_rsa_comparator c)
{
  return c >= NAX_RSA_SPEARMAN && c <= NAX_RSA_TAU_B;
}

static int
is_tau(nax_rsa_comparator c)
{
  return c == NAX_RSA_TAU_A || c == NAX_RSA_TAU_B;
}

static int
is_white(nax_rsa_comparator c)
{
  return c == NAX_RSA_COSINE_COV || c == NAX_RSA_CORR_COV;
}

static int
is_centred(nax_rsa_comparator c)
{
  return c == NAX_RSA_CORR || c == NAX_RSA_CORR_COV;
}

void
nax_i_engine_clear(nax_i_engine *e)
{
  for (nax_index r = 0; e->k != NULL && r < e->q; r++) {
    nax_i_kendall_clear(&e->k[r]);
  }
  nax_i_free(e->k);
  nax_i_free(e->z);
  nax_i_free(e->there);
  *e = (nax_i_engine){0};
}

nax_status
nax_i_engine_init(nax_ctx *ctx, const char *fn, const nax_rdms *data, int64_t n_models,
                  const nax_rsa_model *models, const nax_index *first,
                  nax_rsa_comparator what, nax_i_engine *e)
{
  nax_status status = NAX_OK;
  nax_index n_rows = first[n_models], q = n_rows + data->count, lost = 0;
  *e = (nax_i_engine){.fn = fn,
                      .what = what,
                      .n = data->n,
                      .m = data->m,
                      .q = q,
                      .n_models = n_models,
                      .n_rows = n_rows,
                      .n_subjects = data->count,
                      .n_groups = data->count,
                      .models = models,
                      .first = first};
  NAX_TRY_ALLOC(e->z, data->m * q, sizeof *e->z);
  NAX_TRY_ALLOC(e->there, data->m, 1);
  for (int64_t k = 0; k < n_models; k++) {
    memcpy(e->z + first[k] * e->m, models[k].rdms->d,
           (size_t)(e->m * models[k].rdms->count) * sizeof *e->z);
  }
  memcpy(e->z + n_rows * e->m, data->d, (size_t)(e->m * data->count) * sizeof *e->z);
  for (nax_index p = 0; p < e->m; p++) {
    int there = 1;
    for (nax_index r = 0; r < q; r++) {
      there = there && !isnan(e->z[p + r * e->m]);
    }
    e->there[p] = (char)there;
    lost += !there;
    for (nax_index r = 0; !there && r < q; r++) {
      e->z[p + r * e->m] = 0.0;
    }
  }
  if (lost > 0 && is_white(what)) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%lld pairs are missing: whitened comparators then have no "
                        "bootstrap over conditions and no cross-validation",
                        (long long)lost);
    goto done;
  }
  if (nax_i_is_rank(what)) {
    NAX_TRY_ALLOC(e->k, q, sizeof *e->k);
    for (nax_index r = 0; r < q; r++) {
      NAX_TRY(nax_i_kendall_prepare(ctx, e->m, e->z + r * e->m, &e->k[r]));
    }
  }
done:
  if (status != NAX_OK) {
    nax_i_engine_clear(e);
  }
  return status;
}

void
nax_i_table_clear(nax_i_table *t)
{
  nax_i_free(t->c);
  nax_i_free(t->sim);
  nax_i_free(t->gram);
  nax_i_free(t->scale);
  nax_i_free(t->rank);
  nax_i_free(t->work);
  nax_i_free(t->pool);
  nax_i_free(t->keyed);
  nax_i_free(t->counts);
  nax_i_free(t->at);
  nax_i_free(t->root);
  *t = (nax_i_table){0};
}

nax_status
nax_i_table_init(nax_ctx *ctx, const nax_i_engine *e, nax_i_table *t)
{
  nax_status status = NAX_OK;
  *t = (nax_i_table){.e = e};
  NAX_TRY_ALLOC(t->c, e->m, sizeof *t->c);
  NAX_TRY_ALLOC(t->at, e->m, sizeof *t->at);
  NAX_TRY_ALLOC(t->root, e->m, sizeof *t->root);
  NAX_TRY_ALLOC(t->sim, e->q * e->n_subjects, sizeof *t->sim);
  NAX_TRY_ALLOC(t->gram, e->q * e->q, sizeof *t->gram);
  NAX_TRY_ALLOC(t->scale, e->q, sizeof *t->scale);
  NAX_TRY_ALLOC(t->work, (e->m + e->n) * e->q, sizeof *t->work);
  NAX_TRY_ALLOC(t->pool, 2 * (e->m + e->n), sizeof *t->pool);
  if (nax_i_is_rank(e->what)) {
    NAX_TRY_ALLOC(t->rank, e->m * e->n_subjects, sizeof *t->rank);
    NAX_TRY_ALLOC(t->keyed, 2 * e->m, sizeof *t->keyed);
    NAX_TRY_ALLOC(t->counts, e->m + 64 + (e->m + 63) / 64, sizeof *t->counts);
  }
done:
  if (status != NAX_OK) {
    nax_i_table_clear(t);
  }
  return status;
}

static nax_i_kendall_counts
counts_of(nax_i_table *t)
{
  return (nax_i_kendall_counts){t->counts, t->counts + (t->e->m + 63) / 64 * 64};
}

/* Multiplicities of the pairs. */
static void
set_pairs(nax_i_table *t, const double *w)
{
  nax_index n = t->e->n, p = 0;
  t->total = 0.0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, p++) {
      double c = w != NULL ? w[i] * w[j] : 1.0;
      t->c[p] = t->e->there[p] ? c : 0.0;
      t->total += t->c[p];
    }
  }
}

/* -------------------------------------------------------------------- cosines */

/* Projection of an RDM under multiplicities: with t_i = n - 2 w_i + 2, alpha solves
 * t_i alpha_i + sum_j w_j alpha_j = -sum_j w_j G_ij, G = -D/2; the features are
 * G_ij + alpha_i + alpha_j, twice per pair, and 2 alpha_i, w_i times. */
static void
project(const nax_i_table *t, const double *w, const double *z, double mean,
        double *alpha, double *g)
{
  nax_index n = t->e->n, zero = -1;
  double total = 0.0, over = 1.0, sum = 0.0;
  memset(g, 0, (size_t)n * sizeof *g);
  for (nax_index i = 0, p = 0; i < n; i++) {
    double wi = w != NULL ? w[i] : 1.0;
    total += wi;
    for (nax_index j = i + 1; j < n; j++, p++) {
      double v = -0.5 * (z[p] - mean);
      g[i] += (w != NULL ? w[j] : 1.0) * v;
      g[j] += wi * v;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    double wi = w != NULL ? w[i] : 1.0, ti = total - 2.0 * wi + 2.0;
    if (ti == 0.0) {
      zero = i; /* at most one has more than half of all */
    } else {
      over += wi / ti;
      sum -= wi * g[i] / ti;
    }
  }
  double s = zero < 0 ? sum / over : -g[zero], rest = s;
  for (nax_index i = 0; i < n; i++) {
    double wi = w != NULL ? w[i] : 1.0, ti = total - 2.0 * wi + 2.0;
    alpha[i] = ti == 0.0 ? 0.0 : (-g[i] - s) / ti;
    rest -= wi * alpha[i];
  }
  if (zero >= 0) {
    alpha[zero] = rest / w[zero];
  }
}

/* Pairs that count, their multiplicities in a row and the roots of these. */
static void
list_pairs(nax_i_table *t)
{
  t->listed = 0;
  for (nax_index p = 0; p < t->e->m; p++) {
    if (t->c[p] > 0.0) {
      t->at[t->listed] = p;
      t->root[t->listed++] = sqrt(t->c[p]);
    }
  }
}

/* Features times the roots of their weights, rows with weight only; how many rows. */
static nax_index
features(nax_i_table *t, const double *w)
{
  const nax_i_engine *e = t->e;
  nax_index n = e->n, listed = t->listed;
  int white = is_white(e->what), centred = is_centred(e->what);
  nax_index rows = listed + (white ? n : 0);
  double *alpha = t->pool, *g = alpha + n;
  for (nax_index r = 0; r < e->q; r++) {
    const double *z = e->z + r * e->m;
    double *f = t->work + r * rows, mean = 0.0, square = 0.0;
    for (nax_index o = 0; o < listed; o++) {
      f[o] = z[t->at[o]];
    }
    for (nax_index o = 0; centred && o < listed; o++) {
      mean += t->root[o] * t->root[o] * f[o];
    }
    mean = centred ? mean / t->total : 0.0;
    for (nax_index o = 0; o < listed; o++) {
      double v = t->root[o] * (f[o] - mean);
      square += v * v;
      f[o] = v;
    }
    t->scale[r] = sqrt(square);
    if (!white) {
      continue;
    }
    nax_index o = 0, p = 0;
    project(t, w, z, mean, alpha, g);
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++, p++) {
        if (t->c[p] > 0.0) {
          f[o] = 1.4142135623730951 * t->root[o] *
                 (-0.5 * (z[p] - mean) + alpha[i] + alpha[j]);
          o++;
        }
      }
    }
    for (nax_index i = 0; i < n; i++) {
      f[o++] = 2.0 * sqrt(w != NULL ? w[i] : 1.0) * alpha[i];
    }
  }
  return rows;
}

static nax_status
fill_cosines(nax_ctx *ctx, nax_i_table *t, const double *w)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_index q = e->q, rows = features(t, w);
  if (rows == 0) {
    memset(t->gram, 0, (size_t)(q * q) * sizeof *t->gram);
  } else {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, q, rows, 1.0, t->work, rows, 0.0, t->gram, q));
  }
  for (nax_index s = 0; s < e->n_subjects; s++) {
    nax_index b = e->n_rows + s;
    for (nax_index a = 0; a < q; a++) {
      double norm = sqrt(t->gram[a + a * q] * t->gram[b + b * q]);
      t->sim[a + s * q] = norm > 0.0 ? t->gram[a + b * q] / norm : 0.0;
    }
  }
done:
  return status;
}

/* ---------------------------------------------------------------------- ranks */

/* Ranks under c along an order, about their mean. */
static void
ranks_along(const nax_i_table *t, const nax_i_kendall *k, double *out)
{
  double before = 0.0, mean = 0.5 * (t->total + 1.0);
  for (nax_index i = 0; i < k->m; i = k->end[i]) {
    double group = 0.0;
    for (nax_index p = i; p < k->end[i]; p++) {
      group += t->c[k->order[p]];
    }
    for (nax_index p = i; p < k->end[i]; p++) {
      out[k->order[p]] = before + 0.5 * (group + 1.0) - mean;
    }
    before += group;
  }
}

/* Pairs of values that are equal, with multiplicities. */
static double
tied_weight(const nax_i_table *t, const nax_i_kendall *k)
{
  double sum = 0.0;
  for (nax_index i = 0; i < k->m; i = k->end[i]) {
    double group = 0.0;
    for (nax_index p = i; p < k->end[i]; p++) {
      group += t->c[k->order[p]];
    }
    sum += 0.5 * group * (group - 1.0);
  }
  return sum;
}

static double
tau(nax_i_table *t, const nax_i_kendall *a, const nax_i_kendall *b)
{
  nax_i_kendall_counts w = counts_of(t);
  double s = nax_i_kendall_weighted(a, b, t->c, &w);
  double all = 0.5 * t->total * (t->total - 1.0);
  if (t->e->what == NAX_RSA_TAU_A) {
    return all > 0.0 ? s / all : 0.0;
  }
  double norm = sqrt((all - tied_weight(t, a)) * (all - tied_weight(t, b)));
  return norm > 0.0 ? s / norm : 0.0;
}

/* Similarity of ranks of the listed pairs to those of a subject. */
static double
rank_similarity(const nax_i_table *t, const double *listed, const double *rank)
{
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (nax_index o = 0; o < t->listed; o++) {
    nax_index p = t->at[o];
    double a = listed[o], b = rank[p];
    ab += t->c[p] * a * b;
    aa += t->c[p] * a * a;
    bb += t->c[p] * b * b;
  }
  if (t->e->what == NAX_RSA_RHO_A) {
    double n = t->total;
    return n > 1.0 ? 12.0 * ab / (n * n * n - n) : 0.0;
  }
  return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 0.0;
}

static nax_status
fill_ranks(nax_ctx *ctx, nax_i_table *t)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_index q = e->q, m = e->m, rows = t->listed;
  for (nax_index s = 0; s < e->n_subjects; s++) {
    ranks_along(t, &e->k[e->n_rows + s], t->rank + s * m);
  }
  if (is_tau(e->what)) {
    for (nax_index s = 0; s < e->n_subjects; s++) {
      for (nax_index r = 0; r < e->n_rows; r++) {
        t->sim[r + s * q] = tau(t, &e->k[r], &e->k[e->n_rows + s]);
      }
    }
    goto done;
  }
  for (nax_index r = 0; r < q; r++) {
    double *f = t->work + r * rows;
    const double *rank = t->rank + (r - e->n_rows) * m;
    if (r < e->n_rows) {
      ranks_along(t, &e->k[r], t->pool);
      rank = t->pool;
    }
    for (nax_index o = 0; o < rows; o++) {
      f[o] = t->root[o] * rank[t->at[o]];
    }
  }
  if (rows == 0) {
    memset(t->gram, 0, (size_t)(q * q) * sizeof *t->gram);
  } else {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, q, rows, 1.0, t->work, rows, 0.0, t->gram, q));
  }
  double n = t->total, rho = n > 1.0 ? 12.0 / (n * n * n - n) : 0.0;
  for (nax_index s = 0; s < e->n_subjects; s++) {
    nax_index b = e->n_rows + s;
    for (nax_index a = 0; a < q; a++) {
      double norm = sqrt(t->gram[a + a * q] * t->gram[b + b * q]);
      t->sim[a + s * q] = e->what == NAX_RSA_RHO_A ? rho * t->gram[a + b * q]
                          : norm > 0.0             ? t->gram[a + b * q] / norm
                                                   : 0.0;
    }
  }
done:
  return status;
}

nax_status
nax_i_table_fill(nax_ctx *ctx, nax_i_table *t, const double *w)
{
  set_pairs(t, w);
  list_pairs(t);
  return nax_i_is_rank(t->e->what) ? fill_ranks(ctx, t) : fill_cosines(ctx, t, w);
}

/* ------------------------------------------------------------------ ceilings */

/* Subject of data RDM s. */
static nax_index
group_of(const nax_i_engine *e, nax_index s)
{
  return e->group != NULL ? e->group[s] : s;
}

/* A pool of subjects, ready to be compared with each. */
typedef struct pool {
  double square;   /* of its norm: cosines */
  double *u;       /* weights of the subjects' features */
  nax_i_kendall k; /* tau */
  double *rank;    /* of the listed pairs: other rank comparators */
} pool;

/* Ranks under c of the listed values, about their mean. */
static void
rank_listed(nax_i_table *t, const double *x, double *out)
{
  double before = 0.0, mean = 0.5 * (t->total + 1.0);
  nax_index n = t->listed;
  for (nax_index o = 0; o < n; o++) {
    /* Sums of ranks are multiples of a half: small whole numbers sort in few passes. */
    t->keyed[o] =
        (nax_i_keyed){(uint64_t)((int64_t)(2.0 * x[o]) + (INT64_C(1) << 44)), o};
  }
  nax_i_sort_keyed(t->keyed, t->keyed + t->e->m, n);
  for (nax_index i = 0, j; i < n; i = j) {
    double group = 0.0;
    for (j = i; j < n && t->keyed[j].key == t->keyed[i].key; j++) {
      group += t->c[t->at[t->keyed[j].at]];
    }
    for (nax_index o = i; o < j; o++) {
      out[t->keyed[o].at] = before + 0.5 * (group + 1.0) - mean;
    }
    before += group;
  }
}

/* The pool with weights u, which are changed. */
static nax_status
make_pool(nax_ctx *ctx, nax_i_table *t, double *u, pool *p)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_index q = e->q, n = e->n_subjects, m = e->m;
  *p = (pool){.u = u};
  if (!nax_i_is_rank(e->what)) {
    for (nax_index i = 0; i < n; i++) {
      u[i] = t->scale[e->n_rows + i] > 0.0 ? u[i] / t->scale[e->n_rows + i] : 0.0;
    }
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = 0; u[i] > 0.0 && j < n; j++) {
        p->square += u[i] * u[j] * t->gram[e->n_rows + i + (e->n_rows + j) * q];
      }
    }
    return NAX_OK;
  }
  double *sum = t->pool;
  p->rank = t->pool + m;
  if (is_tau(e->what)) {
    memset(sum, 0, (size_t)m * sizeof *sum);
    for (nax_index i = 0; i < n; i++) {
      for (nax_index a = 0; u[i] > 0.0 && a < m; a++) {
        sum[a] += u[i] * t->rank[a + i * m];
      }
    }
    NAX_TRY(nax_i_kendall_prepare(ctx, m, sum, &p->k));
    goto done;
  }
  memset(sum, 0, (size_t)t->listed * sizeof *sum);
  for (nax_index i = 0; i < n; i++) {
    const double *rank = t->rank + i * m;
    for (nax_index o = 0; u[i] > 0.0 && o < t->listed; o++) {
      sum[o] += u[i] * rank[t->at[o]];
    }
  }
  rank_listed(t, sum, p->rank);
done:
  return status;
}

/* Similarity of a pool to subject s. */
static double
pool_similarity(nax_i_table *t, const pool *p, nax_index s)
{
  const nax_i_engine *e = t->e;
  nax_index q = e->q, b = e->n_rows + s;
  if (is_tau(e->what)) {
    return tau(t, &p->k, &e->k[b]);
  }
  if (nax_i_is_rank(e->what)) {
    return rank_similarity(t, p->rank, t->rank + s * e->m);
  }
  double linear = 0.0, norm = sqrt(p->square * t->gram[b + b * q]);
  for (nax_index i = 0; i < e->n_subjects; i++) {
    linear += p->u[i] * t->gram[e->n_rows + i + b * q];
  }
  return norm > 0.0 ? linear / norm : 0.0;
}

nax_status
nax_i_table_ceiling(nax_ctx *ctx, nax_i_table *t, const double *train, const double *all,
                    const double *test, double *lower, double *upper)
{
  nax_status status = NAX_OK;
  nax_index n = t->e->n_subjects, groups = 0;
  double *u = NULL, lo = 0.0, hi = 0.0;
  const double *tested = test != NULL ? test : all;
  pool p = {0};
  NAX_TRY_ALLOC(u, n, sizeof *u);
  memcpy(u, all, (size_t)n * sizeof *u);
  NAX_TRY(make_pool(ctx, t, u, &p));
  for (nax_index g = 0; g < t->e->n_groups; g++) {
    double size = 0.0, sum = 0.0;
    for (nax_index i = 0; i < n; i++) {
      if (group_of(t->e, i) == g && tested[i] > 0.0) {
        sum += pool_similarity(t, &p, i);
        size += 1.0;
      }
    }
    hi += size > 0.0 ? sum / size : 0.0;
    groups += size > 0.0;
  }
  for (nax_index g = 0, made = 0; g < t->e->n_groups; g++) {
    double others = 0.0, size = 0.0, sum = 0.0;
    for (nax_index i = 0; i < n; i++) {
      size += group_of(t->e, i) == g && tested[i] > 0.0;
    }
    if (!(size > 0.0)) {
      continue;
    }
    if (test == NULL || !made) {
      for (nax_index j = 0; j < n; j++) {
        u[j] = test != NULL ? train[j] : group_of(t->e, j) == g ? 0.0 : all[j];
        others += u[j];
      }
      if (!(others > 0.0)) {
        lo = hi = NAN; /* one subject alone has no ceiling */
        break;
      }
      nax_i_kendall_clear(&p.k);
      NAX_TRY(make_pool(ctx, t, u, &p));
      made = 1;
    }
    for (nax_index i = 0; i < n; i++) {
      sum += group_of(t->e, i) == g && tested[i] > 0.0 ? pool_similarity(t, &p, i) : 0.0;
    }
    lo += sum / size;
  }
  *lower = groups > 0 ? lo / (double)groups : (double)NAN;
  *upper = groups > 0 ? hi / (double)groups : (double)NAN;
done:
  nax_i_kendall_clear(&p.k);
  nax_i_free(u);
  return status;
}

nax_status
nax_i_table_evaluate(nax_ctx *ctx, nax_i_table *t, const double *v, double *out)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  double total = 0.0, *each = NULL, *size = NULL;
  NAX_TRY_ALLOC(each, e->n_subjects, sizeof *each);
  NAX_TRY_ALLOC(size, e->n_groups, sizeof *size);
  for (nax_index s = 0; s < e->n_subjects; s++) {
    each[s] = v[group_of(e, s)];
    size[group_of(e, s)] += 1.0;
  }
  for (nax_index g = 0; g < e->n_groups; g++) {
    total += v[g];
  }
  for (nax_index k = 0; k < e->n_models; k++) {
    double sum = 0.0;
    for (nax_index s = 0; s < e->n_subjects; s++) {
      sum += each[s] / size[group_of(e, s)] * t->sim[e->first[k] + s * e->q];
    }
    out[k] = sum / total;
  }
  NAX_TRY(nax_i_table_ceiling(ctx, t, NULL, each, NULL, &out[e->n_models],
                              &out[e->n_models + 1]));
done:
  nax_i_free(each);
  nax_i_free(size);
  return status;
}

/* ---------------------------------------------------------- weighted RDMs, ranked */

nax_status
nax_i_table_rank_products(nax_ctx *ctx, const nax_i_table *t, nax_index first,
                          nax_index rows, double *g)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_index n = e->n_subjects, ld = rows + n, listed = t->listed;
  double *f = NULL;
  NAX_TRY_ALLOC(f, ld * listed + 1, sizeof *f);
  for (nax_index r = 0; r < ld; r++) {
    const double *x = r < rows ? e->z + (first + r) * e->m : t->rank + (r - rows) * e->m;
    double mean = 0.0;
    for (nax_index o = 0; r < rows && o < listed; o++) {
      mean += t->c[t->at[o]] * x[t->at[o]] / t->total;
    }
    for (nax_index o = 0; o < listed; o++) {
      f[o + r * listed] = t->root[o] * (x[t->at[o]] - mean);
    }
  }
  memset(g, 0, (size_t)(ld * ld) * sizeof *g);
  if (listed > 0) {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, ld, listed, 1.0, f, listed, 0.0, g, ld));
  }
done:
  nax_i_free(f);
  return status;
}

nax_status
nax_i_table_rank_combination(nax_ctx *ctx, nax_i_table *t, nax_index first,
                             nax_index rows, const double *theta, double *sim)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_i_kendall k = {0};
  double *x = t->pool, *rank = NULL, *listed = NULL;
  NAX_TRY_ALLOC(rank, e->m, sizeof *rank);
  NAX_TRY_ALLOC(listed, t->listed + 1, sizeof *listed);
  memset(x, 0, (size_t)e->m * sizeof *x);
  for (nax_index r = 0; r < rows; r++) {
    for (nax_index p = 0; theta[r] != 0.0 && p < e->m; p++) {
      x[p] += theta[r] * e->z[p + (first + r) * e->m];
    }
  }
  NAX_TRY(nax_i_kendall_prepare(ctx, e->m, x, &k));
  ranks_along(t, &k, rank);
  for (nax_index o = 0; o < t->listed; o++) {
    listed[o] = rank[t->at[o]];
  }
  for (nax_index s = 0; s < e->n_subjects; s++) {
    sim[s] = is_tau(e->what) ? tau(t, &k, &e->k[e->n_rows + s])
                             : rank_similarity(t, listed, t->rank + s * e->m);
  }
done:
  nax_i_kendall_clear(&k);
  nax_i_free(rank);
  nax_i_free(listed);
  return status;
}

double
nax_i_dual_variance(double both, double subjects, double conditions, double n_s,
                    double n_c)
{
  double a = n_s / (n_s - 1.0), b = n_c / (n_c - 1.0);
  double v = a * subjects + b * conditions - a * b * (both - subjects - conditions);
  v = v > a * subjects ? v : a * subjects;
  v = v > b * conditions ? v : b * conditions;
  return v < both ? v : both;
}
