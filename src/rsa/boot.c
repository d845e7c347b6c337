/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of models when conditions and subjects count several times or not at all.
 *
 * A resample of conditions is a vector w of multiplicities; pair (i, j) then counts
 * c_ij = w_i w_j times, and pairs of a condition with itself have no entry. Everything
 * that is needed of the RDMs under c is a weighted Gram matrix (cosines), ranks by one
 * pass over an order that never changes, or a weighted Kendall. A resample of subjects
 * only weighs what is there already. */
#include "infer_i.h"
#include "sums_i.h"
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
  nax_i_free(t->work);
  nax_i_free(t->pool);
  nax_i_free(t->at);
  nax_i_free(t->root);
  nax_i_free(t->rank);
  nax_i_free(t->count);
  nax_i_free(t->order);
  nax_i_free(t->last);
  nax_i_free(t->model);
  nax_i_free(t->own);
  nax_i_free(t->times);
  nax_i_free(t->ranks);
  nax_i_free(t->tied);
  nax_i_free(t->keyed);
  nax_i_free(t->kendall);
  *t = (nax_i_table){0};
}

nax_status
nax_i_table_init(nax_ctx *ctx, const nax_i_engine *e, nax_i_table *t)
{
  nax_status status = NAX_OK;
  nax_index m = e->m, q = e->q, n_s = e->n_subjects;
  *t = (nax_i_table){.e = e};
  NAX_TRY_ALLOC(t->c, m, sizeof *t->c);
  NAX_TRY_ALLOC(t->at, m, sizeof *t->at);
  NAX_TRY_ALLOC(t->root, m, sizeof *t->root);
  NAX_TRY_ALLOC(t->sim, q * n_s, sizeof *t->sim);
  NAX_TRY_ALLOC(t->gram, q * q, sizeof *t->gram);
  NAX_TRY_ALLOC(t->scale, q, sizeof *t->scale);
  NAX_TRY_ALLOC(t->pool, 3 * (m + e->n), sizeof *t->pool);
  if (!is_tau(e->what)) {
    NAX_TRY_ALLOC(t->work, (m + e->n) * q, sizeof *t->work);
  }
  if (nax_i_is_rank(e->what)) {
    NAX_TRY_ALLOC(t->rank, m * n_s, sizeof *t->rank);
    NAX_TRY_ALLOC(t->count, 2 * m, sizeof *t->count);
    t->where = t->count + m;
    NAX_TRY_ALLOC(t->order, m * (n_s + 1), sizeof *t->order);
    NAX_TRY_ALLOC(t->last, m * (n_s + 1), 1);
    NAX_TRY_ALLOC(t->tied, q, sizeof *t->tied);
    NAX_TRY_ALLOC(t->keyed, 2 * m, sizeof *t->keyed);
  }
  if (is_tau(e->what)) {
    NAX_TRY_ALLOC(t->model, m * e->n_rows, sizeof *t->model);
    NAX_TRY_ALLOC(t->own, m * n_s, sizeof *t->own);
    NAX_TRY_ALLOC(t->ranks, q, sizeof *t->ranks);
    NAX_TRY_ALLOC(t->times, m * (n_s + 1), sizeof *t->times);
    NAX_TRY_ALLOC(t->kendall, nax_i_kendall_work(m), 1);
  }
done:
  if (status != NAX_OK) {
    nax_i_table_clear(t);
  }
  return status;
}

/* Multiplicities of the pairs. */
static void
set_pairs(nax_i_table *t, const double *w)
{
  nax_index n = t->e->n, m = t->e->m;
  const char *there = t->e->there;
  t->total = 0.0;
  for (nax_index p = 0; w == NULL && p < m; p++) {
    t->c[p] = (double)there[p];
    t->total += t->c[p];
  }
  for (nax_index i = 0, p = 0; w != NULL && i < n; p += n - ++i) {
    t->total += products(n - i - 1, w[i], w + i + 1, there + p, t->c + p);
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
    t->at[t->listed] = p; /* stays when it counts */
    t->root[t->listed] = t->c[p];
    t->listed += t->c[p] > 0.0;
  }
  roots(t->listed, t->root);
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
    double *f = t->work + r * rows, mean = 0.0;
    for (nax_index o = 0; o < listed; o++) {
      f[o] = z[t->at[o]];
    }
    mean = centred ? weighted(listed, t->root, f) / t->total : 0.0;
    t->scale[r] = sqrt(weigh(listed, t->root, mean, f));
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

/* The listed pairs along the order of an RDM. */
static void
along(const nax_i_table *t, const nax_i_kendall *k, int32_t *order, char *last)
{
  nax_index o = 0, n = t->listed;
  if (k->ranks == k->m) { /* no two values are equal */
    for (nax_index i = 0; i < k->m && o < n; i++) {
      order[o] = t->where[k->order[i]]; /* stays when it is listed */
      o += order[o] >= 0;
    }
    memset(last, 1, (size_t)n);
    return;
  }
  memset(last, 0, (size_t)n);
  for (nax_index i = 0; i < k->m && n > 0; i++) {
    int32_t at = t->where[k->order[i]];
    order[o] = at;
    o += at >= 0;
    last[o - (o > 0)] |= (char)(k->last[i] & (o > 0));
  }
}

/* Ranks along an order: about their mean where pairs count several times (`mid`), and
 * from 0 and alike for equal values (`dense`, their number returned). Either may be NULL.
 */
static int32_t
rank_along(const nax_i_table *t, const int32_t *order, const char *last, double *mid,
           int32_t *dense, double *tied)
{
  /* twice the rank about the mean, where the next value counts 0 times */
  int64_t twice = -(int64_t)t->total, ties = 0;
  int32_t rank = 0;
  for (nax_index i = 0, j; i < t->listed; i = j) {
    int64_t group = t->count[order[i]];
    for (j = i + 1; !last[j - 1]; j++) {
      group += t->count[order[j]];
    }
    for (nax_index p = i; p < j && mid != NULL; p++) {
      mid[order[p]] = 0.5 * (double)(twice + group);
    }
    for (nax_index p = i; p < j && dense != NULL; p++) {
      dense[order[p]] = rank;
    }
    ties += group * (group - 1) / 2;
    twice += 2 * group;
    rank++;
  }
  *tied = (double)ties;
  return rank;
}

/* The counts along an order; the pairs of equal values (or NULL). */
static void
times_along(const nax_i_table *t, const int32_t *order, const char *last, int32_t *times,
            double *tied)
{
  int64_t ties = 0, group = 0;
  for (nax_index o = 0; o < t->listed; o++) {
    times[o] = t->count[order[o]];
  }
  for (nax_index o = 0; tied != NULL && o < t->listed; o++) {
    group += times[o];
    ties += last[o] ? group * (group - 1) / 2 : 0;
    group = last[o] ? 0 : group;
  }
  if (tied != NULL) {
    *tied = (double)ties;
  }
}

/* tau of what order number x is of, of which `tied` pairs are equal, to RDM r, whose
 * ranks are `dense`. */
static double
tau(const nax_i_table *t, nax_index x, double tied, const int32_t *dense, nax_index r)
{
  nax_index m = t->e->m;
  double all = 0.5 * t->total * (t->total - 1.0);
  double c = (double)nax_i_kendall_score(t->listed, t->order + x * m, t->last + x * m,
                                         dense, t->ranks[r], t->times + x * m,
                                         (int64_t)t->total, t->kendall);
  if (t->e->what == NAX_RSA_TAU_A) {
    return all > 0.0 ? c / all : 0.0;
  }
  double norm = sqrt((all - tied) * (all - t->tied[r]));
  return norm > 0.0 ? c / norm : 0.0;
}

/* Similarity of ranks, from the inner product of their features and the squared norms of
 * these. */
static double
rank_similarity(const nax_i_table *t, double ab, double aa, double bb)
{
  if (t->e->what == NAX_RSA_RHO_A) {
    double n = t->total;
    return n > 1.0 ? 12.0 / (n * n * n - n) * ab : 0.0;
  }
  double norm = sqrt(aa * bb);
  return norm > 0.0 ? ab / norm : 0.0;
}

static nax_status
fill_ranks(nax_ctx *ctx, nax_i_table *t)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  nax_index q = e->q, m = e->m, rows = t->listed;
  t->rows = rows;
  for (nax_index p = 0; p < m; p++) {
    t->where[p] = -1;
  }
  for (nax_index o = 0; o < rows; o++) {
    t->where[t->at[o]] = (int32_t)o;
    t->count[o] = (int32_t)t->c[t->at[o]];
  }
  for (nax_index r = 0; r < q; r++) {
    nax_index s = r >= e->n_rows ? r - e->n_rows : e->n_subjects;
    int32_t *order = t->order + s * m;
    char *last = t->last + s * m;
    double *mid = r >= e->n_rows ? t->rank + s * m : t->pool;
    along(t, &e->k[r], order, last);
    if (is_tau(e->what)) {
      int model = r < e->n_rows;
      t->ranks[r] = rank_along(t, order, last, model ? NULL : mid,
                               model ? t->model + r * m : t->own + s * m, &t->tied[r]);
      if (!model) {
        times_along(t, order, last, t->times + s * m, NULL);
      }
      continue;
    }
    (void)rank_along(t, order, last, mid, NULL, &t->tied[r]);
    for (nax_index o = 0; o < rows; o++) {
      t->work[o + r * rows] = t->root[o] * mid[o];
    }
  }
  if (is_tau(e->what)) {
    for (nax_index s = 0; s < e->n_subjects; s++) {
      for (nax_index r = 0; r < e->n_rows; r++) {
        t->sim[r + s * q] = tau(t, s, t->tied[e->n_rows + s], t->model + r * m, r);
      }
    }
    goto done;
  }
  if (rows == 0) {
    memset(t->gram, 0, (size_t)(q * q) * sizeof *t->gram);
  } else {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, q, rows, 1.0, t->work, rows, 0.0, t->gram, q));
  }
  for (nax_index s = 0; s < e->n_subjects; s++) {
    nax_index b = e->n_rows + s;
    for (nax_index a = 0; a < q; a++) {
      t->sim[a + s * q] =
          rank_similarity(t, t->gram[a + b * q], t->gram[a + a * q], t->gram[b + b * q]);
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
  double square;         /* of the norm of its features */
  double *u;             /* weights of the subjects' features: cosines */
  const double *feature; /* Spearman and rho-a */
  double tied;           /* tau: pairs that are equal, in the order after the subjects' */
} pool;

/* Ascending order of 2 x - least, whole numbers below 2^bits, bits at most 22, in two
 * passes; `last` as in the table. `a` has 2 n words. */
static void
order_short(nax_index n, const double *x, double least, int bits, uint64_t *a,
            int32_t *order, char *last)
{
  enum { HALF = 11 };
  uint32_t start[2][1 << HALF];
  uint64_t *b = a + n;
  uint32_t *key = (uint32_t *)(void *)b; /* until the words go there */
  int low = bits / 2, high = bits - low;
  uint32_t low_mask = (1U << low) - 1;
  memset(start[0], 0, ((size_t)1 << low) * sizeof **start);
  memset(start[1], 0, ((size_t)1 << high) * sizeof **start);
  keys(n, x, least, key);
  for (nax_index i = 0; i < n; i++) {
    start[0][key[i] & low_mask]++;
    start[1][key[i] >> low]++;
  }
  for (int d = 0; d < 2; d++) {
    uint32_t sum = 0;
    for (uint32_t k = 0; k < 1U << (d ? high : low); k++) {
      uint32_t size = start[d][k];
      start[d][k] = sum;
      sum += size;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    a[start[0][key[i] & low_mask]++] = (uint64_t)key[i] << 32 | (uint64_t)i;
  }
  for (nax_index i = 0; i < n; i++) {
    b[start[1][a[i] >> (32 + low)]++] = a[i];
  }
  unpack(n, b, order, last);
}

/* Ascending order of sums of ranks, which are multiples of a half, with weights that are
 * `weight` in all. */
static void
order_sums(nax_i_table *t, const double *sum, double weight, int32_t *order, char *last)
{
  nax_index n = t->listed;
  double least = -weight * t->total; /* twice the sum is never below */
  int bits = 1;
  while (bits <= 22 && -2.0 * least >= (double)(INT64_C(1) << bits)) {
    bits++;
  }
  if (bits <= 22) {
    order_short(n, sum, least, bits, (uint64_t *)(void *)t->keyed, order, last);
    return;
  }
  for (nax_index o = 0; o < n; o++) {
    t->keyed[o] = (nax_i_keyed){(uint64_t)(int64_t)(2.0 * sum[o] - least), o};
  }
  nax_i_sort_keyed(t->keyed, t->keyed + t->e->m, n);
  for (nax_index o = 0; o < n; o++) {
    order[o] = (int32_t)t->keyed[o].at;
    last[o] = o + 1 == n || t->keyed[o].key != t->keyed[o + 1].key;
  }
}

/* The pool whose ranks are those of `sum`; `mid` is scratch. */
static void
rank_pool(nax_i_table *t, const double *sum, double weight, double *mid, pool *p)
{
  const nax_i_engine *e = t->e;
  nax_index n = t->listed;
  int32_t *order = t->order + e->n_subjects * e->m;
  char *last = t->last + e->n_subjects * e->m;
  *p = (pool){.feature = mid};
  if (n == 0) {
    return;
  }
  order_sums(t, sum, weight, order, last);
  if (is_tau(e->what)) {
    times_along(t, order, last, t->times + e->n_subjects * e->m,
                e->what == NAX_RSA_TAU_B ? &p->tied : NULL);
    return;
  }
  (void)rank_along(t, order, last, mid, NULL, &p->tied);
  for (nax_index o = 0; o < n; o++) {
    mid[o] *= t->root[o];
  }
  p->square = dot(n, mid, mid);
}

/* The pool of cosines with weights u, which are changed. */
static void
scale_pool(const nax_i_table *t, double *u, pool *p)
{
  const nax_i_engine *e = t->e;
  nax_index q = e->q, n = e->n_subjects;
  *p = (pool){.u = u};
  for (nax_index i = 0; i < n; i++) {
    u[i] = t->scale[e->n_rows + i] > 0.0 ? u[i] / t->scale[e->n_rows + i] : 0.0;
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; u[i] > 0.0 && j < n; j++) {
      p->square += u[i] * u[j] * t->gram[e->n_rows + i + (e->n_rows + j) * q];
    }
  }
}

/* Similarity of a pool to subject s. */
static double
pool_similarity(const nax_i_table *t, const pool *p, nax_index s)
{
  const nax_i_engine *e = t->e;
  nax_index q = e->q, b = e->n_rows + s;
  if (is_tau(e->what)) {
    return tau(t, e->n_subjects, p->tied, t->own + s * e->m, b);
  }
  if (nax_i_is_rank(e->what)) {
    return rank_similarity(t, dot(t->rows, p->feature, t->work + b * t->rows), p->square,
                           t->gram[b + b * q]);
  }
  double linear = 0.0, norm = sqrt(p->square * t->gram[b + b * q]);
  for (nax_index i = 0; i < e->n_subjects; i++) {
    linear += p->u[i] * t->gram[e->n_rows + i + b * q];
  }
  return norm > 0.0 ? linear / norm : 0.0;
}

/* Mean similarity of a pool to the RDMs of subject g that are tested; how many. */
static double
mean_similarity(const nax_i_table *t, const pool *p, nax_index g, const double *tested,
                double *sum)
{
  double size = 0.0;
  for (nax_index i = 0; i < t->e->n_subjects; i++) {
    if (group_of(t->e, i) == g && tested[i] > 0.0) {
      *sum += p != NULL ? pool_similarity(t, p, i) : 0.0;
      size += 1.0;
    }
  }
  *sum = size > 0.0 ? *sum / size : 0.0;
  return size;
}

nax_status
nax_i_table_ceiling(nax_ctx *ctx, nax_i_table *t, const double *train, const double *all,
                    const double *test, double *lower, double *upper)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = t->e;
  int ranks = nax_i_is_rank(e->what);
  nax_index n = e->n_subjects, groups = 0, stride = e->m + e->n;
  double *u = NULL, lo = 0.0, hi = 0.0;
  double *sum = t->pool, *part = sum + stride, *mid = part + stride;
  const double *tested = test != NULL ? test : all;
  double whole = 0.0;
  pool p = {0};
  NAX_TRY_ALLOC(u, n, sizeof *u);
  memcpy(u, all, (size_t)n * sizeof *u);
  memset(sum, 0, (size_t)t->listed * sizeof *sum);
  for (nax_index i = 0; i < n; i++) {
    whole += u[i];
    if (ranks && u[i] != 0.0) {
      add(t->listed, u[i], t->rank + i * e->m, sum);
    }
  }
  if (ranks) {
    rank_pool(t, sum, whole, mid, &p);
  } else {
    scale_pool(t, u, &p);
  }
  for (nax_index g = 0; g < e->n_groups; g++) {
    double similarity = 0.0;
    groups += mean_similarity(t, &p, g, tested, &similarity) > 0.0;
    hi += similarity;
  }
  for (nax_index g = 0, made = 0; g < e->n_groups; g++) {
    double others = 0.0, similarity = 0.0;
    if (!(mean_similarity(t, NULL, g, tested, &similarity) > 0.0)) {
      continue;
    }
    if (test == NULL || !made) {
      for (nax_index j = 0; j < n; j++) {
        u[j] = test != NULL ? train[j] : group_of(e, j) == g ? 0.0 : all[j];
        others += u[j];
      }
      if (!(others > 0.0)) {
        lo = hi = NAN; /* one subject alone has no ceiling */
        break;
      }
      if (ranks) {
        /* from nothing, or from the sum of all */
        memset(part, 0, (size_t)t->listed * sizeof *part);
        if (test == NULL) {
          memcpy(part, sum, (size_t)t->listed * sizeof *part);
        }
        for (nax_index j = 0; j < n; j++) {
          double w = test != NULL ? u[j] : u[j] - all[j];
          if (w != 0.0) {
            add(t->listed, w, t->rank + j * e->m, part);
          }
        }
        rank_pool(t, part, others, mid, &p);
      } else {
        scale_pool(t, u, &p);
      }
      made = 1;
    }
    (void)mean_similarity(t, &p, g, tested, &similarity);
    lo += similarity;
  }
  *lower = groups > 0 ? lo / (double)groups : (double)NAN;
  *upper = groups > 0 ? hi / (double)groups : (double)NAN;
done:
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
  for (nax_index r = 0; r < rows; r++) {
    const double *x = e->z + (first + r) * e->m;
    double mean = 0.0;
    for (nax_index o = 0; o < listed; o++) {
      mean += t->c[t->at[o]] * x[t->at[o]] / t->total;
    }
    for (nax_index o = 0; o < listed; o++) {
      f[o + r * listed] = t->root[o] * (x[t->at[o]] - mean);
    }
  }
  for (nax_index r = rows; r < ld; r++) {
    for (nax_index o = 0; o < listed; o++) {
      f[o + r * listed] = t->root[o] * t->rank[o + (r - rows) * e->m];
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
  pool p = {0};
  double *x = t->pool, *mid = x + e->m;
  int32_t *order = t->order + e->n_subjects * e->m;
  char *last = t->last + e->n_subjects * e->m;
  memset(x, 0, (size_t)e->m * sizeof *x);
  for (nax_index r = 0; r < rows; r++) {
    for (nax_index a = 0; theta[r] != 0.0 && a < e->m; a++) {
      x[a] += theta[r] * e->z[a + (first + r) * e->m];
    }
  }
  NAX_TRY(nax_i_kendall_prepare(ctx, e->m, x, &k));
  along(t, &k, order, last);
  if (is_tau(e->what)) {
    times_along(t, order, last, t->times + e->n_subjects * e->m, &p.tied);
  } else {
    (void)rank_along(t, order, last, mid, NULL, &p.tied);
    for (nax_index o = 0; o < t->listed; o++) {
      mid[o] *= t->root[o];
    }
    p.feature = mid;
    p.square = dot(t->listed, mid, mid);
  }
  for (nax_index s = 0; s < e->n_subjects; s++) {
    sim[s] = pool_similarity(t, &p, s);
  }
done:
  nax_i_kendall_clear(&k);
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
